"""How the characters of a text are spelled in a document: raw, as references, as escapes. Pure.

A text is changed character by character, and each changed character is spelled as the old one was.
"""

import re
from typing import List, Optional, Pattern, Tuple

from ..exceptions.boundary import raised_by_caller

#: what stands for a character that is none: nothing replaces it
UNKNOWN = "\ufffd"

_NAMED = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&commat;": "@"}
_SHORT = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "\b", "\\f": "\f"}

#: references of XML; any other entity is a character that is not known, and so is a reference that breaks off, together
#: with the letter that breaks it: another one might make it whole
IN_XML = re.compile("&#[xX]?[0-9a-fA-F]+;|&[A-Za-z][A-Za-z0-9]*;|&#[xX]?[0-9a-fA-F]{0,6}(?![0-9a-fA-F])\\w?")
#: escapes of a JSON string
IN_JSON = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[^u]", re.DOTALL)
# What a text may have in it whatever the document is: percent-encoded, quoted-printable (RFC 2045 6.7; only where it is
# hardly a number), HTML in XML, escapes of a programming language.
_IN_TEXT = re.compile(
    r"(?:%(?:25)*[0-9a-fA-F]{2})+|(?:=[C-F][0-9A-F](?:=[89AB][0-9A-F])+)+|=(?:40(?=[a-zA-Z0-9-]+\.[a-zA-Z])|2E|2D|5F|3D)"
    r"|&#[xX]?[0-9a-fA-F]{1,7};|&commat;|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}"
)
_HINTS = re.compile(r"[%=&\\]")
_BYTE = re.compile(r"%(?:25)*[0-9a-fA-F]{2}|=[0-9A-F]{2}")
_CODE = re.compile(r"(&#|&amp;#)([xX]?)([0-9a-fA-F]+)(;)|(\\{1,2}u)()([0-9a-fA-F]{4})()|(\\{1,2}x)()([0-9a-fA-F]{2})()")


class Spelled:
    """A text, and how each of its characters is spelled.

    :param raw: as it stands in the document
    :param own: what spells a character in this kind of document; None where nothing does
    """

    def __init__(self, raw: str, own: "Optional[Pattern[str]]" = None) -> None:
        self._pieces: Optional[List[str]] = None
        #: the text itself
        self.text = raw
        if not _HINTS.search(raw):
            return
        if own is not None:
            self._merge(own)
        self._merge(_IN_TEXT)

    def _merge(self, pattern: "Pattern[str]") -> None:
        """Take each match of *pattern* for the characters that it spells."""
        chars: List[str] = []
        pieces: List[str] = []
        old = self.text if self._pieces is None else self._pieces
        at = 0
        for match in pattern.finditer(self.text):
            found = _characters(match.group())
            start, end = match.span()
            piece = "".join(old[start:end])
            if found is None or len(found) > 1 and piece != match.group():
                continue
            chars.append(self.text[at:start])
            pieces.extend(old[at:start])
            if len(found) == 1:
                found = [(found[0][0], piece)]
            chars.extend(char for char, _ in found)
            pieces.extend(piece for _, piece in found)
            at = end
        if at:
            chars.append(self.text[at:])
            pieces.extend(old[at:])
            self.text, self._pieces = "".join(chars), pieces

    def respelled(self, text: str) -> str:
        """Return *text*, which is as long as this one, spelled in the same way."""
        if self._pieces is None:
            return text
        pairs = zip(self._pieces, self.text, text)
        return "".join(piece if old == new else _respelled(piece, new) for piece, old, new in pairs)


def _characters(token: str) -> Optional[List[Tuple[str, str]]]:
    """The characters that *token* spells, each with its part of it; None where it spells none."""
    if token in _NAMED:
        return [(_NAMED[token], token)]
    if token in _SHORT:
        return [(_SHORT[token], token)]
    if token[0] in "%=":
        return _of_bytes(token)
    match = _CODE.fullmatch(token)
    if match is None:
        if token[0] == "\\":
            # half of a pair and its other half, or what needs no escape
            return [(_paired(token) if len(token) == 12 else token[1:], token)]
        return [(UNKNOWN, token)]
    prefix, is_hex, digits = [group for group in match.groups() if group is not None][:3]
    try:
        return [(chr(int(digits, 10 if prefix[0] == "&" and not is_hex else 16)), token)]
    except (ValueError, OverflowError) as error:
        if raised_by_caller(error):
            raise
        return [(UNKNOWN, token)]


def _paired(token: str) -> str:
    high, low = int(token[2:6], 16), int(token[8:], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _of_bytes(token: str) -> Optional[List[Tuple[str, str]]]:
    """The characters that the percent-encoded or quoted-printable *token* spells, if it is UTF-8."""
    items = _BYTE.findall(token)
    data = bytes(int(item[-2:], 16) for item in items)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if raised_by_caller(error):
            raise
        return None
    found = []
    at = 0
    for char in text:
        end = at + len(char.encode("utf-8"))
        found.append((char, "".join(items[at:end])))
        at = end
    return found


def _respelled(piece: str, char: str) -> str:
    """*char*, spelled as the one is that *piece* spells; *piece* where that is not possible."""
    if len(piece) == 1:
        return char
    if _IN_TEXT.fullmatch(piece) and piece[0] in "%=":
        data = char.encode("utf-8", "surrogatepass")
        sign = piece[: len(piece) // piece.count(piece[0]) - 2]
        form = "{:02x}" if piece != piece.upper() else "{:02X}"
        return "".join(sign + form.format(byte) for byte in data)
    match = _CODE.fullmatch(piece)
    if match is not None:
        prefix, is_hex, digits, end = [group for group in match.groups() if group is not None]
        if prefix[0] == "&" and not is_hex:
            return "{}{}{}".format(prefix, str(ord(char)).zfill(len(digits)), end)
        number = "{:X}" if digits != digits.lower() else "{:x}"
        return "".join((prefix, is_hex, number.format(ord(char)).zfill(len(digits)), end))
    if len(piece) == 12 and piece[:2] == "\\u" and ord(char) > 0xFFFF:
        code = ord(char) - 0x10000
        return "\\u{:04x}\\u{:04x}".format(0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
    return piece
