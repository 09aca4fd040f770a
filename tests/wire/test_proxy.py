"""The way through an HTTP proxy: CONNECT, credentials, the environment, and proxies that fail."""

import base64
import logging
import socket
import threading

import pytest

from mailkit_xmlrpc import ConnectError, DeadlineExceededError, RequestTimeoutError, Retry
from tests.support.inside import inside
from tests.support.observing import is_own, make
from tests.support.scripted_server import (
    LOOPBACK,
    Close,
    Drip,
    Reset,
    ScriptedServer,
    Stall,
    http,
    tls_contexts,
)


class Tunnel:
    """A proxy's step: read a CONNECT, note it, connect to *target* whatever was asked for, and carry bytes both
    ways."""

    def __init__(self, target, answer=b"HTTP/1.1 200 Connection established\r\n\r\n"):
        self.target = target
        self.answer = answer
        self.heads = []

    def run(self, talk):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            data = talk.raw.recv(1)
            if not data:
                return Close().run(talk)
            head += data
        self.heads.append(head.decode("latin-1"))
        talk.raw.sendall(self.answer)
        with socket.create_connection((LOOPBACK, self.target), 10) as inner:
            back = threading.Thread(target=self._carry, args=(inner, talk.raw))
            back.start()
            self._carry(talk.raw, inner)
            back.join(10)
        return Close().run(talk)

    @staticmethod
    def _carry(source, target):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                target.sendall(data)
        except OSError:
            pass
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@pytest.fixture
def behind(authority):
    """(server, tunnel, proxy, client's context): a TLS server that calls itself api.example, and a proxy that leads
    to it."""
    server_context, client_context = tls_contexts(authority, host="api.example")
    with ScriptedServer(context=server_context) as server:
        tunnel = Tunnel(server.port)
        with ScriptedServer((tunnel,)) as proxy:
            yield server, tunnel, proxy, client_context


URL = "https://api.example/rpc.fcgi"


def test_through_a_proxy(behind):
    """CONNECT with the server's name and port, TLS with the server's certificate inside, and the connection is kept."""
    server, tunnel, proxy, context = behind
    with make(URL, ssl_context=context, proxy="http://127.0.0.1:{}".format(proxy.port)) as client:
        for id_send in (1, 2):
            assert is_own(client.bounces(id_send), id_send)
    assert tunnel.heads == ["CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n"]
    assert server.connections == 1
    assert b"\r\nHost: api.example\r\n" in server.requests[0]


def test_proxy_with_a_password(behind):
    """Name and password, percent-encoded or not, go to the proxy as Basic credentials, and to nobody else."""
    server, tunnel, proxy, context = behind
    with make(URL, ssl_context=context, proxy="http://user:p%40ss%C4%8D@127.0.0.1:{}".format(proxy.port)) as client:
        assert is_own(client.bounces(1), 1)
    expected = base64.b64encode("user:p@ssč".encode("utf-8")).decode("ascii")
    assert "\r\nProxy-Authorization: Basic {}\r\n".format(expected) in tunnel.heads[0]
    assert b"Authorization" not in server.requests[0]


def test_proxy_of_the_environment(behind, monkeypatch):
    """HTTPS_PROXY counts where proxy= says nothing."""
    server, tunnel, proxy, context = behind
    monkeypatch.setenv("HTTPS_PROXY", "127.0.0.1:{}".format(proxy.port))
    with make(URL, ssl_context=context) as client:
        assert is_own(client.bounces(1), 1)
    assert len(tunnel.heads) == 1


@pytest.mark.parametrize("no_proxy", ["api.example", ".example", "*", "x.invalid, api.example"])
def test_no_proxy_of_the_environment(behind, monkeypatch, no_proxy):
    """NO_PROXY takes the direct way, here to a name that cannot be looked up."""
    server, tunnel, proxy, context = behind
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:{}".format(proxy.port))
    monkeypatch.setenv("NO_PROXY", no_proxy)
    asked = []

    def look_up(host, port, family, kind, protocol, flags):
        if not flags:
            asked.append((host, port))
        raise socket.gaierror(-2, "not here")

    monkeypatch.setattr(socket, "getaddrinfo", inside(look_up, "socket"))
    with make(URL, ssl_context=context) as client, pytest.raises(ConnectError):
        client.bounces(1)
    assert asked == [("api.example", 443)]
    assert tunnel.heads == []


