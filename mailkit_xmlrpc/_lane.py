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
from typing import List, NamedTuple, Optional, Pattern, Tuple

from ._columns import NIL, TEXT, UNTYPED, NotPlainError, Shape, Words
from .bounce import Bounce

_S = "[ \t\r\n]*"  # XML 1.0, 2.3 S
_OPEN = re.compile("{0}<value>{0}<struct>{0}".format(_S))
_CLOSE = re.compile("</struct>{0}</value>".format(_S))
_MEMBER = re.compile(
    "(<member>{0}<name>)([A-Za-z_0-9]+)</name>{0}<value>"
    "(?:{0}<(string|int|i4|i8|double)>({1})</\\3>{0}|({0}<nil/>{0}|{1}))"
    "</value>{0}</member>".format(_S, TEXT)
)
_BLANK = re.compile(_S)

MAX_ROW = 1 << 14  # characters of a row that is worth an expression
MAX_KINDS = 16  # learned from one answer: compiling one takes a millisecond or two, and more kinds are no kinds


class _Kind(NamedTuple):
    """An expression for rows of one kind, and what its groups are."""

    pattern: "Pattern[str]"
    shape: Shape


class Lane:
    """Takes rows off the front of a text as long as they are plain."""

    def __init__(self, id_send: int, tz: Optional[tzinfo]) -> None:
        self._id_send = id_send
        self._tz = tz
        self._words = Words()
        self._kinds: List[_Kind] = []

    def take(self, text: str, at: int) -> Tuple[List[Bounce], int]:
        """The rows that stand plain in *text* from *at* on, and where the first other thing begins."""
        bounces: List[Bounce] = []
        while True:
            start = at
            for index, kind in enumerate(self._kinds):
                at = self._rows_of(kind, text, at, bounces)
                if at > start:
                    self._kinds.insert(0, self._kinds.pop(index))
                    break
            else:
                if len(self._kinds) == MAX_KINDS or text.find("</struct>", at, at + MAX_ROW) < 0:
                    return bounces, at  # that of a row is the rule: the rest of it is in the next text
                learned = _learned(text, at)
                if learned is None or learned.pattern in [kind.pattern for kind in self._kinds]:
                    return bounces, at  # the second: a value is not as its reader wants it
                self._kinds.insert(0, learned)

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
        return int(matches[len(rows) - 1].end())


def _learned(text: str, at: int) -> Optional[_Kind]:
    """The kind of the row that stands in *text* at *at*, if that is plain."""
    most = at + MAX_ROW
    opened = _OPEN.match(text, at, most)
    if opened is None:
        return None
    members = []
    alternatives = []
    befores = set()
    end = opened.end()
    match = _MEMBER.match(text, end, most)
    while match is not None:
        before, name, kind, _, other = match.groups()
        if kind is None:
            kind = UNTYPED if "<" not in other else NIL
        start, stop = (match.end(), match.end()) if kind == NIL else match.span(4 if match.group(3) else 5)
        befores.add(before)
        members.append((name, kind))
        alternatives.append((re.escape(text[match.start(2) : start]), re.escape(text[stop : match.end()])))
        blank = _BLANK.match(text, match.end(), most)
        end = blank.end() if blank else match.end()
        match = _MEMBER.match(text, end, most)
    closed = _CLOSE.match(text, end, most)
    if closed is None or len(befores) != 1 or not Shape.is_plain(members):
        return None
    shape = Shape(members)
    pattern = "{}(?:{}(?:{}){}){{{}}}{}".format(
        re.escape(opened.group()),
        re.escape(befores.pop()),
        "|".join(head + group + tail for (head, tail), group in zip(alternatives, shape.groups)),
        _S,
        len(members),
        re.escape(closed.group()),
    )
    return _Kind(re.compile(pattern), shape)
