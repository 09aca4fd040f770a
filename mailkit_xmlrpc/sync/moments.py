"""Times of ours, UTC without a zone, as every database keeps them; and spans such as ``30d``."""

import re
from datetime import date, datetime, timedelta, timezone
from typing import Optional, Union

from ..exceptions import ConfigurationError

#: a moment, a day, or so long ago
Since = Union[date, timedelta, str]

_SPAN = re.compile("([1-9][0-9]{0,5})([dh])")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def utc_now() -> datetime:
    """This moment."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


def text_of(moment: datetime) -> str:
    """*moment* to the second, as the table of bounces has it."""
    return moment.replace(microsecond=0).isoformat(" ")


def utc_of(value: Optional[date]) -> Optional[datetime]:
    """*value* without a zone: in UTC where it has one, else as told. None where UTC has no such year."""
    if not isinstance(value, datetime):
        return None if value is None else datetime(value.year, value.month, value.day)
    if value.tzinfo is None:
        return value
    try:
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:
        return None


def span_of(value: object, name: str) -> timedelta:
    """*value* as a span: a positive timedelta, or a text such as ``30d`` or ``12h``.

    :raises ConfigurationError: it is none; the text tells its *name*
    """
    if isinstance(value, timedelta) and value > timedelta(0):
        return value
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ConfigurationError("{} must be a positive timedelta, or a text like 30d or 12h".format(name))
    number = int(match.group(1))
    return timedelta(days=number) if match.group(2) == "d" else timedelta(hours=number)


def moment_of(value: object, name: str, now: datetime) -> datetime:
    """*value* as a moment: a date, a text such as ``2024-03-01``, or a span before *now*.

    :raises ConfigurationError: it is none of these, or it is before all time; the text tells its *name*
    """
    moment = utc_of(value) if isinstance(value, date) else None
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            moment = datetime(*map(int, value.split("-")))  # type: ignore[arg-type]  # three numbers
        except ValueError:  # 30 February
            pass
    elif isinstance(value, timedelta) or isinstance(value, str) and _SPAN.fullmatch(value):
        try:
            moment = now - span_of(value, name)
        except OverflowError:
            pass
    if moment is None:
        raise ConfigurationError("{} must be a date like 2024-03-01, or a span like 30d or 12h".format(name))
    return moment
