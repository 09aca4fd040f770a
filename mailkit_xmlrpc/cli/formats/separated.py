"""CSV and TSV.

CSV is that of RFC 4180, but lines end with ``\\n``. TSV has quotes like CSV where it needs them; a tab or a line end
inside a cell becomes ``\\t``, ``\\n``, ``\\r``: a row is one line to every tool. None is an empty cell, ``extra`` JSON.

For Excel, CSV has a byte order mark, or Excel would not know that it is UTF-8, and semicolons, which a Czech one
separates by. The mark tells the two kinds apart when a file is read.
"""

import csv
import json
import sys
from datetime import datetime
from typing import Iterable, Iterator, Sequence, TextIO

from ..texts import KEPT, Cells, cell, each_text, excel_back, excel_safe, formula_back, formula_safe
from .base import How, Record, RowFormat, Values
from .columns import COLUMNS, EXCEL_DIGITS, IDS, is_excels

MARK = "\ufeff"
_BREAKS = {ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}
# Python 3.10 takes a NUL in a cell for an escape character that is not set, and fails. So one is set there that is in
# no text: a half of a surrogate pair cannot be encoded.
_ESCAPE = "\udfff" if sys.version_info[:2] == (3, 10) else None
_MAX_CELL = 1 << 24  # characters; csv's own limit is 131,072, and a REASON may be longer


class Separated(RowFormat):
    """CSV, and what both kinds share."""

    @staticmethod
    def write(rows: Values, columns: Sequence[str], how: How) -> Iterator[str]:
        """Yield the lines."""
        if how.excel:
            return _lines(list(columns), (list(map(_excel_cell, row)) for row in rows), ";", MARK)
        return _lines(list(columns), _cells(rows, how), ",")

    @staticmethod
    def is_begun_by(line: str) -> bool:
        """Return whether there is a header: what other formats begin with, none has."""
        return True

    @staticmethod
    def read_text(line: str, file: TextIO) -> Iterator[Record]:
        """Yield the rows; an escape stays one."""
        excel = line.startswith(MARK) and "\t" not in line and "," not in line
        separator = "\t" if "\t" in line else ";" if excel else ","
        back = excel_back if excel else formula_back
        line = line[line.startswith(MARK) :]
        csv.field_size_limit(max(csv.field_size_limit(), _MAX_CELL))
        names = next(csv.reader([line], delimiter=separator, strict=True))
        if not set(names) & set(COLUMNS) or len(set(names)) != len(names):
            raise ValueError("not a header")
        if not line.endswith(("\n", "\r")):
            raise EOFError
        for cells in csv.reader(_ended(file), delimiter=separator, strict=True):
            # A header of one name does not tell TSV from CSV, and in TSV a comma needs no quotes.
            if len(names) == 1 and cells:
                cells = [separator.join(cells)]
            if len(cells) != len(names):
                raise ValueError("a row with too few or too many cells")
            # In JSON each text has its own guard.
            texts = {name: text if name == "extra" else back(text) for name, text in zip(names, cells)}
            record: Record = dict(texts)
            for name in IDS:
                if name in texts:
                    record[name] = int(texts[name]) if texts[name] else None
            if "date" in texts:
                record["date"] = texts["date"] or None
            record["extra"] = each_text(formula_back, json.loads(texts.get("extra") or "{}"))
            yield record


class Tsv(Separated):
    """TSV; it is read as CSV is."""

    @staticmethod
    def write(rows: Values, columns: Sequence[str], how: How) -> Iterator[str]:
        """Yield the lines."""
        cells = _cells(rows, how)
        if how.raw and how.terminal is None:
            cells = ([text.translate(_BREAKS) for text in row] for row in cells)
        return _lines(list(columns), cells, "\t")


def _cells(rows: Values, how: How) -> Iterator[Cells]:
    escape = not how.raw or how.terminal is not None
    safe = str if how.raw else formula_safe
    return ([cell(value, escape, safe, KEPT) for value in row] for row in rows)


def _excel_cell(value: object) -> str:
    """Return *value* as a cell that Excel takes for what it is: a text, a date, or a number of at most 15 digits."""
    if isinstance(value, datetime):
        return value.isoformat(" " if is_excels(value) else "T")
    if isinstance(value, int):
        text = str(value)
        return text if len(text) <= EXCEL_DIGITS else excel_safe(text)
    # In JSON no text is a cell of its own.
    return cell(value, True, formula_safe if isinstance(value, dict) else excel_safe, KEPT)


class _Line:
    """A file for csv.writer, whose ``writerow`` returns what ``write`` returns."""

    @staticmethod
    def write(line: str) -> str:
        """Return *line* with ``\\n`` at its end, instead of ``\\r\\n``."""
        return line[:-2] + "\n"


def _lines(header: Cells, rows: Iterable[Cells], separator: str, before: str = "") -> Iterator[str]:
    # csv.writer must know both "\r" and "\n", to put a cell with one of them into quotes. Before Python 3.13 it looks
    # only for those of its own line end.
    writer = csv.writer(_Line, delimiter=separator, lineterminator="\r\n", escapechar=_ESCAPE)
    yield before + writer.writerow(header)
    yield from map(writer.writerow, rows)


def _ended(lines: Iterable[str]) -> Iterator[str]:
    """Yield *lines*.

    :raises EOFError: the last of them has no end, so it may be the first part of one
    """
    for line in lines:
        yield line
        if not line.endswith(("\n", "\r")):
            raise EOFError
