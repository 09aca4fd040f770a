"""What the named words of this package have in common."""
from enum import Enum


class Word(str, Enum):
    """A string that has a name: equals, hashes, prints and formats as its word."""

    def __str__(self) -> str:
        return str.__str__(self.value)

    def __format__(self, spec: str) -> str:
        return str.__format__(self.value, spec)
