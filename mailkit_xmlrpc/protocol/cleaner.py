"""What takes forbidden characters out of a text that comes in pieces. Pure."""

from typing import List, Optional, Tuple

REPLACEMENT = "\ufffd"


class Cleaner:
    """Puts U+FFFD in the place of each forbidden character. It is given the text step by step.

    Each protocol has its own; here nothing is forbidden. What comes out does not depend on the pieces. A byte that the
    encoding forbids is a lone surrogate in the text.
    """

    def __init__(self) -> None:
        #: how many characters it has put in the place of others
        self.replaced = 0
        #: the first that was replaced: how many characters stand before it, and what it is
        self.first: Optional[Tuple[int, str]] = None
        #: characters that are not out yet: what they are, the next piece tells
        self.held = ""
        self._before = 0  # characters that stand before those at hand

    def step(self, text: str, final: bool) -> str:
        """Take *text* and return it cleaned; the end of it may come out later, the last time without.

        :param final: nothing follows
        """
        text = self.held + text
        parts: List[str] = []
        end = self._clean(text, parts, final)
        self.held = text[end:]
        self._before += end
        return "".join(parts)

    def _clean(self, text: str, parts: List[str], final: bool) -> int:
        """Append *text*, cleaned, to *parts*; returns how far that came, with *final* to its end."""
        parts.append(text)
        return len(text)

    def _replaced(self, at: int, what: str) -> None:
        """Note that *what*, at *at* in the text at hand, was replaced."""
        self.replaced += 1
        if self.first is None:
            self.first = self._before + at, what
