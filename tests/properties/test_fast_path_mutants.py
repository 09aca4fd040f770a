"""The comparison of the two paths is no formality: it notices whatever is broken in the fast path on purpose.

Each mutant is the source of the fast path with one small thing changed. All mutants read the same documents. At least
one of these must become other rows, another exception, or an exception that is no MailkitError.
"""

import sys
from pathlib import Path
from random import Random
from types import ModuleType
from unittest import mock

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc.protocol.xmlrpc.decoder import getparser  # noqa: F401  (loads what the mutants import)
from tests.support import report_documents, serialised_documents, single_documents
from tests.support.both_paths import cut, outcome
from tests.support.damage import mutated

PACKAGE = Path(mailkit_xmlrpc.__file__).parent
COLUMNS = "protocol.columns"
RAW = "protocol.xmlrpc.raw_columns"
FAST_PATH = "protocol.xmlrpc.fast_path"
REPORT = "protocol.xmlrpc.report"
MODULES = (COLUMNS, RAW, FAST_PATH, REPORT)  # in the order in which they import each other

#: what is broken, in which module, the text as it stands there, and what it is replaced by
MUTANTS = [
    # what a text may hold
    ("'>' in a text", RAW, '"[^<>\\0-', '"[^<\\0-'),
    ("CR in a text", RAW, "\\x0b-\\x1f", "\\x0b\\x0c\\x0e-\\x1f"),
    ("VT and FF in a text", RAW, "\\x0b-\\x1f", "\\x0d-\\x1f"),
    ("US in a text", RAW, "\\x0b-\\x1f", "\\x0b-\\x1e"),
    ("BS in a text", RAW, "\\0-\\x08", "\\0-\\x07"),
    ("NUL in a text", RAW, "\\0-\\x08", "\\x01-\\x08"),
    ("U+FFFE in a text", RAW, "[\\xbe\\xbf]", "\\xbf"),
    ("U+FFFF in a text", RAW, "[\\xbe\\xbf]", "\\xbe"),
    # entities and references
    ("any entity", RAW, '"(?:amp|lt|', '"(?:[a-z]+|lt|'),
    ("an entity in capitals", RAW, '"(?:amp|lt|', '"(?:AMP|amp|lt|'),
    ("an entity without an end", RAW, '    ");"\n', '    ");?"\n'),
    ("references with an X", RAW, '"|#x(?:9', '"|#[xX](?:9'),
    ("&#8;", RAW, '"|#(?:9|', '"|#(?:8|9|'),
    ("&#11;", RAW, "|10|13|", "|10|11|13|"),
    ("&#31;", RAW, "3[2-9]", "3[1-9]"),
    ("&#0;", RAW, '"|#(?:9|', '"|#(?:0|9|'),
    ("&#x1F;", RAW, "[2-9a-fA-F][0-9a-fA-F]|", "[1-9a-fA-F][0-9a-fA-F]|"),
    ("surrogates by reference", RAW, "[1-9a-cA-C][0-9a-fA-F]{3}", "[1-9a-dA-D][0-9a-fA-F]{3}"),
    ("&#xFFFE;", RAW, "[1-9a-cA-C][0-9a-fA-F]{3}", "[1-9a-cfA-CF][0-9a-fA-F]{3}"),
    ("&#55296;", RAW, "[1-4][0-9]{4}", "[1-5][0-9]{4}"),
    ("&#65535;", RAW, "[7-9][0-9]{4}", "[6-9][0-9]{4}"),
    ("&#1114112;", RAW, "1[0-9]{5}", "1[0-9]{5,6}"),
    ("doubts are none", RAW, "    return end\n\n", "    return len(data)\n\n"),
    ("entities of the usual type left as they are", RAW, 'if "&" in joined else texts', "if False else texts"),
    ("entities of raw values left as they are", RAW, '    if "&" in joined:', "    if False:"),
    ("entities of unknown members left as they are", RAW, 'if "&" in text else text', "if False else text"),
    ("entities resolved twice", RAW, '"".join(parts)', '"".join(parts).replace("&lt;", "<")'),
    ("hexadecimal references as decimal", RAW, "int(reference[2:], 16)", 'int("0" + reference[2:3], 16)'),
    ("&quot; becomes an apostrophe", RAW, """"quot": '"'""", """"quot": "'" """),
    # numbers, base64 and dates
    ("digits of any kind", COLUMNS, 'ID = "[0-9]{1,18}"', 'ID = "[0-9_]{1,18}"'),
    ("digits without an end", COLUMNS, 'ID = "[0-9]{1,18}"', 'ID = "[0-9]+"'),
    ("negative ids", COLUMNS, 'ID = "[0-9]{1,18}"', 'ID = "-?[0-9]{1,18}"'),
    ("empty ids are 0", RAW, "int(digits) if digits else None", "int(digits or 0)"),
    ("ints without an end", RAW, '_INT = "-?[0-9]{1,18}"', '_INT = "-?[0-9]+"'),
    ("ints with an underscore", RAW, '_INT = "-?[0-9]{1,18}"', '_INT = "-?[0-9_]{1,18}"'),
    ("no digits in an int", RAW, '_INT = "-?[0-9]{1,18}"', '_INT = "-?[0-9]{0,18}"'),
    ("doubles of any size", RAW, "[eE][-+]?[0-9]{1,2}", "[eE][-+]?[0-9]{1,3}"),
    ("long doubles verbatim", RAW, '    if "<double>" in joined:', "    if False:"),
    ("doubles shortened wherever they stand", RAW, '"<double>[^<]{18,}"', '"[^<>]{18,}"'),
    ("doubles in extra are texts", RAW, 'float(text) if tag == "double"', 'text if tag == "double"'),
    (
        "booleans in extra are texts",
        RAW,
        'SCALARS[tag.rstrip(" /")](text)',
        '(str if tag == "boolean" else SCALARS[tag.rstrip(" /")])(text)',
    ),
    ("base64 without its padding", RAW, "|[A-Za-z0-9+/]{3}=)?", "|[A-Za-z0-9+/]{3}=?)?"),
    ("base64 of any characters", RAW, '_BASE64 = "(?:[A-Za-z0-9+/]{4})*', '_BASE64 = "(?:[!A-Za-z0-9+/]{4})*'),
    ("base64 verbatim", RAW, "            texts[index] = text\n", "            pass\n"),
    ("base64 that is no text dropped", RAW, "            extras[index][name] = value\n", "            pass\n"),
    ("base64 that is no text in the next row", RAW, "extras[index][name]", "extras[index - 1][name]"),
    ("unreadable dates are something", COLUMNS, "values[index] = absent", "values[index] = datetime.min"),
    ("unreadable dates dropped", COLUMNS, "extras[index][name] = column[index]", "pass"),
    ("unreadable dates in the next row", COLUMNS, "extras[index][name] = column", "extras[index - 1][name] = column"),
    ("time zone forgotten", COLUMNS, "if tz is None:\n            return", "if True:\n            return"),
    ("dates without their seconds", COLUMNS, "[_datetime(text) if", '[_datetime(text[:-2] + "00") if'),
    # columns
    ("tags left in the values", RAW, 'joined.replace("/>", "></")', "joined"),
    ("values without a tag forgotten", RAW, "raw if raw[:1] == b", "raw if raw == raw or raw[:1] == b"),
    ("one extra for all rows", RAW, "[{} for _ in rows]", "[{}] * len(rows)"),
    ("missing members in extra", RAW, "                if name:", "                if True:"),
    ("unknown members dropped", RAW, "names.count(MISSING) < len(names)", "names.count(MISSING) < 0"),
    ("other types than the usual one dropped", RAW, "raws.count(MISSING) < len(raws)", "raws.count(MISSING) < 0"),
    ("other types in the next row", RAW, "            texts[place] = text\n", "            texts[place - 1] = text\n"),
    ("what is no text in extra of the first row", RAW, "[extras[at] for at in places]", "extras"),
    (
        "nil is text",
        RAW,
        'SCALARS[tag.rstrip(" /")](text)',
        '(str if tag[:3] == "nil" else SCALARS[tag.rstrip(" /")])(text)',
    ),
    ("rows cut to the first one", RAW, "    if len(rows[0]) != width:\n", "    if False:\n"),
    ("uniform rows only", RAW, "+ bounces_of(rows[uniform:], id_send, tz, words)", ""),
    (
        "words of another member",
        RAW,
        "_shared(inside, member.name, extras, words)",
        "_shared(inside[1:] + inside[:1], member.name, extras, words)",
    ),
    # a row
    ("two members of one name", FAST_PATH, '    return "(?({})(?!))".format(group)', '    return ""'),
    ("two unknown members of one name", FAST_PATH, '"".join("|\\\\{}".format(name) for name in names)', '""'),
    ("documented members are unknown ones", FAST_PATH, '"|".join(member.name for member in MEMBERS)', '"EMAIL"'),
    ("other-case members are unknown ones", FAST_PATH, "(?i:{})", "(?:{})"),
    ("no documented member", FAST_PATH, 'some_documented = "(?!)"', 'some_documented = ""'),
    ("any one of the last documented members", FAST_PATH, '"(?({})|{})".format(group, some_documented)', '""'),
    ("names with entities", FAST_PATH, '_NAME = "[A-Za-z0-9_]{1,64}"', '_NAME = "[^<>]+"'),
    ("white space of any kind", FAST_PATH, '_S = "[ \\t\\r\\n]*"', '_S = "\\\\s*"'),
    ("white space around a name", FAST_PATH, "<name>(?:{members})", "<name> ?(?:{members})"),
    (
        "white space that is text",
        FAST_PATH,
        "typed if layout.typed or layout.value_end else",
        "typed if False else",
    ),
    ("another end tag", FAST_PATH, '"<{0}>({1})</{0}>"', '"<{0}>({1})</[a-z0-9]+>"'),
    ("anything in the usual tags", FAST_PATH, "ID if kind in INTS else RAW_VALUES[read][1]", '"[^<]*"'),
    ("the usual type and another one", FAST_PATH, '"".join(map(_unless, groups))', "_unless(groups[0])"),
    ("searched, not matched", FAST_PATH, "iter(scanner.match, None)", "iter(scanner.search, None)"),
    ("the end forgotten", FAST_PATH, "pattern.scanner(data, at, end)", "pattern.scanner(data, at)"),
    ("missing is an id", FAST_PATH, "match.groups(MISSING)", 'match.groups(b"0")'),
    ("the row's beginning forgotten", FAST_PATH, '"{S}<value>{0.struct}<struct>', '"{S}<value>[^m]*<struct>'),
    ("the row's end forgotten", FAST_PATH, "</struct>{0.row_end}</value>", "</struct>{0.row_end}(?:</value>)?"),
    ("the white space of the row's end forgotten", FAST_PATH, "{behind}{0.struct_end}", "{behind}.*?"),
    ("slots in any order", FAST_PATH, '("(?({})|(?!))".format(names[-1]) if names else "")', '""'),
    # turns
    ("other encodings", REPORT, 'in ("", "UTF-8")', "is not None"),
    ("always between rows", REPORT, "not self._decoder.between_rows()", "False"),
    ("the head does not matter", REPORT, "self._decoder.between_rows() and", ""),
    ("skipped bytes not counted", REPORT, "skip(to - at, rows)", "skip(0, rows)"),
    ("skipped rows not handed over", REPORT, "skip(to - at, rows)", "skip(to - at, rows[1:])"),
    ("rows in another order", REPORT, "next(one if type(item) is tuple else other)", "next(one, None) or next(other)"),
    ("rows not numbered on", REPORT, "enumerate(items, first)", "enumerate(items)"),
    ("the rest forgotten", REPORT, "            self._rest = data\n", "            pass\n"),
    ("what stands behind the last tag forgotten", REPORT, "rest = data[self._by", "rest = data[:end][self._by"),
    ("wrong bytes replaced", REPORT, 'data.decode("utf-8")', 'data.decode("utf-8", "replace")'),
    ("wrong bytes escaped", REPORT, 'data.decode("utf-8")', 'data.decode("utf-8", "surrogatepass")'),
    ("doubts of the piece forgotten", REPORT, "min(doubt_in(data, at), end)", "end"),
]


