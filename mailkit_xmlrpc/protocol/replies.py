"""Which answer means what: the one value of a methodResponse that is not a report, and a fault, become what they mean.

Pure functions. An error of this API is not a fault but an ordinary answer whose one value is a plain string (the
vendor's documentation); "no rows" has several forms (documentation, other clients); faults were never seen but must
be expected of a server that is very likely written in Perl (inferred).
"""

import re
from typing import Dict, List, Optional, cast

from ..exceptions import (
    ApiError,
    DisallowedIPError,
    FaultError,
    InvalidSendIdError,
    MalformedResponseError,
    UnauthorizedError,
    UnexpectedShapeError,
)
from .calls import Call, Row
from .encoding import UTF_8, charset_of, codec_of, is_utf_8, marked_encoding
from .fields import plain, read_id, read_text, without_literal

_NUMBER = re.compile("-?[0-9]{1,18}")
_DISALLOWED_IP = re.compile(r"Disallowed IP(?:\s+(\S+).*)?", re.DOTALL)


# There is one way only in which it can match what stands before the root: with two, blanks or comments would take time
# without end.
_WEB_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[ \t\r\n]|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->)*<(?:!doctype[ \t\r\n]+)?html\b",
    re.DOTALL | re.IGNORECASE,
)
_TITLE = re.compile(rb"<title[^>]{0,100}>(.{0,1000}?)</title", re.DOTALL | re.IGNORECASE)


def reject_web_page(head: bytes, content_type: str = "") -> None:
    """Check that a body which begins with *head* is no web page: the commonest answer of a server in trouble.

    :raises MalformedResponseError: it is one; the text tells its title
    """
    codec = marked_encoding(head) or codec_of(charset_of(content_type) or UTF_8)
    # A character of UTF-8 may be cut at the end. A page that is UTF-8 is often said to be something else.
    if codec is not None and (codec.startswith("utf-16") or not is_utf_8([head[:-3]])):
        head = head.decode(codec, "replace").encode(UTF_8, "replace")
    if _WEB_PAGE.match(head):
        title = title_of(head)
        raise MalformedResponseError("it is a web page" + (' with the title "{}"'.format(title) if title else ""))


def title_of(head: bytes) -> str:
    """The title of the web page that begins with *head*, or ""."""
    match = _TITLE.search(head)
    return "" if match is None else " ".join(match.group(1).decode("utf-8", "replace").split())


def structs_of(value: object, call: "Call[Row]") -> List[Dict[str, object]]:
    """Return the structs that a lone *value* (not an array) stands for: none, or one.

    Over XML-RPC an error is a string, over JSON an object with ``error_status``; either is taken for one in both.

    :raises ApiError: Mailkit said no
    :raises UnexpectedShapeError: it is neither a refusal nor a report
    """
    if value is None:
        return []
    # Nobody sends nothing as base64: that is no proof that there are no rows.
    text = read_text(value) if type(value) is bytes and value.strip() else value
    if type(text) is str:
        text = text.strip()
        if text:
            raise refusal(text, call.id_send)
        return []
    if type(value) is not dict:
        raise UnexpectedShapeError("a lone {} instead of an array of structs".format(type_name(value)))
    struct = cast(Dict[str, object], value)
    error = refusal_in(struct, call.id_send)
    if error is not None:
        raise error
    if not struct:
        return []
    if set(struct) <= {"error_status", "error"}:
        raise UnexpectedShapeError("error_status 0 and no rows")
    if not call.is_row(struct):
        raise UnexpectedShapeError("a lone struct that names no recipient")
    return [struct]


def refusal_in(members: Dict[str, object], id_send: Optional[int]) -> Optional[ApiError]:
    """Return what Mailkit refuses with in the object *members*; None where it is no refusal.

    On success ``error`` may be there as well ("OK"; seen by other clients), so only ``error_status`` decides: 0 is
    success, any other number or text is not (documented).

    :raises UnexpectedShapeError: there is an ``error`` without a status that says anything
    """
    if "error_status" not in members and "error" not in members:
        return None
    status = without_literal(members.get("error_status"))
    if type(status) not in (int, float, str) or type(status) is str and not status.strip():
        raise UnexpectedShapeError("an error without an error_status")
    if read_id(status) == 0:
        return None
    text = read_text(members.get("error"))
    if type(text) is not str:
        text = repr(plain(members["error"]))
    return refusal(text.strip() or "error_status {}".format(status), id_send)


def refusal(text: str, id_send: Optional[int]) -> ApiError:
    """Return what Mailkit means by the plain string *text* (stripped, not empty); *id_send* is what was asked for, if
    that was a delivery."""
    if text == "Unauthorized":
        return UnauthorizedError(text)
    disallowed = _DISALLOWED_IP.fullmatch(text)
    if disallowed:  # by prefix: other clients do not trust what follows either
        return DisallowedIPError(text, disallowed.group(1))
    if id_send is not None and text in ("Missing ID_send", "Invalid ID_send"):
        return InvalidSendIdError(text, id_send)
    return ApiError(text)


def fault(value: object) -> FaultError:
    """Return the FaultError for the value of a fault, whatever it is: a fault never is anything but a fault.

    A code that is not a number gives None; where the text is missing or not a text, the whole value is told instead.
    """
    members = value if isinstance(value, dict) else {}
    code = without_literal(members.get("faultCode"))
    text = members.get("faultString")
    if type(text) is bytes:
        text = read_text(text)
    if type(code) is str and _NUMBER.fullmatch(code.strip()) or type(code) is float and code.is_integer():
        code = int(code)
    number = code if type(code) is int else None
    if type(text) is not str:
        text = "" if value is None else repr(plain(value))
    elif number is None and code is not None:
        text = "{} (faultCode {!r})".format(text, plain(code))
    return FaultError(number, text.strip())


_TYPE_NAMES = {bool: "boolean", int: "int", float: "double", bytes: "base64", list: "array", dict: "struct"}


def type_name(value: object) -> str:
    """The XML-RPC name of *value*'s type."""
    return _TYPE_NAMES.get(type(without_literal(value)), "dateTime" if type(value) is not str else "string")
