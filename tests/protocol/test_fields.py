"""From a struct to a Bounce: every line of the documented table, and its corners."""

import time
from datetime import datetime

import pytest

from mailkit_xmlrpc import Bounce, UnexpectedShapeError
from mailkit_xmlrpc.protocol.fields import MEMBERS, DateTimeText, bounce_from_struct, text_of_double

TEXTS = {
    "EMAIL": "email",
    "STATUS": "status",
    "EMAIL_STATUS": "email_status",
    "BOUNCE_CAT": "bounce_cat",
    "REASON": "reason",
}
IDS = {"ID_EMAIL": "id_email", "ID_USER_LIST": "id_user_list", "ID_SEND_MESSAGE": "id_send_message"}
FIELDS = dict(TEXTS, DATE="date", **IDS)
MISSING = object()


def row(**members):
    """Return the Bounce of a struct with *members*; those that are MISSING are left out."""
    return bounce_from_struct({name: value for name, value in members.items() if value is not MISSING}, 123456)


def typed(value):
    """*value* beside its type: 1, 1.0 and True are equal in Python, and not the same value."""
    return type(value), value


def assert_read(name, value, expected, extra=None):
    """The member *name* with *value* reads as *expected*, and ``extra`` holds what *extra* says."""
    beside = "REASON" if name != "REASON" else "EMAIL"  # so that a missing one does not leave an empty struct
    bounce = row(**{name: value, beside: "x"})
    assert typed(getattr(bounce, FIELDS[name])) == typed(expected)
    assert {key: typed(kept) for key, kept in bounce.extra.items()} == {k: typed(v) for k, v in (extra or {}).items()}


# --- the table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "value, text",
    [
        ("Bad Mailbox", "Bad Mailbox"),
        ("  žluťoučký\tkůň\n\x9b ", "  žluťoučký\tkůň\n\x9b "),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("", ""),
        (550, "550"),
        (-1, "-1"),
        (9223372036854775807, "9223372036854775807"),
        (float("5.09999999999999964473"), "5.1"),
        (5.0, "5.0"),
        (1e22, "1e+22"),
        (b"abc", "abc"),
        (b"", ""),
        ("\u010d".encode("utf-8"), "\u010d"),
        (None, ""),
        (MISSING, ""),
    ],
)
def test_text_readable(name, value, text):
    """A text is verbatim, an int its digits, a double its shortest form, bytes are UTF-8; missing and nil are empty."""
    assert_read(name, value, text)


@pytest.mark.parametrize("text", ["0.0005", "0.5", "5.1", "550.25", "0.0001", "123456.789", "1e-05"])
def test_text_of_a_double_with_twenty_places(text):
    """Found again, however few of the digits count; fewer places are what somebody wrote."""
    assert text_of_double("{:.20f}".format(float(text))) == text
    assert text_of_double("{:.17e}".format(float(text))) == text
    for literal in ("5.10", "1e5", "-0.12345678901234567", "1.2345678901234567e-300", "0.00000000000000050"):
        assert text_of_double(literal) == literal


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("value", [True, False, b"\xff", [], ["a"], {}, {"a": 1}])
def test_text_unreadable(name, value):
    """Any other type is no text: the field is empty, the value stands in extra."""
    assert_read(name, value, "", {name: value})


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    "value, number",
    [
        (0, 0),
        (49872054, 49872054),
        ((1 << 31) - 1, (1 << 31) - 1),
        ((1 << 63) - 1, (1 << 63) - 1),
        (5.0, 5),
        (-0.0, 0),
        (9007199254740993.0, 9007199254740992),
        ("49872054", 49872054),
        ("007", 7),
        (" \t\r\n12 \t\r\n", 12),
        ("9223372036854775807", (1 << 63) - 1),
        ("", None),
        (None, None),
        (MISSING, None),
    ],
)
def test_id_readable(name, value, number):
    """An id is a whole number from 0 to 2^63-1, whatever type carries it; missing, nil and empty are None."""
    assert_read(name, value, number)


@pytest.mark.parametrize("name", IDS)
@pytest.mark.parametrize(
    "value",
    [
        -1,
        1 << 63,
        5.5,
        -5.0,
        9223372036854775808.0,
        1e300,
        True,
        False,
        "-1",
        "+1",
        "1.0",
        "1e3",
        "1_000",
        "0x1F",
        "12 34",
        "١٢",
        "\u00a012",
        "9223372036854775808",
        "9" * 5000,
        "abc",
        b"12",
        [],
        [12],
        {},
        {"a": 1},
    ],
    ids=lambda value: repr(value)[:24],
)
def test_id_unreadable(name, value):
    """Anything else is no id: the field is None, the value stands in extra."""
    assert_read(name, value, None, {name: value})


