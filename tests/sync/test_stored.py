"""A bounce as the table holds it: plain values and back, and digests that are the same everywhere."""

import sys
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.sync.stored import COLUMNS, FIELDS, Kinds, bounce_of, date_of, digest_of, record_of, values_of

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(max_size=5)
IDS = st.none() | st.integers(0, (1 << 63) - 1)
# Python 3.6 knows offsets of whole minutes only.
OFFSETS = st.timedeltas(timedelta(hours=-23), timedelta(hours=23))
if sys.version_info < (3, 7):
    OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timedelta(minutes=minutes))
ZONES = st.none() | OFFSETS.map(timezone)
TEXTS = st.text(st.characters())  # lone surrogates too
BOUNCES = st.builds(
    Bounce,
    st.just(7),
    TEXTS,
    IDS,
    IDS,
    IDS,
    st.none() | st.datetimes(timezones=ZONES),
    TEXTS,
    TEXTS,
    TEXTS,
    TEXTS,
    st.dictionaries(
        st.text() | st.sampled_from(["$text", "$bytes", "$", "$$bytes"]),
        st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)),
        max_size=3,
    ),
)


@given(BOUNCES)
def test_any_bounce_comes_back(bounce):
    """Whatever a bounce holds, its values can be stored anywhere, and give the bounce back."""
    values = values_of(record_of(bounce))
    assert len(values) == FIELDS == len(COLUMNS[2:13])
    for value in values:
        assert value is None or type(value) in (int, str)
        if isinstance(value, str):
            assert "\0" not in value and value.encode("utf-8") is not None
    assert bounce_of(7, values) == bounce


def test_digest_is_known():
    """The digest of a row stays as it is: another one would make every row of a database a changed one."""
    bounce = Bounce(
        7, "\u0159@example.com", 1, None, 2, datetime(2024, 3, 1, 8), "5.1.1", "", "x", "'\"\n\ud800\U0001f600"
    )
    record = record_of(bounce)
    assert digest_of(("hard", record)) == "cd10d5aab78349b6c611a2948fbc009a4d10033d"
    assert digest_of(record) == "c5542a3fc3b70bb9fa995741e0ae529a25395e9e"


def test_order_of_members_means_nothing():
    """The same unknown members in another order are the same row."""
    some = [
        Bounce(1, "", None, None, None, None, "", "", "", "", extra)
        for extra in ({"X": [{"A": 1, "B": 2}], "Y": 3}, {"Y": 3, "X": [{"B": 2, "A": 1}]})
    ]
    assert record_of(some[0]) == record_of(some[1])


def test_date_in_utc():
    """The date of a row is in UTC where it has a zone, else as told, and None where UTC has no such year."""
    zone = timezone(timedelta(hours=-2.5))
    for date, told in (
        (datetime(2024, 3, 1, 8, 30, 1, 999999), "2024-03-01 08:30:01"),
        (datetime(2024, 3, 1, 23, 30, tzinfo=zone), "2024-03-02 02:00:00"),
        (datetime(9999, 12, 31, 23, tzinfo=zone), None),
        (datetime(800, 1, 2), "0800-01-02 00:00:00"),
    ):
        bounce = Bounce(1, "", None, None, None, date, "", "", "", "")
        assert record_of(bounce)[8:10] == (told, date.isoformat())


@pytest.mark.parametrize("text", ["2024-02-30T00:00:00", "2024-03-01", "2024-03-01T08:00:00Z", ""])
def test_date_that_is_none(text):
    """A text that is no date of ours is refused."""
    with pytest.raises(ValueError):
        date_of(text)


def test_kinds_are_bounded():
    """Kinds are those of the default rules; of words that strangers make up, not all are remembered."""
    kinds = Kinds()
    assert kinds["bad-mailbox", "5.1.1"] == "hard" and kinds["full-mailbox", ""] == "soft"
    for number in range(11000):
        assert kinds[str(number), ""] == "unknown"
    assert len(kinds) == 10000
