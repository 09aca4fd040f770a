"""The JSON form: an object that names a function goes out, an array of objects comes back."""

import re
from datetime import tzinfo
from typing import List, Optional, Pattern, Sequence

from ...model.records import Bounce
from ..base import Protocol
from ..calls import BouncesCall, Call, Row
from ..encoding import Body, encoding_of, marked_encoding
from ..readers import RowReader
from ..text import Text
from . import encoder
from .cleaner import JsonCleaner
from .decoder import Decoder
from .report import ReportReader

#: by the first character, if one was seen; a number or a word has no end of its own
_ENDS = {b"[": re.compile(rb"]\Z"), b"{": re.compile(rb"}\Z"), b'"': re.compile(rb'"\Z'), b"": re.compile(rb'[]}"]\Z')}
_NEVER = re.compile(rb"(?!)")
# An array that begins with an object ends behind one, or behind another value of its own. A bracket that stands behind
# anything else is one of a text, as reasons have them (mx.example.com[192.0.2.1]), at which the answer broke off. Where
# there are more blanks than are looked at, nothing is known.
_ROWS = re.compile(rb"\[[ \t\r\n]*\{")
_END_OF_ROWS = re.compile(
    rb'(?:[]}]|\A|,[ \t\r\n]*(?:"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null))[ \t\r\n]*]\Z', re.DOTALL
)


class Json(Protocol):
    """The protocol ``json``."""

    name = "JSON"
    content_type = "application/json"
    content_types = re.compile(r"(?:text|application)/(?:[\w.+-]+\+)?json[ \t]*(?:;|\Z)", re.IGNORECASE)
    is_named = True

    def arguments(self, call: "Call[Row]", client_id: int, client_md5: str) -> List[object]:
        return [client_id, client_md5, dict(call.parameters)]

    def encode(self, function: str, arguments: Sequence[object]) -> bytes:
        return encoder.encode(function, arguments)

    def expected_end(self, head: bytes, framed: bool) -> "Optional[Pattern[bytes]]":
        if (marked_encoding(head) or "").startswith("utf-16"):
            head = head.replace(b"\0", b"")
        elif _ROWS.match(head.lstrip(b"\xef\xbb\xbf \t\r\n")):
            return _END_OF_ROWS
        first = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]
        if first in _ENDS:
            return _ENDS[first]
        # A number proves nothing: its next digit may be missing.
        return _NEVER if first in b"-0123456789" and not framed else None

    def text(self, body: Body, replace: bool) -> Text:
        return Text(body, encoding_of(body, None, replace), JsonCleaner, replace)

    def decoder(self) -> Decoder:
        return Decoder()

    def _bounces(self, call: BouncesCall, tz: Optional[tzinfo], size: int) -> "RowReader[Bounce]":
        return ReportReader(call, tz)
