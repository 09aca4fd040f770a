"""So many calls per second, over all threads of the process: a turn for each, evenly spaced."""

from ..transport.deadline import Clock, Deadline, Sleep
from .once import Once


class _Turn:
    """One turn. What is behind it is put into its dict once, by ``setdefault``, which is atomic."""

    def __init__(self, over: float) -> None:
        #: when the next one may begin
        self.over = over


class Rate(Once):
    """Gives turns, *per_second* of them. Copies are the original, and pickles of one are one in each process.

    No lock is held: one that an exception of a signal handler left behind would stop every thread.
    """

    def __init__(self, per_second: float, name: str = "") -> None:
        super().__init__((per_second,), name)
        self.per_second = per_second
        #: the last turn, or one before it
        self._last = _Turn(float("-inf"))

    def wait(self, clock: Clock, sleep: Sleep, deadline: Deadline) -> None:
        """Wait for the next turn.

        :raises DeadlineExceededError: it comes too late; it is left to another
        """
        while True:
            last = self._last
            while "next" in vars(last):
                last = vars(last)["next"]
            now = clock()
            begin = max(now, last.over)
            deadline.require(begin - now)
            mine = _Turn(begin + 1 / self.per_second)
            # Of several threads that come here at once one has its turn, and the others look again.
            if vars(last).setdefault("next", mine) is mine:
                break
        self._last = mine
        if begin > now:
            deadline.sleep(begin - now, sleep)

    def __deepcopy__(self, memo: object) -> "Rate":
        return self

    def __copy__(self) -> "Rate":
        return self
