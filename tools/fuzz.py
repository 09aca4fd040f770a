"""Feed random and damaged answers to the reader of reports, in any pieces.

The invariant: the fast path and the general decoder give the same rows, however the document is cut into pieces, or
both raise the same MailkitError and never anything else. No reading takes more than a second of CPU or 64 MB of memory
for 1 MB of input.

    python tools/fuzz.py --seconds 600 --seed 1     for so long
    python tools/fuzz.py --count 5000 --seed 1      so many documents: the same ones each time
    python tools/fuzz.py --replay finding-1-37.txt  one that was found

A finding is made as small as it goes and written to a file. The exit status is 1 if there is any. The package may be
installed; otherwise the one beside this folder is used.
"""

import argparse
import ast
import os
import random
import sys
import time
import tracemalloc
from collections import Counter
from datetime import timedelta, timezone

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(ROOT)  # for tests.support, and for the package where it is not installed

from tests.support import both_paths, damage, growing_documents, report_documents, serialised_documents  # noqa: E402  (needs what stands above)

MIB = 1 << 20
SECONDS = 1.0  # of CPU for one reading of 1 MiB or less
MEMORY = 64 * MIB  # bytes, likewise
FAMILY = 8  # documents of one making: one undamaged, the rest damaged
LARGE_EVERY = 1000  # documents between two of 1 MiB
TRACED_EVERY = 100  # documents between two whose memory is measured: that is ten times slower
TRIES = 3000  # readings spent on making a finding smaller
ZONES = (None, None, timezone.utc, timezone(timedelta(hours=5, minutes=30)))


class Outcomes:
    """What was read so far, for the summary."""

    def __init__(self):
        self.kinds = Counter()
        self.results = Counter()
        self.rows = 0
        self.slowest = 0.0
        self.largest = 0
        self.findings = 0

    def __str__(self):
        lines = [
            "{} documents: {}".format(
                sum(self.kinds.values()), ", ".join("{} {}".format(*item) for item in sorted(self.kinds.items()))
            ),
            "each read in pieces by both paths, and whole; {} rows".format(self.rows),
            "outcomes: {}".format(", ".join("{} {}".format(*item) for item in self.results.most_common())),
            "slowest reading {:.2f} s of CPU, largest {:.1f} MB".format(self.slowest, self.largest / 1e6),
            "{} findings".format(self.findings),
        ]
        return "\n".join(lines)


def problem(pieces, zone=None, traced=False, seen=None):
    """What is wrong with the reading of *pieces*: a short text that names the kind, or "" if nothing is.

    :param traced: measure the memory instead of the time
    :param seen: the Outcomes to count in
    """
    body = b"".join(pieces)
    readings = {}
    for name, parts, fast in (("fast", pieces, True), ("general", pieces, False), ("whole", [body], False)):
        before = time.process_time()
        if traced:
            tracemalloc.start()
        try:
            readings[name] = both_paths.outcome(parts, fast, zone)
        except Exception as error:
            return "{} raises {}".format(name, type(error).__name__)
        finally:
            peak = tracemalloc.get_traced_memory()[1] if traced else 0
            tracemalloc.stop()
        seconds = 0.0 if traced else time.process_time() - before
        if seen is not None:
            seen.slowest = max(seen.slowest, seconds)
            seen.largest = max(seen.largest, peak)
        if seconds > SECONDS:
            return "{} takes too long".format(name)
        if peak > MEMORY:
            return "{} takes too much memory".format(name)
    if not both_paths.same(readings["fast"], readings["general"], readings["whole"]):
        return "the paths differ"
    if both_paths.gist(readings["general"]) != both_paths.gist(readings["whole"]):
        return "the pieces matter"
    if seen is not None:
        kind, what = readings["whole"][:2]
        seen.rows += len(what) if kind == "rows" else 0
        seen.results[what if kind == "error" else kind] += 1
    return ""


