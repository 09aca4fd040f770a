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

import output
from documents import DOCUMENTS, write_files
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


def require_equal(peers, documents, paths, count):
    """Let every peer read every document: *count* rows, and where they are typed, the same ones, or there is nothing to
    compare. (It also brings the files into the system's cache.)"""
    first = None
    for key in peers:
        found = in_fresh_process("check", key, *[paths[name, PEERS[key].form] for name in documents])
        digests = [text for _, text in found]
        if key != "expat" and [rows for rows, _ in found] != [count] * len(documents):
            sys.exit("{}: not every document has {} rows".format(key, count))
        if PEERS[key].typed:
            first = first or (key, digests)
            for name, text, expected in zip(documents, digests, first[1]):
                if text != expected:
                    sys.exit("{} and {} read other rows out of the document {}".format(first[0], key, name))


def measure(peers, documents, paths, rounds):
    """Return (peer, document) -> seconds of each round."""
    seconds = {(key, name): [] for key in peers for name in documents}
    for number in range(rounds):
        for name in documents:
            for key in peers[number % len(peers) :] + peers[: number % len(peers)]:  # none is always first
                seconds[key, name].append(in_fresh_process("time", key, paths[name, PEERS[key].form]))
    return seconds


def factor(seconds, key, other, name):
    """How many times as fast as *other* the peer *key* is."""
    return median(theirs / ours for ours, theirs in zip(seconds[key, name], seconds[other, name]))


def cells(seconds, peers, documents, count):
    """The lines of the table, without its head."""
    lines = []
    for key in peers:
        line = [PEERS[key].label]
        for name in documents:
            cell = "{:.1f}".format(count / 1000 / median(seconds[key, name]))
            if REFERENCE in peers:
                cell += " ({:.2f}x)".format(factor(seconds, key, REFERENCE, name))
            line.append(cell)
        lines.append(line)
    for ours, other in COMPARED:
        if ours in peers and other in peers:
            factors = ["{:.2f}x".format(factor(seconds, ours, other, name)) for name in documents]
            label = PEERS[ours].label.replace(", typed rows", "")
            lines.append(["{} : {}".format(label, PEERS[other].label.split(",")[0])] + factors)
    return lines


def main(argv=None):
    parser = output.argument_parser(__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=output.at_least(1), default=50000, help="of each document (%(default)s)")
    parser.add_argument("--rounds", type=output.at_least(1), default=5, help="(%(default)s)")
    output.add_names(parser, "--documents", DOCUMENTS)
    output.add_names(parser, "--peers", PEERS)
    options = parser.parse_args(argv)

    peers = [key for key in options.peers if output.installed(PEERS[key].module)]
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
    lines = cells(seconds, peers, options.documents, options.rows)
    output.show(options.form, title, ["rows out of"] + options.documents, lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        check(sys.argv[2], sys.argv[3:])
    elif sys.argv[1:2] == ["time"]:
        stopwatch(sys.argv[2], sys.argv[3])
    else:
        main()
