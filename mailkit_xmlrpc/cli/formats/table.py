"""Tables for people: plain columns, or drawn by rich where that is installed and the terminal is wide enough.

On a terminal a long cell is cut, and an ellipsis says so: reasons first, then whatever is widest, so that a row stays a
line. In a pipe or a file no cell is ever cut.
"""

import itertools
import unicodedata
from importlib import import_module
from typing import Any, Iterable, Iterator, List, Optional, Sequence, TextIO

from ..streams import width
from ..texts import Cells, cell
from .base import How, RowFormat, Values

_BLOCK = 500  # rows that are measured, and held, at once
_PADDED = 40  # columns of a terminal; a wider cell pushes its own row aside and does not widen all the others
_READABLE = 16  # columns of a terminal; no cell is cut to less
_GAP = 2  # columns between cells
_PROSE = ("reason", "why", "explain", "extra")  # what is cut first: it is long, and its first words say most


class Table(RowFormat):
    """Columns under a header."""

    @staticmethod
    def write(rows: Values, columns: Sequence[str], how: How) -> Iterator[str]:
        """Yield the table, some lines at a time. Widths are those of the first 500 rows."""
        cells = (["" if value == {} else cell(value) for value in row] for row in rows)
        return _table(list(columns), cells, how.terminal)


def _table(header: Cells, rows: Iterator[Cells], terminal: Optional[TextIO]) -> Iterator[str]:
    block = list(itertools.islice(rows, _BLOCK))
    widths = [max(map(width_of, column)) for column in zip(header, *block)]
    if terminal is None:
        return _plain(header, itertools.chain(block, rows), [min(size, _PADDED) for size in widths])
    room = width()
    fitting = fitted(header, widths, room)
    is_utf8 = (terminal.encoding or "").lower().replace("-", "") == "utf8"
    console = _rich_console(terminal, room) if fitting and is_utf8 else None
    widths = fitting or [min(size, _PADDED) for size in widths]
    mark = "\u2026" if is_utf8 else "..."
    cut_rows = ([cut(text, size, mark) for text, size in zip(cells, widths)] for cells in itertools.chain(block, rows))
    if console is None:
        return _plain(header, cut_rows, widths)
    return (_drawn(console, header, some, widths) for some in _blocks(cut_rows))


def fitted(header: Cells, widths: Sequence[int], room: int) -> Optional[List[int]]:
    """Return *widths* made so small that a row fits into *room*; None where cells would become unreadable."""
    least = [min(size, max(width_of(name), _READABLE)) for name, size in zip(header, widths)]
    room -= _GAP * (len(widths) - 1)
    if sum(least) > room:
        return None
    # Each column is given its least; what is left goes to the others, and only then to prose.
    result = list(least)
    left = room - sum(least)
    for is_prose in (False, True):
        wanting = [at for at, name in enumerate(header) if (name in _PROSE) is is_prose]
        for at in sorted(wanting, key=lambda at: widths[at]):
            more = min(widths[at] - least[at], left)
            result[at] += more
            left -= more
    return result


def cut(text: str, most: int, mark: str = "\u2026") -> str:
    """Return *text* in at most so many columns of a terminal; the *mark* stands for what was cut off."""
    if width_of(text) <= most:
        return text
    end = room = 0
    while room + width_of(text[end]) <= most - len(mark):
        room += width_of(text[end])
        end += 1
    return text[:end] + mark


def width_of(text: str) -> int:
    """Return how many columns of a terminal *text* takes: two for a wide East Asian character, none for an accent."""
    # Nearly all texts are ASCII.
    if len(text) == len(text.encode("utf-8")):
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _plain(header: Cells, rows: Iterable[Cells], widths: Sequence[int]) -> Iterator[str]:
    for cells in itertools.chain((header, ["-" * size for size in widths]), rows):
        padded = (text + " " * (size - width_of(text)) for text, size in zip(cells, widths))
        yield (" " * _GAP).join(padded).rstrip(" ") + "\n"


def _rich_console(terminal: TextIO, room: int) -> Any:
    """Return rich's console, or None where rich is not installed."""
    try:
        # Imported only now, and by name, so that a type checker misses nothing where rich is not installed.
        rich = import_module("rich.console")
    except ImportError:
        return None
    # Rows are data: no "[bold]" or ":smile:" in them means anything. Without a height the width would not count where
    # TERM is dumb.
    return rich.Console(file=terminal, markup=False, emoji=False, highlight=False, width=room, height=25)


def _drawn(console: Any, header: Cells, block: List[Cells], widths: Sequence[int]) -> str:
    text = import_module("rich.text")
    drawn = import_module("rich.table").Table(
        box=import_module("rich.box").SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False
    )
    for name, size in zip(header, widths):
        drawn.add_column(name, width=size, no_wrap=True)
    for cells in block:
        drawn.add_row(*map(text.Text, cells))
    with console.capture() as capture:
        console.print(drawn)
    return str(capture.get())


def _blocks(rows: Iterator[Cells]) -> Iterator[List[Cells]]:
    # The first block comes even where it is empty: a table without rows is its header.
    block = list(itertools.islice(rows, _BLOCK))
    yield block
    while len(block) == _BLOCK:
        block = list(itertools.islice(rows, _BLOCK))
        if block:
            yield block
