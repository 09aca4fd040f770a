"""The numbers of a summary: exact, complete whatever is sent, bounded; and when a hint is given."""

import copy
import pickle
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce, BounceKind, Combination, ConfigurationError, Rules, summarize
from mailkit_xmlrpc.analysis import summary
from mailkit_xmlrpc.analysis.summary import OTHER


def bounce(
    email="a@example.com",
    status="5.1.1",
    category="bad-mailbox",
    email_status="permanent",
    date=None,
    reason="",
    id_send=123456,
):
    return Bounce(id_send, email, None, None, None, date, status, email_status, category, reason)


ROWS = [
    bounce(date=datetime(2024, 3, 1, 9, 59, 59), reason="first@example.com unknown\r\nsecond line"),
    bounce("b@EXAMPLE.com.", "5.1.1", date=datetime(2024, 3, 1, 10, 0), reason="another"),
    bounce("c@example.org", "4.2.2", "full-mailbox", "temporary", datetime(2024, 3, 2, 10, 0)),
    bounce("d@example.org", "5.7.1", "spam-related", "enabled", None, id_send=123457),
    bounce("nobody", "", "", "", datetime(2024, 3, 1, 9, 0, tzinfo=timezone.utc)),
]


def test_numbers_exactly():
    """Each number of a small report, counted by hand."""
    result = summarize(ROWS, sent=1000)
    assert (result.bounces, result.sent, result.undated) == (5, 1000, 1)
    assert result.by_delivery == {123456: 4, 123457: 1}
    assert list(result.by_kind.items()) == [("hard", 2), ("soft", 1), ("block", 1), ("unknown", 1)]
    assert list(result.by_category.items()) == [("bad-mailbox", 2), ("", 1), ("full-mailbox", 1), ("spam-related", 1)]
    assert list(result.by_status.items()) == [("5.1.1", 2), ("", 1), ("4.2.2", 1), ("5.7.1", 1)]
    assert list(result.by_email_status.items()) == [("permanent", 2), ("", 1), ("enabled", 1), ("temporary", 1)]
    assert list(result.by_hour.items()) == [("2024-03-01T09", 2), ("2024-03-01T10", 1), ("2024-03-02T10", 1)]
    assert list(result.by_day.items()) == [("2024-03-01", 3), ("2024-03-02", 1)]
    assert result.kinds_by_day == {"2024-03-01": {"hard": 2, "unknown": 1}, "2024-03-02": {"soft": 1}}
    assert result.hints == []


def test_domains_exactly():
    """Domains are told in lower case, the worst first, with their kinds and typical reasons."""
    result = summarize(ROWS)
    assert [(domain.domain, domain.bounces) for domain in result.domains] == [
        ("example.com", 2),
        ("example.org", 2),
        ("", 1),
    ]
    assert result.domains[0].by_kind == {"hard": 2}
    assert result.domains[0].reasons == [
        Combination(BounceKind.HARD, "bad-mailbox", "5.1.1", "permanent", 2, "<address> unknown\\r\\nsecond line")
    ]
    assert [reason.bounces for reason in result.domains[1].reasons] == [1, 1]


def test_domains_beyond_the_top_are_a_sum():
    """What is not among the top is in the rest; nothing is lost."""
    result = summarize(ROWS, top=1)
    assert [domain.domain for domain in result.domains] == ["example.com"]
    assert (result.domain_count, result.other_domains) == (3, 3)
    assert summarize(ROWS, top=0).other_domains == 5


def test_empty_report():
    """No rows are a summary of zeros."""
    result = summarize([], sent=10)
    assert (result.bounces, result.domains, result.hints, result.by_category) == (0, [], [], {})
    assert result.by_kind == {"hard": 0, "soft": 0, "block": 0, "unknown": 0}
    assert result.share(0) == 0.0


def test_share():
    """A share is a part of what was sent, and None where that is not known."""
    assert summarize(ROWS, sent=50).share(5) == 0.1
    assert summarize(ROWS).share(5) is None


def test_rules_are_the_callers():
    """Kinds are by the rules given."""
    assert summarize(ROWS, rules=Rules({"bad-mailbox": None}, {"5.1.1": None})).by_kind["hard"] == 0


@pytest.mark.parametrize(
    "options", [{"sent": 0}, {"sent": -1}, {"sent": 1.5}, {"sent": True}, {"top": -1}, {"top": None}]
)
def test_arguments_that_cannot_be(options):
    """What cannot be a number of messages or of domains is the caller's mistake."""
    with pytest.raises(ConfigurationError, match="must be an integer of at least"):
        summarize([], **options)


def test_rules_that_are_none():
    """Rules are the package's own, which None are not."""
    with pytest.raises(ConfigurationError, match="rules must be Rules"):
        summarize([], rules=None)


texts = st.sampled_from(["", "5.1.1", "4.2.2", "bad-mailbox", "@", "a@b", "x@Example.COM", OTHER]) | st.text(max_size=8)
rows = st.builds(bounce, texts, texts, texts, texts, st.none() | st.datetimes(), texts, st.integers(1, 3))


