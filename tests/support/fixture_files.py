"""The answers in ``fixtures/`` as data: what each file holds, shows and is expected to become.

An XML fixture carries its data as JSON in one comment right after its XML declaration. Where the bytes forbid that
(verbatim text of the vendor's, an empty body, JSON, a document that is not XML), the same JSON stands in
``NAME.expect`` beside it. The data::

    {"shows": "one line", "source": "documented", "constructed" or "recorded" (the vendor's own host answered),
     "evidence": "PAGE, DOC, PEER, INF or LIVE: why we believe it", "form": "xml" (the default) or "json",
     "function": that answered so, "mailkit.report.message.bounces" by default,
     "content_type": of the response, "text/xml" by default,
     "scrubbed": true, where pseudonyms stand for what was personal,
     "expect": {"rows": [{"email": "anna@example.com", "date": "2014-12-23T12:36:02", "extra": {"X": {"$bytes": ""}}}]}
            or {"error": "UnauthorizedError", "attributes": {"message": "Unauthorized"}},
     "replace": the same for on_bad_text="replace", with "replaced" (how many) beside "rows"; left out where that
            changes nothing}

A recording has NAME.http beside it, the head of its response; its status counts.

A row lists the fields of Bounce except id_send (of Campaign all, of Delivery all but id_message); a field left out is
None (numbers, date), "" (texts) or {} (extra).
"""

import base64
import dataclasses
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Type

import mailkit_xmlrpc
from mailkit_xmlrpc import Bounce, Campaign, Delivery, MailkitError

FOLDER = Path(__file__).resolve().parents[2] / "fixtures"
README = FOLDER / "README.rst"
ID_SEND = 123456

SOURCES = ("documented", "constructed", "recorded")
FORMS = ("xml", "json")
TAGS = ("PAGE", "DOC", "PEER", "INF", "LIVE")

#: what stands beside an answer
BESIDE = (".expect", ".http")
#: by function: the class of its rows, and which of their fields is what was asked for
ROWS: Dict[str, Any] = {
    "mailkit.report.message.bounces": (Bounce, "id_send"),
    "mailkit.report": (Campaign, ""),
    "mailkit.report.campaign": (Delivery, "id_message"),
}
_TEXTS = ("email", "status", "email_status", "bounce_cat", "reason", "name", "subject", "from_", "rev")

_COMMENT = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml [^>]*\?>\s*<!--\s*(\{.*?\})\s*-->", re.DOTALL)
_KEYS = {"shows", "source", "evidence", "expect"}
_MORE_KEYS = {"form", "function", "content_type", "scrubbed", "replace"}
_ERROR_KEYS = {"error", "attributes"}


class FixtureError(Exception):
    """A fixture that a test cannot use; the text names the file and what it lacks."""


class Expectation(NamedTuple):
    """What an answer becomes: either rows (and no error), or an exception of exactly the class *error*."""

    rows: Optional[List[Any]]
    error: Optional[Type[MailkitError]]
    attributes: Dict[str, Any]
    #: characters that are replaced by U+FFFD
    replaced: int = 0


class Fixture(NamedTuple):
    """One answer: *name* is its path inside ``fixtures/``, *body* its bytes, *expected* what it becomes."""

    name: str
    body: bytes
    shows: str
    source: str
    evidence: str
    form: str
    function: str
    status: int
    content_type: str
    expected: Expectation
    #: with ``on_bad_text="replace"``
    with_replace: Expectation


def paths() -> List[Path]:
    """Every file of ``fixtures/`` that holds an answer, sorted."""
    return sorted(path for path in files() if path != README and path.suffix not in BESIDE)


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
        if not _KEYS <= set(data) <= _KEYS | _MORE_KEYS:
            raise FixtureError("its data has the keys {}".format(sorted(data)))
        form = data.get("form", "xml")
        if data["source"] not in SOURCES or form not in FORMS:
            raise FixtureError("source {!r}, form {!r}".format(data["source"], form))
        function = data.get("function", "mailkit.report.message.bounces")
        if function not in ROWS:
            raise FixtureError("function {!r}".format(function))
        return Fixture(
            name,
            body,
            data["shows"],
            data["source"],
            data["evidence"],
            form,
            function,
            _status(path),
            data.get("content_type", "text/xml"),
            expectation(data["expect"], function),
            expectation(data.get("replace", data["expect"]), function),
        )
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


def _status(path: Path) -> int:
    head = path.with_name(path.name + ".http")
    return int(head.read_text(encoding="utf-8").split()[1]) if head.exists() else 200


def expectation(data: Dict[str, Any], function: str = "mailkit.report.message.bounces") -> Expectation:
    """Turn ``expect`` into rows or an exception class.

    :raises FixtureError: it has an unknown key, field or class
    """
    if {"rows"} <= set(data) <= {"rows", "replaced"}:
        return Expectation([_row(row, *ROWS[function]) for row in data["rows"]], None, {}, data.get("replaced", 0))
    if "error" not in data or not set(data) <= _ERROR_KEYS:
        raise FixtureError("it expects {}".format(sorted(data)))
    error = getattr(mailkit_xmlrpc, data["error"], None)
    if not (isinstance(error, type) and issubclass(error, MailkitError)):
        raise FixtureError("there is no exception {}".format(data["error"]))
    return Expectation(None, error, data.get("attributes", {}))


def _row(row: Dict[str, Any], kind: Type[Any], asked: str) -> Any:
    names = [field.name for field in dataclasses.fields(kind) if field.name != asked]
    if not set(row) <= set(names):
        raise FixtureError("a row has the unknown fields {}".format(sorted(set(row) - set(names))))
    values = {name: row.get(name, "" if name in _TEXTS else None) for name in names}
    if values.get("date") is not None:
        values["date"] = datetime.strptime(values["date"], "%Y-%m-%dT%H:%M:%S")
    values["extra"] = {name: _value(value) for name, value in row.get("extra", {}).items()}
    if asked:
        values[asked] = ID_SEND
    return kind(**values)


def _value(value: Any) -> Any:
    if type(value) is dict:
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        return {name: _value(item) for name, item in value.items()}
    if type(value) is list:
        return [_value(item) for item in value]
    return value
