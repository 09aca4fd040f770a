"""Workbooks of Excel, by XlsxWriter and openpyxl.

A text is a text, and never a formula, a number or a link. An id of more than 15 digits is a text, for Excel would round
it; so is a date that Excel cannot hold. What does not print is an escape, as in CSV. A text of more than 32,767
characters is cut, and that is told. When a sheet is full, the rows go on in the next one.
"""

import json
import os
import tempfile
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from itertools import islice
from typing import Any, Dict, Iterator, List, Sequence

from ...exceptions import LocalError
from ...exceptions.redact import counted
from ..errors import UsageError
from ..texts import KEPT, cell, formula_safe, printable
from .base import How, Record, RowFormat, Saved, Values
from .columns import COLUMNS, EXCEL_DIGITS, IDS, is_excels

MAX_ROWS = 1 << 20  # of a sheet, with its header
MAX_TEXT = 32767  # characters of a cell, as UTF-16 counts them
#: https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3 has both

_PIECE = 1 << 20  # bytes
_LINES = 1 << 8  # rows that are read at once
_WIDTHS = {"email": 32, "reason": 60, "why": 60, "explain": 60, "date": 20, "first": 20, "last": 20, "extra": 12}
_WIDTH = 16  # of other columns


class Xlsx(RowFormat):
    """One workbook."""

    magic = b"PK\x03\x04"

    @staticmethod
    def write(rows: Values, columns: Sequence[str], how: How) -> Iterator[bytes]:
        """Yield the workbook when all rows are there; until then they wait in temporary files."""
        with tempfile.TemporaryDirectory(prefix="mailkit-bounces-") as folder:
            path = os.path.join(folder, "rows.xlsx")
            with _book(path, folder) as book:
                cut = _Sheets(book, columns).fill(rows)
            if cut:
                texts = counted(cut, "text was", "texts were")
                how.tell("{} cut, for a cell of Excel holds {} characters".format(texts, MAX_TEXT))
            with open(path, "rb") as file:
                yield from iter(partial(file.read, _PIECE), b"")

    @staticmethod
    def read_file(saved: Saved) -> Iterator[Record]:
        """Yield the rows of all sheets; an escape stays one."""
        openpyxl = import_module("openpyxl")
        try:
            with _quiet():
                book = openpyxl.load_workbook(saved.file, read_only=True)
            try:
                names: List[object] = []
                for sheet in book.worksheets:
                    lines = _lines(sheet)
                    header = [one.value for one in next(lines, ())]
                    names = names or header
                    if header != names or not set(names) & set(COLUMNS) or len(set(names)) != len(names):
                        raise ValueError("not a header")
                    for line in lines:
                        yield _record(saved, dict(zip(names, line)))
            finally:
                book.close()
        except (AttributeError, SyntaxError, RuntimeError) as error:
            problem: Exception = error
        except (zipfile.BadZipFile, zlib.error) as error:
            problem = error
        else:
            return
        raise ValueError("no workbook: {}".format(type(problem).__name__))


def _lines(sheet: Any) -> Iterator[Sequence[Any]]:
    """Yield the cells of each row."""
    lines = sheet.iter_rows()
    while True:
        with _quiet():
            some = list(islice(lines, _LINES))
        if not some:
            return
        yield from some


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep openpyxl's warnings from standard error: what it leaves out has nothing to do with rows, or is refused by
    ``_record``. Nobody else's code runs inside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _book(path: str, folder: str) -> Iterator[Any]:
    """Open a workbook to write; whatever happens, no file of it stays open."""
    xlsxwriter = import_module("xlsxwriter")
    book = xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": folder})
    try:
        yield book
        book.close()
    except xlsxwriter.exceptions.XlsxFileError as error:
        # Its text may be an OSError's.
        problem = LocalError("the workbook cannot be written: {}".format(error))
    else:
        return
    finally:
        book.fileclosed = True
        for sheet in book.worksheets():
            sheet.row_data_fh.close()
    raise problem


