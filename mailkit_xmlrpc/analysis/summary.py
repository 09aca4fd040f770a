"""What happened to a delivery, in numbers: one pass over the rows, in memory that grows with distinct domains only.

Where it is asked for, a message counts once, in its newest state: then the rows wait in a temporary file (``newest``).

Every row is one count of one combination (kind, BOUNCE_CAT, STATUS, EMAIL_STATUS), of one domain and of one hour; all
other numbers are sums of these. Words come from strangers and are kept verbatim: who shows them makes them printable.
"""

import heapq
from dataclasses import dataclass, field
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple, Union

from ..exceptions import ConfigurationError
from ..exceptions.redact import redacted
from ..model.records import Bounce
from ..model.rules import Rules
from ..model.vocabulary import BounceKind
from . import hints
from .counting import MAX_DOMAIN, Table, domain_of, merged
from .newest import NewestStates

__all__ = ["Combination", "DomainSummary", "Summary", "summarize"]

#: A word that stands for all that did not fit into the bounds below.
OTHER = "(other)"

_MAX_COMBINATIONS = 4096  # a real report has some dozens
_MAX_HOURS = 20000  # more than two years
_EXAMPLE = 160  # characters of a REASON
_MAX_WORD = 160  # characters of a word of BOUNCE_CAT, STATUS or EMAIL_STATUS; a longer one is cut and ends in "..."
_REASONS = 3  # typical ones of a domain
_DOMINATES = 0.5  # the share of one domain or one hour from which on it is worth a look
_ENOUGH = 20  # bounces, below which no share means anything

Key = Tuple[str, str, str, str]


class Combination(NamedTuple):
    """So many bounces with the same words.

    :param kind: what they say about the address
    :param bounce_cat: BOUNCE_CAT, verbatim up to 160 characters
    :param status: STATUS, likewise
    :param email_status: EMAIL_STATUS, likewise
    :param bounces: rows
    :param example: the first REASON among them, at most 160 characters, on one line, without addresses; safe to show
    """

    kind: BounceKind
    bounce_cat: str
    status: str
    email_status: str
    bounces: int
    example: str


class DomainSummary(NamedTuple):
    """The bounces of one domain.

    :param domain: in lower case, in letters where it is punycode; "" stands for addresses without one
    :param bounces: rows
    :param by_kind: kind ("hard") -> rows; only kinds that are there
    :param reasons: the three most frequent combinations here, with the rows of this domain
    """

    domain: str
    bounces: int
    by_kind: Dict[str, int]
    reasons: List[Combination]


@dataclass(frozen=True)
class Summary:
    """The numbers of one or more reports. Dicts are sorted: the largest count first, times by time.

    :param bounces: rows
    :param sent: messages sent, as the caller said; None where that is unknown
    :param by_delivery: ID_SEND -> rows, sorted by ID_SEND
    :param by_kind: kind ("hard", "soft", "block", "unknown") -> rows; all four are there
    :param by_category: BOUNCE_CAT -> rows
    :param by_status: STATUS -> rows
    :param by_email_status: EMAIL_STATUS -> rows
    :param domains: the domains with most bounces, at most ``top`` of them
    :param domain_count: all domains
    :param other_domains: rows of the domains that are not in ``domains``
    :param kinds_by_hour: hour ("2014-12-23T12", in the time zone of the rows) -> kind -> rows; beyond 20,000 hours the
        others are "(other)"
    :param undated: rows without a date
    :param combinations: rows by all their words, the most frequent first; beyond 4,096 the others are "(other)"
    :param hints: sentences for a person, safe to show
    :param repeated: rows that do not count, because a later row tells of the same message (with ``once``)
    """

    bounces: int
    sent: Optional[int]
    by_delivery: Dict[int, int]
    by_kind: Dict[str, int]
    by_category: Dict[str, int]
    by_status: Dict[str, int]
    by_email_status: Dict[str, int]
    domains: List[DomainSummary]
    domain_count: int
    other_domains: int
    kinds_by_hour: Table
    undated: int
    combinations: List[Combination] = field(repr=False)
    hints: List[str]
    repeated: int = 0

    def share(self, count: int) -> Optional[float]:
        """Return *count* as a share of the messages sent: 0.02 is 2 %. None where that number is unknown."""
        return None if self.sent is None else count / self.sent

    @property
    def by_hour(self) -> Dict[str, int]:
        """Hour ("2014-12-23T12") -> rows."""
        return {hour: sum(kinds.values()) for hour, kinds in self.kinds_by_hour.items()}

    @property
    def by_day(self) -> Dict[str, int]:
        """Day ("2014-12-23") -> rows."""
        return {day: sum(kinds.values()) for day, kinds in self.kinds_by_day.items()}

    @property
    def kinds_by_day(self) -> Table:
        """Day ("2014-12-23") -> kind -> rows."""
        return merged((hour if hour == OTHER else hour[:10], kinds) for hour, kinds in self.kinds_by_hour.items())


