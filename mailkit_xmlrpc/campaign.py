"""The rows by which an ID_send is found: campaigns, and the deliveries of one of them.

No such answer was ever seen by the authors of this package. The members are those that the vendor's public pages of
``mailkit.report`` and ``mailkit.report.campaign`` list and other public clients read; there are more, and ``extra``
keeps them.
"""
from dataclasses import dataclass, field
from datetime import datetime
from typing import Dict, Optional

__all__ = ["Campaign", "Delivery"]


@dataclass(frozen=True)
class Campaign:
    """One campaign, as ``mailkit.report`` tells it. Plain data, read by the same rules as :class:`Bounce`."""

    #: ID_MESSAGE: what ``deliveries()`` asks for
    id_message: Optional[int]
    #: NAME
    name: str
    #: SEND_COUNT: messages sent
    send_count: Optional[int]
    #: DELIVERED_COUNT: messages delivered
    delivered_count: Optional[int]
    #: members that are unknown or could not be read as documented, verbatim; see :class:`Bounce`
    extra: Dict[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Delivery:
    """One delivery of a campaign, as ``mailkit.report.campaign`` tells it. Plain data, read by the same rules as
    :class:`Bounce`."""

    #: the campaign asked for (the client adds it)
    id_message: int
    #: ID_SEND: what ``bounces()`` asks for
    id_send: Optional[int]
    #: SUBJECT
    subject: str
    #: FROM: the sender, verbatim (``from`` is a word of Python's own)
    from_: str
    #: DATE: of the delivery; the vendor states no time zone
    date: Optional[datetime]
    #: SEND_COUNT: messages sent
    send_count: Optional[int]
    #: DELIVERED_COUNT: messages delivered
    delivered_count: Optional[int]
    #: READ_COUNT: messages opened
    read_count: Optional[int]
    #: CLICK_COUNT: clicks
    click_count: Optional[int]
    #: UNSUBSCRIBE: recipients who unsubscribed
    unsubscribe: Optional[int]
    #: SPAM_REPORT: recipients who reported spam
    spam_report: Optional[int]
    #: REV: its meaning is not known to us, so it is text
    rev: str
    #: members that are unknown or could not be read as documented, verbatim; see :class:`Bounce`
    extra: Dict[str, object] = field(default_factory=dict, hash=False)
