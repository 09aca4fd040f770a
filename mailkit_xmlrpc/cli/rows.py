"""The rows that a command works on: fetched now or saved before, those that the filters leave, and their output."""

import argparse
import contextlib
import itertools
from typing import Dict, Generator, Iterable, Iterator, List, Optional, Sequence, Union

from ..analysis.newest import NewestStates
from ..client.client import MailkitClient
from ..exceptions import MailkitError
from ..exceptions.redact import counted
from ..model.records import Bounce, Delivery, Outcome
from ..report.page import Rest
from ..sync.deliveries import REFUSALS
from .database import db_of
from .errors import MACHINE, PARTLY_FAILED, DeliveryFailed, UsageError, complain, exit_code, say
from .files import is_terminal
from .filters import Filters
from .formats import render
from .formats.base import LeftOut, Piece
from .ids import are_given, distinct, ids_of, settle_days, total_of
from .options import client_of
from .saved import read_rows
from .stored import Failure, of_database, stored_deliveries
from .streams import progress, terminal, write

#: An id that is still to be asked for, or what became of one.
Report = Union[int, Outcome]

#: columns without which no number of a summary is right
DECIDING = ("id_send", "email", "status", "bounce_cat")

_ONE = dict(addresses="address", bounces="bounce", changes="change", campaigns="campaign", deliveries="delivery")


class Source:
    """The rows that a command counts: each message once, without those filtered out; and what there is to tell of them.

    :param left_out: rows of databases that are not among *rows*
    :param failures: deliveries whose rows are not among *rows*; complete when all rows have been read
    :param deliveries: what is known of the deliveries, by their numbers; likewise
    """

    def __init__(
        self,
        rows: Iterable[Bounce],
        filters: Filters,
        left_out: LeftOut,
        failures: List[Failure],
        deliveries: Dict[int, Delivery],
    ) -> None:
        self.failures = failures
        self.deliveries = deliveries
        self.filters = filters
        self._left_out = left_out
        self._newest = NewestStates(rows)
        #: in this order: an older state never stands in for a newer one that is filtered out
        self.rows = filters.left(self._newest)

    @property
    def repeated(self) -> int:
        """Rows that do not count, because a later row tells of the same message."""
        return self._newest.repeated + self._left_out.repeated

    def tell(self) -> None:
        """Say which rows did not count."""
        if self.repeated:
            say(
                "{} not counted: a later row tells of the same message (ID_SEND, ID_SEND_MESSAGE)".format(
                    counted(self.repeated, "row is", "rows are")
                )
            )
        if self._left_out.gone:
            gone, them = self._left_out.gone, "it" if self._left_out.gone == 1 else "them"
            say("{} not counted: the newest report no longer has {}".format(counted(gone, "row is", "rows are"), them))
        self.filters.tell()
        for failure in self.failures:
            say("the delivery with ID_SEND {} is missing: it could not be read".format(failure.id_send))

    def rest(self) -> Rest:
        """What a page tells beside the rows, when all of them have been read."""
        failed = {failure.id_send: failure.error for failure in self.failures}
        return Rest(self.deliveries.values(), failed, self.repeated, self.filters.left_out)

    @property
    def exit_code(self) -> int:
        """What the command ends with, when all rows have been read."""
        return PARTLY_FAILED if self.failures else 0

    def close(self) -> None:
        """Let go of the temporary file."""
        self._newest.close()


@contextlib.contextmanager
def source(arguments: argparse.Namespace, needed: Sequence[str] = DECIDING) -> Iterator[Source]:
    """Open the rows that :func:`.options.add_source` was told of.

    :param needed: columns of a file without which the numbers would be others
    :raises UsageError: not one of deliveries, a file and a database was given
    """
    db = arguments.db
    fetch = are_given(arguments)
    if not (fetch or arguments.saved or db):
        db = db_of(arguments)
    if [fetch, bool(arguments.saved), bool(db)].count(True) != 1:
        raise UsageError("give the ID_SEND of deliveries (or --campaign, --ids-from), --from FILE, or --db FILE or URL")
    if arguments.deliveries_since is not None and not db:
        raise UsageError("--deliveries-since goes with --db")
    settle_days(arguments)
    filters = Filters(arguments)
    left_out = LeftOut()
    failures: List[Failure] = []
    known: Dict[int, Delivery] = {}
    with contextlib.ExitStack() as stack:
        if db:
            known, failures = stored_deliveries(db, arguments.deliveries_since)
            if not (known or failures):
                _no_delivery(db, arguments.deliveries_since)
            rows = of_database(db, arguments.deliveries_since, left_out)
        elif arguments.saved:
            rows = _saved(arguments.saved, list(needed) + filters.needed, arguments.allow_empty, left_out)
        else:
            client = stack.enter_context(client_of(arguments))
            rows = fetched(
                client,
                distinct(ids_of(client, arguments, known)),
                total_of(arguments),
                jobs=arguments.jobs,
                keep_going=arguments.keep_going,
                counted=True,
                failures=failures,
            )
        stack.enter_context(contextlib.closing(rows))
        yield stack.enter_context(contextlib.closing(Source(rows, filters, left_out, failures, known)))


def _no_delivery(db: str, since: Optional[str]) -> None:
    """Say that a database knows no delivery sent *since*.

    :raises DeliveryFailed: it knows none at all: then nobody can say that there were no bounces
    """
    if since is None or not any(stored_deliveries(db, None)):
        say("the database: no delivery is known there; maybe sync did not run, or it failed")
        raise DeliveryFailed(MACHINE)
    say("the database: no delivery is known there that was sent in that time")


