"""Each message once, in its newest state: a report that is read again tells of the same messages, maybe otherwise.

What was read waits in a temporary database of SQLite, so memory does not grow with rows.
"""

import pickle
from dataclasses import fields
from datetime import timezone
from operator import attrgetter
from typing import Iterable, Iterator, List, Tuple

from ..exceptions import LocalError
from ..exceptions.boundary import raised_by_caller
from ..model.records import Bounce, quick_bounce
from .scratch import sqlite, temporary_database

_BATCH = 2000  # rows written at once


class NewestStates(Iterator[Bounce]):
    """Yields *bounces*, but of the rows of one message (ID_SEND with ID_SEND_MESSAGE) only the last.

    A row without ID_SEND_MESSAGE is a message of its own. Rows come in their order, but those first. A date comes with
    the offset of its time zone instead of the zone. Close it to let go of the temporary file; at its end it does so
    itself.

    :raises LocalError: no room for the temporary file, or this Python has no sqlite3
    """

    def __init__(self, bounces: Iterable[Bounce]) -> None:
        #: rows that are not yielded: an earlier state of a message; complete when the first of those is yielded
        self.repeated = 0
        self._database = temporary_database()
        self._rows = self._newest(bounces)

    def __next__(self) -> Bounce:
        try:
            return next(self._rows)
        except sqlite().Error as error:
            if raised_by_caller(error):
                raise
            problem = LocalError("cannot keep the rows in a temporary file: {}".format(error))
        raise problem

    def _newest(self, bounces: Iterable[Bounce]) -> Iterator[Bounce]:
        database = self._database
        database.execute("CREATE TABLE row (number INTEGER PRIMARY KEY, message TEXT, kept BLOB)")
        database.execute("BEGIN")
        batch: List[Tuple[str, bytes]] = []
        insert = "INSERT INTO row (message, kept) VALUES (?, ?)"
        for bounce in bounces:
            if bounce.id_send_message is None:
                yield bounce
                continue
            batch.append(("{} {}".format(bounce.id_send, bounce.id_send_message), _kept(bounce)))
            if len(batch) >= _BATCH:
                database.executemany(insert, batch)
                batch.clear()
        database.executemany(insert, batch)
        database.execute("CREATE TABLE newest (number INTEGER PRIMARY KEY)")
        database.execute("INSERT INTO newest SELECT max(number) FROM row GROUP BY message")
        ((self.repeated,),) = database.execute(
            "SELECT (SELECT count(*) FROM row) - (SELECT count(*) FROM newest)"
        ).fetchall()
        for (kept,) in database.execute("SELECT kept FROM newest JOIN row USING (number) ORDER BY newest.number"):
            yield _bounce(kept)
        self.close()

    def close(self) -> None:
        """Let go of the temporary file; twice is fine."""
        self._database.close()

    def __enter__(self) -> "NewestStates":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        if "_database" in vars(self):  # not where there is no sqlite3
            self.close()


_FIELDS = [field.name for field in fields(Bounce)]
_values = attrgetter(*_FIELDS)
_DATE = _FIELDS.index("date")


def _kept(bounce: Bounce) -> bytes:
    values = list(_values(bounce))
    date = bounce.date
    if date is not None and date.tzinfo is not None:
        # A caller's tzinfo may be anything; its offset is plain data.
        values[_DATE] = date.replace(tzinfo=None), date.utcoffset()
    return pickle.dumps(values, 4)


def _bounce(kept: bytes) -> Bounce:
    values = pickle.loads(kept)
    if isinstance(values[_DATE], tuple):
        date, offset = values[_DATE]
        # A zone without an offset says no more than none.
        values[_DATE] = date if offset is None else date.replace(tzinfo=timezone(offset))
    return quick_bounce(*values)
