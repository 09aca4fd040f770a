"""One bounce as the table ``mailkit_bounce`` holds it, and back. Pure.

A *record* is a bounce as plain values (``Record``). It can be marshalled, and it is what digests are made of. The
*values* of a row are what the database gets: the record with texts that every database takes.

A text may hold what a database refuses: PostgreSQL takes no NUL, and none takes a lone surrogate. The row shows U+2400
(SYMBOL FOR NULL) and U+FFFD in their place. The original then stands in ``extra``, under ``$text``. For this, names of
``extra`` that begin with a dollar sign are stored with one more.
"""

import base64
import hashlib
import json
import re
from datetime import date, datetime, timedelta, timezone
from operator import attrgetter
from typing import Dict, Mapping, Optional, Tuple, Union

from ..model.records import Bounce

#: columns of ``mailkit_bounce`` in their order
COLUMNS = (
    "id_send",
    "message_key",
    "email",
    "id_email",
    "id_user_list",
    "id_send_message",
    "date",
    "date_text",
    "status",
    "email_status",
    "bounce_cat",
    "reason",
    "extra",
    "kind",
    "digest",
    "first_seen",
    "last_seen",
    "changed_at",
    "gone_at",
)
#: those that are written anew where the content has changed
CHANGED = COLUMNS[2:15] + ("last_seen", "changed_at")

Id = Optional[int]
#: a text in UTC; what a driver makes of it
Moment = Union[str, date, None]
#: email, id_email, id_user_list, id_send_message, status, email_status, bounce_cat, reason, date, date_text, extra
Record = Tuple[str, Id, Id, Id, str, str, str, str, Optional[str], Optional[str], str]

#: the columns email to extra of a row, in their order
Values = Tuple[str, Id, Id, Id, Moment, Optional[str], str, str, str, str, str]

FIELDS = 11  # of a record
DIGEST_LENGTH = 40  # hexadecimal digits, 160 bits; with an ordinal it fits into a key of 64 characters
_REMEMBERED = 10000  # pairs of BOUNCE_CAT and STATUS

_FIELDS = attrgetter(
    "email", "id_email", "id_user_list", "id_send_message", "status", "email_status", "bounce_cat", "reason"
)
_TEXTS = (("email", 0), ("status", 4), ("email_status", 5), ("bounce_cat", 6), ("reason", 7))
_SURROGATE = re.compile("[\ud800-\udfff]")
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{6}))?"
    r"(?:([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{6}))?)?)?"
)


# --- from a bounce to the database ------------------------------------------------------------------------------------


def record_of(bounce: Bounce) -> Record:
    """*bounce* as plain values."""
    date = bounce.date
    extra = extra_text(bounce.extra) if bounce.extra else "{}"
    if date is None:
        return _FIELDS(bounce) + (None, None, extra)
    text = date.isoformat()
    shown: Optional[str]
    if date.tzinfo is None:
        shown = text[:10] + " " + text[11:19]
    else:
        try:
            shown = date.astimezone(timezone.utc).replace(tzinfo=None).isoformat(" ")[:19]
        except OverflowError:  # in UTC it is before the year 1, or after 9999
            shown = None
    return _FIELDS(bounce) + (shown, text, extra)


class Kinds(Dict[Tuple[str, str], str]):
    """BOUNCE_CAT and STATUS -> what they say about the address, by the default rules. A dict, because it is quick."""

    def __missing__(self, words: Tuple[str, str]) -> str:
        bounce_cat, status = words
        kind = Bounce(0, "", None, None, None, None, status, "", bounce_cat, "").kind.value
        if len(self) < _REMEMBERED:
            self[words] = kind
        return kind


def digest_of(value: object) -> str:
    """What tells one content from another: the same on every Python, as ``ascii()`` of texts, numbers and None is."""
    return hashlib.sha256(ascii(value).encode("ascii")).hexdigest()[:DIGEST_LENGTH]


def values_of(record: Record) -> Values:
    """The columns ``email`` to ``extra`` of *record*, as every database takes them."""
    email, id_email, id_user_list, id_send_message, status, email_status, bounce_cat, reason, date, text, extra = record
    if not _is_storable("".join((email, status, email_status, bounce_cat, reason))):
        texts = {name: str(record[at]) for name, at in _TEXTS}
        changed = {name: text for name, text in texts.items() if not _is_storable(text)}
        extra = _with_originals(extra, changed)
        email, status, email_status, bounce_cat, reason = map(
            storable, (email, status, email_status, bounce_cat, reason)
        )
    ids = id_email, id_user_list, id_send_message
    return (email,) + ids + (date, text, status, email_status, bounce_cat, reason, extra)


def _is_storable(text: str) -> bool:
    return "\0" not in text and (text.isprintable() or not _SURROGATE.search(text))


def storable(text: str) -> str:
    """*text* as every database takes it."""
    return _SURROGATE.sub("\ufffd", text).replace("\0", "\u2400")


def extra_text(extra: Dict[str, object]) -> str:
    """*extra* as JSON, its members sorted: their order means nothing, and the server's differs."""
    return _json(_marked(extra))


def _with_originals(extra: str, originals: Mapping[str, object]) -> str:
    members = json.loads(extra)
    members["$text"] = originals
    return _json(members)


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)  # it escapes control characters in any case
    return _SURROGATE.sub(lambda match: "\\u{:04x}".format(ord(match.group())), text)


def _marked(value: object) -> object:
    """*value* as JSON can say it: bytes as ``{"$bytes": ...}``, and a dollar sign before names that begin with one."""
    if isinstance(value, dict):
        return {("$" + name if name.startswith("$") else name): _marked(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_marked(item) for item in value]
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    return value


# --- and back ---------------------------------------------------------------------------------------------------------


def bounce_of(id_send: int, values: Values) -> Bounce:
    """The bounce whose columns ``email`` to ``extra`` are *values*; the reverse of :func:`values_of`.

    :raises ValueError: these are no values of such a row
    """
    email, id_email, id_user_list, id_send_message, _, date_text, status, email_status, bounce_cat, reason, extra = (
        values
    )
    texts = dict(email=email, status=status, email_status=email_status, bounce_cat=bounce_cat, reason=reason)
    members = {} if extra == "{}" else json.loads(extra)
    texts.update(members.pop("$text", {}))
    return Bounce(
        id_send=id_send,
        id_email=id_email,
        id_user_list=id_user_list,
        id_send_message=id_send_message,
        date=date_of(date_text),
        extra={_unmarked_name(name): _unmarked(item) for name, item in members.items()},
        **texts,
    )


def _unmarked(value: object) -> object:
    if isinstance(value, dict):
        if "$bytes" in value:
            return base64.b64decode(value["$bytes"], validate=True)
        return {_unmarked_name(name): _unmarked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_unmarked(item) for item in value]
    return value


def _unmarked_name(name: str) -> str:
    return name[1:] if name.startswith("$") else name


def date_of(text: Optional[str]) -> Optional[datetime]:
    """The date whose ``isoformat()`` is *text*.

    :raises ValueError: there is none
    """
    if text is None:
        return None
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("a date that is none")
    *numbers, micro, sign, hours, minutes, seconds, more = match.groups()
    year, month, day, hour, minute, second = map(int, numbers)
    date = datetime(year, month, day, hour, minute, second, int(micro or 0))
    if sign is None:
        return date
    offset = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0), microseconds=int(more or 0))
    return date.replace(tzinfo=timezone(-offset if sign == "-" else offset))
