"""Corners of opening and keeping connections that no server on loopback can bring about; the rest is in tests/wire."""

import errno
import socket
import ssl

import pytest

from mailkit_xmlrpc.exceptions import ConfigurationError, ConnectError, RequestTimeoutError
from mailkit_xmlrpc.exceptions.redact import Secret
from mailkit_xmlrpc.transport import connect as _connect
from mailkit_xmlrpc.transport.connect import _half_made, _Opening, _refused_by_proxy, default_context
from mailkit_xmlrpc.transport.deadline import Deadline
from mailkit_xmlrpc.transport.route import HttpProxy, Route, Url
from tests.support.inside import inside, raising

FOREVER = Deadline(None, lambda: 0.0)
URL = Url("192.0.2.1", 443, True, "/")


class Interrupted(BaseException):
    """Stands for KeyboardInterrupt, which pytest would take for its own."""


@pytest.fixture
def pair():
    """Two connected sockets."""
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def opening(url=URL, proxy=None, deadline=FOREVER):
    """One that opens a connection to *url*."""
    return _Opening(Route(url, proxy, None, None, 10.0, 10.0), deadline)


class Sock:
    """A socket that cannot be connected."""

    __module__ = "socket"
    made = []

    def __init__(self, *args):
        self.closed = False
        Sock.made.append(self)

    def settimeout(self, seconds):
        pass

    def close(self):
        self.closed = True


@pytest.fixture
def sock(monkeypatch):
    """Sockets are such ones; what is made of them is noted."""
    monkeypatch.setattr(Sock, "made", [])
    monkeypatch.setattr(socket, "socket", Sock)
    return Sock


# --- TCP --------------------------------------------------------------------------------------------------------------


def test_connect_time_out_before_the_next_address(sock, monkeypatch):
    """When connecting has used its time up, no further address is tried, and that is the error of all."""
    one = opening()
    one._limit = Deadline(10.0, lambda: 0.0)
    monkeypatch.setattr(Sock, "connect", raising(OSError(errno.ECONNREFUSED, "Connection refused")), raising=False)
    monkeypatch.setattr(_connect, "addresses_of", lambda *args: [(2, 1, 6, "", ("192.0.2.1", 443))] * 3)
    seen = iter((0.0, 0.0, 99.0))
    monkeypatch.setattr(one._limit, "elapsed", lambda: next(seen))
    with pytest.raises(ConnectError, match="Connection refused"):
        one._connected(URL, "")
    assert [made.closed for made in sock.made] == [True]
    one = opening()
    monkeypatch.setattr(one._limit, "elapsed", lambda times=iter((0.0, 99.0)): next(times))
    with pytest.raises(RequestTimeoutError) as caught:
        one._connected(URL, "")
    assert (caught.value.phase, caught.value.seconds) == ("connecting", 10.0)


def test_name_without_an_address(monkeypatch):
    """A name that is known and has no address is told by its name."""
    monkeypatch.setattr(_connect, "addresses_of", lambda *args: [])
    with pytest.raises(ConnectError, match="^192.0.2.1:443 has no address"):
        opening()._connected(URL, "")


@pytest.mark.parametrize("kind", [Interrupted, TimeoutError, KeyError])
def test_interrupt_while_connecting_closes_the_socket(sock, monkeypatch, kind):
    """What the caller's own code raises passes, and leaves no descriptor behind."""
    error = kind("theirs")

    def connect(self, address):
        raise error

    monkeypatch.setattr(Sock, "connect", connect, raising=False)
    with pytest.raises(kind) as caught:
        opening()._connected(URL, "")
    assert caught.value is error
    assert [made.closed for made in sock.made] == [True]


@pytest.mark.parametrize("kind", [Interrupted, TimeoutError])
def test_interrupt_before_there_is_a_socket(monkeypatch, kind):
    """The same where no socket was made yet."""

    def refuse(*args):
        raise kind("theirs")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(kind):
        opening()._connected(URL, "")


def test_proxy_is_named(sock, monkeypatch):
    """Where the proxy cannot be reached the error names it, and that it is the proxy."""
    monkeypatch.setattr(Sock, "connect", raising(OSError(errno.ECONNREFUSED, "Connection refused")), raising=False)
    proxy = HttpProxy("192.0.2.9", 3128, Secret(""))
    with pytest.raises(ConnectError, match="^cannot connect to the proxy 192.0.2.9:3128 .Connection refused."):
        opening(proxy=proxy).open(None)


@pytest.mark.parametrize(
    "reason, login, text",
    [
        ("Forbidden", None, "(HTTP 403 Forbidden)"),
        ("", "c2VjcmV0", "(HTTP 403)"),
        ("no C2VJCMV0 for a@example.com", "c2VjcmV0", "(HTTP 403 no <client_md5> for <address>"),
        ("x" * 1000, None, "(HTTP 403 " + "x" * 488 + "...)"),
    ],
)
def test_words_of_a_proxy(reason, login, text):
    """A proxy's words are a stranger's: its login is not shown, nor an address; and they are cut."""
    error = _refused_by_proxy("the proxy x:80", 403, reason, login)
    assert error.detail.startswith("the proxy x:80 said no " + text)
    assert not error.retryable and _refused_by_proxy("x", 503, reason, login).retryable
    assert "at-sign" not in str(error) and "at-sign" in str(_refused_by_proxy("x", 407, reason, login))


# --- TLS --------------------------------------------------------------------------------------------------------------


def of_ssl(method):
    """*method*, whose errors are the standard library's."""
    return inside(method, "ssl")


