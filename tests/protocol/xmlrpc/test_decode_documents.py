"""The decoder's documents: how they begin and end, their encodings, and that the pieces they come in mean nothing."""

from base64 import b64encode
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import MalformedResponseError, UnsafeXMLError
from tests.support import fixture_files
from tests.support.decoding import MIB, answer, declared, decode, outcome, refused

FEW = settings(max_examples=200, deadline=None, database=None)

# --- documents ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n\t", b"\xef\xbb\xbf", b"\n\xef\xbb\xbf\n"])
@pytest.mark.parametrize("length", [1, MIB])
def test_empty(body, length):
    """Nothing at all, white space alone, and a byte order mark alone are no answer."""
    error = refused(body, length=length)
    assert (type(error), error.detail) == (MalformedResponseError, "it is empty")


@pytest.mark.parametrize(
    "body, at",
    [
        (b"<methodResponse>", 16),
        (b"<methodResponse></params>", 18),
        (b"\n\n <methodResponse></params>", 21),
        (b"\xef\xbb\xbf<methodResponse></params>", 21),
        (b"<methodResponse>&eacute;", 16),
        (b"Unauthorized", 0),
        (b"\n {}", 2),
        (b"<methodResponse>\x01", 16),
        (b"<methodResponse>&#1;", 16),
        (answer("<value/>").encode() + b"x", 73),
        (answer("<value/>").encode() + b"\0", 73),
    ],
)
def test_not_well_formed(body, at):
    """The error tells at which byte of the body, and shows nothing of it."""
    error = refused(body)
    assert type(error) is MalformedResponseError
    assert error.at == at


@pytest.mark.parametrize("body", [b"\xef", b"\xef\xbb", b" \xef\xbb", b"\xef\xbb<", b"\xef\xef\xbb\xbf<a/>"])
@pytest.mark.parametrize("length", [1, MIB])
def test_broken_mark(body, length):
    """A part of a byte order mark is no answer."""
    assert type(refused(body, length=length)) is MalformedResponseError


