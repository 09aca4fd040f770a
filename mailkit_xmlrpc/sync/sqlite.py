"""The table ``mailkit_bounce`` in a file of SQLite, by the standard library alone: what ``fetch -o sqlite`` writes.

``sync`` makes and writes the same table; a test compares the two.
"""

import contextlib
import os
from typing import TYPE_CHECKING, Generator, Iterable, List, Optional, Tuple

from ..analysis.scratch import sqlite
from ..exceptions import ConfigurationError, LocalError, MailkitError
from ..exceptions.redact import counted
from .collected import Report
from .moments import text_of, utc_now
from .newest import SELECTED, Newest, SelectedRow
from .stored import CHANGED, COLUMNS
from .writer import PAGE, BounceTable, Counts, Parameters, StoredKey, write_report

if TYPE_CHECKING:
    import sqlite3

MAGIC = b"SQLite format 3\0"
VERSION = 1  # of the tables

_SECONDS = 60.0  # to wait for another process that has the file
_CREATE = (
    """\
CREATE TABLE IF NOT EXISTS mailkit_bounce (
    id_send BIGINT NOT NULL,
    message_key VARCHAR(64) NOT NULL,
    email TEXT NOT NULL,
    id_email BIGINT,
    id_user_list BIGINT,
    id_send_message BIGINT,
    date DATETIME,
    date_text VARCHAR(64),
    status TEXT NOT NULL,
    email_status TEXT NOT NULL,
    bounce_cat TEXT NOT NULL,
    reason TEXT NOT NULL,
    extra TEXT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    digest VARCHAR(64) NOT NULL,
    first_seen DATETIME NOT NULL,
    last_seen DATETIME NOT NULL,
    changed_at DATETIME,
    gone_at DATETIME,
    PRIMARY KEY (id_send, message_key)
)""",
    "CREATE INDEX IF NOT EXISTS mailkit_bounce_email ON mailkit_bounce (email)",
    "CREATE TABLE IF NOT EXISTS mailkit_schema (version INTEGER NOT NULL, PRIMARY KEY (version))",
    "INSERT OR IGNORE INTO mailkit_schema (version) VALUES ({})".format(VERSION),
)
_KEYS = (
    "SELECT message_key, digest, gone_at FROM mailkit_bounce WHERE id_send = ? AND message_key > ?"
    " ORDER BY message_key LIMIT {}".format(PAGE)
)
_ONE = " WHERE id_send = ? AND message_key = ?"
_INSERT = "INSERT INTO mailkit_bounce ({}) VALUES ({})".format(", ".join(COLUMNS), ", ".join("?" * len(COLUMNS)))
_UPDATE = "UPDATE mailkit_bounce SET {}, gone_at = NULL".format(", ".join(name + " = ?" for name in CHANGED))


class SqliteTable(BounceTable):
    """The table in a *database* of sqlite3, inside a transaction of it."""

    def __init__(self, database: "sqlite3.Connection") -> None:
        self._database = database

    def keys(self, id_send: int, after: str) -> List[StoredKey]:
        return self._database.execute(_KEYS, (id_send, after)).fetchall()

    def present(self, id_send: int) -> int:
        """How many rows of the delivery are not gone."""
        query = "SELECT COUNT(*) FROM mailkit_bounce WHERE id_send = ? AND gone_at IS NULL"
        (count,) = self._database.execute(query, (id_send,)).fetchone()
        return int(count)

    def insert(self, rows: Parameters) -> None:
        self._database.executemany(_INSERT, rows)

    def update(self, rows: Parameters) -> None:
        self._database.executemany(_UPDATE + _ONE, rows)

    def mark_seen(self, rows: Parameters) -> None:
        self._database.executemany("UPDATE mailkit_bounce SET last_seen = ?" + _ONE, rows)

    def mark_all_seen(self, id_send: int, moment: str) -> None:
        query = "UPDATE mailkit_bounce SET last_seen = ? WHERE id_send = ? AND gone_at IS NULL"
        self._database.execute(query, (moment, id_send))

    def mark_gone(self, rows: Parameters) -> None:
        self._database.executemany("UPDATE mailkit_bounce SET gone_at = ?" + _ONE, rows)


def unusable(error: BaseException) -> MailkitError:
    """What to raise for an *error* of sqlite3: its text where that is SQLite's own, else its class.

    Other texts may quote a row. It is a ConfigurationError where the file is not what it should be.
    """
    text = str(error)
    words = next((words for words in _KNOWN if words in text), None)
    return (ConfigurationError if words in _NOT_OURS else LocalError)(
        words or "it failed ({})".format(type(error).__name__)
    )


#: texts of SQLite's own that hold nothing of a row
_NOT_OURS = (
    "file is not a database",
    "database disk image is malformed",
    "no such table",
    "no such column",
    "has no column named",
    "file is encrypted",
)
_KNOWN = _NOT_OURS + (
    "database is locked",
    "unable to open database file",
    "attempt to write a readonly database",
    "database or disk is full",
    "disk I/O error",
)


