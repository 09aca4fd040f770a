"""The time one call may take, with all its tries and all the decoding; the consumer's own time does not count."""
from typing import Callable, Optional

from .exceptions import DeadlineExceededError


class Deadline:
    """A budget of *seconds* (None: no limit) that runs from now until ``pause`` and again from ``resume``."""

    def __init__(self, seconds: Optional[float], clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._clock = clock
        self._spent = 0.0
        self._since: Optional[float] = clock()  # None while paused

    def elapsed(self) -> float:
        """Seconds that have run."""
        return self._spent if self._since is None else self._spent + self._clock() - self._since

    def left(self) -> float:
        """Seconds left, infinite where there is no limit.

        :raises DeadlineExceededError: there are none
        """
        if self._seconds is None:
            return float("inf")
        left = self._seconds - self.elapsed()
        if left <= 0:
            raise DeadlineExceededError(self._seconds)
        return left

    def pause(self) -> None:
        """Stop running: the consumer has the word."""
        self._spent = self.elapsed()
        self._since = None

    def resume(self) -> None:
        """Run again."""
        self._since = self._clock()
