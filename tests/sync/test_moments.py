"""Times and spans that people give are read, or refused by their name."""

from datetime import date, datetime, timedelta, timezone

import pytest

from mailkit_xmlrpc import ConfigurationError
from mailkit_xmlrpc.sync.moments import moment_of, span_of, text_of, utc_now, utc_of

NOW = datetime(2024, 3, 1, 8, 30)


@pytest.mark.parametrize(
    "value, moment",
    [
        ("2024-02-29", datetime(2024, 2, 29)),
        ("30d", datetime(2024, 1, 31, 8, 30)),
        ("12h", datetime(2024, 2, 29, 20, 30)),
        (timedelta(minutes=1), datetime(2024, 3, 1, 8, 29)),
        (date(2024, 1, 2), datetime(2024, 1, 2)),
        (datetime(2024, 1, 2, 3), datetime(2024, 1, 2, 3)),
        (datetime(2024, 1, 2, 3, tzinfo=timezone(timedelta(hours=2))), datetime(2024, 1, 2, 1)),
    ],
)
def test_moments(value, moment):
    """A day, a moment, or so long ago."""
    assert moment_of(value, "since", NOW) == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "30",
        "0d",
        "-1d",
        "1w",
        "2023-02-29",
        "999999d",
        timedelta(0),
        timedelta.max,
        30,
        None,
        b"30d",
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_moment_that_is_none(value):
    """Anything else is refused, and named."""
    with pytest.raises(ConfigurationError, match="^since must be a "):
        moment_of(value, "since", NOW)


def test_spans():
    """A span is a text or a positive timedelta."""
    assert span_of("2d", "x") == span_of("48h", "x") == span_of(timedelta(days=2), "x")
    for value in ("2024-01-01", "", 2, timedelta(-1)):
        with pytest.raises(ConfigurationError, match="^settled_after must be a positive timedelta, or a text like 30d"):
            span_of(value, "settled_after")


def test_times_of_ours():
    """Ours have no zone, and go to the table of bounces to the second."""
    assert utc_now().tzinfo is None
    assert text_of(datetime(2024, 3, 1, 8, 30, 1, 5)) == "2024-03-01 08:30:01"
    assert utc_of(None) is None
