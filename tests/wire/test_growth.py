"""Memory and time by doubling, at each stage of a receipt. tools/growth.py measures more: seconds, too, and what is
held in memory."""

import pytest

from tests.support.growing_answers import CASES, CONSTANT, SHORT_CASES
from tests.support.growth import BASE, CHANCE, measured

CONSTANT_CASES = [case for case in CASES if case[0].memory == CONSTANT]


def name(case):
    """The name of a test."""
    return "{0.protocol}, {0.name}; {1}".format(*case)


@pytest.mark.slow
@pytest.mark.parametrize("case", CONSTANT_CASES, ids=name)
def test_memory_is_constant(case):
    """Twice the bytes take as much memory, and mean the same."""
    (before, _, _, one), (after, _, _, other) = measured(*case, sizes=(5000000, 10000000))
    assert one.split()[-1] == other.split()[-1]
    assert after - before < CHANCE
    assert after < BASE


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES + SHORT_CASES, ids=name)
def test_steps_are_linear(case):
    """Four times the bytes take no more than four times the lines, and some."""
    for _ in range(3):  # chance decides in how many pieces they come: each costs some lines
        (_, _, before, _), (_, _, after, _) = measured(*case, sizes=(50000, 200000), counting=True)
        if after < 4.5 * before + 1000:
            return
    assert after < 4.5 * before + 1000
