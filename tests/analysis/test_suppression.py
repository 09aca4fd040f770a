"""Plans of suppression: who is in one and why, what never puts anybody in, the guard, the windows, the spill."""

import builtins
import gc
import pickle
import sqlite3
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import (
    Bounce,
    BounceKind,
    ConfigurationError,
    LocalError,
    MailkitError,
    PlanRefusedError,
    Rules,
    Suppression,
    Window,
    suppressions,
)
from mailkit_xmlrpc.analysis import suppression
from tests.support.full_database import full_database

DAY = datetime(2024, 3, 1)
HARD, SOFT, BLOCK = ("5.1.1", "bad-mailbox"), ("4.2.2", "full-mailbox"), ("5.7.1", "spam-related")
_next = iter(range(1000, 10**9))


def bounce(email, what=HARD, date=DAY, message=0, **fields):
    """A row; each has a message of its own, unless one is given (None: without)."""
    message = next(_next) if message == 0 else message
    return Bounce(123456, email, fields.get("id_email"), None, message, date, what[0], "permanent", what[1], "")


def soft(email, *days, **fields):
    return [bounce(email, SOFT, DAY + timedelta(days=day), **fields) for day in days]


def planned(rows, **options):
    """The addresses of a plan."""
    with suppressions(rows, **options) as plan:
        found = [entry.email for entry in plan]
        assert len(found) == len(plan)
        return found


def test_hard_suffices_once():
    """One HARD bounce puts an address into the plan, and the plan says all about it."""
    with suppressions([bounce("a@Example.com", id_email=7), bounce("b@example.com", BLOCK)]) as plan:
        assert (
            list(plan)
            == list(plan)
            == [
                Suppression(
                    "a@Example.com",
                    7,
                    BounceKind.HARD,
                    "hard: BOUNCE_CAT bad-mailbox means hard, and STATUS 5.1.1 (no such mailbox) agrees.",
                    1,
                    DAY,
                    DAY,
                    "5.1.1",
                    "bad-mailbox",
                )
            ]
        )
        assert (plan.rows, plan.by_kind) == (2, {"hard": 1, "soft": 0})


def test_soft_needs_a_number_within_a_time():
    """Three different messages within 30 days suffice, to the second; two do not, nor three within longer."""
    assert planned(soft("a@example.com", 0, 30)) == []
    assert planned(soft("a@example.com", 0, 15, 30)) == ["a@example.com"]
    assert planned(soft("a@example.com", 0, 15, 30.00002)) == []
    assert planned(soft("a@example.com", 0, 40, 60, 69)) == ["a@example.com"]
    assert planned(soft("a@example.com", 0, 1), soft_count=2, soft_within=timedelta(days=1)) == ["a@example.com"]
    assert planned(soft("a@example.com", *range(30)), soft_count=None) == []


def test_soft_says_why():
    """The reason of a soft one tells the number, the time, and what the last one was."""
    with suppressions(soft("a@example.com", 2, 0, 1)) as plan:
        (entry,) = plan
    assert entry.kind is BounceKind.SOFT
    assert entry.why == (
        "3 messages came back soft within 30 days; of the last: soft: BOUNCE_CAT full-mailbox means soft, and STATUS "
        "4.2.2 (the mailbox is full) agrees."
    )
    assert (entry.bounces, entry.first, entry.last) == (3, DAY, DAY + timedelta(days=2))


def test_soft_why_one_day():
    """One day is one day."""
    with suppressions(soft("a@example.com", 0), soft_count=1, soft_within=timedelta(days=1)) as plan:
        assert "within 1 day;" in next(iter(plan)).why


def test_same_message_counts_once():
    """A report that was fetched three times holds no more bounces than one."""
    rows = soft("a@example.com", 0, 1, message=5) + soft("a@example.com", 2, message=6)
    assert planned(rows * 3) == []
    assert planned(rows + soft("a@example.com", 3, message=7)) == ["a@example.com"]


def test_same_row_without_message_counts_once():
    """Without ID_SEND_MESSAGE the row itself tells whether it is the same."""
    rows = soft("a@example.com", 0, 1, message=None)
    assert planned(rows * 2) == []
    assert planned(rows + soft("a@example.com", 2, message=None)) == ["a@example.com"]


def test_same_row_is_counted_once_in_the_entry():
    """bounces counts different rows."""
    row = bounce("a@example.com")
    with suppressions([row, row, bounce("a@example.com", SOFT)]) as plan:
        assert next(iter(plan)).bounces == 2


def test_soft_without_date_counts_for_nothing():
    """Without a date nothing can be within a time; the plan says how many there were."""
    rows = [bounce("a@example.com", SOFT, None) for _ in range(9)] + [bounce("b@example.com", HARD, None)]
    with suppressions(rows) as plan:
        assert [entry.email for entry in plan] == ["b@example.com"]
        assert plan.undated == 9
        assert next(iter(plan)).first is None


