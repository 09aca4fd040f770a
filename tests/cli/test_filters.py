"""Which rows the options leave: each alone, together, and at the edges of a time."""

import argparse
import fnmatch
import re
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.cli.errors import UsageError
from mailkit_xmlrpc.cli.filters import Filters, Pattern
from mailkit_xmlrpc.cli.options import add_filters, columns, since, until

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
    return "".join(row.email[0] for row in Filters(parser.parse_args(argv)).left(ROWS))


@pytest.mark.parametrize(
    "argv, expected",
    [
        ("", "abcd"),
        ("--kind hard", "ad"),
        ("--kind hard --kind block", "acd"),
        ("--category bad-mailbox --category other", "ad"),
        ("--category Bad-Mailbox", "a"),
        ("--status 5.1.1", "a"),
        ("--status 5.1.*", "ad"),
        ("--status 5.* --status 4.2.2", "abcd"),
        ("--status ?.1.*", "ad"),
        ("--status *", "abcd"),
        ("--status [45].1.1", ""),
        ("--domain EXAMPLE.org.", "b"),
        ("--domain b@example.org", "b"),
        ("--domain", "d"),
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
    assert left(*(argv.split() + ([""] if argv == "--domain" else []))) == expected


def filters(*argv):
    parser = argparse.ArgumentParser()
    add_filters(parser)
    return Filters(parser.parse_args(argv))


@pytest.mark.parametrize(
    "status, expected",
    [
        ("550 5.1.1 no such user", "ab"),
        ("5.1.1 (bad mailbox)", "ab"),
        ("5.1.10", "b"),
        ("550", ""),
        ("x5.1.1", ""),
        ("5.1.1", "ab"),
        ("", ""),
    ],
)
def test_status_or_its_code(status, expected):
    """A pattern means the whole STATUS or the code in it, which --kind goes by as well."""
    row = Bounce(1, "a@example.com", None, None, None, None, status, "", "", "")
    found = [name for name, text in (("a", "5.1.1"), ("b", "5.1.*")) if list(filters("--status", text).left([row]))]
    assert "".join(found) == expected


def test_domain_that_is_none():
    """A domain that can be none is refused, and is not that of the rows without one."""
    for text in (".", "<>", "x" * 256):
        with pytest.raises(UsageError, match="--domain must be a domain"):
            filters("--domain", text)


def test_what_was_left_out():
    """Each row that was left out is counted, and those that have no date where a time was asked for."""
    some = filters("--since", "2024-03-02")
    assert len(list(some.left(ROWS))) == 1
    assert (some.left_out, some.undated, some.needed) == (3, 1, ["date"])
    assert filters("--kind", "hard").needed == []


@given(st.text("ab.*?[]", max_size=8), st.text("ab.[]\n", max_size=12))
def test_property_pattern_as_fnmatch(text, status):
    """A pattern means what fnmatch makes of it, but for brackets, which are themselves."""
    expected = re.compile(fnmatch.translate(text.replace("[", "[[]"))).match(status) is not None
    assert Pattern(text).matches(status) is expected


@pytest.mark.parametrize("text", ["*.*.1", "*a*b*", "*?x?*", "*....*x"])
def test_pattern_in_a_time_that_grows_with_the_text(text):
    """A text that nearly matches everywhere is gone through once for each piece: no search begins anew."""
    assert not Pattern(text).matches("." * 1000000)


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
