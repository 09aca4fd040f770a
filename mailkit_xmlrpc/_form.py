"""The two documented forms of a call, XML-RPC and JSON, and all in which they differ.

Everything else (transport, tries, deadline, spool, rows, errors) is one for both and knows a form only by this table.
"""
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Pattern, Sequence, Tuple

from . import _decode, _json
from ._answer import objects_of, refusal_in, structs_of
from ._json_report import JsonReportReader
from ._marshal import json_body, request_body
from ._report import ReportReader
from ._spool import Spool
from .exceptions import ApiError

#: name and value, in the documented order
Parameters = Sequence[Tuple[str, object]]


class Form(NamedTuple):
    """One form of a call."""

    #: as an error calls it
    name: str
    #: of a request
    content_type: str
    #: of an answer, as far as they need not be told
    content_types: Pattern[str]
    #: (client_id, client_md5, parameters) -> what the function is called with
    arguments: Callable[[int, str, Parameters], List[object]]
    #: (function, arguments) -> the body of a request
    body: Callable[[str, Sequence[Any]], bytes]
    #: (the Transport's ``getparser``) -> a decoder of the answer's body
    decoder: Callable[[Callable[[], Any]], Any]
    #: (the Transport's ``getparser``, id_send, tz, shown, fast) -> what reads a bounce report
    report_reader: Callable[..., Any]
    #: whether the end of an answer stands at the end
    ended: Callable[[Spool], bool]
    #: (value, id_send, shown) -> the rows that an answer stands for which is no array
    structs_of: Callable[..., List[Dict[str, object]]]
    #: (struct, id_send, shown) -> what Mailkit refuses with in it, or None
    refusal_in: Callable[..., Optional[ApiError]]
    #: whether parameters are named
    named: bool


def _positional(client_id: int, client_md5: str, parameters: Parameters) -> List[object]:
    return [client_id, client_md5] + [value for _, value in parameters]


def _named(client_id: int, client_md5: str, parameters: Parameters) -> List[object]:
    return [client_id, client_md5, dict(parameters)]


_END_TAG = re.compile(rb"</methodResponse[ \t\r\n]*>[ \t\r\n]*\Z")
_CLOSES = {b"[": b"]", b"{": b"}", b'"': b'"'}


def _last(spool: Spool, unless: bytes = b"") -> bytes:
    """The end of what is in *spool*: at least 256 bytes of it (or all) with something in them, without *unless*."""
    length = 256
    while True:
        tail = spool.tail(length).replace(unless, b"") if unless else spool.tail(length)
        if tail.strip() or length >= spool.size:
            return tail
        length *= 8


def _xml_ended(spool: Spool) -> bool:
    # without NUL: UTF-16 is the one encoding in which the tag would not be these bytes
    return bool(_END_TAG.search(_last(spool, b"\0")))


def _json_ended(spool: Spool) -> bool:
    first = next(spool.pieces(), b"").lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    last = _last(spool).rstrip()[-1:]
    return bool(last) and last == _CLOSES.get(first, last)


XMLRPC = Form(
    name="XML-RPC",
    content_type="text/xml",
    content_types=re.compile(r"(?:text|application)/(?:[\w.+-]+\+)?xml[ \t]*(?:;|\Z)", re.IGNORECASE),  # RFC 7303
    arguments=_positional,
    body=request_body,
    decoder=lambda getparser: _decode.Decoder(*getparser()),
    report_reader=lambda getparser, id_send, tz, shown, fast: ReportReader(getparser(), id_send, tz, shown, fast),
    ended=_xml_ended,
    structs_of=structs_of,
    refusal_in=lambda struct, id_send, shown: None,  # it refuses with a string
    named=False,
)
JSON = Form(
    name="JSON",
    content_type="application/json",
    content_types=re.compile(r"(?:text|application)/(?:[\w.+-]+\+)?json[ \t]*(?:;|\Z)", re.IGNORECASE),
    arguments=_named,
    body=json_body,
    decoder=lambda getparser: _json.Decoder(),
    report_reader=lambda getparser, id_send, tz, shown, fast: JsonReportReader(id_send, tz, shown),
    ended=_json_ended,
    structs_of=objects_of,
    refusal_in=refusal_in,
    named=True,
)
#: by the client's ``protocol``
FORMS = {"xmlrpc": XMLRPC, "json": JSON}
