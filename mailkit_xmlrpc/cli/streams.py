"""The streams of the command line: data go to standard output or to a file, progress and log to standard error."""

import contextlib
import errno
import io
import logging
import os
import shutil
import sys
from importlib import import_module
from typing import Any, Iterable, Iterator, Optional, TextIO, Union

from .errors import PROGRAM, UsageError
from .files import PRIVATE, apart, blaming, write_file

# --- where data go ----------------------------------------------------------------------------------------------------


def terminal() -> Optional[TextIO]:
    """Return standard output if it is a terminal, else None."""
    return sys.stdout if sys.stdout is not None and sys.stdout.isatty() else None


def width() -> int:
    """Return the columns of the terminal (or of COLUMNS), at least 40."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def has_blocks() -> bool:
    """Return whether block characters can be written: to a terminal only where its encoding is UTF-8."""
    stream = terminal()
    return stream is None or (stream.encoding or "").lower().replace("-", "") == "utf8"


def write(
    pieces: Iterable[Union[str, bytes]], path: Optional[str] = None, option: str = "-O", mode: int = PRIVATE
) -> None:
    """Write *pieces* to the file at *path* (see ``files``), or to standard output where that is None.

    :param option: what named the file
    :param mode: of a new file

    It is no failure when the reader of standard output goes away: nobody wants the rest.

    :raises UsageError: what is at *path* is nothing to write to
    :raises LocalError: the pieces cannot be written
    """
    if path is not None:
        write_file(pieces, path, option, mode)
        return
    with blaming("standard output"):
        stream = _data_stream()
        try:
            for piece in apart(pieces):
                if isinstance(piece, str):
                    stream.write(piece)
                else:
                    _write_bytes(stream, piece)
            stream.flush()
        finally:
            _release(stream)


def _write_bytes(stream: TextIO, piece: bytes) -> None:
    if not hasattr(stream, "buffer"):
        raise UsageError("standard output takes text only: give -O FILE")
    stream.buffer.write(piece)


def _data_stream() -> TextIO:
    """Return standard output as UTF-8 with plain line feeds, whatever the locale and the system.

    A terminal keeps its own encoding: where that is not UTF-8, some bytes of UTF-8 are control characters to it.
    """
    # None means that it was closed before this program was started.
    if sys.stdout is None:
        raise OSError(errno.EBADF, "it is closed")
    sys.stdout.flush()
    # An io.StringIO or the like, in its place, has no buffer.
    if not hasattr(sys.stdout, "buffer"):
        return sys.stdout
    encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
    # sys.stdout.reconfigure() exists only since Python 3.7.
    return io.TextIOWrapper(sys.stdout.buffer, encoding=encoding, errors="backslashreplace", newline="\n")


def _release(stream: TextIO) -> None:
    """Send what is left of *stream*. What cannot be sent is thrown away: the interpreter would fail on it at exit.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe shows how.
    """
    try:
        stream.flush()
    except OSError:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
    # The end of our own wrapper must not close standard output.
    if isinstance(stream, io.TextIOWrapper) and stream is not sys.stdout:
        stream.detach()


# --- what is said meanwhile -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def log_to_stderr(wanted: bool) -> Iterator[None]:
    """Show the package's log on standard error within the ``with`` block, if it is *wanted*; its warnings anyway."""
    logger = logging.getLogger("mailkit_xmlrpc")
    handler = logging.StreamHandler()
    form = "%(asctime)s %(levelname)s %(message)s" if wanted else PROGRAM + ": %(message)s"
    handler.setFormatter(logging.Formatter(form))
    handler.setLevel(logging.DEBUG if wanted else logging.WARNING)
    level = logger.level
    logger.addHandler(handler)
    if wanted:
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def progress(total: Optional[int]) -> "Progress":
    """Return a display of how many deliveries are done: a line on standard error, if that is a terminal.

    :param total: deliveries asked for; None where that is unknown. For a single one nothing is shown
    """
    stream = sys.stderr
    if total == 1 or stream is None or not stream.isatty():
        return Progress(total)
    try:
        return _RichProgress(total, stream)
    except ImportError:
        return _PlainProgress(total, stream)


class Progress:
    """Shows nothing; the base of those that do. The line is taken away before anything else is written."""

    def __init__(self, total: Optional[int]) -> None:
        self._total = total
        self._visible = False

    def show(self, done: int, failed: int, now: Optional[int] = None) -> None:
        """Show that *done* deliveries are answered, *failed* of them with an error, and that *now* is being read."""
        text = "{} done".format(done) if self._total is None else "{} of {}".format(done, self._total)
        text += ", {} failed".format(failed) if failed else ""
        self._draw(done, text + ("" if now is None else ", reading ID_SEND {}".format(now)))

    def hide(self) -> None:
        """Take the line away."""

    def _draw(self, done: int, text: str) -> None:
        pass


class _PlainProgress(Progress):
    """A count in plain text."""

    def __init__(self, total: Optional[int], stream: TextIO) -> None:
        super().__init__(total)
        self._stream = stream

    def hide(self) -> None:
        if self._visible:
            self._write("\r\x1b[K")
            self._visible = False

    def _draw(self, done: int, text: str) -> None:
        self.hide()
        self._write(text)
        self._visible = True

    def _write(self, text: str) -> None:
        # Where the terminal went away, nobody looks.
        with contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()


class _RichProgress(Progress):
    """A bar, drawn by rich."""

    def __init__(self, total: Optional[int], stream: TextIO) -> None:
        super().__init__(total)
        # Imported by name, so that a type checker misses nothing where rich is not installed.
        rich, console = import_module("rich.progress"), import_module("rich.console")
        self._bar: Any = rich.Progress(
            rich.BarColumn(),
            rich.TextColumn("{task.description}"),
            rich.TimeElapsedColumn(),
            console=console.Console(file=stream),
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("", total=total)

    def hide(self) -> None:
        if self._visible:
            self._bar.stop()
            self._visible = False

    def _draw(self, done: int, text: str) -> None:
        if not self._visible:
            self._bar.start()
            self._visible = True
        self._bar.update(self._task, completed=done, description=text)
        self._bar.refresh()
