"""A temporary database of SQLite, which some Pythons are built without; and texts and dates as it keeps them."""

from datetime import datetime, timedelta, timezone
from types import ModuleType
from typing import TYPE_CHECKING, Optional

from ..exceptions import LocalError

if TYPE_CHECKING:
    import sqlite3

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_CACHE = 16 << 10  # KiB of pages of a temporary database that SQLite keeps in memory


def sqlite() -> ModuleType:
    """Return the module ``sqlite3``.

    :raises LocalError: this Python has none
    """
    try:
        import sqlite3
    except ImportError:
        raise LocalError("this Python has no sqlite3")
    return sqlite3


def temporary_database() -> "sqlite3.Connection":
    """Return a database for one pass of much data: in a file without a name, little of it in memory.

    It has no transactions. Another thread may close it than the one that made it, as happens to garbage.

    :raises LocalError: this Python has no sqlite3
    """
    # No name means a temporary file, which is deleted (https://www.sqlite.org/inmemorydb.html).
    database: "sqlite3.Connection" = sqlite().connect("", isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE", "cache_size=-{}".format(_CACHE)):
        database.execute("PRAGMA " + pragma).fetchall()
    return database


def blob(text: str) -> bytes:
    """Return *text* as it is kept where it must come back: SQLite's own texts cannot hold a lone surrogate."""
    return text.encode("utf-8", "surrogatepass")


def text_of(kept: bytes) -> str:
    """Return the text that :func:`blob` kept."""
    return kept.decode("utf-8", "surrogatepass")


def moment_of(date: datetime) -> float:
    """Return the seconds from 1970 to *date*.

    A date without a time zone counts as UTC: no distance between two of them changes.
    """
    return (date - (_NAIVE_EPOCH if date.tzinfo is None else _EPOCH)).total_seconds()


def date_of(moment: Optional[float], aware: int) -> Optional[datetime]:
    """Return the date of :func:`moment_of`, in UTC if it is *aware*; None where there is no such year."""
    if moment is None:
        return None
    try:
        date = _EPOCH + timedelta(seconds=moment)
    except OverflowError:  # the year 10000, in UTC
        return None
    return date if aware else date.replace(tzinfo=None)
