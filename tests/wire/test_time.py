"""Every call ends in time, whatever the server does: connect time-out, read time-out and the deadline over all of
it."""

import socket
import time

import pytest

from mailkit_xmlrpc import (
    ConnectError,
    DeadlineExceededError,
    HTTPStatusError,
    MailkitClient,
    RequestTimeoutError,
    Retry,
)
from tests.support.account import MD5
from tests.support.inside import raising
from tests.support.scripted_server import (
    LOOPBACK,
    Answer,
    Drip,
    Pause,
    Repeat,
    Request,
    ScriptedServer,
    Stall,
    chunk,
    http,
    report,
)

SLACK = 5.0  # seconds: an upper bound for a busy machine; what is not bounded at all hangs for 20 s and more
BODY = report(1)
HEAD = http(length=len(BODY))
CHUNKED = http(b"", "Transfer-Encoding: chunked", length=None)
INTERIM = b"HTTP/1.1 103 Early Hints\r\n\r\n"


def client_of(server, **options):
    """A client of *server* with one try and no proxy."""
    settings = dict(url=server.url, timeout=10.0, deadline=0.4, retry=None, proxy="")
    settings.update(options)
    return MailkitClient(1234567, MD5, **settings)


def fails(client, expected, seconds=0.4):
    """Call, and check that *expected* comes within *seconds* and some slack."""
    started = time.monotonic()
    with client, pytest.raises(expected) as caught:
        client.bounces(1)
    assert time.monotonic() - started < seconds + SLACK
    return caught.value


# --- the deadline -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "steps",
    [
        (Drip(HEAD, 0.1),),
        (HEAD, Drip(BODY, 0.1)),
        (b"".join([HEAD, BODY[:10]]), Repeat(b"", 0.1)),
        (CHUNKED, Drip(chunk(BODY), 0.1)),
        (CHUNKED + chunk(BODY) + b"0\r\n", Drip(b"X-Checksum: 0000000000", 0.1)),
        (Drip(INTERIM * 5, 0.1),),
        (Pause(0.1), INTERIM, Pause(0.1), INTERIM, Pause(0.1), INTERIM, Pause(0.1), INTERIM, Stall()),
        (http(status="503 Service Unavailable", length=900), Drip(b"x" * 900, 0.1)),
    ],
    ids=["head", "body", "nothing-more", "chunks", "trailer", "interim-bytes", "interim-answers", "error-body"],
)
def test_deadline_holds_for_drips(steps):
    """A byte now and then keeps a read time-out quiet, but not the deadline; and there is no other try after it."""
    with ScriptedServer((Request(),) + steps) as server:
        error = fails(client_of(server, retry=Retry(5, base=0)), (DeadlineExceededError, HTTPStatusError))
        # of a 503 the status is told, although its body was cut short by the deadline
        assert isinstance(error, HTTPStatusError) == (b" 503 " in steps[0] if isinstance(steps[0], bytes) else False)
        assert error.attempts == 1
        assert len(server.requests) == 1


def test_deadline_passed_between_two_receives():
    """The time may also run out while nobody waits for the server: here a clock that leaps. The class is the same on
    every Python, although the socket's own time-out is of another before 3.10."""

    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    class Leap:
        def run(self, talk):
            clock.now += 60.0

    clock = Clock()
    with ScriptedServer((Request(), HEAD, Leap(), BODY[:9], Stall())) as server:
        error = fails(client_of(server, deadline=50.0, timeout=2.0, retry=Retry(1, clock=clock)), DeadlineExceededError)
    assert error.seconds == 50.0


def test_deadline_passed_before_the_tls_handshake(monkeypatch):
    """The same between connecting and the handshake."""
    now = [0.0]
    connect = socket.socket.connect

    def slow_connect(sock, address):
        connect(sock, address)
        now[0] += 60.0

    with ScriptedServer((Stall(),)) as server:
        client = client_of(
            server, url=server.url.replace("http", "https"), deadline=50.0, retry=Retry(3, clock=lambda: now[0])
        )
        monkeypatch.setattr(socket.socket, "connect", slow_connect)
        fails(client, DeadlineExceededError)
        monkeypatch.undo()


def test_deadline_covers_all_tries():
    """Tries that each end in time do not add up beyond the deadline."""
    with ScriptedServer((Request(), Stall())) as server:
        error = fails(
            client_of(server, timeout=0.25, deadline=0.6, retry=Retry(100, base=0)), DeadlineExceededError, 0.6
        )
    assert 2 <= error.attempts <= 4


def test_deadline_is_not_waited_for_in_a_pause():
    """A pause that would outlast the deadline is not begun: the last error is told at once, in full."""
    with ScriptedServer((Request(), http(status="503 Busy"))) as server:
        retry = Retry(100, base=1000.0, cap=1000.0, random=lambda: 0.9)
        error = fails(client_of(server, deadline=20.0, retry=retry), HTTPStatusError, 0.0)
    assert error.attempts == 1


