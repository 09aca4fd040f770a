"""Which deliveries are meant: numbers that were given, those in a file, and those of campaigns."""

import argparse
import contextlib
import csv
import io
import itertools
import json
from typing import Any, Dict, Iterable, Iterator, Optional, Set

from ..client.client import MailkitClient
from ..exceptions import MailkitError, UnexpectedShapeError
from ..exceptions.redact import counted, printable
from ..model.records import Delivery
from .errors import UsageError, say
from .options import days, positive
from .saved import opened
from .texts import excel_back

_COLUMN = "id_send"


def settle_days(arguments: argparse.Namespace) -> None:
    """With ``--campaign``, take ``--since`` and ``--until`` for the days of deliveries: they leave out no row.

    :raises UsageError: the days do not go together
    """
    if arguments.campaign:
        arguments.days = days(arguments)
        arguments.since = arguments.until = None


def are_given(arguments: argparse.Namespace) -> bool:
    """Return whether *arguments* name deliveries, or where to find them."""
    return bool(arguments.id_send or arguments.ids_from or arguments.campaign)


def total_of(arguments: argparse.Namespace) -> Optional[int]:
    """Return how many deliveries are meant, or None where that will only be seen."""
    return None if arguments.ids_from or arguments.campaign else len(set(arguments.id_send))


def distinct(ids: Iterable[int]) -> Iterator[int]:
    """Yield *ids*, each once; say at the end how many came again."""
    seen: Set[int] = set()
    again = 0
    for id_send in ids:
        if id_send in seen:
            again += 1
            continue
        seen.add(id_send)
        yield id_send
    if again:
        say("{} given more than once; each is fetched once".format(counted(again, "ID_SEND was", "ID_SEND were")))


def ids_of(
    client: MailkitClient, arguments: argparse.Namespace, known: Optional[Dict[int, Delivery]] = None
) -> Iterator[int]:
    """Yield the ids of the deliveries that *arguments* name, those of a file as its lines come.

    :param known: a dict, to which each is added: as its campaign tells it, or with its number alone
    :raises UsageError: a line is no id, or the file cannot be read
    :raises MailkitError: the deliveries of a campaign cannot be found
    """
    known = {} if known is None else known
    for id_send in given_ids(arguments):
        known.setdefault(id_send, only_numbered(id_send))
        yield id_send
    for id_message in arguments.campaign or ():
        found = client.deliveries(id_message, *arguments.days)
        if not found:
            when = " in those days" if any(arguments.days) else ""
            say("Mailkit said that the campaign {} has no deliveries{}".format(id_message, when))
        for delivery in found:
            if delivery.id_send is None:
                raise UnexpectedShapeError("a delivery without an ID_SEND that can be read")
            known[delivery.id_send] = delivery
            yield delivery.id_send


def only_numbered(id_send: int) -> Delivery:
    """Return a delivery of which only the number is known."""
    return Delivery(0, id_send, "", "", None, None, None, None, None, None, None, "")


def given_ids(arguments: argparse.Namespace) -> Iterator[int]:
    """Yield the ids among *arguments*, and those of the file of ``--ids-from`` as its lines come.

    :raises UsageError: a line is no id, or the file cannot be read
    """
    yield from arguments.id_send
    if arguments.ids_from:
        yield from _ids_in(arguments.ids_from, arguments.allow_empty)


def _ids_in(path: str, allow_empty: bool) -> Iterator[int]:
    lines = _Lines()
    count = 0
    try:
        with contextlib.ExitStack() as stack:
            binary = stack.enter_context(opened(path))
            text = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
            # Standard input stays open.
            stack.callback(text.detach)
            for id_send in _ids(lines.counted(text)):
                yield positive(id_send)
                count += 1
        if not lines.number and not allow_empty:
            raise UsageError(
                "--ids-from {} is empty, as a command that failed leaves it; if there are no ids, say "
                "--allow-empty".format(printable(path))
            )
        if not count:
            say("--ids-from {} names no delivery".format(printable(path)))
    except argparse.ArgumentTypeError as error:
        raise UsageError("line {} of --ids-from {}: {}".format(lines.number, printable(path), error))
    except UnicodeDecodeError:
        raise UsageError("--ids-from {} is not a text file; deliveries -o csv writes one".format(printable(path)))
    except MailkitError:
        raise
    except OSError as error:
        raise UsageError("--ids-from {} cannot be read: {}".format(printable(path), error.strerror))


class _Lines:
    """Counts the lines of a file as they are read."""

    def __init__(self) -> None:
        self.number = 0

    def counted(self, file: Iterable[str]) -> Iterator[str]:
        """Yield the lines of *file*."""
        for self.number, line in enumerate(file, 1):
            yield line


def _ids(lines: Iterator[str]) -> Iterator[str]:
    """Yield the ids in *lines* as texts: one per line, or in what ``deliveries`` writes as JSON, CSV or TSV.

    In a plain list, what stands behind a # is a comment; in a table, a line that begins with one, if ids come first.

    :raises argparse.ArgumentTypeError: a line tells no id
    """
    for line in lines:
        text = line.partition("#")[0].strip()
        if line.startswith("["):
            yield from map(_id_in, _parsed(line + "".join(lines)))
        elif line.startswith("{"):
            yield _id_in(_parsed(line))
        elif _COLUMN in text:
            yield from _of_table(line, lines)
        elif text:
            yield text


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise argparse.ArgumentTypeError("it is not what deliveries writes, or it is cut off")


def _id_in(record: Any) -> str:
    if not isinstance(record, dict) or record.get(_COLUMN) is None:
        raise argparse.ArgumentTypeError("it has no {}".format(_COLUMN))
    return str(record[_COLUMN])


def _of_table(header: str, lines: Iterator[str]) -> Iterator[str]:
    # For Excel, semicolons separate, and an apostrophe guards an id of more than 15 digits.
    separator = next((mark for mark in "\t;" if mark in header), ",")
    first = header.partition(separator)[0].rstrip("\r\n")
    try:
        for record in csv.DictReader(itertools.chain([header], lines), delimiter=separator, strict=True):
            # No id begins so; a subject may.
            if not (first.startswith("id_") and record[first].startswith("#")):
                yield excel_back(_id_in(record))
    except csv.Error:
        raise argparse.ArgumentTypeError("it is not what deliveries writes, or it is cut off")
