"""A database of each kind, and a job on it."""

import contextlib

import pytest

from mailkit_xmlrpc import MailkitClient
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.simulator import Simulator
from tests.support import databases
from tests.support.nights import Nights


@contextlib.contextmanager
def _found(kind, folder):
    try:
        with databases.database(kind, folder) as url:
            yield url
    except databases.Missing as missing:
        if databases.REQUIRED and kind in _REQUIRED:
            pytest.fail(str(missing))
        pytest.skip("a database of each kind: {}".format(missing))


#: psycopg needs a newer Python than 3.6; one driver of each server must be there
_REQUIRED = ("sqlite", "psycopg2", "pymysql")


@pytest.fixture(params=list(databases.KINDS))
def db(request, tmp_path):
    """The URL of an empty database, of each kind in turn."""
    with _found(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def sqlite_db(tmp_path):
    """The URL of an empty database of SQLite."""
    with _found("sqlite", tmp_path) as url:
        yield url


@pytest.fixture
def nights(db):
    """A job on each kind of database in turn; see :class:`Nights`."""
    with _nights(db) as made:
        yield made


@pytest.fixture
def sqlite_nights(sqlite_db):
    """A job on SQLite."""
    with _nights(sqlite_db) as made:
        yield made


@contextlib.contextmanager
def _nights(db):
    with Simulator(reports={}, campaigns={}) as mailkit:
        with MailkitClient(mailkit.client_id, mailkit.client_md5, url=mailkit.url, retry=None, proxy="") as client:
            with contextlib.closing(Nights(mailkit, client, db)) as made:
                yield made


@pytest.fixture
def on_database(sqlite_nights, monkeypatch, capfd):
    """``on_database(*arguments)``: exit code, standard output and error of a command on the database of the job."""
    for name in ("MAILKIT_DB_URL", "MAILKIT_DB_URL_FILE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments):
        capfd.readouterr()
        code = main(list(map(str, arguments)) + ["--db", sqlite_nights.db])
        return (code,) + tuple(capfd.readouterr())

    return run
