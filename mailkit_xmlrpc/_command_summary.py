"""``mailkit-bounces summary``: what happened, in numbers and bars."""
import argparse
from typing import Any

from ._bars import render_summary
from ._command import Source, add_command, add_file, count, has_blocks, width
from ._output import json_text
from ._streams import terminal, write
from .summary import Summary, summarize

_EXAMPLES = """\
mailkit-bounces summary 123456 --sent 20000
mailkit-bounces fetch 123456 -o jsonl -O bounces.jsonl && mailkit-bounces summary --from bounces.jsonl
mailkit-bounces summary --from bounces.jsonl --kind hard --domain example.com -o json
"""


def add(commands: Any, source: Source) -> None:
    """Add the command."""
    short = "show what happened, in numbers and bars"
    parser = add_command(commands, "summary", lambda given: _run(given, source), short, _EXAMPLES)
    source.add_options(parser)
    parser.add_argument("--sent", type=count, metavar="N", help="how many messages were sent, for shares")
    parser.add_argument("--top", type=count, metavar="N", default=10, help="so many domains one by one; default: 10")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="format; default: text")
    add_file(parser)


def _run(arguments: argparse.Namespace, source: Source) -> int:
    with source.rows(arguments) as rows:
        summary = summarize(rows, sent=arguments.sent, top=arguments.top)
    if arguments.output == "json":
        text = json_text(as_dict(summary)) + "\n"
    elif arguments.output_file is not None:
        text = render_summary(summary, 80)
    else:
        text = render_summary(summary, width(), terminal(), ascii_only=not has_blocks())
    write([text], arguments.output_file)
    return 0


def as_dict(summary: Summary) -> Any:
    """*summary* as plain data for JSON."""
    result = {name: getattr(summary, name) for name in (
        "bounces", "sent", "by_kind", "by_category", "by_status", "by_email_status", "domain_count", "other_domains",
        "by_day", "by_hour", "undated", "hints",
    )}  # fmt: skip
    result["by_delivery"] = {str(id_send): number for id_send, number in summary.by_delivery.items()}
    result["share"] = summary.share(summary.bounces)
    result["domains"] = [
        {
            "domain": domain.domain,
            "bounces": domain.bounces,
            "by_kind": domain.by_kind,
            "reasons": [reason._asdict() for reason in domain.reasons],
        }
        for domain in summary.domains
    ]
    return result
