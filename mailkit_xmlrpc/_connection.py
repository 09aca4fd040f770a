"""Sockets: the only module that has any. One connection, its time limits, TLS, and the way through a proxy.

Before every single receive and send the socket's time-out is set anew to what is left, so a dripping server cannot
stretch a call (https://github.com/python/cpython/issues/89953); nothing is read or set that belongs to the process.
"""
import errno
import os
import select
import socket
import ssl
import time
import traceback
from typing import Any, Callable, List, NamedTuple, Optional, Tuple

from ._deadline import Deadline
from ._escape import bare
from ._http import Reader
from ._limits import MAX_IDLE_SECONDS, RECEIVE_BYTES
from ._text import shown
from .exceptions import (
    RETRYABLE_STATUS,
    ConnectError,
    IncompleteResponseError,
    LocalError,
    MailkitError,
    RequestTimeoutError,
    TransportError,
)

_NO_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)


class Proxy(NamedTuple):
    """An HTTP proxy, and what to tell it about ourselves (the whole header value, or "")."""

    host: str
    port: int
    authorization: Any  # a Secret

    def __repr__(self) -> str:
        return "Proxy({}:{})".format(self.host, self.port)


class Route(NamedTuple):
    """Where to connect to and how."""

    host: str
    port: int
    tls: bool
    proxy: Optional[Proxy]
    context: Callable[[], ssl.SSLContext]
    connect_timeout: float
    read_timeout: float


def default_context() -> ssl.SSLContext:
    """A context that verifies, TLS 1.2 or newer, whatever the process made of ssl._create_default_https_context."""
    context = ssl.create_default_context()
    if hasattr(context, "minimum_version"):
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # novm (Python 3.7, asked for above)
    else:  # pragma: no cover (Python 3.6)
        context.options |= ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1
    return context


class Connection:
    """A connected socket, with its age and the process that opened it."""

    def __init__(self, sock: socket.socket, read_timeout: float) -> None:
        self._sock = sock
        self._read_timeout = read_timeout
        self._pid = os.getpid()
        self._used = time.monotonic()

    def send(self, data: bytes, deadline: Deadline) -> None:
        """Send all of *data*.

        :raises RequestTimeoutError, DeadlineExceededError: the server does not read
        :raises IncompleteResponseError: the connection broke
        """
        view = memoryview(data)
        while view:
            view = view[self._step(self._sock.send, view, "sending", deadline) :]

    def receive(self, deadline: Deadline, at_most: float = float("inf")) -> bytes:
        """Return the next bytes that come, or ``b""`` at the end.

        :param at_most: seconds, where less than the read time-out shall be waited
        :raises RequestTimeoutError, DeadlineExceededError, IncompleteResponseError: nothing came, or the connection
        broke
        """
        data: bytes = self._step(self._sock.recv, RECEIVE_BYTES, "waiting for the answer", deadline, at_most)
        return data

    def _step(
        self, operation: Callable[[Any], Any], arg: Any, phase: str, deadline: Deadline, at_most: float = float("inf")
    ) -> Any:
        limit = min(self._read_timeout, at_most)
        seconds = min(limit, deadline.left())  # outside the try: what it raises is a TimeoutError, so an OSError, too
        try:
            if seconds != self._sock.gettimeout():  # setting it is a system call, and it is mostly as it was
                self._sock.settimeout(seconds)
            return operation(arg)
        except socket.timeout:  # TimeoutError itself from Python 3.10 on
            problem: Optional[MailkitError] = None
        except OSError as error:
            problem = _broken(error)
        if problem is None:
            deadline.left()
            problem = RequestTimeoutError(phase, limit)
        raise problem

    def usable(self) -> bool:
        """Whether it may be used for another call: opened by this process, not idle for long, open, and nothing unread.

        A readable idle connection was closed by the server, or holds bytes that are no answer to the next call.
        """
        if self._pid != os.getpid() or self.is_old():
            return False
        if not hasattr(select, "poll"):  # Windows; elsewhere poll, for select fails from descriptor 1024 on
            return not select.select([self._sock], [], [], 0)[0]
        poll = select.poll()
        poll.register(self._sock, select.POLLIN | select.POLLPRI)
        return not poll.poll(0)

    def attach(self, deadline: Deadline) -> None:
        """Let *deadline* end what we wait for."""
        deadline.attach(self._sock, _wake)

    def detach(self, deadline: Deadline) -> None:
        """Let it do so no longer."""
        deadline.detach(self._sock)

    def is_old(self) -> bool:
        """Whether it is idle for too long."""
        return time.monotonic() - self._used > MAX_IDLE_SECONDS

    def rest(self) -> None:
        """Note that it is idle from now on."""
        self._used = time.monotonic()

    def close(self) -> None:
        """Close our end. In a forked child this leaves the parent's untouched: nothing is written, TLS included."""
        self._sock.close()


