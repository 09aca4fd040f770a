"""Several processes: three jobs at once, jobs that are killed at any moment, and one that waits for another."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import mailkit_xmlrpc
from tests.support.nights import report

SCRIPT = Path(__file__).resolve().parents[1] / "support" / "one_sync.py"
KILLS = 20
SEED = 14


class Job:
    """A job in a process of its own, which waits until it shall ``begin()``."""

    def __init__(self, nights, **options):
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), nights.mailkit.url, nights.db, json.dumps(options)],
            env=dict(os.environ, PYTHONPATH=str(Path(mailkit_xmlrpc.__file__).resolve().parents[1])),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def begin(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self):
        """What it printed, in lines; it went well."""
        out, err = self.process.communicate(timeout=120)
        assert self.process.returncode == 0 and "Traceback" not in err, err
        return out.splitlines()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=120)


def test_three_at_once(nights):
    """Three jobs at once all end well, and the tables are what one would have made of them."""
    for id_send in range(1, 7):
        nights.add(id_send, report(300))
    jobs = [Job(nights) for _ in range(3)]
    for job in jobs:
        job.begin()
    results = [json.loads(job.end()[-1]) for job in jobs]
    nights.check()
    assert [(result["asked"], result["failed"]) for result in results] == [(6, 0)] * 3
    assert sum(result["new"] for result in results) == 1800
    assert all(sum(result[name] for result in results) == 0 for name in ("changed", "gone"))
    for id_send in range(1, 7):  # rows grow, change and go, and each job asks in an order of its own
        nights.add(id_send, report(400, EMAIL_STATUS="permanent")[100:])
    jobs = [Job(nights, ids=ids) for ids in ([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [3, 6, 1, 4, 2, 5])]
    for job in jobs:
        job.begin()
    results = [json.loads(job.end()[-1]) for job in jobs]
    nights.check()
    for name, number in (("new", 600), ("changed", 1200), ("gone", 600), ("failed", 0)):
        assert sum(result[name] for result in results) == number


@pytest.mark.slow
def test_killed_at_any_moment(nights):
    """Killed at twenty moments and run again: each delivery is there as of one night, and in the end all are right."""
    chance = random.Random(SEED)
    for id_send in range(1, 5):
        nights.add(id_send, report(250))
    job = Job(nights)
    begun = time.monotonic()
    job.begin()
    job.end()
    seconds = time.monotonic() - begun
    for night in range(KILLS):
        before = nights.present()
        first = chance.randrange(100)
        for id_send in range(1, 5):
            nights.add(id_send, report(250 + night, EMAIL_STATUS="state {}".format(night))[first:])
        job = Job(nights)
        job.begin()
        time.sleep(seconds * chance.random())
        job.kill()
        for id_send in range(1, 5):  # a server may still be at the last statement, the COMMIT, of the dead job
            with nights.holding(id_send):
                pass
        after, whole = nights.present(), nights.expected()
        for id_send in range(1, 5):
            found = {key: values for key, values in after.items() if key[0] == id_send}
            ends = [{key: values for key, values in some.items() if key[0] == id_send} for some in (before, whole)]
            assert found in ends
    nights.run()
    nights.check()
    outcomes = dict(nights.select("SELECT outcome, COUNT(*) FROM mailkit_run GROUP BY outcome"))
    assert set(outcomes) == {"done", "killed"} and outcomes["killed"] > 1


class Held:
    """A report that does not come before it may."""

    def __init__(self, rows):
        self.rows = rows
        self.is_asked, self.may_come = threading.Event(), threading.Event()

    def __iter__(self):
        self.is_asked.set()
        self.may_come.wait(60)
        yield from self.rows


def test_killed_run_is_told(nights):
    """The run after one that was killed tells so, once; a run that is still under way is none."""
    nights.add(1, report(3))
    held = Held(report(5))
    nights.add(2, held)
    jobs = Job(nights), Job(nights)
    for job in jobs:
        job.begin()
        assert held.is_asked.wait(60)
        held.is_asked.clear()
    jobs[0].kill()
    nights.run(campaigns=[99])
    (told,) = nights.said
    assert told.startswith("run 1 of 2") and told.endswith(" (UTC) was killed after 1 of 2 deliveries")
    held.may_come.set()
    jobs[1].end()
    nights.run()
    assert nights.said == [told]
    nights.reports[2] = held.rows
    nights.check()
    outcomes = nights.select("SELECT outcome FROM mailkit_run ORDER BY id")
    assert outcomes == [("killed",), ("done",), ("failed",), ("done",)]


def test_waits_for_another(nights):
    """A job waits for another process that writes the same delivery, and says so once."""
    nights.add(1, report(3))
    nights.run()
    nights.add(1, report(5))
    with nights.holding(1):
        job = Job(nights)
        job.begin()
        told = job.process.stdout.readline()
        what = "the database" if nights.db.startswith("sqlite") else "ID_SEND 1"
        assert told == "{}: another process writes it; waiting\n".format(what)
    assert len(job.end()) == 1
    nights.check()
