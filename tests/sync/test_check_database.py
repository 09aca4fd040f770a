"""``check --db``: what the nightly job wrote is checked; what it could not read is not known, and never well."""

import functools

import pytest

from mailkit_xmlrpc.cli import main
from tests.support.nights import days_ago, report


@pytest.fixture
def check(on_database):
    """``check(*arguments)``: what ``check`` comes to, on the database of the job."""
    return functools.partial(on_database, "check")


def test_percent_of_what_the_campaign_told(sqlite_nights, check):
    """The job keeps how many messages were sent: percent are of that, and of --sent where it is given."""
    sqlite_nights.add(1, report(5), send_count=100)
    sqlite_nights.add(2, report(5), send_count=100)
    sqlite_nights.run()
    assert check("--fail-if", "all>5%") == (0, "", "")
    assert check("--fail-if", "all>4.9%", "--max-age", "1h") == (
        8,
        "mailkit-bounces: all>4.9% (5.0 %: 10 of 200)\n",
        "",
    )
    assert check("--fail-if", "all>10%", "--sent", 50) == (8, "mailkit-bounces: all>10% (20.0 %: 10 of 50)\n", "")


def test_number_that_the_job_does_not_know(sqlite_nights, check):
    """Where the database lacks a number, percent cannot be told, and numbers can."""
    sqlite_nights.add(1, report(5), send_count=100)
    sqlite_nights.run()
    sqlite_nights.execute("UPDATE mailkit_delivery SET send_count = NULL")
    code, out, err = check("--fail-if", "all>5%")
    assert (code, out) == (2, "") and "percent of what?" in err
    assert check("--fail-if", "all>5") == (0, "", "")


def test_deliveries_since(sqlite_nights, check):
    """Only the deliveries of some days are looked at; where there is none, nothing is known."""
    sqlite_nights.add(1, report(5), sent=3, send_count=100)
    sqlite_nights.add(2, [], sent=20, send_count=100)
    sqlite_nights.run()
    assert check("--fail-if", "all>2%", "--deliveries-since", "10d")[0] == 8
    assert check("--fail-if", "all>4%")[0] == 0
    code, out, err = check("--fail-if", "all>4%", "--deliveries-since", "2d")
    assert (code, out) == (6, "")
    words = "no such delivery is known there: none was sent, or sync did not run, or it failed"
    assert err == "mailkit-bounces: the database: {}\n".format(words)


def test_report_that_is_not_known(sqlite_nights, check):
    """A report that was never read, that could not be read the last time, or that is too old, is not known: 6."""
    sqlite_nights.add(1, report(5), send_count=100)
    sqlite_nights.add(2, report(5), send_count=100)
    sqlite_nights.run()
    unknown = "mailkit-bounces: the database: the report of 1 of 2 deliveries is not known\n"
    for change in (
        "fetched_at = NULL WHERE id_send = 1",
        "last_error = 'x' WHERE id_send = 1",
        "fetched_at = '2020-01-01 00:00:00' WHERE id_send = 1",
    ):
        sqlite_nights.execute("UPDATE mailkit_delivery SET last_error = NULL")
        sqlite_nights.execute("UPDATE mailkit_delivery SET fetched_at = '{}'".format(days_ago(0)))
        sqlite_nights.execute("UPDATE mailkit_delivery SET " + change)
        assert check("--fail-if", "all>50%", "--max-age", "48h") == (6, "", unknown), change
    assert check("--fail-if", "all>50%") == (0, "", "")
    sqlite_nights.execute("UPDATE mailkit_delivery SET settled = 1")
    assert check("--fail-if", "all>50%", "--max-age", "48h") == (0, "", "")


def test_span_that_is_none(sqlite_nights, check, tmp_path):
    """What is no span, no day or no database is a wrong call, in words of the command line."""
    sqlite_nights.add(1, [])
    sqlite_nights.run()
    for option in ("--max-age", "--deliveries-since"):
        code, _, err = check("--fail-if", "all>5", option, "soon")
        assert code == 2 and err.startswith("mailkit-bounces: {} must be a ".format(option))
    code = main(["check", "--db", "sqlite:///{}/none.db".format(tmp_path), "--fail-if", "all>5"])
    assert code == 2
