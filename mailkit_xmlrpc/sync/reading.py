"""The bounces and the deliveries in a database, read back."""

import contextlib
from datetime import datetime
from typing import TYPE_CHECKING, Generator, Iterator, List, NamedTuple, Optional

from ..exceptions import ConfigurationError
from ..exceptions.boundary import boundary
from ..model.records import Bounce, Delivery
from .extra import require_sqlalchemy
from .moments import Since, moment_of, span_of, utc_now
from .newest import SELECTED, Newest, SelectedRow

if TYPE_CHECKING:
    from .database import Database

__all__ = ["StoredBounces", "read_bounces"]


@boundary
def read_bounces(
    db: object, *, deliveries_since: Optional[Since] = None, deliveries_before: Optional[Since] = None
) -> "StoredBounces":
    """Return the bounces that ``sync()`` brought into the database *db*: each message once, in its newest state.

    :param db: as for :func:`sync`
    :param deliveries_since: only of deliveries sent since: a date, a text like ``2024-03-01``, or a span such as
        ``30d``; deliveries whose date is not known are left out
    :param deliveries_before: likewise, only of deliveries sent before then
    :raises ConfigurationError: an argument cannot be used, or there are no tables of ours
    :raises LocalError: the database failed
    """
    since, before = _moment(deliveries_since, "deliveries_since"), _moment(deliveries_before, "deliveries_before")
    return StoredBounces(_opened(db), since, before)


class StoredDelivery(NamedTuple):
    """A delivery that ``sync()`` knows of.

    :param delivery: as its campaign told it; without a subject and a date where nobody told it
    :param is_read: whether its report was ever read
    :param error: why the last attempt to read it failed, as text; "" where it did not
    """

    delivery: Delivery
    is_read: bool
    error: str


@boundary
def read_deliveries(
    db: object, *, since: Optional[Since] = None, before: Optional[Since] = None
) -> List[StoredDelivery]:
    """Return the deliveries in the database *db*, sorted by ID_SEND.

    :param since: only those sent since; as of :func:`read_bounces`
    :param before: only those sent before
    :raises ConfigurationError: an argument cannot be used, or there are no tables of ours
    :raises LocalError: the database failed
    """
    first, end = _moment(since, "since"), _moment(before, "before")
    with contextlib.closing(_opened(db)) as database:
        from .delivery_table import read_all

        return [
            StoredDelivery(
                Delivery(id_message or 0, id_send, subject or "", "", date, count, None, None, None, None, None, ""),
                fetched_at is not None,
                error or "",
            )
            for id_send, id_message, subject, date, count, fetched_at, error in read_all(database, first, end)
        ]


def _moment(value: Optional[Since], name: str) -> Optional[datetime]:
    return None if value is None else moment_of(value, name, utc_now())


class KnownDeliveries(NamedTuple):
    """What a database knows of its deliveries.

    :ivar deliveries: how many they are
    :ivar unknown: those of them whose report was never read, not read when it was last asked for, or is too old
    :ivar sent: messages sent; None where that is unknown of one of them
    """

    deliveries: int
    unknown: int
    sent: Optional[int]


@boundary
def known_deliveries(
    db: object, deliveries_since: Optional[Since] = None, max_age: Optional[str] = None
) -> KnownDeliveries:
    """Return what the database *db* knows of its deliveries.

    :param deliveries_since: as for :func:`read_bounces`
    :param max_age: a span such as ``30h``: a report that is not final and was read longer ago is too old
    :raises ConfigurationError: an argument cannot be used, or there are no tables of ours
    :raises LocalError: the database failed
    """
    now = utc_now()
    since = None if deliveries_since is None else moment_of(deliveries_since, "deliveries_since", now)
    oldest = None if max_age is None else now - span_of(max_age, "max_age")
    with contextlib.closing(_opened(db)) as database:
        import sqlalchemy as sa

        from .delivery_table import sent_within

        row = database.tables.delivery.c
        query = sa.select(row.send_count, row.fetched_at, row.settled, row.last_error)
        query = sent_within(query, database.tables.delivery, since, None)
        found = database.transact(lambda connection: connection.execute(query).fetchall())
    unknown = 0
    for one in found:
        is_old = oldest is not None and not one.settled and one.fetched_at is not None and one.fetched_at < oldest
        unknown += one.fetched_at is None or one.last_error is not None or is_old
    counts = [one.send_count for one in found]
    return KnownDeliveries(len(found), unknown, None if None in counts else sum(counts))


def _opened(db: object) -> "Database":
    require_sqlalchemy()
    from .database import opened

    database = opened(db, make=False)
    if database is None:
        raise ConfigurationError("there is no such file, or no table of sync in the database: run sync first")
    return database


class StoredBounces(Iterator[Bounce]):
    """An iterator of :class:`Bounce`; also a context manager. Memory does not grow with the table.

    :raises LocalError: the database failed; then the rows seen are not all
    """

    def __init__(self, database: "Database", since: Optional[datetime], before: Optional[datetime]) -> None:
        self._database = database
        self._selected = _selected(database, since, before)
        try:
            self._newest = Newest(self._selected)
        except BaseException:
            database.close()
            raise

    @property
    def gone(self) -> int:
        """Rows left out so far, because the newest report has them no more."""
        return self._newest.gone

    @property
    def repeated(self) -> int:
        """Rows left out so far, because their message has a newer state."""
        return self._newest.repeated

    def __iter__(self) -> "StoredBounces":
        return self

    def __next__(self) -> Bounce:
        bounce = self._read()
        if bounce is None:
            self.close()
            raise StopIteration
        return bounce

    @boundary
    def _read(self) -> Optional[Bounce]:
        return next(self._newest, None)

    def close(self) -> None:
        """Let go of the connection; twice is fine."""
        self._selected.close()
        self._database.close()

    def __del__(self) -> None:
        # Left early and dropped: a connection that dies before what is read from it makes drivers complain.
        self.close()

    def __enter__(self) -> "StoredBounces":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _selected(
    database: "Database", since: Optional[datetime], before: Optional[datetime]
) -> Generator[SelectedRow, None, None]:
    import sqlalchemy as sa

    from .database_errors import errors
    from .delivery_table import sent_within

    bounce, delivery = database.tables.bounce, database.tables.delivery
    query = sa.select(*[bounce.c[name] for name in SELECTED]).order_by(bounce.c.id_send, bounce.c.message_key)
    if since is not None or before is not None:
        query = query.where(bounce.c.id_send.in_(sent_within(sa.select(delivery.c.id_send), delivery, since, before)))
    with errors(database.engine), database.engine.connect() as connection:
        streaming = connection.execution_options(stream_results=True, max_row_buffer=1000)
        with contextlib.closing(streaming.execute(query)) as found:
            for row in found:
                yield tuple(row)
