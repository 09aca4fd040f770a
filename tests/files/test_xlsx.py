"""Workbooks: typed cells, nothing that Excel would change, whole or not at all; for openpyxl and for LibreOffice."""

import csv
import io
import os
from datetime import datetime

import pytest

from mailkit_xmlrpc import Bounce, LocalError
from mailkit_xmlrpc.cli.errors import UsageError
from mailkit_xmlrpc.cli.formats import xlsx
from mailkit_xmlrpc.cli.formats.columns import COLUMNS
from mailkit_xmlrpc.cli.saved import read_rows
from tests.files.test_reading_back import put
from tests.support.extras import TO_CSV, libreoffice, needed
from tests.support.saved_rows import AWARE, HOSTILE, TEXTS, content, kept

openpyxl = needed("xlsxwriter", "openpyxl")
ROWS = [AWARE] + HOSTILE


def cells(path):
    """The cells of all sheets of the workbook at *path*: lists of rows, each a list of (value, type)."""
    book = openpyxl.load_workbook(str(path))
    unescape = openpyxl.utils.escape.unescape
    sheets = [
        [
            [(unescape(one.value) if isinstance(one.value, str) else one.value, one.data_type) for one in row]
            for row in sheet
        ]
        for sheet in book.worksheets
    ]
    book.close()
    return sheets


def expected(row):
    """The values of the cells of *row*."""
    values = []
    for name, value in vars(kept("xlsx", row)).items():
        if isinstance(value, int) and value >= 10**15:
            value = str(value)
        if isinstance(value, datetime) and (value.tzinfo or value.microsecond or value < datetime(1900, 3, 1)):
            value = value.isoformat()
        values.append(None if value in ("", {}) else value)
    return values[:-1]


def assert_holds(sheet, rows):
    """The cells of *sheet* are those of *rows*, each of its type."""
    assert [value for value, _ in sheet[0]] == COLUMNS
    assert len(sheet) == len(rows) + 1
    for line, row in zip(sheet[1:], rows):
        values = [value for value, _ in line[:-1]]
        moment = values[5]
        if isinstance(moment, datetime):
            # LibreOffice keeps some more digits of a second.
            values[5] = datetime.fromtimestamp(round(moment.timestamp()))
        assert values == expected(row)
        for (value, kind), name in zip(line, COLUMNS):
            assert kind == ("s" if isinstance(value, str) else "d" if isinstance(value, datetime) else "n"), name


def test_openpyxl_opens_it(tmp_path):
    """Every cell has the value and the type that it should have; no cell is a formula."""
    (sheet,) = cells(put(tmp_path, content("xlsx", ROWS), "rows.xlsx"))
    assert_holds(sheet, ROWS)


@pytest.mark.slow
def test_libreoffice_opens_it(tmp_path):
    """LibreOffice opens it and writes it anew: the same values of the same types."""
    path = tmp_path / "rows.xlsx"
    # What LibreOffice writes itself of such a text is another text to Excel, and to openpyxl.
    rows = [row for row in ROWS if "_x00" not in row.reason]
    path.write_bytes(content("xlsx", rows + [Bounce(7, "é" * 100000, None, None, None, None, "", "", "", "x")]))
    (sheet,) = cells(libreoffice(tmp_path, path))
    assert len(sheet[-1][1][0]) == xlsx.MAX_TEXT
    assert_holds(sheet[:-1], rows)


@pytest.mark.slow
def test_libreoffice_reads_every_text(tmp_path):
    """As LibreOffice shows them, all texts are those of the rows, those too that it cannot write into a workbook."""
    path = tmp_path / "rows.xlsx"
    path.write_bytes(content("xlsx", ROWS))
    text = libreoffice(tmp_path, path, to=TO_CSV).read_bytes().decode("utf-8")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [[line[name] for name in TEXTS] for line in lines] == [
        [getattr(kept("xlsx", row), name) for name in TEXTS] for row in ROWS
    ]


def test_header_and_filter(tmp_path):
    """The header stays where it is, and filters all rows."""
    book = openpyxl.load_workbook(put(tmp_path, content("xlsx", HOSTILE[:3]), "rows.xlsx"))
    (sheet,) = book.worksheets
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:K4")
    assert sheet["B2"].quotePrefix and not sheet["B7"].quotePrefix
    assert (sheet["G2"].number_format, sheet["F2"].number_format) == ("@", "yyyy-mm-dd hh:mm:ss")
    book.close()


def test_long_text_is_cut(tmp_path, capfd):
    """A text longer than a cell is cut, by the units that Excel counts; that is said, and reading refuses it."""
    long = ["a" * 32767, "b" * 100000, "\U0001f600" * 16383, "\U0001f600" * 16384, "c" + "\U0001f600" * 16383]
    rows = [Bounce(7, "", None, None, None, None, "", "", "", text) for text in long]
    path = put(tmp_path, content("xlsx", rows), "rows.xlsx")
    assert capfd.readouterr().err == ("mailkit-bounces: 2 texts were cut, for a cell of Excel holds 32767 characters\n")
    (sheet,) = cells(path)
    assert [line[9][0] for line in sheet[1:]] == [long[0], "b" * 32767, long[2], long[2], long[4]]
    with pytest.raises(UsageError, match="has a text of 32767 characters in the column reason, and may have been cut"):
        list(read_rows(path))


