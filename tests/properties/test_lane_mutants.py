"""The comparison of the lanes is no formality: whatever is broken in the fast lane on purpose, it notices.

Each mutant is the source of the fast lane with one small thing changed. All read the same documents; at least one of
these must become other rows, another exception, or an exception that is no MailkitError.
"""
import sys
from pathlib import Path
from random import Random
from types import ModuleType
from unittest import mock

import pytest

import mailkit_xmlrpc
import report_documents
import single_documents
from both_lanes import cut, outcome
from damage import mutated
from mailkit_xmlrpc._decode import getparser  # noqa: F401  (loads what the mutants import)

PACKAGE = Path(mailkit_xmlrpc.__file__).parent
MODULES = ("_columns", "_lane", "_report")  # in the order in which they import each other

#: what is broken, in which module, the text as it stands there, and what it is replaced by
MUTANTS = [
    # what a text may hold
    ("'>' in a text", "_columns", '"[^<>\\0-', '"[^<\\0-'),
    ("CR in a text", "_columns", "\\x0b-\\x1f", "\\x0b\\x0c\\x0e-\\x1f"),
    ("VT and FF in a text", "_columns", "\\x0b-\\x1f", "\\x0d-\\x1f"),
    ("US in a text", "_columns", "\\x0b-\\x1f", "\\x0b-\\x1e"),
    ("BS in a text", "_columns", "\\0-\\x08", "\\0-\\x07"),
    ("NUL in a text", "_columns", "\\0-\\x08", "\\x01-\\x08"),
    ("U+FFFE in a text", "_columns", "\\ufffe\\uffff", "\\uffff"),
    ("U+FFFF in a text", "_columns", "\\ufffe\\uffff", "\\ufffe"),
    # entities and references
    ("any entity", "_columns", "if match is None:", "if match is None and reference == reference.lower():"),
    ("any entity means itself", "_columns", 'raise NotPlainError("no reference")', "return reference"),
    ("an ampersand by itself", "_columns", 'raise NotPlainError("an ampersand by itself")', "pass"),
    ("references with an X", "_columns", "|x0*(", "|[xX]0*("),
    ("references of any digits", "_columns", '"#(?:0*([0-9]{1,7})', '"#(?:0*(\\\\d{1,7})'),
    ("any character", "_columns", 'raise NotPlainError("no character")', "pass"),
    ("&#8;", "_columns", "number in (9, 10, 13)", "number in (8, 9, 10, 13)"),
    ("&#11;", "_columns", "number in (9, 10, 13)", "number in (9, 10, 11, 13)"),
    ("&#31;", "_columns", "or 32 <= number", "or 31 <= number"),
    ("surrogates by reference", "_columns", "number < 0xD800", "number <= 0xD800"),
    ("&#xDFFF;", "_columns", "0xE000 <= number", "0xDFFF <= number"),
    ("&#xFFFE;", "_columns", "number < 0xFFFE", "number <= 0xFFFE"),
    ("&#xFFFF;", "_columns", "0xFFFF < number", "0xFFFF <= number"),
    ("&#x110000;", "_columns", "number < 0x110000", "number <= 0x110000"),
    ("entities left as they are", "_columns", 'ampersands = joined.count("&")', "ampersands = 0"),
    ("entities resolved twice", "_columns", '"".join(parts)', '"".join(parts).replace("&lt;", "<")'),
    ("hexadecimal references as decimal", "_columns", "int(hexadecimal, 16)", "ord(hexadecimal[0])"),
    ("&quot; becomes an apostrophe", "_columns", """"quot": '"'""", """"quot": "'" """),
    # numbers and dates
    ("digits of any script", "_columns", '_DIGITS = "[0-9]{1,18}"', '_DIGITS = "\\\\d{1,18}"'),
    ("digits with underscores", "_columns", '_DIGITS = "[0-9]{1,18}"', '_DIGITS = "[0-9](?:_?[0-9]){0,17}"'),
    ("digits without an end", "_columns", '_DIGITS = "[0-9]{1,18}"', '_DIGITS = "[0-9]+"'),
    ("digits with a plus", "_columns", '"(?:{})?".format(_DIGITS)', '"(?:[+]?{})?".format(_DIGITS)'),
    ("no digits in an int", "_columns", '_DIGITS = "[0-9]{1,18}"', '_DIGITS = "[0-9]{0,18}"'),
    ("negative ids", "_columns", "_Column(_DIGITS, _ids)", '_Column("-?" + _DIGITS, _ids)'),
    ("empty ids are 0", "_columns", "int(text) if text else None", "int(text or 0)"),
    ("ints verbatim in texts", "_columns", "map(str, map(int, column))", "column"),
    ("doubles verbatim in texts", "_columns", "map(repr, map(float, column))", "column"),
    ("doubles by str of their int", "_columns", "map(float, column)", "map(int, map(float, column))"),
    ("doubles with digits of any script", "_columns", '_DOUBLE = "-?[0-9]{1,30}[.]', '_DOUBLE = "-?\\\\d{1,30}[.]'),
    ("unreadable dates are something", "_columns", "dates[index] = None", "dates[index] = datetime.min"),
    ("unreadable dates dropped", "_columns", 'extras[index]["DATE"] = column[index]', "pass"),
    ("unreadable dates in the next row", "_columns", 'extras[index]["DATE"]', 'extras[index - 1]["DATE"]'),
    ("time zone forgotten", "_columns", "if tz is None:\n            return", "if True:\n            return"),
    ("dates without their seconds", "_columns", "[_datetime(text) if", '[_datetime(text[:-2] + "00") if'),
    # shapes
    ("other-case members are unknown", "_columns", "name in _READERS or name.upper() not in _READERS", "True"),
    ("rows without a documented member", "_columns", "and not names.isdisjoint(_READERS)", ""),
    ("an unknown nil dropped", "_columns", "self._extra_nil.append(name)", "pass"),
    ("a missing text is None", "_columns", '"" if member.read is read_text else None', "None"),
    ("one extra for all rows", "_columns", "[{} for _ in rows]", "[{}] * len(rows)"),
    ("columns of the wrong members", "_columns", "name, len(self.groups), column)", "name, 0, column)"),
    # a row
    ("another end tag", "_lane", "</\\\\3>", "</(?:string|int|i4|i8|double)>"),
    ("white space of any kind", "_lane", '_S = "[ \\t\\r\\n]*"', '_S = "\\\\s*"'),
    ("no-break space between tags", "_lane", '_S = "[ \\t\\r\\n]*"', '_S = "[ \\t\\r\\n\\xa0\\u2003]*"'),
    ("white space before a name", "_lane", "<name>)", "<name>{0})"),
    ("names with entities", "_lane", "([A-Za-z_0-9]{{1,64}})", "([^<>]+)"),
    ("two members of one name", "_lane", "if any(None in row for row in rows):", "if False:"),
    ("the row with two of one name left out", "_lane", "matches[len(rows) - 1]", "matches[-1]"),
    ("any number of members", "_lane", "        len(members),\n", '        "0,",\n'),
    ("one member more", "_lane", "        len(members),\n", '        "1,{}".format(len(members) + 1),\n'),
    ("nil is text and text is nil", "_lane", "UNTYPED if", "NIL if"),
    ("untyped is typed", "_lane", "UNTYPED if", '"int" if'),
    ("searched, not matched", "_lane", "iter(scanner.match, None)", "iter(scanner.search, None)"),
    ("any text", "_lane", ") + group + re", ') + "([^<]*)" + re'),
    ("a text to the next tag", "_lane", ") + group + re", ') + "(.*?)" + re'),
    ("begin for end", "_lane", "re.escape(member.tail)", 'member.tail.replace("/", "/?")'),
    ("the row's beginning forgotten", "_lane", "re.escape(layout.opened)", '"[^m]*"'),
    ("the row's end forgotten", "_lane", "re.escape(layout.closed)", '""'),
    # turns
    ("other encodings", "_report", 'in ("", "UTF-8")', "is not None"),
    ("always between rows", "_report", "not self._decoder.between_rows()", "False"),
    ("the head does not matter", "_report", "self._decoder.between_rows() and", ""),
    ("skipped rows not counted before an odd one", "_report", ".skip(length, taken)", ".skip(length, 0)"),
    ("skipped bytes not counted", "_report", 'length = len(text[start:at].encode("utf-8"))', "length = 0"),
    ("skipped characters counted", "_report", 'length = len(text[start:at].encode("utf-8"))', "length = at - start"),
    ("the last skipped bytes not counted", "_report", "skip(end - len(rest) - self._told_of", "skip(0"),
    ("rows not numbered on", "_report", "self.rows += len(rows)\n", "\n"),
    ("the rest forgotten", "_report", "self._rest = rest", "pass"),
    ("what stands behind the last tag forgotten", "_report", "rest += data[end:]", "pass"),
    ("wrong bytes replaced", "_report", 'data[:end].decode("utf-8")', 'data[:end].decode("utf-8", "replace")'),
    ("wrong bytes escaped", "_report", 'data[:end].decode("utf-8")', 'data[:end].decode("utf-8", "surrogatepass")'),
]  # fmt: skip


