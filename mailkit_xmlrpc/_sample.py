"""A report of any size, made from a seed: what a delivery to a mixed list might bring back. For the demo and for tests.

Nothing of it is real: addresses are at names that RFC 2606 reserves, and the shares of reasons are made up.
"""
import random
from datetime import datetime, timedelta
from typing import Dict, Iterator, Tuple

_START = datetime(2024, 3, 4, 8, 0)
_DOMAINS = ("mail.example", "post.example", "inbox.example", "company.example", "school.example", "old.example")
_WEIGHTS = (34, 22, 12, 6, 4, 3)
_SMALL = 400  # further domains, each with little
#: (share, BOUNCE_CAT, STATUS, EMAIL_STATUS, REASON)
_REASONS: Tuple[Tuple[int, str, str, str, str], ...] = (
    (30, "bad-mailbox", "5.1.1", "permanent", "550 5.1.1 <{}>: Recipient address rejected: User unknown"),
    (8, "bad-mailbox", "5.0.0", "permanent", "550 no such user here"),
    (6, "inactive-mailbox", "5.2.1", "permanent", "550 5.2.1 mailbox disabled for {}"),
    (7, "bad-domain", "5.1.2", "permanent", "Host or domain name not found"),
    (16, "full-mailbox", "4.2.2", "temporary", "452 4.2.2 Mailbox full"),
    (5, "quota-issues", "5.2.2", "temporary", "552 5.2.2 over quota"),
    (7, "no-answer-from-host", "4.4.1", "temporary", "connection timed out"),
    (4, "message-expired", "4.4.7", "temporary", "delivery time expired"),
    (3, "routing-errors", "5.4.4", "temporary", "no route to host"),
    (7, "spam-related", "5.7.1", "enabled", "554 5.7.1 Message rejected as spam"),
    (3, "policy-related", "5.7.26", "enabled", "550 5.7.26 Unauthenticated email is not accepted"),
    (1, "content-related", "5.6.0", "enabled", "552 content rejected"),
    (3, "other", "5.5.0", "unknown", "550 5.5.0 Requested action not taken"),
)


class SampleReport:
    """*rows* rows, the same ones for the same *seed*; each iteration starts over, so it serves as a simulator's report.

    One domain fails for an hour on the second day: it is there to be found.
    """

    def __init__(self, rows: int = 20000, seed: int = 1) -> None:
        self.rows = rows
        self.seed = seed

    def __iter__(self) -> Iterator[Dict[str, object]]:
        chance = random.Random(self.seed)
        weights = [reason[0] for reason in _REASONS]
        for number in range(self.rows):
            domain = chance.choices(_DOMAINS + ("",), _WEIGHTS + (19,))[0]
            domain = domain or "d{}.example".format(int(chance.paretovariate(0.8)) % _SMALL)
            email = "user{}@{}".format(number, domain)
            _, category, status, state, reason = chance.choices(_REASONS, weights)[0]
            minutes = chance.expovariate(1 / 240.0) % (5 * 1440)
            if number % 25 == 0:  # the outage
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
