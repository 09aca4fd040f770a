"""The pauses between tries: full jitter, Retry-After, and what is left of the time."""

import email.utils
import time

import pytest

from mailkit_xmlrpc import (
    HTTPStatusError,
    Retry,
)
from tests.support.scripted_server import http, report

CUT = http(report(1))[:-9]


BUSY = http(status="503 Busy")


def busy(seconds, status="503 Busy"):
    """A 503 with a Retry-After."""
    return http(b"", "Retry-After: {}".format(seconds), status=status)


def test_pauses_grow_with_full_jitter_up_to_the_cap(bench):
    """random() times base, 2*base, 4*base ..., cut at cap."""
    bench.fails(HTTPStatusError, BUSY, attempts=8, base=1.0, cap=10.0)
    assert bench.slept == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_pause_may_be_nothing(bench):
    """Full jitter begins at zero."""
    bench.random = 0.0
    bench.fails(HTTPStatusError, BUSY)
    assert bench.slept == [0.0, 0.0]


def test_own_random_is_between_0_and_1():
    """It is not that of the random module, whose state a fork would share."""
    drawn = [Retry().random() for _ in range(200)]
    assert all(0.0 <= number < 1.0 for number in drawn)
    assert len(set(drawn)) > 190


@pytest.mark.parametrize("attempts", [2000])
def test_many_tries_do_not_overflow(attempts):
    """2.0 ** 2000 would."""
    assert Retry(attempts, random=lambda: 1.0).pause(attempts) == 20.0


def test_retry_after_in_seconds(bench):
    """It replaces the pause and is not cut by cap."""
    bench.fails(HTTPStatusError, busy(30), cap=2.0, deadline=600.0)
    assert bench.slept == [30.0, 30.0]


@pytest.mark.parametrize("form", ["imf", "rfc850", "asctime"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Prague"])
def test_retry_after_as_a_date(bench, monkeypatch, form, zone):
    """All three forms of RFC 9110 5.6.7, which are in GMT wherever we are."""
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of a running process cannot be set here")
    monkeypatch.setenv("TZ", {"UTC": "UTC0", "Europe/Prague": "CET-1CEST"}[zone])
    time.tzset()
    try:
        then = time.time() + 40
        fields = time.gmtime(then)
        date = {
            "imf": email.utils.formatdate(then, usegmt=True),
            "rfc850": time.strftime("%A, %d-%b-%y %H:%M:%S GMT", fields),
            "asctime": time.asctime(fields),
        }[form]
        bench.fails(HTTPStatusError, busy(date), BUSY, attempts=2)
        assert 20 < bench.slept[0] <= 40
    finally:
        monkeypatch.undo()
        time.tzset()


def test_retry_after_in_the_past(bench):
    """A date that has passed means now."""
    bench.fails(HTTPStatusError, busy("Sun, 06 Nov 1994 08:49:37 GMT"))
    assert bench.slept == [0.0, 0.0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "-5",
        "1.5",
        "1e3",
        "9" * 10,
        "٣",
        "Sun, 99 Nov 1994",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Wed, 3 Apr 2002 12.34.56.78+0800",
    ],
)
def test_retry_after_that_is_none(bench, text):
    """What is neither seconds nor a date counts as not sent."""
    answer = http(b"", "Retry-After: ", status="503 Busy").replace(b"After: ", b"After: " + text.encode("utf-8"))
    bench.fails(HTTPStatusError, answer)
    assert bench.slept == [0.25, 0.5]


@pytest.mark.parametrize(
    "deadline, asked, pauses",
    [(100.0, 99, [99.0]), (100.0, 100, []), (100.0, 99999, []), (None, 60, [60.0] * 2), (None, 61, [])],
)
def test_retry_after_longer_than_the_time_left(bench, deadline, asked, pauses):
    """Longer than what the deadline leaves, or than 60 s without one: told at once, with what was asked for."""
    error = bench.fails(HTTPStatusError, busy(asked), deadline=deadline)
    assert bench.slept == pauses
    assert error.retry_after == asked


def test_pause_of_our_own_longer_than_the_time_left(bench):
    """The same for jitter: no waiting for a deadline that will have passed."""
    bench.fails(HTTPStatusError, BUSY, base=50.0, cap=50.0, deadline=20.0)
    assert bench.slept == []


def test_retry_after_of_what_is_not_tried_again(bench):
    """A 404 with a Retry-After is a 404."""
    bench.fails(HTTPStatusError, busy(1, "404 Not Found"))
    assert bench.slept == []
