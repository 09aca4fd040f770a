"""One struct becomes one row. Pure: no socket, no clock, no state.

The table (``MEMBERS``) says which documented member feeds which field and by which reader; a reader returns the field's
value, or ``UNREADABLE``, and then the value stays verbatim in ``extra`` under the name as sent. Nothing that was sent
is dropped, and nothing a server may send makes these functions raise anything but UnexpectedShapeError.
"""

import re
from datetime import datetime, tzinfo
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ..exceptions import UnexpectedShapeError
from ..exceptions.boundary import raised_by_caller
from ..model.records import Bounce, Campaign, Delivery, quick_bounce
from .limits import MAX_ID

UNREADABLE = object()
_ABSENT = object()


class DateTimeText(str):
    """The text of a dateTime.iso8601: told apart from a string until it is read; ``extra`` holds it as plain str."""


class IntLiteral(int):
    """An int whose digits ``str`` would not give back, such as ``0550``; ``extra`` holds it as plain int."""

    literal: str


class DoubleLiteral(float):
    """A double with the digits that were sent; ``extra`` holds it as plain float."""

    __slots__ = ("literal",)
    literal: str


_MOST_DIGITS = (
    17  # significant ones of a double that a person or a program wrote down; 17 always tell two doubles apart
)
_MOST_DECIMALS = 17  # places behind the point that somebody wrote down


def text_of_double(literal: str) -> str:
    """The text that was sent as the double *literal*.

    ``5.10`` was one. ``5.09999999999999964473`` never was, nor was ``0.00050000000000000001``: a serialiser wrote 5.1
    and 0.0005 by "%.20f". repr finds them again.
    """
    if len(literal) <= _MOST_DIGITS:
        return literal
    mantissa = literal.lower().partition("e")[0]
    digits = mantissa.lstrip("+-.0").replace(".", "")
    if len(digits) <= _MOST_DIGITS and len(mantissa.partition(".")[2]) <= _MOST_DECIMALS:
        return literal
    return repr(float(literal))


def read_text(value: object, tz: Optional[tzinfo] = None) -> object:
    """A text. The server types values by their looks: a reason of ``0550`` comes as int, a status of 5.1 as double."""
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    if type(value) is IntLiteral:
        return value.literal
    if type(value) is DoubleLiteral:
        return text_of_double(value.literal)
    if type(value) is float:
        return repr(value)
    if type(value) is bytes:  # Perl's XMLRPC::Lite sends whatever is not ASCII as base64
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError as error:
            if raised_by_caller(error):
                raise
            return UNREADABLE
    return "" if value is None else UNREADABLE


_ID = re.compile("[0-9]{1,19}")


def read_id(value: object, tz: Optional[tzinfo] = None) -> object:
    """An id: 0 to 2^63-1, whatever the type that carries it."""
    number = -1
    if value is None or type(value) is str and not value:
        return None
    if type(value) is str:
        digits = value.strip(_BLANKS)
        digits = digits.lstrip("0") or digits[:1]  # by hand: an expression would look at many zeros many times
        if _ID.fullmatch(digits):
            number = int(digits)
    elif type(value) is int:
        number = value
    elif type(value) is IntLiteral or isinstance(value, float) and value.is_integer():
        number = int(value)
    return number if 0 <= number <= MAX_ID else UNREADABLE


_BLANKS = " \t\r\n"  # around an id or a date they say nothing
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?: ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?)?")
_DATETIME = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})T([0-9]{2}):?([0-9]{2}):?([0-9]{2})")


def read_date(value: object, tz: Optional[tzinfo] = None) -> object:
    """A date: the documented text, the shorter forms seen elsewhere in the API, or a dateTime without offset."""
    if value is None:
        return None
    if not isinstance(value, str):
        return UNREADABLE
    if not value:
        return None
    text = value.strip(_BLANKS)
    match = _DATE.fullmatch(text)
    if match is None and type(value) is DateTimeText:
        match = _DATETIME.fullmatch(text)
    if match is None:
        return UNREADABLE
    try:
        year, month, day, hour, minute, second = [int(part or 0) for part in match.groups()]
        date = datetime(year, month, day, hour, minute, second)
    except ValueError as error:  # 0000-00-00, 30 February
        if raised_by_caller(error):
            raise
        return UNREADABLE
    try:
        return localized(date, tz)
    except OverflowError as error:  # pytz at the very ends of the calendar; what else a tzinfo raises is the caller's
        if raised_by_caller(error, tz):
            raise
        return UNREADABLE


def localized(date: datetime, tz: Optional[tzinfo]) -> datetime:
    """Attach *tz* to a naive *date*; a local time that happens twice is taken as the first (PEP 495's fold=0)."""
    if tz is None:
        return date
    localize = getattr(tz, "localize", None)
    if localize is None:
        return date.replace(tzinfo=tz)
    # pytz: replace() would give local mean time; of two readings is_dst=True is the earlier one
    return localize(date, is_dst=True)  # type: ignore[no-any-return]  # getattr of a duck


