"""What the caller's own code raises inside a call: the same object leaves, and is never taken for the network's."""

import signal
import socket
import threading
import time
from datetime import tzinfo

import pytest

from mailkit_xmlrpc import ConnectError, HTTPStatusError, IncompleteResponseError, MailkitClient, MailkitError, Retry
from mailkit_xmlrpc.exceptions.boundary import boundary
from tests.support.account import MD5
from tests.support.inside import inside
from tests.support.scripted_server import Close, Pause, Request, ScriptedServer, Stall, http, report


class TimeLimitError(Exception):
    """Of a task queue, as Celery's SoftTimeLimitExceeded."""


class JobTimeoutError(IOError):
    """Of another one; it looks like the network's."""


KINDS = [TimeLimitError, JobTimeoutError, TimeoutError, ConnectionResetError, socket.timeout, ConnectError, KeyError]


def ours(error):
    """The functions of the package in the traceback of *error*."""
    names = []
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_globals["__name__"].startswith("mailkit_xmlrpc"):
            names.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    return names


def client_of(url, **options):
    """A client that would try again."""
    return MailkitClient(1234567, MD5, url=url, **dict(dict(retry=Retry(3, base=0), proxy="", timeout=20.0), **options))


# --- a signal handler -------------------------------------------------------------------------------------------------


@pytest.fixture
def strike(monkeypatch):
    """``strike(error)``: in a moment a signal handler raises *error*, wherever the main thread is."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("this system has no setitimer")

    def set_up(error):
        def handler(number, frame):
            raise error

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.2)

    before = signal.getsignal(signal.SIGALRM)
    yield set_up
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "steps", [(), (http(report(1))[:-30],), (http(b"", status="500 Error", length=9),)], ids=["head", "body", "error"]
)
def test_time_limit_while_receiving(strike, kind, steps):
    """It strikes in recv(): the same object leaves, nothing is tried again, and the next call has its own answer."""
    error = kind("theirs")
    with ScriptedServer() as server, client_of(server.url) as client:
        server.play_once((Request(),) + steps + (Stall(),))
        strike(error)
        with pytest.raises(kind) as caught:
            client.bounces(1)
        assert caught.value is error
        assert error.__context__ is None and error.__cause__ is None
        assert set(ours(error)) == {"call"}
        assert len(server.requests) == 1
        assert [row.id_email for row in client.bounces(2)] == [2]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_time_limit_while_a_name_is_looked_up(strike, monkeypatch, kind):
    """It strikes while the resolver takes its time."""
    go_on = threading.Event()

    def getaddrinfo(host, port, family, kind, protocol, flags):
        if flags:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        go_on.wait(20)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", inside(getaddrinfo, "socket"))
    error = kind("theirs")
    strike(error)
    try:
        with client_of("https://{}.example/".format(kind.__name__)) as client, pytest.raises(kind) as caught:
            client.bounces(1)
    finally:
        go_on.set()
    assert caught.value is error
    assert error.__context__ is None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_time_limit_in_the_handshake(strike, authority, kind):
    """It strikes while a server is silent in the TLS handshake."""
    error = kind("theirs")
    with ScriptedServer((Stall(),)) as server:
        with client_of(server.url.replace("http", "https")) as client:
            strike(error)
            with pytest.raises(kind) as caught:
                client.bounces(1)
    assert caught.value is error
    assert error.__context__ is None


# --- clock, sleep, tzinfo ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ValueError, TimeoutError, ConnectError, IncompleteResponseError])
@pytest.mark.parametrize(
    "answer",
    [
        (http(report(1)),),
        (http(status="500 Error", length=6), Pause(0.05), b"<html>"),
        (http(report(1))[:-9],),
    ],
    ids=["good", "error", "cut"],
)
@pytest.mark.parametrize("look", range(1, 12))
def test_clock_that_raises(kind, answer, look):
    """What the injected clock raises, at whichever look, leaves, even where it looks like the network's or ours."""
    error = kind(5) if kind is IncompleteResponseError else kind("theirs")
    looks = []

    def clock():
        looks.append(None)
        if len(looks) == look:
            raise error
        return 0.0

    with ScriptedServer((Request(),) + answer + (Close(),)) as server:
        with client_of(server.url, retry=Retry(1, clock=clock), deadline=60.0) as client:
            try:
                client.bounces(1)
            except Exception as raised:
                if len(looks) >= look:
                    assert raised is error
                    assert (raised.attempts if isinstance(raised, MailkitError) else 0) == 0
            else:
                assert len(looks) < look
        assert len(server.requests) <= 1


@pytest.mark.parametrize("kind", [RuntimeError, TimeoutError, ConnectError, HTTPStatusError, KeyboardInterrupt])
def test_sleep_that_raises(kind):
    """What the injected sleep raises leaves; nothing is tried again."""
    error = kind(503)

    def sleep(seconds):
        raise error

    with ScriptedServer((Request(), http(status="503 Busy"))) as server:
        with client_of(server.url, retry=Retry(3, sleep=sleep)) as client, pytest.raises(kind) as caught:
            client.bounces(1)
        assert caught.value is error and error.__context__ is None
        assert len(server.requests) == 1


class Broken(tzinfo):
    """A time zone that knows no offset and says so in its own way."""

    error = None

    def utcoffset(self, moment):
        raise self.error

    dst = utcoffset

    def localize(self, moment, is_dst=False):
        raise self.error


@pytest.mark.parametrize("kind", [ValueError, KeyError, ConnectError])
def test_time_zone_that_raises(kind):
    """What a tzinfo raises of a date leaves."""
    dated = report(1).replace(
        b"<name>REASON</name><value><string>Bad Mailbox", b"<name>DATE</name><value><string>2014-12-23 12:36:02"
    )
    zone = Broken()
    zone.error = kind("theirs")
    with ScriptedServer((Request(), http(dated))) as server:
        with client_of(server.url, tz=zone) as client, pytest.raises(kind) as caught:
            client.bounces(1)
        assert caught.value is zone.error
        assert len(server.requests) == 1


# --- from outside -----------------------------------------------------------------------------------------------------


def test_thrown_in_by_another_thread():
    """An exception that another thread throws in (PyThreadState_SetAsyncExc) has no frame of the caller's."""
    ctypes = pytest.importorskip("ctypes")
    if not hasattr(ctypes, "pythonapi"):
        pytest.skip("this Python has no such function")
    ready, seen = threading.Event(), []

    def work():
        ready.set()
        while True:
            time.sleep(0.001)

    def run():
        try:
            boundary(inside(work))()
        except BaseException as error:
            seen.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeLimitError))
    thread.join(10)
    assert [type(error) for error in seen] == [TimeLimitError]
