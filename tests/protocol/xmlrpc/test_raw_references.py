"""References in raw values: which are beyond doubt, and what they stand for."""

import pytest

from mailkit_xmlrpc.protocol.xmlrpc import raw_columns
from mailkit_xmlrpc.protocol.xmlrpc.raw_columns import doubt_in
from tests.support.raw_rows import inside, quickly


@pytest.mark.parametrize(
    "text",
    [
        "&",
        "&;",
        "&amp",
        "&AMP;",
        "&nbsp;",
        "&#X41;",
        "&#;",
        "&#x;",
        "&#-1;",
        "&#+65;",
        "&#6_5;",
        "&# 65;",
        "&#65 ;",
        "&#0;",
        "&#x0;",
        "&#00;",
        "&#99999999;",
        "&#x1000000;",
        "&amp;&",
        "&&amp;",
        "&#65",
        "&#\u0665;",
    ],
)
def test_no_reference(text):
    """An ampersand that begins no reference is a doubt, wherever it stands."""
    for before in ("", "a &lt; b", "\u010d\uf8ff\ufffd"):
        data = (before + text + " a").encode("utf-8")
        at = data.rindex(b"&") if text == "&amp;&" else len(before.encode("utf-8"))
        assert doubt_in(data, 0) == at
        assert doubt_in(data, at + 2) == len(data)


def test_first_of_several_doubts():
    """Whichever doubtful thing comes first is told, from the given place on."""
    for first, second in (("&x;", "\ufffe"), ("\uffff", "&x;"), ("&x;", "&y;")):
        data = "a{}b{}c".format(first, second).encode("utf-8")
        assert doubt_in(data, 0) == 1
        assert doubt_in(data, 2) == data.index(second.encode("utf-8"), 2)
        assert doubt_in(data, len(data) - 1) == len(data)


def test_references_at_every_edge():
    """Those are beyond doubt that stand for a character which XML allows (XML 1.0, 2.2 Char), but for a few blocks."""
    allowed = {9, 10, 13} | set(range(0x20, 0xD800)) | set(range(0xE000, 0xFFFE)) | set(range(0x10000, 0x110000))
    taken = 0
    for form in ("&#{};", "&#x{:x};", "&#x{:X};"):
        for code in list(range(0x11000)) + list(range(0x1FFF0, 0x20010)) + list(range(0x10FFF0, 0x110010)):
            reference = form.format(code)
            if doubt_in(reference.encode("ascii"), 0):
                taken += 1
                assert code in allowed
                assert raw_columns._References()[reference[1:-1]] == chr(code)
            else:
                assert code not in allowed or code > 999, reference
    assert taken > 150000


def test_references_resolved_once():
    """What a reference stands for is not read again."""
    once = (("&amp;lt;", "&lt;"), ("&#38;#65;", "&#65;"), ("&#x26;amp;", "&amp;"), ("a&#x4eC;&#9;", "a\u04ec\t"))
    for text, means in once:
        bounce = quickly((("REASON", inside("string", text)), ("X", text)))[0]
        assert (bounce.reason, bounce.extra) == (means, {"X": means})


def test_many_different_references():
    """However many there are in one column, each means what it means."""
    codes = list(range(1000, 1100)) * 2
    bounces = quickly(*[(("REASON", "&#{};-&amp;".format(code)),) for code in codes])
    assert [bounce.reason for bounce in bounces] == [chr(code) + "-&" for code in codes]
