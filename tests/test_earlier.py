"""Rows stored and read back: each format gives what it holds, SQLite twice is once, nothing else is taken for rows."""
import os
import sqlite3
import stat
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc._earlier import read_rows
from mailkit_xmlrpc._output import render
from mailkit_xmlrpc._sqlite import store
from mailkit_xmlrpc._streams import UsageError

ROWS = [
    Bounce(123456, "a@example.com", 1, None, 1 << 62, datetime(2024, 3, 1, 8, 30), "5.1.1", "permanent", "bad-mailbox",
           'quoted "text", and\ttab', {"X": [1, 2.5, None, b"\x00\xff", {"Y": True}]}),
    Bounce(123457, "=cmd@example.com", None, 2, None, None, "", "", "", "-1\u2028\x1b[31m", {}),
    Bounce(123457, "c@example.com", None, None, None, datetime(2024, 3, 1, tzinfo=timezone(timedelta(hours=-2.5))),
           "4.2.2", "", "", "Schr\xe1nka", {}),
]  # fmt: skip


def written(tmp_path, rows, output, **options):
    path = tmp_path / "rows"
    path.write_bytes("".join(render(rows, output, **options)).encode("utf-8"))
    return str(path)


def database(tmp_path):
    return str(tmp_path / "bounces.db")


@pytest.mark.parametrize("output", ["json", "jsonl"])
@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []], ids=["three", "one", "none"])
def test_json_comes_back(tmp_path, output, rows):
    """JSON and JSON lines give back the very same rows."""
    assert list(read_rows(written(tmp_path, rows, output))) == rows


@pytest.mark.parametrize("output", ["csv", "tsv"])
def test_cells_come_back(tmp_path, output):
    """CSV and TSV give back the rows; the apostrophe that guards a cell is off, an escape stays."""
    back = list(read_rows(written(tmp_path, ROWS, output)))
    assert [row.email for row in back] == [row.email for row in ROWS]
    assert [row.date for row in back] == [row.date for row in ROWS]
    assert [row.id_send_message for row in back] == [1 << 62, None, None]
    assert back[1].reason == "-1\\u2028\\x1b[31m"
    assert back[0].extra == ROWS[0].extra
    assert list(read_rows(written(tmp_path, [], output))) == []


def test_some_columns_come_back(tmp_path):
    """Columns that were not asked for are empty."""
    (row,) = read_rows(written(tmp_path, ROWS[:1], "csv", columns=["email", "status", "kind"]))
    assert row == Bounce(0, "a@example.com", None, None, None, None, "5.1.1", "", "", "")


def test_array_on_one_line(tmp_path):
    """JSON that another tool has written anew on one line is read too; so is a byte order mark."""
    path = tmp_path / "rows"
    path.write_text('\ufeff[{"email": "a@example.com"}, {"email": "b@example.com", "id_send": 7}]', encoding="utf-8")
    assert [(row.email, row.id_send) for row in read_rows(str(path))] == [("a@example.com", 0), ("b@example.com", 7)]


def test_sqlite_comes_back(tmp_path):
    """SQLite gives back the very same rows."""
    path = database(tmp_path)
    store(iter(ROWS), path)
    assert list(read_rows(path)) == ROWS
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_sqlite_twice_is_once(tmp_path):
    """The same rows stored again, also in another order, are there once."""
    path = database(tmp_path)
    store(ROWS, path)
    store(ROWS[::-1] + ROWS, path)
    assert list(read_rows(path)) == ROWS


def test_sqlite_equal_key_other_content(tmp_path):
    """A row with the same message and another content is one of its own: nothing is overwritten."""
    path = database(tmp_path)
    first = Bounce(1, "a@example.com", None, None, 7, None, "4.2.2", "", "", "")
    later = Bounce(1, "a@example.com", None, None, 7, None, "5.1.1", "", "", "")
    store([first], path)
    store([first, later], path)
    assert list(read_rows(path)) == [first, later]
    keys = sqlite3.connect(path)
    assert keys.execute("SELECT key FROM bounces").fetchall() == [("1/7",), ("1/7",)]
    keys.close()


def test_sqlite_order_of_members_means_nothing(tmp_path):
    """The same row is there once even if its unknown members came in another order."""
    path = database(tmp_path)
    for extra in ({"X": [{"A": 1, "B": 2}], "Y": 3}, {"Y": 3, "X": [{"B": 2, "A": 1}]}):
        store([Bounce(1, "a@example.com", None, None, None, None, "", "", "", "", extra)], path)
    assert len(list(read_rows(path))) == 1


