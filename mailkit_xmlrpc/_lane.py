"""The fast lane: plain rows recognised by a regular expression, many times faster than tag by tag. Pure.

It accepts only what cannot mean two things: the documented tags without attributes, text without control characters,
the five entities and character references; no CDATA, comment, processing instruction or nesting. Whatever it
does not recognise, from the start of that row on, is the general decoder's, which alone decides what is an error.

From a plain row an expression is learned that takes all rows of its kind: the same members, with the same types and
the same white space inside, in any order, for that may change from row to row. It is

    OPEN (?: BEFORE_NAME (?: member | member | ... ) ){n} CLOSE

with one alternative and one group for each of the n members. A match has gone through n of them: if no group is empty,
each member is there exactly once. (What groups remember of earlier rounds cannot deceive: the alternatives exclude each
other by the member's name, before any group opens.) All rows of a kind are matched in a loop in C, and their values
converted column by column. Every byte is accounted for: a match begins exactly where the last one ended, or not at all.
Compiled expressions stay in ``re``'s own cache, so the next report of the same server finds them there.
"""
import re
from datetime import tzinfo
from typing import FrozenSet, List, NamedTuple, Optional, Pattern, Set, Tuple

from ._columns import NIL, TEXT, UNTYPED, NotPlainError, Shape, Words
from .bounce import Bounce

_S = "[ \t\r\n]*"  # XML 1.0, 2.3 S
_OPEN = re.compile("{0}<value>{0}<struct>{0}".format(_S))
_CLOSE = re.compile("</struct>{0}</value>".format(_S))
_MEMBER = re.compile(
    "(<member>{0}<name>)([A-Za-z_0-9]{{1,64}})</name>{0}<value>"
    "(?:{0}<(string|int|i4|i8|double)>({1})</\\3>{0}|({0}<nil/>{0}|{1}))"
    "</value>{0}</member>".format(_S, TEXT)
)
_BLANK = re.compile(_S)

MAX_ROW = 1 << 14  # characters of a row that is worth an expression
MAX_LAYOUT = 1 << 12  # characters of it without the values: compiling them takes a microsecond each
MAX_KINDS = 16  # learned from one answer; more kinds are no kinds

# What the lane may cost. The unit is what the general decoder takes for one member (3 us where docs/benchmarks.rst was
# measured). Whatever the rows are like, the two by turns then take little longer than the decoder alone; without this,
# tries of 16 kinds for each row and expressions compiled in vain took up to 200 times as long.
_TURN = 3  # changing over from the decoder to the lane
_BATCH = 5  # converting columns, however short they are
_LOOK = 6  # looking how a row is laid out
_CHARACTERS = 3  # of an expression: compiling so many costs a unit
_STEPS = 1 << 14  # a failed try costs a unit for so many (alternatives by characters); a documented row's has as many
_START, _MOST = 1000, 8000  # credit: three expressions, and what can be saved up


class _Member(NamedTuple):
    """A member of a row: its type, and what stands before and behind its value."""

    name: str
    kind: str
    head: str
    tail: str


class _Layout(NamedTuple):
    """What rows of one kind have in common."""

    opened: str
    before: str
    members: "FrozenSet[_Member]"
    closed: str

    def length(self) -> int:
        members = sum(len(self.before) + len(member.head) + len(member.tail) for member in self.members)
        return len(self.opened) + members + len(self.closed)


class _Kind(NamedTuple):
    """An expression for rows of one kind, and what its groups are."""

    pattern: "Pattern[str]"
    shape: Shape
    #: of a failed try
    cost: int


