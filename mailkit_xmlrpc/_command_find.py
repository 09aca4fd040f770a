"""``mailkit-bounces campaigns`` and ``mailkit-bounces deliveries``: where the number of a delivery comes from."""
import argparse
from dataclasses import fields
from typing import Any, Callable, Iterable, List

from ._command import add_command, add_file
from ._fetch import days
from ._filters import since, until
from ._output import FORMATS, render
from ._streams import terminal, write
from .campaign import Campaign, Delivery
from .client import MailkitClient

Client = Callable[[argparse.Namespace], MailkitClient]


def add(
    commands: Any, add_account: Callable[[argparse.ArgumentParser], None], client_of: Client, positive: Any
) -> None:
    """Add both commands."""
    campaigns = add_command(
        commands, "campaigns", lambda given: _campaigns(given, client_of), "list the account's campaigns",
        "mailkit-bounces campaigns --since 2014-12-01",
    )  # fmt: skip
    deliveries = add_command(
        commands, "deliveries", lambda given: _deliveries(given, client_of), "list the deliveries of a campaign",
        "mailkit-bounces deliveries 12345 -o csv\nmailkit-bounces fetch --campaign 12345",
    )  # fmt: skip
    deliveries.add_argument("id_message", metavar="ID_MESSAGE", type=positive, help="number of a campaign")
    for parser in (campaigns, deliveries):
        parser.add_argument("--since", type=since, metavar="DATE", help="not those before, such as 2014-12-23")
        parser.add_argument("--until", type=until, metavar="DATE", help="with --since: not those after")
        parser.add_argument("-o", "--output", choices=FORMATS, help="format; default: table on a terminal, else jsonl")
        add_file(parser, "the rows")
        parser.add_argument("--raw", action="store_true", help="csv and tsv for machines: no guard against formulas")
        parser.set_defaults(columns=None)
        add_account(parser)


def _campaigns(arguments: argparse.Namespace, client_of: Client) -> int:
    with client_of(arguments) as client:
        return _show(client.campaigns(*days(arguments)), Campaign, arguments)


def _deliveries(arguments: argparse.Namespace, client_of: Client) -> int:
    with client_of(arguments) as client:
        found = client.deliveries(arguments.id_message, *days(arguments))
        return _show(found, Delivery, arguments)


def _show(rows: Iterable[Any], kind: Any, arguments: argparse.Namespace) -> int:
    columns: List[str] = [field.name for field in fields(kind)]
    stream = terminal() if arguments.output_file is None else None
    write(render(iter(rows), arguments.output, arguments.raw, stream, columns), arguments.output_file)
    return 0