def _wake(sock: socket.socket) -> None:
    """End what another thread waits for on *sock*; whatever it does on it next fails."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # a TLS socket's own would change what that thread is using
    except OSError:  # not connected yet, or no longer
        pass


def _broken(error: OSError) -> MailkitError:
    if isinstance(error, ssl.SSLError) and "CERTIFICATE" in (error.reason or ""):
        # TLS 1.3 tells a refused client certificate only when the first answer is read
        return ConnectError("the server refused the client certificate ({})".format(error.reason), retryable=False)
    return IncompleteResponseError(0, "the connection broke ({})".format(_words(error)))


def _words(error: OSError) -> str:
    """What an OSError says, without numbers, paths or data."""
    if isinstance(error, ssl.SSLError):
        return shown(error.reason or "TLS error", limit=100)
    return shown(error.strerror or type(error).__name__, limit=100)


# --- opening one ----------------------------------------------------------------------------------------------------


def connect(route: Route, deadline: Deadline) -> Connection:
    """Open a connection along *route*: TCP, then CONNECT where there is a proxy, then TLS.

    The connect time-out covers all of it but the look-up of the name, for which the system has no time limit of ours;
    the addresses of one name share what is left of it, so that a dead first one leaves time for the second.

    :raises ConnectError, RequestTimeoutError, DeadlineExceededError, LocalError: in all cases nothing was sent
    """
    # Before any descriptor is taken: with none left, the system's certificates would silently not be found.
    context = route.context() if route.tls else None
    target = route.proxy or route
    addresses = _addresses(target.host, target.port)
    limit = Deadline(route.connect_timeout, time.monotonic)
    sock = _first_that_answers(addresses, target.host, target.port, route, deadline, limit)
    try:
        if route.proxy is not None:
            _tunnel(sock, route, route.proxy, deadline, limit)
        if context is not None:
            sock = _wrapped(sock, context, route, deadline, limit)
        return Connection(sock, route.read_timeout)
    except BaseException:
        sock.close()
        raise


def _addresses(host: str, port: int) -> List[Tuple[Any, ...]]:
    try:
        found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
    except UnicodeError:  # a label over 63 characters
        problem = ConnectError("{} is not a host name".format(host), retryable=False)
    except OSError as error:
        problem = ConnectError("{} cannot be looked up ({})".format(host, _words(error)))
    else:
        return found
    raise problem


def _first_that_answers(
    addresses: List[Tuple[Any, ...]], host: str, port: int, route: Route, deadline: Deadline, limit: Deadline
) -> socket.socket:
    problem: Optional[MailkitError] = None
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        try:
            share = _left(limit, deadline, "connecting", route) / (len(addresses) - index)
        except RequestTimeoutError as error:
            problem = problem or error
            break
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:
            problem = _not_opened(error, host, port)
            continue
        try:
            deadline.attach(sock, _wake)
            sock.settimeout(share)
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        except socket.timeout:
            problem = RequestTimeoutError("connecting", route.connect_timeout)
        except OSError as error:
            problem = _not_opened(error, host, port)
        except BaseException:
            sock.close()
            raise
        sock.close()
    deadline.left()
    raise problem or ConnectError("{} has no address".format(host))


def _not_opened(error: OSError, host: str, port: int) -> MailkitError:
    if error.errno in _NO_RESOURCES:
        return LocalError("cannot open a socket: {}".format(_words(error)))
    return ConnectError("cannot connect to {}:{} ({})".format(host, port, _words(error)))


def _left(limit: Deadline, deadline: Deadline, phase: str, route: Route) -> float:
    """Seconds for the next step of connecting."""
    total = deadline.left()
    left = route.connect_timeout - limit.elapsed()
    if left <= 0:
        raise RequestTimeoutError(phase, route.connect_timeout)
    return min(left, total)


def _tunnel(sock: socket.socket, route: Route, proxy: Proxy, deadline: Deadline, limit: Deadline) -> None:
    """Ask *proxy* for the way to the server (RFC 9110 9.3.6)."""
    where = "{}:{}".format("[{}]".format(route.host) if ":" in route.host else route.host, route.port)
    lines = ["CONNECT {} HTTP/1.1".format(where), "Host: {}".format(where)]
    phase = "waiting for the proxy"
    problem: Optional[MailkitError] = None
    login = None
    try:
        connection = Connection(sock, _left(limit, deadline, phase, route))
        authorization = proxy.authorization.reveal()
        if authorization:
            login = authorization.split()[-1]
            lines.append("Proxy-Authorization: {}".format(authorization))
        connection.send("\r\n".join(lines + ["", ""]).encode("ascii"), deadline)
        reader = Reader(lambda: connection.receive(deadline, _left(limit, deadline, phase, route)))
        head = reader.head()
    except TransportError as error:
        if isinstance(error, (TimeoutError, ConnectError)):
            raise
        bare(error)
        problem = ConnectError("the proxy {}:{} gave no answer ({})".format(proxy.host, proxy.port, error.detail))
    else:
        if not 200 <= head.status < 300:
            answer = "HTTP {} {}".format(head.status, shown(head.reason, login, limit=100)).rstrip()
            problem = ConnectError(
                "the proxy {}:{} said no ({})".format(proxy.host, proxy.port, answer), head.status in RETRYABLE_STATUS
            )
        elif reader.surplus:  # bytes ahead of TLS are not the server's
            problem = ConnectError("the proxy {}:{} sent more than its answer".format(proxy.host, proxy.port), False)
    if problem is not None:
        raise problem


def _wrapped(
    sock: socket.socket, context: ssl.SSLContext, route: Route, deadline: Deadline, limit: Deadline
) -> ssl.SSLSocket:
    tls: Optional[ssl.SSLSocket] = None
    where = "{}:{}".format(route.host, route.port)
    phase = "the TLS handshake"
    refused = "the certificate of {} was not accepted ({})"
    left = _left(limit, deadline, phase, route)
    try:
        sock.settimeout(left)
        tls = context.wrap_socket(sock, server_hostname=route.host, do_handshake_on_connect=False)
        deadline.attach(tls, _wake)
        tls.do_handshake()
        return tls
    except socket.timeout:
        problem: MailkitError = RequestTimeoutError(phase, route.connect_timeout)
    except ssl.CertificateError as error:  # an SSLError from Python 3.7 on, a ValueError before
        reason = getattr(error, "verify_message", "") or "the host name does not match"
        problem = ConnectError(refused.format(where, shown(reason, limit=200)), retryable=False)
    except OSError as error:
        if tls is None:
            tls = _half_made(error)
        if "CERTIFICATE" in (getattr(error, "reason", "") or ""):  # before Python 3.7
            problem = ConnectError(refused.format(where, _words(error)), retryable=False)
        else:
            problem = ConnectError("no TLS connection to {} ({})".format(where, _words(error)))
    except ValueError:  # a host name that no certificate can have
        problem = ConnectError("no TLS connection to {}".format(where), retryable=False)
    except BaseException:
        if tls is not None:
            tls.close()
        raise
    if tls is not None:
        tls.close()  # it has taken the descriptor over
    deadline.left()
    raise problem


def _half_made(error: OSError) -> Optional[ssl.SSLSocket]:
    """The socket that wrap_socket had made when a reset arrived: it owns the descriptor, and nobody else has it."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        candidate = frame.f_locals.get("self")
        if isinstance(candidate, ssl.SSLSocket):
            return candidate
    return None
