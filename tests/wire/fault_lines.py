"""What the lines of the fault matrix are made of: the answers, and a function for each kind of line."""
import gzip
from typing import Any, Dict, NamedTuple, Optional, Tuple

from scripted_server import Close, Request, Reset, Stall, http, report, value

ID_SEND = 123456  # what the call in trouble asks for
BODY = report(ID_SEND)
TWO_ROWS = report(ID_SEND, rows=2)
LENGTH = str(len(BODY))
GZIP = gzip.compress(BODY)
ZIPPED = "Content-Encoding: gzip"
CHUNKED = "Transfer-Encoding: chunked"
CLOSES = "Connection: close"
HEAD = http(length=len(BODY))  # the head of a good answer alone
CHUNKED_HEAD = http(b"", CHUNKED, length=None)
UNTIL_THE_END = http(b"", CLOSES, length=None)
GOOD = HEAD + BODY
HTML = b"<!doctype html><html><head><title>Maintenance</title></head><body>Back soon.<br></body></html>"
BOMB = gzip.compress(value("<string>" + " " * (8 << 20) + "</string>"))

STALL_SECONDS = 0.2  # the time-out where a server stalls; long enough for a busy machine to answer within it otherwise


class Fault(NamedTuple):
    """One line of the matrix."""

    name: str
    does: str  # what the server does, in words
    script: Optional[Tuple[Any, ...]]  # None: it does not listen
    expected: str  # the class of the exception, or "rows"
    tries: int = 1  # with Retry(attempts=3)
    seen: int = 1  # whole requests that the server sees in each try
    attributes: Dict[str, Any] = {}  # of the exception
    options: Dict[str, Any] = {}  # of the client
    rest: float = 0.0  # seconds until the next call, so that what the server did afterwards has arrived
    seconds: float = 5.0  # the call without retry must be over by then; an upper bound for a busy machine


def exchange(*steps):
    """A script that reads the request first."""
    return (Request(),) + steps


def stalls(name, does, *steps, **kwargs):
    """The server stops here and stays connected: the read time-out must end it, and it may be tried again."""
    options = dict(timeout=STALL_SECONDS)
    script = kwargs.pop("script", exchange(*steps + (Stall(),)))
    return Fault("stall-" + name, does + ", then silence", script, "RequestTimeoutError", 3, options=options, **kwargs)


def resets(name, does, *steps, **attributes):
    """The connection is reset here."""
    script = exchange(*steps + (Reset(),))
    return Fault("reset-" + name, does + ", then RST", script, "IncompleteResponseError", 3, attributes=attributes)


def ends(name, does, *steps, **attributes):
    """The connection ends here, in an orderly way."""
    script = exchange(*steps + (Close(),))
    return Fault("cut-" + name, does + ", then the end", script, "IncompleteResponseError", 3, attributes=attributes)


def answers(name, does, answer, expected="rows", tries=1, attributes=None, steps=(), options=None):
    """A whole answer; the connection stays open, so that the client alone decides about it."""
    return Fault(name, does, exchange(answer, *steps), expected, tries, 1, attributes or {}, options or {})


def status(told, tries=1):
    """An answer that is nothing but its status."""
    number = int(told.split()[0])
    attributes = dict(status=number, reason=told[4:])
    if tries > 1:
        attributes["retryable"] = True
    return answers(
        "status-{}".format(number),
        "{} without a body".format(told),
        http(status=told),
        "HTTPStatusError",
        tries,
        attributes,
    )


def unavailable(name, does, *steps):
    """A 503 whose body is in trouble: the status is told all the same."""
    options = dict(timeout=0.5)  # for the one that stalls; the head must have come within it
    attributes = dict(status=503)
    return Fault("503-" + name, "503 " + does, exchange(*steps), "HTTPStatusError", 3, 1, attributes, options)


def zipped(name, does, body, expected="rows", tries=1, header=ZIPPED, **options):
    """A good answer but for its compression."""
    return answers("gzip-" + name, does, http(body, header), expected, tries, options=options)


def says(name, does, body, expected="rows", *headers, **kwargs):
    """A whole HTTP 200 with *body*."""
    return answers(name, does, http(body, *headers), expected, **kwargs)
