"""The answers in ``fixtures/`` as data: what each file holds, shows and is expected to become.

An XML fixture carries its data as JSON in one comment right after its XML declaration. Where the bytes forbid that
(verbatim text of the vendor's, an empty body, JSON, a document that is not XML), the same JSON stands in
``NAME.expect`` beside it. The data::

    {"shows": "one line", "source": "documented" or "constructed",
     "evidence": "PAGE, DOC, PEER or INF: why we believe it", "form": "xml" (the default) or "json",
     "expect": {"rows": [{"email": "anna@example.com", "date": "2014-12-23T12:36:02", "extra": {"X": {"$bytes": ""}}}]}
            or {"error": "UnauthorizedError", "attributes": {"message": "Unauthorized"}}}

A row lists the fields of Bounce except id_send; a field left out is None (ids, date), "" (texts) or {} (extra).
"""

import base64
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Type

import mailkit_xmlrpc
from mailkit_xmlrpc import Bounce, MailkitError

FOLDER = Path(__file__).resolve().parent.parent / "fixtures"
README = FOLDER / "README.rst"
ID_SEND = 123456

SOURCES = ("documented", "constructed")
FORMS = ("xml", "json")
TAGS = ("PAGE", "DOC", "PEER", "INF")

_COMMENT = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml [^>]*\?>\s*<!--\s*(\{.*?\})\s*-->", re.DOTALL)
_KEYS = {"shows", "source", "evidence", "form", "expect"}
_ROW_KEYS = set(Bounce.__annotations__) - {"id_send"}
_ERROR_KEYS = {"error", "attributes"}


class FixtureError(Exception):
    """A fixture that a test cannot use; the text names the file and what it lacks."""


class Expectation(NamedTuple):
    """What an answer becomes: either rows (and no error), or an exception of exactly the class *error*."""

    rows: Optional[List[Bounce]]
    error: Optional[Type[MailkitError]]
    attributes: Dict[str, Any]


class Fixture(NamedTuple):
    """One answer: *name* is its path inside ``fixtures/``, *body* its bytes, *expected* what it becomes."""

    name: str
    body: bytes
    shows: str
    source: str
    evidence: str
    form: str
    expected: Expectation


def paths() -> List[Path]:
    """Every file of ``fixtures/`` that holds an answer, sorted."""
    return sorted(path for path in files() if path != README and path.suffix != ".expect")


def files() -> List[Path]:
    """Every file of ``fixtures/`` but those of ``meaning/``, which are no answers."""
    return [path for path in FOLDER.rglob("*") if path.is_file() and FOLDER / "meaning" not in path.parents]


def load(path: Path) -> Fixture:
    """Read one fixture.

    :raises FixtureError: it has no expectation, two of them, or one that is not as described above
    """
    name = path.relative_to(FOLDER).as_posix()
    body = path.read_bytes()
    try:
        data = _data(path, body)
        if not _KEYS - {"form"} <= set(data) <= _KEYS:
            raise FixtureError("its data has the keys {}".format(sorted(data)))
        form = data.get("form", "xml")
        if data["source"] not in SOURCES or form not in FORMS:
            raise FixtureError("source {!r}, form {!r}".format(data["source"], form))
        return Fixture(name, body, data["shows"], data["source"], data["evidence"], form, expectation(data["expect"]))
    except FixtureError as error:
        raise FixtureError("{}: {}".format(name, error)) from None


def _data(path: Path, body: bytes) -> Dict[str, Any]:
    beside = path.with_name(path.name + ".expect")
    inside = _COMMENT.match(body)
    if beside.exists() == bool(inside):
        raise FixtureError(
            "two expectations" if inside else "no expectation: neither a comment nor NAME.expect has one"
        )
    text = inside.group(1) if inside else beside.read_bytes()
    try:
        data = json.loads(text.decode("ascii"))
    except ValueError as error:
        raise FixtureError("its expectation is not JSON in ASCII: {}".format(error))
    if type(data) is not dict:
        raise FixtureError("its expectation is not an object")
    return data


def expectation(data: Dict[str, Any]) -> Expectation:
    """Turn ``expect`` into Bounce objects or an exception class.

    :raises FixtureError: it has an unknown key, field or class
    """
    if set(data) == {"rows"}:
        return Expectation([_bounce(row) for row in data["rows"]], None, {})
    if "error" not in data or not set(data) <= _ERROR_KEYS:
        raise FixtureError("it expects {}".format(sorted(data)))
    error = getattr(mailkit_xmlrpc, data["error"], None)
    if not (isinstance(error, type) and issubclass(error, MailkitError)):
        raise FixtureError("there is no exception {}".format(data["error"]))
    return Expectation(None, error, data.get("attributes", {}))


def _bounce(row: Dict[str, Any]) -> Bounce:
    if not set(row) <= _ROW_KEYS:
        raise FixtureError("a row has the unknown fields {}".format(sorted(set(row) - _ROW_KEYS)))
    date = row.get("date")
    return Bounce(
        id_send=ID_SEND,
        email=row.get("email", ""),
        id_email=row.get("id_email"),
        id_user_list=row.get("id_user_list"),
        id_send_message=row.get("id_send_message"),
        date=None if date is None else datetime.strptime(date, "%Y-%m-%dT%H:%M:%S"),
        status=row.get("status", ""),
        email_status=row.get("email_status", ""),
        bounce_cat=row.get("bounce_cat", ""),
        reason=row.get("reason", ""),
        extra={name: _value(value) for name, value in row.get("extra", {}).items()},
    )


def _value(value: Any) -> Any:
    if type(value) is dict:
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        return {name: _value(item) for name, item in value.items()}
    if type(value) is list:
        return [_value(item) for item in value]
    return value
