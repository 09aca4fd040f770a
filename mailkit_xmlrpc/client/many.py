"""Many reports at once, on any ``concurrent.futures.Executor``: ids go in lazily, outcomes come as they are complete.

A call in another process or on another machine is ``report_of`` with a pickled SharedClient; it returns our own errors
in an Outcome, so whatever a future raises is the executor's own trouble. In our own threads the calls can be stopped,
and are when the iterator is closed.

A signal handler (Ctrl-C) may raise at any line here. So the consumer's thread takes no lock, what waits for it can be
asked again, and a ``next()`` that was interrupted says so at the end: an id or an outcome may have been in its hands.
"""

import copy
import functools
import os
import pickle
import time
from collections import deque
from concurrent import futures
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Deque, Dict, Iterable, Iterator, Optional, Sized, cast

from ..exceptions import ConfigurationError, DisallowedIPError, LocalError, MailkitError, UnauthorizedError
from ..exceptions.boundary import boundary, first_of_caller, leaving, raised_by_caller
from ..model.records import Bounce, Outcome
from ..transport.deadline import Stop
from ..transport.waiting import Turns
from .once import Once
from .settings import Settings, check_executor, iterable, positive, workers
from .threads import Arrivals, Call, Threads

if TYPE_CHECKING:
    from ..transport.connect import Pool
    from .rows import Rows

# --- one call, wherever it runs ---------------------------------------------------------------------------------------


class SharedClient(Once):
    """What a client is to those that call for it. In a worker process all its pickles arrive as one, so that
    connections are kept from one report to the next, and ``rate=`` counts them all.

    :param pool: the client's connections, in its own process
    """

    def __init__(self, settings: Settings, pool: "Optional[Pool]" = None, name: str = "") -> None:
        super().__init__((settings,), name)
        self.settings = settings
        self._pool = pool

    def bounces(self, id_send: int, stop: Optional[Stop]) -> "Rows[Bounce]":
        """Ask for one report.

        :raises MailkitError: as ``MailkitClient.bounces``
        """
        number = positive(id_send, "id_send")
        # They bring ssl, email, xmlrpc.client and defusedxml along: not before needed.
        from ..protocol.calls import BouncesCall
        from .call import ask, new_pool

        if self._pool is None:
            # Of two threads that come here first, one's pool is dropped once its call is done.
            self._pool = new_pool(self.settings)
        return ask(self.settings, self._pool, BouncesCall(number), stop)


def report_of(shared: SharedClient, id_send: int, stop: Optional[Stop] = None) -> Outcome:
    """Ask for one report. Raises no MailkitError: that is in the Outcome."""
    started = time.monotonic()
    try:
        rows = shared.bounces(id_send, stop)
        bounces = rows.rest()
    except BaseException as error:
        problem = leaving(error)
    else:
        return Outcome(id_send, bounces, None, rows.tries, time.monotonic() - started, rows.replaced)
    if not isinstance(problem, MailkitError):
        raise problem
    return Outcome(id_send, None, problem, problem.attempts, time.monotonic() - started)


# --- many -------------------------------------------------------------------------------------------------------------


