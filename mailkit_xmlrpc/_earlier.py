"""Rows of an earlier ``fetch``, read back from its file: JSON lines, JSON, CSV, TSV or SQLite, told apart by content.

JSON and SQLite give back what was fetched. CSV and TSV give what they show: the apostrophe that guards a cell is taken
off again, an escape stays one.
"""
import base64
import csv
import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Generator, Iterator, Mapping, Optional, TextIO

from ._output import COLUMNS, SIGNS
from ._sqlite import MAGIC, stored
from ._streams import UsageError
from .bounce import Bounce

_IDS = ("id_send", "id_email", "id_user_list", "id_send_message")
_TEXTS = ("email", "status", "email_status", "bounce_cat", "reason")
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{6}))?"
    r"(?:([+-])([0-9]{2}):([0-9]{2})(?::[0-9.]+)?)?"
)
_GUARD = re.compile("^'(?=[\\s\"]*[" + SIGNS + "])")
_MAX_CELL = 1 << 24  # characters; csv's own limit is 131,072, and a REASON may be longer


def read_rows(path: str) -> Generator[Bounce, None, None]:
    """Yield the rows in the file at *path*, one by one.

    :raises UsageError: it cannot be read, or is not what fetch writes; the text names the row
    :raises LocalError: it is a database, and this Python has no sqlite3
    """
    number = 0
    problem = None
    try:
        for number, values in enumerate(_records(path), 1):
            yield _bounce(values)
    except OSError as error:
        problem = "the file of --from cannot be read: {}".format(error.strerror)
    except (ValueError, TypeError, KeyError, RecursionError, csv.Error) as error:
        if isinstance(error, UsageError):
            raise
        problem = "the file of --from is not what fetch writes (after {} rows)".format(number)
    if problem is not None:
        raise UsageError(problem)


def _records(path: str) -> Iterator[Mapping[str, Any]]:
    with open(path, "rb") as binary:
        start = binary.read(16)
    if start == MAGIC:
        for values in stored(path):
            record = dict(zip(COLUMNS, values))
            record["extra"] = json.loads(record["extra"])
            yield record
        return
    with open(path, encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        if first.startswith("{"):
            yield json.loads(first)
            yield from map(json.loads, filter(str.strip, file))
        elif first.strip() in ("[", "[]"):
            yield from _array(file)
        elif first.startswith("["):
            yield from json.loads(first + file.read())
        elif first:
            yield from _cells(first, file)


def _array(file: TextIO) -> Iterator[Any]:
    """The records of an array as fetch writes it, one a line."""
    closed = None
    for line in file:
        closed = line.strip() == "]"
        if not closed:
            yield json.loads(line.rstrip("\r\n").rstrip(","))
    if closed is False:  # fetch leaves it open where it failed
        raise ValueError("the array is not closed")


def _cells(first: str, file: TextIO) -> Iterator[Dict[str, Any]]:
    separator = "\t" if "\t" in first else ","
    csv.field_size_limit(max(csv.field_size_limit(), _MAX_CELL))
    names = first.rstrip("\r\n").split(separator)
    if not set(names) & set(COLUMNS):
        raise ValueError("not a header")
    for cells in csv.reader(file, delimiter=separator, strict=True):
        if len(cells) != len(names):
            raise ValueError("a row with too few or too many cells")
        record: Dict[str, Any] = {name: _GUARD.sub("", cell) for name, cell in zip(names, cells)}
        for name in _IDS + ("date",):
            if name in record:
                record[name] = record[name] or None
        for name in _IDS:
            if record.get(name) is not None:
                record[name] = int(record[name])
        record["extra"] = json.loads(record.get("extra") or "{}")
        yield record


def _bounce(record: Mapping[str, Any]) -> Bounce:
    if not any(name in record for name in COLUMNS):
        raise ValueError("not a row")
    ids = [record.get(name) for name in _IDS]
    texts = {name: record.get(name, "") for name in _TEXTS}
    extra = record.get("extra", {})
    if not all(value is None or type(value) is int for value in ids) or not isinstance(extra, dict):
        raise ValueError("an id that is none")
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("a text that is none")
    return Bounce(
        ids[0] or 0, texts["email"], ids[1], ids[2], ids[3], _date(record.get("date")), texts["status"],
        texts["email_status"], texts["bounce_cat"], texts["reason"], _plain(extra),
    )  # fmt: skip


def _date(text: Optional[str]) -> Optional[datetime]:
    if text is None:
        return None
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("a date that is none")
    *numbers, micro, sign, hours, minutes = match.groups()
    date = datetime(*map(int, numbers), microsecond=int(micro or 0))  # type: ignore[misc,arg-type]  # six numbers
    if sign is None:
        return date
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return date.replace(tzinfo=timezone(-offset if sign == "-" else offset))


def _plain(value: Any) -> Any:
    """*value* with ``{"$bytes": ...}`` as bytes again."""
    if isinstance(value, dict):
        if list(value) == ["$bytes"] and isinstance(value["$bytes"], str):
            return base64.b64decode(value["$bytes"], validate=True)
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
