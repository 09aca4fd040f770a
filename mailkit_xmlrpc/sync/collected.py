"""One report on its way to the database: collected, then given out sorted by key. Memory does not grow with it.

Rows are kept as marshalled chunks: in memory while they are few, then in a temporary file without a name. This process
alone reads the file, so the format of ``marshal`` need not last.
"""

import hashlib
import heapq
import marshal
from itertools import chain, count, groupby, islice, tee
from operator import itemgetter
from typing import IO, Any, Callable, Iterable, Iterator, List, Optional, Tuple, TypeVar

from .._version import __version__
from ..exceptions import LocalError
from ..model.records import Bounce
from .stored import FIELDS, Kinds, Record, digest_of, record_of

_CHUNK = 200  # rows
_MEMORY = 16 << 20  # bytes of marshalled rows kept in memory; a row has some 200 to 400
_RUN = 32768  # rows sorted at once, some 30 MB; fewer where they are large
_RUN_BYTES = 8 << 20  # marshalled
_PARTS = 32  # a sorted run is read back in so many
_ORDINALS = 9  # up to so many, the keys of one message sort as text in the order in which they count

Wanted = Callable[[Bounce], bool]
#: (message_key, kind, record)
KeyedRow = Tuple[str, str, Record]
#: what a row is sorted by (its message, its date, its place), then kind and record
_Sortable = Tuple[str, str, int, str, Record]
_Tuple = TypeVar("_Tuple", bound=Tuple[object, ...])


def report_of(rows: Iterable[Bounce], wanted: Optional[Wanted] = None) -> "Report":
    """Return the report that *rows* are, in the server's order. What they raise passes, and nothing is left behind.

    :param wanted: which rows shall be written; all of them count for the keys. None: all shall
    """
    return Report(_records(rows, wanted), wanted is None)


def _records(rows: Iterable[Bounce], wanted: Optional[Wanted]) -> Iterator[Tuple[object, ...]]:
    """Yield the records of *rows*; those that are not wanted have one field more."""
    return map(record_of, rows) if wanted is None else _marked(rows, wanted)


def _marked(rows: Iterable[Bounce], wanted: Wanted) -> Iterator[Tuple[object, ...]]:
    for row in rows:
        yield record_of(row) if wanted(row) else record_of(row) + (None,)


