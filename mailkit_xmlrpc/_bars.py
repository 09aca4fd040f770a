"""A summary as text for people: headings, numbers, bars. Words of strangers are made visible here.

The lines are made once, as pieces with a style each; they are joined to plain text everywhere, and coloured by ``rich``
where that is installed, the text goes to a terminal, and NO_COLOR (https://no-color.org) is not set.
"""
import os
from importlib import import_module
from typing import Dict, Iterable, Iterator, List, Optional, TextIO, Tuple

from ._figures import merged, percent
from ._output import visible
from .summary import Summary

Line = List[Tuple[str, str]]  # (text, style)

_STYLES = {"hard": "red", "soft": "yellow", "block": "magenta", "unknown": "bright_black", "head": "bold", "": ""}
_MEANS = {
    "hard": "cannot receive",
    "soft": "may later",
    "block": "refused, not its fault",
    "unknown": "nothing says",
}
_TIMES = 24  # lines of time at most; more hours than that are shown as days, and of those the last
_WORDS = 10  # lines of categories and of statuses


def render_summary(summary: Summary, width: int, terminal: Optional[TextIO] = None, ascii_only: bool = False) -> str:
    """*summary* as text.

    :param width: columns
    :param terminal: the stream it goes to, if that is a terminal, else None
    :param ascii_only: where the terminal's encoding has no block characters
    """
    lines = list(_lines(summary, width, "#" if ascii_only else "\u2588"))
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


def _lines(summary: Summary, width: int, block: str) -> Iterator[Line]:
    total = summary.bounces
    sent = "" if summary.sent is None else " of {} sent".format(summary.sent)
    share = "" if not summary.sent or not total else " ({})".format(percent(total, summary.sent))
    yield [("{} bounces{}{}".format(total, sent, share), "head")]
    if not total:
        return
    base = summary.sent or total
    meanings = {kind: "{:8}{}".format(kind, _MEANS[kind]) for kind in summary.by_kind}
    labelled = {meanings[kind]: {kind: count} for kind, count in summary.by_kind.items()}
    yield from _bars("By kind", labelled, base, width, block)
    yield from _bars("By category", _kinds(summary, "bounce_cat", _WORDS), base, width, block)
    yield from _bars("By status", _kinds(summary, "status", _WORDS), base, width, block)
    yield from _bars("By state of the address", _kinds(summary, "email_status", _WORDS), base, width, block)
    domains = [(domain.domain or "(none)", domain.by_kind) for domain in summary.domains]
    if summary.other_domains:
        rest = summary.domain_count - len(summary.domains)
        domains.append(("({} more)".format(rest), {"": summary.other_domains}))
    yield from _bars("By domain", merged(domains), base, width, block)
    hours, days = summary.kinds_by_hour, summary.kinds_by_day
    by_hour = len(hours) <= _TIMES
    times = list(days.items())
    if by_hour:
        times = [(name.replace("T", " ") + ":00", kinds) for name, kinds in hours.items()]
    early = len(times) - _TIMES
    rows = [("(before)" if place < early else name, kinds) for place, (name, kinds) in enumerate(times)]
    if summary.undated:
        rows.append(("(no date)", {"": summary.undated}))
    yield from _bars("By hour" if by_hour else "By day", merged(rows), base, width, block)
    for hint in summary.hints:
        yield []
        yield [("Note: ", "head"), (hint, "")]


def _kinds(summary: Summary, name: str, most: int) -> Dict[str, Dict[str, int]]:
    """word -> kind -> rows, the most frequent first; what is beyond *most* as a sum."""
    found = merged((getattr(row, name) or "(none)", {str(row.kind): row.bounces}) for row in summary.combinations)
    ranked = sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    more = "({} more)".format(len(ranked) - most)
    return merged((word if place < most else more, kinds) for place, (word, kinds) in enumerate(ranked))


def _bars(title: str, table: Dict[str, Dict[str, int]], base: int, width: int, block: str) -> Iterator[Line]:
    """A heading, and for each label its number, its share of *base*, and a bar of its kinds."""
    labels = {name: visible(name) for name in table}
    sums = {name: sum(kinds.values()) for name, kinds in table.items()}
    widest = max(sums.values(), default=0)
    name_width = min(max(map(len, labels.values()), default=0), max(16, width // 2))
    count_width = len(str(widest))
    room = width - name_width - count_width - 14
    yield []
    yield [(title, "head")]
    for name, kinds in table.items():
        label = labels[name]
        if len(label) > name_width:  # never cut: it gets a line of its own
            yield [("  " + label, "")]
            label = ""
        numbers = "  {:{}}  {:>{}}  {:>7} ".format(
            label, name_width, sums[name], count_width, percent(sums[name], base)
        )
        yield [(numbers, "")] + list(_bar(kinds, sums[name] * max(room, 0) / float(widest or 1), block))


def _bar(kinds: Dict[str, int], length: float, block: str) -> Iterable[Tuple[str, str]]:
    """The pieces of a bar of *length* columns, one for each kind; what is not nothing is one column at least."""
    total = sum(kinds.values())
    cells = max(1, int(round(length))) if total and length else 0
    done = before = 0
    for kind in _MEANS:
        done += kinds.get(kind, 0)
        end = int(round(cells * done / float(total or 1)))
        yield block * (end - before), kind
        before = end
    yield block * (cells - before), ""
