"""What a server does on a connection, step by step: bytes are sent as they are, all else is one of these classes.

A step is run with the connection and tells whether that is over.
"""

import socket
import struct
import threading
import time
from typing import Iterable, NamedTuple, Union

_LOOK_SECONDS = 0.02  # between two looks whether the client is still there


class Wire(NamedTuple):
    """One connection of a server."""

    #: what is written to; over TLS that is not the connection itself
    sock: socket.socket
    raw: socket.socket
    #: set when the server shall end
    stopping: threading.Event


class Step:
    """Anything but bytes."""

    def run(self, wire: Wire) -> bool:
        """Do it; return whether the connection is over."""
        raise NotImplementedError  # pragma: no cover (each has its own)


def play(steps: Iterable[Union[bytes, Step]], wire: Wire) -> bool:
    """Do them one after another; return whether the connection is over.

    :raises OSError: the client is gone
    """
    for step in steps:
        if isinstance(step, bytes):
            wire.sock.sendall(step)
        elif step.run(wire):
            return True
    return False


class Pause(Step):
    """Do nothing for *seconds*."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def run(self, wire: Wire) -> bool:
        return wire.stopping.wait(self.seconds)


class Drip(Step):
    """Send *data* one byte every *seconds*."""

    def __init__(self, data: bytes, seconds: float = 0.05) -> None:
        self.data = data
        self.seconds = seconds

    def run(self, wire: Wire) -> bool:
        for index in range(len(self.data)):
            wire.sock.sendall(self.data[index : index + 1])
            if wire.stopping.wait(self.seconds):
                return True
        return False


class Repeat(Step):
    """Send *data* again and again, every *seconds*, until the client has enough, at most *times* times."""

    def __init__(self, data: bytes, seconds: float = 0.0, times: int = 100000) -> None:
        self.data = data
        self.seconds = seconds
        self.times = times

    def run(self, wire: Wire) -> bool:
        for _ in range(self.times):
            wire.sock.sendall(self.data)
            if wire.stopping.wait(self.seconds) if self.seconds else wire.stopping.is_set():
                return True
        return False


class Stall(Step):
    """Stay connected, read nothing and say nothing, until the client goes away."""

    def run(self, wire: Wire) -> bool:
        wire.raw.settimeout(_LOOK_SECONDS)
        while not wire.stopping.is_set() and not _is_gone(wire.raw):
            pass
        return True


def _is_gone(raw: socket.socket) -> bool:
    """Whether the client has closed; waits a little where it has not."""
    try:
        # Not SSLSocket's, which knows no flags.
        if not socket.socket.recv(raw, 1, socket.MSG_PEEK):
            return True
        time.sleep(_LOOK_SECONDS)
    except socket.timeout:
        pass
    return False


class Reset(Step):
    """Close so that the client sees a reset (RST), after what was sent has had the time to arrive."""

    def run(self, wire: Wire) -> bool:
        time.sleep(0.03)
        wire.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return True


class Close(Step):
    """Close in an orderly way; over TLS without saying so there, as many servers do."""

    def run(self, wire: Wire) -> bool:
        return True
