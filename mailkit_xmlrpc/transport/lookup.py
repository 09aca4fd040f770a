"""Looking a host name up, within a time: the system's own look-up has no time limit.

So it runs in a thread of ours, and the caller waits no longer than it wants to. A look-up that was given up goes on
until the resolver answers, and whoever asks for the same name meanwhile waits for the same one. So there are never more
threads than names, and no more than ``MAX_LOOKUPS``.
"""

import os
import socket
from typing import Dict, List, Optional, Tuple

from ..exceptions import ConnectError, LocalError, MailkitError, RequestTimeoutError
from ..exceptions.boundary import raised_by_caller
from .connection import words
from .limits import MAX_LOOKUPS
from .waiting import Gate, Job, Turns, spawn

#: family, type, protocol, canonical name, address: what ``getaddrinfo`` tells
Address = Tuple[int, int, int, str, Tuple[object, ...]]

_NUMERIC = socket.AI_NUMERICHOST


def addresses_of(host: str, port: int, seconds: float, what: str = "") -> List[Address]:
    """Return the addresses of *host*, the one to try first in front.

    :param what: what the host is, before its name in an error
    :raises ConnectError: there are none
    :raises RequestTimeoutError: the resolver took longer than *seconds*
    :raises LocalError: no thread can be started
    """
    try:
        # An address needs no resolver, and so no thread.
        return _ask(host, port, _NUMERIC)
    except UnicodeError as error:  # a label over 63 characters
        if raised_by_caller(error, socket.getaddrinfo):
            raise
        problem = ConnectError("{}{} is not a host name".format(what, host), retryable=False)
    except OSError as error:
        if raised_by_caller(error, socket.getaddrinfo):
            raise
        return _pending().wait(host, port, seconds, what)
    raise problem


def _ask(host: str, port: int, flags: int = 0) -> List[Address]:
    return socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, flags)  # type: ignore[return-value]  # AF_INET6


class _Lookup(Job):
    """One look-up under way."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.done = Gate()
        self.found: List[Address] = []
        self.problem: Optional[MailkitError] = None

    def run(self) -> None:
        try:
            self.found = _ask(self.host, self.port)
        except OSError as error:
            self.problem = ConnectError("{} cannot be looked up ({})".format(self.host, words(error)))
        except Exception as error:
            self.problem = LocalError("{} cannot be looked up ({})".format(self.host, type(error).__name__))
        self.done.open()

    def not_begun(self) -> None:
        self.problem = LocalError("cannot start a thread to look {} up".format(self.host))
        self.done.open()


class _Pending:
    """The look-ups of this process that are under way."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._turns = Turns()
        self._lookups: Dict[Tuple[str, int], _Lookup] = {}

    def wait(self, host: str, port: int, seconds: float, what: str) -> List[Address]:
        """As ``addresses_of``."""
        lookup = self._lookup_of(host, port)
        if not lookup.done.wait(seconds):
            raise RequestTimeoutError("looking up {}{}".format(what, host), seconds)
        if lookup.problem is not None:
            # Each of those that wait raises its own.
            raise type(lookup.problem)(what + lookup.problem.detail)
        return lookup.found

    def _lookup_of(self, host: str, port: int) -> _Lookup:
        """The look-up of *host* that is under way, or a new one."""
        with self._turns.take():
            for key in [key for key, lookup in self._lookups.items() if lookup.done.is_open]:
                del self._lookups[key]
            lookup = self._lookups.get((host, port))
            if lookup is not None:
                return lookup
            if len(self._lookups) >= MAX_LOOKUPS:
                raise LocalError("{} host names are being looked up already".format(MAX_LOOKUPS))
            lookup = _Lookup(host, port)
            # Before it is noted: an interruption may leave one that nobody knows, but none that never begins.
            spawn(lookup, "mailkit-lookup")
            self._lookups[host, port] = lookup
        return lookup


_of_process = _Pending()


def _pending() -> _Pending:
    """Those of this process: after a fork no thread of the parent's is here."""
    global _of_process
    if _of_process.pid != os.getpid():
        _of_process = _Pending()
    return _of_process
