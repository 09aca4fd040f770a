"""Whole columns of values become fields of rows, many times faster than value by value. Pure.

They become what ``fields`` says, value by value (property tests hold the two together).
"""

import re
from datetime import datetime, tzinfo
from itertools import repeat
from typing import Any, Dict, Iterable, List, Optional, Sequence

from ..exceptions.boundary import raised_by_caller
from ..model.records import Bounce, quick_bounce
from .fields import (
    MEMBERS,
    UNREADABLE,
    DoubleLiteral,
    IntLiteral,
    Reader,
    localized,
    plain,
    read_date,
    read_id,
    read_text,
)
from .limits import MAX_ID

#: of each row, what is not documented or could not be read
Extras = List[Dict[str, object]]

#: what ids and dates look like whose meaning is beyond doubt
ID = "[0-9]{1,18}"
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"

#: members that have few different texts
SHARED = frozenset(("STATUS", "EMAIL_STATUS", "BOUNCE_CAT"))
MAX_WORDS = 1 << 12  # different statuses, states and categories that are shared; a report has a few dozen
_MAX_WORD = 64  # characters of one

_NAMES = frozenset(member.name for member in MEMBERS)
_TEXT_TYPES = {str, int, IntLiteral, float, DoubleLiteral, type(None)}  # of values that every text can be read from
_ID_TYPES = {int, type(None)}
_ID_LINES = re.compile("(?:(?:{})?\n)*".format(ID)).fullmatch
_DATE_LINES = re.compile("(?:(?:{})?\n)*".format(DATE)).fullmatch


class Words(Dict[str, str]):
    """Gives the first of all equal strings: a report has few statuses, and perhaps millions of rows."""

    def __missing__(self, word: str) -> str:
        if len(word) > _MAX_WORD:
            return word
        if len(self) >= MAX_WORDS:
            self.clear()
        self[word] = word
        return word


def bounces_of_structs(
    structs: List[object], id_send: int, tz: Optional[tzinfo], words: Words
) -> Optional[List[Bounce]]:
    """The Bounces of *structs*, which are changed; None, and nothing is changed, where one is not beyond doubt."""
    regular = _regular(structs)
    if regular is None:
        return None
    fields: List[Iterable[Any]] = []
    unreadable: Extras = [{} for _ in structs]
    for name, _, read in MEMBERS:
        column = [struct.pop(name, None) for struct in regular]
        if read is read_text:
            texts = _texts(column, name, unreadable)
            fields.append(map(words.__getitem__, texts) if name in SHARED else texts)
        elif read is read_id:
            fields.append(_ids(column, name, unreadable))
        else:
            fields.append(_dates(column, name, unreadable, tz))
    extras = []
    for struct, more in zip(regular, unreadable):
        if struct or more:
            more = {name: plain(value) for name, value in dict(struct, **more).items()}
        extras.append(more)
    return list(map(quick_bounce, repeat(id_send), *fields, extras))


def _regular(structs: List[Any]) -> Optional[List[Dict[str, object]]]:
    """*structs*, if all are structs with a documented member, and no member is one in other letters."""
    if set(map(type, structs)) != {dict}:
        return None
    if any(name.upper() in _NAMES for name in set().union(*structs) - _NAMES):
        return None
    return None if any(map(_NAMES.isdisjoint, structs)) else structs


def _texts(column: List[Any], name: str, extras: Extras) -> List[str]:
    types = set(map(type, column))
    if types == {str}:
        return column
    if types <= _TEXT_TYPES:
        return [
            value if type(value) is str else "" if value is None else read_text(value)  # type: ignore[misc]  # a str
            for value in column
        ]
    return _read(column, name, extras, "", read_text)


def _ids(column: List[Any], name: str, extras: Extras) -> List[Optional[int]]:
    types = set(map(type, column))
    if types == {str}:
        lines = "\n".join(column) + "\n"
        if _ID_LINES(lines) and lines.count("\n") == len(column):
            return [int(digits) if digits else None for digits in column]
    elif types != {int}:
        column = [None if value == "" else value for value in column]
        types = set(map(type, column))
    if types <= _ID_TYPES:
        ints = column if types == {int} else [value for value in column if value is not None]
        if min(ints, default=0) >= 0 and max(ints, default=0) <= MAX_ID:
            return column
    return _read(column, name, extras, None, read_id)


def _dates(column: List[Any], name: str, extras: Extras, tz: Optional[tzinfo]) -> List[Optional[datetime]]:
    texts = ["" if value is None else value for value in column]
    if set(map(type, texts)) == {str}:
        lines = "\n".join(texts) + "\n"
        if _DATE_LINES(lines) and lines.count("\n") == len(texts):
            return dates_of(texts, tz, extras)
    return _read(column, name, extras, None, read_date, tz)


def _read(
    column: Sequence[object],
    name: str,
    extras: Extras,
    absent: Optional[str],
    read: Reader,
    tz: Optional[tzinfo] = None,
) -> List[Any]:
    """*column* value by value; what is unreadable stays in the row's *extras*."""
    values = [read(value, tz) for value in column]
    for index, value in enumerate(values):
        if value is UNREADABLE:
            values[index] = absent
            extras[index][name] = column[index]
    return values


if hasattr(datetime, "fromisoformat"):
    _datetime = datetime.fromisoformat  # novm (Python 3.7, asked for above)
else:  # pragma: no cover (Python 3.6)

    def _datetime(text: str) -> datetime:
        year, month, day, hour, minute, second = map(int, re.split("[- :]", text))
        return datetime(year, month, day, hour, minute, second)


def dates_of(texts: Sequence[str], tz: Optional[tzinfo], extras: Extras) -> List[Optional[datetime]]:
    """The dates of *texts*, all documented or empty; what is none stays in the row's *extras*."""
    try:
        dates: List[Optional[datetime]] = [_datetime(text) if text else None for text in texts]
        if tz is None:
            return dates
        return [None if date is None else localized(date, tz) for date in dates]
    except (ValueError, OverflowError) as error:
        if raised_by_caller(error, tz):
            raise
    # 0000-00-00, 30 February: the careful way tells which, and keeps it
    return _read(texts, "DATE", extras, None, read_date, tz)
