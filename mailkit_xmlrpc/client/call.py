"""One call with all its tries. Importing this module brings ssl, email, xmlrpc.client and defusedxml along."""

import xmlrpc.client
from typing import Callable, Iterator, Optional, Sequence, Tuple, TypeVar

from ..exceptions import (
    ApiError,
    FaultError,
    HTTPStatusError,
    IncompleteResponseError,
    MailkitError,
    ResponseError,
    TransportError,
)
from ..exceptions.boundary import leaving, log, raised_by_caller
from ..protocol.base import Protocol
from ..protocol.calls import Call, Row
from ..protocol.encoding import Body
from ..protocol.json import Json
from ..protocol.limits import WHOLE
from ..protocol.replies import reject_web_page, title_of
from ..protocol.xmlrpc import XmlRpc
from ..protocol.xmlrpc.decoder import Unmarshaller, getparser
from ..transport.connect import Pool
from ..transport.deadline import Deadline, Stop
from ..transport.exchange import Request, Response, exchange
from ..transport.limits import RETRY_AFTER_SECONDS
from ..transport.route import Route
from .rows import Rows, make_visible
from .settings import Settings

#: by the client's ``protocol``
PROTOCOLS = {"xmlrpc": XmlRpc(), "json": Json()}

_Result = TypeVar("_Result")

_HEAD = 1 << 12  # bytes in which an answer is seen to begin as one
_TAIL = 1 << 12  # bytes in which it is seen to end
_USUAL_TAIL = 1 << 6  # bytes in which most answers do
_BLANKS = b" \t\r\n\0"  # a blank of UTF-16 has a NUL beside it


def new_pool(settings: Settings) -> Pool:
    """The connections of one client; none is open yet."""
    return Pool(Route(settings.url, settings.proxy, settings.ssl_context, settings.ca_file, *settings.timeout))


def ask(settings: Settings, pool: Pool, call: "Call[Row]", stop: Optional[Stop] = None) -> "Rows[Row]":
    """Make *call*, as often as ``settings.retry`` allows.

    :param stop: can end it from another thread
    :raises MailkitError: the last try's error
    """
    return repeated(settings, pool, call, _try, stop)


def repeated(
    settings: Settings, pool: Pool, call: "Call[Row]", once: "Callable[..., _Result]", stop: Optional[Stop] = None
) -> _Result:
    """Return what *once* does, which makes *call* once: it is called as often as ``settings.retry`` allows.

    :raises MailkitError: the last try's error
    """
    deadline = Deadline(settings.deadline, settings.retry.clock, stop)
    protocol = PROTOCOLS[settings.protocol]
    tries = 0
    while True:
        try:
            if settings.rate is not None:
                settings.rate.wait(settings.retry.clock, settings.retry.sleep, deadline)
            deadline.left()
            if stop is not None and not tries:
                stop.check_unsent()
            tries += 1
            return once(settings, pool, protocol, call, deadline, tries)
        except MailkitError as error:
            if raised_by_caller(error):
                raise
            make_visible(error, protocol, tries, settings.client_md5)
            failure = error
        # Its traceback holds md5, request and answer: nothing of that may wait for a collector, or a log.
        leaving(failure)
        pause = _pause(settings, failure, tries, deadline)
        log.info(
            "%s try %d of %d failed%s: %s",
            str(call),
            tries,
            settings.retry.attempts,
            "" if pause is None else ", the next in {:.1f} s".format(pause),
            str(failure),
        )
        if pause is None:
            raise failure
        deadline.sleep(pause, settings.retry.sleep)
        if stop is not None and stop.refused:
            raise failure


def _pause(settings: Settings, failure: MailkitError, tries: int, deadline: Deadline) -> Optional[float]:
    """Seconds until the next try, or None where there shall be none."""
    if not isinstance(failure, TransportError) or not failure.retryable or tries >= settings.retry.attempts:
        return None
    asked = failure.retry_after if isinstance(failure, HTTPStatusError) else None
    pause = settings.retry.pause(tries, asked)
    if settings.deadline is not None:
        return pause if pause < settings.deadline - deadline.elapsed() else None
    return pause if asked is None or pause <= RETRY_AFTER_SECONDS else None


def _try(
    settings: Settings, pool: Pool, protocol: Protocol, call: "Call[Row]", deadline: Deadline, tries: int
) -> "Rows[Row]":
    md5 = settings.client_md5
    response = receive(settings, pool, protocol, call, deadline)
    # A short answer is decoded within the call. A longer one is decoded while its rows are asked for, perhaps
    # for hours; its connection is not kept that long, and a new one costs little beside such an answer.
    whole = response.spool.size <= WHOLE
    understood = False
    replace = settings.on_bad_text == "replace"
    try:
        body = SpooledBody(response, deadline)
        if response.status != 200:
            raise not_ok(response, protocol.fault_in(body, replace))
        check_end(response, body, protocol)
        reader = protocol.rows(call, settings.tz, body.size)
        rows = Rows(call, response, protocol.text(body, replace), reader, protocol, deadline, tries, md5)
        rows.begin(whole)
        understood = whole
        return rows
    except BaseException as error:
        understood = whole and isinstance(error, ApiError)
        if isinstance(error, ResponseError) and not raised_by_caller(error):
            error.content_type = response.content_type
        response.spool.close()
        raise
    finally:
        response.release(understood)


