"""Every line of the fault matrix, over real sockets: the exception, the tries, the time, and that the next call is
unharmed."""

import pytest

from mailkit_xmlrpc import Retry
from mailkit_xmlrpc.simulator.faults import ONLY_XML, known, matrix
from tests.support.observing import answers, observe, snapshot
from tests.support.render_matrix import PAGE, expectation, rows_of

SECONDS = 5.0  # one try may wait so long; an upper bound for a busy machine
SHARE = 4  # as long as this process computes, others may keep it waiting so many times as long


def faults(protocol):
    """All lines."""
    return [line for lines in matrix(answers(protocol)).values() for line in lines]


FAULTS = faults("xmlrpc")
NAMES = [line.name for line in FAULTS]
JSON_FAULTS = faults("json")


def cases():
    """Each line of each protocol with one try and with three.

    Quick are the lines over XML-RPC with three tries, or with one where the client waits for a time-out, and what the
    two protocols read differently. The transport is the same for both, so the rest is slow.
    """
    for protocol in ("xmlrpc", "json"):
        for title, lines in matrix(answers(protocol)).items():
            for line in lines:
                for attempts in (1, 3):
                    quick = protocol == "xmlrpc" and attempts == (1 if "timeout" in line.options else 3)
                    marks = [] if quick or title == "At 200" else [pytest.mark.slow]
                    name = "{}-{}-{}".format(protocol, line.name, attempts)
                    yield pytest.param(protocol, line, attempts, id=name, marks=marks)


def test_names_are_unique():
    """A line of the matrix is found by its name."""
    assert len(set(NAMES)) == len(NAMES) and list(known()) == NAMES


@pytest.mark.parametrize("protocol, line, attempts", list(cases()))
def test_fault_gives_what_the_matrix_says(protocol, line, attempts):
    """The promised outcome in time, as many tries as promised and none hidden; then the same client gets its own
    answer; and nothing in the process has changed."""
    before = snapshot()
    seen = observe(line, None if attempts == 1 else Retry(attempts=attempts, base=0), protocol)
    after = snapshot()
    tries = min(attempts, line.tries)
    assert seen.outcome == line.expected, "{!r}".format(seen.error)
    assert seen.attempts == tries
    assert seen.requests == (0 if line.on_connect else tries)
    assert seen.seconds < SECONDS * tries + SHARE * seen.computing
    assert {name: getattr(seen.error, name) for name in line.attributes} == line.attributes
    assert seen.next_is_own
    assert [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)] == []


def test_few_lines_are_left_out_over_json():
    """Only faults, document types and the like have no line over JSON."""
    names = {line.name for line in JSON_FAULTS}
    left_out = {line.name for line in FAULTS if line.name not in names and line.expected != "FaultError"}
    assert left_out == ONLY_XML
    assert names <= set(NAMES)


def test_page_is_up_to_date():
    """docs/fault_matrix.rst names every fault with what is expected, in order; support.render_matrix writes it."""
    with open(PAGE, encoding="utf-8") as file:
        rows = rows_of(file.read())
    seen = "{}; tries {}, requests {}; next call unharmed"
    assert rows == [
        (line.name, expectation(line), seen.format(line.expected, line.tries, 0 if line.on_connect else line.tries))
        for line in FAULTS
    ]
