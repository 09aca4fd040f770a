"""Many reports at once, on any ``concurrent.futures.Executor``: ids go in lazily, outcomes come as they are complete.

A call in another process or on another machine is ``report_of`` with a pickled client; it returns our own errors in an
Outcome, so whatever a future raises is the executor's own trouble. In our own threads the calls can be stopped, and are
when the iterator is closed.
"""
import copy
import os
import pickle
import queue
import time
from collections import deque
from concurrent import futures
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, Deque, Dict, Iterable, Iterator, Optional

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
    executor end within their own deadline, unheard. Dropping it closes it.
    """

    def __init__(self, client: Any, id_sends: Iterable[Any], max_workers: int, executor: Optional[Executor]) -> None:
        self._asker = Asker(client, os.urandom(16).hex())
        self._ids: Optional[Iterator[Any]] = iter(id_sends)  # None: no more are taken
        self._max_workers = max_workers
        self._own = executor is None
        self._executor = executor or ThreadPoolExecutor(max_workers, "mailkit")
        self._stop = Stop() if self._own else None
        self._running: "Dict[Future[Outcome], Any]" = {}  # and the id of each
        self._complete: "queue.Queue[Future[Outcome]]" = queue.Queue()
        self._ready: Deque[Outcome] = deque()  # complete, and not yet handed over
        self._last: Optional[BaseException] = None  # what is raised when all outcomes are out

    def __iter__(self) -> "Outcomes":
        return self

    def __next__(self) -> Outcome:
        outcome = self._next()
        if outcome is not None:
            return outcome
        self._release(True)
        if self._last is None:
            raise StopIteration
        raise copy.copy(self._last) if isinstance(self._last, MailkitError) else self._last

    def _next(self) -> Optional[Outcome]:
        self._collect()
        self._take()
        while not self._ready:
            if not self._running:
                return None
            self._note(self._complete.get())
            self._collect()
        outcome = self._ready.popleft()
        self._take()  # before the consumer goes to work, which may take long
        return outcome

    def _collect(self) -> None:
        """Note all that is complete, without waiting: there may be a refusal among it."""
        while True:
            try:
                self._note(self._complete.get_nowait())
            except queue.Empty:
                return

    def _note(self, future: "Future[Outcome]") -> None:
        if future in self._running:  # else it was closed in the meantime
            self._ready.append(self._outcome_of(future))

    def _take(self) -> None:
        """Take ids while there is room: for what is under way, and for what is complete and not yet handed over."""
        while self._ids is not None and len(self._running) + len(self._ready) < self._max_workers:
            try:
                id_send = next(self._ids)
            except StopIteration:
                self._ids = None
            except Exception as error:  # the caller's own generator: told when what was taken is done
                self._no_more(error)
            else:
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
            raise error

    def _outcome_of(self, future: "Future[Outcome]") -> Outcome:
        id_send = self._running.pop(future)
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

    def _release(self, wait: bool) -> None:
        self._ids = None
        self._ready.clear()
        running, self._running = self._running, {}
        for future in running:
            future.cancel()
        if self._stop is not None:
            self._stop.set()
            self._executor.shutdown(wait)

    def close(self) -> None:
        """Cancel, stop and forget what is under way. Twice is fine."""
        self._last = None
        self._release(True)

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
