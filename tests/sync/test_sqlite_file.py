"""Reports written into a file of SQLite on the bare install: the same table as ``sync`` writes, by the same code."""

import os
import sqlite3
import stat
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce, ConfigurationError, LocalError
from mailkit_xmlrpc.sync.collected import Reports, report_of
from mailkit_xmlrpc.sync.sqlite import StoredRows, store_reports
from mailkit_xmlrpc.sync.writer import Counts


def bounce(message, reason="", minute=0):
    return Bounce(7, "a@example.com", None, None, message, datetime(2024, 3, 1, 8, minute), "5.1.1", "", "", reason)


def write(path, *reports, wanted=None):
    """Write reports, each of a delivery of its own from 7 on; return what became of their rows."""
    return store_reports(str(path), ((7 + number, report_of(report, wanted)) for number, report in enumerate(reports)))


def rows(
    path, query="SELECT message_key, reason FROM mailkit_bounce WHERE gone_at IS NULL ORDER BY id_send, message_key"
):
    database = sqlite3.connect(str(path))
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bounces.db"


def test_rows_are_brought_up_to_date(path):
    """Read again, a row that changed is updated and not added, and one that is there no more is gone."""
    assert write(path, [bounce(1), bounce(2)], [bounce(1)]) == [Counts(new=2), Counts(new=1)]
    assert write(path, [bounce(2, "changed"), bounce(3)]) == [Counts(new=1, changed=1, gone=1)]
    assert rows(path) == [("2", "changed"), ("3", ""), ("1", "")]
    assert len(rows(path, "SELECT 1 FROM mailkit_bounce")) == 4
    assert stat.S_IMODE(os.stat(str(path)).st_mode) == 0o600


def test_filters_decide_nothing_about_others(path):
    """With filters nothing is gone; the keys are those of the whole report, and rows seen are said to be seen."""
    write(path, [bounce(1, "soft", 1), bounce(1, "hard", 2), bounce(2, "soft")])
    before = dict(rows(path))
    only_hard = [bounce(1, "soft", 1), bounce(1, "hard", 2)]
    assert write(path, only_hard, wanted=lambda row: row.reason == "hard") == [Counts(unchanged=1)]
    assert dict(rows(path)) == before == {"1": "soft", "1#2": "hard", "2": "soft"}
    database = sqlite3.connect(str(path))
    with database:
        database.execute("UPDATE mailkit_bounce SET last_seen = '2020-01-01 00:00:00'")
    database.close()
    assert write(path, [], wanted=bool) == [Counts()]
    assert write(path, only_hard, wanted=lambda row: row.reason == "hard") == [Counts(unchanged=1)]
    assert rows(path, "SELECT message_key FROM mailkit_bounce WHERE last_seen > '2024-01-01'") == [("1#2",)]


def test_all_or_nothing(path, tmp_path):
    """Where what comes raises, the file stays as it was; where there was none, there is none."""

    def half(*reports):
        for report in reports:
            yield 7, report_of(report)
        raise KeyError

    for reports in ((), ([bounce(1)],)):
        with pytest.raises(KeyError):
            store_reports(str(path), half(*reports))
    assert os.listdir(str(tmp_path)) == []
    write(path, [bounce(1)])
    with pytest.raises(KeyError):
        store_reports(str(path), half([bounce(2)]))
    assert rows(path) == [("1", "")]


def test_empty_report(path):
    """An empty report has a file too, with no rows."""
    write(path, [])
    assert rows(path) == []


def test_many_reports(path):
    """Rows of one delivery after the other are kept until all are there; those that are left out count for keys."""
    some = [bounce(1, "a"), bounce(1, "b"), bounce(2, "a")]
    reports = Reports(some + [Bounce(8, "", None, None, 1, None, "", "", "", "a")], lambda row: row.reason == "a")
    reports.empty.append(9)
    found = [(id_send, report.rows, report.is_whole, [row[0] for row in report.keyed()]) for id_send, report in reports]
    assert found == [(7, 3, False, ["1", "2"]), (8, 1, False, ["1"]), (9, 0, False, [])]
    assert len(list(reports)) == 3
    reports.close()

    def half():
        yield from some
        raise KeyError

    with pytest.raises(KeyError):
        Reports(half())


def test_file_that_is_none(path):
    """A file that is no database stays as it is, whoever wants to write or to read it."""
    path.write_bytes(b"precious" * 100)
    for use in (lambda: write(path, [bounce(1)]), lambda: list(StoredRows(str(path)))):
        with pytest.raises(ConfigurationError, match="^file is not a database$"):
            use()
    assert path.read_bytes() == b"precious" * 100


