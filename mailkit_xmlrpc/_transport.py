"""One try of one call: our Transport in a real xmlrpc.client.ServerProxy.

The request goes out once (the stdlib's Transport silently sends a second POST when a connection breaks); the answer is
received whole into a spool and proven complete before anybody sees a byte of it. A connection is kept for the next
call only after an answer that was complete *and* understood.
"""
import re
import time
import xmlrpc.client
from collections import deque
from datetime import timezone
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Callable, Deque, Iterator, Optional, Tuple

from ._answer import fault
from ._connection import Connection, Route, connect
from ._deadline import Deadline
from ._decode import Unmarshaller, getparser
from ._escape import bare
from ._form import Form
from ._gunzip import Gunzip
from ._http import Head, Reader, framed, keeps_alive
from ._limits import ERROR_BODY_SECONDS, MAX_ERROR_BODY, MAX_IDLE
from ._spool import Spool
from ._text import shown
from ._version import __version__
from .exceptions import (
    HTTPStatusError,
    IncompleteResponseError,
    MailkitError,
    MalformedResponseError,
    ResponseError,
    ResponseTooLargeError,
    TransportError,
)

USER_AGENT = "mailkit-xmlrpc/{}".format(__version__)


class Pool:
    """Idle connections. deque's append and pop are atomic, so no lock is needed, and none is ever held during a
    call."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._idle: Deque[Connection] = deque()
        self._closed = False

    def take(self, deadline: Deadline) -> Connection:
        """An idle connection that is still good, or a new one."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return connect(self._route, deadline)
            if connection.usable():
                return connection
            connection.close()

    def give_back(self, connection: Connection) -> None:
        """Keep *connection* for the next call, if there is room; and close those that lie idle for too long."""
        try:
            while self._idle[0].is_old():
                self._idle.popleft().close()  # at worst, while other threads take some, one that is not as old
        except IndexError:
            pass
        if len(self._idle) < MAX_IDLE and not self._closed:
            connection.rest()
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close the idle ones; calls under way go on and close theirs when they are done."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def __del__(self) -> None:
        self.close()


class Answer:
    """A complete HTTP 200 in a spool; nothing is known yet of what it says."""

    def __init__(
        self, spool: Spool, describe: Callable[[ResponseError], None], received: int, spare: Callable[[bool], None]
    ) -> None:
        self.spool = spool
        #: notes in an error what the answer was to be, and what it said it was
        self.describe = describe
        #: bytes of body on the wire
        self.received = received
        self._spare = spare

    def understood(self, well: bool) -> None:
        """Say whether the connection may be used again: only after an answer that was understood."""
        self._spare(well)


