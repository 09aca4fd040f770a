"""The streams of the command line: data to standard output or a file, everything else to standard error."""
import contextlib
import errno
import io
import logging
import os
import sys
import tempfile
from typing import BinaryIO, Iterable, Iterator, Optional, TextIO

from .exceptions import ConfigurationError

PROGRAM = "mailkit-bounces"


class UsageError(ConfigurationError):
    """What was asked of the command line cannot be done; the account has nothing to do with it."""


def terminal() -> Optional[TextIO]:
    """Return standard output if it is a terminal."""
    return sys.stdout if sys.stdout is not None and sys.stdout.isatty() else None


def write(pieces: Iterable[str], path: Optional[str] = None) -> None:
    """Write *pieces* to the file at *path*, whole or not at all, or to standard output where that is None.

    That the reader of standard output goes away is no failure: nobody wants the rest.
    """
    if path is not None:
        with whole_file(path) as file:
            for piece in pieces:
                file.write(piece.encode("utf-8", "backslashreplace"))
        return
    stream = _data_stream()
    try:
        with contextlib.suppress(BrokenPipeError):
            for piece in pieces:
                stream.write(piece)
            stream.flush()
    finally:
        _release(stream)


def target_of(path: str) -> str:
    """Where the file at *path* is to stand.

    :raises UsageError: something else than a file stands there: replacing /dev/null would be a disaster
    """
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):
        raise UsageError("the output is no ordinary file")
    return target


@contextlib.contextmanager
def whole_file(path: str) -> Iterator[BinaryIO]:
    """A file to write that gets the name *path* only when all went well; until then an older one stays as it is.

    Only its owner may read it: it holds addresses.

    :raises UsageError: there is something at *path* that is no ordinary file
    """
    target = target_of(path)
    # Not named after this process: in a container each run has the same number, and one that was killed left a file.
    descriptor, partial = tempfile.mkstemp(".part", PROGRAM + "-", os.path.dirname(target))
    try:
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        os.replace(partial, target)
    except BaseException:
        os.unlink(partial)
        raise


def _data_stream() -> TextIO:
    """Return standard output as UTF-8 with plain line feeds, whatever the locale and the system.

    A terminal keeps its own encoding: to one that is not UTF-8, some of UTF-8's bytes are control characters.
    """
    if sys.stdout is None:  # closed before we were started
        raise OSError(errno.EBADF, "standard output is closed")
    sys.stdout.flush()
    if not hasattr(sys.stdout, "buffer"):  # replaced by an io.StringIO or the like
        return sys.stdout
    encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
    # Not sys.stdout.reconfigure(), which is 3.7's.
    return io.TextIOWrapper(sys.stdout.buffer, encoding=encoding, errors="backslashreplace", newline="\n")


def _release(stream: TextIO) -> None:
    """Send what is left of *stream*, or if it cannot be sent, away: the interpreter would fail on it at exit.

    This is the way of https://docs.python.org/3/library/signal.html#note-on-sigpipe.
    """
    try:
        stream.flush()
    except OSError:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
    if stream is not sys.stdout:
        stream.detach()  # type: ignore[attr-defined]  # a TextIOWrapper; its end must not close standard output


@contextlib.contextmanager
def log_to_stderr(wanted: bool) -> Iterator[None]:
    logger = logging.getLogger("mailkit_xmlrpc")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = logger.level
    if wanted:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def say(text: str) -> None:
    if sys.stderr is not None:  # print() would take None for standard output
        with contextlib.suppress(OSError):
            print("{}: {}".format(PROGRAM, text), file=sys.stderr)
