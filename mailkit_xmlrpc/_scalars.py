"""The text inside of a scalar's tags becomes its value. Pure.

By pattern and length first, for ``int()`` takes ``1_000`` and Arabic digits, ``float()`` takes ``nan``, and
``a2b_base64`` skips what it does not know. Each raises MalformedResponseError for what is not one.
"""
import re
from binascii import a2b_base64
from typing import Any, Callable, Dict

from ._limits import MAX_DOUBLE_CHARS, MAX_INT_CHARS
from ._normalise import DateTimeText
from .exceptions import MalformedResponseError

BLANK = " \t\r\n"  # XML 1.0, 2.3 S; str.strip() without it would take no-break spaces as well

_INT = re.compile(r"[+-]?[0-9]+").fullmatch
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?").fullmatch
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?").fullmatch


def _int(text: str) -> int:
    digits = text.strip(BLANK)
    # by pattern: int() takes "1_000" and Arabic digits as well; by length: CPU attack, CVE-2020-10735
    if len(digits) > MAX_INT_CHARS or not _INT(digits):
        raise MalformedResponseError("an int that is not one")
    return int(digits)


def _double(text: str) -> float:
    digits = text.strip(BLANK)
    if len(digits) > MAX_DOUBLE_CHARS or not _DOUBLE(digits):
        raise MalformedResponseError("a double that is not one")
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise MalformedResponseError("a double that is not finite")
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
    digits = "".join(text.split())  # RFC 2045 breaks it into lines
    if not _BASE64(digits):  # a2b_base64 itself skips what it does not know
        raise MalformedResponseError("a base64 that is not one")
    return a2b_base64(digits)


#: by tag
SCALARS: Dict[str, Callable[[str], Any]] = {
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
