"""What JSON forbids inside of strings is taken out of a document, and nothing else, wherever that is cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc.protocol.json.cleaner import JsonCleaner
from tests.support.bodies import cut

PARTS = r'" " \" \\ \ \n \u0007 \ud800 \udc00 \ud83d\udce7 \ud83d \ \u \ud8 u d8 0 [ ] { } , : a'.split(" ")
PARTS += ["\u0159", "\ud800", "\udcff", "\x07", "\n", "\t", " ", "\\\n", "\\\udcff"]
STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)
IN_IT = re.compile(
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|(\\[^\0-\x1f\ud800-\udfff])|([\0-\x1f\ud800-\udfff])",
    re.DOTALL,
)


def cleaned(text, size=None):
    """*text* in pieces of *size*, cleaned; how many were replaced; and the first of them."""
    cleaner = JsonCleaner()
    out = "".join(cleaner.step(piece, False) for piece in cut(text, size or max(1, len(text))))
    return out + cleaner.step("", True), cleaner.replaced, cleaner.first


def naive(text):
    """*text* cleaned at once, without any care for memory."""

    def replacement(match):
        return match.group(1) or match.group(2) and "\\ufffd" or match.group(3) or "\ufffd"

    return STRING.sub(lambda match: IN_IT.sub(replacement, match.group()), text)


@pytest.mark.parametrize(
    "text, expected, replaced, first",
    [
        ("", "", 0, None),
        ('[1, "a"]\n', '[1, "a"]\n', 0, None),
        ('["a\x07\nb"]', '["a\ufffd\ufffdb"]', 2, (3, "\x07")),
        ('["\udce1"]', '["\ufffd"]', 1, (2, "\udce1")),
        ('["\\ud800"]', '["\\ufffd"]', 1, (2, "\\ud800")),
        ('["\\uDC00x"]', '["\\ufffdx"]', 1, (2, "\\uDC00")),
        ('["\\ud83d\\udce7"]', '["\\ud83d\\udce7"]', 0, None),
        ('["\\ud83d\\ud83d\\udce7"]', '["\\ufffd\\ud83d\\udce7"]', 1, (2, "\\ud83d")),
        ('["\\\\ud800"]', '["\\\\ud800"]', 0, None),
        ('["\\u0007\\"\\ud8"]', '["\\u0007\\"\\ud8"]', 0, None),
        ('\x07\udce1\\ud800["a"]\x07', '\x07\udce1\\ud800["a"]\x07', 0, None),
    ],
)
def test_cleaned(text, expected, replaced, first):
    """Raw control characters, halves of pairs and forbidden bytes become U+FFFD inside of strings only."""
    assert cleaned(text) == (expected, replaced, first)


@given(st.lists(st.sampled_from(PARTS), max_size=30).map("".join), st.integers(1, 9))
def test_pieces_make_no_difference(text, size):
    """The text comes out as if it had been cleaned at once, in pieces of any size."""
    assert cleaned(text, size) == cleaned(text)
    assert cleaned(text)[0] == naive(text)


def test_memory_is_bounded():
    """However long a string is, no more than eleven characters wait for the rest."""
    cleaner = JsonCleaner()
    for piece in ['["', "a" * 1000, "\\", "u", "d", "8", "3d\\udce", "\\" * 1000, '"']:
        cleaner.step(piece, False)
        assert len(cleaner.held) <= 11
