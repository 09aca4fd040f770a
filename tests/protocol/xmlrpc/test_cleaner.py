"""What XML forbids is taken out of a document, and nothing else, wherever that is cut."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailkit_xmlrpc.protocol.xmlrpc.cleaner import XmlCleaner
from tests.support.bodies import cut

ASIDE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|[^<]+|<", re.DOTALL)
REFERENCE = re.compile("&#(?:[0-9]{1,100}|x[0-9a-fA-F]{1,100});")
# What makes a difference to it, cut into parts.
PARTS = (
    "<![CDATA[ ]]> <!-- --> <? ?> <! <![ <![CDATA ]] ] -- - ? &#7; &#x7; &#65; &#x41; &#xD800; &#x110000; & &# &#x ; #"
    " 7 < > a \u0159 \u0007 \0 \ud800 \udcff \ufffe \uffff \U0001f4ec \ufffd".split()
    + ["&#" + "0" * 97 + "7;", "&#" + "0" * 100 + "7;", "\t", "\n", "\r", " "]
)


def cleaned(text, size=None):
    """*text* in pieces of *size*, cleaned; how many were replaced; and the first of them."""
    cleaner = XmlCleaner()
    out = "".join(cleaner.step(piece, False) for piece in cut(text, size or max(1, len(text))))
    return out + cleaner.step("", True), cleaner.replaced, cleaner.first


def naive(text):
    """*text* cleaned at once, without any care for memory."""
    parts = []
    for part in ASIDE.findall(text):
        if not part.startswith(("<![CDATA[", "<!--", "<?")):
            part = REFERENCE.sub(lambda match: match.group() if is_legal(match.group()) else "\ufffd", part)
        parts.append("".join(char if is_character(ord(char)) else "\ufffd" for char in part))
    return "".join(parts)


def is_legal(reference):
    """Whether *reference* stands for a character of XML."""
    digits = reference[2:-1]
    return is_character(int(digits[1:], 16) if digits.startswith("x") else int(digits))


def is_character(number):
    """XML 1.0, 2.2 Char."""
    return number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0xFFFF < number < 0x110000


@pytest.mark.parametrize(
    "text, expected, replaced, first",
    [
        ("", "", 0, None),
        ("<a>b\t\r\n</a>", "<a>b\t\r\n</a>", 0, None),
        ("a\x07b\0", "a\ufffdb\ufffd", 2, (1, "\x07")),
        ("&#65;&#x1F;&#0;", "&#65;\ufffd\ufffd", 2, (5, "&#x1F;")),
        ("<a b='&#7;'/>", "<a b='\ufffd'/>", 1, (6, "&#7;")),
        ("<![CDATA[&#7;\x07]]>&#7;", "<![CDATA[&#7;\ufffd]]>\ufffd", 2, (13, "\x07")),
        ("<!-- &#7; -- > &#7; -->&#7;", "<!-- &#7; -- > &#7; -->\ufffd", 1, (23, "&#7;")),
        ("<?x &#7; ?>&#7;", "<?x &#7; ?>\ufffd", 1, (11, "&#7;")),
        ("<!-->&#7;-->", "<!-->&#7;-->", 0, None),
        ("<![CDATA[]]]]>&#7;", "<![CDATA[]]]]>\ufffd", 1, (14, "&#7;")),
        ("&#7", "&#7", 0, None),
        ("&#;&#x;&#xG;&#-7;", "&#;&#x;&#xG;&#-7;", 0, None),
        ("&#1114112;&#1114111;", "\ufffd&#1114111;", 1, (0, "&#1114112;")),
    ],
)
def test_cleaned(text, expected, replaced, first):
    """Forbidden characters and references to them become U+FFFD; in a CDATA section and its like references stay."""
    assert cleaned(text) == (expected, replaced, first)


@given(st.lists(st.sampled_from(PARTS), max_size=30).map("".join), st.integers(1, 9))
@example("<\x07<!-\x07", 1)
def test_pieces_make_no_difference(text, size):
    """The text comes out as if it had been cleaned at once, in pieces of any size."""
    assert cleaned(text, size) == cleaned(text)
    assert cleaned(text)[0] == naive(text)


@given(st.text())
def test_harmless_text_stays(text):
    """A text of characters that XML allows stays as it is."""
    text = "".join(char for char in text if is_character(ord(char)))
    assert cleaned(text, 3) == (text, 0, None)


def test_memory_is_bounded():
    """However long a comment or a reference is, no more than a hundred characters wait for the rest."""
    cleaner = XmlCleaner()
    for piece in ["<!--", "- " * 1000, "-->", "&#" + "0" * 1000, "<![CDATA[", "]" * 1000]:
        cleaner.step(piece, False)
        assert len(cleaner.held) <= 103
