"""Connections: kept while they are good, noticed when they are not, dropped after anything but an understood answer;
and never a second request behind the caller's back."""

import copy
import gc
import pickle
import socket
import threading
import time

import pytest

from mailkit_xmlrpc import (
    ApiError,
    FaultError,
    IncompleteResponseError,
    MailkitClient,
    MailkitError,
    MalformedResponseError,
    Retry,
    UnauthorizedError,
    UnexpectedShapeError,
)
from mailkit_xmlrpc.transport import connect as _connect
from mailkit_xmlrpc.transport import connection as _connection
from mailkit_xmlrpc.transport import exchange as _transport
from mailkit_xmlrpc.transport import limits as _limits
from tests.support.account import MD5
from tests.support.observing import asked_again, is_own
from tests.support.scripted_server import (
    LOOPBACK,
    Answer,
    Close,
    Pause,
    Request,
    Reset,
    ScriptedServer,
    chunk,
    fault,
    http,
    report,
    value,
)


@pytest.fixture
def server():
    """A scripted server; answers like Mailkit until told otherwise."""
    with ScriptedServer() as running:
        yield running


@pytest.fixture
def client(server):
    """A client of it, with one try."""
    with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as made:
        yield made


def own(client, id_send):
    """The client gets its own answer for *id_send*."""
    assert is_own(client.bounces(id_send), id_send)


# --- reuse ------------------------------------------------------------------------------------------------------------


def test_connection_is_kept_for_the_next_call(server, client):
    """Three calls, one connection."""
    for id_send in (1, 2, 3):
        own(client, id_send)
    assert (server.connections, server.ids) == (1, [1, 2, 3])


def test_connection_is_kept_with_chunks(server, client):
    """The end of a chunked answer is known, so its connection is kept as well."""
    for id_send in (1, 2):
        server.play(
            (Request(), http(b"", "Transfer-Encoding: chunked", length=None) + chunk(report(id_send)) + b"0\r\n\r\n")
        )
        own(client, id_send)
    assert server.connections == 1


def test_connection_is_kept_after_a_refusal(server, client):
    """Mailkit's no is an answer that was understood."""
    server.play_once((Request(), http(value("Unauthorized"))), (Request(), http(fault())))
    with pytest.raises(UnauthorizedError):
        client.bounces(1)
    with pytest.raises(FaultError):
        client.bounces(2)
    own(client, 3)
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer, error",
    [
        (http(b"<x/>"), MalformedResponseError),
        (http(value("<int>5</int>")), UnexpectedShapeError),
        (http(report(1)[:-5]), IncompleteResponseError),
        (http(report(1).replace(b"</data>", b"</dada>")), MalformedResponseError),
        (http(report(1), status="404 Not Found"), MailkitError),
        (http(fault(), status="500 Error"), FaultError),
        (http(value("no"), "Connection: close"), ApiError),
        (b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(value("no")), value("no")), ApiError),
    ],
    ids=["not-xml-rpc", "shape", "cut", "malformed", "status", "fault-at-500", "says-close", "http-1.0"],
)
def test_connection_is_dropped_after(server, client, answer, error):
    """What was not understood, or the server will not go on with, is not used again."""
    server.play_once((Request(), answer))
    with pytest.raises(error):
        client.bounces(1)
    own(client, 2)
    assert (server.connections, server.ids) == (2, [1, 2])


def test_large_answer_does_not_hold_its_connection(server, client):
    """While the rows of a large report are taken, its connection is not kept from others, nor their answers from it."""
    rows = 3000
    server.play_once((Request(), http(report(1, rows))))
    iterator = client.iter_bounces(1)
    assert next(iterator).id_email == 1
    own(client, 2)
    assert sum(1 for row in iterator if row.id_email == 1) == rows - 1
    own(client, 3)


# --- idle connections -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [Close(), Reset()], ids=["closed", "reset"])
def test_stale_connection_is_noticed_before_it_is_used(server, client, end):
    """The server ended the idle connection: the next call opens a new one, is sent once, and does not fail."""
    server.play_once((Request(), Answer(), end))
    own(client, 1)
    time.sleep(0.2)
    own(client, 2)
    assert (server.connections, server.ids) == (2, [1, 2])


