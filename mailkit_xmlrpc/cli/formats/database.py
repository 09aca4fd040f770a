"""SQLite: the table ``mailkit_bounce``, which ``sync`` writes too; the room ``sync`` tells how."""

import contextlib
from typing import Iterable, Iterator, Optional, Sequence

from ...analysis.scratch import sqlite
from ...exceptions import ConfigurationError, LocalError
from ...model.records import Bounce
from ...sync.collected import Reports, Wanted
from ...sync.sqlite import MAGIC, StoredRows, store_reports
from ..errors import UsageError
from ..files import target_of
from ..texts import printable
from .base import RowFormat, Saved


class Sqlite(RowFormat):
    """A database. It has no :meth:`write`: :func:`store` brings rows into one that may be there already."""

    magic = MAGIC

    @staticmethod
    def read_file(saved: Saved) -> Iterator[Bounce]:
        """Yield each message in its newest state.

        :raises UsageError: it is no database of this kind, or no file
        :raises LocalError: it cannot be read, or this Python has no sqlite3
        """
        if not saved.is_file:
            raise UsageError("{} is a database: it must be given as a file, not as a pipe".format(saved.named))
        sqlite()
        with _named("{} cannot be read".format(saved.named)), contextlib.closing(StoredRows(saved.path)) as stored:
            yield from stored
            saved.left_out.add(stored)


def store(rows: Iterable[Bounce], path: str, wanted: Optional[Wanted] = None, empty: Sequence[int] = ()) -> int:
    """Bring *rows* into the database at *path*, all of them or none; it is made where there is none.

    They are collected first: while the network is waited for, nobody else has to wait for the database.

    :param rows: of one delivery after the other
    :param wanted: which of them shall be written; None: all, and what the table has beside them is gone
    :param empty: deliveries whose report has no rows, known when all rows are there
    :return: how many rows were wanted
    :raises UsageError: what is at *path* is no database of this kind
    :raises LocalError: it cannot be written; another program writes to it for too long; or this Python has no sqlite3
    """
    sqlite()
    target = target_of(path)
    with contextlib.closing(Reports(rows, wanted)) as reports:
        reports.empty.extend(empty)
        with _named("-O {} cannot be written".format(printable(path))):
            counts = store_reports(target, reports)
    return sum(count.new + count.changed + count.unchanged for count in counts)


@contextlib.contextmanager
def _named(what: str) -> Iterator[None]:
    """Say of an error of a database *what* is the matter."""
    try:
        yield
    except ConfigurationError as error:
        raise UsageError("{}: {}".format(what, error))
    except LocalError as error:
        raise LocalError("{}: {}".format(what, error.detail))
