"""What the simulator was told to do wrong, and what it was asked: shared by its threads. Pure."""

import threading
from typing import Dict, List, NamedTuple, Optional

from .replay import Recording

#: stands in place of every client_md5
MASK = "***"


class Call(NamedTuple):
    """One try of a client, as the simulator saw it."""

    #: such as ``mailkit.report.message.bounces``; "" where no whole call came
    function: str
    #: by documented name (over XML-RPC by position, from 0, where there is none), as they were sent; an md5 is masked
    parameters: Dict[str, object]
    #: "xmlrpc" or "json"; "" where no call came
    protocol: str
    #: "rows", what a refusal said, or the name of the fault
    outcome: str


class _Scripted:
    """A fault for the calls of one delivery (None: for all), a number of times (None: always)."""

    def __init__(self, id_send: Optional[int], name: str, times: Optional[int], on_connect: bool) -> None:
        self.id_send = id_send
        self.name = name
        self.times = times
        self.on_connect = on_connect


class Script:
    """Faults, a refusal and a delay that are still to come, and the calls that came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: List[_Scripted] = []
        self._refusal: Optional[str] = None
        self._answers_before = 0
        self._calls: List[Call] = []
        #: what is answered in the place of all answers
        self.recording: Optional[Recording] = None
        #: seconds before each answer
        self.delay = 0.0
        #: whether nobody shall listen
        self.deaf = False

    def fail(self, id_send: Optional[int], name: str, times: Optional[int], on_connect: bool) -> None:
        """Add a fault behind those that are there."""
        with self._lock:
            self._faults.append(_Scripted(id_send, name, times, on_connect))

    def refuse(self, text: Optional[str], after: int) -> None:
        """Refuse every call with *text*, once *after* more reports were answered; None: none."""
        with self._lock:
            self._refusal = text
            self._answers_before = after

    def heal(self) -> None:
        """Forget everything but the calls."""
        with self._lock:
            self._faults = []
            self._refusal = None
            self.delay = 0.0
            self.deaf = False

    def fault_of_connection(self) -> Optional[str]:
        """The fault that a connection has before its first request."""
        return self._taken(None, True)

    def fault_of_call(self, id_send: Optional[int]) -> Optional[str]:
        """The fault that a call has; one of a connection, where that was open already."""
        return self._taken(id_send, False)

    def _taken(self, id_send: Optional[int], on_connect: bool) -> Optional[str]:
        with self._lock:
            meant = (
                fault
                for fault in self._faults
                if fault.on_connect or not on_connect and fault.id_send in (None, id_send)
            )
            fault = next(meant, None)
            if fault is None:
                return None
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
            return fault.name

    def refusal(self, is_report: bool) -> Optional[str]:
        """The text with which the call that came now is refused."""
        with self._lock:
            if self._refusal is None or not self._answers_before:
                return self._refusal
            self._answers_before -= is_report
            return None

    def note(self, call: Call) -> None:
        """Note a call."""
        with self._lock:
            self._calls.append(call)

    def calls(self) -> List[Call]:
        """The calls, oldest first."""
        with self._lock:
            return list(self._calls)


def masked(value: object, *secrets: object) -> object:
    """*value* without what is secret in it."""
    if isinstance(value, dict):
        return {masked(name, *secrets): masked(item, *secrets) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item, *secrets) for item in value]
    for secret in secrets:
        if isinstance(value, str) and isinstance(secret, str) and secret:
            # A short one would be found in every word.
            value = value.replace(secret, MASK) if len(secret) >= 8 else MASK if value == secret else value
    return value
