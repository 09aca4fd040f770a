"""Rows to answer with: the vendor's own, and reports of any size, made from a seed, for the demo and for tests.

Nothing of the latter is real: addresses are at names that RFC 2606 reserves, and the shares of reasons are made up.
"""

from datetime import datetime, timedelta
from typing import Collection, Dict, Iterator, List, Optional, Tuple

_START = datetime(2024, 3, 4, 8, 0)
_DOMAINS = ("mail.example", "post.example", "inbox.example", "company.example", "school.example", "old.example")
_WEIGHTS = (34, 22, 12, 6, 4, 3)
_SMALL = 400  # further domains, each with little
#: (share, BOUNCE_CAT, STATUS, EMAIL_STATUS, REASON, kind by the client's rules)
_REASONS: Tuple[Tuple[int, str, str, str, str, str], ...] = (
    (30, "bad-mailbox", "5.1.1", "permanent", "550 5.1.1 <{}>: Recipient address rejected: User unknown", "hard"),
    (8, "bad-mailbox", "5.0.0", "permanent", "550 no such user here", "hard"),
    (6, "inactive-mailbox", "5.2.1", "permanent", "550 5.2.1 mailbox disabled for {}", "hard"),
    (7, "bad-domain", "5.1.2", "permanent", "Host or domain name not found", "hard"),
    (16, "full-mailbox", "4.2.2", "temporary", "452 4.2.2 Mailbox full", "soft"),
    (5, "quota-issues", "5.2.2", "temporary", "552 5.2.2 over quota", "soft"),
    (7, "no-answer-from-host", "4.4.1", "temporary", "connection timed out", "soft"),
    (4, "message-expired", "4.4.7", "temporary", "delivery time expired", "soft"),
    (3, "routing-errors", "5.4.4", "temporary", "no route to host", "soft"),
    (7, "spam-related", "5.7.1", "enabled", "554 5.7.1 Message rejected as spam", "block"),
    (3, "policy-related", "5.7.26", "enabled", "550 5.7.26 Unauthenticated email is not accepted", "block"),
    (1, "content-related", "5.6.0", "enabled", "552 content rejected", "block"),
    (3, "other", "5.5.0", "unknown", "550 5.5.0 Requested action not taken", "unknown"),
)


def documented_rows() -> List[Dict[str, object]]:
    """Return the three rows of the vendor's page: the one of its XML sample, then the two of its JSON sample.

    Addresses are the vendor's own, unchanged. Placeholders are replaced by documented forms: ``temporary/permanent`` by
    the first of the two, ``RRRR-MM-DD HH:MM:SS`` by the only date the page shows. Ids are integers, as in its XML
    sample (in JSON every value is a string). The order of members is each sample's own: it differs, as it does there.
    """
    return [
        {
            "EMAIL": "mail@mail.com",
            "ID_EMAIL": 49872054,
            "ID_USER_LIST": 123,
            "ID_SEND_MESSAGE": 1234567890,
            "DATE": "2014-12-23 12:36:02",
            "STATUS": "4.4.2",
            "EMAIL_STATUS": "temporary",
            "BOUNCE_CAT": "bad-mailbox",
            "REASON": "Bad Mailbox",
        },
        {
            "ID_SEND_MESSAGE": 123456789,
            "ID_USER_LIST": 12345,
            "DATE": "2014-12-23 12:36:02",
            "STATUS": "4.4.1",
            "ID_EMAIL": 1234567890,
            "EMAIL": "adresa1@nejakadomena.cz",
            "EMAIL_STATUS": "temporary",
            "BOUNCE_CAT": "full-mailbox",
            "REASON": "Full Mailbox",
        },
        {
            "ID_SEND_MESSAGE": 123456790,
            "ID_USER_LIST": 12345,
            "DATE": "2014-12-23 12:36:02",
            "STATUS": "5.1.1",
            "ID_EMAIL": 1234567891,
            "EMAIL": "adresa2@nejakadomena.cz",
            "EMAIL_STATUS": "permanent",
            "BOUNCE_CAT": "bad-mailbox",
            "REASON": "Bad Mailbox",
        },
    ]


class SampleReport:
    """*rows* rows, the same ones for the same *seed*; each iteration starts over, so it serves as a simulator's report.

    One domain fails for an hour on the second day: it is there to be found.

    :param kinds: words of BounceKind; other rows there are none. None: of every kind
    :raises ValueError: there is no such kind
    """

    def __init__(self, rows: int = 20000, seed: int = 1, kinds: Optional[Collection[str]] = None) -> None:
        unknown = sorted(set(kinds or ()) - {reason[5] for reason in _REASONS})
        if unknown or kinds is not None and not kinds:
            raise ValueError("kinds must be some of {}".format(", ".join(sorted({reason[5] for reason in _REASONS}))))
        self.rows = rows
        self.seed = seed
        self.kinds = None if kinds is None else frozenset(kinds)

    def __iter__(self) -> Iterator[Dict[str, object]]:
        # Here: whoever uses the simulator does not pay for it.
        import random

        chance = random.Random(self.seed)
        reasons = [reason for reason in _REASONS if self.kinds is None or reason[5] in self.kinds]
        weights = [reason[0] for reason in reasons]
        has_outage = self.kinds is None or "block" in self.kinds
        for number in range(self.rows):
            domain = chance.choices(_DOMAINS + ("",), _WEIGHTS + (19,))[0]
            domain = domain or "d{}.example".format(int(chance.paretovariate(0.8)) % _SMALL)
            email = "user{}@{}".format(number, domain)
            _, category, status, state, reason, _ = chance.choices(reasons, weights)[0]
            minutes = chance.expovariate(1 / 240.0) % (5 * 1440)
            if has_outage and number % 25 == 0:
                email = "user{}@post.example".format(number)
                category, status, state = "spam-related", "4.7.0", "enabled"
                reason, minutes = "421 4.7.0 try again later", 1440 + 150 + chance.random() * 60
            yield {
                "EMAIL": email,
                "ID_EMAIL": 1000000 + number,
                "ID_USER_LIST": 12345,
                "ID_SEND_MESSAGE": 5000000000 + number,
                "DATE": _START + timedelta(minutes=minutes),
                "STATUS": status,
                "EMAIL_STATUS": state,
                "BOUNCE_CAT": category,
                "REASON": reason.format(email),
            }


def sample_rows(count: int, seed: int = 1, kinds: Optional[Collection[str]] = None) -> List[Dict[str, object]]:
    """*count* made-up rows, as ``SampleReport`` has them: to be looked at, changed, and given to ``Simulator.add``."""
    return list(SampleReport(count, seed, kinds))
