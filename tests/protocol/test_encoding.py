"""Which encoding an answer is read in: byte order mark, charset, declaration and bytes against each other."""

import codecs
from unittest import mock

import pytest

from mailkit_xmlrpc import MalformedResponseError
from mailkit_xmlrpc.protocol import encoding
from mailkit_xmlrpc.protocol.encoding import charset_of, codec_of, encoding_of, is_utf_8, marked_encoding
from mailkit_xmlrpc.protocol.json import Json
from mailkit_xmlrpc.protocol.xmlrpc import XmlRpc
from tests.support.bodies import body_of
from tests.support.decoding import answer

XMLRPC, JSON = XmlRpc(), Json()
ERROR = MalformedResponseError
CZECH = "p\u0159\u00edli\u0161 \u017elu\u0165ou\u010dk\u00fd"


def value_of(protocol, data, content_type="", replace=False, size=1 << 16):
    """The one value that the answer *data* is, or the class of its error."""
    body = body_of(data, content_type, size)
    decoder = protocol.decoder()
    try:
        for piece in protocol.text(body, replace).of(body.pieces()):
            decoder.feed(piece)
        decoder.close()
    except MalformedResponseError as error:
        return type(error)
    finally:
        decoder.forget()
    return decoder.found["value"]


def document(text, declared=None):
    """An answer that is *text*; it declares that encoding."""
    head = "" if declared is None else '<?xml version="1.0" encoding="{}"?>'.format(declared)
    return head + answer("<value>{}</value>".format(text))


