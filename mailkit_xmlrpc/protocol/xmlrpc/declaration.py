"""The XML declaration: which encoding it names, and how to take that name out of it. Pure."""

import re
from codecs import BOM_UTF8
from typing import Iterator, Optional

from ...exceptions import MalformedResponseError
from ..encoding import BLANKS, Body
from ..text import Text

MAX_DECLARATION = 1 << 10  # characters of it; a usual one has 40

_S = "[ \t\r\n]"
_ENCODING = re.compile(
    "<\\?xml{0}+version{0}*={0}*(?:\"[^\"<]*\"|'[^'<]*')({0}+encoding{0}*={0}*(?:\"([^\"<]+)\"|'([^'<]+)'))".format(_S)
)
# All of it that has come so far may be one, and its end has not come.
_UNFINISHED = re.compile("(?:<(?:\\?(?:x(?:m(?:l(?:{}(?:(?!\\?>).)*)?)?)?)?)?)?".format(_S), re.DOTALL)
# What may stand before it, here and in the decoder.
_BEFORE = BLANKS.decode() + "\ufeff"


def declared_encoding(body: Body) -> Optional[str]:
    """Return the encoding that the declaration of *body* names, or None, as in UTF-16, which is seen anyway.

    :raises MalformedResponseError: the declaration does not end where it should
    """
    start = _begun(body.head)
    if len(start) <= MAX_DECLARATION and len(body.head) < body.size:
        start = b""
        for piece in body.pieces():
            start = _begun(start + piece)
            if len(start) > MAX_DECLARATION:
                break
    head = start.decode("latin-1")
    _is_unfinished(head)
    match = _ENCODING.match(head)
    return match and (match.group(2) or match.group(3))


def _begun(head: bytes) -> bytes:
    """*head* without what may stand before a declaration; of a byte order mark all bytes or none."""
    head = head.lstrip(BLANKS)
    while head.startswith(BOM_UTF8):
        head = head[len(BOM_UTF8) :].lstrip(BLANKS)
    return head


class RedeclaredText(Text):
    """The text of a document that is in another encoding than UTF-8, or says that it is."""

    is_settled = False

    def settled(self, texts: Iterator[str]) -> Iterator[str]:
        return without_encoding(texts)


def without_encoding(texts: Iterator[str]) -> Iterator[str]:
    """Yield the document in *texts* with blanks where its declaration names an encoding: it is in another one now.

    :raises MalformedResponseError: the declaration does not end where it should
    """
    head = ""
    for text in texts:
        head += text
        start = len(head) - len(head.lstrip(_BEFORE))
        yield head[:start]
        head = head[start:]
        if not _is_unfinished(head):
            break
    match = _ENCODING.match(head)
    if match:
        start, end = match.span(1)
        head = head[:start] + " " * (end - start) + head[end:]
    yield head
    yield from texts


def _is_unfinished(head: str) -> bool:
    """Whether *head* may be a part of a declaration, or of what stands before it."""
    if "?>" in head[:MAX_DECLARATION] or not _UNFINISHED.fullmatch(head[:MAX_DECLARATION]):
        return False
    if len(head) > MAX_DECLARATION:
        raise MalformedResponseError("its XML declaration is longer than {} characters".format(MAX_DECLARATION))
    return True
