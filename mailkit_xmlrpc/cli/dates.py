"""Dates on the command line: a day, a month, a moment, ``yesterday``, or a span back from now such as ``30d``."""

import argparse
import re
from datetime import datetime, timedelta

#: help of the options that take one
SINCE = "from then on: 2024-03-01, 2024-03, 2024-03-01T08:30, yesterday, 30d, 12h"
UNTIL = "up to the end of this day or month, or before this time"

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?|[0-9]{4}-[0-9]{2}")
_FORMATS = {7: "%Y-%m", 10: "%Y-%m-%d", 16: "%Y-%m-%d %H:%M", 19: "%Y-%m-%d %H:%M:%S"}  # by the length of the text
_SPAN = re.compile("([1-9][0-9]{0,5})([dh])")
_DAYS_AGO = {"today": 0, "yesterday": 1}
_FIRST_END = datetime.min + timedelta.resolution  # the first moment that has one before it


def since(text: str) -> datetime:
    """Read the first moment of a day or a month, or a moment.

    :raises argparse.ArgumentTypeError: it is none
    """
    span = _SPAN.fullmatch(text)
    try:
        if span:
            number = int(span.group(1))
            return _now() - (timedelta(days=number) if span.group(2) == "d" else timedelta(hours=number))
        if text in _DAYS_AGO:
            midnight = _now().replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight - timedelta(days=_DAYS_AGO[text])
        if _DATE.fullmatch(text):
            return datetime.strptime(text.replace("T", " "), _FORMATS[len(text)])
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError("there is no such date")
    raise argparse.ArgumentTypeError("a date looks like 2024-03-01, 2024-03, 2024-03-01T08:30, yesterday, 30d or 12h")


def until(text: str) -> datetime:
    """Read the first moment after a day or a month, or a moment.

    :raises argparse.ArgumentTypeError: it is none
    """
    moment = since(text)
    if _SPAN.fullmatch(text):
        return moment
    try:
        if len(text) == len("2024-03"):
            return (moment + timedelta(days=31)).replace(day=1)
        return moment + timedelta(days=1) if len(text) == len("2024-03-01") or text in _DAYS_AGO else moment
    except OverflowError:  # the last day there is
        return datetime.max


def last_before(end: datetime) -> datetime:
    """Return the last moment before *end*; the first one there is where there is none before it."""
    return max(end, _FIRST_END) - timedelta.resolution


def _now() -> datetime:
    """Return what the clock of this machine shows: the dates of rows name no time zone either."""
    return datetime.now()
