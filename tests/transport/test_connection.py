"""A connected socket, and what it means that it fails; the rest is in tests/wire."""

import errno
import os
import select
import socket
import ssl

import pytest

from mailkit_xmlrpc.exceptions import (
    ConnectError,
    DeadlineExceededError,
    IncompleteResponseError,
    RequestTimeoutError,
)
from mailkit_xmlrpc.transport import connection as _connection
from mailkit_xmlrpc.transport.connection import Connection, broken, broken_tls, words
from mailkit_xmlrpc.transport.deadline import Deadline, wake
from tests.support.inside import raising

FOREVER = Deadline(None, lambda: 0.0)


@pytest.fixture
def pair():
    """Two connected sockets."""
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def tls_error(reason):
    """What OpenSSL raises for *reason*."""
    error = ssl.SSLError(1, "[SSL: {}] it failed".format(reason))
    error.reason = reason
    return error


# --- idle ones --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("poll", [True, False])
def test_reusable_while_nothing_came(pair, monkeypatch, poll):
    """An idle connection with unread bytes is noticed, also on a system without poll."""
    if not poll:
        monkeypatch.delattr(select, "poll", raising=False)
    connection = Connection(pair[0], 1.0)
    assert connection.is_reusable()
    pair[1].send(b"unasked")
    assert not connection.is_reusable()


def test_not_reusable_when_closed(pair):
    """One that the server has closed is noticed."""
    connection = Connection(pair[0], 1.0)
    pair[1].close()
    assert not connection.is_reusable()


def test_not_reusable_when_old(pair, monkeypatch):
    """One that was idle for long is not trusted, until it is used again."""
    connection = Connection(pair[0], 1.0)
    monkeypatch.setattr(_connection, "MAX_IDLE_SECONDS", -1.0)
    assert connection.is_old() and not connection.is_reusable()
    monkeypatch.setattr(_connection, "MAX_IDLE_SECONDS", 60.0)
    connection._used -= 100
    assert connection.is_old()
    connection.mark_idle()
    assert not connection.is_old() and connection.is_reusable()


def test_not_reusable_in_another_process(pair, monkeypatch):
    """It belongs to the process that opened it."""
    connection = Connection(pair[0], 1.0)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert not connection.is_reusable()


def test_no_session_without_tls(pair):
    """There is nothing to resume where there is no TLS."""
    assert Connection(pair[0], 1.0).session() is None


def test_waking_a_socket_that_is_not_connected():
    """A call that is stopped before it is connected has nothing to be woken from."""
    with socket.socket() as sock:
        wake(sock)
        assert sock.fileno() >= 0


# --- sending and receiving --------------------------------------------------------------------------------------------


def test_send_and_receive(pair):
    """All that is sent arrives, and the end is an empty string."""
    connection = Connection(pair[0], 1.0)
    connection.send(b"x" * 1000, FOREVER)
    assert pair[1].recv(2000) == b"x" * 1000
    pair[1].send(b"answer")
    assert connection.receive(FOREVER) == b"answer"
    pair[1].close()
    assert connection.receive(FOREVER) == b""


def test_receive_for_less_than_the_time_out(pair):
    """A read may be given less time; what is told is the limit that held."""
    with pytest.raises(RequestTimeoutError) as caught:
        Connection(pair[0], 30.0).receive(FOREVER, 0.01)
    assert (caught.value.phase, caught.value.seconds) == ("waiting for the answer", 0.01)


def test_send_that_takes_too_long(pair):
    """A server that does not read ends the sending in time."""
    with pytest.raises(RequestTimeoutError) as caught:
        Connection(pair[0], 0.01).send(b"x" * (1 << 24), FOREVER)
    assert (caught.value.phase, caught.value.seconds) == ("sending", 0.01)


class Sock:
    """A socket that fails."""

    def __init__(self, error, module):
        self.recv = raising(error, module)

    def gettimeout(self):
        return None

    def settimeout(self, seconds):
        pass

    def close(self):
        pass


def test_error_of_a_socket_of_another_make():
    """A socket of another package raises from its own frames: that is the network's error, not the caller's."""
    Sock.__module__ = "gevent_like._socket3"
    with pytest.raises(IncompleteResponseError, match="the connection broke .reset"):
        Connection(Sock(OSError(104, "reset"), "gevent_like.hub"), 1.0).receive(FOREVER)
    error = OSError(104, "reset")
    with pytest.raises(OSError) as caught:
        Connection(Sock(error, "somebody_else"), 1.0).receive(FOREVER)
    assert caught.value is error