def test_full_sheet(tmp_path, monkeypatch):
    """What has no room in a sheet goes on in the next one, under the same header; all of it is read back."""
    monkeypatch.setattr(xlsx, "MAX_ROWS", 4)
    for number, lengths in ((3, [4]), (4, [4, 2]), (7, [4, 4, 2])):
        path = put(tmp_path, content("xlsx", HOSTILE[:number]), "rows.xlsx")
        sheets = cells(path)
        assert [len(sheet) for sheet in sheets] == lengths
        assert {tuple(value for value, _ in sheet[0]) for sheet in sheets} == {tuple(COLUMNS)}
        assert list(read_rows(path)) == [kept("xlsx", row) for row in HOSTILE[:number]]
    assert openpyxl.load_workbook(path, read_only=True).sheetnames == ["Rows", "Rows 2", "Rows 3"]


def changed(tmp_path, change):
    """The path of a workbook that somebody changed."""
    path = put(tmp_path, content("xlsx", HOSTILE[:3]), "rows.xlsx")
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    book.close()
    return path


def test_saved_anew(tmp_path):
    """A workbook that another program has written anew says the same."""
    path = changed(tmp_path, lambda book: None)
    assert list(read_rows(path)) == [kept("xlsx", row) for row in HOSTILE[:3]]


CHANGES = [
    lambda book: book.worksheets[0].__setitem__("J2", "=1+1"),
    lambda book: book.worksheets[0].__setitem__("G2", 5.1),
    lambda book: book.worksheets[0].__setitem__("C2", 1.5),
    lambda book: book.worksheets[0].__setitem__("C2", "x"),
    lambda book: book.worksheets[0].__setitem__("C2", True),
    lambda book: book.worksheets[0].__setitem__("F2", "23.12.2014"),
    lambda book: book.worksheets[0].__setitem__("K2", "{"),
    lambda book: book.worksheets[0].__setitem__("A2", None),
    lambda book: book.worksheets[0].__setitem__("A1", "id_email"),
    lambda book: book.create_sheet("notes"),
]


@pytest.mark.parametrize("change", CHANGES, ids=map(str, range(len(CHANGES))))
def test_changed_by_hand(tmp_path, change):
    """A cell that is no more what fetch writes is refused: a formula, a number in place of a text, another sheet."""
    with pytest.raises(UsageError, match="is not what fetch writes"):
        list(read_rows(changed(tmp_path, change)))


def test_encrypted(tmp_path):
    """A workbook that wants a password is refused as well."""
    data = bytearray(content("xlsx", HOSTILE[:1]))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[6] |= 1
    with pytest.raises(UsageError, match="is not what fetch writes"):
        list(read_rows(put(tmp_path, bytes(data))))


def test_rows_that_fail(tmp_path, monkeypatch):
    """Where the rows break off nothing is left: no file, no open one either."""
    monkeypatch.setattr(xlsx.tempfile, "tempdir", str(tmp_path))

    def rows():
        yield HOSTILE[0]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        content("xlsx", rows())
    assert os.listdir(str(tmp_path)) == []


def test_no_room(tmp_path, monkeypatch):
    """Where the workbook cannot be written, this machine is at fault."""
    import xlsxwriter.workbook

    def full(self):
        raise xlsxwriter.exceptions.FileCreateError("No space left on device")

    monkeypatch.setattr(xlsxwriter.workbook.Workbook, "close", full)
    with pytest.raises(LocalError, match="the workbook cannot be written: No space left on device"):
        content("xlsx", HOSTILE[:1])


def test_row_of_nothing(tmp_path):
    """A row of empty cells is a row, and comes back as one."""
    rows = [Bounce(7, "", None, None, None, None, "", "", "", reason) for reason in ("", "x", "")]
    path = put(tmp_path, content("xlsx", rows, columns=["reason"]), "rows.xlsx")
    assert [row.reason for row in read_rows(path)] == ["", "x", ""]


def test_other_rows(tmp_path):
    """What is no bounce is written as well: numbers, texts, dates."""
    from mailkit_xmlrpc import Delivery

    delivery = Delivery(1, 2, "=Spring", "a@example.com", datetime(2024, 3, 1), 10, 9, None, None, None, None, "1")
    data = content("xlsx", [delivery], columns=["id_message", "subject", "date", "rev"], record=Delivery)
    (sheet,) = cells(put(tmp_path, data, "rows.xlsx"))
    assert sheet[1] == [(1, "n"), ("=Spring", "s"), (datetime(2024, 3, 1), "d"), ("1", "s")]


def test_texts():
    """All texts of a row are tried."""
    assert set(TEXTS) < set(COLUMNS)
