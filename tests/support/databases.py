"""The databases that tests of ``sync`` run on: SQLite everywhere, PostgreSQL and MariaDB where servers are found.

Servers are those of ``MAILKIT_TEST_POSTGRESQL_URL`` and ``MAILKIT_TEST_MARIADB_URL``; without these, those of this
machine, user root, no password, database ``test``. Each test has a schema or a database of its own.
"""

import contextlib
import os
import uuid
import warnings

SERVERS = {
    "postgresql": os.environ.get("MAILKIT_TEST_POSTGRESQL_URL") or "postgresql://root@127.0.0.1/test",
    "mariadb": os.environ.get("MAILKIT_TEST_MARIADB_URL") or "mariadb://root@127.0.0.1/test",
}

#: whether the environment is the one that must not do without servers
REQUIRED = os.environ.get("MAILKIT_TEST_DATABASES") == "1"

#: kind of database -> (its server, SQLAlchemy's name, module of the driver)
KINDS = {
    "sqlite": (None, "sqlite", "sqlite3"),
    "psycopg": ("postgresql", "postgresql+psycopg", "psycopg"),
    "psycopg2": ("postgresql", "postgresql+psycopg2", "psycopg2"),
    "pymysql": ("mariadb", "mysql+pymysql", "pymysql"),
}


class Missing(Exception):
    """There is no such database here; ``args[0]`` says why."""


def module(name):
    """Import the module *name*.

    :raises Missing: it is not installed
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a library's own about old Pythons
            return __import__(name)
    except ImportError:
        raise Missing("{} is not installed".format(name))


def _connected(engine, server):
    import sqlalchemy as sa

    try:
        return engine.connect()
    except sa.exc.DBAPIError as error:
        raise Missing("no {} server answers ({})".format(server, type(error.orig).__name__))


@contextlib.contextmanager
def database(kind, folder):
    """The URL of an empty database of the *kind*, in which nothing is left behind.

    :raises Missing: there is none
    """
    module("sqlalchemy")
    import sqlalchemy as sa
    from sqlalchemy.engine.url import make_url

    server, name, driver = KINDS[kind]
    module(driver)
    if server is None:
        yield "sqlite:///{}".format(os.path.join(str(folder), "bounces.db"))
        return
    url = make_url(SERVERS[server]).set(drivername=name)
    own = "mailkit_" + uuid.uuid4().hex[:12]
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with contextlib.closing(_connected(engine, server)) as connection:
            what = "SCHEMA" if server == "postgresql" else "DATABASE"
            connection.execute(sa.text("CREATE {} {}".format(what, own)))
            try:
                if server == "postgresql":
                    url = url.update_query_dict({"options": "-csearch_path=" + own})
                else:
                    url = url.set(database=own)
                yield str(url) if url.password is None else url.render_as_string(hide_password=False)
            finally:
                cascade = " CASCADE" if server == "postgresql" else ""
                connection.execute(sa.text("DROP {} {}{}".format(what, own, cascade)))
    finally:
        engine.dispose()