def summarize(
    bounces: Iterable[Bounce], *, sent: Optional[int] = None, rules: Rules = Rules(), top: int = 20, once: bool = False
) -> Summary:
    """Count *bounces*, in one pass.

    A row is counted as often as it is there, unless *once* is true: give the report of each delivery once, or say so.

    :param bounces: rows of one or more deliveries
    :param sent: messages sent (SEND_COUNT of the delivery's report), a positive integer; None where that is unknown
    :param rules: which kind a bounce is of
    :param top: so many domains are listed one by one; the others are one sum
    :param once: count each message (ID_SEND with ID_SEND_MESSAGE) once, by its last row; a row without
        ID_SEND_MESSAGE counts as it is. The rows wait in a temporary file of SQLite
    :raises ConfigurationError: an argument cannot be used
    :raises LocalError: with *once*, no room for the temporary file, or this Python has no sqlite3
    """
    for value, name, least in ((1 if sent is None else sent, "sent", 1), (top, "top", 0)):
        if type(value) is not int or value < least:
            raise ConfigurationError("{} must be an integer of at least {}".format(name, least))
    if not isinstance(rules, Rules):
        raise ConfigurationError("rules must be Rules")
    tally = Tally(rules)
    if not once:
        return tally.count(bounces).summary(sent, top)
    with NewestStates(bounces) as newest:
        return tally.count(newest).summary(sent, top, newest.repeated)