def test_empty_proxy_means_none(behind, monkeypatch):
    """proxy="" overrides the environment."""
    server, tunnel, proxy, context = behind
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:{}".format(proxy.port))
    with make("https://127.0.0.1:{}/".format(server.port), proxy="", ssl_context=context) as client:
        with pytest.raises(ConnectError, match="not accepted|CERTIFICATE"):  # it calls itself api.example
            client.bounces(1)
    assert tunnel.heads == []


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"])
def test_http_to_loopback_never_through_a_proxy(monkeypatch, variable):
    """Not by any variable."""
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with ScriptedServer() as server, make(server.url) as client:
        assert is_own(client.bounces(1), 1)


def test_http_to_loopback_never_through_a_given_proxy():
    """Not by the argument either."""
    with ScriptedServer() as server, make(server.url, proxy="http://127.0.0.1:9") as client:
        assert is_own(client.bounces(1), 1)


def through(steps, **options):
    """Call through a proxy that plays *steps*; returns the exception and how often it was connected to."""
    with ScriptedServer(steps) as proxy:
        settings = dict(
            proxy="http://user:hunter2@127.0.0.1:{}".format(proxy.port), retry=Retry(2, base=0), timeout=0.5
        )
        settings.update(options)
        with make(URL, **settings) as client, pytest.raises((ConnectError, TimeoutError)) as caught:
            client.bounces(1)
        assert "hunter2" not in str(caught.value)
        return caught.value, proxy.connections


@pytest.mark.parametrize(
    "answer, text, tries",
    [
        (http(status="407 Proxy Authentication Required"), "said no (HTTP 407 Proxy Authentication Required)", 1),
        (http(b"<html>", status="403 Forbidden"), "said no (HTTP 403 Forbidden)", 1),
        (http(status="503 Later"), "said no (HTTP 503 Later)", 2),
        (http(status="302 Log in\x1b[1m here"), "said no (HTTP 302 Log in\\x1b[1m here)", 1),
        (b"garbage\r\n\r\n", "gave no answer", None),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000, "gave no answer", None),
        (b"HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03", "sent more than its answer", 1),
    ],
    ids=["407", "403", "503", "302", "garbage", "long", "surplus"],
)
def test_proxy_that_says_no(answer, text, tries):
    """What a proxy says is a ConnectError that names the proxy and its words: nothing was sent to the server."""

    class Head:
        def run(self, talk):
            talk.raw.recv(65536)

    error, connections = through((Head(), answer, Stall()))
    assert type(error) is ConnectError
    assert text in str(error)
    assert tries is None or (error.attempts, connections) == (tries, tries)


@pytest.mark.parametrize(
    "steps", [(Close(),), (Reset(),), (b"HTTP/1.1 200 OK\r\nX-", Close())], ids=["closed", "reset", "cut"]
)
def test_proxy_that_goes_away(steps):
    """Nothing was sent, so it is a ConnectError, and tried again."""
    error, connections = through(steps)
    assert type(error) is ConnectError
    assert (error.attempts, connections) == (2, 2)


@pytest.mark.parametrize(
    "steps", [(Stall(),), (Drip(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 99, 0.1),)], ids=["silent", "dripping"]
)
@pytest.mark.parametrize(
    "options", [dict(timeout=(0.4, 30.0)), dict(timeout=30.0, deadline=0.4)], ids=["connect", "deadline"]
)
def test_proxy_that_stalls(steps, options):
    """The connect time-out covers the proxy's answer, and the deadline everything."""
    error, _ = through(steps, retry=None, **options)
    assert isinstance(error, DeadlineExceededError if "deadline" in options else RequestTimeoutError)


def test_refusing_proxy_is_named():
    """The proxy's address stands in the error, not the server's: that is where to look."""
    with ScriptedServer(listening=False) as proxy:
        with make(URL, proxy="http://127.0.0.1:{}".format(proxy.port)) as client:
            with pytest.raises(ConnectError, match="cannot connect to the proxy 127.0.0.1:{}".format(proxy.port)):
                client.bounces(1)


def test_proxy_password_is_never_logged(caplog):
    """Not in the lines about the tries either."""
    with caplog.at_level(logging.DEBUG):
        through((http(status="503 Later"), Close()))
    assert caplog.records
    for record in caplog.records:
        assert "hunter2" not in record.getMessage()
        assert base64.b64encode(b"user:hunter2").decode() not in record.getMessage()
