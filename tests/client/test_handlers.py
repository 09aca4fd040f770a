"""Every ``except`` for a class that a signal handler may raise, too, asks whose the error is: the caller's passes.

A handler may run wherever the package calls something; here it is in the place of what is called.
"""

import os
import socket
import urllib.parse

import pytest

from mailkit_xmlrpc import (
    ConfigurationError,
    LocalError,
    MailkitClient,
    MalformedResponseError,
    RequestTimeoutError,
    Retry,
)
from mailkit_xmlrpc.client import many as _many
from mailkit_xmlrpc.client.many import SharedClient
from mailkit_xmlrpc.client.rows import Rows
from mailkit_xmlrpc.client.settings import certificates
from mailkit_xmlrpc.exceptions import boundary as _boundary
from mailkit_xmlrpc.protocol import calls as _calls
from mailkit_xmlrpc.protocol.json import Json
from mailkit_xmlrpc.protocol.readers import Decoder, RowReader
from mailkit_xmlrpc.transport import connect as _connect
from mailkit_xmlrpc.transport import lookup as _lookup
from mailkit_xmlrpc.transport.connect import Pool, _Opening
from mailkit_xmlrpc.transport.connection import Connection
from mailkit_xmlrpc.transport.deadline import Deadline
from mailkit_xmlrpc.transport.route import Route, Url
from mailkit_xmlrpc.transport.spool import Spool
from tests.support.account import MD5
from tests.support.answering_server import AnsweringServer
from tests.support.bodies import body_of
from tests.support.inside import raising

FOREVER = Deadline(None, lambda: 0.0)
URL = Url("192.0.2.1", 443, True, "/")


def handler(error):
    """A function of the caller's that raises *error*."""
    return raising(error, "theirs")


@pytest.mark.parametrize(
    "target, name, error, call",
    [
        (urllib.parse, "urlsplit", ValueError("x"), lambda: MailkitClient(1, MD5, url="https://api.example/")),
        (os, "fspath", TypeError("x"), lambda: certificates(5, None)),
        (_calls, "date", ValueError("x"), lambda: _calls._day("2014-12-23", "range_from")),
        (socket, "getaddrinfo", UnicodeError("x"), lambda: _lookup.addresses_of("api.example", 1, 1.0)),
        (_many.pickle, "dumps", TypeError("x"), lambda: _many.checked_many((), [1], 1, pool())),
    ],
    ids=["url", "ca_file", "date", "look-up", "pickle"],
)
def test_called_function(monkeypatch, target, name, error, call):
    """What looks like a fault of the arguments, or of the resolver."""
    raises = handler(error)
    stand_in = raises if name != "getaddrinfo" else lambda *args: raises()
    if name == "date":

        class stand_in(_calls.date):
            def __new__(cls, *args):
                raises()

    # Taken back at once: pytest needs these functions too.
    with monkeypatch.context() as patch, pytest.raises(type(error)) as caught:
        patch.setattr(target, name, stand_in)
        call()
    assert caught.value is error


def pool():
    """A process pool that has no process yet."""
    return _many.futures.ProcessPoolExecutor(1)


def test_submit():
    """What strikes while an executor takes a call."""
    error = ValueError("theirs")

    class Pool(_many.Executor):
        def submit(self, function, *args):
            handler(error)()

    outcomes = MailkitClient(1, MD5).iter_many([1], executor=Pool())
    with pytest.raises(ValueError) as caught:
        next(outcomes)
    assert caught.value is error
    with pytest.raises(LocalError, match="interrupted, ids may be missing"):
        next(outcomes)


class Failing(Decoder):
    """A decoder during whose work a handler raises."""

    def __init__(self, error):
        self.items = []
        self.found = {}
        self.feed = handler(error)

    def close(self):
        raise AssertionError

    def forget(self):
        pass


def test_decoder(monkeypatch):
    """What looks like a fault of the answer, whether rows are read or a fault is looked for."""
    error = MalformedResponseError("theirs")
    with pytest.raises(MalformedResponseError) as caught:
        RowReader(Failing(error), _calls.BouncesCall(1), None).feed(b"[")
    assert caught.value is error
    monkeypatch.setattr(Json, "decoder", lambda *args, **kwargs: Failing(error))
    body = body_of(b"[")
    with pytest.raises(MalformedResponseError) as caught:
        Json().fault_in(body, False)
    assert caught.value is error


@pytest.mark.parametrize("what", ["left", "addresses"])
def test_time_out_while_connecting(monkeypatch, what):
    """What looks like the connect time-out."""
    error = RequestTimeoutError("theirs", 5.0)
    opening = _Opening(Route(URL, None, None, None, 10.0, 10.0), FOREVER)
    if what == "left":
        monkeypatch.setattr(opening, "_addresses", lambda target, what: [()])
        monkeypatch.setattr(opening, "_left", handler(error))
    else:
        monkeypatch.setattr(_connect, "addresses_of", handler(error))
    with pytest.raises(RequestTimeoutError) as caught:
        opening._connected(URL, "")
    assert caught.value is error


def test_pool():
    """What looks like an empty pool."""
    error = IndexError("theirs")
    pool = Pool(Route(URL, None, None, None, 10.0, 10.0))

    class Idle:
        pop = handler(error)

    pool._idle = Idle()
    with pytest.raises(IndexError) as caught:
        pool.take(FOREVER)
    assert caught.value is error


def test_second_error(monkeypatch):
    """What strikes while an error is made ready to leave takes its place, and nothing of that hangs on it."""
    error, real, struck = KeyboardInterrupt(), _boundary.leaving, []

    def leaving(first):
        if not struck:
            struck.append(first)
            handler(error)()
        return real(first)

    monkeypatch.setattr(_boundary, "leaving", leaving)
    with pytest.raises(KeyboardInterrupt) as caught:
        MailkitClient(1, "")
    assert caught.value is error
    assert type(struck[0]) is ConfigurationError
    assert error.__context__ is None


@pytest.mark.parametrize("method", ["__next__", "rest"])
def test_rows_that_were_in_its_hands(method):
    """What strikes between two rows leaves at once, and the report is no report any more."""
    error = KeyboardInterrupt()

    def rows():
        yield 1
        handler(error)()

    with AnsweringServer() as server:
        client = MailkitClient(1, MD5, url=server.url, protocol="json", proxy="")
        with client, client.iter_bounces(1) as report:
            report._batch = rows()
            with pytest.raises(KeyboardInterrupt) as caught:
                while True:
                    getattr(report, method)()
            assert caught.value is error
            for _ in range(2):
                with pytest.raises(LocalError, match="the reading of this report was interrupted"):
                    next(report)


# --- what is dropped half made, or not given back ---------------------------------------------------------------------


def test_dropped():
    """Nothing is said of what an interruption left, and its descriptors are free."""
    one, other = socket.socketpair()
    connection = Connection(one, 10.0)
    spool = Spool(memory=1)
    spool.write(b"more than that")
    number = spool._file.fileno()
    del connection, spool
    assert one.fileno() == -1
    with pytest.raises(OSError):
        os.fstat(number)
    other.close()
    for kind in (Connection, Spool, Rows, _many.Outcomes):
        kind.__new__(kind)


def test_pool_of_another_process():
    """Where a client of many calls arrives without connections, it makes a pool of its own, once."""
    with AnsweringServer() as server:
        settings = MailkitClient(1, MD5, url=server.url, protocol="json", proxy="", retry=Retry(1))._settings
        shared = SharedClient(settings)
        for number in (1, 2):
            assert [bounce.id_email for bounce in shared.bounces(number, None)] == [number]
        assert len(server.connections) == 1
        shared._pool.close()
