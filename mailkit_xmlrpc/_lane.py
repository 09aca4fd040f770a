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
from operator import itemgetter
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Pattern, Tuple

from ._columns import NIL, TEXT, UNTYPED, Shape, Words
from ._normalise import MEMBERS
from .bounce import Bounce

_S = "[ \t\r\n]*"  # XML 1.0, 2.3 S
_TIGHT_OPEN, _TIGHT_CLOSE = "<value><struct>", "</struct></value>"  # without white space everything is faster
_OPEN = re.compile("{0}<value>{0}<struct>{0}".format(_S))
_CLOSE = re.compile("</struct>{0}</value>".format(_S))
_TYPED = "<(string|int|i4|i8|double)>({0})</\\2>".format(TEXT)
_MEMBER = re.compile(
    "<member>{0}<name>([A-Za-z_0-9]+)</name>{0}<value>(?:{0}{1}{0}|({0}<nil/>{0}|{2}))</value>{0}</member>{0}".format(
        _S, _TYPED, TEXT
    )
)
_GROUPS = _MEMBER.groups + 1  # items that split() gives for each member
_TIGHT_MEMBER = re.compile("<member><name>([A-Za-z_0-9]+)</name><value>{}</value></member>".format(_TYPED))
_TIGHT_GROUPS = _TIGHT_MEMBER.groups + 1

MAX_ROW = 1 << 14  # characters of a row that is worth an expression of its own
MAX_KINDS = 8  # expressions learned from one answer: compiling one takes a millisecond, and many kinds are no kinds
MAX_SHAPES = 64  # shapes remembered while rows come in ever other orders

_DOCUMENTED = tuple(member.name for member in MEMBERS)
_IN_ORDER = itemgetter(*_DOCUMENTED)


class _Kind(NamedTuple):
    """An expression for rows of one kind, what its groups are, and how to put texts by name in its order."""

    pattern: "Pattern[str]"
    shape: Shape
    in_order: Callable[[Dict[str, str]], Iterable[str]]


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
            kind = None if row is None else self._by_shape(row[1], row[2])
            if row is None or kind is None:
                break
            end, names, types, texts = row
            match = kind.pattern.fullmatch("\0".join(kind.in_order(dict(zip(names, texts)))))
            if match is None:
                break
            if kind.shape is not shape:
                if shape is not None:
                    self._add(bounces, shape, rows)
                shape, rows = kind.shape, []
            rows.append(match.groups())
            alike = (names, types)
            learned = alike == self._last and end - at <= MAX_ROW and len(self._kinds) < MAX_KINDS
            self._last = alike
            if learned:
                self._kinds.insert(0, _learned(text, at, end, names, types))
            at = end
        if shape is not None:
            self._add(bounces, shape, rows)
        return at

    def _by_shape(self, names: List[str], types: List[str]) -> Optional[_Kind]:
        """What rows of these members and types are, in whatever order."""
        typed = dict(zip(names, types))
        if not names or len(typed) != len(names):  # an empty struct, two members of one name
            return None
        order = _DOCUMENTED
        try:
            key: Any = _IN_ORDER(typed)
        except KeyError:
            key = ()
        if len(key) != len(names):
            order = tuple(sorted(typed))
            key = order, tuple(map(typed.__getitem__, order))
        if key not in self._shapes:
            if len(self._shapes) >= MAX_SHAPES:
                return None
            members = [(name, typed[name]) for name in order]
            self._shapes[key] = _joined(members) if Shape.is_plain(members) else None
        return self._shapes[key]


def _take_apart(text: str, at: int) -> Optional[Tuple[int, List[str], List[str], List[str]]]:
    """Of the row that stands in *text* at *at*, if it holds nothing but plain members: end, names, types, texts."""
    if text.startswith(_TIGHT_OPEN, at):
        start = at + len(_TIGHT_OPEN)
        stop = text.find("</struct>", start)
        if stop >= 0 and text.startswith(_TIGHT_CLOSE, stop):
            parts = _TIGHT_MEMBER.split(text[start:stop])
            if not any(parts[::_TIGHT_GROUPS]):  # what stands between the members: nothing may
                names, types, texts = parts[1::_TIGHT_GROUPS], parts[2::_TIGHT_GROUPS], parts[3::_TIGHT_GROUPS]
                return stop + len(_TIGHT_CLOSE), names, types, texts
    opened = _OPEN.match(text, at)
    stop = text.find("</struct>", opened.end()) if opened else -1
    closed = _CLOSE.match(text, stop) if stop >= 0 else None
    if opened is None or closed is None:
        return None
    parts = _MEMBER.split(text[opened.end() : stop])
    if any(parts[::_GROUPS]):
        return None
    types, texts = parts[2::_GROUPS], parts[3::_GROUPS]
    for index, other in enumerate(parts[4::_GROUPS]):
        if other is not None:
            types[index], texts[index] = (NIL, "") if "<" in other else (UNTYPED, other)
    return closed.end(), parts[1::_GROUPS], types, texts


def _joined(members: List[Tuple[str, str]]) -> _Kind:
    """For the texts of one row, joined by NUL, which none of them holds."""
    shape = Shape(members)
    return _Kind(re.compile("\0".join(shape.groups)), shape, _getter([name for name, _ in members]))


def _getter(names: List[str]) -> Callable[[Dict[str, str]], Iterable[str]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda texts: [texts[names[0]]]  # itemgetter gives no tuple for one name


def _learned(text: str, at: int, end: int, names: List[str], types: List[str]) -> _Kind:
    """For whole rows like the plain one that stands in *text* from *at* to *end*."""
    shape = Shape(list(zip(names, types)))
    pattern = []
    groups = iter(shape.groups)
    for match in _MEMBER.finditer(text, at, end):
        start, stop = match.span(3 if match.group(2) else 4)
        group = next(groups)
        if group:  # not a nil, which is literal text itself
            pattern += [re.escape(text[at:start]), group]
            at = stop
    pattern.append(re.escape(text[at:end]))
    return _Kind(re.compile("".join(pattern)), shape, _getter(names))
