"""An HTTP/1.1 answer, read without knowing where its bytes come from (RFC 9112). No sockets here.

http.client is not used for it: it skips 100 only and without a limit, takes 103 for the final answer, forgets to check
Content-Length against what came, reads error bodies without bound, and differs from Python to Python.
Limits are http.client's where it has one.
"""

import re
import zlib
from typing import Callable, Dict, Iterator, NamedTuple, Optional

from ..exceptions import HTTPProtocolError, IncompleteResponseError, MalformedResponseError
from ..exceptions.boundary import log, raised_by_caller
from .limits import MAX_HEAD, MAX_HEADERS, MAX_INTERIM, MAX_LINE, PIECE

_STATUS_LINE = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9]{2})(?: (.*))?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)", re.DOTALL)  # RFC 9110 5.1 token
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,18}")


class Head(NamedTuple):
    """Status line and header fields of the final answer; names in lower case, repeated ones joined by a comma."""

    minor: int
    status: int
    reason: str
    fields: Dict[str, str]


class Reader:
    """Reads one answer from *receive*, which returns the next bytes that came, or ``b""`` at the connection's end."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        #: where the next bytes come from; may be changed between two reads
        self.receive = receive
        self._buffer = b""
        self._at = 0  # how far the buffer is read: slicing it for every tiny chunk would be quadratic
        #: bytes of body that came, before any decompression
        self.received = 0
        self._began = False

    @property
    def surplus(self) -> bool:
        """Whether bytes came behind the answer."""
        return self._at < len(self._buffer)

    # --- the head ---------------------------------------------------------------------------------------------------

    def head(self, max_interim: int = MAX_INTERIM) -> Head:
        """Read up to the body; 1xx answers are passed over.

        :raises IncompleteResponseError: the connection ended
        :raises HTTPProtocolError: this is not HTTP
        """
        for _ in range(max_interim + 1):
            line = self._line()
            match = _STATUS_LINE.fullmatch(line)
            if match is None:
                raise HTTPProtocolError("its first line is not a status line")
            status = int(match.group(2))
            fields = self._fields()
            if status == 101:
                raise HTTPProtocolError("it switches to another protocol unasked")
            if status >= 200:
                return Head(int(match.group(1)), status, (match.group(3) or b"").decode("latin-1").strip(), fields)
        raise HTTPProtocolError("more than {} interim answers".format(max_interim))

    def _fields(self) -> Dict[str, str]:
        fields: Dict[str, str] = {}
        name = ""
        size = 0
        for _ in range(MAX_HEADERS + 1):
            line = self._line()
            if not line:
                return fields
            size += len(line)
            if size > MAX_HEAD:
                raise HTTPProtocolError("its header is longer than {} bytes".format(MAX_HEAD))
            if line[:1] in b" \t" and name:  # RFC 9112 5.2: a folded line goes on
                fields[name] += " " + line.strip().decode("latin-1")
                continue
            match = _FIELD.fullmatch(line)
            if match is None:
                raise HTTPProtocolError("a header line without a name")
            name = match.group(1).decode("ascii").lower()
            value = match.group(2).decode("latin-1").strip()
            fields[name] = "{}, {}".format(fields[name], value) if name in fields else value
        raise HTTPProtocolError("more than {} header lines".format(MAX_HEADERS))

    def _line(self, max_line: int = MAX_LINE) -> bytes:
        searched = self._at
        end = self._buffer.find(b"\n", searched)
        while end < 0 and len(self._buffer) - self._at <= max_line:
            searched = len(self._buffer) - self._at
            self._more()
            end = self._buffer.find(b"\n", searched)
        if end < 0 or end - self._at > max_line:
            raise HTTPProtocolError("a line longer than {} bytes".format(max_line))
        line = self._buffer[self._at : end]
        self._at = end + 1
        return line[:-1] if line.endswith(b"\r") else line  # RFC 9112 2.2: a lone LF may be taken

    def _received(self) -> bytes:
        try:
            return self.receive()
        except IncompleteResponseError as error:  # a reset; the connection cannot know how much of the body had come
            if not raised_by_caller(error):
                error.received = self.received
            raise

    def _more(self) -> None:
        """Wait for more bytes, behind those not yet read (of which there are few)."""
        data = self._received()
        if not data:
            raise self._incomplete()
        self._began = True
        self._buffer = self._buffer[self._at :] + data
        self._at = 0

    def _incomplete(self) -> IncompleteResponseError:
        if not self._began:
            return IncompleteResponseError(0, "the connection ended before the answer began")
        return IncompleteResponseError(self.received)

    # --- the body ---------------------------------------------------------------------------------------------------

    def body(self, head: Head) -> Iterator[bytes]:
        """Yield the body in pieces as they come, of a final answer that has one.

        :raises IncompleteResponseError: the connection ended before the body did (where its length is known)
        :raises HTTPProtocolError: a length or a chunk that is none
        """
        coding = _transfer_coding(head)
        if coding:  # RFC 9112 6.3: it overrides Content-Length
            if coding != "chunked":
                raise HTTPProtocolError("the transfer coding {}".format(coding))
            return self._chunks()
        if "transfer-encoding" in head.fields:
            log.info("Transfer-Encoding identity means no coding here")
        if "content-length" in head.fields:
            return self._exactly(content_length(head))
        return self._to_the_end()

    def _exactly(self, length: int) -> Iterator[bytes]:
        while length:
            if self._at == len(self._buffer):
                self._more()
            piece = self._buffer[self._at : self._at + length]
            self._at += len(piece)
            length -= len(piece)
            self.received += len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while True:
            match = _CHUNK.fullmatch(self._line())
            if match is None:
                raise HTTPProtocolError("a chunk without a size")
            size = int(match.group(1), 16)
            if not size:
                self._fields()  # the trailer: nothing in it is of use
                return
            yield from self._exactly(size)
            if self._line():
                raise HTTPProtocolError("a chunk longer than its size")

    def _to_the_end(self) -> Iterator[bytes]:
        piece = self._buffer[self._at :]
        self._at = len(self._buffer)
        while True:
            if piece:
                self.received += len(piece)
                yield piece
            piece = self._received()
            if not piece:
                return


def content_length(head: Head) -> int:
    """The Content-Length of *head*, which has one; the same one repeated counts once (RFC 9112 6.3)."""
    lengths = {part.strip() for part in head.fields["content-length"].split(",")}
    text = lengths.pop()
    if lengths or not _LENGTH.fullmatch(text):
        raise HTTPProtocolError("a Content-Length that is not a number")
    return int(text)


def _transfer_coding(head: Head) -> str:
    """Its transfer coding; "identity" is none, which servers said before RFC 7230 took the word away."""
    coding = head.fields.get("transfer-encoding", "").lower()
    return "" if coding == "identity" else coding


def framed(head: Head) -> bool:
    """Whether the body's end can be told without the connection's."""
    return bool(_transfer_coding(head)) or "content-length" in head.fields


def keeps_alive(head: Head) -> bool:
    """Whether the server will take another request on this connection (RFC 9112 9.3; HTTP/1.0 is not trusted to)."""
    options = {option.strip().lower() for option in head.fields.get("connection", "").split(",")}
    both = "transfer-encoding" in head.fields and "content-length" in head.fields  # 6.3: may be smuggling
    return head.minor >= 1 and "close" not in options and framed(head) and not both


_MAGIC = b"\x1f\x8b"


class Gunzip:
    """Feed it compressed pieces, take decompressed ones."""

    def __init__(self, piece: int = PIECE) -> None:
        self._piece = piece
        self._received = 0
        self._head = b""  # what may be the beginning of a member
        self._member: "Optional[zlib._Decompress]" = None  # None between members
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

    def _inflate(self, member: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
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
