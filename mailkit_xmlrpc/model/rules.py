"""What a bounce means for the address: decided by tables, each line with its source and our doubt.

Two sources speak: BOUNCE_CAT and STATUS. EMAIL_STATUS is never asked: it is the state of the address on the list,
which another campaign may have caused (inferred). A source that says nothing we know is silent. Where both speak and
disagree, the more cautious reading counts: the one that keeps more addresses.
"""

import re
from typing import TYPE_CHECKING, Dict, Mapping, NamedTuple, Optional, Tuple

from ..exceptions import ConfigurationError
from ..exceptions.redact import redacted
from .enhanced_status import EnhancedStatus
from .vocabulary import BounceCategory, BounceKind

if TYPE_CHECKING:
    from typing import Protocol  # novm (Python 3.8, only for the type checker)

    class Words(Protocol):
        """What a bounce says of its reason."""

        @property
        def bounce_cat(self) -> str: ...

        @property
        def status(self) -> str: ...


HARD, SOFT, BLOCK, UNKNOWN = BounceKind.HARD, BounceKind.SOFT, BounceKind.BLOCK, BounceKind.UNKNOWN


class Rule(NamedTuple):
    """One line of a table."""

    match: str  # a word of BOUNCE_CAT, or a pattern of STATUS such as 5.7.*
    kind: BounceKind
    source: str
    doubt: str


_PAGE = "the word stands on the vendor's page of the function; its meaning is read from the word"
_POWERMTA = "PowerMTA's bounce categories; that Mailkit uses them is inferred"

#: BOUNCE_CAT to kind. ``other`` is left out on purpose: it says nothing.
CATEGORY_RULES = (
    Rule("bad-mailbox", HARD, _PAGE, "the vendor's own sample pairs it with 4.4.2, temporary: STATUS must not object"),
    Rule("bad-domain", HARD, _POWERMTA, "a DNS that fails for an hour looks the same"),
    Rule("inactive-mailbox", HARD, _POWERMTA, "a disabled mailbox may come back"),
    Rule("full-mailbox", SOFT, _PAGE, "a mailbox that stays full is an abandoned one: hence the count within a time"),
    Rule("quota-issues", SOFT, _POWERMTA, "as full-mailbox"),
    Rule("bad-configuration", SOFT, _POWERMTA, "the receiving system's fault; it may be mended, or never"),
    Rule("bad-connection", SOFT, _POWERMTA, "none"),
    Rule("message-expired", SOFT, _POWERMTA, "it tells how long was tried, and not why"),
    Rule("no-answer-from-host", SOFT, _POWERMTA, "a domain given up answers as little as one that is down"),
    Rule("routing-errors", SOFT, _POWERMTA, "a domain given up has no route either"),
    Rule("content-related", BLOCK, _POWERMTA, "none"),
    Rule("invalid-sender", BLOCK, _POWERMTA, "none"),
    Rule("policy-related", BLOCK, _POWERMTA, "its patterns catch words such as rejected, which unknown users get too"),
    Rule("protocol-errors", BLOCK, _POWERMTA, "either side may be at fault; hardly ever the address"),
    Rule("relaying-issues", BLOCK, _POWERMTA, "a domain whose mail has moved away answers so too"),
    Rule("spam-related", BLOCK, _POWERMTA, "none"),
    Rule("virus-related", BLOCK, _POWERMTA, "none"),
)

_RFC = "RFC 3463"

#: STATUS to kind. UNKNOWN: it speaks, but does not blame the address, and so objects to a HARD one. All other 5.x.x are
#: silent: mail servers use them too loosely to stop mailing somebody, or to let anybody off.
STATUS_RULES = (
    Rule("5.1.1", HARD, _RFC, "a provider's outage may answer so for good addresses: hence the guard of a plan"),
    Rule("5.1.2", HARD, _RFC, "a DNS that fails may be reported so"),
    Rule("5.1.3", HARD, _RFC, "none"),
    Rule("5.1.6", HARD, _RFC, "none"),
    Rule("5.1.10", HARD, "RFC 7505", "none"),
    Rule("5.2.1", HARD, _RFC, "a disabled mailbox may come back"),
    Rule("*.2.2", SOFT, _RFC, "many systems send 5.2.2, but a full mailbox can be emptied"),
    Rule("5.1.5", UNKNOWN, _RFC, "none: it says that the address is valid"),
    Rule("5.1.7", UNKNOWN, _RFC, "none: it is the sender's address; BLOCK only where BOUNCE_CAT says so too"),
    Rule("5.1.8", UNKNOWN, _RFC, "as 5.1.7"),
    Rule("5.2.3", UNKNOWN, _RFC, "none: a shorter message would do"),
    Rule("5.3.4", UNKNOWN, _RFC, "none: a shorter message would do"),
    Rule("5.6.*", UNKNOWN, _RFC, "none: it is the content"),
    Rule("2.*.*", UNKNOWN, _RFC, "a success is no bounce: something is wrong with such a row"),
    Rule("4.1.7", BLOCK, _RFC, "none: it is the sender's address"),
    Rule("4.1.8", BLOCK, _RFC, "none: it is the sender's domain"),
    Rule("4.6.*", BLOCK, _RFC, "none: it is the content"),
    Rule("*.7.*", BLOCK, _RFC, "5.7.1 is also sent for unknown users, by systems that tell nothing about theirs"),
    Rule("4.*.*", SOFT, _RFC, "none"),
)


