"""What the lines of the fault matrix are made of: the answers, and a function for each kind of line."""

import gzip
import json
from functools import lru_cache
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple, Union

from .. import answers as _simulated
from .steps import Close, Reset, Stall, Step

Row = Mapping[str, object]
Steps = Tuple[Union[bytes, Step], ...]

ZIPPED = "Content-Encoding: gzip"
CHUNKED = "Transfer-Encoding: chunked"
CLOSES = "Connection: close"
UNAVAILABLE = "503 Service Unavailable"
HTML = b"<!doctype html><html><head><title>Maintenance</title></head><body>Back soon.<br></body></html>"

STALL_SECONDS = 0.2  # the time-out where a server stalls; long enough for a busy machine to answer within it otherwise
LARGE = 1 << 20  # bytes of the answer that is as large as allowed
_BOMB_SIZE = 8 << 20  # bytes
_SOMEONE: Row = {"EMAIL": "someone@example.com", "ID_EMAIL": 666, "REASON": "Bad Mailbox"}


class Fault(NamedTuple):
    """One line of the matrix: what the server does, and what must come of it."""

    name: str
    #: what the server does, in words
    does: str
    #: the same, as steps that follow the request; empty: nobody listens
    steps: Steps
    #: the class of the exception that leaves the call, or "rows"
    expected: str
    #: how often the client tries with ``Retry(attempts=3)``
    tries: int = 1
    #: of the exception
    attributes: Mapping[str, object] = {}
    #: of the client, where the outcome depends on them
    options: Mapping[str, object] = {}
    #: whether it happens before the request is read: the next connection has it, whatever is asked for
    on_connect: bool = False


def http(body: bytes = b"", *headers: str, status: str = "200 OK", length: Union[None, int, str] = -1) -> bytes:
    """An HTTP answer: *headers* are lines, *status* the text after the version.

    :param length: what Content-Length says; None: there is no such line; -1: the truth
    """
    lines = ["HTTP/1.1 " + status]
    if length is not None:
        lines.append("Content-Length: {}".format(len(body) if length == -1 else length))
    if not any(header.lower().startswith("content-type") for header in headers):
        lines.append("Content-Type: text/xml")
    lines.extend(headers)
    return "\r\n".join(lines + ["", ""]).encode("latin-1") + body


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return "{:x}\r\n".format(len(data)).encode("ascii") + data + b"\r\n"


def fault(code: int = 1, text: str = "no such method") -> bytes:
    """A methodResponse that is a fault."""
    return b"".join(piece.encode("utf-8") for piece in _simulated.XMLRPC.trouble(code, text))


def stalls(name: str, does: str, *steps: bytes, on_connect: bool = False) -> Fault:
    """The server stops here and stays connected: the read time-out must end it, and it may be tried again."""
    does += ", then silence"
    options = {"timeout": STALL_SECONDS}
    return Fault("stall-" + name, does, steps + (Stall(),), "RequestTimeoutError", 3, {}, options, on_connect)


def resets(name: str, does: str, *steps: bytes, **attributes: object) -> Fault:
    """The connection is reset here."""
    steps_ = steps + (Reset(),)
    return Fault("reset-" + name, does + ", then RST", steps_, "IncompleteResponseError", 3, attributes)


def ends(name: str, does: str, *steps: bytes, **attributes: object) -> Fault:
    """The connection ends here, in an orderly way."""
    return Fault("cut-" + name, does + ", then the end", steps + (Close(),), "IncompleteResponseError", 3, attributes)


def answers(
    name: str,
    does: str,
    answer: bytes,
    expected: str = "rows",
    tries: int = 1,
    attributes: Optional[Mapping[str, object]] = None,
    steps: Steps = (),
    options: Optional[Mapping[str, object]] = None,
) -> Fault:
    """A whole answer; the connection stays open, so that the client alone decides about it."""
    return Fault(name, does, (answer,) + steps, expected, tries, attributes or {}, options or {})


