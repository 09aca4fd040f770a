"""The bounce report in the JSON form: rows made whole columns at a time are those made one by one."""

import json
import tracemalloc
from datetime import timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import MailkitError, UnexpectedShapeError
from mailkit_xmlrpc.protocol.calls import BouncesCall
from mailkit_xmlrpc.protocol.fields import bounce_from_struct
from mailkit_xmlrpc.protocol.json.report import ReportReader

NAMES = (
    "EMAIL",
    "ID_EMAIL",
    "ID_USER_LIST",
    "ID_SEND_MESSAGE",
    "DATE",
    "STATUS",
    "EMAIL_STATUS",
    "BOUNCE_CAT",
    "REASON",
)
REGULAR = {
    "EMAIL": "a@example.com",
    "ID_EMAIL": "5",
    "ID_USER_LIST": "",
    "ID_SEND_MESSAGE": "123456789012345678",
    "DATE": "2014-12-23 12:36:02",
    "STATUS": "5.1.1",
    "EMAIL_STATUS": "permanent",
    "BOUNCE_CAT": "",
    "REASON": "&lt;",
}


def read(objects, tz=None, size=1 << 18):
    """The rows that the reader makes."""
    reader = ReportReader(BouncesCall(7), tz)
    body = json.dumps(objects).encode("ascii")
    rows = []
    for at in range(0, len(body), size):
        rows += reader.feed(body[at : at + size])
    rows += reader.close()
    assert reader.rows == len(rows)
    return rows


def one_by_one(objects, tz=None):
    """The rows that the table of conversion says."""
    return [bounce_from_struct(item, 7, tz, row) for row, item in enumerate(objects)]


VALUES = st.one_of(
    st.sampled_from(
        [
            "",
            "5",
            " 5",
            "+5",
            "1_0",
            "\u0665",
            "x\n5",
            "5\n6",
            "9" * 19,
            "5.1",
            "2014-12-23 12:36:02",
            "2014-12-23",
            "&lt;",
            "2014-02-30 12:00:00",
            "0000-00-00 00:00:00",
            "2014-12-23T12:36:02",
            "2014-12-23 12:36:02\n",
            "\U0001f600",
        ]
    ),
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=4),
    st.sampled_from([None, 5, 5.5, True, [], {}, ["x"]]),
)
ROWS = st.lists(
    st.one_of(
        st.just(REGULAR),
        st.tuples(st.sampled_from(NAMES + ("X", "email")), VALUES).map(lambda pair: dict(REGULAR, **dict([pair]))),
        st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1),
    ),
    max_size=100,
)


@given(ROWS, st.sampled_from([None, timezone.utc]))
def test_columns_give_what_rows_give(rows, tz):
    """Whatever stands in a report, both ways make the same of it, the types of the values included."""
    ours, theirs = read(rows, tz), one_by_one(rows, tz)
    assert ours == theirs
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("place", [0, 63, 64, 150])
@pytest.mark.parametrize(
    "other", ["x", 5, None, [], {}, ["EMAIL", "x"], {"X": "1"}, {"X": "1", "Y": "2"}, {name: [] for name in ("X", "Y")}]
)
def test_what_is_no_row_is_named(other, place):
    """An item that is no row is told by its number, wherever it stands."""
    rows = [REGULAR] * 151
    rows[place] = other
    with pytest.raises(UnexpectedShapeError, match="row {} ".format(place)):
        read(rows)


def test_of_two_errors_the_first():
    """A bad row counts before what cannot be read behind it."""
    reader = ReportReader(BouncesCall(7))
    with pytest.raises(UnexpectedShapeError, match="row 1 "):
        reader.feed(b'[{"EMAIL": "a"}, 5, nonsense]')
    reader = ReportReader(BouncesCall(7))
    with pytest.raises(MailkitError, match="row 2 "):
        reader.feed(b'[{"EMAIL": "a"}, {"EMAIL": "b"}, nonsense]')


def test_numbers_as_they_were_sent():
    """A text is the literal of a number, whatever else is in its run of rows; as an id or in extra it is the number."""
    whole = '[{{"EMAIL": "a"}}, {{"STATUS": {0}, "REASON": "{0}", "ID_EMAIL": {0}, "X": [{0}], "Y": {0}}}{1}]'
    for literal, value in (("-0", 0), ("5.10", 5.1), ("1e5", 1e5), ("0", 0), ("5.09999999999999964473", 5.1)):
        for more in ("", ', {"EMAIL": "b", "Z": []}', ', {"EMAIL": 5, "Z": null}'):
            reader = ReportReader(BouncesCall(7))
            row = (reader.feed(whole.format(literal, more).encode("ascii")) + reader.close())[1]
            assert row.status == ("5.1" if len(literal) > 18 else literal)
            assert row.reason == literal
            assert (type(row.extra["Y"]), row.extra["Y"]) == (type(value), value)
            assert (type(row.extra["X"][0]), row.extra["X"]) == (type(value), [value])
            assert row.id_email == (value if value == int(value) else None)


def test_constant_memory():
    """Reading takes as much memory for ten times as many rows, if the rows are let go."""

    def peak(pieces):
        reader = ReportReader(BouncesCall(7))
        piece = ("," + json.dumps([dict(REGULAR, REASON=str(number)) for number in range(300)])[1:-1]).encode("ascii")
        tracemalloc.start()
        try:
            reader.feed(b"[" + piece[1:])
            for _ in range(pieces):
                reader.feed(piece)
            reader.feed(b"]")
            reader.close()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)
    assert peak(40) < 1.3 * peak(4)