__all__ = ["Rules"]

#: from the one that suppresses least: what counts where two sources disagree
_LEAST_FIRST = (BLOCK, UNKNOWN, SOFT, HARD)
_SAYS = {HARD: "means hard", SOFT: "means soft", BLOCK: "means block", UNKNOWN: "does not blame the address"}
_PATTERN = re.compile(r"(?:[245]|\*)(?:\.(?:0|[1-9][0-9]{0,2}|\*)){2}")
_REMEMBERED = 4096  # pairs of BOUNCE_CAT and STATUS whose kind is remembered; a report has some dozens
_SHORT = 64  # characters of such a pair; a longer one is foreign prose, which nobody needs to keep
_WORD = 60  # characters of a foreign word in a sentence


class Rules:
    """Which kind a bounce is of.

    :param categories: word of BOUNCE_CAT -> kind, instead of and beside the default table; None makes a word silent.
        Words are compared in lower case and without blanks around them
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
        if not all(isinstance(word, str) for word in self._given[0]):
            raise ConfigurationError("Rules: a word of BOUNCE_CAT must be a str")
        categories = {category_of(word): kind for word, kind in self._given[0].items()}
        if any(categories[category_of(word)] != kind for word, kind in self._given[0].items()):
            raise ConfigurationError("Rules: two kinds for one word of BOUNCE_CAT, which is compared in lower case")
        self.categories = _merged(CATEGORY_RULES, categories)
        self.statuses = _merged(STATUS_RULES, self._given[1])
        self._remembered: Dict[Tuple[str, str], BounceKind] = {}

    def kind(self, bounce: "Words") -> BounceKind:
        """Return what *bounce* says about its address."""
        pair = bounce.bounce_cat, bounce.status
        found = self._remembered.get(pair)
        if found is None:
            found = _decided(*self.votes(*pair))
            if len(self._remembered) < _REMEMBERED and len(pair[0]) + len(pair[1]) <= _SHORT:
                self._remembered[pair] = found
        return found

    def explain(self, bounce: "Words") -> str:
        """Return in one sentence why *bounce* is of its kind; safe to show, whatever the words in it are."""
        return self.explain_words(bounce.bounce_cat, bounce.status)

    def votes(self, bounce_cat: str, status: str) -> Tuple[Optional[BounceKind], Optional[BounceKind]]:
        """Return what BOUNCE_CAT says and what STATUS says; None where one is silent."""
        match = self.matching(status)
        return self.categories.get(category_of(bounce_cat)), None if match is None else self.statuses[match]

    def matching(self, status: str) -> Optional[str]:
        """Return the pattern that decides about STATUS, or None."""
        code = EnhancedStatus.parse(status)
        if code is None:
            return None
        first, two, three = str(code.status_class), str(code.subject), str(code.detail)
        star = "2" if first == "2" else "*"
        patterns = (
            (first, two, three),
            (star, two, three),
            (first, two, "*"),
            (first, "*", three),
            (star, two, "*"),
            (star, "*", three),
            (first, "*", "*"),
            (star, "*", "*"),
        )
        return next((match for match in map(".".join, patterns) if match in self.statuses), None)

    def explain_words(self, bounce_cat: str, status: str) -> str:
        """As :meth:`explain`, of the two words alone."""
        category, code = self.votes(bounce_cat, status)
        kind = _decided(category, code)
        first, second = _named_category(bounce_cat), _named_status(status)
        if category is None and code is None:
            return "{}: neither {} nor {} says whether the address is at fault.".format(kind, first, second)
        if category is None or code is None:
            spoken, silent = (second, first) if category is None else (first, second)
            return "{}: {} {}, and {} does not object.".format(kind, spoken, _SAYS[kind], silent)
        if category == code:
            return "{}: {} {}, and {} agrees.".format(kind, first, _SAYS[kind], second)
        counts, overruled, word = (second, first, category) if kind == code else (first, second, code)
        return "{}: {} {}, but {} {}, and we take the more cautious reading.".format(
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


def category_of(bounce_cat: str) -> str:
    """Return *bounce_cat* as it is compared: in lower case, without blanks around it."""
    return bounce_cat.strip().lower()


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


def _named(member: str, word: str, remark: str) -> str:
    if not word.strip():
        return "{} (empty)".format(member)
    return "{} {}{}".format(member, redacted(word, limit=_WORD), " ({})".format(remark) if remark else "")


def _named_category(word: str) -> str:
    known = any(category_of(word) == category for category in BounceCategory)
    return _named("BOUNCE_CAT", word, "" if known else "not a word we know")


def _named_status(status: str) -> str:
    code = EnhancedStatus.parse(status)
    if code is None:
        return _named("STATUS", status, "not an enhanced status code")
    return _named("STATUS", str(code), code.text)


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
