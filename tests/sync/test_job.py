"""What a job does about failures of its surroundings: the database's, the caller's, another job's."""

import contextlib
import threading
import time
import types
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from mailkit_xmlrpc import LocalError, MailkitError, TransportError, UnauthorizedError
from mailkit_xmlrpc.sync import read_bounces, sync
from mailkit_xmlrpc.sync.moments import utc_now
from tests.support.databases import KINDS
from tests.support.nights import days_ago, report, row


def outcomes(nights):
    return nights.select("SELECT outcome, error FROM mailkit_run ORDER BY id")


def test_progress_and_result(sqlite_nights):
    """Progress counts up, and the result says in a line and in plain data what was done."""
    for id_send in (1, 2, 3):
        sqlite_nights.add(id_send, report(id_send))
    sqlite_nights.add(4, [{"EMAIL": {1}}])
    seen = []
    result = sqlite_nights.run(progress=lambda *numbers: seen.append(numbers))
    assert seen == [(0, 4, 0), (1, 4, 0), (2, 4, 0), (3, 4, 0), (4, 4, 1)]
    assert str(result) == "deliveries: 4 asked, 1 failed, 0 settled; rows: 6 new, 0 changed, 0 unchanged, 0 gone"
    told = result.to_dict()
    (failure,) = told.pop("failures")
    assert told == dict(
        run=1, deliveries=4, asked=4, written=3, failed=1, settled=0, new=6, changed=0, unchanged=0, gone=0, forgotten=0
    )
    assert (failure["id_send"], failure["id_message"], failure["error"]) == (4, 12345, "HTTPStatusError")
    assert failure["text"] == str(result.failures[0].error)
    assert [outcome for outcome, _ in outcomes(sqlite_nights)] == ["failed"]


def test_executor(sqlite_nights):
    """With an executor of the caller's, its workers fetch."""
    for id_send in range(1, 6):
        sqlite_nights.add(id_send, report(id_send))
    with ThreadPoolExecutor(2) as executor:
        assert sqlite_nights.run(executor=executor, jobs=2).new == 15
    sqlite_nights.check()


def test_campaigns_that_cannot_be_listed(nights):
    """Where nothing can be found the error is raised, and the run has it."""
    nights.mailkit.refuse("Unauthorized")
    with pytest.raises(UnauthorizedError):
        nights.run()
    ((outcome, error),) = outcomes(nights)
    assert outcome == "failed" and "Unauthorized" in error
    with pytest.raises(UnauthorizedError):
        nights.run(campaigns=[1, 2])


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_interrupted(sqlite_nights, error):
    """What the caller's own code raises passes as it is; what was written stays, and the run has ended."""
    for id_send in (1, 2, 3):
        sqlite_nights.add(id_send, report(id_send))

    def progress(done, total, failed):
        if done == 2:
            raise error("mine")

    with pytest.raises(error) as caught:
        sqlite_nights.run(progress=progress)
    assert caught.value.args == ("mine",)
    assert outcomes(sqlite_nights) == [("interrupted", error.__name__)]
    assert {key[0] for key in sqlite_nights.present()} == {1, 2}
    sqlite_nights.run()
    assert sqlite_nights.said == []
    sqlite_nights.check()


@pytest.mark.parametrize("function", ["iter_bounces", "deliveries"])
def test_error_of_ours_that_the_caller_raises(sqlite_nights, monkeypatch, function):
    """Even an error of our own class passes where the caller's code raised it: it is no failure of a delivery."""
    mine = LocalError("mine")

    def raising(*_):
        raise mine

    sqlite_nights.add(1, report(1))
    monkeypatch.setattr(sqlite_nights.client, function, raising)
    with pytest.raises(LocalError) as caught:
        sqlite_nights.run()
    assert caught.value is mine


def test_database_that_fails_in_the_middle(nights):
    """A database that fails ends the job with a LocalError without the database's text; what was written stays."""
    nights.add(1, report(3))
    nights.add(2, report(3))

    def progress(done, total, failed):
        if done == 1:
            nights.execute("ALTER TABLE mailkit_bounce RENAME TO s3cret")

    with pytest.raises(MailkitError, match="database") as caught:
        nights.run(progress=progress)
    assert "s3cret" not in str(caught.value)
    nights.execute("ALTER TABLE s3cret RENAME TO mailkit_bounce")
    assert [outcome for outcome, _ in outcomes(nights)] == ["failed"]
    nights.run()
    nights.check()


def test_database_that_is_gone(nights):
    """Where the database cannot even be told, the error that counts is the first."""
    nights.add(1, report(3))

    def progress(done, total, failed):
        nights.execute("DROP TABLE mailkit_run")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        nights.run(progress=progress)


