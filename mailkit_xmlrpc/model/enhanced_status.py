"""Enhanced status codes such as ``5.1.1`` (RFC 3463): found in a text, taken apart, put into words.

The codes are those of the IANA registry "SMTP Enhanced Status Codes" (set up by RFC 5248, first filled by RFC 3463) as
of 2024-12-06, its last update that we know of:
https://www.iana.org/assignments/smtp-enhanced-status-codes/smtp-enhanced-status-codes.xml
The wording is ours, and short; the registry's own is longer. The RFC beside a group is the one that defines it.
"""

import re
from dataclasses import dataclass
from typing import Optional

__all__ = ["EnhancedStatus"]

#: the first number (RFC 3463, 3.1)
CLASSES = {
    2: "success",
    4: "temporary failure",
    5: "permanent failure",
}

#: the second number (RFC 3463, 3.2 to 3.8)
SUBJECTS = {
    0: "not said more precisely",
    1: "something about an address",
    2: "something about the recipient's mailbox",
    3: "something about the receiving mail system",
    4: "something about the network or the routing",
    5: "something about the mail protocol",
    6: "something about the content of the message",
    7: "something about security or a policy",
}

#: second and third number together; the first one makes no difference to the text
DETAILS = {
    # RFC 3463
    (0, 0): "not said more precisely",
    (1, 0): "something about an address",
    (1, 1): "no such mailbox",
    (1, 2): "no such domain, or it takes no mail",
    (1, 3): "the recipient's address is not well-formed",
    (1, 4): "the recipient's address is ambiguous",
    (1, 5): "the recipient's address is valid",
    (1, 6): "the mailbox has moved, and nothing tells where",
    (1, 7): "the sender's address is not well-formed",
    (1, 8): "the sender's domain does not exist or takes no mail",
    (1, 9): "passed on to a system that reports nothing",  # RFC 3886
    (1, 10): "the recipient's domain says that it takes no mail (null MX)",  # RFC 7505
    (2, 0): "something about the recipient's mailbox",
    (2, 1): "the mailbox is disabled",
    (2, 2): "the mailbox is full",
    (2, 3): "the message is too long for the mailbox",
    (2, 4): "a mailing list could not be expanded",
    (3, 0): "something about the receiving mail system",
    (3, 1): "the receiving mail system is full",
    (3, 2): "the receiving system takes no messages now",
    (3, 3): "the receiving system lacks a feature",
    (3, 4): "the message is too big for the receiving system",
    (3, 5): "the receiving system is set up wrongly",
    (3, 6): "the requested priority was changed",  # RFC 6710
    (4, 0): "something about the network or the routing",
    (4, 1): "no answer from the host",
    (4, 2): "the connection broke",
    (4, 3): "a directory server failed",
    (4, 4): "no route to the domain",
    (4, 5): "the mail system is congested",
    (4, 6): "the message went in a loop",
    (4, 7): "it could not be delivered in time",
    (5, 0): "something about the mail protocol",
    (5, 1): "a command out of order or not supported",
    (5, 2): "a command that could not be understood",
    (5, 3): "too many recipients at once",
    (5, 4): "a command with invalid arguments",
    (5, 5): "the protocol versions do not fit",
    (5, 6): "a line of the authentication was too long",  # RFC 4954
    (6, 0): "something about the content of the message",
    (6, 1): "the kind of content is not supported",
    (6, 2): "the content would have to be converted, which is forbidden",
    (6, 3): "the content would have to be converted, which is not possible",
    (6, 4): "the content was converted with loss",
    (6, 5): "the content could not be converted",
    (6, 6): "the content could not be fetched",  # RFC 4468
    (6, 7): "an address that is not ASCII is not allowed",  # RFC 6531
    (6, 8): "the reply would need UTF-8, which the client did not allow",  # RFC 6531
    (6, 9): "UTF-8 headers that not every recipient can be sent",  # RFC 6531
    (6, 10): "the reply would need UTF-8, which the client did not allow (a duplicate of x.6.8)",  # RFC 6531
    (7, 0): "something about security or a policy",
    (7, 1): "delivery is not authorized: the message was refused",
    (7, 2): "sending to the mailing list is not allowed",
    (7, 3): "the security would have to be converted, which is not possible",
    (7, 4): "a security feature is not supported",
    (7, 5): "a cryptographic step failed",
    (7, 6): "a cryptographic algorithm is not supported",
    (7, 7): "the message was damaged or altered",
    # RFC 4954, and 5248 for x.7.10 to x.7.14
    (7, 8): "the credentials are not valid",
    (7, 9): "the authentication mechanism is too weak",
    (7, 10): "encryption is needed",
    (7, 11): "the authentication mechanism needs encryption",
    (7, 12): "the password must be set up anew for the mechanism",
    (7, 13): "the account that logged in is disabled",
    (7, 14): "a trust relationship is missing",
    # RFC 6710
    (7, 15): "the priority is too low",
    (7, 16): "the message is too big for its priority",
    # RFC 7293
    (7, 17): "the mailbox has another owner now",
    (7, 18): "the domain has another owner now",
    (7, 19): "whether the owner changed could not be tested",
    # RFC 7372
    (7, 20): "no DKIM signature passed",
    (7, 21): "no acceptable DKIM signature passed",
    (7, 22): "no DKIM signature is the author's own",
    (7, 23): "SPF failed",
    (7, 24): "SPF could not be evaluated",
    (7, 25): "the reverse DNS of the sending address failed",
    (7, 26): "more than one authentication check failed",
    # RFC 7505, the registry itself (Google's x.7.28), RFC 8617, RFC 8689
    (7, 27): "the sender's domain says that it takes no mail (null MX)",
    (7, 28): "a flood of mail was detected",
    (7, 29): "ARC validation failed",
    (7, 30): "TLS was required (REQUIRETLS) and is not supported",
}


