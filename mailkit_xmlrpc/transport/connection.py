"""A connected socket: bytes go out, bytes come in, within their time.

Before every single receive and send the socket's time-out is set anew to what is left, so a dripping server cannot
stretch a call (https://github.com/python/cpython/issues/89953); nothing is read or set that belongs to the process.
"""

import os
import re
import select
import socket
import ssl
import time
import weakref
from functools import partial
from typing import Optional, TypeVar

from ..exceptions import ConnectError, IncompleteResponseError, MailkitError, RequestTimeoutError
from ..exceptions.boundary import raised_by_caller
from .deadline import Deadline
from .limits import EARLY_SECONDS, MAX_IDLE_SECONDS, RECEIVE_BYTES

# The names of alerts about a certificate (RFC 8446 6.2), as OpenSSL writes them behind _ALERT_.
_ABOUT_CERTIFICATE = re.compile("CERTIFICATE|UNKNOWN_CA")
_IN_WORDS = re.compile(r"\[\w+\] ([\w ]+) \(_ssl")

_Result = TypeVar("_Result")


class Connection:
    """A connected socket, with its age and the process that opened it."""

    def __init__(self, sock: socket.socket, read_timeout: float) -> None:
        self._sock = sock
        self._read_timeout = read_timeout
        self._pid = os.getpid()
        self._used = time.monotonic()
        # Where the client is dropped, or an interruption loses it. Not __del__: in a cycle of garbage the socket's own
        # finalizer, with its ResourceWarning, may run before that.
        self._closing = weakref.finalize(self, sock.close)

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of *data*.

        :raises RequestTimeoutError, DeadlineExceededError: the server does not read
        :raises IncompleteResponseError: the connection broke
        """
        view = memoryview(data)
        while view:
            view = view[self._step(partial(self._sock.send, view), "sending", deadline) :]

    def receive(self, deadline: Deadline, at_most: float = float("inf")) -> bytes:
        """Return the next bytes that come, or ``b""`` at the end.

        :param at_most: seconds, where less than the read time-out shall be waited
        :raises RequestTimeoutError, DeadlineExceededError, IncompleteResponseError: nothing came, or the connection
            broke
        """
        return self._step(partial(self._sock.recv, RECEIVE_BYTES), "waiting for the answer", deadline, at_most)

    def _step(
        self, operation: "partial[_Result]", phase: str, deadline: Deadline, at_most: float = float("inf")
    ) -> _Result:
        limit = min(self._read_timeout, at_most)
        # Outside the try: what it raises is a TimeoutError, so an OSError, too.
        seconds = min(limit, deadline.left())
        try:
            # Setting it is a system call, and it is mostly as it was.
            if seconds != self._sock.gettimeout():
                self._sock.settimeout(seconds)
            return operation()
        except OSError as error:
            if raised_by_caller(error, self._sock):
                raise
            problem = None if isinstance(error, socket.timeout) else broken(error)
        if phase == "sending" and isinstance(problem, IncompleteResponseError):
            problem = self._refusal() or problem
        if problem is None:
            deadline.require(EARLY_SECONDS)
            problem = RequestTimeoutError(phase, limit)
        raise problem

    def _refusal(self) -> Optional[ConnectError]:
        """What the server refused before it broke the connection: TLS 1.3 lets it do both before the request is out."""
        try:
            # What it said is there already.
            self._sock.settimeout(0)
            self._sock.recv(1)
            return None
        except OSError as error:
            if raised_by_caller(error, self._sock):
                raise
            problem = broken(error)
        return problem if isinstance(problem, ConnectError) else None

    def is_reusable(self) -> bool:
        """Whether it may be used for another call: opened by this process, not idle for long, open, and nothing unread.

        A readable idle connection was closed by the server, or holds bytes that are no answer to the next call.
        """
        if self._pid != os.getpid() or self.is_old():
            return False
        # Windows has no poll; elsewhere select would fail from descriptor 1024 on.
        if not hasattr(select, "poll"):
            return not select.select([self._sock], [], [], 0)[0]
        poll = select.poll()
        poll.register(self._sock, select.POLLIN | select.POLLPRI)
        return not poll.poll(0)

    def attach(self, deadline: Deadline) -> None:
        """Let *deadline* end what we wait for."""
        deadline.attach(self._sock)

    def detach(self, deadline: Deadline) -> None:
        """Let it do so no longer."""
        deadline.detach(self._sock)

    def is_old(self) -> bool:
        """Whether it is idle for too long."""
        return time.monotonic() - self._used > MAX_IDLE_SECONDS

    def mark_idle(self) -> None:
        """Note that it is idle from now on."""
        self._used = time.monotonic()

    def session(self) -> "Optional[ssl.SSLSession]":
        """What a later connection may resume its TLS with (RFC 8446 2.2); None without TLS."""
        return self._sock.session if isinstance(self._sock, ssl.SSLSocket) else None

    def close(self) -> None:
        """Close our end. In a forked child this leaves the parent's untouched: nothing is written, TLS included."""
        self._closing.detach()
        self._sock.close()

    def let_go(self) -> None:
        """Leave the socket open for whoever goes on with it."""
        self._closing.detach()


def broken(error: OSError) -> MailkitError:
    """What it means that an established connection fails with *error*."""
    return broken_tls(error, "the server", sent=True) or IncompleteResponseError(
        0, "the connection broke ({})".format(words(error))
    )


def broken_tls(error: OSError, peer: str, sent: bool = False) -> Optional[ConnectError]:
    """What it means where *peer* refused TLS, or does not speak it; None for any other *error*.

    TLS 1.3 tells a refused client certificate only when the first answer is read: then the request may have been sent.
    """
    reason = _reason_of(error) if isinstance(error, ssl.SSLError) else ""
    if "_ALERT_" in reason:
        what = "the client certificate" if _ABOUT_CERTIFICATE.search(reason) else "the TLS connection"
        refused = ConnectError("{} refused {} ({})".format(peer, what, reason), retryable=False, sent=sent)
        if _ABOUT_CERTIFICATE.search(reason):
            refused.advice = "give one that it accepts, in ssl_context="
        elif "HANDSHAKE_FAILURE" in reason:
            refused.advice = "it may want a client certificate, in ssl_context=, or knows none of our ciphers"
        return refused
    if reason in ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST"):
        return ConnectError("{} does not speak TLS ({})".format(peer, reason), retryable=False, sent=sent)
    return None


def _reason_of(error: ssl.SSLError) -> str:
    """OpenSSL's name of what happened, or ""; a Python older than OpenSSL knows only the words of some names."""
    match = _IN_WORDS.match(str(error))
    return error.reason or (match.group(1).upper().replace(" ", "_") if match else "")


def words(error: OSError) -> str:
    """What an OSError says, without numbers, paths or data."""
    if isinstance(error, ssl.SSLError):
        return _reason_of(error) or "TLS error"
    return error.strerror or type(error).__name__
