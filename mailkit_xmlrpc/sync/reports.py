"""Reports fetched: one after the other, each row by row, or many at once."""

from concurrent.futures import Executor
from datetime import datetime
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional

from ..client.client import MailkitClient
from ..exceptions import LocalError, MailkitError
from ..exceptions.boundary import raised_by_caller
from .collected import Report, report_of
from .deliveries import REFUSALS, Wanted
from .moments import utc_now


class Fetched(NamedTuple):
    """A report, or why there is none."""

    delivery: Wanted
    #: when it was asked for, or earlier: what came back is not older
    asked_at: datetime
    #: whether anything was sent
    is_asked: bool
    report: Optional[Report]
    error: Optional[MailkitError]


def fetched(client: MailkitClient, wanted: List[Wanted], jobs: int, executor: Optional[Executor]) -> Iterator[Fetched]:
    """Yield what becomes of each of *wanted*. After a refusal no more is asked, and the rest has that error too."""
    return _one_by_one(client, wanted) if jobs == 1 and executor is None else _many(client, wanted, jobs, executor)


def _one_by_one(client: MailkitClient, wanted: List[Wanted]) -> Iterator[Fetched]:
    """The rows are decoded while they are collected, so that a report of any size takes little memory."""
    refusal: Optional[MailkitError] = None
    for delivery in wanted:
        asked_at = utc_now()
        if refusal is not None:
            yield Fetched(delivery, asked_at, False, None, refusal)
            continue
        try:
            with client.iter_bounces(delivery.id_send) as rows:
                report = report_of(rows)
        except MailkitError as error:
            if raised_by_caller(error):
                raise
            failed = Fetched(delivery, asked_at, True, None, error)
            refusal = error if isinstance(error, REFUSALS) else None
        else:
            yield Fetched(delivery, asked_at, True, report, None)
            continue
        yield failed


def _many(client: MailkitClient, wanted: List[Wanted], jobs: int, executor: Optional[Executor]) -> Iterator[Fetched]:
    ids = _Taken(delivery.id_send for delivery in wanted)
    deliveries = {delivery.id_send: delivery for delivery in wanted}
    refusal: Optional[MailkitError] = None
    with client.iter_many(ids, max_workers=jobs, executor=executor) as outcomes:
        try:
            for outcome in outcomes:
                delivery = deliveries.pop(outcome.id_send)
                asked_at = ids.taken_at[outcome.id_send]
                if isinstance(outcome.error, REFUSALS):
                    refusal = outcome.error
                report = None if outcome.bounces is None else report_of(outcome.bounces)
                yield Fetched(delivery, asked_at, outcome.attempts > 0, report, outcome.error)
        except REFUSALS as error:  # it raises that again when all outcomes are out
            refusal = error
    for delivery in deliveries.values():
        yield Fetched(delivery, utc_now(), False, None, refusal or LocalError("the report was not asked for"))


class _Taken(List[int]):
    """Ids that know when each was taken. A list, since ``iter_many`` takes ids early where all of them are there."""

    def __init__(self, ids: Iterable[int]) -> None:
        super().__init__(ids)
        self.taken_at: Dict[int, datetime] = {}

    def __iter__(self) -> Iterator[int]:
        for id_send in super().__iter__():
            self.taken_at[id_send] = utc_now()
            yield id_send
