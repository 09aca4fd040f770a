"""``mailkit-bounces suppress``: whom to stop mailing and why. It prints a plan and changes nothing."""
import argparse
from datetime import timedelta
from typing import Any, Dict

from ._command import Source, add_command, add_file, count, count_or_none, share
from ._filters import since, until
from ._output import FORMATS, render
from ._streams import UsageError, say, terminal, write
from .suppression import Suppression, SuppressionPlan, Window, suppressions

_EXAMPLES = """\
mailkit-bounces suppress 123456 --sent 20000 --max-share 5%
mailkit-bounces suppress --from bounces.jsonl -o csv -O plan.csv
mailkit-bounces suppress --from bounces.db --soft-count none --exclude example.com,2024-03-01T08:00,2024-03-01T11:30
"""


def add(commands: Any, source: Source) -> None:
    """Add the command."""
    short = "plan whom to stop mailing, and why"
    parser = add_command(commands, "suppress", lambda given: _run(given, source), short, _EXAMPLES)
    source.add_options(parser)
    add_plan_options(parser)
    parser.add_argument("--sent", type=count, metavar="N", help="how many messages were sent, for --max-share")
    parser.add_argument("--max-share", type=share, metavar="SHARE", help="refuse a plan for more: 5%% or 0.05")
    parser.add_argument("-o", "--output", choices=FORMATS, help="format; default: table on a terminal, otherwise jsonl")
    parser.add_argument("--raw", action="store_true", help="csv and tsv for machines: no guard against formulas")
    add_file(parser, "the plan")


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """Add what decides who is in a plan."""
    parser.add_argument("--soft-count", type=count_or_none, metavar="N", default=3,
                        help="so many messages must have come back soft, or none; default: 3")  # fmt: skip
    parser.add_argument("--soft-days", type=_days, metavar="DAYS", default=timedelta(days=30),
                        help="within so many days; default: 30")  # fmt: skip
    parser.add_argument("--exclude", type=_window, action="append", default=[], metavar="DOMAIN[,SINCE[,UNTIL]]",
                        help="bounces that do not count for the plan; * is every domain")  # fmt: skip


def plan_options(arguments: argparse.Namespace) -> Dict[str, Any]:
    """What :func:`add_plan_options` was given, as arguments of ``suppressions``."""
    return {
        "soft_count": arguments.soft_count,
        "soft_within": arguments.soft_days,
        "exclude": arguments.exclude,
    }


def _run(arguments: argparse.Namespace, source: Source) -> int:
    if arguments.max_share is not None and arguments.sent is None:
        raise UsageError("--max-share needs --sent: a share of what?")
    with source.rows(arguments) as rows:
        plan = suppressions(
            rows, sent=arguments.sent, max_share=arguments.max_share, **plan_options(arguments)
        )
    with plan:
        stream = terminal() if arguments.output_file is None else None
        pieces = render(plan, arguments.output, arguments.raw, stream, Suppression._fields)
        write(pieces, arguments.output_file)
        say(_about(plan))
    return 0


def _about(plan: SuppressionPlan) -> str:
    text = "a plan for {} addresses ({} hard, {} soft) from {} rows; nothing was changed anywhere".format(
        len(plan), plan.by_kind["hard"], plan.by_kind["soft"], plan.rows
    )
    for number, what in (
        (plan.excluded, "in an excluded window"),
        (plan.undated, "soft without a date, which count for nothing"),
        (plan.without_address, "without an address"),
    ):
        if number:
            text += "; {} rows {}".format(number, what)
    return text


def _days(text: str) -> timedelta:
    """A whole number of days, as many as there are."""
    try:
        return timedelta(days=count(text))
    except OverflowError:
        raise argparse.ArgumentTypeError("it must be at most {}".format(timedelta.max.days))


def _window(text: str) -> Window:
    """``DOMAIN[,SINCE[,UNTIL]]``; ``*`` is every domain, an empty time is none."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 3 or not parts[0]:
        raise argparse.ArgumentTypeError("a window looks like example.com,2024-03-01,2024-03-02")
    parts += [""] * (3 - len(parts))
    return Window(
        None if parts[0] == "*" else parts[0],
        since(parts[1]) if parts[1] else None,
        until(parts[2]) if parts[2] else None,
    )
