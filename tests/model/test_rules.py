"""What a bounce means: the whole table as a reviewed file, the rules, a caller's own ones, and the sentence why."""

import pathlib
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import Bounce, BounceCategory, BounceKind, ConfigurationError, EmailStatus, EnhancedStatus, Rules
from mailkit_xmlrpc.model.rules import CATEGORY_RULES, STATUS_RULES
from tests.support import kind_table

TABLE = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "meaning" / "kinds.txt"
WORDS = st.sampled_from([""] + [str(word) for word in BounceCategory]) | st.text()
CODES = st.sampled_from(kind_table.STATUSES) | st.text()
#: from the one that suppresses least
ORDER = ["block", "unknown", "soft", "hard"]


def bounce(status="", category="", email_status="", **fields):
    return Bounce(1, "user@example.com", None, None, None, None, status, email_status, category, "", **fields)


def test_kinds_are_as_reviewed():
    """Every registered status with every known category and email_status is of the kind that fixtures/ shows."""
    assert "".join(kind_table.lines()) == TABLE.read_text(encoding="utf-8")


def test_kinds_never_depend_on_email_status():
    """No cell of the reviewed file holds two kinds: EMAIL_STATUS decides nothing."""
    for line in TABLE.read_text(encoding="utf-8").splitlines()[23:]:
        assert all(len(cell) == 1 for cell in line[24:].split(" ")), line


def test_hard_by_status_alone_is_a_short_list():
    """With no category, STATUS makes HARD for six codes and no other."""
    hard = [status for status in kind_table.STATUSES if EnhancedStatus.parse(status) and bounce(status).kind == "hard"]
    assert set(hard) - {"550 5.1.1 no such user"} == {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}


def test_full_mailbox_is_soft_whatever_the_class():
    """A full mailbox is SOFT by its status or its category, permanent or not."""
    for row in (bounce("5.2.2"), bounce("4.2.2"), bounce("5.1.1", "full-mailbox"), bounce("", "quota-issues")):
        assert row.kind is BounceKind.SOFT


@given(st.integers(0, 999), st.sampled_from(kind_table.CATEGORIES), st.sampled_from(kind_table.EMAIL_STATUSES))
def test_policy_is_block(detail, category, email_status):
    """5.7.x is BLOCK whatever else is said."""
    assert bounce("5.7.{}".format(detail), category, email_status).kind is BounceKind.BLOCK


@given(CODES, WORDS, st.sampled_from(kind_table.EMAIL_STATUSES) | st.text())
def test_two_sources_never_suppress_more_than_one(status, category, email_status):
    """Of what the two sources say alone the one that suppresses less comes out; a silent one changes nothing."""
    alone = Rules().votes(category, status)
    spoken = [str(kind) for kind in alone if kind is not None]
    expected = min(spoken, key=ORDER.index) if spoken else "unknown"
    assert bounce(status, category, email_status).kind == expected


@given(CODES, WORDS, st.text())
def test_explain_is_one_safe_sentence(status, category, reason):
    """explain() names the kind and is one printable line, bounded, whatever was sent."""
    row = bounce(status, category)
    text = row.explain()
    assert text.startswith("{}: ".format(row.kind)) and text.endswith(".")
    assert text.isprintable() and len(text) < 350


