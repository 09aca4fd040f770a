"""Which word means which kind of bounce: the default tables, each line with source and doubt."""
from typing import NamedTuple

from .vocabulary import BounceKind

HARD, SOFT, BLOCK, UNKNOWN = BounceKind.HARD, BounceKind.SOFT, BounceKind.BLOCK, BounceKind.UNKNOWN


class Rule(NamedTuple):
    """One line of a table."""

    match: str  # a word of BOUNCE_CAT, or a pattern of STATUS such as 5.7.*
    kind: BounceKind
    source: str
    doubt: str


_PAGE = "the word stands on the vendor's page of the function; its meaning is read from the word"
_POWERMTA = "PowerMTA's bounce categories; that Mailkit uses them is inferred"

#: BOUNCE_CAT to kind. ``other`` is left out on purpose: it says nothing.
CATEGORY_RULES = (
    Rule("bad-mailbox", HARD, _PAGE, "the vendor's own sample pairs it with 4.4.2, temporary: STATUS must not object"),
    Rule("bad-domain", HARD, _POWERMTA, "a DNS that fails for an hour looks the same"),
    Rule("inactive-mailbox", HARD, _POWERMTA, "a disabled mailbox may come back"),
    Rule("full-mailbox", SOFT, _PAGE, "a mailbox that stays full is an abandoned one: hence the count within a time"),
    Rule("quota-issues", SOFT, _POWERMTA, "as full-mailbox"),
    Rule("bad-configuration", SOFT, _POWERMTA, "the receiving system's fault; it may be mended, or never"),
    Rule("bad-connection", SOFT, _POWERMTA, "none"),
    Rule("message-expired", SOFT, _POWERMTA, "it tells how long was tried, and not why"),
    Rule("no-answer-from-host", SOFT, _POWERMTA, "a domain given up answers as little as one that is down"),
    Rule("routing-errors", SOFT, _POWERMTA, "a domain given up has no route either"),
    Rule("content-related", BLOCK, _POWERMTA, "none"),
    Rule("invalid-sender", BLOCK, _POWERMTA, "none"),
    Rule("policy-related", BLOCK, _POWERMTA, "its patterns catch words such as rejected, which unknown users get too"),
    Rule("protocol-errors", BLOCK, _POWERMTA, "either side may be at fault; hardly ever the address"),
    Rule("relaying-issues", BLOCK, _POWERMTA, "a domain whose mail has moved away answers so too"),
    Rule("spam-related", BLOCK, _POWERMTA, "none"),
    Rule("virus-related", BLOCK, _POWERMTA, "none"),
)

_RFC = "RFC 3463"

#: STATUS to kind. UNKNOWN: it speaks, but does not blame the address, and so objects to a HARD one. Any other 5.x.x is
#: silent: mail servers use them too loosely to stop mailing somebody, or to let anybody off.
STATUS_RULES = (
    Rule("5.1.1", HARD, _RFC, "a provider's outage may answer so for good addresses: hence the guard of a plan"),
    Rule("5.1.2", HARD, _RFC, "a DNS that fails may be reported so"),
    Rule("5.1.3", HARD, _RFC, "none"),
    Rule("5.1.6", HARD, _RFC, "none"),
    Rule("5.1.10", HARD, "RFC 7505", "none"),
    Rule("5.2.1", HARD, _RFC, "a disabled mailbox may come back"),
    Rule("*.2.2", SOFT, _RFC, "many systems send 5.2.2, but a full mailbox can be emptied"),
    Rule("5.1.5", UNKNOWN, _RFC, "none: it says that the address is valid"),
    Rule("5.1.7", UNKNOWN, _RFC, "none: it is the sender's address; BLOCK only where BOUNCE_CAT says so too"),
    Rule("5.1.8", UNKNOWN, _RFC, "as 5.1.7"),
    Rule("5.2.3", UNKNOWN, _RFC, "none: a shorter message would do"),
    Rule("5.3.4", UNKNOWN, _RFC, "none: a shorter message would do"),
    Rule("5.6.*", UNKNOWN, _RFC, "none: it is the content"),
    Rule("2.*.*", UNKNOWN, _RFC, "a success is no bounce: something is wrong with such a row"),
    Rule("4.1.7", BLOCK, _RFC, "none: it is the sender's address"),
    Rule("4.1.8", BLOCK, _RFC, "none: it is the sender's domain"),
    Rule("4.6.*", BLOCK, _RFC, "none: it is the content"),
    Rule("*.7.*", BLOCK, _RFC, "5.7.1 is also sent for unknown users, by systems that tell nothing about theirs"),
    Rule("4.*.*", SOFT, _RFC, "none"),
)
