"""``mailkit-bounces explain``: what a status code or a category means. It asks nobody."""

import argparse
from typing import Iterator, List

from ...exceptions.redact import printable
from ...model.enhanced_status import CLASSES, EnhancedStatus
from ...model.rules import CATEGORY_RULES, STATUS_RULES, Rules, category_of
from ...report.meanings import CATEGORIES, meaning_of
from ..parser import Commands, meant
from ..streams import write

_EXAMPLES = """\
mailkit-bounces explain 5.1.1
mailkit-bounces explain bad-mailbox
mailkit-bounces explain bad-mailbox 4.4.2
"""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("explain", run, "say what a status code or a category means, without network", _EXAMPLES)
    parser.add_argument(
        "words",
        metavar="CODE-OR-CATEGORY",
        nargs="+",
        help="such as 5.1.1 or bad-mailbox; with both, as in one row, it says which kind of bounce they make",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    write("{}\n".format(line) for line in explained(arguments.words))
    return 0


def explained(words: List[str]) -> Iterator[str]:
    """Yield what *words* mean, line by line; the lines are printable."""
    rules = Rules()
    status, category = "", ""
    for word in words:
        code = EnhancedStatus.parse(word)
        if code is None:
            category = word
            yield "{}: {}".format(printable(word), _category(word))
        else:
            status = word
            known = "" if code.is_registered else " (an unregistered detail)"
            yield "{}: {}, {}{}".format(code, CLASSES[code.status_class], code.text, known)
    yield rules.explain_words(category, status)
    match = rules.matching(status)
    deciding = [rule for rule in CATEGORY_RULES if rule.match == category_of(category)]
    deciding += [rule for rule in STATUS_RULES if rule.match == match]
    for rule in deciding:
        yield "  the rule for {}: {}; source: {}; doubt: {}".format(rule.match, rule.kind, rule.source, rule.doubt)


def _category(word: str) -> str:
    meaning = meaning_of(word)
    if meaning is not None:
        return "{} (a category, BOUNCE_CAT)".format(meaning)
    return "neither a status code nor a category that we know" + meant(category_of(word), map(str, CATEGORIES))
