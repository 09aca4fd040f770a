"""Plain values to the body of a request: the exact bytes, and what cannot be said is refused before it is sent."""

import enum
import xmlrpc.client
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailkit_xmlrpc import ConfigurationError
from mailkit_xmlrpc.protocol.calls import I4
from mailkit_xmlrpc.protocol.xmlrpc.encoder import encode
from tests.support.account import MD5


def body(*params):
    """The body that *params* make."""
    return encode("some.method", params)


def param(value):
    """What stands in the one value tag of the body that *value* makes."""
    before, rest = body(value).split(b"<param><value>")
    inside, after = rest.split(b"</value></param>")
    assert before.endswith(b"<params>") and after.startswith(b"</params>")
    return inside


def test_documented_request():
    """The vendor's documented request, byte for byte."""
    assert encode("mailkit.report.message.bounces", (1234567, MD5, I4(123456))) == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b"<methodCall><methodName>mailkit.report.message.bounces</methodName><params>"
        b"<param><value><int>1234567</int></value></param>"
        b"<param><value><string>0123456789abcdef0123456789abcdef</string></value></param>"
        b"<param><value><i4>123456</i4></value></param>"
        b"</params></methodCall>\n"
    )


def test_no_params():
    """A call may have no params."""
    assert body() == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b"<methodCall><methodName>some.method</methodName><params></params></methodCall>\n"
    )


@pytest.mark.parametrize(
    "value, inside",
    [
        (0, b"<int>0</int>"),
        (-1, b"<int>-1</int>"),
        (I4(0), b"<i4>0</i4>"),
        (I4(-1), b"<i4>-1</i4>"),
        ((1 << 31) - 1, b"<int>2147483647</int>"),
        (1 << 31, b"<i8>2147483648</i8>"),
        (-(1 << 31), b"<int>-2147483648</int>"),
        (-(1 << 31) - 1, b"<i8>-2147483649</i8>"),
        (I4((1 << 31) - 1), b"<i4>2147483647</i4>"),
        (I4(1 << 31), b"<i8>2147483648</i8>"),
        (I4(-(1 << 31)), b"<i4>-2147483648</i4>"),
        (I4(-(1 << 31) - 1), b"<i8>-2147483649</i8>"),
        ((1 << 63) - 1, b"<i8>9223372036854775807</i8>"),
        (I4((1 << 63) - 1), b"<i8>9223372036854775807</i8>"),
        (-(1 << 63), b"<i8>-9223372036854775808</i8>"),
    ],
)
def test_int(value, inside):
    """An int is <int>, an I4 is <i4>, and either is <i8> where it does not fit 32 bits."""
    assert param(value) == inside


@pytest.mark.parametrize("value", [1 << 63, I4(1 << 63), -(1 << 63) - 1, 10**4000], ids=range(4))
def test_int_too_large(value):
    """An int beyond 64 bits cannot be said; the text names its place, not its value."""
    with pytest.raises(ConfigurationError) as caught:
        body("x", value)
    assert str(caught.value) == "param 2 does not fit the 64 bits of an XML-RPC integer"


@pytest.mark.parametrize(
    "value, inside",
    [
        ("", b"<string></string>"),
        ("a b", b"<string>a b</string>"),
        ("a<b>&c]]>", b"<string>a&lt;b&gt;&amp;c]]&gt;</string>"),
        ("&#13;", b"<string>&amp;#13;</string>"),
        ("a\r\nb\rc\td", b"<string>a&#13;\nb&#13;c\td</string>"),
        ("'\"", b"<string>'\"</string>"),
        ("P\u0159\u00edli\u0161", b"<string>P&#345;&#237;li&#353;</string>"),
        ("\U0001f4ec", b"<string>&#128236;</string>"),
        ("\u0085\u2028\ufffd\U0010ffff", b"<string>&#133;&#8232;&#65533;&#1114111;</string>"),
        ("\x7f\xa0", b"<string>\x7f&#160;</string>"),
    ],
)
def test_string(value, inside):
    """A string is escaped so that it arrives as it is, carriage returns included, in pure ASCII."""
    assert param(value) == inside


@pytest.mark.parametrize("code", [0, 1, 8, 0x0B, 0x0C, 0x0E, 0x1B, 0x1F, 0xD800, 0xDC80, 0xDFFF, 0xFFFE, 0xFFFF])
def test_character_forbidden(code):
    """What XML 1.0 cannot hold, not even as a reference, is refused, in the method's name as well."""
    with pytest.raises(ConfigurationError) as caught:
        body(1, "secret" + chr(code))
    assert str(caught.value) == "param 2 holds a character that XML cannot hold"
    with pytest.raises(ConfigurationError) as caught:
        encode("method" + chr(code), ())
    assert str(caught.value) == "the method name holds a character that XML cannot hold"


def test_method_name_escaped():
    """A method's name cannot bring markup of its own."""
    name = "a</methodName><x/>&\u010d"
    made = encode(name, ())
    assert b"<methodName>a&lt;/methodName&gt;&lt;x/&gt;&amp;&#269;</methodName>" in made
    assert xmlrpc.client.loads(made) == ((), name)


class Account:
    """What the standard library would send with all of its attributes."""

    def __init__(self):
        self._password = MD5


class Text(str):
    """A subclass may mean anything."""


class Number(enum.IntEnum):
    """So may this one."""

    ONE = 1


@pytest.mark.parametrize(
    "value",
    [
        None,
        bytearray(b"abc"),
        {1, 2},
        Account(),
        Account,
        len,
        Text("a"),
        Number.ONE,
        Decimal(1),
        Path("a"),
        datetime(2014, 12, 23),
        xmlrpc.client.Binary(b""),
        xmlrpc.client.DateTime(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_types_refused(value):
    """Any other type is refused by its name; nothing of the value is told."""
    with pytest.raises(ConfigurationError) as caught:
        body("x", value, "y")
    assert str(caught.value) == "param 2 must be a plain value (str, int, ...), not {}".format(type(value).__name__)


XML_TEXT = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\ufffe\uffff").filter(
        lambda char: char >= " " or char in "\t\n\r"
    )
)
INTS = st.integers(-(1 << 63), (1 << 63) - 1)


@settings(max_examples=200, deadline=None, database=None)
@given(XML_TEXT, st.lists(st.one_of(XML_TEXT, INTS, INTS.map(I4)), max_size=5))
def test_read_back(method, params):
    """The standard library's server reads back what was said, of any text and any int; all of it is ASCII."""
    made = encode(method, params)
    assert all(byte < 128 for byte in made)
    read, name = xmlrpc.client.loads(made)
    assert read == tuple(params)
    assert (name or "") == method  # it gives None for an empty name


def test_host_changes_globals(monkeypatch):
    """What the host process does to the standard library's marshaller changes nothing here."""
    before = body(5, I4(1 << 40), "a")
    monkeypatch.setattr(xmlrpc.client, "MAXINT", 1)
    monkeypatch.setattr(xmlrpc.client, "FastMarshaller", None)
    monkeypatch.setitem(xmlrpc.client.Marshaller.dispatch, int, lambda *args: 1 / 0)
    monkeypatch.setitem(xmlrpc.client.Marshaller.dispatch, str, lambda *args: 1 / 0)
    assert body(5, I4(1 << 40), "a") == before