def test_database_of_others(path):
    """A database without our table cannot be read; one of an older ``fetch`` says so."""
    for statement, words in (("CREATE TABLE x (y)", "no such table"), ("CREATE TABLE bounces (key)", "never released")):
        database = sqlite3.connect(str(path))
        with database:
            database.execute(statement)
        database.close()
        with pytest.raises(ConfigurationError, match=words):
            list(StoredRows(str(path)))


def test_another_version(path):
    """A database of another version of the tables is left alone."""
    write(path, [bounce(1)])
    database = sqlite3.connect(str(path))
    with database:
        database.execute("INSERT INTO mailkit_schema VALUES (2)")
    database.close()
    with pytest.raises(ConfigurationError, match="have version 2, and this package writes version 1"):
        write(path, [bounce(2)])


def test_folder_that_is_none(tmp_path):
    """A database that cannot be opened is this machine's fault, told without what is in it."""
    with pytest.raises(LocalError, match="^(unable to open database file|it failed .OperationalError.); "):
        StoredRows(str(tmp_path / "none" / "x.db"))


def test_database_that_fails(path, monkeypatch):
    """What SQLite says of a row is not shown."""
    write(path, [bounce(1)])
    database = sqlite3.connect(str(path))
    with database:
        database.execute("CREATE TRIGGER t BEFORE INSERT ON mailkit_bounce BEGIN SELECT RAISE(ABORT, 's3cret'); END")
    database.close()
    with pytest.raises(LocalError) as caught:
        write(path, [bounce(2)])
    assert str(caught.value).startswith("it failed (IntegrityError); ")


def test_rows_come_back(path):
    """Each message comes back once, in its newest state; gone ones and older states are counted."""
    write(path, [bounce(1, "soft", 1), bounce(1, "hard", 2), bounce(2), bounce(None, "a"), bounce(None, "a")])
    write(path, [bounce(1, "soft", 1), bounce(1, "hard", 2), bounce(None, "a"), bounce(None, "a")])
    stored = StoredRows(str(path))
    assert sorted(row.reason for row in stored) == ["a", "a", "hard"]
    assert (stored.gone, stored.repeated) == (1, 1)
    early = StoredRows(str(path))
    next(early)
    early.close()
    early.close()


def test_sync_is_told_of_changes(path):
    """Where ``sync`` writes the same file, it learns that a delivery's rows are not those that it wrote."""
    write(path, [bounce(1)])
    database = sqlite3.connect(str(path))
    with database:
        database.execute("CREATE TABLE mailkit_delivery (id_send, fingerprint)")
        database.executemany("INSERT INTO mailkit_delivery VALUES (?, 'x')", [(7,), (8,)])
    database.close()
    write(path, [bounce(2)])
    assert rows(path, "SELECT * FROM mailkit_delivery") == [(7, None), (8, "x")]


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.none() | st.integers(0, 12), st.sampled_from("abc"), st.integers(0, 3)), max_size=15),
            st.sampled_from([None, "a", "b"]),
        ),
        max_size=5,
    )
)
def test_any_reports(tmp_path_factory, reports):
    """After any reports, whole or filtered, the table holds what a plain bookkeeping of them gives."""
    path = tmp_path_factory.mktemp("any") / "bounces.db"
    books = {}
    for report, only in reports:
        wanted = None if only is None else (lambda row, only=only: row.reason == only)
        given_rows = [bounce(*row) for row in report]
        (counts,) = write(path, given_rows, wanted=wanted)
        told = {}
        seen = {}
        for row in sorted(given_rows, key=lambda row: row.date):
            name = row.id_send_message, (row.reason, row.date) if row.id_send_message is None else None
            seen[name] = seen.get(name, 0) + 1
            told[name, seen[name]] = row.reason, row.date
        shown = {name: row for name, row in told.items() if only in (None, row[0])}
        new = sum(name not in books for name in shown)
        changed = sum(name in books and books[name] != row for name, row in shown.items())
        gone = sum(row is not None and name not in told for name, row in books.items()) if only is None else 0
        assert counts == Counts(new, changed, len(shown) - new - changed, gone)
        if only is None:
            books.update((name, None) for name in books if name not in told)
        books.update(shown)
    present = sorted((row for row in books.values() if row is not None), key=str)
    if path.exists():
        found = rows(path, "SELECT reason, date_text FROM mailkit_bounce WHERE gone_at IS NULL")
        assert sorted(found) == sorted((reason, date.isoformat()) for reason, date in present)
