"""Limits: what ``check --fail-if`` was told, and how many bounces count for each."""

import argparse
import re
from fractions import Fraction
from typing import List, NamedTuple, Optional, Tuple, Union

from ..analysis.counting import domain_of, percent
from ..model.records import Bounce
from ..model.rules import category_of
from ..model.vocabulary import BounceKind
from .filters import Statuses
from .texts import printable

_LIMIT = re.compile(r"\s*(\w+)\s*(?::(.*?))?\s*>\s*([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*(%?)\s*", re.DOTALL)
_LOOKS_LIKE = "a limit looks like hard>2%, all>500, domain:example.com>100, category:spam-related>1% or status:5.7.*>10"


class Limit(NamedTuple):
    """So many bounces of one sort that are not too many.

    :param text: as it was given, without blanks
    :param sort: ``all``, a kind, ``domain``, ``category`` or ``status``
    :param values: of the latter three, those that count
    :param most: so many are allowed, or so many percent of the messages sent
    :param is_share: whether it is percent
    """

    text: str
    sort: str
    values: "Union[Tuple[str, ...], Statuses]"
    most: Fraction
    is_share: bool

    def counts(self, row: Bounce) -> bool:
        """Return whether *row* is of the sort."""
        if self.sort == "domain":
            return domain_of(row.email) in self.values
        if self.sort == "category":
            return category_of(row.bounce_cat) in self.values
        if self.sort == "status":
            return row.status in self.values
        return self.sort in ("all", row.kind)


class Reached(NamedTuple):
    """How many bounces count for a limit."""

    limit: Limit
    bounces: int
    sent: Optional[int]

    @property
    def is_passed(self) -> bool:
        """Whether they are more than allowed."""
        if self.limit.is_share:
            assert self.sent is not None
            return 100 * self.bounces > self.limit.most * self.sent
        return self.bounces > self.limit.most

    def __str__(self) -> str:
        if not self.limit.is_share:
            return "{} ({})".format(printable(self.limit.text), self.bounces)
        share = percent(self.bounces, self.sent) if self.sent else "nothing sent"
        return "{} ({}: {} of {})".format(printable(self.limit.text), share, self.bounces, self.sent)


def limit(text: str) -> Limit:
    """Read a limit such as ``hard>2%`` or ``domain:example.com>500``.

    :raises argparse.ArgumentTypeError: it is none
    """
    match = _LIMIT.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(_LOOKS_LIKE)
    name, value, number, sign = match.groups()
    values = () if value is None else _values(name, value.strip())
    is_sort = bool(values) or value is None and (name == "all" or name in list(BounceKind))
    most = Fraction(number)
    if not is_sort or (most > 100 if sign else most.denominator != 1):
        raise argparse.ArgumentTypeError(_LOOKS_LIKE)
    words = name if value is None else "{}:{}".format(name, value.strip())
    return Limit("{}>{}{}".format(words, number, sign), name, values, most, bool(sign))


def _values(name: str, value: str) -> "Union[Tuple[str, ...], Statuses]":
    """Return the values that count of the sort *name*; none where there is no such sort, or no such value."""
    if name == "domain":
        domain = domain_of("@" + value)
        return (domain,) if domain else ()
    if name == "category" and value:
        return (category_of(value),)
    return Statuses([value]) if name == "status" and value else ()


class Counts:
    """Counts rows for *limits*, and by kind."""

    def __init__(self, limits: List[Limit]) -> None:
        self._limits = limits
        self._counts = [0] * len(limits)
        self.by_kind = {str(kind): 0 for kind in BounceKind}

    def add(self, row: Bounce) -> None:
        """Count *row*."""
        self.by_kind[str(row.kind)] += 1
        for index, one in enumerate(self._limits):
            self._counts[index] += one.counts(row)

    def reached(self, sent: Optional[int]) -> List[Reached]:
        """Return what was counted for each limit."""
        return [Reached(one, count, sent) for one, count in zip(self._limits, self._counts)]
