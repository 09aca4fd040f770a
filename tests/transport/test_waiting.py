"""What threads wait with: it works, and an exception at any place leaves nothing taken."""

import _thread
import gc
import sys
import threading
import time
import types
import weakref
from collections import deque

import pytest

from mailkit_xmlrpc.transport import waiting
from mailkit_xmlrpc.transport.waiting import Bell, Gate, Job, Turn, Turns, spawn
from tests.support.inside import inside, raising

LIMIT = 20  # seconds that anything here may take


def in_thread(function):
    """Start *function*; returns the thread."""
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


# --- a bell, a gate ---------------------------------------------------------------------------------------------------


def test_bell():
    """Rung before or while somebody waits, however often, it lets one look; without it, the time ends the waiting."""
    bell = Bell()
    bell.ring()
    bell.ring()
    bell.wait()
    started = time.monotonic()
    bell.wait(0.01)
    bell.wait(-5)
    assert time.monotonic() - started < LIMIT
    thread = in_thread(lambda: (time.sleep(0.05), bell.ring()))
    bell.wait(LIMIT)
    thread.join(LIMIT)


def test_bell_makes_nobody_wait_for_long(monkeypatch):
    """Whoever waits looks by itself after a while: an interruption may have taken the hint along."""
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.01)
    started = time.monotonic()
    Bell().wait(1e6)
    assert time.monotonic() - started < LIMIT


def test_gate():
    """All that wait go on when it is opened, and nobody waits after it."""
    gate, seen = Gate(), []
    assert not gate.wait(0.01)
    threads = [in_thread(lambda: seen.append(gate.wait(LIMIT))) for _ in range(5)]
    gate.open()
    gate.open()
    for thread in threads:
        thread.join(LIMIT)
    assert seen == [True] * 5
    assert gate.wait(0) and gate.is_open


def test_what_a_handler_raises_passes(monkeypatch):
    """A RuntimeError of the caller's own is not taken for that of a lock, or of a thread that cannot be started."""

    class Lock:
        def acquire(self, *args):
            pass

        def release(self):
            raise RuntimeError("theirs")

    Lock.release = inside(Lock.release, "theirs")
    monkeypatch.setattr(_thread, "allocate_lock", Lock)
    with pytest.raises(RuntimeError, match="theirs"):
        Bell().ring()

    handler = raising(RuntimeError("theirs"), "theirs")
    monkeypatch.setattr(_thread, "start_new_thread", lambda function, args: handler())
    with pytest.raises(RuntimeError, match="theirs"):
        spawn(Job(), "x")


# --- turns ------------------------------------------------------------------------------------------------------------


def test_one_at_a_time():
    """Threads come one after the other, and each of them does."""
    turns, inside, seen = Turns(), [], []

    def work(number):
        for _ in range(20):
            with turns.take():
                inside.append(number)
                time.sleep(0)
                assert inside == [number]
                inside.pop()
                seen.append(number)

    threads = [in_thread(lambda number=number: work(number)) for number in range(5)]
    for thread in threads:
        thread.join(LIMIT)
    assert sorted(seen) == sorted(list(range(5)) * 20)


def test_within_its_turn():
    """A thread that has the turn takes another one at once; the end of that is not the end of its own."""
    turns, seen = Turns(), []
    with turns.take():
        with turns.take():
            pass
        other = in_thread(lambda: seen.append(turns.take()))
        other.join(0.05)
        assert other.is_alive() and seen == []
    other.join(LIMIT)
    assert len(seen) == 1


def test_end_of_a_turn_is_told(monkeypatch):
    """Who comes next does not sleep on: of a thousand threads that wait, each would add its pause."""
    for name in ("LOOK_SECONDS", "_FIRST_PAUSE", "_LONGEST_PAUSE"):
        monkeypatch.setattr(waiting, name, 10 * LIMIT)
    turns, seen = Turns(), []

    def work():
        with turns.take():
            seen.append(turns)

    with turns.take():
        threads = [in_thread(work) for _ in range(20)]
        while len(turns._queue) < 21:
            time.sleep(0.001)
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive()
    assert len(seen) == 20