class Report:
    """All rows of one report. Close it when it is written.

    :param records: of its rows
    :param is_whole: whether all of them shall be written
    """

    def __init__(self, records: Iterator[Tuple[object, ...]], is_whole: bool = True) -> None:
        #: rows of the report, wanted or not
        self.rows = 0
        #: whether the rows that shall be written are the whole report
        self.is_whole = is_whole
        self._bytes = 1
        self._chunks = _Chunks(_MEMORY)
        content = hashlib.sha256(__version__.encode("ascii"))  # another version's rules may say another kind
        try:
            for chunk in iter(lambda: list(islice(records, _CHUNK)), []):
                # Version 0 of the format writes equal values alike, whether or not they are the same objects.
                piece = marshal.dumps(chunk, 0)
                content.update(piece)
                self._chunks.add(piece)
                self.rows += len(chunk)
                self._bytes += len(piece)
        except BaseException:
            self.close()
            raise
        #: tells this report from one with another content or another order of rows; equal reports may differ in it
        #: (read by another version of Python, say), and then they are compared row by row
        self.fingerprint = content.hexdigest()

    def keyed(self) -> Iterator[KeyedRow]:
        """Yield the rows that shall be written, sorted by key."""
        run = max(_PARTS, min(_RUN, _RUN_BYTES * self.rows // self._bytes))
        rows = _numbered(_in_order(self._sortable(), run), run)
        return rows if self.is_whole else (row for row in rows if len(row[2]) == FIELDS)

    def _sortable(self) -> Iterator[_Sortable]:
        """Return the rows; one without a date comes first."""
        kinds = Kinds()
        place = count()
        return chain.from_iterable(
            [
                (
                    digest_of(record[:FIELDS]) if record[3] is None else str(record[3]),
                    record[8] or "",
                    next(place),
                    kinds[record[6], record[4]],
                    record,
                )
                for record in chunk
            ]
            for chunk in self._chunks
        )

    def close(self) -> None:
        """Let go of the rows; twice is fine."""
        self._chunks.close()


class Reports:
    """Many reports, kept until all are there; iterate over them as often as wanted, and close them.

    :param rows: of one delivery after the other; whatever they raise passes, and nothing is left behind
    :param wanted: as for :func:`report_of`
    """

    def __init__(self, rows: Iterable[Bounce], wanted: Optional[Wanted] = None) -> None:
        self._is_whole = wanted is None
        self._chunks = _Chunks(_MEMORY)
        #: of deliveries whose report has no rows
        self.empty: List[int] = []
        # Each row goes through as it comes, so ids and records are in step.
        ids, again = tee(rows)
        pairs = zip((row.id_send for row in ids), _records(again, wanted))
        try:
            for chunk in iter(lambda: list(islice(pairs, _CHUNK)), []):
                self._chunks.add(marshal.dumps(chunk))
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[Tuple[int, Report]]:
        """Yield ID_SEND and the report of each delivery; a report is closed when the next one is asked for."""
        rows = chain.from_iterable(self._chunks)
        found = ((id_send, map(itemgetter(1), group)) for id_send, group in groupby(rows, key=itemgetter(0)))
        for id_send, records in chain(found, ((id_send, iter(())) for id_send in self.empty)):
            report = Report(records, self._is_whole)
            try:
                yield id_send, report
            finally:
                report.close()

    def close(self) -> None:
        """Let go of the rows; twice is fine."""
        self._chunks.close()


def _numbered(rows: Iterator[_Sortable], run: int) -> Iterator[KeyedRow]:
    """Give each row its key (the second row of a message has ``#2`` behind it, and so on), and yield them by key."""
    row = next(rows, None)
    while row is not None:
        following = next(rows, None)
        key = row[0]
        if following is None or following[0] != key:
            yield key, row[3], row[4]
            row = following
            continue
        same = [row, following]
        row = next(rows, None)
        while row is not None and row[0] == key and len(same) < _ORDINALS:
            same.append(row)
            row = next(rows, None)
        if row is None or row[0] != key:
            for number, one in enumerate(same, 1):
                yield _key(key, number), one[3], one[4]
            continue
        rest = _While(key, chain([row], rows))
        numbered = ((_key(key, number), one[3], one[4]) for number, one in enumerate(chain(same, rest), 1))
        yield from _in_order(numbered, run)
        row = rest.following


def _key(key: str, number: int) -> str:
    return key if number == 1 else "{}#{}".format(key, number)


class _While(Iterator[_Sortable]):
    """The rows of one message; then ``following`` is the first row of the next one, or None."""

    def __init__(self, key: str, rows: Iterator[_Sortable]) -> None:
        self._key = key
        self._rows = rows
        self.following: Optional[_Sortable] = None

    def __next__(self) -> _Sortable:
        row = next(self._rows, None)
        if row is None or row[0] != self._key:
            self.following = row
            raise StopIteration
        return row


# --- sorting more than memory shall hold ------------------------------------------------------------------------------


def _in_order(rows: Iterable[_Tuple], run: int) -> Iterator[_Tuple]:
    """Yield *rows*, tuples of plain values, sorted; *run* of them at a time are sorted in memory."""
    runs: List[_Chunks] = []
    rows = iter(rows)
    try:
        batch = sorted(islice(rows, run))
        while len(batch) == run:
            runs.append(_Chunks(0))
            for start in range(0, run, run // _PARTS):
                runs[-1].add(marshal.dumps(batch[start : start + run // _PARTS]))
            batch = sorted(islice(rows, run))
        yield from heapq.merge(batch, *map(chain.from_iterable, runs)) if runs else batch
    finally:
        for each in runs:
            each.close()


class _Chunks:
    """Marshalled lists, written one after the other and read back in that order, as often as wanted.

    :param memory: bytes kept in memory; what is more goes to a temporary file
    """

    def __init__(self, memory: int) -> None:
        self._room = memory
        self._pieces: List[bytes] = []
        self._file: Optional[IO[bytes]] = None
        self._ends = [0]

    def add(self, piece: bytes) -> None:
        """Append one list.

        :raises LocalError: the temporary file cannot be written
        """
        if len(piece) <= self._room:
            self._room -= len(piece)
            self._pieces.append(piece)
            return
        self._room = -1  # what comes later goes to the file too: the order counts
        try:
            if self._file is None:
                import tempfile

                self._file = tempfile.TemporaryFile(prefix="mailkit_xmlrpc-")
            self._file.seek(self._ends[-1])
            self._file.write(piece)
        except OSError as error:
            problem = _unusable("written", error)
        else:
            self._ends.append(self._ends[-1] + len(piece))
            return
        raise problem

    def __iter__(self) -> Iterator[Any]:
        for piece in self._pieces:
            yield marshal.loads(piece)
        for start, end in zip(self._ends, self._ends[1:]):
            yield marshal.loads(self._read(start, end - start))

    def _read(self, start: int, length: int) -> bytes:
        assert self._file is not None
        try:
            self._file.seek(start)
            return self._file.read(length)
        except OSError as error:
            problem = _unusable("read", error)
        raise problem

    def close(self) -> None:
        """Let go of all of it; twice is fine."""
        self._pieces, self._ends = [], [0]
        if self._file is not None:
            try:
                self._file.close()
            except OSError:  # nobody will read it again
                pass
            self._file = None


def _unusable(done: str, error: OSError) -> LocalError:
    why = error.strerror or type(error).__name__
    return LocalError("the temporary file of a report cannot be {}: {}".format(done, why))
