"""XML-RPC: a methodCall goes out, a methodResponse comes back."""

import re
from datetime import tzinfo
from typing import List, Optional, Pattern, Sequence

from ...model.records import Bounce
from ..base import Protocol
from ..calls import BouncesCall, Call, Row
from ..encoding import UTF_8, Body, encoding_of
from ..readers import Decoder, RowReader
from ..text import Text
from . import decoder, encoder
from .cleaner import XmlCleaner
from .declaration import RedeclaredText, declared_encoding
from .fast_path import FastPath
from .report import ReportReader

_MARKS = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")
_BEFORE_ROOT = re.compile(
    rb"[ \t\r\n]*(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?(?:[ \t\r\n]+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL
)
_WHOLE_BEGINNINGS = (b"<methodResponse", b"<?", b"<!--")
_BEGINNINGS = _MARKS + _WHOLE_BEGINNINGS
# UTF-16 puts a NUL beside each of these characters, UTF-32 three. In any other encoding a NUL is an error, and the
# decoder's to tell, as UTF-32 is.
_END = re.compile(rb"\0{0,3}".join(bytes([byte]) for byte in b"</methodResponse") + rb"[ \t\r\n\0]*>")


class XmlRpc(Protocol):
    """The protocol ``xmlrpc``."""

    name = "XML-RPC"
    content_type = "text/xml"
    content_types = re.compile(r"(?:text|application)/(?:[\w.+-]+\+)?xml[ \t]*(?:;|\Z)", re.IGNORECASE)  # RFC 7303
    is_named = False

    def arguments(self, call: "Call[Row]", client_id: int, client_md5: str) -> List[object]:
        return [client_id, client_md5] + [value for _, value in call.parameters]

    def encode(self, function: str, arguments: Sequence[object]) -> bytes:
        return encoder.encode(function, arguments)

    def expected_end(self, head: bytes, framed: bool) -> "Optional[Pattern[bytes]]":
        head = head.replace(b"\0", b"")
        match = _BEFORE_ROOT.match(head)
        root = head[match.end() :] if match else head
        # What is cut in the middle of all that may stand before the root begins as an answer, too.
        begins = root.startswith(_WHOLE_BEGINNINGS) or any(one.startswith(root) for one in _BEGINNINGS)
        return _END if begins else None

    def text(self, body: Body, replace: bool) -> Text:
        declared = declared_encoding(body)
        codec = encoding_of(body, declared, replace)
        is_so = codec == UTF_8 and (declared is None or declared.lower() == UTF_8)
        return (Text if is_so else RedeclaredText)(body, codec, XmlCleaner, replace)

    def decoder(self) -> Decoder:
        return decoder.Decoder(*decoder.getparser())

    def _bounces(self, call: BouncesCall, tz: Optional[tzinfo], size: int) -> "RowReader[Bounce]":
        return ReportReader(decoder.getparser(), call, tz, FastPath(size))
