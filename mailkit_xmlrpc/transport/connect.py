"""Opening connections: TCP, then CONNECT where there is a proxy, then TLS; and keeping them between calls."""

import errno
import os
import socket
import ssl
import time
import traceback
import weakref
from collections import deque
from functools import partial
from typing import Deque, List, Optional, Set, Union

from ..exceptions import (
    RETRYABLE_STATUS,
    ConfigurationError,
    ConnectError,
    LocalError,
    MailkitError,
    RequestTimeoutError,
    TransportError,
)
from ..exceptions.boundary import leaving, raised_by_caller
from ..exceptions.redact import redacted, shown_path
from .connection import Connection, broken_tls, words
from .deadline import Deadline
from .http import Reader
from .limits import DESCRIPTORS_SECONDS, EARLY_SECONDS, MAX_IDLE
from .lookup import Address, addresses_of
from .route import HttpProxy, Route, Url, host_and_port

_NO_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)
_HTTP = (None, "http/1.1")  # what a server may agree upon (ALPN, RFC 7301)


_CERTIFICATES = (
    "is there a proxy that looks into TLS, or a private CA? give its certificate in ca_file= or MAILKIT_CA_FILE, "
    "or make an ssl_context"
)


def default_context(ca_file: Optional[str] = None) -> ssl.SSLContext:
    """A context that verifies, TLS 1.2 or newer, whatever the process made of ssl._create_default_https_context.

    :param ca_file: of certificates to trust beside the system's
    :raises ConfigurationError: it holds none
    """
    context = ssl.create_default_context()
    if hasattr(context, "minimum_version"):
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # novm (Python 3.7, asked for above)
    else:  # pragma: no cover (Python 3.6)
        context.options |= ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(cafile=ca_file)
        return context
    except OSError as error:
        if raised_by_caller(error):
            raise
        text = "ca_file (or MAILKIT_CA_FILE){} cannot be read as certificates in PEM ({})"
        problem = ConfigurationError(text.format(shown_path(ca_file), words(error)))
    raise problem


