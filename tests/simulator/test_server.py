"""The simulator over HTTP: large reports, requests that are refused, many connections, and its end."""

import gc
import http.client
import socket
import threading
import time
import warnings
import xmlrpc.client

import pytest

from mailkit_xmlrpc.simulator import Simulator, documented_rows
from tests.support.account import MD5
from tests.support.simulated import METHOD, ask, connect, exchange


class Rows:
    """A report made on the fly; *fail* raises in place of its last row."""

    def __init__(self, count, fail=False):
        self.count = count
        self.fail = fail

    def __iter__(self):
        for number in range(self.count):
            if self.fail and number == self.count - 1:
                raise ZeroDivisionError
            yield {"ID_EMAIL": number, "REASON": "x" * 1000}


def test_report_that_is_large_leaves_in_chunks():
    """A large answer has no Content-Length, arrives whole, and its connection serves the next call."""
    with Simulator(reports={5: Rows(2000)}) as simulator:
        connection = connect(simulator)
        for _ in range(2):
            status, headers, body = exchange(connection, xmlrpc.client.dumps((1234567, MD5, 5), METHOD))
            sock = connection.sock
            assert sock is not None
            assert (status, headers["Transfer-Encoding"], headers["Content-Length"]) == (200, "chunked", None)
            assert [row["ID_EMAIL"] for row in xmlrpc.client.loads(body)[0][0]] == list(range(2000))
        connection.close()


def test_report_that_is_large_to_a_client_of_http_1_0_ends_with_the_connection():
    """A client that knows no chunks gets none."""
    with Simulator(reports={5: Rows(2000)}) as simulator:
        body = xmlrpc.client.dumps((1234567, MD5, 5), METHOD).encode()
        with socket.create_connection(("127.0.0.1", int(simulator.url.split(":")[2].split("/")[0])), 10) as sock:
            sock.sendall(b"POST /rpc.fcgi HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            with sock.makefile("rb") as reader:
                head, _, body = reader.read().partition(b"\r\n\r\n")
    assert b"chunked" not in head and b"Connection: close" in head
    assert len(xmlrpc.client.loads(body)[0][0]) == 2000


@pytest.mark.parametrize("count, raised", [(1, None), (2000, http.client.IncompleteRead)])
def test_report_that_raises_never_looks_complete(count, raised):
    """A report that fails is a 500, or where rows have left already, an answer cut short."""
    with Simulator(reports={5: Rows(count, fail=True)}) as simulator:
        connection = connect(simulator)
        connection.request("POST", "/rpc.fcgi", xmlrpc.client.dumps((1234567, MD5, 5), METHOD))
        response = connection.getresponse()
        if raised is None:
            assert (response.status, response.reason) == (500, "Simulator: ZeroDivisionError")
        else:
            with pytest.raises(raised):
                response.read()
        response.close()
        connection.close()


def test_connection_is_kept_alive(simulator):
    """Two calls travel over one connection."""
    connection = connect(simulator)
    exchange(connection, "")
    sock = connection.sock
    exchange(connection, "")
    assert connection.sock is sock is not None
    connection.close()


@pytest.mark.parametrize(
    "path, headers, status",
    [
        ("/", {}, 404),
        ("/rpc.fcgi", {"Content-Length": "65537"}, 413),
        ("/rpc.fcgi", {"Content-Length": "-1"}, 411),
        ("/rpc.fcgi", {"Content-Length": "9" * 20}, 411),
    ],
)
def test_request_that_is_not_served_has_its_status(simulator, path, headers, status):
    """A wrong path, a body too large or of unknown length is refused by its HTTP status."""
    connection = connect(simulator)
    assert exchange(connection, "", path, **headers)[0] == status
    connection.close()


def test_request_at_the_size_limit_is_read(simulator):
    """65536 bytes are still read (and answered)."""
    connection = connect(simulator)
    assert exchange(connection, " " * 65536)[0] == 200
    connection.close()


def test_request_of_many_threads_is_answered(simulator):
    """Several clients are served at once, each with its own answer."""
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask(simulator, 1234567, MD5, 123456))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [documented_rows()] * 8


def test_stop_leaves_no_thread_and_no_socket(capfd):
    """Leaving the block ends every thread, closes idle connections, warns and prints nothing."""
    before = set(threading.enumerate())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with Simulator() as simulator:
            url = simulator.url
            idle, dropped = connect(simulator), connect(simulator)
            exchange(idle, "")
            dropped.connect()
            dropped.close()
        del simulator
        gc.collect()
    assert set(threading.enumerate()) == before
    assert [str(warning.message) for warning in caught] == []
    assert capfd.readouterr() == ("", "")
    with pytest.raises(OSError):
        exchange(idle, "")
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0])), 10)


def test_stop_does_not_wait_for_a_client_that_reads_nothing():
    """A client that stops reading in the middle of a large answer does not keep the simulator running."""
    with Simulator(reports={5: Rows(20000)}) as simulator:
        connection = connect(simulator)
        connection.request("POST", "/rpc.fcgi", xmlrpc.client.dumps((1234567, MD5, 5), METHOD))
        response = connection.getresponse()
    response.close()
    connection.close()


def test_no_more_threads(monkeypatch):
    """A connection for which the system has no thread is closed; the simulator can be stopped all the same."""

    def start(thread):
        raise RuntimeError("can't start new thread")

    with Simulator() as simulator:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", start)
            with socket.create_connection(("127.0.0.1", connect(simulator).port), timeout=10) as connection:
                assert connection.recv(1) == b""


def test_many_connections_at_once():
    """None of many clients that come together has to wait until the system tries again, which takes it a second."""
    took = []
    for _ in range(3):  # the machine may be busy
        with Simulator() as simulator:
            port = connect(simulator).port
            started = time.monotonic()
            silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(400)]
            took.append(time.monotonic() - started)
            for one in silent:
                one.close()
        if min(took) < 1:
            break
    assert min(took) < 1


def test_connections_are_bounded(monkeypatch):
    """Beyond so many at once the oldest one is lost, whatever the others say; those that are over do not count."""
    monkeypatch.setattr("mailkit_xmlrpc.simulator.server._MAX_CONNECTIONS", 3)
    with Simulator() as simulator:
        for _ in range(5):
            connect(simulator).close()
        port = connect(simulator).port
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
        for one in silent[:5]:
            one.settimeout(10)
            assert one.recv(1) == b""
        connection = connect(simulator)
        assert exchange(connection, b"")[0] == 200
        connection.close()
        silent[-1].settimeout(0.05)
        with pytest.raises(socket.timeout):
            silent[-1].recv(1)
        for one in silent:
            one.close()
