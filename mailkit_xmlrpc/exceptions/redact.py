"""What may be shown: foreign text made fit for an exception or a log line, and numbers with their nouns.

Whatever a server says may echo our md5, hold e-mail addresses (the very data of this API), terminal escapes or a
gigabyte. ``redacted`` lets none of it through.
"""

import os
import re
from typing import List, Optional, Tuple, Type

MAX_SHOWN = 500  # characters of foreign text in an exception or a log line
_LOOK_AT = 8 * MAX_SHOWN  # characters; what stands behind is not looked at, so a huge text costs nothing
# These are compiled, and kept, by re when they are first needed: not at the import, which they would make dearer.
_QUOTED_LOCAL_PART = r'"(?:[^"\\]|\\.){1,64}"(?=\s*@)'  # RFC 5321 4.1.2: may hold spaces
_BLANKS = r"(\s+)"
# As it is; in a URL, in HTML and XML, each also escaped twice or more; in a string of JSON or Python, and as %u0040 of
# JavaScript; full width; small; and =40, quoted-printable (RFC 2045 6.7), but only before what looks like a domain: it
# may be a number too.
# Perl names its search path @INC when a module is missing: that is no address.
_AT_SIGN = (
    r"(?i)(?!(?<!\w)@(?-i:INC)(?![\w.-]))@|%(?:25)*(?:u00)?40|&(?:amp;)*(?:#0*64|#x0*40|commat);?|\\u0*40|\\x40|\uff20|\ufe6b"
    r"|=40(?=[a-z0-9-]+\.[a-z])"
)


class Secret:
    """A string that does not show itself: in reprs, logs and error reporters stands ``<secret>``."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> "Tuple[Type[Secret], Tuple[str]]":
        return Secret, (self._value,)


def redacted(text: str, secret: Optional[str] = None, limit: int = MAX_SHOWN) -> str:
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
    parts = _without_addresses(re.split(_BLANKS, re.sub(_QUOTED_LOCAL_PART, "x", text)))
    if cut:  # the last word may be half of a secret or of an address: it goes
        parts.pop()
    text = "".join(parts)
    text = "".join(char if char.isprintable() else _escaped(char) for char in text)
    if cut or len(text) > limit:
        text = text[: limit - 3] + "..."
    return text


def shown_path(path: str) -> str:
    """What an error shows of *path* behind the name of an argument: `` (PATH)``. Of a relative one it is nothing, for
    that may be a secret in the wrong place."""
    return " ({})".format(redacted(path)) if os.path.isabs(path) else ""


def redact(error: BaseException, secret: Secret) -> None:
    """Make every text in *error* fit to be seen (see ``redacted``), without *secret*. Twice changes nothing."""
    md5 = secret.reveal()
    for name, value in vars(error).items():
        if isinstance(value, str):
            setattr(error, name, redacted(value, md5))
    error.args = tuple(redacted(value, md5) if isinstance(value, str) else value for value in error.args)


def lower(text: str) -> str:
    """*text* in lower case, of the same length: of a few letters str.lower() makes two."""
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _without(text: str, secret: str) -> str:
    # not by an expression: re keeps those, so the secret would stay in a cache of the process
    lowered, secret = lower(text), lower(secret)
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
        for sign in re.finditer(_AT_SIGN, parts[index]):
            hidden.add(index)
            if sign.start() == 0:
                hidden.add(index - 2)
            if sign.end() == len(parts[index]):
                hidden.add(index + 2)
    return ["<address>" if part and index in hidden else part for index, part in enumerate(parts)]


def printable(text: str, kept: str = "") -> str:
    """Return *text* with an escape (as in ``repr``) in place of everything that does not print, but for *kept*."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in kept else _escaped(char) for char in text)


def counted(number: int, one: str, many: str = "") -> str:
    """Return *number* with its noun: ``1 row``, ``2 rows``.

    :param many: the noun for any other number; "" adds an s
    """
    return "{} {}".format(number, one if number == 1 else many or one + "s")


def _escaped(char: str) -> str:
    return ascii(char)[1:-1]
