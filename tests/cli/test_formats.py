"""Every format exactly, and what a stranger's text can not do: start a formula, reach a terminal, break a row."""

import csv
import io
import json
from datetime import datetime, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc.cli.formats import render
from mailkit_xmlrpc.cli.formats.columns import COLUMNS
from mailkit_xmlrpc.cli.texts import json_text, printable
from mailkit_xmlrpc.model.plain import marked
from mailkit_xmlrpc.model.records import Bounce

#: those of text
FORMATS = ("table", "csv", "tsv", "json", "jsonl")
HEADER = "id_send,email,id_email,id_user_list,id_send_message,date,status,email_status,bounce_cat,reason,extra"
FIRST = Bounce(
    123456,
    "user@example.com",
    49872054,
    123,
    1234567890,
    datetime(2014, 12, 23, 12, 36, 2),
    "4.4.2",
    "temporary",
    "full-mailbox",
    "Full Mailbox",
)
SECOND = Bounce(
    123456, "", None, None, None, None, "", "", "", 'Schránka, "plná"', {"X": [1, 5.5, True, None, b"\x00"], "Y": "ř"}
)


def bounce(reason="", **fields):
    """Return a row with one interesting text."""
    values = dict(dict.fromkeys(COLUMNS), id_send=1, reason=reason, extra={})
    values.update(fields)
    return Bounce(**values)


def text(rows, output, **options):
    """Return all that is rendered."""
    return "".join(render(rows, output, **options))


def cell_of(row, output="csv", column="reason", **options):
    """Return one cell as a reader of the file gets it."""
    return parsed(text([row], output, **options), output)[1][COLUMNS.index(column)]


def parsed(written, output):
    """Return the lines of a CSV or TSV file as Python's reader finds them."""
    separator = "\t" if output == "tsv" else ","
    return list(csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True))


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def test_columns_are_the_fields_of_a_bounce():
    """The columns, in their order, are part of the promise."""
    assert COLUMNS == HEADER.split(",")


def test_csv_exactly():
    """CSV: a header, commas, quotes where needed, None empty, extra as JSON."""
    assert text([FIRST, SECOND], "csv") == (
        HEADER + "\n"
        "123456,user@example.com,49872054,123,1234567890,2014-12-23T12:36:02,"
        "4.4.2,temporary,full-mailbox,Full Mailbox,{}\n"
        '123456,,,,,,,,,"Schránka, ""plná""",'
        '"{""X"": [1, 5.5, true, null, {""$bytes"": ""AA==""}], ""Y"": ""ř""}"\n'
    )


def test_tsv_exactly():
    """TSV: tabs, the same cells; a comma needs no quotes."""
    assert text([FIRST, bounce("a, b")], "tsv") == (
        HEADER.replace(",", "\t") + "\n"
        "123456\tuser@example.com\t49872054\t123\t1234567890\t2014-12-23T12:36:02\t4.4.2\ttemporary\tfull-mailbox\t"
        "Full Mailbox\t{}\n"
        "1\t\t\t\t\t\t\t\t\ta, b\t{}\n"
    )


def test_jsonl_exactly():
    """JSON lines: one object a row, null for None."""
    assert text([FIRST, SECOND], "jsonl") == (
        '{"id_send": 123456, "email": "user@example.com", "id_email": 49872054, "id_user_list": 123, '
        '"id_send_message": 1234567890, "date": "2014-12-23T12:36:02", "status": "4.4.2", "email_status": "temporary", '
        '"bounce_cat": "full-mailbox", "reason": "Full Mailbox", "extra": {}}\n'
        '{"id_send": 123456, "email": "", "id_email": null, "id_user_list": null, "id_send_message": null, '
        '"date": null, "status": "", "email_status": "", "bounce_cat": "", "reason": "Schránka, \\"plná\\"", '
        '"extra": {"X": [1, 5.5, true, null, {"$bytes": "AA=="}], "Y": "ř"}}\n'
    )


def test_json_exactly():
    """JSON: an array with the same objects, one a line."""
    lines = text([FIRST, SECOND], "jsonl").splitlines()
    assert text([FIRST, SECOND], "json") == "[\n" + lines[0] + ",\n" + lines[1] + "\n]\n"


def test_table_exactly():
    """A table: padded columns without a space at the end; an empty extra is left blank."""
    assert text([FIRST, SECOND], "table") == (
        "id_send  email             id_email  id_user_list  id_send_message  date                 "
        "status  email_status  bounce_cat    reason            extra\n"
        "-------  ----------------  --------  ------------  ---------------  -------------------  "
        "------  ------------  ------------  ----------------  ----------------------------------------\n"
        "123456   user@example.com  49872054  123           1234567890       2014-12-23T12:36:02  "
        "4.4.2   temporary     full-mailbox  Full Mailbox\n"
        "123456                                                                                   "
        "                                    "
        'Schránka, "plná"  {"X": [1, 5.5, true, null, {"$bytes": "AA=="}], "Y": "ř"}\n'
    )


