"""Where the process has few descriptors, or gevent in the place of its threads: slower, and as right."""

import importlib.util
import os
import subprocess
import sys
import time

import pytest

from mailkit_xmlrpc.cli.saved import read_rows
from tests.support.answering_server import AnsweringServer, row

#: so many descriptors, calls and workers; then so many files are opened
FEW = """
import os, resource, sys
from mailkit_xmlrpc import MailkitClient

limit, calls, workers, files = map(int, sys.argv[2:])
with MailkitClient(1, "0" * 32, url=sys.argv[1], protocol="json", proxy="", timeout=60.0, retry=None) as client:
    client.bounces(1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    outcomes = list(client.iter_many(range(1, calls + 1), max_workers=workers))
    assert sorted(outcome.id_send for outcome in outcomes) == list(range(1, calls + 1))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    assert client.bounces(2)[0].id_email == 2
    # Its idle connections leave descriptors to the rest of the process.
    opened = [open(os.devnull) for _ in range(files)]
"""

FEW_FOR_A_DATABASE = """
import resource, sys
from mailkit_xmlrpc.cli import main

resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[3]),) * 2)
ids = list(map(str, range(1, 61)))
sys.exit(main(["fetch", "--url", sys.argv[1], "--protocol", "json", "--jobs", "40", "-O", sys.argv[2]] + ids))
"""

GEVENT = """
from gevent import monkey
monkey.patch_all()
import sys, time, socket, threading
import gevent
from mailkit_xmlrpc import ConnectError, MailkitClient, RequestTimeoutError

def client_of(url, **options):
    options = dict(dict(protocol="json", proxy="", timeout=60.0, retry=None), **options)
    return MailkitClient(1, "0" * 32, url=url, **options)

with client_of(sys.argv[1]) as client:
    ticks = []
    def tick():
        while True:
            ticks.append(None)
            gevent.sleep(0.01)
    ticking = gevent.spawn(tick)
    # A call lets the others run, and so does waiting for outcomes.
    assert client.bounces(1)[0].id_email == 1
    outcomes = list(client.iter_many(range(1, 31), max_workers=8))
    assert sorted(outcome.id_send for outcome in outcomes) == list(range(1, 31))
    assert [outcome.error for outcome in outcomes if outcome.error] == []
    jobs = [gevent.spawn(client.bounces, number) for number in range(1, 101)]
    gevent.joinall(jobs, raise_error=True)
    assert [job.value[0].id_email for job in jobs] == list(range(1, 101))
    # A time limit of gevent's is the caller's own.
    with gevent.Timeout(0.2) as limit:
        try:
            client.bounces(1000)
        except gevent.Timeout as error:
            assert error is limit
        else:
            raise AssertionError
    # A resolver that hangs holds a call no longer than told.
    with client_of("https://localhost:1/") as refused:
        try:
            refused.bounces(1)
        except ConnectError as error:
            assert str(error).startswith("cannot connect to localhost:1"), error
        else:
            raise AssertionError
    def getaddrinfo(host, *args):
        if host == "api.example" and not args[-1]:
            gevent.sleep(600)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    # As if it were the system's own.
    socket.getaddrinfo = type(getaddrinfo)(getaddrinfo.__code__, dict(globals(), __name__="socket"))
    started, before = time.monotonic(), len(ticks)
    with client_of("https://api.example/", timeout=0.5) as slow:
        jobs = [gevent.spawn(slow.bounces, number) for number in range(1, 101)]
        gevent.joinall(jobs)
    assert {type(job.exception) for job in jobs} == {RequestTimeoutError}, jobs[0].exception
    assert time.monotonic() - started < 20
    assert len(ticks) > before
"""


def run(script, *args, **options):
    """Run *script* in a Python of its own."""
    subprocess.run([sys.executable, "-c", script] + list(args), check=True, timeout=120, **options)


def slow_row(id_send):
    """A report that takes so long that all calls are under way at once."""
    time.sleep(0.3)
    return row(id_send)


limited = pytest.mark.skipif(importlib.util.find_spec("resource") is None, reason="this system has no such limits")


@limited
def test_few_descriptors():
    """With sixteen descriptors forty calls at once become fewer, and none of them fails."""
    with AnsweringServer(slow_row) as server:
        run(FEW, server.url, "16", "60", "40", "5")


@limited
def test_few_descriptors_for_large_reports():
    """Where no descriptor is left for the temporary file of an answer, it waits in memory for one."""
    with AnsweringServer(lambda id_send: slow_row(id_send) + b" " * (6 << 20)) as server:
        run(FEW, server.url, "12", "12", "12", "0")


@limited
@pytest.mark.parametrize("limit", ["16", "44"])
def test_few_descriptors_for_a_database(tmp_path, limit):
    """The database is written whether the calls had too few descriptors or left few: the connections are closed."""
    with AnsweringServer(slow_row) as server:
        env = dict(os.environ, MAILKIT_CLIENT_ID="1", MAILKIT_CLIENT_MD5="0" * 32)
        run(FEW_FOR_A_DATABASE, server.url, str(tmp_path / "few.db"), limit, env=env)
    assert len(list(read_rows(str(tmp_path / "few.db")))) == 60


@pytest.mark.skipif(importlib.util.find_spec("gevent") is None, reason="needs gevent")
def test_gevent():
    """Where gevent has put its own in the place of threads and sockets, calls run side by side and keep their time."""

    def answer(id_send):
        if id_send == 1000:
            time.sleep(1)
        return row(id_send)

    with AnsweringServer(answer) as server:
        run(GEVENT, server.url)
