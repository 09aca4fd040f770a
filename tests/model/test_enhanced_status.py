"""Enhanced status codes: where one begins and ends, what it says, and that the table is whole."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import EnhancedStatus
from mailkit_xmlrpc.model.enhanced_status import CLASSES, DETAILS, SUBJECTS


@pytest.mark.parametrize(
    "text, code",
    [
        ("5.1.1", "5.1.1"),
        ("4.4.2", "4.4.2"),
        ("2.0.0", "2.0.0"),
        ("550 5.1.1 no such user", "5.1.1"),
        ("550-5.7.26 denied", "5.7.26"),
        ("(#4.2.2)", "4.2.2"),
        ("said 5.1.10.", "5.1.10"),
        ("5.1.1, then 4.2.2", "5.1.1"),
        ("smtp;5.999.999", "5.999.999"),
        ("Postfix 3.5.6 said 4.7.1", "4.7.1"),
    ],
)
def test_parse_finds_a_code(text, code):
    """The first code is found, alone or inside a longer text."""
    assert str(EnhancedStatus.parse(text)) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "5.1",
        "5.1.",
        "3.1.1",
        "1.1.1",
        "6.1.1",
        "5.01.1",
        "5.1.1000",
        "5.1.1.1",
        "15.1.1",
        "1.5.1.1",
        "v5.1.1",
        "5.1.1a",
        "5.1.1_",
        "5,1,1",
        "5.1.-1",
        "\u0665.1.1",
        "5.1.\u0661",
        "192.0.2.5",
    ],
)
def test_parse_finds_none(text):
    """What only looks like a code is none: versions, IP addresses, leading zeros, foreign digits."""
    assert EnhancedStatus.parse(text) is None


@given(st.text())
def test_parse_any_text(text):
    """Any text gives a code that stands in it, or None, and never an exception."""
    found = EnhancedStatus.parse(text)
    assert found is None or str(found) in text


@given(st.sampled_from([2, 4, 5]), st.integers(0, 999), st.integers(0, 999))
def test_parse_reads_what_str_writes(status_class, subject, detail):
    """str() and parse() are each other's inverse."""
    code = EnhancedStatus(status_class, subject, detail)
    assert EnhancedStatus.parse(str(code)) == code
    assert pickle.loads(pickle.dumps(code)) == code


@pytest.mark.parametrize(
    "numbers",
    [
        (3, 1, 1),
        (5, -1, 0),
        (5, 0, -1),
        (5, 1000, 0),
        (5, 0, 1000),
        (5, 1.0, 1),
        (5, 1, True),
        (5.0, 1, 1),
        ("5", 1, 1),
        (5, None, 1),
    ],
)
def test_constructor_refuses(numbers):
    """A number that no code has is refused."""
    with pytest.raises(ValueError):
        EnhancedStatus(*numbers)


def test_limits_are_accepted():
    """The largest numbers are allowed."""
    assert str(EnhancedStatus(5, 999, 999)) == "5.999.999"


def test_classes():
    """Class 5 is permanent, class 4 transient, class 2 neither."""
    told = [(code.is_permanent, code.is_transient) for code in (EnhancedStatus(n, 0, 0) for n in (2, 4, 5))]
    assert told == [(False, False), (False, True), (True, False)]
    assert (EnhancedStatus(5, 1, 2).status_class, EnhancedStatus(5, 1, 2).subject, EnhancedStatus(5, 1, 2).detail) == (
        5,
        1,
        2,
    )
    assert sorted(CLASSES) == [2, 4, 5]


def test_text():
    """The text is the code's; of an unregistered detail its subject's; of an unregistered subject it says so."""
    assert EnhancedStatus(5, 1, 1).text == EnhancedStatus(4, 1, 1).text == "no such mailbox"
    assert EnhancedStatus(5, 1, 77).text == SUBJECTS[1]
    assert EnhancedStatus(5, 99, 1).text == "not registered"


def test_registered():
    """Only what the registry enumerates counts as registered."""
    assert EnhancedStatus(4, 4, 7).is_registered
    assert not EnhancedStatus(4, 4, 8).is_registered


def test_table_is_whole():
    """Each subject has its details without a gap, from 0 on, as far as the registry goes (2024-12-06)."""
    last = {0: 0, 1: 10, 2: 4, 3: 6, 4: 7, 5: 6, 6: 10, 7: 30}
    assert sorted(DETAILS) == [(subject, detail) for subject in sorted(last) for detail in range(last[subject] + 1)]
    assert sorted(SUBJECTS) == sorted(last)


def test_table_is_plain_text():
    """Texts are short, printable and fit for the middle of a sentence."""
    for text in list(DETAILS.values()) + list(SUBJECTS.values()):
        assert text.isascii() if hasattr(text, "isascii") else True
        assert text.isprintable() and len(text) < 100 and not text.endswith(".")