@pytest.mark.parametrize(
    "output, expected",
    [
        ("csv", HEADER + "\n"),
        ("tsv", HEADER.replace(",", "\t") + "\n"),
        ("json", "[]\n"),
        ("jsonl", ""),
        ("table", "  ".join(COLUMNS) + "\n" + "  ".join("-" * len(name) for name in COLUMNS) + "\n"),
    ],
)
def test_report_that_is_empty_is_never_prose(output, expected):
    """An empty report is a header, an empty array, or nothing."""
    assert text([], output) == expected


@pytest.mark.parametrize("output", FORMATS)
def test_rows_that_fail_at_once_leave_nothing(output):
    """Where no row came, no header claims an empty report."""

    def rows():
        raise ZeroDivisionError
        yield

    with pytest.raises(ZeroDivisionError):
        next(iter(render(rows(), output)))


def test_rows_that_fail_later_leave_the_json_array_open():
    """A JSON array that is not the whole report is not JSON."""

    def rows():
        yield FIRST
        raise ZeroDivisionError

    written = []
    with pytest.raises(ZeroDivisionError):
        written.extend(render(rows(), "json"))
    with pytest.raises(ValueError):
        json.loads("".join(written))


@pytest.mark.parametrize("output", FORMATS)
def test_rows_are_streamed(output):
    """Text comes out long before the last row went in."""
    taken = []

    def rows():
        for number in range(5000):
            taken.append(number)
            yield FIRST

    pieces = render(rows(), output)
    for _ in range(3):
        next(pieces)
    assert len(taken) <= 501


def test_date_with_a_zone_keeps_it():
    """A date is ISO 8601, with its offset where it has one."""
    row = bounce(date=datetime(2014, 12, 23, 12, 36, 2, tzinfo=timezone.utc))
    assert cell_of(row, column="date") == "2014-12-23T12:36:02+00:00"


def test_value_that_no_bounce_holds_is_refused():
    """What JSON cannot say raises instead of turning into something else."""
    with pytest.raises(TypeError) as caught:
        json_text({1})
    assert str(caught.value) == "not a value of a Bounce: set"


# --- formulas --------------------------------------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "  =1",
    "\xa0=1",
    '"=1',
    ' " =1',
    "\xad=1",
    "'=1",
    "''=1",
    "-1@example.com+1",
    "+a@b@example.com",
    "-2+3+cmd|' /C calc'!A0@example.com",
    "+a@example",
    "=a@example.com",
    "@a@example.com",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
    "\ufe661",
    "\u207b1",
    "\u22121",
]


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("output", ["csv", "tsv"])
def test_formula_gets_an_apostrophe(output, formula):
    """A cell that a spreadsheet would run starts with an apostrophe."""
    for column in ("email", "status", "email_status", "bounce_cat", "reason"):
        cell = cell_of(bounce(**{column: formula}), output, column)
        assert cell == "'" + formula


def test_formula_inside_extra_is_inert_and_still_json():
    """Strings in extra are guarded one by one; numbers stay numbers and the cell stays JSON."""
    row = bounce(extra={"=x": ["a;=1", -5, [-1.5]], "y": {"z": b"-"}})
    cell = cell_of(row, column="extra")
    assert json.loads(cell) == {"'=x": ["a;'=1", -5, [-1.5]], "y": {"z": {"$bytes": "LQ=="}}}


def test_number_stays_a_number():
    """Ids are integers, so no apostrophe makes text of them."""
    assert cell_of(bounce(id_email=-1), column="id_email") == "-1"


# --- raw -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", FORMULAS + ["\x1b[31m", "a\r\nb", "\x01", 'say "x",\t\u202e'])
def test_raw_csv_is_verbatim(reason):
    """With raw, a CSV reader gets every text back character by character."""
    assert cell_of(bounce(reason), raw=True) == reason
    assert json.loads(cell_of(bounce(extra={reason: reason}), column="extra", raw=True)) == {reason: reason}


def test_raw_tsv_keeps_a_row_on_a_line():
    """With raw, TSV writes a tab and a line end inside a cell as escapes, and leaves the rest."""
    assert cell_of(bounce('=a\tb\r\n"c"\x1b'), "tsv", raw=True) == '=a\\tb\\r\\n"c"\x1b'
    assert text([bounce("a\tb\nc")], "tsv", raw=True).count("\n") == 2


def test_raw_on_a_terminal_shows_no_control_character():
    """raw lets formulas through to a terminal, but no escape sequence."""
    assert cell_of(bounce("=\x1b"), raw=True, terminal=Terminal()) == "=\\x1b"


