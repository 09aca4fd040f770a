"""What happened to a delivery, in numbers: one pass over the rows, in memory that grows with distinct domains only.

Every row is one count of one combination (kind, BOUNCE_CAT, STATUS, EMAIL_STATUS), of one domain and of one hour; all
other numbers are sums of these. Words are a stranger's, and kept verbatim: who shows them makes them safe.
"""
import heapq
from dataclasses import dataclass, field
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple, Union

from ._figures import MAX_DOMAIN, domain_of, percent
from ._text import shown
from .bounce import Bounce
from .exceptions import ConfigurationError
from .kind import Rules
from .vocabulary import BounceKind

__all__ = ["Combination", "DomainSummary", "Summary", "summarize"]

#: where a word stands for all that did not fit into the bounds below
OTHER = "(other)"

_MAX_COMBINATIONS = 4096  # a real report has some dozens
_MAX_HOURS = 20000  # more than two years
_EXAMPLE = 160  # characters of a REASON
_REASONS = 3  # typical ones of a domain
_DOMINATES = 0.5  # the share of one domain or one hour from which on it is worth a look
_ENOUGH = 20  # bounces, below which no share means anything

Key = Tuple[str, str, str, str]


class Combination(NamedTuple):
    """So many bounces with the same words."""

    kind: BounceKind
    bounce_cat: str
    status: str
    email_status: str
    bounces: int
    example: str  # the first REASON among them, safe to show: one line, cut, without addresses


class DomainSummary(NamedTuple):
    """The bounces of one domain."""

    domain: str  # in lower case; "" stands for what has none
    bounces: int
    by_kind: Dict[str, int]
    reasons: List[Combination]  # the most frequent combinations here, with the counts of this domain


@dataclass(frozen=True)
class Summary:
    """The numbers of one or more reports; dicts are sorted, the largest count first, times by time."""

    #: rows
    bounces: int
    #: messages sent, as the caller said
    sent: Optional[int]
    #: ID_SEND -> rows
    by_delivery: Dict[int, int]
    #: kind -> rows; all four kinds are there
    by_kind: Dict[str, int]
    #: BOUNCE_CAT -> rows
    by_category: Dict[str, int]
    #: STATUS -> rows
    by_status: Dict[str, int]
    #: EMAIL_STATUS -> rows
    by_email_status: Dict[str, int]
    #: the domains with most bounces
    domains: List[DomainSummary]
    #: how many domains there are in all
    domain_count: int
    #: rows of the domains that are not in ``domains``
    other_domains: int
    #: "2014-12-23T12" -> kind -> rows, in the time that the rows are in
    kinds_by_hour: Dict[str, Dict[str, int]]
    #: rows without a date
    undated: int
    #: all that the words tell, the most frequent first; at most some thousand, the rest as "(other)"
    combinations: List[Combination] = field(repr=False)
    #: sentences for a person
    hints: List[str]

    def share(self, count: int) -> Optional[float]:
        """*count* as a part of the messages sent: 0.02 is 2 %. None where that number is not known."""
        return None if self.sent is None else count / self.sent

    @property
    def by_hour(self) -> Dict[str, int]:
        """"2014-12-23T12" -> rows."""
        return {hour: sum(kinds.values()) for hour, kinds in self.kinds_by_hour.items()}

    @property
    def by_day(self) -> Dict[str, int]:
        """"2014-12-23" -> rows."""
        return {day: sum(kinds.values()) for day, kinds in self.kinds_by_day.items()}

    @property
    def kinds_by_day(self) -> Dict[str, Dict[str, int]]:
        """"2014-12-23" -> kind -> rows."""
        days: Dict[str, Dict[str, int]] = {}
        for hour, kinds in self.kinds_by_hour.items():
            day = days.setdefault(hour if hour == OTHER else hour[:10], {})
            for kind, count in kinds.items():
                day[kind] = day.get(kind, 0) + count
        return days


def summarize(
    bounces: Iterable[Bounce], *, sent: Optional[int] = None, rules: Rules = Rules(), top: int = 20
) -> Summary:
    """Count *bounces*, in one pass.

    :param sent: how many messages were sent (SEND_COUNT of the delivery's report); a positive integer
    :param rules: which kind a bounce is of
    :param top: so many domains are told one by one; the rest is a sum
    :raises ConfigurationError: an argument cannot be used

    A row is counted as often as it is there: give each delivery's report once.
    """
    for value, name, least in ((1 if sent is None else sent, "sent", 1), (top, "top", 0)):
        if type(value) is not int or value < least:
            raise ConfigurationError("{} must be an integer of at least {}".format(name, least))
    if not isinstance(rules, Rules):
        raise ConfigurationError("rules must be Rules")
    tally = _Tally(rules)
    for _ in tally.counting(bounces):
        pass
    return tally.summary(sent, top)


