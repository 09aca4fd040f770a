"""Whom to stop mailing, and why: a plan, never an action.

An address is in the plan when one of its bounces is HARD, or when so many different messages to it came back SOFT
within so much time. BLOCK and UNKNOWN never put one there. More rows can only add addresses to a plan, or make the
guard refuse all of it; no row takes one out.

Rows that matter go to a private temporary database of SQLite, which keeps little in memory and has no name on disk.
"""
from collections import OrderedDict
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ._database import blob, date_of, moment_of, temporary_database, text_of
from ._figures import domain_of, percent
from .bounce import Bounce
from .exceptions import ConfigurationError, LocalError
from .kind import Rules
from .vocabulary import BounceKind

if TYPE_CHECKING:
    import sqlite3

__all__ = ["PlanRefusedError", "Suppression", "SuppressionPlan", "Window", "suppressions"]

_BATCH = 2000  # rows written at once


class PlanRefusedError(ConfigurationError):
    """The plan would drop a larger share than allowed: look at the rows before anything is done."""

    def __init__(self, addresses: int, sent: int, max_share: float) -> None:
        super().__init__(
            "the plan would suppress {} addresses, {} of {} sent, and at most {} are allowed; look at the summary: a "
            "provider's outage can look like this, and a window of domain and time can be excluded".format(
                addresses, percent(addresses, sent), sent, "{:g} %".format(100 * max_share)
            )
        )
        self.args = (addresses, sent, max_share)
        #: how many the plan holds
        self.addresses = addresses
        #: how many messages were sent
        self.sent = sent
        #: the share allowed
        self.max_share = max_share


class Window(NamedTuple):
    """Bounces that do not count: those at a domain, in a time, or both.

    A row without a date is in every window of its domain: that suppresses less.
    """

    domain: Optional[str] = None  #: None means every domain
    since: Optional[datetime] = None  #: the first moment; None means no beginning
    until: Optional[datetime] = None  #: the first moment after it; None means no end

    def holds(self, domain: str, date: Optional[datetime]) -> bool:
        """Whether a bounce at *domain* on *date* is in it."""
        if self.domain is not None and self.domain != domain:
            return False
        if date is None:
            return True
        after = self.since is None or not _before(date, self.since)
        return after and (self.until is None or _before(date, self.until))


class Suppression(NamedTuple):
    """One address to stop mailing, and why."""

    email: str  #: verbatim, as in the row that decided
    id_email: Optional[int]  #: of that row
    kind: BounceKind  #: HARD or SOFT
    why: str  #: in one sentence, safe to show
    bounces: int  #: rows of it that are HARD or SOFT and in no window, the same row counted once
    first: Optional[datetime]  #: date of the first of them
    last: Optional[datetime]  #: and of the last; UTC, or as in the rows where these have no time zone
    status: str  #: of the row that decided
    bounce_cat: str  #: likewise


class SuppressionPlan:
    """The addresses in the plan, sorted, as often as it is iterated over; ``len()`` tells how many.

    Close it, or leave its ``with`` block, to let go of its temporary file: its rows are there no more (LocalError), its
    numbers stay.
    """

    def __init__(self, database: "sqlite3.Connection", rules: Rules, within: timedelta) -> None:
        self._database = database
        self._rules = rules
        self._within = within
        #: addresses in the plan by kind ("hard", "soft")
        self.by_kind = {"hard": 0, "soft": 0}
        #: rows looked at
        self.rows = 0
        #: rows left out because a window holds them
        self.excluded = 0
        #: SOFT rows without a date, which count for nothing
        self.undated = 0
        #: HARD or SOFT rows without an address
        self.without_address = 0
        #: messages sent, as the caller said
        self.sent: Optional[int] = None

    def __len__(self) -> int:
        return sum(self.by_kind.values())

    def __iter__(self) -> Iterator[Suppression]:
        for email, id_email, kind, bounces, first, last, aware, status, bounce_cat, counted in self._records():
            status, bounce_cat = text_of(status), text_of(bounce_cat)
            why = self._rules.explain_words(bounce_cat, status)
            if kind == "soft":
                why = "{} messages came back soft within {}; of the last: {}".format(counted, _days(self._within), why)
            yield Suppression(
                text_of(email), id_email, BounceKind(kind), why, bounces, date_of(first, aware), date_of(last, aware),
                status, bounce_cat,
            )  # fmt: skip

    def _records(self) -> "Iterator[Record]":
        try:
            yield from self._database.execute(
                "SELECT email, id_email, kind, bounces, first, last, aware, status, bounce_cat, counted FROM plan"
                " ORDER BY rowid"
            )
            return
        except self._database.Error as error:
            problem = LocalError("the plan cannot be read: {}".format(str(error).rstrip(".")))
        raise problem

    def close(self) -> None:
        """Let go of the temporary file; twice is fine."""
        self._database.close()

    def __enter__(self) -> "SuppressionPlan":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __reduce__(self) -> str:
        raise TypeError("a plan of suppression cannot be copied or pickled")

    def __del__(self) -> None:
        if "_database" in vars(self):  # not where the constructor never ran
            self.close()


