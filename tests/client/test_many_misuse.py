"""Many reports at once, used in ways that are not the plain loop: closed, shared, forked, copied, ids that wait."""

import copy
import os
import pickle
import signal
import threading
import time
import traceback
from concurrent.futures import Executor, Future

import pytest

from mailkit_xmlrpc import LocalError, MailkitClient, MailkitError, Outcome, UnauthorizedError
from tests.support.account import MD5
from tests.support.answering_server import AnsweringServer, row
from tests.support.many_reports import REFUSED, client_of

LIMIT = 20  # seconds that anything here may take


def waiting(outcomes, ended):
    """A thread that asks for the next of *outcomes*, and puts into *ended* how that was refused."""

    def consume():
        try:
            next(outcomes)
        except LocalError as error:
            ended.append(str(error))

    thread = threading.Thread(target=consume, daemon=True)
    thread.start()
    return thread


def until(condition):
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class AtOnce(Executor):
    """Each call is complete before ``submit`` returns."""

    def submit(self, function, *args, **kwargs):
        future = Future()
        future.set_running_or_notify_cancel()
        future.set_result(function(*args, **kwargs))
        return future


class Parked(Executor):
    """No call ever starts."""

    def __init__(self):
        self.futures = []

    def submit(self, function, *args, **kwargs):
        self.futures.append(Future())
        return self.futures[-1]


# --- closed -----------------------------------------------------------------------------------------------------------


def test_closed_before_its_end():
    """What was closed unfinished never looks like a finished one, not even where no call was left."""
    with AnsweringServer() as server, client_of(server) as client:
        with client.iter_many([1, 2, 3]) as outcomes:
            for _ in range(3):
                next(outcomes)
        for _ in range(2):
            with pytest.raises(LocalError, match="^closed before its end;"):
                next(outcomes)
        outcomes.close()
        with pytest.raises(LocalError, match="^closed before its end;"):
            list(outcomes)


def test_closed_after_its_end():
    """One that ended stays what it was: at its end, or refused."""
    with AnsweringServer(lambda id_send: REFUSED if id_send > 3 else row(id_send)) as server:
        with client_of(server) as client:
            with client.iter_many([1, 2, 3]) as outcomes:
                assert len(list(outcomes)) == 3
            assert list(outcomes) == []
            with client.iter_many([4]) as outcomes, pytest.raises(UnauthorizedError):
                list(outcomes)
            with pytest.raises(UnauthorizedError):
                next(outcomes)


@pytest.mark.parametrize("running", [0, 4])
def test_closing_wakes_who_waits(running):
    """Closed by another thread, the iterator lets its consumer go at once, whatever the executor does."""
    executor, ended = Parked(), []
    outcomes = MailkitClient(1, MD5).iter_many(range(1, 9), executor=executor)

    thread = waiting(outcomes, ended)
    until(lambda: len(executor.futures) == 4)
    for future in executor.futures[:running]:
        assert future.set_running_or_notify_cancel()  # cannot be cancelled any more
    outcomes.close()
    thread.join(LIMIT)
    assert not thread.is_alive() and ended[0].startswith("closed before its end")
    assert [future.cancelled() for future in executor.futures] == [not running] * 4


def test_closing_while_the_ids_keep_it_waiting():
    """An id that comes after the end is not asked for any more."""
    asked, go_on, ended = threading.Event(), threading.Event(), []

    def ids():
        asked.set()
        assert go_on.wait(LIMIT)
        yield 1

    with AnsweringServer() as server, client_of(server) as client:
        outcomes = client.iter_many(ids(), executor=AtOnce())

        thread = waiting(outcomes, ended)
        assert asked.wait(LIMIT)
        outcomes.close()
        go_on.set()
        thread.join(LIMIT)
        assert len(ended) == 1 and ended[0].startswith("closed before its end")
        assert server.asked == []


# --- shared -----------------------------------------------------------------------------------------------------------


def test_several_consumers():
    """Threads that share one iterator take turns: each outcome goes to one of them, and all come to the end."""
    seen = [[] for _ in range(4)]
    with AnsweringServer() as server, client_of(server) as client:
        outcomes = client.iter_many(range(1, 41), max_workers=4)

        def consume(mine):
            for outcome in outcomes:
                mine.append(outcome.id_send)

        threads = [threading.Thread(target=consume, args=(mine,), daemon=True) for mine in seen]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT / len(threads))
        assert not any(thread.is_alive() for thread in threads)
    assert sorted(sum(seen, [])) == list(range(1, 41))


def test_ids_that_ask_their_own_iterator():
    """A generator that takes from the iterator it feeds does not hang: it has the error of Python's own."""
    holder = []

    def ids():
        yield 1
        yield next(holder[0]).id_send

    with AnsweringServer() as server, client_of(server) as client:
        holder.append(client.iter_many(ids(), executor=AtOnce()))
        assert next(holder[0]).id_send == 1
        with pytest.raises(ValueError, match="already executing"):
            next(holder[0])
        holder.clear()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps], ids=["copy", "deepcopy", "pickle"])
def test_copies(copied):
    """There is none, and the attempt does no harm."""
    with AnsweringServer() as server, client_of(server) as client:
        outcomes = client.iter_many([1, 2, 3], max_workers=1)
        next(outcomes)
        with pytest.raises(TypeError, match="reports that are being asked for cannot be copied or pickled"):
            copied(outcomes)
        assert [outcome.error for outcome in outcomes] == [None, None]


