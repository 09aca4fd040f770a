"""How far a long fetch is, on standard error where that is a terminal: by ``rich`` where it is installed, else in plain
text. It takes one line, and takes it away again before anything else is written."""
import sys
from importlib import import_module
from typing import Any, Optional, TextIO

_WIDTH = 30  # columns of the plain bar


def progress(total: Optional[int]) -> "Progress":
    """A display of how many of *total* deliveries (None: unknown) are done; of one there is nothing to show."""
    stream = sys.stderr
    if total == 1 or stream is None or not stream.isatty():
        return Progress()
    try:
        return _Rich(stream, total)
    except ImportError:
        return _Plain(stream, total)


class Progress:
    """Shows nothing."""

    def show(self, done: int, failed: int) -> None:
        """Show that *done* deliveries are answered, *failed* of them with an error."""

    def hide(self) -> None:
        """Take the line away: something else will be written."""


class _Plain(Progress):
    def __init__(self, stream: TextIO, total: Optional[int]) -> None:
        self._stream = stream
        self._total = total
        self._shown = False

    def show(self, done: int, failed: int) -> None:
        text = "{} done".format(done) if self._total is None else "{} of {}".format(done, self._total)
        if self._total is not None:
            filled = _WIDTH * done // max(1, self._total)
            text = "[{}{}] {}".format("#" * filled, "." * (_WIDTH - filled), text)
        self.hide()
        self._write(text + (", {} failed".format(failed) if failed else ""))
        self._shown = True

    def hide(self) -> None:
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = False

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # the terminal went away: nobody looks
            pass


class _Rich(Progress):
    def __init__(self, stream: TextIO, total: Optional[int]) -> None:
        # By name, so that a type checker has nothing to miss where rich is not installed.
        module, console = import_module("rich.progress"), import_module("rich.console")
        columns = (module.BarColumn(), module.TextColumn("{task.description}"), module.TimeElapsedColumn())
        self._bar: Any = module.Progress(
            *columns, console=console.Console(file=stream), auto_refresh=False, transient=True, redirect_stdout=False,
            redirect_stderr=False
        )  # fmt: skip
        self._total = total
        self._task = self._bar.add_task("", total=total)
        self._shown = False

    def show(self, done: int, failed: int) -> None:
        text = "{} done".format(done) if self._total is None else "{} of {}".format(done, self._total)
        text += ", {} failed".format(failed) if failed else ""
        if not self._shown:
            self._bar.start()
            self._shown = True
        self._bar.update(self._task, completed=done, description=text)
        self._bar.refresh()

    def hide(self) -> None:
        if self._shown:
            self._bar.stop()
            self._shown = False
