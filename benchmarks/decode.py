"""Rows a second out of bytes in memory: the package beside other ways to get them. See README.rst.

Every figure is the median of rounds; in a round each peer reads each document once, in a fresh process, one after the
other (A B C ... A B C ...), so that whatever else the machine does hits all alike. Factors are taken round by round.
"""

import gc
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from statistics import median

import table
from documents import DOCUMENTS, NAMES, write_files
from peers import PEERS

REFERENCE = "xmlrpc"
#: directly, at the end of the table
COMPARED = (("fast", "lxml"), ("fast", "expat"), ("fast", "json"), ("fast", "general"), ("json-form", "json"))


# --- in a process of its own ----------------------------------------------------------------------------------------


def check(key, paths):
    """Print what one peer makes of each document: [number of rows, digest of the rows]."""
    run = PEERS[key].prepare()
    found = []
    for path in paths:
        rows = run(_content_of(path))
        found.append([len(rows), digest(rows) if PEERS[key].typed else ""])
    print(json.dumps(found))


def stopwatch(key, path):
    """Print the seconds of processor time that one peer takes for one document."""
    run = PEERS[key].prepare()
    data = _content_of(path)
    gc.collect()
    start = time.process_time()
    rows = run(data)  # a name, so that freeing them is not measured
    print(time.process_time() - start)
    del rows


def _content_of(path):
    with open(path, "rb") as file:
        return file.read()


def digest(bounces):
    """A text that is the same for equal rows only, the types of their values included."""
    total = hashlib.sha256()
    for bounce in bounces:
        fields = dict(vars(bounce), extra=sorted(bounce.extra.items()))
        total.update(repr(sorted(fields.items())).encode("utf-8", "backslashreplace"))
    return total.hexdigest()


# --- here -----------------------------------------------------------------------------------------------------------


def in_fresh_process(what, key, *paths):
    command = [sys.executable, os.path.abspath(__file__), what, key] + list(paths)
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode("ascii"))


def reads(key, name):
    """Whether the peer *key* can read the document *name*."""
    return name in DOCUMENTS or PEERS[key].reads_any


def require_equal(peers, documents, paths, count):
    """Let every peer read every document: *count* rows, and where they are typed, the same ones, or there is nothing to
    compare. (It also brings the files into the system's cache.)

    Of documents that others wrote, only this package reads each text as it was sent: there, its ways are compared.
    """
    first = {}
    for key in peers:
        names = [name for name in documents if reads(key, name)]
        found = in_fresh_process("check", key, *[paths[name, PEERS[key].form] for name in names])
        if key != "expat" and [rows for rows, _ in found] != [count] * len(names):
            sys.exit("{}: not every document has {} rows".format(key, count))
        for name, (_, text) in zip(names, found):
            if PEERS[key].typed and (name in DOCUMENTS or key in ("general", "fast")):
                other, expected = first.setdefault(name, (key, text))
                if text != expected:
                    sys.exit("{} and {} read other rows out of the document {}".format(other, key, name))


def measure(peers, documents, paths, rounds):
    """Return (peer, document) -> seconds of each round."""
    seconds = {(key, name): [] for key in peers for name in documents}
    for number in range(rounds):
        for name in documents:
            for key in peers[number % len(peers) :] + peers[: number % len(peers)]:  # none is always first
                if reads(key, name):
                    seconds[key, name].append(in_fresh_process("time", key, paths[name, PEERS[key].form]))
    return seconds


def factor(seconds, key, other, name):
    """How many times as fast as *other* the peer *key* is."""
    return median(theirs / ours for ours, theirs in zip(seconds[key, name], seconds[other, name]))


def cells(seconds, peers, documents, count):
    """The table: its head, and a line for each document."""
    compared = [(ours, other) for ours, other in COMPARED if ours in peers and other in peers]
    lines = []
    for name in documents:
        line = [name]
        for key in peers:
            cell = "-"
            if seconds[key, name]:
                cell = "{:.1f}".format(count / 1000 / median(seconds[key, name]))
                if REFERENCE in peers:
                    cell += " ({:.2f}x)".format(factor(seconds, key, REFERENCE, name))
            line.append(cell)
        for ours, other in compared:
            line.append("{:.2f}x".format(factor(seconds, ours, other, name)) if seconds[other, name] else "-")
        lines.append(line)
    return ["rows out of"] + peers + ["{} : {}".format(*pair) for pair in compared], lines


def main(argv=None):
    parser = table.argument_parser(__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=table.at_least(1), default=50000, help="of each document (%(default)s)")
    parser.add_argument("--rounds", type=table.at_least(1), default=5, help="(%(default)s)")
    table.add_names(parser, "--documents", NAMES)
    table.add_names(parser, "--peers", PEERS)
    options = parser.parse_args(argv)

    peers = [key for key in options.peers if table.installed(PEERS[key].module)]
    for key in options.peers:
        if key not in peers:
            print("{}: {} is not installed".format(key, PEERS[key].module), file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="mailkit_xmlrpc-benchmark-") as directory:
        paths = {}
        for name in options.documents:
            for form in ("xml", "json"):
                paths[name, form] = os.path.join(directory, "{}.{}".format(name, form))
            write_files(name, options.rows, paths[name, "xml"], paths[name, "json"])
        require_equal(peers, options.documents, paths, options.rows)
        seconds = measure(peers, options.documents, paths, options.rounds)
    title = "Thousand rows a second"
    if REFERENCE in peers:
        title += " (times as fast as {})".format(PEERS[REFERENCE].label)
    title += "; {} rows, median of {} rounds".format(options.rows, options.rounds)
    head, lines = cells(seconds, peers, options.documents, options.rows)
    legend = ["{}: {}".format(key, PEERS[key].label) for key in peers]
    table.show(options.form, [title] + legend, head, lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        check(sys.argv[2], sys.argv[3:])
    elif sys.argv[1:2] == ["time"]:
        stopwatch(sys.argv[2], sys.argv[3])
    else:
        main()
