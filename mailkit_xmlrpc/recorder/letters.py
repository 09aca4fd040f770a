"""Which letters may stand for a letter: of the same script and case, and of as many bytes. Pure."""

import re
import unicodedata
from functools import lru_cache
from typing import Dict, Tuple
from xml.parsers import expat

from ..exceptions.boundary import raised_by_caller

_ASCII = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN = "".join(map(chr, range(0x430, 0x450)))
_CZECH = "\u00e1\u010d\u010f\u00e9\u011b\u00ed\u0148\u00f3\u0159\u0161\u0165\u00fa\u016f\u00fd\u017e"
_BLOCK = 128  # characters: those of one script stand together
# Bytes that UTF-8 never has, as a text has them that could not be read; so they stay unreadable.
_NO_BYTES = "".join(map(chr, range(0xDCF8, 0xDD00)))
_HEX = re.compile("(?=.*[0-9])(?=.*[a-f])[0-9a-f]{8,}", re.DOTALL)


class Letters:
    """The letters of one document.

    :param codec: reads it
    """

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._families: Dict[str, str] = {}

    @staticmethod
    def is_hex(word: str) -> bool:
        """Whether *word*, in lower case, looks like a long number in base 16."""
        return bool(_HEX.fullmatch(word))

    def like(self, word: str, bits: bytes, is_hex: bool) -> str:
        """Return a word that looks like *word*, which is in lower case.

        :param bits: two bytes for each character
        """
        return "".join(
            family[(bits[2 * at] << 8 | bits[2 * at + 1]) % len(family)]
            for at, family in enumerate(
                "abcdef" if is_hex and char in "abcdef" else self._family(char) for char in word
            )
        )

    @staticmethod
    def upper(char: str) -> str:
        """*char* in upper case, if that is one character."""
        return char.upper() if len(char.upper()) == 1 else char

    def _family(self, char: str) -> str:
        """The characters that may stand for *char*, which is in lower case if there is one: itself among them."""
        family = self._families.get(char)
        if family is None:
            fitting = [other for other in self._kin(char) if self._fits(other, char)]
            alike = [other for other in fitting if _in_names(other) == _in_names(char)]
            # Some have no other that is alike: to hide them counts more than to keep the fault of a broken document.
            family = self._families[char] = "".join(alike if len(alike) > 1 else fitting) or char
        return family

    def _kin(self, char: str) -> str:
        """What is like *char*, whatever its bytes."""
        for alphabet in (_ASCII, _CZECH, _RUSSIAN):
            if char in alphabet:
                return alphabet
        if "\udc80" <= char <= "\udcff":
            # In an encoding of single bytes these may be letters.
            return _NO_BYTES if self._codec.startswith(("utf", "ascii")) else char
        if char.isdecimal():
            zero = ord(char) - unicodedata.decimal(char)
            return "".join(map(chr, range(zero, zero + 10)))
        start = ord(char) - ord(char) % _BLOCK
        block = [other for other in map(chr, range(start, start + _BLOCK)) if _sort(other) == _sort(char)]
        alike = [other for other in block if _is_paired(other) == _is_paired(char)]
        # The German sharp s is alone among its like: it becomes any small letter.
        return "".join(alike if len(alike) > 1 else block)

    def _fits(self, other: str, char: str) -> bool:
        """Whether *other* takes the place of *char* in the document, in either case."""
        pairs = ((other, char), (other.upper(), char.upper())) if len(char.upper()) == 1 else ((other, char),)
        return all(self._size(one) == self._size(two) and _utf_8(one) == _utf_8(two) for one, two in pairs)

    def _size(self, char: str) -> int:
        """How many bytes *char* has in the document; 0 where it has to be a reference."""
        try:
            return len(char.encode(self._codec, "surrogatepass" if "16" in self._codec else "strict"))
        except UnicodeEncodeError as error:
            if raised_by_caller(error):
                raise
            return 0


def _sort(char: str) -> "Tuple[str, str]":
    """What a letter has in common with those that may take its place: the first word of its name is the script."""
    return unicodedata.category(char), unicodedata.name(char, "").partition(" ")[0]


def _is_paired(char: str) -> bool:
    """Whether *char* is the small one of two letters."""
    return char.upper() != char and char.upper().lower() == char


def _utf_8(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=1 << 16)
def _in_names(char: str) -> "Tuple[bool, bool]":
    """Whether a name in XML may begin with *char*, and whether it may go on with it.

    Outside of an element the parser stops at a letter that no name may have, but behind one that a name may have. Expat
    has the list of XML 1.0's fourth edition.
    """
    return _is_name(char), _is_name("a" + char)


def _is_name(text: str) -> bool:
    try:
        expat.ParserCreate("utf-8").Parse("<{}/>".format(text).encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as error:
        if raised_by_caller(error):
            raise
        return False
    return True