def test_no_deadline_leaves_the_read_timeout():
    """deadline=None switches the deadline off and nothing else."""
    with ScriptedServer((Request(), Stall())) as server:
        error = fails(client_of(server, deadline=None, timeout=0.2), RequestTimeoutError)
        assert (error.seconds, error.phase) == (0.2, "waiting for the answer")


def test_read_timeout_is_for_each_read():
    """A server that is slow but never as slow as the read time-out is waited for: peers needed more than a minute."""
    with ScriptedServer((Request(), Drip(HEAD[:8], 0.1), HEAD[8:] + BODY)) as server:
        with client_of(server, timeout=(5.0, 0.6), deadline=20.0) as client:
            assert client.bounces(1)[0].id_email == 1


def test_connect_and_read_timeout_are_two():
    """timeout=(connect, read): the first does not shorten the second."""
    with ScriptedServer((Request(), Answer(delay=0.4))) as server:
        with client_of(server, timeout=(0.2, 9.0), deadline=20.0) as client:
            assert client.bounces(1)[0].id_email == 1


# --- sending ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def narrow(monkeypatch):
    """(server, md5): buffers on the way are small and the request is long, so that it cannot be sent unread. (A long
    md5: nothing else in a request can be long.)"""
    connect = socket.socket.connect

    def narrow_connect(sock, address):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        connect(sock, address)

    with ScriptedServer() as server:
        server._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)  # those of its connections are as small
        monkeypatch.setattr(socket.socket, "connect", narrow_connect)
        yield server, MD5 * (1 << 13)


@pytest.mark.parametrize(
    "options", [dict(timeout=0.3, deadline=None), dict(timeout=9.0, deadline=0.3)], ids=["read", "deadline"]
)
def test_server_that_does_not_read(narrow, options):
    """A request that does not fit the buffers on the way, to a server that never reads, ends in time."""
    server, md5 = narrow
    server.play((Stall(),))
    error = fails(
        MailkitClient(1, md5, url=server.url, retry=None, proxy="", **options),
        (RequestTimeoutError, DeadlineExceededError),
    )
    assert isinstance(error, DeadlineExceededError) == (options["deadline"] is not None)
    assert options["deadline"] or error.phase == "sending"


def test_server_that_reads_in_drops(narrow):
    """The same to a server that takes a little now and then: each send moves, only the deadline ends it."""

    class Sip:
        def run(self, talk):
            while not talk.server.stopping.wait(0.05):
                if not talk.raw.recv(512):
                    return

    server, md5 = narrow
    server.play((Sip(),))
    client = MailkitClient(1, md5, url=server.url, retry=None, proxy="", timeout=9.0, deadline=0.5)
    fails(client, DeadlineExceededError, 0.5)


# --- connecting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "steps", [(Stall(),), (Drip(b"\x16\x03\x03\x01\x00" + b"\2" * 400, 0.1),)], ids=["silent", "dripping"]
)
@pytest.mark.parametrize(
    "options", [dict(timeout=(0.4, 30.0), deadline=None), dict(timeout=30.0, deadline=0.4)], ids=["connect", "deadline"]
)
def test_stalled_tls_handshake(steps, options):
    """A server that accepts and never finishes the handshake is left after the connect time-out, or the deadline."""
    with ScriptedServer(steps) as server:
        client = MailkitClient(1, MD5, url=server.url.replace("http", "https"), retry=None, proxy="", **options)
        error = fails(client, (RequestTimeoutError, DeadlineExceededError))
        assert isinstance(error, DeadlineExceededError) == (options["deadline"] is not None)
        assert options["deadline"] or error.phase == "the TLS handshake"
        assert server.requests == []


@pytest.fixture
def dead_port():
    """A port on loopback that answers no connection attempt: its queue of waiting connections is full."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        waiting = []
        for _ in range(8):
            sock = socket.socket()
            waiting.append(sock)
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        time.sleep(0.05)
        probe = socket.socket()
        waiting.append(probe)
        probe.settimeout(0.2)
        try:
            probe.connect(listener.getsockname())
            pytest.skip("this system answers although the queue is full")
        except socket.timeout:
            yield listener.getsockname()[1]
        finally:
            for sock in waiting:
                sock.close()


def resolved_to(monkeypatch, *addresses):
    """Make every name stand for *addresses*."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


@pytest.mark.parametrize(
    "options", [dict(timeout=(0.4, 30.0), deadline=None), dict(timeout=30.0, deadline=0.4)], ids=["connect", "deadline"]
)
def test_dead_addresses_share_the_time(monkeypatch, dead_port, options):
    """Five addresses that do not answer take no longer than one (in the stdlib each takes the whole time-out,
    gh-106283)."""
    resolved_to(monkeypatch, *[(LOOPBACK, dead_port)] * 5)
    client = MailkitClient(1, MD5, url="http://localhost:9/", retry=None, proxy="", **options)
    started = time.monotonic()
    error = fails(client, (RequestTimeoutError, DeadlineExceededError))
    assert isinstance(error, DeadlineExceededError) == (options["deadline"] is not None)
    assert time.monotonic() - started < 1.6  # five times 0.4 would be 2.0
    assert options["deadline"] or (error.phase, error.seconds) == ("connecting", 0.4)