@pytest.mark.parametrize("db", ["psycopg2", "pymysql"], indirect=True)
def test_closed_connections(nights):
    """A server that closed the connection between two deliveries is connected anew."""
    for id_send in (1, 2, 3):
        nights.add(id_send, report(id_send))
    if "postgresql" in nights.db:
        nights.db += "&application_name=mailkit_closed"
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mailkit_closed'"
    else:
        query = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"

    def progress(done, total, failed):
        closed = nights.select(query) if done == 1 else []
        for (number,) in closed if "mysql" in nights.db else []:
            nights.execute("KILL {}".format(number))
        assert bool(closed) == (done == 1)

    assert nights.run(progress=progress).new == 6
    nights.check()


def test_older_report_is_not_written(nights):
    """A report that was asked for before the one that is there is not written: another job was quicker."""
    nights.add(1, report(5))
    nights.run()
    later = utc_now() + timedelta(hours=1)
    nights.execute("UPDATE mailkit_delivery SET fetched_at = '{}'".format(later.isoformat(" ")))
    nights.add(1, report(1))
    result = nights.run()
    assert (result.asked, result.new, result.gone) == (1, 0, 0)
    assert len(nights.present()) == 5


def test_rows_changed_behind_its_back(nights):
    """Where rows were deleted by hand, an unchanged report brings them back."""
    nights.add(1, report(5))
    nights.run()
    nights.execute("DELETE FROM mailkit_bounce WHERE message_key = '90002'")
    result = nights.run()
    assert (result.new, result.unchanged) == (1, 4)
    nights.check()


def test_busy_for_too_long(nights, monkeypatch):
    """A database that another process does not let go of is a LocalError in the end."""
    from mailkit_xmlrpc.sync import database

    monkeypatch.setattr(database, "_PATIENCE", 0.0)
    nights.add(1, report(3))
    nights.run()
    nights.add(1, report(4))
    with nights.holding(1):
        with pytest.raises(LocalError, match="database"):
            nights.run()
    assert nights.said[0].endswith("another process writes it; waiting")
    nights.run()
    nights.check()


def test_waiting_is_said_once(sqlite_nights, monkeypatch):
    """However often the database is asked again."""
    from mailkit_xmlrpc.sync import database

    sqlite_nights.add(1, report(3))
    sqlite_nights.run()
    sqlite_nights.add(1, report(4))
    pauses = []
    with contextlib.ExitStack() as stack:

        def sleep(seconds):
            pauses.append(seconds)
            if len(pauses) == 3:
                stack.close()

        monkeypatch.setattr(database, "time", types.SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
        stack.enter_context(sqlite_nights.holding(1))
        sqlite_nights.run()
    assert len(pauses) == 3 and len(sqlite_nights.said) == 1
    sqlite_nights.check()


@pytest.mark.parametrize("db", [kind for kind in KINDS if kind != "sqlite"], indirect=True)
def test_deadlock_is_repeated(nights, monkeypatch):
    """A transaction that the database takes back because of a deadlock is repeated whole."""
    import sqlalchemy as sa

    from mailkit_xmlrpc.sync import recorder

    nights.add(1, report(3))
    nights.add(2, report(3))
    nights.run()
    nights.add(1, report(6))
    has_two, job_has_one = threading.Event(), threading.Event()

    def other():
        """Take the deliveries in another order than the job, with more work done, so that MariaDB prefers it."""
        with contextlib.suppress(sa.exc.DBAPIError), engine.begin() as connection:
            if "postgresql" in nights.db:  # there, the one that finds the deadlock gives way
                connection.execute(sa.text("SET LOCAL deadlock_timeout = '60s'"))
            numbers = [{"version": -number} for number in range(1, 300)]
            connection.execute(sa.text("INSERT INTO mailkit_schema VALUES (:version)"), numbers)
            connection.execute(sa.text("UPDATE mailkit_delivery SET row_count = 3 WHERE id_send = 2"))
            has_two.set()
            job_has_one.wait(60)
            connection.execute(sa.text("UPDATE mailkit_delivery SET row_count = 3 WHERE id_send = 1"))
            connection.execute(sa.text("DELETE FROM mailkit_schema WHERE version < 0"))

    write = recorder.write_report

    def write_and_wait(table, id_send, *rest):
        counts = write(table, id_send, *rest)
        if not job_has_one.is_set():
            job_has_one.set()
            # By the table's own connection: the lock must be that of the job's transaction.
            table._connection.execute(sa.text("UPDATE mailkit_delivery SET row_count = 3 WHERE id_send = 2"))
        return counts

    engine = sa.create_engine(nights.db)
    thread = threading.Thread(target=other)
    thread.start()
    assert has_two.wait(60)
    monkeypatch.setattr(recorder, "write_report", write_and_wait)
    result = nights.run(ids=[1])
    thread.join(60)
    engine.dispose()
    assert (result.new, result.failed) == (3, 0)
    assert nights.said == ["ID_SEND 1: another process writes it; waiting"]
    nights.check()


# --- killed or alive ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "process, silent, killed",
    [
        ("this 1 1-other-boot", timedelta(0), True),
        ("this 4194305 ", timedelta(0), True),
        ("this 4194305 1-boot", timedelta(0), True),
        ("this 1 ", timedelta(0), False),
        ("this 1 ", timedelta(hours=7), True),
        ("other 1 ", timedelta(hours=5), False),
        ("other 1 1-boot", timedelta(hours=7), True),
        ("nonsense", timedelta(hours=5), False),
        ("", timedelta(hours=7), True),
    ],
)
def test_which_run_was_killed(sqlite_nights, monkeypatch, process, silent, killed):
    """A run was killed where its process is there no more, or, on another machine, where it was silent for long."""
    from mailkit_xmlrpc.sync import runs

    monkeypatch.setattr(runs.platform, "node", lambda: "this")
    sqlite_nights.run(ids=[])
    alive = (utc_now() - silent).isoformat(" ")
    sqlite_nights.execute(
        "UPDATE mailkit_run SET outcome = 'running', process = :process, alive_at = :alive",
        process=process,
        alive=alive,
    )
    sqlite_nights.run(ids=[])
    assert bool(sqlite_nights.said) is killed