@pytest.mark.parametrize(
    "mark, charset, declared, actual, readable",
    [
        # nobody says anything else than UTF-8
        ("", None, None, "utf-8", True),
        ("", None, "UTF-8", "utf-8", True),
        ("", None, "utf8", "utf-8", True),
        ("", None, "UTF8", "utf-8", True),
        ("", "utf-8", "utf_8", "utf-8", True),
        ("", '"UTF8"', None, "utf-8", True),
        ("", "utf-8", None, "cp1250", False),
        ("", None, None, "cp1250", False),
        # the declaration alone
        ("", None, "windows-1250", "cp1250", True),
        ("", None, "ISO-8859-2", "iso8859-2", True),
        ("", None, "koi8-u", "koi8-u", False),
        ("", None, "us-ascii", "utf-8", False),
        ("", None, "x-unknown", "utf-8", False),
        ("", None, "UTF-16", "utf-8", False),
        # the charset alone
        ("", "windows-1250", None, "cp1250", True),
        ("", "Windows-1250", None, "utf-8", True),
        ("", "ISO-8859-1", None, "utf-8", True),
        ("", "x-unknown", None, "utf-8", False),
        ("", "utf-16", None, "utf-8", False),
        # they disagree, and one of them is UTF-8
        ("", "utf-8", "ISO-8859-2", "utf-8", True),
        ("", "utf-8", "ISO-8859-2", "iso8859-2", True),
        ("", "ISO-8859-2", "UTF-8", "utf-8", True),
        ("", "ISO-8859-2", "UTF-8", "iso8859-2", True),
        ("", "utf-8", "UTF-16", "utf-8", True),
        ("", "utf-8", "x-unknown", "utf-8", True),
        ("", "utf-8", "x-unknown", "cp1250", False),
        ("", "x-unknown", "UTF-8", "utf-8", False),
        # they disagree, and none of them is UTF-8
        ("", "windows-1250", "ISO-8859-2", "cp1250", True),
        ("", "windows-1250", "x-unknown", "cp1250", True),
        # a mark counts more than both
        ("\ufeff", None, "ISO-8859-2", "utf-8", True),
        ("\ufeff", "ISO-8859-2", "windows-1250", "utf-8", True),
        ("\ufeff", "x-unknown", None, "utf-8", True),
        ("\ufeff", "utf-8", "utf-8", "utf-16-le", True),
        ("\ufeff", "ISO-8859-2", None, "utf-16-be", True),
        ("\ufeff", None, None, "utf-32-le", False),
        ("\ufeff", "utf-8", None, "utf-32-be", False),
        # and so does UTF-16 without one
        ("", None, "UTF-16", "utf-16-le", True),
        ("", "utf-8", "UTF-8", "utf-16-be", True),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_xml(mark, charset, declared, actual, readable, size):
    """The right letters come out of an XML document, or an error; in pieces of any size."""
    text = CZECH if actual != "koi8-u" else "\u044f"
    data = (mark + document(text, declared)).encode(actual)
    content_type = "text/xml" + (charset is not None and "; charset=" + charset or "")
    assert value_of(XMLRPC, data, content_type, size=size) == (text if readable or actual == "koi8-u" else ERROR)


@pytest.mark.parametrize(
    "mark, charset, actual, readable",
    [
        ("", None, "utf-8", True),
        ("", "utf-8", "utf-8", True),
        ("", "utf-8", "cp1250", False),
        ("", None, "cp1250", False),
        ("", "windows-1250", "cp1250", True),
        ("", "windows-1250", "utf-8", True),
        ("", "x-unknown", "utf-8", False),
        ("\ufeff", "windows-1250", "utf-8", True),
        ("\ufeff", None, "utf-16-le", True),
        ("", "utf-16", "utf-16-be", True),
        ("\ufeff", None, "utf-32-le", False),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_json(mark, charset, actual, readable, size):
    """The same rule holds for JSON, which is UTF-8 where nothing is said."""
    data = (mark + '"{}"'.format(CZECH)).encode(actual)
    content_type = "application/json" + (charset is not None and "; charset=" + charset or "")
    assert value_of(JSON, data, content_type, size=size) == (CZECH if readable else ERROR)


@pytest.mark.parametrize(
    "charset, declared, actual, read",
    [
        ("utf-8", "ISO-8859-2", "iso8859-2", "utf-8"),
        ("ISO-8859-2", "UTF-8", "iso8859-2", "utf-8"),
        ("ISO-8859-2", None, "iso8859-2", "iso8859-2"),
        ("ISO-8859-2", None, "utf-8", "utf-8"),
        ("windows-1250", "ISO-8859-2", "iso8859-2", "cp1250"),
    ],
)
def test_lenient(charset, declared, actual, read):
    """Where forbidden bytes are replaced, a body that is said to be UTF-8 is UTF-8, whatever its bytes are."""
    body = body_of(CZECH.encode(actual), "text/xml; charset=" + charset)
    assert encoding_of(body, declared, True) == read


@pytest.mark.parametrize(
    "content_type, charset",
    [
        ("", None),
        ("text/xml", None),
        ("text/xml;charset=utf-8", "utf-8"),
        ("text/xml ; CharSet = \t windows-1250 ; x=y", "windows-1250"),
        ('text/xml; boundary=x; charset="ISO-8859-2"', "ISO-8859-2"),
        ("text/xml; charset='utf-8'", "utf-8"),
        ('text/xml; charset=" utf-8 "', "utf-8"),
        ("text/xml; charset=", None),
        ('text/xml; charset=""', None),
        ('text/xml; charset=" "', None),
        ("text/xml; charset=a; charset=b", "a"),
        ("text/xml; mycharset=a", None),
    ],
)
def test_charset_of(content_type, charset):
    """The charset of a Content-Type is found however it is written."""
    assert charset_of(content_type) == charset


@pytest.mark.parametrize(
    "name, codec",
    [
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8"),
        ("ASCII", "ascii"),
        ("US-ASCII", "ascii"),
        ("ISO-8859-1", "iso8859-1"),
        ("iso8859_15", "iso8859-15"),
        ("ISO-8859-12", None),
        ("latin2", "latin2"),
        ("Latin-2", "latin2"),
        ("windows-1250", "cp1250"),
        ("x-cp1250", "cp1250"),
        ("IBM852", "cp852"),
        ("cp852", "cp852"),
        ("koi8-r", "koi8-r"),
        ("cp037", None),  # EBCDIC
        ("cp932", None),  # two bytes a character
        ("cp65001", None),  # UTF-8 by another name where there is one
        ("cp9999", None),
        ("big5", None),
        ("utf-16", None),
        ("utf-7", None),
        ("utf-8-sig", None),
        ("rot13", None),
        ("zip", None),
        ("hex", None),
        ("idna", None),
        ("", None),
    ],
)
def test_codec_of(name, codec):
    """Only encodings of text that have ASCII in them are read, by the names they are known under."""
    assert codec_of(name) == codec
    assert codec is None or codecs.lookup(codec)


@pytest.mark.parametrize(
    "head, codec",
    [
        (b"", None),
        (b"<", None),
        (b"<a/>", None),
        (b" \n\xef\xbb\xbf<a/>", "utf-8"),
        (b"\xff\xfe<\0", "utf-16-le"),
        (b"\xfe\xff\0<", "utf-16-be"),
        (b"<\0a\0", "utf-16-le"),
        (b"\n\0<\0", "utf-16-le"),
        (b"\0<\0a", "utf-16-be"),
        (b"\0\n\0<", "utf-16-be"),
        (b"\xff\xfe\0\0", "utf-32"),
        (b"\0\0\xfe\xff", "utf-32"),
        (b"<\0\0\0", None),
        (b"\0\0\0<", None),
        (b"\0[", None),
    ],
)
def test_marked_encoding(head, codec):
    """A byte order mark is seen, and so is UTF-16 without one."""
    assert marked_encoding(head) == codec


@pytest.mark.parametrize("size", [1, 2, 5])
def test_is_utf_8(size):
    """Bytes are UTF-8 or not, wherever they are cut; a character that is not whole is none."""
    for text, valid in ((b"", True), (CZECH.encode(), True), (CZECH.encode()[:2], False), (b"a\xe1b", False)):
        assert is_utf_8(text[at : at + size] for at in range(0, len(text), size)) is valid


def test_error_of_the_caller_passes():
    """What a signal handler raises meanwhile is neither an unknown encoding nor bytes that are no UTF-8."""
    limits = [LookupError("mine"), UnicodeDecodeError("utf-8", b"x", 0, 1, "mine")]

    def interrupted(*_):
        raise limits[-1]
        yield

    with pytest.raises(UnicodeDecodeError) as caught:
        is_utf_8(interrupted())
    assert caught.value is limits.pop()
    with mock.patch.object(encoding, "bytes", lambda _: next(interrupted()), create=True):
        with pytest.raises(LookupError) as caught:
            codec_of("cp1250")
    assert caught.value is limits.pop()
