"""One run of ``iter_many()`` that is interrupted: at a step that a tracer chooses, or by a signal at some moment.

Each function asserts that the run ends within *limit* seconds, with each id once or an error. Used by a test, and by
tools/interrupt.py for thousands of runs.
"""

import signal
import time

from mailkit_xmlrpc import LocalError
from tests.support.interrupting import PACKAGE, interrupted, left_in_traceback

IDS = range(1, 7)
LIMIT = 5  # seconds that one run may take, of which a slow machine takes the most
KINDS = [KeyboardInterrupt, TimeoutError]
ENDINGS = ["go on", "close", "drop"]


class Run:
    """Asks for all of IDS, once."""

    def __init__(self, client, ids):
        self.client = client
        self.ids = ids
        self.outcomes = None
        self.seen = []

    def begin(self):
        self.outcomes = self.client.iter_many(self.ids, max_workers=3)
        self.go_on()

    def go_on(self):
        for outcome in self.outcomes:
            self.seen.append(outcome.id_send)

    def rest(self):
        """What comes after an interruption: "" for a plain end, or the error."""
        if self.outcomes is None:
            return "never made"
        try:
            self.go_on()
        except (LocalError, TimeoutError) as error:
            return str(error).split(";")[0]
        return ""


def is_in_package(error):
    """Whether *error* came through the package."""
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename.startswith(PACKAGE):
            return True
        traceback = traceback.tb_next
    return False


def made(number):
    """Ids that are all there, or come one by one."""
    return IDS if number % 2 else iter(IDS)


def traced_run(client, number, at, kind, ending, limit=LIMIT):
    """One that an exception of *kind* strikes at step *at*; returns whether it did: threads differ from run to run."""
    run, error = Run(client, made(number)), kind("theirs")

    def handler():
        raise error

    started = time.monotonic()
    place, raised, _, _ = interrupted(run.begin, handler, at)
    if place is None:
        return False
    assert raised is error, place.name
    assert place.is_boundary or left_in_traceback(error) == [], place.name
    if ending == "go on":
        end = run.rest()
        assert len(set(run.seen)) == len(run.seen), place.name
        # What ``next`` has returned is the caller's, even where that does not have it yet.
        assert end or place.is_return or sorted(run.seen) == list(IDS), place.name
        # An exception that strikes while the ids are asked is taken for theirs.
        assert end in ("", "never made", "interrupted, ids may be missing", "theirs"), place.name
    elif ending == "close" and run.outcomes is not None:
        run.outcomes.close()
        assert run.rest() or place.is_boundary, place.name
    # The rest of what may have been dropped.
    del run, raised
    error.__traceback__ = None
    assert time.monotonic() - started < limit, place.name
    return True


def signalled_run(client, number, seconds, limit=LIMIT):
    """One that a signal strikes after *seconds*, if it lasts so long; returns whether it did. SIGALRM must raise
    KeyboardInterrupt."""
    run, end, whose, struck = Run(client, made(number)), "", "ours", False
    started = time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        run.begin()
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt as error:
        struck = True
        if not is_in_package(error):
            # It struck this function, which may have had an outcome in its hands.
            whose = "theirs"
        end = run.rest()
    assert len(set(run.seen)) == len(run.seen)
    if whose == "ours":
        assert end in ("never made", "interrupted, ids may be missing") or sorted(run.seen) == list(IDS)
    assert time.monotonic() - started < limit
    return struck


def interrupt(number, frame):
    """The handler of SIGALRM."""
    raise KeyboardInterrupt
