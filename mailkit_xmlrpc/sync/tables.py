"""The four tables, for SQLAlchemy. This module needs it.

What was found by trying, on PostgreSQL 15 and MariaDB 10.11:

* MariaDB cannot have a TEXT as a key, and its default collation takes ``a``, ``A``, ``á`` and ``a`` with a blank behind
  it for one. So keys are VARCHAR in ASCII, and texts have a binary collation without padding.
* MariaDB's TEXT ends after 65,535 bytes, and a REASON may be longer: MEDIUMTEXT.
* Keys must sort as Python sorts them: binary, which is ``"C"`` on PostgreSQL.
* PostgreSQL refuses a long text in an ordinary index: the one of addresses is a hash index.
* A driver drops the zone of a datetime without a word. So moments are in UTC before they get here.

There are no foreign keys. ``extra`` is TEXT: PostgreSQL's jsonb refuses ``\\u0000``.
"""

import re
from datetime import datetime
from typing import Callable, List, NamedTuple, Optional, TypeVar, Union

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeEngine

# Every night writes last_seen of the rows that are not settled. With room on its page, a new version of a row takes no
# new entries in the indexes. (CREATE TABLE itself could say so with SQLAlchemy 2.1 only.)
_ROOM = "ALTER TABLE mailkit_bounce SET (fillfactor = 60)"
#: makes of a value what the driver wants, or gives
Processor = Callable[[object], object]
_Value = TypeVar("_Value")
_MYSQLS = ("mysql", "mariadb")


class SqliteMoment(sa.types.UserDefinedType):  # type: ignore[type-arg]  # generic in 2.x, not in 1.4
    """A moment in SQLite: a text. It takes texts as they are: formatting each would cost as much as writing a row."""

    cache_ok = True

    def get_col_spec(self, **options: object) -> str:
        return "DATETIME"

    def bind_processor(self, dialect: sa.engine.Dialect) -> Processor:
        return lambda value: value.isoformat(" ") if isinstance(value, datetime) else value

    def result_processor(self, dialect: sa.engine.Dialect, coltype: object) -> Processor:
        return _read_moment


def _read_moment(text: object) -> Optional[datetime]:
    if not isinstance(text, str):
        return None
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f" if "." in text else "%Y-%m-%d %H:%M:%S")


class Tables(NamedTuple):
    """The tables; ``metadata`` has them all."""

    metadata: sa.MetaData
    delivery: sa.Table
    bounce: sa.Table
    run: sa.Table
    schema: sa.Table


def tables(is_mysql: bool = False) -> Tables:
    """Make the tables' description.

    :param is_mysql: whether it is for MySQL itself, whose collation without padding has another name than MariaDB's
    """
    collation = "utf8mb4_0900_bin" if is_mysql else "utf8mb4_nopad_bin"
    text = _mysql(sa.Text(), mysql.MEDIUMTEXT(charset="utf8mb4", collation=collation))
    moment = _mysql(sa.DateTime(), mysql.DATETIME(fsp=6)).with_variant(SqliteMoment(), "sqlite")
    second = sa.DateTime().with_variant(SqliteMoment(), "sqlite")
    number = sa.BigInteger()
    metadata = sa.MetaData()

    def table(name: str, *content: sa.schema.SchemaItem) -> sa.Table:
        return sa.Table(
            name,
            metadata,
            *content,
            mysql_engine="InnoDB",
            mariadb_engine="InnoDB",
            mysql_default_charset="utf8mb4",
            mariadb_default_charset="utf8mb4",
        )

    delivery = table(
        "mailkit_delivery",
        sa.Column("id_send", number, primary_key=True, autoincrement=False),
        sa.Column("id_message", number),
        sa.Column("subject", text),
        sa.Column("sent_date", second),
        sa.Column("send_count", number),
        sa.Column("row_count", number),
        sa.Column("fetched_at", moment),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("last_error", text),
        sa.Column("fingerprint", _word(64)),
    )
    bounce = table(
        "mailkit_bounce",
        sa.Column("id_send", number, nullable=False),
        sa.Column("message_key", _word(64), nullable=False),
        sa.Column("email", text, nullable=False),
        sa.Column("id_email", number),
        sa.Column("id_user_list", number),
        sa.Column("id_send_message", number),
        sa.Column("date", second),
        sa.Column("date_text", _word(64)),
        sa.Column("status", text, nullable=False),
        sa.Column("email_status", text, nullable=False),
        sa.Column("bounce_cat", text, nullable=False),
        sa.Column("reason", text, nullable=False),
        sa.Column("extra", text, nullable=False),
        sa.Column("kind", _word(16), nullable=False),
        sa.Column("digest", _word(64), nullable=False),
        sa.Column("first_seen", second, nullable=False),
        sa.Column("last_seen", second, nullable=False),
        sa.Column("changed_at", second),
        sa.Column("gone_at", second),
        sa.PrimaryKeyConstraint("id_send", "message_key"),
    )
    room = sa.DDL(_ROOM)  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it
    sa.event.listen(bounce, "after_create", room.execute_if(dialect="postgresql"))
    sa.Index(
        "mailkit_bounce_email",
        bounce.c.email,
        postgresql_using="hash",
        mysql_length=191,
        mariadb_length=191,
    )
    run = table(
        "mailkit_run",
        sa.Column("id", number.with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("alive_at", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("outcome", _word(16), nullable=False),
        sa.Column("process", sa.String(255), nullable=False),
        sa.Column("version", _word(32), nullable=False),
        *[sa.Column(name, number, nullable=False) for name in RUN_COUNTS],
        sa.Column("error", text),
    )
    schema = table("mailkit_schema", sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False))
    return Tables(metadata, delivery, bounce, run, schema)


#: what a run counts: deliveries (found, asked, failed, settled), then rows
RUN_COUNTS = (
    "deliveries",
    "asked",
    "failed",
    "settled",
    "new_rows",
    "changed_rows",
    "unchanged_rows",
    "gone_rows",
    "forgotten_rows",
)


def _mysql(kind: "TypeEngine[_Value]", variant: "TypeEngine[_Value]") -> "TypeEngine[_Value]":
    for name in _MYSQLS:
        kind = kind.with_variant(variant, name)
    return kind


def _word(length: int) -> "TypeEngine[str]":
    """A short text of ASCII that is compared and sorted byte by byte."""
    word = _mysql(sa.String(length), mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"))
    return word.with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


def ddl(described: Tables, dialect: sa.engine.Dialect) -> List[str]:
    """The statements that make the tables."""
    statements: List[Union[CreateTable, CreateIndex]] = []
    for table in described.metadata.sorted_tables:
        statements.append(CreateTable(table))
        statements += [CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name))]
    written = [
        re.sub(" +\n", "\n", str(statement.compile(dialect=dialect)).strip().replace("\t", "    "))
        for statement in statements
    ]
    return written + ([_ROOM] if dialect.name == "postgresql" else [])
