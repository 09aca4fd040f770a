"""The encoding that an XML declaration names is found and taken out, wherever the document is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailkit_xmlrpc import MalformedResponseError
from mailkit_xmlrpc.protocol.xmlrpc.declaration import MAX_DECLARATION, declared_encoding, without_encoding
from mailkit_xmlrpc.protocol.xmlrpc.decoder import Decoder, getparser
from tests.support.bodies import body_of, cut

DECLARATIONS = [
    ("", None),
    ("<a/>", None),
    ("<?xml version='1.0'?><a/>", None),
    ("<?xml version='1.0' encoding='x'?><a/>", "x"),
    ('<?xml version="1.0" encoding="ISO-8859-2"?><a/>', "ISO-8859-2"),
    ("<?xml\n version = '1.0'\tencoding\r\n= \"x\" standalone='yes' ?><a/>", "x"),
    (" \n\ufeff\r\n<?xml version='1.0' encoding='x'?><a/>", "x"),
    ("<?xml version='1.0' encoding=''?><a/>", None),
    ("<?xml encoding='x'?><a/>", None),
    ("<?xml version='?><a b='' encoding='x'/>", None),
    ("<?xml version='1.0' encoding='?><a b='/>", None),
    ("<?xml-stylesheet version='1.0' encoding='x'?><a/>", None),
    ("<?xm version='1.0' encoding='x'?><a/>", None),
    ("<a><?xml version='1.0' encoding='x'?></a>", None),
    ("<?xml version='1.0'", None),
    ("<?x", None),
]


@pytest.mark.parametrize("text, name", DECLARATIONS)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_found_and_taken_out(text, name, size):
    """What is left has as many characters as before, and blanks where the name was."""
    assert declared_encoding(body_of(text.encode(), size=size)) == name
    rest = "".join(without_encoding(iter(cut(text, size))))
    assert len(rest) == len(text)
    assert declared_encoding(body_of(rest.encode())) is None
    if name is None:
        assert rest == text
    else:
        start, end = len(text.partition("encoding")[0].rstrip()), text.rindex(name) + len(name) + 1
        assert rest == text[:start] + " " * (end - start) + text[end:]


def test_half_a_mark():
    """Only a whole byte order mark may stand before it."""
    declaration = b"<?xml version='1.0' encoding='x'?><a/>"
    for begun in (b"\xef", b"\xbb\xbf", b"\xef\xbb\xbf\xef", b" \xbf "):
        assert declared_encoding(body_of(begun + declaration)) is None
        assert declared_encoding(body_of(b" \xef\xbb\xbf\n" + declaration)) == "x"


def test_behind_many_blanks():
    """It is found behind more blanks than the head of a body holds."""
    text = " \n" * 10000 + "<?xml version='1.0' encoding='x'?>" + "<a/>" * 1000
    for size in (1000, 1 << 16):
        assert declared_encoding(body_of(text.encode(), size=size)) == "x"
        assert "encoding" not in "".join(without_encoding(iter(cut(text, size))))
    assert declared_encoding(body_of(b" " * 10000, size=1000)) is None


def test_of_a_long_document():
    """Where the document goes on behind it, no more than is needed is held back."""
    text = "<?xml version='1.0' encoding='x'?>" + "<a/>" * 1000
    pieces = without_encoding(iter(cut(text, 40)))
    assert next(pieces) == ""
    assert len(next(pieces)) == 40


@pytest.mark.parametrize("size", [1, 1000, 1 << 16])
def test_without_an_end(size):
    """A declaration that does not end is refused: another decoder might find an encoding in it later."""
    text = "<?xml version='1.0'" + " " * MAX_DECLARATION + "encoding='x'?><a/>"
    with pytest.raises(MalformedResponseError, match="longer than 1024"):
        declared_encoding(body_of(text.encode(), size=size))
    with pytest.raises(MalformedResponseError, match="longer than 1024"):
        list(without_encoding(iter(cut(text, size))))


S = st.sampled_from(["", " ", "\n", "\t ", " " * 50])
NAME = st.sampled_from(["ISO-8859-2", "windows-1250", "UTF-8", "utf8", "x", "", "UTF-16"])
QUOTE = st.sampled_from("\"'")


@given(S, S, S, S, S, S, QUOTE, QUOTE, NAME, st.sampled_from(["1.0", "1.1", ""]), st.integers(1, 60))
def test_expat_finds_no_other(a, b, c, d, e, f, one, two, name, version, size):
    """However the declaration is written, the parser never finds an encoding in it that we did not take out."""
    text = "{}<?xml{}version{}={}{}{}{}".format(a, b, c, d, one, version, one)
    text += "{}encoding{}={}{}{}{}?><methodResponse".format(e, f, f, two, name, two)
    decoder = Decoder(*getparser())
    try:
        decoder.feed("".join(without_encoding(iter(cut(text, size)))).encode())
    except MalformedResponseError as error:
        assert "encoding" not in error.detail or "declaration" in error.detail
    assert decoder.encoding == ""
    decoder.forget()
