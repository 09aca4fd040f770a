"""What iter_bounces() returns: a failed report never looks like a finished one, and the clock runs only inside."""

import logging
from collections.abc import Iterator

import pytest

from mailkit_xmlrpc import (
    ApiError,
    DeadlineExceededError,
    FaultError,
    IncompleteResponseError,
    LocalError,
    MailkitClient,
    MalformedResponseError,
    Retry,
    UnexpectedShapeError,
    UnsafeXMLError,
)
from tests.support.inside import raising

START = "<?xml version='1.0'?><methodResponse><params><param><value><array><data>"
END = "</data></array></value></param></params></methodResponse>"
ROW = "<value><struct><member><name>EMAIL</name><value>{}@example.com</value></member></struct></value>"
#: more than is decoded at once: what stands behind it is decoded only when its row is asked for
LATER = "<!--{}-->".format("x" * 200000) * 3


def failure(rows):
    with pytest.raises(Exception) as caught:
        next(rows)
    return caught.value


# --- the protocol ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", ["", LATER])
def test_iterator_protocol(rows, gap):
    """It is its own iterator, gives each row once, and stays exhausted."""
    report = rows(START + gap.join(ROW.format(n) for n in range(3)) + END)
    assert isinstance(report, Iterator)
    assert iter(report) is report
    assert next(report).email == "0@example.com"
    assert [bounce.email for bounce in report] == ["1@example.com", "2@example.com"]
    assert list(report) == [] and next(report, None) is None
    with pytest.raises(StopIteration):
        next(report)


def test_list_and_iterator_give_the_same(answering):
    """bounces() is a list of iter_bounces()."""
    client = answering((START + LATER.join(ROW.format(n) for n in range(3)) + END).encode("ascii"))
    assert client.bounces(7) == list(client.iter_bounces(7))


def test_with_statement(rows):
    """It is a context manager that gives itself; behind the block it is closed."""
    with rows(START + ROW.format(1) * 2 + END) as report:
        assert iter(report) is report
        next(report)
    assert type(failure(report)) is LocalError
    with rows(START + ROW.format(1) * 2 + END) as report:
        assert len(list(report)) == 2
    assert list(report) == []


@pytest.mark.parametrize("gap", ["", LATER])
@pytest.mark.parametrize("seen", [0, 1, 2])
def test_closed_is_not_ended(rows, gap, seen):
    """A report closed before its end looks like no finished one: a generator over it, run later, would find no rows."""
    report = rows(START + gap.join(ROW.format(n) for n in range(3)) + END)
    for _ in range(seen):
        next(report)
    report.close()
    report.close()
    for _ in range(2):
        assert str(failure(report)).startswith("the report was closed before its end")
    with pytest.raises(LocalError):
        report.rest()


def test_closed_behind_its_end(rows):
    """Nothing is wrong about closing what was read to its end, or failed: it stays as it is."""
    report = rows(START + END)
    report.close()
    assert list(report) == []
    report = rows(START + ROW.format(1) + LATER + "</p></methodResponse>")
    next(report)
    assert [type(failure(report)), report.close(), type(failure(report))] == [MalformedResponseError, None] + [
        MalformedResponseError
    ]


# --- what rises in the call, and what later --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document, kind",
    [
        ("<methodResponse><params><param><value>No</value></param></params></methodResponse>" + " " * 600000, ApiError),
        ("<methodResponse>" + LATER + "<params><param><value>No</value></param></params></methodResponse>", ApiError),
        ("<methodResponse>" + LATER + "<fault><value/></fault></methodResponse>", FaultError),
        ("<methodResponse><fault><value/></fault></methodResponse>", FaultError),
        (LATER + "<methodResponse><params><param><value><int>1</int></methodResponse>", MalformedResponseError),
        (LATER + "<methodResponse><params><param><value><int>1</int>", IncompleteResponseError),
        (LATER + "<methodResponse><params/></methodResponse>", UnexpectedShapeError),
        (START + ROW.format(1) + "</p></methodResponse>", MalformedResponseError),
        (LATER + "<!DOCTYPE x><methodResponse></methodResponse>", UnsafeXMLError),
    ],
)
def test_what_is_no_report_rises_in_the_call(rows, document, kind):
    """Every ApiError, and every error of an answer that is decoded at once, comes before there is an iterator."""
    with pytest.raises(kind) as caught:
        rows(document)
    assert type(caught.value) is kind


