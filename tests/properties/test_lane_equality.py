"""The fast lane and the general decoder give equal rows or the same exception, for every document, in any pieces."""
from random import Random
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fixture_files
import hostile_corpus
import report_documents
import single_documents
from both_lanes import cut, eager, gist, outcome, same, typed
from damage import mutated
from mailkit_xmlrpc import Bounce, _lane, _report

FEW = settings(max_examples=100, suppress_health_check=list(HealthCheck), database=None, deadline=None)
SIZES = (1, 2, 3, 7, 64, 1000, 65536, None)  # bytes of a piece; None is the whole document
MOST_PIECES = 2500  # more of them prove nothing more
SEEDS = 30  # seeded documents of each test; tools/fuzz.py reads as many as one has time for


def sizes(document, smallest=1):
    """The piece sizes at which *document* is read."""
    return [size for size in SIZES if size is None or size >= smallest and len(document) <= size * MOST_PIECES]


def check(document, which, zone=None):
    """Read *document* in pieces of each size of *which*, in both lanes; the last is the largest."""
    results = [(size, cut(document, size), outcome(cut(document, size), False, zone)) for size in which]
    whole = results[-1][-1]
    for size, pieces, general in results:
        assert same(outcome(pieces, True, zone), general, whole), "in pieces of {}".format(size)
        assert gist(general) == gist(whole), "in pieces of {}".format(size)


@pytest.fixture(autouse=True, scope="module")
def lane_that_is_never_too_expensive():
    """However odd these documents are, the lane takes what it can."""
    with mock.patch.multiple(_lane, _START=1 << 30, _MOST=1 << 30):
        yield


FIXTURES = [path for path in fixture_files.paths() if path.suffix != ".json"]
CORPUS = list(hostile_corpus.documents())


@pytest.mark.parametrize("path", FIXTURES, ids=[path.name for path in FIXTURES])
def test_fixture_equal_in_both_lanes(path):
    """Each fixture, in pieces of every size."""
    document = path.read_bytes()
    check(document, sizes(document, 1 if len(document) < 1200 else 3))


@pytest.mark.parametrize("kind", ["ints", "doubles", "booleans", "base64s", "characters", "ids", "dates"])
def test_hostile_values_equal_in_both_lanes(kind):
    """Each small document of the hostile corpus; those that hold a wrong character byte by byte, too."""
    for name, document, _ in getattr(hostile_corpus, kind)():
        check(document, sizes(document, 1 if kind == "characters" else 7))


@pytest.mark.parametrize("kind", ["depths", "tokens", "sizes", "bombs"])
def test_hostile_sizes_equal_in_both_lanes(kind):
    """Each large document of the hostile corpus. In one piece no token is unfinished, so there is nothing to refuse."""
    for name, document, _ in getattr(hostile_corpus, kind)():
        check(document, (65536, 1 << 18) if kind == "tokens" else (65536, 1 << 18, None))


def test_truncations_equal_in_both_lanes():
    """A report cut before any of its bytes is the same error in both lanes, whole and in pieces."""
    for _, document in hostile_corpus.truncations():
        check(document, (64, None))


def test_single_odd_things_equal_in_both_lanes():
    """One odd or fatal thing among plain rows, everywhere it can stand."""
    for number, document in enumerate(single_documents.documents()):
        check(document, ((None,), (64, None), (None,), (None,), (7, None))[number % 5 if number % 3 else 0])


def test_mixed_rows_equal_in_both_lanes():
    """Rows whose kind changes, beginnings that are none, and texts that are not in the encoding that is declared."""
    for make in (single_documents.mixed, single_documents.beginnings, single_documents.encoded):
        for document in make():
            check(document, sizes(document, 7))
            with eager():
                check(document, sizes(document, 64))


def test_errors_behind_rows_equal_in_both_lanes():
    """The number of the row and of the byte in an error are right behind rows that the decoder never saw."""
    for document in single_documents.counted():
        with eager():
            check(document, (300, None))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_generated_documents_equal_in_both_lanes(seed):
    """Reports of all styles, in pieces of every size; with and without a time zone."""
    random = Random("generated {}".format(seed))
    for zone in (None, None, report_documents.EAST):
        document = report_documents.document(random)
        check(document, sizes(document, 1 if len(document) < 1500 else 3), zone)
        with eager():
            check(document, sizes(document, 7), zone)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_mutated_documents_equal_in_both_lanes(seed):
    """The same reports with their bytes damaged: errors are the same ones, in class, text and attributes."""
    random = Random("mutated {}".format(seed))
    document = report_documents.document(random)
    for _ in range(6):
        damaged = mutated(random, document, report_documents.document(random))
        check(damaged, sizes(damaged, random.choice((1, 7)) if len(damaged) < 1500 else 7))
        with eager():
            check(damaged, sizes(damaged, 64))


@FEW
@given(report_documents.documents(), st.sampled_from(SIZES[2:]))
def test_drawn_documents_equal_in_both_lanes(document, size):
    """Whatever hypothesis comes upon."""
    check(document, (size, None))
    with eager():
        check(document, (size, None))


@FEW
@given(report_documents.damaged_documents(), st.sampled_from(SIZES[2:]))
def test_drawn_damaged_documents_equal_in_both_lanes(document, size):
    """Whatever hypothesis comes upon, damaged."""
    with eager():
        check(document, (size, None))


def test_most_generated_rows_go_through_the_fast_lane(monkeypatch):
    """The documents are no waste: most of their rows are plain, and many are not."""
    plain = []
    take = _report.Lane.take

    def counted(self, text, at):
        rows, end = take(self, text, at)
        plain.append(len(rows))
        return rows, end

    monkeypatch.setattr(_report.Lane, "take", counted)
    total = 0
    monkeypatch.setattr(_report, "_FIRST_SPAN", 1)
    for seed in range(200):
        result = outcome([report_documents.document(Random("generated {}".format(seed)))], True)
        total += len(result[1]) if result[0] == "rows" else 0
    assert total > 700
    assert 0.4 * total < sum(plain) < 0.9 * total
    assert sum(1 for count in plain if not count) > 100


def test_outcomes_tell_types_apart():
    """The comparison itself: equal values of other types are other outcomes, and so is anything in ``extra``."""
    assert typed({"a": [1, None]}) == typed({"a": [1, None]})
    for one, other in ((1, True), (1, 1.0), ("", None), ([1], [1.0]), ({"a": 1}, {"a": True}), (b"a", "a")):
        assert typed(one) != typed(other)
    assert set(Bounce.__annotations__) >= {"extra", "date", "id_send"}