def _saved(
    paths: Iterable[str], needed: Sequence[str], allow_empty: bool, left_out: LeftOut
) -> Generator[Bounce, None, None]:
    for path in paths:
        with contextlib.closing(read_rows(path, needed, allow_empty, left_out)) as rows:
            for row in rows:
                yield row


def write_rows(
    rows: Iterable[object],
    record: type,
    columns: Sequence[str],
    arguments: argparse.Namespace,
    what: str = "bounces",
) -> int:
    """Write *rows* of the class *record* in the format and to the place that the options name; return their number.

    :param what: they are, in the line at the end of a table
    """
    path = arguments.output_file
    # On a terminal that is named as a file, too, a stranger's text moves nothing.
    raw = arguments.raw and (path is None or not is_terminal(path))
    counted = _Counted(rows, by_kind=arguments.output == "table")
    stream = terminal() if path is None else None
    pieces: Iterable[Piece] = render(counted, arguments.output, raw, stream, columns, arguments.excel, record)
    if arguments.output == "table":
        pieces = itertools.chain(pieces, counted.last_line(what))
    write(pieces, path)
    return counted.number


class _Counted(Iterator[object]):
    """Yields *rows*, and counts them; *by_kind*, too, where they have one."""

    def __init__(self, rows: Iterable[object], by_kind: bool) -> None:
        self._rows = iter(rows)
        self._by_kind = by_kind
        self._kinds: Dict[str, int] = {}
        self.number = 0

    def __next__(self) -> object:
        row = next(self._rows)
        self.number += 1
        if self._by_kind:
            kind = str(getattr(row, "kind", ""))
            self._kinds[kind] = self._kinds.get(kind, 0) + 1
        return row

    def last_line(self, what: str) -> Iterator[str]:
        """Yield the line that counts them, if there are any; it is made when all have passed."""
        if self.number:
            kinds = ["{} {}".format(number, kind) for kind, number in sorted(self._kinds.items()) if kind]
            text = counted(self.number, _ONE[what], what)
            yield text + (": " + ", ".join(kinds) if kinds else "") + "\n"


# --- fetched now ------------------------------------------------------------------------------------------------------


def fetched(
    client: MailkitClient,
    ids: Iterable[int],
    total: Optional[int] = 1,
    *,
    jobs: int = 1,
    keep_going: bool = False,
    to_file: bool = False,
    counted: bool = False,
    failures: Optional[List[Failure]] = None,
    empty: Optional[List[int]] = None,
) -> Generator[Bounce, None, None]:
    """Yield the rows of all deliveries; say which of them failed, and show how far it is.

    :param ids: of the deliveries
    :param total: how many they are; None where that is unknown
    :param jobs: calls at once
    :param keep_going: ask for the other deliveries too when one failed
    :param to_file: the rows go to a file, which must not hold half a report
    :param counted: the rows are counted, so those of a delivery that fails must not be among them: with *keep_going*,
        each report is held in memory until it is whole
    :param failures: a list, to which each delivery that failed is added
    :param empty: a list, to which each delivery is added whose report has no rows
    :raises DeliveryFailed: a delivery failed, or with ``keep_going`` all of them: then what was written must not look
        whole. Also where half a report would be in a file
    """
    failures = [] if failures is None else failures
    half = False
    asked = 0
    display = progress(total)
    display.show(0, 0)
    with contextlib.closing(_reports(client, ids, jobs, whole=counted and keep_going)) as reports:
        for report in reports:
            id_send = report.id_send if isinstance(report, Outcome) else report
            count = 0
            if report == id_send:
                # Now it is asked for; an Outcome is here already.
                display.show(asked, len(failures), id_send)
            asked += 1
            try:
                with contextlib.closing(_rows_of(client, report)) as rows:
                    for row in rows:
                        display.hide()
                        yield row
                        count += 1
            except MailkitError as error:
                display.hide()
                complain(error, "" if total == 1 else "ID_SEND {}: ".format(id_send))
                if count and not counted:
                    say(_not_whole(count, id_send))
                failures.append(Failure(id_send, error))
                half = to_file and count > 0
                if half or not keep_going:
                    break
            else:
                if empty is not None and not count:
                    empty.append(id_send)
            display.show(asked, len(failures))
    display.hide()
    # What becomes of the rows may need the descriptors of its connections.
    client.close()
    if failures and (half or not (keep_going and len(failures) < asked)):
        raise DeliveryFailed(exit_code(failures[0].error))


def _not_whole(count: int, id_send: int) -> str:
    printed, are = counted(count, "row"), "is" if count == 1 else "are"
    return "the {} printed of ID_SEND {} {} not its whole report".format(printed, id_send, are)


def _rows_of(client: MailkitClient, report: Report) -> Generator[Bounce, None, None]:
    """Yield the rows of one delivery.

    :raises MailkitError: what went wrong with it
    """
    if isinstance(report, Outcome):
        yield from report.unwrap()
    else:
        with client.iter_bounces(report) as rows:
            yield from rows


def _reports(client: MailkitClient, ids: Iterable[int], jobs: int, whole: bool) -> Generator[Report, None, None]:
    """Yield the report of each of *ids*: one after the other, or with *jobs* at once in the order of their ends.

    :param whole: yield outcomes, and no ids that are still to be asked for
    """
    if jobs == 1 and not whole:
        yield from ids
        return
    refused = False
    with client.iter_many(ids, max_workers=jobs) as outcomes:
        try:
            for outcome in outcomes:
                refused = refused or isinstance(outcome.error, REFUSALS)
                yield outcome
        except REFUSALS:
            # The outcomes have told of it already, or else it was the campaign that was refused.
            if not refused:
                raise
