"""The tables: the same from the standard library as from SQLAlchemy, printed without a connection, as documented."""

import sqlite3
from pathlib import Path

import pytest

from mailkit_xmlrpc.sync.sqlite import store_reports
from mailkit_xmlrpc.sync.stored import COLUMNS
from tests.support import databases

DOCS = Path(__file__).resolve().parents[2] / "docs" / "nightly.rst"


def layout(path, table):
    """What SQLite knows of a table's columns and indexes."""
    database = sqlite3.connect(str(path))
    try:
        columns = database.execute("PRAGMA table_info({})".format(table)).fetchall()
        indexes = database.execute("PRAGMA index_list({})".format(table)).fetchall()
        return columns, sorted(
            (index[1], database.execute("PRAGMA index_info({})".format(index[1])).fetchall()) for index in indexes
        )
    finally:
        database.close()


def test_same_tables_with_and_without_sqlalchemy(sqlite_nights, tmp_path):
    """What ``fetch -o sqlite`` makes is what ``sync`` makes, column by column, and each goes on with the other's."""
    from mailkit_xmlrpc.sync.collected import report_of

    bare = tmp_path / "bare.db"
    rows = sqlite_nights.client
    sqlite_nights.add(
        1, [{"EMAIL": "a@example.com", "ID_SEND_MESSAGE": 5, "STATUS": "5.1.1", "DATE": "2024-03-01 08:00:00"}]
    )
    store_reports(str(bare), [(1, report_of(rows.bounces(1)))])
    sqlite_nights.run()
    made = tmp_path / "bounces.db"
    for table in ("mailkit_bounce", "mailkit_schema"):
        assert layout(bare, table) == layout(made, table)
    assert [column[1] for column in layout(bare, "mailkit_bounce")[0]] == list(COLUMNS)
    sqlite_nights.db = str(bare)
    assert sqlite_nights.run().unchanged == 1
    (counts,) = store_reports(str(made), [(1, report_of(rows.bounces(1)))])
    assert counts.unchanged == 1
    sqlite_nights.db = str(made)
    assert sqlite_nights.run().unchanged == 1


@pytest.mark.usefixtures("sqlite_db")
@pytest.mark.parametrize(
    "db, word",
    [
        ("x.db", "DATETIME"),
        ("postgresql+psycopg2://nobody@nowhere.invalid/x", "USING hash"),
        ("mysql+pymysql://nobody@nowhere.invalid/x", "utf8mb4_nopad_bin"),
    ],
)
def test_printed_ddl(db, word, tmp_path, monkeypatch):
    """The statements are printed for each kind of database, and nobody connects or makes a file."""
    from mailkit_xmlrpc.sync.database import printed_ddl

    for module in ("psycopg2", "pymysql"):
        try:
            databases.module(module)
        except databases.Missing as missing:
            pytest.skip(str(missing))
    monkeypatch.chdir(tmp_path)
    printed = printed_ddl(db)
    assert word in printed and printed.count("CREATE TABLE") == 4 and printed.count("CREATE INDEX") == 1
    assert list(tmp_path.iterdir()) == []


def test_printed_ddl_works(nights):
    """The tables that were made of the printed statements are those that the job uses."""
    from mailkit_xmlrpc.sync.database import printed_ddl

    for statement in printed_ddl(nights.db).split(";\n")[:-1]:
        nights.execute(statement)
    nights.add(1, [])
    assert nights.run().asked == 1
