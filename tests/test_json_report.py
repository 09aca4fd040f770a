"""The bounce report in the JSON form: rows made whole columns at a time are those made one by one."""
import json
import tracemalloc
from datetime import timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import MailkitError, UnexpectedShapeError
from mailkit_xmlrpc._json_report import _MAX_KINDS, JsonReportReader
from mailkit_xmlrpc._normalise import bounce_from_struct

NAMES = (
    "EMAIL", "ID_EMAIL", "ID_USER_LIST", "ID_SEND_MESSAGE", "DATE", "STATUS", "EMAIL_STATUS", "BOUNCE_CAT", "REASON",
)  # fmt: skip
PLAIN = {
    "EMAIL": "a@example.com", "ID_EMAIL": "5", "ID_USER_LIST": "", "ID_SEND_MESSAGE": "123456789012345678",
    "DATE": "2014-12-23 12:36:02", "STATUS": "5.1.1", "EMAIL_STATUS": "permanent", "BOUNCE_CAT": "", "REASON": "&lt;",
}  # fmt: skip


def read(objects, tz=None, size=1 << 18):
    """The rows that the reader makes."""
    reader = JsonReportReader(7, tz, str)
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
        ["", "5", " 5", "+5", "1_0", "\u0665", "x\n5", "5\n6", "9" * 19, "5.1", "2014-12-23 12:36:02",
         "2014-12-23", "&lt;", "2014-02-30 12:00:00", "0000-00-00 00:00:00", "2014-12-23T12:36:02",
         "2014-12-23 12:36:02\n", "\U0001f600"]
    ),
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=4),
    st.sampled_from([None, 5, 5.5, True, [], {}, ["x"]]),
)  # fmt: skip
ROWS = st.lists(
    st.one_of(
        st.just(PLAIN),
        st.tuples(st.sampled_from(NAMES + ("X", "email")), VALUES).map(lambda pair: dict(PLAIN, **dict([pair]))),
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
    "odd", ["x", 5, None, [], {}, ["EMAIL", "x"], {"X": "1"}, {"X": "1", "Y": "2"}, {name: [] for name in ("X", "Y")}]
)
def test_what_is_no_row_is_named(odd, place):
    """An item that is no row is told by its number, wherever it stands."""
    rows = [PLAIN] * 151
    rows[place] = odd
    with pytest.raises(UnexpectedShapeError, match="row {} ".format(place)):
        read(rows)


def test_of_two_errors_the_first():
    """A bad row counts before what cannot be read behind it."""
    reader = JsonReportReader(7, None, str)
    with pytest.raises(UnexpectedShapeError, match="row 1 "):
        reader.feed(b'[{"EMAIL": "a"}, 5, nonsense]')
    reader = JsonReportReader(7, None, str)
    with pytest.raises(MailkitError, match="row 2 "):
        reader.feed(b'[{"EMAIL": "a"}, {"EMAIL": "b"}, nonsense]')


def test_many_kinds_of_rows():
    """More kinds of rows than are remembered are read all the same."""
    kinds = [{"EMAIL": "a@example.com", "X{}".format(number): "x"} for number in range(2 * _MAX_KINDS)]
    rows = [kind for kind in kinds for _ in range(64)]
    assert read(rows) == one_by_one(rows)


def test_constant_memory():
    """Reading takes as much memory for ten times as many rows, if the rows are let go."""

    def peak(pieces):
        reader = JsonReportReader(7, None, str)
        piece = ("," + json.dumps([dict(PLAIN, REASON=str(number)) for number in range(300)])[1:-1]).encode("ascii")
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
