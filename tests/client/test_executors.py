"""``iter_many()`` on executors of the caller's: threads, processes, and such as fail."""

import os
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from mailkit_xmlrpc import (
    ConfigurationError,
    MailkitClient,
    Retry,
    UnauthorizedError,
)
from mailkit_xmlrpc.client import many as _many
from mailkit_xmlrpc.client import once as _once
from tests.support.account import MD5
from tests.support.answering_server import AnsweringServer
from tests.support.many_reports import REFUSED, client_of, emails


def test_thread_pool_of_the_caller():
    """It is used and left open; the client itself is used, not a pickle."""
    before = dict(_once._latest)
    with ThreadPoolExecutor(3) as executor, AnsweringServer() as server, client_of(server) as client:
        outcomes = list(client.iter_many(range(1, 31), max_workers=3, executor=executor))
        assert sorted(emails(outcome)[0] for outcome in outcomes) == sorted(
            "{}@example.com".format(id_send) for id_send in range(1, 31)
        )
        assert executor.submit(pow, 2, 3).result(10) == 8
    assert _once._latest == before


def test_process_pool():
    """Other processes ask, and the rows are the same; one client in each serves all its calls."""
    with AnsweringServer() as server, client_of(server, rate=10000) as client:
        expected = {outcome.id_send: outcome.bounces for outcome in client.iter_many(range(1, 41))}
        connections = len(server.connections)
        with ProcessPoolExecutor(2) as executor:
            pids = {executor.submit(os.getpid).result(60)}
            outcomes = list(client.iter_many(range(1, 41), executor=executor))
        assert os.getpid() not in pids
        assert {outcome.id_send: outcome.bounces for outcome in outcomes} == expected
        assert len(server.connections) - connections <= 4


def test_what_arrives_is_one_client():
    """All pickles of one iter_many arrive as one client; those of the next as another."""
    settings = MailkitClient(1, MD5, rate=5)._settings
    shared = _many.SharedClient(settings, name="a")
    travelling = pickle.dumps(shared)
    try:
        assert pickle.loads(travelling) is shared  # in its own process
        del shared, _once._latest[_many.SharedClient]
        first, second = (pickle.loads(travelling) for _ in range(2))
        assert first is second
        assert first.settings.rate is settings.rate
        other = pickle.loads(pickle.dumps(_many.SharedClient(settings, name="b")))
        assert other is not first and _once._latest[_many.SharedClient] is other
    finally:
        _once._latest.clear()


def test_client_that_cannot_travel():
    """Where the client cannot be pickled that is told at once; nothing hangs (the pool of Python 3.6 would)."""
    client = MailkitClient(1, MD5, retry=Retry(clock=lambda: 0.0))
    with ProcessPoolExecutor(1) as executor:
        with pytest.raises(ConfigurationError, match="cannot travel to another process: .*Error when pickled"):
            client.iter_many([1], executor=executor)


class Odd(Executor):
    """Does with each call what *does* does with its future."""

    def __init__(self, does):
        self.does = does

    def submit(self, function, *args, **kwargs):
        future = Future()
        self.does(future, lambda: function(*args, **kwargs))
        return future


def test_executor_that_takes_nothing():
    """An executor that is shut down gives an outcome for each id, not a lost one."""
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    outcomes = list(MailkitClient(1, MD5).iter_many([1, 2, 3], max_workers=2, executor=executor))
    assert [outcome.id_send for outcome in outcomes] == [1, 2, 3]
    assert {str(outcome.error).split(";")[0] for outcome in outcomes} == {"the executor takes no more calls"}


def test_executor_that_fails_or_cancels():
    """What goes wrong in an executor is told in the outcome of the id it hit."""

    def fails(future, call):
        future.set_exception(RuntimeError("secret"))

    def cancels(future, call):
        future.cancel()
        future.set_running_or_notify_cancel()

    for does, words in ((fails, "the executor failed (RuntimeError)"), (cancels, "the executor cancelled the call")):
        [outcome] = MailkitClient(1, MD5).iter_many([1], executor=Odd(does))
        assert str(outcome.error).startswith(words + ";")


def test_executor_whose_calls_wait():
    """After a refusal, calls that an executor has not started are cancelled and get the refusal."""
    waiting = []

    def first_only(future, call):
        if waiting or not future.set_running_or_notify_cancel():
            waiting.append(future)
        else:
            waiting.append(future)
            future.set_result(call())

    with AnsweringServer(lambda id_send: REFUSED) as server, client_of(server) as client:
        seen = []
        with pytest.raises(UnauthorizedError):
            for outcome in client.iter_many(range(1, 9), max_workers=4, executor=Odd(first_only)):
                seen.append((outcome.id_send, outcome.attempts, type(outcome.error)))
        assert seen[0] == (1, 1, UnauthorizedError)
        assert seen[1:] == [(id_send, 0, UnauthorizedError) for id_send in range(2, len(seen) + 1)]
        assert server.asked == [1]


@pytest.mark.parametrize("where", ["submit", "call"])
def test_interruption(where):
    """KeyboardInterrupt and its like are no outcome: they pass."""

    def interrupts(future, call):
        if where == "submit":
            raise KeyboardInterrupt
        future.set_exception(KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        next(MailkitClient(1, MD5).iter_many([1], executor=Odd(interrupts)))


def test_memory_error_in_a_call(monkeypatch):
    """What is not ours, in a worker, is the executor's trouble: the other ids go on."""

    def fails(client, id_send, stop=None):
        raise MemoryError

    monkeypatch.setattr(_many.SharedClient, "bounces", fails)
    [outcome] = MailkitClient(1, MD5).iter_many([1])
    assert str(outcome.error).startswith("the executor failed (MemoryError);")