def broken_reader(*changes):
    """The ReportReader of the package with *changes*, each (module, text, other text), made to its source."""
    modules = {}
    with mock.patch.dict(sys.modules):
        for name in MODULES:
            source = PACKAGE.joinpath(*name.split(".")).with_suffix(".py").read_text(encoding="utf-8")
            for module, text, other in changes:
                if module == name:
                    assert text in source, "{} has no {!r} any more: the mutant needs another text".format(name, text)
                    source = source.replace(text, other)
            module = ModuleType("mailkit_xmlrpc." + name)
            module.__package__ = module.__name__.rpartition(".")[0]
            sys.modules[module.__name__] = modules[name] = module
            exec(compile(source, "<{}>".format(name), "exec"), vars(module))
    # It tries again after each irregular row, so that small documents are enough.
    modules[REPORT]._TURN = 0
    modules[FAST_PATH]._POSSESSIVE = ""  # which would hide that an expression could match in other ways
    return modules[REPORT].ReportReader


def _documents():
    yield from single_documents.documents()
    for seed in range(60):
        random = Random("mutants {}".format(seed))
        document = report_documents.document(random)
        yield document
        yield mutated(random, document)
    for seed in range(150):
        random = Random("mutants {}".format(seed))
        yield serialised_documents.document(random)


