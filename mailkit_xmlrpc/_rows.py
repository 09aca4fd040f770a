"""The rows of one report, decoded from its spool while they are asked for."""
import copy
import os
import threading
from typing import Any, Callable, Generic, Iterator, List, Optional, TypeVar

from ._deadline import Deadline
from ._escape import attempted, hide
from .exceptions import LocalError, MailkitError, ResponseError

Finished = Callable[[int], None]
Row = TypeVar("Row")


class Rows(Iterator[Row], Generic[Row]):
    """An iterator of rows, such as :class:`Bounce`, in the server's order; also a context manager.

    It stands on its own: it survives the client's ``close()``, and frees its temporary file when it ends, fails, is
    closed, or is dropped. After an exception, or when it was closed before its end, the rows seen are not the report;
    every further ``next()`` raises then, so that such a report can never look like a finished one. Threads may share
    it: each row goes to one of them.
    """

    def __init__(
        self,
        answer: Any,
        reader: Any,
        deadline: Deadline,
        tries: int,
        show: Callable[[str], str],
        finished: Finished,
    ) -> None:
        self._answer = answer
        self._reader = reader
        self._deadline = deadline
        #: tries that the call took
        self.tries = tries
        self._show = show
        self._finished = finished
        self._pieces = answer.spool.pieces()
        self._batch: Iterator[Row] = iter(())
        self._over = False
        self._error: Optional[BaseException] = None
        self._lock = threading.RLock()  # held while a piece is decoded, never while a row is handed over
        self._pid = os.getpid()
        self._stepping = False

    def begin(self, whole: bool) -> None:
        """Decode until it is sure that the answer is a report; with *whole*, all of it. Part of the call.

        :raises ApiError, ResponseError, DeadlineExceededError: it is none
        """
        first: List[Row] = []
        while not self._over and (whole or not self._reader.is_report):
            self._deadline.left()
            self._step()
            first.extend(self._batch)
        self._batch = iter(first)
        self._deadline.pause()

    def _step(self) -> None:
        """Decode one more piece."""
        piece = next(self._pieces, None)
        try:
            if piece is not None:
                self._batch = iter(self._reader.feed(piece))
                return
            self._batch = iter(self._reader.close())
        except MailkitError as error:
            if isinstance(error, ResponseError):
                self._answer.describe(error)
            raise
        self._over = True
        self._answer.spool.close()
        self._finished(self._reader.rows)

    def __iter__(self) -> "Rows[Row]":
        return self

    def __next__(self) -> Row:
        bounce = next(self._batch, None)
        while bounce is None:
            with self._locked():
                bounce = next(self._batch, None)  # another thread may have decoded some
                if bounce is None and not self._advance():
                    raise self._end()
        return bounce

    def rest(self) -> List[Row]:
        """All rows that are still to come, at once; raises as ``next()`` does."""
        with self._locked():
            bounces = list(self._batch)
            while self._advance():
                bounces += self._batch
        if self._error is None:
            return bounces
        del bounces  # the exception's traceback holds this frame
        raise self._end()

    def _advance(self) -> bool:
        """Whether there may be more rows now; this frame may see rows, so it raises nothing."""
        if self._over:
            return False
        self._stepping = True
        error = attempted(self._timed_step).pop()
        self._stepping = False
        if error is not None:
            if isinstance(error, MailkitError):
                error.attempts = self.tries
                hide(error, self._show)
            self._free(error)
        return error is None

    def _locked(self) -> threading.RLock:
        """The lock of this process: after a fork, nobody may be left to release the other one."""
        if self._pid != os.getpid():
            self._pid, self._lock = os.getpid(), threading.RLock()
            if self._stepping:
                self._free(LocalError("the process was forked while another thread read this report"))
        return self._lock

    def _timed_step(self) -> None:
        self._deadline.resume()
        try:
            self._deadline.left()
            self._step()
        finally:
            self._deadline.pause()

    def _end(self) -> BaseException:
        """What ends the iteration: StopIteration, or what went wrong."""
        error = self._error
        if error is None:
            return StopIteration()
        if not isinstance(error, Exception):  # told once; then the rows are still not the report
            self._error = LocalError("the reading of this report was interrupted")
            return error
        return copy.copy(error)

    def close(self) -> None:
        """Free the temporary file; before its end, ``next()`` raises LocalError from now on. Twice is fine."""
        with self._locked():
            finished = self._over and next(self._batch, None) is None
            self._free(self._error if finished or self._error else LocalError("the report was closed before its end"))

    def _free(self, error: Optional[BaseException]) -> None:
        self._error = error
        self._over = True
        self._batch = iter(())
        self._reader.forget()
        self._answer.spool.close()

    def __reduce__(self) -> str:
        raise TypeError("a report that is being read cannot be copied or pickled")

    def __enter__(self) -> "Rows[Row]":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        self._free(None)  # nobody else can hold the lock
