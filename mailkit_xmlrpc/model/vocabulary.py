"""The words Mailkit uses in a bounce report, and our own for what a bounce means.

Mailkit's two vocabularies are open: the vendor's page lists the first and gives two samples of the second. An unknown
word is just a string, so compare, never look up: ``bounce.email_status == EmailStatus.PERMANENT``.
"""

from enum import Enum

__all__ = ["EmailStatus", "BounceCategory", "BounceKind"]


class Word(str, Enum):
    """A string that has a name: equals, hashes, prints and formats as its word."""

    def __str__(self) -> str:
        return str.__str__(self.value)

    def __format__(self, spec: str) -> str:
        return str.__format__(self.value, spec)


class EmailStatus(Word):
    """EMAIL_STATUS: the state of the recipient's address on the list (the vendor's page, but the last).

    It is the address's state now, which another campaign may have caused, and not the nature of this bounce (inferred).
    """

    ENABLED = "enabled"
    UNKNOWN = "unknown"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNSUBSCRIBE = "unsubscribe"
    DISABLED = "disabled"  # elsewhere in the API, seen by another public client


class BounceCategory(Word):
    """BOUNCE_CAT: why the message came back.

    ``bad-mailbox`` and ``full-mailbox`` stand on the vendor's page. The others are the bounce categories of PowerMTA,
    whose vocabulary the vendor's looks like (inferred; the vendor lists none).
    """

    BAD_MAILBOX = "bad-mailbox"
    FULL_MAILBOX = "full-mailbox"
    BAD_CONFIGURATION = "bad-configuration"
    BAD_CONNECTION = "bad-connection"
    BAD_DOMAIN = "bad-domain"
    CONTENT_RELATED = "content-related"
    INACTIVE_MAILBOX = "inactive-mailbox"
    INVALID_SENDER = "invalid-sender"
    MESSAGE_EXPIRED = "message-expired"
    NO_ANSWER_FROM_HOST = "no-answer-from-host"
    OTHER = "other"
    POLICY_RELATED = "policy-related"
    PROTOCOL_ERRORS = "protocol-errors"
    QUOTA_ISSUES = "quota-issues"
    RELAYING_ISSUES = "relaying-issues"
    ROUTING_ERRORS = "routing-errors"
    SPAM_RELATED = "spam-related"
    VIRUS_RELATED = "virus-related"


class BounceKind(Word):
    """What a bounce says about the address: our reading of BOUNCE_CAT and STATUS, by :class:`~mailkit_xmlrpc.Rules`."""

    HARD = "hard"  #: this address cannot receive
    SOFT = "soft"  #: it may receive later
    BLOCK = "block"  #: the sender, the content or a policy was refused: the address is not at fault
    UNKNOWN = "unknown"  #: nothing that we know says


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
