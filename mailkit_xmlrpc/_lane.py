"""The fast lane: plain rows recognised by regular expressions, many times faster than tag by tag. Pure.

It accepts only what cannot mean two things: the documented tags without attributes, text without control characters,
the five entities and harmless character references; no CDATA, comment, processing instruction or nesting. Whatever it
does not recognise, from the start of that row on, is the general decoder's, which alone decides what is an error. Two
steps:

- ``_take_apart`` splits one row into its members, whatever their order and the white space between the tags.
- When two rows running are alike but for their values, the literal text between the values is compiled into one
  expression that takes all further such rows in a loop in C, and their values are converted column by column.
  (Compiled expressions stay in ``re``'s own cache, so the next report of the same server finds them there.)

Every byte is accounted for: an expression matches from exactly where the last one ended, or not at all.
"""
import re
from datetime import tzinfo
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Pattern, Tuple

from ._columns import NIL, TEXT, UNTYPED, Shape, Words
from ._normalise import MEMBERS
from .bounce import Bounce

_S = "[ \t\r\n]*"  # XML 1.0, 2.3 S
_OPEN = re.compile("{0}<value>{0}<struct>{0}".format(_S))
_CLOSE = re.compile("</struct>{0}</value>".format(_S))
_MEMBER = re.compile(
    "<member>{0}<name>([A-Za-z_0-9]+)</name>{0}<value>"
    "(?:{0}<(string|int|i4|i8|double)>({1})</\\2>{0}|({0}<nil/>{0}|{1}))"
    "</value>{0}</member>{0}".format(_S, TEXT)
)
_GROUPS = _MEMBER.groups + 1  # items that split() gives for each member

MAX_ROW = 1 << 14  # characters of a row that is worth an expression of its own
MAX_KINDS = 8  # expressions learned from one answer: compiling one takes a millisecond, and many kinds are no kinds
MAX_SHAPES = 64  # shapes remembered while rows come in ever other orders

_DOCUMENTED = tuple(member.name for member in MEMBERS)
_AS_DOCUMENTED = frozenset(_DOCUMENTED)


class _Kind(NamedTuple):
    """An expression for whole rows of one kind, and what its groups are."""

    pattern: "Pattern[str]"
    shape: Shape


class _Row(NamedTuple):
    """One row taken apart."""

    end: int
    names: List[str]
    types: List[str]
    texts: List[str]


class Lane:
    """Takes rows off the front of a text as long as they are plain."""

    def __init__(self, id_send: int, tz: Optional[tzinfo]) -> None:
        self._id_send = id_send
        self._tz = tz
        self._words = Words()
        self._kinds: List[_Kind] = []
        self._shapes: Dict[Any, Optional[_Kind]] = {}
        self._last: Any = None

    def take(self, text: str, at: int) -> Tuple[List[Bounce], int]:
        """The rows that stand plain in *text* from *at* on, and where the first other thing begins."""
        bounces: List[Bounce] = []
        while True:
            start = at
            for index, kind in enumerate(self._kinds):
                scanner = kind.pattern.scanner(text, at)  # type: ignore[attr-defined]  # as old as re, undocumented
                matches = list(iter(scanner.match, None))
                if matches:
                    at = matches[-1].end()
                    self._add(bounces, kind.shape, [match.groups() for match in matches])
                    if index:
                        self._kinds.insert(0, self._kinds.pop(index))
                    break
            else:
                at = self._one_by_one(text, at, bounces)
            if at == start:
                return bounces, at

    def _add(self, bounces: List[Bounce], shape: Shape, rows: List[Tuple[str, ...]]) -> None:
        bounces += shape.bounces(rows, self._id_send, self._tz, self._words)

    def _one_by_one(self, text: str, at: int, bounces: List[Bounce]) -> int:
        """Take rows of whatever order until two running are alike, or one is not plain; returns where that is."""
        shape = None
        rows: List[Tuple[str, ...]] = []
        learned = False
        while not learned:
            row = _take_apart(text, at)
            found = None if row is None else self._by_shape(row)
            if row is None or found is None:
                break
            kind, texts = found
            match = kind.pattern.fullmatch("\0".join(texts))
            if match is None:
                break
            if kind.shape is not shape:
                if shape is not None:
                    self._add(bounces, shape, rows)
                shape, rows = kind.shape, []
            rows.append(match.groups())
            alike = (row.names, row.types)
            learned = alike == self._last and row.end - at <= MAX_ROW and len(self._kinds) < MAX_KINDS
            self._last = alike
            if learned:
                self._kinds.insert(0, _learned(text, at, row))
            at = row.end
        if shape is not None:
            self._add(bounces, shape, rows)
        return at

    def _by_shape(self, row: _Row) -> Optional[Tuple[_Kind, Iterable[str]]]:
        """What rows of these members and types are, and the row's texts in that one's order."""
        texts = dict(zip(row.names, row.texts))
        types = dict(zip(row.names, row.types))
        if len(types) != len(row.names):  # two members of one name
            return None
        names = _DOCUMENTED if types.keys() == _AS_DOCUMENTED else tuple(sorted(types))
        key = names, tuple(map(types.__getitem__, names))
        if key not in self._shapes:
            if len(self._shapes) >= MAX_SHAPES:
                return None
            members = list(zip(*key))
            self._shapes[key] = _joined(Shape(members)) if Shape.is_plain(members) else None
        kind = self._shapes[key]
        return None if kind is None else (kind, map(texts.__getitem__, names))


def _take_apart(text: str, at: int) -> Optional[_Row]:
    """The row that stands in *text* at *at*, if nothing but plain members is in it."""
    opened = _OPEN.match(text, at)
    end = text.find("</struct>", opened.end()) if opened else -1
    closed = _CLOSE.match(text, end) if end >= 0 else None
    if opened is None or closed is None:
        return None
    parts = _MEMBER.split(text[opened.end() : end])
    if any(parts[::_GROUPS]):  # what stands between the members: nothing may
        return None
    types, texts = parts[2::_GROUPS], parts[3::_GROUPS]
    if None in types:
        for index, other in enumerate(parts[4::_GROUPS]):
            if other is not None:
                types[index], texts[index] = (NIL, "") if "<" in other else (UNTYPED, other)
    return _Row(closed.end(), parts[1::_GROUPS], types, texts)


def _joined(shape: Shape) -> _Kind:
    """For the texts of one row, joined by NUL, which none of them holds."""
    return _Kind(re.compile("\0".join(shape.groups)), shape)


def _learned(text: str, at: int, row: _Row) -> _Kind:
    """For whole rows like the plain one that stands in *text* at *at*."""
    shape = Shape(list(zip(row.names, row.types)))
    pattern = []
    groups = iter(shape.groups)
    for match in _MEMBER.finditer(text, at, row.end):
        start, end = match.span(3 if match.group(2) else 4)
        group = next(groups)
        if group:  # not a nil, which is literal text itself
            pattern += [re.escape(text[at:start]), group]
            at = end
    pattern.append(re.escape(text[at : row.end]))
    return _Kind(re.compile("".join(pattern)), shape)
