"""Addresses as a caller may give them, of the API and of a proxy: judged by their text, without a socket."""

import os
import re
from typing import TYPE_CHECKING, Mapping, Optional, Tuple

from ..exceptions import ConfigurationError
from ..exceptions.boundary import raised_by_caller
from ..exceptions.redact import Secret
from ..transport.route import HttpProxy, Url

if TYPE_CHECKING:
    # Imported only where it is needed: it costs more than the rest together.
    from urllib.parse import SplitResult

# These are compiled, and kept, by re when the first client is made, not at the import.
_URL_CHARS = r"[!-\[\]-~]+"  # printable ASCII without space and backslash
# A pattern of our own: urlsplit drops what stands beside brackets, and takes other ports on other Pythons.
_NETLOC = r"(?:([A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\.?)|\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\])(?::([0-9]{0,5}))?"
# No leading zeros: "127.0.0.08" is no address to the system, so it would be looked up in DNS.
_LOOPBACK = r"localhost|127(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}|::1"


def is_loopback(host: str) -> bool:
    """Whether *host*, in lower case and without brackets, is this machine: judged by its text, without DNS."""
    return bool(re.fullmatch(_LOOPBACK, host))


def parsed_url(value: object, name: str = "url") -> Url:
    """*value*, which *name* was given, as the API's address. No text of it goes into the error: it may hold a password
    or a token."""
    problem = "must be an https URL (http only to loopback), like https://api.mailkit.eu/rpc.fcgi"
    url: Optional[Url] = None
    text = value if isinstance(value, str) else ""
    parts = _split(text)
    if parts is not None:
        host, port = _host_and_port(parts.netloc, 443 if parts.scheme == "https" else 80)
        if "@" in parts.netloc:
            problem = "must not hold a user name or password"
        elif "#" in text:
            problem = "must not have a fragment"
        elif host and (parts.scheme == "https" or parts.scheme == "http" and is_loopback(host)):
            target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
            url = Url(host, port, parts.scheme == "https", target)
    if url is None:
        raise ConfigurationError("{} {}".format(name, problem))
    return url


def _split(text: str) -> "Optional[SplitResult]":
    from urllib.parse import urlsplit

    try:
        return urlsplit(text) if re.fullmatch(_URL_CHARS, text) else None
    except ValueError as error:  # an unclosed bracket
        if raised_by_caller(error):
            raise
        return None


def _host_and_port(netloc: str, default: int) -> Tuple[str, int]:
    """Host (in lower case, without brackets) and port of *netloc*, or ``("", 0)`` where it is not that."""
    match = re.fullmatch(_NETLOC, netloc)
    if match is None:
        return "", 0
    name, ipv6, port = match.groups()
    number = int(port) if port else default
    return ((name or ipv6).lower(), number) if 1 <= number <= 65535 else ("", 0)


def parsed_proxy(value: object, url: Url) -> Optional[HttpProxy]:
    """The proxy on the way to *url*: *value*, or what the environment says where it is None; None for no proxy."""
    name = "proxy" if value is not None else "proxy (from the environment)"
    if value is None:
        value = _proxy_of_environment(url, os.environ)
    found = None if value == "" else _read_proxy(value)
    if found is None and value != "":
        raise ConfigurationError("{} must be like http://proxy.example:3128".format(name))
    return found if url.tls else None  # http goes to loopback only, never through a proxy


def _read_proxy(value: object) -> Optional[HttpProxy]:
    text = value if isinstance(value, str) else ""
    parts = _split(text if "://" in text else "http://" + text)
    if parts is None or parts.scheme != "http" or parts.path not in ("", "/") or "?" in text or "#" in text:
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
    return HttpProxy(host, port, Secret(authorization))


def _proxy_of_environment(url: Url, environment: Mapping[str, str]) -> str:
    if not url.tls or not any(name.lower() == "https_proxy" for name in environment):
        return ""
    from urllib import request  # costs an import: only where needed

    proxies = request.getproxies_environment()
    if request.proxy_bypass_environment(url.netloc, proxies):  # type: ignore[attr-defined]  # typeshed lacks it
        return ""
    return proxies.get("https", "")
