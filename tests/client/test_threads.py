"""Calls in threads of our own: each is over once, and they can be waited for."""

import functools
import threading

from mailkit_xmlrpc import LocalError, MailkitClient
from mailkit_xmlrpc.client import threads as _threads
from mailkit_xmlrpc.client.threads import CallInThread, Threads
from mailkit_xmlrpc.transport.waiting import Gate
from tests.support.account import MD5

LIMIT = 20  # seconds that anything here may take


def test_result_and_error():
    """What the function returns or raises is there when the callback is called, without frames."""
    threads, seen, gate = Threads("mailkit_{}"), [], Gate()
    go_on = threading.Event()

    def work(number):
        assert go_on.wait(LIMIT)
        if number:
            raise MemoryError
        return threading.current_thread().name

    calls = [threads.submit(functools.partial(work, number)) for number in (0, 1)]
    for call in calls:
        call.add_done_callback(lambda call: (seen.append(call), len(seen) == 2 and gate.open()))
        assert not call.cancel() and not call.cancelled() and not call.is_over
    go_on.set()
    assert gate.wait(LIMIT)
    threads.wait()
    threads.wait()
    assert set(seen) == set(calls)
    assert (calls[0].exception(), calls[0].result()) == (None, "mailkit_0")
    assert type(calls[1].exception()) is MemoryError and calls[1].exception().__traceback__ is None


def test_over_before_anybody_looks(monkeypatch):
    """A call that is over at once is not waited for, and its callback is called."""
    monkeypatch.setattr(_threads, "spawn", lambda job, name: job.run())
    threads, seen = Threads("mailkit_{}"), []
    call = threads.submit(lambda: 5)
    call.add_done_callback(seen.append)
    threads.wait()
    assert seen == [call] and call.result() == 5


def test_no_thread_to_be_had(monkeypatch):
    """Where the system starts none, that is the outcome, and the other ids go on."""
    monkeypatch.setattr(_threads, "spawn", lambda job, name: job.not_begun())
    outcomes = list(MailkitClient(1, MD5).iter_many([1, 2], max_workers=1))
    assert [outcome.id_send for outcome in outcomes] == [1, 2]
    assert [type(outcome.error) for outcome in outcomes] == [LocalError] * 2
    assert all(str(outcome.error).startswith("cannot start a thread") for outcome in outcomes)


def test_callback_that_comes_late():
    """Whether the call or the callback is first makes no difference."""
    threads, seen = Threads("x"), []
    call = CallInThread(lambda: 5, threads)
    call.run()
    call.add_done_callback(seen.append)
    assert seen == [call]
