"""Many reports at once, on any ``concurrent.futures.Executor``: ids go in lazily, outcomes come as they are complete.

A call in another process or on another machine is ``report_of`` with a pickled client; it returns our own errors in an
Outcome, so whatever a future raises is the executor's own trouble. In our own threads the calls can be stopped, and are
when the iterator is closed.
"""
import copy
import os
import pickle
import queue
import threading
import time
from collections import deque
from concurrent import futures
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, Deque, Dict, Iterable, Iterator, Optional, Sized

from ._escape import attempted
from ._stop import Stop
from .exceptions import ConfigurationError, DisallowedIPError, LocalError, MailkitError, UnauthorizedError
from .outcome import Outcome

MAX_WORKERS = 1000  # calls at once; more is surely a mistake


# --- one call, wherever it runs ---------------------------------------------------------------------------------------


class Asker:
    """A client on its way to where it is used. In a worker process all its pickles arrive as one, so that connections
    are kept from one report to the next, and ``rate=`` counts them all."""

    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def __reduce__(self) -> Any:
        return _arrived, (self.client, self.name)


_latest: Dict[str, Asker] = {}  # where pickles arrive: the one that arrived last, by its name


def _arrived(client: Any, name: str) -> Asker:
    asker = _latest.get(name)
    if asker is None:
        _latest.clear()
        asker = _latest.setdefault(name, Asker(client, name))
    return asker


def report_of(asker: Asker, id_send: Any, stop: Optional[Stop] = None) -> Outcome:
    """Ask for one report. Raises no MailkitError: that is in the Outcome."""
    started = time.monotonic()
    answer, error = attempted(asker.client._counted_bounces, id_send, stop)
    seconds = time.monotonic() - started
    if isinstance(error, MailkitError):
        return Outcome(id_send, None, error, error.attempts, seconds)
    if error is not None:
        raise error
    bounces, tries = answer
    return Outcome(id_send, bounces, None, tries, seconds)


# --- many -------------------------------------------------------------------------------------------------------------


class Outcomes(Iterator[Outcome]):
    """An iterator of :class:`Outcome`, in the order in which they are complete; also a context manager.

    ``close()`` cancels what has not started and stops what runs in threads of ours; calls that run in a foreign
    executor end within their own deadline, unheard. Dropping it closes it. Threads may share it, and any may close it.
    A forked child may only let it go: the calls are the parent's.
    """

    def __init__(self, client: Any, id_sends: Iterable[Any], max_workers: int, executor: Optional[Executor]) -> None:
        self._asker = Asker(client, os.urandom(16).hex())
        self._ids: Optional[Iterator[Any]] = iter(id_sends)  # None: no more are taken
        self._all_there = isinstance(id_sends, Sized)
        self._max_workers = max_workers
        self._own = executor is None
        self._executor = executor or ThreadPoolExecutor(max_workers, "mailkit")
        self._stop = Stop() if self._own else None
        self._pid = os.getpid()
        self._turn = threading.RLock()  # held by the thread that takes ids and waits; never needed for closing
        self._over = False  # ended or closed
        self._running: "Dict[Future[Outcome], Any]" = {}  # and the id of each
        self._complete: "queue.Queue[Optional[Future[Outcome]]]" = queue.Queue()  # None: closed
        self._ready: Deque[Outcome] = deque()  # complete, and not yet handed over
        self._last: Optional[BaseException] = None  # what is raised when all outcomes are out

    def __iter__(self) -> "Outcomes":
        return self

    def __next__(self) -> Outcome:
        if self._pid != os.getpid():
            raise LocalError("the calls are those of another process")
        with self._turn:
            outcome = self._next()
            if outcome is not None:
                return outcome
            self._over = True
            self._release(True)
        if self._last is None:
            raise StopIteration
        raise copy.copy(self._last) if isinstance(self._last, MailkitError) else self._last

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
                self._note(self._complete.get())
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
            try:
                self._note(self._complete.get_nowait())
            except queue.Empty:
                return

    def _note(self, future: "Optional[Future[Outcome]]") -> None:
        running, ready = self._running, self._ready
        if future in running:  # else it was closed in the meantime
            ready.append(self._outcome_of(future, running.pop(future)))

    def _take(self, ids: Iterator[Any]) -> None:
        try:
            id_send = next(ids)
        except StopIteration:
            self._ids = None
        except Exception as error:  # the caller's own generator: told when what was taken is done
            self._no_more(error)
        except BaseException:
            self._interrupted()
            raise
        else:
            if not self._over:
                self._submit(id_send)

    def _submit(self, id_send: Any) -> None:
        arguments = (self._asker, id_send) + ((self._stop,) if self._own else ())
        future, error = attempted(self._executor.submit, report_of, *arguments)
        if error is None:
            self._running[future] = id_send
            future.add_done_callback(self._complete.put)
        elif isinstance(error, Exception):
            self._ready.append(_not_sent(id_send, LocalError("the executor takes no more calls")))
        else:
            self._interrupted()
            raise error

    def _outcome_of(self, future: "Future[Outcome]", id_send: Any) -> Outcome:
        if future.cancelled():
            refused = self._last if isinstance(self._last, MailkitError) else None
            return _not_sent(id_send, refused or LocalError("the executor cancelled the call"))
        error = future.exception()
        if error is None:
            outcome = future.result()
            if isinstance(outcome.error, (UnauthorizedError, DisallowedIPError)) and outcome.attempts:
                self._refused(outcome.error)
            return outcome
        if not isinstance(error, Exception):
            self._interrupted()
            raise error
        return _not_sent(id_send, LocalError("the executor failed ({})".format(type(error).__name__)))

    def _refused(self, error: MailkitError) -> None:
        """No other call can succeed: those that were not sent yet get the same error."""
        self._no_more(copy.copy(error))
        if self._stop is not None:
            self._stop.refuse(error)
        for future in list(self._running):
            future.cancel()

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
        if self._pid != os.getpid():  # forked: sockets are shared with the parent, locks may be held by nobody here
            return
        for future in running:
            future.cancel()
        if wait:
            self._complete.put(None)  # for a thread that waits in next()
        if self._stop is not None:
            self._stop.set()
            self._executor.shutdown(wait)

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

    def __enter__(self) -> "Outcomes":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __del__(self) -> None:
        if "_last" in vars(self):  # not where the constructor failed
            self._release(False)  # this may be any thread


def _not_sent(id_send: Any, error: MailkitError) -> Outcome:
    error = copy.copy(error)
    error.attempts = 0
    return Outcome(id_send, None, error, 0, 0.0)


def checked_many(client: Any, id_sends: Any, max_workers: Any, executor: Any) -> None:
    """Check the arguments of ``iter_many``.

    :raises ConfigurationError: naming the first that cannot be used
    """
    if type(max_workers) is not int or not 1 <= max_workers <= MAX_WORKERS:
        raise ConfigurationError("max_workers must be an int from 1 to {}".format(MAX_WORKERS))
    if isinstance(id_sends, (str, bytes)) or not hasattr(id_sends, "__iter__"):
        raise ConfigurationError("id_sends must be an iterable of ids")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise ConfigurationError("executor must be a concurrent.futures.Executor or None")
    if executor is not None and isinstance(executor, futures.ProcessPoolExecutor):
        try:
            pickle.dumps(client)
            return
        except Exception as error:  # whatever a clock, a tzinfo or an ssl_context of the caller's raises
            kind = type(error).__name__
        # here: the pool of Python 3.6 would wait for such a call for ever
        raise ConfigurationError("this client cannot travel to another process: {} when pickled".format(kind))