@pytest.mark.parametrize(
    "status, category, text",
    [
        (
            "4.4.2",
            "bad-mailbox",
            "soft: BOUNCE_CAT bad-mailbox means hard, but STATUS 4.4.2 (the connection broke) "
            "means soft, and we take the more cautious reading.",
        ),
        (
            "5.1.1",
            "spam-related",
            "block: STATUS 5.1.1 (no such mailbox) means hard, but BOUNCE_CAT spam-related means "
            "block, and we take the more cautious reading.",
        ),
        ("5.1.1", "bad-mailbox", "hard: BOUNCE_CAT bad-mailbox means hard, and STATUS 5.1.1 (no such mailbox) agrees."),
        ("5.1.1", "", "hard: STATUS 5.1.1 (no such mailbox) means hard, and BOUNCE_CAT (empty) does not object."),
        ("", "bad-domain", "hard: BOUNCE_CAT bad-domain means hard, and STATUS (empty) does not object."),
        (
            "5.1.8",
            "bad-mailbox",
            "unknown: BOUNCE_CAT bad-mailbox means hard, but STATUS 5.1.8 (the sender's domain "
            "does not exist or takes no mail) does not blame the address, and we take the more cautious reading.",
        ),
        (
            "5.1.8",
            "",
            "unknown: STATUS 5.1.8 (the sender's domain does not exist or takes no mail) does not blame the "
            "address, and BOUNCE_CAT (empty) does not object.",
        ),
        (
            "550",
            "\x1b[31m a@example.com",
            "unknown: neither BOUNCE_CAT \\x1b[31m <address> (not a word we know) nor "
            "STATUS 550 (not an enhanced status code) says whether the address is at fault.",
        ),
        (
            "not a word we know",
            "other",
            "unknown: neither BOUNCE_CAT other nor STATUS not a word we know (not an enhanced status code) says "
            "whether the address is at fault.",
        ),
        (
            "bad-mailbox",
            "",
            "unknown: neither BOUNCE_CAT (empty) nor STATUS bad-mailbox (not an enhanced status code) says whether the "
            "address is at fault.",
        ),
    ],
)
def test_explain_exactly(status, category, text):
    """The sentence says what each source said, who won, and shows a stranger's words harmlessly."""
    assert bounce(status, category).explain() == text


def test_enhanced_status_is_the_one_in_status():
    """bounce.enhanced_status is the first code in STATUS, or None; REASON is not looked at."""
    assert bounce("550 5.1.1").enhanced_status == EnhancedStatus(5, 1, 1)
    assert bounce("5.1").enhanced_status is None


def test_meaning_is_no_field():
    """kind and enhanced_status take no part in a row's equality, hash, repr or pickle."""
    row = bounce("5.1.1")
    before = repr(row), hash(row), pickle.dumps(row)
    assert row.kind == "hard"
    assert (repr(row), hash(row), pickle.dumps(row)) == before
    assert "kind" not in repr(row)


def test_rules_of_a_caller():
    """A caller's words and patterns come beside and before the default ones; None makes a word silent."""
    rules = Rules({"user-unknown": BounceKind.HARD, "bad-domain": None}, {"5.4.4": BounceKind.HARD, "5.7.1": None})
    assert rules.kind(bounce("", "user-unknown")) == BounceKind.HARD
    assert rules.kind(bounce("", "bad-domain")) == BounceKind.UNKNOWN
    assert rules.kind(bounce("5.4.4")) == BounceKind.HARD
    assert rules.kind(bounce("5.7.1")) == BounceKind.UNKNOWN
    assert rules.kind(bounce("5.7.2")) == BounceKind.BLOCK
    assert rules.kind(bounce("5.4.4")) == BounceKind.HARD  # remembered
    assert bounce("5.4.4").kind == BounceKind.UNKNOWN
    assert rules.explain(bounce("5.4.4")).startswith("hard: STATUS 5.4.4 (no route to the domain) means hard")


def test_rules_most_exact_pattern_counts():
    """All three numbers come before one star, one star before two; a star in front never stands for a success."""
    kinds = {
        "5.8.1": BounceKind.HARD,
        "*.8.1": BounceKind.SOFT,
        "5.8.*": BounceKind.BLOCK,
        "5.*.1": BounceKind.HARD,
        "*.8.*": BounceKind.HARD,
        "*.*.9": BounceKind.SOFT,
        "*.*.*": BounceKind.BLOCK,
        "2.*.*": None,
    }
    rules = Rules(statuses=kinds)
    statuses = ["5.8.1", "4.8.1", "5.8.2", "5.9.1", "4.8.2", "5.9.9", "4.9.8", "5.9.8", "2.8.1"]
    assert [str(rules.kind(bounce(status))) for status in statuses] == [
        "hard",
        "soft",
        "block",
        "hard",
        "hard",
        "soft",
        "soft",
        "block",
        "unknown",
    ]  # 4.9.8: the default 4.*.*


