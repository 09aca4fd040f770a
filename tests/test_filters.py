"""Which rows the options leave: each alone, together, and at the edges of a time."""
import argparse
from datetime import datetime, timezone

import pytest

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc._filters import add_filters, columns, filtered, since, until

ROWS = [
    Bounce(1, "a@example.com", None, None, None, datetime(2024, 3, 1), "5.1.1", "permanent", "bad-mailbox", ""),
    Bounce(1, "b@Example.ORG", None, None, None, datetime(2024, 3, 1, 23, 59, 59), "4.2.2", "", "full-mailbox", ""),
    Bounce(1, "c@example.net", None, None, None, datetime(2024, 3, 2, tzinfo=timezone.utc), "5.7.1", "", "", ""),
    Bounce(1, "d", None, None, None, None, "5.1.10", "", "other", ""),
]


def left(*argv):
    """The first letters of the addresses that the options leave."""
    parser = argparse.ArgumentParser()
    add_filters(parser)
    return "".join(row.email[0] for row in filtered(ROWS, parser.parse_args(argv)))


@pytest.mark.parametrize(
    "argv, expected",
    [
        ("", "abcd"),
        ("--kind hard", "ad"),
        ("--kind hard --kind block", "acd"),
        ("--category bad-mailbox --category other", "ad"),
        ("--status 5.1.1", "a"),
        ("--status 5.1.*", "ad"),
        ("--status 5.* --status 4.2.2", "abcd"),
        ("--domain EXAMPLE.org.", "b"),
        ("--domain example.com --kind soft", ""),
        ("--since 2024-03-01", "abc"),
        ("--since 2024-03-02", "c"),
        ("--until 2024-03-01", "ab"),
        ("--until 2024-03-01T00:00", ""),
        ("--until 2024-03-01T00:00:01", "a"),
        ("--since 2024-03-01T23:59:59 --until 2024-03-01", "b"),
    ],
)
def test_filtered(argv, expected):
    """Each option alone and together; a day is whole, a time is exact; what has no date is in no time."""
    assert left(*argv.split()) == expected


@pytest.mark.parametrize("text", ["", "2024", "2024-3-1", "2024-03-01 08", "x", "2024-03-01T08:30Z", "2024-02-30"])
def test_date_that_is_none(text):
    """What is no date is refused, without a guess."""
    with pytest.raises(argparse.ArgumentTypeError):
        since(text)


def test_last_day_of_all():
    """Even the last day there is ends somewhere."""
    assert until("9999-12-31") == datetime.max


def test_columns():
    """Columns are fields, and what a row means; any other name is refused."""
    assert columns("email, kind,explain") == ["email", "kind", "explain"]
    with pytest.raises(argparse.ArgumentTypeError, match="columns are id_send, email"):
        columns("email,secret")
