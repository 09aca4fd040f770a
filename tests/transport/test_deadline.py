"""The time of one call: it runs while the call works, stands still while the consumer does, and ends on time."""

import gc
import socket

import pytest

from mailkit_xmlrpc import DeadlineExceededError, LocalError
from mailkit_xmlrpc.transport.deadline import Deadline, Stop, wake


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    """A clock of the test's own."""
    return Clock()


def test_left_runs_down(clock):
    """What is left gets less as the clock goes."""
    deadline = Deadline(10.0, clock)
    assert (deadline.left(), deadline.elapsed()) == (10.0, 0.0)
    clock.now += 9.75
    assert (deadline.left(), deadline.elapsed()) == (0.25, 9.75)


@pytest.mark.parametrize("late", [0.0, 0.5, 1e9])
def test_left_at_the_end(clock, late):
    """At its end and after, it raises with its seconds, again and again; how long it took can still be told."""
    deadline = Deadline(10.0, clock)
    clock.now += 10.0 + late
    for _ in range(2):
        with pytest.raises(DeadlineExceededError) as caught:
            deadline.left()
        assert caught.value.seconds == 10.0
    assert deadline.elapsed() == 10.0 + late


def test_no_limit(clock):
    """Without a limit there is always time, and the time that passes is counted all the same."""
    deadline = Deadline(None, clock)
    clock.now += 1e9
    assert deadline.left() == float("inf")
    assert deadline.elapsed() == 1e9


def test_pause_costs_nothing(clock):
    """The consumer's own time does not count, however often the word is passed."""
    deadline = Deadline(10.0, clock)
    for _ in range(4):
        clock.now += 2.0
        deadline.pause()
        clock.now += 1e6
        deadline.resume()
    assert (deadline.left(), deadline.elapsed()) == (2.0, 8.0)
    clock.now += 2.0
    with pytest.raises(DeadlineExceededError):
        deadline.left()


def test_elapsed_while_paused(clock):
    """While it stands still, the time told is the time that has run."""
    deadline = Deadline(10.0, clock)
    clock.now += 3.0
    deadline.pause()
    clock.now += 100.0
    assert (deadline.elapsed(), deadline.left()) == (3.0, 7.0)


def test_pause_twice(clock):
    """Pausing what stands still changes nothing."""
    deadline = Deadline(10.0, clock)
    clock.now += 3.0
    deadline.pause()
    deadline.pause()
    deadline.resume()
    assert deadline.left() == 7.0


# --- a stop -----------------------------------------------------------------------------------------------------------


def test_stop_wakes_those_that_wait():
    """What is attached is shut down when it is stopped; what was detached, or is gone, is not."""
    stop = Stop()
    pairs = [socket.socketpair() for _ in range(3)]
    for one, _ in pairs:
        stop.attach(one)
    del one
    stop.detach(pairs[1][0])
    pairs[2][0].close()
    pairs[2] = (pairs[2][1], pairs[2][1])
    gc.collect()
    assert len(stop._attached) == 1
    stop.set()
    stop.set()
    assert pairs[0][1].recv(1) == b""
    pairs[1][1].setblocking(False)
    with pytest.raises(BlockingIOError):
        pairs[1][1].recv(1)
    with pytest.raises(LocalError, match="the call was stopped"):
        stop.attach(pairs[1][0])
    for pair in pairs:
        for one in pair:
            one.close()


def test_socket_that_is_gone_while_it_is_stopped():
    """One that the collector took in the meantime is nobody's to wake."""
    stop = Stop()
    stop._attached = Gone()
    stop.set()
    with pytest.raises(LocalError):
        stop.check()


class Gone:
    """A set of one reference whose object is gone."""

    def copy(self):
        return {lambda: None}


def test_what_a_handler_raises_while_it_is_woken(monkeypatch):
    """An OSError of the caller's own is not taken for that of a socket."""

    class Theirs(OSError):
        pass

    def shutdown(sock, how):
        raise Theirs

    monkeypatch.setattr(socket.socket, "shutdown", shutdown)
    with socket.socket() as sock, pytest.raises(Theirs):
        wake(sock)
