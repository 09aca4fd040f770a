"""What is tried again and what is not, how long between two tries, and that each is told."""

import logging

import pytest

from mailkit_xmlrpc import (
    ApiError,
    ConnectError,
    FaultError,
    HTTPProtocolError,
    HTTPStatusError,
    IncompleteResponseError,
    MailkitClient,
    MailkitError,
    MalformedResponseError,
    Retry,
    UnexpectedShapeError,
    UnsafeXMLError,
)
from tests.support.account import MD5
from tests.support.bench import Bench
from tests.support.scripted_server import Close, Request, ScriptedServer, fault, http, report, value

CUT = http(report(1))[:-9]
BUSY = http(status="503 Busy")


def busy(seconds, status="503 Busy"):
    """A 503 with a Retry-After."""
    return http(b"", "Retry-After: {}".format(seconds), status=status)


# --- what is tried again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_status_that_asks_to_try_again(bench, status):
    """These seven are tried again, and the third time the answer counts."""
    again = (Request(), http(status="{} Later".format(status)))
    bench.server.play_once(again, again)
    with bench.client() as client:
        assert len(client.bounces(1)) == 1
    assert len(bench.server.requests) == 3


@pytest.mark.parametrize(
    "error, answer",
    [
        (HTTPStatusError, http(status="404 Not Found")),
        (HTTPStatusError, http(status="501 Not Implemented")),
        (HTTPStatusError, http(status="505 HTTP Version Not Supported")),
        (HTTPStatusError, http(status="301 Moved")),
        (HTTPStatusError, busy(1, "403 Forbidden")),
        (FaultError, http(fault())),
        (FaultError, http(fault(), status="500 Error")),
        (FaultError, http(fault(), "Retry-After: 1", status="503 Busy")),
        (ApiError, http(value("No such thing"))),
        (MalformedResponseError, http(b"<html>")),
        (UnexpectedShapeError, http(value("<int>1</int>"))),
        (UnsafeXMLError, http(b"<!DOCTYPE x>" + report(1).partition(b"?>")[2])),
        (HTTPProtocolError, b"garbage\r\n\r\n"),
    ],
)
def test_never_tried_again(bench, error, answer):
    """What Mailkit said, what is not understood and what will be the same the next time is told at once."""
    bench.fails(error, answer)
    assert bench.slept == []


def test_last_error_is_the_one_raised(bench):
    """Three tries that fail in three ways: the last way is told."""
    assert bench.fails(HTTPStatusError, CUT, BUSY, http(status="404 Not Found")).status == 404


def test_last_error_of_kinds_that_are_tried_again(bench):
    """The same where all three could have been tried again."""
    assert bench.fails(IncompleteResponseError, BUSY, http(status="500 Error"), CUT).attempts == 3


def test_broken_download_is_repeated_before_anyone_saw_a_row(bench):
    """A report of which the first half came and was lost gives each row once."""
    broken = http(report(1, rows=3000))[:400000]
    bench.server.play_once((Request(), broken, Close()), (Request(), http(report(1, rows=3000))))
    with bench.client() as client:
        assert sum(1 for _ in client.iter_bounces(1)) == 3000


@pytest.mark.parametrize("retry", [None, Retry(attempts=1)])
def test_one_try(bench, retry):
    """retry=None is one try."""
    bench.server.play((Request(), BUSY))
    with MailkitClient(1234567, MD5, url=bench.server.url, retry=retry, proxy="") as client:
        with pytest.raises(HTTPStatusError) as caught:
            client.bounces(1)
    assert caught.value.attempts == len(bench.server.requests) == 1


def test_default_is_three_tries():
    """As the documentation says."""
    assert (Retry().attempts, Retry().base, Retry().cap) == (3, 0.5, 20.0)


# --- what is told -----------------------------------------------------------------------------------------------------


