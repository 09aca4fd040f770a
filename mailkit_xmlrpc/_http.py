"""An HTTP/1.1 answer, read without knowing where its bytes come from (RFC 9112). No sockets here.

http.client is not used for it: it skips 100 only and without a limit, takes 103 for the final answer, forgets to check
Content-Length against what came, reads error bodies without bound, and differs from Python to Python.
Limits are arguments; the defaults are http.client's where it has one.
"""
import re
from typing import Callable, Dict, Iterator, NamedTuple

from ._limits import MAX_HEAD, MAX_HEADERS, MAX_INTERIM, MAX_LINE
from ._text import shown
from .exceptions import HTTPProtocolError, IncompleteResponseError

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
        coding = head.fields.get("transfer-encoding", "").lower()
        if coding:  # RFC 9112 6.3: it overrides Content-Length
            if coding != "chunked":
                raise HTTPProtocolError("the transfer coding {}".format(shown(coding, limit=60)))
            return self._chunks()
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


def framed(head: Head) -> bool:
    """Whether the body's end can be told without the connection's."""
    return bool(head.fields.get("transfer-encoding")) or "content-length" in head.fields


def keeps_alive(head: Head) -> bool:
    """Whether the server will take another request on this connection (RFC 9112 9.3; HTTP/1.0 is not trusted to)."""
    options = {option.strip().lower() for option in head.fields.get("connection", "").split(",")}
    both = "transfer-encoding" in head.fields and "content-length" in head.fields  # 6.3: may be smuggling
    return head.minor >= 1 and "close" not in options and framed(head) and not both
