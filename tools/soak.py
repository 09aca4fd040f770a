#!/usr/bin/env python3
"""Calls a scripted server on loopback for a while, a third of the calls in trouble, and says whether the process grew.

    python tools/soak.py --seconds 300

Prints calls, failures and, for the second half of the time against the end of the first, the growth of resident memory,
objects, descriptors and threads. Exits with 1 where one of them grew by more than its limit: what a call leaves
behind adds up over thousands of them, what is merely kept ready does not.
"""

import argparse
import gc
import os
import random
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(ROOT)  # for tests.support, and for the package where it is not installed

from mailkit_xmlrpc import MailkitClient, MailkitError, Retry  # noqa: E402  (needs what stands above)
from mailkit_xmlrpc.simulator.faults import known  # noqa: E402  (needs what stands above)
from tests.support.account import CLIENT_ID, MD5  # noqa: E402  (needs what stands above)
from tests.support.observing import script_of  # noqa: E402  (needs what stands above)
from tests.support.scripted_server import GOOD, Request, ScriptedServer, http, report  # noqa: E402  (needs what stands above)

#: growth allowed between the middle and the end: megabytes (an answer of 6 MB leaves gaps), objects, descriptors and
#: threads
LIMITS = (24.0, 4000, 2, 1)
WORKERS = 4

#: what lasts long by its nature, or sends much, would make few calls of many
SLOW = ("stall", "drip", "endless", "bomb", "huge", "503-stalled")


def troubles():
    """Scripts of the fault matrix that are over at once."""
    names = [name for name, line in known().items() if line.steps and line.expected != "rows"]
    return [script_of(name) for name in names if not any(word in name for word in SLOW)]


def measured(client):
    """(resident megabytes, objects that the collector knows, descriptors, threads) of this process at rest; 0 where
    the system does not tell."""
    client.close()
    for _ in range(100):  # until the server has noticed
        if threading.active_count() <= 2:
            break
        time.sleep(0.05)
    gc.collect()
    megabytes = descriptors = 0
    if os.path.exists("/proc/self/statm"):
        with open("/proc/self/statm") as statm:
            megabytes = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1048576.0
        descriptors = len(os.listdir("/proc/self/fd"))
    return megabytes, len(gc.get_objects()), descriptors, threading.active_count()


class Soak:
    """The calls: some workers on one client, until *seconds* have passed."""

    def __init__(self, server, client, seconds, seed):
        self.calls = self.failures = 0
        self.wrong = []
        self._server = server
        self._client = client
        self._seconds = seconds
        self._end = 0.0
        self._seed = seed
        self._lock = threading.Lock()
        self._large = (Request(), http(report(7, rows=15000)))  # some MB: goes through a temporary file
        self._troubles = troubles()

    def run(self):
        """Call until the time is over."""
        self._end = time.monotonic() + self._seconds
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _script(self, draw):
        throw = draw.random()
        if throw < 0.005:
            return self._large
        return draw.choice(self._troubles) if throw < 0.5 else GOOD  # some go well with the second try

    def _work(self, number):
        draw = random.Random(self._seed + number)
        self._server.play_once(self._large)  # what the largest answer takes is taken from the beginning
        while time.monotonic() < self._end and not self.wrong:
            self._server.play_once(self._script(draw))
            id_send = draw.randrange(1, 1 << 31)
            try:
                for row in self._client.iter_bounces(id_send):
                    if row.id_send != id_send:
                        self.wrong.append(id_send)
                failed = 0
            except MailkitError:
                failed = 1
            except BaseException as error:
                self.wrong.append(error)
                raise
            with self._lock:
                self.calls += 1
                self.failures += failed


def main(argv=None):
    """Run the soak; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=180.0, help="how long to call (default: 180)")
    parser.add_argument("--seed", type=int, default=0, help="of the random choice of troubles (default: 0)")
    options = parser.parse_args(argv)
    with ScriptedServer(noting=False) as server:
        settings = dict(url=server.url, timeout=5.0, deadline=20.0, retry=Retry(2, base=0), proxy="")
        with MailkitClient(CLIENT_ID, MD5, **settings) as client:
            halves = [Soak(server, client, options.seconds / 2, options.seed + half) for half in range(2)]
            states = []
            for half in halves:
                half.run()
                states.append(measured(client))
    before, after = states
    grown = [now - then for now, then in zip(after, before)]
    calls, failures = sum(half.calls for half in halves), sum(half.failures for half in halves)
    wrong = sum((half.wrong for half in halves), [])
    print("calls {}, failed {} ({:.0%}), wrong {}".format(calls, failures, failures / max(calls, 1), len(wrong)))
    print("at the end: {:.1f} MB, {} objects, {} descriptors, {} threads".format(*after))
    print("grown in the second half: {:+.1f} MB, {:+d} objects, {:+d} descriptors, {:+d} threads".format(*grown))
    return 1 if wrong or any(growth > limit for growth, limit in zip(grown, LIMITS)) else 0


if __name__ == "__main__":
    if "MALLOC_ARENA_MAX" not in os.environ:
        # Every thread of the server would get a heap of its own from glibc, and what they leave unused looks like
        # growth.
        os.environ["MALLOC_ARENA_MAX"] = "1"
        os.execv(sys.executable, [sys.executable] + sys.argv)
    sys.exit(main())
