"""Many reports at once: one outcome for each id, bounded, stoppable, on threads, processes and foreign executors."""

import gc
import itertools
import pickle
import threading
import time
import weakref

import pytest

from mailkit_xmlrpc import (
    ConfigurationError,
    DisallowedIPError,
    HTTPStatusError,
    InvalidSendIdError,
    LocalError,
    MailkitClient,
    Outcome,
    Retry,
    UnauthorizedError,
)
from tests.support.account import MD5
from tests.support.answering_server import AnsweringServer, row
from tests.support.many_reports import INVALID, REFUSED, client_of, emails

pytestmark = pytest.mark.usefixtures("no_thread_left")


# --- one outcome for each id ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["xmlrpc", "json"])
def test_every_id_has_one_outcome(protocol):
    """A third of the calls fails: every id has exactly one outcome, every failure its own exception."""
    answers = {
        "json": [row, lambda _: (503, b""), lambda _: INVALID],
        "xmlrpc": [_xml_row, lambda _: (503, b""), lambda _: _xml("Invalid ID_send")],
    }[protocol]

    def kind(id_send):
        return 0 if id_send % 3 else 1 + id_send // 3 % 2

    with AnsweringServer(lambda id_send: answers[kind(id_send)](id_send)) as server:
        with client_of(server, protocol=protocol, retry=Retry(2, base=0)) as client:
            outcomes = list(client.iter_many(range(1, 301), max_workers=8))
        assert server.most <= 8
    assert sorted(outcome.id_send for outcome in outcomes) == list(range(1, 301))
    for outcome in outcomes:
        assert (outcome.bounces is None) is (outcome.error is not None)
        assert outcome.seconds > 0
        if kind(outcome.id_send) == 0:
            assert (emails(outcome), outcome.attempts) == (["{}@example.com".format(outcome.id_send)], 1)
        elif kind(outcome.id_send) == 1:
            assert type(outcome.error) is HTTPStatusError and outcome.attempts == outcome.error.attempts == 2
        else:
            assert type(outcome.error) is InvalidSendIdError and outcome.error.id_send == outcome.id_send
            with pytest.raises(InvalidSendIdError):
                outcome.unwrap()
    errors = [id(outcome.error) for outcome in outcomes if outcome.error is not None]
    assert len(set(errors)) == len(errors)


def _xml_row(id_send):
    row = "<value><struct><member><name>EMAIL</name><value>{}@example.com</value></member></struct></value>"
    return _xml("<array><data>{}</data></array>".format(row.format(id_send)))


def _xml(value):
    start = "<methodResponse><params><param><value>{}</value></param></params></methodResponse>"
    return start.format(value).encode("ascii")


def test_outcome_is_plain_data():
    """It can be pickled and compared, and says which of the two it is."""
    good = Outcome(5, [], None, 1, 0.5)
    assert pickle.loads(pickle.dumps(good)) == good and good.unwrap() == []
    bad = Outcome(5, None, LocalError("x"), 0, 0.0)
    again = pickle.loads(pickle.dumps(bad))
    assert str(again.error) == str(bad.error) and again.bounces is None


def test_no_ids():
    """No ids, no outcomes, no calls."""
    with AnsweringServer() as server, client_of(server) as client:
        assert list(client.iter_many([])) == []
        assert server.asked == []


def test_ids_that_cannot_be_ids():
    """A bad id has its outcome as well and stops nothing; it is given back as it was."""
    with AnsweringServer() as server, client_of(server) as client:
        outcomes = list(client.iter_many([1, "x", 0, None, 2]))
    kinds = {repr(outcome.id_send): type(outcome.error) for outcome in outcomes}
    wrong = ConfigurationError
    assert kinds == {"1": type(None), "2": type(None), "'x'": wrong, "0": wrong, "None": wrong}
    assert {outcome.attempts for outcome in outcomes if outcome.error} == {0}


def test_as_they_complete():
    """A slow report keeps nobody waiting."""
    go_on = threading.Event()

    def answer(id_send):
        if id_send == 1:
            assert go_on.wait(30)
        return row(id_send)

    with AnsweringServer(answer) as server, client_of(server) as client:
        outcomes = client.iter_many([1, 2, 3, 4], max_workers=2)
        assert [next(outcomes).id_send for _ in range(3)] == [2, 3, 4]
        go_on.set()
        assert [outcome.id_send for outcome in outcomes] == [1]


