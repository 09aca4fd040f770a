"""Calls in threads of our own, where nothing that the caller's thread does takes a lock.

A ThreadPoolExecutor has a queue (before Python 3.7 one in Python code), futures and joins with locks in Python code: an
exception that a signal handler raises in the midst of them leaves a lock taken, and then the pool waits for ever.
"""

import itertools
from collections import deque
from concurrent.futures import Future
from functools import partial
from typing import Deque, Optional, Set, Union

from ..exceptions import LocalError
from ..model.records import Outcome
from ..transport.waiting import Bell, Job, spawn

#: a call, in a foreign executor or in a thread of ours
Call = Union["Future[Outcome]", "CallInThread"]


class CallInThread(Job):
    """What one call comes to; has those methods of a Future that are asked for."""

    def __init__(self, call: "partial[Outcome]", threads: "Threads") -> None:
        self._call: "Optional[partial[Outcome]]" = call
        self._threads = threads
        self._outcome: Optional[Outcome] = None
        self._error: Optional[BaseException] = None
        self._arrivals: Optional[Arrivals] = None
        self.is_over = False

    def run(self) -> None:
        call, self._call = self._call, None
        try:
            self._outcome = call()  # type: ignore[misc]  # run once
        except BaseException as error:
            self._error = error.with_traceback(None)
        del call
        self._end()

    def not_begun(self) -> None:
        self._call = None
        self._error = LocalError("cannot start a thread")
        self._end()

    def _end(self) -> None:
        self.is_over = True
        if self._arrivals is not None:
            self._arrivals(self)
        self._threads.ended(self)

    def add_done_callback(self, arrivals: "Arrivals") -> None:
        """Let *arrivals* know when the call is over; it may be told twice."""
        self._arrivals = arrivals
        if self.is_over:
            arrivals(self)

    def cancel(self) -> bool:
        """It runs already."""
        return False

    def cancelled(self) -> bool:
        """It never is."""
        return False

    def exception(self) -> Optional[BaseException]:
        """What it raised; it is over."""
        return self._error

    def result(self) -> Outcome:
        """What it returned; it is over and raised nothing."""
        assert self._outcome is not None
        return self._outcome


class Arrivals:
    """The calls that are complete and that nobody has looked at. It knows no iterator, so that one can be dropped."""

    def __init__(self) -> None:
        self._calls: Deque[Call] = deque()
        self.bell = Bell()

    def __call__(self, call: Call) -> None:
        """Note that *call* is complete."""
        self._calls.append(call)
        self.bell.ring()

    def first(self) -> Optional[Call]:
        """The one to look at first. It stays, so that an interruption does not lose it."""
        return self._calls[0] if self._calls else None

    def forget_first(self) -> None:
        self._calls.popleft()


class Threads:
    """Makes each call in a thread of its own.

    :param name: of the threads, with a place for a number
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._numbers = itertools.count()
        self._running: Set[CallInThread] = set()
        self._bell = Bell()

    def submit(self, function: "partial[Outcome]") -> CallInThread:
        """Begin to do ``function()``."""
        call = CallInThread(function, self)
        # Before it is noted: an interruption may leave a call that nobody waits for, but none that never ends.
        spawn(call, self._name.format(next(self._numbers)))
        self._running.add(call)
        if call.is_over:
            self._running.discard(call)
        return call

    def ended(self, call: CallInThread) -> None:
        """Note that *call* is over."""
        self._running.discard(call)
        self._bell.ring()

    def wait(self) -> None:
        """Wait until all calls are over."""
        while self._running:
            self._bell.wait()
        # For the next one that waits.
        self._bell.ring()
