"""What the commands of the command line share: where their rows come from, and small readers of arguments."""
import argparse
import re
import shutil
from typing import Any, Callable, ContextManager, Iterator, NamedTuple, Optional

from ._streams import terminal
from .bounce import Bounce


class Source(NamedTuple):
    """Where the rows come from: made by ``cli``, which knows the account and the client."""

    add_options: Callable[[argparse.ArgumentParser], None]
    rows: Callable[[argparse.Namespace], ContextManager[Iterator[Bounce]]]


def add_command(commands: Any, name: str, run: Any, short: str, examples: str) -> argparse.ArgumentParser:
    """Add the command *name* and return its parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=short,
        description=short[0].upper() + short[1:] + ".",
        epilog="examples:\n" + "".join("  {}\n".format(line) for line in examples.strip().splitlines()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    return parser


def add_file(parser: argparse.ArgumentParser, what: str = "the result", but: str = "") -> None:
    """Add the option ``-O``; *but* is what else is to say."""
    text = "write {} there, whole or not at all{}".format(what, but)
    parser.add_argument("-O", "--output-file", metavar="FILE", help=text)


def positive(text: str) -> int:
    """An id: a whole number from 1 to 2^63-1."""
    if not (re.fullmatch("[0-9]{1,19}", text) and 0 < int(text) < 1 << 63):
        # Without the value: it may be an MD5 in the wrong place.
        raise argparse.ArgumentTypeError("it must be a positive whole number of at most 63 bits")
    return int(text)


def count(text: str) -> int:
    """A whole number of at least one."""
    if not (text.isdecimal() and 0 < int(text) < 1 << 63):
        raise argparse.ArgumentTypeError("it must be a whole number of at least 1")
    return int(text)


def count_or_none(text: str) -> Optional[int]:
    """A whole number of at least one, or the word ``none``."""
    return None if text == "none" else count(text)


def share(text: str) -> float:
    """A part: ``5%`` or ``0.05``."""
    number = text.rstrip("% ")
    try:
        value = float(number) / (100 if number != text else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("a share looks like 5% or 0.05")
    return value


def width() -> int:
    """Columns to write for: the terminal's (or COLUMNS), at least 40."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def has_blocks() -> bool:
    """Whether the terminal, if standard output is one, can show block characters."""
    stream = terminal()
    return stream is None or (stream.encoding or "").lower().replace("-", "") == "utf8"
