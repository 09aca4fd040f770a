"""Reports made of the rows in ``fixtures/serialised/``, which other people's serialisers wrote; some of them changed.

So members, their order and their types vary from row to row in one layout of white space, as in the answers of real
servers.
"""

import re
from pathlib import Path

from tests.support import report_documents
from tests.support.irregular_values import NAMES

FOLDER = Path(__file__).resolve().parent.parent.parent / "fixtures" / "serialised"
_ROW = re.compile(r"<value>\s*<struct>.*?</struct>\s*</value>", re.DOTALL)  # no row of these holds another struct
_NAME = re.compile("<name>[A-Z_]+</name>")
_VALUE = re.compile(r"(?<=<value>)(?!\s*<struct>).*?(?=</value>)", re.DOTALL)
_OTHER_NAMES = ("email", "HOST", "NOTE", "X", "A", "B", "C", "D", "E")
_KINDS = ("string", "", "int", "i4", "i8", "double", "nil", "string/", "boolean", "base64")


def parts_of(path):
    """What stands before the rows, the rows, what stands between two, and what behind the last."""
    text = path.read_bytes().decode("utf-8")
    spans = [match.span() for match in _ROW.finditer(text)]
    rows = [text[start:end] for start, end in spans]
    return text[: spans[0][0]], rows, text[spans[0][1] : spans[1][0]], text[spans[-1][1] :]


PARTS = [parts_of(path) for path in sorted(FOLDER.glob("*.xml"))]


def document(random):
    """The bytes of a report of few rows, most of the time one that can be read."""
    head, rows, between, tail = random.choice(PARTS)
    drawn = [_changed(random, random.choice(rows)) for _ in range(random.choice((1, 2, 5, 9)))]
    return (head + between.join(drawn) + tail).encode("utf-8", "surrogatepass")


def _changed(random, row):
    if random.randrange(5) < 2:
        match = random.choice(list(_VALUE.finditer(row)))
        row = row[: match.start()] + _other_value(random) + row[match.end() :]
    if not random.randrange(12):
        name = "<name>{}</name>".format(random.choice(NAMES + _OTHER_NAMES))
        row = _NAME.sub(name, row, count=random.choice((1, 1, 2)))
    return row


def _other_value(random):
    name = random.choice(("EMAIL", "ID_EMAIL", "DATE", "X"))
    if random.randrange(2):
        return report_documents.irregular_value(random, name, not random.randrange(20))
    return report_documents.value(random, name, random.choice(_KINDS), str)
