"""Old rows deleted on request: they are personal data. Nothing else ever deletes. This module needs SQLAlchemy."""

from datetime import datetime
from functools import partial
from typing import List

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .database import Database
from .delivery_table import lock
from .runs import RUNNING


def forget(database: Database, before: datetime, dry_run: bool = False) -> int:
    """Delete what is older than *before* (not in a dry run); return how many bounces that are.

    Bounces count by their date, or where that is not known by when they were first seen. Deliveries sent before go when
    they have no bounces left, and so do runs.
    """
    bounce, delivery, run = database.tables.bounce, database.tables.delivery, database.tables.run
    # Typed, since PostgreSQL compares no moment with a text.
    moment = sa.bindparam("before", before, type_=bounce.c.first_seen.type)
    is_old = sa.func.coalesce(bounce.c.date, bounce.c.first_seen, type_=bounce.c.first_seen.type) < moment

    def old(connection: Connection) -> List[int]:
        query = sa.select(bounce.c.id_send).where(is_old).distinct().order_by(bounce.c.id_send)
        return [int(row[0]) for row in connection.execute(query)]

    def delete(id_send: int, connection: Connection) -> int:
        lock(database, connection, id_send)
        done = connection.execute(bounce.delete().where(bounce.c.id_send == id_send, is_old))
        connection.execute(delivery.update().where(delivery.c.id_send == id_send).values(fingerprint=None))
        return int(done.rowcount)

    is_empty = sa.and_(delivery.c.sent_date < moment, ~sa.exists().where(bounce.c.id_send == delivery.c.id_send))

    def empty(connection: Connection) -> List[int]:
        return [int(row[0]) for row in connection.execute(sa.select(delivery.c.id_send).where(is_empty))]

    def delete_empty(id_send: int, connection: Connection) -> None:
        lock(database, connection, id_send)  # what another process has written before can be seen then
        connection.execute(delivery.delete().where(delivery.c.id_send == id_send, is_empty))

    def delete_runs(connection: Connection) -> None:
        connection.execute(run.delete().where(run.c.started_at < moment, run.c.outcome != RUNNING))

    def count(connection: Connection) -> int:
        return int(connection.execute(sa.select(sa.func.count()).select_from(bounce).where(is_old)).scalar() or 0)

    if dry_run:
        return database.transact(count)
    forgotten = sum(database.transact(partial(delete, id_send)) for id_send in database.transact(old))
    for id_send in database.transact(empty):
        database.transact(partial(delete_empty, id_send))
    database.transact(delete_runs)
    return forgotten
