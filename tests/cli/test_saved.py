"""Rows stored and read back: each format gives what it holds, SQLite twice is once, nothing else is taken for rows."""

import os
import sqlite3
import stat
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.cli.errors import UsageError
from mailkit_xmlrpc.cli.formats import render
from mailkit_xmlrpc.cli.formats.base import LeftOut
from mailkit_xmlrpc.cli.formats.columns import TABLE_COLUMNS
from mailkit_xmlrpc.cli.formats.database import store
from mailkit_xmlrpc.cli.saved import read_rows
from tests.cli.given import run

ROWS = [
    Bounce(
        123456,
        "a@example.com",
        1,
        None,
        1 << 62,
        datetime(2024, 3, 1, 8, 30),
        "5.1.1",
        "permanent",
        "bad-mailbox",
        'quoted "text", and\ttab',
        {"X": [1, 2.5, None, b"\x00\xff", {"Y": True}]},
    ),
    Bounce(123457, "=cmd@example.com", None, 2, None, None, "", "", "", "-1\u2028\x1b[31m", {}),
    Bounce(
        123457,
        "c@example.com",
        None,
        None,
        None,
        datetime(2024, 3, 1, tzinfo=timezone(timedelta(hours=-2.5))),
        "4.2.2",
        "",
        "",
        "Schr\xe1nka",
        {},
    ),
]


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
    assert list(read_rows(written(tmp_path, rows, output), allow_empty=True)) == rows


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
    assert sorted(read_rows(path), key=lambda row: row.email) == sorted(ROWS, key=lambda row: row.email)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_sqlite_twice_is_once(tmp_path):
    """The same rows stored again, also in another order, are there once."""
    path = database(tmp_path)
    rows = [Bounce(1, email, None, None, None, None, "", "", "", "") for email in "abc"]
    assert [store(rows, path), store(rows[::-1], path)] == [3, 3]
    assert sorted(row.email for row in read_rows(path)) == ["a", "b", "c"]


def test_sqlite_is_brought_up_to_date(tmp_path):
    """Read again, a row that changed is updated, and what the report has no more is gone; with filters nothing is."""
    path = database(tmp_path)
    rows = [Bounce(1, "a@example.com", None, None, number, None, "4.2.2", "", "", "") for number in range(4)]
    later = Bounce(1, "a@example.com", None, None, 1, None, "5.1.1", "", "", "")
    store(rows, path)
    assert store([rows[0], later], path, wanted=lambda row: row.status == "5.1.1") == 1
    assert [row.status for row in read_rows(path)] == ["4.2.2", "5.1.1", "4.2.2", "4.2.2"]
    left_out = LeftOut()
    store([rows[0], later], path)
    assert list(read_rows(path, left_out=left_out)) == [rows[0], later]
    assert (left_out.gone, left_out.repeated) == (2, 0)
    store([], path, empty=[1])
    assert list(read_rows(path)) == []


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
    assert sorted(row.email for row in read_rows(path)) == ["a", "a", "b"]  # as many as the report has


def test_sqlite_lone_surrogate(tmp_path):
    """What other databases could not store comes back as it was."""
    path = database(tmp_path)
    store([Bounce(1, "\ud800\x00", None, None, None, None, "", "", "", "")], path)
    assert [row.email for row in read_rows(path)] == ["\ud800\x00"]


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
    assert len(list(read_rows(path))) == 2


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
        b"hello",
        b"{",
        b"[\n{\n",
        b'[\n{"email": "a"}\n',
        b'{"email": 1}',
        b'{"email": "a", "id_send": "1"}',
        b"{}",
        b'{"email": "a", "date": "1.3.2024"}',
        b'{"email": "a", "date": "2024-02-30T00:00:00"}',
        b"\xff\xfe",
        b'{"email": "a", "extra": []}',
        b"[1]",
        b'{"email": "a", "id_send": true}',
        b"a,b\n1\n",
        b"x,y\n1,2\n",
        b"email,status\n1\n",
        b"email,id_send\na,x\n",
        b"email,extra\na,{\n",
        b'email\n"a',
        b"[" * 100000,
        b'{"email": "a", "date": 5}',
        b'{"email": "a", "extra": {"x": {"$bytes": "?"}}}',
        b'{"email": "a", "extra": {"$bytes": "AA=="}}',
        b'["email"]',
        b'["email", {"email": "a"}]',
        b"[]\n[]\n",
        b'[\n{"email": "a"}\n]\n{"email": "a"}\n',
        b"[\n",
        b"email,email\na,b\n",
        b"\n",
        b"email",
        b"email\na",
        b'"email',
        b"[\n]\n]\n",
    ],
)
def test_file_that_is_none(tmp_path, content):
    """What fetch did not write is refused, with what was read so far; nothing is guessed."""
    path = tmp_path / "rows"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"not what fetch writes, or|(not what .*|cut off) after row [01]"):
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
    st.lists(
        st.builds(
            Bounce,
            st.integers(1, 9),
            TEXT,
            st.none() | st.integers(0, 1 << 62),
            st.none(),
            st.none() | st.integers(0, 9),
            st.none() | st.datetimes().map(lambda date: date.replace(microsecond=0, fold=0)),
            TEXT,
            TEXT,
            TEXT,
            TEXT,
            st.dictionaries(TEXT | st.just("$bytes"), plain | st.dictionaries(st.just("$bytes"), plain), max_size=2),
        ),
        max_size=5,
    )
)
def test_any_rows_come_back(tmp_path_factory, rows):
    """Whatever rows hold, JSON lines and SQLite give it back."""
    rows.sort(key=lambda row: row.id_send)  # of one delivery after the other
    folder = tmp_path_factory.mktemp("rows")
    assert list(read_rows(written(folder, rows, "jsonl"), allow_empty=True)) == rows
    path = database(folder)
    store(rows, path)
    back = list(read_rows(path))
    assert [row for row in back if row not in rows] == []
    for row in rows:
        same = [other for other in rows if (other.id_send, other.id_send_message) == (row.id_send, row.id_send_message)]
        assert any(other in back for other in same)
    assert len(back) <= len(rows)  # each message once


def test_table_is_not_read_back(capfd, tmp_path):
    """What a person would try: the error says that a table is none of the formats."""
    path = tmp_path / "bounces.txt"
    path.write_text("".join(render([], "table", columns=TABLE_COLUMNS)))
    err = run(capfd, "summary", "--from", path, code=2).err
    words = "is not what fetch writes, or it is cut off, or it is a table, which is not read back\n"
    assert err == "mailkit-bounces: --from {} {}".format(path, words)
