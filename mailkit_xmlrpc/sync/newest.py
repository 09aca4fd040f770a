"""Rows of the table as bounces again: each message once, in its newest state. Pure."""

from typing import Iterable, Iterator, Optional, Tuple

from ..model.records import Bounce
from .stored import COLUMNS, Id, Moment, bounce_of

#: what is to be selected, in the order of id_send and message_key
SELECTED = ("id_send", "message_key", "gone_at") + COLUMNS[2:13]
SelectedRow = Tuple[int, str, Moment, str, Id, Id, Id, Moment, Optional[str], str, str, str, str, str]


class Newest(Iterator[Bounce]):
    """An iterator of :class:`Bounce`, of *rows* with the columns :data:`SELECTED`, sorted by key.

    Of the rows of one message (``1234``, ``1234#2``, ...) the last that is not gone is the newest.
    """

    def __init__(self, rows: Iterable[SelectedRow]) -> None:
        #: rows left out because the newest report has them no more
        self.gone = 0
        #: rows left out because the message has a newer state
        self.repeated = 0
        self._rows = self._present(rows)
        self._next = next(self._rows, None)

    def _present(self, rows: Iterable[SelectedRow]) -> Iterator[SelectedRow]:
        for row in rows:
            if row[2] is None:
                yield row
            else:
                self.gone += 1

    def __next__(self) -> Bounce:
        row = self._next
        if row is None:
            raise StopIteration
        self._next = following = next(self._rows, None)
        while following is not None and _message(following) == _message(row):
            self.repeated += 1
            row = max(row, following, key=_ordinal)
            self._next = following = next(self._rows, None)
        return bounce_of(row[0], row[3:])


def _message(row: SelectedRow) -> Tuple[object, ...]:
    """What the rows of one message share. A row without ID_SEND_MESSAGE is one of its own."""
    return (row[0], row[1]) if row[6] is None else (row[0], row[6], None)


def _ordinal(row: SelectedRow) -> int:
    return int(row[1].partition("#")[2] or 1)
