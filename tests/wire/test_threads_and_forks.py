"""One client in many threads and across fork(): everybody gets their own answer or a typed error, nobody a
neighbour's."""

import os
import pickle
import random
import signal
import threading
import time

import pytest

from mailkit_xmlrpc import MailkitClient, MailkitError, Retry
from tests.support.account import MD5
from tests.support.observing import is_own
from tests.support.scripted_server import (
    LOOPBACK,
    Answer,
    Close,
    Pause,
    Request,
    Reset,
    ScriptedServer,
    chunk,
    http,
    report,
    tls_contexts,
)

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no os.fork")


class Dice(Answer):
    """Answers well or badly, by chance; what it says of rows is always of the request that was asked."""

    def __init__(self, seed):
        super().__init__()
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def run(self, talk):
        with self._lock:
            throw = self._random.random()
        good = http(report(talk.id_send))
        if throw < 0.6:
            return talk.sock.sendall(good)
        if throw < 0.65:  # 503
            return talk.sock.sendall(http(b"<html>busy</html>", status="503 Busy"))
        if (
            throw < 0.75
        ):  # another's answer behind our own; in its packet, for what comes after the next request was sent
            return talk.sock.sendall(good + http(report(999999)))  # cannot be told from an answer by any client
        if throw < 0.8:  # in chunks
            head = http(b"", "Transfer-Encoding: chunked", length=None)
            return talk.sock.sendall(
                head + chunk(report(talk.id_send)[:99]) + chunk(report(talk.id_send)[99:]) + b"0\r\n\r\n"
            )
        if throw < 0.85:  # cut short
            talk.sock.sendall(good[:-50])
            return Close().run(talk)
        if throw < 0.9:
            talk.sock.sendall(good)
            return Close().run(talk)
        if throw < 0.95:
            talk.sock.sendall(good[:150])
            return Reset().run(talk)
        return talk.sock.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" + good)


THREADS, CALLS = 16, 200


def test_many_threads_on_one_client():
    """16 threads, 200 calls each, a server with random faults: own rows, or a MailkitError; and the tries are counted
    right."""
    with ScriptedServer((Request(), Dice(1))) as server:
        with MailkitClient(1234567, MD5, url=server.url, timeout=20.0, retry=Retry(2, base=0), proxy="") as client:
            own, errors, wrong = [], [], []

            def work(number):
                for call in range(CALLS):
                    id_send = number * 1000 + call + 1
                    try:
                        rows = client.bounces(id_send)
                    except MailkitError as error:
                        errors.append(error)
                    except BaseException as error:
                        wrong.append((id_send, error))
                        raise
                    else:
                        (own if is_own(rows, id_send) else wrong).append((id_send, rows))

            threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(120)
            assert not any(thread.is_alive() for thread in threads)
            assert wrong == []
            assert len(own) + len(errors) == THREADS * CALLS
            assert len(own) > 0.8 * THREADS * CALLS  # two tries at two thirds and more
            assert {error.attempts for error in errors} <= {2}
        sent = len(server.ids)
        assert len(own) + 2 * len(errors) <= sent <= 2 * THREADS * CALLS
        assert server.connections < sent  # good connections were used again


def test_first_call_from_many_threads_at_once():
    """Threads that all make the first call share one pool, and leave nothing behind."""
    with ScriptedServer((Request(), Answer(delay=0.05))) as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            together = threading.Barrier(8)
            failures = []

            def work(number):
                together.wait(20)
                if not is_own(client.bounces(number), number):
                    failures.append(number)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
            assert failures == []
            assert sorted(server.ids) == list(range(1, 9))


def test_no_lock_is_held_during_a_call():
    """A thread that waits for a slow answer keeps nobody else waiting."""
    with ScriptedServer() as server:
        server.play_once((Request(), Answer(delay=0.8)))
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            slow = threading.Thread(target=client.bounces, args=(1,))
            slow.start()
            while not server.ids:
                time.sleep(0.01)
            for id_send in range(2, 6):
                assert is_own(client.bounces(id_send), id_send)
            assert slow.is_alive()
            slow.join(20)