class Pool:
    """Connections of one route. deque's append and pop are atomic, so no lock is needed, and none is ever held during a
    call. So there are never more idle ones than were in use at once."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._idle: Deque[Connection] = deque()
        #: the connections in use, and those being opened; one that is lost in an interruption goes by itself
        self._used: "Set[weakref.ReferenceType[Union[Connection, _Opening]]]" = set()
        self._session: Optional[ssl.SSLSession] = None
        #: one where descriptors have run out: whoever else is in the process needs some, too
        self._max_idle = MAX_IDLE
        self._closed = False

    def take(self, deadline: Deadline) -> Connection:
        """An idle connection that is still good, or a new one. Whoever takes it gives it back.

        Where the system has no more descriptors, it waits for a connection in use: fewer at once will do.
        """
        alone = False
        while True:
            connection = self._idle_one()
            if connection is None:
                opening = self._opening(deadline)
                # It may hold the descriptor that another thread lacks.
                self._used.add(weakref.ref(opening, self._used.discard))
                try:
                    return self._use(opening.open(self._session))
                except _NoDescriptorsError as error:
                    self._max_idle = 1
                    problem = LocalError("cannot open a socket: {}".format(error))
                finally:
                    self._used.discard(weakref.ref(opening))
            elif connection.is_reusable():
                return self._use(connection)
            else:
                connection.close()
                continue
            # A connection that another thread just takes or gives back is for a moment neither used nor idle.
            if alone:
                raise problem
            alone = not self._used and not self._idle
            deadline.left()
            deadline.sleep(DESCRIPTORS_SECONDS, time.sleep)

    def _use(self, connection: Connection) -> Connection:
        self._used.add(weakref.ref(connection, self._used.discard))
        return connection

    def _opening(self, deadline: Deadline) -> "_Opening":
        route = self._route
        if route.url.tls and route.ssl_context is None:
            # Loading the system's certificates takes milliseconds: once a client. And before any descriptor is taken:
            # with none left, they would silently not be found.
            route = self._route = route._replace(ssl_context=default_context(route.ca_file))
        return _Opening(route, deadline)

    def _idle_one(self, oldest: bool = False) -> Optional[Connection]:
        """Take out the idle connection that was used last (or the oldest one), if there is any."""
        if not self._idle:  # as it is after most calls; an exception costs more
            return None
        try:
            return self._idle.popleft() if oldest else self._idle.pop()
        except IndexError as error:
            if raised_by_caller(error):
                raise
            return None

    def give_back(self, connection: Connection, reuse: bool) -> None:
        """Take *connection* back: with *reuse*, for the next call, if there is room. Close those idle for too long."""
        self._used.discard(weakref.ref(connection))
        while True:
            oldest = self._idle_one(oldest=True)
            if oldest is None:
                break
            if not oldest.is_old():
                self._idle.appendleft(oldest)
                break
            oldest.close()
        if not reuse or self._closed or len(self._idle) >= self._max_idle:
            connection.close()
            return
        self._session = connection.session() or self._session
        connection.mark_idle()
        self._idle.append(connection)

    def close(self) -> None:
        """Close the idle ones; calls under way go on and close theirs when they are done."""
        self._closed = True
        while True:
            connection = self._idle_one()
            if connection is None:
                return
            connection.close()


class _NoDescriptorsError(Exception):
    """The system has none left, or no memory for one; what it says is the text."""


class _Opening:
    """Opens one connection along *route*, within the connect time-out and *deadline*.

    The addresses of one name share the time that is left, so that a dead first one leaves time for the second.
    """

    def __init__(self, route: Route, deadline: Deadline) -> None:
        self._route = route
        self._url = route.url
        self._where = host_and_port(route.url.host, route.url.port)
        self._deadline = deadline
        self._limit = Deadline(route.connect_timeout, time.monotonic)

    def open(self, session: "Optional[ssl.SSLSession]") -> Connection:
        """Return the connection.

        :param session: of TLS, to be resumed where the server still knows it
        :raises ConnectError, RequestTimeoutError, DeadlineExceededError, LocalError: in all cases nothing was sent
        """
        route = self._route
        sock = self._connected(route.proxy or self._url, "the proxy " if route.proxy else "")
        try:
            if route.proxy is not None:
                self._tunnel(sock, route.proxy)
            if self._url.tls and route.ssl_context is not None:
                sock = self._wrapped(sock, route.ssl_context, session)
            return Connection(sock, route.read_timeout)
        except BaseException:
            sock.close()
            raise

    def _left(self, phase: str) -> float:
        """Seconds for the next step."""
        total = self._deadline.left()
        left = self._route.connect_timeout - self._limit.elapsed()
        if left <= 0:
            raise RequestTimeoutError(phase, self._route.connect_timeout)
        return min(left, total)

    # --- TCP --------------------------------------------------------------------------------------------------------

    def _connected(self, target: "Union[Url, HttpProxy]", what: str) -> socket.socket:
        """Connect to *target*, which is *what* ("" or "the proxy ") in an error."""
        name = what + host_and_port(target.host, target.port)
        problem: Optional[Exception] = None
        addresses = self._addresses(target, what)
        for index, address in enumerate(addresses):
            try:
                share = self._left("connecting") / (len(addresses) - index)
            except RequestTimeoutError as error:
                if raised_by_caller(error):
                    raise
                problem = problem or error
                break
            sock = None
            try:
                sock = socket.socket(*address[:3])
                self._deadline.attach(sock)
                sock.settimeout(share)
                sock.connect(address[4])
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
            except OSError as error:
                if sock is not None:
                    sock.close()
                if raised_by_caller(error, sock):
                    raise
                problem = self._not_connected(error, name)
            except BaseException:
                if sock is not None:
                    sock.close()
                raise
        self._deadline.require(EARLY_SECONDS)
        raise problem or ConnectError("{} has no address".format(name))

    def _addresses(self, target: "Union[Url, HttpProxy]", what: str) -> List[Address]:
        try:
            return addresses_of(target.host, target.port, self._left("looking up the host name"), what)
        except RequestTimeoutError as error:
            if raised_by_caller(error):
                raise
            problem = error
        self._deadline.require(EARLY_SECONDS)
        # It had less than that where the deadline was near.
        problem.seconds = self._route.connect_timeout
        raise problem

    def _not_connected(self, error: OSError, name: str) -> Exception:
        if isinstance(error, socket.timeout):
            return RequestTimeoutError("connecting", self._route.connect_timeout)
        if error.errno in _NO_RESOURCES:
            return _NoDescriptorsError(words(error))
        return ConnectError("cannot connect to {} ({})".format(name, words(error)))

    # --- the proxy --------------------------------------------------------------------------------------------------

    def _tunnel(self, sock: socket.socket, proxy: HttpProxy) -> None:
        """Ask *proxy* for the way to the server (RFC 9110 9.3.6)."""
        lines = ["CONNECT {} HTTP/1.1".format(self._where), "Host: {}".format(self._where)]
        phase = "waiting for the proxy"
        name = "the proxy {}".format(host_and_port(proxy.host, proxy.port))
        problem: Optional[MailkitError] = None
        login = None
        try:
            connection = Connection(sock, self._left(phase))
            authorization = proxy.authorization.reveal()
            if authorization:
                login = authorization.split()[-1]
                lines.append("Proxy-Authorization: {}".format(authorization))
            connection.send("\r\n".join(lines + ["", ""]).encode("ascii"), self._deadline)
            reader = Reader(lambda: connection.receive(self._deadline, self._left(phase)))
            head = reader.head()
            connection.let_go()
        except TransportError as error:
            if raised_by_caller(error) or isinstance(error, (TimeoutError, ConnectError)):
                raise
            leaving(error)
            problem = ConnectError("{} gave no answer ({})".format(name, error.detail))
        else:
            if not 200 <= head.status < 300:
                problem = _refused_by_proxy(name, head.status, head.reason, login)
            elif reader.surplus:  # bytes ahead of TLS are not the server's
                problem = ConnectError("{} sent more than its answer".format(name), retryable=False)
        if problem is not None:
            raise problem

    # --- TLS --------------------------------------------------------------------------------------------------------

    def _wrapped(
        self, sock: socket.socket, context: ssl.SSLContext, session: "Optional[ssl.SSLSession]"
    ) -> ssl.SSLSocket:
        tls: Optional[ssl.SSLSocket] = None
        phase = "the TLS handshake"
        left = self._left(phase)
        try:
            sock.settimeout(left)
            # Not where there is none: a duck-typed context may not know the word.
            wrap = partial(context.wrap_socket, sock, server_hostname=self._url.host, do_handshake_on_connect=False)
            tls = wrap() if session is None else wrap(session=session)
            self._deadline.attach(tls)
            tls.do_handshake()
            agreed = tls.selected_alpn_protocol()
            if agreed in _HTTP:
                return tls
            problem: MailkitError = ConnectError(
                "{} agreed to speak {}, which your ssl_context offered and this client does not".format(
                    self._where, agreed
                ),
                retryable=False,
            )
        except (OSError, ValueError) as error:
            if tls is None:
                tls = _half_made(error)
            if raised_by_caller(error, sock, context):
                if tls is not None:
                    tls.close()
                raise
            problem = self._no_tls(error, phase)
        except BaseException:
            if tls is not None:
                tls.close()
            raise
        if tls is not None:
            tls.close()  # it has taken the descriptor over
        self._deadline.require(EARLY_SECONDS)
        raise problem

    def _no_tls(self, error: Exception, phase: str) -> MailkitError:
        """What it means that TLS cannot be begun."""
        if isinstance(error, socket.timeout):
            return RequestTimeoutError(phase, self._route.connect_timeout)
        # An SSLError from Python 3.7 on, a ValueError before.
        if isinstance(error, ssl.CertificateError):
            reason = getattr(error, "verify_message", "") or "the host name does not match"
            return self._unverified(reason)
        if not isinstance(error, OSError):  # a host name that no certificate can have
            return ConnectError("no TLS connection to {}".format(self._where), retryable=False)
        refused = broken_tls(error, self._where)
        if refused is not None:
            return refused
        if "CERTIFICATE" in (getattr(error, "reason", "") or ""):  # before Python 3.7
            return self._unverified(words(error))
        return ConnectError("no TLS connection to {} ({})".format(self._where, words(error)))

    def _unverified(self, reason: str) -> ConnectError:
        advice = _CERTIFICATES
        paths = ssl.get_default_verify_paths()
        for variable, exists in ((paths.openssl_cafile_env, os.path.isfile), (paths.openssl_capath_env, os.path.isdir)):
            if os.environ.get(variable) and not exists(os.environ[variable]):
                advice = "what {} names does not exist".format(variable)
        return ConnectError(
            "the certificate of {} was not accepted ({})".format(self._where, reason), retryable=False, advice=advice
        )


def _refused_by_proxy(name: str, status: int, reason: str, login: Optional[str]) -> ConnectError:
    text = "HTTP {} {}".format(status, reason).rstrip()
    # The login is not known where the error is redacted.
    error = ConnectError("{} said no ({})".format(name, redacted(text, login)), status in RETRYABLE_STATUS)
    if status == 407:
        error.advice = "it wants a user and a password in proxy= or HTTPS_PROXY, before the host and an at-sign"
    return error


def _half_made(error: BaseException) -> Optional[ssl.SSLSocket]:
    """The socket that wrap_socket had made when a reset arrived: it owns the descriptor, and nobody else has it."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        candidate = frame.f_locals.get("self")
        if isinstance(candidate, ssl.SSLSocket):
            return candidate
    return None