class Outcomes(Iterator[Outcome]):
    """An iterator of :class:`Outcome`, in the order in which they are complete; also a context manager.

    ``close()`` cancels what has not started and stops what runs in threads of ours; calls that run in a foreign
    executor end within their own deadline, unheard. Dropping it closes it. Threads may share it, and any may close it.
    A forked child may only let it go: the calls are the parent's.
    """

    def __init__(
        self, shared: SharedClient, id_sends: Iterable[int], max_workers: int, executor: Optional[Executor]
    ) -> None:
        self._shared = shared
        self._ids: Optional[Iterator[int]] = iter(id_sends)  # None: no more are taken
        self._all_there = isinstance(id_sends, Sized)
        self._max_workers = max_workers
        self._own = Threads("mailkit_{}") if executor is None else None
        self._executor = executor
        self._stop = None if self._own is None else Stop()
        self._pid = os.getpid()
        self._turns = Turns()  # of the threads that take ids and wait; never needed for closing
        self._over = False  # ended or closed
        self._running: Dict[Call, int] = {}  # and the id of each
        self._arrivals = Arrivals()
        self._ready: Deque[Outcome] = deque()  # complete, and not yet handed over
        self._last: Optional[BaseException] = None  # what is raised when all outcomes are out

    @boundary
    def __iter__(self) -> "Outcomes":
        return self

    def __next__(self) -> Outcome:
        outcome = problem = None
        try:
            outcome = self._next_or_end()
            if outcome is not None:
                return outcome
            if self._last is not None:
                # Behind the boundary: what the ids raised is the caller's own, even where C raised it.
                problem = copy.copy(self._last) if isinstance(self._last, MailkitError) else self._last
        except BaseException as error:
            self._interrupted()
            problem = leaving(error)
        try:
            raise StopIteration if problem is None else problem
        finally:
            del self, outcome, problem  # this frame hangs on it: a cycle would keep them all

    def _next_or_end(self) -> Optional[Outcome]:
        if self._pid != os.getpid():
            raise LocalError("the calls are those of another process")
        with self._turns.take():
            outcome = self._next()
            if outcome is not None:
                return outcome
            self._over = True
            self._release(True)
        return None

    def _next(self) -> Optional[Outcome]:
        """The next outcome, or None at the end. Another thread may close at any line: it then has replaced (not
        emptied) what is looked at here."""
        while not self._over:
            self._collect()
            ids, running, ready = self._ids, self._running, self._ready
            if ids is not None and self._may_take(len(running), len(ready)):
                self._take(ids)
            elif ready:
                return ready.popleft()
            elif running:
                self._arrivals.bell.wait()
            else:
                return None
        return None

    def _may_take(self, running: int, ready: int) -> bool:
        """Whether there is room, for what is under way and for what is complete and not yet handed over.

        A generator may wait, even for what its outcomes lead to: it is asked only where nothing is complete. Ids that
        are all there are taken before an outcome is handed over, for the consumer's work on it may take long.
        """
        if not ready:
            return running < self._max_workers
        return self._all_there and running + ready - 1 < self._max_workers

    def _collect(self) -> None:
        """Note all that is complete, without waiting: there may be a refusal among it."""
        while True:
            call = self._arrivals.first()
            if call is None:
                return
            running, ready = self._running, self._ready
            if call in running:  # else it was closed in the meantime
                ready.append(self._outcome_of(call, running.pop(call)))
            self._arrivals.forget_first()

    def _take(self, ids: Iterator[int]) -> None:
        try:
            id_send = next(ids)
        except StopIteration:
            self._ids = None
        except Exception as error:  # the caller's own generator: told when what was taken is done
            self._no_more(error.with_traceback(first_of_caller(error.__traceback__)))
        else:
            if not self._over:
                self._submit(id_send)

    def _submit(self, id_send: int) -> None:
        call: Call
        if self._own is not None:
            # A Stop is for threads of our own: it cannot travel.
            call = self._own.submit(functools.partial(report_of, self._shared, id_send, self._stop))
        else:
            executor = cast(Executor, self._executor)
            try:
                call = executor.submit(report_of, self._shared, id_send)
            except Exception as error:
                if raised_by_caller(error, executor):
                    raise
                self._ready.append(_not_sent(id_send, LocalError("the executor takes no more calls")))
                return
        # In this order: what is known to run is sure to arrive.
        call.add_done_callback(self._arrivals)
        self._running[call] = id_send

    def _outcome_of(self, call: Call, id_send: int) -> Outcome:
        if call.cancelled():
            refused = self._last if isinstance(self._last, MailkitError) else None
            return _not_sent(id_send, refused or LocalError("the executor cancelled the call"))
        error = call.exception()
        if error is None:
            outcome = call.result()
            if isinstance(outcome.error, (UnauthorizedError, DisallowedIPError)) and outcome.attempts:
                self._refused(outcome.error)
            return outcome
        if not isinstance(error, Exception):
            raise error
        if not isinstance(error, LocalError):
            error = LocalError("the executor failed ({})".format(type(error).__name__))
        return _not_sent(id_send, error)

    def _refused(self, error: MailkitError) -> None:
        """No other call can succeed: those that were not sent yet get the same error."""
        self._no_more(copy.copy(error))
        if self._stop is not None:
            self._stop.refuse(error)
        for call in list(self._running):
            call.cancel()

    def _no_more(self, error: BaseException) -> None:
        self._ids = None
        self._last = self._last or error

    def _interrupted(self) -> None:
        """KeyboardInterrupt and its like pass, once; what comes after them must not look whole."""
        self._no_more(LocalError("interrupted, ids may be missing"))

    def _release(self, wait: bool) -> None:
        self._ids = None
        self._ready = deque()
        running, self._running = self._running, {}
        if self._pid != os.getpid():  # forked: sockets are shared with the parent
            return
        if self._stop is not None:
            self._stop.set()
        for call in running:
            call.cancel()
        # For a thread that waits in next().
        self._arrivals.bell.ring()
        if self._own is not None and wait:
            self._own.wait()

    @boundary
    def close(self) -> None:
        """Cancel, stop and forget what is under way. Twice is fine.

        Where the end was not reached, ``next()`` raises LocalError from now on, also in a thread that waits in it.
        """
        if not self._over:
            self._last = LocalError("closed before its end")
            self._over = True
        self._release(True)

    def __reduce__(self) -> str:
        raise TypeError("reports that are being asked for cannot be copied or pickled")

    @boundary
    def __enter__(self) -> "Outcomes":
        return self

    @boundary
    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        if "_last" in vars(self):  # not where the constructor failed
            self._release(False)  # this may be any thread


def _not_sent(id_send: int, error: MailkitError) -> Outcome:
    error = copy.copy(error)
    error.attempts = 0
    return Outcome(id_send, None, error, 0, 0.0)


def checked_many(settings: Settings, id_sends: object, max_workers: object, executor: object) -> None:
    """Check the arguments of ``iter_many``.

    :raises ConfigurationError: naming the first that cannot be used
    """
    workers(max_workers, "max_workers")
    iterable(id_sends, "id_sends")
    check_executor(executor)
    if isinstance(executor, futures.ProcessPoolExecutor):
        try:
            pickle.dumps(settings)
            return
        except Exception as error:  # whatever a clock, a tzinfo or an ssl_context says
            if raised_by_caller(error, *settings):
                raise
            kind = type(error).__name__
        # here: the pool of Python 3.6 would wait for such a call for ever
        raise ConfigurationError("this client cannot travel to another process: {} when pickled".format(kind))
