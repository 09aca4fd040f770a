"""One call with all its tries. Importing this module brings ssl, email, xmlrpc.client and defusedxml along."""
import ssl
from functools import partial
from typing import Callable, List, Optional

from ._connection import Proxy as ProxyRoute
from ._connection import Route, default_context
from ._deadline import Deadline
from ._escape import bare, hide, log
from ._limits import PIECE, RETRY_AFTER_SECONDS, SMALL
from ._marshal import I4
from ._report import ReportReader
from ._rows import Rows
from ._settings import Settings
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


def fetch_rows(settings: Settings, pool: Pool, function: str, id_send: int) -> Rows:
    """Call *function* for *id_send*, as often as ``settings.retry`` allows.

    :raises MailkitError: the last try's error
    """
    deadline = Deadline(settings.deadline, settings.retry.clock)
    tries = 0

    def show(text: str) -> str:  # not a partial: its repr would tell
        return shown(text, settings.client_md5.reveal())

    while True:
        tries += 1
        try:
            return _try(settings, pool, function, id_send, deadline, tries, show)
        except MailkitError as error:
            error.attempts = tries
            hide(error, show)
            failure = error
        bare(failure)  # its traceback holds md5, request and answer: nothing of that may wait for a collector, or a log
        pause = _pause(settings, failure, tries, deadline)
        log.info(
            "%s id_send=%d try %d of %d failed%s: %s",
            function,
            id_send,
            tries,
            settings.retry.attempts,
            "" if pause is None else ", the next in {:.1f} s".format(pause),
            str(failure),
        )
        if pause is None:
            raise failure
        settings.retry.sleep(pause)


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
    function: str,
    id_send: int,
    deadline: Deadline,
    tries: int,
    show: Callable[[str], str],
) -> Rows:
    url = settings.url
    transport = Transport(pool, url.netloc, url.target, deadline, settings.max_response_bytes, show)
    proxy = Proxy(url.shown, transport)
    answer: Answer = getattr(proxy, function)(settings.client_id, settings.client_md5.reveal(), I4(id_send))
    # An answer of one piece is decoded within the call. A longer one is decoded while its rows are asked for, perhaps
    # for hours; its connection is not kept that long, and a new one costs little beside such an answer.
    whole = answer.spool.size <= PIECE
    understood = False
    try:
        fast = answer.spool.size > SMALL
        reader = ReportReader(transport.getparser(), id_send, settings.tz, show, fast)
        finished = partial(_log_finished, function, id_send, tries, answer.received, deadline)
        rows = Rows(answer, reader, deadline, tries, show, finished)
        rows.begin(whole)
        understood = whole
        return rows
    except BaseException as error:
        understood = whole and isinstance(error, ApiError)
        answer.spool.close()
        raise
    finally:
        answer.understood(understood)


def _log_finished(function: str, id_send: int, tries: int, received: int, deadline: Deadline, rows: int) -> None:
    seconds = deadline.elapsed()
    log.info("%s id_send=%d tries=%d bytes=%d rows=%d seconds=%.3f", function, id_send, tries, received, rows, seconds)
