"""Bytes of one answer in pieces go in, rows come out, whatever its form and their kind. Pure: no socket, no clock."""
from datetime import tzinfo
from typing import Any, Callable, List, Optional

from ._answer import fault
from .exceptions import ResponseError, UnexpectedShapeError


class RowReader:
    """Reads one answer that is rows: ``feed`` pieces of it, then ``close``; both return the rows that became known.

    :param decoder: of the form that the answer has
    :param id_send: the delivery asked for, if it was one
    :param shown: makes foreign text fit for an exception
    :param row_from_struct: makes a row of a struct, such as ``bounce_from_struct``
    :param structs_of: tells what an answer means that is no array
    """

    def __init__(
        self,
        decoder: Any,
        id_send: Optional[int],
        tz: Optional[tzinfo],
        shown: Callable[[str], str],
        row_from_struct: Callable[..., Any],
        structs_of: Callable[..., Any],
    ) -> None:
        self._decoder = decoder
        self._id_send = id_send
        self._tz = tz
        self._shown = shown
        self._row_from_struct = row_from_struct
        self._structs_of = structs_of
        #: rows returned so far
        self.rows = 0

    @property
    def is_report(self) -> bool:
        """Whether the answer is seen to be an array: from then on it can only be rows, or an error in it."""
        return "array" in self._decoder.found

    def feed(self, data: bytes) -> List[Any]:
        """Read on.

        :raises ResponseError: this is no report; rows already returned are not one either
        """
        return self._told(self._decoder.feed, data)

    def close(self) -> List[Any]:
        """Say that the answer has ended.

        :raises ResponseError: it may not end here, or is not of the documented shape
        :raises ApiError: Mailkit said no
        """
        decoder = self._decoder
        rows = self._told(decoder.close)
        if "fault" in decoder.found:
            raise fault(decoder.found["fault"], self._shown)
        if not self.is_report:
            decoder.items.extend(self._structs_of(decoder.found["value"], self._id_send, self._shown))
        return rows + self._taken()

    def forget(self) -> None:
        """Let go of what is half decoded; nothing more will be read. Twice is fine."""
        self._decoder.forget()

    def _told(self, step: Callable[..., None], *args: bytes) -> List[Any]:
        """The rows that are complete after *step*; of two errors the one that stands first in the answer is told."""
        try:
            step(*args)
        except ResponseError as error:
            problem = error
        else:
            return self._taken()
        self._taken()
        raise problem

    def _taken(self) -> List[Any]:
        """The rows that the decoder has closed since the last time."""
        items = self._decoder.items
        try:
            rows = self._made_of(items, self.rows)
        except UnexpectedShapeError:
            self.forget()
            raise
        del items[:]
        self.rows += len(rows)
        return rows

    def _made_of(self, items: List[Any], first: int) -> List[Any]:
        """The rows of *items*, of which the first has the number *first*."""
        return [self._row_from_struct(item, self._id_send, self._tz, row) for row, item in enumerate(items, first)]