def test_each_try_is_logged_with_its_reason(bench, caplog):
    """One line at INFO for each try that failed, one for the call that succeeded; nothing above."""
    bench.server.play_once((Request(), busy(7)), (Request(), CUT, Close()))
    with caplog.at_level(logging.DEBUG, "mailkit_xmlrpc"), bench.client() as client:
        client.bounces(123456)
    lines = [record.getMessage() for record in caplog.records]
    assert [record.levelname for record in caplog.records] == ["INFO"] * 3
    start = "mailkit.report.message.bounces id_send=123456 "
    assert (
        lines[0] == start + "try 1 of 3 failed, the next in 7.0 s: the server answered HTTP 503 Busy; ask again later"
    )
    assert lines[1].startswith(start + "try 2 of 3 failed, the next in 0.5 s: the answer is incomplete after ")
    assert lines[2].startswith(start + "tries=3 bytes={} rows=1 seconds=".format(len(report(123456))))


def test_last_failure_is_logged_without_a_next(bench, caplog):
    """The line of the last try promises no other."""
    with caplog.at_level(logging.INFO, "mailkit_xmlrpc"):
        bench.fails(HTTPStatusError, BUSY, attempts=2)
    assert caplog.messages[-1].startswith(
        "mailkit.report.message.bounces id_send=1 try 2 of 2 failed: the server answered HTTP 503"
    )


def test_log_records_hold_texts_alone(bench, caplog):
    """A handler that keeps records keeps no exception with frames, bodies and secrets hanging on it."""
    with caplog.at_level(logging.INFO, "mailkit_xmlrpc"):
        bench.fails(HTTPStatusError, BUSY)
    assert caplog.records
    for record in caplog.records:
        assert {type(argument) for argument in record.args} <= {str, int, float}
        assert not record.exc_info


def test_text_tells_the_tries(bench):
    """Whoever reads only the text knows that it was tried three times."""
    assert str(bench.fails(HTTPStatusError, BUSY)).endswith("(3 tries)")


def test_nothing_is_printed_or_handled(bench, capfd):
    """A process that set up no logging sees nothing: no lastResort on stderr."""
    bench.fails(HTTPStatusError, BUSY)
    assert capfd.readouterr() == ("", "")
    handlers = logging.getLogger("mailkit_xmlrpc").handlers
    assert [type(handler) for handler in handlers if not type(handler).__module__.startswith("_pytest")] == [
        logging.NullHandler
    ]


def test_refused_connection_is_tried_again():
    """Connect errors are: nothing was sent, and the third time the server is up."""
    with ScriptedServer(listening=False) as server:
        bench = Bench(server)
        sleep = bench.sleep

        def start_after_the_second(seconds):
            sleep(seconds)
            if len(bench.slept) == 2:
                server.listen()

        bench.sleep = start_after_the_second
        with bench.client() as client:
            assert len(client.bounces(1)) == 1
        assert len(bench.slept) == 2
        with MailkitClient(1, MD5, url="http://127.0.0.1:{}/".format(server.port), retry=None, proxy="") as other:
            assert len(other.bounces(1)) == 1


def test_retryable_says_what_retry_goes_by():
    """``.retryable`` is there for a caller with a loop of its own."""
    assert ConnectError("x").retryable and not ConnectError("x", retryable=False).retryable
    assert not HTTPProtocolError("x").retryable
    assert IncompleteResponseError(0).retryable


def test_failed_tries_leave_no_garbage(bench):
    """What hangs on a failed try (connection, answer, parser) is freed at once, without waiting for the cyclic
    collector."""
    import gc

    scripts = [(Request(), http(b"<html>" * 1000, status="503 Busy")), (Request(), CUT, Close())]
    with bench.client(base=0) as client:
        bench.server.play_once(*scripts)
        client.bounces(1)
        gc.collect()
        gc.disable()
        try:
            before = {id(thing) for thing in gc.get_objects() if isinstance(thing, MailkitError)}  # of other tests
            for _ in range(3):
                bench.server.play_once(*scripts)
                client.bounces(1)
            left = [thing for thing in gc.get_objects() if isinstance(thing, MailkitError) and id(thing) not in before]
            assert left == []
        finally:
            gc.enable()
