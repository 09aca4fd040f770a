"""CSV for a Czech Excel: a mark, semicolons, and nothing that would become a number or a date."""

import csv
import io
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.cli.formats.columns import COLUMNS
from mailkit_xmlrpc.cli.saved import read_rows
from mailkit_xmlrpc.cli.texts import excel_back, excel_safe
from tests.files.test_reading_back import put
from tests.support.extras import libreoffice, needed
from tests.support.saved_rows import HOSTILE, HOSTILE_TEXTS, content, kept

#: CSV, by semicolons, UTF-8, from the first line, Czech; texts in quotes are no more texts than others
CZECH = "CSV:59,34,76,1,,1029,false,true"


def cells(rows):
    """The cells of a file of *rows*, as a reader of CSV finds them."""
    text = content("excel", rows).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))


def test_exactly():
    """A byte order mark, semicolons, dates that Excel reads, an apostrophe where it would make another value."""
    rows = [Bounce(7, "a;b", 1 << 60, None, 1, datetime(2014, 12, 23, 12, 36, 2), "5.1.1", "", "other", "=1")]
    assert content("excel", rows).decode("utf-8") == (
        "\ufeffid_send;email;id_email;id_user_list;id_send_message;date;status;email_status;bounce_cat;reason;extra\n"
        "7;\"a;b\";'1152921504606846976;;1;2014-12-23 12:36:02;'5.1.1;;other;'=1;{}\n"
    )


CHANGED = [
    "5.1.1",
    "4.4.2",
    "0550",
    "1e5",
    "1E+05",
    "1/2",
    "12:30",
    "5:30 pm",
    "5 led",
    "5-May",
    "jan-5",
    "1. května 2014",
    "2014-12-23",
    "1 000,5 Kč",
    "50 %",
    "(5)",
    "TRUE",
    "nepravda",
    "#N/A",
    "#REF!",
    "9" * 400,
]
HARMLESS = [
    "",
    "Bad Mailbox",
    "550 5.1.1 User unknown",
    "a1",
    "user@example.com",
    "bad-mailbox",
    "maybe",
    "'",
    "e",
    "#1 of 5",
]


@pytest.mark.parametrize("text", CHANGED + ["'" + text for text in CHANGED])
def test_number_or_date(text):
    """What Excel would take for a number, a date, a truth or an error gets an apostrophe, which comes off again."""
    assert excel_safe(text) == "'" + text and excel_back("'" + text) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless(text):
    """Any other text stays as it is."""
    assert excel_safe(text) == text == excel_back(text)


@given(st.text() | st.text(alphabet="=+-'15.,:/ ;ekčmaypm#\n\xa0"))
def test_property_guard_comes_off_exactly(text):
    """Whatever a text is, what the guard adds comes off again, and nothing else."""
    assert excel_back(excel_safe(text)) == text


def test_one_column(tmp_path):
    """A file of one column, whose header does not tell the separator, is read back too."""
    path = put(tmp_path, content("excel", HOSTILE, columns=["status"]))
    assert [row.status for row in read_rows(path)] == [kept("excel", row).status for row in HOSTILE]


def test_mark_alone_is_not_enough(tmp_path):
    """CSV of another kind to which somebody added a mark is read as what it is."""
    for output in ("csv", "tsv"):
        path = put(tmp_path, b"\xef\xbb\xbf" + content(output, HOSTILE))
        assert list(read_rows(path)) == [kept(output, row) for row in HOSTILE]


@pytest.mark.slow
def test_libreoffice_in_czech(tmp_path):
    """LibreOffice, told to read as a Czech one does, finds the same texts, numbers and dates."""
    openpyxl = needed("openpyxl")
    path = tmp_path / "rows.csv"
    # What LibreOffice writes of such a text into a workbook is another text.
    rows = [row for row in HOSTILE if "_x00" not in row.reason]
    path.write_bytes(content("excel", rows))
    book = openpyxl.load_workbook(str(libreoffice(tmp_path, path, CZECH)))
    (sheet,) = book.worksheets
    lines = [[one.value for one in line] for line in sheet]
    assert lines[0] == COLUMNS and len(lines) == len(rows) + 1
    for line, written, row in zip(lines[1:], cells(rows)[1:], rows):
        for name, found, text in zip(COLUMNS, line, written):
            value = getattr(row, name)
            if isinstance(found, datetime):
                assert abs(found - value).total_seconds() < 0.01
            elif isinstance(found, (int, float)):
                assert found == value
            else:
                assert (found or "") == text, name
    assert {type(line[COLUMNS.index("status")]) for line in lines} <= {str, type(None)}
    assert isinstance(lines[1][5], datetime) and isinstance(lines[1][0], int)
    book.close()
    # It does look for dates: without the apostrophe it finds one.
    path.write_bytes(b"\xef\xbb\xbfstatus\n5.1.1\n")
    book = openpyxl.load_workbook(str(libreoffice(tmp_path, path, CZECH)))
    assert book.worksheets[0]["A2"].value == datetime(2001, 1, 5)
    book.close()


def test_every_text_is_tried():
    """The texts above are among the hostile ones."""
    assert {"5.1.1", "1e5", "TRUE"} < set(HOSTILE_TEXTS)