LATE_ERRORS = [
    ("<x>", MalformedResponseError),
    ("</p>", MalformedResponseError),
    ("<value>text</value>", UnexpectedShapeError),
    ("<value><struct><member><name>A</name><value/></member></struct></value>", UnexpectedShapeError),
    ("<value><int>x</int></value>", MalformedResponseError),
    ("\ufffe", MalformedResponseError),
]


@pytest.mark.parametrize("broken, kind", LATE_ERRORS)
def test_error_is_raised_by_every_next(rows, broken, kind):
    """After an error a report never looks finished: each further next() raises the like, also after close()."""
    report = rows(START + ROW.format(0) + LATER + broken + END)
    assert next(report).email == "0@example.com"
    errors = [failure(report) for _ in range(3)]
    report.close()
    errors.append(failure(report))
    with pytest.raises(kind):
        list(report)
    assert {type(error) for error in errors} == {kind}
    assert len({str(error) for error in errors}) == 1
    assert [error.attempts for error in errors] == [1] * 4
    assert len(set(map(id, errors))) == 4  # one object raised twice would collect both tracebacks


def test_error_names_the_row_by_its_index(rows):
    """Rows are counted from 0 over the whole report, not over the piece that was decoded at once."""
    report = rows(START + (ROW.format(0) + LATER) * 4 + "<value>x</value>" + END)
    with pytest.raises(UnexpectedShapeError, match="row 4 "):
        list(report)


def test_error_holds_nothing_of_the_inside(rows):
    """The traceback of an iteration's error ends in our next(), whose variables show no row and no body."""
    report = rows(START + ROW.format("secret") + LATER + ROW.format("secret") + LATER + "<x>" + END)
    next(report)
    next(report)
    error = failure(report)
    assert error.__context__ is None and error.__cause__ is None
    inside = error.__traceback__.tb_next
    while inside is not None:
        assert "secret" not in repr(inside.tb_frame.f_locals)
        inside = inside.tb_next


def test_list_error_holds_nothing_of_the_inside(answering):
    """The same for bounces(): the rows that came before the error are in no frame of its traceback."""
    client = answering((START + ROW.format("secret") + LATER + "<x>" + END).encode("ascii"))
    with pytest.raises(MalformedResponseError) as caught:
        client.bounces(7)
    inside = caught.value.__traceback__.tb_next
    while inside is not None:
        assert "secret" not in repr(inside.tb_frame.f_locals)
        inside = inside.tb_next


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interrupt_inside_passes_once(rows, clock, kind):
    """Ctrl-C inside next() passes as it is; whoever goes on is told that the report was not finished."""
    report = rows(START + ROW.format(0) + LATER + ROW.format(1) + LATER + END)
    next(report)
    clock.error = kind()
    assert failure_of_any_kind(report) is clock.error
    clock.error = None
    for _ in range(2):
        error = failure(report)
        assert type(error) is LocalError
        assert str(error).startswith("the reading of this report was interrupted")


def failure_of_any_kind(rows):
    with pytest.raises(BaseException) as caught:
        next(rows)
    return caught.value


def test_interrupt_does_not_undo_rows(rows, clock):
    """Rows that are decoded already are given out before the clock is looked at again."""
    report = rows(START + ROW.format(0) * 3 + LATER + END)
    clock.error = KeyboardInterrupt()
    assert [next(report).email for _ in range(3)] == ["0@example.com"] * 3


def test_memory_error_inside_passes(rows, monkeypatch):
    """MemoryError passes as it is, once: there is no report."""
    report = rows(START + ROW.format(0) + LATER + END)
    next(report)
    monkeypatch.setattr(report._reader, "feed", raising(MemoryError()))
    assert [type(failure(report)) for _ in range(3)] == [MemoryError, LocalError, LocalError]
    assert str(failure(report)).startswith("the reading of this report was interrupted")


