"""Who is in a plan does not depend on how an address is written, how often a report was read, or how a float rounds."""

from datetime import timedelta, timezone

import pytest

from mailkit_xmlrpc import ConfigurationError, PlanRefusedError, Window, suppressions
from tests.analysis.test_suppression import BLOCK, DAY, HARD, SOFT, bounce, planned, soft


@pytest.mark.parametrize(
    "other", ["a@EXAMPLE.com", "<a@example.com>", "a@example.com.", " a@example.com\t", "A. Nna <a@example.com>"]
)
def test_one_address_in_several_forms(other):
    """What stands around an address makes no other of it; the one that decided is shown verbatim."""
    with suppressions(soft("a@example.com", 0, 1) + soft(other, 2)) as plan:
        assert [(entry.email, entry.bounces) for entry in plan] == [(other, 3)]


def test_one_domain_in_several_forms():
    """Letters and punycode, composed and decomposed: one address, and one window holds all of them."""
    forms = ["p\u0159\xedklad.example", "P\u0158I\u0301KLAD.example", "xn--pklad-zsa96e.example"]
    rows = [row for day, domain in enumerate(forms) for row in soft("a@" + domain, day)]
    assert planned(rows) == ["a@" + forms[2]]
    for domain in forms:
        window = Window(domain)
        assert planned(rows, exclude=[window]) == []
        assert all(window.holds(other, None) for other in forms) and not window.holds("example.org", None)


@pytest.mark.parametrize("email", ["<>", " ", "<> "])
def test_nobody_is_named(email):
    """The null sender and blanks are no address."""
    with suppressions([bounce(email)]) as plan:
        assert (list(plan), plan.without_address) == ([], 1)


@pytest.mark.parametrize("number", [(1 << 63) - 1, 1 << 63, -(1 << 70), 0, None])
def test_id_of_any_size(number):
    """ID_EMAIL comes back as it was, beyond the 64 bits of SQLite too."""
    with suppressions([bounce("a@example.com", id_email=number)]) as plan:
        assert next(iter(plan)).id_email == number


@pytest.mark.parametrize(
    "share, sent, most", [(0.29, 100, 29), (0.07, 100, 7), (0.0057, 10000, 57), (1, 3, 3), (0, 5, 0)]
)
def test_guard_is_exact(share, sent, most):
    """A share is what it reads as: 29 of 100 are 0.29, whatever a float says."""
    rows = [bounce("user{}@example.com".format(n)) for n in range(most)]
    assert len(planned(rows, sent=sent, max_share=share)) == most
    with pytest.raises(PlanRefusedError):
        suppressions(rows + [bounce("one@example.org")], sent=sent, max_share=share)


@pytest.mark.parametrize(
    "window, text",
    [
        (Window(5), "domain of a window"),
        (Window(b"x"), "domain of a window"),
        (Window("x" * 256), "domain of"),
        (Window("."), "domain of"),
        (Window(since=DAY.date()), "since of a window must be a datetime"),
        (Window("a", None, "2024-03-01"), "until of a window"),
        (Window("a", DAY, DAY), "since of a window must be before its until"),
        (Window(since=DAY + timedelta(hours=1), until=DAY.replace(tzinfo=timezone.utc)), "since of a window must be"),
    ],
)
def test_window_that_cannot_be(window, text):
    """A window that cannot be used is refused at once, and not when the first row matches."""
    with pytest.raises(ConfigurationError, match=text):
        suppressions([], exclude=[window])


def test_newest_state_of_a_message_counts():
    """A later row of a message takes an address out of the plan, or puts it in; how many were repeated is told."""
    hard, later = bounce("a@example.com", HARD, message=5), bounce("a@example.com", SOFT, message=5)
    for rows, expected in (([hard, later], []), ([later, hard], ["a@example.com"])):
        with suppressions(rows) as plan:
            assert [entry.email for entry in plan] == expected
            assert (plan.rows, plan.repeated) == (2, 1)
    assert planned([hard, bounce("a@example.com", BLOCK, message=5)]) == []
    assert planned([hard, bounce("a@example.com", SOFT, message=6)]) == ["a@example.com"]


def test_newest_state_may_be_in_a_window():
    """It is the newest state that a window leaves out, and not an older one in its place."""
    rows = [bounce("a@example.com", message=5), bounce("a@example.com", date=DAY + timedelta(days=1), message=5)]
    assert planned(rows, exclude=[Window(since=DAY + timedelta(days=1))]) == []
