"""Many reports on an existing engine: Dask's executor over two worker processes, for real."""

import copyreg
import importlib.util
import os
import threading
import warnings

import pytest

from mailkit_xmlrpc import LocalError, MailkitClient, Retry, UnauthorizedError
from tests.support.account import MD5
from tests.support.answering_server import AnsweringServer, row

# Dask warns of its own affairs (a port in use, a slow event loop): none of ours.
pytestmark = [
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(
        importlib.util.find_spec("distributed") is None, reason="needs the extra dask, on a Python that it supports"
    ),
]


def answer(id_send):
    """A third of the calls fails."""
    return row(id_send) if id_send % 3 else (503, b"")


def plain(outcome):
    """What does not depend on where it was asked."""
    return outcome.id_send, outcome.bounces, str(outcome.error), type(outcome.error), outcome.attempts


@pytest.fixture(scope="module")
def dask():
    """A client of a cluster of two worker processes on loopback, on ports that the system chooses."""
    pickled_otherwise = dict(copyreg.dispatch_table)
    import distributed  # only here: it changes how every exception of the process is pickled

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None, host="127.0.0.1"
        )
        with cluster, distributed.Client(cluster) as client:
            yield client
    copyreg.dispatch_table.clear()
    copyreg.dispatch_table.update(pickled_otherwise)


def test_rows_equal_those_of_threads(dask):
    """Other processes ask, and every outcome is the one that a thread here gets."""
    pids = set(dask.run(os.getpid).values())
    assert len(pids) == 2 and os.getpid() not in pids
    asking = dask.run(threading.active_count)
    assert len(asking) == 2
    with AnsweringServer(answer) as server:
        with MailkitClient(1, MD5, protocol="json", url=server.url, retry=Retry(2, base=0), proxy="") as client:
            here = sorted(map(plain, client.iter_many(range(1, 61))), key=lambda each: each[0])
            asked, connections = len(server.asked), len(server.connections)
            with dask.get_executor() as executor:
                there = list(client.iter_many(range(1, 61), max_workers=8, executor=executor))
            assert len(server.asked) == 2 * asked
            assert len(server.connections) > connections  # not over ours
    assert sorted(map(plain, there), key=lambda each: each[0]) == here
    assert len([outcome for outcome in there if outcome.error is None]) == 40


def test_calls_run_in_the_workers(dask):
    """Nothing is asked from this process: here no socket may be opened."""

    def closed(*args):
        raise AssertionError("a socket of the caller's own")

    with AnsweringServer() as server:
        client = MailkitClient(1, MD5, protocol="json", url=server.url, proxy="")
        client._ask = closed
        with dask.get_executor() as executor:
            assert len(list(client.iter_many(range(1, 21), executor=executor))) == 20


def test_refusal_and_closing(dask):
    """A refusal ends it there as well, and an iterator that is closed early leaves nothing waiting."""
    with AnsweringServer(lambda id_send: b'{"error_status": 1, "error": "Unauthorized"}') as server:
        client = MailkitClient(1, MD5, protocol="json", url=server.url, proxy="")
        with dask.get_executor() as executor:
            with pytest.raises(UnauthorizedError):
                list(client.iter_many(range(1, 1000), executor=executor))
        assert len(server.asked) <= 4
    with AnsweringServer() as server:
        client = MailkitClient(1, MD5, protocol="json", url=server.url, proxy="")
        with dask.get_executor() as executor, client.iter_many(range(1, 1000), executor=executor) as outcomes:
            next(outcomes)
        assert len(server.asked) <= 10


def test_client_that_cannot_travel(dask):
    """What cannot be pickled is told for its id."""
    with dask.get_executor() as executor:
        client = MailkitClient(1, MD5, ssl_context=_context())
        outcomes = list(client.iter_many([1, 2], executor=executor))
    assert {type(outcome.error) for outcome in outcomes} == {LocalError}


def _context():
    import ssl

    return ssl.create_default_context()