def test_process_of_another_user(sqlite_nights, monkeypatch):
    """A process that may not be asked is alive."""
    from mailkit_xmlrpc.sync import runs

    def kill(pid, number):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(runs.os, "kill", kill)
    sqlite_nights.run(ids=[])
    process = runs.this_process().split(" ")[0] + " 1 "
    sqlite_nights.execute("UPDATE mailkit_run SET outcome = 'running', process = :process", process=process)
    sqlite_nights.run(ids=[])
    assert sqlite_nights.said == []


@pytest.mark.parametrize("db", ["psycopg2", "pymysql"], indirect=True)
def test_killed_run_is_told_by_one(nights, monkeypatch):
    """Of two jobs that find a killed run at the same time, one tells it."""
    from mailkit_xmlrpc.sync import runs

    nights.run(ids=[])
    nights.execute("UPDATE mailkit_run SET outcome = 'running'")

    def other_was_quicker(process, silent):
        nights.execute("UPDATE mailkit_run SET outcome = 'killed'")
        return False

    monkeypatch.setattr(runs, "_is_alive", other_was_quicker)
    nights.run(ids=[])
    assert nights.said == []


# --- reading and forgetting ------------------------------------------------------------------------------------------


def test_reading_some(nights):
    """Only deliveries sent since are read where that is asked for; an iterator may be left early, and closed twice."""
    nights.add(1, report(3), sent=40)
    nights.add(2, report(2), sent=3)
    nights.run(since="60d")
    with read_bounces(nights.db, deliveries_since="30d") as bounces:
        assert [bounce.id_send for bounce in bounces] == [2, 2]
        assert (bounces.gone, bounces.repeated) == (0, 0)
        assert next(bounces, None) is None
    bounces = read_bounces(nights.db, deliveries_since="2020-01-01")
    assert next(bounces).id_send == 1
    bounces.close()
    bounces.close()
    assert len(nights.back()) == 5


def test_reading_counts_what_is_left_out(nights):
    """Gone rows and older states of a message are left out, and counted."""
    nights.add(1, report(4) + [row(1, DATE="2024-04-01 00:00:00", STATUS="4.0.0")])
    nights.run()
    nights.add(1, report(3) + [row(1, DATE="2024-04-01 00:00:00", STATUS="4.0.0")])
    nights.run()
    with read_bounces(nights.db) as bounces:
        assert [bounce.status for bounce in bounces] == ["5.1.1", "4.0.0", "5.1.1"]
        assert (bounces.gone, bounces.repeated) == (1, 1)


def test_reading_that_fails(nights):
    """Where reading fails, it is a LocalError, or a ConfigurationError where the table is not ours."""
    nights.run(ids=[])
    nights.execute("ALTER TABLE mailkit_bounce RENAME TO mailkit_other")
    nights.execute("CREATE TABLE mailkit_bounce (id_send INTEGER)")
    with pytest.raises(MailkitError, match="database|no such column"):
        nights.back()