# --- lazily, bounded --------------------------------------------------------------------------------------------------


def test_ids_are_taken_lazily():
    """An endless generator is fine: no more ids are taken than can be under way or wait to be handed over."""
    taken = itertools.count(1)
    with AnsweringServer() as server, client_of(server) as client:
        with client.iter_many(taken, max_workers=3) as outcomes:
            for number in range(20):
                next(outcomes)
                assert int(repr(taken)[6:-1]) - 1 <= number + 1 + 3
    assert server.most <= 3


def test_calls_run_at_once():
    """As many calls as workers are under way together, and not one more."""
    together = threading.Barrier(5)

    def answer(id_send):
        together.wait(30)
        return row(id_send)

    with AnsweringServer(answer) as server, client_of(server) as client:
        assert len(list(client.iter_many(range(1, 21), max_workers=5))) == 20
        assert server.most == 5


def test_what_was_handed_over_is_forgotten():
    """Memory does not grow with the outcomes that the caller has let go."""
    with AnsweringServer() as server, client_of(server) as client:
        outcomes = client.iter_many(range(1, 51), max_workers=2)
        seen = [weakref.ref(outcome) for outcome in outcomes]
        assert len(seen) == 50
        limit = time.monotonic() + 20
        while [reference for reference in seen if reference() is not None]:
            assert time.monotonic() < limit
            time.sleep(0.01)  # a thread that is about to end may have its last one
            gc.collect()


def test_generator_that_raises():
    """What the ids raise is raised when all that was taken is out."""

    def ids():
        yield 1
        yield 2
        raise KeyError("of the caller's own")

    with AnsweringServer() as server, client_of(server) as client:
        outcomes = client.iter_many(ids())
        assert sorted(next(outcomes).id_send for _ in range(2)) == [1, 2]
        for _ in range(2):
            with pytest.raises(KeyError):
                next(outcomes)


@pytest.mark.parametrize(
    "arguments",
    [
        dict(max_workers=0),
        dict(max_workers=1001),
        dict(max_workers=True),
        dict(max_workers=2.0),
        dict(executor=5),
        dict(id_sends=5),
        dict(id_sends="123"),
    ],
    ids=repr,
)
def test_arguments(arguments):
    """What cannot be used is refused before anything is sent."""
    client = MailkitClient(1234567, MD5)
    with pytest.raises(ConfigurationError):
        client.iter_many(**dict({"id_sends": [1]}, **arguments))


def test_ids_that_cannot_be_iterated():
    """What goes wrong before the first id leaves no half-made iterator behind."""

    class Broken:
        def __iter__(self):
            raise KeyError

    with pytest.raises(KeyError):
        MailkitClient(1234567, MD5).iter_many(Broken())


def test_ids_of_which_c_raises():
    """What the ids raise is raised at the end as it is, even where no code in Python did."""
    with AnsweringServer() as server, client_of(server) as client:
        outcomes = client.iter_many(map(int, ["1", "x", "2"]), max_workers=1)
        assert next(outcomes).id_send == 1
        errors = []
        for _ in range(2):
            with pytest.raises(ValueError, match="invalid literal") as caught:
                next(outcomes)
            errors.append(caught.value)
        assert errors[0] is errors[1]
        assert errors[0].__context__ is None


# --- the end ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["close", "with", "drop"])
def test_closing_stops_what_is_read(ending):
    """Closing cancels what has not started and ends what our threads are reading, at once."""
    silent = threading.Event()
    try:
        with AnsweringServer(lambda id_send: row(id_send) if id_send == 1 else silent.wait(60)) as server:
            client = client_of(server, retry=Retry(3))
            outcomes = client.iter_many(range(1, 100), max_workers=4)
            assert next(outcomes).id_send == 1
            deadline = time.monotonic() + 20
            while server.under_way < 4:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            started = time.monotonic()
            if ending == "with":
                with outcomes:
                    pass
            elif ending == "close":
                outcomes.close()
                outcomes.close()
            del outcomes
            gc.collect()
            assert time.monotonic() - started < 10
            assert len(server.asked) == 5
            client.close()
            silent.set()
    finally:
        silent.set()