def test_block_and_unknown_never_suppress():
    """Any number of refusals of the sender, and of bounces that say nothing, leave an address alone."""
    assert planned([bounce("a@example.com", BLOCK) for _ in range(50)] + [bounce("b@example.com", ("", ""))] * 50) == []


def test_rules_are_the_callers():
    """What counts as HARD is by the rules given, and so is the reason."""
    rules = Rules(statuses={"5.7.*": BounceKind.HARD, "5.1.1": None}, categories={"spam-related": None})
    with suppressions([bounce("a@example.com", BLOCK)], rules=rules) as plan:
        assert next(iter(plan)).why.startswith("hard: STATUS 5.7.1")


def test_addresses_differ_by_local_part_only():
    """The case of a domain means nothing, that of a local part may."""
    rows = soft("A@example.com", 0) + soft("A@EXAMPLE.com", 1) + soft("a@example.com", 2)
    assert planned(rows) == []
    assert planned(rows + soft("A@Example.com", 2)) == ["A@Example.com"]


def test_row_without_address_is_told():
    """A row that names nobody suppresses nobody."""
    with suppressions([bounce(""), bounce("", BLOCK)]) as plan:
        assert (list(plan), plan.without_address) == ([], 1)


def test_addresses_verbatim():
    """Whatever an address holds comes out as it went in; odd ones are sorted like any other."""
    odd = ["\x00@example.com", "\ud800@example.com", "a'; DROP TABLE row;--@example.com", "\u0159@example.com", "none"]
    assert sorted(planned([bounce(email) for email in odd])) == sorted(odd)


@pytest.mark.parametrize(
    "window, left",
    [
        (Window("example.com"), ["a@example.org"]),
        (Window("EXAMPLE.com."), ["a@example.org"]),
        (Window(since=DAY, until=DAY + timedelta(hours=1)), []),
        (Window(since=DAY + timedelta(seconds=1)), ["a@example.com", "a@example.org"]),
        (Window(until=DAY), ["a@example.com", "a@example.org"]),
        (Window("example.org", DAY, None), ["a@example.com"]),
        (Window("example.org", None, DAY), ["a@example.com", "a@example.org"]),
        (Window("le.com"), ["a@example.com", "a@example.org"]),
        (Window(since=DAY.replace(tzinfo=timezone.utc)), []),
        (Window(since=(DAY + timedelta(seconds=1)).replace(tzinfo=timezone.utc)), ["a@example.com", "a@example.org"]),
        (Window(until=DAY.replace(tzinfo=timezone.utc)), ["a@example.com", "a@example.org"]),
        (Window(until=(DAY + timedelta(seconds=1)).replace(tzinfo=timezone.utc)), []),
        (Window(""), ["a@example.com", "a@example.org"]),
        (Window(), []),
    ],
)
def test_window_leaves_out(window, left):
    """Bounces in a window of domain and time do not count; its beginning is in it, its end is not."""
    rows = [bounce("a@example.com"), bounce("a@example.org")]
    with suppressions(rows, exclude=[Window("example.net"), window]) as plan:
        assert [entry.email for entry in plan] == left
        assert plan.excluded == 2 - len(left)


def test_window_holds_what_has_no_date():
    """A row without a date is in every window of its domain: that suppresses less."""
    assert planned([bounce("a@example.com", date=None)], exclude=[Window("example.com", DAY)]) == []


def test_guard_refuses():
    """A plan of more than the share is refused, one of exactly the share is not."""
    rows = [bounce("user{}@example.com".format(n)) for n in range(5)]
    assert len(planned(rows, sent=100, max_share=0.05)) == 5
    with pytest.raises(PlanRefusedError) as caught:
        suppressions(rows + [bounce("one@example.com")], sent=100, max_share=0.05)
    error = caught.value
    assert str(error) == (
        "the plan would suppress 6 addresses, 6.0 % of 100 sent, and at most 5 % are allowed; look at the summary: a "
        "provider's outage can look like this, and a window of domain and time can be excluded"
    )
    assert (error.addresses, error.sent, error.max_share) == (6, 100, 0.05)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), vars(copy)) == (PlanRefusedError, str(error), vars(error))
    assert isinstance(error, (MailkitError, ValueError))


@pytest.mark.parametrize(
    "options",
    [
        {"soft_count": 0},
        {"soft_count": 2.0},
        {"soft_count": True},
        {"sent": 0},
        {"soft_within": 30},
        {"soft_within": timedelta(0)},
        {"exclude": [("example.com", None, None)]},
        {"max_share": 0.1},
        {"max_share": 1.1, "sent": 1},
        {"max_share": -0.1, "sent": 1},
        {"max_share": "1", "sent": 1},
        {"max_share": True, "sent": 1},
        {"exclude": None},
        {"exclude": Window("example.com")},
        {"rules": None},
    ],
)
def test_arguments_that_cannot_be(options):
    """An argument that cannot be used is the caller's mistake."""
    with pytest.raises(ConfigurationError):
        suppressions([], **options)


def test_windows_that_can_be_read_once():
    """Windows may come from a generator: they count all the same."""
    assert planned([bounce("a@example.com")], exclude=(Window(domain) for domain in ["example.com"])) == []


