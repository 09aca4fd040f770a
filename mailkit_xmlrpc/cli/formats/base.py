"""What every format is made of."""

from typing import BinaryIO, Dict, Iterator, List, NamedTuple, Optional, Sequence, TextIO, Tuple, Type, Union

from ...model.records import Bounce
from ...sync.reading import StoredBounces
from ...sync.result import Tell
from ...sync.sqlite import StoredRows

#: the values of rows, in the order of the columns
Values = Iterator[List[object]]
#: a row as it is read: values by column
Record = Dict[str, object]
#: what a format is written as: text, or bytes
Piece = Union[str, bytes]


class How(NamedTuple):
    """How rows are to be written.

    :param raw: leave the cells of CSV and TSV as they are: formulas, and control characters too, but not on a terminal
    :param excel: CSV as a Czech Excel wants it
    :param terminal: the stream that the text will go to if that is a terminal, else None
    :param record: the class of the rows
    :param tell: is told what could not be kept
    """

    raw: bool
    excel: bool
    terminal: Optional[TextIO]
    record: type
    tell: Tell


class LeftOut:
    """Rows of databases that do not count."""

    def __init__(self) -> None:
        #: the newest report has them no more
        self.gone = 0
        #: a later row tells of the same message
        self.repeated = 0

    def add(self, stored: Union[StoredRows, StoredBounces]) -> None:
        """Count what was left out in reading *stored*."""
        self.gone += stored.gone
        self.repeated += stored.repeated


class Saved(NamedTuple):
    """A file to read rows from.

    :param path: of it; ``-`` is standard input
    :param named: how the user named it
    :param file: the file, from its beginning; or of a pipe a copy that is a file
    :param is_file: whether there is a file at *path*
    :param left_out: counts the rows of a database that did not come
    """

    path: str
    named: str
    file: BinaryIO
    is_file: bool
    left_out: "LeftOut"


class RowFormat:
    """How rows are written in one format, and read back. Nothing of it is kept from one call to the next."""

    #: how a file of this format begins, where it is no text
    magic = b""

    @staticmethod
    def write(rows: Values, columns: Sequence[str], how: How) -> Iterator[Piece]:
        """Yield *rows*, in memory that does not grow with them."""
        raise NotImplementedError  # each format has its own

    @staticmethod
    def is_begun_by(line: str) -> bool:
        """Return whether a file of text whose first line is *line* is in this format."""
        return False

    @staticmethod
    def read_text(line: str, file: TextIO) -> Iterator[Record]:
        """Yield the rows of a file of text, by column.

        :param line: its first line, which has been read
        :raises EOFError: it is cut off
        :raises ValueError: it is not what this program writes
        """
        raise NotImplementedError  # a format that is no text, or is never read back, does not get here

    @staticmethod
    def read_file(saved: Saved) -> Iterator[Union[Record, Bounce]]:
        """Yield the rows of a file that is no text, by column; as :meth:`read_text`."""
        raise NotImplementedError  # a format without a magic does not get here


class Format(NamedTuple):
    """One line of the table of formats.

    :param name: what ``-o`` takes
    :param codec: the class that writes and reads it
    :param extensions: the ends of names of files that choose it
    :param streams: whether rows leave as they come, not all at the end
    :param extra: what must be installed beside the package, if anything
    :param holds: what it can hold, in a few words
    """

    name: str
    codec: Type[RowFormat]
    extensions: Tuple[str, ...]
    streams: bool
    extra: "Optional[Extra]"
    holds: str

    @property
    def is_binary(self) -> bool:
        """Whether a file of it is no text."""
        return bool(self.codec.magic)


class Extra(NamedTuple):
    """What a format needs beside the package.

    :param name: of the extra
    :param modules: that are imported
    :param packages: that bring them
    """

    name: str
    modules: Tuple[str, ...]
    packages: str
