"""An exception of the caller's at every line, or opcode, of a call: the call ends with it, and nothing is left of it.

A tracer stands for a signal handler (a time limit of Celery's or RQ's, Ctrl-C). Each public call is made again and
again, and every time it is struck one step later.
"""

import random
import re
import signal
import sys
import time

import pytest

from mailkit_xmlrpc import (
    IncompleteResponseError,
    MailkitClient,
    MalformedResponseError,
    Retry,
    UnauthorizedError,
    UnexpectedShapeError,
)
from tests.support import length
from tests.support.account import CLIENT_ID, MD5
from tests.support.interrupting import descriptors, interrupted, left_in_traceback, steps_of
from tests.support.scripted_server import Request, ScriptedServer, Stall, http, json_report, report, value

pytestmark = [
    pytest.mark.usefixtures("collected"),
    # Python itself drops what is raised in a finalizer.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # a socket or a file that nobody has yet
    pytest.mark.skipif(hasattr(sys, "pypy_version_info"), reason="PyPy has no opcodes to stop at"),
]


class TimeLimitError(Exception):
    """Of a task queue."""


class OursError(IncompleteResponseError):
    """One that looks like this package's, and like a reason to try again."""

    def __init__(self, text):
        super().__init__(5)


RETRY = Retry(3, base=0)
KINDS = [TimeLimitError, OSError, TimeoutError, ValueError, OursError, KeyboardInterrupt]


class Calls:
    """The public calls, each by a method. Each asks for an id of its own, so that the server tells them apart."""

    def __init__(self, server, protocol):
        self.server = server
        self.protocol = protocol
        self.id_send = 1000

    def __iter__(self):
        """The script of the server: two rows, of the delivery that was asked for, which are campaigns as well."""
        if self.protocol == "xmlrpc":
            more = b"<struct><member><name>ID_MESSAGE</name><value>5</value></member>"
            body = report(self.id_send, rows=2).replace(b"<struct>", more)
            body = body.replace(b"<struct>", more.replace(b"MESSAGE", b"SEND"))
        else:
            body = json_report(self.id_send, rows=2).replace(b"{", b'{"ID_MESSAGE": "5", "ID_SEND": "6", ')
        return iter((Request(), http(body)))

    def client(self, **options):
        options = dict({"retry": RETRY, "proxy": "", "timeout": 20.0, "rate": 1e6}, **options)
        return MailkitClient(CLIENT_ID, MD5, url=self.server.url, protocol=self.protocol, **options)

    def constructor(self, client):
        self.client(ca_file=__file__)

    def from_env(self, client):
        MailkitClient.from_env(url="http://[::1]:8000/", proxy="")

    def bounces(self, client):
        client.bounces(self.id_send)

    def iter_bounces(self, client):
        with client.iter_bounces(self.id_send) as rows:
            list(rows)

    def close(self, client):
        rows = client.iter_bounces(self.id_send)
        next(rows)
        rows.close()
        client.close()

    def rest(self, client):
        rows = client.iter_bounces(self.id_send)
        next(rows)
        rows.rest()

    def campaigns(self, client):
        client.campaigns("2014-12-01")

    def deliveries(self, client):
        client.deliveries(self.id_send)

    def call(self, client):
        if self.protocol == "json":
            client.call("mailkit.report", ID_send=self.id_send)
        else:
            client.call("mailkit.report", self.id_send)

    def tried_again(self, client):
        self.server.play_once((Request(), http(b"", status="503 Busy")))
        client.bounces(self.id_send)

    def refused(self, client):
        self.server.play_once((Request(), http(value("Unauthorized"))))
        try:
            client.bounces(self.id_send)
        except (UnauthorizedError, UnexpectedShapeError, MalformedResponseError):
            pass


NAMES = [name for name in vars(Calls) if not name.startswith("_") and name != "client"]


@pytest.fixture(params=["xmlrpc", "json"])
def calls(request, monkeypatch):
    """The calls, of a server that answers them."""
    monkeypatch.setenv("MAILKIT_CLIENT_ID", "5")
    monkeypatch.setenv("MAILKIT_CLIENT_MD5", MD5)
    with ScriptedServer() as server:
        calls = Calls(server, request.param)
        server.play(calls)
        yield calls


