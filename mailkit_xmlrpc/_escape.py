"""How an exception leaves the package: with nothing of the inside hanging on it.

Error reporters collect the local variables of every frame in a traceback, and of the exceptions in its context. The
frames inside hold the md5, addresses and whole bodies. So the public methods, whose frames hold nothing, catch
everything, take the inside off (``bare``), and raise it anew from their own frame.
"""
import logging
from typing import Any, Callable, List, Optional

from .exceptions import LocalError, MailkitError

log = logging.getLogger("mailkit_xmlrpc")


def bare(error: BaseException) -> BaseException:
    """*error* as it may leave: ours, MemoryError or no Exception at all (KeyboardInterrupt ...); without its inside."""
    if isinstance(error, Exception) and not isinstance(error, (MailkitError, MemoryError)):
        inside = error.__traceback__
        while inside is not None and inside.tb_next is not None:
            inside = inside.tb_next
        place = "" if inside is None else "{}:{}".format(inside.tb_frame.f_code.co_name, inside.tb_lineno)
        if isinstance(error, ImportError):
            error = LocalError("cannot import {}".format(error.name))
        else:
            error = LocalError("unexpected {} in {}".format(type(error).__name__, place))
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error


def hide(error: MailkitError, show: Callable[[str], str]) -> None:
    """Take what *show* hides out of *error*: what could not be read is named in it (a tag, an encoding, a coding), and
    where it was read our md5 was not known."""
    error.detail = show(error.detail)
    error.args = (error.detail,)


def attempted(step: Callable[..., Any], *args: Any) -> List[Any]:
    """``[result, None]`` of ``step(*args)``, or ``[None, error]`` with the error bare.

    A list, so that the caller can ``pop()`` the error into its raise and keep no reference to it in its own frame.
    """
    problem: Optional[BaseException] = None
    result = None
    try:
        result = step(*args)
    except BaseException as error:
        problem = error
    return [result, None if problem is None else bare(problem)]
