"""When and how long to wait before asking again."""

import os
import time
from dataclasses import dataclass, field
from typing import Callable, Optional

from ..exceptions import ConfigurationError
from ..transport.deadline import Clock, Sleep

__all__ = ["Retry"]

MAX_PAUSE = 86400  # seconds, a day: longer is surely a mistake of units


def _random() -> float:
    # not the random module: importing it costs more than this package, and its state is shared after fork()
    return int.from_bytes(os.urandom(6), "big") / (1 << 48)


@dataclass(frozen=True)
class Retry:
    """How a call that failed on its way is repeated. A report is only read, so asking again does no harm.

    ``call()`` is repeated, too: for a function that changes something, make the client with ``retry=None``.

    Repeated are connect errors, time-outs, connections that broke, incomplete answers, and HTTP 408, 425, 429, 500,
    502, 503, 504; never what Mailkit said, certificate errors, or an answer that came whole and is not understood.

    :param attempts: tries in all, at least 1
    :param base: seconds; before try n+1 passes a random time between 0 and ``min(cap, base * 2**(n-1))``, "full jitter"
    :param cap: seconds; the longest such pause. A server's Retry-After counts instead of it and is not cut
    :param clock: returns monotonic seconds; the deadline goes by it as well
    :param sleep: called with the seconds to wait
    :param random: returns a number from 0 up to 1
    :raises ConfigurationError: a value out of its range
    """

    attempts: int = 3
    base: float = 0.5
    cap: float = 20.0
    clock: Clock = field(default=time.monotonic, repr=False)
    sleep: Sleep = field(default=time.sleep, repr=False)
    random: Callable[[], float] = field(default=_random, repr=False)

    def __post_init__(self) -> None:
        if type(self.attempts) is not int or self.attempts < 1:
            raise ConfigurationError("Retry: attempts must be an int of at least 1")
        for name in ("base", "cap"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_PAUSE:
                raise ConfigurationError("Retry: {} must be a number of seconds from 0 to {}".format(name, MAX_PAUSE))

    def pause(self, tries: int, retry_after: Optional[float] = None) -> float:
        """Seconds to wait after *tries* tries have failed, the last with *retry_after*."""
        if retry_after is not None:
            return retry_after
        # beyond 2**32 the cap rules anyway, and a float power would overflow
        return self.random() * min(self.cap, self.base * 2.0 ** min(tries - 1, 32))


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