# --- fork -------------------------------------------------------------------------------------------------------------


def in_child(work):
    """Run *work* in a forked child; returns what it returned, or its exception as text."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:  # no pytest, no atexit, no finally of the parent's in here
        signal.alarm(30)
        try:
            try:
                result = work()
            except BaseException as error:
                result = repr(error)
            os.write(writing, pickle.dumps(result))
        finally:
            os._exit(0)
    os.close(writing)
    try:
        data = b""
        while True:
            piece = os.read(reading, 65536)
            if not piece:
                break
            data += piece
    finally:
        os.close(reading)
        os.waitpid(pid, 0)
    return pickle.loads(data)


ALONE = pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)  # the server's threads


@ALONE
@needs_fork
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_fork_with_a_live_connection(tls):
    """Both sides of a fork get their own answers; the child opens its own connection and writes nothing to the
    parent's, not even a TLS goodbye: the parent goes on with it."""
    server_context = client_context = None
    if tls:
        trustme = pytest.importorskip("trustme", reason="certificates need trustme")
        server_context, client_context = tls_contexts(trustme.CA())
    with ScriptedServer(context=server_context) as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="", ssl_context=client_context) as client:
            assert is_own(client.bounces(1), 1)

            def child():
                answers = [client.bounces(id_send)[0].id_email for id_send in (11, 12)]
                client.close()
                return answers

            assert in_child(child) == [11, 12]
            assert server.connections == 2
            assert is_own(client.bounces(2), 2)
            assert server.connections == 2  # the parent's own connection, unharmed
            assert server.ids == [1, 11, 12, 2]


@ALONE
@needs_fork
def test_fork_with_calls_on_both_sides_at_once():
    """A slow call of the child and calls of the parent do not meet."""
    with ScriptedServer((Request(), Answer(delay=0.05))) as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            assert is_own(client.bounces(1), 1)
            wrong = []

            def parent():
                for id_send in range(100, 110):
                    if not is_own(client.bounces(id_send), id_send):
                        wrong.append(id_send)

            thread = threading.Thread(target=parent)
            thread.start()
            assert in_child(lambda: [client.bounces(number)[0].id_email for number in range(200, 210)]) == list(
                range(200, 210)
            )
            thread.join(20)
            assert wrong == []


@ALONE
@needs_fork
def test_child_that_drops_the_client_harms_nobody():
    """A child that only lets go of the inherited client leaves the parent's connection as it is."""
    with ScriptedServer() as server:
        client = MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="")
        assert is_own(client.bounces(1), 1)

        def child():
            nonlocal client
            del client
            return "gone"

        assert in_child(child) == "gone"
        assert is_own(client.bounces(2), 2)
        assert server.connections == 1
        client.close()


@ALONE
@needs_fork
def test_fork_with_an_iterator_under_way():
    """Parent and child that inherited a half-read report both read all the rest of it, also from a temporary file."""
    rows = 30000  # some MB: in a file
    with ScriptedServer((Request(), http(report(1, rows)))) as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            iterator = client.iter_bounces(1)
            for _ in range(5000):
                next(iterator)
            assert iterator._response.spool._file is not None
            assert in_child(lambda: sum(1 for _ in iterator)) == rows - 5000
            assert sum(1 for _ in iterator) == rows - 5000


def test_connection_of_another_process_is_never_used(monkeypatch):
    """By the process id, so that it holds where there is no fork hook as well."""
    with ScriptedServer() as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            client.bounces(1)
            pid = os.getpid()
            with monkeypatch.context() as patch:
                patch.setattr(os, "getpid", lambda: pid + 1)
                client.bounces(2)
            assert server.connections == 2


@ALONE
@needs_fork
def test_worker_processes_started_by_fork():
    """multiprocessing with fork, as prefork servers do it: eight children of one client, each its own answers."""
    with ScriptedServer((Request(), Pause(0.01), Answer())) as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            client.bounces(1)
            results = [in_child(lambda: client.bounces(number)[0].id_email) for number in range(2, 10)]
            assert results == list(range(2, 10))
            assert server.url.startswith("http://" + LOOPBACK)
