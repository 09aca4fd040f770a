"""Corners of opening a connection that no server on loopback can bring about; the rest is in tests/wire."""
import select
import socket
import ssl

import pytest

from mailkit_xmlrpc import _connection
from mailkit_xmlrpc._connection import Connection, Proxy, Route
from mailkit_xmlrpc._deadline import Deadline
from mailkit_xmlrpc._settings import Secret
from mailkit_xmlrpc.exceptions import ConnectError, RequestTimeoutError

FOREVER = Deadline(None, lambda: 0.0)
ROUTE = Route("api.example", 443, True, None, lambda: None, 10.0, 10.0)


class Interrupted(BaseException):
    """Stands for KeyboardInterrupt, which pytest would take for its own."""


@pytest.fixture
def pair():
    """Two connected sockets."""
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_proxy_repr_without_login():
    """Where the proxy is may be seen, its login not."""
    assert repr(Proxy("proxy.example", 3128, Secret("Basic c2VjcmV0"))) == "Proxy(proxy.example:3128)"


def test_usable_without_poll(pair, monkeypatch):
    """On a system without poll an idle connection with unread bytes is noticed all the same."""
    monkeypatch.delattr(select, "poll", raising=False)
    connection = Connection(pair[0], 1.0)
    assert connection.usable()
    pair[1].send(b"unasked")
    assert not connection.usable()


def test_name_that_cannot_be_one(monkeypatch):
    """What the resolver cannot even encode is not asked for again."""

    def refuse(*args):
        raise UnicodeError("label too long")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ConnectError) as caught:
        _connection._addresses("a" * 64 + ".example", 443)
    assert not caught.value.retryable


def test_connect_time_out_before_the_next_address():
    """When connecting has used its time up, no further address is tried."""
    times = iter((0.0, 99.0, 99.0))
    limit = Deadline(10.0, lambda: next(times))
    with pytest.raises(RequestTimeoutError) as caught:
        _connection._first_that_answers([(0, 0, 0, "", ())], "api.example", 443, ROUTE, FOREVER, limit)
    assert (caught.value.phase, caught.value.seconds) == ("connecting", 10.0)


def test_interrupt_while_connecting_closes_the_socket(monkeypatch):
    """What is no Exception passes, and leaves no descriptor behind."""
    closed = []

    class Fake:
        def __init__(self, *args):
            pass

        def settimeout(self, seconds):
            pass

        def connect(self, address):
            raise Interrupted

        def close(self):
            closed.append(self)

    monkeypatch.setattr(socket, "socket", Fake)
    with pytest.raises(Interrupted):
        _connection._first_that_answers(
            [(0, 0, 0, "", ())], "api.example", 443, ROUTE, FOREVER, Deadline(10.0, lambda: 0.0)
        )
    assert len(closed) == 1


class Tls:
    """A TLS socket, and the context that makes it, whose handshake raises *error*."""

    def __init__(self, error, wraps=True):
        self.error = error
        self.wraps = wraps
        self.closed = False

    def wrap_socket(self, sock, server_hostname, do_handshake_on_connect):
        if not self.wraps:
            raise self.error
        return self

    def do_handshake(self):
        raise self.error

    def close(self):
        self.closed = True


def handshake(pair, tls):
    """What a handshake by *tls* raises."""
    with pytest.raises(BaseException) as caught:
        _connection._wrapped(pair[0], tls, ROUTE, FOREVER, Deadline(10.0, lambda: 0.0))
    return caught.value


def test_handshake_refused_for_a_certificate(pair):
    """A certificate error under another name than the one of Python 3.7 and newer is not retried either."""
    error = ssl.SSLError(1, "refused")
    error.reason = "SSLV3_ALERT_BAD_CERTIFICATE"
    problem = handshake(pair, Tls(error))
    assert type(problem) is ConnectError and not problem.retryable
    assert str(problem).startswith("the certificate of api.example:443 was not accepted (SSLV3_ALERT_BAD_CERTIFICATE)")


def test_handshake_broken_before_it_began(pair):
    """A reset that comes while the socket is wrapped is a connection that failed."""
    problem = handshake(pair, Tls(ConnectionResetError(104, "Connection reset by peer"), wraps=False))
    assert type(problem) is ConnectError and problem.retryable


def test_handshake_with_a_name_no_certificate_has(pair):
    """A ValueError of the ssl module is a ConnectError."""
    problem = handshake(pair, Tls(ValueError("server_hostname cannot be ..."), wraps=False))
    assert type(problem) is ConnectError and not problem.retryable


@pytest.mark.parametrize("wraps", [True, False])
def test_interrupt_in_the_handshake_closes_the_socket(pair, wraps):
    """What is no Exception passes, and the TLS socket, which has the descriptor, is closed."""
    tls = Tls(Interrupted(), wraps)
    assert type(handshake(pair, tls)) is Interrupted
    assert tls.closed is wraps


def test_half_made_socket_is_found(pair):
    """The TLS socket that a failed wrap_socket leaves in its traceback is found, to be closed."""
    half = ssl.SSLSocket.__new__(ssl.SSLSocket)

    def fail(self):
        raise OSError("reset")

    try:
        fail(half)
    except OSError as error:
        assert _connection._half_made(error) is half


def test_client_certificate_refused_after_the_handshake():
    """TLS 1.3 tells it with the first answer: nothing that would be better the next time."""
    error = ssl.SSLError(1, "refused")
    error.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    problem = _connection._broken(error)
    assert type(problem) is ConnectError and not problem.retryable
    assert str(problem).startswith("the server refused the client certificate (TLSV13_ALERT_CERTIFICATE_REQUIRED)")


def test_waking_a_socket_that_is_not_connected():
    """A call that is stopped before it is connected has nothing to be woken from."""
    with socket.socket() as sock:
        _connection._wake(sock)
        assert sock.fileno() >= 0
