"""Whom to stop mailing, and why: a plan, never an action.

An address is in the plan when one of its bounces is HARD, or when so many different messages to it came back SOFT
within so much time. BLOCK and UNKNOWN never put one there. A message counts in its newest state: a later row of it can
take an address out. A row of another message never does: it adds addresses, or makes the guard refuse all.

Rows that matter go to a private temporary database of SQLite, which keeps little in memory and has no name on disk.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ..exceptions import ConfigurationError, LocalError
from ..exceptions.boundary import raised_by_caller
from ..exceptions.redact import counted
from ..model.records import Bounce
from ..model.rules import Rules
from ..model.vocabulary import BounceKind
from .arguments import Options, Window, checked
from .counting import address_of, domain_of, percent
from .newest import NewestStates
from .scratch import blob, date_of, moment_of, sqlite, temporary_database, text_of

if TYPE_CHECKING:
    import sqlite3

__all__ = ["PlanRefusedError", "Suppression", "SuppressionPlan", "suppressions"]

_BATCH = 2000  # rows written at once


class PlanRefusedError(ConfigurationError):
    """The plan would drop a larger share than allowed: look at the rows before anything is done.

    :param addresses: addresses in the plan
    :param sent: messages sent
    :param max_share: the share of them that was allowed, such as 0.05
    """

    def __init__(self, addresses: int, sent: int, max_share: float) -> None:
        super().__init__(
            "the plan would suppress {}, {} of {} sent, and at most {} are allowed; look at the summary: a "
            "provider's outage can look like this, and a window of domain and time can be excluded".format(
                counted(addresses, "address", "addresses"),
                percent(addresses, sent),
                sent,
                "{:g} %".format(100 * max_share),
            )
        )
        self.args = (addresses, sent, max_share)
        self.addresses = addresses
        self.sent = sent
        self.max_share = max_share


class Suppression(NamedTuple):
    """One address to stop mailing, and why.

    :param email: verbatim, as in the row that decided
    :param id_email: ID_EMAIL of that row
    :param kind: HARD or SOFT
    :param why: in one sentence, safe to show
    :param bounces: messages to the address that came back HARD or SOFT, in no window; the same row counts once
    :param first: date of the first of them, in UTC, or without a time zone as in the rows; None where none has a date
    :param last: date of the last of them, likewise
    :param status: STATUS of the row that decided
    :param bounce_cat: BOUNCE_CAT of the row that decided
    """

    email: str
    id_email: Optional[int]
    kind: BounceKind
    why: str
    bounces: int
    first: Optional[datetime]
    last: Optional[datetime]
    status: str
    bounce_cat: str


class SuppressionPlan:
    """The addresses in the plan: each iteration yields a :class:`Suppression` for each, sorted; ``len()`` counts them.

    Close it, or leave its ``with`` block, to let go of its temporary file. Then an iteration raises LocalError; the
    numbers stay.

    :ivar by_kind: kind ("hard", "soft") -> addresses in the plan
    :ivar rows: rows looked at
    :ivar repeated: rows that do not count, because a later row tells of the same message
    :ivar excluded: HARD or SOFT rows that a window left out
    :ivar undated: SOFT rows without a date, which count for nothing
    :ivar without_address: HARD or SOFT rows without an address
    :ivar sent: messages sent, as the caller said; None where that is unknown
    """

    def __init__(self, database: "sqlite3.Connection", rules: Rules, within: timedelta) -> None:
        self._database = database
        self._rules = rules
        self._within = within
        self.by_kind = {"hard": 0, "soft": 0}
        self._iterations = 0
        self.rows = 0
        self.repeated = 0
        self.excluded = 0
        self.undated = 0
        self.without_address = 0
        self.sent: Optional[int] = None

    def __len__(self) -> int:
        return sum(self.by_kind.values())

    def __iter__(self) -> Iterator[Suppression]:
        for email, id_email, kind, bounces, first, last, aware, status, bounce_cat, soft in self._records():
            status, bounce_cat = text_of(status), text_of(bounce_cat)
            why = self._rules.explain_words(bounce_cat, status)
            if kind == "soft":
                within = _days(self._within)
                why = "{} came back soft within {}; of the last: {}".format(counted(soft, "message"), within, why)
            dates = date_of(first, aware), date_of(last, aware)
            number = int(id_email) if isinstance(id_email, str) else id_email
            yield Suppression(text_of(email), number, BounceKind(kind), why, bounces, *dates, status, bounce_cat)

    def _records(self) -> "Iterator[Record]":
        # Not the connection's own: a closed one refuses even to name it.
        errors = sqlite().Error
        # Each iteration has a statement of its own: of two with one text, close() of Python 3.6 forgets the second.
        self._iterations += 1
        try:
            # No "yield from": it would close the cursor of a closed database, which is refused.
            for record in self._database.execute(
                "SELECT email, id_email, kind, bounces, first, last, aware, status, bounce_cat, counted FROM plan"
                " ORDER BY rowid -- {}".format(self._iterations)
            ):
                yield record
            return
        except errors as error:
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

    A message (ID_SEND with ID_SEND_MESSAGE) counts once, by its last row. A row without ID_SEND_MESSAGE counts as it
    is, and the same row given twice once. Addresses are one that differ only in how the domain is written (case,
    punycode, a dot at its end), or in what stands around them (blanks, ``<...>``).

    :param bounces: rows of one or more deliveries
    :param rules: which kind a bounce is of
    :param soft_count: so many different messages must have come back SOFT; None means that SOFT never suffices
    :param soft_within: the time within which they must have come back
    :param exclude: windows whose rows do not count
    :param sent: messages sent, for the guard
    :param max_share: the guard: the largest share of *sent* that the plan may drop, such as 0.05
    :raises ConfigurationError: an argument cannot be used
    :raises PlanRefusedError: the plan would drop more than *max_share*
    :raises LocalError: no room for the temporary file, or this Python has no sqlite3
    """
    options = checked(rules, soft_count, soft_within, exclude, sent, max_share)
    with NewestStates(bounces) as newest:
        plan = planned(newest, options)
        plan.repeated = newest.repeated
        plan.rows += newest.repeated
    return plan