# --- terminals -------------------------------------------------------------------------------------------------------

HOSTILE = "\x1b]0;x\x07 \x9b31m \u202e \u2066 \u200b \u2028 \r\n\t\x7f\x00 \ufeff \ud800 \U000e0041"


@pytest.mark.parametrize("output", ["table", "csv", "tsv"])
def test_control_character_is_shown_as_an_escape(output):
    """Nothing that does not print leaves as itself, terminal or not."""
    written = text([bounce(HOSTILE, email="\x1b")], output)
    assert all(line.replace("\t", "").isprintable() for line in written.split("\n"))
    shown = r"\x1b]0;x\x07 \x9b31m \u202e \u2066 \u200b \u2028 \r\n\t\x7f\x00 \ufeff \ud800 \U000e0041"
    assert shown in written and printable(HOSTILE) == shown


@pytest.mark.parametrize("output", ["json", "jsonl"])
def test_control_character_in_json_is_a_json_escape(output):
    """JSON holds no control character either, and reads back as the same text."""
    written = text([bounce(HOSTILE, extra={HOSTILE: HOSTILE})], output)
    assert all(line.isprintable() for line in written.split("\n"))
    value = json.loads(written)
    row = value[0] if output == "json" else value
    assert row["reason"] == HOSTILE and row["extra"] == {HOSTILE: HOSTILE}


# --- properties ------------------------------------------------------------------------------------------------------

texts = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="=+-@\uff1d;,\t\r\n \"'a\x1b\u202e\x9b", max_size=12),
)
ids = st.none() | st.integers(0, (1 << 63) - 1)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
bounces = st.builds(
    Bounce,
    id_send=st.integers(1, (1 << 63) - 1),
    email=texts,
    id_email=ids,
    id_user_list=ids,
    id_send_message=ids,
    date=st.none() | st.datetimes(),
    status=texts,
    email_status=texts,
    bounce_cat=texts,
    reason=texts,
    extra=st.dictionaries(texts, values, max_size=2),
)
reports = st.lists(bounces, max_size=3)


@given(reports, st.sampled_from(["csv", "tsv"]))
@settings(deadline=None, max_examples=100)
def test_property_no_cell_starts_a_formula(rows, output):
    """Whatever the rows, and however a spreadsheet splits our lines, no cell begins with a formula sign."""
    written = text(rows, output)
    lines = parsed(written, output)
    assert len(lines) == len(rows) + 1 and {len(line) for line in lines} == {len(COLUMNS)}
    cells = [cell for line in lines for cell in line]
    assert not [cell for cell in cells if cell.startswith(("\t", "\r", "\n"))]
    cells += [part for line in written.split("\n") for part in line.split(";")]
    assert not [cell for cell in cells if cell.lstrip(' "').startswith(("=", "+", "-", "@", "\uff1d"))]


@given(reports, st.sampled_from(FORMATS))
@settings(deadline=None, max_examples=100)
def test_property_no_control_character_is_written(rows, output):
    """Whatever the rows, only printable characters, line ends and TSV's tabs are written: a row is a line."""
    lines = text(rows, output).split("\n")
    kept = {"csv": "\xa0\xad", "tsv": "\xa0\xad\t"}.get(output, "")
    assert all(char.isprintable() or char in kept for line in lines for char in line)
    around = {"csv": 2, "tsv": 2, "table": 3, "jsonl": 1, "json": 3 if rows else 2}[output]
    assert len(lines) == len(rows) + around


@given(reports)
@settings(deadline=None, max_examples=100)
def test_property_json_reads_back(rows):
    """Whatever the rows, JSON and JSON lines hold every value of them."""
    expected = [marked({name: getattr(row, name) for name in COLUMNS if name != "date"}) for row in rows]
    for values in (json.loads(text(rows, "json")), [json.loads(line) for line in text(rows, "jsonl").split("\n")[:-1]]):
        assert [value.pop("date") for value in values] == [row.date and row.date.isoformat() for row in rows]
        assert values == expected


def test_nul_in_raw_csv():
    """It is written, in quotes or not."""
    assert "a\x00b" in text([Bounce(1, "", None, None, None, None, "", "", "", "a\x00b")], "csv", raw=True)


@given(reports)
@settings(deadline=None, max_examples=100)
def test_property_raw_csv_reads_back(rows):
    """Whatever the rows, raw CSV holds every text of them (Python's reader refuses NUL before 3.11)."""
    written = text(rows, "csv", raw=True)
    if "\x00" not in written:
        lines = parsed(written, "csv")
        assert [line[9] for line in lines[1:]] == [row.reason for row in rows]
        assert [json.loads(line[10]) for line in lines[1:]] == [marked(row.extra) for row in rows]
