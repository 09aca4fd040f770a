"""The plots of the page: every row is in a bar, bars are as long as they should be, time has few labels."""

from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc.report.breakdown import KINDS
from mailkit_xmlrpc.report.charts import Bar, Part, Tick, bars, ticks


def test_bars_exactly():
    """Parts lie one behind the other, in percent of the largest bar; no rows are no part."""
    table = {"a": {"soft": 30, "hard": 10}, "x" * 61: {"unknown": 1}, "": {}}
    assert bars(table) == [
        Bar("a", 40, [Part("hard", 0.0, 25.0), Part("soft", 25.0, 75.0)]),
        Bar("x" * 59 + "\u2026", 1, [Part("unknown", 0.0, 2.5)]),
        Bar("", 0, []),
    ]


@given(st.dictionaries(st.text(max_size=40), st.dictionaries(st.sampled_from(KINDS), st.integers(0, 10**9))))
def test_property_bars_fit(table):
    """Whatever the numbers, each bar counts its rows and none is longer than the largest, which fills the width."""
    found = bars(table)
    assert [bar.rows for bar in found] == [sum(kinds.values()) for kinds in table.values()]
    ends = [bar.parts[-1].start + bar.parts[-1].length if bar.parts else 0 for bar in found]
    assert all(end <= 100.02 for end in ends)
    assert not any(ends) or abs(max(ends) - 100) <= 0.02


def test_ticks():
    """The first bar, the one in the middle and the last are labelled, as far as there are so many."""
    times = ["day {}".format(number) for number in range(1, 5)]
    first, last = Tick("day 1", 0.0, "start"), Tick("day 4", 100.0, "end")
    assert ticks(dict.fromkeys(times, {})) == [first, Tick("day 3", 62.5, "middle"), last]
    assert ticks({"day 1": {}, "day 4": {}}) == [first, last]
    assert ticks({"day 1": {}}) == [first]
    assert ticks({}) == []
