"""What ends a call early: its deadline, and a Stop from another thread."""

import copy
import time
import weakref
from typing import TYPE_CHECKING, Callable, Optional, Set

from ..exceptions import DeadlineExceededError, LocalError, MailkitError
from ..exceptions.boundary import raised_by_caller
from .waiting import Gate

if TYPE_CHECKING:
    import socket

#: returns seconds that never run backwards
Clock = Callable[[], float]
#: waits so many seconds
Sleep = Callable[[float], None]


class Stop:
    """Ends calls: what they wait for ends at once, and the next step of each raises LocalError.

    A look-up of a name cannot be ended; the call stops when that is over. No lock is taken: a thread that is
    interrupted, or the collector that drops an iterator anywhere, can leave none behind.
    """

    def __init__(self) -> None:
        self._attached: "Set[weakref.ReferenceType[socket.socket]]" = set()
        self._stopped = False
        self._refusal: Optional[MailkitError] = None
        self._woken = Gate()

    def check(self) -> None:
        """Go on only where nothing has been stopped.

        :raises LocalError: it has
        """
        if self._stopped:
            raise LocalError("the call was stopped")

    def attach(self, sock: "socket.socket") -> None:
        """Note that a call may wait for *sock*.

        :raises LocalError: it is stopped already
        """
        self._attached.add(weakref.ref(sock, self._attached.discard))
        self.check()

    def detach(self, sock: "socket.socket") -> None:
        """Note that it does no longer."""
        self._attached.discard(weakref.ref(sock))

    def set(self) -> None:
        """Stop them; twice is fine."""
        self._stopped = True
        self._woken.open()
        for reference in self._attached.copy():
            sock = reference()
            if sock is not None:
                wake(sock)

    def refuse(self, error: MailkitError) -> None:
        """End those that have sent nothing yet with *error*; those that have are not tried again."""
        self._refusal = error
        self._woken.open()

    def check_unsent(self) -> None:
        """Send only where nothing was refused.

        :raises MailkitError: it was; with this
        """
        if self._refusal is not None:
            error = copy.copy(self._refusal)
            error.attempts = 0
            raise error

    @property
    def refused(self) -> bool:
        """Whether ``refuse`` was called."""
        return self._refusal is not None

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond ``set`` or ``refuse``."""
        self._woken.wait(seconds)


class Deadline:
    """A budget of *seconds* (None: no limit) that runs from now until ``pause`` and again from ``resume``."""

    def __init__(self, seconds: Optional[float], clock: Clock, stop: Optional[Stop] = None) -> None:
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

    def sleep(self, seconds: float, sleep: Sleep) -> None:
        """Wait by *sleep*, which is not used where the call can be stopped and it is the system's."""
        if self.stop is not None and sleep is time.sleep:
            self.stop.sleep(seconds)
        else:
            sleep(seconds)

    def attach(self, sock: "socket.socket") -> None:
        """Note that the call may wait for *sock*, which its ``stop`` then ends.

        :raises LocalError: the call was stopped
        """
        if self.stop is not None:
            self.stop.attach(sock)

    def detach(self, sock: "socket.socket") -> None:
        """Note that it does no longer."""
        if self.stop is not None:
            self.stop.detach(sock)


def wake(sock: "socket.socket") -> None:
    """End what another thread waits for on *sock*; whatever it does on it next fails."""
    # It is loaded already: importing it with the package would be too dear.
    import socket

    try:
        # A TLS socket's own would change what that thread is using.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError as error:  # not connected yet, or no longer
        if raised_by_caller(error, sock):
            raise
