"""A database by its URL: what cannot be used is said, nothing secret is shown, and what may pass is tried again."""

import gc
import os
import stat
import sys
import traceback

import pytest

from mailkit_xmlrpc import ConfigurationError, LocalError, MailkitClient
from mailkit_xmlrpc.sync import SyncResult, read_bounces, sync
from tests.support.databases import KINDS, SERVERS
from tests.support.nights import report

SERVER_KINDS = [kind for kind in KINDS if kind != "sqlite"]
NEEDS_NAME = "db must be the name of a file, or a URL like postgresql+psycopg://user@host/name"
NO_KIND = "there is no kind of database that is called "
CLIENT = MailkitClient(1234567, "0123456789abcdef0123456789abcdef", url="http://127.0.0.1:9/", retry=None, proxy="")


def shown(error):
    """All that an error reporter would collect of *error*."""
    texts = [str(error), repr(error)]
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith(os.path.dirname(os.path.dirname(__file__))):
            continue
        texts += [repr(value) for value in frame.f_locals.values()]
    assert error.__cause__ is None and error.__context__ is None
    return "\n".join(texts)


@pytest.mark.usefixtures("sqlite_db")
@pytest.mark.parametrize(
    "db, words",
    [
        ("", NEEDS_NAME),
        (b"bounces.db", NEEDS_NAME),
        (5, NEEDS_NAME),
        (None, NEEDS_NAME),
        ("postgresql://user:s3cret@host:port/name", NEEDS_NAME),
        ('"postgresql://user:s3cret@host/name"', NEEDS_NAME),
        (" postgresql://user:s3cret@host/name", NEEDS_NAME),
        ("postgresql-psycopg://user:s3cret@host/name", NEEDS_NAME),
        ("postgresql+psycopg//user:s3cret@host/name", NEEDS_NAME),
        ("postgresql:/host/s3cret", NEEDS_NAME),
        ("postgresql//host/name?password=s3cret", NEEDS_NAME),
        ("sqlite://", "a database of SQLite must be a file: sqlite:///bounces.db"),
        ("sqlite:///:memory:", "a database of SQLite must be a file: sqlite:///bounces.db"),
        ("nosuch://user:s3cret@host/name", NO_KIND + "nosuch"),
        ("nosuch+s3cret://host/name", NO_KIND + "nosuch"),
        (
            "oracle+cx_oracle://user:s3cret@host/name",
            "the driver cx_Oracle of the database is not installed: pip install cx_Oracle",
        ),
        ("postgres://user:s3cret@host/name", NO_KIND + "postgres; did you mean postgresql?"),
        (
            "sqlite:////nonexistent/folder/x.db",
            "the database's file /nonexistent/folder/x.db cannot be made: there is no folder /nonexistent/folder: "
            "make it first",
        ),
        ("/" + 300 * "x", "the database's file /{} cannot be made: File name too long".format(300 * "x")),
        ("sqlite:///s3cret.db?timeout=soon", "the database's URL has a part that cannot be used"),
    ],
)
def test_url_that_cannot_be_used(db, words):
    """A URL that cannot be used is refused, and nothing of it is shown."""
    with pytest.raises(ConfigurationError) as caught:
        sync(CLIENT, db)
    assert str(caught.value) == words and "s3cret" not in shown(caught.value)


@pytest.mark.usefixtures("sqlite_db")
@pytest.mark.parametrize("kind, driver", [("postgresql", "+psycopg2"), ("mariadb", "+pymysql"), ("sqlite", "")])
def test_driver_that_this_sqlalchemy_does_not_know(kind, driver):
    """It is said which driver every version of SQLAlchemy knows: psycopg came with 2.0."""
    import sqlalchemy

    with pytest.raises(ConfigurationError) as caught:
        sync(CLIENT, kind + "+s3cret://host/name")
    words = "SQLAlchemy {} knows no such driver for {}: begin the URL with {}://"
    assert str(caught.value) == words.format(sqlalchemy.__version__, kind, kind + driver)


def test_file_is_its_owners(sqlite_nights, tmp_path):
    """A new file is readable by its owner alone; a name without a scheme is a file, and so is a path."""
    path = tmp_path / "anna@example.com" / "x.db at 12:00"
    path.parent.mkdir()
    sqlite_nights.add(1, report(2))
    for db in (str(path), path, "sqlite:///{}".format(path)):
        if not hasattr(os, "fspath") and db is path:
            continue
        assert isinstance(sync(sqlite_nights.client, db), SyncResult)
        assert len(list(read_bounces(db))) == 2
    assert stat.S_IMODE(os.stat(str(path)).st_mode) == 0o600
    assert os.listdir(str(path.parent)) == [path.name]


