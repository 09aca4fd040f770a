"""Enhanced status codes such as ``5.1.1`` (RFC 3463): found in a text, taken apart, put into words."""
import re
from dataclasses import dataclass
from typing import Optional

__all__ = ["EnhancedStatus"]

# RFC 3463, 2: class "." subject "." detail, up to three digits each, no leading zeros. Nothing may stand beside it that
# makes it a part of something longer: 5.1.1.1 is an IP address or a version.
_NUMBER = "(0|[1-9][0-9]{0,2})"
_CODE = re.compile(r"(?<![\w.])([245])\." + _NUMBER + r"\." + _NUMBER + r"(?!\w|\.\w)")


@dataclass(frozen=True, order=True)
class EnhancedStatus:
    """A status code in three numbers.

    :raises ValueError: a number that no code has
    """

    #: 2 success, 4 temporary failure, 5 permanent failure
    status_class: int
    #: what it is about: 0 to 999; registered are 0 to 7
    subject: int
    #: what exactly: 0 to 999
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
        from ._enhanced_codes import DETAILS

        return (self.subject, self.detail) in DETAILS

    @property
    def text(self) -> str:
        """What the code says, in a few words; of an unregistered detail, what its subject says."""
        from ._enhanced_codes import DETAILS, SUBJECTS

        return DETAILS.get((self.subject, self.detail)) or SUBJECTS.get(self.subject, "not registered")

    def __str__(self) -> str:
        return "{}.{}.{}".format(self.status_class, self.subject, self.detail)
