"""The text inside of a scalar's tags becomes its value. Pure.

By pattern and length first, for ``int()`` takes ``1_000`` and Arabic digits, ``float()`` takes ``nan``, and
``a2b_base64`` skips what it does not know. Each raises MalformedResponseError for what is not one.
"""

import re
from binascii import a2b_base64
from typing import Callable, Dict, Optional

from ...exceptions import MalformedResponseError
from ..fields import DateTimeText, DoubleLiteral, IntLiteral
from ..limits import MAX_DOUBLE_CHARS, MAX_INT_CHARS

BLANK = " \t\r\n"  # XML 1.0, 2.3 S; str.strip() without it would take no-break spaces as well

_INT = re.compile(r"[+-]?[0-9]+").fullmatch
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?").fullmatch
# Groups of four would say all of it, but a group that is repeated takes memory each time.
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}").fullmatch
_BLANKS = BLANK.encode("ascii")


def _int(text: str) -> Optional[int]:
    digits = text.strip(BLANK)
    if not digits:
        return None
    # by pattern: int() takes "1_000" and Arabic digits as well; by length: CPU attack, CVE-2020-10735
    if len(digits) > MAX_INT_CHARS or not _INT(digits):
        raise MalformedResponseError("an int that is not one")
    value = int(digits)
    if digits[0] > "0" or str(value) == digits:  # the first decides nearly always, and is cheap
        return value
    number = IntLiteral(value)
    number.literal = digits
    return number


def _double(text: str) -> Optional[float]:
    digits = text.strip(BLANK)
    if not digits:
        return None
    if len(digits) > MAX_DOUBLE_CHARS or not _DOUBLE(digits):
        raise MalformedResponseError("a double that is not one")
    value = DoubleLiteral(digits)
    if value in (float("inf"), float("-inf")):
        raise MalformedResponseError("a double that is not finite")
    value.literal = digits
    return value


def _boolean(text: str) -> bool:
    digit = text.strip(BLANK)
    if digit not in ("0", "1"):
        raise MalformedResponseError("a boolean that is neither 0 nor 1")
    return digit == "1"


def _nil(text: str) -> None:
    if text.strip(BLANK):
        raise MalformedResponseError("a nil with something in it")


def _base64(text: str) -> bytes:
    digits = text.encode("utf-8").translate(None, _BLANKS)  # RFC 2045 breaks it into lines
    if len(digits) % 4 or not _BASE64(digits):  # a2b_base64 itself skips what it does not know
        raise MalformedResponseError("a base64 that is not one")
    return a2b_base64(digits)


#: by tag
SCALARS: Dict[str, Callable[[str], object]] = {
    "int": _int,
    "i4": _int,
    "i8": _int,
    "ex:i8": _int,  # Apache's extension types, which other servers have adopted
    "string": str,
    "double": _double,
    "boolean": _boolean,
    "nil": _nil,
    "ex:nil": _nil,
    "base64": _base64,
    "dateTime.iso8601": DateTimeText,
}
