"""What a run writes: its own row, the deliveries, their bounces. And what a dry run does instead: it counts.

This module needs SQLAlchemy.
"""

from datetime import datetime
from typing import Dict, Iterable, List, Optional

from sqlalchemy.engine import Connection

from ..exceptions import InvalidSendIdError, LocalError, MailkitError
from .collected import Report
from .core_table import bounce_table
from .database import Database
from .deliveries import Wanted, is_settled
from .delivery_table import lock, note, read_times, write_values
from .housekeeping import forget
from .job import Options
from .moments import text_of
from .reports import Fetched
from .runs import Run, killed_runs
from .tables import RUN_COUNTS
from .writer import BounceTable, Counts, Parameters, StoredKey, write_report

_ATTEMPTS = 10  # to write a report whose delivery another process forgets in the meantime


class Recorder:
    """Writes what a run brings into a database."""

    def __init__(self, database: Database, options: Options) -> None:
        self._database = database
        self._options = options
        for killed in killed_runs(database):
            options.tell(str(killed))
        self._run = Run(database)
        self.run_id: Optional[int] = self._run.id
        #: what is counted so far, by the names of RUN_COUNTS
        self.counts = self._run.counts

    def forget(self, before: datetime) -> int:
        """Delete what is older; return how many bounces that were."""
        return forget(self._database, before)

    def read_times(self, ids: Iterable[int]) -> Dict[int, Optional[datetime]]:
        """ID_SEND -> when the report that the database has was asked for."""
        return read_times(self._database, ids)

    def note(self) -> None:
        """Write what is counted so far."""
        self._database.transact(self._run.note)

    def record(self, fetched: Fetched, report: Report) -> Counts:
        """Write a report, in one transaction.

        :raises LocalError: the database failed, or another process deletes the delivery each time
        """
        what = "ID_SEND {}".format(fetched.delivery.id_send)
        for _ in range(_ATTEMPTS):
            note(self._database, fetched.delivery)
            counts = self._database.transact(lambda connection: self._write(connection, fetched, report), what)
            if counts is not None:
                return counts
        raise LocalError("{}: its row in mailkit_delivery is deleted again and again".format(what))

    def _write(self, connection: Connection, fetched: Fetched, report: Report) -> Optional[Counts]:
        delivery, asked_at = fetched.delivery, fetched.asked_at
        known = lock(self._database, connection, delivery.id_send)
        if known is None:
            return None  # another process has forgotten the delivery in the meantime
        if known.fetched_at is not None and known.fetched_at > asked_at:
            return Counts()  # another process has written a newer report in the meantime
        table = bounce_table(self._database, connection)
        moment = text_of(asked_at)
        if known.fingerprint == report.fingerprint and table.present(delivery.id_send) == report.rows:
            counts = Counts(unchanged=report.rows)
            table.mark_all_seen(delivery.id_send, moment)
        else:
            counts = write_report(table, delivery.id_send, report, moment)
        sent_date = delivery.sent_date or known.sent_date
        write_values(
            self._database,
            connection,
            delivery,
            row_count=report.rows,
            fetched_at=asked_at,
            settled=is_settled(sent_date, asked_at, self._options.settled_after),
            last_error=None,
            fingerprint=report.fingerprint,
        )
        self._run.note(connection, asked=1, **named(counts))
        return counts

    def fail(self, delivery: Wanted, error: MailkitError) -> None:
        """Write why there is no report of the delivery, unless only the caller says that there is such a delivery."""
        is_unknown = isinstance(error, InvalidSendIdError) and delivery.id_message is None
        if not is_unknown or self.read_times([delivery.id_send]):
            note(self._database, delivery, last_error=str(error))

    def end(self, outcome: str, error: Optional[str]) -> None:
        """Write that the run has ended."""
        self._run.end(outcome, error)


def named(counts: Counts) -> Dict[str, int]:
    """*counts* by their names in the table of runs."""
    return {name + "_rows": number for name, number in counts._asdict().items()}


# --- a dry run --------------------------------------------------------------------------------------------------------


class DryRecorder:
    """Writes nothing.

    :param database: None where it does not exist yet, or has no tables
    """

    run_id: Optional[int] = None

    def __init__(self, database: Optional[Database]) -> None:
        self._database = database
        self.counts: Dict[str, int] = dict.fromkeys(RUN_COUNTS, 0)

    def forget(self, before: datetime) -> int:
        return 0 if self._database is None else forget(self._database, before, dry_run=True)

    def read_times(self, ids: Iterable[int]) -> Dict[int, Optional[datetime]]:
        return {} if self._database is None else read_times(self._database, ids)

    def note(self) -> None:
        pass

    def record(self, fetched: Fetched, report: Report) -> Counts:
        id_send, moment = fetched.delivery.id_send, text_of(fetched.asked_at)
        if self._database is None:
            return write_report(_DryTable(None), id_send, report, moment)
        database = self._database

        def compare(connection: Connection) -> Counts:
            return write_report(_DryTable(bounce_table(database, connection)), id_send, report, moment)

        return database.transact(compare)

    def fail(self, delivery: Wanted, error: MailkitError) -> None:
        pass

    def end(self, outcome: str, error: Optional[str]) -> None:
        pass


class _DryTable(BounceTable):
    """Has the rows of *table*, if there is one, and takes no others."""

    def __init__(self, table: Optional[BounceTable]) -> None:
        self._table = table

    def keys(self, id_send: int, after: str) -> List[StoredKey]:
        return [] if self._table is None else self._table.keys(id_send, after)

    def insert(self, rows: Parameters) -> None:
        pass

    def mark_all_seen(self, id_send: int, moment: str) -> None:
        pass

    update = mark_seen = mark_gone = insert