def lane(*changes, span=1):
    """The ReportReader of the package with *changes*, each (module, text, other text), made to its source.

    :param span: for how long odd rows keep the lane from trying again; little, so that small documents are enough
    """
    modules = {}
    with mock.patch.dict(sys.modules):
        for name in MODULES:
            source = (PACKAGE / (name + ".py")).read_text(encoding="utf-8")
            for module, text, other in changes:
                if module == name:
                    assert text in source, "{} has no {!r} any more: the mutant needs another text".format(name, text)
                    source = source.replace(text, other)
            module = ModuleType("mailkit_xmlrpc." + name)
            module.__package__ = "mailkit_xmlrpc"
            sys.modules[module.__name__] = modules[name] = module
            exec(compile(source, name, "exec"), vars(module))
    assert modules["_report"]._FIRST_SPAN > span
    modules["_report"]._FIRST_SPAN = span
    modules["_lane"]._START = modules["_lane"]._MOST = 1 << 30  # it never is too expensive
    return modules["_report"].ReportReader


def _documents():
    yield from single_documents.documents()
    for seed in range(60):
        random = Random("mutants {}".format(seed))
        document = report_documents.document(random)
        yield document
        yield mutated(random, document)


@pytest.fixture(scope="module")
def corpus():
    """(pieces, time zone, what the general decoder makes of them), many times."""
    cases = []
    for number, document in enumerate(_documents()):
        if len(document) < 12000:
            zone = report_documents.EAST if number % 4 == 0 else None
            pieces = cut(document, 64 if number % 10 == 0 else None)
            cases.append((pieces, zone, outcome(pieces, False, zone)))
    return cases


def differs(reader, cases):
    """The number of cases read until the fast lane of *reader* gives something else; 0 if it never does."""
    for number, (pieces, zone, general) in enumerate(cases, 1):
        try:
            fast = outcome(pieces, True, zone, reader)
        except Exception:
            return number
        if fast != general:
            return number
    return 0


def test_unbroken_lane_is_equal(corpus):
    """What makes the check fail is the mutation and nothing else."""
    number = differs(lane(), corpus)
    assert number == 0, corpus[number - 1]


@pytest.mark.parametrize("name, module, text, other", MUTANTS, ids=[mutant[0] for mutant in MUTANTS])
def test_mutant_noticed(corpus, name, module, text, other):
    """The broken lane is found out by some document of the corpus."""
    # what the turns of lane and decoder depend on stands at the end
    assert differs(lane((module, text, other)), corpus if module != "_report" else corpus[::-1])
