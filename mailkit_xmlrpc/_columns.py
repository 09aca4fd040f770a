"""Values of the fast lane: what they may look like, and whole columns of them converted at once. Pure.

Only forms whose meaning is beyond doubt, with the meaning that ``_decode`` and ``_normalise`` give them (property
tests hold the two together). The expressions are linear: what follows a repetition never begins with what the
repetition may hold.
"""
import re
from datetime import datetime, tzinfo
from itertools import repeat
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

from ._normalise import MEMBERS, UNREADABLE, localized, read_date, read_id, read_text
from .bounce import Bounce, quick_bounce

MAX_MEMBERS = 32  # of one row; an expression of thousands of groups takes seconds to compile
_MAX_WORD = 64  # characters of one
_MAX_WORDS = 1 << 12  # different statuses, states and categories that are shared; a report has a few dozen

# --- what they look like --------------------------------------------------------------------------------------------

# Without > (so no "]]>"), without CR (XML makes it LF), without what XML forbids. What an & begins, _texts() sees to.
TEXT = "[^<>\0-\x08\x0b-\x1f\ufffe\uffff]*"
_DIGITS = "[0-9]{1,18}"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}"
_DOUBLE = "-?[0-9]{1,30}[.][0-9]{1,30}"

# --- what they mean -------------------------------------------------------------------------------------------------

_REFERENCE = re.compile("&([^&;]*);")
_NUMBER = re.compile("#(?:0*([0-9]{1,7})|x0*([0-9a-fA-F]{1,6}))")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class NotPlainError(Exception):
    """What an ampersand begins is nothing that XML knows."""


class _References(Dict[str, str]):
    """What entities and character references stand for (XML 1.0, 4.6, 4.1, and 2.2 Char).

    :raises NotPlainError: for all others
    """

    def __missing__(self, reference: str) -> str:
        match = _NUMBER.fullmatch(reference)
        if match is None:
            raise NotPlainError("no reference")
        decimal, hexadecimal = match.groups()
        number = int(decimal) if decimal else int(hexadecimal, 16)
        if not (
            number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0xFFFF < number < 0x110000
        ):
            raise NotPlainError("no character")
        self[reference] = chr(number)
        return self[reference]


def _texts(column: Sequence[str]) -> Sequence[str]:
    joined = "\0".join(column)  # no text holds NUL, and no reference stands for it
    ampersands = joined.count("&")
    if not ampersands:
        return column
    parts = _REFERENCE.split(joined)
    if len(parts) // 2 != ampersands:
        raise NotPlainError("an ampersand by itself")
    parts[1::2] = map(_References(_NAMED).__getitem__, parts[1::2])
    return "".join(parts).split("\0")


def _as_they_are(column: Sequence[str]) -> Iterable[str]:
    return column


def _ids(column: Sequence[str]) -> Iterable[int]:
    return map(int, column)


def _optional_ids(column: Sequence[str]) -> Iterable[Optional[int]]:
    return [int(text) if text else None for text in column]


def _ints_as_texts(column: Sequence[str]) -> Iterable[str]:
    return map(str, map(int, column))


def _doubles_as_texts(column: Sequence[str]) -> Iterable[str]:
    return map(repr, map(float, column))


class _Column(NamedTuple):
    """How the values of one member look, and how a column of them is converted."""

    pattern: str
    convert: Callable[[Sequence[str]], Iterable[Any]]


NIL = "nil"  # a type without a value
UNTYPED = ""
VERBATIM = "verbatim"  # not of XML: a string as it is
_COLUMNS: Dict[Tuple[Any, str], _Column] = {(read_text, "double"): _Column(_DOUBLE, _doubles_as_texts)}
for _type in ("string", UNTYPED):
    _COLUMNS[read_text, _type] = _COLUMNS[None, _type] = _Column(TEXT, _texts)
    _COLUMNS[read_id, _type] = _Column("(?:{})?".format(_DIGITS), _optional_ids)
    _COLUMNS[read_date, _type] = _Column("(?:{})?".format(_DATE), _texts)  # converted with the time zone, see below
for _type in ("int", "i4", "i8"):
    _COLUMNS[read_text, _type] = _Column("-?" + _DIGITS, _ints_as_texts)
    _COLUMNS[read_id, _type] = _COLUMNS[None, _type] = _Column(_DIGITS, _ids)