def test_dead_address_leaves_time_for_a_good_one(monkeypatch, dead_port):
    """A dead first address does not use up what the second needs."""
    with ScriptedServer() as server:
        resolved_to(monkeypatch, (LOOPBACK, dead_port), (LOOPBACK, server.port))
        with MailkitClient(1, MD5, url="http://localhost:9/", timeout=(2.0, 9.0), retry=None, proxy="") as client:
            assert client.bounces(1)[0].id_email == 1


def test_refusing_address_does_not_hide_a_good_one(monkeypatch):
    """The addresses of a name are tried one after the other, as IPv6 before IPv4 of a server that listens on one
    only."""
    with ScriptedServer(listening=False) as dead, ScriptedServer() as server:
        resolved_to(monkeypatch, (LOOPBACK, dead.port), (LOOPBACK, server.port))
        with MailkitClient(1, MD5, url="http://localhost:9/", retry=None, proxy="") as client:
            assert client.bounces(1)[0].id_email == 1


@pytest.mark.parametrize(
    "problem", [socket.gaierror(-2, "Name or service not known"), socket.gaierror(-3, "Temporary failure")]
)
def test_name_that_cannot_be_looked_up(monkeypatch, problem):
    """No DNS is a ConnectError that names the host, tried again."""
    monkeypatch.setattr(socket, "getaddrinfo", raising(problem, "socket"))
    with MailkitClient(1, MD5, url="https://api.example/", retry=Retry(2, base=0), proxy="") as client:
        with pytest.raises(ConnectError, match="api.example cannot be looked up") as caught:
            client.bounces(1)
    assert caught.value.attempts == 2


def test_slow_look_up_of_an_address_is_noticed_afterwards(monkeypatch):
    """An address that is a number is read at once, not in a thread; a deadline that passed meanwhile is not extended
    by it."""
    look_up = socket.getaddrinfo

    def slow(*args, **kwargs):
        time.sleep(0.5)
        return look_up(*args, **kwargs)

    with ScriptedServer() as server:
        monkeypatch.setattr(socket, "getaddrinfo", slow)
        fails(client_of(server, deadline=0.3), DeadlineExceededError, 0.5)
        assert server.requests == []


# --- decoding ---------------------------------------------------------------------------------------------------------


def test_cpu_in_the_parser_counts(monkeypatch):
    """Time that decoding takes counts: here every piece seems to take a minute."""
    from mailkit_xmlrpc.protocol.xmlrpc.report import ReportReader

    now = [0.0]
    feed = ReportReader.feed

    def slow(self, data):
        now[0] += 60.0
        return feed(self, data)

    monkeypatch.setattr(ReportReader, "feed", slow)
    with ScriptedServer((Request(), http(report(1, rows=3000)))) as server:
        with client_of(server, deadline=100.0, retry=Retry(3, clock=lambda: now[0])) as client:
            rows = client.iter_bounces(1)
            seen = 0
            with pytest.raises(DeadlineExceededError) as caught:
                for _ in rows:
                    seen += 1
            assert 0 < seen < 3000
            assert caught.value.attempts == 1  # it was sent, once
            with pytest.raises(DeadlineExceededError):  # and a second look does not make it a finished report
                next(rows)


def test_bomb_cannot_outrun_the_deadline():
    """Decompressing is CPU too: a bomb within the byte limit ends with the deadline."""
    import gzip

    bomb = gzip.compress(b" " * (64 << 20), 1) * 8
    with ScriptedServer((Request(), http(bomb, "Content-Encoding: gzip"))) as server:
        fails(client_of(server, deadline=0.2), DeadlineExceededError, 0.2)


def test_consumers_own_time_does_not_count():
    """Whoever takes an hour for a row still gets the next one; time between two rows is not the call's."""
    now = [0.0]
    with ScriptedServer((Request(), http(report(1, rows=3000)))) as server:
        with client_of(server, deadline=100.0, retry=Retry(3, clock=lambda: now[0])) as client:
            seen = 0
            for _ in client.iter_bounces(1):
                seen += 1
                now[0] += 3600.0
    assert seen == 3000


def test_hosts_default_timeout_is_not_ours():
    """socket.setdefaulttimeout of the host process neither shortens a call nor is changed by one."""
    socket.setdefaulttimeout(0.05)
    try:
        with ScriptedServer((Request(), Answer(delay=0.3))) as server:
            with client_of(server, deadline=20.0) as client:
                assert client.bounces(1)[0].id_email == 1
        assert socket.getdefaulttimeout() == 0.05
    finally:
        socket.setdefaulttimeout(None)


def test_timeout_errors_are_timeouts():
    """Both are TimeoutError for whoever catches that, and OSError as those of socket are."""
    for kind in (RequestTimeoutError, DeadlineExceededError):
        assert issubclass(kind, TimeoutError)