# --- forked -----------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no os.fork")
@pytest.mark.parametrize("does", ["close", "drop", "next"])
def test_fork(does):
    """The calls are the parent's: a forked child that closes, drops or asks the iterator leaves them as they are."""
    go_on = threading.Event()

    def answer(id_send):
        assert id_send == 1 or go_on.wait(LIMIT)
        return row(id_send)

    try:
        with AnsweringServer(answer) as server, client_of(server) as client:
            outcomes = client.iter_many([1, 2, 3, 4], max_workers=4)
            assert next(outcomes).id_send == 1
            until(lambda: server.under_way == 3)
            pid = os.fork()
            if not pid:  # no pytest, no atexit in here
                signal.alarm(LIMIT)
                code = 1
                try:
                    if does == "close":
                        outcomes.close()
                    elif does == "next":
                        try:
                            next(outcomes)
                        except LocalError as error:
                            assert str(error).startswith("the calls are those of another process;")
                    del outcomes
                    code = 0
                finally:
                    os._exit(code)
            assert os.waitpid(pid, 0)[1] == 0
            go_on.set()
            assert {outcome.id_send: outcome.error for outcome in outcomes} == {2: None, 3: None, 4: None}
    finally:
        go_on.set()


def test_calls_of_another_process_are_left_alone(monkeypatch):
    """By the process id, so that it holds where there is no fork hook as well."""
    executor, pid = Parked(), os.getpid()
    outcomes = MailkitClient(1, MD5).iter_many([1, 2], executor=executor)
    with AnsweringServer() as server, client_of(server) as client:
        own = client.iter_many([1, 2, 3], max_workers=2)
        next(own)
        for each in (outcomes, own):
            each._take(each._ids)
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: pid + 1)
            for each in (outcomes, own):
                with pytest.raises(LocalError, match="^the calls are those of another process;"):
                    next(each)
                each.close()
        assert [future.cancelled() for future in executor.futures] == [False]
        own._stop.check()  # not stopped


# --- ids that wait, or are interrupted --------------------------------------------------------------------------------


def test_complete_ones_go_before_ids_are_taken():
    """A generator is asked for an id only when all that is complete has been handed over: what it gives may hang on
    that."""
    seen = []

    def ids():
        for number in range(1, 11):
            assert len(seen) == number - 1
            yield number

    with AnsweringServer() as server, client_of(server) as client:
        for outcome in client.iter_many(ids(), max_workers=4, executor=AtOnce()):
            seen.append(outcome.id_send)
    assert seen == list(range(1, 11))


def test_ids_that_wait_for_an_outcome():
    """An outcome is not held back until another id has taken its place."""
    handed_over = threading.Event()

    def ids():
        yield 1
        yield 2
        assert handed_over.wait(LIMIT)
        yield 3

    seen = []
    with AnsweringServer() as server, client_of(server) as client:
        for outcome in client.iter_many(ids(), max_workers=2):
            seen.append(outcome.id_send)
            handed_over.set()
    assert sorted(seen) == [1, 2, 3]


@pytest.mark.parametrize("kind", [list, tuple, range], ids=lambda kind: kind.__name__)
def test_next_call_runs_while_the_consumer_works(kind):
    """Ids that are all there keep nobody waiting: as many calls as workers are under way beside the consumer."""
    numbers = range(1, 6) if kind is range else kind(range(1, 6))
    with AnsweringServer() as server, client_of(server) as client:
        for number, _ in enumerate(client.iter_many(numbers, max_workers=2), 1):
            until(lambda: len(server.asked) == min(5, number + 2))
    assert server.most <= 2


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_ids_that_are_interrupted(interruption):
    """It passes, no outcome is lost for it, and the end tells that ids may be missing."""

    def ids():
        yield 1
        yield 2
        raise interruption

    seen, interruptions = [], 0
    with AnsweringServer() as server, client_of(server) as client:
        outcomes = client.iter_many(ids(), max_workers=2)
        with pytest.raises(LocalError, match="^interrupted, ids may be missing;"):
            while True:
                try:
                    seen.append(next(outcomes).id_send)
                except interruption:
                    interruptions += 1
    assert (sorted(seen), interruptions) == ([1, 2], 1)


@pytest.mark.parametrize("where", ["submit", "call"])
def test_interruption_of_a_call(where):
    """The id that an interruption hit has no outcome, so the end is no plain end."""

    class Interrupting(AtOnce):
        def submit(self, function, *args):
            if args[1] != 2:
                return super().submit(function, *args)
            if where == "submit":
                raise KeyboardInterrupt
            future = Future()
            future.set_exception(KeyboardInterrupt())
            return future

    with AnsweringServer() as server, client_of(server) as client:
        outcomes = client.iter_many(range(1, 4), max_workers=1, executor=Interrupting())
        with pytest.raises(KeyboardInterrupt):
            list(outcomes)
        with pytest.raises(LocalError, match="^interrupted, ids may be missing;"):
            list(outcomes)


# --- an outcome -------------------------------------------------------------------------------------------------------


def test_unwrap_again_and_again():
    """Each time an exception of its own is raised: none grows, and the one in the outcome holds no frames."""
    outcome = Outcome(5, None, UnauthorizedError("no"), 1, 0.0)
    errors = []
    for _ in range(3):
        with pytest.raises(UnauthorizedError) as caught:
            outcome.unwrap()
        errors.append(caught.value)
    assert [str(error) for error in errors] == [str(outcome.error)] * 3
    assert len(set(map(id, errors + [outcome.error]))) == 4
    assert {len(traceback.extract_tb(error.__traceback__)) for error in errors} == {2}
    assert outcome.error.__traceback__ is None
    assert isinstance(errors[0], MailkitError) and errors[0].attempts == outcome.error.attempts
