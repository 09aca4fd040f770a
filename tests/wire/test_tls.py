"""TLS that verifies, whatever the process has switched off."""

import gc
import socket
import ssl
import threading
import time

import pytest

from mailkit_xmlrpc import (
    ConnectError,
    DeadlineExceededError,
    IncompleteResponseError,
    RequestTimeoutError,
    Retry,
)
from mailkit_xmlrpc.transport import exchange
from mailkit_xmlrpc.transport.connect import default_context
from tests.support.account import MD5
from tests.support.observing import is_own, make
from tests.support.scripted_server import (
    LOOPBACK,
    Answer,
    Close,
    Drip,
    Pause,
    Request,
    Reset,
    ScriptedServer,
    Stall,
    http,
    report,
    tls_contexts,
)


def refused(client, match=None):
    """The call fails with a ConnectError that is not tried again; returns it."""
    with client, pytest.raises(ConnectError, match=match) as caught:
        client.bounces(1)
    assert not caught.value.retryable
    assert caught.value.attempts == 1
    return caught.value


# --- TLS --------------------------------------------------------------------------------------------------------------


def test_private_authority(authority):
    """ssl_context is how a private CA is trusted; the connection is kept as without TLS."""
    server_context, client_context = tls_contexts(authority)
    with ScriptedServer(context=server_context) as server, make(server.url, ssl_context=client_context) as client:
        for id_send in (1, 2, 3):
            assert is_own(client.bounces(id_send), id_send)
        assert server.connections == 1


@pytest.mark.parametrize("retry", [None, Retry(3, base=0)])
def test_unknown_authority_is_refused(authority, retry):
    """A certificate that nobody vouches for is not accepted, nothing is sent, and no other try is made."""
    server_context, _ = tls_contexts(authority)
    with ScriptedServer(context=server_context) as server:
        refused(make(server.url, retry=retry), "(?i)127.0.0.1:{} .*(not accepted|certificate)".format(server.port))
        assert server.requests == []
        assert server.connections == 1


def test_wrong_host_name_is_refused(authority):
    """A good certificate of another host is not ours."""
    server_context, client_context = tls_contexts(authority, host="other.example")
    with ScriptedServer(context=server_context) as server:
        refused(make(server.url, ssl_context=client_context), "not accepted|CERTIFICATE")
        assert server.requests == []


def test_switch_of_the_host_process_does_not_count(authority, monkeypatch):
    """ssl._create_default_https_context = ssl._create_unverified_context, the internet's remedy, changes nothing
    here."""
    monkeypatch.setattr(ssl, "_create_default_https_context", ssl._create_unverified_context)
    server_context, _ = tls_contexts(authority)
    with ScriptedServer(context=server_context) as server:
        refused(make(server.url))
        assert server.requests == []


def test_default_context_verifies():
    """What is used without ssl_context: certificate, host name, TLS 1.2 at least."""
    context = default_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    if hasattr(context, "minimum_version"):
        oldest = ssl.TLSVersion.TLSv1_2  # novm (Python 3.7, asked for above)
        assert context.minimum_version >= oldest
    assert context.options & ssl.OP_NO_SSLv3


def old_server_context(authority):
    """A server's context that knows no TLS after 1.1; skips where OpenSSL has none any more."""
    server_context, client_context = tls_contexts(authority)
    server_context.options |= ssl.OP_NO_TLSv1_2 | getattr(ssl, "OP_NO_TLSv1_3", 0)
    try:
        server_context.set_ciphers("ALL:@SECLEVEL=0")
    except ssl.SSLError:
        pytest.skip("this OpenSSL cannot lower its security level")
    return server_context, client_context


