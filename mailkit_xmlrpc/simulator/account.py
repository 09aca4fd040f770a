"""What the simulator's account has: deliveries, each with its report, and the campaigns that they belong to. Pure."""

from datetime import date, datetime
from typing import Any, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sized, Union

Report = Iterable[Mapping[str, object]]

# of a delivery that is given without more, and of its campaign
_CAMPAIGN = 12345
_SENT = "2014-12-23 08:00:00"
_SEND_COUNT = 1000
_DELIVERED_COUNT = 990

#: the members of a row; a Bounce has them in lower case
MEMBERS = (
    "EMAIL",
    "ID_EMAIL",
    "ID_USER_LIST",
    "ID_SEND_MESSAGE",
    "DATE",
    "STATUS",
    "EMAIL_STATUS",
    "BOUNCE_CAT",
    "REASON",
)


class SentDelivery(NamedTuple):
    """A delivery that was added."""

    rows: Iterable[object]
    id_message: int
    subject: str
    #: YYYY-MM-DD HH:MM:SS
    sent: str
    send_count: int

    def report(self) -> Report:
        """Its rows as dicts."""
        return _AsDicts(self.rows)

    def members(self, id_send: int) -> Dict[str, object]:
        """It as ``mailkit.report.campaign`` tells it."""
        undelivered = len(self.rows) if isinstance(self.rows, Sized) else 0
        delivered = max(0, self.send_count - undelivered)
        return _delivery(id_send, self.subject, self.sent, self.send_count, delivered)


class Account:
    """What there is to ask for.

    :param reports: ID_SEND -> rows
    :param campaigns: ID_MESSAGE -> the ID_SEND of its deliveries
    """

    def __init__(
        self, client_id: int, client_md5: str, reports: Mapping[int, Report], campaigns: Mapping[int, Iterable[int]]
    ) -> None:
        self.client_id = client_id
        self.client_md5 = client_md5
        self._reports = reports
        self._campaigns = campaigns
        self._added: Dict[int, SentDelivery] = {}

    def add(
        self,
        id_send: int,
        rows: Iterable[object],
        sent: Union[None, str, date],
        subject: Optional[str],
        send_count: Optional[int],
        campaign: Optional[int],
    ) -> None:
        """Add a delivery; of one that was added before, what is None stays as it was."""
        _check(id_send, rows)
        name = "Campaign {}".format(_CAMPAIGN if campaign is None else campaign)
        before = self._added.get(id_send) or SentDelivery(rows, _CAMPAIGN, name, _SENT, _SEND_COUNT)
        # One assignment, so that a call that is being answered sees the old delivery or the new one.
        self._added[id_send] = SentDelivery(
            rows,
            before.id_message if campaign is None else campaign,
            before.subject if subject is None else subject,
            before.sent if sent is None else _moment(sent),
            before.send_count if send_count is None else send_count,
        )

    def report(self, id_send: int) -> Optional[Report]:
        """The rows of a delivery, or None where there is no such delivery."""
        added = self._added.get(id_send)
        return self._reports.get(id_send) if added is None else added.report()

    def campaigns(self, first: str, last: str) -> List[Dict[str, object]]:
        """The campaigns that have a delivery on the days from *first* to *last*, or none at all [inferred]."""
        ids = list(self._campaigns) + [added.id_message for added in list(self._added.values())]
        found = []
        for id_message in dict.fromkeys(ids):
            deliveries = self.deliveries(id_message, first, last)
            if deliveries or not self.deliveries(id_message, "", "9"):
                found.append(_campaign(id_message, deliveries or []))
        return found

    def deliveries(self, id_message: int, first: str, last: str) -> Optional[List[Dict[str, object]]]:
        """The deliveries of a campaign on these days, or None where there is no such campaign."""
        added = {id_send: one for id_send, one in list(self._added.items())}
        ids = list(self._campaigns.get(id_message, ()))
        all_there_are = [id_send for id_send in ids if id_send not in added]
        name = "Campaign {}".format(id_message)
        found = [_delivery(id_send, name, _SENT, _SEND_COUNT, _DELIVERED_COUNT) for id_send in all_there_are]
        found += [one.members(id_send) for id_send, one in added.items() if one.id_message == id_message]
        if not found and id_message not in self._campaigns:
            return None
        return [delivery for delivery in found if first <= str(delivery["DATE"])[:10] <= last]


class _AsDicts(Iterable[Mapping[str, object]]):
    """Rows as dicts, made anew each time: a row may be a dict, or have the attributes of a Bounce."""

    def __init__(self, rows: Iterable[object]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        for row in self._rows:
            if isinstance(row, Mapping):
                yield row
            else:
                members = {name: getattr(row, name.lower()) for name in MEMBERS}
                members.update(getattr(row, "extra"))
                yield members


def check_id(id_send: object) -> None:
    """See that it is an ID_SEND.

    :raises TypeError: it is no int
    """
    if not isinstance(id_send, int) or isinstance(id_send, bool):
        raise TypeError("id_send must be an int, not of type {}".format(type(id_send).__name__))


def _check(id_send: object, rows: Iterable[object]) -> None:
    check_id(id_send)
    if iter(rows) is rows:
        raise TypeError("the report of {} can be read only once; give a list".format(id_send))
    # Another object may make its rows anew each time, and take long. A dict or a text is one row without its list.
    for row in rows if isinstance(rows, (list, tuple, str, Mapping)) else ():
        if not isinstance(row, Mapping) and not hasattr(row, "extra"):
            words = "the report of {} must be a list of dicts or bounces, with nothing of type {} in it"
            raise TypeError(words.format(id_send, type(row).__name__))


def _moment(sent: Union[str, date]) -> str:
    """*sent* as DATE is documented."""
    if isinstance(sent, datetime):
        return sent.replace(microsecond=0, tzinfo=None).isoformat(" ")
    text = sent if isinstance(sent, str) else sent.isoformat()
    return text if len(text) > 10 else text + " 08:00:00"


def _delivery(id_send: int, subject: str, sent: str, send_count: int, delivered_count: int) -> Dict[str, object]:
    return {
        "ID_SEND": id_send,
        "SUBJECT": subject,
        "FROM": "news@example.com",
        "DATE": sent,
        "SEND_COUNT": send_count,
        "DELIVERED_COUNT": delivered_count,
    }


def _campaign(id_message: int, deliveries: List[Dict[str, Any]]) -> Dict[str, object]:
    return {
        "ID_MESSAGE": id_message,
        "NAME": "Campaign {}".format(id_message),
        "SEND_COUNT": sum(delivery["SEND_COUNT"] for delivery in deliveries),
        "DELIVERED_COUNT": sum(delivery["DELIVERED_COUNT"] for delivery in deliveries),
    }
