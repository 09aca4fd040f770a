"""Which answer means what: the one value of a methodResponse that is not a report, and a fault, become what they mean.

Pure functions. An error of this API is not a fault but an ordinary answer whose one value is a plain string (the
vendor's documentation); "no rows" has several forms (documentation, other clients); faults were never seen but must
be expected of a server that is very likely written in Perl (inferred).
"""
import re
from typing import Callable, Dict, List, Optional

from ._normalise import plain, read_id, read_text
from .exceptions import (
    ApiError,
    DisallowedIPError,
    FaultError,
    InvalidSendIdError,
    UnauthorizedError,
    UnexpectedShapeError,
)

Shown = Callable[[str], str]

_NUMBER = re.compile("-?[0-9]{1,18}")
_DISALLOWED_IP = re.compile(r"Disallowed IP(?:\s+(\S+).*)?", re.DOTALL)


def structs_of(value: object, id_send: Optional[int], shown: Shown) -> List[Dict[str, object]]:
    """Return the structs that a lone *value* (not an array) stands for: none, or one.

    :param shown: makes foreign text fit for an exception
    :raises ApiError: Mailkit said no
    :raises UnexpectedShapeError: it is neither a refusal nor a report
    """
    if value is None:
        return []
    if type(value) is dict:
        if not value:
            return []
        return [value]  # with none of the documented members it is no row, as in an array
    if type(value) is str:
        text = value.strip()
        if text:
            raise refusal(text, id_send, shown)
        return []
    raise UnexpectedShapeError("a lone {} instead of an array of structs".format(type_name(value)))


def objects_of(value: object, id_send: Optional[int], shown: Shown) -> List[Dict[str, object]]:
    """``structs_of`` for the JSON form, where an error is an object: ``error_status`` decides, ``error`` is its text.

    :raises ApiError: Mailkit said no
    :raises UnexpectedShapeError: it is neither a refusal nor a report
    """
    if type(value) is dict:
        error = refusal_in(value, id_send, shown)
        if error is not None:
            raise error
        if set(value) <= {"error_status", "error"} and value:
            raise UnexpectedShapeError("error_status 0 and no rows")
    return structs_of(value, id_send, shown)


def refusal_in(members: Dict[str, object], id_send: Optional[int], shown: Shown) -> Optional[ApiError]:
    """Return what Mailkit refuses with in the object *members*; None where it is no refusal.

    On success ``error`` may be there as well ("OK"; seen by other clients), so only ``error_status`` decides: 0 is
    success, any other number or text is not (documented).

    :raises UnexpectedShapeError: there is an ``error`` without a status that says anything
    """
    if "error_status" not in members and "error" not in members:
        return None
    status = members.get("error_status")
    if type(status) not in (int, float, str) or type(status) is str and not status.strip():
        raise UnexpectedShapeError("an error without an error_status")
    if read_id(status) == 0:
        return None
    text = read_text(members.get("error"))
    if type(text) is not str:
        text = repr(plain(members["error"]))
    return refusal(text.strip() or "error_status {}".format(status), id_send, shown)


def refusal(text: str, id_send: Optional[int], shown: Shown) -> ApiError:
    """Return what Mailkit means by the plain string *text* (stripped, not empty); *id_send* is what was asked for, if
    that was a delivery."""
    message = shown(text)
    if text == "Unauthorized":
        return UnauthorizedError(message)
    disallowed = _DISALLOWED_IP.fullmatch(text)
    if disallowed:  # by prefix: other clients do not trust what follows either
        ip = disallowed.group(1)
        return DisallowedIPError(message, None if ip is None else shown(ip))
    if id_send is not None and text in ("Missing ID_send", "Invalid ID_send"):
        return InvalidSendIdError(message, id_send)
    return ApiError(message)


def fault(value: object, shown: Shown) -> FaultError:
    """Return the FaultError for the value of a fault, however odd: a fault never is anything but a fault.

    A code that is not a number gives None; where the text is missing or not a text, the whole value is shown instead.
    """
    members = value if isinstance(value, dict) else {}
    code = members.get("faultCode")
    text = members.get("faultString")
    if type(code) is str and _NUMBER.fullmatch(code.strip()) or type(code) is float and code.is_integer():
        code = int(code)
    number = code if type(code) is int else None
    if type(text) is not str:
        text = "" if value is None else repr(plain(value))
    elif number is None and code is not None:
        text = "{} (faultCode {!r})".format(text, plain(code))
    return FaultError(number, shown(text.strip()))


_TYPE_NAMES = {bool: "boolean", int: "int", float: "double", bytes: "base64", list: "array", dict: "struct"}


def type_name(value: object) -> str:
    """The XML-RPC name of *value*'s type."""
    return _TYPE_NAMES.get(type(value), "dateTime" if type(value) is not str else "string")
