#!/usr/bin/env python3
"""Doubles answers, stage by stage of a receipt, and says where memory or time grows by more than it may.

    python tools/growth.py [WORD ...]      # only the cases with one of these words

Each case (an answer, and how HTTP frames it) has a process of its own, which receives it in three sizes, and one small
one before. Prints for each size the call's peak of memory above what the process had after the small one, and
processor time. Exits with 1 where twice the bytes take three times the time, or where an answer that needs constant
memory takes more.
"""

import argparse
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(ROOT)  # for tests.support, and for the package where it is not installed

from tests.support.growing_answers import CASES, SHORT_CASES  # noqa: E402  (needs what stands above)
from tests.support.growth import SHORT_SIZES, SIZES, complaints, measured  # noqa: E402  (needs what stands above)


def main(argv=None):
    """Measure; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD", help="only the cases whose name has it")
    words = parser.parse_args(argv).words
    wrong = 0
    for cases, sizes in ((CASES, SIZES), (SHORT_CASES, SHORT_SIZES)):
        for answer, framing in cases:
            name = "{}, {}; {}".format(answer.protocol, answer.name, framing)
            if words and not any(word in name for word in words):
                continue
            found = measured(answer, framing, sizes)
            told = list(complaints(answer, found, sizes))
            wrong += bool(told)
            peaks = " ".join("{:6.1f}".format(peak / 1048576) for peak, _, _, _ in found)
            seconds = " ".join("{:6.2f}".format(seconds) for _, seconds, _, _ in found)
            print("{:52} MiB {}  s {}  {} {}".format(name, peaks, seconds, found[-1][3], " <-- ".join([""] + told)))
            sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
