"""A table for people: plain columns everywhere, drawn by ``rich`` where that is installed and the terminal wide enough.

Cells come in as text that is safe to show; this module only places it. No cell is ever cut: who reads a bounce report
wants the whole address.
"""
import itertools
import unicodedata
from importlib import import_module
from typing import Callable, Iterable, Iterator, List, Optional, TextIO

Cells = List[str]

_BLOCK = 500  # rows that are measured, and held, at once
_PADDED = 40  # columns of a terminal; a wider cell pushes its own row aside rather than widen all the others
_FOLDED = 20  # columns of a terminal; rich breaks longer cells into lines, and narrower than this nobody can read them


def render_table(header: Cells, rows: Iterator[Cells], terminal: Optional[TextIO] = None) -> Iterator[str]:
    """Yield *rows* under *header*, some lines at a time; *terminal* is the stream they go to where that is a terminal.

    Widths are those of the first 500 rows.
    """
    block = list(itertools.islice(rows, _BLOCK))
    widths = [max(map(_width, column)) for column in zip(header, *block)]
    draw = _drawer(terminal, sum(min(width, _FOLDED) + 3 for width in widths) + 1)
    if draw is None:
        return _plain(header, itertools.chain(block, rows), [min(width, _PADDED) for width in widths])
    return (draw(header, some) for some in _blocks(block, rows))


def _plain(header: Cells, rows: Iterable[Cells], widths: List[int]) -> Iterator[str]:
    for cells in itertools.chain((header, ["-" * width for width in widths]), rows):
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths))
        yield "  ".join(padded).rstrip(" ") + "\n"


def _width(text: str) -> int:
    """Return how many columns of a terminal *text* takes: two for a wide East Asian character, none for an accent."""
    if len(text) == len(text.encode("utf-8")):  # ASCII, as nearly all
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def _drawer(terminal: Optional[TextIO], needed: int) -> Optional[Callable[[Cells, List[Cells]], str]]:
    """Return what draws a block of rows with rich, or None: no terminal, no rich, or fewer columns than *needed*."""
    if terminal is None:
        return None
    try:
        # Imported only now, and by name, so that a type checker has nothing to miss where rich is not installed.
        modules = [import_module("rich." + name) for name in ("console", "table", "text")]
    except ImportError:
        return None
    console_module, table_module, text_module = modules
    # Rows are data: no "[bold]" or ":smile:" in them means anything.
    console = console_module.Console(file=terminal, markup=False, emoji=False, highlight=False)
    if console.width < needed:
        return None

    def draw(header: Cells, block: List[Cells]) -> str:
        table = table_module.Table()
        for name in header:
            table.add_column(name, overflow="fold")
        for cells in block:
            table.add_row(*(text_module.Text(cell) for cell in cells))
        with console.capture() as capture:
            console.print(table)
        return str(capture.get())

    return draw


def _blocks(block: List[Cells], rows: Iterator[Cells]) -> Iterator[List[Cells]]:
    yield block  # even with no rows: a table without rows is its header
    while len(block) == _BLOCK:
        block = list(itertools.islice(rows, _BLOCK))
        if block:
            yield block
