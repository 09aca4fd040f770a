"""Takes out of an XML document what XML 1.0 forbids: raw characters anywhere, and references to them. Pure.

A reference is one in content and in attributes only. In a CDATA section, a comment or a processing instruction it is
plain text, so these are told apart.
"""

import re
from typing import List

from ..cleaner import REPLACEMENT, Cleaner

# XML 1.0, 2.2 Char; a lone surrogate is a byte that the encoding forbids, or half of a pair.
_FORBIDDEN = "[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
_MOST = 100  # digits of a reference; one of more is left for the parser to judge

_IN_CONTENT = re.compile(
    "<!\\[CDATA\\[|<!--|<\\?|&#(?:x([0-9a-fA-F]{1,%d})|([0-9]{1,%d}));|%s" % (_MOST, _MOST, _FORBIDDEN)
)
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->", "<?": "?>"}
_UP_TO = {end: re.compile("{}|{}".format(re.escape(end), _FORBIDDEN)) for end in _ENDS.values()}
# The beginning of what _IN_CONTENT takes, at the end of a piece.
_UNFINISHED = re.compile(
    "(?:<(?:!(?:-|\\[(?:C(?:D(?:A(?:T(?:A)?)?)?)?)?)?)?|&(?:#(?:x[0-9a-fA-F]{0,%d}|[0-9]{0,%d})?)?)\\Z" % (_MOST, _MOST)
)
_LONGEST = _MOST + len("&#x")
_forbidden = re.compile(_FORBIDDEN).match


class XmlCleaner(Cleaner):
    """Cleans the text of an XML document."""

    def __init__(self) -> None:
        super().__init__()
        self._until = ""  # the end of what is open: a CDATA section, a comment, an instruction

    def _clean(self, text: str, parts: List[str], final: bool) -> int:
        at = 0
        while True:
            match = (_UP_TO[self._until] if self._until else _IN_CONTENT).search(text, at)
            if match is None:
                break
            parts.append(text[at : match.start()])
            token, at = match.group(), match.end()
            if _forbidden(token):
                self._replaced(match.start(), token)
                token = REPLACEMENT
            elif token == self._until:
                self._until = ""
            elif token in _ENDS:
                self._until = _ENDS[token]
            elif not _is_character(int(match.group(1) or match.group(2), 16 if match.group(1) else 10)):
                self._replaced(match.start(), token)
                token = REPLACEMENT
            parts.append(token)
        end = len(text) if final else self._finished(text, at)
        parts.append(text[at:end])
        return end

    def _finished(self, text: str, at: int) -> int:
        """How far *text*, in which nothing is left from *at* on, can be judged without what follows."""
        if not self._until:
            unfinished = _UNFINISHED.search(text, max(at, len(text) - _LONGEST))
            return unfinished.start() if unfinished else len(text)
        for length in (2, 1):
            if text.endswith(self._until[:length], at):
                return len(text) - length
        return len(text)


def _is_character(number: int) -> bool:
    return number < 0x110000 and not _forbidden(chr(number))
