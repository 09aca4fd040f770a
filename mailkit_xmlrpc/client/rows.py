"""The rows of one report, decoded from its spool while they are asked for."""

import copy
import os
from typing import Generic, Iterator, List, Optional

from ..exceptions import LocalError, MailkitError, ResponseError, UnauthorizedError
from ..exceptions.boundary import boundary, leaving, log, raised_by_caller
from ..exceptions.redact import Secret, counted, redact
from ..protocol.base import Protocol
from ..protocol.calls import Call, Row
from ..protocol.readers import RowReader
from ..protocol.text import Text
from ..transport.deadline import Deadline
from ..transport.exchange import Response
from ..transport.waiting import Turn, Turns
from .settings import doubt_about_md5


class Rows(Iterator[Row], Generic[Row]):
    """An iterator of rows, such as :class:`Bounce`, in the server's order; also a context manager.

    It stands on its own: it survives the client's ``close()``, and frees its temporary file when it ends, fails, is
    closed, or is dropped. After an exception, or when it was closed before its end, the rows seen are not the report;
    every further ``next()`` raises then, so that such a report can never look like a finished one. Threads may share
    it: each row goes to one of them.
    """

    def __init__(
        self,
        call: "Call[Row]",
        response: Response,
        text: Text,
        reader: "RowReader[Row]",
        protocol: Protocol,
        deadline: Deadline,
        tries: int,
        md5: Secret,
    ) -> None:
        self._call = call
        self._response = response
        self._reader = reader
        self._protocol = protocol
        self._deadline = deadline
        #: tries that the call took
        self.tries = tries
        self._md5 = md5
        self._text = text
        self._pieces = text.of(response.spool.pieces())
        self._batch: Iterator[Row] = iter(())
        self._over = False
        self._error: Optional[MailkitError] = None
        # Of the threads that decode a piece; none has it while a row is handed over.
        self._turns = Turns()
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
        try:
            piece = next(self._pieces, None)
            rows = self._reader.close() if piece is None else self._reader.feed(piece)
        except ResponseError as error:
            if raised_by_caller(error):
                raise
            problem = error
        else:
            self._batch = iter(rows)
            if piece is None:
                self._ended()
            return
        # Outside of the handler: what it was due to does not hang on it.
        problem = self._text.explained(problem, self._protocol.decoder())
        problem.content_type = self._response.content_type
        raise problem

    def _ended(self) -> None:
        self._over = True
        self._response.spool.close()
        seconds = self._deadline.elapsed()
        log.info(
            "%s tries=%d bytes=%d rows=%d seconds=%.3f",
            str(self._call),
            self.tries,
            self._response.received,
            self._reader.rows,
            seconds,
        )
        if self.replaced:
            words = counted(self.replaced, "forbidden character was", "forbidden characters were")
            log.warning("%s: %s replaced by U+FFFD", str(self._call), words)

    @property
    def replaced(self) -> int:
        """How many characters were replaced by U+FFFD so far, with ``on_bad_text="replace"``."""
        return self._text.replaced

    @boundary
    def __iter__(self) -> "Rows[Row]":
        return self

    def __next__(self) -> Row:
        row = problem = None
        try:
            row = next(self._batch, None)
            if row is None:
                row = self._next()
            if row is not None:
                return row
        except BaseException as error:
            # A row may have been in its hands.
            self._interrupted()
            problem = leaving(error)
        try:
            raise StopIteration if problem is None else problem
        finally:
            del self, row, problem  # this frame hangs on it: a cycle would keep them all

    def _next(self) -> Optional[Row]:
        """The next row, of a piece that is still to be decoded; None at the end."""
        with self._turn():
            while True:
                # Another thread may have decoded some.
                row = next(self._batch, None)
                if row is not None or not self._advance():
                    return row

    @boundary
    def rest(self) -> List[Row]:
        """All rows that are still to come, at once; raises as ``next()`` does."""
        try:
            with self._turn():
                rows = list(self._batch)
                while self._advance():
                    rows += self._batch
                return rows
        except BaseException:
            self._interrupted()
            raise

    def _interrupted(self) -> None:
        """Note that rows may be missing, unless this report has failed already."""
        if self._error is None:
            with self._turn():
                self._free(self._error or LocalError("the reading of this report was interrupted"))

    def _advance(self) -> bool:
        """Decode one more piece, if there is one.

        :raises MailkitError: this report has failed, now or before, or was closed
        """
        if self._error is not None:
            raise copy.copy(self._error)
        if self._over:
            return False
        problem = None
        self._stepping = True
        try:
            self._timed_step()
        except BaseException as error:
            problem = self._failed(error)
        self._stepping = False
        if problem is not None:
            raise problem
        return True

    def _timed_step(self) -> None:
        self._deadline.resume()
        try:
            self._deadline.left()
            self._step()
        finally:
            self._deadline.pause()

    def _failed(self, error: BaseException) -> BaseException:
        """Note that the report has failed with *error*; returns what is raised."""
        later: MailkitError = LocalError("the reading of this report was interrupted")
        if not raised_by_caller(error):
            if isinstance(error, MailkitError):
                make_visible(error, self._protocol, self.tries, self._md5)
            error = leaving(error)
            if isinstance(error, MailkitError):
                later = copy.copy(error)
        self._free(later)
        return error

    def _turn(self) -> Turn:
        """The turn of this thread. After a fork the threads of the parent are not here."""
        if self._pid != os.getpid():
            self._pid, self._turns = os.getpid(), Turns()
            if self._stepping:
                self._free(LocalError("the process was forked while another thread read this report"))
        return self._turns.take()

    @boundary
    def close(self) -> None:
        """Free the temporary file; before its end, ``next()`` raises LocalError from now on. Twice is fine."""
        with self._turn():
            finished = self._over and next(self._batch, None) is None
            self._free(self._error if finished or self._error else LocalError("the report was closed before its end"))

    def _free(self, error: Optional[MailkitError]) -> None:
        self._error = error
        self._over = True
        self._batch = iter(())
        self._reader.forget()
        self._response.spool.close()

    def __reduce__(self) -> str:
        raise TypeError("a report that is being read cannot be copied or pickled")

    @boundary
    def __enter__(self) -> "Rows[Row]":
        return self

    @boundary
    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        if "_stepping" in vars(self):  # not where the making of it was interrupted
            self._free(None)  # nobody else can have the turn


def make_visible(error: MailkitError, protocol: Protocol, tries: int, md5: Secret) -> None:
    """Complete *error*, and take all out of it that may not be seen: what could not be read is named in it (a tag, an
    encoding, a coding, what Mailkit says), and where it was read our md5 was not known."""
    error.attempts = tries
    if isinstance(error, ResponseError):
        protocol.describe(error, error.content_type)
    if isinstance(error, UnauthorizedError):
        error.doubt = doubt_about_md5(md5)
    redact(error, md5)
