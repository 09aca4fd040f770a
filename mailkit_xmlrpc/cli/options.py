"""The options that commands share, what reads their values, and the client made of those about the account."""

import argparse
import os
import re
import sys
from datetime import datetime
from typing import List, Optional, Sequence, Tuple, Union

from ..client.client import MailkitClient
from ..client.environment import content_of
from ..client.retry import Retry
from ..client.settings import MAX_WORKERS
from ..exceptions.redact import printable
from ..model.vocabulary import BounceKind
from .database import add_db
from .dates import SINCE, UNTIL, last_before, since, until
from .errors import PROGRAM, UsageError, say
from .files import is_standard_output, is_terminal
from .formats import ROW_FORMATS, named, of_file, require
from .formats.columns import COLUMNS, MORE_COLUMNS
from .parser import Complete, meant, shown
from .streams import terminal
from .zones import time_zone

# --- readers: of a text that was given ----------------------------------------------------------------------------
#
# Each raises argparse.ArgumentTypeError where the text cannot be read.


def positive(text: str) -> int:
    """Read an id: a whole number from 1 to 2^63-1."""
    if not (re.fullmatch("[0-9]{1,19}", text) and 0 < int(text) < 1 << 63):
        # The text is not repeated: it may be an MD5 in the wrong place.
        raise argparse.ArgumentTypeError("it must be a whole number from 1 to 2^63-1")
    return int(text)


def jobs(text: str) -> int:
    """Read how many calls are made at once."""
    number = positive(text)
    if number > MAX_WORKERS:
        raise argparse.ArgumentTypeError("it must be at most {}".format(MAX_WORKERS))
    return number


def count(text: str) -> int:
    """Read a whole number of at least one."""
    if not (text.isdecimal() and 0 < int(text) < 1 << 63):
        raise argparse.ArgumentTypeError("it must be a whole number of at least 1")
    return int(text)


def count_or_none(text: str) -> Optional[int]:
    """Read a whole number of at least one, or the word ``none``."""
    return None if text == "none" else count(text)