def planned(bounces: Iterable[Bounce], options: Options) -> SuppressionPlan:
    """As :func:`suppressions`, of rows that are known to be of different messages."""
    plan = SuppressionPlan(_kept_rows(), options.rules, options.soft_within)
    try:
        _collect(plan, bounces, options.rules, options.windows)
        _choose(plan, options.soft_count, options.soft_within.total_seconds())
        plan.sent = options.sent
        if options.sent is not None and options.max_share is not None:
            if _is_more(len(plan), options.sent, options.max_share):
                raise PlanRefusedError(len(plan), options.sent, options.max_share)
    except sqlite().Error as error:
        plan.close()
        if raised_by_caller(error):
            raise
        problem = LocalError("cannot keep the rows in a temporary file: {}".format(error))
    except BaseException:
        plan.close()
        raise
    else:
        return plan
    raise problem


def _is_more(count: int, total: int, share: float) -> bool:
    """Return whether *count* is more than *share* of *total*, exactly: 0.29 of 100 is 29, which floats do not say."""
    from fractions import Fraction

    return count > Fraction(repr(float(share))) * total


# --- the temporary database ------------------------------------------------------------------------------------------


def _kept_rows() -> "sqlite3.Connection":
    database = temporary_database()
    database.execute(
        "CREATE TABLE row (address BLOB, hard INTEGER, moment REAL, message BLOB, email BLOB, id_email,"
        " status BLOB, bounce_cat BLOB, aware INTEGER)"
    )
    database.execute(
        "CREATE TABLE plan (email BLOB, id_email, kind TEXT, bounces INTEGER, first REAL, last REAL,"
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
        address = address_of(bounce.email)
        if not address:
            plan.without_address += 1
            continue
        if windows:
            domain = domain_of(bounce.email)
            if any(window.holds(domain, bounce.date) for window in windows):
                plan.excluded += 1
                continue
        if kind == BounceKind.SOFT and bounce.date is None:
            plan.undated += 1
        batch.append(_record(bounce, address, kind == BounceKind.HARD))
        if len(batch) >= _BATCH:
            plan._database.executemany(_INSERT_ROW, batch)
            batch.clear()
    plan._database.executemany(_INSERT_ROW, batch)


def _record(bounce: Bounce, address: str, hard: bool) -> Record:
    date = bounce.date
    return (
        blob(address),
        hard,
        None if date is None else moment_of(date),
        _message(bounce),
        None if address == bounce.email else blob(bounce.email),
        _number(bounce.id_email),
        blob(bounce.status),
        blob(bounce.bounce_cat),
        date is not None and date.tzinfo is not None,
    )


def _number(number: Optional[int]) -> Union[int, str, None]:
    """Return *number* as SQLite can keep it: its own have 64 bits."""
    return number if number is None or -(1 << 63) <= number < 1 << 63 else str(number)


def _message(bounce: Bounce) -> bytes:
    """Return what tells one message from another; without ID_SEND_MESSAGE the row itself must do."""
    if bounce.id_send_message is not None:
        return b"%d %d" % (bounce.id_send, bounce.id_send_message)
    import hashlib

    row = (bounce.id_send, bounce.email, str(bounce.date), bounce.status, bounce.bounce_cat, bounce.reason)
    return hashlib.sha256(blob(repr(row))).digest()


def _choose(plan: SuppressionPlan, soft_count: Optional[int], within: float) -> None:
    """Go through the kept rows, address by address, and write down those that the plan names."""
    # HARD rows come first, so that the first row can decide; then rows come in time. The other columns see to it that
    # the order of rows in the reports makes no difference.
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
    """Return one address's line of the plan, or None. Its rows are gone through one by one: there may be a million."""
    decided: Optional[Record] = None
    # Message -> when it came back; at most soft_count of them, all within the time.
    recent: "OrderedDict[bytes, float]" = OrderedDict()
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


def _days(span: timedelta) -> str:
    days = span.total_seconds() / 86400
    return "{:g} {}".format(days, "day" if days == 1 else "days")


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
