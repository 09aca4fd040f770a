"""Bytes of one answer in pieces go in, Bounces come out. Pure: no socket, no file, no clock."""
from datetime import tzinfo
from typing import Any, Callable, List, Optional, Tuple

from ._answer import fault, structs_of
from ._decode import Decoder
from ._normalise import bounce_from_struct
from .bounce import Bounce


class ReportReader:
    """Reads one report: ``feed`` pieces of it, then ``close``; both return the rows that became known.

    :param parser: what a Transport's ``getparser()`` returned
    :param shown: makes foreign text fit for an exception
    """

    def __init__(
        self, parser: Tuple[Any, Any], id_send: int, tz: Optional[tzinfo] = None, shown: Callable[[str], str] = str
    ) -> None:
        self._decoder = Decoder(*parser)
        self._id_send = id_send
        self._tz = tz
        self._shown = shown
        #: rows returned so far
        self.rows = 0

    @property
    def is_report(self) -> bool:
        """Whether the answer is seen to be an array: from then on it can only be rows, or an error in it."""
        return "array" in self._decoder.found

    def feed(self, data: bytes) -> List[Bounce]:
        """Read on.

        :raises ResponseError: this is no report; rows already returned are not one either
        """
        self._decoder.feed(data)
        return self._bounces()

    def close(self) -> List[Bounce]:
        """Say that the answer has ended.

        :raises ResponseError: it may not end here, or is not of the documented shape
        :raises ApiError: Mailkit said no
        """
        decoder = self._decoder
        decoder.close()
        if "fault" in decoder.found:
            raise fault(decoder.found["fault"], self._shown)
        if not self.is_report:
            decoder.items.extend(structs_of(decoder.found["value"], self._id_send, self._shown))
        return self._bounces()

    def forget(self) -> None:
        """Let go of what is half decoded; nothing more will be read. Twice is fine."""
        self._decoder.forget()

    def _bounces(self) -> List[Bounce]:
        items = self._decoder.items
        first = self.rows
        bounces = [
            bounce_from_struct(struct, self._id_send, self._tz, row) for row, struct in enumerate(items, first)
        ]
        del items[:]
        self.rows += len(bounces)
        return bounces