def share(text: str) -> float:
    """Read a share such as ``5%`` or ``0.05``: 0.05."""
    text = text.strip()
    try:
        # Not divided: 0.57 / 100 is not 0.0057.
        value = float(text[:-1].rstrip() + "e-2" if text.endswith("%") else text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("a share looks like 5% or 0.05")
    return value


def columns(text: str) -> List[str]:
    """Read names of columns, separated by commas."""
    if text == "all":
        return COLUMNS
    names = [name.strip() for name in text.split(",")]
    known = COLUMNS + list(MORE_COLUMNS)
    for name in names:
        if name not in known:
            likely = meant(name, known)
            raise Complete("there is no column {}{}".format(shown(name), likely or "; columns are " + ", ".join(known)))
    return names


def output_file(text: str) -> Optional[str]:
    """Read where to write to: a path, or None for standard output, as - and its names mean it."""
    if is_standard_output(text):
        return None
    folder = os.path.abspath(os.path.dirname(text))
    if not text or not os.path.isdir(folder):
        raise Complete("there is no directory {}".format(printable(folder)) if text else "no name")
    return text


def _seconds_or_none(text: str) -> Optional[float]:
    return None if text == "none" else float(text)


def _seconds(text: str) -> Union[float, Tuple[float, ...]]:
    """Read a number of seconds, or two of them, separated by a comma."""
    numbers = tuple(map(float, text.split(",")))
    return numbers[0] if len(numbers) == 1 else numbers


def _tries(text: str) -> Retry:
    return Retry(attempts=count(text))


def _proxy(text: str) -> str:
    if "@" in text:
        # The text is not repeated.
        raise Complete("a password is never an argument, where others see it; set HTTPS_PROXY")
    return text


# --- groups of options ----------------------------------------------------------------------------------------------


def add_source(parser: argparse.ArgumentParser) -> None:
    """Add what says where the rows come from, and which of them count; see :func:`.rows.source`."""
    add_deliveries(parser)
    parser.add_argument(
        "--from",
        dest="saved",
        metavar="FILE",
        action="append",
        help="read what fetch wrote into a file; with several, one after the other; - is standard input",
    )
    add_db(parser, "read what sync wrote into this database; one with a password: MAILKIT_DB_URL, or ..._URL_FILE")
    parser.add_argument(
        "--deliveries-since", metavar="SPAN-OR-DAY", help="with --db: only deliveries sent since: 30d, 12h, 2024-03-01"
    )
    add_account(parser)
    add_filters(parser)


def add_deliveries(parser: argparse.ArgumentParser) -> None:
    """Add what says which deliveries to fetch, and how; see :mod:`.ids`."""
    parser.add_argument("id_send", metavar="ID_SEND", nargs="*", type=positive, help="number of a delivery to fetch")
    add_ids_from(parser)
    parser.add_argument(
        "--campaign",
        metavar="ID_MESSAGE",
        type=positive,
        action="append",
        help="fetch all deliveries of a campaign; --since and --until are then days of sending, and leave out no row",
    )
    add_jobs(parser)
    parser.add_argument("--keep-going", action="store_true", help="go on with the other deliveries when one failed")


def add_sent(parser: argparse.ArgumentParser) -> None:
    """Add ``--sent``."""
    text = "messages sent, for percentages; default: as the campaigns or the database tell"
    parser.add_argument("--sent", type=count, metavar="N", help=text)


def add_ids_from(parser: argparse.ArgumentParser) -> None:
    """Add ``--ids-from`` and ``--allow-empty``."""
    parser.add_argument(
        "--ids-from",
        metavar="FILE",
        help="a file with more ID_SEND, one per line (# begins a comment), or what deliveries wrote as CSV or JSON; "
        "- is standard input",
    )
    add_allow_empty(parser)


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Add ``--jobs``."""
    parser.add_argument("--jobs", metavar="N", type=jobs, default=1, help="number of parallel requests; default: 1")


def add_allow_empty(parser: argparse.ArgumentParser) -> None:
    """Add ``--allow-empty``."""
    parser.add_argument(
        "--allow-empty",
        action="store_true",
        help="accept an empty file, which a failed command leaves, too",
    )


def add_fail_if_empty(parser: argparse.ArgumentParser) -> None:
    """Add ``--fail-if-empty``."""
    parser.add_argument("--fail-if-empty", action="store_true", help="exit with 8 if nothing was found")


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add what says which rows count; see :class:`.filters.Filters`."""
    group = parser.add_argument_group(
        "which rows",
        "an option given twice matches either value (dates may be given once); different options must all match",
    )
    kinds = [str(kind) for kind in BounceKind]
    group.add_argument("--kind", action="append", choices=kinds, help="what the bounce says about the address")
    group.add_argument("--category", action="append", metavar="WORD", help="BOUNCE_CAT, such as bad-mailbox")
    group.add_argument("--status", action="append", metavar="PATTERN", help="STATUS or its code: 5.1.1, '5.1.*'")
    group.add_argument("--domain", action="append", metavar="DOMAIN", help="the part behind the @, such as example.com")
    group.add_argument(
        "--since",
        type=since,
        metavar="DATE",
        help=SINCE,
    )
    group.add_argument("--until", type=until, metavar="DATE", help=UNTIL)


def days(arguments: argparse.Namespace) -> Tuple[Optional[datetime], Optional[datetime]]:
    """Return the first and the last day of ``--since`` and ``--until``, to ask for campaigns or deliveries.

    :raises UsageError: the second was given without the first
    """
    if arguments.until and not arguments.since:
        raise UsageError("--until needs --since")
    # --until is the first moment that no longer counts.
    return arguments.since, arguments.until and last_before(arguments.until)


def add_format(
    parser: argparse.ArgumentParser, formats: Sequence[str] = ROW_FORMATS, default: Optional[str] = None
) -> None:
    """Add ``-o``; where it is not given, :func:`settle_format` chooses one unless there is a *default*."""
    text = "format; default: {}".format(default or "that of -O by its name, else table on a terminal, otherwise jsonl")
    parser.add_argument("-o", "--output", choices=formats, default=default, help=text)
    parser.set_defaults(formats=tuple(formats))


def add_file(parser: argparse.ArgumentParser, what: str = "the result", but: str = "", required: bool = False) -> None:
    """Add ``-O``, which says to which file *what* is written; *but* is what else there is to say."""
    text = "write {} there, whole or not at all{}; - is standard output".format(what, but)
    parser.add_argument("-O", "--output-file", metavar="FILE", type=output_file, required=required, help=text)


def add_raw(parser: argparse.ArgumentParser) -> None:
    """Add ``--raw`` and ``--excel``."""
    parser.add_argument("--raw", action="store_true", help="csv and tsv for machines: no guard against formulas")
    parser.add_argument("--excel", action="store_true", help="csv for a Czech Excel: byte order mark and semicolons")


def settle_format(arguments: argparse.Namespace) -> None:
    """Choose the format where none was given, and end where options contradict it. Nothing has been sent yet.

    :raises UsageError: it needs what is not installed
    """
    path = arguments.output_file
    by_name = of_file(path) if path is not None else None
    if arguments.output is None and arguments.excel:
        arguments.output = "csv"
    elif arguments.output is None and by_name is not None:
        if by_name.name not in arguments.formats:
            arguments.parser.error("-O {}: {} is no format of this command".format(printable(path), by_name.name))
        arguments.output = by_name.name
    elif arguments.output is None:
        arguments.output = "table" if path is None and terminal() else "jsonl"
        ending = os.path.splitext(path or "")[1]
        if ending[1:].isalpha():  # .2024 or none is no misspelt one
            say(
                "-O {}: {} stands for no format, so it is written as jsonl; -o says another".format(
                    *map(printable, (path, ending))
                )
            )
    if arguments.raw and arguments.output not in ("csv", "tsv"):
        arguments.parser.error("--raw goes with -o csv or -o tsv")
    if arguments.excel and (arguments.output != "csv" or arguments.raw):
        arguments.parser.error("--excel goes with -o csv, and not with --raw")
    chosen = named(arguments.output)
    if chosen.is_binary and (terminal() if path is None else is_terminal(path)):
        arguments.parser.error("-o {} is nothing for a terminal: give -O FILE".format(chosen.name))
    require(chosen.extra, "-o {}".format(chosen.name))


# --- the account ----------------------------------------------------------------------------------------------------

# Arguments of the client. What is not given is not passed on.
_CLIENT_OPTIONS = (
    ("--client-id", "ID", positive, "API ID instead of MAILKIT_CLIENT_ID"),
    ("--protocol", "FORM", str, "xmlrpc or json; default: xmlrpc"),
    ("--url", "URL", str, "address of the API, instead of MAILKIT_URL or Mailkit's own"),
    ("--timeout", "SECONDS", _seconds, "to connect and to wait for data: 30 for both, or 10,120, which is the default"),
    ("--deadline", "SECONDS", _seconds_or_none, "limit for one delivery with all its tries, or none; default: 600"),
    ("--retry", "N", _tries, "maximum number of tries; default: 3"),
    ("--rate", "N", float, "maximum number of calls per second"),
    ("--max-response-bytes", "N", positive, "maximum size of one report, decompressed, in bytes; default: 1073741824"),
    ("--proxy", "URL", _proxy, "instead of HTTPS_PROXY and NO_PROXY; '' is none"),
    ("--ca-file", "FILE", str, "certificates (PEM) to trust beside the system's; or MAILKIT_CA_FILE"),
    ("--tz", "ZONE", time_zone, "time zone of the dates in the reports, which name none: Europe/Prague"),
    (
        "--on-bad-text",
        "WHAT",
        str,
        "what to do with forbidden characters in a text: error or replace; default: error",
    ),
)


def add_account(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that asks Mailkit; see :func:`client_of`."""
    group = parser.add_argument_group("the account, and how it is called")
    group.add_argument("--md5-file", metavar="FILE", help="a file that holds the MD5 and nothing else")
    for option in ("--md5", "--client-md5", "--client_md5"):
        group.add_argument(option, nargs="?", action=_NeverAnArgument, help=argparse.SUPPRESS)
    for option, metavar, reader, text in _CLIENT_OPTIONS:
        group.add_argument(option, metavar=metavar, type=reader, default=argparse.SUPPRESS, help=text)
    add_verbose(group)


def add_verbose(parser: argparse._ActionsContainer) -> None:
    """Add ``-v``."""
    parser.add_argument("-v", "--verbose", action="store_true", help="log each step to standard error")


class _NeverAnArgument(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        parser.error("the MD5 is never an argument, where others could see it; see {} --help".format(PROGRAM))


def client_of(arguments: argparse.Namespace) -> MailkitClient:
    """Return a client for the account that the options and the environment name.

    :raises ConfigurationError: one of them is missing or cannot be used
    """
    names = [option[2:].replace("-", "_") for option, *_ in _CLIENT_OPTIONS]
    options = {name: value for name, value in vars(arguments).items() if name in names}
    md5 = _md5(arguments.md5_file)
    if md5 is not None:
        options["client_md5"] = md5
    return MailkitClient.from_env(**options)


def _md5(path: Optional[str]) -> Optional[str]:
    """Return the MD5 in the file at *path*, or what is typed at the terminal; None leaves it to the environment."""
    if path is not None:
        return content_of(path, "--md5-file")
    if any(os.environ.get(name) for name in ("MAILKIT_CLIENT_MD5", "MAILKIT_CLIENT_MD5_FILE")):
        return None
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        return None
    import getpass

    try:
        return getpass.getpass("MD5 (Mailkit account, Profile / Integration): ").strip()
    except EOFError:
        return ""
