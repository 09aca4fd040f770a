"""``mailkit-bounces explain``: what a status code or a category means. It asks nobody."""
import argparse
from typing import Any, Iterator, List

from ._command import add_command
from ._enhanced_codes import CLASSES
from ._kinds import CATEGORY_RULES, STATUS_RULES
from ._output import visible
from ._streams import write
from .enhanced_status import EnhancedStatus
from .kind import Rules

_EXAMPLES = """\
mailkit-bounces explain 5.1.1
mailkit-bounces explain bad-mailbox
mailkit-bounces explain bad-mailbox 4.4.2
"""


def add(commands: Any, source: object) -> None:
    """Add the command."""
    parser = add_command(commands, "explain", _run, "say what a status code or a category means, offline", _EXAMPLES)
    parser.add_argument("words", metavar="CODE-OR-CATEGORY", nargs="+",
                        help="such as 5.1.1 or bad-mailbox; both together, as in one row, are weighed")  # fmt: skip


def _run(arguments: argparse.Namespace) -> int:
    write("{}\n".format(line) for line in explained(arguments.words))
    return 0


def explained(words: List[str]) -> Iterator[str]:
    """Yield what *words* mean, line by line; safe to show."""
    rules = Rules()
    status, category = "", ""
    for word in words:
        code = EnhancedStatus.parse(word)
        if code is None:
            category = word
            yield "{}: {}".format(visible(word), _category(word))
        else:
            status = word
            known = "" if code.is_registered else " (an unregistered detail)"
            yield "{}: {}, {}{}".format(code, CLASSES[code.status_class], code.text, known)
    yield rules.explain_words(category, status)
    voices = rules.votes(category, status)
    for rule in CATEGORY_RULES + STATUS_RULES:
        if rule.match == category and voices[0] is not None or status and rule == _status_rule(rules, status):
            yield "  the rule for {}: {}; source: {}; doubt: {}".format(rule.match, rule.kind, rule.source, rule.doubt)


def _category(word: str) -> str:
    if any(rule.match == word for rule in CATEGORY_RULES):
        return "a category of bounces (BOUNCE_CAT)"
    return "a category that says nothing" if word == "other" else "neither a status code nor a category that we know"


def _status_rule(rules: Rules, status: str) -> Any:
    """The line of the default table that decides about *status*, or None."""
    match = rules.matching(status)
    return next((rule for rule in STATUS_RULES if rule.match == match), None)
