"""How threads wait for each other where a signal handler may raise at any line of the one that waits.

An exception that comes between taking a lock of ``threading`` and the ``try`` behind it leaves the lock taken for good
(bpo-29988), and Event, Condition, Queue and Future take theirs in Python code. So nothing here is given back by code
that has to be reached: a Bell and a Gate only tell that it is worth to look, and a Turn is over when nobody has it.
"""

import _thread
import sys
import threading
import time
import weakref
from collections import deque
from typing import Deque, Optional

from ..exceptions.boundary import raised_by_caller

#: seconds after which whoever waits looks by itself; Windows notices Ctrl-C only then
LOOK_SECONDS = 1.0
# Before 3.9.6 a thread ends by pthread_exit(). For the first one glibc opens libgcc_s.so.1, and where no descriptor is
# left for that it ends the whole process (bpo-44434).
_ends_safely = sys.version_info >= (3, 9, 6) or not sys.platform.startswith("linux")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.05  # seconds between two looks whether it is one's turn


class Bell:
    """One thread waits until another one rings. Ringing is a hint: look for what you wait for before and after."""

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()
        self._lock.acquire()

    def ring(self) -> None:
        """Let the one that waits look; where nobody waits, the next one looks at once."""
        try:
            self._lock.release()
        except RuntimeError as error:  # it rings already
            if raised_by_caller(error, self._lock):
                raise

    def wait(self, seconds: float = LOOK_SECONDS) -> None:
        """Wait until it rings, at most *seconds* and at most ``LOOK_SECONDS``."""
        self._lock.acquire(True, max(0.0, min(seconds, LOOK_SECONDS)))


class Gate:
    """Threads wait before it until it is opened; then it stays open."""

    def __init__(self) -> None:
        self._bell = Bell()
        self.is_open = False

    def open(self) -> None:
        """Open it; twice is fine."""
        self.is_open = True
        self._bell.ring()

    def wait(self, seconds: float) -> bool:
        """Wait until it is open, at most *seconds*; returns whether it is."""
        end = time.monotonic() + seconds
        while not self.is_open:
            left = end - time.monotonic()
            if left <= 0:
                return False
            self._bell.wait(left)
        # For the next one that waits.
        self._bell.ring()
        return True


class Turn:
    """That something is this thread's to do, until ``with`` ends or nobody has this object any more."""

    def __init__(self, thread: int, turns: "Turns") -> None:
        self.thread = thread
        self.is_over = False
        #: rings when it may have come; None before somebody waits for it
        self.bell: Optional[Bell] = None
        self._turns = turns

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.is_over = True
        self._turns.ring()


class Turns:
    """One thread at a time, in the order in which they came; within its turn, a thread may take another one at once.

    What waits and works is known by weak references alone. So an exception at any opcode gives a turn back: it takes
    the variables of a frame with it.
    """

    def __init__(self) -> None:
        self._queue: "Deque[weakref.ReferenceType[Turn]]" = deque()

    def take(self) -> Turn:
        """Wait for the turn of this thread: ``with turns.take():``."""
        thread = _thread.get_ident()
        first = self._first()
        mine = Turn(thread, self)
        if first is not None and first.thread == thread:
            return mine
        self._queue.append(weakref.ref(mine))
        pause = _FIRST_PAUSE
        while True:
            first = self._first()
            if first is mine:
                return mine
            # While this thread waits it must not keep the other one's turn alive.
            del first
            if mine.bell is None:
                mine.bell = Bell()  # and look once more: nobody could ring it before
                continue
            mine.bell.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def ring(self) -> None:
        """Let the first one look that waits: a hint, without which it looks after a pause."""
        if len(self._queue) > 1:
            first = self._first()
            if first is not None and first.bell is not None:
                first.bell.ring()

    def _first(self) -> Optional[Turn]:
        """The first turn that is not over; those in front of it are forgotten."""
        for reference in self._queue.copy():
            turn = reference()
            if turn is not None and not turn.is_over:
                return turn
            try:
                self._queue.remove(reference)
            except ValueError as error:  # another thread was faster
                if raised_by_caller(error):
                    raise
        return None


class Job:
    """What a thread of ours does."""

    def run(self) -> None:
        """Do it; raises nothing: it is the whole of a thread."""
        raise NotImplementedError

    def not_begun(self) -> None:
        """Note that the system starts no thread; called by the thread that asked for one, or by another one."""
        raise NotImplementedError


def spawn(job: Job, name: str) -> None:
    """Start a daemon thread that does *job*.

    It is started by a thread: ``threading`` takes a lock of the whole process for it, and only the main thread, which
    runs the signal handlers, can be interrupted while it has that.
    """
    if not _ends_safely:
        _load_libgcc()
    try:
        _thread.start_new_thread(_start, (job, name))
    except RuntimeError as error:
        if raised_by_caller(error, _thread.start_new_thread):
            raise
        job.not_begun()


def _load_libgcc() -> None:
    """Let it be there when the first thread ends."""
    global _ends_safely
    _ends_safely = True  # or as safely as elsewhere: musl has no such file, and a small Python no ctypes
    try:
        import ctypes

        ctypes.CDLL("libgcc_s.so.1")
    except (ImportError, OSError, MemoryError) as error:  # the last one under a strict SELinux
        if raised_by_caller(error):
            raise


def _start(job: Job, name: str) -> None:
    try:
        # Told to be a daemon, it does not ask which thread this is, which nobody knows.
        threading.Thread(target=job.run, name=name, daemon=True).start()
    except RuntimeError:
        job.not_begun()