class Tally:
    """Counts rows as they pass by, for a Summary."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        # A combination's index in the two lists below.
        self._numbers: Dict[Key, int] = {}
        self._counts: List[int] = []
        self._examples: List[str] = []
        # By combination. A domain with a single row is the index of its combination: a million domains would else be a
        # million dicts.
        self._domains: Dict[str, Union[int, Dict[int, int]]] = {}
        self._hours: Dict[str, Dict[str, int]] = {}
        self._deliveries: Dict[int, int] = {}
        self._total = self._undated = 0

    def count(self, bounces: Iterable[Bounce]) -> "Tally":
        """Count *bounces*, and return itself."""
        for _ in self.counting(bounces):
            pass
        return self

    def counting(self, bounces: Iterable[Bounce]) -> Iterator[Bounce]:
        """Yield *bounces*, and count them."""
        kind_of = self._rules.kind
        numbers, counts, examples = self._numbers, self._counts, self._examples
        domains, hours, deliveries = self._domains, self._hours, self._deliveries
        for row in bounces:
            yield row
            self._total += 1
            kind = kind_of(row)
            key: Key = (kind, _word(row.bounce_cat), _word(row.status), _word(row.email_status))
            number = numbers.get(key)
            if number is None:
                if len(numbers) >= _MAX_COMBINATIONS:
                    key = kind, OTHER, OTHER, OTHER
                number = numbers.setdefault(key, len(numbers))
                if number == len(counts):
                    counts.append(0)
                    examples.append("")
            counts[number] += 1
            if row.reason and not examples[number]:
                examples[number] = redacted(row.reason, limit=_EXAMPLE)
            domain = domain_of(row.email)
            here = domains.get(domain)
            if here is None:
                domains[domain] = number
            else:
                if isinstance(here, int):
                    here = domains[domain] = {here: 1}
                here[number] = here.get(number, 0) + 1
            deliveries[row.id_send] = deliveries.get(row.id_send, 0) + 1
            if row.date is None:
                self._undated += 1
                continue
            hour = row.date.isoformat()[:13]
            kinds = hours.get(hour)
            if kinds is None:
                kinds = hours.setdefault(hour if len(hours) < _MAX_HOURS else OTHER, {})
            kinds[kind] = kinds.get(kind, 0) + 1

    def summary(self, sent: Optional[int], top: int, repeated: int = 0) -> Summary:
        """Return what was counted so far; *repeated* is the number of rows that were not given, as repetitions."""
        keys = list(self._numbers)
        combinations = [
            Combination(BounceKind(key[0]), *key[1:], count, example)
            for key, count, example in zip(keys, self._counts, self._examples)
        ]
        worst = heapq.nsmallest(
            top, ((-sum(tally.values()), domain) for domain, tally in _tallies(self._domains.items()))
        )
        tallies = dict(_tallies((domain, self._domains[domain]) for _, domain in worst))
        domains = [_domain(domain, -negative, tallies[domain], combinations) for negative, domain in worst]
        by_kind = {str(kind): 0 for kind in BounceKind}
        by_kind.update(_sums(combinations, "kind"))
        summary = Summary(
            bounces=self._total,
            sent=sent,
            by_delivery=dict(sorted(self._deliveries.items())),
            by_kind=by_kind,
            by_category=_sums(combinations, "bounce_cat"),
            by_status=_sums(combinations, "status"),
            by_email_status=_sums(combinations, "email_status"),
            domains=domains,
            domain_count=len(self._domains),
            other_domains=self._total - sum(domain.bounces for domain in domains),
            kinds_by_hour={
                hour: {str(kind): n for kind, n in kinds.items()} for hour, kinds in sorted(self._hours.items())
            },
            undated=self._undated,
            combinations=_most_first(combinations),
            hints=[],
            repeated=repeated,
        )
        summary.hints.extend(_hints(summary, _hardest(_tallies(self._domains.items()), combinations)))
        return summary


def _word(text: str) -> str:
    """Return *text* short enough to be kept for as long as there are rows."""
    return text if len(text) <= _MAX_WORD else text[: _MAX_WORD - 3] + "..."


def _domain(name: str, total: int, tally: Dict[int, int], combinations: List[Combination]) -> DomainSummary:
    here = _most_first([combinations[number]._replace(bounces=count) for number, count in tally.items()])
    return DomainSummary(name, total, _sums(here, "kind"), here[:_REASONS])


def _most_first(combinations: List[Combination]) -> List[Combination]:
    return sorted(combinations, key=lambda combination: (-combination.bounces, combination[:4]))


def _sums(combinations: List[Combination], name: str) -> Dict[str, int]:
    """Return the rows by the word of one field, the most frequent first."""
    sums: Dict[str, int] = {}
    for combination in combinations:
        word = str(getattr(combination, name))
        sums[word] = sums.get(word, 0) + combination.bounces
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def _tallies(domains: Iterable[Tuple[str, Union[int, Dict[int, int]]]]) -> Iterator[Tuple[str, Dict[int, int]]]:
    """Yield each domain with its rows by combination, whichever way they are kept."""
    return ((domain, {tally: 1} if isinstance(tally, int) else tally) for domain, tally in domains)


def _hardest(domains: Iterable[Tuple[str, Dict[int, int]]], combinations: List[Combination]) -> Tuple[int, str]:
    """Return the number of HARD bounces of the domain with most of them, and its name."""
    hard = {number for number, combination in enumerate(combinations) if combination.kind == BounceKind.HARD}
    sums = ((sum(n for number, n in tally.items() if number in hard), name) for name, tally in domains)
    return max(sums, default=(0, ""))


def _hints(summary: Summary, hardest: Tuple[int, str]) -> List[str]:
    found: List[str] = []
    total = summary.bounces
    if summary.sent is not None and total > summary.sent:
        found.append(hints.too_many())
    dated = total - summary.undated
    if summary.domains and summary.domain_count > 1:
        worst = summary.domains[0]
        if _dominates(worst.bounces, total):
            found.append(hints.one_domain(worst.bounces, total, _name(worst.domain)))
    hard = summary.by_kind["hard"]
    if summary.domain_count > 1 and _dominates(hardest[0], hard):
        found.append(hints.hard_at_one_domain(hardest[0], hard, _name(hardest[1])))
    by_hour = summary.by_hour
    if len(by_hour) > 1:
        hour = max(by_hour, key=lambda name: (by_hour[name], name))
        if hour != OTHER and _dominates(by_hour[hour], dated):
            found.append(hints.one_hour(by_hour[hour], dated, hour.replace("T", " ")))
    return found


def _dominates(count: int, total: int) -> bool:
    return count >= _ENOUGH and count > _DOMINATES * total


def _name(domain: str) -> str:
    return redacted(domain, limit=MAX_DOMAIN) or "(none)"


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