@pytest.mark.filterwarnings("ignore:ssl.OP_NO_:DeprecationWarning")
def test_old_tls_is_refused(authority, monkeypatch):
    """A server that speaks TLS 1.1 at most gets no request, although our context would trust its certificate."""
    server_context, _ = old_server_context(authority)
    trusting = ssl.create_default_context

    def trusting_context(*args, **kwargs):
        context = trusting(*args, **kwargs)
        authority.configure_trust(context)
        return context

    with ScriptedServer(context=server_context) as server:
        monkeypatch.setattr(ssl, "create_default_context", trusting_context)
        with make(server.url) as client, pytest.raises(
            ConnectError, match="(?i)refused the TLS connection .*PROTOCOL_VERSION|no TLS connection"
        ):
            client.bounces(1)
        assert server.requests == []


def test_default_context_is_made_once(authority, monkeypatch):
    """Loading the system's certificates takes milliseconds: once for a client, not for a connection."""
    server_context, client_context = tls_contexts(authority)
    made = []
    monkeypatch.setattr(ssl, "create_default_context", lambda *args, **kwargs: made.append(1) or client_context)
    with ScriptedServer((Request(), Answer("Connection: close"), Close()), context=server_context) as server, make(
        server.url
    ) as client:
        for id_send in (1, 2, 3):
            assert is_own(client.bounces(id_send), id_send)
        assert server.connections == 3
    assert made == [1]


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_client_certificate(authority, version):
    """A server that asks for one gets the one in ssl_context."""
    server_context, client_context = certificate_wanted(authority, version)
    authority.issue_cert("client.example").configure_cert(client_context)
    with ScriptedServer(context=server_context) as server, make(server.url, ssl_context=client_context) as client:
        assert is_own(client.bounces(1), 1)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_client_certificate_missing(authority, version):
    """Without it there are no rows: with TLS 1.3 the server says so only when the request is sent."""
    server_context, client_context = certificate_wanted(authority, version)
    with ScriptedServer(context=server_context) as server:
        with make(server.url, ssl_context=client_context) as client:
            with pytest.raises(ConnectError, match="ALERT"):
                client.bounces(1)
        assert server.requests == []


class Refusing:
    """A server that tries the handshake.

    :param reads: read what comes after it has failed; else the connection is reset at once
    """

    def __init__(self, context, reads=True):
        self._context = context
        self._reads = reads
        self._listener = socket.socket()
        self._listener.bind((LOOPBACK, 0))
        self._listener.listen(5)
        self.url = "https://{}:{}/".format(*self._listener.getsockname())
        self.connections = 0

    def _serve(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            sock.settimeout(10)
            with self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False) as tls:
                try:
                    tls.do_handshake()
                except ssl.SSLError:
                    while self._reads and socket.socket.recv(tls, 65536):
                        pass

    def __enter__(self):
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("certificate", ["missing", "of-another"])
def test_client_certificate_refused(authority, version, certificate):
    """A server that refuses the client certificate will do so again. With TLS 1.2 nothing was sent; TLS 1.3 tells it
    when the answer is waited for, and then the text does not say that nothing was sent."""
    server_context, client_context = certificate_wanted(authority, version)
    if certificate == "of-another":
        type(authority)().issue_cert("client.example").configure_cert(client_context)
    with Refusing(server_context) as server:
        with make(server.url, ssl_context=client_context, retry=Retry(3, base=0)) as client:
            error = refused(client, "refused the (client certificate|TLS connection) .*ALERT")
        assert server.connections == 1
    assert error.sent is (version == "1.3")
    assert ("nothing was sent" in str(error)) is not error.sent


@pytest.mark.parametrize("certificate", ["missing", "of-another"])
def test_client_certificate_refused_before_the_request(authority, monkeypatch, certificate):
    """Where TLS 1.3 lets the server refuse and reset before the request is out, what it said is told, and it is not
    asked again."""
    server_context, client_context = certificate_wanted(authority, "1.3")
    if certificate == "of-another":
        type(authority)().issue_cert("client.example").configure_cert(client_context)
    head_of = exchange._head_of

    def head_late(request):
        time.sleep(0.2)
        return head_of(request)

    monkeypatch.setattr(exchange, "_head_of", head_late)
    with Refusing(server_context, reads=False) as server:
        with make(server.url, ssl_context=client_context, retry=Retry(3, base=0)) as client:
            error = refused(client, "the server refused the client certificate .*ALERT.*; give one that it accepts")
        assert (server.connections, error.sent) == (1, True)


