"""Everything that can go wrong, sorted by whose fault it is.

::

    MailkitError                      catching it catches everything
    ├─ ConfigurationError             the caller's mistake; also ValueError; nothing was sent
    ├─ LocalError                     this machine's: no room for the spool, no descriptors
    ├─ TransportError                 no usable HTTP answer; .retryable
    │  ├─ ConnectError                nothing was sent
    │  ├─ RequestTimeoutError         also TimeoutError
    │  ├─ DeadlineExceededError       also TimeoutError
    │  ├─ HTTPStatusError             .status .reason
    │  ├─ HTTPProtocolError           not HTTP
    │  └─ IncompleteResponseError     .received
    ├─ ResponseError                  HTTP 200, but not the promised XML-RPC
    │  ├─ MalformedResponseError
    │  ├─ UnsafeXMLError
    │  ├─ ResponseTooLargeError       .limit
    │  └─ UnexpectedShapeError
    └─ ApiError                       Mailkit said no; .message
       ├─ UnauthorizedError
       ├─ DisallowedIPError           .ip
       ├─ InvalidSendIdError          .id_send
       └─ FaultError                  .code

Each says in one line what happened and what to do, carries ``.attempts`` (tries made; 0 when nothing was sent), and can
be pickled and copied. Texts that come from outside are made safe
(``redact.redact``) before anybody sees one.
"""

from typing import Dict, Optional, Tuple, Type

from .redact import counted

__all__ = [
    "MailkitError",
    "ConfigurationError",
    "LocalError",
    "TransportError",
    "ConnectError",
    "RequestTimeoutError",
    "DeadlineExceededError",
    "HTTPStatusError",
    "HTTPProtocolError",
    "IncompleteResponseError",
    "ResponseError",
    "MalformedResponseError",
    "UnsafeXMLError",
    "ResponseTooLargeError",
    "UnexpectedShapeError",
    "ApiError",
    "UnauthorizedError",
    "DisallowedIPError",
    "InvalidSendIdError",
    "FaultError",
]

#: behind a text that says that API ID or MD5 is missing
WHERE_IT_IS = "; you find API ID and MD5 in your Mailkit account under Profile / Integration"


def _rebuild(cls: Type["MailkitError"], args: Tuple[object, ...], state: Dict[str, object]) -> "MailkitError":
    # By __new__: __init__ of the leaves takes other arguments than args holds (the stdlib's own Fault and ProtocolError
    # cannot be unpickled for that reason, https://github.com/python/cpython/issues/93542).
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


class MailkitError(Exception):
    """The root: everything this package raises on purpose. Never raised itself."""

    #: tries made before it was raised; 0 when nothing was sent
    attempts: int = 0

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    def _text(self) -> str:
        return self.detail

    def __str__(self) -> str:
        text = self._text()
        return text if self.attempts < 2 else "{} ({} tries)".format(text, self.attempts)

    def __reduce__(self) -> Tuple[object, ...]:
        return _rebuild, (type(self), self.args, dict(self.__dict__))


class ConfigurationError(MailkitError, ValueError):
    """An argument or a setting cannot be used; nothing was sent. Its text names the argument and shows no secret."""


class LocalError(MailkitError):
    """This machine could not do its part: no room for the temporary file, no file descriptor left."""

    def _text(self) -> str:
        return "{}; this machine could not do its part, Mailkit was not at fault".format(self.detail)


class TransportError(MailkitError):
    """No usable HTTP answer came. Never raised itself."""

    #: whether the same call may succeed a little later; what Retry goes by
    retryable: bool = True


class ConnectError(TransportError):
    """No connection could be made (DNS, refused, certificate, proxy said no).

    ``.sent`` is False where nothing was sent, and True where the request may have been: TLS 1.3 tells a refused client
    certificate only when the answer is waited for. ``.advice`` is what to do.
    """

    def __init__(
        self,
        detail: str,
        retryable: bool = True,
        sent: bool = False,
        advice: str = "check the host name, the network and the proxy",
    ) -> None:
        super().__init__(detail)
        self.retryable = retryable
        self.sent = sent
        self.advice = advice

    def _text(self) -> str:
        return "{}; {}{}".format(self.detail, "" if self.sent else "nothing was sent: ", self.advice)


class RequestTimeoutError(TransportError, TimeoutError):
    """One step took too long: ``.phase`` is connecting, TLS handshake, sending or reading; ``.seconds`` its limit."""

    def __init__(self, phase: str, seconds: float) -> None:
        super().__init__(phase)
        self.phase = phase
        self.seconds = seconds

    def _text(self) -> str:
        return "{} took longer than {:g} s; ask again later or raise timeout=".format(self.phase, self.seconds)


class DeadlineExceededError(TransportError, TimeoutError):
    """The call with all its tries took longer than ``.seconds``."""

    retryable = False

    def __init__(self, seconds: float) -> None:
        super().__init__("deadline")
        self.seconds = seconds

    def _text(self) -> str:
        return "the call was not finished within its deadline of {:g} s; ask again later or raise deadline=".format(
            self.seconds
        )


#: "try again later" by their definition (RFC 9110 15, RFC 6585 4, RFC 8470 5.2), met by other clients of this API, or
#: what proxies in front of a server say of it: Cloudflare's 520 to 527 and 530, 598 and 599 of several others
RETRYABLE_STATUS = frozenset((408, 425, 429, 500, 502, 503, 504, *range(520, 528), 530, 598, 599))