class Tls:
    """A TLS socket, and the context that makes it, whose handshake raises *error*; as if the standard library's."""

    __module__ = "ssl"

    def __init__(self, error, wraps=True, agreed=None):
        self.error = error
        self.wraps = wraps
        self.agreed = agreed
        self.closed = False
        self.given = None

    @of_ssl
    def wrap_socket(self, sock, server_hostname, do_handshake_on_connect, **given):
        self.given = given
        if not self.wraps:
            raise self.error
        return self

    @of_ssl
    def do_handshake(self):
        if self.error is not None:
            raise self.error

    def selected_alpn_protocol(self):
        return self.agreed

    def close(self):
        self.closed = True


def handshake(pair, tls):
    """What a handshake by *tls* raises."""
    with pytest.raises(BaseException) as caught:
        opening()._wrapped(pair[0], tls, None)
    return caught.value


def test_handshake_refused_for_a_certificate_before_python_37(pair):
    """A certificate error under another name than the one of Python 3.7 and newer is not retried either."""
    error = ssl.SSLError(1, "refused")
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    problem = handshake(pair, Tls(error))
    assert type(problem) is ConnectError and not problem.retryable
    assert str(problem).startswith("the certificate of 192.0.2.1:443 was not accepted (CERTIFICATE_VERIFY_FAILED)")


def test_handshake_broken_before_it_began(pair):
    """A reset that comes while the socket is wrapped is a connection that failed."""
    problem = handshake(pair, Tls(ConnectionResetError(104, "Connection reset by peer"), wraps=False))
    assert type(problem) is ConnectError and problem.retryable


def test_handshake_with_a_name_no_certificate_has(pair):
    """A ValueError of the ssl module is a ConnectError."""
    problem = handshake(pair, Tls(ValueError("server_hostname cannot be ..."), wraps=False))
    assert type(problem) is ConnectError and not problem.retryable


@pytest.mark.parametrize("wraps", [True, False])
@pytest.mark.parametrize("kind", [Interrupted, MemoryError])
def test_interrupt_in_the_handshake_closes_the_socket(pair, kind, wraps):
    """What is no failure of TLS passes, and the TLS socket, which has the descriptor, is closed."""
    tls = Tls(kind(), wraps)
    assert handshake(pair, tls) is tls.error
    assert tls.closed is wraps


@pytest.mark.parametrize("wraps", [True, False])
def test_error_of_the_callers_code_in_the_handshake(pair, wraps):
    """A callback of the caller's (SNI, password, a time limit) may raise anything: it passes as it is."""
    error = OSError("theirs")

    def raise_it(*args, **kwargs):
        raise error

    tls = Tls(None)
    setattr(tls, "do_handshake" if wraps else "wrap_socket", raise_it)
    with pytest.raises(OSError) as caught:
        opening()._wrapped(pair[0], tls, None)
    assert caught.value is error
    assert tls.closed is wraps


@pytest.mark.parametrize("agreed, good", [(None, True), ("http/1.1", True), ("h2", False), ("http/1.0", False)])
def test_agreed_protocol(pair, agreed, good):
    """A server that agreed upon another protocol than HTTP/1.1 would not understand a word; asking again helps not."""
    tls = Tls(None, agreed=agreed)
    if good:
        assert opening()._wrapped(pair[0], tls, None) is tls
        return
    with pytest.raises(
        ConnectError, match="agreed to speak {}, which your ssl_context offered".format(agreed)
    ) as caught:
        opening()._wrapped(pair[0], tls, None)
    assert not caught.value.retryable and tls.closed


def test_context_of_another_make_need_not_know_sessions(pair):
    """A session is handed over only where there is one."""
    tls = Tls(None)
    opening()._wrapped(pair[0], tls, None)
    assert tls.given == {}
    opening()._wrapped(pair[0], tls, "a session")
    assert tls.given == {"session": "a session"}


def test_half_made_socket_is_found():
    """The TLS socket that a failed wrap_socket leaves in its traceback is found, to be closed."""
    half = ssl.SSLSocket.__new__(ssl.SSLSocket)

    def fail(self):
        raise OSError("reset")

    try:
        fail(half)
    except OSError as error:
        assert _half_made(error) is half
    assert _half_made(OSError("reset")) is None


# --- certificates to trust --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"no certificate", None])
def test_file_without_certificates(tmp_path, content):
    """What cannot be read as certificates is the caller's mistake."""
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(ConfigurationError, match="^ca_file .or MAILKIT_CA_FILE. .*/ca.pem. cannot be read as "):
        default_context(str(tmp_path / "ca.pem"))


def test_error_of_the_callers_code_while_certificates_are_read(monkeypatch):
    """A time limit that strikes then is the caller's own."""
    error = TimeoutError("theirs")

    class Context(ssl.SSLContext):
        def load_verify_locations(self, **given):
            raise error

    monkeypatch.setattr(ssl, "create_default_context", lambda: Context(ssl.PROTOCOL_TLS_CLIENT))
    with pytest.raises(TimeoutError) as caught:
        default_context("x")
    assert caught.value is error


@pytest.mark.parametrize("variable, there", [("SSL_CERT_FILE", False), ("SSL_CERT_DIR", False), ("SSL_CERT_DIR", True)])
def test_variable_that_names_nothing(pair, monkeypatch, tmp_path, variable, there):
    """Where OpenSSL was sent to a place that does not exist, that is why it trusts nobody."""
    monkeypatch.setenv(variable, str(tmp_path if there else tmp_path / "missing"))
    error = ssl.SSLError(1, "refused")
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    problem = handshake(pair, Tls(error))
    assert ("what {} names does not exist".format(variable) in str(problem)) is not there
    assert ("is there a proxy that looks into TLS" in str(problem)) is there