def store_reports(path: str, reports: Iterable[Tuple[int, Report]]) -> List[Counts]:
    """Write reports into the database at *path*, all of them or none; return what became of the rows of each.

    A file that is made here is readable by its owner alone: it holds addresses. What the *reports* raise passes.

    :param reports: ID_SEND and report of each delivery
    :raises ConfigurationError: what is at *path* is no database of this kind
    :raises LocalError: the database failed, or this Python has no sqlite3
    """
    sqlite3 = sqlite()
    path = os.path.abspath(path)  # ":memory:" is a file's name too, but not to SQLite
    is_new = not os.path.exists(path)
    moment = text_of(utc_now())
    counts: List[Counts] = []
    problem: Optional[MailkitError] = None
    try:
        if is_new:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        # What was not committed is undone when it is closed.
        with contextlib.closing(sqlite3.connect(path, timeout=_SECONDS, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            for statement in _CREATE:
                database.execute(statement)
            check_version(database.execute("SELECT MAX(version) FROM mailkit_schema").fetchone()[0])
            for id_send, report in reports:
                counts.append(write_report(SqliteTable(database), id_send, report, moment))
                forget_fingerprint(database, id_send)
            database.execute("COMMIT")
        is_new = False
    except sqlite3.Error as error:
        problem = unusable(error)
    except OSError as error:
        problem = LocalError(error.strerror or type(error).__name__)
    finally:
        if is_new:
            for left in (path, path + "-journal"):
                with contextlib.suppress(OSError):
                    os.unlink(left)
    if problem is not None:
        raise problem
    return counts


def forget_fingerprint(database: "sqlite3.Connection", id_send: int) -> None:
    """Tell ``sync``, where it writes the same file, that the rows of a delivery are no longer those that it wrote."""
    if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'mailkit_delivery'").fetchone():
        database.execute("UPDATE mailkit_delivery SET fingerprint = NULL WHERE id_send = ?", (id_send,))


def check_version(found: object) -> None:
    """Check the version of the tables.

    :raises ConfigurationError: it is another one
    """
    if found != VERSION:
        raise ConfigurationError(
            "the tables of this database have version {}, and this package writes version {}; "
            "use the version of mailkit-xmlrpc that made them, or another database".format(found, VERSION)
        )


class StoredRows(Newest):
    """The bounces in a file of SQLite. Close it when done; its end closes it too.

    :raises ConfigurationError: it is no database of this kind
    :raises LocalError: the database failed
    """

    def __init__(self, path: str) -> None:
        self._selected = _selected(path)
        super().__init__(self._selected)

    def close(self) -> None:
        """Let go of the file; twice is fine."""
        self._selected.close()


def _selected(path: str) -> Generator[SelectedRow, None, None]:
    sqlite3 = sqlite()
    problem: Optional[MailkitError] = None
    query = "SELECT {} FROM mailkit_bounce ORDER BY id_send, message_key".format(", ".join(SELECTED))
    try:
        with contextlib.closing(sqlite3.connect(os.path.abspath(path), timeout=_SECONDS)) as database:
            if _is_cut_off(database, path):
                raise ConfigurationError("the file is cut off: it is shorter than it says itself")
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "bounces" in tables and "mailkit_bounce" not in tables:
                raise ConfigurationError(
                    "the file was written by a fetch that was never released, and its table is not read any more; "
                    "fetch it again"
                )
            if "mailkit_delivery" in tables:
                _require_known(database)
            yield from database.execute(query)
    except sqlite3.Error as error:
        problem = unusable(error)
    if problem is not None:
        raise problem


def _require_known(database: "sqlite3.Connection") -> None:
    """Check that the table of bounces tells all that a reader of it would believe.

    :raises ConfigurationError: it does not
    """
    query = "SELECT count(*), count(*) - count(fetched_at), (SELECT count(*) FROM mailkit_bounce) FROM mailkit_delivery"
    ((deliveries, unread, rows),) = database.execute(query)
    if unread:
        what = counted(unread, "report was", "reports were")
        raise ConfigurationError("{} never read; --db says of which deliveries".format(what))
    if not (deliveries or rows):
        raise ConfigurationError("no delivery is known there; maybe sync did not run, or it failed")


def _is_cut_off(database: "sqlite3.Connection", path: str) -> bool:
    """Return whether pages are missing at its end; SQLite notices only where it needs one of them."""
    (mode,), (pages,), (size,) = (
        database.execute("PRAGMA " + name).fetchone() for name in ("journal_mode", "page_count", "page_size")
    )
    # In WAL mode, pages may still be in a file beside it.
    return bool(mode != "wal" and pages * size > os.path.getsize(path))