class _Tally:
    """Counts rows as they pass by."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._numbers: Dict[Key, int] = {}  # a combination's index in the two lists below
        self._counts: List[int] = []
        self._examples: List[str] = []
        # A domain with one row yet is that row's number alone: a million of them would else be a million dicts.
        self._domains: Dict[str, Union[int, Dict[int, int]]] = {}
        self._hours: Dict[str, Dict[str, int]] = {}
        self._deliveries: Dict[int, int] = {}
        self._total = self._undated = 0

    def counting(self, bounces: Iterable[Bounce]) -> Iterator[Bounce]:
        """Yield *bounces*, counting them."""
        kind_of = self._rules.kind
        numbers, counts, examples = self._numbers, self._counts, self._examples
        domains, hours, deliveries = self._domains, self._hours, self._deliveries
        for row in bounces:
            yield row
            self._total += 1
            kind = kind_of(row)
            key = kind, row.bounce_cat, row.status, row.email_status
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
                examples[number] = shown(row.reason, limit=_EXAMPLE)
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

    def summary(self, sent: Optional[int], top: int) -> Summary:
        """What was counted so far."""
        keys = list(self._numbers)
        combinations = [
            Combination(BounceKind(key[0]), *key[1:], count, example)
            for key, count, example in zip(keys, self._counts, self._examples)
        ]
        worst = heapq.nsmallest(
            top, ((-sum(tally.values()), domain) for domain, tally in _tallies(self._domains.items()))
        )
        tallies = dict(_tallies((domain, self._domains[domain]) for _, domain in worst))
        told = [_domain(domain, -negative, tallies[domain], combinations) for negative, domain in worst]
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
            domains=told,
            domain_count=len(self._domains),
            other_domains=self._total - sum(domain.bounces for domain in told),
            kinds_by_hour={
                hour: {str(kind): n for kind, n in kinds.items()} for hour, kinds in sorted(self._hours.items())
            },
            undated=self._undated,
            combinations=_most_first(combinations),
            hints=[],
        )
        summary.hints.extend(_hints(summary, _hardest(_tallies(self._domains.items()), combinations)))
        return summary


def _domain(name: str, total: int, tally: Dict[int, int], combinations: List[Combination]) -> DomainSummary:
    here = _most_first([combinations[number]._replace(bounces=count) for number, count in tally.items()])
    return DomainSummary(name, total, _sums(here, "kind"), here[:_REASONS])


def _most_first(combinations: List[Combination]) -> List[Combination]:
    return sorted(combinations, key=lambda combination: (-combination.bounces, combination[:4]))


def _sums(combinations: List[Combination], name: str) -> Dict[str, int]:
    """Rows by the word of one field, the most frequent first."""
    sums: Dict[str, int] = {}
    for combination in combinations:
        word = str(getattr(combination, name))
        sums[word] = sums.get(word, 0) + combination.bounces
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def _tallies(domains: Iterable[Tuple[str, Union[int, Dict[int, int]]]]) -> Iterator[Tuple[str, Dict[int, int]]]:
    """Each domain with its rows by combination, whichever way they are kept."""
    return ((domain, {tally: 1} if isinstance(tally, int) else tally) for domain, tally in domains)


def _hardest(domains: Iterable[Tuple[str, Dict[int, int]]], combinations: List[Combination]) -> Tuple[int, str]:
    """The domain with most HARD bounces, and their number."""
    hard = {number for number, combination in enumerate(combinations) if combination.kind == BounceKind.HARD}
    sums = ((sum(n for number, n in tally.items() if number in hard), name) for name, tally in domains)
    return max(sums, default=(0, ""))


def _hints(summary: Summary, hardest: Tuple[int, str]) -> List[str]:
    hints = []
    if summary.sent is not None and summary.bounces > summary.sent:
        hints.append("There are more bounces than messages sent: that number is wrong, or a report is in here twice.")
    dated = summary.bounces - summary.undated
    if summary.domains and summary.domain_count > 1:
        worst = summary.domains[0]
        if _dominates(worst.bounces, summary.bounces):
            hints.append(
                "{} of all bounces are at one domain, {}: that provider may have failed, or refuses you.".format(
                    percent(worst.bounces, summary.bounces), _name(worst.domain)
                )
            )
    hard = summary.by_kind["hard"]
    if summary.domain_count > 1 and _dominates(hardest[0], hard):
        hints.append(
            "{} of all hard bounces are at one domain, {}: a provider's outage may call good addresses unknown. Look "
            "before you suppress; a time at a domain can be left out.".format(
                percent(hardest[0], hard), _name(hardest[1])
            )
        )
    by_hour = summary.by_hour
    if len(by_hour) > 1:
        hour = max(by_hour, key=lambda name: (by_hour[name], name))
        if hour != OTHER and _dominates(by_hour[hour], dated):
            hints.append(
                "{} of all bounces with a date came in one hour, {}:00: usual right after sending, an incident "
                "otherwise.".format(percent(by_hour[hour], dated), hour.replace("T", " "))
            )
    return hints


def _dominates(count: int, total: int) -> bool:
    return count >= _ENOUGH and count > _DOMINATES * total


def _name(domain: str) -> str:
    return shown(domain, limit=MAX_DOMAIN) or "(none)"
