"""The time one call may take, with all its tries and all the decoding; the consumer's own time does not count."""
import time
from typing import Any, Callable, Optional

from ._stop import Stop
from .exceptions import DeadlineExceededError


class Deadline:
    """A budget of *seconds* (None: no limit) that runs from now until ``pause`` and again from ``resume``."""

    def __init__(self, seconds: Optional[float], clock: Callable[[], float], stop: Optional[Stop] = None) -> None:
        self._seconds = seconds
        #: what can end the call from another thread, if anything can
        self.stop = stop
        self._clock = clock
        self._spent = 0.0
        self._since: Optional[float] = clock()  # None while paused

    def elapsed(self) -> float:
        """Seconds that have run."""
        return self._spent if self._since is None else self._spent + self._clock() - self._since

    def left(self) -> float:
        """Seconds left, infinite where there is no limit.

        :raises DeadlineExceededError: there are none
        :raises LocalError: the call was stopped
        """
        if self.stop is not None:
            self.stop.check()
        if self._seconds is None:
            return float("inf")
        left = self._seconds - self.elapsed()
        if left <= 0:
            raise DeadlineExceededError(self._seconds)
        return left

    def require(self, seconds: float) -> None:
        """Go on only where so many are left, and one moment more.

        :raises DeadlineExceededError, LocalError: as ``left``
        """
        if self.left() <= seconds:
            raise DeadlineExceededError(self._seconds or 0.0)

    def pause(self) -> None:
        """Stop running: the consumer has the word."""
        self._spent = self.elapsed()
        self._since = None

    def resume(self) -> None:
        """Run again."""
        self._since = self._clock()

    def sleep(self, seconds: float, sleep: Callable[[float], None]) -> None:
        """Wait by *sleep*, which is not used where the call can be stopped and it is the system's."""
        if self.stop is not None and sleep is time.sleep:
            self.stop.sleep(seconds)
        else:
            sleep(seconds)

    def attach(self, source: Any, wake: Callable[[Any], None]) -> None:
        """Note that the call may wait for *source*, and that ``wake(source)`` ends that."""
        if self.stop is not None:
            self.stop.attach(source, wake)

    def detach(self, source: Any) -> None:
        """Note that it does no longer."""
        if self.stop is not None:
            self.stop.detach(source)