class Broken(Sock):
    """A socket that cannot send any more, and whose ``recv`` is given."""

    def __init__(self, recv):
        self.send = raising(BrokenPipeError(errno.EPIPE, "Broken pipe"), "socket")
        self.recv = recv


@pytest.mark.parametrize(
    "said, kind, text",
    [
        (tls_error("TLSV1_ALERT_UNKNOWN_CA"), ConnectError, "the server refused the client certificate"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), IncompleteResponseError, "the connection broke .Broken pipe"),
        (None, IncompleteResponseError, "the connection broke .Broken pipe"),
    ],
)
def test_what_was_said_before_it_broke(said, kind, text):
    """Where the request cannot be sent, a refusal that came before is told; anything else changes nothing."""
    recv = (lambda length: b"x") if said is None else raising(said, "ssl")
    with pytest.raises(kind, match=text):
        Connection(Broken(recv), 1.0).send(b"x", FOREVER)


def test_callers_error_while_it_is_looked_at():
    """What the caller's handler raises then passes as it is."""
    error = OSError(104, "reset")
    with pytest.raises(OSError) as caught:
        Connection(Broken(raising(error, "somebody_else")), 1.0).send(b"x", FOREVER)
    assert caught.value is error


# --- what it means ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason, what",
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "the client certificate"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", "the client certificate"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "the client certificate"),
        ("SSLV3_ALERT_CERTIFICATE_UNKNOWN", "the client certificate"),
        ("TLSV1_ALERT_UNKNOWN_CA", "the client certificate"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "the TLS connection"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "the TLS connection"),
        ("TLSV1_ALERT_INTERNAL_ERROR", "the TLS connection"),
        ("TLSV1_ALERT_ACCESS_DENIED", "the TLS connection"),
        ("TLSV1_UNRECOGNIZED_NAME_ALERT_", "the TLS connection"),
    ],
)
def test_alert(reason, what):
    """An alert is the server's refusal: it would be the same the next time. Before the request nothing was sent; with
    the first answer, it may have been."""
    error = broken_tls(tls_error(reason), "api.example:443")
    assert (type(error), error.retryable, error.sent) == (ConnectError, False, False)
    assert str(error).startswith("api.example:443 refused {} ({}); nothing was sent: ".format(what, reason))
    error = broken(tls_error(reason))
    assert (type(error), error.retryable, error.sent) == (ConnectError, False, True)
    assert str(error).startswith("the server refused {} ({}); ".format(what, reason))
    assert "nothing was sent" not in str(error)


def test_alert_that_python_has_no_name_for():
    """A Python older than the OpenSSL below it knows an alert by its words alone."""
    error = ssl.SSLError(1, "[SSL] tlsv13 alert certificate required (_ssl.c:2309)")
    error.reason = None
    assert words(error) == "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert broken(error).detail == "the server refused the client certificate (TLSV13_ALERT_CERTIFICATE_REQUIRED)"


@pytest.mark.parametrize("reason", ["WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST"])
def test_no_tls_there(reason):
    """What answers in another language will do so the next time."""
    error = broken_tls(tls_error(reason), "api.example:443")
    assert not error.retryable
    assert error.detail == "api.example:443 does not speak TLS ({})".format(reason)


@pytest.mark.parametrize(
    "error, text",
    [
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "Connection reset by peer"),
        (tls_error("DECRYPTION_FAILED_OR_BAD_RECORD_MAC"), "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"),
        (tls_error(None), "TLS error"),
        (OSError("without a number"), "OSError"),
    ],
    ids=["reset", "tls", "tls-without-a-reason", "without-words"],
)
def test_broken_connection(error, text):
    """Any other failure of a connection is an incomplete answer, and may be tried again."""
    assert broken_tls(error, "x") is None
    problem = broken(error)
    assert (type(problem), problem.detail) == (IncompleteResponseError, "the connection broke ({})".format(text))
    assert problem.retryable
    assert words(error) == text


def test_time_out_that_ends_a_moment_early():
    """A time-out cut to what is left of the deadline is the deadline's, though its timer was a millisecond early."""

    class Early:
        def gettimeout(self):
            return None

        def settimeout(self, seconds):
            assert seconds == 1.0

        def recv(self, size):
            raise socket.timeout

        def close(self):
            pass

    times = iter((0.0, 0.0, 0.999))
    with pytest.raises(DeadlineExceededError):
        Connection(Early(), 10.0).receive(Deadline(1.0, lambda: next(times)))
