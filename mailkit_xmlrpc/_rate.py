"""So many calls per second, over all threads of the process: a turn for each, evenly spaced."""
import os
import threading
import weakref
from typing import Any, Callable

from ._deadline import Deadline


class Rate:
    """Gives turns, *per_second* of them. Copies are the original, and pickles of one are one in each process."""

    def __init__(self, per_second: float, name: str) -> None:
        self.per_second = per_second
        self._name = name
        self._next = float("-inf")
        self._renew()

    def _renew(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()

    def wait(self, clock: Callable[[], float], sleep: Callable[[float], None], deadline: Deadline) -> None:
        """Wait for the next turn.

        :raises DeadlineExceededError: it comes too late; it is left to another
        """
        if self._pid != os.getpid():  # forked: the lock may be held by a thread that is not here
            self._renew()
        with self._lock:
            now = clock()
            turn = max(now, self._next)
            deadline.require(turn - now)
            self._next = turn + 1 / self.per_second
        if turn > now:
            deadline.sleep(turn - now, sleep)

    def __reduce__(self) -> Any:
        return rate, (self.per_second, self._name)

    def __deepcopy__(self, memo: Any) -> "Rate":
        return self


_known: "weakref.WeakValueDictionary[str, Rate]" = weakref.WeakValueDictionary()


def rate(per_second: float, name: str = "") -> Rate:
    """A new Rate, or the one that has that *name* in this process."""
    name = name or os.urandom(16).hex()
    return _known.setdefault(name, Rate(per_second, name))
