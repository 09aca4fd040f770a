"""Bytes of one answer in pieces go in, Bounces come out. Pure: no socket, no file, no clock.

The general decoder (``_decode``) reads everything but the rows that the fast lane (``_lane``) can take. It never sees
those: what it reads is the same document with fewer rows, so it stays right about everything else, and its counts are
moved on past them.
"""
import re
from datetime import tzinfo
from typing import Any, Callable, List, Optional, Tuple

from ._answer import structs_of
from ._decode import Decoder
from ._lane import MAX_ROW, Lane
from ._limits import PIECE
from ._normalise import bounce_from_struct
from ._reader import RowReader
from .bounce import Bounce

_MAX_HEAD = 1 << 12  # bytes within which the rows must begin for the fast lane; usually they do within 200
_WORTH = 3  # rows running that make up for changing over to the lane and back
_MAX_REST = 4 * MAX_ROW  # bytes that wait for the end of their row
_ROW_END = re.compile("</struct>[ \t\r\n]*</value>")
_FIRST_SPAN, _LAST_SPAN = 1 << 12, 1 << 20  # characters


class ReportReader(RowReader):
    """Reads one bounce report over XML-RPC.

    :param parser: what a Transport's ``getparser()`` returned
    :param shown: makes foreign text fit for an exception
    :param fast: whether the fast lane may be used; the rows are the same
    """

    def __init__(
        self,
        parser: Tuple[Any, Any],
        id_send: int,
        tz: Optional[tzinfo] = None,
        shown: Callable[[str], str] = str,
        fast: bool = True,
    ) -> None:
        super().__init__(Decoder(*parser), id_send, tz, shown, bounce_from_struct, structs_of)
        self._lane = Lane(id_send, tz) if fast else None  # None: the general decoder has the rest
        self._rest = b""  # neither the lane nor the decoder has taken it yet: the beginning of a row
        self._told_of = 0  # bytes of the piece at hand that the decoder was given or told of
        self._in_rows = False
        self._in_odd = False  # the decoder is in the middle of a row
        self._span = 0  # characters given to the decoder before the lane tries again
        self._stride = 0  # as many the last time; they grow while it tries in vain

    def feed(self, data: bytes) -> List[Bounce]:
        """Read on.

        :raises ResponseError: this is no report; rows already returned are not one either
        """
        bounces: List[Bounce] = []
        for at in range(0, len(data), PIECE):  # an expression takes memory by what it looks at
            self._feed(data[at : at + PIECE], bounces)
        return bounces

    def _feed(self, data: bytes, bounces: List[Bounce]) -> None:
        if self._lane is not None:
            data = self._rest + data
            self._rest = b""
            if not self._in_rows:
                data = self._without_head(data, bounces)
        if self._lane is None:
            bounces += self._general(data)
            return
        if not self._in_rows:
            self._rest = data
            return
        end = data.rfind(b">") + 1  # never inside of a character
        try:
            text = data[:end].decode("utf-8")
        except UnicodeDecodeError:  # for the decoder to tell, as soon as it gets all this
            text, end = "", 0
        self._told_of = 0
        at, rows = self._by_turns(text, bounces)
        rest = text[at:].encode("utf-8")
        if rows:
            self._decoder.skip(end - len(rest) - self._told_of, rows)
        rest += data[end:]
        if len(rest) <= _MAX_REST:
            self._rest = rest
        else:  # a text or a tag of this length is not plain, and where it ends is for the decoder to see
            self._lane = None
            bounces += self._general(rest)

    def _without_head(self, data: bytes, bounces: List[Bounce]) -> bytes:
        """Give all before the first row to the decoder, once it is there; and see whether the lane may be used."""
        at = data.find(b"<data>")
        if at < 0 and len(data) < _MAX_HEAD:
            return data
        if at >= 0:
            at += len(b"<data>")
            bounces += self._general(data[:at])  # there may be some, if that tag is not the one it seems
            data = data[at:]
            self._in_rows = self._decoder.between_rows() and self._decoder.encoding in ("", "UTF-8")
        if not self._in_rows:
            self._lane = None
        return data

    def _by_turns(self, text: str, bounces: List[Bounce]) -> Tuple[int, int]:
        """Let the lane and the decoder take *text* by turns; returns how far they came, and the number of rows at the
        end of that of which the decoder does not know yet: for their length in bytes they would have to be encoded."""
        assert self._lane is not None
        at = start = taken = 0
        while at < len(text):
            if self._in_odd:
                if taken:
                    length = len(text[start:at].encode("utf-8"))
                    self._decoder.skip(length, taken)
                    self._told_of += length
                at = start = self._odd(text, at, bounces)
                taken = 0
                continue
            rows, at = self._lane.take(text, at)
            self.rows += len(rows)
            taken += len(rows)
            bounces += rows
            if len(rows) >= _WORTH:
                self._span = self._stride = 0
            if text.find("</struct>", at) < 0 and text.find("</data", at) < 0 and len(text) - at < MAX_ROW:
                break  # a row that is still to come
            self._in_odd = True
        return at, taken

    def _odd(self, text: str, at: int, bounces: List[Bounce]) -> int:
        """Let the decoder take what the lane cannot: up to the end of a row, or all; returns where that is."""
        match = _ROW_END.search(text, at + self._span)
        if match is None:
            end = len(text)
            self._span = max(0, self._span - (end - at))  # the rest of the way is in the next piece
        else:
            end = match.end()
            # Twice as far each time: what looks like the end of a row may stand in a comment, ten thousand times.
            self._span = self._stride = min(max(_FIRST_SPAN, 2 * self._stride), _LAST_SPAN)
        data = text[at:end].encode("utf-8")
        self._told_of += len(data)
        bounces += self._general(data)
        assert self._lane is not None
        self._lane.earn(data.count(b"</struct>"))  # a tenth, if they have nine members
        self._in_odd = not self._decoder.between_rows()
        return end

    def close(self) -> List[Bounce]:
        """Say that the answer has ended.

        :raises ResponseError: it may not end here, or is not of the documented shape
        :raises ApiError: Mailkit said no
        """
        bounces = self._general(self._rest) if self._rest else []
        return bounces + super().close()

    def _general(self, data: bytes) -> List[Bounce]:
        return super().feed(data)
