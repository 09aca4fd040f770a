"""Looking names up within a time: in threads of ours, few of them, each look-up once, whatever the resolver does."""

import _thread
import os
import signal
import socket
import threading
import time

import pytest

from mailkit_xmlrpc import ConnectError, DeadlineExceededError, LocalError, MailkitClient, RequestTimeoutError
from mailkit_xmlrpc.transport import lookup as _lookup
from mailkit_xmlrpc.transport.limits import MAX_LOOKUPS
from mailkit_xmlrpc.transport.lookup import addresses_of
from tests.support.account import MD5
from tests.support.inside import inside, raising

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]
LIMIT = 20  # seconds that anything here may take


class Resolver:
    """Stands for the system's: answers a name when it is told to, an address that is a number at once."""

    def __init__(self):
        self.asked = []
        self.go_on = threading.Event()
        self.answer = FOUND

    def __call__(self, host, port, family, kind, protocol, flags):
        if flags & socket.AI_NUMERICHOST:
            if host.replace(".", "").isdigit():
                return FOUND
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        self.asked.append((host, port))
        assert self.go_on.wait(LIMIT)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def resolver(monkeypatch):
    """A resolver of the test's own, and no look-up of another test's."""
    made = Resolver()

    def getaddrinfo(*args):
        return made(*args)

    # It counts as the standard library's own.
    monkeypatch.setattr(Resolver, "__call__", inside(Resolver.__call__, "socket"))
    monkeypatch.setattr(socket, "getaddrinfo", inside(getaddrinfo, "socket"))
    monkeypatch.setattr(_lookup, "_of_process", _lookup._Pending())
    yield made
    made.go_on.set()
    until(lambda: not threads())


def threads():
    """Our threads that look something up."""
    return [thread for thread in threading.enumerate() if thread.name == "mailkit-lookup"]


def until(condition):
    """Wait for *condition*."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def in_thread(function, *args):
    """Start *function*; returns the thread and the list that gets its result or its error."""
    outcome = []

    def run():
        try:
            outcome.append(function(*args))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, outcome


# --- what comes of it -------------------------------------------------------------------------------------------------


def test_name(resolver):
    """A name is looked up, once for each call."""
    resolver.go_on.set()
    for number in (1, 2):
        assert addresses_of("api.example", 443, LIMIT) == FOUND
        assert len(resolver.asked) == number


def test_numeric_address_needs_no_thread(resolver, monkeypatch):
    """An address that is a number is nobody's to look up."""
    monkeypatch.setattr(threading, "Thread", None)
    assert addresses_of("192.0.2.1", 443, LIMIT) == FOUND
    assert resolver.asked == []


def test_real_loopback():
    """The system's own resolver is asked the way it wants to be."""
    assert ("127.0.0.1", 80) in [address[4] for address in addresses_of("127.0.0.1", 80, LIMIT)]
    assert addresses_of("localhost", 80, LIMIT)


@pytest.mark.parametrize(
    "answer, kind, text",
    [
        (socket.gaierror(-2, "Name or service not known"), ConnectError, "api.example cannot be looked up (Name or"),
        (socket.gaierror(-3, "Temporary failure"), ConnectError, "api.example cannot be looked up (Temporary failure)"),
        (MemoryError(), LocalError, "api.example cannot be looked up (MemoryError)"),
        (ValueError("secret"), LocalError, "api.example cannot be looked up (ValueError)"),
    ],
    ids=["none", "temporary", "memory", "unforeseen"],
)
def test_error_is_each_callers_own(resolver, answer, kind, text):
    """All that wait for one look-up have its error, each an object of its own; the name is told, and what it is of."""
    resolver.answer = answer
    calls = [in_thread(addresses_of, "api.example", 443, LIMIT, what) for what in ("", "the proxy ", "")]
    until(lambda: len(resolver.asked) == 1 and len(threads()) == 1)
    time.sleep(0.05)
    resolver.go_on.set()
    errors = []
    for thread, outcome in calls:
        thread.join(LIMIT)
        errors += outcome
    assert [type(error) for error in errors] == [kind] * 3
    assert [str(error).startswith(text) for error in errors] == [True, False, True]
    assert str(errors[1]).startswith("the proxy " + text)
    assert len(set(map(id, errors))) == 3
    assert len(resolver.asked) == 1


def test_name_that_cannot_be_one():
    """A label that no resolver could even be asked for is not asked for again."""
    with pytest.raises(ConnectError, match="is not a host name") as caught:
        addresses_of("a" * 64 + ".example", 443, LIMIT)
    assert not caught.value.retryable
    with pytest.raises(ConnectError, match="^the proxy aaa"):
        addresses_of("a" * 64 + ".example", 443, LIMIT, "the proxy ")


def test_error_of_the_callers_code(monkeypatch):
    """A time limit that strikes while a number is read is the caller's own."""
    error = TimeoutError("theirs")

    handler = raising(error, "theirs")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: handler())
    with pytest.raises(TimeoutError) as caught:
        addresses_of("192.0.2.1", 443, LIMIT)
    assert caught.value is error


def test_another_ones_look_up(monkeypatch):
    """What somebody else has put in the place of the system's look-up fails as that does."""
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    monkeypatch.setattr(socket, "getaddrinfo", raising(error, "gevent_like._socketcommon"))
    with pytest.raises(ConnectError, match="api.example cannot be looked up"):
        addresses_of("api.example", 443, LIMIT)


