"""How an exception leaves the package: with nothing of the inside hanging on it, and the caller's own as it is."""

import pyexpat
import queue
import sys
import types

import pytest

from mailkit_xmlrpc import ApiError, ConfigurationError, FaultError, LocalError
from mailkit_xmlrpc.exceptions.boundary import boundary, leaving, raised_by_caller
from tests.support.account import MD5 as SECRET
from tests.support.inside import inside, raising


class ForeignError(Exception):
    """A class of somebody else's, as a time limit's."""


class ForeignExit(BaseException):
    """One that is no Exception."""


class ForeignOSError(OSError):
    """One that looks like the network's."""


def failing(error, cause=None):
    """A step of ours that raises *error* from a frame that knows a secret."""

    def step():
        secret = SECRET
        try:
            raise ValueError(secret)
        except ValueError:
            if cause is not None:
                raise error from cause
            raise error

    return inside(step)


def left(step, *args, **kwargs):
    """What leaves when *step* is a public method."""
    with pytest.raises(BaseException) as caught:
        boundary(step)(*args, **kwargs)
    return caught.value


def frames(error):
    """The frames in the traceback of *error*, without the test's own at its beginning."""
    found = []
    traceback = error.__traceback__
    while traceback is not None:
        found.append(traceback.tb_frame)
        traceback = traceback.tb_next
    while found and found[0].f_code.co_name in ("left", "test_frames_of_nested_methods"):
        del found[0]
    return found


# --- what passes ------------------------------------------------------------------------------------------------------


def test_result_is_handed_over():
    """A method that works gives its result; arguments are passed on; it looks like itself."""

    def method(one, *, two):
        """What it does."""
        return one, two

    public = boundary(method)
    assert public(1, two=2) == (1, 2)
    assert (public.__name__, public.__doc__, public.__wrapped__) == ("method", "What it does.", method)


@pytest.mark.parametrize(
    "kind, args",
    [
        (ApiError, ["no"]),
        (ConfigurationError, ["no"]),
        (FaultError, [1, "no"]),
        (MemoryError, []),
        (KeyboardInterrupt, []),
        (SystemExit, [3]),
        (GeneratorExit, []),
    ],
)
@pytest.mark.parametrize("cause", [None, ValueError(SECRET)], ids=["alone", "with-a-cause"])
def test_ours_and_interrupts_leave_as_they_are(kind, args, cause):
    """A MailkitError, MemoryError and what is no Exception pass: the same object, without our frames, context and
    cause."""
    error = kind(*args)
    raised = left(failing(error, cause))
    assert raised is error
    assert [frame.f_code.co_name for frame in frames(raised)] == ["call"]
    assert (raised.__context__, raised.__cause__) == (None, None)


@pytest.mark.parametrize(
    "kind",
    [ValueError, OSError, RuntimeError, AssertionError, RecursionError, StopIteration, UnicodeError, queue.Empty],
)
def test_anything_else_becomes_a_local_error(kind):
    """Nothing else of the inside leaves: the class and the place are told, the text is not, for it may quote what we
    hold."""
    raised = left(failing(kind(SECRET)))
    assert type(raised) is LocalError
    assert str(raised).startswith("unexpected {} in step:".format(kind.__name__))
    assert SECRET not in str(raised) + repr(raised)
    assert (raised.__context__, raised.__cause__) == (None, None)


def test_missing_module_is_named():
    """A dependency that is not installed is told by its name: that is all one needs to know."""

    def imports():
        import no_such_module_of_anybody  # noqa: F401  (fails)

    error = left(inside(imports))
    assert str(error).startswith("cannot import no_such_module_of_anybody;")
    assert type(error) is LocalError


def test_error_without_a_traceback():
    """An exception that was made and not raised is told without a place."""
    assert str(leaving(ValueError())).startswith("unexpected ValueError in ;")


@pytest.mark.parametrize("args, kwargs", [((), {}), ((1, 2), {}), ((1,), {"three": 3})])
def test_arguments_that_do_not_fit(args, kwargs):
    """A call that the method does not take is the TypeError that Python raises of it."""
    error = left(inside(lambda one: None), *args, **kwargs)
    assert type(error) is TypeError
    assert "argument" in str(error)


def test_type_error_of_the_inside():
    """A TypeError that rises further in is a fault of ours."""
    assert str(left(failing(TypeError(SECRET)))).startswith("unexpected TypeError in step:")


# --- what hangs on it -------------------------------------------------------------------------------------------------


def test_frame_that_raises_is_empty():
    """The one frame of ours that is left holds nothing that a reporter could show, and does not hold the error."""
    error = left(failing(ApiError("no")))
    assert set(frames(error)[0].f_locals) <= {"method"}