def test_sqlite_without_message_is_by_content(tmp_path):
    """Without ID_SEND_MESSAGE the content tells rows apart."""
    path = database(tmp_path)
    rows = [Bounce(1, email, None, None, None, None, "", "", "", "") for email in ("a", "b", "a")]
    store(rows, path)
    assert [row.email for row in read_rows(path)] == ["a", "b"]


def test_sqlite_lone_surrogate(tmp_path):
    """What cannot be stored as text becomes an escape."""
    path = database(tmp_path)
    store([Bounce(1, "\ud800\x00", None, None, None, None, "", "", "", "")], path)
    assert [row.email for row in read_rows(path)] == ["\\ud800\x00"]


def test_sqlite_all_or_nothing(tmp_path):
    """Rows that break off leave the file as it was, and leave none where there was none."""
    def half():
        yield ROWS[0]
        raise RuntimeError("half")

    def nothing():
        raise RuntimeError("none")
        yield

    path = database(tmp_path)
    for rows in (half, nothing):
        with pytest.raises(RuntimeError):
            store(rows(), path)
        assert os.listdir(str(tmp_path)) == []
    store(ROWS[1:], path)
    with pytest.raises(RuntimeError):
        store(half(), path)
    assert list(read_rows(path)) == ROWS[1:]


def test_sqlite_file_that_is_none(tmp_path):
    """A file that is no database stays as it is; a database of others is not read."""
    path = tmp_path / "rows"
    path.write_text("precious")
    with pytest.raises(UsageError, match="cannot be written"):
        store(ROWS, str(path))
    assert path.read_text() == "precious"
    other = database(tmp_path)
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE x (y)")
    connection.commit()
    connection.close()
    with pytest.raises(UsageError, match="cannot be read"):
        list(read_rows(other))


@pytest.mark.parametrize(
    "content",
    [
        b"hello", b"{", b"[\n{\n", b'[\n{"email": "a"}\n', b'{"email": 1}', b'{"email": "a", "id_send": "1"}', b"{}",
        b'{"email": "a", "date": "1.3.2024"}', b'{"email": "a", "date": "2024-02-30T00:00:00"}', b"\xff\xfe",
        b'{"email": "a", "extra": []}', b'[1]', b'{"email": "a", "id_send": true}', b"a,b\n1\n",
        b"x,y\n1,2\n", b"email,status\n1\n",
        b'email,id_send\na,x\n', b'email,extra\na,{\n', b'email\n"a', b"[" * 100000, b'{"email": "a", "date": 5}',
        b'{"email": "a", "extra": {"x": {"$bytes": "?"}}}',
    ],
)  # fmt: skip
def test_file_that_is_none(tmp_path, content):
    """What fetch did not write is refused, with what was read so far; nothing is guessed."""
    path = tmp_path / "rows"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"not what fetch writes \(after [01] rows\)"):
        list(read_rows(str(path)))


def test_file_that_cannot_be_read(tmp_path):
    """A file that is not there is told as such."""
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        list(read_rows(str(tmp_path / "none")))


def test_rows_stop_early(tmp_path):
    """Whoever wants no more rows leaves no file open."""
    rows = read_rows(written(tmp_path, ROWS, "jsonl"))
    next(rows)
    rows.close()


plain = st.none() | st.booleans() | st.integers(-(1 << 63), 1 << 63) | st.text() | st.binary(max_size=5)
TEXT = st.text(st.characters(blacklist_categories=("Cs",)))


@given(
    st.lists(st.builds(
        Bounce, st.integers(1, 9), TEXT, st.none() | st.integers(0, 1 << 62), st.none(), st.none() | st.integers(0, 9),
        st.none() | st.datetimes().map(lambda date: date.replace(microsecond=0, fold=0)), TEXT, TEXT, TEXT, TEXT,
        st.dictionaries(TEXT.filter(lambda name: name != "$bytes"), plain, max_size=2),
    ), max_size=5)
)  # fmt: skip
def test_any_rows_come_back(tmp_path_factory, rows):
    """Whatever rows hold, JSON lines and SQLite give it back."""
    folder = tmp_path_factory.mktemp("rows")
    assert list(read_rows(written(folder, rows, "jsonl"))) == rows
    path = database(folder)
    store(rows, path)
    back = list(read_rows(path))
    assert [row for row in back if row not in rows] == [row for row in rows if row not in back] == []
    assert len(back) <= len(rows)
