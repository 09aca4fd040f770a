"""``mailkit-bounces report``: one page to look at, in one file."""
import argparse
from datetime import timedelta
from typing import Any, Iterable, Optional

from ._command import Source, add_command, count, count_or_none
from ._page import check_extras, render_page
from ._streams import say, write
from .bounce import Bounce
from .kind import Rules
from .summary import _Tally
from .suppression import suppressions

_EXAMPLES = """\
mailkit-bounces report 123456 --sent 20000 -O report.html
mailkit-bounces report --from bounces.jsonl --sent 20000 -O report.html
mailkit-bounces demo --report report.html
"""


def add(commands: Any, source: Source) -> None:
    """Add the command."""
    short = "make a page to look at"
    parser = add_command(commands, "report", lambda given: _run(given, source), short, _EXAMPLES)
    source.add_options(parser)
    parser.add_argument("--sent", type=count, metavar="N", help="how many messages were sent, for shares")
    parser.add_argument("--top", type=count, metavar="N", default=20, help="so many domains one by one; default: 20")
    parser.add_argument("--soft-count", type=count_or_none, metavar="N", default=3,
                        help="so many messages must have come back soft, or none; default: 3")  # fmt: skip
    parser.add_argument("--soft-days", type=count, metavar="DAYS", default=30, help="within so many days; default: 30")
    parser.add_argument("--title", metavar="TEXT", help="of the page")
    parser.add_argument("-O", "--output-file", metavar="FILE", required=True,
                        help="write the page there, whole or not at all")  # fmt: skip


def _run(arguments: argparse.Namespace, source: Source) -> int:
    check_extras()
    with source.rows(arguments) as rows:
        write_report(
            rows,
            arguments.output_file,
            sent=arguments.sent,
            top=arguments.top,
            soft_count=arguments.soft_count,
            soft_within=timedelta(days=arguments.soft_days),
            title=arguments.title,
        )
    return 0


def write_report(
    rows: Iterable[Bounce],
    path: str,
    sent: Optional[int] = None,
    top: int = 20,
    soft_count: Optional[int] = 3,
    soft_within: timedelta = timedelta(days=30),
    title: Optional[str] = None,
) -> None:
    """Write the page about *rows* to the file at *path*: one pass, whole or not at all."""
    rules = Rules()
    tally = _Tally(rules)
    with suppressions(tally.counting(rows), rules=rules, soft_count=soft_count, soft_within=soft_within) as plan:
        page = render_page(tally.summary(sent, top), plan, title)
    write([page], path)
    say("the report is in {}".format(path))
