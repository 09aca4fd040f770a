"""Takes out of a JSON document what RFC 8259 and UTF-8 forbid inside of strings. Pure.

These are raw control characters, halves of surrogate pairs that are written as escapes, and bytes that the encoding
does not have. Outside of a string all of them stay, and are an error.
"""

import re
from typing import List

from ..cleaner import REPLACEMENT, Cleaner

_IN_STRING = re.compile(
    r'"|[\0-\x1f\ud800-\udfff]'
    r"|\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|[^u\0-\x1f\ud800-\udfff]|)"
)
_ESCAPED_REPLACEMENT = "\\ufffd"
_LONGEST = 12  # characters of a pair


class JsonCleaner(Cleaner):
    """Cleans the text of a JSON document."""

    def __init__(self) -> None:
        super().__init__()
        self._in_string = False

    def _clean(self, text: str, parts: List[str], final: bool) -> int:
        at = 0
        while True:
            if not self._in_string:
                start = text.find('"', at) + 1
                if not start:
                    break
                parts.append(text[at:start])
                at = start
                self._in_string = True
            match = _IN_STRING.search(text, at)
            if match is None:
                break
            start, token = match.start(), match.group()
            if token[0] == "\\" and len(text) - start < _LONGEST and not final:
                parts.append(text[at:start])
                return start
            parts.append(text[at:start])
            at = match.end()
            if token == '"':
                self._in_string = False
            elif token[0] != "\\":
                self._replaced(start, token)
                token = REPLACEMENT
            elif match.group(1):
                self._replaced(start, token)
                token = _ESCAPED_REPLACEMENT
            parts.append(token)
        parts.append(text[at:])
        return len(text)