def test_dates_with_a_zone():
    """Dates with a time zone come back in UTC, the same moments; one that UTC has no year for as None."""
    zone = timezone(timedelta(hours=2))
    with suppressions([bounce("a@example.com", date=DAY.replace(tzinfo=zone))]) as plan:
        assert next(iter(plan)).first == DAY.replace(tzinfo=zone)
    late = datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2)))
    with suppressions([bounce("a@example.com", date=late)]) as plan:
        assert next(iter(plan)).last is None


def test_many_addresses(monkeypatch):
    """Batches make no difference."""
    monkeypatch.setattr(suppression, "_BATCH", 7)
    rows = [bounce("user{:03}@example.com".format(n)) for n in range(100)]
    assert planned(reversed(rows)) == [row.email for row in rows]


def test_one_address_many_times():
    """Rows without end of one address are gone through one by one."""
    assert planned(soft("a@example.com", *range(0, 60000, 20))) == []


def test_rows_that_break_off_leave_no_plan():
    """An exception of the rows is the caller's to see: there is no plan of half a report."""

    def rows():
        yield bounce("a@example.com")
        raise RuntimeError("half")

    with pytest.raises(RuntimeError, match="half"):
        suppressions(rows())


def test_plan_dropped_unclosed():
    """A plan that nobody closed lets go of its file without a warning; closing twice is fine."""
    plan = suppressions([])
    plan.close()
    plan.close()
    suppressions([bounce("a@example.com")])
    gc.collect()


def test_no_room_for_the_temporary_file(monkeypatch):
    """Where the temporary file cannot be written, this machine is at fault."""
    monkeypatch.setattr(suppression, "temporary_database", full_database)
    with pytest.raises(LocalError, match="temporary file: database or disk is full"):
        suppressions(bounce("a{}@example.com".format(number)) for number in range(5000))


def test_database_of_the_callers_that_fails():
    """Rows may come from a database of the caller's: what that says is the caller's own."""
    error = sqlite3.OperationalError("database is locked")

    def rows():
        yield bounce("a@example.com")
        raise error

    with pytest.raises(sqlite3.OperationalError) as caught:
        suppressions(rows())
    assert caught.value is error


def test_python_without_sqlite(monkeypatch):
    """A Python built without sqlite3 says so."""
    original = builtins.__import__

    def without(name, *args):
        if name == "sqlite3":
            raise ImportError(name)
        return original(name, *args)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(LocalError, match="this Python has no sqlite3"):
        suppressions([])


# --- properties ------------------------------------------------------------------------------------------------------

ROWS = st.lists(
    st.builds(
        bounce,
        st.sampled_from(["a@example.com", "a@EXAMPLE.com", "b@example.org", "c", ""]),
        st.sampled_from([HARD, SOFT, BLOCK, ("", ""), ("5.1.1", "spam-related"), ("5.2.2", "bad-mailbox")]),
        st.none() | st.integers(0, 60).map(lambda days: DAY + timedelta(days=days)),
        st.sampled_from([None, 1, 2, 3, 4]),
    ),
    max_size=12,
)
WINDOWS = st.lists(
    st.builds(
        Window,
        st.sampled_from([None, "example.com", "example.org"]),
        st.none() | st.just(DAY + timedelta(days=20)),
        st.none() | st.just(DAY + timedelta(days=40)),
    ),
    max_size=2,
)


def key(email):
    return email.replace("EXAMPLE", "example")


def newest_of(rows):
    """The last row of each message; rows without one as they are."""
    return list({row.id_send_message or 100 + number: row for number, row in enumerate(rows)}.values())


@settings(deadline=None)
@given(ROWS, ROWS, WINDOWS, st.randoms())
def test_rows_of_other_messages_never_bring_an_address_back(rows, more, windows, random):
    """Adding messages, in any order, takes no address silently out of a plan: it stays, or the guard refuses all."""
    rows = newest_of(rows)
    told = {row.id_send_message for row in rows} - {None}
    more = newest_of(row for row in more if row.id_send_message not in told)
    before = set(map(key, planned(rows, exclude=windows)))
    together = rows + more
    random.shuffle(together)
    assert before <= set(map(key, planned(together, exclude=windows)))
    try:
        assert before <= set(map(key, planned(together, exclude=windows, sent=10, max_share=0.1)))
    except PlanRefusedError as error:
        assert error.addresses >= max(2, len(before))


@settings(deadline=None)
@given(ROWS, st.randoms())
def test_block_never_suppresses(rows, random):
    """Whatever else is there, an address all bounces of which are BLOCK is in no plan; BLOCK messages change none."""
    shuffled = [row for row in newest_of(rows) if row.kind != "block"]
    random.shuffle(shuffled)
    with suppressions(rows) as plan, suppressions(shuffled) as without:
        assert list(plan) == list(without)
    guilty = {key(row.email) for row in rows if row.kind in ("hard", "soft")}
    assert set(map(key, planned(rows, soft_count=1))) <= guilty