@pytest.mark.parametrize("kind", [ZeroDivisionError, OSError, UnexpectedShapeError, KeyboardInterrupt])
def test_error_of_the_callers_clock(rows, clock, kind):
    """What the caller's own code raises inside next() is the same object, as it is, once; then there is no report."""
    report = rows(START + ROW.format(0) + LATER + END)
    next(report)
    clock.error = kind("theirs")
    assert failure_of_any_kind(report) is clock.error
    assert str(clock.error.args) == "('theirs',)"
    for _ in range(2):
        error = failure(report)
        assert type(error) is LocalError and error.__context__ is None
        assert str(error).startswith("the reading of this report was interrupted")


def test_unforeseen_error_inside_is_ours(rows, monkeypatch):
    """Whatever goes wrong inside leaves as a MailkitError that says what it was, without its text."""
    report = rows(START + ROW.format(0) + LATER + END)
    next(report)
    monkeypatch.setattr(report._reader, "feed", raising(ZeroDivisionError("secret")))
    error = failure(report)
    assert type(error) is LocalError
    assert "ZeroDivisionError" in str(error) and "secret" not in str(error)
    assert type(failure(report)) is LocalError


# --- the deadline ----------------------------------------------------------------------------------------------------


def test_consumers_time_does_not_count(rows, clock):
    """Between two rows any time may pass."""
    report = rows(START + (ROW.format(0) + LATER) * 5 + END, deadline=10)
    for _ in range(5):
        clock.now += 3600
        next(report)
    clock.now += 3600
    assert list(report) == []


def test_time_inside_counts(rows, clock):
    """Time spent decoding adds up, over all calls of next(), until the deadline has passed."""
    report = rows(START + (ROW.format(0) + LATER) * 50 + END, deadline=10)
    clock.step = 0.5  # every look at the clock finds it later by so much
    seen = 0
    with pytest.raises(DeadlineExceededError) as caught:
        for _ in report:
            seen += 1
    assert 1 < seen < 25
    assert caught.value.seconds == 10
    assert isinstance(caught.value, TimeoutError)
    clock.step = 0
    assert type(failure(report)) is DeadlineExceededError


def test_time_of_the_call_counts(rows, clock):
    """What the call itself took is gone from the budget of the iteration."""
    clock.step = 0.01
    report = rows(START + (ROW.format(0) + LATER) * 50 + END, deadline=100)
    spent = clock.now
    assert 0.03 < spent < 100
    clock.step = 0
    seen = [next(report)]
    clock.step = 100 - spent / 2
    with pytest.raises(DeadlineExceededError):
        seen.extend(report)
    assert len(seen) < 5


@pytest.mark.parametrize("looks", range(1, 6))
def test_deadline_that_passes_in_the_call_rises_there(rows, clock, looks):
    """Wherever in the call time runs out, it is DeadlineExceededError, which is not taken for a broken connection."""
    clock.step = 10.0 / looks
    with pytest.raises(DeadlineExceededError):
        rows(START + (ROW.format(0) + LATER) * 5 + END, deadline=10, retry=Retry(2, base=0, clock=clock))


def test_no_deadline_is_no_limit(rows, clock):
    """deadline=None never ends an iteration."""
    report = rows(START + (ROW.format(0) + LATER) * 5 + END, deadline=None)
    clock.step = 1e9
    assert len(list(report)) == 5


# --- what is logged --------------------------------------------------------------------------------------------------


def test_finished_report_is_logged_once(rows, caplog):
    """The log line of a report comes when its last row was given out, with the number of rows."""
    with caplog.at_level(logging.INFO, "mailkit_xmlrpc"):
        report = rows(START + (ROW.format(0) + LATER) * 3 + END)
        assert logged(caplog) == []
        list(report)
        list(report)
    (text,) = logged(caplog)
    assert text.startswith("mailkit.report.message.bounces id_send=7 tries=1 bytes=")
    assert " rows=3 seconds=0.000" in text
    assert "@" not in text


def logged(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "mailkit_xmlrpc"]


def test_client_is_not_kept_by_its_iterator(answering):
    """An iterator stands on its own: the client may be gone."""
    answering((START + ROW.format(0) + LATER + ROW.format(1) + END).encode("ascii"))
    report = MailkitClient(1, "x", url=answering.url).iter_bounces(7)
    assert len(list(report)) == 2