@pytest.mark.parametrize(
    "surplus", [b"\n", b"HTTP/1.1 408 Request Timeout\r\n\r\n", http(report(666))], ids=["byte", "408", "answer"]
)
@pytest.mark.parametrize("late", [False, True], ids=["same-packet", "later-packet"])
def test_surplus_is_never_the_next_answer(server, client, surplus, late):
    """Bytes behind an answer, in its packet or later, are not taken for the answer to the next call."""
    answer = http(report(1))
    server.play_once((Request(), answer, Pause(0.05), surplus) if late else (Request(), answer + surplus))
    own(client, 1)
    time.sleep(0.2)
    own(client, 2)
    assert (server.connections, server.ids) == (2, [1, 2])


def test_connection_idle_for_long_is_not_used(server, client, monkeypatch):
    """After MAX_IDLE_SECONDS it is not trusted: a server may be about to close it."""
    own(client, 1)
    monkeypatch.setattr(_connection, "MAX_IDLE_SECONDS", -1)
    own(client, 2)
    monkeypatch.setattr(_connection, "MAX_IDLE_SECONDS", 60.0)
    own(client, 3)
    assert server.connections == 2
    assert _limits.MAX_IDLE_SECONDS < 5  # Apache's KeepAliveTimeout


def test_idle_connection_with_a_large_descriptor():
    """select() cannot watch descriptors from 1024 on; a process with many files open still notices a stale
    connection."""
    resource = pytest.importorskip("resource", reason="there is no limit of descriptors to raise here")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip("the system allows no more than {} descriptors".format(hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    opened = []
    try:
        while not opened or opened[-1].fileno() < 1024:
            opened.extend(socket.socketpair())
        connection = _connection.Connection(opened[-1], 1.0)
        assert connection.is_reusable()
        opened[-2].close()
        assert not connection.is_reusable()
    finally:
        for sock in opened:
            sock.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def burst(server, client, count):
    """So many calls at once, each over a connection of its own."""
    server.play((Request(), Answer(delay=0.3)))
    threads = [threading.Thread(target=own, args=(client, number)) for number in range(1, count + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


def test_pool_keeps_a_few(server, client, monkeypatch):
    """No more than MAX_IDLE connections stay open however many calls were made at once."""
    monkeypatch.setattr(_connect, "MAX_IDLE", 8)
    burst(server, client, 12)
    assert server.connections == 12
    assert len(client._pool._idle) == 8


def test_idle_connections_do_not_pile_up(server, client):
    """Those of a burst of calls are closed by a later call, although that one only uses the last."""
    burst(server, client, 5)
    idle = list(client._pool._idle)
    assert len(idle) == 5
    for connection in idle[:-1]:
        connection._used -= _limits.MAX_IDLE_SECONDS
    own(client, 7)
    assert list(client._pool._idle) == idle[-1:]
    assert server.connections == 5


def test_close_closes_idle_connections_and_no_more(server, client):
    """close() is not the end: iterators go on, and a later call opens a new connection."""
    server.play_once((Request(), http(report(1, 3000))))
    iterator = client.iter_bounces(1)
    own(client, 2)
    client.close()
    client.close()
    assert sum(1 for _ in iterator) == 3000
    own(client, 3)
    assert server.connections == 3


def test_close_during_a_call(server, client):
    """A call under way in another thread ends well, and leaves no connection behind."""
    server.play((Request(), Answer(delay=0.3)))
    rows = []
    thread = threading.Thread(target=lambda: rows.extend(client.bounces(7)))
    thread.start()
    time.sleep(0.15)
    client.close()
    thread.join(20)
    assert is_own(rows, 7)
    assert "_pool" not in vars(client)


def test_client_dropped_unclosed_warns_nothing(server):
    """Sockets of a client that nobody closed are freed without a ResourceWarning (warnings are errors here)."""
    client = MailkitClient(1234567, MD5, url=server.url, proxy="")
    server.play_once((Request(), http(report(1, 3000))))
    iterator = client.iter_bounces(1)
    own(client, 2)
    del client, iterator
    gc.collect()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda client: pickle.loads(pickle.dumps(client))])
def test_copies_have_connections_of_their_own(server, client, copied):
    """A copied or unpickled client works and shares no connection with the first."""
    own(client, 1)
    with copied(client) as other:
        own(other, 2)
        own(client, 3)
    own(client, 4)
    assert (server.connections, server.ids) == (2, [1, 2, 3, 4])


# --- no hidden second POST --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        (Request(), Close()),
        (Request(), Reset()),
        (Request(), http(report(1))[:-20], Close()),
        (Request(), http(report(1))[:-20], Reset()),
    ],
    ids=["closed", "reset", "closed-in-body", "reset-in-body"],
)
@pytest.mark.parametrize("fresh", [True, False], ids=["fresh", "kept"])
def test_no_hidden_second_post(server, client, script, fresh):
    """A connection that breaks under a request is one try: the stdlib's Transport would silently send it again."""
    if not fresh:
        own(client, 1)
    server.play_once(script)
    with pytest.raises(IncompleteResponseError) as caught:
        client.bounces(2)
    assert server.ids == ([2] if fresh else [1, 2])
    assert caught.value.attempts == 1
    own(client, 3)