def suppressions(
    bounces: Iterable[Bounce],
    *,
    rules: Rules = Rules(),
    soft_count: Optional[int] = 3,
    soft_within: timedelta = timedelta(days=30),
    exclude: Sequence[Window] = (),
    sent: Optional[int] = None,
    max_share: Optional[float] = None,
) -> SuppressionPlan:
    """Plan whom to stop mailing, from the rows of one or, better, of many deliveries.

    :param rules: which kind a bounce is of
    :param soft_count: so many different messages must have come back SOFT; None means that SOFT never suffices
    :param soft_within: in so much time
    :param exclude: windows whose rows do not count
    :param sent: how many messages were sent, for the guard
    :param max_share: the guard: the largest share of *sent* that the plan may drop, such as 0.05
    :raises ConfigurationError: an argument cannot be used
    :raises PlanRefusedError: the plan would drop more than *max_share*
    :raises LocalError: no room for the temporary file, or this Python has no sqlite3

    Addresses are one where they differ only in the case of the domain. The same row given twice counts once.
    """
    _check(rules, soft_count, soft_within, sent, max_share)
    windows = _windows(exclude)
    plan = SuppressionPlan(_kept_rows(), rules, soft_within)
    try:
        _collect(plan, bounces, rules, windows)
        _choose(plan, soft_count, soft_within.total_seconds())
        plan.sent = sent
        if sent is not None and max_share is not None and len(plan) > max_share * sent:
            raise PlanRefusedError(len(plan), sent, max_share)
    except plan._database.Error as error:
        plan.close()
        problem = LocalError("cannot keep the rows in a temporary file: {}".format(error))
    except BaseException:
        plan.close()
        raise
    else:
        return plan
    raise problem


def _check(
    rules: Rules,
    soft_count: Optional[int],
    soft_within: timedelta,
    sent: Optional[int],
    max_share: Optional[float],
) -> None:
    if not isinstance(rules, Rules):
        raise ConfigurationError("rules must be Rules")
    for value, name in ((soft_count, "soft_count"), (sent, "sent")):
        if value is not None and (type(value) is not int or value < 1):
            raise ConfigurationError("{} must be a positive integer or None".format(name))
    if not isinstance(soft_within, timedelta) or soft_within <= timedelta(0):
        raise ConfigurationError("soft_within must be a positive timedelta")
    if max_share is not None:
        if isinstance(max_share, bool) or not isinstance(max_share, (int, float)) or not 0 <= max_share <= 1:
            raise ConfigurationError("max_share must be a number from 0 to 1 or None")
        if sent is None:
            raise ConfigurationError("max_share needs sent: a share of what?")


def _windows(exclude: Any) -> List[Window]:
    """*exclude* as a list, with domains as :func:`domain_of` writes them.

    :raises ConfigurationError: it is something else
    """
    windows: List[Any] = list(exclude) if isinstance(exclude, Iterable) else [None]
    if not all(isinstance(window, Window) for window in windows):
        raise ConfigurationError("exclude must be windows")
    return [
        window._replace(domain=domain_of("@" + window.domain) if window.domain else window.domain)
        for window in windows
    ]


# --- the temporary database ------------------------------------------------------------------------------------------


def _kept_rows() -> "sqlite3.Connection":
    database = temporary_database()
    database.execute(
        "CREATE TABLE row (address BLOB, hard INTEGER, moment REAL, message BLOB, email BLOB, id_email INTEGER,"
        " status BLOB, bounce_cat BLOB, aware INTEGER)"
    )
    database.execute(
        "CREATE TABLE plan (email BLOB, id_email INTEGER, kind TEXT, bounces INTEGER, first REAL, last REAL,"
        " aware INTEGER, status BLOB, bounce_cat BLOB, counted INTEGER)"
    )
    database.execute("BEGIN")
    return database