@pytest.mark.parametrize("db", SERVER_KINDS, indirect=True)
def test_server_that_refuses(db):
    """What the server refuses is a LocalError with the driver's class, and never its text or the password."""
    from sqlalchemy.engine.url import make_url

    url = make_url(db)
    for changed in (url.set(username="nobody", password="s3cret"), url.set(database="s3cret_none"), url.set(port=9)):
        with pytest.raises(LocalError) as caught:
            sync(CLIENT, changed.render_as_string(hide_password=False))
        assert str(caught.value).startswith("the database failed (p") and "OperationalError" in str(caught.value)
        assert "s3cret" not in shown(caught.value) and "nobody" not in shown(caught.value)


def test_tables_of_another_version(nights):
    """Tables of another version are left alone."""
    nights.run(ids=[])
    nights.execute("INSERT INTO mailkit_schema VALUES (2)")
    for use in (nights.run, nights.back):
        with pytest.raises(ConfigurationError, match="have version 2, and this package writes version 1"):
            use()


def test_nothing_to_read(nights):
    """A database without our tables has nothing to be read."""
    with pytest.raises(ConfigurationError, match="no such file, or no table of sync in the database: run sync first"):
        nights.back()


def test_reading_left_early(nights, caplog):
    """An iterator that is dropped before its end lets go of the database, without a word of any driver."""
    nights.add(1, report(3))
    nights.run()
    assert next(read_bounces(nights.db)).id_send == 1
    assert any(bounce.kind == "hard" for bounce in read_bounces(nights.db))
    gc.collect()
    assert caplog.records == []


@pytest.mark.parametrize("db", ["psycopg2"], indirect=True)
def test_encoding_that_cannot_hold_every_text(nights):
    """A database of PostgreSQL that is not in UTF-8 is refused, with what to do."""
    from sqlalchemy.engine.url import make_url

    name = make_url(nights.db).query["options"].rpartition("=")[2] + "_latin"
    options = "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    nights.execute_alone("CREATE DATABASE {} {}".format(name, options))
    try:
        with pytest.raises(ConfigurationError, match="has the encoding SQL_ASCII, which cannot hold every text"):
            sync(CLIENT, make_url(nights.db).set(database=name).render_as_string(hide_password=False))
    finally:
        nights.execute_alone("DROP DATABASE {}".format(name))


def test_tables_made_at_the_same_time(nights, monkeypatch):
    """Where another process makes a table in the meantime, the job goes on."""
    import sqlalchemy as sa

    left, create_all = iter([1]), sa.MetaData.create_all

    def failing(metadata, connection, **options):
        if next(left, None) is not None:
            connection.execute(sa.text("CREATE TABLE nonsense ("))
        create_all(metadata, connection, **options)

    monkeypatch.setattr(sa.MetaData, "create_all", failing)
    assert nights.run(ids=[]).failed == 0


def test_killed_while_tables_are_made(nights):
    """What a job that was killed has not made is made by the next one, the index too."""
    import sqlalchemy as sa

    nights.run(ids=[])
    nights.execute("DROP INDEX mailkit_bounce_email" + (" ON mailkit_bounce" if "mysql" in nights.db else ""))
    for name in ("delivery", "run", "schema"):
        nights.execute("DROP TABLE mailkit_" + name)
    nights.add(1, report(3))
    nights.run()
    nights.check()
    engine = sa.create_engine(nights.db)
    (index,) = sa.inspect(engine).get_indexes("mailkit_bounce")
    engine.dispose()
    assert index["name"] == "mailkit_bounce_email"


@pytest.mark.parametrize("db", ["psycopg2"], indirect=True)
def test_tables_that_cannot_be_made(db):
    """Where no tables can be made, the database has failed."""
    with pytest.raises(LocalError, match="the database failed .psycopg2.errors.InvalidSchemaName, code 3F000"):
        sync(CLIENT, db.rpartition("%3D")[0] + "%3Dnone")


def test_version_that_another_process_wrote(sqlite_nights):
    """What another process wrote in the meantime is as good as ours."""
    sqlite_nights.run(ids=[])
    sqlite_nights.execute("DELETE FROM mailkit_schema")
    sqlite_nights.execute("CREATE TRIGGER is_there BEFORE INSERT ON mailkit_schema BEGIN SELECT RAISE(ABORT, ''); END")
    sqlite_nights.add(1, report(2))
    assert sqlite_nights.run().new == 2


