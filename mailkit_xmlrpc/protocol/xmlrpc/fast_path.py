"""The fast path: regular rows recognised by one regular expression, many times faster than tag by tag. Pure.

A report has one layout of white space, while members, their order and their types vary from row to row. So the white
space is learned from the first regular row, and one expression (the row pattern) takes all rows that have it:

    <value> <struct> (?: <member> <name> (?: EMAIL </name> <value> (raw) | STATUS ... (raw) | ...) )+ </struct> </value>

It has one alternative for each documented member. A group holds what is inside of the usual tag, another one the raw
value with any other tag, and ``raw_columns`` converts whole columns of them. Unknown members, whatever their names,
have a few slots: each is a group for the name and one for the raw value. Conditionals in each alternative,
``(?(3)(?!))``, let it pass only if its groups are still empty, so that no member is there twice. Others at the end make
sure that a documented member is there.

Only what cannot mean two things matches: no attributes, CDATA, comments, processing instructions or nesting; and
nothing of it can be an error. Every byte is accounted for: a row begins exactly where the last one ended, or is not
taken. Whatever is not taken is the general decoder's, which alone decides what is an error.
"""

import re
import sys
from functools import lru_cache
from typing import Dict, List, NamedTuple, Optional, Pattern, Tuple

from ..columns import ID, SHARED
from ..fields import MEMBERS, Reader, read_date, read_id, read_text
from ..limits import SMALL
from .raw_columns import INTS, MISSING, RAW_VALUES, RawRow

MAX_ROW = 1 << 14  # bytes of a row that is looked at
_SLOTS = 4  # unknown members that a row may have
_MAX_BLANKS = 1 << 9  # bytes of white space in a layout: a pretty-printed row has 80

_S = "[ \t\r\n]*"  # XML 1.0, 2.3 S
_BLANKS = b" \t\r\n"
# Where there are possessive repetitions they save a fifth (CPython before 3.11.5 has them with a fault, gh-106052).
# Nothing that matches depends on which one it is: a member is never the beginning of another one.
_POSSESSIVE = "+" if sys.version_info >= (3, 11, 5) else ""
_NAME = "[A-Za-z0-9_]{1,64}"
_FIRST_MEMBER = re.compile(
    "{0}<value>({0})<struct>({0})<member>({0})<name>{1}</name>({0})<value>"
    "(?:({0})<(?:([a-z0-9]+)>[^<>]*</\\6|(?:string|nil) ?/)>({0})|[^<>]*)</value>({0})</member>".format(
        _S, _NAME
    ).encode("ascii")
)
_ROW_END = re.compile("</struct>({0})</value>".format(_S).encode("ascii"))


class _Layout(NamedTuple):
    """The white space of a row: what stands before the tag, or behind it, that the field is named after."""

    struct: str
    member: str
    name: str
    value: str
    typed: str
    value_end: str
    member_end: str
    struct_end: str
    row_end: str


#: the row pattern that was learned last in this process: a small report, of the same service, is likely to have it, too
_latest: List["Pattern[bytes]"] = []


class FastPath:
    """Takes regular rows off the front of some data.

    :param size: bytes of the answer that the data is of
    """

    def __init__(self, size: int = SMALL) -> None:
        self._size = size
        self._uniform: Optional["Pattern[bytes]"] = None
        self._pattern: Optional["Pattern[bytes]"] = None
        self._worth_it = True

    def rows(self, data: bytes, at: int, end: int) -> Tuple[List[RawRow], int]:
        """The regular rows that stand in *data* from *at* on, for ``bounces_of``, and where the first other thing is.

        :param end: nothing is taken beyond; ``doubt_in`` tells it
        """
        if data.find(b"</struct>", at, min(at + MAX_ROW, end)) < 0:
            return [], at  # as a rule, because the rest of the row is in the next piece
        if self._pattern is None and self._size < SMALL and _latest and _latest[0].match(data, at, end):
            self._pattern = _latest[0]
        if self._pattern is None and self._worth_it:
            layout = _layout_of(data, at, min(at + MAX_ROW, end))
            if layout is not None and self._pays(layout):
                types = _types_of(data, at)
                self._pattern = _row_pattern(layout, _usual_id(types))
                _latest[:] = [self._pattern]
                if self._size >= SMALL and _are_uniform(types):
                    self._uniform = _uniform_pattern(layout, tuple(types[member.name] for member in MEMBERS))
        rows: List[RawRow] = []
        if self._uniform is not None:
            at = _take(self._uniform, data, at, end, rows)
        if self._pattern is not None:
            uniform = len(rows)
            at = _take(self._pattern, data, at, end, rows)
            if len(rows) > uniform:
                self._uniform = None
        return rows, at

    def _pays(self, layout: _Layout) -> bool:
        """Whether reports of *layout* have brought so much, this one included, that its expression is worth its price.

        A service has one layout. So the many small answers of a process are soon read by the fast path, too.
        """
        met = _met(layout)
        met[0] += self._size
        self._worth_it = met[0] >= SMALL
        return self._worth_it


@lru_cache(maxsize=32)
def _met(layout: _Layout) -> List[int]:
    """The bytes of all reports of *layout* so far, which the caller counts."""
    return [0]


def _take(pattern: "Pattern[bytes]", data: bytes, at: int, end: int, rows: List[RawRow]) -> int:
    """Put the rows of *pattern* that stand in *data* from *at* on into *rows*; returns where the last one ends."""
    scanner = pattern.scanner(data, at, end)  # type: ignore[attr-defined]  # as old as re, undocumented
    for match in iter(scanner.match, None):
        rows.append(match.groups(MISSING))
        at = match.end()
    return at


