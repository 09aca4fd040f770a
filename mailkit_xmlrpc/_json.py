"""Bytes in pieces go in, JSON values come out: the decoder of the JSON form. Pure; it knows nothing of sockets or rows.

RFC 8259 to the letter. What it leaves open is decided as for XML-RPC: UTF-8 only (a byte order mark is passed over), no
NaN, no lone surrogate (nothing could ever write it down again), no number that is not finite or endless, no two members
of one name. Elements of the outermost array are handed over as they close (``items``), so memory does not grow with
them. Two paths, of which the first gives either a whole run of rows or nothing:

- A run of text up to some closing brace is given to json's C scanner as an array. If that takes it, the brace was the
  end of a row: JSON is read from left to right, so a text that is complete with the bracket behind it has no open
  string or object in it. Documented rows are flat objects of strings, and a count of quotes proves that no member is
  missing; others are read once more, member by member.
- Whatever is odd beyond that, every error among it, is cut into values by counting its brackets, which also bounds
  their depth before json recurses into them, and then decoded one by one.
"""
import codecs
import json
import re
from itertools import chain
from typing import Any, Dict, List, Optional, Tuple

from ._limits import MAX_DEPTH, MAX_DOUBLE_CHARS, MAX_INT_CHARS, MAX_VALUE
from .exceptions import MailkitError, MalformedResponseError, ResponseTooLargeError, UnexpectedShapeError

RUN = 1 << 14  # characters decoded at once: some fifty rows; an odd one among them slows only these down
MAX_BRACKETS = 1000  # of one run, so also the depth to which json may recurse in it whatever the host's limit

# --- values ---------------------------------------------------------------------------------------------------------


def _int(digits: str) -> int:
    # by length: CPU attack, CVE-2020-10735; the same as in XML
    if len(digits) > MAX_INT_CHARS:
        raise MalformedResponseError("a number of more than {} digits".format(MAX_INT_CHARS))
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= MAX_DOUBLE_CHARS else float("inf")
    if value in (float("inf"), float("-inf")):
        raise MalformedResponseError("a number that is not finite")
    return value


def _constant(name: str) -> None:
    raise MalformedResponseError("{}, which JSON does not have".format(name))


class _Twice(Exception):
    """An object has two members of one name."""


