"""The rows: one undelivered e-mail, a campaign, a delivery of one; and what became of one of many calls.

No answer about campaigns was ever seen by the authors of this package. The members of Campaign and Delivery are those
that the vendor's public pages of ``mailkit.report`` and ``mailkit.report.campaign`` list and other public clients read;
there are more, and ``extra`` keeps them.
"""

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Dict, List, Optional

from ..exceptions import MailkitError
from .enhanced_status import EnhancedStatus
from .plain import marked
from .rules import Rules
from .vocabulary import BounceKind

__all__ = ["Bounce", "Campaign", "Delivery", "Outcome"]

_DEFAULT_RULES = Rules()


@dataclass(frozen=True)
class Bounce:
    """One undelivered e-mail of a delivery: one struct in the answer of ``mailkit.report.message.bounces``.

    A row is plain data (int, str, datetime, None, dict). It is immutable, comparable, hashable, and picklable between
    all supported Pythons. Member names and meanings are the vendor's. Texts are verbatim: an address is neither
    validated nor changed, and a reason holds whatever a foreign mail server said. An absent text is ``""``. An absent
    id or date is None.

    :param id_send: the delivery that was asked for; the client adds it, because the answer does not tell it
    :param email: EMAIL: the recipient's address
    :param id_email: ID_EMAIL: the id of the recipient's address; 0 to 2**63-1, as all ids
    :param id_user_list: ID_USER_LIST: the id of the recipient list that the recipient is in
    :param id_send_message: ID_SEND_MESSAGE: the id of the one message that was sent to this recipient
    :param date: DATE: when the bounce came back, to the second. The vendor states no time zone, so the date is naive
        unless the client has a ``tz``
    :param status: STATUS: such as ``4.4.2``. It looks like an enhanced status code of RFC 3463 (inferred)
    :param email_status: EMAIL_STATUS: the state of the recipient; :class:`~mailkit_xmlrpc.EmailStatus` names the known
        words
    :param bounce_cat: BOUNCE_CAT: the category of the reason; :class:`~mailkit_xmlrpc.BounceCategory` names the known
        words
    :param reason: REASON: why, in words
    :param extra: members that are unknown, or whose value could not be read as documented. They are kept verbatim
        under the name as sent. Values are int, float, bool, str, None, list, dict and bytes; a dateTime is kept as its
        text. Extra is compared but not hashed. Do not change it
    """

    id_send: int
    email: str
    id_email: Optional[int]
    id_user_list: Optional[int]
    id_send_message: Optional[int]
    date: Optional[datetime]
    status: str
    email_status: str
    bounce_cat: str
    reason: str
    extra: Dict[str, object] = field(default_factory=dict, hash=False)

    @property
    def enhanced_status(self) -> Optional[EnhancedStatus]:
        """The first enhanced status code in ``status``, or None."""
        return EnhancedStatus.parse(self.status)

    @property
    def kind(self) -> BounceKind:
        """What the bounce says about the address, by the default rules; ``Rules(...).kind(bounce)`` for others."""
        return _DEFAULT_RULES.kind(self)

    def explain(self) -> str:
        """Return in one sentence why ``kind`` is what it is; safe to show."""
        return _DEFAULT_RULES.explain(self)

    def to_dict(self) -> Dict[str, object]:
        """Return the fields in their order, and ``kind``, as plain data for ``json.dumps``.

        A date is its text in ISO 8601. Bytes in ``extra`` are ``{"$bytes": "<base64>"}``; a member that has this name
        of its own gets a dollar more.
        """
        date = self.date and self.date.isoformat()
        return dict(self.__dict__, date=date, extra=marked(self.extra), kind=str(self.kind))


# This row is made the ordinary way, so that the dicts of all other rows share their keys (PEP 412). Before Python 3.11
# a dict that is filled by hand shares keys only with a class that has them already. A process with 50,000 rows took
# 28 MB instead of 47 on Python 3.8, and 40 instead of 59 on 3.6.
Bounce(0, "", None, None, None, None, "", "", "", "")


