"""Writes fixtures/meaning/kinds.txt: the kind of every registered status with every known category.

    python -m tests.support.kind_table > fixtures/meaning/kinds.txt

The file is there to be reviewed, and tests/model/test_rules.py compares it with what the package decides. Whoever
changes a rule writes it anew and sees in the difference what changes for which bounces.
"""

import sys

from mailkit_xmlrpc import Bounce, BounceCategory, EmailStatus, EnhancedStatus
from mailkit_xmlrpc.model.enhanced_status import CLASSES, DETAILS

LETTERS = {"hard": "H", "soft": "s", "block": "b", "unknown": "."}
#: beside the registered ones: nothing, what is no code, a code in a longer text, codes that nobody registered
ODD = ["", "5.1", "550", "nonsense", "550 5.1.1 no such user"]
ODD += ["5.1.99", "4.1.99", "5.9.9", "4.9.9", "5.7.508", "5.2.99"]
STATUSES = ODD + [str(EnhancedStatus(one, *rest)) for one in sorted(CLASSES) for rest in sorted(DETAILS)]
CATEGORIES = ["", "a-word-of-tomorrow"] + [str(category) for category in BounceCategory]
EMAIL_STATUSES = ["", "a-word-of-tomorrow"] + [str(status) for status in EmailStatus]

HEAD = """\
What a bounce means: H hard, s soft, b block, . unknown.
A line is a STATUS, a column a BOUNCE_CAT. Every EMAIL_STATUS gives the same: {}.

"""


def bounce(status, category, email_status):
    """Return a row of which only these three matter."""
    return Bounce(1, "user@example.com", None, None, None, None, status, email_status, category, "")


def lines():
    """Yield the lines of the table. A cell whose kind depends on EMAIL_STATUS would show all of its letters."""
    yield HEAD.format(", ".join(word or "(empty)" for word in EMAIL_STATUSES))
    names = [category or "(empty)" for category in CATEGORIES]
    for number, name in enumerate(names):
        yield "{:24}{}{}\n".format("", "| " * number, name)
    for status in STATUSES:
        cells = [
            "".join(sorted({LETTERS[bounce(status, category, email_status).kind] for email_status in EMAIL_STATUSES}))
            for category in CATEGORIES
        ]
        yield "{:24}{}\n".format(status or "(empty)", " ".join(cells))


if __name__ == "__main__":
    sys.stdout.write("".join(lines()))
