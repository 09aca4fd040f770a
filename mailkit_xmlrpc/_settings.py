"""What a caller may give to the client: checked once, before anything is sent. Nothing here needs a socket."""
import operator
import os
import re
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Dict, Mapping, NamedTuple, Optional, Tuple

from ._limits import MAX_ID
from ._rate import Rate, rate
from .exceptions import ConfigurationError
from .retry import Retry

if TYPE_CHECKING:
    from urllib.parse import SplitResult  # imported only where it is needed: it costs more than the rest together

MAX_SECONDS = 1e6  # about 11 days; the C libraries' time-outs overflow some way above
_URL_CHARS = re.compile(r"[!-\[\]-~]+")  # printable ASCII without space and backslash
# A pattern of our own: urlsplit drops what stands beside brackets, and takes other ports on other Pythons.
_NETLOC = re.compile(
    r"(?:([A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\.?)|\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\])(?::([0-9]{0,5}))?"
)
# No leading zeros: "127.0.0.08" is no address to the system, so it would be looked up in DNS.
_LOOPBACK = re.compile(r"localhost|127(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}|::1")


class Secret:
    """A string that does not show itself: in reprs, logs and error reporters stands ``<secret>``."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> Tuple[Any, ...]:
        return Secret, (self._value,)


class Url(NamedTuple):
    """Where the API is: judged by its text, without DNS."""

    host: str
    port: int
    tls: bool
    target: str  # path and query

    @property
    def netloc(self) -> str:
        """For the Host header: the port only where it is not the scheme's own."""
        host = "[{}]".format(self.host) if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else "{}:{}".format(host, self.port)

    @property
    def shown(self) -> str:
        """Without the query, which may hold a token."""
        return "{}://{}{}".format("https" if self.tls else "http", self.netloc, self.target.split("?")[0])

    def __repr__(self) -> str:
        return "Url({})".format(self.shown)


def positive(value: Any, name: str) -> int:
    """*value* as an int from 1 to 2^63-1: anything with ``__index__``, but no bool."""
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except Exception:  # whatever a foreign __index__ raises
        number = None
    if number is None or not 1 <= number <= MAX_ID:
        raise ConfigurationError("{} must be a positive integer of at most 63 bits".format(name))
    return int(number)


def secret(value: Any) -> Optional[Secret]:
    """*value* as client_md5, or None where it cannot be one. (Raising here would leave it in a frame.)"""
    if not isinstance(value, str) or not value or not value.isprintable() or " " in value:
        return None
    return Secret(str.__str__(value))  # a subclass may print as something else


def parsed_url(value: Any) -> Url:
    """*value* as the API's address. No text of it goes into the error: it may hold a password or a token."""
    problem = "must be an https URL (http only to loopback), like https://api.mailkit.eu/rpc.fcgi"
    url: Optional[Url] = None
    parts = _split(value)
    if parts is not None:
        host, port = _host_and_port(parts.netloc, 443 if parts.scheme == "https" else 80)
        if "@" in parts.netloc:
            problem = "must not hold a user name or password"
        elif "#" in value:
            problem = "must not have a fragment"
        elif host and (parts.scheme == "https" or parts.scheme == "http" and _LOOPBACK.fullmatch(host)):
            target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
            url = Url(host, port, parts.scheme == "https", target)
    if url is None:
        raise ConfigurationError("url " + problem)
    return url


def _split(value: Any) -> "Optional[SplitResult]":
    from urllib.parse import urlsplit

    try:
        return urlsplit(value) if isinstance(value, str) and _URL_CHARS.fullmatch(value) else None
    except ValueError:  # an unclosed bracket
        return None


def _host_and_port(netloc: str, default: int) -> Tuple[str, int]:
    """Host (in lower case, without brackets) and port of *netloc*, or ``("", 0)`` where it is not that."""
    match = _NETLOC.fullmatch(netloc)
    if match is None:
        return "", 0
    name, ipv6, port = match.groups()
    number = int(port) if port else default
    return ((name or ipv6).lower(), number) if 1 <= number <= 65535 else ("", 0)


