"""A summary as text for people: headings, numbers, bars. Words of strangers are made printable here.

The lines are made once, as pieces with a style each. They are joined to plain text everywhere. They are coloured by
``rich`` where that is installed, the text goes to a terminal, and NO_COLOR (https://no-color.org) is not set.
"""

import os
from importlib import import_module
from typing import Dict, Iterator, List, Optional, Sequence, TextIO, Tuple

from ..analysis.counting import Table, percent
from ..analysis.summary import Summary
from ..exceptions.redact import counted, printable
from .breakdown import KINDS, by_domain, by_time, by_word

Line = List[Tuple[str, str]]  # (text, style)

_STYLES = {"hard": "red", "soft": "yellow", "block": "magenta", "unknown": "bright_black", "head": "bold", "": ""}
_MEANS = {
    "hard": "cannot receive mail",
    "soft": "may receive later",
    "block": "refused; address fine",
    "unknown": "cause not known",
}
_TIMES = 24  # lines of time at most; more hours than that become days
_WORDS = 10  # lines of categories, of statuses and of states


def render_summary(
    summary: Summary,
    width: int,
    terminal: Optional[TextIO] = None,
    ascii_only: bool = False,
    notes: Sequence[str] = (),
) -> str:
    """Return *summary* as text.

    :param width: columns
    :param terminal: the stream it goes to, if that is a terminal, else None
    :param ascii_only: write bars without block characters, which the terminal's encoding lacks
    :param notes: what else there is to know, such as which deliveries are missing
    """
    lines = list(_lines(summary, width, "#" if ascii_only else "\u2588", notes))
    coloured = None if os.environ.get("NO_COLOR") else terminal and _coloured(lines, width, terminal)
    return coloured or "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)


def _coloured(lines: List[Line], width: int, terminal: TextIO) -> Optional[str]:
    try:
        console_module, text_module = import_module("rich.console"), import_module("rich.text")
    except ImportError:
        return None
    console = console_module.Console(file=terminal, markup=False, emoji=False, highlight=False, width=width)
    with console.capture() as capture:
        for line in lines:
            pieces = [(text, _STYLES[style]) for text, style in line]
            console.print(text_module.Text.assemble(*pieces), soft_wrap=True)
    return str(capture.get())


def _lines(summary: Summary, width: int, block: str, notes: Sequence[str]) -> Iterator[Line]:
    total = summary.bounces
    sent = "" if summary.sent is None else " of {} sent".format(summary.sent)
    share = "" if not summary.sent or not total else " ({})".format(percent(total, summary.sent))
    yield [("{}{}{}".format(counted(total, "bounce"), sent, share), "head")]
    for title, table in _tables(summary) if total else ():
        yield from _bars(title, table, summary.sent or total, width, block)
    for hint in summary.hints + list(notes):
        yield []
        yield [("Note: ", "head"), (hint, "")]


def _tables(summary: Summary) -> Iterator[Tuple[str, Table]]:
    kinds = summary.by_kind.items()
    yield "By kind", {"{:8}{}".format(kind, _MEANS[kind]): {kind: number} for kind, number in kinds}
    yield "By category", by_word(summary, "bounce_cat", _WORDS)
    yield "By status", by_word(summary, "status", _WORDS)
    yield "By state of the address", by_word(summary, "email_status", _WORDS)
    domains = by_domain(summary, len(summary.domains))
    if summary.other_domains:
        # Their sum is drawn without colours.
        others = list(domains)[-1]
        domains[others] = {"": sum(domains[others].values())}
    yield "By domain", domains
    hourly = len(summary.kinds_by_hour) <= _TIMES
    times = by_time(summary, hourly, _TIMES)
    if summary.undated:
        times["(no date)"] = {"": summary.undated}
    yield "By hour" if hourly else "By day", times


def _bars(title: str, table: Table, base: int, width: int, block: str) -> Iterator[Line]:
    """Yield a heading, and for each label its number, its share of *base*, and a bar of its kinds."""
    labels = {name: printable(name) for name in table}
    sums = {name: sum(kinds.values()) for name, kinds in table.items()}
    widest = max(sums.values(), default=0)
    name_width = min(max(map(len, labels.values()), default=0), max(16, width // 2))
    count_width = len(str(widest))
    room = width - name_width - count_width - 14
    yield []
    yield [(title, "head")]
    for name, kinds in table.items():
        label = labels[name]
        # A label is never cut: a long one gets a line of its own.
        if len(label) > name_width:
            yield [("  " + label, "")]
            label = ""
        numbers = "  {:{}}  {:>{}}  {:>7} ".format(
            label, name_width, sums[name], count_width, percent(sums[name], base)
        )
        yield [(numbers, "")] + list(_bar(kinds, sums[name] * max(room, 0) / float(widest or 1), block))


def _bar(kinds: Dict[str, int], length: float, block: str) -> Iterator[Tuple[str, str]]:
    """Yield the pieces of a bar of *length* columns, one for each kind; a bar of any rows has one column at least."""
    total = sum(kinds.values())
    cells = max(1, int(round(length))) if total and length else 0
    done = before = 0
    for kind in KINDS:
        done += kinds.get(kind, 0)
        end = int(round(cells * done / float(total or 1)))
        yield block * (end - before), kind
        before = end
    yield block * (cells - before), ""
