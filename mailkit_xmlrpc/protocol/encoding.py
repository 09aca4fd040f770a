"""Which encoding the bytes of an answer have. Pure.

RFC 7303 decides: a byte order mark, then ``charset`` of Content-Type, then what the document declares. Where the last
two disagree and one of them is UTF-8, the bytes themselves decide: text in another encoding hardly ever is valid UTF-8
by chance, but many a framework writes ``charset=utf-8`` or ``encoding="ISO-8859-1"`` whatever it sends.
"""

import codecs
import re
from typing import Iterable, Iterator, Optional

from ..exceptions import MalformedResponseError
from ..exceptions.boundary import raised_by_caller

UTF_8 = "utf-8"
BLANKS = b" \t\r\n"

_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    # Before UTF-16, whose mark is a part of it.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# An answer begins with a character of ASCII; XML and JSON have no NUL.
_UTF_16_LE = re.compile(rb"[^\0]\0[^\0]")
_UTF_16_BE = re.compile(rb"\0[^\0].[^\0]", re.DOTALL)

_CHARSET = re.compile(r""";\s*charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;,"']+))""", re.IGNORECASE)

# Only encodings of single bytes that have ASCII in them, and UTF-8, by the names they are met under. Another name
# could reach a codec of the host that is none of text, or one that a site has registered (CPython gh-62259).
_UTF_8_NAME = re.compile(r"utf[-_]?8")
_CODECS = (
    (re.compile(r"(?:us[-_]?)?ascii()"), "ascii{}"),
    (re.compile(r"iso[-_]?8859[-_]?([0-9]{1,2})"), "iso8859-{}"),
    (re.compile(r"latin[-_]?([0-9]{1,2})"), "latin{}"),
    (re.compile(r"(?:windows|cp|ibm|x-cp)[-_]?([0-9]{3,4})"), "cp{}"),
    (re.compile(r"koi8[-_]([rtu])"), "koi8-{}"),
)
_ASCII = "".join(map(chr, range(128)))


class Body:
    """The body of a response, whole and decompressed."""

    def __init__(self, content_type: str, size: int, head: bytes) -> None:
        #: as the response says, or ""
        self.content_type = content_type
        self.size = size
        #: its first bytes, at least a few hundred where there are so many
        self.head = head

    def pieces(self) -> Iterator[bytes]:
        """Read it from the front, as often as it is called, to look at it beside decoding it."""
        raise NotImplementedError


def encoding_of(body: Body, declared: Optional[str], lenient: bool) -> str:
    """Return the codec that reads *body*.

    :param declared: the encoding that the document declares, or None; without a word XML and JSON mean UTF-8
    :param lenient: a body that is said to be UTF-8 is read as such, whatever its bytes are
    :raises MalformedResponseError: an encoding that is not read
    """
    charset = charset_of(body.content_type)
    marked = marked_encoding(body.head)
    if marked is not None:
        return _read(marked, marked)
    if charset is None:
        return UTF_8 if declared is None else _read(declared, codec_of(declared))
    codec = _read(charset, codec_of(charset))
    other = UTF_8 if declared is None else codec_of(declared)
    if codec == other or UTF_8 not in (codec, other):
        return codec
    if lenient and (codec == UTF_8 or declared is not None):
        return UTF_8
    second = other if codec == UTF_8 else codec
    return UTF_8 if second is None or is_utf_8(body.pieces()) else second


def _read(name: str, codec: Optional[str]) -> str:
    if codec is None or codec == "utf-32":
        raise MalformedResponseError("the encoding {}, which is not read".format(name))
    return codec


def marked_encoding(head: bytes) -> Optional[str]:
    """Return the codec that a byte order mark tells, or that the NULs of UTF-16 do; None where there are none."""
    start = head.lstrip(BLANKS)
    for mark, codec in _MARKS:
        if start.startswith(mark):
            return codec
    # A blank of UTF-16 may have been taken off, and its NUL not.
    if _UTF_16_LE.match(head):
        return "utf-16-le"
    return "utf-16-be" if _UTF_16_BE.match(head) else None


def charset_of(content_type: str) -> Optional[str]:
    """Return the charset that *content_type* names, or None."""
    match = _CHARSET.search(content_type)
    return match and next(filter(None, map(str.strip, filter(None, match.groups()))), None)


def codec_of(name: str) -> Optional[str]:
    """Return Python's codec for the encoding *name*; None where that is not read.

    UTF-16 is none of them: its bytes are seen, so where only a name says it, they are something else.
    """
    name = name.lower()
    if _UTF_8_NAME.fullmatch(name):
        return UTF_8
    for pattern, form in _CODECS:
        match = pattern.fullmatch(name)
        if match:
            return _single_byte(form.format(match.group(1)))
    return None


def _single_byte(codec: str) -> Optional[str]:
    """*codec*, if there is one, each byte is a character, and ASCII is what it is."""
    try:
        table = bytes(range(256)).decode(codec, "replace")
    except LookupError as error:
        if raised_by_caller(error):
            raise
        return None
    return codec if len(table) == 256 and table[:128] == _ASCII else None


def is_utf_8(pieces: Iterable[bytes]) -> bool:
    """Return whether *pieces* are valid UTF-8."""
    decoder = codecs.getincrementaldecoder(UTF_8)()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        if raised_by_caller(error):
            raise
        return False
    return True
