"""The database of -o sqlite beside others: no lock while the network is waited for, and nothing left of a failure."""

import os
import signal
import sqlite3
from contextlib import contextmanager

import pytest

from mailkit_xmlrpc import Bounce, LocalError
from mailkit_xmlrpc.cli.errors import UsageError
from mailkit_xmlrpc.cli.formats import database
from mailkit_xmlrpc.cli.formats.database import store
from mailkit_xmlrpc.cli.saved import read_rows
from mailkit_xmlrpc.sync import sqlite

resource = pytest.importorskip("resource", reason="there are no limits of the process to set here")


def rows(count, reason=""):
    return [Bounce(7, "{}@example.com".format(n), None, None, n, None, "5.1.1", "", "", reason) for n in range(count)]


def test_no_lock_while_rows_are_waited_for(tmp_path):
    """Another program stores between two rows of ours: neither waits for the other, and both are there."""
    path = str(tmp_path / "x.db")

    def slowly():
        yield rows(1)[0]
        store([Bounce(8, "", None, None, 1, None, "", "", "", "")], path)
        yield rows(3)[2]

    store(slowly(), path)
    assert sorted((row.id_send, row.id_send_message) for row in read_rows(path)) == [(7, 0), (7, 2), (8, 1)]


def test_locked_for_too_long(tmp_path, monkeypatch):
    """A database that another program keeps locked is this machine's matter (6), and no usage."""
    path = str(tmp_path / "x.db")
    store(rows(1), path)
    monkeypatch.setattr(sqlite, "_SECONDS", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LocalError, match="-O {} cannot be written: database is locked".format(path)):
        store(rows(2), path)
    with pytest.raises(LocalError, match="--from {} cannot be read: database is locked".format(path)):
        list(read_rows(path))
    other.close()
    assert len(list(read_rows(path))) == 1


@contextmanager
def full_disk():
    """``with full_disk() as limit: limit(bytes)``: no file may grow beyond that, the test runner's own neither."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        yield lambda limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("older", [True, False])
def test_write_error(tmp_path, monkeypatch, older):
    """Where the disk fails, this machine is at fault; an older database stays as it was, and no journal is left."""
    path = str(tmp_path / "x.db")
    if older:
        store(rows(5), path)
    store_reports = database.store_reports

    def then_full(*arguments):
        # What waits in a temporary file has room.
        limit(20000)
        return store_reports(*arguments)

    monkeypatch.setattr(database, "store_reports", then_full)
    with full_disk() as limit, pytest.raises(LocalError, match="-O {} cannot be written: ".format(path)):
        store(rows(3000, "x" * 100), path)
    assert os.listdir(str(tmp_path)) == (["x.db"] if older else [])
    if older:
        assert len(list(read_rows(path))) == 5


def test_no_room_for_what_waits(tmp_path):
    """Where the temporary file has no room, the database is not touched."""
    path = str(tmp_path / "x.db")
    with full_disk() as limit, pytest.raises(LocalError, match="-O {} cannot be written: ".format(path)):
        limit(20000)
        store(rows(200000, "x" * 200), path)
    assert os.listdir(str(tmp_path)) == []


def test_directory_that_went_away(tmp_path):
    """A path where no file can be made is named."""
    with pytest.raises(LocalError, match="none/x.db cannot be written: No such file or directory"):
        store(rows(1), str(tmp_path / "none" / "x.db"))


def test_database_that_is_not_ours(tmp_path):
    """Another kind of file, or of table, is the user's matter."""
    path = str(tmp_path / "x.db")
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE mailkit_bounce (email)")
    database.close()
    with pytest.raises(UsageError, match="-O {} cannot be written: (has no column named|no such column)".format(path)):
        store(rows(1), path)


def test_database_in_wal_mode(tmp_path):
    """A database whose pages are still beside it is whole."""
    path = str(tmp_path / "x.db")
    database = sqlite3.connect(path, isolation_level=None)
    assert database.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    store(rows(500), path)
    assert len(list(read_rows(path))) == 500
    database.close()
