"""Each message once, in its newest state: nothing else is merged, nothing is lost, and memory does not grow."""

import gc
import sqlite3
from datetime import datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce, LocalError, summarize
from mailkit_xmlrpc.analysis import newest
from mailkit_xmlrpc.analysis.newest import NewestStates
from tests.support.full_database import full_database


def row(message, status="5.1.1", id_send=1, **fields):
    return Bounce(id_send, "a@example.com", None, None, message, fields.get("date"), status, "", "", "", {})


def states(rows):
    with NewestStates(rows) as left:
        return list(left), left.repeated


def test_last_row_of_a_message_counts():
    """Of three states the last one counts; the same number in another delivery is another message."""
    rows = [row(7, "4.2.2"), row(8), row(7, "4.4.1"), row(7, "5.1.1"), row(7, "5.7.1", id_send=2)]
    assert states(rows) == ([rows[1], rows[3], rows[4]], 2)


def test_rows_without_message_are_never_merged():
    """Without ID_SEND_MESSAGE nothing tells whether two rows are of one message: both stay."""
    assert states([row(None), row(None)]) == ([row(None), row(None)], 0)


class Unpicklable(tzinfo):
    """A time zone of a caller's own."""

    def __init__(self, offset):
        self.offset = offset

    def utcoffset(self, date):
        return self.offset

    def __reduce__(self):
        raise TypeError


def test_row_comes_back_as_it_was():
    """Whatever is in a row comes back, a lone surrogate and a large number too."""
    extra = {"X": [1 << 70, 1.5, None, b"\xff", {"Y": True}]}
    whole = Bounce(1 << 70, "\ud800", 1 << 65, -1, 7, datetime(2024, 3, 1, 8, 30, 1, 5), "a", "b", "c", "d", extra)
    assert states([whole]) == ([whole], 0)


def test_dates_of_any_zone():
    """A date keeps its moment and its clock; a zone that says nothing is none."""
    zone = Unpicklable(timedelta(hours=2))
    ((aware, silent), _) = states(
        [row(1, date=datetime(2024, 3, 1, tzinfo=zone)), row(2, date=datetime(2024, 3, 1, tzinfo=Unpicklable(None)))]
    )
    assert aware.date == datetime(2024, 3, 1, tzinfo=zone) and aware.date.tzinfo == timezone(timedelta(hours=2))
    assert silent.date == datetime(2024, 3, 1) and silent.date.tzinfo is None


@given(
    st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.integers(0, 3), st.integers(1, 2))),
    st.integers(1, 4),
)
def test_property_as_a_dict_would(monkeypatch_batch, some, batch):
    """For any rows: those without a message, then the last of each message in the order of the rows."""
    newest._BATCH = batch
    rows = [row(message, str(status), id_send) for message, status, id_send in some]
    last = {(one.id_send, one.id_send_message): number for number, one in enumerate(rows)}
    expected = [one for one in rows if one.id_send_message is None]
    expected += [
        one
        for number, one in enumerate(rows)
        if one.id_send_message is not None and last[one.id_send, one.id_send_message] == number
    ]
    assert states(rows) == (expected, len(rows) - len(expected))


@pytest.fixture(scope="module")
def monkeypatch_batch():
    """The size of a batch is put back."""
    before = newest._BATCH
    yield
    newest._BATCH = before


def test_summary_counts_messages():
    """A report read twice, a status changed in between: two messages are two bounces, not four."""
    first = [row(1, "4.2.2"), row(2)]
    again = [row(1, "5.1.1"), row(2)]
    result = summarize(first + again, sent=2, once=True)
    assert (result.bounces, result.repeated, result.by_status, result.hints) == (2, 2, {"5.1.1": 2}, [])
    assert summarize(first + again, sent=2).bounces == 4
    assert summarize(first + again).repeated == 0


def test_closed_before_its_end():
    """What was closed does not look finished, and one that is dropped says nothing."""
    left = NewestStates([row(1), row(2)])
    next(left)
    left.close()
    left.close()
    with pytest.raises(LocalError, match="closed database"):
        next(left)
    dropped = NewestStates([row(1), row(2)])
    next(dropped)
    del dropped
    gc.collect()
    NewestStates.__new__(NewestStates).__del__()


def test_rows_that_break_off():
    """An exception of the rows passes as it is."""

    def rows():
        yield row(1)
        raise RuntimeError("half")

    with pytest.raises(RuntimeError, match="half"):
        summarize(rows(), once=True)


def test_no_room(monkeypatch):
    """Where the temporary file cannot be written, this machine is at fault."""
    monkeypatch.setattr(newest, "temporary_database", full_database)
    with pytest.raises(LocalError, match="temporary file: database or disk is full") as caught:
        summarize(map(row, range(5000)), once=True)
    assert caught.value.__context__ is None


def test_database_of_the_callers_that_fails():
    """Rows may come from a database of the caller's: what that says is the caller's own."""
    error = sqlite3.OperationalError("database is locked")

    def rows():
        yield row(1)
        raise error

    with pytest.raises(sqlite3.OperationalError) as caught:
        summarize(rows(), once=True)
    assert caught.value is error
