"""The job itself: find the deliveries, fetch their reports, write what is new; go on where one fails."""

from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any, Iterable, List, NamedTuple, Optional, Union

from ..client.client import MailkitClient
from ..client.settings import check_executor, iterable, positive, workers
from ..exceptions import ConfigurationError
from ..exceptions.boundary import boundary
from .extra import require_sqlalchemy
from .moments import Since, moment_of, span_of, utc_now
from .result import Progress, SyncResult, Tell

__all__ = ["sync"]

DEFAULT_SINCE = "30d"
DEFAULT_SETTLED_AFTER = "14d"


class Options(NamedTuple):
    """The arguments of ``sync()``, checked."""

    ids: Optional[List[int]]
    campaigns: List[int]
    since: Optional[datetime]
    settled_after: timedelta
    ask_all: bool
    jobs: int
    executor: Optional[Executor]
    dry_run: bool
    forget_before: Optional[datetime]
    tell: Tell
    progress: Progress


@boundary
def sync(
    client: MailkitClient,
    db: object,
    *,
    ids: Optional[Iterable[int]] = None,
    campaigns: Iterable[int] = (),
    since: Optional[Since] = None,
    settled_after: Union[timedelta, str] = DEFAULT_SETTLED_AFTER,
    ask_all: bool = False,
    jobs: int = 1,
    executor: Optional[Executor] = None,
    dry_run: bool = False,
    forget_before: Optional[Since] = None,
    tell: Tell = lambda text: None,
    progress: Progress = lambda done, total, failed: None,
) -> SyncResult:
    """Bring the bounces of the last weeks into a database; what is there already is brought up to date.

    :param db: the database: the name of a file, which is SQLite's, or a URL of SQLAlchemy's, such as
        ``postgresql+psycopg://user:password@host/name``. Its tables are made where there are none
    :param ids: ID_SEND of the deliveries; then nothing but their reports is asked for, settled or not
    :param campaigns: ID_MESSAGE of the campaigns whose deliveries are meant; none means all
    :param since: deliveries sent since: a date, a text like ``2024-03-01``, or a span like ``30d`` or ``12h``. A day
        more is looked at, because the vendor states no zone. Without it, ``ids`` and ``campaigns``: ``30d``
    :param settled_after: a delivery whose report was read when it was older than that is not asked again
    :param ask_all: ask for settled ones too
    :param jobs: reports asked for at once. With more than one, so many whole reports are in memory
    :param executor: as for :meth:`MailkitClient.iter_many`; workers only fetch, and this process writes
    :param dry_run: fetch and compare, but write nothing
    :param forget_before: first delete what is older: rows of bounces are personal data
    :param tell: called with what a person should know: a run that was killed, another process that is waited for
    :param progress: called with the numbers of deliveries done, of all, and of those that failed
    :raises ConfigurationError: an argument cannot be used, or the database's tables are not ours
    :raises LocalError: the database failed; what was written before stays
    :raises MailkitError: the campaigns cannot be listed

    Each delivery is written in one transaction, or not at all. What fails is in the result's ``failures``, and the
    others go on. After Unauthorized or Disallowed IP no more is asked, and the rest has failed too.
    """
    if not isinstance(client, MailkitClient):
        raise ConfigurationError("client must be a MailkitClient")
    options = _checked(
        ids=ids,
        campaigns=campaigns,
        since=since,
        settled_after=settled_after,
        ask_all=ask_all,
        jobs=jobs,
        executor=executor,
        dry_run=dry_run,
        forget_before=forget_before,
        tell=tell,
        progress=progress,
    )
    require_sqlalchemy()
    from .database import opened
    from .work import run

    database = opened(db, not options.dry_run, options.tell)
    try:
        return run(client, database, options)
    finally:
        if database is not None:
            database.close()


def _checked(**given: Any) -> Options:
    """The arguments of ``sync()``.

    :raises ConfigurationError: one of them cannot be used
    """
    now = utc_now()
    ids = None if given["ids"] is None else _ids(given["ids"], "ids")
    campaigns = _ids(given["campaigns"], "campaigns")
    since = given["since"]
    if ids is not None and (campaigns or since is not None):
        raise ConfigurationError("ids say which deliveries are meant: give no campaigns and no since")
    if ids is None and not campaigns and since is None:
        since = DEFAULT_SINCE
    since = None if since is None else moment_of(since, "since", now)
    forget_before = given["forget_before"]
    if forget_before is not None:
        forget_before = moment_of(forget_before, "forget_before", now)
        if since is not None and since - timedelta(days=1) < forget_before:
            raise ConfigurationError("forget_before must be longer ago than since: what is deleted would come back")
    workers(given["jobs"], "jobs")
    check_executor(given["executor"])
    settled = span_of(given["settled_after"], "settled_after")
    changed = dict(ids=ids, campaigns=campaigns, since=since, settled_after=settled, forget_before=forget_before)
    return Options(**dict(given, **changed))


def _ids(value: object, name: str) -> List[int]:
    return list(dict.fromkeys(positive(one, name) for one in iterable(value, name)))