@pytest.fixture(scope="module")
def corpus():
    """(pieces, time zone, what the general decoder makes of them), many times."""
    cases = []
    for number, document in enumerate(_documents()):
        if len(document) < 12000:
            zone = report_documents.EAST if number % 4 == 0 else None
            pieces = cut(document, 64 if number % 5 == 0 else None)
            cases.append((pieces, zone, outcome(pieces, False, zone)))
    return cases


def differs(reader, cases):
    """The number of cases read until the fast path of *reader* gives something else; 0 if it never does."""
    for number, (pieces, zone, general) in enumerate(cases, 1):
        try:
            fast = outcome(pieces, True, zone, reader)
        except Exception:
            return number
        if fast != general:
            return number
    return 0


@pytest.mark.slow
def test_unbroken_fast_path_is_equal(corpus):
    """What makes the check fail is the mutation and nothing else."""
    number = differs(broken_reader(), corpus)
    assert number == 0, corpus[number - 1]


@pytest.mark.slow
@pytest.mark.parametrize("name, module, text, other", MUTANTS, ids=[mutant[0] for mutant in MUTANTS])
def test_mutant_noticed(corpus, name, module, text, other):
    """The broken fast path is found out by some document of the corpus."""
    # What the turns of fast path and decoder depend on stands at the end.
    assert differs(broken_reader((module, text, other)), corpus if module != REPORT else corpus[::-1])
