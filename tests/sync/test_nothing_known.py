"""A database in which no delivery is known tells nothing: "0 bounces" would be no answer."""

import pytest

from mailkit_xmlrpc.cli import main
from tests.support.nights import report

WORDS = "mailkit-bounces: the database: no delivery is known there; maybe sync did not run, or it failed\n"


@pytest.mark.parametrize("command", ["summary", "suppress"])
@pytest.mark.parametrize("options", [(), ("--deliveries-since", "7d")])
def test_no_delivery_at_all(sqlite_nights, on_database, command, options):
    """As after a night in which every call was refused."""
    sqlite_nights.run()
    assert on_database(command, *options) == (6, "", WORDS)


def test_none_in_a_time(sqlite_nights, on_database):
    """Where others are known, a time without a delivery is an answer, and is said."""
    sqlite_nights.add(1, report(5), sent=20)
    sqlite_nights.run()
    code, out, err = on_database("summary", "--deliveries-since", "7d")
    assert code == 0 and "0 bounces" in out
    assert "mailkit-bounces: the database: no delivery is known there that was sent in that time\n" in err


@pytest.mark.parametrize("command", ["summary", "suppress", "check --fail-if all>0"])
@pytest.mark.parametrize("after", [0, 1])
def test_file_that_does_not_tell_all(sqlite_nights, on_database, command, after, capfd):
    """The file of a database as --from: what it does not tell is no answer there, either."""
    sqlite_nights.add(1, report(2))
    sqlite_nights.add(2, report(2))
    sqlite_nights.mailkit.refuse("Invalid ID_send", after=after)
    sqlite_nights.run(ids=[1, 2] if after == 0 else None)
    path = sqlite_nights.db.partition("///")[2]
    code = main(command.split() + ["--from", path])
    out, err = capfd.readouterr()
    assert (code, out) == (2, "")
    assert ("1 report was never read; --db says of which deliveries" if after else "no delivery is known there") in err


def test_why_a_delivery_is_missing(sqlite_nights, on_database):
    """Its error is told as it was; it is nobody else's fault."""
    sqlite_nights.add(1, report(2))
    sqlite_nights.add(2, report(2))
    sqlite_nights.mailkit.refuse("Disallowed IP 192.0.2.1", after=1)
    sqlite_nights.run()
    code, out, err = on_database("summary")
    assert code == 1
    assert "Disallowed IP 192.0.2.1" in out and "this machine could not" not in out + err