@pytest.mark.parametrize("db", ["psycopg2", "pymysql"], indirect=True)
def test_delivery_that_another_process_wrote(nights):
    """So is the row of a delivery."""
    import sqlalchemy as sa
    from sqlalchemy.engine import Engine

    left = iter([1])

    def listener(connection, cursor, statement, *_):
        if statement.startswith("INSERT INTO mailkit_delivery") and next(left, None) is not None:
            nights.execute("INSERT INTO mailkit_delivery (id_send, settled) VALUES (1, :no)", no=False)

    nights.add(1, report(2))
    sa.event.listen(Engine, "before_cursor_execute", listener)
    try:
        assert nights.run().new == 2
    finally:
        sa.event.remove(Engine, "before_cursor_execute", listener)
    assert next(left, None) is None
    assert nights.select("SELECT row_count FROM mailkit_delivery") == [(2,)]


def test_error_of_the_callers_own_code(nights):
    """What the caller's code raises inside the database's (a listener, a signal handler) passes as it is."""
    import sqlalchemy as sa
    from sqlalchemy.engine import Engine

    mine = ZeroDivisionError("mine")

    def listener(*_):
        raise mine

    nights.run(ids=[])
    sa.event.listen(Engine, "before_cursor_execute", listener)
    try:
        with pytest.raises(ZeroDivisionError) as caught:
            nights.run(ids=[])
    finally:
        sa.event.remove(Engine, "before_cursor_execute", listener)
    assert caught.value is mine


@pytest.mark.parametrize("db", SERVER_KINDS, indirect=True)
def test_rows_that_were_seen(nights):
    """Of a report that is not whole, the rows that are seen are said to be."""
    from mailkit_xmlrpc.sync.collected import report_of
    from mailkit_xmlrpc.sync.core_table import bounce_table
    from mailkit_xmlrpc.sync.database import opened
    from mailkit_xmlrpc.sync.writer import write_report

    nights.add(1, report(3))
    nights.run()
    some = report_of(nights.client.bounces(1), lambda bounce: bounce.id_email != 1001)
    database = opened(nights.db)
    counts = database.transact(
        lambda connection: write_report(bounce_table(database, connection), 1, some, "2030-01-01 00:00:00")
    )
    database.close()
    some.close()
    assert (counts.unchanged, counts.gone) == (2, 0)
    query = "SELECT message_key FROM mailkit_bounce WHERE last_seen = '2030-01-01 00:00:00' ORDER BY message_key"
    assert nights.select(query) == [("90000",), ("90002",)]


def test_without_sqlalchemy(monkeypatch, tmp_path):
    """Without SQLAlchemy the extra is named."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "sqlalchemy"]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.startswith("mailkit_xmlrpc.sync.")]:
        if (
            "sqlalchemy" in vars(sys.modules[name])
            or "sa" in vars(sys.modules[name])
            or name.endswith(("work", "recorder"))
        ):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    words = "a database needs SQLAlchemy, the extra sync: pip install SQLAlchemy"
    with pytest.raises(ConfigurationError, match=words):
        sync(CLIENT, str(tmp_path / "x.db"))
    with pytest.raises(ConfigurationError, match=words):
        read_bounces(str(tmp_path / "x.db"))


@pytest.mark.parametrize(
    "options, words",
    [
        ({"ids": "123"}, "ids must be an iterable of ids"),
        ({"ids": 5}, "ids must be an iterable of ids"),
        ({"ids": [0]}, "ids must be a positive integer"),
        ({"campaigns": [True]}, "campaigns must be a positive integer"),
        ({"ids": [1], "since": "30d"}, "ids say which deliveries are meant: give no campaigns and no since"),
        ({"ids": [1], "campaigns": [1]}, "ids say which deliveries are meant: give no campaigns and no since"),
        ({"since": "yesterday"}, "since must be a date like 2024-03-01, or a span like 30d or 12h"),
        ({"settled_after": 14}, "settled_after must be a positive timedelta, or a text like 30d or 12h"),
        ({"jobs": 0}, "jobs must be an int from 1 to 1000"),
        ({"jobs": True}, "jobs must be an int from 1 to 1000"),
        ({"forget_before": "20d"}, "forget_before must be longer ago than since: what is deleted would come back"),
        ({"forget_before": "x"}, "forget_before must be a date"),
        ({"executor": 5}, "executor must be a concurrent.futures.Executor or None"),
    ],
)
def test_arguments_that_cannot_be_used(sqlite_db, options, words):
    """What cannot be used is refused, and named."""
    with pytest.raises(ConfigurationError, match="^" + words):
        sync(CLIENT, sqlite_db, **options)


def test_client_that_is_none(sqlite_db):
    """The client must be one."""
    with pytest.raises(ConfigurationError, match="^client must be a MailkitClient"):
        sync(None, sqlite_db)


def test_servers_have_urls():
    """The servers of the tests are those of the environment, or of this machine."""
    assert all("://" in url for url in SERVERS.values())
