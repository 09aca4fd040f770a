"""``mailkit-bounces report``: one page to look at, in one file."""
import argparse
from typing import Any, Iterable, Optional

from ._command import Source, add_command, count
from ._command_suppress import add_plan_options, plan_options
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
    add_plan_options(parser)
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
            title=arguments.title,
            **plan_options(arguments)
        )
    return 0


def write_report(
    rows: Iterable[Bounce],
    path: str,
    sent: Optional[int] = None,
    top: int = 20,
    title: Optional[str] = None,
    **plan_arguments: Any
) -> None:
    """Write the page about *rows* to the file at *path*: one pass, whole or not at all.

    *plan_arguments* are those of ``suppressions``.
    """
    rules = Rules()
    tally = _Tally(rules)
    with suppressions(tally.counting(rows), rules=rules, **plan_arguments) as plan:
        page = render_page(tally.summary(sent, top), plan, title)
    write([page], path)
    say("the report is in {}".format(path))