def test_forgetting(nights):
    """Old bounces are deleted on request, by their date or when they were first seen, and what is empty then too."""
    nights.add(1, report(3) + [row(5, DATE=days_ago(5))], sent=500)
    nights.add(2, report(2), sent=500)
    nights.add(3, [row(1, DATE="")], sent=500)
    nights.add(4, report(4), sent=3)
    nights.run(since="600d")
    nights.execute("UPDATE mailkit_run SET started_at = '2020-01-01 00:00:00'")
    result = nights.run(campaigns=[99], forget_before="400d")
    assert result.forgotten == 3 + 2 + 4
    assert {key for key in nights.present()} == {(1, "90005"), (3, "90001")}
    deliveries = nights.select("SELECT id_send, fingerprint IS NULL FROM mailkit_delivery ORDER BY id_send")
    assert [(id_send, bool(is_none)) for id_send, is_none in deliveries] == [(1, True), (3, False), (4, True)]
    assert len(nights.select("SELECT 1 FROM mailkit_run")) == 1
    assert nights.run().new == 4


@pytest.mark.parametrize("times", [1, 100])
def test_forgotten_while_it_is_written(nights, monkeypatch, times):
    """Where another process forgets a delivery just before its report is written, it is there again afterwards; where
    that happens each time, the job fails, and does not go on for ever."""
    from mailkit_xmlrpc.sync import recorder

    nights.add(1, report(3), sent=500)
    noted = recorder.note
    left = iter(range(times))

    def note(database, delivery, **values):
        noted(database, delivery, **values)
        if next(left, None) is not None:
            nights.execute("DELETE FROM mailkit_delivery")

    monkeypatch.setattr(recorder, "note", note)
    if times > 1:
        with pytest.raises(LocalError, match="ID_SEND 1: its row in mailkit_delivery is deleted again and again"):
            nights.run(ids=[1])
        assert nights.present() == {}
        return
    result = nights.run(ids=[1])
    assert (next(left, None), result.new, result.failed) == (None, 3, 0)
    assert nights.select("SELECT id_send, row_count FROM mailkit_delivery") == [(1, 3)]


def test_written_while_it_is_forgotten(nights, monkeypatch):
    """Where another process writes bounces of an old delivery just before that is forgotten, it stays."""
    from mailkit_xmlrpc.sync import housekeeping

    nights.add(1, [], sent=500)
    nights.add(2, [row(1, DATE=days_ago(5))], sent=500)
    nights.run(since="600d")
    locked = housekeeping.lock

    def lock(database, connection, id_send):
        connection.execute(database.tables.bounce.update().values(id_send=id_send))
        return locked(database, connection, id_send)

    monkeypatch.setattr(housekeeping, "lock", lock)
    nights.run(ids=[], forget_before="400d")
    assert nights.select("SELECT id_send FROM mailkit_delivery ORDER BY id_send") == [(1,), (2,)]


# --- deliveries that cannot be read -----------------------------------------------------------------------------------


NO_NUMBER = {"SUBJECT": "no number", "DATE": "", "SEND_COUNT": 1, "DELIVERED_COUNT": 1}


def test_campaigns_and_deliveries_without_a_number(sqlite_nights):
    """What has no number cannot be asked for: it has failed, and the others count."""
    nights = sqlite_nights
    nights.add(1, report(2))
    account = nights.mailkit._account
    campaigns, deliveries = account.campaigns, account.deliveries
    account.campaigns = lambda *days: campaigns(*days) + [{"NAME": "no number"}]
    account.deliveries = lambda *of: deliveries(*of) + [NO_NUMBER]
    result = nights.run()
    assert (result.new, [failure.id_message for failure in result.failures]) == (2, [None, 12345])
    assert all("without an ID_" in str(failure) for failure in result.failures)


def test_server_that_ignores_the_range(sqlite_nights):
    """Deliveries that the server tells although they are older are left out; those without a date are not."""
    nights = sqlite_nights
    nights.add(1, report(2), sent=60)
    nights.add(2, report(3), sent=30.5)
    account = nights.mailkit._account
    deliveries = account.deliveries
    account.deliveries = lambda id_message, first, last: deliveries(id_message, "", "9")
    assert nights.run().deliveries == 1
    account.deliveries = lambda id_message, first, last: [dict(deliveries(id_message, "", "9")[0], DATE="soon")]
    assert nights.run().deliveries == 1
    assert nights.run(since=datetime(1, 1, 1, 5)).deliveries == 1


def test_fails_to_answer(sqlite_nights):
    """A service that does not answer at all is raised, with nothing written but the run."""
    sqlite_nights.mailkit.fail(None, "refused")
    with pytest.raises(TransportError):
        sync(sqlite_nights.client, sqlite_nights.db)
