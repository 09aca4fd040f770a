"""``mailkit-bounces demo``: the client at work against a server of our own."""

import argparse
import contextlib
from typing import TYPE_CHECKING, Iterator

from ...client.client import MailkitClient
from ...model.records import Bounce
from ...report.page import Rest, check_extra
from ..errors import say
from ..formats.columns import COLUMNS, TABLE_COLUMNS
from ..options import add_format, add_raw, add_verbose, output_file, settle_format
from ..parser import Commands
from ..rows import fetched, write_rows
from .report import add_language, write_report

if TYPE_CHECKING:
    from ...simulator import Simulator

_EXAMPLES = """\
mailkit-bounces demo
mailkit-bounces demo -o json
mailkit-bounces demo --report report.html
"""
_BEFORE = (
    "demo: the real client asks a built-in server on this machine, over HTTP; nothing is sent to Mailkit. The rows are "
    "those of the vendor's documented samples, their placeholders replaced by documented forms."
)
_AFTER = """\
demo: now try your own account. You find API ID and MD5 under Profile / Integration. Allow the public IP address of this
machine there, too. Then run

    mailkit-bounces fetch --client-id YOUR_API_ID ID_SEND

It asks for the MD5, or reads it from MAILKIT_CLIENT_MD5_FILE. ID_SEND is the number of a delivery of a campaign."""
_BEFORE_REPORT = (
    "demo: the real client asks a built-in server on this machine for a report of 20000 rows, all of them made up"
)
_ID_SEND = 123456
_SUBJECT = "Spring offers (a made-up newsletter)"


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("demo", run, "try it against a built-in server, without an account", _EXAMPLES)
    add_format(parser, default="table")
    add_raw(parser)
    parser.add_argument(
        "--report", metavar="FILE", type=output_file, help="fetch a larger made-up report, and make a page of it there"
    )
    add_language(parser)
    add_verbose(parser)
    parser.set_defaults(output_file=None, report=False)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    settle_format(arguments)
    if arguments.report is not False:
        from ...simulator import Simulator
        from ...simulator.sample import SampleReport

        check_extra()
        say(_BEFORE_REPORT)
        with Simulator(reports={}, campaigns={}) as mailkit:
            mailkit.add(
                _ID_SEND,
                SampleReport(),
                sent="2024-03-04 07:30:00",
                subject=_SUBJECT,
                send_count=1000000,
                campaign=12345,
            )
            with _client_of(mailkit) as client, contextlib.closing(fetched(client, [_ID_SEND])) as rows:
                deliveries = client.deliveries(12345, "2024-03-01")
                write_report(rows, arguments.report, lambda: Rest(deliveries), arguments.language)
        if arguments.report is not None:
            say("demo: open it in a browser")
    else:
        say(_BEFORE)
        with _rows() as rows:
            write_rows(rows, Bounce, TABLE_COLUMNS if arguments.output == "table" else COLUMNS, arguments)
        say(_AFTER)
    return 0


@contextlib.contextmanager
def _rows() -> Iterator[Iterator[Bounce]]:
    """Fetch the rows of one delivery from a server with the documented ones."""
    from ...simulator import Simulator

    with Simulator() as mailkit, _client_of(mailkit) as client:
        with contextlib.closing(fetched(client, [_ID_SEND])) as rows:
            yield rows


def _client_of(mailkit: "Simulator") -> MailkitClient:
    return MailkitClient(mailkit.client_id, mailkit.client_md5, url=mailkit.url)
