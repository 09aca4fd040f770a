"""The known words: each equals, hashes, prints and travels as its word, and knows its name."""

import copy
import json
import pickle
from enum import Enum

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import BounceCategory, EmailStatus
from mailkit_xmlrpc.model import vocabulary

WORDS = {
    EmailStatus: {"enabled", "unknown", "temporary", "permanent", "unsubscribe", "disabled"},
    BounceCategory: {
        "bad-mailbox",
        "full-mailbox",
        "bad-configuration",
        "bad-connection",
        "bad-domain",
        "content-related",
        "inactive-mailbox",
        "invalid-sender",
        "message-expired",
        "no-answer-from-host",
        "other",
        "policy-related",
        "protocol-errors",
        "quota-issues",
        "relaying-issues",
        "routing-errors",
        "spam-related",
        "virus-related",
    },
}
MEMBERS = [member for enumeration in WORDS for member in enumeration]


@pytest.mark.parametrize("enumeration", WORDS, ids=lambda enumeration: enumeration.__name__)
def test_words_complete(enumeration):
    """Each enumeration has just the known words, each named after its word."""
    assert {member.value for member in enumeration} == WORDS[enumeration]
    assert all(member.name == member.value.upper().replace("-", "_") for member in enumeration)
    assert issubclass(enumeration, str) and issubclass(enumeration, Enum)
    assert enumeration.__doc__


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_word_is_its_string(member):
    """Wherever a string goes, the member goes as its word, the same on every Python."""
    word = member.value
    assert type(word) is str
    assert member == word and word == member and not member != word
    assert hash(member) == hash(word)
    assert {word: 1}[member] == 1
    assert (str(member), "%s" % member, "{}".format(member), f"{member}", format(member)) == (word,) * 5
    assert "{:>30}".format(member) == word.rjust(30)
    assert json.dumps(member) == json.dumps(word)
    assert type(str(member)) is str
    assert member in {word} and member.upper() == word.upper()


@pytest.mark.parametrize("member", MEMBERS, ids=str)
def test_word_travels(member):
    """A member stays itself in a copy and in a pickle of every protocol."""
    assert copy.copy(member) is copy.deepcopy(member) is member
    assert all(pickle.loads(pickle.dumps(member, n)) is member for n in range(pickle.HIGHEST_PROTOCOL + 1))


@pytest.mark.parametrize("enumeration", WORDS, ids=lambda enumeration: enumeration.__name__)
def test_words_open(enumeration):
    """The vocabulary is open: an unknown word equals no member, and is no error unless one is asked for by it."""
    assert not any(member == "brand-new" for member in enumeration)
    with pytest.raises(ValueError):
        enumeration("brand-new")
    assert enumeration(next(iter(enumeration)).value) is next(iter(enumeration))


def test_words_exported():
    """The module exports them, and so does the package."""
    assert vocabulary.__all__ == ["EmailStatus", "BounceCategory", "BounceKind"]
    assert all(getattr(mailkit_xmlrpc, name) is getattr(vocabulary, name) for name in vocabulary.__all__)
