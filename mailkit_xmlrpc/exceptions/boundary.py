"""How an exception leaves the package: with nothing of the inside hanging on it.

Error reporters collect the local variables of every frame in a traceback, and of the exceptions in its context. The
frames inside hold the md5, addresses and whole bodies. So every public method stands behind ``boundary``, which takes
the inside off and raises the exception anew from a frame that holds nothing.

What the caller's own code raises while it runs inside a call (a signal handler, such as the time limits of Celery and
RQ; a clock; a tzinfo) leaves as it is. ``raised_by_caller`` tells it from what the system and we ourselves raise, and
every ``except`` for a class that a caller may raise, too, asks it first.
"""

import contextlib
import functools
import logging
import os
import sys
from types import TracebackType
from typing import Any, Callable, Dict, Optional, Tuple, TypeVar, cast

from . import LocalError, MailkitError

log = logging.getLogger("mailkit_xmlrpc")

_Method = TypeVar("_Method", bound=Callable[..., Any])


def boundary(method: _Method) -> _Method:
    """Decorate a public method: what it raises leaves as ``leaving`` says."""

    @functools.wraps(method)
    def call(*args: object, **kwargs: object) -> object:
        try:
            try:
                return method(*args, **kwargs)
            except BaseException as error:
                problem = error.with_traceback(None) if _is_misfit(error) else leaving(error)
        except BaseException as error:  # of a signal handler, while the first one was made ready
            problem = leaving(error)
        del args, kwargs
        try:
            raise problem
        finally:
            del problem  # this frame hangs on it: a cycle would keep both

    return cast(_Method, call)


def _is_misfit(error: BaseException) -> bool:
    """Whether *error* says that the caller's arguments do not fit the method: then that was never entered."""
    traceback = error.__traceback__
    return type(error) is TypeError and traceback is not None and traceback.tb_next is None


def leaving(error: BaseException) -> BaseException:
    """*error* as it may leave: ours, MemoryError, the caller's own, or no Exception at all (KeyboardInterrupt ...).

    Anything else becomes a LocalError. Our frames are emptied and taken off its traceback, and its context is dropped.
    """
    inside = error.__traceback__
    theirs = first_of_caller(inside)
    if isinstance(error, ImportError) and not raised_by_caller(error):
        error = LocalError("cannot import {}".format(error.name))
    elif isinstance(error, Exception) and not isinstance(error, (MailkitError, MemoryError)):
        if not raised_by_caller(error):
            error = LocalError("unexpected {} in {}".format(type(error).__name__, _place(inside)))
    _empty(inside, theirs)
    context = error.__context__
    while context is not None:
        # That which was handled when this one was raised. Of the caller's own there may be some, too.
        _empty(context.__traceback__, first_of_caller(context.__traceback__))
        context = context.__context__
    error.__traceback__ = theirs
    if theirs is None:
        error.__cause__ = None
    error.__context__ = None
    return error


def raised_by_caller(error: BaseException, *objects: object) -> bool:
    """Whether code of the caller's raised *error*, which has just been caught: not ours, not the standard library's,
    not the one of the package that an object of *objects* comes from (a socket of gevent's, the function that gevent
    has put in the place of getaddrinfo, a tzinfo of pytz's).

    A class that is none of theirs is the caller's wherever it was raised: another thread may have thrown it.
    """
    packages = tuple(_package(getattr(one, "__module__", None) or type(one).__module__) for one in objects)
    if not _is_inside(type(error).__module__, packages):
        return True
    return first_of_caller(error.__traceback__, packages) is not None


def first_of_caller(traceback: Optional[TracebackType], packages: Tuple[str, ...] = ()) -> Optional[TracebackType]:
    """The rest of *traceback* from the first frame on that is neither ours, nor the standard library's, nor of one of
    *packages*."""
    while traceback is not None:
        names = traceback.tb_frame.f_globals
        # There are none where C made the frame, as pyexpat does around each handler.
        if names and not _is_inside(names.get("__name__", ""), packages):
            return traceback
        traceback = traceback.tb_next
    return None


def _package(module: str) -> str:
    return module.partition(".")[0]


_inside: Dict[str, bool] = dict.fromkeys(("mailkit_xmlrpc", "defusedxml", "dataclasses"), True)  # by package
_STANDARD = os.path.dirname(os.__file__) + os.sep


def _is_inside(module: str, packages: Tuple[str, ...]) -> bool:
    """Whether *module* is ours, the standard library's, or of one of *packages*."""
    package = _package(module)
    if package in packages:
        return True
    known = _inside.get(package)
    if known is None:
        known = _inside[package] = package in sys.builtin_module_names or _is_standard(package)
    return known


def _is_standard(package: str) -> bool:
    path = getattr(sys.modules.get(package), "__file__", None) or ""
    return path.startswith(_STANDARD) and "-packages" + os.sep not in path[len(_STANDARD) - 1 :]


def _place(traceback: Optional[TracebackType]) -> str:
    """Where the innermost frame of *traceback* stands."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return "" if traceback is None else "{}:{}".format(traceback.tb_frame.f_code.co_name, traceback.tb_lineno)


def _empty(traceback: Optional[TracebackType], end: Optional[TracebackType]) -> None:
    """Forget the variables of the frames of *traceback* before *end*; frames of the caller may still refer to them."""
    while traceback is not end and traceback is not None:
        with contextlib.suppress(RuntimeError):  # the one that is running
            traceback.tb_frame.clear()
        traceback = traceback.tb_next
