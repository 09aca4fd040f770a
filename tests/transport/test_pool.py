"""Connections between calls: which is taken, which is kept, and what is done where the system has no more."""

import errno
import os
import socket
import weakref
from collections import deque

import pytest

from mailkit_xmlrpc.exceptions import LocalError
from mailkit_xmlrpc.transport import connect as _connect
from mailkit_xmlrpc.transport.connect import Pool, _Opening
from mailkit_xmlrpc.transport.deadline import Deadline
from mailkit_xmlrpc.transport.limits import MAX_IDLE
from mailkit_xmlrpc.transport.route import Route, Url
from tests.support.inside import raising

FOREVER = Deadline(None, lambda: 0.0)
URL = Url("192.0.2.1", 443, True, "/")
PLAIN = Url("192.0.2.1", 80, False, "/")


class Kept:
    """A connection as the pool sees it."""

    def __init__(self, old=False, good=True, session=None):
        self.old = old
        self.good = good
        self.made = session
        self.closed = False

    def is_old(self):
        return self.old

    def is_reusable(self):
        return self.good and not self.old

    def mark_idle(self):
        self.old = False

    def session(self):
        return self.made

    def close(self):
        self.closed = True


@pytest.fixture
def pool(monkeypatch):
    """A pool that opens such connections; ``pool.opened`` has the session given to each."""
    made = Pool(Route(URL, None, None, None, 10.0, 10.0))
    made.opened = []

    def fake_open(self, session):
        made.opened.append(session)
        return Kept(session="session {}".format(len(made.opened)))

    monkeypatch.setattr(_Opening, "open", fake_open)
    return made


def test_pool_gives_the_latest_first(pool):
    """A connection given back is taken again, the one used last first; a new one is opened where there is none."""
    first, second = pool.take(FOREVER), pool.take(FOREVER)
    pool.give_back(first, reuse=True)
    pool.give_back(second, reuse=True)
    assert pool.take(FOREVER) is second
    assert pool.take(FOREVER) is first
    assert len(pool.opened) == 2


def test_pool_passes_over_what_is_not_good(pool):
    """One that is not good any more is closed, and the next looked at."""
    taken = [pool.take(FOREVER) for _ in range(3)]
    for one in taken:
        pool.give_back(one, reuse=True)
    taken[1].good = taken[2].good = False
    assert pool.take(FOREVER) is taken[0]
    assert [one.closed for one in taken] == [False, True, True]


def test_pool_does_not_keep_what_is_not_to_be_used_again(pool):
    """What is given back for good is closed, and its TLS session is not resumed."""
    one = pool.take(FOREVER)
    pool.give_back(one, reuse=False)
    assert one.closed
    pool.take(FOREVER)
    assert pool.opened == [None, None]


def test_pool_resumes_tls(pool):
    """The TLS session of a good connection is resumed by those that are opened later."""
    pool.give_back(pool.take(FOREVER), reuse=True)
    pool.close()
    pool._closed = False
    pool.take(FOREVER)
    other = pool.take(FOREVER)
    other.made = None
    pool.give_back(other, reuse=True)
    pool.take(FOREVER)
    pool.take(FOREVER)
    assert pool.opened == [None, "session 1", "session 1", "session 1"]


def test_pool_is_bounded(pool):
    """As many as the limit are kept; one more is closed."""
    taken = [pool.take(FOREVER) for _ in range(MAX_IDLE + 1)]
    for one in taken:
        pool.give_back(one, reuse=True)
    assert [one.closed for one in taken] == [False] * MAX_IDLE + [True]
    pool.close()
    assert all(one.closed for one in taken)


def test_closed_pool_keeps_nothing(pool):
    """What is given back after close() is closed; a dropped pool closes what it has."""
    one, two = pool.take(FOREVER), pool.take(FOREVER)
    pool.give_back(one, reuse=True)
    pool.close()
    pool.give_back(two, reuse=True)
    assert one.closed and two.closed


def test_old_ones_are_closed(pool):
    """Giving one back closes those that are idle for too long, also where it is not kept itself."""
    taken = [pool.take(FOREVER) for _ in range(5)]
    for one in taken[:4]:
        pool.give_back(one, reuse=True)
    taken[0].old = taken[1].old = True
    pool.give_back(taken[4], reuse=False)
    assert [one.closed for one in taken] == [True, True, False, False, True]


def test_idle_one_that_another_call_took(pool):
    """Between seeing that one is idle and taking it another thread may have it: then a new one is opened."""

    class Raced(deque):
        def __bool__(self):
            return True

    pool._idle = Raced()
    assert pool.take(FOREVER).made == "session 1"


def test_no_descriptors(pool, monkeypatch):
    """Where the system has no more, a call waits for one that another call holds; where nobody holds one, that is
    told."""
    full = iter([_connect._NoDescriptorsError("Too many open files")] * 4)

    def refuse(self, session):
        for error in full:
            raise error
        return Kept()

    monkeypatch.setattr(_Opening, "open", refuse)
    slept = []
    monkeypatch.setattr(Deadline, "sleep", lambda self, seconds, sleep: slept.append(seconds))
    with pytest.raises(LocalError, match="cannot open a socket: Too many open files"):
        pool.take(FOREVER)
    # Only the second time: another call may just have been giving one back.
    assert len(slept) == 1 and pool._used == set()
    slept.clear()
    full = iter([_connect._NoDescriptorsError("Too many open files")] * 4)
    used = Kept()
    pool._used.add(weakref.ref(used))
    assert type(pool.take(FOREVER)) is Kept
    assert len(slept) == 4


def test_descriptor_of_one_that_is_being_opened(pool, monkeypatch):
    """Another call that is still connecting holds a descriptor, too: it is waited for."""
    tries = []

    def connect(self, session):
        tries.append(None)
        if len(tries) == 1:  # the slow one; meanwhile another call finds no descriptor, four times
            assert type(pool.take(FOREVER)) is Kept
        elif len(tries) < 6:
            raise _connect._NoDescriptorsError("Too many open files")
        return Kept()

    monkeypatch.setattr(_Opening, "open", connect)
    monkeypatch.setattr(Deadline, "sleep", lambda self, seconds, sleep: None)
    assert type(pool.take(FOREVER)) is Kept
    assert len(tries) == 6


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS])
def test_system_without_descriptors(monkeypatch, number):
    """Each way in which a system says that it has none left."""
    monkeypatch.setattr(socket, "socket", raising(OSError(number, os.strerror(number)), "socket"))
    with pytest.raises(LocalError, match="cannot open a socket: {}".format(os.strerror(number))):
        Pool(Route(PLAIN, None, None, None, 10.0, 10.0)).take(FOREVER)
