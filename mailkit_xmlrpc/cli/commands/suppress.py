"""``mailkit-bounces suppress``: whom to stop mailing and why. It prints a plan and changes nothing."""

import argparse
import contextlib
from datetime import timedelta
from typing import Any, Dict

from ...analysis.arguments import Window, checked
from ...analysis.suppression import SuppressionPlan, planned
from ...exceptions.redact import counted
from .. import options
from ..dates import since, until
from ..errors import UsageError, say
from ..parser import Commands
from ..plans import Changes, Line, columns, lines_of
from ..rows import DECIDING, source, write_rows

_EXAMPLES = """\
mailkit-bounces suppress 123456 --sent 20000 --max-share 5%
mailkit-bounces suppress --from bounces.jsonl -o csv -O plan.csv
mailkit-bounces suppress --db bounces.db --since-plan plan.csv -O changes.csv
mailkit-bounces suppress --from bounces.db --soft-count none --exclude example.com,2024-03-01T08:00,2024-03-01T11:30
"""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("suppress", run, "plan whom to stop mailing, and why", _EXAMPLES)
    options.add_source(parser)
    add_plan_options(parser)
    parser.add_argument("--sent", type=options.count, metavar="N", help="messages sent, for --max-share")
    parser.add_argument(
        "--max-share",
        type=options.share,
        metavar="SHARE",
        help="refuse a plan for a larger share: 5%% or 0.05",
    )
    parser.add_argument(
        "--since-plan", metavar="FILE", help="only what was added and removed since the plan that suppress wrote there"
    )
    parser.add_argument(
        "--hashed", choices=["sha256"], help="hashes instead of addresses, for whoever must not keep them"
    )
    options.add_format(parser)
    options.add_raw(parser)
    options.add_file(parser, "the plan")


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """Add what decides who is in a plan; see :func:`plan_options`."""
    parser.add_argument(
        "--soft-count",
        type=options.count_or_none,
        metavar="N",
        default=3,
        help="soft bounces after which an address is in the plan, or none; default: 3",
    )
    parser.add_argument(
        "--soft-days",
        type=_days,
        metavar="DAYS",
        default=timedelta(days=30),
        help="within so many days; default: 30",
    )
    parser.add_argument(
        "--exclude",
        type=_window,
        action="append",
        default=[],
        metavar="DOMAIN[,SINCE[,UNTIL]]",
        help="bounces that do not count for the plan, such as those of an outage; * is every domain",
    )


def plan_options(arguments: argparse.Namespace) -> Dict[str, Any]:
    """Return what :func:`add_plan_options` was given, as arguments of ``suppressions``."""
    return {
        "soft_count": arguments.soft_count,
        "soft_within": arguments.soft_days,
        "exclude": arguments.exclude,
    }


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code.

    :raises UsageError: a share was given and not the number that it is a share of
    """
    options.settle_format(arguments)
    if arguments.max_share is not None and arguments.sent is None:
        raise UsageError("--max-share needs --sent: a share of what?")
    asked = checked(sent=arguments.sent, max_share=arguments.max_share, **plan_options(arguments))
    path, hashed = arguments.since_plan, arguments.hashed is not None
    with source(arguments, DECIDING + ("date", "id_email")) as given:
        with planned(given.rows, asked) as plan:
            plan.rows += given.repeated
            lines = lines_of(plan, hashed)
            shown = columns(hashed, path is not None, arguments.output == "table" and arguments.output_file is None)
            if path is None:
                write_rows(lines, Line, shown, arguments, "addresses")
                say(_about(plan))
            else:
                with contextlib.closing(Changes(lines, path, hashed, arguments.allow_empty)) as changes:
                    write_rows(changes, Line, shown, arguments, "changes")
                say("{}; {added} added and {removed} removed".format(_about(plan), **changes.numbers))
        given.tell()
    return given.exit_code


def _about(plan: SuppressionPlan) -> str:
    text = "a plan for {} ({} hard, {} soft) from {}; nothing was changed anywhere".format(
        counted(len(plan), "address", "addresses"),
        plan.by_kind["hard"],
        plan.by_kind["soft"],
        counted(plan.rows, "row"),
    )
    for number, what in (
        (plan.excluded, "in an excluded window"),
        (plan.undated, "soft without a date, which {} for nothing".format("counts" if plan.undated == 1 else "count")),
        (plan.without_address, "without an address"),
    ):
        if number:
            text += "; {} {}".format(counted(number, "row"), what)
    return text


def _days(text: str) -> timedelta:
    """Read a whole number of days."""
    try:
        return timedelta(days=options.count(text))
    except OverflowError:
        raise argparse.ArgumentTypeError("it must be at most {}".format(timedelta.max.days))


def _window(text: str) -> Window:
    """Read ``DOMAIN[,SINCE[,UNTIL]]``; ``*`` is every domain, an empty time is none."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 3 or not parts[0]:
        raise argparse.ArgumentTypeError("a window looks like example.com,2024-03-01,2024-03-02")
    domain, first, end = parts + [""] * (3 - len(parts))
    return Window(
        None if domain == "*" else domain,
        since(first) if first else None,
        until(end) if end else None,
    )