def certificate_wanted(authority, version):
    """Contexts of a server that wants a client certificate, in that version of TLS."""
    return in_version(version, *tls_contexts(authority, client_certificate=True))


def in_version(version, server_context, client_context):
    """Both contexts, in that version of TLS."""
    if version == "1.2":
        if hasattr(server_context, "maximum_version"):
            server_context.maximum_version = ssl.TLSVersion.TLSv1_2  # novm (Python 3.7, asked for above)
        else:  # Python 3.6
            server_context.options |= getattr(ssl, "OP_NO_TLSv1_3", 0)
    elif not getattr(ssl, "HAS_TLSv1_3", False):
        pytest.skip("this OpenSSL has no TLS 1.3")
    return server_context, client_context


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_session_is_resumed(authority, version):
    """A new connection of the same client resumes the TLS of an earlier one; one of another client does not."""
    server_context, client_context = in_version(version, *tls_contexts(authority))
    with ScriptedServer(context=server_context) as server:
        resumed = []
        with make(server.url, ssl_context=client_context) as client:
            for id_send in (1, 2, 3):
                assert is_own(client.bounces(id_send), id_send)
                (connection,) = client._pool._idle
                resumed.append(connection._sock.session_reused)
                connection._used -= 1000  # it is too old for the next call
        with make(server.url, ssl_context=client_context) as client:
            client.bounces(4)
            resumed.append(client._pool._idle[0]._sock.session_reused)
        assert server.connections == 4
    assert resumed == [False, True, True, False]


@pytest.mark.parametrize(
    "offered, spoken, good",
    [
        (["h2", "http/1.1"], ["h2"], False),
        (["h2", "http/1.1"], ["http/1.1"], True),
        (["h2", "http/1.1"], None, True),
        (None, ["h2"], True),
    ],
    ids=["h2", "http-1.1", "server-without", "client-without"],
)
def test_protocol_that_the_callers_context_offers(authority, offered, spoken, good):
    """A context made for another library may offer HTTP/2: where the server takes it, that is told and nothing sent."""
    server_context, client_context = tls_contexts(authority)
    if offered:
        client_context.set_alpn_protocols(offered)
    if spoken:
        server_context.set_alpn_protocols(spoken)
    with ScriptedServer(context=server_context) as server:
        client = make(server.url, ssl_context=client_context, retry=Retry(3, base=0))
        if good:
            with client:
                assert is_own(client.bounces(1), 1)
            return
        error = refused(
            client, "agreed to speak h2, which your ssl_context offered and this client does not; nothing was"
        )
        assert not error.sent
        assert server.requests == []


def test_file_of_certificates(authority, tmp_path):
    """ca_file is how a private CA is trusted without a context; the system's are trusted as well."""
    server_context, _ = tls_contexts(authority)
    with authority.cert_pem.tempfile(str(tmp_path)) as path:
        with ScriptedServer(context=server_context) as server, make(server.url, ca_file=path) as client:
            assert is_own(client.bounces(1), 1)
        assert len(default_context(path).get_ca_certs()) == len(default_context().get_ca_certs()) + 1


@pytest.mark.parametrize(
    "steps, expected, tries",
    [
        ((b"HTTP/1.1 400 Bad Request\r\n\r\n", Close()), ConnectError, 1),
        ((Close(),), ConnectError, 2),
        ((Reset(),), ConnectError, 2),
        ((b"\x15\x03\x03\x00\x02\x02\x28", Close()), ConnectError, 1),
        ((Stall(),), RequestTimeoutError, 2),
    ],
    ids=["plain-http", "closed", "reset", "alert", "silent"],
)
def test_server_that_does_not_finish_the_handshake(steps, expected, tries):
    """Whatever stands there in place of TLS, nothing was sent; what refuses, or speaks no TLS, will do so again."""
    with ScriptedServer((Pause(0.1),) + steps) as server:
        options = dict(timeout=0.5, retry=Retry(2, base=0), ssl_context=ssl.create_default_context())
        with make(server.url.replace("http", "https"), **options) as client, pytest.raises(expected) as caught:
            client.bounces(1)
        assert (caught.value.attempts, server.requests) == (tries, [])


