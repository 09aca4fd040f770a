"""Ending calls from another thread."""
import copy
import threading
import weakref
from typing import Any, Callable, Optional

from .exceptions import LocalError, MailkitError


class Stop:
    """Ends calls: what they wait for ends at once, and the next step of each raises LocalError.

    A look-up of a name cannot be ended; the call stops when that is over.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()  # the collector may drop, and so stop, a cycle while this thread holds it
        self._attached: "weakref.WeakKeyDictionary[Any, Callable[[Any], None]]" = weakref.WeakKeyDictionary()
        self._stopped = False
        self._refusal: Optional[MailkitError] = None
        self._woken = threading.Event()

    def check(self) -> None:
        """Go on only where nothing has been stopped.

        :raises LocalError: it has
        """
        if self._stopped:
            raise LocalError("the call was stopped")

    def attach(self, source: Any, wake: Callable[[Any], None]) -> None:
        """Note that a call may wait for *source*, and that ``wake(source)`` ends that."""
        with self._lock:
            self._attached[source] = wake

    def detach(self, source: Any) -> None:
        """Note that it does no longer."""
        with self._lock:
            self._attached.pop(source, None)

    def set(self) -> None:
        """Stop them; twice is fine."""
        with self._lock:
            self._stopped = True
            self._woken.set()
            for source, wake in list(self._attached.items()):
                wake(source)

    def refuse(self, error: MailkitError) -> None:
        """End those that have sent nothing yet with *error*; those that have are not tried again."""
        self._refusal = error
        self._woken.set()

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
