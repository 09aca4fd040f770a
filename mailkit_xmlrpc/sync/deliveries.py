"""Which deliveries a sync is about: given by their IDs, or found by walking campaigns and their deliveries."""

from datetime import date, datetime, timedelta
from typing import Iterable, List, Mapping, NamedTuple, Optional, Tuple

from ..client.client import MailkitClient
from ..exceptions import DisallowedIPError, MailkitError, UnauthorizedError, UnexpectedShapeError
from ..exceptions.boundary import raised_by_caller
from .moments import utc_of
from .result import Failed, Failure

#: after one of these no other call can succeed
REFUSALS = (UnauthorizedError, DisallowedIPError)

#: The vendor states no zone for DATE. None is further from UTC than 14 hours.
_SLACK = timedelta(days=1)


class Wanted(NamedTuple):
    """A delivery, with what its campaign tells about it; None where nobody was asked."""

    id_send: int
    id_message: Optional[int] = None
    subject: Optional[str] = None
    sent_date: Optional[datetime] = None
    send_count: Optional[int] = None


def given(ids: Iterable[int]) -> List[Wanted]:
    """The deliveries of *ids*, each once."""
    return [Wanted(id_send) for id_send in dict.fromkeys(ids)]


def found(
    client: MailkitClient,
    campaigns: Iterable[int],
    since: Optional[datetime],
    failed: Failed,
) -> List[Wanted]:
    """The deliveries of *campaigns* (none given: of all that the account has), sent *since* then; each once.

    A campaign whose deliveries cannot be found is *failed*, and the others count.

    :param since: None leaves it to Mailkit, which tells about some three months of a campaign [PEER]
    :raises MailkitError: the campaigns cannot be listed, or no call can succeed
    """
    first = None if since is None else _earlier(since)
    day: Optional[date] = None if first is None else first.date()
    wanted: List[Wanted] = []
    for id_message in list(dict.fromkeys(campaigns)) or _all_campaigns(client, day, failed):
        try:
            deliveries = client.deliveries(id_message, day)
        except REFUSALS:
            raise
        except MailkitError as error:
            if raised_by_caller(error):
                raise
            failed(Failure(None, id_message, error))
            continue
        for delivery in deliveries:
            sent = utc_of(delivery.date)
            if first is not None and sent is not None and sent < first:
                continue  # the server's range may mean something else than we think
            if delivery.id_send is None:
                shape = UnexpectedShapeError("a delivery without an ID_SEND that can be read")
                failed(Failure(None, id_message, shape))
                continue
            wanted.append(Wanted(delivery.id_send, id_message, delivery.subject, sent, delivery.send_count))
    return list({delivery.id_send: delivery for delivery in wanted}.values())


def _all_campaigns(client: MailkitClient, day: Optional[date], failed: Failed) -> List[int]:
    ids = []
    for campaign in client.campaigns(day):
        if campaign.id_message is None:
            failed(Failure(None, None, UnexpectedShapeError("a campaign without an ID_MESSAGE that can be read")))
        else:
            ids.append(campaign.id_message)
    return list(dict.fromkeys(ids))


def _earlier(moment: datetime) -> datetime:
    return moment - _SLACK if moment - datetime.min > _SLACK else datetime.min


def split(
    wanted: Iterable[Wanted], read_at: Mapping[int, Optional[datetime]], settled_after: timedelta
) -> Tuple[List[Wanted], int]:
    """Those of *wanted* that are to be asked, and how many are settled: their report was read when they were older.

    :param read_at: id_send -> when the report that the database has was asked for
    """
    asked = []
    settled = 0
    for delivery in wanted:
        if is_settled(delivery.sent_date, read_at.get(delivery.id_send), settled_after):
            settled += 1
        else:
            asked.append(delivery)
    return asked, settled


def is_settled(sent_date: Optional[datetime], read_at: Optional[datetime], settled_after: timedelta) -> bool:
    """Whether a report that was asked for at *read_at* is final."""
    return sent_date is not None and read_at is not None and read_at - sent_date >= settled_after