class Lane:
    """Takes rows off the front of a text as long as they are plain, and as long as that is worth it."""

    def __init__(self, id_send: int, tz: Optional[tzinfo]) -> None:
        self._id_send = id_send
        self._tz = tz
        self._words = Words()
        self._kinds: List[_Kind] = []
        self._known: Set[_Layout] = set()
        self._credit = _START

    def take(self, text: str, at: int) -> Tuple[List[Bounce], int]:
        """The rows that stand plain in *text* from *at* on, and where the first other thing begins."""
        bounces: List[Bounce] = []
        if self._credit >= 0:
            self._credit -= _TURN
        while self._credit >= 0:
            start = at
            end = text.find("</struct>", at, at + MAX_ROW)
            if end < 0:  # as a rule, because the rest of the row is in the next text
                break
            for index, kind in enumerate(self._kinds):
                at = self._rows_of(kind, text, at, bounces)
                if at > start:
                    self._kinds.insert(0, self._kinds.pop(index))
                    break
                self._credit -= kind.cost + (end - at >> 10)  # a unit for each 1024 characters that are looked at
            else:
                learned = self._learn(text, at)
                if learned is None:
                    break
                self._kinds.insert(0, learned)
        return bounces, at

    def earn(self, units: int) -> None:
        """Let the lane cost so many units more: some of what it saved, or a little of what the decoder took."""
        self._credit = min(self._credit + units, _MOST)

    def _learn(self, text: str, at: int) -> Optional[_Kind]:
        """The kind of the row that stands in *text* at *at*, if that is plain and of none that is known."""
        if self._credit < _START // 2 or len(self._known) == MAX_KINDS:
            return None
        self._credit -= _LOOK
        layout = _layout_of(text, at)
        if layout is None or layout in self._known:  # the second: a value is not as its reader wants it
            return None
        self._known.add(layout)
        kind = _kind_of(layout)
        self._credit -= len(kind.pattern.pattern) // _CHARACTERS
        return kind

    def _rows_of(self, kind: _Kind, text: str, at: int, bounces: List[Bounce]) -> int:
        """Take the rows of *kind* that stand at *at*; returns where they end."""
        scanner = kind.pattern.scanner(text, at)  # type: ignore[attr-defined]  # as old as re, undocumented
        matches = list(iter(scanner.match, None))
        rows = [match.groups() for match in matches]
        if any(None in row for row in rows):  # one member twice, another not at all
            del rows[next(index for index, row in enumerate(rows) if None in row) :]
        if not rows:
            return at
        try:
            bounces += kind.shape.bounces(rows, self._id_send, self._tz, self._words)
        except NotPlainError:  # an error, and the decoder's to tell
            return at
        self.earn(len(rows) * (len(kind.shape.groups) - 1) - _BATCH)
        return int(matches[len(rows) - 1].end())


def _layout_of(text: str, at: int) -> Optional[_Layout]:
    """How the row that stands in *text* at *at* is laid out, if it is plain."""
    most = at + MAX_ROW
    opened = _OPEN.match(text, at, most)
    if opened is None:
        return None
    members = set()
    befores = set()
    count = 0
    end = opened.end()
    match = _MEMBER.match(text, end, most)
    while match is not None:
        before, name, kind, _, other = match.groups()
        if kind is None:
            kind = UNTYPED if "<" not in other else NIL
        start, stop = (match.end(), match.end()) if kind == NIL else match.span(4 if match.group(3) else 5)
        befores.add(before)
        members.add(_Member(name, kind, text[match.start(2) : start], text[stop : match.end()]))
        count += 1
        blank = _BLANK.match(text, match.end(), most)
        end = blank.end() if blank else match.end()
        match = _MEMBER.match(text, end, most)
    closed = _CLOSE.match(text, end, most)
    names = [(member.name, member.kind) for member in members]
    if closed is None or len(befores) != 1 or len(members) != count or not Shape.is_plain(names):
        return None
    layout = _Layout(opened.group(), befores.pop(), frozenset(members), closed.group())
    return layout if layout.length() <= MAX_LAYOUT else None


def _kind_of(layout: _Layout) -> _Kind:
    members = sorted(layout.members)
    shape = Shape([(member.name, member.kind) for member in members])
    expression = "{}(?:{}(?:{}){}){{{}}}{}".format(
        re.escape(layout.opened),
        re.escape(layout.before),
        "|".join(
            re.escape(member.head) + group + re.escape(member.tail) for member, group in zip(members, shape.groups)
        ),
        _S,
        len(members),
        re.escape(layout.closed),
    )
    return _Kind(re.compile(expression), shape, 1 + len(members) * len(expression) // _STEPS)