class Transport(xmlrpc.client.Transport):
    """Moves one request and one answer; made anew for every try, so threads share nothing but the pool.

    :param target: the request target (path and query). The one ServerProxy would hand over is wrong on some Pythons
        (https://github.com/python/cpython/issues/87599) and ignores the URL's scheme
    """

    def __init__(
        self,
        form: Form,
        pool: Pool,
        host: str,
        target: str,
        deadline: Deadline,
        max_bytes: int,
        shown: Callable[[str], str],
    ) -> None:
        super().__init__()
        self.form = form
        self._pool = pool
        self._host = host
        self._target = target
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._shown = shown

    def getparser(self) -> Tuple[Any, Unmarshaller]:  # type: ignore[override]  # same methods, stricter
        """The stdlib's hook: a DefusedExpatParser over our own unmarshaller."""
        return getparser()

    def request(self, host: Any, handler: str, request_body: Any, verbose: bool = False) -> Any:
        """Send *request_body* once and receive the answer. ServerProxy unpacks a sequence of one, hence the tuple.

        :raises TransportError, FaultError, LocalError, ResponseError: no complete HTTP 200
        """
        connection = self._pool.take(self._deadline)
        try:
            connection.attach(self._deadline)
            return (self._exchange(connection, request_body),)
        except BaseException:
            connection.close()
            raise

    def _exchange(self, connection: Connection, body: bytes) -> Answer:
        head = (
            "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}\r\nContent-Type: {}\r\n"
            "Accept-Encoding: gzip\r\nContent-Length: {}\r\n\r\n"
        ).format(self._target, self._host, USER_AGENT, self.form.content_type, len(body))
        connection.send(head.encode("ascii") + body, self._deadline)
        reader = Reader(lambda: connection.receive(self._deadline))
        answer = reader.head()
        if answer.status != 200:
            raise self._not_ok(answer, reader, connection)
        describe = partial(_describe, self.form.name, self._odd_content_type(answer))
        spool = Spool()
        try:
            receive(answer, reader, spool, self._max_bytes, self.form.ended)
        except BaseException as error:
            spool.close()
            if isinstance(error, ResponseError):
                describe(error)
            raise
        reusable = keeps_alive(answer) and not reader.surplus

        def spare(well: bool) -> None:
            connection.detach(self._deadline)
            if well and reusable:
                self._pool.give_back(connection)
            else:
                connection.close()

        return Answer(spool, describe, reader.received, spare)

    def _odd_content_type(self, head: Head) -> Optional[str]:
        given = head.fields.get("content-type", "")
        return None if not given or self.form.content_types.match(given) else self._shown(given)

    def _not_ok(self, head: Head, reader: Reader, connection: Connection) -> MailkitError:
        """What an answer that is not 200 means: a fault if its body is one, else its status."""
        error = HTTPStatusError(head.status, self._shown(head.reason))
        error.retry_after = retry_after(head.fields.get("retry-after", ""), time.time())
        if head.status in (204, 304):  # RFC 9112 6.3: they have no body
            return error
        seconds = Deadline(ERROR_BODY_SECONDS, time.monotonic)
        reader.receive = lambda: connection.receive(self._deadline, seconds.left())
        spool = Spool()
        try:
            receive(head, reader, spool, MAX_ERROR_BODY, self.form.ended)
            decoder = self.form.decoder(self.getparser)
            for piece in spool.pieces():
                decoder.feed(piece)
            decoder.close()
            if "fault" in decoder.found:
                return fault(decoder.found["fault"], self._shown)
        except (TransportError, ResponseError) as odd:  # too long, too slow, broken, another form: the status tells
            bare(odd)
        finally:
            spool.close()
        return error


class Proxy(xmlrpc.client.ServerProxy):
    """The stdlib's ServerProxy with our marshalling: it has none that writes ``<i4>``, and none that is safe.

    Overrides the private method behind every remote call (unchanged from Python 3.6 to 3.13; a canary test watches it).
    """

    def __init__(self, url: str, transport: Transport) -> None:
        super().__init__(url, transport=transport)
        self._transport = transport

    def _ServerProxy__request(self, methodname: str, params: Tuple[Any, ...]) -> Any:
        # host and handler are the transport's own affair, see there
        return self._transport.request("", "", self._transport.form.body(methodname, params))[0]


def _describe(form: str, content_type: Optional[str], error: ResponseError) -> None:
    error.form = form
    error.content_type = content_type


# --- receiving ------------------------------------------------------------------------------------------------------


def receive(head: Head, reader: Reader, spool: Spool, max_bytes: int, ended: Callable[[Spool], bool]) -> None:
    """Receive the body that belongs to *head* into *spool*, decompressed, and prove it complete.

    :param ended: whether the end of the answer is there, for where only that of the connection ends it
    :raises IncompleteResponseError: it is not
    :raises ResponseTooLargeError: it is longer than *max_bytes*
    """
    pieces = reader.body(head)
    if "content-encoding" in head.fields and _is_gzip(head.fields["content-encoding"]):
        pieces = _decompressed(pieces)
    for piece in pieces:
        if spool.size + len(piece) > max_bytes:
            raise ResponseTooLargeError(max_bytes, advice="raise max_response_bytes= if the report is that large")
        spool.write(piece)
    if not framed(head) and not ended(spool):
        raise IncompleteResponseError(reader.received)


def _is_gzip(content_encoding: str) -> bool:
    codings = [part.strip().lower() for part in content_encoding.split(",")]
    codings = [part for part in codings if part not in ("", "identity")]
    if codings not in ([], ["gzip"], ["x-gzip"]):  # RFC 9110 8.4.1.3: x-gzip is gzip
        raise MalformedResponseError("the content coding {}".format(shown(", ".join(codings), limit=60)))
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
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        if date.tzinfo is None:  # RFC 9110 5.6.7: the obsolete asctime form has no zone, and means UTC
            date = date.replace(tzinfo=timezone.utc)
        return max(0.0, date.timestamp() - now)
    except Exception:  # what it raises differs from Python to Python; before 3.9 there is an UnboundLocalError among it
        return None
