"""What may be shown: foreign text made fit for an exception or a log line.

Whatever a server says may echo our md5, hold e-mail addresses (the very data of this API), terminal escapes or a
gigabyte. ``shown`` lets none of it through.
"""
import re
from typing import List, Optional

from ._limits import MAX_SHOWN

_LOOK_AT = 8 * MAX_SHOWN  # characters; what stands behind is not looked at, so a huge text costs nothing
_QUOTED_LOCAL_PART = re.compile(r'"(?:[^"\\]|\\.){1,64}"(?=\s*@)')  # RFC 5321 4.1.2: may hold spaces
_BLANKS = re.compile(r"(\s+)")
# As it is, in a URL, in HTML, full width, small; and =40, quoted-printable (RFC 2045 6.7), but only before what looks
# like a domain: it may be a number too.
_AT_SIGN = re.compile(r"@|%40|&#64;|&#x40;|\uff20|\ufe6b|=40(?=[a-z0-9-]+\.[a-z])", re.IGNORECASE)


def shown(text: str, secret: Optional[str] = None, limit: int = MAX_SHOWN) -> str:
    """Return *text* on one line, at most *limit* characters, without *secret*, addresses and control characters.

    Every word with an at-sign in it becomes ``<address>``, and so does one that only blanks part from an at-sign: RFC
    5322 3.4.1 allows them there. The secret becomes ``<client_md5>`` whatever its case, and what does not print (C0,
    C1, bidirectional overrides, line separators, lone surrogates) is escaped as in ``repr``.
    """
    cut = len(text) > _LOOK_AT
    if cut:
        text = text[:_LOOK_AT].rstrip()
    if secret:
        text = _without(text, secret)
    parts = _without_addresses(_BLANKS.split(_QUOTED_LOCAL_PART.sub("x", text)))
    if cut:  # the last word may be half of a secret or of an address: it goes
        parts.pop()
    text = "".join(parts)
    text = "".join(char if char.isprintable() else _escaped(char) for char in text)
    if cut or len(text) > limit:
        text = text[: limit - 3] + "..."
    return text


def _lower(text: str) -> str:
    """*text* in lower case, of the same length: of a few letters str.lower() makes two."""
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _without(text: str, secret: str) -> str:
    # not by an expression: re keeps those, so the secret would stay in a cache of the process
    lowered, secret = _lower(text), _lower(secret)
    parts: List[str] = []
    at = 0
    while True:
        found = lowered.find(secret, at)
        if found < 0:
            return "".join(parts) + text[at:]
        parts += [text[at:found], "<client_md5>"]
        at = found + len(secret)


def _without_addresses(parts: List[str]) -> List[str]:
    """*parts*, in turn words and blanks, without the words that are a part of an address, or may be one."""
    hidden = set()
    for index in range(0, len(parts), 2):
        for sign in _AT_SIGN.finditer(parts[index]):
            hidden.add(index)
            if sign.start() == 0:
                hidden.add(index - 2)
            if sign.end() == len(parts[index]):
                hidden.add(index + 2)
    return ["<address>" if part and index in hidden else part for index, part in enumerate(parts)]


def _escaped(char: str) -> str:
    return ascii(char)[1:-1]
