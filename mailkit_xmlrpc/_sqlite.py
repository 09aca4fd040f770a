"""Rows in a file of SQLite, and back: one table ``bounces`` with Bounce's fields, written in one transaction.

A row's key is ID_SEND with ID_SEND_MESSAGE, or without that a digest of the row. The same row is there once, however
often it is stored; a row with an equal key and another content is one of its own: a bounce is never overwritten.
"""
import hashlib
import os
from itertools import chain, islice
from typing import Any, Iterable, Iterator, Tuple

from ._database import sqlite
from ._output import COLUMNS, json_text
from ._streams import UsageError, target_of
from .bounce import Bounce

MAGIC = b"SQLite format 3\0"

_BATCH = 1000  # rows
_CREATE = """\
CREATE TABLE IF NOT EXISTS bounces (
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    id_send INTEGER NOT NULL,
    email TEXT NOT NULL,
    id_email INTEGER,
    id_user_list INTEGER,
    id_send_message INTEGER,
    date TEXT,
    status TEXT NOT NULL,
    email_status TEXT NOT NULL,
    bounce_cat TEXT NOT NULL,
    reason TEXT NOT NULL,
    extra TEXT NOT NULL,
    PRIMARY KEY (key, digest)
)"""
_INSERT = "INSERT OR IGNORE INTO bounces (key, digest, {}) VALUES ({})".format(
    ", ".join(COLUMNS), ", ".join("?" * (len(COLUMNS) + 2))
)


def store(rows: Iterable[Bounce], path: str) -> None:
    """Add *rows* to the database at *path*, all of them or none; it is made where there is none.

    :raises UsageError: what is at *path* is no database of this kind
    :raises LocalError: this Python has no sqlite3
    """
    sqlite3 = sqlite()
    path = target_of(path)  # absolute: ":memory:" is a file's name too, but not to SQLite
    rows = iter(rows)
    first = list(islice(rows, 1))  # before a file is made: the call may fail
    new = not os.path.exists(path)
    if new:  # readable by its owner alone: it holds addresses
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    problem = None
    try:
        database = sqlite3.connect(path, isolation_level=None)
        try:
            database.execute("BEGIN IMMEDIATE")
            database.execute(_CREATE)
            database.executemany(_INSERT, map(_values, chain(first, rows)))
            database.execute("COMMIT")
        finally:
            database.close()  # what was not committed is undone
    except sqlite3.Error as error:
        problem = UsageError("the database cannot be written: {}".format(error))
    finally:
        if new and not os.path.getsize(path):
            os.unlink(path)
    if problem is not None:
        raise problem


def _values(row: Bounce) -> Tuple[Any, ...]:
    values = [_value(getattr(row, name)) for name in COLUMNS]
    digest = hashlib.sha256(json_text(values).encode("utf-8")).hexdigest()
    key = digest if row.id_send_message is None else "{}/{}".format(row.id_send, row.id_send_message)
    return (key, digest) + tuple(values)


def _value(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):  # a lone surrogate cannot be stored: it becomes an escape
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return json_text(_sorted(value))
    return value.isoformat()


def _sorted(value: Any) -> Any:
    """*value* with the members of its dicts sorted: their order means nothing, and the server's differs."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def stored(path: str) -> Iterator[Tuple[Any, ...]]:
    """Yield the rows of the database at *path*, as values in the order of Bounce's fields.

    :raises UsageError: it is no database of this kind
    :raises LocalError: this Python has no sqlite3
    """
    sqlite3 = sqlite()
    problem = None
    database = sqlite3.connect(os.path.abspath(path))
    try:
        for values in database.execute("SELECT {} FROM bounces ORDER BY rowid".format(", ".join(COLUMNS))):
            yield values
    except sqlite3.Error as error:
        problem = UsageError("the database cannot be read: {}".format(error))
    finally:
        database.close()
    if problem is not None:
        raise problem