@pytest.mark.parametrize("before", [b"\n", b" \t\r\n", b"\xef\xbb\xbf", b"\r\n\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
@pytest.mark.parametrize("length", [1, 2, 3, MIB])
def test_head_tolerated(before, length):
    """White space and a byte order mark before the declaration are passed over, in any pieces."""
    document = b'<?xml version="1.0" encoding="utf-8"?>' + answer("<value>\u010d</value>").encode("utf-8")
    assert decode(before + document, length) == {"value": "\u010d"}


@pytest.mark.parametrize("before", [b" ", b"\xef\xbb\xbf", b"\r\n\xef\xbb\xbf\n", b"\n" * 5000])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("length", [1, 2, 3, MIB])
def test_utf_16_behind_a_head(before, encoding, length):
    """What begins as UTF-8 does not go on in UTF-16, whatever expat would make of it: the body's encoding is one."""
    error = refused(before + answer("<value>\u010d</value>").encode(encoding), length=length)
    assert (type(error), error.at) == (MalformedResponseError, len(before))


@pytest.mark.parametrize(
    "declaration", ["<!DOCTYPE a>", "<!DOCTYPE a SYSTEM 'file:///etc/hostname'>", "<!DOCTYPE a [<!ENTITY b 'c'>]>"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_dtd(declaration, encoding):
    """A document type declaration is refused before anything in it is read."""
    error = refused((declaration + answer("<value/>")).encode(encoding))
    assert (type(error), error.detail) == (UnsafeXMLError, "a document type declaration")


@pytest.mark.parametrize(
    "behind", ["<!-- x -->", "<?x y?>", "<?x?>\n<!---->", "<!-- </methodResponse> -->", "\n\n<!-- -->"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("length", [1, 7, MIB])
def test_something_behind_the_root(behind, encoding, length):
    """XML allows comments and processing instructions behind the root, this protocol only white space."""
    error = refused((answer("<value/>") + behind).encode(encoding), length=length)
    assert (type(error), error.detail) == (MalformedResponseError, "something behind its end")


@pytest.mark.parametrize("aside", ["<!-- x -->", "<?x y?>"])
@pytest.mark.parametrize("length", [1, 7, MIB])
def test_comments_elsewhere(aside, length):
    """Before and inside the root they are passed over, also in the middle of a text."""
    assert decode(answer("<value>a{}b</value>".format(aside)).encode(), length) == {"value": "ab"}
    between = answer("{0}<value>ab</value>{0}".format(aside)).replace("<params>", aside + "<params>")
    between = between.replace("</methodResponse>", aside + "</methodResponse>")
    assert decode((aside + between + " \r\n").encode(), length) == {"value": "ab"}


# --- encodings ------------------------------------------------------------------------------------------------------

CZECH = "P\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd"
TEXT = answer("<value>" + CZECH + "</value>")


@pytest.mark.parametrize(
    "name, codec",
    [
        ("UTF-8", "utf-8"),
        ("utf-8", "utf-8-sig"),
        ("iso-8859-2", "iso-8859-2"),
        ("ISO8859-2", "iso-8859-2"),
        ("latin2", "iso-8859-2"),
        ("windows-1250", "cp1250"),
        ("cp1250", "cp1250"),
        ("ibm852", "cp852"),
        ("UTF-16", "utf-16"),
        ("utf-16le", "utf-16-le"),
        ("utf-16be", "utf-16-be"),
    ],
)
def test_encoding_read(name, codec):
    """What the declaration says is how it is read; whole and byte by byte."""
    document = declared(name, TEXT).encode(codec)
    assert decode(document) == decode(document, 1) == {"value": CZECH}


def test_encoding_undeclared():
    """Without a declaration it is UTF-8, or UTF-16 by its mark."""
    assert decode(TEXT.encode("utf-8")) == decode(TEXT.encode("utf-16")) == {"value": CZECH}


@pytest.mark.parametrize(
    "document",
    [
        TEXT.encode("iso-8859-2"),
        declared("utf-8", TEXT).encode("cp1250"),
        declared("utf8", TEXT).encode(),
        declared("UTF_8", TEXT).encode(),
        b"\xef\xbb\xbf" + declared("iso-8859-2", TEXT).encode(),
        b"\xef\xbb\xbf" + declared("utf-16", TEXT).encode(),
        declared("utf-16", TEXT).encode(),
        declared("shift_jis", TEXT).encode(),
        declared("utf-7", TEXT).encode(),
        declared("utf-32", TEXT).encode("utf-32"),
        declared("rot13", TEXT).encode(),
        declared("hex", TEXT).encode(),
        declared("idna", TEXT).encode(),
        declared("unicode_escape", TEXT).encode(),
        declared("cp9999", TEXT).encode(),
        declared("cp932", TEXT).encode(),
        declared("cp037", TEXT).encode(),
        declared("x-unknown", TEXT).encode(),
        declared("windows-1250", TEXT).replace(CZECH, "\x81").encode("latin-1"),
        TEXT.encode()[:60] + b"\xc5",
        TEXT.replace(CZECH, "\ud800").encode("utf-8", "surrogatepass"),
        TEXT.encode().replace(b"P", b"\xc0\x80"),
    ],
    ids=range(22),
)
@pytest.mark.parametrize("length", [1, MIB])
def test_encoding_wrong(document, length):
    """Every encoding that is not what it says, or is not read, is an error and never other letters."""
    assert type(refused(document, length=length)) is MalformedResponseError


def test_encoding_name_told():
    """The encoding's name is told as it stands there; what may be shown of it is decided where the error leaves."""
    assert refused(declared("x" * 500)).detail == "the encoding {}, which is not read".format("x" * 500)


# --- pieces ---------------------------------------------------------------------------------------------------------

XML = [fixture_files.load(path) for path in fixture_files.paths() if path.suffix == ".xml"]


@pytest.mark.parametrize("fixture", XML, ids=lambda fixture: fixture.name)
def test_pieces_of_fixture(fixture):
    """A fixture fed byte by byte gives what it gives whole."""
    assert outcome(fixture.body, 1) == outcome(fixture.body)


texts = st.text(st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters="\ufffe\uffff"), max_size=8)
scalars = st.one_of(
    texts,
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.booleans(),
    st.none(),
    st.binary(max_size=8),
    st.floats(allow_nan=False, allow_infinity=False),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)
spaces = st.sampled_from(["", " ", "\n", "<!-- c -->"])


@st.composite
def documents(draw):
    """A value, and a document that says it, with white space and comments between its tags."""

    def written(value):
        kind = type(value)
        if kind is list:
            inside = "<array>{0}<data>{0}{1}{0}</data></array>".format(draw(spaces), "".join(map(written, value)))
        elif kind is dict:
            inside = draw(spaces).join(
                "<member><name>{}</name>{}</member>".format(escape(name), written(item)) for name, item in value.items()
            )
            inside = "<struct>{}</struct>".format(inside)
        elif value is None:
            inside = "<nil/>"
        elif kind is bytes:
            inside = "<base64>{}</base64>".format(b64encode(value).decode())
        elif kind is str:
            inside = "<string>{}</string>".format(escape(value))
        else:
            tag = {int: "i8", bool: "boolean", float: "double"}[kind]
            inside = "<{0}>{1}</{0}>".format(tag, int(value) if kind is bool else repr(value))
        return "<value>{0}{1}{0}</value>".format(draw(spaces), inside)

    value = draw(values)
    return value, answer(written(value)).encode()


@FEW
@given(documents(), st.integers(1, 40))
def test_pieces_of_generated(case, length):
    """What was said is read, whole and in pieces of any length."""
    value, document = case
    expected = {"array" if type(value) is list else "value": value}
    assert decode(document) == decode(document, length) == expected


broken = st.sampled_from([b"", b"<", b">", b"/", b"\xff", b"<value>", b"</value>", b"x", b"&"])


@FEW
@given(st.sampled_from(XML), st.data())
def test_pieces_of_mutated(fixture, data):
    """A broken answer gives the same in any pieces: a value, or one of our errors."""
    body = bytearray(fixture.body)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body)))
        until = min(len(body), at + data.draw(st.sampled_from([0, 1, 1, 7, 40])))
        body[at:until] = data.draw(broken)
    body = bytes(body)
    assert outcome(body) == outcome(body, data.draw(st.integers(1, 40)))
