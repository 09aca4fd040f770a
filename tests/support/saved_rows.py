"""Rows in files: hostile ones, files of any format with them, and what comes back of them."""

from datetime import datetime, timedelta, timezone

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.cli.formats import render
from mailkit_xmlrpc.cli.formats.database import store
from mailkit_xmlrpc.cli.texts import KEPT, printable
from tests.support.extras import needed

TEXTS = ("email", "status", "email_status", "bounce_cat", "reason")
#: what each format needs that is not always there
EXTRAS = {"xlsx": ("xlsxwriter", "openpyxl"), "parquet": ("pyarrow.parquet",)}
#: all that can be read back; excel is CSV for Excel
FORMATS = ("jsonl", "json", "csv", "tsv", "excel", "sqlite", "xlsx", "parquet")

HOSTILE_TEXTS = [
    "=1+1",
    '=HYPERLINK("http://example.com")',
    "+1",
    "-1",
    "@SUM(A1)",
    "'=1",
    "'quoted",
    "http://example.com/",
    "mailto:anna@example.com",
    "5.1.1",
    "4.4.2",
    "0550",
    "1e5",
    "1/2",
    "3-4",
    "12:30",
    "5 led",
    "1. května 2014",
    "jan-5",
    "TRUE",
    "pravda",
    "#N/A",
    "50 %",
    "1 000,5 Kč",
    "12345678901234567890",
    "_x0041_",
    "_x000D_ and _x005F_",
    "\x00\x01\x1b[31m\x7f\x9b",
    "line\nend\r\nand\ttab",
    "\u202ertl\u200b\ufeff\ufffe\uffff",
    'Příliš žluťoučký kůň, úpěl; ďábelské "ódy"',
    "k\xa0n\xadě",
    "\U0001f600 \U0001f468\u200d\U0001f469 \U0010ffff",
    "half a \ud800 character",
    "<&>]]> &amp; <![CDATA[",
    " blanks around ",
    "'",
    "''5",
    ";=1",
    "a;=1,+2",
]

HOSTILE = [
    Bounce(7, text, number, None, number, datetime(2014, 12, 23, 12, 36, 2), text, text, text, text, {text: [text]})
    for number, text in enumerate(HOSTILE_TEXTS)
] + [
    Bounce(7, "", None, None, None, datetime(1900, 2, 28), "", "", "", "", {"n": [1, 2.5, None, True, b"\x00\xff"]}),
    Bounce(7, "b@example.com", 0, None, None, datetime(1900, 3, 1), "5", "1", "true", "č" * 1000),
    Bounce(7, "c@example.com", 0, None, 1001, datetime(9999, 12, 31, 23, 59, 59), "", "", "", ""),
    Bounce(7, "d@example.com", 0, None, 1002, datetime(2024, 3, 31, 2, 30, 0, 123456), "", "", "", ""),
    Bounce(
        1234567890123456789, "a@example.com", 999999999999999, 1000000000000000, (1 << 63) - 1, None, "", "", "", ""
    ),
]
AWARE = Bounce(7, "", None, None, 1003, datetime(2024, 3, 31, tzinfo=timezone(timedelta(hours=2))), "", "", "", "")


def content(output, rows, tmp_path=None, **options):
    """The bytes of a file of *rows* in the format *output*."""
    needed(*EXTRAS.get(output, ("json",)))
    if output == "sqlite":
        path = tmp_path / "content.db"
        store(rows, str(path))
        data = path.read_bytes()
        path.unlink()
        return data
    options = dict(options, excel=output == "excel")
    pieces = render(rows, "csv" if output == "excel" else output, **options)
    return b"".join(piece if isinstance(piece, bytes) else piece.encode("utf-8") for piece in pieces)


def kept(output, row):
    """What of *row* a file in the format *output* holds."""
    values = dict(vars(row))
    if output in ("csv", "tsv", "excel", "xlsx"):
        values.update((name, printable(values[name], KEPT)) for name in TEXTS)
    if output == "parquet":
        values.update((name, values[name].encode("utf-8", "backslashreplace").decode("utf-8")) for name in TEXTS)
        values["date"] = row.date and row.date.replace(tzinfo=None)
    return Bounce(**values)
