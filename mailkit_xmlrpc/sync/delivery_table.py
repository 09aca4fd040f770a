"""The table ``mailkit_delivery``: what is known of each delivery, and the lock on it. This module needs SQLAlchemy."""

from datetime import datetime
from typing import Any, Dict, Iterable, List, NamedTuple, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .database import Database
from .deliveries import Wanted
from .stored import storable

_AT_ONCE = 500  # ids in one query


class Known(NamedTuple):
    """What the table has of a delivery."""

    #: when the report that the table of bounces has was asked for; None: there is none
    fetched_at: Optional[datetime]
    #: of that report; None where its rows may have been changed since
    fingerprint: Optional[str]
    #: when the delivery was sent, as far as it is known
    sent_date: Optional[datetime]


def read_times(database: Database, ids: Iterable[int]) -> Dict[int, Optional[datetime]]:
    """ID_SEND -> when its report was asked for, for those of *ids* that the table has."""
    all_ids = list(ids)
    row = database.tables.delivery.c

    def read(connection: Connection) -> Dict[int, Optional[datetime]]:
        found: Dict[int, Optional[datetime]] = {}
        for start in range(0, len(all_ids), _AT_ONCE):
            some: List[int] = all_ids[start : start + _AT_ONCE]
            query = sa.select(row.id_send, row.fetched_at).where(row.id_send.in_(some))
            found.update((id_send, fetched_at) for id_send, fetched_at in connection.execute(query))
        return found

    return database.transact(read)


def sent_within(query: Any, table: sa.Table, since: Optional[datetime], before: Optional[datetime]) -> Any:
    """*query* of the *table*, but for deliveries sent earlier than *since*, not *before*, or at a time not known."""
    if since is not None:
        query = query.where(table.c.sent_date >= sa.bindparam("since", since, type_=table.c.sent_date.type))
    if before is not None:
        query = query.where(table.c.sent_date < sa.bindparam("before", before, type_=table.c.sent_date.type))
    return query


def read_all(database: Database, since: Optional[datetime], before: Optional[datetime]) -> List[Any]:
    """What is known of the deliveries sent since and before: id_send, id_message, subject, sent_date, send_count,
    fetched_at, last_error; sorted by id_send."""
    table = database.tables.delivery
    row = table.c
    query = sa.select(
        row.id_send, row.id_message, row.subject, row.sent_date, row.send_count, row.fetched_at, row.last_error
    ).order_by(row.id_send)
    found = sent_within(query, table, since, before)
    return database.transact(lambda connection: list(connection.execute(found)))


def note(database: Database, delivery: Wanted, **values: object) -> None:
    """Write *values* of *delivery*, with what its campaign tells; make its row where there is none."""
    table = database.tables.delivery

    def write(connection: Connection) -> None:
        this = table.c.id_send == delivery.id_send
        if connection.execute(sa.select(table.c.id_send).where(this)).first() is None:
            try:
                with connection.begin_nested():
                    connection.execute(table.insert().values(id_send=delivery.id_send, settled=False))
            except sa.exc.IntegrityError:  # another process did
                pass
        if values:
            write_values(database, connection, delivery, **values)

    database.transact(write)


def lock(database: Database, connection: Connection, id_send: int) -> Optional[Known]:
    """Lock the row of the delivery for the rest of the transaction, and return what is known; None where it has none.

    Where another process has the lock, the database says so at once, and the transaction is to be repeated. SQLite has
    locked the whole file when the transaction began.
    """
    row = database.tables.delivery.c
    query = sa.select(row.fetched_at, row.fingerprint, row.sent_date).where(row.id_send == id_send)
    found = connection.execute(query.with_for_update(nowait=True)).first()
    return None if found is None else Known(*found)


def write_values(database: Database, connection: Connection, delivery: Wanted, **values: object) -> None:
    """Write *values* of *delivery*, with what its campaign tells, in the transaction of *connection*."""
    table = database.tables.delivery
    if delivery.id_message is not None:  # else nobody was asked, and what is there stays
        values.update(
            id_message=delivery.id_message,
            subject=storable(delivery.subject or ""),
            sent_date=delivery.sent_date,
            send_count=delivery.send_count,
        )
    connection.execute(table.update().where(table.c.id_send == delivery.id_send).values(**values))
