"""``mailkit-bounces report``: one page to look at, in one file."""

import argparse
from typing import Any, Callable, Iterable, Optional

from ...exceptions.redact import printable
from ...model.records import Bounce
from ...report.page import Rest, check_extra, page_of
from ...report.words import LANGUAGES, Words
from ..database import db_of
from ..errors import say
from ..options import add_file, add_sent, add_source, count
from ..parser import Commands
from ..rows import source
from ..stored import period_before
from ..streams import write
from .suppress import add_plan_options, plan_options

_EXAMPLES = """\
mailkit-bounces report --campaign 12345 --since 30d -O report.html
mailkit-bounces report --from bounces.jsonl --sent 20000 --language cs -O report.html
mailkit-bounces report --db bounces.db --deliveries-since 30d -O report.html
mailkit-bounces demo --report report.html
"""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("report", run, "make a page (HTML) with plots and advice", _EXAMPLES)
    add_source(parser)
    add_sent(parser)
    parser.add_argument("--top", type=count, metavar="N", default=20, help="number of domains to list; default: 20")
    add_plan_options(parser)
    parser.add_argument("--title", metavar="TEXT", help="title of the page")
    add_language(parser)
    add_file(parser, "the page", required=True)


def add_language(parser: argparse.ArgumentParser) -> None:
    """Add ``--language``."""
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="language of the page; default: en")


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    check_extra()
    with source(arguments) as given:
        before = None
        if arguments.deliveries_since is not None and given.filters.are_dated:
            say("no comparison with the period before: --since and --until would leave out its rows")
        elif arguments.deliveries_since is not None:
            before = period_before(db_of(arguments) or "", arguments.deliveries_since, arguments)
        write_report(
            given.rows,
            arguments.output_file,
            given.rest,
            arguments.language,
            sent=arguments.sent,
            before=before,
            top=arguments.top,
            title=arguments.title,
            **plan_options(arguments),
        )
        given.tell()
    return given.exit_code


def write_report(
    rows: Iterable[Bounce], path: Optional[str], rest: Callable[[], Rest] = Rest, lang: str = "en", **options: Any
) -> None:
    """Write the page about *rows* to the file at *path*, in one pass over them; whole or not at all.

    :param path: None is standard output
    :param rest: returns what there is to tell beside the rows, when all have been read
    :param options: others of :func:`mailkit_xmlrpc.report_html`
    """
    write([page_of(rows, rest, Words(lang), **options)], path)
    if path is not None:
        say("the report is in {}".format(printable(path)))