#: what makes a field of a value, or UNREADABLE
Reader = Callable[[object, Optional[tzinfo]], object]


class Member(NamedTuple):
    """Where a field comes from: the documented name, the field, and how the value is read."""

    name: str
    field: str
    read: Reader


#: of mailkit.report.message.bounces, from the vendor's page; in the order of Bounce's fields
MEMBERS = (
    Member("EMAIL", "email", read_text),
    Member("ID_EMAIL", "id_email", read_id),
    Member("ID_USER_LIST", "id_user_list", read_id),
    Member("ID_SEND_MESSAGE", "id_send_message", read_id),
    Member("DATE", "date", read_date),
    Member("STATUS", "status", read_text),
    Member("EMAIL_STATUS", "email_status", read_text),
    Member("BOUNCE_CAT", "bounce_cat", read_text),
    Member("REASON", "reason", read_text),
)


#: of mailkit.report; from the vendor's public page and other clients, never tried live; in the order of the fields
CAMPAIGN_MEMBERS = (
    Member("ID_MESSAGE", "id_message", read_id),
    Member("NAME", "name", read_text),
    Member("SEND_COUNT", "send_count", read_id),
    Member("DELIVERED_COUNT", "delivered_count", read_id),
)

#: of mailkit.report.campaign; as above
DELIVERY_MEMBERS = (
    Member("ID_SEND", "id_send", read_id),
    Member("SUBJECT", "subject", read_text),
    Member("FROM", "from_", read_text),
    Member("DATE", "date", read_date),
    Member("SEND_COUNT", "send_count", read_id),
    Member("DELIVERED_COUNT", "delivered_count", read_id),
    Member("READ_COUNT", "read_count", read_id),
    Member("CLICK_COUNT", "click_count", read_id),
    Member("UNSUBSCRIBE", "unsubscribe", read_id),
    Member("SPAM_REPORT", "spam_report", read_id),
    Member("REV", "rev", read_text),
)


def bounce_from_struct(struct: object, id_send: int, tz: Optional[tzinfo] = None, row: int = 0) -> Bounce:
    """Return the Bounce that *struct* (name -> XML-RPC value) describes.

    :param row: index of the row, for the error
    :raises UnexpectedShapeError: *struct* is not a struct, or has none of the nine documented names
    """
    return quick_bounce(id_send, *read_members(struct, MEMBERS, tz, row))


def campaign_from_struct(struct: object, tz: Optional[tzinfo] = None, row: int = 0) -> Campaign:
    """Return the Campaign that *struct* describes; arguments and error as of ``bounce_from_struct``."""
    return Campaign(*read_members(struct, CAMPAIGN_MEMBERS, tz, row))


def delivery_from_struct(struct: object, id_message: int, tz: Optional[tzinfo] = None, row: int = 0) -> Delivery:
    """Return the Delivery that *struct* describes; arguments and error as of ``bounce_from_struct``."""
    return Delivery(id_message, *read_members(struct, DELIVERY_MEMBERS, tz, row))


def read_members(struct: object, members: Tuple[Member, ...], tz: Optional[tzinfo], row: int) -> List[Any]:
    """Return the values of *members* in their order, then a dict of what is left of *struct*, verbatim."""
    if type(struct) is not dict:
        raise UnexpectedShapeError("row {} is not a struct".format(row))
    rest: Dict[str, object] = dict(struct)
    values: List[Any] = []
    unreadable = {}
    found = False
    for name, _, read in members:
        value = rest.pop(name, _ABSENT)
        if value is _ABSENT:
            other = _other_case(rest, name)
            if other is not None:
                name, value = other, rest.pop(other)
        if value is not _ABSENT:
            found = True
            result = read(value, tz)
            if result is UNREADABLE:
                unreadable[name] = value
                result = "" if read is read_text else None
        else:
            result = "" if read is read_text else None
        values.append(result)
    if not found:
        raise UnexpectedShapeError("row {} has none of the documented members".format(row))
    if unreadable:
        rest.update(unreadable)
    values.append({name: plain(value) for name, value in rest.items()})
    return values


def _other_case(struct: Mapping[str, object], name: str) -> Optional[str]:
    """The member that is *name* but for its case: letter case varies between functions of this API (other clients).

    Of several the one that sorts first, so that the server's order of members means nothing.
    """
    # both ways: "ı".upper() is "I", but nobody would call them one letter
    return min((other for other in struct if other.upper() == name and other.lower() == name.lower()), default=None)


def plain(value: object) -> object:
    """*value* with every dateTime in it as plain text, and every number without its literal."""
    if type(value) is DateTimeText:
        return str(value)
    if type(value) is list:
        return [plain(item) for item in value]
    if type(value) is dict:
        return {name: plain(item) for name, item in value.items()}
    return without_literal(value)


def without_literal(value: object) -> object:
    """*value*, and if it is a number, without the digits that were sent."""
    if type(value) is IntLiteral:
        return int(value)
    return float(value) if type(value) is DoubleLiteral else value
