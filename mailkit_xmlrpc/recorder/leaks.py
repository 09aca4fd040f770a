"""Looks for what was to be replaced in what shall be written, however it is spelled there. Pure.

It does not rely on how the values were found: addresses and the md5 are looked for in the whole text.
"""

import itertools
import re
from base64 import b64encode
from binascii import a2b_base64, unhexlify
from html import unescape
from typing import Collection, Iterable, Iterator, Set
from urllib.parse import unquote

from ..exceptions.boundary import raised_by_caller
from .tokens import ADDRESS, address_of

#: characters of a text or an id that tell enough to be looked for
MIN_LENGTH = 7

_MAX_LOCAL = 64
_QUOTED = re.compile("(?:=[0-9A-Fa-f]{2})+")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
#: with either alphabet of RFC 4648; the shortest address has six bytes
_BASE64 = re.compile("[A-Za-z0-9+/_-]{8,}")
_HEX = re.compile("[0-9a-fA-F]{12,}")
# What may stand in the middle of a text. Not all of what a comment may hold: that would take time without end.
_ASIDE = re.compile("<!--[^<>]*-->|<!\\[CDATA\\[|\\]\\]>")


def leak_in(
    text: str, values: Iterable[str], addresses: Collection[str], secret: str, originals: Collection[str]
) -> str:
    """Return what is found in the document *text*, in a few words that do not show it; "" where nothing is.

    :param values: of the document, those that were replaced
    :param addresses: in lower case
    :param secret: client_md5, or ""
    :param originals: whole values
    """
    secrets = _forms_of(secret) if secret else set()
    known = set(addresses)
    values = list(values)
    for view in itertools.chain(_views(_ASIDE.sub("", text)), _views("\n".join(values))):
        lowered = view.lower()
        if any(one in lowered for one in secrets):
            return "the md5"
        if known and _is_known(lowered, known):
            return "an address"
    whole = set(originals)
    for value in values:
        if any(view.strip() in whole for view in _views(value)):
            return "a text or an id"
    return ""


def _forms_of(secret: str) -> Set[str]:
    forms = {secret.lower()}
    try:
        forms.add(b64encode(unhexlify(secret)).decode("ascii").rstrip("=").lower())
    except ValueError as error:
        if raised_by_caller(error):
            raise
    return forms


def _views(text: str) -> Iterator[str]:
    """Yield *text*, and what it is where it is escaped in one way or in several."""
    yield text
    all_ways = text
    for way in (unescape, unquote, _unquoted, _unescaped):
        view = way(text)
        if view != text:
            yield view
        all_ways = way(all_ways)
    if all_ways != text:
        yield all_ways
        yield unescape(unquote(_unquoted(_unescaped(all_ways))))
    hidden = "\n".join(itertools.chain(_of_base64(text), _of_hex(text)))
    if hidden:
        yield hidden


def _unquoted(text: str) -> str:
    """*text* as quoted-printable (RFC 2045 6.7)."""
    if "=" not in text:
        return text
    text = text.replace("=\r\n", "").replace("=\n", "")
    return _QUOTED.sub(lambda match: unhexlify(match.group().replace("=", "")).decode("utf-8", "replace"), text)


def _unescaped(text: str) -> str:
    """*text* as a string of JSON, or of a programming language."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), text)


def _of_base64(text: str) -> Iterator[str]:
    """What may be hidden in *text* as base64, wherever in a run of its digits that begins."""
    for match in _BASE64.finditer(text):
        digits = match.group().replace("-", "+").replace("_", "/")
        for start in range(4):
            part = digits[start:]
            part = part[: len(part) - (len(part) % 4 == 1)]
            data = a2b_base64(part + "=" * (-len(part) % 4))
            yield data.decode("utf-8", "replace")
            if b"\0" in data:
                yield data.replace(b"\0", b"").decode("utf-8", "replace")


def _of_hex(text: str) -> Iterator[str]:
    """What may be hidden in *text* as digits of base 16."""
    for match in _HEX.finditer(text):
        for digits in (match.group(), match.group()[1:]):
            yield unhexlify(digits[: len(digits) // 2 * 2]).decode("utf-8", "replace")


def _is_known(text: str, known: Collection[str]) -> bool:
    """Whether one of the *known* addresses is in *text*: its local part may begin late there, its domain end early."""
    for address in {address_of(match) for match in ADDRESS.finditer(text)}:
        local, _, domain = address.partition("@")
        labels = domain.split(".")
        for count in range(len(labels)):
            end = "@" + ".".join(labels[: len(labels) - count])
            if any(local[start:] + end in known for start in range(max(0, len(local) - _MAX_LOCAL), len(local))):
                return True
            if local + end in known:
                return True
    return False
