"""Bytes in pieces go in, JSON values come out: the decoder of the JSON form. Pure; it knows nothing of sockets or rows.

RFC 8259 to the letter. What it leaves open is decided as for XML-RPC: UTF-8 only (a byte order mark is passed over), no
NaN, no lone surrogate (nothing could ever write it down again), no number that is not finite or endless, no two members
of one name. Elements of the outermost array are handed over as they close (``items``), so memory does not grow with
them. Two paths, of which the first gives either a whole run of rows or nothing:

- A run of text up to some closing brace is given to json's C scanner as an array. If that takes it, the brace was the
  end of a row: JSON is read from left to right, so a text that is complete with the bracket behind it has no open
  string or object in it. Documented rows are flat objects, and a count of quotes proves that no member is missing;
  others are read once more, member by member.
- Whatever is irregular beyond that, every error among it, is cut into values by counting its brackets. That also bounds
  their depth before json recurses into them, and how many values there are in one: json decodes it in one step, within
  which no deadline can be looked at. Then they are decoded one by one.
"""

import codecs
import json
import re
from collections import Counter
from itertools import chain
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ...exceptions import MailkitError, MalformedResponseError, ResponseTooLargeError, UnexpectedShapeError
from ...exceptions.boundary import raised_by_caller
from .. import readers as base
from ..fields import DoubleLiteral, IntLiteral
from ..limits import MAX_DEPTH, MAX_DOUBLE_CHARS, MAX_INT_CHARS, MAX_VALUE, MAX_VALUES

RUN = 1 << 14  # characters decoded at once: some fifty rows; an irregular one among them slows only these down
MAX_BRACKETS = 1000  # of one run, so also the depth to which json may recurse in it whatever the host's limit

# --- values ---------------------------------------------------------------------------------------------------------


def _int(digits: str) -> int:
    # by length: CPU attack, CVE-2020-10735; the same as in XML
    if len(digits) > MAX_INT_CHARS:
        raise MalformedResponseError("a number of more than {} digits".format(MAX_INT_CHARS))
    if digits != "-0":
        return int(_ascii(digits))
    number = IntLiteral(0)
    number.literal = digits
    return number


def _float(digits: str) -> float:
    value = DoubleLiteral(_ascii(digits) if len(digits) <= MAX_DOUBLE_CHARS else "inf")
    if value in (float("inf"), float("-inf")):
        raise MalformedResponseError("a number that is not finite")
    value.literal = digits
    return value


def _ascii(digits: str) -> bytes:
    # json's scanner in Python, which PyPy uses, takes digits of any script; int and float would read them.
    return digits.encode("ascii", "replace")


def _constant(name: str) -> None:
    raise MalformedResponseError("{}, which JSON does not have".format(name))


class _Twice(Exception):
    """An object has two members of one name."""


def _object(pairs: List[Tuple[str, object]]) -> Dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Twice
    return members


_HOOKS: Dict[str, Any] = {"parse_int": _int, "parse_float": _float, "parse_constant": _constant}


# In C; PyPy has none.
_HAS_SCANNER = bool(getattr(json.decoder, "c_scanstring", None))

# What begins as an escape of four digits and is none, in text without escaped backslashes.
_NO_ESCAPE = re.compile(r"\\u(?![0-9a-fA-F]{4})")


class _StrictDecoder(json.JSONDecoder):
    """Refuses what json's scanner in Python, which PyPy uses, takes for an escape.

    It reads the four characters behind a ``\\u`` by int, which allows blanks, signs and underscores.
    """

    def decode(self, s: str, *more: Any) -> object:
        if "\\u" in s and _NO_ESCAPE.search(s.replace("\\\\", "//")):
            raise ValueError("no escape")
        return super().decode(s, *more)


_Decoder = json.JSONDecoder if _HAS_SCANNER else _StrictDecoder

# A hook for each int would cost a tenth. What it is for is looked for in the run (see _LONGEST).
_RUN_HOOKS = dict(_HOOKS, parse_int=None) if _HAS_SCANNER else _HOOKS
_run_of = _Decoder(**_RUN_HOOKS).decode
_value_of = _Decoder(object_pairs_hook=_object, **_HOOKS).decode

_LEAST, _LONGEST = -(10 ** (MAX_INT_CHARS - 1)), 10**MAX_INT_CHARS  # ints between them have no more characters

_MINUS_ZERO = re.compile("-0(?![0-9.eE])")  # whose literal int() would lose

