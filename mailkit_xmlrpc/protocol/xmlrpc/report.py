"""Bytes of one answer in pieces go in, Bounces come out. Pure: no socket, no file, no clock.

The general decoder (``decoder``) reads everything but the rows that the fast path (``fast_path``) can take. It never
sees those: what it reads is the same document with fewer rows, so it stays right about everything else, and its counts
are moved on past them.
"""

import re
from datetime import tzinfo
from typing import List, Optional, Tuple

from defusedxml.xmlrpc import DefusedExpatParser

from ...exceptions.boundary import raised_by_caller
from ...model.records import Bounce
from ..calls import BouncesCall
from ..columns import Words, bounces_of_structs
from ..limits import PIECE
from ..readers import RowReader
from .decoder import Decoder, Unmarshaller
from .fast_path import MAX_ROW, FastPath
from .raw_columns import RawWords, bounces_of, doubt_in

_MAX_HEAD = 1 << 12  # bytes within which the rows must begin for the fast path; usually they do within 200
_TURN = 1 << 8  # bytes: the decoder reads fewer in the time that a turn of the fast path costs
_MAX_SAVED = 1 << 12  # bytes: so much of what earlier turns took pays for those that take nothing
_MAX_SPAN = 1 << 13  # bytes that the decoder gets before the fast path tries again
_MAX_REST = 4 * MAX_ROW  # bytes that wait for the end of their row
_ROW_END = re.compile(b"</struct>[ \t\r\n]*</value>")


class ReportReader(RowReader[Bounce]):
    """Reads one bounce report over XML-RPC.

    :param parser: what ``getparser()`` returned
    :param fast: takes what it can; the rows are the same without it
    """

    def __init__(
        self,
        parser: Tuple[DefusedExpatParser, Unmarshaller],
        call: BouncesCall,
        tz: Optional[tzinfo] = None,
        fast: Optional[FastPath] = None,
    ) -> None:
        self._decoder: Decoder
        super().__init__(Decoder(*parser), call, tz)
        self._id_send = call.id_send
        self._words = Words()
        self._raw_words = RawWords()
        self._fast = fast  # None: the general decoder has the rest
        self._rest = b""  # neither of them has taken it yet: the beginning of a row
        self._in_rows = False
        self._in_irregular = False  # the decoder is in the middle of a row
        self._saved = 0  # bytes that the fast path took, less what its turns cost
        self._span = 0  # bytes that the decoder is given before the fast path tries again

    def feed(self, data: bytes) -> List[Bounce]:
        """Read on.

        :raises ResponseError: this is no report; rows already returned are not one either
        """
        bounces: List[Bounce] = []
        for at in range(0, len(data), PIECE):  # an expression takes memory by what it looks at
            bounces += self._after(data[at : at + PIECE])
        return bounces

    def forget(self) -> None:
        """Let go of all that was read and not handed over; nothing more will be read. Twice is fine."""
        self._rest = b""
        super().forget()

    def _made_of(self, items: List[object], first: int) -> List[Bounce]:
        """The Bounces of *items*: structs of the decoder, and raw rows of the fast path."""
        raw = [item for item in items if type(item) is tuple]
        of_raw = bounces_of(raw, self._id_send, self._tz, self._raw_words) if raw else []
        if len(raw) == len(items):
            return of_raw
        structs = [item for item in items if type(item) is not tuple]
        of_structs = bounces_of_structs(structs, self._id_send, self._tz, self._words)
        if of_structs is None:
            of_structs = [
                self._call.row(item, self._tz, number)
                for number, item in enumerate(items, first)
                if type(item) is not tuple
            ]
        one, other = iter(of_raw), iter(of_structs)
        return [next(one if type(item) is tuple else other) for item in items]

    # Everything below puts what it reads into the decoder's items.

    def _decode(self, data: Optional[bytes]) -> None:
        if data is None:
            if self._rest:
                self._decoder.feed(self._rest)
            self._decoder.close()
            return
        if self._fast is not None:
            data = self._rest + data
            self._rest = b""
            if not self._in_rows:
                data = self._without_head(data)
        if self._fast is not None and self._in_rows:
            data = self._without_rows(self._fast, data)
        if self._fast is not None:
            self._rest = data
        else:
            self._decoder.feed(data)

    def _without_head(self, data: bytes) -> bytes:
        """Give all before the first row to the decoder, once it is there; and see whether the fast path may be used."""
        at = data.find(b"<data>")
        if at < 0 and len(data) < _MAX_HEAD:
            return data
        if at >= 0:
            at += len(b"<data>")
            self._decoder.feed(data[:at])
            data = data[at:]
            self._in_rows = self._decoder.between_rows() and self._decoder.encoding in ("", "UTF-8")
        if not self._in_rows:
            self._fast = None
        return data

    def _without_rows(self, fast: FastPath, data: bytes) -> bytes:
        """Take the rows of *data*; returns what has to wait for the end of its row."""
        end = data.rfind(b">") + 1  # never inside of a character
        if not _is_utf8(data[:end]):
            self._fast = None
            return data
        rest = data[self._by_turns(fast, data, end) :]
        if len(rest) > _MAX_REST:  # a text or a tag of this length is not regular; the decoder sees where it ends
            self._fast = None
        return rest

    def _by_turns(self, fast: FastPath, data: bytes, end: int) -> int:
        """Let the fast path and the decoder take *data* up to *end* by turns; returns how far they came."""
        at = 0
        doubt = -1
        while at < end:
            if self._in_irregular:
                at = self._irregular(data, at, end)
                continue
            if doubt < at:
                doubt = min(doubt_in(data, at), end)
            rows, to = fast.rows(data, at, doubt)
            if rows:
                self._decoder.skip(to - at, rows)
            # The turns must be worth what they cost, or else the next one is put off, each time twice as long.
            self._saved = min(self._saved + to - at, _MAX_SAVED) - _TURN
            self._span = 0 if self._saved >= 0 else min(2 * self._span + _TURN, _MAX_SPAN)
            self._saved = max(self._saved, -_TURN)
            at = to
            if data.find(b"</struct>", at, end) < 0 and data.find(b"</data", at, end) < 0 and end - at < MAX_ROW:
                break  # a row that is still to come
            self._in_irregular = True
        return at

    def _irregular(self, data: bytes, at: int, end: int) -> int:
        """Let the decoder take what the fast path cannot: up to the end of a row, or all; returns where that is."""
        match = _ROW_END.search(data, at + self._span, end)
        if match is None:
            self._span = 0  # the rest of the row is in the next piece; behind that the fast path may try
        else:
            end = match.end()
        self._decoder.feed(data[at:end])
        self._in_irregular = not self._decoder.between_rows()
        if self._in_irregular and match:  # what looks like the end of a row may stand in a comment, ten thousand times
            self._span = min(2 * self._span + _TURN, _MAX_SPAN)
        return end


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if raised_by_caller(error):
            raise
        return False
    return True
