"""The table ``mailkit_bounce`` by SQLAlchemy Core, for all databases but SQLite. This module needs SQLAlchemy."""

from typing import Dict, List, Tuple, Union

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .database import Database
from .sqlite import SqliteTable
from .stored import CHANGED, COLUMNS
from .writer import PAGE, BounceTable, Parameters, StoredKey

_INSERT = "INSERT INTO mailkit_bounce ({}) VALUES ({})".format(", ".join(COLUMNS), ", ".join(["%s"] * len(COLUMNS)))


def bounce_table(database: Database, connection: Connection) -> "Union[CoreTable, SqliteTable]":
    """The table in the transaction of *connection*."""
    if database.name == "sqlite":
        # By its own driver: SQLAlchemy's way with parameters would take longer than SQLite itself.
        return SqliteTable(connection.connection.dbapi_connection)  # type: ignore[arg-type]  # sqlite3's
    return CoreTable(database.tables.bounce, connection)


class CoreTable(BounceTable):
    """The table in the transaction of a *connection*."""

    def __init__(self, table: sa.Table, connection: Connection) -> None:
        self._table = table
        self._connection = connection

    def keys(self, id_send: int, after: str) -> List[StoredKey]:
        row = self._table.c
        query = sa.select(row.message_key, row.digest, row.gone_at)
        query = query.where(row.id_send == id_send, row.message_key > after).order_by(row.message_key).limit(PAGE)
        return [tuple(found) for found in self._connection.execute(query)]

    def present(self, id_send: int) -> int:
        """How many rows of the delivery are not gone."""
        row = self._table.c
        query = sa.select(sa.func.count()).select_from(self._table)
        query = query.where(row.id_send == id_send, row.gone_at.is_(None))
        return int(self._connection.execute(query).scalar() or 0)

    def insert(self, rows: Parameters) -> None:
        dialect = self._connection.dialect
        if dialect.paramstyle in ("format", "pyformat") and dialect.driver != "psycopg2":
            self._connection.exec_driver_sql(_INSERT, rows)  # half the time: nothing is done to a row on its way
        else:  # for psycopg2 SQLAlchemy writes many rows with one statement, which it does not do by itself
            self._connection.execute(self._table.insert(), [dict(zip(COLUMNS, row)) for row in rows])

    def update(self, rows: Parameters) -> None:
        self._write(CHANGED, rows, gone_at=None)

    def mark_seen(self, rows: Parameters) -> None:
        self._write(("last_seen",), rows)

    def mark_all_seen(self, id_send: int, moment: str) -> None:
        row = self._table.c
        change = self._table.update().where(row.id_send == id_send, row.gone_at.is_(None)).values(last_seen=moment)
        self._connection.execute(change)

    def mark_gone(self, rows: Parameters) -> None:
        self._write(("gone_at",), rows)

    def _write(self, columns: Tuple[str, ...], rows: Parameters, **same: object) -> None:
        """Set *columns* of single rows: their values, then the two parts of the key."""
        row = self._table.c
        key = row.id_send == sa.bindparam("its_id_send"), row.message_key == sa.bindparam("its_message_key")
        values: Dict[str, object] = {name: sa.bindparam("new_" + name) for name in columns}
        change = self._table.update().where(*key).values(**values, **same)
        names = ["new_" + name for name in columns] + ["its_id_send", "its_message_key"]
        self._connection.execute(change, [dict(zip(names, row)) for row in rows])
