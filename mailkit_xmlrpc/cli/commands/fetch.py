"""``mailkit-bounces fetch``: the rows of deliveries."""

import argparse
import contextlib
from typing import List

from ...model.records import Bounce
from .. import options
from ..errors import PARTLY_FAILED, found
from ..filters import Filters
from ..formats import FORMATS
from ..formats.columns import COLUMNS, TABLE_COLUMNS
from ..formats.database import store
from ..ids import are_given, distinct, ids_of, settle_days, total_of
from ..parser import Commands
from ..rows import fetched, write_rows
from ..stored import Failure

_EXAMPLES = """\
mailkit-bounces fetch 123456 -O bounces.xlsx
mailkit-bounces fetch 123456 123457 -O bounces.db
mailkit-bounces fetch 123456 --kind hard --status '5.1.*' --columns email,status,reason
"""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("fetch", run, "fetch the reports of deliveries", _EXAMPLES)
    options.add_deliveries(parser)
    options.add_format(parser, [one.name for one in FORMATS])
    options.add_file(parser, "the rows", "; with --keep-going, without the deliveries that failed")
    parser.add_argument(
        "--columns",
        type=options.columns,
        metavar="NAMES",
        help="such as email,kind,reason, or all; default: all, but date,email,kind,status,reason in a table",
    )
    options.add_raw(parser)
    options.add_fail_if_empty(parser)
    options.add_account(parser)
    options.add_filters(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    _settle(arguments)
    filters = Filters(arguments)
    failures: List[Failure] = []
    empty: List[int] = []
    with options.client_of(arguments) as client:
        rows = fetched(
            client,
            distinct(ids_of(client, arguments)),
            total_of(arguments),
            jobs=arguments.jobs,
            keep_going=arguments.keep_going,
            to_file=arguments.output_file is not None,
            failures=failures,
            empty=empty,
        )
        with contextlib.closing(rows):
            if arguments.output == "sqlite":
                # With filters, what is not fetched is not known to be gone.
                wanted = filters.keeps if filters.are_given else None
                number = store(rows, arguments.output_file, wanted, empty)
            else:
                columns = arguments.columns or (TABLE_COLUMNS if arguments.output == "table" else COLUMNS)
                number = write_rows(filters.left(rows), Bounce, columns, arguments)
    filters.tell()
    if failures:
        return PARTLY_FAILED
    return found(number, arguments.fail_if_empty, "no bounces" + (" are left" if filters.left_out else ""))


def _settle(arguments: argparse.Namespace) -> None:
    """Choose what was left open, and refuse options that contradict each other, before anything is sent.

    :raises UsageError: with ``--campaign``, the days do not go together
    """
    options.settle_format(arguments)
    if arguments.output == "sqlite" and arguments.output_file is None:
        arguments.parser.error("-o sqlite needs -O FILE")
    if arguments.output == "sqlite" and arguments.columns:
        arguments.parser.error("-o sqlite always stores all columns")
    if not are_given(arguments):
        arguments.parser.error("give the ID_SEND of deliveries, --ids-from FILE, or --campaign ID_MESSAGE")
    settle_days(arguments)