def struck(calls, client, name, kind, at):
    """Make the call *name*, struck at step *at*."""
    calls.id_send += 1
    error = kind("theirs")

    def handler():
        raise error

    place, raised, result, left_behind = interrupted(lambda: getattr(calls, name)(client), handler, at)
    if place is None:
        assert raised is None
    else:
        assert raised is error, "{}: {!r}".format(place.name, raised)
        assert error.__cause__ is None and error.__context__ in (None, left_behind) or place.is_boundary, place.name
        assert place.is_boundary or left_in_traceback(error) == [], place.name


def until(condition):
    """Wait for *condition*: the server's threads are slower."""
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def is_clean(calls, client):
    """Whether the next call has its own answer."""
    calls.server.forget_once()
    calls.id_send += 1
    return [bounce.id_email for bounce in client.bounces(calls.id_send)] == [calls.id_send] * 2


@pytest.mark.parametrize("kind", length.some(KINDS, 5), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_call(calls, name, kind):
    """It ends with the same object; nothing is sent twice, nothing is left, and the next call is clean."""
    random.seed(name + kind.__name__)
    with calls.client() as client:
        # What a process does once.
        getattr(calls, name)(client)
        assert is_clean(calls, client)
        calls.id_send += 1
        total = steps_of(lambda: getattr(calls, name)(client))
        step = max(1, total // 6)
        if length.full:
            # The others share most of their steps with these.
            step = 1 if kind is TimeLimitError and name in ("bounces", "iter_bounces") else 29
        assert is_clean(calls, client)
        before = descriptors()
        for at in range(random.randrange(step) + 1, total + 1, step):
            struck(calls, client, name, kind, at)
            assert is_clean(calls, client)
            # And what a client does once.
            with calls.client() as new:
                struck(calls, new, name, kind, at + step // 2)
                assert is_clean(calls, new)
        until(lambda: descriptors() <= before)
    bodies = [request.partition(b"\r\n\r\n")[2] for request in calls.server.requests]
    asked = [int(number) for body in bodies for number in re.findall(rb"\b1[0-9]{3,}\b", body)]
    ids = [number for number in asked if number != CLIENT_ID]
    assert name == "tried_again" or len(ids) == len(set(ids))


# --- real signals -----------------------------------------------------------------------------------------------------


@pytest.fixture
def strike():
    """``strike(error, seconds)``: so much later a signal handler raises *error*."""
    if not hasattr(signal, "setitimer"):
        pytest.skip("this system has no setitimer")

    def set_up(error, seconds=0.2):
        def handler(number, frame):
            raise error

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    before = signal.getsignal(signal.SIGALRM)
    yield set_up
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def waiting_for_an_answer(server):
    server.play((Request(), Stall()))
    return {}


def waiting_for_the_next_try(server):
    server.play((Request(), http(b"", status="503 Busy")))
    return {"retry": Retry(3, base=1000.0, cap=1000.0, random=lambda: 1.0), "deadline": None}


def waiting_for_its_turn(server):
    return {"rate": 0.001, "deadline": None}


@pytest.mark.parametrize("kind", length.some(KINDS, 5), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    "waiting", [waiting_for_an_answer, waiting_for_the_next_try, waiting_for_its_turn], ids=lambda make: make.__name__
)
def test_while_it_waits(calls, strike, waiting, kind):
    """A call that waits ends with what a handler raises, at once, and sends nothing more."""
    error = kind("theirs")
    options = waiting(calls.server)
    with calls.client(**options) as client:
        if "rate" in options:
            client.bounces(calls.id_send)
        sent = len(calls.server.requests)
        strike(error)
        with pytest.raises(kind) as caught:
            client.bounces(calls.id_send)
        assert caught.value is error
        assert error.__context__ is None and left_in_traceback(error) == []
        assert len(calls.server.requests) - sent == (0 if "rate" in options else 1)


@pytest.mark.skipif(sys.gettrace() is not None, reason="coverage takes locks, which the signal would leave behind")
def test_at_any_moment(calls, strike):
    """A time limit that strikes a call at any moment leaves the next one clean."""
    random.seed(5)
    with calls.client() as client:
        for _ in range(length.examples(2000)):
            error = TimeLimitError("theirs")
            calls.id_send += 1
            try:
                strike(error, random.uniform(1e-5, 3e-3))
                client.bounces(calls.id_send)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except TimeLimitError as raised:
                assert raised is error
            assert is_clean(calls, client)
