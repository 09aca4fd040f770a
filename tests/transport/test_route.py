"""Where a request goes, as it may be seen."""

import pytest

from mailkit_xmlrpc.exceptions.redact import Secret
from mailkit_xmlrpc.transport.route import HttpProxy, Url, bracketed, host_and_port


@pytest.mark.parametrize(
    "url, netloc, redacted",
    [
        (Url("api.example", 443, True, "/rpc"), "api.example", "https://api.example/rpc"),
        (Url("api.example", 444, True, "/rpc?key=x"), "api.example:444", "https://api.example:444/rpc"),
        (Url("127.0.0.1", 80, False, "/"), "127.0.0.1", "http://127.0.0.1/"),
        (Url("::1", 443, False, "/?a?b"), "[::1]:443", "http://[::1]:443/"),
        (Url("::1", 443, True, "/"), "[::1]", "https://[::1]/"),
    ],
)
def test_url(url, netloc, redacted):
    """The port stands where it is not the scheme's own; a query, which may hold a token, is shown nowhere."""
    assert (url.netloc, url.redacted) == (netloc, redacted)
    assert repr(url) == "Url({})".format(redacted)


def test_proxy_repr_without_login():
    """Where the proxy is may be seen, its login not."""
    assert repr(HttpProxy("proxy.example", 3128, Secret("Basic c2VjcmV0"))) == "HttpProxy(proxy.example:3128)"


def test_brackets():
    """Only an IPv6 address needs them."""
    assert (bracketed("::1"), bracketed("127.0.0.1")) == ("[::1]", "127.0.0.1")
    assert (host_and_port("::1", 80), host_and_port("x", 80)) == ("[::1]:80", "x:80")