def _object(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Twice
    return members


_HOOKS: Dict[str, Any] = {"parse_int": _int, "parse_float": _float, "parse_constant": _constant}
_run_of = json.JSONDecoder(**_HOOKS).decode
_value_of = json.JSONDecoder(object_pairs_hook=_object, **_HOOKS).decode

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _rows_of(run: str, odd: bool = False) -> Optional[List[Any]]:
    """Return the rows that *run* consists of, or None where that is not beyond doubt.

    :param odd: whether such rows are expected as are no flat objects of strings; the outcome is the same
    """
    if run.count("[") + run.count("{") > MAX_BRACKETS:
        return None
    array = "[" + run + "]"
    try:
        rows: Optional[List[Any]] = None if odd else _run_of(array)
        if rows is None or not _is_plain(run, rows):
            rows = _value_of(array)
            if not _is_shallow(rows):
                return None
        if "\\u" in run and _SURROGATE.search(run):
            json.dumps(rows, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError, _Twice, MailkitError):  # UnicodeEncodeError is a ValueError: half of a pair
        return None
    return rows


def _are_flat(rows: List[Any]) -> bool:
    """Whether *rows* are flat objects of strings."""
    return set(map(type, rows)) == {dict} and set(map(type, chain.from_iterable(map(dict.values, rows)))) == {str}


def _is_plain(run: str, rows: List[Any]) -> bool:
    """Whether *rows*, read out of *run*, are flat objects of strings, and all members that were written are there."""
    if not _are_flat(rows):
        return False
    quotes = run.count('"')
    if "\\" in run:
        quotes -= run.replace("\\\\", "").count('\\"')
    # two for each name and two for each value that was written: json keeps only the last of two members of one name
    return quotes == 4 * sum(map(len, rows))


def _is_shallow(rows: List[Any]) -> bool:
    """Whether nothing in *rows* is nested beyond the limit."""
    level: List[Any] = rows
    for _ in range(MAX_DEPTH):
        containers = [value for value in level if type(value) in (dict, list)]
        if not containers:
            return True
        level = list(chain.from_iterable(item.values() if type(item) is dict else item for item in containers))
    return False


# --- structure ------------------------------------------------------------------------------------------------------

_BLANK = re.compile("[ \t\r\n]*")
_TOKEN = re.compile(r'"[^"\\]*"|["\[\]{}]')  # a string without escapes, or what begins, opens or closes something
_STRING = re.compile(r'["\\]')
_SCALAR = re.compile("[ \t\r\n,\\]]")  # what ends a number or a word


class _Scanner:
    """Finds the end of one value in text that comes in pieces. It only counts: what it has cut out may be no JSON.

    :param depth: of what the value stands in
    """

    def __init__(self, first: str, depth: int) -> None:
        self._scalar = first not in '{["'
        self._depth = self._outside = depth
        self._string = False
        self._escaped = False

    def end(self, text: str, at: int) -> int:
        """Return where in *text* the value ends that goes on at *at*, or -1 where it goes on behind it.

        :raises ResponseTooLargeError: it is nested too deep
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
            elif token in "[{":
                self._depth += 1
                if self._depth > MAX_DEPTH:
                    raise ResponseTooLargeError(MAX_DEPTH, "levels", "the nesting of its values")
            elif token in "]}":
                self._depth -= 1
            if self._depth <= self._outside and not self._string:
                return at


_MARK = "\ufeff"
_ANYTHING, _FIRST, _ROW, _MORE, _NOTHING = range(5)  # what may come next


class Decoder:
    """Feed it the body in pieces."""

    def __init__(self, max_value: int = MAX_VALUE) -> None:
        self._max_value = max_value
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
        self._odd = False  # the last run had odd rows

    def feed(self, data: bytes) -> None:
        """Decode *data*.

        :raises ResponseError: the fitting leaf; the decoder is of no use after it
        """
        self._read(self._text(data, False))

    def close(self) -> None:
        """Say that the body has ended.

        :raises ResponseError: it may not end here
        """
        self._read(self._text(b"", True))
        if self._scanner and self._next is _ANYTHING:  # a lone number or word has no other end
            self._closed()
        if self._next is not _NOTHING:
            raise MalformedResponseError("it is empty" if self._next is _ANYTHING else "it ends too early")

    def forget(self) -> None:
        """Let go of what is half decoded."""
        self._scanner, self._parts, self._held = None, [], 0

    def _text(self, data: bytes, final: bool) -> str:
        try:
            text: Optional[str] = self._utf8.decode(data, final)
        except UnicodeDecodeError:
            text = None
        if text is None:  # raised outside the handler: no data hangs on the exception's context
            raise MalformedResponseError("bytes that are not UTF-8")
        if text and not self._began:  # RFC 8259 8.1: a mark may be passed over
            text = text[1:] if text[0] == _MARK else text
            self._began = True
        return text

    def _read(self, text: str) -> None:
        at = self._go_on(text, 0) if self._scanner else 0
        odd = 0  # up to here it is known not to be a plain run
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
                if char == "{" and self._next is not _ANYTHING and at >= odd:
                    odd = text.rfind("}", at, at + RUN) + 1
                    rows = _rows_of(text[at:odd], self._odd) if odd else None
                    if rows is not None:
                        self._odd = not _are_flat(rows)
                        self.items.extend(rows)
                        self._rows += len(rows)
                        self._next = _MORE
                        at = odd
                        continue
                self._scanner = _Scanner(char, 0 if self._next is _ANYTHING else 1)
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
        except UnicodeEncodeError:
            problem = MalformedResponseError("half of a surrogate pair")
        except MalformedResponseError as error:
            problem = error
        except (ValueError, RecursionError):
            pass
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
