"""The command line's formats: rows in, text out, piece by piece (how a table looks is _table's).

Columns are Bounce's fields in their order, unless others are asked for. Any cell may come from a stranger, so a text
is changed in two ways:

* ``visible``: what does not print (control characters, bidirectional overrides, zero-width characters, odd spaces) is
  written as an escape, ``\\x1b``. In JSON that is ``\\u001b``, which every parser reads back as the same character.
* ``inert``: an apostrophe goes before what a spreadsheet would take for a formula (OWASP, "CSV Injection").

CSV is RFC 4180's but for its line ends, which are ``\\n``. TSV is quoted like CSV where needed, and a tab or a line end
inside a cell is always written ``\\t``, ``\\n``, ``\\r``: a row is one line to every tool. None is null in JSON and an
empty cell elsewhere. ``extra`` is JSON everywhere (an empty one is left blank in a table); bytes in it are
``{"$bytes": "<base64>"}``.
"""
import itertools
import json
import re
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Sequence, TextIO

from ._table import render_table
from .bounce import Bounce

COLUMNS = [field.name for field in fields(Bounce)]
#: what can be asked for beside the fields
MORE_COLUMNS: Dict[str, Callable[[Any], Any]] = {
    "kind": lambda row: str(row.kind),
    "explain": lambda row: row.explain(),
}
FORMATS = ("table", "csv", "tsv", "json", "jsonl")

# = + - @ and their full-width, small, raised and lowered forms, some of which spreadsheets read as the plain ones, and
# the minus sign itself (U+2212).
SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u207b\u208c\u208a\u208b\u2212"
# Behind a separator too: a spreadsheet whose locale separates by semicolons (Czech, say) splits our lines at them, also
# inside quotes, because its own cell did not begin with one, and so makes cells that we never wrote.
_FORMULA = re.compile(r'(^(?=[\t\r\n])|(?:^|[;,])(?=[\s"]*[' + SIGNS + "]))")
_NEEDS_QUOTES = {",": re.compile('[,"\r\n]'), "\t": re.compile('["]')}
_BREAKS = {ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}


def render(
    rows: Iterable[Any],
    output: str,
    raw: bool = False,
    terminal: Optional[TextIO] = None,
    columns: Sequence[str] = COLUMNS,
) -> Iterator[str]:
    """Yield *rows* as text in the format *output* (one of FORMATS), in memory that does not grow with them.

    Nothing is yielded before the first row is there, so that a failed call leaves no header that reads as an empty
    report. Where *rows* raises later, a JSON array stays open, which no parser takes for complete.

    Args:
        raw: leave the cells of CSV and TSV as they are, formulas and (but on a terminal) control characters too.
        terminal: the stream the text will go to if that is a terminal, else None.
        columns: attributes of a row, or names of MORE_COLUMNS.
    """
    rows = iter(rows)
    rows = itertools.chain(list(itertools.islice(rows, 1)), rows)
    readers = [MORE_COLUMNS.get(name) or (_extra if name == "extra" else attrgetter(name)) for name in columns]
    values = ([read(row) for read in readers] for row in rows)
    if output == "table":
        return render_table(list(columns), map(_table_cells, values), terminal)
    if output in ("json", "jsonl"):
        records = (json_text(dict(zip(columns, some))) for some in values)
        return _array(records) if output == "json" else (record + "\n" for record in records)
    if not raw:
        return _separated(columns, values, output, lambda text: visible(inert(text)), inert)
    return _separated(columns, values, output, _same if terminal is None else visible, _same)


def visible(text: str) -> str:
    """Return *text* with an escape (as in ``repr``) in place of everything that does not print."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def inert(text: str) -> str:
    """Return *text* with an apostrophe before everything that a spreadsheet could take for a formula."""
    return _FORMULA.sub(r"\1'", text)


def json_text(value: object) -> str:
    """Return *value* as one line of JSON: letters as they are, everything that does not print as ``\\uXXXX``."""
    text = json.dumps(value, ensure_ascii=False, default=_for_json)
    if text.isprintable():
        return text
    # Only strings can hold such a character, and there an escape is allowed.
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _for_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        import base64

        return {"$bytes": base64.b64encode(value).decode("ascii")}
    raise TypeError("not a value of a Bounce: {}".format(type(value).__name__))


def _extra(row: Any) -> Dict[str, object]:
    """``extra``, whose order means nothing, by name, so that equal rows print alike."""
    return dict(sorted(row.extra.items()))


def _array(records: Iterable[str]) -> Iterator[str]:
    before = "[\n"
    for record in records:
        yield before + record
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _separated(
    columns: Sequence[str],
    rows: Iterable[List[Any]],
    output: str,
    text: Callable[[str], str],
    inside: Callable[[str], str],
) -> Iterator[str]:
    # Not the csv module: before 3.13 its writer leaves a carriage return unquoted when lines end in "\n", and its own
    # reader then breaks the row there.
    separator = "," if output == "csv" else "\t"
    needs_quotes = _NEEDS_QUOTES[separator]
    yield separator.join(columns) + "\n"
    for row in rows:
        cells = [_cell(value, text, inside) for value in row]
        if separator == "\t":
            cells = [cell.translate(_BREAKS) for cell in cells]
        yield separator.join(
            '"' + cell.replace('"', '""') + '"' if needs_quotes.search(cell) else cell for cell in cells
        ) + "\n"


def _table_cells(row: List[Any]) -> List[str]:
    return ["" if value == {} else _cell(value, visible, _same) for value in row]


def _cell(value: object, text: Callable[[str], str], inside: Callable[[str], str]) -> str:
    """Return *value* as a cell: a string by *text*; those inside ``extra`` by *inside*, and then as JSON."""
    if isinstance(value, str):
        return text(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return json_text(_mapped(value, inside))
    return str(value)


def _mapped(value: object, function: Callable[[str], str]) -> object:
    """Return *value* with *function* applied to every string in it, names of members too."""
    if isinstance(value, str):
        return function(value)
    if isinstance(value, dict):
        return {function(name): _mapped(item, function) for name, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, function) for item in value]
    return value


def _same(text: str) -> str:
    return text
