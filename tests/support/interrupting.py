"""Raises an exception at a chosen line or opcode of the package's frames, as a signal handler may."""

import dis
import gc
import os
import sys

import mailkit_xmlrpc
from mailkit_xmlrpc.exceptions import boundary

PACKAGE = os.path.dirname(mailkit_xmlrpc.__file__) + os.sep
SIMULATOR = os.path.join(PACKAGE, "simulator") + os.sep  # what a test prepares with is none of the call's steps
#: the smallest step that this Python can stop at
STEP = "opcode" if sys.version_info >= (3, 7) else "line"
# The frames that take the others off the traceback.
_BOUNDARY = boundary.boundary(lambda: None).__code__
_RETURN = dis.opmap["RETURN_VALUE"]


class Place:
    """Where an exception struck."""

    def __init__(self, frame):
        self.code = frame.f_code
        self.name = "{}:{}:{}".format(self.code.co_filename[len(PACKAGE) :], self.code.co_name, frame.f_lineno)
        #: whether the frame only had to return what it has
        self.is_return = STEP == "opcode" and self.code.co_code[frame.f_lasti] == _RETURN
        #: whether it is one that takes the others off the traceback
        self.is_boundary = self.code is _BOUNDARY or self.code.co_name == "__next__"

    def is_in(self, *folders):
        """Whether it is in one of *folders* of the package."""
        return self.name.startswith(folders)


class Interruption:
    """While it is entered, *handler* is called in place of the step number *at* that the package does (None: never).

    What runs in a finalizer, or in a thread, does not count: Python itself drops an exception of the one, and runs no
    signal handler in the other. Nor do instructions that have no line: they are the compiler's own, from 3.12 on close
    a generator that is dropped, and no signal handler runs there.

    Nothing is collected meanwhile: CPython 3.12.1 dies where another thread collects a generator that is being traced.
    """

    def __init__(self, handler, at=None):
        self._handler = handler
        self._at = at
        #: how many were done
        self.steps = 0
        #: the Place where it struck
        self.place = None

    def _trace(self, frame, event, arg):
        file = frame.f_code.co_filename
        if not file.startswith(PACKAGE) or file.startswith(SIMULATOR) or _is_in_finalizer(frame):
            return None
        if STEP == "opcode":
            frame.f_trace_opcodes = True
        return self._inside

    def _inside(self, frame, event, arg):
        if event == STEP and frame.f_lineno is not None:
            self.steps += 1
            if self.steps == self._at:
                self.place = Place(frame)
                sys.settrace(None)
                self._handler()
        return self._inside

    def __enter__(self):
        self._before = sys.gettrace()
        self._collects = gc.isenabled()
        gc.disable()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *exc_info):
        sys.settrace(self._before)
        if self._collects:
            gc.enable()


def _is_in_finalizer(frame):
    while frame is not None and frame.f_trace is None:  # what calls a frame that is traced is in none
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def interrupted(call, handler, at):
    """The Place where *handler* struck *call* (None: it did not), what was raised, what came back, and what this Python
    left behind as the exception that is being handled: it forgets one where a trace function raises in an ``except``.

    In a generator, which takes that along when it ends.
    """

    def attempt():
        raised = result = None
        with Interruption(handler, at) as interruption:
            try:
                result = call()
            except BaseException as error:
                raised = error
        yield interruption.place, raised, result, sys.exc_info()[1]

    return next(attempt())


def steps_of(call):
    """How many steps *call* does."""
    with Interruption(None) as interruption:
        call()
    return interruption.steps


def left_in_traceback(error):
    """The frames of the package's in the traceback of *error* that know something, and the names of what they know."""
    found = []
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename.startswith(PACKAGE):
            names = sorted(set(frame.f_locals) - {"method"})
            if names:
                found.append((frame.f_code.co_name, names))
        traceback = traceback.tb_next
    return found


def descriptors():
    """How many are open in this process."""
    gc.collect()
    return len(os.listdir("/proc/self/fd"))
