"""The end of a plan: it has one temporary file, which no copy shares, and after it there is no way to its rows."""

import copy
import gc
import pickle

import pytest

from mailkit_xmlrpc import Bounce, LocalError, SuppressionPlan, suppressions

ROWS = [Bounce(7, "{}@example.com".format(n), None, None, n, None, "5.1.1", "", "bad-mailbox", "") for n in range(2)]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_plan_cannot_be_duplicated(duplicate):
    """A copy would be a second owner of one file: refused, and the plan goes on."""
    with suppressions(ROWS) as plan:
        with pytest.raises(TypeError, match="cannot be copied or pickled"):
            duplicate(plan)
        gc.collect()
        assert len(list(plan)) == 2


def test_plan_that_never_began():
    """One whose constructor was not run has nothing to let go of."""
    SuppressionPlan.__new__(SuppressionPlan).__del__()


def test_plan_dropped_in_the_middle():
    """Who looks at the first line and drops the rest, before or after the plan, is told of no exception."""
    with suppressions(ROWS) as plan:
        before, after = iter(plan), iter(plan)
        next(before), next(after)
        del before
    del after
    gc.collect()


def test_plan_that_is_closed():
    """A closed plan does not look like an empty one: its rows are refused, and its numbers stay."""
    with suppressions(ROWS) as plan:
        begun = iter(plan)
        assert next(begun).email == "0@example.com"
    for rows in (begun, plan):
        with pytest.raises(LocalError, match="the plan cannot be read: Cannot operate on a closed database") as caught:
            list(rows)
        assert caught.value.__context__ is None
    assert (len(plan), plan.by_kind, plan.rows) == (2, {"hard": 2, "soft": 0}, 2)
