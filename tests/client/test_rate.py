"""Turns per second: evenly spaced, over all threads and copies, within the deadline."""

import copy
import itertools
import pickle
import threading

import pytest

from mailkit_xmlrpc import ConfigurationError, DeadlineExceededError, MailkitClient
from mailkit_xmlrpc.client.rate import Rate
from mailkit_xmlrpc.transport.deadline import Deadline
from tests.support.account import MD5


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
    time, turns = Time(), Rate(4.0)
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
    time, turns = Time(), Rate(1.0)
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
    for copied in (copy.copy, copy.deepcopy):
        assert copied(client._settings.rate) is client._settings.rate
    assert MailkitClient(1, MD5, rate=5)._settings.rate is not client._settings.rate
    assert MailkitClient(1, MD5)._settings.rate is None


def test_threads_that_come_together():
    """Of many threads each has a turn of its own, and none is left out."""
    rate, slept, clock = Rate(1000.0), [], itertools.repeat(100.0).__next__
    together = threading.Barrier(16)

    def take():
        together.wait(10)
        for _ in range(50):
            rate.wait(clock, slept.append, Deadline(None, clock))

    threads = [threading.Thread(target=take) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    # The first one does not wait at all.
    assert [round(1000 * seconds) for seconds in sorted(slept)] == list(range(1, 800))


def test_another_is_faster():
    """A turn that another thread takes while this one looks at the clock is not given twice."""
    time, rate = Time(), Rate(1.0)
    looks = []

    def clock():
        looks.append(None)
        if len(looks) == 2:  # the first one is the deadline's
            rate.wait(time, time.sleep, Deadline(None, time))
        return 100.0

    slept = []
    rate.wait(clock, slept.append, Deadline(None, clock))
    assert slept == [1.0]


def test_interrupted_after_its_turn_was_noted():
    """A turn that its thread could not tell of is found by the next one."""
    time, rate = Time(), Rate(1.0)
    first = rate._last
    rate.wait(time, time.sleep, Deadline(None, time))
    rate._last = first
    rate.wait(time, time.sleep, Deadline(None, time))
    assert time.now == 101.0


@pytest.mark.parametrize("value", [0, -1, True, "5", float("nan"), float("inf"), 1e-7, 1e7, [5]], ids=repr)
def test_no_rate(value):
    """A rate is a number of calls per second."""
    with pytest.raises(ConfigurationError, match="rate must be a number of calls per second above 0, or None"):
        MailkitClient(1, MD5, rate=value)
