"""``mailkit-bounces summary``: what happened, in numbers and bars."""

import argparse
from typing import Dict, Mapping

from ...analysis.summary import Summary, Tally
from ...exceptions import MailkitError
from ...model.rules import Rules
from ...report.page import sent_of
from ...report.text import render_summary
from ..errors import words_of
from ..options import add_file, add_format, add_sent, add_source, count
from ..parser import Commands
from ..rows import source
from ..streams import has_blocks, terminal, width, write
from ..texts import json_text

_EXAMPLES = """\
mailkit-bounces summary 123456 --sent 20000
mailkit-bounces fetch 123456 -o jsonl -O bounces.jsonl && mailkit-bounces summary --from bounces.jsonl
mailkit-bounces summary --from bounces.jsonl --kind hard --domain example.com -o json
"""
_IN_JSON = (
    "bounces sent repeated by_kind by_category by_status by_email_status domain_count other_domains by_day by_hour "
    "undated hints"
).split()


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("summary", run, "show what happened, in numbers and bars", _EXAMPLES)
    add_source(parser)
    add_sent(parser)
    parser.add_argument("--top", type=count, metavar="N", default=10, help="number of domains to list; default: 10")
    add_format(parser, ("text", "json"), "text")
    add_file(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    with source(arguments) as given:
        tally = Tally(Rules()).count(given.rows)
    known = given.rest()
    sent = arguments.sent
    if sent is None:
        ids = set(tally.summary(None, 0).by_delivery) | set(given.deliveries)
        sent = sent_of(known.deliveries, ids - set(known.failed))
    summary = tally.summary(sent, arguments.top, known.repeated)
    notes = ["The delivery {} is missing: {}".format(id_send, words_of(why)) for id_send, why in known.failed.items()]
    if arguments.output == "json":
        text = json_text(dict(as_dict(summary), failed=failed_texts(known.failed))) + "\n"
    elif arguments.output_file is not None:
        text = render_summary(summary, 80, notes=notes)
    else:
        text = render_summary(summary, width(), terminal(), ascii_only=not has_blocks(), notes=notes)
    write([text], arguments.output_file)
    given.tell()
    return given.exit_code


def failed_texts(failed: Mapping[int, MailkitError]) -> Dict[str, str]:
    """Return ID_SEND -> why the delivery is missing, as plain data."""
    return {str(id_send): str(error) for id_send, error in failed.items()}


def as_dict(summary: Summary) -> Dict[str, object]:
    """Return *summary* as plain data for JSON."""
    result = {name: getattr(summary, name) for name in _IN_JSON}
    result["by_delivery"] = {str(id_send): number for id_send, number in summary.by_delivery.items()}
    result["share"] = summary.share(summary.bounces)
    result["domains"] = [
        dict(domain._asdict(), reasons=[reason._asdict() for reason in domain.reasons]) for domain in summary.domains
    ]
    return result
