"""JSON, and JSON lines: all of a row, as any program reads it."""

import json
from typing import Iterable, Iterator, Sequence, TextIO

from ...model.plain import marked
from ..texts import json_text
from .base import How, Record, RowFormat, Values


def _objects(rows: Values, columns: Sequence[str]) -> Iterator[str]:
    for row in rows:
        yield json_text(
            {name: marked(value) if isinstance(value, dict) else value for name, value in zip(columns, row)}
        )


class JsonLines(RowFormat):
    """One object a line."""

    @staticmethod
    def write(rows: Values, columns: Sequence[str], how: How) -> Iterator[str]:
        """Yield the lines."""
        return (record + "\n" for record in _objects(rows, columns))

    @staticmethod
    def is_begun_by(line: str) -> bool:
        """Return whether an object is begun."""
        return line.startswith("{")

    @staticmethod
    def read_text(line: str, file: TextIO) -> Iterator[Record]:
        """Yield the objects."""
        yield json.loads(line)
        yield from map(json.loads, filter(str.strip, file))


class Json(RowFormat):
    """An array, with one object a line. Where the rows break off it stays open, which no parser takes for complete."""

    @staticmethod
    def write(rows: Values, columns: Sequence[str], how: How) -> Iterator[str]:
        """Yield the array, an object at a time."""
        before = "[\n"
        for record in _objects(rows, columns):
            yield before + record
            before = ",\n"
        yield "[]\n" if before == "[\n" else "\n]\n"

    @staticmethod
    def is_begun_by(line: str) -> bool:
        """Return whether an array is begun."""
        return line.startswith("[")

    @staticmethod
    def read_text(line: str, file: TextIO) -> Iterator[Record]:
        """Yield the objects, one by one if each has its line."""
        if line.strip() in ("[", "[]"):
            return _one_a_line(file, line.strip() == "[]")
        return iter(json.loads(line + file.read()))


def _one_a_line(lines: Iterable[str], closed: bool) -> Iterator[Record]:
    """Yield the objects of an array as it is written here.

    :param closed: whether its first line was the whole of it
    """
    for line in filter(str.strip, lines):
        if closed:
            raise ValueError("something behind the array")
        closed = line.strip() == "]"
        if not closed:
            yield json.loads(line.rstrip("\r\n").rstrip(","))
    # Where fetch failed it left the array open.
    if not closed:
        raise EOFError
