"""The plots of the report page: where each part of each bar begins, and how long it is. ``report.html`` draws them.

Lengths are percentages of the largest bar, so that a plot takes the width it is given and its text keeps its size.
Labels may be words of strangers: here they are only cut short; the template makes them printable and escapes them.
"""

from typing import Dict, List, NamedTuple

from ..analysis.counting import Table
from .breakdown import KINDS

_LABEL = 60  # characters of a label in a plot, which cuts off what has no room; the table beside it has the whole word


class Part(NamedTuple):
    """The rows of one kind in a bar; lengths are percentages of the largest bar."""

    kind: str
    start: float
    length: float


class Bar(NamedTuple):
    """The rows of one label, in parts in the order of KINDS; a kind without rows has none."""

    label: str
    rows: int
    parts: List[Part]


class Tick(NamedTuple):
    """The label of a bar of time; *place* is a percentage of the width, *anchor* a ``text-anchor`` of SVG."""

    label: str
    place: float
    anchor: str


def bars(table: Table) -> List[Bar]:
    """Return a bar for each label of *table*."""
    sums = {label: sum(kinds.values()) for label, kinds in table.items()}
    largest = max(sums.values(), default=0)
    return [Bar(_short(label), sums[label], _parts(kinds, largest)) for label, kinds in table.items()]


def ticks(table: Table) -> List[Tick]:
    """Return the labels of the first bar, the one in the middle and the last, as far as there are so many."""
    labels = list(table)
    middle = len(labels) // 2
    found = [Tick(labels[0], 0.0, "start")] if labels else []
    if len(labels) > 2:
        found.append(Tick(labels[middle], round(100 * (middle + 0.5) / len(labels), 2), "middle"))
    if len(labels) > 1:
        found.append(Tick(labels[-1], 100.0, "end"))
    return found


def _parts(kinds: Dict[str, int], largest: int) -> List[Part]:
    parts = []
    done = 0
    for kind in KINDS:
        number = kinds.get(kind, 0)
        if number:
            parts.append(Part(kind, round(100 * done / largest, 2), round(100 * number / largest, 2)))
        done += number
    return parts


def _short(label: str) -> str:
    return label if len(label) <= _LABEL else label[: _LABEL - 1] + "\u2026"
