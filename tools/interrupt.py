#!/usr/bin/env python3
"""Interrupts thousands of runs of ``iter_many()``, and says how they ended.

    python tools/interrupt.py --runs 10000

Half of them are struck by a tracer, at each step in turn (a line on Python 3.6, else an opcode), by each kind of
exception and with each way to go on; the other half by a real signal at some moment. A run that does not end within its
time, gives an id twice, or loses one without an error, ends all with its traceback.
"""

import argparse
import itertools
import os
import random
import signal
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(ROOT)  # for tests.support, and for the package where it is not installed

from mailkit_xmlrpc import MailkitClient  # noqa: E402  (needs what stands above)
from tests.support.account import CLIENT_ID, MD5  # noqa: E402  (needs what stands above)
from tests.support.answering_server import AnsweringServer  # noqa: E402  (needs what stands above)
from tests.support.interrupted_runs import (  # noqa: E402  (needs what stands above)
    ENDINGS,
    IDS,
    KINDS,
    LIMIT,
    Run,
    interrupt,
    signalled_run,
    traced_run,
)
from tests.support.interrupting import STEP, steps_of  # noqa: E402  (needs what stands above)


def main(argv=None):
    """Run them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=10000, help="how many (default: 10000)")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for one run (default: {})".format(LIMIT))
    parser.add_argument("--seed", type=int, default=0, help="of the moments of signals (default: 0)")
    options = parser.parse_args(argv)
    draw = random.Random(options.seed)
    signal.signal(signal.SIGALRM, interrupt)
    counts = {"tracer": 0, "signal": 0}
    longest = 0.0
    began = time.monotonic()
    with AnsweringServer() as server:
        settings = dict(retry=None, timeout=20, proxy="", protocol="json")
        with MailkitClient(CLIENT_ID, MD5, url=server.url, **settings) as client:
            Run(client, IDS).begin()
            total = steps_of(Run(client, iter(IDS)).begin)
            ways = itertools.cycle(itertools.product(KINDS, ENDINGS))
            for number in range(options.runs // 2):
                # Each way meets each step: their numbers have no common divisor.
                at = 1 + number % (total + (1 - total) % 6)
                started = time.monotonic()
                counts["tracer"] += traced_run(client, number, at, *next(ways), limit=options.limit)
                counts["signal"] += signalled_run(client, number, draw.uniform(1e-5, 1e-2), options.limit)
                longest = max(longest, time.monotonic() - started)
            assert [outcome.error for outcome in client.iter_many(IDS)] == [None] * len(IDS)
    text = (
        "{} runs of {} {}s in {:.0f} s; struck by the tracer {tracer}, by the signal {signal}; the longest two {:.2f} s"
    )
    print(text.format(options.runs, total, STEP, time.monotonic() - began, longest, **counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