class HTTPStatusError(TransportError):
    """The HTTP answer is not 200: ``.status`` (int), ``.reason`` (the server's words for it, or "").

    ``.location`` is the host that a redirection leads to, or "".
    """

    def __init__(self, status: int, reason: str = "", location: str = "") -> None:
        super().__init__("HTTP {} {}".format(status, reason).rstrip())
        self.status = status
        self.reason = reason
        self.location = location
        self.retryable = status in RETRYABLE_STATUS
        #: the title of the web page that came with it, where that is about a client certificate; else ""
        self.page = ""
        #: seconds the server asked to wait (its Retry-After), or None
        self.retry_after: Optional[float] = None

    def _text(self) -> str:
        if self.retryable:
            advice = "ask again later"
        elif 300 <= self.status < 400:
            where = ", which leads to {}".format(self.location) if self.location else ""
            return "the server answered {}{}; redirects are not followed: check url=".format(self.detail, where)
        elif self.status == 400 and "certificate" in self.reason.lower():
            advice = "give it in ssl_context="
        elif self.page:
            advice = 'it says "{}": check the client certificate in ssl_context='.format(self.page)
        else:
            advice = "check url= and what stands between you and Mailkit"
        return "the server answered {}; {}".format(self.detail, advice)


class HTTPProtocolError(TransportError):
    """What came is not HTTP: garbage status line, header too long, bad chunk, endless 1xx."""

    retryable = False

    def _text(self) -> str:
        return "the answer is not HTTP: {}; check url= and what stands between you and Mailkit".format(self.detail)


class IncompleteResponseError(TransportError):
    """The connection ended too early: ``.received`` bytes of body (0 when it ended before the status line)."""

    def __init__(self, received: int, detail: str = "the connection ended early") -> None:
        super().__init__(detail)
        self.received = received

    def _text(self) -> str:
        return "the answer is incomplete after {}: {}; ask again".format(counted(self.received, "byte"), self.detail)


class ResponseError(MailkitError):
    """HTTP said 200, but this is not the promised answer. Never raised itself."""

    #: what was promised: XML-RPC or JSON
    protocol: str = "XML-RPC"
    #: the answer's Content-Type where it is not one of that form, made safe to show; else None
    content_type: Optional[str] = None

    def _named(self, text: str) -> str:
        return text if self.content_type is None else "{} (its Content-Type is {})".format(text, self.content_type)


class MalformedResponseError(ResponseError):
    """The body is not well-formed, or not of its form (XML-RPC, JSON). (An empty one is incomplete.)

    ``.at`` is the byte of the decompressed body at which that is seen, or None; ``.advice`` is what to do, or "".
    """

    at: Optional[int] = None
    advice: str = ""

    def _text(self) -> str:
        where = "" if self.at is None else " at byte {}".format(self.at)
        text = self._named("the answer is not {}: {}{}".format(self.protocol, self.detail, where))
        return "{}; {}".format(text, self.advice) if self.advice else text


class UnsafeXMLError(ResponseError):
    """The body declares a DTD or an entity. XML-RPC needs neither; attacks do."""

    def _text(self) -> str:
        return self._named("the answer holds {}, which XML-RPC never needs".format(self.detail)) + "; it was refused"


class ResponseTooLargeError(ResponseError):
    """A limit was passed: ``.limit`` in ``.unit``."""

    def __init__(
        self, limit: int, unit: str = "bytes", what: str = "the answer", advice: str = "it was refused"
    ) -> None:
        super().__init__(what)
        self.limit = limit
        self.unit = unit
        self.advice = advice

    def _text(self) -> str:
        limit = counted(self.limit, self.unit.rstrip("s"), self.unit)
        return self._named("{} is larger than {}".format(self.detail, limit)) + "; " + self.advice


class UnexpectedShapeError(ResponseError):
    """Well-formed XML-RPC of another shape than documented; the text says where (rows are counted from 0)."""

    def _text(self) -> str:
        return self._named("the answer has an undocumented shape: {}".format(self.detail))


class ApiError(MailkitError):
    """Mailkit answered and said no: ``.message`` is what it said, stripped and made safe to show."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def _text(self) -> str:
        return "Mailkit refused the call: {}".format(self.message)


class UnauthorizedError(ApiError):
    """client_id or client_md5 is wrong; ``.doubt`` is what looks wrong with client_md5, or ""."""

    def __init__(self, message: str = "Unauthorized") -> None:
        super().__init__(message)
        self.doubt = ""

    def _text(self) -> str:
        doubt = "; {}".format(self.doubt) if self.doubt else ""
        return "{}{}; compare client_id and client_md5 with Profile / Integration in your Mailkit account".format(
            super()._text(), doubt
        )


class DisallowedIPError(ApiError):
    """Calls from this address are not allowed: ``.ip`` (None where Mailkit did not name it)."""

    def __init__(self, message: str, ip: Optional[str] = None) -> None:
        super().__init__(message)
        self.ip = ip

    def _text(self) -> str:
        return "{}; allow {} under Profile / Integration in your Mailkit account".format(
            super()._text(), self.ip or "this machine's public IP address"
        )


class InvalidSendIdError(ApiError):
    """There is no such delivery: ``.id_send`` is what was asked for (int)."""

    def __init__(self, message: str, id_send: int) -> None:
        super().__init__(message)
        self.id_send = id_send

    def _text(self) -> str:
        return "{}; it was asked for ID_send {}: check that it is a delivery of this account".format(
            super()._text(), self.id_send
        )


class FaultError(ApiError):
    """An XML-RPC fault: ``.code`` (int, or None where it was not a number) and ``.message``."""

    def __init__(self, code: Optional[int], message: str) -> None:
        super().__init__(message)
        self.code = code

    def _text(self) -> str:
        code = "without a code" if self.code is None else str(self.code)
        # Perl's Frontier and XMLRPC::Lite know no such type (tried).
        advice = "; it does not know <i8>: give the id as a string by call()" if "i8" in self.message else ""
        return "Mailkit's server answered with fault {}: {}{}".format(code, self.message or "(no text)", advice)


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
