"""What a caller may give to the client: checked once, before anything is sent. Nothing here needs a socket."""

import operator
import os
from datetime import tzinfo
from typing import TYPE_CHECKING, Iterable, NamedTuple, Optional, Tuple

from ..exceptions import ConfigurationError
from ..exceptions.boundary import raised_by_caller
from ..exceptions.redact import Secret, counted, shown_path
from ..protocol.limits import MAX_ID, ON_BAD_TEXT
from ..transport.route import HttpProxy, Url
from .addresses import parsed_proxy, parsed_url
from .rate import Rate
from .retry import Retry

if TYPE_CHECKING:
    import ssl

MAX_SECONDS = 1e6  # about 11 days; the C libraries' time-outs overflow some way above
_QUOTES = "'\"`\u2018\u2019\u201c\u201d\u201e"


def positive(value: object, name: str) -> int:
    """*value* as an int from 1 to 2^63-1: anything with ``__index__``, but no bool."""
    number = None
    try:
        number = None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]  # what is no integer raises
    except Exception as error:
        if raised_by_caller(error, value):
            raise
    if number is None:
        # The text may be a secret that was given in the wrong place.
        advice = ": leave out the quotes, or write int(...) around it" if type(value) is str and value.isdigit() else ""
        words = "{} must be a positive integer, not of type {}{}"
        raise ConfigurationError(words.format(name, type(value).__name__, advice))
    if not 1 <= number <= MAX_ID:
        raise ConfigurationError("{} must be a positive integer of at most 63 bits".format(name))
    return int(number)


def secret(value: object) -> Secret:
    """*value* as client_md5."""
    if not isinstance(value, str) or not value or not value.isprintable() or " " in value:
        raise ConfigurationError("client_md5 must be a non-empty string of printable characters without spaces")
    return Secret(str.__str__(value))  # a subclass may print as something else


def doubt_about_md5(md5: Secret) -> str:
    """What looks wrong with *md5*, without showing it; "" where it looks right: 32 hexadecimal digits (PAGE)."""
    text = md5.reveal()
    if text[0] in _QUOTES or text[-1] in _QUOTES:
        return "client_md5 has quotation marks around it"
    if len(text) != 32:
        return "client_md5 has {} instead of 32".format(counted(len(text), "character"))
    others = sum(1 for char in text if char not in "0123456789abcdefABCDEF")
    if others:
        return "client_md5 has {} no hexadecimal digit (0 to 9, a to f)".format(
            counted(others, "character that is", "characters that are")
        )
    return ""


def certificates(value: object, ssl_context: object, name: str = "ca_file") -> Optional[str]:
    """*value*, which *name* was given, as the path of a file of certificates, or None."""
    if value is None:
        return None
    if ssl_context is not None:
        raise ConfigurationError("give ca_file or ssl_context, not both: load the certificates into your context")
    path: object = None
    try:
        path = os.fspath(value)  # type: ignore[call-overload]  # what has no path raises
    except TypeError as error:
        if raised_by_caller(error, value):
            raise
    if not isinstance(path, str):
        raise ConfigurationError("ca_file must be the path of a file")
    if not os.path.isfile(path):
        raise ConfigurationError("{}{} is no file, or it cannot be seen".format(name, shown_path(path)))
    return path


def seconds(value: object, name: str) -> float:
    """*value* as a number of seconds above 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= MAX_SECONDS:
        raise ConfigurationError("{} must be a number of seconds above 0 and at most {:g}".format(name, MAX_SECONDS))
    return float(value)


def timeouts(value: object) -> Tuple[float, float]:
    """*value* as (to connect, for each read) in seconds; one number means both."""
    connect, read = value if isinstance(value, (tuple, list)) and len(value) == 2 else (value, value)
    return seconds(connect, "timeout"), seconds(read, "timeout")


#: by the client's ``protocol``, where its ``url`` is None (the vendor's documentation)
URLS = {"xmlrpc": "https://api.mailkit.eu/rpc.fcgi", "json": "https://api.mailkit.eu/json.fcgi"}
MAX_RATE = 1e6  # calls per second; more is no limit
MAX_WORKERS = 1000  # calls at once; more is surely a mistake


def rated(value: object) -> Optional[Rate]:
    """*value* calls per second as a Rate; None for no limit."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 / MAX_SECONDS <= value <= MAX_RATE:
        raise ConfigurationError("rate must be a number of calls per second above 0, or None")
    return Rate(float(value))


def workers(value: object, name: str) -> int:
    """*value* as a number of calls at once."""
    if type(value) is not int or not 1 <= value <= MAX_WORKERS:
        raise ConfigurationError("{} must be an int from 1 to {}".format(name, MAX_WORKERS))
    return value


def check_executor(value: object) -> None:
    """Check that *value* is an executor or None."""
    if value is not None and not callable(getattr(value, "submit", None)):
        raise ConfigurationError("executor must be a concurrent.futures.Executor or None")


def iterable(value: object, name: str) -> Iterable[object]:
    """*value* as an iterable of what shall be ids."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise ConfigurationError("{} must be an iterable of ids".format(name))
    return value


class Settings(NamedTuple):
    """Everything a client was told, checked."""

    client_id: int
    client_md5: Secret
    url: Url
    timeout: Tuple[float, float]
    deadline: Optional[float]
    retry: Retry
    max_response_bytes: int
    tz: Optional[tzinfo]
    ssl_context: "Optional[ssl.SSLContext]"
    proxy: Optional[HttpProxy]
    protocol: str
    rate: Optional[Rate]
    on_bad_text: str
    ca_file: Optional[str]


def checked(
    client_id: object,
    client_md5: object,
    *,
    url: object,
    timeout: object,
    deadline: object,
    retry: object,
    max_response_bytes: object,
    tz: object,
    ssl_context: object,
    proxy: object,
    protocol: object,
    rate: object,
    on_bad_text: object,
    ca_file: object,
) -> Settings:
    """All arguments of the client, checked.

    :raises ConfigurationError: naming the first that cannot be used
    """
    number = positive(client_id, "client_id")
    md5 = secret(client_md5)
    if not isinstance(protocol, str) or protocol not in URLS:
        raise ConfigurationError('protocol must be "xmlrpc" or "json"')
    address = parsed_url(URLS[protocol] if url is None else url)
    retries = Retry(attempts=1) if retry is None else retry
    if not isinstance(retries, Retry):
        raise ConfigurationError("retry must be a Retry or None")
    if tz is not None and not isinstance(tz, tzinfo):
        raise ConfigurationError("tz must be a tzinfo or None")
    if ssl_context is not None and not hasattr(ssl_context, "wrap_socket"):
        raise ConfigurationError("ssl_context must be an ssl.SSLContext or None")
    if not isinstance(on_bad_text, str) or on_bad_text not in ON_BAD_TEXT:
        raise ConfigurationError('on_bad_text must be "error" or "replace"')
    return Settings(
        client_id=number,
        client_md5=md5,
        url=address,
        timeout=timeouts(timeout),
        deadline=None if deadline is None else seconds(deadline, "deadline"),
        retry=retries,
        max_response_bytes=positive(max_response_bytes, "max_response_bytes"),
        tz=tz,
        ssl_context=ssl_context,  # type: ignore[arg-type]  # a duck, as asked above
        proxy=parsed_proxy(proxy, address),
        protocol=protocol,
        rate=rated(rate),
        on_bad_text=str.__str__(on_bad_text),
        ca_file=certificates(ca_file, ssl_context),
    )
