"""A database by its URL: opened and checked, its tables made, its transactions repeated where it takes them back.

This module needs SQLAlchemy.
"""

import contextlib
import os
import random
import re
import time
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Callable, List, Optional, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.pool import NullPool

from ..exceptions import ConfigurationError
from ..exceptions.redact import printable
from .database_errors import errors, is_repeatable
from .result import Tell
from .sqlite import VERSION, check_version
from .tables import Tables, ddl, tables

if TYPE_CHECKING:
    import sqlite3

Result = TypeVar("Result")

_URL = re.compile("[A-Za-z0-9_+]+://")
#: what is neither a URL nor a file's name, but a URL with something wrong in it: then it may hold a password
_LIKE_A_URL = re.compile("[A-Za-z0-9_+-]{2,}:/|..+:.*@|.*(?:://|[?&][a-z_]+=)", re.DOTALL)
#: module of a driver -> what pip knows it as; a URL of PostgreSQL or MariaDB says +psycopg, +psycopg2 or +pymysql
_PACKAGES = {
    "MySQLdb": "mysqlclient (or PyMySQL, for a URL that begins with mysql+pymysql)",
    "psycopg": "'psycopg[binary]' (or psycopg2-binary, for a URL that begins with postgresql+psycopg2)",
    "psycopg2": "psycopg2-binary (or 'psycopg[binary]', for a URL that begins with postgresql+psycopg)",
    "pymysql": "PyMySQL",
}
#: kind of database -> what its URL begins with, whatever the version of SQLAlchemy
_KINDS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg2",
    "mariadb": "mariadb+pymysql",
    "mysql": "mysql+pymysql",
}
_PATIENCE = 600.0  # seconds to wait for another process, or to repeat a transaction
_PAUSE = 0.05  # seconds before the first repetition, then twice as long each time
_MAX_PAUSE = 1.0
_ATTEMPTS = 5  # to make the tables while others do
# Milliseconds. SQLite waits without looking at signals: shortly for another writer, since we ask again, and longer for
# readers, since a transaction that cannot be committed is lost work.
_BUSY_AT_BEGIN = 100
_BUSY = 60000


class Database:
    """A database. ``tables`` describes our tables, whether they are there or not; ``engine`` connects."""

    def __init__(self, engine: Engine, tell: Tell = lambda text: None) -> None:
        self.engine = engine
        self._tell = tell
        self.name = engine.dialect.name
        self.tables: Tables = tables()

    def transact(self, step: "Callable[[Connection], Result]", what: str = "the database") -> Result:
        """Return what *step* does in one transaction, which is repeated where the database takes it back.

        :param what: is written; for the text that tells that another process does so, too
        :raises LocalError: the database failed, or was busy for too long
        """
        pause = _PAUSE
        end = time.monotonic() + _PATIENCE
        while True:
            with errors(self.engine):
                try:
                    with self.engine.begin() as connection:
                        return step(connection)
                except Exception as error:
                    # However long the first try took, there is a second one, and it is said.
                    if not is_repeatable(error) or pause > _PAUSE and time.monotonic() + pause > end:
                        raise
            if pause == _PAUSE:
                self._tell("{}: another process writes it; waiting".format(what))
            time.sleep(pause * random.uniform(0.5, 1))  # not all at the same time
            pause = min(2 * pause, _MAX_PAUSE)

    # --- the tables ---------------------------------------------------------------------------------------------------

    def settle(self, make: bool) -> bool:
        """Return whether the tables are there; with *make*, make those that are not.

        :raises ConfigurationError: they are those of another version, or cannot hold every text
        :raises LocalError: the database failed
        """
        self.tables = self.transact(self._described)
        missing = self.transact(self._missing)
        left = _ATTEMPTS
        while missing and make:
            left -= 1
            with errors(self.engine):
                try:
                    with self.engine.begin() as connection:
                        self.tables.metadata.create_all(connection, tables=missing)
                        # MariaDB keeps a table whose maker was killed before it made the index.
                        for index in self.tables.bounce.indexes:
                            index.create(connection, checkfirst=True)
                except sa.exc.DBAPIError:  # another process may have made one of them in the meantime
                    if not left:
                        raise
                    time.sleep(_PAUSE)
            missing = self.transact(self._missing)
        if missing:
            return False
        check_version(self.transact(self._version))
        self.transact(self._check_charset)
        return True

    def _described(self, connection: Connection) -> Tables:
        is_mysql = self.name in ("mysql", "mariadb") and not getattr(connection.dialect, "is_mariadb", False)
        if self.name == "postgresql":
            encoding = connection.execute(sa.text("SHOW server_encoding")).scalar()
            if encoding != "UTF8":
                words = "the database has the encoding {}, which cannot hold every text; make one with ENCODING 'UTF8'"
                raise ConfigurationError(words.format(encoding))
        return tables(is_mysql)

    def _missing(self, connection: Connection) -> List[sa.Table]:
        inspector = sa.inspect(connection)
        return [table for table in self.tables.metadata.sorted_tables if not inspector.has_table(table.name)]

    def _version(self, connection: Connection) -> object:
        table = self.tables.schema
        found = connection.execute(sa.select(sa.func.max(table.c.version))).scalar()
        if found is None:
            try:
                with connection.begin_nested():
                    connection.execute(table.insert().values(version=VERSION))
            except sa.exc.IntegrityError:  # another process did
                pass
            return VERSION
        return found

    def _check_charset(self, connection: Connection) -> None:
        if self.name not in ("mysql", "mariadb"):
            return
        sent = connection.execute(sa.text("SELECT @@character_set_connection")).scalar()
        if sent != "utf8mb4":
            raise ConfigurationError("the connection uses {}: add ?charset=utf8mb4 to the database's URL".format(sent))
        query = sa.text(
            "SELECT table_name, character_set_name FROM information_schema.columns WHERE table_schema = DATABASE()"
            " AND table_name LIKE 'mailkit\\_%' AND character_set_name NOT IN ('utf8mb4', 'ascii')"
        )
        for name, found in connection.execute(query):
            words = "the table {0} has columns in {1}, which cannot hold every text: drop it, and sync makes it anew"
            raise ConfigurationError(words.format(name, found))

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


