"""The time zone of a DATE: a fixed one, pytz's, zoneinfo's, or none."""

from datetime import datetime, timedelta, timezone, tzinfo

import pytest

from mailkit_xmlrpc.protocol import fields as _fields
from mailkit_xmlrpc.protocol.fields import DateTimeText, bounce_from_struct, plain

DATE = "2014-10-26 02:30:00"  # in Prague it came twice that night: at +02:00 and, an hour later, at +01:00
NAIVE = datetime(2014, 10, 26, 2, 30)
SUMMER, WINTER = timezone(timedelta(hours=2), "CEST"), timezone(timedelta(hours=1), "CET")


class LikePytz(tzinfo):
    """What pytz's zones look like: attached by replace() they tell local mean time, so only localize() is right."""

    def localize(self, date, is_dst=False):
        """As pytz: of two readings is_dst tells which; OverflowError at the ends of the calendar."""
        if date.year == 9999:
            raise OverflowError("date value out of range")
        if is_dst is None:
            raise ValueError("ambiguous")
        return date.replace(tzinfo=SUMMER if is_dst else WINTER)

    def utcoffset(self, date):
        """Local mean time."""
        return timedelta(minutes=58)


def dated(text, tz):
    """Return the row's date."""
    bounce = bounce_from_struct({"DATE": text}, 123456, tz)
    assert (bounce.extra == {}) is (bounce.date is not None)
    return bounce.date


def test_tz_none():
    """Without tz a date stays naive: the vendor names no zone."""
    assert dated(DATE, None).tzinfo is None


def test_tz_fixed():
    """A tzinfo is attached, the clock's reading stays."""
    for text in (DATE, DateTimeText("20141026T02:30:00")):
        date = dated(text, WINTER)
        assert (date.replace(tzinfo=None), date.tzinfo) == (NAIVE, WINTER)


def test_tz_with_localize():
    """A zone with localize() is asked by it, and a time that came twice is the first one."""
    date = dated(DATE, LikePytz())
    assert (date.replace(tzinfo=None), date.utcoffset()) == (NAIVE, timedelta(hours=2))


@pytest.mark.parametrize("text", ["2014-12-23", "2014-02-30"])
def test_date_that_is_struck(monkeypatch, text):
    """A time limit that strikes while a date is read is no date that cannot be read."""
    error = ValueError("theirs")

    def struck(*parts):
        raise error

    monkeypatch.setattr(_fields, "datetime", struck)
    with pytest.raises(ValueError) as caught:
        bounce_from_struct({"DATE": text}, 1)
    assert caught.value is error


def test_tz_with_localize_out_of_range():
    """Where localize() gives up at the calendar's end, the text stands in extra."""
    assert dated("9999-12-31 23:59:59", LikePytz()) is None


def test_tz_zoneinfo():
    """zoneinfo's zones read a time that came twice as the first one, too."""
    zoneinfo = pytest.importorskip("zoneinfo", reason="zoneinfo came with Python 3.9")
    try:
        prague = zoneinfo.ZoneInfo("Europe/Prague")
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("this machine has no time zones")
    date = dated(DATE, prague)
    assert (date.fold, date.utcoffset()) == (0, timedelta(hours=2))


def test_tz_absent_date():
    """No date, no zone."""
    assert bounce_from_struct({"EMAIL": "a"}, 1, WINTER).date is None


@pytest.mark.parametrize("value", [5, 5.5, True, None, b"a", "a"])
def test_plain_scalar(value):
    """What is no dateTime and holds none stays itself."""
    assert plain(value) is value