# --- time -------------------------------------------------------------------------------------------------------------


def test_no_longer_than_told(resolver):
    """The caller waits no longer, whatever the resolver does; what it looks up goes on."""
    with pytest.raises(RequestTimeoutError) as caught:
        addresses_of("api.example", 443, 0.01)
    assert (caught.value.phase, caught.value.seconds) == ("looking up api.example", 0.01)
    with pytest.raises(RequestTimeoutError, match="looking up the proxy api.example"):
        addresses_of("api.example", 443, 0.01, "the proxy ")
    until(lambda: resolver.asked)
    assert len(resolver.asked) == 1
    resolver.go_on.set()
    assert addresses_of("api.example", 443, LIMIT) == FOUND


@pytest.mark.parametrize(
    "options, kind, seconds",
    [
        (dict(timeout=0.05, deadline=None), RequestTimeoutError, 0.05),
        (dict(timeout=(0.05, 10.0), deadline=60.0), RequestTimeoutError, 0.05),
        (dict(timeout=20.0, deadline=0.05), DeadlineExceededError, 0.05),
    ],
    ids=["timeout", "both", "deadline"],
)
def test_look_up_counts_for_the_call(resolver, options, kind, seconds):
    """The connect time-out and the deadline hold while a name is looked up; the error tells which one."""
    with MailkitClient(1, MD5, url="https://api.example/", retry=None, proxy="", **options) as client:
        with pytest.raises(kind) as caught:
            client.bounces(1)
    assert caught.value.seconds == seconds
    assert caught.value.attempts == 1


# --- threads and processes --------------------------------------------------------------------------------------------


def test_thousand_callers_share_one(resolver, monkeypatch):
    """However many ask for one name, one thread looks it up; another port or name is another look-up."""
    pending = _lookup._of_process
    find = pending._lookup_of
    waiting = []

    def counted(*args):
        lookup = find(*args)
        waiting.append(lookup)
        return lookup

    monkeypatch.setattr(pending, "_lookup_of", counted)
    calls = [in_thread(addresses_of, "api.example", 443, LIMIT) for _ in range(1000)]
    calls.append(in_thread(addresses_of, "api.example", 444, LIMIT))
    calls.append(in_thread(addresses_of, "other.example", 443, LIMIT))
    # A caller that comes when the answer is there asks anew: all of them must wait before it is given.
    until(lambda: len(waiting) == len(calls))
    until(lambda: len(resolver.asked) == 3)
    assert len(threads()) == 3
    resolver.go_on.set()
    for thread, outcome in calls:
        thread.join(LIMIT)
        assert outcome == [FOUND]
    assert sorted(resolver.asked) == [("api.example", 443), ("api.example", 444), ("other.example", 443)]


def test_bounded_number(resolver):
    """So many names at once are looked up; one more is refused, until one of them is done."""
    for number in range(MAX_LOOKUPS):
        with pytest.raises(RequestTimeoutError):
            addresses_of("{}.example".format(number), 443, 0.0)
    with pytest.raises(LocalError, match="64 host names are being looked up already"):
        addresses_of("one-more.example", 443, LIMIT)
    with pytest.raises(RequestTimeoutError):
        addresses_of("5.example", 443, 0.0)  # it is under way
    until(lambda: len(resolver.asked) == MAX_LOOKUPS)
    resolver.go_on.set()
    until(lambda: not threads())
    assert addresses_of("one-more.example", 443, LIMIT) == FOUND
    assert len(_lookup._of_process._lookups) == 1  # what is done is forgotten


def test_no_thread_to_be_had(resolver, monkeypatch):
    """Where the system starts no thread that is told, and the next one tries again."""
    resolver.go_on.set()

    with monkeypatch.context() as patch:
        # Of the two threads that are started for one look-up, neither can be.
        for place, name in ((threading.Thread, "start"), (_thread, "start_new_thread")):
            patch.setattr(place, name, raising(RuntimeError("can't start new thread"), "threading"))
            with pytest.raises(LocalError, match="cannot start a thread to look api.example up"):
                addresses_of("api.example", 443, LIMIT)
    assert addresses_of("api.example", 443, LIMIT) == FOUND


def test_another_process_begins_anew(resolver, monkeypatch):
    """By the process id: what another thread of the parent looks up, and whose turn it is, are not here."""
    with pytest.raises(RequestTimeoutError):
        addresses_of("api.example", 443, 0.0)
    until(lambda: len(resolver.asked) == 1)
    parents = _lookup._of_process
    turn = parents._turns.take()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    resolver.go_on.set()
    assert addresses_of("api.example", 443, LIMIT) == FOUND
    assert _lookup._of_process is not parents
    assert not turn.is_over
    assert len(resolver.asked) == 2


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no os.fork")
def test_fork(resolver):
    """A child that is forked while a name is looked up looks it up itself."""
    with pytest.raises(RequestTimeoutError):
        addresses_of("api.example", 443, 0.0)
    until(lambda: len(resolver.asked) == 1)
    pid = os.fork()
    if not pid:  # no pytest, no atexit in here
        signal.alarm(LIMIT)
        code = 1
        try:
            resolver.go_on.set()
            code = 0 if addresses_of("api.example", 443, LIMIT) == FOUND and len(resolver.asked) == 2 else 2
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0
