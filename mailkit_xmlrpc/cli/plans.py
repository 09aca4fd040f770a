"""Plans of suppression as files: with hashes in the place of addresses, and as changes since an earlier one."""

import contextlib
import pickle
from datetime import datetime
from typing import Any, Dict, Generator, Iterable, Iterator, List, NamedTuple, Optional

from ..analysis.counting import address_of
from ..analysis.scratch import blob, sqlite, temporary_database
from ..analysis.suppression import Suppression
from ..exceptions import LocalError
from ..exceptions.redact import redacted
from ..model.vocabulary import BounceKind
from .errors import UsageError
from .saved import read_records, saved_date
from .texts import printable

_BATCH = 2000  # rows written at once


class Line(NamedTuple):
    """One line of a plan: a :class:`Suppression`, with what may stand beside it or in its place.

    :param change: ``added`` or ``removed`` since an earlier plan
    :param email_sha256: SHA-256 of the address in the form in which it is compared, in UTF-8, as hexadecimal digits
    """

    change: str
    email: str
    email_sha256: str
    id_email: Optional[int]
    kind: BounceKind
    why: str
    bounces: int
    first: Optional[datetime]
    last: Optional[datetime]
    status: str
    bounce_cat: str


#: those of a plan that is shown: they fit into 80 columns of a terminal
_SHOWN = ("change", "email", "email_sha256", "kind", "bounces", "last", "why")


def columns(hashed: bool, since: bool, shown: bool) -> List[str]:
    """Return the columns of a plan.

    :param hashed: whether it has hashes in the place of addresses
    :param since: whether it has the changes since an earlier plan
    :param shown: whether it is a table on standard output, which has fewer
    """
    left_out = {"email" if hashed else "email_sha256"} | (set() if since else {"change"})
    return [name for name in (_SHOWN if shown else Line._fields) if name not in left_out]


def lines_of(plan: Iterable[Suppression], hashed: bool) -> Iterator[Line]:
    """Yield the lines of *plan*."""
    for one in plan:
        line = Line("", one.email, "", *one[1:])
        yield _with_hash(line, _hashed(one.email)) if hashed else line


def _with_hash(line: Line, digest: str) -> Line:
    """Return *line* with the hash of its address; what a server wrote beside it tells no address, either."""
    why, status, bounce_cat = map(redacted, (line.why, line.status, line.bounce_cat))
    return line._replace(email_sha256=digest, why=why, status=status, bounce_cat=bounce_cat)


def _hashed(email: str) -> str:
    import hashlib

    return hashlib.sha256(blob(address_of(email))).hexdigest()


class Changes(Iterator[Line]):
    """The lines that were added since an earlier plan, then those that were removed, as they stood there.

    An address that is in both plans has not changed, whatever else is said of it. The earlier plan waits in a temporary
    file. Close it to let go of that.

    :param lines: of the plan of today
    :param path: of the earlier plan
    :raises UsageError: it cannot be read, or it is no plan of this kind
    :raises LocalError: no room for the temporary file, or this Python has no sqlite3
    """

    def __init__(self, lines: Iterable[Line], path: str, hashed: bool, allow_empty: bool) -> None:
        #: how many there were so far, by what happened
        self.numbers = {"added": 0, "removed": 0}
        self._hashed = hashed
        self._database = temporary_database()
        self._changes = self._all(lines, path, allow_empty)

    def __next__(self) -> Line:
        try:
            line = next(self._changes)
        except sqlite().Error as error:
            problem = LocalError("cannot keep the earlier plan in a temporary file: {}".format(error))
        else:
            self.numbers[line.change] += 1
            return line
        raise problem

    def close(self) -> None:
        """Let go of the temporary file; twice is fine."""
        self._changes.close()
        self._database.close()

    def _all(self, lines: Iterable[Line], path: str, allow_empty: bool) -> Generator[Line, None, None]:
        database = self._database
        database.execute("CREATE TABLE earlier (address BLOB PRIMARY KEY, line BLOB, kept INTEGER)")
        batch = []
        with contextlib.closing(_lines_in(path, self._hashed, allow_empty)) as earlier:
            for line in earlier:
                batch.append((self._address(line), pickle.dumps(tuple(line), 4)))
                if len(batch) >= _BATCH:
                    self._insert(batch)
        self._insert(batch)
        for line in lines:
            kept = database.execute("UPDATE earlier SET kept = 1 WHERE address = ?", (self._address(line),))
            if not kept.rowcount:
                yield line._replace(change="added")
        for (pickled,) in database.execute("SELECT line FROM earlier WHERE kept IS NULL ORDER BY address"):
            yield Line(*pickle.loads(pickled))._replace(change="removed")

    def _insert(self, batch: List[Any]) -> None:
        self._database.executemany("INSERT OR REPLACE INTO earlier (address, line) VALUES (?, ?)", batch)
        batch.clear()

    def _address(self, line: Line) -> bytes:
        return blob(line.email_sha256 if self._hashed else address_of(line.email))


def _lines_in(path: str, hashed: bool, allow_empty: bool) -> Generator[Line, None, None]:
    """Yield the lines of the plan in the file at *path*, with hashes if the plan of today has them."""
    named = "--since-plan {}".format(printable(path))

    def line(_: int, record: Any) -> Line:
        if "email_sha256" in record and not hashed:
            raise UsageError("{} has hashes in the place of addresses: give --hashed sha256, too".format(named))
        email, digest = (_text(record, name) if name in record else "" for name in ("email", "email_sha256"))
        if not email and not digest or "change" in record:
            raise ValueError("no line of a plan")
        found = Line(
            "",
            email,
            "",
            _number(record["id_email"]),
            BounceKind(record["kind"]),
            _text(record, "why"),
            _number(record["bounces"]) or 0,
            saved_date(record["first"] or None),
            saved_date(record["last"] or None),
            _text(record, "status"),
            _text(record, "bounce_cat"),
        )
        return _with_hash(found, digest or _hashed(email)) if hashed else found

    return read_records(path, named, "suppress", line, allow_empty)


def _text(record: Dict[str, Any], name: str) -> str:
    # An empty cell of a workbook is nothing at all.
    text = "" if record[name] is None else record[name]
    if not isinstance(text, str):
        raise ValueError("a text that is none")
    return text


def _number(value: Any) -> Optional[int]:
    if isinstance(value, str):
        return int(value)
    if value is not None and type(value) is not int:
        raise ValueError("a number that is none")
    return value
