"""Plays the whole fault matrix and writes docs/fault_matrix.rst: what is expected of every fault, and what was
observed.

    python -m tests.support.render_matrix

The tests compare the page's names and expectations with the table (and every observation with its expectation).
"""

import os
import platform
import sys

from mailkit_xmlrpc import Retry
from mailkit_xmlrpc.simulator.faults import matrix
from mailkit_xmlrpc.simulator.faults.lines import STALL_SECONDS
from tests.support.observing import answers, observe

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs", "fault_matrix.rst")

HEAD = """\
The fault matrix
================

.. This page is written by tests/support/render_matrix.py from
   mailkit_xmlrpc/simulator/faults. Do not edit it.

What a network or a server can do wrong, and what comes of it. Every line is played by the simulator, as you can by its
name in your own tests (``docs/testing.rst``), once with ``retry=None`` and once with ``Retry(attempts=3)``, and is a
test in ``tests/wire/test_fault_matrix.py`` on every supported Python. Beside what stands here each test checks that the
call ends in time, that the next call on the same client gets its own answer, that no request is sent behind the
caller's back, and that no global of ``xmlrpc``, ``socket``, ``ssl``, ``http.client``, ``logging``, ``warnings`` and
``signal`` has changed.

Expected
    the exception that leaves the call (see the tree in ``mailkit_xmlrpc/exceptions``), or its rows; then how often
    ``Retry(attempts=3)`` tries, and attributes of the exception.
Observed
    the same when this page was written, on {python}: the outcome, tries, requests that the server saw whole
    in all of them, and whether the next call got its own answer.

Where the server falls silent the client waits with ``timeout={stall}``, where it drips with ``deadline=0.3``.
"""


def expectation(line):
    """The cell of what is expected."""
    attributes = "".join(", {}={!r}".format(name, value) for name, value in sorted(line.attributes.items()))
    return "{}; tries {}{}".format(line.expected, line.tries, attributes).replace("\\", "\\\\").replace("*", "\\*")


def rendered_rows(names, cells):
    """An RST list-table of *cells*, under *names*."""
    out = ["", ".. list-table::", "   :header-rows: 1", "   :widths: 20 35 25 20", ""]
    for row in [names] + cells:
        out.extend("   {} - {}".format("*" if index == 0 else " ", cell) for index, cell in enumerate(row))
    return out


def rendered(observed):
    """The page; *observed* returns the cell of what was observed for a line."""
    python = "{} {}".format(platform.python_implementation(), platform.python_version())
    out = [HEAD.format(python=python, stall=STALL_SECONDS).rstrip()]
    for title, lines in matrix(answers()).items():
        out.extend(["", title, "-" * len(title)])
        cells = [("``{}``".format(line.name), line.does, expectation(line), observed(line)) for line in lines]
        out.extend(rendered_rows(("Fault", "The server", "Expected", "Observed"), cells))
    return "\n".join(out) + "\n"


def rows_of(page):
    """[(name, expected, observed)] of the rows of *page*."""
    lines = page.splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith("   * - ``")]
    return [(lines[index][9:-2], lines[index + 2][7:], lines[index + 3][7:]) for index in starts]


def observed(line):
    """Play *line* with three tries; the cell of what came of it."""
    seen = observe(line, Retry(attempts=3, base=0))
    unharmed = "next call unharmed" if seen.next_is_own else "NEXT CALL HARMED"
    return "{}; tries {}, requests {}; {}".format(seen.outcome, seen.attempts, seen.requests, unharmed)


def main():
    """Write the page."""
    page = rendered(observed)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)
    print("{}: {} faults".format(PAGE, len(rows_of(page))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
