"""Which rows a command works on: the options, and the filter they make. Pure."""
import argparse
import fnmatch
import re
from datetime import datetime, timedelta
from typing import Iterable, Iterator, List, Optional

from ._figures import domain_of
from .bounce import Bounce
from .vocabulary import BounceKind

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?")


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options; each may be given several times, and then any of its values will do."""
    group = parser.add_argument_group("which rows", "an option given twice means either; different options mean both")
    kinds = [str(kind) for kind in BounceKind]
    group.add_argument("--kind", action="append", choices=kinds, help="what the bounce says about the address")
    group.add_argument("--category", action="append", metavar="WORD", help="BOUNCE_CAT, such as bad-mailbox")
    group.add_argument("--status", action="append", metavar="PATTERN", help="STATUS, such as 5.1.1 or '5.1.*'")
    group.add_argument("--domain", action="append", metavar="DOMAIN", help="what stands behind the at-sign")
    group.add_argument("--since", type=since, metavar="DATE", help="this day or later, or this time: 2024-03-01T08:30")
    group.add_argument("--until", type=until, metavar="DATE", help="up to the end of this day, or before this time")


def since(text: str) -> datetime:
    """The first moment of a day, or the time given.

    :raises argparse.ArgumentTypeError: it is neither
    """
    if not _DATE.fullmatch(text):
        raise argparse.ArgumentTypeError("a date looks like 2024-03-01 or 2024-03-01T08:30")
    form = "%Y-%m-%d %H:%M:%S"[: {10: 8, 16: 14, 19: 17}[len(text)]]
    try:
        return datetime.strptime(text.replace("T", " "), form)
    except ValueError:
        raise argparse.ArgumentTypeError("there is no such date")


def until(text: str) -> datetime:
    """The first moment after a day, or the time given."""
    moment = since(text)
    try:
        return moment + timedelta(days=1) if len(text) == 10 else moment
    except OverflowError:  # the last day there is
        return datetime.max


def filtered(rows: Iterable[Bounce], arguments: argparse.Namespace) -> Iterator[Bounce]:
    """Yield those of *rows* that the options of :func:`add_filters` ask for.

    A row without a date is in no time; a date with a time zone counts as the clock there shows it.
    """
    domains = arguments.domain and [domain_of("@" + domain) for domain in arguments.domain]
    statuses = arguments.status and re.compile("|".join(map(fnmatch.translate, arguments.status)))
    for row in rows:
        if arguments.kind and row.kind not in arguments.kind:
            continue
        if arguments.category and row.bounce_cat not in arguments.category:
            continue
        if statuses and not statuses.match(row.status):
            continue
        if domains and domain_of(row.email) not in domains:
            continue
        if (arguments.since or arguments.until) and not _within(row.date, arguments.since, arguments.until):
            continue
        yield row


def _within(date: Optional[datetime], first: Optional[datetime], end: Optional[datetime]) -> bool:
    if date is None:
        return False
    clock = date.replace(tzinfo=None)
    return (first is None or clock >= first) and (end is None or clock < end)


def columns(text: str) -> List[str]:
    """The columns named in *text*, separated by commas.

    :raises argparse.ArgumentTypeError: one that does not exist
    """
    from ._output import COLUMNS, MORE_COLUMNS

    names = [name.strip() for name in text.split(",")]
    known = COLUMNS + list(MORE_COLUMNS)
    if not all(name in known for name in names):
        raise argparse.ArgumentTypeError("columns are " + ", ".join(known))
    return names