class _Sheets:
    """The sheets of a workbook that is written."""

    def __init__(self, book: Any, columns: Sequence[str]) -> None:
        self._book = book
        self._columns = list(columns)
        self._header = book.add_format({"bold": True, "num_format": "@"})
        self._text = book.add_format({"num_format": "@"})
        # As if an apostrophe had been typed before it: it stays a text also where somebody edits it.
        self._formula = book.add_format({"num_format": "@", "quote_prefix": True})
        self._date = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._sheet: Any = None
        self._row = 0
        self._cut = 0

    def fill(self, rows: Values) -> int:
        """Write all *rows*, and return how many texts were cut."""
        self._begin()
        for values in rows:
            if self._row == MAX_ROWS:
                self._end()
                self._begin()
            empty = True
            for column, value in enumerate(values):
                if value is not None and value != "" and value != {}:
                    self._write(column, value)
                    empty = False
            if empty:
                # Without any cell it would be no row.
                self._sheet.write_blank(self._row, 0, None, self._text)
            self._row += 1
        self._end()
        return self._cut

    def _begin(self) -> None:
        number = len(self._book.worksheets()) + 1
        self._sheet = self._book.add_worksheet("Rows" if number == 1 else "Rows {}".format(number))
        for column, name in enumerate(self._columns):
            self._sheet.set_column(column, column, _WIDTHS.get(name, _WIDTH))
            self._sheet.write_string(0, column, name, self._header)
        self._sheet.freeze_panes(1, 0)
        self._row = 1

    def _end(self) -> None:
        self._sheet.autofilter(0, 0, self._row - 1, len(self._columns) - 1)

    def _write(self, column: int, value: object) -> None:
        if isinstance(value, int) and len(str(value)) <= EXCEL_DIGITS:
            self._sheet.write_number(self._row, column, value)
        elif isinstance(value, datetime) and is_excels(value):
            self._sheet.write_datetime(self._row, column, value, self._date)
        else:
            text = cell(value, kept=KEPT)
            # In UTF-16 a character beyond the first 65,536 counts twice.
            if len(text) > MAX_TEXT // 2 and len(text.encode("utf-16-le")) > 2 * MAX_TEXT:
                text = text.encode("utf-16-le")[: 2 * MAX_TEXT].decode("utf-16-le", "ignore")
                self._cut += 1
            is_formula = formula_safe(text) != text
            self._sheet.write_string(self._row, column, text, self._formula if is_formula else self._text)


def _record(saved: Saved, cells: Dict[object, Any]) -> Record:
    """Return the values of one row.

    :raises ValueError: there is something else in it than this program writes
    :raises UsageError: a text in it may have been cut
    """
    record: Record = {}
    for name, one in cells.items():
        value = one.value
        if isinstance(value, str):
            if one.data_type != "s":
                raise ValueError("a formula, or an error")
            value = import_module("openpyxl.utils.escape").unescape(value)
            if len(value) > MAX_TEXT // 2 and len(value.encode("utf-16-le")) // 2 >= MAX_TEXT - 1:
                raise UsageError(
                    "{} has a text of {} characters in the column {}, and may have been cut there; write another "
                    "format".format(saved.named, MAX_TEXT, printable(str(name)))
                )
        record[str(name)] = value
    if "id_send" in record and record["id_send"] is None:
        raise ValueError("a row of nothing")
    for name in IDS:
        value = record.get(name)
        if isinstance(value, str):
            record[name] = int(value)
    for name in COLUMNS:
        if name in record and record[name] is None and name not in IDS and name != "date":
            record[name] = ""
    date = record.get("date")
    if isinstance(date, datetime):
        # A workbook keeps a date as a fraction of days.
        record["date"] = (date + timedelta(seconds=0.5)).replace(microsecond=0)
    record["extra"] = json.loads(str(record.get("extra") or "{}"))
    return record