def test_frames_of_the_inside_are_emptied():
    """Whoever still refers to a frame of the inside (a debugger, a profiler) finds no variable in it."""
    kept = []

    def step():
        secret = SECRET
        kept.append(sys._getframe())
        raise ApiError(len(secret))

    left(inside(step))
    assert kept[0].f_locals.get("secret") is None


def test_frames_of_nested_methods():
    """A public method that calls another one shows no more of the inside than that one."""
    outer = boundary(inside(lambda method: method()))
    with pytest.raises(ApiError) as caught:
        outer(boundary(failing(ApiError("no"))))
    assert [frame.f_code.co_name for frame in frames(caught.value)] == ["call"]


def test_context_of_the_caller_stays():
    """What the caller is handling at the time is the context: theirs to show, not ours to hide."""
    try:
        raise KeyError("theirs")
    except KeyError as theirs:
        assert left(failing(ApiError("no"))).__context__ is theirs


# --- the caller's own -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ValueError, OSError, TimeoutError, RuntimeError, KeyError, ApiError, ForeignError])
def test_error_of_the_callers_code(kind):
    """What code of the caller's raises, called from inside, is the same object, with its own frames and cause."""
    cause = ValueError("why")
    error = kind("theirs")

    def clock():
        raise error from cause

    raised = left(inside(lambda secret: clock()), SECRET)
    assert raised is error
    assert raised.__cause__ is cause
    assert [frame.f_code.co_name for frame in frames(raised)] == ["call", "clock"]


@pytest.mark.parametrize("kind", [ForeignError, ForeignExit, ForeignOSError])
def test_foreign_class_without_a_frame(kind):
    """An exception that another thread threw in has no frame of the caller's: its class tells whose it is."""
    error = kind("theirs")
    raised = left(failing(error))
    assert raised is error
    assert [frame.f_code.co_name for frame in frames(raised)] == ["call"]
    assert raised.__context__ is None


def test_import_error_of_the_callers_code():
    """A module that the caller's own code misses is not ours to name."""

    def tzinfo():
        import no_such_module_of_anybody  # noqa: F401  (fails)

    assert type(left(inside(lambda: tzinfo()))) in (ImportError, ModuleNotFoundError)


@pytest.mark.parametrize(
    "module", ["mailkit_xmlrpc.transport.http", "socket", "ssl", "xml.parsers.expat", "defusedxml.common", "zlib"]
)
def test_frames_of_the_standard_library_are_inside(module):
    """Ours, the standard library's and defusedxml's are no code of the caller's."""
    __import__(module.split(".")[0])
    with pytest.raises(OSError) as caught:
        inside(lambda: raising(OSError("x"), module)())()
    # The first frames are the test's.
    error = caught.value.with_traceback(caught.value.__traceback__.tb_next)
    assert not raised_by_caller(error)


@pytest.mark.parametrize("module", ["hypothesis", "_pytest.python", "__main__", "no_such_module", "django.db"])
def test_frames_of_others_are_the_callers(module):
    """An installed package, the script itself and what has no file are the caller's."""
    with pytest.raises(OSError) as caught:
        inside(lambda: raising(OSError("x"), module)())()
    assert raised_by_caller(caught.value.with_traceback(caught.value.__traceback__.tb_next))


def test_frames_of_the_package_of_an_object():
    """A socket of another make raises from the package it comes from: that is no code of the caller's."""
    socket = types.new_class("socket", exec_body=lambda names: names.update(__module__="gevent_like._socket3"))()
    with pytest.raises(OSError) as caught:
        inside(lambda: raising(OSError("x"), "gevent_like.hub")())()
    error = caught.value.with_traceback(caught.value.__traceback__.tb_next)
    assert raised_by_caller(error)
    assert not raised_by_caller(error, socket)


def test_frames_that_c_made():
    """pyexpat puts frames of its own into the traceback of what a handler raises: they are nobody's."""

    def read():
        parser = pyexpat.ParserCreate()
        parser.StartElementHandler = raising(ApiError("no"))
        parser.Parse(b"<x/>", True)

    error = left(inside(read))
    assert [frame.f_code.co_name for frame in frames(error)] == ["call"]


def test_frames_of_what_was_being_handled():
    """What one of ours was doing about another error is emptied, too; the caller's own frames are not."""
    kept, theirs = [], []

    def step():
        secret = SECRET
        kept.append(sys._getframe())
        raise ValueError(secret)

    def clock():
        word = "theirs"
        theirs.append(sys._getframe())
        raise KeyError(word)

    def handles(inner):
        try:
            inner()
        except Exception:
            raise ApiError("no")

    for inner in (inside(step), clock):
        left(inside(handles), inner)
    assert "secret" not in kept[0].f_locals
    assert theirs[0].f_locals["word"] == "theirs"