@pytest.mark.parametrize("name", IDS)
def test_id_with_many_zeros(name):
    """ASCII digits are a number however many zeros lead it; however many they are, they are looked at once."""
    assert_read(name, "0" * 30 + "5", 5)
    assert_read(name, "0" * 30, 0)
    begun = time.process_time()
    assert_read(name, "0" * 10000000 + "x", None, {name: "0" * 10000000 + "x"})
    assert time.process_time() - begun < 2  # seconds of CPU; looked at twenty times they take six


@pytest.mark.parametrize(
    "value, date",
    [
        ("2014-12-23 12:36:02", datetime(2014, 12, 23, 12, 36, 2)),
        ("2014-12-23 12:36", datetime(2014, 12, 23, 12, 36)),
        ("2014-12-23", datetime(2014, 12, 23)),
        ("0001-01-01 00:00:00", datetime(1, 1, 1)),
        ("9999-12-31 23:59:59", datetime(9999, 12, 31, 23, 59, 59)),
        ("2016-02-29", datetime(2016, 2, 29)),
        (DateTimeText("20141223T12:36:02"), datetime(2014, 12, 23, 12, 36, 2)),
        (DateTimeText("2014-12-23T12:36:02"), datetime(2014, 12, 23, 12, 36, 2)),
        (DateTimeText("20141223T123602"), datetime(2014, 12, 23, 12, 36, 2)),
        ("2014-12-23\n", datetime(2014, 12, 23)),
        (" 2014-12-23 12:36:02\t\r\n", datetime(2014, 12, 23, 12, 36, 2)),
        (DateTimeText("\n20141223T12:36:02 "), datetime(2014, 12, 23, 12, 36, 2)),
        ("", None),
        (None, None),
        (MISSING, None),
    ],
)
def test_date_readable(value, date):
    """The documented form, the shorter ones, and a dateTime without offset, with white space around them; missing, nil
    and empty are None."""
    assert_read("DATE", value, date)


@pytest.mark.parametrize(
    "value",
    [
        "0000-00-00",
        "0000-00-00 00:00:00",
        "0000-01-01",
        "2014-02-30",
        "2014-13-01",
        "2014-12-23 24:00:00",
        "2014-12-23 12:36:60",
        "2014-12-23T12:36:02",
        "2014-12-23 12:36:02+01:00",
        "2014-12-23 12:36:02.5",
        "2014-12-23 12",
        " \n",
        "\u00a02014-12-23",
        "23.12.2014",
        "RRRR-MM-DD HH:MM:SS",
        "٢٠١٤-12-23",
        20141223,
        1419338162.0,
        True,
        b"2014-12-23",
        [],
        {"a": 1},
    ],
    ids=repr,
)
def test_date_unreadable(value):
    """Zero dates and anything else are None, and the value stands in extra."""
    assert_read("DATE", value, None, {"DATE": value})


@pytest.mark.parametrize(
    "text",
    [
        "00000000T00:00:00",
        "20141223T24:00:00",
        "20141223T12:36:02Z",
        "20141223T12:36:02+0100",
        "20141223T12:36:02.5",
        "2014",
    ],
)
def test_date_from_odd_datetime(text):
    """A dateTime that is none, or has an offset, stays as its text; never is a zone invented or dropped."""
    assert_read("DATE", DateTimeText(text), None, {"DATE": text})


@pytest.mark.parametrize("name", sorted(TEXTS) + sorted(IDS))
def test_datetime_elsewhere(name):
    """A dateTime where none is documented stands in extra as its text."""
    assert_read(name, DateTimeText("20141223T12:36:02"), None if name in IDS else "", {name: "20141223T12:36:02"})


# --- names, order, extra --------------------------------------------------------------------------------------------

WHOLE = {
    "EMAIL": "mail@example.com",
    "ID_EMAIL": 49872054,
    "ID_USER_LIST": 123,
    "ID_SEND_MESSAGE": 1234567890,
    "DATE": "2014-12-23 12:36:02",
    "STATUS": "4.4.2",
    "EMAIL_STATUS": "temporary",
    "BOUNCE_CAT": "bad-mailbox",
    "REASON": "Bad Mailbox",
}
BOUNCE = Bounce(
    id_send=123456,
    email="mail@example.com",
    id_email=49872054,
    id_user_list=123,
    id_send_message=1234567890,
    date=datetime(2014, 12, 23, 12, 36, 2),
    status="4.4.2",
    email_status="temporary",
    bounce_cat="bad-mailbox",
    reason="Bad Mailbox",
)


def test_whole_row_in_any_order():
    """Every member feeds its field, and the order in which they came means nothing."""
    names = list(WHOLE)
    for first in range(len(names)):
        order = names[first:] + names[:first]
        assert bounce_from_struct({name: WHOLE[name] for name in order}, 123456) == BOUNCE
        assert bounce_from_struct({name: WHOLE[name] for name in reversed(order)}, 123456) == BOUNCE


