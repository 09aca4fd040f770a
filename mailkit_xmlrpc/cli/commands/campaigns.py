"""``mailkit-bounces campaigns`` and ``mailkit-bounces deliveries``: where the number of a delivery comes from."""

import argparse
from dataclasses import fields
from typing import Sequence, Union

from ...model.records import Campaign, Delivery
from .. import dates, options
from ..errors import found
from ..parser import Commands
from ..rows import write_rows

_DELIVERIES_EXAMPLES = """\
mailkit-bounces deliveries 12345 -o csv
mailkit-bounces deliveries 12345 --since 30d -o csv | mailkit-bounces fetch --ids-from -
"""


def add(commands: Commands) -> None:
    """Add both commands."""
    campaigns = commands.add(
        "campaigns", run, "list the account's campaigns", "mailkit-bounces campaigns --since 2014-12-01"
    )
    deliveries = commands.add("deliveries", run, "list the deliveries of a campaign", _DELIVERIES_EXAMPLES)
    deliveries.add_argument("id_message", metavar="ID_MESSAGE", type=options.positive, help="number of a campaign")
    for parser in (campaigns, deliveries):
        parser.add_argument("--since", type=dates.since, metavar="DATE", help=dates.SINCE)
        parser.add_argument("--until", type=dates.until, metavar="DATE", help="with --since: " + dates.UNTIL)
        options.add_format(parser)
        options.add_file(parser, "the rows")
        options.add_raw(parser)
        options.add_fail_if_empty(parser)
        options.add_account(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run either command and return its exit code."""
    options.settle_format(arguments)
    with options.client_of(arguments) as client:
        if arguments.command == "campaigns":
            rows: Sequence[Union[Campaign, Delivery]] = client.campaigns(*options.days(arguments))
        else:
            rows = client.deliveries(arguments.id_message, *options.days(arguments))
    kind = Campaign if arguments.command == "campaigns" else Delivery
    number = write_rows(rows, kind, [field.name for field in fields(kind)], arguments, arguments.command)
    return found(number, arguments.fail_if_empty, "no {} were found".format(arguments.command))