@pytest.mark.parametrize("pattern", ["5.1", "5.1.1.1", "3.1.1", "5.x.1", "", "5.01.1", "5.1.1000", 5])
def test_rules_refuse_a_pattern(pattern):
    """What is no pattern of STATUS is the caller's mistake."""
    with pytest.raises(ConfigurationError, match="pattern of STATUS"):
        Rules(statuses={pattern: BounceKind.HARD})


@pytest.mark.parametrize("kind", ["firm", 1, True])
def test_rules_refuse_a_kind(kind):
    """What is no kind is the caller's mistake."""
    with pytest.raises(ConfigurationError, match="must be a BounceKind"):
        Rules(categories={"bad-mailbox": kind})


def test_rules_are_values():
    """Rules compare, are shown as written, and can be pickled; the word of a kind serves as one."""
    rules = Rules({"bad-domain": "soft"}, {"5.4.4": BounceKind.HARD})
    assert pickle.loads(pickle.dumps(rules)) == rules != Rules()
    assert Rules() == Rules() != object()
    assert repr(Rules()) == "Rules(categories={}, statuses={})"
    assert rules.kind(bounce("", "bad-domain")) is BounceKind.SOFT
    with pytest.raises(TypeError):
        hash(rules)


def test_rules_remember_only_so_many():
    """Statuses without end, as a hostile report may have, do not fill the memory."""
    rules = Rules()
    rules._remembered.update({(str(n), ""): BounceKind.HARD for n in range(4096)})
    assert rules.kind(bounce("5.1.1", "one more")) == BounceKind.HARD
    assert len(rules._remembered) == 4096


def test_tables_are_complete():
    """Every known category but the one that says nothing has a line; each line is there once, with source and doubt."""
    assert {rule.match for rule in CATEGORY_RULES} == {str(word) for word in BounceCategory} - {"other"}
    for rules in (CATEGORY_RULES, STATUS_RULES):
        assert len({rule.match for rule in rules}) == len(rules)
        assert all(rule.source and rule.doubt and isinstance(rule.kind, BounceKind) for rule in rules)


def test_kinds_are_words():
    """A kind equals and prints as its word."""
    assert [str(kind) for kind in BounceKind] == ["hard", "soft", "block", "unknown"]
    assert "{}".format(BounceKind.HARD) == BounceKind.HARD == "hard"
    assert EmailStatus.UNKNOWN == BounceKind.UNKNOWN


@pytest.mark.parametrize("category", ["Bad-Mailbox", " bad-mailbox", "BAD-MAILBOX\t", "\xa0bad-mailbox"])
def test_category_in_any_case(category):
    """BOUNCE_CAT is compared in lower case without blanks around it; it is shown as it was sent."""
    assert bounce("", category).kind is BounceKind.HARD
    assert "not a word we know" not in bounce("", category).explain()
    assert category.strip() in bounce("", category).explain()
    assert Rules({" User-Unknown": BounceKind.HARD}).kind(bounce("", "user-unknown")) is BounceKind.HARD


def test_category_given_twice():
    """Two words that are compared as one may have one kind only; a word is a str."""
    assert Rules({"X": BounceKind.HARD, "x ": BounceKind.HARD}).kind(bounce("", "x")) is BounceKind.HARD
    for categories in ({"X": BounceKind.HARD, "x": None}, {5: BounceKind.HARD}):
        with pytest.raises(ConfigurationError, match="word"):
            Rules(categories)


def test_long_words_are_not_remembered():
    """What a stranger sends is not kept for the life of the process: only short words are worth it."""
    rules = Rules()
    for length in (20, 64, 65, 100000):
        assert rules.kind(bounce("5.1.1 " + "x" * (length - 6))) is BounceKind.HARD
    assert sorted(len(status) for _, status in rules._remembered) == [20, 64]
