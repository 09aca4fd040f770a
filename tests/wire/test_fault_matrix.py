"""Every line of the fault matrix, over real sockets: the exception, the tries, the time, and that the next call is
unharmed."""
import pytest
import fault_matrix_json
from fault_matrix import FAULTS
from observing import observe, snapshot
from render_matrix import PAGE, expectation, rows_of

from mailkit_xmlrpc import Retry

NAMES = [line.name for line in FAULTS]


def test_names_are_unique():
    """A line of the matrix is found by its name."""
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("line", FAULTS, ids=NAMES)
def test_fault_gives_what_the_matrix_says(line, attempts):
    """The promised outcome in time, as many tries as promised and none hidden; then the same client gets its own
    answer; and nothing in the process has changed."""
    check(line, attempts, "xmlrpc")


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("line", fault_matrix_json.FAULTS, ids=[line.name for line in fault_matrix_json.FAULTS])
def test_fault_over_json_gives_what_the_matrix_says(line, attempts):
    """The same over the JSON form, but for what only XML has."""
    check(line, attempts, "json")


def test_few_lines_are_left_out_over_json():
    """Only faults, document types and the like have no line over JSON."""
    names = {line.name for line in fault_matrix_json.FAULTS}
    left_out = {line.name for line in FAULTS if line.name not in names and line.expected != "FaultError"}
    assert left_out == fault_matrix_json.ONLY_XML
    assert names <= set(NAMES)


def check(line, attempts, protocol):
    before = snapshot()
    seen = observe(line, None if attempts == 1 else Retry(attempts=attempts, base=0), protocol)
    after = snapshot()
    tries = min(attempts, line.tries)
    assert seen.outcome == line.expected, "{!r}".format(seen.error)
    assert seen.attempts == tries
    assert seen.requests == tries * line.seen
    assert seen.seconds < line.seconds * tries
    assert {name: getattr(seen.error, name) for name in line.attributes} == line.attributes
    assert seen.next_is_own
    assert [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)] == []


def test_page_is_up_to_date():
    """docs/fault_matrix.rst names every fault with what is expected, in order; ``render_matrix.py`` writes it anew."""
    with open(PAGE, encoding="utf-8") as file:
        rows = rows_of(file.read())
    seen = "{}; tries {}, requests {}; next call unharmed"
    assert rows == [
        (line.name, expectation(line), seen.format(line.expected, line.tries, line.tries * line.seen))
        for line in FAULTS
    ]
