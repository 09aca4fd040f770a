"""``mailkit-bounces check``: silent where all is well, one line where a limit is passed. For cron and monitoring."""

import argparse
from typing import Dict, List, Optional

from ...exceptions import ConfigurationError, UnexpectedShapeError
from ...exceptions.redact import counted
from ...sync.reading import known_deliveries
from .. import options
from ..database import db_of
from ..errors import LIMIT_PASSED, MACHINE, DeliveryFailed, UsageError, say
from ..ids import are_given, settle_days
from ..limits import Counts, Limit, limit
from ..parser import Commands
from ..rows import source
from ..stored import about_database
from ..streams import write
from ..textfile import render_textfile

_EXAMPLES = """\
mailkit-bounces check 123456 --sent 20000 --fail-if 'hard>2%'
mailkit-bounces check --campaign 12345 --fail-if 'hard>2%' --fail-if 'domain:seznam.cz>500'
mailkit-bounces check --db bounces.db --deliveries-since 3d --max-age 30h --fail-if 'all>5%'
"""
_TEXTFILE_MODE = 0o644  # node_exporter is another user; there is no address in it


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("check", run, "be silent, or say in one line which limits are passed", _EXAMPLES)
    options.add_source(parser)
    parser.add_argument(
        "--fail-if",
        metavar="LIMIT",
        type=limit,
        action="append",
        required=True,
        help="such as hard>2%%, all>500, domain:seznam.cz>500; percent are of the messages sent",
    )
    options.add_sent(parser)
    parser.add_argument(
        "--max-age", metavar="SPAN", help="with --db: what sync read longer ago than 30h, say, is not known any more"
    )
    parser.add_argument(
        "--prometheus",
        metavar="FILE",
        type=options.output_file,
        default=False,
        help="write a textfile for node_exporter there, such as mailkit.prom, whole or not at all",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code.

    :raises UsageError: it cannot be told what percent are of
    :raises DeliveryFailed: the database does not know
    :raises UnexpectedShapeError: the campaign does not tell how many messages were sent
    """
    # Each once: the format of the textfile wants no series twice (Prometheus, exposition formats).
    limits: List[Limit] = list({one.text: one for one in arguments.fail_if}.values())
    sent = arguments.sent
    if arguments.max_age is not None and (are_given(arguments) or arguments.saved):
        raise UsageError("--max-age goes with --db")
    if arguments.campaign is not None:
        sent = _of_campaigns(arguments, sent)
        # They are among the deliveries now.
        arguments.campaign = None
    elif not (are_given(arguments) or arguments.saved):
        sent = _of_database(arguments, sent)
    if sent is None and any(one.is_share for one in limits):
        raise UsageError("percent of what? give --sent N, or --campaign ID_MESSAGE, which tells it")
    counts = Counts(limits)
    with source(arguments) as given:
        for row in given.rows:
            counts.add(row)
        if arguments.verbose or given.failures:
            given.tell()
    reached = counts.reached(sent)
    # Counts of a part would look like those of all of it.
    if arguments.prometheus is not False and not given.failures:
        path = arguments.prometheus
        pieces = render_textfile(path or "-", counts.by_kind, sent, reached)
        write(pieces, path, "--prometheus", _TEXTFILE_MODE)
    passed = [str(one) for one in reached if one.is_passed]
    if not passed:
        return given.exit_code
    write(["mailkit-bounces: {}{}\n".format(", ".join(passed), _where(arguments))])
    return LIMIT_PASSED


def _where(arguments: argparse.Namespace) -> str:
    """Return of which deliveries the line tells, where there are few."""
    ids = sorted(set(arguments.id_send))
    return "; ID_SEND {}".format(", ".join(map(str, ids))) if 0 < len(ids) <= 5 else ""


def _of_campaigns(arguments: argparse.Namespace, sent: Optional[int]) -> Optional[int]:
    """Choose the deliveries of the campaigns where none was given; return how many messages they were."""
    if arguments.saved or arguments.db or arguments.ids_from:
        raise UsageError("--campaign goes with deliveries, and not with --from, --ids-from or --db")
    settle_days(arguments)
    counts: Dict[Optional[int], Optional[int]] = {}
    with options.client_of(arguments) as client:
        for id_message in arguments.campaign:
            found = client.deliveries(id_message, *arguments.days)
            counts.update((one.id_send, one.send_count) for one in found)
    if not arguments.id_send and None in counts:
        raise UnexpectedShapeError("a delivery without an ID_SEND that can be read")
    arguments.id_send = arguments.id_send or list(counts)
    if not arguments.id_send:
        raise UsageError("the campaign has no deliveries to check")
    asked = [(id_send, counts.get(id_send)) for id_send in set(arguments.id_send)]
    unknown = [id_send for id_send, count in asked if count is None]
    if sent is None and unknown and any(one.is_share for one in arguments.fail_if):
        raise UnexpectedShapeError(
            "the campaign does not tell how many messages of the delivery {} were sent".format(min(unknown))
        )
    return sent if sent is not None or unknown else sum(count for _, count in asked if count is not None)


def _of_database(arguments: argparse.Namespace, sent: Optional[int]) -> Optional[int]:
    """See that the database knows its deliveries; return how many messages they were, as far as it knows."""
    db = db_of(arguments)
    if db is None:
        return sent
    try:
        known = known_deliveries(db, arguments.deliveries_since, arguments.max_age)
    except ConfigurationError as error:
        raise about_database(error)
    if not known.deliveries:
        _give_up("no such delivery is known there: none was sent, or sync did not run, or it failed")
    if known.unknown:
        deliveries = counted(known.deliveries, "delivery", "deliveries")
        _give_up("the report of {} of {} is not known".format(known.unknown, deliveries))
    return known.sent if sent is None else sent


def _give_up(why: str) -> None:
    say("the database: " + why)
    raise DeliveryFailed(MACHINE)
