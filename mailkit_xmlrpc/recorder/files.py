"""The files of a recording: a fixture of this project, and the head of the response beside it.

FILE is the body, with the fixture's data in a comment where the bytes allow one; else they stand in FILE.expect.
FILE.http holds what the head says about the form of the answer.
"""

import json
import re
from typing import Dict, NamedTuple, Optional

from ..exceptions import ConfigurationError
from ..exceptions.boundary import raised_by_caller
from ..exceptions.redact import redacted
from ..transport.http import Head
from .answers import BOUNCES, CALLS, CAMPAIGNS, DELIVERIES, Answer, is_malformed
from .decoded import decoded
from .documents import change_json, change_of

EXPECT, HTTP = ".expect", ".http"

_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml [^>]*\?>")
_COMMENT = re.compile(rb"(?P<before>(?:\xef\xbb\xbf)?\s*<\?xml [^>]*\?>)\s*<!--\s*(?P<data>\{.*?\})\s*-->", re.DOTALL)
#: fields of the head that tell about the form of an answer
_TELLING = (
    "content-type",
    "content-encoding",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
)
_STATUS_LINE = re.compile(r"HTTP/1\.([0-9]) ([1-9][0-9]{2})(?: (.*))?")
#: members by which an answer of another function is known
_MEMBERS = (
    (re.compile(rb"[>\"](?:EMAIL|ID_EMAIL)[<\"]", re.IGNORECASE), BOUNCES),
    (re.compile(rb"[>\"]ID_SEND[<\"]", re.IGNORECASE), DELIVERIES),
    (re.compile(rb"[>\"]ID_MESSAGE[<\"]", re.IGNORECASE), CAMPAIGNS),
)


class Origin(NamedTuple):
    """Where an answer comes from, as a fixture says it."""

    source: str
    evidence: str


FROM_FILE = Origin("constructed", "INF: scrubbed from a file; nothing tells who answered")


def files_of(answer: Answer, origin: Origin, beside: bool = False) -> Dict[str, bytes]:
    """Return the files of a recording of *answer*, which is scrubbed, by what their names end with.

    :param beside: the data are to stand beside the body in any case
    """
    expected = answer.expectation()
    data: Dict[str, object] = {
        "shows": "an answer of {}: {}".format(answer.function, _in_words(expected)),
        "source": origin.source,
        "evidence": origin.evidence,
        "scrubbed": True,
    }
    if answer.form != "xml":
        data["form"] = answer.form
    if answer.function != BOUNCES:
        data["function"] = answer.function
    if answer.content_type != "text/xml":
        data["content_type"] = answer.content_type
    data["expect"] = expected
    if is_malformed(expected):
        replaced = answer.expectation(replace=True)
        if replaced != expected:
            data["replace"] = replaced
    files = {"": answer.body, HTTP: _text_of(answer.head)}
    body = None if beside or answer.form != "xml" else _with_comment(answer.body, data)
    if body is not None and answer.with_body(body).expectation() == expected:
        files[""] = body
    else:
        files[EXPECT] = json.dumps(data, indent=1).encode("ascii") + b"\n"
    return files


def _in_words(expected: Dict[str, object]) -> str:
    rows = expected.get("rows")
    if not isinstance(rows, list):
        return str(expected["error"])
    return "{} row{}".format(len(rows), "" if len(rows) == 1 else "s")


def _with_comment(body: bytes, data: Dict[str, object]) -> Optional[bytes]:
    """*body* with *data* in a comment behind its declaration; None where it has none."""
    match = _DECLARATION.match(body)
    if match is None or _COMMENT.match(body):
        return None
    # XML 1.0, 2.5: no two hyphens in a comment.
    text = json.dumps(data).replace("--", "-\\u002d").encode("ascii")
    return b"".join((match.group(), b"\n<!-- ", text, b" -->", body[match.end() :]))


def _text_of(head: Head) -> bytes:
    lines = ["HTTP/1.{} {} {}".format(head.minor, head.status, redacted(head.reason)).rstrip()]
    lines += ["{}: {}".format(name.title(), head.fields[name]) for name in _TELLING if name in head.fields]
    return "\r\n".join(lines + ["", ""]).encode("utf-8")


def telling(head: Head) -> Head:
    """Return *head* with those fields only that tell about the form of an answer, and nothing personal in them."""
    fields = {name: redacted(value) for name, value in head.fields.items() if name in _TELLING}
    return Head(head.minor, head.status, redacted(head.reason), fields)


# --- what others have -------------------------------------------------------------------------------------------------


def read(body: bytes, beside: Optional[bytes], http: Optional[bytes]) -> Optional[Answer]:
    """Return the answer in a file of any origin; None where it is marked as scrubbed.

    :param beside: what stands in FILE.expect
    :param http: what stands in FILE.http
    :raises ConfigurationError: FILE.http is none
    """
    match = _COMMENT.match(body)
    data = _data_in(beside or b"") or (_data_in(match.group("data")) if match else {})
    if data.get("scrubbed") is True:
        return None
    body = without_data(body)
    head = Head(1, 200, "OK", {}) if http is None else telling(_head_in(http))
    content_type = data.get("content_type")
    if isinstance(content_type, str):
        head.fields["content-type"] = redacted(content_type)
    is_json = change_of(decoded(body, head.fields.get("content-type", "")).text) is change_json
    form = "json" if is_json else "xml"
    head.fields.setdefault("content-type", "application/json" if is_json else "text/xml")
    function = data.get("function")
    return Answer(function if function in CALLS else _function_in(body), form, head, body)


def without_data(body: bytes) -> bytes:
    """Return *body* without the comment that makes it a fixture."""
    match = _COMMENT.match(body)
    if match is None or not _data_in(match.group("data")):
        return body
    return match.group("before") + body[match.end() :]


def _data_in(text: bytes) -> Dict[str, object]:
    """The data of a fixture; empty where *text* is none."""
    try:
        data = json.loads(text.decode("ascii"))
    except ValueError as error:
        if raised_by_caller(error):
            raise
        return {}
    return data if type(data) is dict and "expect" in data else {}


def _head_in(http: bytes) -> Head:
    lines = http.decode("utf-8", "replace").splitlines()
    match = _STATUS_LINE.fullmatch(lines[0]) if lines else None
    if match is None:
        raise ConfigurationError("the file beside it that ends with {} does not begin with a status line".format(HTTP))
    pairs = [line.partition(":") for line in lines[1:] if line]
    fields = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Head(int(match.group(1)), int(match.group(2)), match.group(3) or "", fields)


def _function_in(body: bytes) -> str:
    body = body.replace(b"\0", b"")
    return next((function for pattern, function in _MEMBERS if pattern.search(body)), BOUNCES)
