"""One request goes out once, and its response is received whole.

(The standard library's Transport silently sends a second POST when a connection breaks.) The body is received into a
spool, decompressed and counted, and complete as far as HTTP can tell, before anybody sees a byte of it. A connection is
kept for the next call only where whoever reads the body has said that it was understood.
"""

import re
import time
from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import Iterator, NamedTuple, Optional

from .._version import __version__
from ..exceptions import (
    MalformedResponseError,
    ResponseError,
    ResponseTooLargeError,
    TransportError,
)
from ..exceptions.boundary import leaving, log, raised_by_caller
from .connect import Pool
from .connection import Connection
from .deadline import Deadline
from .http import Gunzip, Head, Reader, framed, keeps_alive
from .limits import ERROR_BODY_SECONDS, MAX_ERROR_BODY
from .route import Url
from .spool import Spool

USER_AGENT = "mailkit-xmlrpc/{}".format(__version__)


class Request(NamedTuple):
    """What goes out by POST."""

    url: Url
    content_type: str
    body: bytes
    #: the most of the decompressed body of its response that is received
    max_response_bytes: int


class Response:
    """A whole response. Whoever has it calls ``release`` and closes ``spool``, each once at least."""

    def __init__(
        self, head: Head, spool: Spool, reader: Reader, connection: Connection, pool: Pool, deadline: Deadline
    ) -> None:
        #: status line and fields, as they came
        self.head = head
        self.status = head.status
        #: the server's words for the status, or ""
        self.reason = head.reason
        #: seconds that it asked to wait before the next request, or None
        self.retry_after = retry_after(head.fields.get("retry-after", ""), time.time())
        self.content_type = head.fields.get("content-type", "")
        #: the host that a redirection leads to, or ""
        self.redirects_to = _host_of(head.fields.get("location", ""))
        #: whether HTTP told where the body ends
        self.framed = framed(head)
        #: the body, decompressed; of a status that is not 200, as much as could be had of it
        self.spool = spool
        #: bytes of body on the wire
        self.received = reader.received
        self._keeps_alive = head.status == 200 and keeps_alive(head) and not reader.surplus
        self._connection: Optional[Connection] = connection
        self._pool = pool
        self._deadline = deadline

    def release(self, reuse: bool) -> None:
        """Let go of the connection; with *reuse* it may serve another request. Twice is fine.

        :param reuse: whether the body was understood
        """
        connection, self._connection = self._connection, None
        if connection is None:
            return
        connection.detach(self._deadline)
        self._pool.give_back(connection, reuse and self._keeps_alive)


def exchange(request: Request, pool: Pool, deadline: Deadline) -> Response:
    """Send *request* once and receive its response.

    :raises TransportError: there was none that HTTP takes for complete
    :raises ResponseTooLargeError: it is longer than *max_response_bytes*
    :raises MalformedResponseError: its Content-Encoding is not known, or not what it says
    :raises LocalError: no descriptor, no room for the spool
    """
    connection = pool.take(deadline)
    try:
        connection.attach(deadline)
        connection.send(_head_of(request) + request.body, deadline)
        reader = Reader(lambda: connection.receive(deadline))
        head = reader.head()
        spool = Spool()
        try:
            if head.status == 200:
                receive(head, reader, spool, request.max_response_bytes)
            else:
                _receive_some(head, reader, spool, connection, deadline)
            response = Response(head, spool, reader, connection, pool, deadline)
        except BaseException as error:
            spool.close()
            if isinstance(error, ResponseError) and not raised_by_caller(error):
                error.content_type = head.fields.get("content-type")
            raise
        return response
    except BaseException:
        pool.give_back(connection, reuse=False)
        raise


_HOST = re.compile(r"(?:https?:)?//(?:[^/?#@]*@)?([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?=[:/?#]|\Z)", re.I)


def _host_of(location: str) -> str:
    """The host in *location*, which is safe to show; the rest of it may hold a token."""
    match = _HOST.match(location)
    return match.group(1) if match else ""


def _head_of(request: Request) -> bytes:
    head = (
        "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nContent-Type: {}\r\n"
        "Accept-Encoding: gzip\r\nContent-Length: {}\r\n\r\n"
    )
    url = request.url
    return head.format(url.target, url.netloc, USER_AGENT, request.content_type, len(request.body)).encode("ascii")


def _receive_some(head: Head, reader: Reader, spool: Spool, connection: Connection, deadline: Deadline) -> None:
    """Receive the body of a response whose status tells enough: what cannot be had of it is left out."""
    if head.status in (204, 304):  # RFC 9112 6.3: they have no body
        return
    seconds = Deadline(ERROR_BODY_SECONDS, time.monotonic)
    reader.receive = lambda: connection.receive(deadline, seconds.left())
    try:
        receive(head, reader, spool, MAX_ERROR_BODY)
    except (TransportError, ResponseError) as error:
        if raised_by_caller(error):
            raise
        leaving(error)


def receive(head: Head, reader: Reader, spool: Spool, max_bytes: int) -> None:
    """Receive the body that belongs to *head* into *spool*, decompressed, and complete by HTTP where HTTP can tell.

    :raises IncompleteResponseError: it is not complete
    :raises ResponseTooLargeError: it is longer than *max_bytes*
    """
    pieces = reader.body(head)
    if "content-encoding" in head.fields and _is_gzip(head.fields["content-encoding"]):
        pieces = _decompressed(pieces)
    for piece in pieces:
        if spool.size + len(piece) > max_bytes:
            raise ResponseTooLargeError(max_bytes, advice="raise max_response_bytes= if the report is that large")
        spool.write(piece)


#: "identity" is reserved for it (RFC 9110 8.4); the others were met where a charset or a MIME encoding was meant
_NO_CODING = frozenset(("", "identity", "none", "utf-8", "utf8", "iso-8859-1", "us-ascii", "7bit", "8bit", "binary"))


def _is_gzip(content_encoding: str) -> bool:
    given = [part.strip().lower() for part in content_encoding.split(",")]
    codings = [part for part in given if part not in _NO_CODING]
    if codings not in ([], ["gzip"], ["x-gzip"]):  # RFC 9110 8.4.1.3: x-gzip is gzip
        raise MalformedResponseError("the content coding {}".format(", ".join(codings)))
    # Only words that are known here get so far: nothing of the server's own is logged.
    if given != codings and content_encoding.lower() != "identity":
        log.info("Content-Encoding %s means no coding here", content_encoding)
    return bool(codings)


def _decompressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    gunzip = Gunzip()
    for piece in pieces:
        yield from gunzip.feed(piece)
    gunzip.close()


def retry_after(text: str, now: float) -> Optional[float]:
    """Seconds that a Retry-After (RFC 9110 10.2.3: seconds or a date) asks to wait; None where it is neither.

    :param now: seconds since the epoch
    """
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        if date.tzinfo is None:  # RFC 9110 5.6.7: the obsolete asctime form has no zone, and means UTC
            date = date.replace(tzinfo=timezone.utc)
        return max(0.0, date.timestamp() - now)
    except Exception as error:
        if raised_by_caller(error):
            raise
        # What it raises differs from Python to Python; before 3.9 there is an UnboundLocalError among it.
        return None
