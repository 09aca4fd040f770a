"""Columns of values: the rows are those that are read value by value, or the structs are left as they are."""

from copy import deepcopy
from datetime import datetime, timedelta, timezone

import pytest

from mailkit_xmlrpc.protocol import columns
from mailkit_xmlrpc.protocol.columns import Words, bounces_of_structs, dates_of
from mailkit_xmlrpc.protocol.fields import MEMBERS, DateTimeText, DoubleLiteral, IntLiteral, bounce_from_struct
from tests.protocol.test_time_zones import LikePytz

ID_SEND = 123456
EAST = timezone(timedelta(hours=2))


def literal(number, text):
    """*number* as it was sent."""
    number.literal = text
    return number


VALUES = (
    "",
    "a",
    "5",
    " 5",
    "5\n",
    "9" * 19,
    "-1",
    "2014-12-23 12:36:02",
    "2014-12-23 12:36:02\n",
    "2014-12-23",
    "2014-02-30 12:00:00",
    "0000-00-00 00:00:00",
    None,
    0,
    5,
    -1,
    2**63 - 1,
    2**63,
    True,
    5.0,
    5.5,
    literal(IntLiteral(5), "005"),
    literal(DoubleLiteral(5.1), "5.10"),
    DateTimeText("20141223T12:36:02"),
    DateTimeText("2014-12-23 12:36:02"),
    b"abc",
    b"\xff",
    [],
    ["a", literal(IntLiteral(5), "005")],
    {"a": 1},
)


def typed(bounce):
    """All of *bounce*, each value beside its type."""
    return [(type(value), value) for value in vars(bounce).values()] + [
        (name, type(value), value) for name, value in bounce.extra.items()
    ]


def check(structs, tz=None):
    """Read *structs* both ways."""
    expected = [typed(bounce_from_struct(struct, ID_SEND, tz)) for struct in structs]
    bounces = bounces_of_structs(deepcopy(structs), ID_SEND, tz, Words())
    assert list(map(typed, bounces)) == expected


@pytest.mark.parametrize("name", [member.name for member in MEMBERS] + ["X"])
@pytest.mark.parametrize("tz", [None, EAST], ids=["naive", "east"])
def test_any_values(name, tz):
    """Every value in every member: alone, in a column with each other one, and in one column with all of them."""
    for value in VALUES:
        check([{"EMAIL": "a", name: value}], tz)
        for other in VALUES:
            check([{"EMAIL": "a", name: value}, {name: other, "STATUS": "5"}, {"REASON": ""}], tz)
    check([{"EMAIL": "a", name: value} for _ in range(3) for value in VALUES], tz)


@pytest.mark.parametrize(
    "irregular", ["a", 5, None, [], {}, {"X": "a"}, {"email": "a"}, {"EMAIL": "a", "Status": "b"}], ids=repr
)
def test_irregular_structs(irregular):
    """Where one of them is no struct, has no documented member, or one in other letters, all are left as they are."""
    structs = [{"EMAIL": "a"}, irregular, {"STATUS": "b", "X": "c"}]
    before = deepcopy(structs)
    assert bounces_of_structs(structs, ID_SEND, None, Words()) is None
    assert structs == before


def test_each_row_its_own_extra():
    """No two rows share one."""
    bounces = bounces_of_structs([{"EMAIL": "a"} for _ in range(3)], ID_SEND, None, Words())
    assert len({id(bounce.extra) for bounce in bounces}) == 3


# --- dates ----------------------------------------------------------------------------------------------------------


def dates(texts, tz=None):
    """The dates of *texts*, and what stays in extra."""
    extras = [{} for _ in texts]
    return list(zip(dates_of(texts, tz, extras), extras))


def test_dates():
    """Dates of a column, empty ones among them."""
    texts = ["2014-12-23 12:36:02", "", "2016-02-29 00:00:00"]
    assert dates(texts) == [(datetime(2014, 12, 23, 12, 36, 2), {}), (None, {}), (datetime(2016, 2, 29), {})]
    assert dates(texts, EAST)[:2] == [(datetime(2014, 12, 23, 12, 36, 2, tzinfo=EAST), {}), (None, {})]


@pytest.mark.parametrize("tz", [None, EAST], ids=["naive", "east"])
@pytest.mark.parametrize(
    "wrong", ["0000-00-00 00:00:00", "2015-02-29 12:00:00", "2014-12-23 12:60:00", "2014-12-23 12:00:60"]
)
def test_date_that_does_not_exist(wrong, tz):
    """It is kept in the extra of its own row, and the others of its column are read all the same."""
    right = datetime(2014, 12, 23, 12, 36, 2, tzinfo=tz)
    column = dates(["2014-12-23 12:36:02", wrong, "", wrong, "2014-12-23 12:36:02"], tz)
    assert column == [(right, {}), (None, {"DATE": wrong}), (None, {}), (None, {"DATE": wrong}), (right, {})]


def test_date_at_the_end_of_the_calendar():
    """A time zone that cannot place a date leaves it in extra."""
    first, last = dates(["2014-12-23 12:36:02", "9999-12-31 23:59:59"], LikePytz())
    assert first[0].utcoffset() == timedelta(hours=2)
    assert last == (None, {"DATE": "9999-12-31 23:59:59"})


def test_time_limit_that_strikes(monkeypatch):
    """What a signal handler raises while a column of dates is read is no date that cannot be read."""

    def strike(text):
        raise ValueError("theirs")

    monkeypatch.setattr(columns, "_datetime", strike)
    with pytest.raises(ValueError, match="theirs"):
        dates(["2014-12-23 12:36:02"])


# --- words ----------------------------------------------------------------------------------------------------------


def test_words_bounded(monkeypatch):
    """Only so many, and only short ones, are remembered; what is given back is always the word."""
    monkeypatch.setattr(columns, "MAX_WORDS", 3)
    words = Words()
    assert [words[word] for word in "abcabd"] == list("abcabd")
    assert set(words) == {"d"}
    short, long = "x" * columns._MAX_WORD, "x" * (columns._MAX_WORD + 1)
    assert (words[short], words[long]) == (short, long)
    assert short in words and long not in words


def test_words_shared():
    """Equal statuses, states and categories of many rows are one string."""
    structs = [{name: "".join(("wor", "d")) for name in ("STATUS", "EMAIL_STATUS", "BOUNCE_CAT")} for _ in range(3)]
    bounces = bounces_of_structs(structs, ID_SEND, None, Words())
    assert len({id(bounce.status) for bounce in bounces} | {id(bounce.bounce_cat) for bounce in bounces}) == 1
