"""Retry as a value: what it takes, how long it pauses. (How calls are repeated on the wire is tested there.)"""

import copy
import pickle
import time
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import ConfigurationError, Retry

HUGE = 10**400


def test_defaults():
    """Three tries, half a second, at most twenty; the system's clock and sleep."""
    retry = Retry()
    assert (retry.attempts, retry.base, retry.cap) == (3, 0.5, 20.0)
    assert retry.clock is time.monotonic
    assert retry.sleep is time.sleep


def test_it_is_a_value():
    """It compares, hashes, prints, copies and pickles by its numbers, and cannot be changed."""
    retry = Retry(2, 0.1, 5)
    assert retry == Retry(attempts=2, base=0.1, cap=5.0) != Retry()
    assert hash(retry) == hash(Retry(2, 0.1, 5))
    assert repr(Retry()) == "Retry(attempts=3, base=0.5, cap=20.0)"
    assert copy.copy(retry) == copy.deepcopy(retry) == retry
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(retry, protocol)) == retry
    with pytest.raises(FrozenInstanceError):
        retry.attempts = 5


@pytest.mark.parametrize("attempts", [1, 2, 1000, HUGE], ids=lambda value: str(value)[:6])
def test_attempts_good(attempts):
    """One try is allowed, and so is any number."""
    assert Retry(attempts=attempts).attempts == attempts


@pytest.mark.parametrize(
    "attempts", [0, -1, -HUGE, True, False, 1.0, 2.5, float("nan"), "3", None, [3]], ids=lambda value: str(value)[:6]
)
def test_attempts_bad(attempts):
    """Tries are counted in whole numbers from 1."""
    with pytest.raises(ConfigurationError) as caught:
        Retry(attempts=attempts)
    assert str(caught.value) == "Retry: attempts must be an int of at least 1"


@pytest.mark.parametrize("name", ["base", "cap"])
@pytest.mark.parametrize("value", [0, 0.0, 0.001, 1, 86400])
def test_seconds_good(name, value):
    """A pause of nothing is allowed, and one of a day."""
    assert getattr(Retry(**{name: value}), name) == value


@pytest.mark.parametrize("name", ["base", "cap"])
@pytest.mark.parametrize(
    "value",
    [-1, -0.001, 86401, HUGE, -HUGE, True, False, "1", None, float("nan"), float("inf"), float("-inf"), 1j, [1]],
    ids=lambda value: str(value)[:6],
)
def test_seconds_bad(name, value):
    """What is no length of time up to a day is refused, by the name of the argument."""
    with pytest.raises(ConfigurationError) as caught:
        Retry(**{name: value})
    assert str(caught.value) == "Retry: {} must be a number of seconds from 0 to 86400".format(name)


@pytest.mark.parametrize(
    "tries, longest",
    [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (6, 16.0), (7, 20.0), (60, 20.0), (HUGE, 20.0)],
    ids=lambda value: str(value)[:6],
)
def test_pause_doubles_up_to_the_cap(tries, longest):
    """Before the next try passes at most base * 2**(tries - 1), and at most cap."""
    assert Retry(attempts=HUGE, random=lambda: 1.0).pause(tries) == longest
    assert Retry(attempts=HUGE, random=lambda: 0.0).pause(tries) == 0.0


def test_pause_is_spread_over_all_of_it():
    """Full jitter: the random number scales the whole pause, so that many clients do not come back together."""
    assert Retry(base=4.0, random=lambda: 0.25).pause(2) == 2.0


def test_cap_below_base():
    """The cap rules from the first pause on."""
    assert Retry(base=10.0, cap=1.0, random=lambda: 1.0).pause(1) == 1.0


@given(
    base=st.floats(0, 86400),
    cap=st.floats(0, 86400),
    random=st.floats(0, 1, exclude_max=True),
    tries=st.integers(1, 10**9),
)
def test_pause_is_never_below_zero_nor_above_the_cap(base, cap, random, tries):
    """Whatever the numbers, the pause lies between 0 and cap."""
    assert 0 <= Retry(base=base, cap=cap, random=lambda: random).pause(tries) <= cap


@pytest.mark.parametrize("asked", [0.0, 0.5, 3600.0])
def test_retry_after_counts_instead(asked):
    """What the server asks for is neither spread nor cut."""
    assert Retry(cap=1.0, random=lambda: 0.5).pause(3, asked) == asked


def test_random_is_spread():
    """The default random number is from 0 up to 1, and not always the same."""
    numbers = [Retry().random() for _ in range(100)]
    assert all(0 <= number < 1 for number in numbers)
    assert max(numbers) - min(numbers) > 0.5