def test_members_documented():
    """The table reads the nine documented members, in the order of Bounce's fields."""
    assert {member.name: member.field for member in MEMBERS} == FIELDS
    assert [member.field for member in MEMBERS] == list(Bounce.__annotations__)[1:-1]


def test_unknown_members():
    """A member nobody documented is kept verbatim under its name, dateTimes in it as their text."""
    odd = {"when": [DateTimeText("20141223T12:36:02")], "raw": b"\x00", "deep": {"a": [{"b": None}]}}
    bounce = row(EMAIL="a@example.com", ID_SEND=1, FLAG=True, ODD=odd)
    expected = {"when": ["20141223T12:36:02"], "raw": b"\x00", "deep": {"a": [{"b": None}]}}
    assert bounce.extra == {"ID_SEND": 1, "FLAG": True, "ODD": expected}
    assert type(bounce.extra["ODD"]["when"][0]) is str
    assert type(odd["when"][0]) is DateTimeText  # what was handed in stays as it was


@pytest.mark.parametrize("name", ["", " ", "EMAIL ", "E\u0130MAIL", "ID_SEND", "extra", "id_send"])
def test_unknown_name_odd(name):
    """However odd its name, a member is kept."""
    assert bounce_from_struct({name: "x", "EMAIL": "a@example.com"}, 123456).extra == {name: "x"}
    assert bounce_from_struct(dict(WHOLE, **{name: "x"}), 123456).extra == {name: "x"}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("change", [str.lower, str.title, str.swapcase])
def test_name_in_other_case(name, change):
    """A name that differs only in case serves where the exact one is missing."""
    struct = {change(key) if key == name else key: value for key, value in WHOLE.items()}
    assert bounce_from_struct(struct, 123456) == BOUNCE


def test_name_in_other_case_alone():
    """One such name makes a row."""
    assert row(email="a@example.com").email == "a@example.com"


def test_name_in_other_case_beside_exact():
    """Beside the exact one it goes into extra, whichever came first."""
    for struct in ({"Email": "b", "EMAIL": "a"}, {"EMAIL": "a", "Email": "b"}):
        bounce = bounce_from_struct(struct, 1)
        assert (bounce.email, bounce.extra) == ("a", {"Email": "b"})


def test_name_in_other_case_twice():
    """Of two such names one serves and the other is kept, the same ones in any order."""
    rows = [bounce_from_struct(s, 1) for s in ({"Email": "a", "email": "b"}, {"email": "b", "Email": "a"})]
    assert rows[0] == rows[1]
    assert {rows[0].email} | set(rows[0].extra.values()) == {"a", "b"}


def test_name_in_other_case_unreadable():
    """What cannot be read stands in extra under the name as sent."""
    bounce = row(id_Email="abc")
    assert (bounce.id_email, bounce.extra) == (None, {"id_Email": "abc"})


@pytest.mark.parametrize("name", ["\u017ftatus", "\u0131d_email", "ema\u0131l", "ID_EMA\u0130L", "status\u200b"])
def test_name_of_foreign_letters(name):
    """A letter that only Unicode's case rules make ours is another letter."""
    bounce = bounce_from_struct({name: "5", "REASON": "r"}, 1)
    assert (bounce.status, bounce.id_email, bounce.email, bounce.extra) == ("", None, "", {name: "5"})


def test_extra_own_for_every_row():
    """Rows share no dict, with each other or with what was handed in."""
    struct = {"EMAIL": "a", "X": 1}
    first, second = bounce_from_struct(struct, 1), bounce_from_struct(struct, 1)
    assert first.extra is not second.extra and struct == {"EMAIL": "a", "X": 1}
    assert row(EMAIL="a").extra is not row(EMAIL="a").extra


# --- no row ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", "text", 5, 5.5, True, b"", [], [{"EMAIL": "a"}], DateTimeText("2014")])
def test_row_not_a_struct(value):
    """What is no struct is no row, and the error names which."""
    with pytest.raises(UnexpectedShapeError) as caught:
        bounce_from_struct(value, 123456, row=7)
    assert str(caught.value) == "the answer has an undocumented shape: row 7 is not a struct"


@pytest.mark.parametrize("struct", [{}, {"": ""}, {"ID_SEND": 5}, {"E-MAIL": "a@example.com"}, {"EMAIL ": "a"}])
def test_row_without_documented_names(struct):
    """A struct with none of the nine names is no row; the error shows nothing of it."""
    with pytest.raises(UnexpectedShapeError) as caught:
        bounce_from_struct(struct, 123456)
    assert str(caught.value) == ("the answer has an undocumented shape: row 0 has none of the documented members")


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [None, ""])
def test_row_with_one_documented_name(name, value):
    """One documented name makes a row, even with nothing in it."""
    bounce = row(**{name: value})
    assert bounce == Bounce(123456, "", None, None, None, None, "", "", "", "")