_ESCAPES = re.compile(r"\\.").findall
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _rows_of(run: str, irregular: bool = False) -> Tuple[Optional[List[object]], bool]:
    """Return the rows that *run* consists of, or None where that is not beyond doubt; and whether some are irregular,
    that is, no flat objects.

    :param irregular: whether such rows are expected; the rows are the same
    """
    if run.count("[") + run.count("{") > MAX_BRACKETS:
        return None, irregular
    array = "[" + run + "]"
    try:
        rows: Optional[List[object]] = None if irregular or _MINUS_ZERO.search(run) else _run_of(array)
        irregular = False
        if rows is None or not _is_flat(run, rows):
            rows = _value_of(array)
            if not _is_shallow(rows):
                return None, True
            irregular = not _NESTED.isdisjoint(_types_in(rows))
        if "\\u" in run and _SURROGATE.search(run):
            json.dumps(rows, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError, _Twice, MailkitError) as error:  # a UnicodeEncodeError is half of a pair
        if raised_by_caller(error):
            raise
        return None, irregular
    return rows, irregular


_NESTED = {dict, list}


def _types_in(rows: List[object]) -> "Counter[type]":
    """How many values of which type there are in the objects *rows*; if some are none, in the array of them."""
    return Counter(map(type, _values(rows) if set(map(type, rows)) == {dict} else rows))


def _values(objects: List[Any]) -> Iterator[object]:
    """All values in *objects*."""
    return chain.from_iterable(map(dict.values, objects))


def _is_flat(run: str, rows: List[object]) -> bool:
    """Whether *rows*, read out of *run*, are flat objects, and all that was written is in them."""
    types = _types_in(rows)
    if not _NESTED.isdisjoint(types):
        return False
    if types[int]:
        ints = [value for value in _values(rows) if type(value) is int]
        if min(ints) <= _LEAST or max(ints) >= _LONGEST:
            return False
    quotes = run.count('"')
    if "\\" in run:
        quotes -= _ESCAPES(run).count('\\"')
    # two for each name and two for each string that was written: json keeps only the last of two members of one name
    return quotes == 2 * (sum(types.values()) + types[str])


def _is_shallow(rows: List[object]) -> bool:
    """Whether nothing in *rows* is nested beyond the limit."""
    level = rows
    for _ in range(MAX_DEPTH):
        containers = [value for value in level if isinstance(value, (dict, list))]
        if not containers:
            return True
        level = list(chain.from_iterable(item.values() if isinstance(item, dict) else item for item in containers))
    return False


# --- structure ------------------------------------------------------------------------------------------------------

_BLANK = re.compile("[ \t\r\n]*")
# A string without escapes, or what begins, opens, parts or closes something.
_TOKEN = re.compile(r'"[^"\\]*"|["\[\]{},]')
_STRING = re.compile(r'["\\]')
_SCALAR = re.compile("[ \t\r\n,\\]]")  # what ends a number or a word


class _Scanner:
    """Finds the end of one value in text that comes in pieces. It only counts: what it has cut out may be no JSON.

    :param depth: of what the value stands in
    :param most: values that may be in it; an empty array or object counts as two
    """

    def __init__(self, first: str, depth: int, most: int) -> None:
        self._scalar = first not in '{["'
        self._depth = self._outside = depth
        self._string = False
        self._escaped = False
        self._most = self._left = most

    def end(self, text: str, at: int) -> int:
        """Return where in *text* the value ends that goes on at *at*, or -1 where it goes on behind it.

        :raises ResponseTooLargeError: it is nested too deep, or there is too much in it
        """
        if self._scalar:
            match = _SCALAR.search(text, at)
            return match.start() if match else -1
        while True:
            if self._escaped and at < len(text):
                self._escaped = False
                at += 1
            match = (_STRING if self._string else _TOKEN).search(text, at)
            if match is None:
                return -1
            token, at = match.group(), match.end()
            if token == "\\":
                self._escaped = True
            elif token == '"':
                self._string = not self._string
            elif token in "[{,":
                self._left -= 1
                if self._left < 0:
                    raise ResponseTooLargeError(self._most, "values", "the content of one value in it")
                if token != ",":
                    self._depth += 1
                    if self._depth > MAX_DEPTH:
                        raise ResponseTooLargeError(MAX_DEPTH, "levels", "the nesting of its values")
            elif token in "]}":
                self._depth -= 1
            if self._depth <= self._outside and not self._string:
                return at


_MARK = "\ufeff"
_ANYTHING, _FIRST, _ROW, _MORE, _NOTHING = range(5)  # what may come next