def _layout_of(data: bytes, at: int, end: int) -> Optional[_Layout]:
    """The white space of the row that stands in *data* at *at*, by its first member and its end."""
    first = _FIRST_MEMBER.match(data, at, end)
    if first is None:
        return None
    last = _ROW_END.search(data, first.end(), end)
    if last is None:
        return None
    struct, member, name, value, typed, _, value_end, member_end = first.groups(b"")
    before_end = data[first.end() : last.start()]
    struct_end = before_end[len(before_end.rstrip(_BLANKS)) :]
    blanks = (struct, member, name, value, typed, value_end, member_end, struct_end, last.group(1))
    return _Layout(*[blank.decode("ascii") for blank in blanks]) if sum(map(len, blanks)) <= _MAX_BLANKS else None


_MEMBER = re.compile("<name>([A-Z_]+)</name>{0}<value>{0}<([a-z0-9]+)>".format(_S).encode("ascii"))
#: the types that a member usually has, the likeliest first
_USUAL: Dict[Reader, Tuple[str, ...]] = {read_text: ("string",), read_date: ("string",), read_id: INTS + ("string",)}


def _types_of(data: bytes, at: int) -> Dict[str, str]:
    """The types of the members of the row that stands in *data* at *at*, by name, as far as they have a tag."""
    members = _MEMBER.findall(data, at, data.find(b"</struct>", at))
    return {name.decode("ascii"): kind.decode("ascii") for name, kind in members}


def _usual_id(types: Dict[str, str]) -> str:
    """The usual type of ids, as far as a row with *types* tells."""
    of_ids = {types.get(member.name) for member in MEMBERS if member.read is read_id}
    return next((kind for kind in _USUAL[read_id] if kind in of_ids), INTS[0])


def _are_uniform(types: Dict[str, str]) -> bool:
    """Whether there are the documented members, all with a usual type, and no others."""
    return len(types) == len(MEMBERS) and all(types.get(member.name) in _USUAL[member.read] for member in MEMBERS)


@lru_cache(maxsize=32)  # compiling one takes as long as decoding a hundred rows tag by tag
def _uniform_pattern(layout: _Layout, types: Tuple[str, ...]) -> "Pattern[bytes]":
    """The expression for all rows of *layout* that have the documented members, always of these *types*, and no others.

    It says nothing that ``_row_pattern`` does not say. But it makes fewer decisions, and has no groups for raw values.
    """
    alternatives = [
        _member(layout, member.name + _unless(group), _inside(member.read, kind))
        for group, (member, kind) in enumerate(zip(MEMBERS, types), 1)
    ]
    return _compiled(layout, alternatives, "{{{}}}".format(len(MEMBERS)))


@lru_cache(maxsize=32)
def _row_pattern(layout: _Layout, usual_id: str) -> "Pattern[bytes]":
    """The expression for all rows of *layout*.

    :param usual_id: the usual type of ids
    """
    alternatives = []
    some_documented = "(?!)"
    group = 1
    for member in MEMBERS:
        value = "({})".format(_raw(member.read, layout))
        groups = [group]
        if member.name not in SHARED:
            value = "{}|{}".format(_inside(member.read, usual_id if member.read is read_id else "string"), value)
            groups.append(group + 1)
        alternatives.append(_member(layout, member.name + "".join(map(_unless, groups)), value))
        for group in groups:
            some_documented = "(?({})|{})".format(group, some_documented)
        group += 1
    names: List[int] = []
    for group in range(group, group + 2 * _SLOTS, 2):
        # neither a documented name, in any case of letters, nor one of the slots before
        known = "(?!(?:(?i:{}){})</name>)".format(
            "|".join(member.name for member in MEMBERS), "".join("|\\{}".format(name) for name in names)
        )
        # The slots are filled one after the other: otherwise the first of two equal names could take the second slot.
        turn = _unless(group) + ("(?({})|(?!))".format(names[-1]) if names else "")
        alternatives.append(_member(layout, turn + known + "({})".format(_NAME), "({})".format(_raw(None, layout))))
        names.append(group)
    return _compiled(layout, alternatives, "+", some_documented)


def _compiled(layout: _Layout, members: List[str], times: str, behind: str = "") -> "Pattern[bytes]":
    """The expression for a row of any of *members*, so many *times*."""
    return re.compile(
        "{S}<value>{0.struct}<struct>(?:{0.member}<member>{0.name}<name>(?:{members})</value>{0.member_end}</member>)"
        "{times}{behind}{0.struct_end}</struct>{0.row_end}</value>".format(
            layout, S=_S, members="|".join(members), times=times + _POSSESSIVE, behind=behind
        ).encode("ascii")
    )


def _member(layout: _Layout, name: str, value: str) -> str:
    """An expression for a member, from its name to its value."""
    return "{1}</name>{0.value}<value>{0.typed}(?:{2}){0.value_end}".format(layout, name, value)


def _inside(read: Reader, kind: str) -> str:
    """An expression with one group for what stands inside the tag *kind*."""
    return "<{0}>({1})</{0}>".format(kind, ID if kind in INTS else RAW_VALUES[read][1])


def _raw(read: Optional[Reader], layout: _Layout) -> str:
    """An expression for a raw value."""
    typed, untyped = RAW_VALUES[read]
    # Where a layout has white space around a tag, untyped text would look like it.
    return typed if layout.typed or layout.value_end else "{}|{}".format(typed, untyped)


def _unless(group: int) -> str:
    """Matches nothing, and that only if *group* has not matched in this row."""
    return "(?({})(?!))".format(group)
