"""The fast path is bounded: in layouts, looks, lengths, time and memory."""

import time
import tracemalloc

import pytest

from mailkit_xmlrpc.protocol.xmlrpc import fast_path
from mailkit_xmlrpc.protocol.xmlrpc.fast_path import MAX_ROW, FastPath
from tests.support.regular_rows import ROW, SPACES, UNIFORM, general, member, row, taken


def test_unknown_members_at_the_limit():
    """A row may have so many of them, whatever their names; one more is too many."""
    unknown = [("M{}".format(number),) for number in range(fast_path._SLOTS + 1)]
    for text in (row(("EMAIL",), *unknown[1:]), row(*unknown[:-1], ("EMAIL",))):
        assert taken(text * 2) == (general(text * 2), 2 * len(text))
    assert taken(row(("EMAIL",), *unknown)) == ([], 0)


def test_one_layout():
    """The white space of the first regular row is that of the report; rows with other white space are not taken."""
    path = FastPath()
    for gap in SPACES[1:]:
        other = row(("EMAIL",), gap=gap)
        assert taken(ROW + other, path=path) == (general(ROW), len(ROW))
        assert taken(ROW + gap + ROW, path=path)[1] == len(ROW + gap + ROW)


def test_untyped_values_where_there_is_white_space_around_tags():
    """There, the white space could be part of the text: such a value is not taken, while the layout stands."""
    path = FastPath()
    text = row(("EMAIL",), gap=" ")
    assert taken(text + row(("EMAIL", "", "a"), gap=" "), path=path) == (general(text), len(text))
    text = row(("EMAIL", "", " a "), gap=" ") * 2
    assert taken(text) == (general(text), len(text))


def test_looks_for_a_layout():
    """It looks at every row that it is given until one has a layout, however many are irregular."""
    irregular = row(("EMAIL", "", "<!---->"))
    path = FastPath()
    for _ in range(50):
        assert taken(irregular, path=path) == ([], 0)
    assert taken(ROW, path=path)[1] == len(ROW)


def test_nothing_is_looked_at_before_the_end_of_a_row_is_there():
    """Pieces without the end of a row have no layout."""
    path = FastPath()
    assert taken(ROW[:-20], path=path) == ([], 0)
    assert taken(ROW, path=path)[1] == len(ROW)


def test_white_space_at_the_limit():
    """A layout may have so much white space in all; more would be dear to compile."""
    most = fast_path._MAX_BLANKS
    for text, end in ((" " * most, True), (" " * (most + 1), False)):
        longer = ROW.replace("<struct>", "<struct>" + text)
        assert taken(longer) == ((general(longer), len(longer)) if end else ([], 0))


def test_end_beyond_which_nothing_is_taken():
    """A row that goes on behind the end it is told is not taken."""
    data = (ROW * 3).encode("ascii")
    for end in (3 * len(ROW) - 1, 2 * len(ROW) + 1, 2 * len(ROW)):
        rows, at = FastPath().rows(data, 0, end)
        assert (len(rows), at) == (2, 2 * len(ROW))


def test_long_rows():
    """A row that does not end within so many bytes is not taken, whatever it consists of."""
    short, long = row(("EMAIL",), ("X",)), row(("EMAIL",), ("X", "string", "x" * MAX_ROW))
    assert taken(short + long + short)[1] == len(short + long + short)
    for text in (
        row(("EMAIL", "string", "x" * MAX_ROW), ("X",), ("Y",)),
        row(("EMAIL", "string", "x" * MAX_ROW)),
        " " * MAX_ROW + short,
        short.replace("</struct>", "</struct>" + " " * MAX_ROW),
        short.replace("<struct>", "<struct>" + " " * MAX_ROW),
        row(("EMAIL", "", " " * MAX_ROW + "<nil/>")),
        row(("EMAIL",), " " * MAX_ROW),
        row(("EMAIL",), " " * MAX_ROW, ("X",)),
        row(("EMAIL",), *[("M{}".format(n),) for n in range(5000)]),
    ):
        assert taken(text) == ([], 0)


def test_expressions_are_compiled_once():
    """The layout of one report is that of the next one."""
    patterns = (fast_path._row_pattern, fast_path._uniform_pattern)
    for pattern in patterns:
        pattern.cache_clear()
    for _ in range(3):
        assert taken(row(*UNIFORM))[1] == len(row(*UNIFORM))
    assert [pattern.cache_info().misses for pattern in patterns] == [1, 1]


@pytest.mark.parametrize(
    "text",
    [
        row(("EMAIL", "string", "&lt;" * 50000))[:-1],
        row(("EMAIL", "", "&#65;" * 50000))[:-20],
        "<value>" + " " * 300000,
        row(("EMAIL", "", " " * 300000 + "<"))[:-1],
        row(("EMAIL", "", " " * 300000 + "<nil/>x")),
        " " * 300000,
        "<value><struct><member>" * 10000,
        row(("EMAIL",), " " * 300000, "x"),
        row(("EMAIL",), *[member("X")] * 4000) + "x",
    ],
    ids=range(9),
)
def test_linear(text):
    """What almost is a row, to its very end, takes no longer than looking through it a few times."""
    regular = row(("EMAIL",))
    begun = time.process_time()
    assert taken(regular * 3 + text)[1] == 3 * len(regular)
    assert time.process_time() - begun < 2  # seconds of CPU; what is not linear takes minutes


def test_memory():
    """Looking at a text of many references takes memory; as much as a piece is of them, it is bearable."""
    text = row(("EMAIL", "string", "&lt;" * (1 << 15)))  # two pieces: one may be held back
    path = FastPath()
    taken(ROW, 0, path)
    tracemalloc.start()
    taken(text, 0, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
