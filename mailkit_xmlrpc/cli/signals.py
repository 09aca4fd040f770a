"""SIGTERM and SIGHUP end a command as Ctrl-C does: as an exception, so that nothing is left behind.

Their own way would leave the first part of a file, with addresses in it. Only the command line does this, for the time
of one command; the library changes no signal.
"""

import contextlib
import signal
from types import FrameType
from typing import Dict, Iterator, Optional


class Ended(BaseException):
    """The process was asked to end.

    :param number: of the signal
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def ending() -> Iterator[None]:
    """Raise :class:`Ended` in the ``with`` block when a signal asks the process to end; the second one ends it at once.

    A signal that is ignored (``nohup``) or that the program around us handles is left alone, and so are all of them in
    any other thread than the main one.
    """
    before: Dict[int, signal.Handlers] = {}

    def end(number: int, frame: Optional[FrameType]) -> None:
        for other in before:
            signal.signal(other, signal.SIG_DFL)
        raise Ended(number)

    try:
        # Windows has no SIGHUP.
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is None or signal.getsignal(number) is not signal.SIG_DFL:
                continue
            before[number] = signal.SIG_DFL
            try:
                signal.signal(number, end)
            except ValueError:
                # This is another thread.
                before.clear()
                break
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
