"""Rows that ``fetch`` saved, read back from its file.

The format is told by content. JSON, SQLite and Parquet give back what was fetched. CSV, TSV and xlsx give what they
show: the apostrophe that guards a cell is taken off again, an escape stays one. What cannot be told from a file that
broke off is refused: a file of nothing, a last line without an end, a file without the columns that a command decides
by.
"""

import contextlib
import csv
import io
import os
import shutil
import stat
import sys
import tempfile
from datetime import datetime
from typing import Any, BinaryIO, Callable, Generator, Iterator, Mapping, Optional, Sequence, TypeVar, Union

from ..exceptions import MailkitError
from ..model.plain import unmarked
from ..model.records import Bounce
from ..sync.sqlite import MAGIC
from ..sync.stored import date_of
from .errors import UsageError, say
from .formats import FORMATS, require
from .formats.base import LeftOut, Record, Saved
from .formats.columns import COLUMNS, IDS
from .formats.database import Sqlite
from .formats.separated import MARK, Separated
from .texts import printable

Row = TypeVar("Row")

_TEXTS = ("email", "status", "email_status", "bounce_cat", "reason")


def read_rows(
    path: str, needed: Sequence[str] = (), allow_empty: bool = False, left_out: Optional[LeftOut] = None
) -> Generator[Bounce, None, None]:
    """Yield the rows in the file at *path*, one by one. It is opened once, so it may be a pipe; - is standard input.

    Of a database each message comes in its newest state, as long as the newest report has it.

    :param needed: columns without which the rows would say something else
    :param allow_empty: whether a file of nothing is an empty report
    :param left_out: counts the rows of a database that did not come
    :raises UsageError: it cannot be read, or is not what fetch writes; the text names the row
    :raises LocalError: it is a database, and this machine or this Python cannot read it
    """
    named = "--from {}".format(printable(path))

    def row(number: int, record: object) -> Bounce:
        if isinstance(record, Bounce):
            return record
        if not isinstance(record, dict):
            raise ValueError("not a row")
        missing = [name for name in needed if name not in record]
        if missing and any(name in record for name in COLUMNS):
            raise UsageError(
                "{} lacks columns that this command needs: {} (row {}); fetch it again without --columns, or with "
                "these".format(named, ", ".join(dict.fromkeys(missing)), number)
            )
        if number == 1 and needed and "id_send_message" not in record:
            say("{} has no column id_send_message: a message that is there twice counts twice".format(named))
        return _bounce(record)

    return read_records(path, named, "fetch", row, allow_empty, left_out)


def read_records(
    path: str,
    named: str,
    command: str,
    read: Callable[[int, object], Row],
    allow_empty: bool = False,
    left_out: Optional[LeftOut] = None,
) -> Generator[Row, None, None]:
    """Yield what *read* makes of each record in the file at *path*; as :func:`read_rows`.

    :param named: how the user named it
    :param command: what writes such files
    :param read: takes the number of a record, from 1, and the record: a dict, or a Bounce of a database
    """
    number = 0
    try:
        for number, record in enumerate(_records(path, named, allow_empty, left_out or LeftOut()), 1):
            yield read(number, record)
    except OSError as error:
        raise UsageError("{} cannot be read: {}".format(named, error.strerror or type(error).__name__))
    except MailkitError:
        raise
    except EOFError:
        raise UsageError("{} is cut off after row {}: its last line has no end".format(named, number))
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError, csv.Error):
        if not number:
            words = "{} is not what {} writes, or it is cut off, or it is a table, which is not read back"
            raise UsageError(words.format(named, command))
        raise UsageError("{} is not what {} writes; reading stopped after row {}".format(named, command, number))


@contextlib.contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open the file at *path* to read it; - is standard input, which stays open.

    :raises UsageError: standard input is closed
    """
    if path != "-":
        with open(path, "rb") as file:
            yield file
        return
    # None means that it was closed before this program was started.
    if sys.stdin is None:
        raise UsageError("standard input is closed")
    # An io.StringIO or the like, in its place, has no buffer.
    yield getattr(sys.stdin, "buffer", None) or io.BytesIO(sys.stdin.read().encode("utf-8"))


class _Replayed(io.RawIOBase):
    """The bytes of *rest*, with *start*, which has been read from it, in front again: a pipe cannot go back."""

    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # RawIOBase says any buffer; a slice of it is set
        piece = self._start[: len(buffer)]
        if not piece:
            piece = self._rest.read1(len(buffer))  # type: ignore[attr-defined]  # files opened here have it, BinaryIO does not
        self._start = self._start[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _records(path: str, named: str, allow_empty: bool, left_out: LeftOut) -> Iterator[Union[Record, Bounce]]:
    """Yield the rows as dicts, and those of a database as they are."""
    with contextlib.ExitStack() as stack:
        binary = stack.enter_context(opened(path))
        start = binary.read(len(MAGIC))
        is_file = path != "-" and stat.S_ISREG(os.fstat(binary.fileno()).st_mode)
        for one in FORMATS:
            if one.is_binary and start.startswith(one.codec.magic):
                require(one.extra, named)
                if one.codec is not Sqlite:
                    binary = binary if is_file else stack.enter_context(_copied(start, binary))
                    binary.seek(0)
                yield from one.codec.read_file(Saved(path, named, binary, is_file, left_out))
                return
        yield from _of_text(_Replayed(start, binary), named, allow_empty)


@contextlib.contextmanager
def _copied(start: bytes, rest: BinaryIO) -> Iterator[BinaryIO]:
    """Open a copy of a pipe, which cannot go back: a file that is no text is read from its end."""
    with tempfile.TemporaryFile() as file:
        file.write(start)
        shutil.copyfileobj(rest, file)
        yield file


def _of_text(binary: io.RawIOBase, named: str, allow_empty: bool) -> Iterator[Record]:
    file = io.TextIOWrapper(io.BufferedReader(binary), encoding="utf-8", newline="")
    first = file.readline()
    if first in ("", MARK) and not allow_empty:
        raise UsageError(
            "{} is empty, as a command that failed leaves it; if it is an empty report as JSON lines, "
            "say --allow-empty".format(named)
        )
    line = first[first.startswith(MARK) :]
    for one in FORMATS:
        if line and one.codec.is_begun_by(line):
            # CSV for Excel is told by the mark.
            yield from one.codec.read_text(first if one.codec is Separated else line, file)
            return


def _bounce(record: Mapping[str, Any]) -> Bounce:
    if not any(name in record for name in COLUMNS):
        raise ValueError("not a row")
    ids = [record.get(name) for name in IDS]
    texts = [record.get(name, "") for name in _TEXTS]
    extra = unmarked(record.get("extra", {}))
    if not all(value is None or type(value) is int for value in ids) or not isinstance(extra, dict):
        raise ValueError("an id that is none")
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a text that is none")
    email, status, email_status, bounce_cat, reason = texts
    date = saved_date(record.get("date"))
    return Bounce(ids[0] or 0, email, ids[1], ids[2], ids[3], date, status, email_status, bounce_cat, reason, extra)


def saved_date(value: object) -> Optional[datetime]:
    """The date that a record holds: one of the format's own, or a text."""
    if value is None or isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("a date that is none")
    # For Excel, a blank stands between day and time.
    return date_of(value.replace(" ", "T"))