_COLUMNS[read_text, VERBATIM] = _COLUMNS[None, VERBATIM] = _Column("", _as_they_are)
_COLUMNS[read_id, VERBATIM] = _COLUMNS[read_id, "string"]
_COLUMNS[read_date, VERBATIM] = _COLUMNS[read_date, "string"]

_READERS = {member.name: member.read for member in MEMBERS}
_SHARED = frozenset(("STATUS", "EMAIL_STATUS", "BOUNCE_CAT"))


if hasattr(datetime, "fromisoformat"):
    _datetime: Callable[[str], datetime] = datetime.fromisoformat  # novm (Python 3.7, asked for above)
else:  # pragma: no cover (Python 3.6)

    def _datetime(text: str) -> datetime:
        year, month, day, hour, minute, second = map(int, re.split("[- :]", text))
        return datetime(year, month, day, hour, minute, second)


class Words(Dict[str, str]):
    """Gives the first of all equal strings: a report has few statuses, and perhaps millions of rows."""

    def __missing__(self, word: str) -> str:
        if len(word) > _MAX_WORD:
            return word
        if len(self) >= _MAX_WORDS:
            self.clear()
        self[word] = word
        return word


class Shape:
    """Rows that have the same members of the same types in the same order.

    :param members: (name, type) of each; a type is that of XML-RPC, ``UNTYPED`` or ``NIL``
    """

    def __init__(self, members: Sequence[Tuple[str, str]]) -> None:
        #: for each member an expression in parentheses for its value
        self.groups: List[str] = []
        self._documented: Dict[str, Tuple[int, _Column]] = {}
        self._extra: List[Tuple[str, int, _Column]] = []
        self._extra_nil: List[str] = []
        for name, kind in members:
            reader = _READERS.get(name)
            if kind == NIL:
                self.groups.append("()")
                if reader is None:
                    self._extra_nil.append(name)
                continue
            column = _COLUMNS[reader, kind]
            if reader is None:
                self._extra.append((name, len(self.groups), column))
            else:
                self._documented[name] = len(self.groups), column
            self.groups.append("({})".format(column.pattern))

    @staticmethod
    def is_plain(members: Sequence[Tuple[str, str]]) -> bool:
        """Whether rows of such members are beyond doubt; only then may a shape be made of them."""
        names = {name for name, _ in members}
        return (
            len(names) == len(members) <= MAX_MEMBERS
            and not names.isdisjoint(_READERS)
            and all(name in _READERS or name.upper() not in _READERS for name in names)
            and all(kind == NIL or (_READERS.get(name), kind) in _COLUMNS for name, kind in members)
        )

    def bounces(self, rows: List[Tuple[str, ...]], id_send: int, tz: Optional[tzinfo], words: Words) -> List[Bounce]:
        """The Bounces of *rows*, each a tuple of the texts of its groups.

        :raises NotPlainError: for one of them at least
        """
        columns = list(zip(*rows))
        extras: List[Dict[str, object]] = [{} for _ in rows]
        for name, index, column in self._extra:
            for extra, value in zip(extras, column.convert(columns[index])):
                extra[name] = value
        for name in self._extra_nil:
            for extra in extras:
                extra[name] = None
        fields: List[Iterable[Any]] = []
        for member in MEMBERS:
            if member.name not in self._documented:  # missing or nil
                fields.append(repeat("" if member.read is read_text else None))
                continue
            index, column = self._documented[member.name]
            if member.read is read_date:
                fields.append(_dates(columns[index], tz, extras))
            elif member.name in _SHARED:
                fields.append(map(words.__getitem__, column.convert(columns[index])))
            else:
                fields.append(column.convert(columns[index]))
        return list(map(quick_bounce, repeat(id_send), *fields, extras))


def _dates(
    column: Sequence[str], tz: Optional[tzinfo], extras: List[Dict[str, object]]
) -> Iterable[Optional[datetime]]:
    try:
        dates: List[Optional[datetime]] = [_datetime(text) if text else None for text in column]
        if tz is None:
            return dates
        return [None if date is None else localized(date, tz) for date in dates]
    except (ValueError, OverflowError):  # 0000-00-00, 30 February: the careful way tells which, and keeps it
        dates = [read_date(text, tz) for text in column]
    for index, date in enumerate(dates):
        if date is UNREADABLE:
            dates[index] = None
            extras[index]["DATE"] = column[index]
    return dates