def test_reset_before_tls_begins(monkeypatch):
    """A reset that arrives before the handshake was begun is no other case, and leaves no socket open (SSLSocket
    itself forgets to close the descriptor that it took over)."""
    context = ssl.create_default_context()
    wrap = context.wrap_socket

    class Slow:
        def wrap_socket(self, *args, **kwargs):
            threading.Event().wait(0.2)
            return wrap(*args, **kwargs)

    with ScriptedServer((Reset(),)) as server:
        with make(server.url.replace("http", "https"), ssl_context=Slow()) as client, pytest.raises(ConnectError):
            client.bounces(1)
    gc.collect()


@pytest.mark.parametrize("end", [Close(), Reset()], ids=["without-goodbye", "reset"])
def test_stale_tls_connection_is_noticed(authority, end):
    """An idle TLS connection that the server left is not used (the stdlib's users see SSLEOFError here, gh-121624)."""
    server_context, client_context = tls_contexts(authority)
    with ScriptedServer(context=server_context) as server, make(server.url, ssl_context=client_context) as client:
        server.play_once((Request(), Answer(), end))
        assert is_own(client.bounces(1), 1)
        threading.Event().wait(0.2)
        assert is_own(client.bounces(2), 2)
        assert (server.connections, server.ids) == (2, [1, 2])


@pytest.mark.parametrize("late", [False, True], ids=["same-record", "later-record"])
def test_surplus_over_tls_is_never_the_next_answer(authority, late):
    """Unread TLS records are noticed as unread bytes are."""
    server_context, client_context = tls_contexts(authority)
    good, surplus = http(report(1)), http(report(666))
    with ScriptedServer(context=server_context) as server, make(server.url, ssl_context=client_context) as client:
        server.play_once((Request(), good, Pause(0.0), surplus) if late else (Request(), good + surplus))
        assert is_own(client.bounces(1), 1)
        threading.Event().wait(0.2)
        assert is_own(client.bounces(2), 2)


@pytest.mark.parametrize(
    "steps",
    [
        (Close(),),
        (Reset(),),
        (http(report(1))[:-9], Close()),
        (http(report(1))[:-9], Reset()),
        (http(report(1), length=None)[:-9], Close()),
    ],
    ids=["closed", "reset", "cut", "reset-in-body", "cut-without-length"],
)
def test_tls_connection_that_ends_early(authority, steps):
    """A cut in the TLS stream, with or without its goodbye, is never a shorter answer."""
    server_context, client_context = tls_contexts(authority)
    with ScriptedServer((Request(),) + steps, context=server_context) as server:
        with make(server.url, ssl_context=client_context) as client:
            with pytest.raises(IncompleteResponseError):
                client.bounces(1)
            server.play()
            assert is_own(client.bounces(2), 2)


@pytest.mark.parametrize("steps", [(Stall(),), (Drip(http(report(1)), 0.05),)], ids=["stall", "drip"])
def test_deadline_over_tls(authority, steps):
    """The deadline holds inside TLS too."""
    server_context, client_context = tls_contexts(authority)
    with ScriptedServer((Request(),) + steps, context=server_context) as server:
        with make(server.url, ssl_context=client_context, deadline=0.5) as client:
            with pytest.raises(DeadlineExceededError):
                client.bounces(1)


def test_https_url_never_goes_in_clear(authority):
    """A server on plain HTTP behind an https URL sees no byte of the request."""
    seen = []

    class Note:
        def run(self, talk):
            seen.append(talk.raw.recv(65536))

    with ScriptedServer((Note(), Close())) as server:
        with make(server.url.replace("http", "https")) as client, pytest.raises(ConnectError):
            client.bounces(1)
    assert seen and MD5.encode() not in seen[0] and b"POST" not in seen[0]
