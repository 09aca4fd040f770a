"""What became of one of many calls."""
import copy
from dataclasses import dataclass
from typing import List, Optional

from .bounce import Bounce
from .exceptions import MailkitError

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What became of one id of ``MailkitClient.iter_many()``: its report, or why there is none."""

    #: the delivery asked for, as it was given
    id_send: int
    #: its report, in the server's order; None if and only if there is an ``error``
    bounces: Optional[List[Bounce]]
    #: why there is none
    error: Optional[MailkitError]
    #: tries made; 0 where nothing was sent
    attempts: int
    #: seconds from the first step of the call to the last, pauses and decoding included
    seconds: float

    def unwrap(self) -> List[Bounce]:
        """Return the report.

        :raises MailkitError: there is none
        """
        if self.error is not None:
            raise copy.copy(self.error)  # its own each time: the traceback of one would grow, and keep frames alive
        assert self.bounces is not None
        return self.bounces