class Answers:
    """The answers over one protocol to one call, and the lines that hold a whole HTTP answer.

    :param protocol: "xmlrpc" or "json"
    :param rows: what the good answer says; none where the call is refused
    :param body: the good answer, where it is not just *rows*
    """

    def __init__(self, protocol: str, rows: Iterable[Row] = (_SOMEONE,), body: Optional[bytes] = None) -> None:
        self.protocol = protocol
        self._written = _simulated.PROTOCOLS[protocol]
        self._rows: List[Row] = list(rows)
        self.body = self._report(self._rows) if body is None else body
        self.length = str(len(self.body))
        self.half = self.body[: len(self.body) // 2]
        self.gzip = gzip.compress(self.body)
        self.half_gzip = self.gzip[: len(self.gzip) // 2]
        # The head of a good answer alone.
        self.head = self.http(length=len(self.body))
        self.chunked_head = self.http(b"", CHUNKED, length=None)
        self.half_chunk = chunk(self.body).partition(b"\r\n")[0] + b"\r\n" + self.half
        self.until_the_end = self.http(b"", CLOSES, length=None)
        self.good = self.head + self.body
        #: a good answer to another call
        self.other = self.http(self._report([_SOMEONE]))

    def _report(self, rows: Iterable[Row]) -> bytes:
        return "".join(self._written.rows(rows)).encode("utf-8", "xmlcharrefreplace")

    def spoilt(self, reason: bytes) -> bytes:
        """The good answer with another REASON in its first row, as it stands in the body."""
        rows = self._rows or [_SOMEONE]
        return self._report([dict(rows[0], REASON="TO-BE-SPOILT")] + rows[1:]).replace(b"TO-BE-SPOILT", reason, 1)

    def padded(self, size: int) -> bytes:
        """The good answer and white space, so many bytes together."""
        return self.body.ljust(size)

    def refusal(self, text: str) -> bytes:
        """What is answered where a call is refused."""
        return "".join(self._written.refusal(text)).encode("utf-8")

    def of(self, xml: str, json_text: str) -> bytes:
        """An answer that is one value: what stands in ``<value>``, or its JSON."""
        return json_text.encode("ascii") if self.protocol == "json" else _value(xml)

    @property
    def bomb(self) -> bytes:
        """Little gzip that becomes much."""
        return _bomb(self.protocol)

    def http(self, body: bytes = b"", *headers: str, **options: Any) -> bytes:
        """An HTTP answer with the Content-Type of the protocol, unless *headers* have one."""
        made = http(body, *headers, **options)
        if self.protocol == "json":
            made = made.replace(b"\r\nContent-Type: text/xml\r\n", b"\r\nContent-Type: application/json\r\n", 1)
        return made

    def status(self, told: str, tries: int = 1) -> Fault:
        """An answer that is nothing but its status."""
        number = int(told.split()[0])
        attributes: Dict[str, object] = {"status": number, "reason": told[4:]}
        if tries > 1:
            attributes["retryable"] = True
        name, does = "status-{}".format(number), "{} without a body".format(told)
        return answers(name, does, self.http(status=told), "HTTPStatusError", tries, attributes)

    def unavailable(self, name: str, does: str, *steps: Union[bytes, Step]) -> Fault:
        """A 503 whose body is in trouble: the status is told all the same."""
        # For the one that stalls; the head must have come within it.
        options = {"timeout": 0.5}
        return Fault("503-" + name, "503 " + does, steps, "HTTPStatusError", 3, {"status": 503}, options)

    def zipped(
        self,
        name: str,
        does: str,
        body: bytes,
        expected: str = "rows",
        tries: int = 1,
        header: str = ZIPPED,
        **options: Any,
    ) -> Fault:
        """A good answer but for its compression."""
        return answers("gzip-" + name, does, self.http(body, header), expected, tries, options=options)

    def says(self, name: str, does: str, body: bytes, expected: str = "rows", *headers: str, **kwargs: Any) -> Fault:
        """A whole HTTP 200 with *body*."""
        return answers(name, does, self.http(body, *headers), expected, **kwargs)


def _value(xml: str) -> bytes:
    """A methodResponse whose one value is *xml*."""
    start = '<?xml version="1.0" encoding="utf-8"?>\n<methodResponse><params><param><value>'
    return (start + xml + "</value></param></params></methodResponse>").encode("utf-8")


@lru_cache(maxsize=None)
def _bomb(protocol: str) -> bytes:
    text = " " * _BOMB_SIZE
    return gzip.compress(json.dumps(text).encode("ascii") if protocol == "json" else _value(text))