# RFC 3463, 2: class "." subject "." detail, up to three digits each, no leading zeros. Nothing may stand beside it that
# makes it a part of something longer: 5.1.1.1 is an IP address or a version.
_NUMBER = "(0|[1-9][0-9]{0,2})"
_CODE = re.compile(r"(?<![\w.])([245])\." + _NUMBER + r"\." + _NUMBER + r"(?!\w|\.\w)")


@dataclass(frozen=True, order=True)
class EnhancedStatus:
    """A status code in three numbers. ``str()`` of it is the code as it is written, such as ``5.1.1``.

    :param status_class: 2 success, 4 temporary failure, 5 permanent failure
    :param subject: what it is about: 0 to 999; 0 to 7 are registered
    :param detail: what exactly: 0 to 999
    :raises ValueError: a number that no code has
    """

    status_class: int
    subject: int
    detail: int

    def __post_init__(self) -> None:
        whole = all(type(number) is int for number in (self.status_class, self.subject, self.detail))
        if not (whole and self.status_class in (2, 4, 5) and 0 <= self.subject <= 999 and 0 <= self.detail <= 999):
            raise ValueError("an enhanced status code has a class of 2, 4 or 5, and two numbers from 0 to 999")

    @classmethod
    def parse(cls, text: str) -> "Optional[EnhancedStatus]":
        """Return the first code in *text*, which may be longer (``550 5.1.1 no such user``), or None."""
        match = _CODE.search(text)
        return cls(*map(int, match.groups())) if match else None

    @property
    def is_permanent(self) -> bool:
        """Sending the same again will not help (class 5)."""
        return self.status_class == 5

    @property
    def is_transient(self) -> bool:
        """Sending the same again may help (class 4)."""
        return self.status_class == 4

    @property
    def is_registered(self) -> bool:
        """Whether the IANA registry knows its subject and detail together."""
        return (self.subject, self.detail) in DETAILS

    @property
    def text(self) -> str:
        """What the code says, in a few words; of an unregistered detail, what its subject says."""
        return DETAILS.get((self.subject, self.detail)) or SUBJECTS.get(self.subject, "not registered")

    def __str__(self) -> str:
        return "{}.{}.{}".format(self.status_class, self.subject, self.detail)


# Pickles, tracebacks and documentation name the public place, so that the rooms may change.
for _public in __all__:
    globals()[_public].__module__ = "mailkit_xmlrpc"
