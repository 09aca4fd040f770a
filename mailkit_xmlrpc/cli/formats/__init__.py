"""The formats: rows come in, text or bytes go out, piece by piece; and rows come back. This is the table of them.

A format is a line of the table and a class, which writes rows and reads them back. Each file of this room holds the
classes of one family.
"""

import itertools
import os
from importlib import import_module
from operator import attrgetter
from typing import Dict, Iterable, Iterator, Optional, Sequence, TextIO

from ...model.records import Bounce
from ..errors import UsageError, say
from .base import Extra, Format, How, Piece
from .columns import COLUMNS, MORE_COLUMNS, Reader
from .database import Sqlite
from .parquet import Parquet
from .records import Json, JsonLines
from .separated import Separated, Tsv
from .table import Table
from .xlsx import Xlsx

_EXCEL = Extra("excel", ("xlsxwriter", "openpyxl"), "XlsxWriter openpyxl")
_ARROW = Extra("arrow", ("pyarrow",), "pyarrow")

#: every format; the order is that in which a file is asked whether it is one
FORMATS = (
    Format("table", Table, (".txt",), True, None, "for people; it is not read back"),
    Format("jsonl", JsonLines, (".jsonl", ".ndjson"), True, None, "all"),
    Format("json", Json, (".json",), True, None, "all"),
    Format("csv", Separated, (".csv",), True, None, "what does not print as an escape"),
    Format("tsv", Tsv, (".tsv", ".tab"), True, None, "what does not print as an escape"),
    Format("sqlite", Sqlite, (".db", ".sqlite", ".sqlite3"), False, None, "all, each message once"),
    Format("xlsx", Xlsx, (".xlsx",), False, _EXCEL, "what does not print as an escape; texts that are cut"),
    Format("parquet", Parquet, (".parquet",), True, _ARROW, "all but time zones and lone surrogates"),
)
#: the names of those that any rows can be written in
ROW_FORMATS = tuple(one.name for one in FORMATS if one.codec is not Sqlite)


def named(name: str) -> Format:
    """Return the format of that *name*."""
    return next(one for one in FORMATS if one.name == name)


def of_file(path: str) -> Optional[Format]:
    """Return the format that the end of the file's name *path* stands for, or None."""
    extension = os.path.splitext(path)[1].lower()
    return next((one for one in FORMATS if extension in one.extensions), None)


def require(extra: Optional[Extra], what: str) -> None:
    """See that *extra* is there, before anything is fetched.

    :param what: needs it
    :raises UsageError: it is not
    """
    for module in extra.modules if extra else ():
        try:
            import_module(module)
        except ImportError:
            assert extra
            raise UsageError(
                "{} needs {}, the extra {}: pip install {}".format(what, module, extra.name, extra.packages)
            )


def render(
    rows: Iterable[object],
    output: str,
    raw: bool = False,
    terminal: Optional[TextIO] = None,
    columns: Sequence[str] = COLUMNS,
    excel: bool = False,
    record: type = Bounce,
) -> Iterator[Piece]:
    """Yield *rows* in the format *output*, in memory that does not grow with them.

    Nothing is yielded before the first row is there, so that a failed call leaves no header that reads as an empty
    report. Where *rows* raises later, what was written is no whole file, if the format has an end.

    :param output: the name of a format
    :param raw: see :class:`How`, as for *terminal*, *excel* and *record*
    :param columns: attributes of a row, or names of MORE_COLUMNS
    """
    rows = iter(rows)
    rows = itertools.chain(list(itertools.islice(rows, 1)), rows)
    readers = [_reader(name) for name in columns]
    values = ([read(row) for read in readers] for row in rows)
    return named(output).codec.write(values, columns, How(raw, excel, terminal, record, say))


def _reader(name: str) -> Reader:
    return MORE_COLUMNS.get(name) or (_extra if name == "extra" else attrgetter(name))


def _extra(row: Bounce) -> Dict[str, object]:
    """Return ``extra`` sorted by name, so that equal rows print alike: its order means nothing."""
    return dict(sorted(row.extra.items())) if row.extra else row.extra
