"""Where a request goes: an address, and the way there. Nothing here needs a socket or a look-up."""

from typing import TYPE_CHECKING, NamedTuple, Optional

from ..exceptions.redact import Secret

if TYPE_CHECKING:
    import ssl


class Url(NamedTuple):
    """The address of an API: judged by its text, without DNS."""

    host: str
    port: int
    tls: bool
    target: str  # path and query

    @property
    def netloc(self) -> str:
        """For the Host header: the port only where it is not the scheme's own."""
        if self.port == (443 if self.tls else 80):
            return bracketed(self.host)
        return host_and_port(self.host, self.port)

    @property
    def redacted(self) -> str:
        """Without the query, which may hold a token."""
        return "{}://{}{}".format("https" if self.tls else "http", self.netloc, self.target.split("?")[0])

    def __repr__(self) -> str:
        return "Url({})".format(self.redacted)


class HttpProxy(NamedTuple):
    """An HTTP proxy, and the value of the Proxy-Authorization that it wants ("" for none)."""

    host: str
    port: int
    authorization: Secret

    def __repr__(self) -> str:
        return "HttpProxy({})".format(host_and_port(self.host, self.port))


class Route(NamedTuple):
    """Where to connect to and how."""

    url: Url
    proxy: Optional[HttpProxy]
    #: None: one that verifies, made of the system's certificates and those of ``ca_file``
    ssl_context: "Optional[ssl.SSLContext]"
    ca_file: Optional[str]
    connect_timeout: float  # seconds
    read_timeout: float  # seconds, for each read


def bracketed(host: str) -> str:
    """*host* as it stands in a URL: an IPv6 address in brackets (RFC 3986 3.2.2)."""
    return "[{}]".format(host) if ":" in host else host


def host_and_port(host: str, port: int) -> str:
    """``host:port``."""
    return "{}:{}".format(bracketed(host), port)
