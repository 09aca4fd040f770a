"""What a bounce means for the address: decided by tables, each line with its source and our doubt.

Two sources speak: BOUNCE_CAT and STATUS. EMAIL_STATUS is never asked: it is the state of the address on the list,
which another campaign may have caused (inferred). A source that says nothing we know is silent. Where both speak and
disagree, the answer that suppresses less counts.
"""
import re
from typing import TYPE_CHECKING, Dict, Mapping, Optional, Tuple

from ._kinds import BLOCK, CATEGORY_RULES, HARD, SOFT, STATUS_RULES, UNKNOWN, Rule
from ._text import shown
from .enhanced_status import EnhancedStatus
from .exceptions import ConfigurationError
from .vocabulary import BounceCategory, BounceKind

if TYPE_CHECKING:
    from typing import Protocol  # novm: newer than Python 3.6, and never run

    class _Bounce(Protocol):
        """What is asked of a Bounce, which stands above this module."""

        @property
        def bounce_cat(self) -> str: ...

        @property
        def status(self) -> str: ...

__all__ = ["Rules"]

#: from the one that suppresses least: what counts where two sources disagree
_LEAST_FIRST = (BLOCK, UNKNOWN, SOFT, HARD)
_SAYS = {HARD: "means hard", SOFT: "means soft", BLOCK: "means block", UNKNOWN: "does not blame the address"}
_PATTERN = re.compile(r"(?:[245]|\*)(?:\.(?:0|[1-9][0-9]{0,2}|\*)){2}")
_REMEMBERED = 4096  # pairs of BOUNCE_CAT and STATUS whose kind is remembered; a report has some dozens
_WORD = 60  # characters of a foreign word in a sentence


class Rules:
    """Which kind a bounce is of.

    :param categories: word of BOUNCE_CAT -> kind, instead of and beside the default table; None makes a word silent
    :param statuses: pattern of STATUS (``5.1.1``, ``*.2.2``, ``5.7.*``) -> kind, likewise. The most exact one counts:
        all three numbers, then those with one star (a star in front before one at the end), and so on. A star in front
        stands for 4 and 5: a success says nothing about a bounce
    :raises ConfigurationError: a pattern or a kind that is none

    ``Rules()`` are the default ones, which ``bounce.kind`` uses.
    """

    def __init__(
        self,
        categories: Optional[Mapping[str, Optional[BounceKind]]] = None,
        statuses: Optional[Mapping[str, Optional[BounceKind]]] = None,
    ) -> None:
        self._given = dict(categories or {}), dict(statuses or {})
        for pattern in self._given[1]:
            if not isinstance(pattern, str) or not _PATTERN.fullmatch(pattern):
                raise ConfigurationError("Rules: a pattern of STATUS looks like 5.1.1, 5.7.* or *.2.2")
        self.categories = _merged(CATEGORY_RULES, self._given[0])
        self.statuses = _merged(STATUS_RULES, self._given[1])
        self._remembered: Dict[Tuple[str, str], BounceKind] = {}

    def kind(self, bounce: "_Bounce") -> BounceKind:
        """Return what *bounce* says about its address."""
        pair = bounce.bounce_cat, bounce.status
        found = self._remembered.get(pair)
        if found is None:
            found = _decided(*self.votes(*pair))
            if len(self._remembered) < _REMEMBERED:
                self._remembered[pair] = found
        return found

    def explain(self, bounce: "_Bounce") -> str:
        """Return in one sentence why *bounce* is of its kind; safe to show, whatever the words in it are."""
        return self.explain_words(bounce.bounce_cat, bounce.status)

    def votes(self, bounce_cat: str, status: str) -> Tuple[Optional[BounceKind], Optional[BounceKind]]:
        """Return what BOUNCE_CAT says and what STATUS says; None where one is silent."""
        match = self.matching(status)
        return self.categories.get(bounce_cat), None if match is None else self.statuses[match]

    def matching(self, status: str) -> Optional[str]:
        """Return the pattern that decides about STATUS, or None."""
        code = EnhancedStatus.parse(status)
        if code is None:
            return None
        first, two, three = str(code.status_class), str(code.subject), str(code.detail)
        star = "2" if first == "2" else "*"
        patterns = (
            (first, two, three), (star, two, three), (first, two, "*"), (first, "*", three),
            (star, two, "*"), (star, "*", three), (first, "*", "*"), (star, "*", "*"),
        )  # fmt: skip
        return next((match for match in map(".".join, patterns) if match in self.statuses), None)

    def explain_words(self, bounce_cat: str, status: str) -> str:
        """As :meth:`explain`, of the two words alone."""
        category, code = self.votes(bounce_cat, status)
        kind = _decided(category, code)
        first, second = _named("BOUNCE_CAT", bounce_cat), _named_status(status)
        if category is None and code is None:
            return "{}: neither {} nor {} says whether the address is at fault.".format(kind, first, second)
        if category is None or code is None:
            spoken, silent = (second, first) if category is None else (first, second)
            return "{}: {} {}, and {} does not object.".format(kind, spoken, _SAYS[kind], silent)
        if category == code:
            return "{}: {} {}, and {} agrees.".format(kind, first, _SAYS[kind], second)
        counts, overruled, word = (second, first, category) if kind == code else (first, second, code)
        return "{}: {} {}, but {} {}, and the one that suppresses less counts.".format(
            kind, overruled, _SAYS[word], counts, _SAYS[kind]
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rules):
            return NotImplemented
        return (self.categories, self.statuses) == (other.categories, other.statuses)

    __hash__ = None  # type: ignore[assignment]  # it holds dicts

    def __repr__(self) -> str:
        return "Rules(categories={!r}, statuses={!r})".format(*self._given)

    def __reduce__(self) -> Tuple[object, ...]:
        return Rules, self._given


def _merged(rules: Tuple[Rule, ...], given: Mapping[str, Optional[BounceKind]]) -> Dict[str, Optional[BounceKind]]:
    merged: Dict[str, Optional[BounceKind]] = {rule.match: rule.kind for rule in rules}
    for match, kind in given.items():
        if kind is not None and kind not in _LEAST_FIRST:
            raise ConfigurationError("Rules: a kind must be a BounceKind, or None for silence")
        merged[match] = None if kind is None else BounceKind(kind)
    return merged


def _decided(category: Optional[BounceKind], status: Optional[BounceKind]) -> BounceKind:
    spoken = [kind for kind in (category, status) if kind is not None]
    return min(spoken, key=_LEAST_FIRST.index) if spoken else UNKNOWN


def _named(member: str, word: str) -> str:
    if not word.strip():
        return "{} (empty)".format(member)
    known = any(word == category for category in BounceCategory)
    return "{} {}{}".format(member, shown(word, limit=_WORD), "" if known else " (not a word we know)")


def _named_status(status: str) -> str:
    code = EnhancedStatus.parse(status)
    if code is None:
        return _named("STATUS", status).replace("not a word we know", "not an enhanced status code")
    return "STATUS {} ({})".format(code, code.text)
