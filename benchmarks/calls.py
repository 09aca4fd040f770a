"""What the package costs where reports are small: its import, and one call over loopback. See README.rst."""

import subprocess
import sys
import time
from statistics import median

import server
import table
from documents import ID_SEND

CLIENT_ID, CLIENT_MD5 = 1234567, "0123456789abcdef0123456789abcdef"
FUNCTION = "mailkit.report.message.bounces"

STDLIB = "import dataclasses, typing, enum, logging, datetime"
OURS = "import mailkit_xmlrpc"
IMPORTS = (OURS, STDLIB, "import xmlrpc.client", "pass")
#: what the package must not load before the first call
LATER = ("xmlrpc.client", "http.client", "ssl", "email", "defusedxml", "tempfile")


# --- imports --------------------------------------------------------------------------------------------------------

_TIMED = """
import sys, time
sys.path[:] = {path!r}
start = time.perf_counter()
{statement}
print(time.perf_counter() - start)
"""
_LOADED = """
import sys
sys.path[:] = {path!r}
before = set(sys.modules)
{statement}
print(" ".join(sorted(set(sys.modules) - before)))
"""


def isolated(code, statement):
    """What *code* prints in a fresh process that knows this one's directories, and no setting of the environment."""
    program = code.format(path=sys.path[1:], statement=statement)  # not this script's own directory
    return subprocess.run([sys.executable, "-I", "-c", program], stdout=subprocess.PIPE, check=True).stdout.decode()


def measure_imports(rounds):
    """Return statement -> [(seconds of the statement, seconds of the whole process) of each round]."""
    seconds = {statement: [] for statement in IMPORTS}
    for number in range(-1, rounds):
        for statement in IMPORTS:
            start = time.perf_counter()
            inside = float(isolated(_TIMED, statement))
            if number >= 0:  # the first round writes .pyc files and fills the disk's cache
                seconds[statement].append((inside, time.perf_counter() - start))
    return seconds


def import_lines(rounds):
    seconds = measure_imports(rounds)
    best = {statement: min(inside for inside, _ in pairs) for statement, pairs in seconds.items()}
    lines = []
    for statement in IMPORTS:
        ratio = "{:.2f}x".format(best[statement] / best[STDLIB]) if statement != "pass" else ""
        whole = min(whole for _, whole in seconds[statement])
        lines.append([statement, "{:.2f}".format(best[statement] * 1000), ratio, "{:.1f}".format(whole * 1000)])
    return lines


def loaded_modules():
    """What importing the package loads."""
    return isolated(_LOADED, OURS).split()


# --- calls ----------------------------------------------------------------------------------------------------------


def callers(url):
    """Label -> function that makes one call; each has one connection, which it keeps."""
    from xmlrpc.client import ServerProxy

    from peers import typed_rows

    from mailkit_xmlrpc import MailkitClient

    bare, typed = (getattr(ServerProxy(url), FUNCTION) for _ in range(2))
    client = MailkitClient(CLIENT_ID, CLIENT_MD5, url=url, proxy="")
    return [
        ("xmlrpc.client.ServerProxy, dicts", lambda: bare(CLIENT_ID, CLIENT_MD5, ID_SEND)),
        ("xmlrpc.client.ServerProxy, typed rows", lambda: typed_rows(typed(CLIENT_ID, CLIENT_MD5, ID_SEND))),
        ("mailkit_xmlrpc, bounces()", lambda: client.bounces(ID_SEND)),
    ]


def measure_calls(called, rows, rounds, calls):
    """Return, for each of *called*, the seconds of a call (the median of *calls*) in each round.

    They take turns call by call, and in every round another one begins.
    """
    for _, call in called:  # connects, and imports what is left to import
        if len(call()) != rows:
            sys.exit("the server did not answer with {} rows".format(rows))
    seconds = [[] for _ in called]
    for number in range(rounds):
        turn = [[] for _ in called]
        order = [(number + index) % len(called) for index in range(len(called))]
        for _ in range(calls):
            for index in order:
                call = called[index][1]
                start = time.perf_counter()
                call()
                turn[index].append(time.perf_counter() - start)
        for index, spent in enumerate(turn):
            seconds[index].append(median(spent))
    return seconds


def call_lines(sizes, rounds, calls):
    lines = []
    with server.running() as base:
        for rows in sizes:
            called = callers("{}/documented/{}".format(base, rows))
            seconds = measure_calls(called, rows, rounds, calls)
            for (label, _), spent in zip(called, seconds):
                ratio = median(ours / bare for ours, bare in zip(spent, seconds[0]))
                label = "{}, {} row{}".format(label, rows, "" if rows == 1 else "s")
                lines.append([label, "{:.3f}".format(median(spent) * 1000), "{:.2f}x".format(ratio), ""])
    return lines


def main(argv=None):
    parser = table.argument_parser(__doc__.partition("\n")[0])
    parser.add_argument("--rows", nargs="+", type=table.at_least(1), default=[1, 100], help="of a call (%(default)s)")
    parser.add_argument("--rounds", type=table.at_least(1), default=15, help="(%(default)s)")
    parser.add_argument("--calls", type=table.at_least(1), default=200, help="in each round (%(default)s)")
    options = parser.parse_args(argv)

    modules = loaded_modules()
    early = [name for name in LATER if name in modules]
    lines = import_lines(options.rounds)
    lines += call_lines(options.rows, options.rounds, options.calls)
    title = (
        "Milliseconds: imports (best of {0} processes; ratio to the modules that any such package needs) "
        "and calls (median of {0} rounds of {1}; ratio to the bare ServerProxy's)"
    ).format(options.rounds, options.calls)
    table.show(options.form, [title], ["import or call", "ms", "ratio", "whole process"], lines)
    print("\n{} loads {} modules; of {}: {}".format(OURS, len(modules), ", ".join(LATER), ", ".join(early) or "none"))


if __name__ == "__main__":
    main()