def receive(settings: Settings, pool: Pool, protocol: Protocol, call: "Call[Row]", deadline: Deadline) -> Response:
    """Make *call* once and return its whole response, whatever that says."""
    proxy = ServerProxy(settings, protocol, Transport(settings, protocol, pool, deadline))
    return proxy.request(call.function, protocol.arguments(call, settings.client_id, settings.client_md5.reveal()))


class SpooledBody(Body):
    """The body of *response*, in its spool."""

    def __init__(self, response: Response, deadline: Deadline) -> None:
        super().__init__(response.content_type, response.spool.size, response.spool.head(_HEAD))
        self._spool = response.spool
        # What came with another status is short, and its status shall be told also where the deadline cut it off.
        self._deadline = deadline if response.status == 200 else None

    def pieces(self) -> Iterator[bytes]:
        for piece in self._spool.pieces():
            if self._deadline is not None:
                self._deadline.left()
            yield piece


def not_ok(response: Response, fault: Optional[FaultError]) -> MailkitError:
    """What a response that is not 200 means: the *fault* if its body is one, else its status."""
    if fault is not None:
        return fault
    error = HTTPStatusError(response.status, response.reason, response.redirects_to)
    error.retry_after = response.retry_after
    # nginx refuses a client certificate so: "400 Bad Request", and only the page tells why.
    title = title_of(response.spool.head(_HEAD)) if response.status == 400 else ""
    error.page = title if "certificate" in title else ""
    return error


def check_end(response: Response, body: Body, protocol: Protocol) -> None:
    """Check that the body is whole by its own end, however HTTP framed it: a front end closes the answer of a script
    that died in the middle as a complete HTTP message (seen with nginx, Apache, lighttpd, caddy and h2o).

    :raises IncompleteResponseError: it is not
    :raises MalformedResponseError: it is a web page
    """
    tail = response.spool.tail(_TAIL, _BLANKS)
    end = protocol.expected_end(body.head, response.framed)
    if end is None:
        reject_web_page(body.head, body.content_type)
    if not tail:
        raise IncompleteResponseError(response.received, "its body is empty")
    if end is not None and not (end.search(tail, len(tail) - _USUAL_TAIL) or end.search(tail)):
        raise IncompleteResponseError(response.received, "the end of it is missing")


# --- the standard library's client ----------------------------------------------------------------------------------


class Transport(xmlrpc.client.Transport):
    """What a ServerProxy sends its request by; made anew for every try, so threads share nothing but the pool.

    The address is the settings': the one that ServerProxy would hand over is wrong on some Pythons
    (https://github.com/python/cpython/issues/87599) and ignores the URL's scheme.
    """

    def __init__(self, settings: Settings, protocol: Protocol, pool: Pool, deadline: Deadline) -> None:
        super().__init__()
        self._settings = settings
        self._protocol = protocol
        self._pool = pool
        self._deadline = deadline

    def getparser(self) -> Tuple[object, Unmarshaller]:  # type: ignore[override]  # same methods, stricter
        """The stdlib's hook: a DefusedExpatParser over our own unmarshaller."""
        return getparser()

    def request(  # type: ignore[override]  # the stdlib's returns what its parser made
        self, host: object, handler: str, request_body: bytes, verbose: bool = False
    ) -> Tuple[Response]:
        """Send *request_body* once and receive the response. ServerProxy unpacks a sequence of one, hence the tuple.

        :raises TransportError, ResponseError, LocalError: there is no whole response
        """
        settings = self._settings
        request = Request(settings.url, self._protocol.content_type, request_body, settings.max_response_bytes)
        return (exchange(request, self._pool, self._deadline),)


class ServerProxy(xmlrpc.client.ServerProxy):
    """The stdlib's ServerProxy with our encoding: it has none that writes ``<i4>``, and none that is safe.

    Overrides the private method behind every remote call (unchanged from Python 3.6 to 3.13; a canary test watches it).
    """

    def __init__(self, settings: Settings, protocol: Protocol, transport: Transport) -> None:
        super().__init__(settings.url.redacted, transport=transport)
        self._protocol = protocol
        self._transport = transport

    def _ServerProxy__request(self, methodname: str, params: Sequence[object]) -> Response:
        # host and handler are the transport's own affair, see there
        return self._transport.request("", "", self._protocol.encode(methodname, params))[0]

    #: the same, to be called by its name
    request = _ServerProxy__request