@given(st.lists(rows, max_size=30), st.integers(0, 5))
def test_every_row_is_counted_once_everywhere(bounces, top):
    """Whatever is in the rows, each is counted exactly once in every table."""
    result = summarize(bounces, top=top)
    for table in (
        result.by_delivery,
        result.by_kind,
        result.by_category,
        result.by_status,
        result.by_email_status,
    ):
        assert sum(table.values()) == len(bounces)
    assert sum(result.by_hour.values()) + result.undated == len(bounces)
    assert sum(result.by_day.values()) + result.undated == len(bounces)
    assert sum(domain.bounces for domain in result.domains) + result.other_domains == len(bounces)
    assert sum(combination.bounces for combination in result.combinations) == len(bounces)
    for domain in result.domains:
        assert sum(domain.by_kind.values()) == domain.bounces


@given(st.lists(rows, max_size=20))
def test_order_of_rows_changes_no_number(bounces):
    """The same rows in another order give the same summary, but for the example of a reason."""

    def without_examples(result):
        return [combination[:5] for combination in result.combinations], result.by_kind, result.by_hour, result.hints

    assert without_examples(summarize(bounces)) == without_examples(summarize(reversed(bounces)))


def test_words_without_end_are_bounded(monkeypatch):
    """Statuses and hours without end, as a hostile report may have, end up in a sum: the memory stays small."""
    monkeypatch.setattr(summary, "_MAX_COMBINATIONS", 3)
    monkeypatch.setattr(summary, "_MAX_HOURS", 2)
    bounces = [bounce(status="5.1.1 {}".format(n), date=datetime(2024, 3, n, 9)) for n in range(1, 11)]
    result = summarize(bounces)
    assert result.by_status == {OTHER: 7, "5.1.1 1": 1, "5.1.1 2": 1, "5.1.1 3": 1}
    assert result.by_kind["hard"] == 10
    assert result.by_hour == {OTHER: 8, "2024-03-01T09": 1, "2024-03-02T09": 1}
    assert result.by_day[OTHER] == 8


def test_words_of_any_length_are_bounded():
    """A word that is prose is cut: memory keeps no long text of strangers, and nothing is lost of the numbers."""
    bounces = [bounce(status="5.1.1 " + "x" * 1000, category="y" * 200, email_status="z" * 160) for _ in range(2)]
    result = summarize(bounces)
    ((status, number),) = result.by_status.items()
    assert (len(status), status[-4:], number, result.by_kind["hard"]) == (160, "x...", 2, 2)
    assert len(result.combinations[0].bounce_cat) == len(result.combinations[0].email_status) == 160


def test_hint_where_one_domain_dominates():
    """More than half of at least 20 bounces at one domain is worth a look, and half is not."""
    here = [bounce("a@example.com", "5.7.1", "") for _ in range(20)]
    there = [bounce("a@example.org", "5.7.1", "") for _ in range(20)]
    assert summarize(here + there).hints == []
    assert summarize(here).hints == []
    assert summarize(here + there[:19]).hints == [
        "More than half of all bounces (20 of 39) are at one domain, example.com. That provider may have had an "
        "outage, or it refuses your mail."
    ]
    assert summarize(here[:19] + there[:1]).hints == []


def test_hint_where_one_domain_dominates_the_hard_ones():
    """Hard bounces that are mostly at one domain may be an outage: the hint says what to do."""
    bounces = [bounce("a@\x1b[31m.example") for _ in range(20)]
    bounces += [bounce("a@example.org", "4.2.2", "") for _ in range(30)]
    assert summarize(bounces).hints == [
        "More than half of all bounces (30 of 50) are at one domain, example.org. That provider may have had an "
        "outage, or it refuses your mail.",
        "More than half of all hard bounces (20 of 20) are at one domain, \\x1b[31m.example. When a provider has an "
        "outage, good addresses may be reported as unknown. Look at these bounces before you stop mailing the "
        "addresses. You can leave out a time at a domain.",
    ]


def test_hint_names_the_missing_domain():
    """Rows without a domain are told as such."""
    bounces = [bounce("nobody", "5.7.1", "") for _ in range(20)] + [bounce("a@example.org", "5.7.1", "")]
    assert "at one domain, (none)." in summarize(bounces).hints[0]


def test_hint_where_one_hour_dominates(monkeypatch):
    """More than half of the dated bounces in one of several hours is worth a look."""
    bounces = [bounce(status="5.7.1", category="", date=datetime(2024, 3, 1, 9, minute)) for minute in range(20)]
    assert summarize(bounces).hints == []
    bounces.append(bounce(status="5.7.1", category="", date=datetime(2024, 3, 1, 10)))
    assert summarize(bounces).hints == [
        "More than half of all bounces with a date (20 of 21) came back in one hour, 2024-03-01 09:00. This is usual "
        "right after sending. At another time it points to an incident."
    ]
    monkeypatch.setattr(summary, "_MAX_HOURS", 1)
    assert summarize(reversed(bounces)).hints == []  # the sum of what did not fit is no hour


def test_hint_is_a_text():
    """A hint knows its parts, for translations; it is pickled and copied as the text that it is."""
    (hint,) = summarize(ROWS, sent=4).hints
    assert hint.template == hint and hint.values == {}
    assert pickle.loads(pickle.dumps(hint)) == hint and type(copy.copy(hint)) is str


def test_hint_where_more_came_back_than_went_out():
    """A share above 100 % is said to be wrong."""
    assert "number of messages sent is wrong" in summarize(ROWS, sent=4).hints[0]
    assert summarize(ROWS, sent=5).hints == []