def test_closing_ends_a_pause():
    """A call that waits for its next try, or for its turn, does not wait on."""
    with AnsweringServer(lambda id_send: (503, b"")) as server:
        slow = Retry(3, base=1000.0, cap=1000.0, random=lambda: 1.0)
        with client_of(server, retry=slow, deadline=None) as client:
            outcomes = client.iter_many([1, 2], max_workers=2)
            worker = threading.Timer(0.3, outcomes.close)

            def consume():
                with pytest.raises(LocalError, match="closed before its end"):
                    list(outcomes)

            thread = threading.Thread(target=consume, daemon=True)
            thread.start()
            worker.start()
            worker.join(20)
            assert not worker.is_alive()
            thread.join(20)
            assert not thread.is_alive()
            assert len(server.asked) == 2


@pytest.mark.parametrize(
    "answer, kind",
    [(REFUSED, UnauthorizedError), (b'{"error_status": 1, "error": "Disallowed IP 192.0.2.1"}', DisallowedIPError)],
)
def test_refusal_ends_it(answer, kind):
    """No more ids are taken; each of those that were has its outcome; then the refusal is raised, again and again."""
    ids = itertools.count(1)
    with AnsweringServer(lambda id_send: row(id_send) if id_send < 10 else answer) as server:
        with client_of(server) as client:
            outcomes = client.iter_many(ids, max_workers=4)
            seen = []
            with pytest.raises(kind) as caught:
                for outcome in outcomes:
                    seen.append(outcome)
            for _ in range(2):
                with pytest.raises(kind):
                    next(outcomes)
    assert sorted(outcome.id_send for outcome in seen) == list(range(1, next(ids)))
    assert len(seen) <= 10 + 3 + 4
    assert caught.value.attempts == 1
    for outcome in seen:
        if outcome.id_send >= 10:
            assert type(outcome.error) is kind
            assert outcome.attempts == outcome.error.attempts == (1 if outcome.id_send in server.asked else 0)


def test_refusal_reaches_who_waits_for_a_turn():
    """Those that wait for their turn under ``rate=`` are taken and not sent: they get the refusal with 0 attempts."""
    last_taken = threading.Event()

    def ids():
        yield 1
        yield 2
        last_taken.set()
        yield 3

    def refuse(id_send):
        assert last_taken.wait(20)
        return REFUSED

    with AnsweringServer(refuse) as server:
        with client_of(server, rate=0.01, deadline=None) as client:
            seen = []
            with pytest.raises(UnauthorizedError):
                for outcome in client.iter_many(ids(), max_workers=3):
                    seen.append(outcome)
    assert sorted(outcome.attempts for outcome in seen) == [0, 0, 1]
    assert {type(outcome.error) for outcome in seen} == {UnauthorizedError}
    assert len(server.asked) == 1


def test_refusal_and_a_failure_under_way():
    """A call that waits for its next try keeps its own failure."""
    go_on = threading.Event()

    def answer(id_send):
        if id_send == 1:
            assert go_on.wait(20)
            return REFUSED
        go_on.set()
        return 503, b""

    with AnsweringServer(answer) as server:
        slow = Retry(3, base=1000.0, cap=1000.0, random=lambda: 1.0)
        with client_of(server, retry=slow, deadline=None) as client:
            seen = {}
            with pytest.raises(UnauthorizedError):
                for outcome in client.iter_many([1, 2], max_workers=2):
                    seen[outcome.id_send] = outcome
    assert type(seen[1].error) is UnauthorizedError
    assert type(seen[2].error) is HTTPStatusError and seen[2].attempts == 1


# --- rate -------------------------------------------------------------------------------------------------------------


def test_rate_over_all_threads():
    """Turns are evenly spaced, whoever takes them."""
    arrived = []

    def answer(id_send):
        arrived.append(time.monotonic())
        return row(id_send)

    with AnsweringServer(answer) as server, client_of(server, rate=50) as client:
        assert len(list(client.iter_many(range(1, 21), max_workers=8))) == 20
    assert arrived[-1] - arrived[0] > 0.8 * 19 / 50
