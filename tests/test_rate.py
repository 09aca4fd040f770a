"""Turns per second: evenly spaced, over all threads and copies, within the deadline, after a fork."""
import copy
import os
import pickle

import pytest

from mailkit_xmlrpc import ConfigurationError, DeadlineExceededError, MailkitClient
from mailkit_xmlrpc._deadline import Deadline
from mailkit_xmlrpc._rate import rate

MD5 = "0123456789abcdef0123456789abcdef"


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def test_turns_are_evenly_spaced():
    """The first comes at once, each next one after its share of a second; idle time is not saved up."""
    time, turns = Time(), rate(4.0)
    deadline = Deadline(None, time)
    came = []
    for _ in range(3):
        turns.wait(time, time.sleep, deadline)
        came.append(time.now)
    time.now += 10
    for _ in range(2):
        turns.wait(time, time.sleep, deadline)
        came.append(time.now)
    assert came == [100.0, 100.25, 100.5, 110.5, 110.75]


def test_turn_beyond_the_deadline():
    """A turn that would come too late is not taken: the next caller gets it."""
    time, turns = Time(), rate(1.0)
    turns.wait(time, time.sleep, Deadline(None, time))
    with pytest.raises(DeadlineExceededError):
        turns.wait(time, time.sleep, Deadline(1.0, time))
    assert time.now == 100.0
    turns.wait(time, time.sleep, Deadline(1.5, time))
    assert time.now == 101.0


def test_copies_share():
    """Copies, deep copies and pickles of a client, in one process, take from one rate."""
    client = MailkitClient(1, MD5, rate=5)
    for other in (copy.copy(client), copy.deepcopy(client), pickle.loads(pickle.dumps(client))):
        assert other._settings.rate is client._settings.rate
    assert copy.deepcopy(client._settings.rate) is client._settings.rate
    assert MailkitClient(1, MD5, rate=5)._settings.rate is not client._settings.rate
    assert MailkitClient(1, MD5)._settings.rate is None


def test_lock_that_a_fork_left_behind(monkeypatch):
    """In a forked child a lock that another thread of the parent held is a new one."""
    time, turns = Time(), rate(5.0)
    turns._lock.acquire()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    turns.wait(time, time.sleep, Deadline(None, time))
    assert time.now == 100.0


@pytest.mark.parametrize("value", [0, -1, True, "5", float("nan"), float("inf"), 1e-7, 1e7, [5]], ids=repr)
def test_no_rate(value):
    """A rate is a number of calls per second."""
    with pytest.raises(ConfigurationError, match="rate must be a number of calls per second above 0, or None"):
        MailkitClient(1, MD5, rate=value)