# --- from a URL -------------------------------------------------------------------------------------------------------


def opened(db: object, make: bool = True, tell: Tell = lambda text: None) -> Optional[Database]:
    """The database at the URL *db*, or in the file of that name; with *make*, its tables are there afterwards.

    None where nothing shall be made and there is nothing.

    :param tell: called with what a person should know

    :raises ConfigurationError: *db* cannot be used
    :raises LocalError: the database failed
    """
    url = _parsed(db)
    engine = _engine(url, make)
    if url.get_backend_name() == "sqlite" and not _is_file(url.database or "", make):
        return None
    database = Database(engine, tell)
    try:
        if database.settle(make):
            return database
    except BaseException:
        database.close()
        raise
    database.close()
    return None


def printed_ddl(db: object) -> str:
    """The statements that make the tables, for the kind of database that *db* names; nobody connects."""
    dialect = _engine(_parsed(db), False).dialect
    return "".join(statement + ";\n\n" for statement in ddl(tables(), dialect))


def _parsed(db: object) -> URL:
    try:
        text = os.fspath(db)  # type: ignore[call-overload]  # what is no path raises
        if isinstance(text, str) and text:
            if _URL.match(text):
                return make_url(text)
            if not _LIKE_A_URL.match(text):
                return make_url("sqlite://").set(database=os.path.abspath(text))
    except (TypeError, ValueError, sa.exc.ArgumentError):  # its text holds the URL
        pass
    raise ConfigurationError("db must be the name of a file, or a URL like postgresql+psycopg://user@host/name")


def _is_file(path: str, make: bool) -> bool:
    if not path or path == ":memory:" or path.startswith("file:"):
        raise ConfigurationError("a database of SQLite must be a file: sqlite:///bounces.db")
    if make and not os.path.exists(path):
        try:  # readable by its owner alone: it holds addresses
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        except OSError as error:
            folder = os.path.dirname(os.path.abspath(path))
            there_is_none = "there is no folder {}: make it first".format(folder)
            why = error.strerror if os.path.isdir(folder) else there_is_none
            problem = ConfigurationError(printable("the database's file {} cannot be made: {}".format(path, why)))
        else:
            return True
        raise problem
    return os.path.exists(path)


def _engine(url: URL, write: bool) -> Engine:
    make = partial(sa.create_engine, url, hide_parameters=True)
    try:
        if url.get_backend_name() == "sqlite":
            engine = make(poolclass=NullPool)
        else:
            engine = make(pool_pre_ping=True, isolation_level="READ COMMITTED")
    except sa.exc.NoSuchModuleError:
        problem = _unknown(url.get_backend_name())
    except ImportError as error:
        name = str(error.name)
        words = "the driver {} of the database is not installed: pip install {}"
        problem = words.format(name, _PACKAGES.get(name, name))
    except (sa.exc.ArgumentError, TypeError, ValueError):
        problem = "the database's URL has a part that cannot be used"
    else:
        if url.get_backend_name() == "sqlite":
            _set_up_sqlite(engine, write)
        elif url.get_backend_name() in ("mysql", "mariadb"):
            sa.event.listen(engine, "connect", _be_strict)
        return engine
    raise ConfigurationError(problem)


def _unknown(kind: str) -> str:
    """What to say where SQLAlchemy does not know a URL, which is of this *kind*. Its driver is not repeated."""
    if kind in _KINDS:  # 1.4 knows no psycopg
        words = "SQLAlchemy {} knows no such driver for {}: begin the URL with {}://"
        return words.format(sa.__version__, kind, _KINDS[kind])
    close = "".join("; did you mean {}?".format(name) for name in get_close_matches(kind, _KINDS, 1))
    return "there is no kind of database that is called {}{}".format(kind, close)


def _set_up_sqlite(engine: Engine, write: bool) -> None:
    """Let transactions begin where we say, not where the driver thinks: SQLAlchemy's documentation of pysqlite."""

    def connected(connection: "sqlite3.Connection", record: object) -> None:
        connection.isolation_level = None

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA busy_timeout = {}".format(_BUSY_AT_BEGIN))
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
        connection.exec_driver_sql("PRAGMA busy_timeout = {}".format(_BUSY))

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", begun)


def _be_strict(connection: "sa.engine.interfaces.DBAPIConnection", record: object) -> None:
    """A server that is not strict would cut a text that is too long, without a word."""
    with contextlib.closing(connection.cursor()) as cursor:
        cursor.execute("SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')")