Record = Tuple[Any, ...]
_INSERT_ROW = "INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_PLAN = "INSERT INTO plan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _collect(plan: SuppressionPlan, bounces: Iterable[Bounce], rules: Rules, windows: List[Window]) -> None:
    """Keep the rows that may put an address into the plan, and count the others."""
    batch: List[Record] = []
    for bounce in bounces:
        plan.rows += 1
        kind = rules.kind(bounce)
        if kind != BounceKind.HARD and kind != BounceKind.SOFT:
            continue
        if not bounce.email:
            plan.without_address += 1
            continue
        if windows and any(window.holds(domain_of(bounce.email), bounce.date) for window in windows):
            plan.excluded += 1
            continue
        if kind == BounceKind.SOFT and bounce.date is None:
            plan.undated += 1
        batch.append(_record(bounce, kind == BounceKind.HARD))
        if len(batch) >= _BATCH:
            plan._database.executemany(_INSERT_ROW, batch)
            batch.clear()
    plan._database.executemany(_INSERT_ROW, batch)


def _record(bounce: Bounce, hard: bool) -> Record:
    email = blob(bounce.email)
    address = email
    if not bounce.email.islower():
        local, at, domain = bounce.email.rpartition("@")
        address = blob(local + at + domain.lower())
    date = bounce.date
    return (
        address, hard, None if date is None else moment_of(date), _message(bounce), None if address == email else email,
        bounce.id_email, blob(bounce.status), blob(bounce.bounce_cat), date is not None and date.tzinfo is not None,
    )  # fmt: skip


def _message(bounce: Bounce) -> bytes:
    """What tells one message from another; without ID_SEND_MESSAGE the row itself must do."""
    if bounce.id_send_message is not None:
        return b"%d %d" % (bounce.id_send, bounce.id_send_message)
    import hashlib

    row = (bounce.id_send, bounce.email, str(bounce.date), bounce.status, bounce.bounce_cat, bounce.reason)
    return hashlib.sha256(blob(repr(row))).digest()


def _choose(plan: SuppressionPlan, soft_count: Optional[int], within: float) -> None:
    """Go through the kept rows, address by address, and write down those that the plan names."""
    # HARD first, so that the decision can be the first row's; then in time; the rest so that the order of rows in the
    # reports makes no difference.
    rows = plan._database.execute(
        "SELECT address, hard, moment, message, email, id_email, status, bounce_cat, aware FROM row"
        " ORDER BY address, hard DESC, moment, message, email, id_email, status, bounce_cat"
    )
    batch: List[Record] = []
    for _, records in groupby(rows, key=itemgetter(0)):
        chosen = _chosen(records, soft_count, within)
        if chosen is not None:
            plan.by_kind[chosen[2]] += 1
            batch.append(chosen)
        if len(batch) >= _BATCH:
            plan._database.executemany(_INSERT_PLAN, batch)
            batch.clear()
    plan._database.executemany(_INSERT_PLAN, batch)
    plan._database.execute("DROP TABLE row")


def _chosen(records: Iterable[Record], soft_count: Optional[int], within: float) -> Optional[Record]:
    """One address's line of the plan, or None. Its rows pass by one by one: there may be a million."""
    decided: Optional[Record] = None
    recent: "OrderedDict[bytes, float]" = OrderedDict()  # message -> when; at most soft_count, all within the time
    count, before = 0, None
    first = last = None
    for record in records:
        hard, moment, message = same = record[1:4]
        if same != before:
            count, before = count + 1, same
            if moment is not None:
                first = moment if first is None or moment < first else first
                last = moment if last is None or moment > last else last
        if decided is not None:
            continue
        if hard:
            decided = record
        elif soft_count is not None and moment is not None:
            recent[message] = moment
            recent.move_to_end(message)
            while moment - next(iter(recent.values())) > within:
                recent.popitem(last=False)
            if len(recent) >= soft_count:
                decided = record
    if decided is None:
        return None
    address, hard, _, _, email, id_email, status, bounce_cat, aware = decided
    kind = "hard" if hard else "soft"
    return email or address, id_email, kind, count, first, last, aware, status, bounce_cat, len(recent)


# --- times -----------------------------------------------------------------------------------------------------------


def _before(date: datetime, bound: datetime) -> bool:
    """Whether *date* is before *bound*; where only one of them has a zone, by the clock on the wall."""
    if (date.tzinfo is None) != (bound.tzinfo is None):
        return date.replace(tzinfo=None) < bound.replace(tzinfo=None)
    return date < bound


def _days(span: timedelta) -> str:
    days = span.total_seconds() / 86400
    return "{:g} {}".format(days, "day" if days == 1 else "days")