def documents(seed):
    """Yield (kind, bytes) for ever: undamaged ones, each followed by damaged forms of it, seldom a large one."""
    number = 0
    while True:
        drawn = random.Random("{} {}".format(seed, number))
        whole = drawn.choice((report_documents, serialised_documents)).document(drawn)
        yield "undamaged", whole, drawn
        for _ in range(FAMILY - 1):
            yield "damaged", damage.mutated(drawn, whole, report_documents.document(drawn)), drawn
        number += 1
        if number % (LARGE_EVERY // FAMILY) == 0:
            yield "large", growing_documents.large(drawn, MIB), drawn


def pieces_of(kind, body, drawn, size=None):
    """*body* in the pieces that it shall be read in."""
    if size is None and kind == "large":  # the pieces that the client reads its spool in, or larger ones
        size = drawn.choice((1 << 16, 1 << 18, MIB * 2))
    return both_paths.cut(body, size) if size else damage.pieces(drawn, body)


def smaller(pieces, still, tries=TRIES):
    """*pieces* with all left out, and joined, that can be as long as ``still(pieces)`` holds."""
    left = [tries]

    def holds(candidate):
        left[0] -= 1
        return left[0] >= 0 and still(candidate)

    if holds([b"".join(pieces)]):
        pieces = [b"".join(pieces)]
    width = len(b"".join(pieces))
    while width and left[0] > 0:
        at = 0
        while at < len(b"".join(pieces)) and left[0] > 0:
            candidate = _without(pieces, at, at + width)
            if holds(candidate):
                pieces = candidate
            else:
                at += width
        width //= 2
    return pieces


def _without(pieces, start, end):
    rest, at = [], 0
    for piece in pieces:
        rest.append(piece[: max(0, start - at)] + piece[max(0, end - at) :])
        at += len(piece)
    return [piece for piece in rest if piece] or [b""]


def report(pieces, zone, wrong, name):
    """Make a finding smaller and write it to the file *name*."""
    traced = "memory" in wrong
    least = smaller(pieces, lambda candidate: problem(candidate, zone, traced) == wrong, 20 if traced else TRIES)
    with open(name, "w", encoding="utf-8") as file:
        file.write("# {}\n{!r}\n".format(wrong, (least, ZONES.index(zone))))
    print("{}: {}; {} bytes: {!r}".format(name, wrong, len(b"".join(least)), least[:20])[:1000])


def replay(name):
    """Read a finding again; returns what is wrong with it."""
    with open(name, encoding="utf-8") as file:
        pieces, zone = ast.literal_eval(file.read())
    for fast in (True, False):
        print("{}: {}".format("fast" if fast else "general", both_paths.outcome(pieces, fast, ZONES[zone])))
    return problem(pieces, ZONES[zone])


def main(argv=None):
    """Run until the time or the count is over; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seconds", type=float, default=None, help="stop after so long")
    parser.add_argument("--count", type=int, default=None, help="stop after so many documents")
    parser.add_argument("--seed", default="0", help="a word that names the documents; 0 unless given")
    parser.add_argument("--piece", type=int, default=None, help="bytes of every piece; any unless given")
    parser.add_argument("--out", default=".", help="folder for findings")
    parser.add_argument("--replay", default=None, metavar="FILE", help="read a finding again")
    options = parser.parse_args(argv)
    if options.replay is not None:
        wrong = replay(options.replay)
        print(wrong or "nothing wrong")
        return 1 if wrong else 0
    if options.seconds is None and options.count is None:
        options.seconds = 60.0
    seen = Outcomes()
    begun = time.monotonic()
    for number, (kind, body, drawn) in enumerate(documents(options.seed), 1):
        if options.count is not None and number > options.count:
            break
        if options.seconds is not None and time.monotonic() - begun > options.seconds:
            break
        pieces = pieces_of(kind, body, drawn, options.piece)
        zone = drawn.choice(ZONES)
        traced = drawn.randrange(2) == 0 if kind == "large" else drawn.randrange(TRACED_EVERY) == 0
        seen.kinds[kind] += 1
        wrong = problem(pieces, zone, traced, seen)
        if wrong:
            seen.findings += 1
            report(pieces, zone, wrong, os.path.join(options.out, "finding-{}-{}.txt".format(options.seed, number)))
    print("Python {}.{}.{}, seed {}, {:.0f} s".format(*sys.version_info[:3], options.seed, time.monotonic() - begun))
    print(seen)
    return 1 if seen.findings else 0


if __name__ == "__main__":
    sys.exit(main())
