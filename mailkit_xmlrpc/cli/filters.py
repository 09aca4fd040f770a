"""Which rows count: those that the options of ``options.add_filters`` leave, and how many they left out."""

import argparse
import re
from datetime import datetime
from typing import Iterable, Iterator, List, Optional

from ..analysis.counting import domain_of
from ..exceptions.redact import counted
from ..model.enhanced_status import EnhancedStatus
from ..model.records import Bounce
from ..model.rules import category_of
from .errors import UsageError, say


class Filters:
    """The filters that were asked for.

    :raises UsageError: a domain that can be none
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._kinds: Optional[List[str]] = arguments.kind
        self._categories = arguments.category and set(map(category_of, arguments.category))
        self._statuses = arguments.status and Statuses(arguments.status)
        self._domains = arguments.domain and set(map(_domain, arguments.domain))
        self._since: Optional[datetime] = arguments.since
        self._until: Optional[datetime] = arguments.until
        #: whether they look at dates
        self.are_dated = self._since is not None or self._until is not None
        #: rows that were left out so far, and those of them that have no date while a time was asked for
        self.left_out = 0
        self.undated = 0

    @property
    def needed(self) -> List[str]:
        """The columns that they look at beside those that every command needs."""
        return ["date"] if self.are_dated else []

    @property
    def are_given(self) -> bool:
        """Whether there are any."""
        return self.are_dated or any((self._kinds, self._categories, self._statuses, self._domains))

    def left(self, rows: Iterable[Bounce]) -> Iterator[Bounce]:
        """Yield those of *rows* that count."""
        return filter(self.keeps, rows)

    def keeps(self, row: Bounce) -> bool:
        """Return whether *row* counts, and count it where it does not."""
        kept = self._counts(row)
        self.left_out += not kept
        return kept

    def tell(self) -> None:
        """Say how many rows were left out, if any."""
        if self.left_out:
            have = "has" if self.undated == 1 else "have"
            undated = "; {} of them {} no date that can be read".format(self.undated, have) if self.undated else ""
            rows = counted(self.left_out, "row was", "rows were")
            say("{} left out, as the options ask{}".format(rows, undated))

    def _counts(self, row: Bounce) -> bool:
        if self._kinds and row.kind not in self._kinds:
            return False
        if self._categories and category_of(row.bounce_cat) not in self._categories:
            return False
        if self._statuses and row.status not in self._statuses:
            return False
        if self._domains and domain_of(row.email) not in self._domains:
            return False
        if self.are_dated and row.date is None:
            self.undated += 1
        return not self.are_dated or _within(row.date, self._since, self._until)


class Pattern:
    """A text in which * stands for anything and ? for one character."""

    def __init__(self, text: str) -> None:
        pieces = (".".join(map(re.escape, piece.split("?"))) for piece in text.split("*"))
        self._pieces = [re.compile(piece, re.DOTALL) for piece in pieces]
        # No star is in the last piece, so all that it matches is as long.
        self._length = len(text) - text.rfind("*") - 1

    def matches(self, text: str) -> bool:
        """Return whether the whole of *text* matches.

        In time that grows with the text alone; fnmatch's own grows with its square before Python 3.9.
        """
        first, *others = self._pieces
        if not others:
            return first.fullmatch(text) is not None
        found = first.match(text)
        for piece in others[:-1]:
            found = found and piece.search(text, found.end())
        end = len(text) - self._length
        return found is not None and found.end() <= end and others[-1].match(text, end) is not None


class Statuses:
    """Those that match one of the patterns *texts*, by themselves or by the code in them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._patterns = list(map(Pattern, texts))

    def __contains__(self, status: str) -> bool:
        code = EnhancedStatus.parse(status)
        forms = [status] if code is None else [status, str(code)]
        return any(pattern.matches(form) for pattern in self._patterns for form in forms)


def _domain(text: str) -> str:
    domain = domain_of("@" + text)
    if text and not domain:
        raise UsageError("--domain must be a domain; '' is that of rows without one")
    return domain


def _within(date: Optional[datetime], first: Optional[datetime], end: Optional[datetime]) -> bool:
    """Return whether *date* is in the time; one with a time zone counts as the clock there shows it."""
    if date is None:
        return False
    clock = date.replace(tzinfo=None)
    return (first is None or clock >= first) and (end is None or clock < end)