def quick_bounce(
    id_send: int,
    email: str,
    id_email: Optional[int],
    id_user_list: Optional[int],
    id_send_message: Optional[int],
    date: Optional[datetime],
    status: str,
    email_status: str,
    bounce_cat: str,
    reason: str,
    extra: Dict[str, object],
) -> Bounce:
    """A Bounce, but faster: a frozen dataclass's own constructor calls ``object.__setattr__`` for every field."""
    bounce: Bounce = object.__new__(Bounce)
    fields = bounce.__dict__
    fields["id_send"] = id_send
    fields["email"] = email
    fields["id_email"] = id_email
    fields["id_user_list"] = id_user_list
    fields["id_send_message"] = id_send_message
    fields["date"] = date
    fields["status"] = status
    fields["email_status"] = email_status
    fields["bounce_cat"] = bounce_cat
    fields["reason"] = reason
    fields["extra"] = extra
    return bounce


@dataclass(frozen=True)
class Campaign:
    """One campaign: one struct in the answer of ``mailkit.report``.

    A campaign is plain data, read by the same rules as a :class:`Bounce`. An absent text is ``""``. An absent number is
    None.

    :param id_message: ID_MESSAGE: the id of the campaign, which ``deliveries()`` asks for
    :param name: NAME: the name of the campaign
    :param send_count: SEND_COUNT: how many messages were sent
    :param delivered_count: DELIVERED_COUNT: how many messages were delivered
    :param extra: all other members, verbatim; as in a :class:`Bounce`
    """

    id_message: Optional[int]
    name: str
    send_count: Optional[int]
    delivered_count: Optional[int]
    extra: Dict[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Delivery:
    """One delivery of a campaign: one struct in the answer of ``mailkit.report.campaign``.

    A delivery is plain data, read by the same rules as a :class:`Bounce`. An absent text is ``""``. An absent number or
    date is None.

    :param id_message: the campaign that was asked for; the client adds it
    :param id_send: ID_SEND: the id of the delivery, which ``bounces()`` asks for
    :param subject: SUBJECT: the subject of the message
    :param from_: FROM: the sender, verbatim. (The name has an underscore because ``from`` is a word of Python's)
    :param date: DATE: when it was sent, to the second. The vendor states no time zone; see :class:`Bounce`
    :param send_count: SEND_COUNT: how many messages were sent
    :param delivered_count: DELIVERED_COUNT: how many messages were delivered
    :param read_count: READ_COUNT: how many messages were opened
    :param click_count: CLICK_COUNT: how many clicks there were
    :param unsubscribe: UNSUBSCRIBE: how many recipients unsubscribed
    :param spam_report: SPAM_REPORT: how many recipients reported spam
    :param rev: REV: we do not know its meaning, so it is kept as text
    :param extra: all other members, verbatim; as in a :class:`Bounce`
    """

    id_message: int
    id_send: Optional[int]
    subject: str
    from_: str
    date: Optional[datetime]
    send_count: Optional[int]
    delivered_count: Optional[int]
    read_count: Optional[int]
    click_count: Optional[int]
    unsubscribe: Optional[int]
    spam_report: Optional[int]
    rev: str
    extra: Dict[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Outcome:
    """What became of one id that was given to ``MailkitClient.iter_many()``: its report, or the error.

    :param id_send: the delivery that was asked for, as it was given
    :param bounces: its report, in the server's order; None if and only if there is an ``error``
    :param error: why there is no report; None if and only if there is one
    :param attempts: how many tries were made; 0 where nothing was sent
    :param seconds: from the first step of the call to the last, with pauses and decoding
    :param replaced: how many characters of the report were replaced by U+FFFD, with ``on_bad_text="replace"``
    """

    id_send: int
    bounces: Optional[List[Bounce]]
    error: Optional[MailkitError]
    attempts: int
    seconds: float
    replaced: int = 0

    def unwrap(self) -> List[Bounce]:
        """Return the report.

        :raises MailkitError: a copy of ``error``, where there is no report
        """
        if self.error is not None:
            # A copy each time: the traceback of a single one would grow and keep frames alive.
            raise copy.copy(self.error)
        assert self.bounces is not None
        return self.bounces


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
