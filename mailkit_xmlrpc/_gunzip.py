"""Content-Encoding gzip, undone piece by piece (RFC 1952): several members, zero padding, every trailer checked.

gzip.GzipFile wants a file, has no limit and raises EOFError, OSError or zlib.error by turns; this is a push parser
whose output comes in bounded pieces, so a bomb is stopped by whoever counts them.
"""
import zlib
from typing import Any, Iterator, Optional

from ._limits import PIECE
from .exceptions import IncompleteResponseError, MalformedResponseError

_MAGIC = b"\x1f\x8b"


class Gunzip:
    """Feed it compressed pieces, take decompressed ones."""

    def __init__(self, piece: int = PIECE) -> None:
        self._piece = piece
        self._received = 0
        self._head = b""  # what may be the beginning of a member
        self._member: Any = None  # a zlib decompressobj; None between members
        self._members = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what *data* decompresses to, at most ``piece`` bytes at a time.

        :raises MalformedResponseError: this is not gzip
        :raises IncompleteResponseError: a member is damaged
        """
        self._received += len(data)
        while data:
            if self._member is None:
                data = self._begin(data)
                if self._member is None:
                    return
            yield from self._inflate(self._member, data)
            data = self._member.unused_data
            if self._member.eof:
                self._member = None
                self._members += 1

    def _inflate(self, member: Any, data: bytes) -> Iterator[bytes]:
        while not member.eof:
            try:
                out: Optional[bytes] = member.decompress(data, self._piece)
            except zlib.error:
                out = None
            if out is None:  # raised outside the handler: no data hangs on the exception's context
                raise IncompleteResponseError(self._received, "its compressed form is damaged")
            if out:
                yield out
            data = member.unconsumed_tail
            if not data and len(out) < self._piece:  # with a full piece zlib may hold more back
                return

    def _begin(self, data: bytes) -> bytes:
        """Start the next member if *data* holds its beginning; returns what is left of *data*."""
        data = self._head + data
        if self._members:  # RFC 1952 says nothing of padding, gzip(1) writes zeros and ignores them
            data = data.lstrip(b"\0")
        if _MAGIC.startswith(data) and data != _MAGIC:  # its beginning, or nothing
            self._head = data
            return b""
        self._head = b""
        if not data.startswith(_MAGIC):
            raise MalformedResponseError("its Content-Encoding is gzip, but it is not compressed so")
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        return data

    def close(self) -> None:
        """Say that the input has ended.

        :raises IncompleteResponseError: in the middle of a member
        """
        if self._member is not None or self._head:
            raise IncompleteResponseError(self._received, "its compressed form is cut short")