def test_end_of_a_turn_for_one_that_does_not_wait_yet():
    """Nothing is rung where the next one has not begun to wait."""
    turns = Turns()
    first, second = turns.take(), Turn(-1, turns)
    turns._queue.append(weakref.ref(second))
    with first:
        pass
    assert second.bell is None and turns._first() is second


def test_turn_that_nobody_has():
    """What an exception took along, of the thread whose turn it was or of one that waited, holds nobody up."""
    turns, seen = Turns(), []
    first, second = turns.take(), Turn(-1, turns)
    turns._queue.append(weakref.ref(second))
    thread = in_thread(lambda: seen.append(turns.take()))
    for _ in range(2):
        thread.join(0.05)
        assert thread.is_alive()
        first = second
        gc.collect()
    del first, second
    gc.collect()
    thread.join(LIMIT)
    assert len(seen) == 1
    assert len(turns._queue) == 1


@pytest.mark.parametrize("module", ["mailkit_xmlrpc.tested", "theirs"])
def test_another_thread_forgets_it_first(module):
    """Two threads that find the same turn over forget it once; what a handler raises meanwhile passes."""

    class Queue(deque):
        def remove(self, reference):
            deque.remove(self, reference)
            raise ValueError("deque.remove(x): x not in deque")

    Queue.remove = inside(Queue.remove, module)
    turns = Turns()
    turns._queue = Queue()
    turns.take()
    gc.collect()
    if module == "theirs":
        with pytest.raises(ValueError):
            turns.take()
    else:
        assert not turns.take().is_over


# --- threads ----------------------------------------------------------------------------------------------------------


class Noted(Job):
    """Notes the thread that does it."""

    def __init__(self):
        self.threads, self.gate = [], Gate()

    def run(self):
        self.threads.append(threading.current_thread())
        self.gate.open()

    def not_begun(self):
        self.gate.open()


def test_spawn():
    """A daemon thread with that name does it."""
    job = Noted()
    spawn(job, "mailkit-test")
    assert job.gate.wait(LIMIT)
    [thread] = job.threads
    assert (thread.name, thread.daemon) == ("mailkit-test", True)
    thread.join(LIMIT)


@pytest.mark.parametrize("ctypes", ["there", "missing", "without the library", "theirs"])
def test_old_python(monkeypatch, ctypes):
    """What ends the first thread of an old Python is loaded before it is needed, once; or it is not to be had."""
    asked = []

    def load(name):
        asked.append(name)
        if ctypes != "there":
            raise OSError("no such library")

    module = types.SimpleNamespace(CDLL=inside(load, "theirs" if ctypes == "theirs" else "threading"))
    monkeypatch.setitem(sys.modules, "ctypes", None if ctypes == "missing" else module)
    monkeypatch.setattr(waiting, "_ends_safely", False)
    job = Noted()
    if ctypes == "theirs":
        with pytest.raises(OSError):
            spawn(job, "x")
        return
    for _ in range(2):
        spawn(job, "x")
    assert job.gate.wait(LIMIT)
    assert asked == ([] if ctypes == "missing" else ["libgcc_s.so.1"])


@pytest.mark.parametrize("what", [(_thread, "start_new_thread"), (threading.Thread, "start")], ids=["one", "two"])
def test_no_thread_to_be_had(monkeypatch, what):
    """Where the system starts none, that is told, whichever of the two is missing."""
    job = Noted()
    if what[1] == "start":
        monkeypatch.setattr(_thread, "start_new_thread", lambda function, args: function(*args))
    monkeypatch.setattr(what[0], what[1], raising(RuntimeError("can't start new thread"), "threading"))
    spawn(job, "x")
    assert job.gate.is_open and not job.threads


def test_job_without_work():
    """A job says itself what is done, and what where there is no thread."""
    for method in (Job().run, Job().not_begun):
        with pytest.raises(NotImplementedError):
            method()
