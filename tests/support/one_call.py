"""The process that a call has to itself, to measure it: a script, run by ``growth``.

Its arguments are the URL, the method and the client's options as JSON. For each line on its standard input it makes one
call, and prints a line: the bytes of the call's peak above what the process had before the first line, the seconds of
processor time, the lines of the package that were run (if it is told to count), and what came of it.
"""

import json
import os
import sys
import time

import mailkit_xmlrpc

PACKAGE = os.path.dirname(mailkit_xmlrpc.__file__) + os.sep


def begin():
    """Forget the peak so far, where the system can (Linux): what imports took would hide what a call takes."""
    try:
        with open("/proc/self/clear_refs", "wb") as file:
            file.write(b"5")
    except OSError:
        pass


def peak():
    """Bytes of physical memory that this process had at most since ``begin()``."""
    try:
        with open("/proc/self/status", "rb") as file:  # Linux; its ru_maxrss may be the parent's, from before exec
            for line in file:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource

    maxrss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return maxrss if sys.platform == "darwin" else maxrss * 1024


class Lines:
    """Counts the lines of the package that are run while it is entered."""

    def __init__(self):
        self.count = 0

    def _trace(self, frame, event, arg):
        return self._line if frame.f_code.co_filename.startswith(PACKAGE) else None

    def _line(self, frame, event, arg):
        self.count += event == "line"
        return self._line

    def __enter__(self):
        sys.settrace(self._trace)
        return self

    def __exit__(self, *exc_info):
        sys.settrace(None)


def called(client, how):
    """Ask *how*, and say what came of it."""
    try:
        if how == "iter":
            return "{} rows".format(sum(1 for _ in client.iter_bounces(1)))
        if how == "call":
            return type(client.call("mailkit.report.x")).__name__
        return "{} rows".format(len(client.bounces(1) if how == "bounces" else client.campaigns()))
    except mailkit_xmlrpc.MailkitError as error:
        return type(error).__name__


def main(url, how, options, counting):
    """Call as often as told."""
    options = dict(dict(proxy="", retry=None, timeout=60, deadline=None), **json.loads(options))
    with mailkit_xmlrpc.MailkitClient(1234567, "0" * 32, url=url, **options) as client:
        called(client, how)
        begin()
        before = peak()
        for _ in sys.stdin:
            begin()
            started = time.process_time()
            if counting == "count":
                with Lines() as lines:
                    outcome = called(client, how)
            else:
                lines, outcome = None, called(client, how)
            seconds = time.process_time() - started
            print(peak() - before, seconds, lines.count if lines else 0, outcome, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
