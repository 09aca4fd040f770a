"""One call with all its tries. Importing this module brings ssl, email, xmlrpc.client and defusedxml along."""
import ssl
from functools import partial
from typing import Any, Callable, List, Optional

from ._connection import Proxy as ProxyRoute
from ._connection import Route, default_context
from ._deadline import Deadline
from ._escape import bare, hide, log
from ._form import FORMS
from ._limits import RETRY_AFTER_SECONDS, SMALL, WHOLE
from ._question import Question
from ._rows import Rows
from ._settings import Settings
from ._stop import Stop
from ._text import shown
from ._transport import Answer, Pool, Proxy, Transport
from .exceptions import ApiError, MailkitError, TransportError


def new_pool(settings: Settings) -> Pool:
    """The connections of one client; none is open yet."""
    made: List[ssl.SSLContext] = []  # loading the system's certificates takes milliseconds: once a client

    def context() -> ssl.SSLContext:
        if settings.ssl_context is not None:
            return settings.ssl_context  # type: ignore[no-any-return]  # the caller's own, duck-typed
        if not made:
            made.append(default_context())
        return made[0]

    url, proxy = settings.url, settings.proxy
    return Pool(Route(url.host, url.port, url.tls, proxy and ProxyRoute(*proxy), context, *settings.timeout))


def ask(settings: Settings, pool: Pool, question: Question, stop: Optional[Stop] = None) -> "Rows[Any]":
    """Ask *question*, as often as ``settings.retry`` allows.

    :param stop: can end it from another thread
    :raises MailkitError: the last try's error
    """
    deadline = Deadline(settings.deadline, settings.retry.clock, stop)
    tries = 0

    def show(text: str) -> str:  # not a partial: its repr would tell
        return shown(text, settings.client_md5.reveal())

    while True:
        try:
            if settings.rate is not None:
                settings.rate.wait(settings.retry.clock, settings.retry.sleep, deadline)
            deadline.left()
            if stop is not None and not tries:
                stop.check_unsent()
            tries += 1
            return _try(settings, pool, question, deadline, tries, show)
        except MailkitError as error:
            error.attempts = tries
            hide(error, show)
            failure = error
        bare(failure)  # its traceback holds md5, request and answer: nothing of that may wait for a collector, or a log
        pause = _pause(settings, failure, tries, deadline)
        log.info(
            "%s try %d of %d failed%s: %s",
            str(question),
            tries,
            settings.retry.attempts,
            "" if pause is None else ", the next in {:.1f} s".format(pause),
            str(failure),
        )
        if pause is None:
            raise failure
        deadline.sleep(pause, settings.retry.sleep)
        if stop is not None and stop.refused:
            raise failure


def _pause(settings: Settings, failure: MailkitError, tries: int, deadline: Deadline) -> Optional[float]:
    """Seconds until the next try, or None where there shall be none."""
    if not isinstance(failure, TransportError) or not failure.retryable or tries >= settings.retry.attempts:
        return None
    asked = getattr(failure, "retry_after", None)
    pause = settings.retry.pause(tries, asked)
    if settings.deadline is not None:
        return pause if pause < settings.deadline - deadline.elapsed() else None
    return pause if asked is None or pause <= RETRY_AFTER_SECONDS else None


def _try(
    settings: Settings,
    pool: Pool,
    question: Question,
    deadline: Deadline,
    tries: int,
    show: Callable[[str], str],
) -> "Rows[Any]":
    url = settings.url
    form = FORMS[settings.protocol]
    transport = Transport(form, pool, url.netloc, url.target, deadline, settings.max_response_bytes, show)
    proxy = Proxy(url.shown, transport)
    arguments = form.arguments(settings.client_id, settings.client_md5.reveal(), question.parameters)
    answer: Answer = getattr(proxy, question.function)(*arguments)
    # A short answer is decoded within the call. A longer one is decoded while its rows are asked for, perhaps
    # for hours; its connection is not kept that long, and a new one costs little beside such an answer.
    whole = answer.spool.size <= WHOLE
    understood = False
    try:
        fast = answer.spool.size > SMALL
        reader = question.reader(form, transport.getparser, settings.tz, show, fast)
        finished = partial(_log_finished, question, tries, answer.received, deadline)
        rows: Rows[Any] = Rows(answer, reader, deadline, tries, show, finished)
        rows.begin(whole)
        understood = whole
        return rows
    except BaseException as error:
        understood = whole and isinstance(error, ApiError)
        answer.spool.close()
        raise
    finally:
        answer.understood(understood)


def _log_finished(question: Question, tries: int, received: int, deadline: Deadline, rows: int) -> None:
    seconds = deadline.elapsed()
    log.info("%s tries=%d bytes=%d rows=%d seconds=%.3f", str(question), tries, received, rows, seconds)