def seconds(value: Any, name: str) -> float:
    """*value* as a number of seconds above 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= MAX_SECONDS:
        raise ConfigurationError("{} must be a number of seconds above 0 and at most {:g}".format(name, MAX_SECONDS))
    return float(value)


def timeouts(value: Any) -> Tuple[float, float]:
    """*value* as (to connect, for each read) in seconds; one number means both."""
    connect, read = value if isinstance(value, (tuple, list)) and len(value) == 2 else (value, value)
    return seconds(connect, "timeout"), seconds(read, "timeout")


class ProxyUrl(NamedTuple):
    """An HTTP proxy and the value of its Proxy-Authorization ("" for none)."""

    host: str
    port: int
    authorization: Secret


def parsed_proxy(value: Any, url: Url) -> Optional[ProxyUrl]:
    """The proxy on the way to *url*: *value*, or what the environment says where it is None; None for no proxy."""
    name = "proxy" if value is not None else "proxy (from the environment)"
    if value is None:
        value = _proxy_of_environment(url, os.environ)
    found = None if value == "" else _read_proxy(value)
    if found is None and value != "":
        raise ConfigurationError("{} must be like http://proxy.example:3128".format(name))
    return found if url.tls else None  # http goes to loopback only, never through a proxy


def _read_proxy(value: Any) -> Optional[ProxyUrl]:
    parts = _split(value if not isinstance(value, str) or "://" in value else "http://" + value)
    if parts is None or parts.scheme != "http" or parts.path not in ("", "/") or "?" in value or "#" in value:
        return None
    login, _, netloc = parts.netloc.rpartition("@")
    host, port = _host_and_port(netloc, 80)
    if not host:
        return None
    authorization = ""
    if login:
        from base64 import b64encode
        from urllib.parse import unquote

        user, _, password = login.partition(":")
        pair = "{}:{}".format(unquote(user), unquote(password))  # RFC 7617
        authorization = "Basic " + b64encode(pair.encode("utf-8")).decode("ascii")
    return ProxyUrl(host, port, Secret(authorization))


def _proxy_of_environment(url: Url, environment: Mapping[str, str]) -> str:
    if not url.tls or not any(name.lower() == "https_proxy" for name in environment):
        return ""
    from urllib import request  # costs an import: only where needed

    proxies = request.getproxies_environment()
    if request.proxy_bypass_environment(url.netloc, proxies):  # type: ignore[attr-defined]  # typeshed lacks it
        return ""
    return proxies.get("https", "")


#: by the client's ``protocol``, where its ``url`` is None (the vendor's documentation)
URLS = {"xmlrpc": "https://api.mailkit.eu/rpc.fcgi", "json": "https://api.mailkit.eu/json.fcgi"}
MAX_RATE = 1e6  # calls per second; more is no limit


def rated(value: Any) -> Optional[Rate]:
    """*value* calls per second as a Rate; None for no limit."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 / MAX_SECONDS <= value <= MAX_RATE:
        raise ConfigurationError("rate must be a number of calls per second above 0, or None")
    return rate(float(value))


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
    ssl_context: Any
    proxy: Optional[ProxyUrl]
    protocol: str
    rate: Optional[Rate]


def checked(client_id: Any, client_md5: Optional[Secret], options: Dict[str, Any]) -> Settings:
    """All arguments of the client, checked.

    :raises ConfigurationError: naming the first that cannot be used
    """
    client_id = positive(client_id, "client_id")
    if client_md5 is None:
        raise ConfigurationError("client_md5 must be a non-empty string of printable characters without spaces")
    protocol = options["protocol"]
    if not isinstance(protocol, str) or protocol not in URLS:
        raise ConfigurationError('protocol must be "xmlrpc" or "json"')
    url = parsed_url(URLS[protocol] if options["url"] is None else options["url"])
    timeout = timeouts(options["timeout"])
    deadline = None if options["deadline"] is None else seconds(options["deadline"], "deadline")
    retry = Retry(attempts=1) if options["retry"] is None else options["retry"]
    if not isinstance(retry, Retry):
        raise ConfigurationError("retry must be a Retry or None")
    max_response_bytes = positive(options["max_response_bytes"], "max_response_bytes")
    if options["tz"] is not None and not isinstance(options["tz"], tzinfo):
        raise ConfigurationError("tz must be a tzinfo or None")
    if options["ssl_context"] is not None and not hasattr(options["ssl_context"], "wrap_socket"):
        raise ConfigurationError("ssl_context must be an ssl.SSLContext or None")
    proxy = parsed_proxy(options["proxy"], url)
    return Settings(
        client_id, client_md5, url, timeout, deadline, retry, max_response_bytes, options["tz"],
        options["ssl_context"], proxy, protocol, rated(options["rate"])
    )
