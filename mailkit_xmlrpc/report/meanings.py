"""What the kinds of bounces and the known words of BOUNCE_CAT mean, and what plots are called, for people."""

from typing import Mapping, Optional

from ..model.rules import category_of
from ..model.vocabulary import BounceCategory
from .words import marked

NAMES = {"hard": marked("hard"), "soft": marked("soft"), "block": marked("blocked"), "unknown": marked("unknown")}
MEANS = {
    "hard": marked("the address cannot receive mail"),
    "soft": marked("the address may receive mail later"),
    "block": marked("refused; the address is fine"),
    "unknown": marked("cause not known"),
}
#: what the known words of BOUNCE_CAT mean, as far as their names tell
CATEGORIES: Mapping[str, str] = {
    BounceCategory.BAD_MAILBOX: marked("the mailbox does not exist"),
    BounceCategory.FULL_MAILBOX: marked("the mailbox is full"),
    BounceCategory.BAD_CONFIGURATION: marked("the receiving system is set up wrongly"),
    BounceCategory.BAD_CONNECTION: marked("the connection broke"),
    BounceCategory.BAD_DOMAIN: marked("the domain does not exist"),
    BounceCategory.CONTENT_RELATED: marked("the content was refused"),
    BounceCategory.INACTIVE_MAILBOX: marked("the mailbox is not used any more"),
    BounceCategory.INVALID_SENDER: marked("the sender was refused"),
    BounceCategory.MESSAGE_EXPIRED: marked("the message could not be delivered in time"),
    BounceCategory.NO_ANSWER_FROM_HOST: marked("no answer from the host"),
    BounceCategory.OTHER: marked("no cause is named"),
    BounceCategory.POLICY_RELATED: marked("refused by a policy"),
    BounceCategory.PROTOCOL_ERRORS: marked("the mail servers did not understand each other"),
    BounceCategory.QUOTA_ISSUES: marked("a limit of the mailbox was passed"),
    BounceCategory.RELAYING_ISSUES: marked("the server does not take mail for this domain"),
    BounceCategory.ROUTING_ERRORS: marked("no route to the domain"),
    BounceCategory.SPAM_RELATED: marked("taken for spam"),
    BounceCategory.VIRUS_RELATED: marked("taken for a virus"),
}
#: by what a plot parts the messages -> its title, the head of its table's first column, the caption of the table
PLOTS = {
    "category": (marked("By category"), marked("category"), marked("Messages by category and kind")),
    "domain": (marked("By domain"), marked("domain"), marked("Messages by domain and kind")),
    "status": (marked("By status"), marked("status"), marked("Messages by status and kind")),
    "hour": (marked("By hour"), marked("hour"), marked("Messages by hour and kind")),
    "day": (marked("By day"), marked("day"), marked("Messages by day and kind")),
}


def meaning_of(word: str) -> Optional[str]:
    """Return what the category *word* means, or None where that is not known."""
    return CATEGORIES.get(category_of(word))
