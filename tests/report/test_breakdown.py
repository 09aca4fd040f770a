"""A summary taken apart: the largest first, no row lost where there is no room, our own labels on what has none."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce, summarize
from mailkit_xmlrpc.analysis.counting import merged
from mailkit_xmlrpc.report.breakdown import by_domain, by_time, by_word

DAY = datetime(2024, 3, 1, 8)


def bounce(email="a@example.com", status="5.1.1", date=DAY):
    return Bounce(1, email, None, None, None, date, status, "", "", "")


def test_by_word_exactly():
    """Words are ranked by their rows and then by name; those beyond are one sum, an empty one has a label of ours."""
    summary = summarize([bounce(status=status) for status in ("4.2.2", "4.2.2", "", "5.1.1", "5.7.1")])
    assert by_word(summary, "status", 3) == {
        "4.2.2": {"soft": 2},
        "(none)": {"unknown": 1},
        "5.1.1": {"hard": 1},
        "(1 more)": {"block": 1},
    }
    assert by_word(summary, "status", 9, label=lambda word: word[:1] or "?")["5"] == {"hard": 1, "block": 1}


def test_by_domain_exactly():
    """Domains beyond those that are listed are one sum, by kind."""
    rows = [bounce("a@d{}.example".format(n), status) for n in range(3) for status in ["5.1.1"] * (3 - n) + ["4.2.2"]]
    summary = summarize(rows, top=2)
    assert by_domain(summary, 1) == {
        "d0.example": {"hard": 3, "soft": 1},
        "(2 more)": {"hard": 3, "soft": 2, "block": 0, "unknown": 0},
    }
    assert list(by_domain(summarize(rows), 9)) == ["d0.example", "d1.example", "d2.example"]


def test_by_time_exactly():
    """The last hours or days are listed; those before them are one sum."""
    summary = summarize([bounce(date=DAY + timedelta(hours=10 * n)) for n in range(4)])
    assert by_time(summary, True, 2) == {
        "(before)": {"hard": 2},
        "2024-03-02 04:00": {"hard": 1},
        "2024-03-02 14:00": {"hard": 1},
    }
    assert by_time(summary, False, 2) == {"2024-03-01": {"hard": 2}, "2024-03-02": {"hard": 2}}


words = st.sampled_from(["", "5.1.1", "4.2.2", "(none)", "(1 more)", "(2 more)", "x"])
rows = st.lists(st.builds(bounce, words.map("a@{}".format), words, st.just(DAY)), max_size=12)


@given(rows, st.integers(0, 4))
def test_property_no_row_is_lost(bounces, most):
    """Whatever the words, ours among them, each row is in each table once."""
    summary = summarize(bounces)
    for table in (by_word(summary, "status", most), by_domain(summary, most), by_time(summary, True, 1)):
        assert sum(sum(kinds.values()) for kinds in table.values()) == len(bounces)


def test_merged_loses_nothing():
    """Labels that look like one of ours are added to it."""
    assert merged([("(none)", {"hard": 1}), ("(none)", {"hard": 2, "soft": 1})]) == {"(none)": {"hard": 3, "soft": 1}}
