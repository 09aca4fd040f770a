"""How clients and their iterators end: closed, dropped or failed, they leave no socket, no file and no cycle behind."""

import copy
import gc
import socket
import struct
import tempfile
import threading
import warnings

import pytest

from mailkit_xmlrpc import (
    ApiError,
    ConnectError,
    LocalError,
    MailkitClient,
    MailkitError,
    MalformedResponseError,
    Retry,
)
from tests.support.account import MD5

MIB = "x" * (1 << 20)


@pytest.fixture
def files(monkeypatch):
    """Every temporary file that was made since the test began."""
    made = []
    original = tempfile.TemporaryFile

    def recorded(*args, **kwargs):
        made.append(original(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", recorded)
    return made


def is_open(sock):
    return sock.fileno() != -1


def large(answering, **options):
    """A client whose report of 6 rows has 6 MiB: more than is kept in memory."""
    return answering.rows(*[{"EMAIL": "{}@example.com".format(n), "REASON": MIB} for n in range(6)], **options)


# --- closed, dropped -------------------------------------------------------------------------------------------------


def test_context_manager(mailkit, sockets):
    """with gives the client itself, and closes it at the end."""
    client = MailkitClient(1234567, MD5, url=mailkit.url)
    with client as entered:
        assert entered is client
        client.bounces(123456)
        assert is_open(sockets[0])
    assert not is_open(sockets[0])


def test_context_manager_lets_errors_pass(mailkit):
    """What goes wrong inside a with block is not swallowed."""
    with pytest.raises(ZeroDivisionError):
        with MailkitClient(1234567, MD5, url=mailkit.url):
            1 / 0


def test_connection_is_used_again(mailkit, sockets):
    """Calls one after another, refused ones too, go over one connection."""
    with MailkitClient(1234567, MD5, url=mailkit.url) as client:
        for _ in range(3):
            assert len(client.bounces(123456)) == 3
            with pytest.raises(ApiError):
                client.bounces(99)
    assert len(sockets) == 1


def test_no_connection_before_the_first_call(sockets):
    """Making, printing, copying and closing a client touches no network."""
    with MailkitClient(1234567, MD5) as client:
        repr(copy.deepcopy(client))
    client.close()
    assert sockets == []


def test_closed_client_can_be_used_again(mailkit, sockets):
    """close() is no end: a later call opens a new connection; closing twice is fine."""
    client = MailkitClient(1234567, MD5, url=mailkit.url)
    client.close()
    for _ in range(2):
        assert len(client.bounces(123456)) == 3
        client.close()
        client.close()
    assert [is_open(sock) for sock in sockets] == [False, False]


def test_dropped_client_frees_its_sockets_quietly(mailkit, sockets):
    """A client dropped unclosed closes its connections at once, without the garbage collector or a ResourceWarning."""
    gc.disable()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            client = MailkitClient(1234567, MD5, url=mailkit.url)
            client.bounces(123456)
            assert is_open(sockets[0])
            del client
            assert not is_open(sockets[0])
            sockets.clear()
            gc.collect()
    finally:
        gc.enable()
    assert [str(warning.message) for warning in caught if "127.0.0.1" in str(warning.message)] == []


def test_one_client_in_many_threads(mailkit):
    """Threads that share a client each get their own answer."""
    results = []
    with MailkitClient(1234567, MD5, url=mailkit.url) as client:

        def work(id_send):
            for _ in range(5):
                results.append((id_send, len(client.bounces(id_send))))

        threads = [threading.Thread(target=work, args=(id_send,)) for id_send in (123456, 123457) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert sorted(results) == [(123456, 3)] * 20 + [(123457, 0)] * 20


# --- iter_bounces: nothing is left behind ----------------------------------------------------------------------------


def test_large_report_goes_through_a_file(answering, files, sockets):
    """A report larger than memory allows is read from a temporary file, which is closed with the last row."""
    rows = large(answering).iter_bounces(1)
    assert len(files) == 1 and not files[0].closed
    assert not any(map(is_open, sockets))  # nobody keeps a connection for as long as a consumer may take
    assert [row.email[0] for row in rows] == list("012345")
    assert files[0].closed


@pytest.mark.parametrize("seen", [0, 1, 5])
def test_iterator_closed_early_leaves_nothing(answering, files, sockets, seen):
    """close() after any number of rows frees the file; closing twice is fine, and what follows is not an end."""
    rows = large(answering).iter_bounces(1)
    for _ in range(seen):
        next(rows)
    rows.close()
    rows.close()
    assert [file.closed for file in files] == [True]
    assert not any(map(is_open, sockets))
    for _ in range(2):
        with pytest.raises(LocalError, match="closed before its end"):
            list(rows)


def test_iterator_in_a_with_block_leaves_nothing(answering, files):
    """The with statement closes it, also when its block is left by an error."""
    with pytest.raises(ZeroDivisionError):
        with large(answering).iter_bounces(1) as rows:
            next(rows)
            1 / 0
    assert [file.closed for file in files] == [True]


@pytest.mark.parametrize("seen", [0, 1])
def test_iterator_dropped_leaves_nothing(answering, files, sockets, seen):
    """Dropped half-way or before it was started, it frees its file at once, without the garbage collector."""
    client = large(answering)
    gc.disable()
    try:
        rows = client.iter_bounces(1)
        for _ in range(seen):
            next(rows)
        del rows
        assert [file.closed for file in files] == [True]
        assert not any(map(is_open, sockets))
    finally:
        gc.enable()


def test_iterator_survives_the_client(answering, files):
    """Neither close() nor the end of the client disturbs an iterator that was handed out."""
    client = large(answering)
    rows = client.iter_bounces(1)
    other = client.iter_bounces(1)
    client.close()
    answering.clients.clear()
    del client
    assert len(list(rows)) == len(list(other)) == 6
    assert [file.closed for file in files] == [True, True]


def test_iterators_side_by_side(answering):
    """Several iterators of one client do not see each other, and the client may call meanwhile."""
    client = answering.rows(*[{"EMAIL": "{}@example.com".format(n)} for n in range(4)])
    first, second = client.iter_bounces(1), client.iter_bounces(2)
    pairs = [(a.email, b.email, a.id_send, b.id_send) for a, b in zip(first, second)]
    assert pairs == [("{}@example.com".format(n), "{}@example.com".format(n), 1, 2) for n in range(4)]
    assert len(client.bounces(3)) == 4


def _garbage(step):
    """What of ours only the garbage collector could free after *step*: a list of types."""
    step()  # the first time imports and caches
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        step()
        gc.collect()
        ours = ("mailkit_xmlrpc", "defusedxml", "pyexpat", "xmlrpc", "ssl", "socket")
        found = [thing for thing in gc.garbage if _module(thing).startswith(ours)]
        found = [(type(thing).__name__, str(getattr(thing, "__qualname__", ""))) for thing in found]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    return found


def _module(thing):
    return str(getattr(thing, "__module__", None) or type(thing).__module__)


def _take(rows, number):
    for _ in range(number):
        next(rows)
    return rows


@pytest.mark.parametrize(
    "use",
    [
        lambda client: client.bounces(1),
        lambda client: list(client.iter_bounces(1)),
        lambda client: client.iter_bounces(1),
        lambda client: _take(client.iter_bounces(1), 1),
        lambda client: _take(client.iter_bounces(1), 1).close(),
        lambda client: client.iter_bounces(1).close(),
    ],
    ids=["list", "whole", "never started", "half-way", "closed", "closed unstarted"],
)
@pytest.mark.parametrize("size", [1, 6])
def test_report_leaves_no_cycle(answering, use, size):
    """However an iterator ends, the garbage collector finds nothing of it: a process without one does not grow."""
    client = large(answering) if size == 6 else answering.rows({"EMAIL": "a@example.com"})
    assert _garbage(lambda: use(client)) == []


@pytest.mark.parametrize(
    "body, status",
    [
        (b"<methodResponse><params><param><value>Unauthorized</value></param></params></methodResponse>", 200),
        (b"<methodResponse><params><param><value><int>1</int></value></param></params></methodResponse>", 200),
        (b"<!DOCTYPE x><x/>", 200),
        (b"<p>", 200),
        (b"", 200),
        (b"", 503),
        (b"<p>Bad gateway</b>", 503),
        (b"<methodResponse><fault><value/></fault></methodResponse>", 500),
    ],
    ids=["refused", "shape", "unsafe", "malformed", "empty", "status", "status with HTML", "fault"],
)
def test_failed_call_leaves_no_cycle(answering, body, status):
    """A failing call, its retries included, leaves nothing for the garbage collector either."""
    client = answering(body, status=status, retry=Retry(3, base=0))

    def call():
        try:
            client.bounces(1)
        except MailkitError:
            pass

    assert _garbage(call) == []


def test_failed_connection_leaves_no_cycle():
    """Tries that found nobody leave nothing for the garbage collector."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))  # bound but not listening: refused, and nobody else gets the port
        url = "http://127.0.0.1:{}/".format(sock.getsockname()[1])
        client = MailkitClient(1234567, MD5, url=url, retry=Retry(3, base=0))

        def call():
            try:
                client.bounces(1)
            except ConnectError:
                pass

        assert _garbage(call) == []


def test_failed_proxy_leaves_no_cycle():
    """A proxy that resets the connection leaves nothing for the garbage collector: its login would be in there."""
    with socket.socket() as proxy:
        proxy.bind(("127.0.0.1", 0))
        proxy.listen(4)

        def reset():
            for _ in range(2):  # _garbage makes the call twice
                connection = proxy.accept()[0]
                connection.recv(1000)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()

        thread = threading.Thread(target=reset, daemon=True)
        thread.start()
        address = "http://user:pass@127.0.0.1:{}".format(proxy.getsockname()[1])
        client = MailkitClient(1234567, MD5, url="https://api.example/", proxy=address, retry=None, timeout=10)

        def call():
            try:
                client.bounces(1)
            except ConnectError:
                pass

        assert _garbage(call) == []
        thread.join(10)


def test_failed_iteration_leaves_no_cycle(answering, files):
    """An error half-way leaves neither the file nor a cycle."""
    row = "<value><struct><member><name>EMAIL</name><value>a@example.com</value></member></struct></value>"
    start = "<methodResponse><params><param><value><array><data>" + row
    client = answering((start + " " * (5 << 20) + "<x></methodResponse>").encode("ascii"))

    def call():
        rows = client.iter_bounces(1)
        next(rows)
        try:
            next(rows)
        except MalformedResponseError:
            pass

    assert _garbage(call) == []
    assert [file.closed for file in files] == [True, True]


def test_client_dropped_in_a_cycle_leaves_no_warning(mailkit):
    """Nor does one that the collector finds in a cycle, where finalizers run in any order: warnings are errors here."""
    gc.collect()
    for _ in range(10):
        client = MailkitClient(mailkit.client_id, mailkit.client_md5, url=mailkit.url)
        client.bounces(123456)
        client.itself = client
    del client
    gc.collect()