class Decoder(base.Decoder):
    """Feed it the body in pieces."""

    def __init__(self, max_value: int = MAX_VALUE, max_values: int = MAX_VALUES) -> None:
        self._max_value = max_value
        self._max_values = max_values
        #: elements of the outermost array, closed and not yet taken; the caller empties it
        self.items: List[object] = []
        #: what the answer is: "array" once its value is seen to be one, "value" once another one has closed
        self.found: Dict[str, object] = {}
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._began = False
        self._next = _ANYTHING
        self._scanner: Optional[_Scanner] = None  # of the value that is open
        self._parts: List[str] = []  # its text so far
        self._held = 0  # characters of that
        self._rows = 0
        self._irregular = False  # the last run had irregular rows

    def feed(self, data: bytes) -> None:
        """Decode *data*.

        :raises ResponseError: the fitting leaf; the decoder is of no use after it
        """
        self._take(data, False)

    def close(self) -> None:
        """Say that the body has ended.

        :raises ResponseError: it may not end here
        """
        self._take(b"", True)
        if self._scanner and self._next is _ANYTHING:  # a lone number or word has no other end
            self._closed()
        if self._next is not _NOTHING:
            raise MalformedResponseError("it is empty" if self._next is _ANYTHING else "it ends too early")

    def forget(self) -> None:
        """Let go of what is half decoded."""
        self._scanner, self._parts, self._held = None, [], 0

    def _take(self, data: bytes, final: bool) -> None:
        is_text = True
        try:
            text = self._utf8.decode(data, final)
        except UnicodeDecodeError as error:
            if raised_by_caller(error):
                raise
            # What stands before may be another error, which counts then.
            text = error.object[: error.start].decode("utf-8")
            is_text = False
        if text and not self._began:  # RFC 8259 8.1: a mark may be passed over
            text = text[1:] if text[0] == _MARK else text
            self._began = True
        self._read(text)
        if not is_text:  # raised outside the handler: no data hangs on the exception's context
            raise MalformedResponseError("bytes that are not UTF-8")

    def _read(self, text: str) -> None:
        at = self._go_on(text, 0) if self._scanner else 0
        tried = 0  # up to here it is known to be no run of rows
        while True:
            at = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # it always matches
            if at == len(text):
                return
            char = text[at]
            if self._next is _NOTHING:
                raise MalformedResponseError("something behind its end")
            if char == "]" and self._next in (_FIRST, _MORE):
                self._next = _NOTHING
                at += 1
            elif self._next is _MORE:
                if char != ",":
                    raise self._not_json()
                self._next = _ROW
                at += 1
            elif char == "[" and self._next is _ANYTHING:
                self.found["array"] = True
                self._next = _FIRST
                at += 1
            else:
                if char == "{" and self._next is not _ANYTHING and at >= tried:
                    tried = text.rfind("}", at, at + RUN) + 1
                    rows = None
                    if tried:  # there is a closing brace
                        rows, self._irregular = _rows_of(text[at:tried], self._irregular)
                    if rows is not None:
                        self.items.extend(rows)
                        self._rows += len(rows)
                        self._next = _MORE
                        at = tried
                        continue
                self._scanner = _Scanner(char, 0 if self._next is _ANYTHING else 1, self._max_values)
                at = self._go_on(text, at)

    def _go_on(self, text: str, at: int) -> int:
        """Read the open value on; returns where it ends, or else the end of *text*."""
        scanner = self._scanner
        assert scanner is not None
        end = scanner.end(text, at)
        self._parts.append(text[at : end if end >= 0 else len(text)])
        self._held += len(self._parts[-1])
        if self._held > self._max_value:
            self.forget()
            raise ResponseTooLargeError(self._max_value, "characters", "one value in it")
        if end < 0:
            return len(text)
        self._closed()
        return end

    def _closed(self) -> None:
        """Decode the value that has closed."""
        text = "".join(self._parts)
        self.forget()
        problem: MailkitError = self._not_json()
        try:
            value = _value_of(text)
            if _SURROGATE.search(text):
                json.dumps(value, ensure_ascii=False).encode("utf-8")
        except _Twice:
            problem = UnexpectedShapeError("row {} has two members of one name".format(self._rows))
        except MalformedResponseError as error:
            problem = error
        except (ValueError, RecursionError) as error:
            if raised_by_caller(error):
                raise
            if isinstance(error, UnicodeEncodeError):
                problem = MalformedResponseError("half of a surrogate pair")
        else:
            if self._next is _ANYTHING:
                self.found["value"] = value
                self._next = _NOTHING
            else:
                self.items.append(value)
                self._rows += 1
                self._next = _MORE
            return
        raise problem

    def _not_json(self) -> MalformedResponseError:
        if self._next is _ANYTHING:
            return MalformedResponseError("it cannot be read")
        return MalformedResponseError("what stands at row {} cannot be read".format(self._rows))
