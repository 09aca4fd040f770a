"""What the nightly job takes: seconds to write a report into a database, and peak memory. See README.rst.

A database must have none of the job's tables. They are made, and dropped in the end.
"""

import gc
import importlib
import os
import subprocess
import sys
import tempfile
import time

import readers
import server
import table

_MIB = 1 << 20
_SERVERS = ("postgresql+psycopg://root@127.0.0.1/test", "mysql+pymysql://root@127.0.0.1/test")
_TABLES = ("mailkit_bounce", "mailkit_delivery", "mailkit_run", "mailkit_schema")


def _client(url):
    limits = {"timeout": 3600, "deadline": None, "max_response_bytes": 1 << 40}
    return readers.mailkit_xmlrpc.MailkitClient(readers.CLIENT_ID, readers.CLIENT_MD5, url=url, proxy="", **limits)


# --- seconds ----------------------------------------------------------------------------------------------------------


class Writing:
    """Writes a fetched report as the job does, and its rows by the driver's own executemany."""

    def __init__(self, db):
        from mailkit_xmlrpc.sync import database, job, recorder

        self.database = database.opened(db)
        # By the inside of the job, because what is measured begins where a report has been fetched.
        options = {name: None for name in job.Options._fields}
        options.update(settled_after=job.span_of("14d", ""), tell=print)
        self.recorder = recorder.Recorder(self.database, job.Options(**options))

    def seconds(self, id_send, rows):
        """From the rows to the commit."""
        from mailkit_xmlrpc.sync.collected import report_of
        from mailkit_xmlrpc.sync.deliveries import Wanted
        from mailkit_xmlrpc.sync.moments import utc_now
        from mailkit_xmlrpc.sync.reports import Fetched

        gc.collect()
        start = time.perf_counter()
        report = report_of(rows)
        self.recorder.record(Fetched(Wanted(id_send), utc_now(), True, report, None), report)
        report.close()
        return time.perf_counter() - start

    def plain_seconds(self, id_send, other):
        """The rows of the delivery *id_send*, written again as those of another, all in one transaction."""
        from mailkit_xmlrpc.sync.stored import COLUMNS

        names = ", ".join(COLUMNS)
        mark = "?" if self.database.name == "sqlite" else "%s"
        insert = "INSERT INTO mailkit_bounce ({}) VALUES ({})".format(names, ", ".join([mark] * len(COLUMNS)))
        with self.database.engine.begin() as connection:
            cursor = connection.connection.cursor()
            cursor.execute(
                "SELECT {} FROM mailkit_bounce WHERE id_send = {} ORDER BY message_key".format(names, id_send)
            )
            rows = [(other,) + tuple(row)[1:] for row in cursor.fetchall()]
        gc.collect()
        start = time.perf_counter()
        with self.database.engine.begin() as connection:
            connection.connection.cursor().executemany(insert, rows)
        return time.perf_counter() - start


def timed(db, rows, rounds):
    """The median seconds of the first time, of the second, and of executemany."""
    writing = Writing(db)
    first, again, plain = [], [], []
    for number in range(1, 2 * rounds, 2):
        first.append(writing.seconds(number, rows))
        again.append(writing.seconds(number, rows))
        plain.append(writing.plain_seconds(number, number + 1))
    writing.database.close()
    return [sorted(some)[len(some) // 2] for some in (first, again, plain)]


# --- memory -----------------------------------------------------------------------------------------------------------


def measured(db, url, rows):
    """Bytes above the process that has SQLAlchemy and the driver loaded, and has connected."""
    command = [sys.executable, os.path.abspath(__file__), "--child", db, url]
    found, above = map(int, subprocess.check_output(command).split())
    if found != rows:
        sys.exit("{} rows were written instead of {}".format(found, rows))
    return above


def child(db, url):
    """Sync one delivery, and print its rows, and the bytes of the peak above the idle process."""
    from mailkit_xmlrpc.sync import database, sync

    importlib.import_module("mailkit_xmlrpc.sync.work")
    database.opened(db).close()
    idle = readers.peak()
    with _client(url) as client:
        print(sync(client, db, ids=[readers.ID_SEND]).new, readers.peak() - idle)


# --- both -------------------------------------------------------------------------------------------------------------


def drop(db):
    """Drop the job's tables; return how many there were."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(db)
    names = set(sqlalchemy.inspect(engine).get_table_names()) & set(_TABLES)
    with engine.begin() as connection:
        for name in sorted(names):
            connection.execute(sqlalchemy.text("DROP TABLE " + name))
    engine.dispose()
    return len(names)


def main(argv=None):
    if sys.argv[1:2] == ["--child"]:
        return child(*sys.argv[2:])
    parser = table.argument_parser(__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=table.at_least(1), default=100000, help="written (%(default)s)")
    parser.add_argument("--rounds", type=table.at_least(1), default=5, help="(%(default)s)")
    parser.add_argument("--memory-rows", type=table.at_least(1), default=1000000, help="(%(default)s)")
    parser.add_argument("--db", nargs="*", default=_SERVERS, metavar="URL", help="beside SQLite (%(default)s)")
    options = parser.parse_args(argv)
    lines = []
    with server.running() as url, tempfile.TemporaryDirectory() as folder:
        with _client("{}/compact/{}".format(url, options.rows)) as client:
            rows = client.bounces(readers.ID_SEND)
        for db in ["sqlite:///{}".format(os.path.join(folder, "bounces.db"))] + list(options.db):
            if db in options.db and _is_used(db):
                sys.exit("{} has tables of the job: give an empty database".format(db.partition(":")[0]))
            try:
                first, again, plain = timed(db, rows, options.rounds)
                above = measured(db, "{}/compact/{}".format(url, options.memory_rows), options.memory_rows)
            finally:
                drop(db)
            seconds = ["{:.2f}".format(some) for some in (first, again, plain)]
            ratios = ["{:.2f}".format(first / plain), "{:.1f}".format(first / again)]
            lines.append([db.partition(":")[0]] + seconds + ratios + ["{:.1f}".format(above / _MIB)])
    header = ["database", "first", "again", "executemany", "first : executemany", "first : again", "MiB"]
    title = "Seconds to write {} rows, median of {}; peak MiB above idle of a delivery of {} rows".format(
        options.rows, options.rounds, options.memory_rows
    )
    table.show(options.form, [title], header, lines)


def _is_used(db):
    import sqlalchemy

    engine = sqlalchemy.create_engine(db)
    try:
        return bool(set(sqlalchemy.inspect(engine).get_table_names()) & set(_TABLES))
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
