"""What ``sync`` wrote into a database: rows, what it knows of deliveries, and the numbers of the period before."""

import argparse
import contextlib
from typing import Dict, Generator, Iterator, List, NamedTuple, Optional, Tuple

from ..analysis.newest import NewestStates
from ..analysis.summary import Summary, Tally
from ..exceptions import ConfigurationError, MailkitError
from ..model.records import Bounce, Delivery
from ..model.rules import Rules
from ..sync import read_bounces, read_deliveries
from ..sync.moments import moment_of, utc_now
from .errors import UsageError
from .filters import Filters
from .formats.base import LeftOut


class Failure(NamedTuple):
    """A delivery that could not be read, and why."""

    id_send: int
    error: MailkitError


def about_database(error: ConfigurationError) -> UsageError:
    """Return *error*, which is about the database or an option and not about the account, with options named."""
    text = str(error)
    for option in ("--deliveries-since", "--max-age"):
        text = text.replace(option[2:].replace("-", "_") + " must", option + " must")
    if text.startswith("since must"):
        text = "--deliveries-" + text
    return UsageError(text if text.startswith("--") else "the database: " + text)


@contextlib.contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        raise about_database(error)


def of_database(db: str, since: Optional[str], left_out: LeftOut) -> Generator[Bounce, None, None]:
    """Yield the rows of the deliveries sent *since*, each message in its newest state."""
    with _named():
        stored = read_bounces(db, deliveries_since=since)
    with stored:
        yield from stored
        left_out.add(stored)


def stored_deliveries(db: str, since: Optional[str]) -> Tuple[Dict[int, Delivery], List[Failure]]:
    """Return what is known of the deliveries sent *since*, and those whose report was never read."""
    known: Dict[int, Delivery] = {}
    failures = []
    with _named():
        for stored in read_deliveries(db, since=since):
            id_send = stored.delivery.id_send or 0
            if stored.is_read:
                known[id_send] = stored.delivery
            else:
                # Whose fault it was is in its text.
                failures.append(Failure(id_send, MailkitError(stored.error or "sync has not read its report yet")))
    return known, failures


def period_before(db: str, since: str, arguments: argparse.Namespace) -> Optional[Summary]:
    """Return the numbers of the deliveries sent in the time before *since* that is as long as that from then on.

    None where there was none.
    """
    now = utc_now()
    with _named():
        end = moment_of(since, "since", now)
        try:
            start = end - (now - end)
        except OverflowError:
            return None
        known = [one.delivery for one in read_deliveries(db, since=start, before=end) if one.is_read]
        if not known:
            return None
        with read_bounces(db, deliveries_since=start, deliveries_before=end) as rows, NewestStates(rows) as newest:
            tally = Tally(Rules()).count(Filters(arguments).left(newest))
    counts = [delivery.send_count for delivery in known]
    return tally.summary(None if None in counts else sum(count or 0 for count in counts) or None, 0)
