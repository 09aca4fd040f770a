"""Ending calls from another thread."""
import threading
import weakref
from typing import Any, Callable

from .exceptions import LocalError


class Stop:
    """Ends calls: what they wait for ends at once, and the next step of each raises LocalError.

    A look-up of a name cannot be ended; the call stops when that is over.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._attached: "weakref.WeakKeyDictionary[Any, Callable[[Any], None]]" = weakref.WeakKeyDictionary()
        self._set = threading.Event()

    def check(self) -> None:
        """Go on only where nothing has been stopped.

        :raises LocalError: it has
        """
        if self._set.is_set():
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
            self._set.set()
            for source, wake in list(self._attached.items()):
                wake(source)

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond ``set``."""
        self._set.wait(seconds)
