"""A report into the table: two streams sorted by key are compared in one pass, and what differs is written in batches.

Everything is written in the order of the key, so that two writers never wait for each other crosswise.
"""

from abc import ABC, abstractmethod
from typing import Iterator, List, NamedTuple, Tuple

from .collected import Report
from .stored import digest_of, values_of

PAGE = 5000  # keys read at once
_BATCH = 1000  # rows written at once
_BATCH_CHARACTERS = 2 << 20  # of REASON in them

#: what the table has of a row: (message_key, digest, gone_at)
StoredKey = Tuple[str, str, object]
#: what a statement is given for each row that it writes
Parameters = List[Tuple[object, ...]]


class Counts(NamedTuple):
    """What became of the rows of a report, and of those that the table had."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0


class BounceTable(ABC):
    """The table ``mailkit_bounce`` of a database, inside a transaction. Moments are texts in UTC."""

    @abstractmethod
    def keys(self, id_send: int, after: str) -> List[StoredKey]:
        """At most :data:`PAGE` rows of the delivery, those that follow the key *after*, in the order of the key."""

    @abstractmethod
    def insert(self, rows: Parameters) -> None:
        """Add rows: the values of all columns, in their order."""

    @abstractmethod
    def update(self, rows: Parameters) -> None:
        """Write rows anew: email to extra, kind, digest, last_seen, changed_at, id_send, message_key; none is gone."""

    @abstractmethod
    def mark_seen(self, rows: Parameters) -> None:
        """Set last_seen of single rows: (last_seen, id_send, message_key)."""

    @abstractmethod
    def mark_all_seen(self, id_send: int, moment: str) -> None:
        """Set last_seen of all rows of the delivery that are not gone."""

    @abstractmethod
    def mark_gone(self, rows: Parameters) -> None:
        """Set gone_at of single rows: (gone_at, id_send, message_key)."""


def write_report(table: BounceTable, id_send: int, report: Report, moment: str) -> Counts:
    """Write what is new or changed in *report*, which was asked for at *moment*.

    Only a whole report decides what is gone.
    """
    writing = _Writing(table, id_send, moment)
    counts = writing.compared(report)
    if report.is_whole and counts.unchanged:
        table.mark_all_seen(id_send, moment)
    return counts


class _Writing:
    def __init__(self, table: BounceTable, id_send: int, moment: str) -> None:
        self._table = table
        self._id_send = id_send
        self._moment = moment
        self._new: Parameters = []
        self._changed: Parameters = []
        self._seen: Parameters = []
        self._gone: Parameters = []

    def compared(self, report: Report) -> Counts:
        """Compare *report* with the table, and write what differs."""
        new = changed = unchanged = gone = 0
        rows = characters = 0  # of the batch
        id_send, moment, is_whole = self._id_send, self._moment, report.is_whole
        add = self._new.append
        stored = self._stored()
        have = next(stored, None)
        for key, kind, record in report.keyed():
            while have is not None and have[0] < key:
                gone += self._is_gone(have, is_whole)
                have = next(stored, None)
            digest = digest_of((kind, record))
            if have is None or have[0] != key:
                new += 1
                add((id_send, key) + values_of(record) + (kind, digest, moment, moment, None, None))
            else:
                if have[1] != digest or have[2] is not None:
                    changed += 1
                    values = values_of(record) + (kind, digest, moment, moment, id_send, key)
                    self._changed.append(values)
                else:
                    unchanged += 1
                    if not is_whole:
                        self._seen.append((moment, id_send, key))
                have = next(stored, None)
            rows += 1
            characters += len(record[7])
            if rows >= _BATCH or characters >= _BATCH_CHARACTERS:
                self._flush()
                rows = characters = 0
        while have is not None:
            gone += self._is_gone(have, is_whole)
            have = next(stored, None)
        self._flush()
        return Counts(new, changed, unchanged, gone)

    def _stored(self) -> Iterator[StoredKey]:
        """Yield what the table has.

        It is read page by page: not every driver lets one write while an answer is being read. A page never holds what
        was written since: that comes before the last key of the page before.
        """
        page = self._table.keys(self._id_send, "")
        while page:
            yield from page
            page = self._table.keys(self._id_send, page[-1][0]) if len(page) >= PAGE else []

    def _is_gone(self, have: StoredKey, is_whole: bool) -> int:
        if not is_whole or have[2] is not None:
            return 0
        self._gone.append((self._moment, self._id_send, have[0]))
        if len(self._gone) >= _BATCH:
            self._flush()
        return 1

    def _flush(self) -> None:
        for write, rows in (
            (self._table.insert, self._new),
            (self._table.update, self._changed),
            (self._table.mark_seen, self._seen),
            (self._table.mark_gone, self._gone),
        ):
            if rows:
                write(rows)
                rows.clear()
