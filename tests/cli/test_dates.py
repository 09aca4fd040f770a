"""Dates on the command line: days, months, moments, ``yesterday``, and spans back from now."""

import argparse
import sys
import types
from datetime import datetime

import pytest

from mailkit_xmlrpc.cli import dates, zones
from mailkit_xmlrpc.simulator import Simulator
from tests.cli.given import run


@pytest.fixture(autouse=True)
def leap_day(monkeypatch):
    """It is noon of a leap day."""
    monkeypatch.setattr(dates, "_now", lambda: datetime(2024, 2, 29, 12, 30))


@pytest.mark.parametrize(
    "text, first, end",
    [
        ("2024-03-01", datetime(2024, 3, 1), datetime(2024, 3, 2)),
        ("2024-03-01T08:30", datetime(2024, 3, 1, 8, 30), datetime(2024, 3, 1, 8, 30)),
        ("2014-12", datetime(2014, 12, 1), datetime(2015, 1, 1)),
        ("2024-02", datetime(2024, 2, 1), datetime(2024, 3, 1)),
        ("9999-12", datetime(9999, 12, 1), datetime.max),
        ("yesterday", datetime(2024, 2, 28), datetime(2024, 2, 29)),
        ("today", datetime(2024, 2, 29), datetime(2024, 3, 1)),
        ("30d", datetime(2024, 1, 30, 12, 30), datetime(2024, 1, 30, 12, 30)),
        ("12h", datetime(2024, 2, 29, 0, 30), datetime(2024, 2, 29, 0, 30)),
        ("100000h", datetime(2012, 10, 2, 20, 30), datetime(2012, 10, 2, 20, 30)),
    ],
)
def test_date(text, first, end):
    """--since has the first moment, --until the first one after it."""
    assert (dates.since(text), dates.until(text)) == (first, end)


@pytest.mark.parametrize("text", ["2014-13", "999999d", "2023-02-29", "0000-01"])
def test_date_that_does_not_exist(text):
    """A form that is known, and no date in it."""
    with pytest.raises(argparse.ArgumentTypeError, match="there is no such date"):
        dates.since(text)


@pytest.mark.parametrize("text", ["tomorrow", "0d", "30", "30 d", "2014", "", "\u0662d"])
def test_date_of_another_form(text):
    """The error names the forms."""
    with pytest.raises(argparse.ArgumentTypeError, match="2024-03, .*yesterday, 30d or 12h"):
        dates.since(text)


def test_now_is_the_clock_of_this_machine(monkeypatch):
    """Without a test's clock, a span ends now."""
    monkeypatch.undo()
    before = datetime.now()
    assert before <= dates._now() <= datetime.now()


# --- time zones -------------------------------------------------------------------------------------------------------


def test_time_zone(capfd, use_account):
    """--tz says in which time zone Mailkit's dates are; the offset is then in each of them."""
    pytest.importorskip("zoneinfo" if sys.version_info >= (3, 9) else "backports.zoneinfo")
    with Simulator(reports={7: [{"EMAIL": "a@example.com", "DATE": "2014-12-23 12:36:02"}]}) as simulator:
        use_account(simulator.url)
        out = run(capfd, "fetch", 7, "--tz", "Europe/Prague", "-o", "csv", "--columns", "date").out
    assert out == "date\n2014-12-23T12:36:02+01:00\n"
    for wrong in ("Europe/Prag", "Europe", "../x", ""):
        err = run(capfd, "fetch", 7, "--tz", wrong, code=2).err
        assert "a time zone looks like Europe/Prague or UTC" in err


def zoneinfo_of(names):
    """A module such as zoneinfo that knows *names*."""
    module = types.ModuleType("zoneinfo")

    def zone(name):
        raise KeyError(name)

    module.ZoneInfo = zone
    module.available_timezones = lambda: set(names)
    return module


def test_time_zone_where_there_is_no_list_of_them(monkeypatch):
    """Windows and small containers have none: the remedy is named."""
    monkeypatch.setitem(sys.modules, "zoneinfo", zoneinfo_of([]))
    with pytest.raises(argparse.ArgumentTypeError, match="pip install tzdata"):
        zones.time_zone("Europe/Prague")


def test_time_zone_by_the_backport(monkeypatch):
    """Before Python 3.9 the backport knows them, if it is installed."""
    monkeypatch.setitem(sys.modules, "zoneinfo", None)
    monkeypatch.setitem(sys.modules, "backports", types.ModuleType("backports"))
    monkeypatch.setitem(sys.modules, "backports.zoneinfo", zoneinfo_of(["UTC"]))
    with pytest.raises(argparse.ArgumentTypeError, match="a time zone looks like"):
        zones.time_zone("Europe/Prag")
    monkeypatch.setitem(sys.modules, "backports.zoneinfo", None)
    with pytest.raises(argparse.ArgumentTypeError, match="pip install backports.zoneinfo"):
        zones.time_zone("Europe/Prague")
