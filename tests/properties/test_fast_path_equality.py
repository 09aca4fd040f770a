"""The fast path and the general decoder give equal rows or the same exception, for every document, in any pieces."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.protocol.xmlrpc.fast_path import FastPath
from tests.support import fixture_files, hostile_corpus, report_documents, serialised_documents, single_documents
from tests.support.both_paths import cut, eager, gist, outcome, same, tireless, typed
from tests.support.damage import mutated
from tests.support.length import examples, some

FEW = settings(max_examples=examples(100), suppress_health_check=list(HealthCheck))
SIZES = (1, 2, 3, 7, 64, 1000, 65536, None)  # bytes of a piece; None is the whole document
MOST_PIECES = 2500  # more of them prove nothing more
SEEDS = examples(30)  # seeded documents of each test; tools/fuzz.py reads as many as one has time for


def sizes(document, smallest=1):
    """The piece sizes at which *document* is read."""
    return [size for size in SIZES if size is None or size >= smallest and len(document) <= size * MOST_PIECES]


def check(document, which, zone=None):
    """Read *document* in pieces of each size of *which*, in both paths; the last is the largest."""
    results = [(size, cut(document, size), outcome(cut(document, size), False, zone)) for size in which]
    whole = results[-1][-1]
    for size, pieces, general in results:
        assert same(outcome(pieces, True, zone), general, whole), "in pieces of {}".format(size)
        assert gist(general) == gist(whole), "in pieces of {}".format(size)


@pytest.fixture(autouse=True, scope="module")
def fast_path_that_is_never_too_expensive():
    """However irregular these documents are, the fast path takes what it can."""
    with tireless():
        yield


FIXTURES = [path for path in fixture_files.paths() if path.suffix != ".json"]
CORPUS = list(hostile_corpus.documents())


@pytest.mark.parametrize("path", FIXTURES, ids=[path.name for path in FIXTURES])
def test_fixture_equal_in_both_paths(path):
    """Each fixture, in pieces of every size."""
    document = path.read_bytes()
    check(document, sizes(document, 1 if len(document) < 1200 else 3))


@pytest.mark.parametrize("kind", ["ints", "doubles", "booleans", "base64s", "characters", "ids", "dates"])
def test_hostile_values_equal_in_both_paths(kind):
    """Each small document of the hostile corpus; those that hold a wrong character byte by byte, too."""
    for name, document, _ in getattr(hostile_corpus, kind)():
        check(document, sizes(document, 1 if kind == "characters" else 7))


@pytest.mark.parametrize("kind", ["depths", "tokens", "sizes", "bombs"])
def test_hostile_sizes_equal_in_both_paths(kind):
    """Each large document of the hostile corpus. In one piece no token is unfinished, so there is nothing to refuse."""
    for name, document, _ in getattr(hostile_corpus, kind)():
        check(document, (65536, 1 << 18) if kind == "tokens" else (65536, 1 << 18, None))


def test_truncations_equal_in_both_paths():
    """A report cut before any of its bytes is the same error in both paths, whole and in pieces."""
    for _, document in some(hostile_corpus.truncations()):
        check(document, (64, None))


def test_single_irregular_things_equal_in_both_paths():
    """One irregular or fatal thing among regular rows, everywhere it can stand."""
    for number, document in enumerate(some(single_documents.documents())):
        check(document, ((None,), (64, None), (None,), (None,), (7, None))[number % 5 if number % 3 else 0])


def test_mixed_rows_equal_in_both_paths():
    """Rows whose kind changes, beginnings that are none, and texts that are not in the encoding that is declared."""
    for make in (
        single_documents.mixed,
        single_documents.beginnings,
        single_documents.encoded,
        single_documents.uniform,
    ):
        for document in some(make(), 3):
            check(document, sizes(document, 7))
            with eager():
                check(document, sizes(document, 64))


def test_errors_behind_rows_equal_in_both_paths():
    """The number of the row and of the byte in an error are right behind rows that the decoder never saw."""
    for document in single_documents.counted():
        with eager():
            check(document, (300, None))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_generated_documents_equal_in_both_paths(seed):
    """Reports of all styles, in pieces of every size; with and without a time zone."""
    random = Random("generated {}".format(seed))
    for zone in (None, None, report_documents.EAST):
        document = report_documents.document(random)
        check(document, sizes(document, 1 if len(document) < 1500 else 3), zone)
        with eager():
            check(document, sizes(document, 7), zone)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_mutated_documents_equal_in_both_paths(seed):
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
def test_drawn_documents_equal_in_both_paths(document, size):
    """Whatever hypothesis comes upon."""
    check(document, (size, None))
    with eager():
        check(document, (size, None))


@FEW
@given(report_documents.damaged_documents(), st.sampled_from(SIZES[2:]))
def test_drawn_damaged_documents_equal_in_both_paths(document, size):
    """Whatever hypothesis comes upon, damaged."""
    with eager():
        check(document, (size, None))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_serialised_documents_equal_in_both_paths(seed):
    """Rows as other people's serialisers write them, some changed, some damaged."""
    random = Random("serialised {}".format(seed))
    for _ in range(4):
        document = serialised_documents.document(random)
        if not random.randrange(4):
            document = mutated(random, document)
        check(document, (random.choice((64, 500, 3000)), None))
        with eager():
            check(document, (500, None))


@pytest.mark.parametrize("source", [report_documents, serialised_documents], ids=["generated", "serialised"])
def test_most_generated_rows_go_by_the_fast_path(source, monkeypatch):
    """The documents are no waste: most of their rows are regular, and many are not."""
    regular = []
    take = FastPath.rows

    def counted(self, *args):
        rows, end = take(self, *args)
        regular.append(len(rows))
        return rows, end

    monkeypatch.setattr(FastPath, "rows", counted)
    total = 0
    for seed in range(200):
        result = outcome([source.document(Random("generated {}".format(seed)))], True)
        total += len(result[1]) if result[0] == "rows" else 0
    assert total > 500
    assert 0.3 * total < sum(regular) < 0.9 * total
    assert sum(1 for count in regular if not count) > 100


def test_outcomes_tell_types_apart():
    """The comparison itself: equal values of other types are other outcomes, and so is anything in ``extra``."""
    assert typed({"a": [1, None]}) == typed({"a": [1, None]})
    for one, other in ((1, True), (1, 1.0), ("", None), ([1], [1.0]), ({"a": 1}, {"a": True}), (b"a", "a")):
        assert typed(one) != typed(other)
    assert set(Bounce.__annotations__) >= {"extra", "date", "id_send"}
