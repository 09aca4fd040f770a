"""What a sync tells when it is done."""

from dataclasses import dataclass
from typing import Callable, Dict, Optional, Tuple

from ..exceptions import MailkitError

__all__ = ["Failure", "SyncResult"]

#: is called with what a person should know
Tell = Callable[[str], None]
#: is called with the numbers of deliveries done, of all, and of those that failed
Progress = Callable[[int, int, int], None]


@dataclass(frozen=True)
class Failure:
    """A delivery whose report could not be brought into the database, or a campaign whose deliveries are not known."""

    #: the delivery; None where a campaign is meant
    id_send: Optional[int]
    #: the campaign, as far as it is known
    id_message: Optional[int]
    #: why
    error: MailkitError

    @property
    def what(self) -> str:
        """What failed, in words."""
        if self.id_send is not None:
            return "ID_SEND {}".format(self.id_send)
        return "a campaign" if self.id_message is None else "campaign {}".format(self.id_message)

    def __str__(self) -> str:
        return "{}: {}".format(self.what, self.error)


#: is called with what failed
Failed = Callable[[Failure], None]


@dataclass(frozen=True)
class SyncResult:
    """What one run of ``sync()`` did."""

    #: ``id`` of its row in ``mailkit_run``; None for a dry run
    run: Optional[int]
    #: deliveries that were found or given
    deliveries: int
    #: deliveries whose report was asked for
    asked: int
    #: deliveries whose report is in the database now; in a dry run, those whose report was compared
    written: int
    #: deliveries that were not asked again, because they are settled
    settled: int
    #: rows that the table did not have
    new: int
    #: rows that differ from what the table had, or that were gone and came back
    changed: int
    #: rows that are as they were
    unchanged: int
    #: rows that the newest report has no more
    gone: int
    #: rows that ``forget_before`` deleted
    forgotten: int
    #: what failed, in the order in which it happened
    failures: Tuple[Failure, ...] = ()

    @property
    def failed(self) -> int:
        """How much failed: deliveries, and campaigns whose deliveries are not known."""
        return len(self.failures)

    def to_dict(self) -> Dict[str, object]:
        """Return it as plain data, ready for ``json.dumps``."""
        deliveries = ("run", "deliveries", "asked", "written", "failed", "settled")
        rows = ("new", "changed", "unchanged", "gone", "forgotten")
        found: Dict[str, object] = {name: getattr(self, name) for name in deliveries + rows}
        found["failures"] = [
            {
                "id_send": failure.id_send,
                "id_message": failure.id_message,
                "error": type(failure.error).__name__,
                "text": str(failure.error),
            }
            for failure in self.failures
        ]
        return found

    def __str__(self) -> str:
        text = "deliveries: {} asked, {} failed, {} settled; rows: {} new, {} changed, {} unchanged, {} gone".format(
            self.asked, self.failed, self.settled, self.new, self.changed, self.unchanged, self.gone
        )
        return "{}, {} forgotten".format(text, self.forgotten) if self.forgotten else text
