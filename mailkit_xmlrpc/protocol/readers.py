"""Bytes of one answer in pieces go in, rows come out, whatever the protocol and the rows. Pure: no socket, no clock."""

from datetime import tzinfo
from typing import Dict, Generic, List, Optional, Tuple, cast

from ..exceptions import ApiError, DisallowedIPError, ResponseError, UnauthorizedError, UnexpectedShapeError
from ..exceptions.boundary import raised_by_caller
from .calls import Call, Row, ValueCall
from .fields import plain
from .replies import fault, refusal, refusal_in, structs_of


class Decoder:
    """Makes values of the bytes of one body. ``feed`` it pieces, then ``close`` it."""

    #: elements of the outermost array, closed and not yet taken; the caller empties it
    items: List[object]
    #: what the answer is: "array" once its value is seen to be one, "value" or "fault" once it has closed
    found: Dict[str, object]

    def feed(self, data: bytes) -> None:
        """Decode *data*.

        :raises ResponseError: the fitting leaf; the decoder is of no use after it
        """
        raise NotImplementedError

    def close(self) -> None:
        """Say that the body has ended.

        :raises ResponseError: it may not end here
        """
        raise NotImplementedError

    def forget(self) -> None:
        """Let go of what is half decoded. Twice is fine."""
        raise NotImplementedError


class RowReader(Generic[Row]):
    """Reads one answer that is rows: ``feed`` pieces of it, then ``close``; both return the rows that became known.

    :param call: what was asked, and makes a row of a struct
    """

    def __init__(self, decoder: Decoder, call: Call[Row], tz: Optional[tzinfo]) -> None:
        self._decoder = decoder
        self._call = call
        self._tz = tz
        #: rows returned so far
        self.rows = 0

    @property
    def is_report(self) -> bool:
        """Whether the answer is seen to be an array: from then on it can only be rows, or an error in it."""
        return "array" in self._decoder.found

    def feed(self, data: bytes) -> List[Row]:
        """Read on.

        :raises ResponseError: this is no report; rows already returned are not one either
        """
        return self._after(data)

    def close(self) -> List[Row]:
        """Say that the answer has ended.

        :raises ResponseError: it may not end here, or is not of the documented shape
        :raises ApiError: Mailkit said no
        """
        decoder = self._decoder
        rows = self._after(None)
        if "fault" in decoder.found:
            raise fault(decoder.found["fault"])
        if not self.is_report:
            decoder.items.extend(structs_of(decoder.found["value"], self._call))
        return rows + self._taken()

    def forget(self) -> None:
        """Let go of all that was read and not handed over; nothing more will be read. Twice is fine."""
        self._decoder.forget()
        del self._decoder.items[:]
        self._decoder.found.clear()

    def _decode(self, data: Optional[bytes]) -> None:
        """Decode *data*; None is the end."""
        if data is None:
            self._decoder.close()
        else:
            self._decoder.feed(data)

    def _after(self, data: Optional[bytes]) -> List[Row]:
        """The rows that are complete after *data*; of two errors the one that stands first in the answer is told."""
        try:
            self._decode(data)
        except ResponseError as error:
            if raised_by_caller(error):
                raise
            problem = error
        else:
            return self._taken()
        self._taken()
        raise problem

    def _taken(self) -> List[Row]:
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

    def _made_of(self, structs: List[object], first: int) -> List[Row]:
        """The rows of *structs*, of which the first has the number *first*."""
        return [self._call.row(struct, self._tz, number) for number, struct in enumerate(structs, first)]


class ValueReader(RowReader[Tuple[object]]):
    """Reads the answer of any function as one plain value; what ``close`` returns is the whole of it, in a tuple.

    :param has_refusals: whether an object may be a refusal, as in the JSON form
    """

    def __init__(self, decoder: Decoder, call: ValueCall, has_refusals: bool) -> None:
        super().__init__(decoder, call, None)
        self._has_refusals = has_refusals
        self._elements: List[object] = []  # of the outermost array, so far

    @property
    def is_report(self) -> bool:
        """Nothing is known before the end."""
        return False

    def feed(self, data: bytes) -> List[Tuple[object]]:
        self._decoder.feed(data)
        self._take_elements()
        return []

    def close(self) -> List[Tuple[object]]:
        decoder = self._decoder
        decoder.close()
        self._take_elements()
        if "fault" in decoder.found:
            raise fault(decoder.found["fault"])
        if "array" in decoder.found:
            self.rows = 1
            return [(self._elements,)]
        value = decoder.found["value"]
        error: Optional[ApiError] = None
        if type(value) is dict and self._has_refusals:
            error = refusal_in(cast(Dict[str, object], value), None)
        elif type(value) is str and value.strip():
            # Other functions answer success with a string.
            error = refusal(value.strip(), None)
            if not isinstance(error, (UnauthorizedError, DisallowedIPError)):
                error = None
        if error is not None:
            raise error
        self.rows = 1
        return [(plain(value),)]

    def forget(self) -> None:
        self._elements = []
        super().forget()

    def _take_elements(self) -> None:
        """Take what the decoder has closed: not all at once in the end, for the deadline is looked at in between."""
        self._elements += map(plain, self._decoder.items)
        del self._decoder.items[:]
