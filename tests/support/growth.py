"""What answers of several sizes take: memory, time, and lines of the package that are run."""

import json
import os
import subprocess
import sys

import mailkit_xmlrpc
from tests.support.growing_answers import CONSTANT
from tests.support.scripted_server import Request, ScriptedServer

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "one_call.py")

SIZES = (3500000, 7000000, 14000000)  # bytes; of one row, too, which may have 16 MiB
SHORT_SIZES = (50000, 100000, 200000)  # of all header lines, which may have 256 KiB
SLOWER = 3.0  # times the time for twice the bytes; two is linear. Beyond 4 MiB the spool writes to its file
LEAST_SECONDS = 0.05  # less is too little to be compared
CHANCE = 1 << 20  # bytes of memory that twice the bytes may take more by chance
BASE = 12 << 20  # bytes of memory for anything: the spool keeps 4 MiB of an answer, and copies them to its file
PER_BYTE = 34  # bytes of memory for each byte of a row, or of a list
# By itself glibc's malloc moves these two while a process runs, and so chance decides whether it keeps the spool's
# 4 MiB. Set, they stay as they are: each large block is given back.
STEADY = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


def measured(answer, framing, sizes, counting=False):
    """(bytes of peak memory, seconds, lines, what came of it) for each of *sizes*."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(mailkit_xmlrpc.__file__)))  # under test, installed or not
    environment = dict(os.environ, PYTHONPATH=home, **STEADY)
    with ScriptedServer((Request(),) + answer.answer(1000, framing), noting=False) as server:
        command = [sys.executable, SCRIPT, server.url, answer.how]
        command += [json.dumps(dict(answer.options, protocol=answer.protocol)), "count" if counting else ""]
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True, env=environment
        )
        try:
            found = []
            for size in sizes:
                server.play((Request(),) + answer.answer(size, framing))
                child.stdin.write("\n")
                child.stdin.flush()
                line = child.stdout.readline().split(None, 3)
                found.append((int(line[0]), float(line[1]), int(line[2]), line[3].strip()))
            return found
        finally:
            child.stdin.close()
            child.stdout.close()
            child.wait()


def complaints(answer, found, sizes):
    """What is too much in *found*, in words."""
    fast, slow = found[-2][1], found[-1][1]
    before, most = found[-2][0], found[-1][0]
    if slow > SLOWER * max(fast, LEAST_SECONDS):
        yield "{:.1f} times the time".format(slow / fast)
    allowed = BASE if answer.memory == CONSTANT else BASE + PER_BYTE * sizes[-1]
    if most > allowed or answer.memory == CONSTANT and most - before > CHANCE:
        yield "{:.1f} MiB".format(most / 1048576)