def test_second_post_is_seen_when_asked_for(server):
    """With Retry the server sees exactly as many requests as .attempts says."""
    server.play((Request(), Close()))
    with MailkitClient(1234567, MD5, url=server.url, retry=Retry(4, base=0), proxy="") as client:
        with pytest.raises(IncompleteResponseError) as caught:
            client.bounces(5)
    assert caught.value.attempts == len(server.requests) == 4


# --- interruptions ----------------------------------------------------------------------------------------------------


class Cancelled(BaseException):
    """As gevent.Timeout or a greenlet's end: no Exception."""


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, Cancelled, MemoryError])
@pytest.mark.parametrize("where", ["send", "receive"])
def test_interrupted_call_drops_its_connection(server, client, monkeypatch, kind, where):
    """Whatever interrupts a call passes, and the answer that still comes is nobody else's."""
    own(client, 1)
    original = getattr(_connection.Connection, where)

    def interrupted(self, *args):
        original(self, *args)
        raise kind()

    monkeypatch.setattr(_connection.Connection, where, interrupted)
    with pytest.raises(kind):
        client.bounces(2)
    monkeypatch.undo()
    assert is_own(asked_again(client, 3), 3)
    assert server.connections == 2


def test_interrupted_decoding_drops_its_connection(server, client, monkeypatch):
    """The same while the answer is decoded, or in between."""
    from mailkit_xmlrpc.client import call as _call
    from mailkit_xmlrpc.protocol.xmlrpc import decoder as _decoder

    for owner, name in ((_decoder.Decoder, "feed"), (_call, "Rows")):

        def interrupted(*args, **kwargs):
            raise KeyboardInterrupt()

        with monkeypatch.context() as patch:
            patch.setattr(owner, name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                client.bounces(2)
        gc.collect()  # a socket left open would warn here
        own(client, 3)


def test_interrupted_iteration_is_not_a_finished_report(server, client, monkeypatch):
    """After an interrupt in the middle of the rows, the next next() does not say that they were all."""
    server.play_once((Request(), http(report(1, 3000))))
    iterator = client.iter_bounces(1)

    def interrupted(*args):
        raise KeyboardInterrupt()

    monkeypatch.setattr(iterator._reader, "feed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(iterator)
    for _ in range(2):
        with pytest.raises(MailkitError, match="interrupted"):
            next(iterator)
    own(client, 2)


# --- what goes over the wire ------------------------------------------------------------------------------------------


def test_request_is_what_the_vendor_documents(server, client):
    """The bytes of a whole request."""
    client.bounces(123456)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    assert lines[0] == "POST /rpc.fcgi HTTP/1.1"
    assert lines[1:] == [
        "Host: {}:{}".format(LOOPBACK, server.port),
        "User-Agent: " + _transport.USER_AGENT,
        "Content-Type: text/xml",
        "Accept-Encoding: gzip",
        "Content-Length: {}".format(len(body)),
    ]
    assert body.decode("ascii") == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<methodCall><methodName>mailkit.report.message.bounces</methodName>'
        "<params><param><value><int>1234567</int></value></param><param><value><string>{}</string></value></param>"
        "<param><value><i4>123456</i4></value></param></params></methodCall>\n"
    ).format(MD5)


def test_query_of_the_url_is_sent(server):
    """Path and query go out as given, on every Python (gh-87599)."""
    with MailkitClient(1234567, MD5, url=server.url + "/sub?key=1&x=a%20b", retry=None, proxy="") as client:
        client.bounces(1)
    assert server.requests[0].startswith(b"POST /rpc.fcgi/sub?key=1&x=a%20b HTTP/1.1\r\n")
