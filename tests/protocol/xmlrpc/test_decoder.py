"""The decoder: what is XML-RPC becomes its value, everything else is a typed error; neither leaves anything behind."""

import gc
import sys
import weakref
import xmlrpc.client

import defusedxml.xmlrpc
import pytest

from mailkit_xmlrpc import MailkitError, MalformedResponseError, ResponseTooLargeError, UnexpectedShapeError
from mailkit_xmlrpc.protocol.fields import DateTimeText, DoubleLiteral, IntLiteral, plain
from mailkit_xmlrpc.protocol.xmlrpc.decoder import Decoder, Unmarshaller, getparser
from tests.support.decoding import MIB, answer, declared, decode, refused, scalar, struct

# --- values ---------------------------------------------------------------------------------------------------------

LONGEST_DOUBLE = "1." + "0" * 398  # 400 characters


@pytest.mark.parametrize(
    "inside, value",
    [
        ("text", "text"),
        ("", ""),
        (" a ", " a "),
        ("<string>text</string>", "text"),
        ("<string/>", ""),
        ("\n <string> a\n</string>\t", " a\n"),
        ("<string>a&amp;&#x10d;<![CDATA[<b>]]></string>", "a&č<b>"),
        ("a<!-- c --><?p i?>b", "ab"),
        ("<string>a\r\nb\rc&#13;\n</string>", "a\nb\nc\r\n"),
        ("<int>5</int>", 5),
        ("<i4>-5</i4>", -5),
        ("<int></int>", None),
        ("<i4/>", None),
        ("<i8>\t\r\n </i8>", None),
        ("<double/>", None),
        ("<double> </double>", None),
        ("<ex:i8>5</ex:i8>", 5),
        ("<int>1<!-- -->2</int>", 12),
        ("<int> \t\r\n7 </int>", 7),
        ("<int>-9223372036854775808</int>", -(1 << 63)),
        ("<int>" + "9" * 20 + "</int>", 10**20 - 1),
        ("<boolean>1</boolean>", True),
        ("<boolean> 0 </boolean>", False),
        ("<nil/>", None),
        ("<ex:nil> </ex:nil>", None),
        ("<base64>AAEC</base64>", b"\x00\x01\x02"),
        ("<base64>\nAA ==\n</base64>", b"\x00"),
        ("<base64/>", b""),
        ("<struct/>", {}),
        ("<struct> </struct>", {}),
    ],
)
def test_value_of_every_type(inside, value):
    """Each type, with the white space and markup that XML allows in it, becomes its Python value and type."""
    found = scalar(inside)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    "inside, value",
    [
        ("<i8>+5</i8>", 5),
        ("<int>0550</int>", 550),
        ("<int> -0\n</int>", 0),
        ("<i4>-007</i4>", -7),
        ("<double>5</double>", 5.0),
        ("<double>5.09999999999999964473</double>", 5.1),
        ("<double> -1e3 </double>", -1000.0),
        ("<double>.5</double>", 0.5),
        ("<double>5.</double>", 5.0),
        ("<double>1e-9999</double>", 0.0),
        ("<double>" + LONGEST_DOUBLE + "</double>", 1.0),
    ],
)
def test_number_with_its_literal(inside, value):
    """A number that Python would write in another way keeps the digits that were sent, without the white space."""
    found = scalar(inside)
    assert type(found) is (DoubleLiteral if type(value) is float else IntLiteral)
    assert found.literal == inside[inside.index(">") + 1 : inside.index("</")].strip()
    assert (type(plain(found)), plain(found)) == (type(value), value)


@pytest.mark.parametrize("inside", ["<array/>", "<array><data/></array>", " <array>\n<data> </data></array>\n"])
def test_value_empty_array(inside):
    """An array may be empty, and may lack its data (as it does in the wild)."""
    assert decode(answer("<value>{}</value>".format(inside)).encode()) == {"array": []}


def test_value_datetime():
    """A dateTime stays its text, whatever it says, and can be told from a string."""
    for text in ("20141223T12:36:02", "", "soon"):
        found = scalar("<dateTime.iso8601>{}</dateTime.iso8601>".format(text))
        assert (type(found), found) == (DateTimeText, text)


@pytest.mark.parametrize(
    "tag, text",
    [("int", text) for text in ("1.0", "1e3", "0x1", "1_000", "٣", "\u00a05", "5 5", "--5", "+", "x")]
    + [("int", "9" * 21), ("i4", "0" * 21), ("i8", "-" + "1" * 20), ("int", "9" * 100000)]
    + [("double", text) for text in ("nan", "inf", "-Infinity", "1e999", "1,5", "1_0", "٣", ".", "1e", "0x1p3")]
    + [("double", LONGEST_DOUBLE + "0"), ("double", "9" * 100000), ("double", "-1e400"), ("double", "1e99999")]
    + [("boolean", text) for text in ("", "2", "true", "01", "1 1", "١")]
    + [("nil", "x"), ("ex:nil", "0")]
    + [("base64", text) for text in ("AAE", "A", "!!!!", "AAE=AA", "é", "=", "====", "A===", "AA==AA==", "A=AA")]
    + [("base64", "AAAA\u00a0"), ("base64", "AAA=\u2028")],
)
def test_scalar_wrong(tag, text):
    """What Python would take or silently drop, and XML-RPC does not know, is refused; lengths at one past the limit."""
    error = refused(answer("<value><{0}>{1}</{0}></value>".format(tag, text)))
    assert type(error) is MalformedResponseError
    assert text.strip() == "" or text.strip() not in str(error)


def test_rows_one_by_one():
    """Elements of the outermost array are handed over as they close, so that memory need not grow with them."""
    decoder = Decoder(*getparser())
    decoder.feed(b"<methodResponse><params><param><value><array>")
    assert decoder.found == {"array": True}
    decoder.feed(b"<data><value>a</value><value><array><data><value>b</value></data></array></value><value>c")
    assert decoder.items == ["a", ["b"]]
    del decoder.items[:]
    decoder.feed(b"</value></data></array></value></param></params></methodResponse>")
    decoder.close()
    assert decoder.items == ["c"]


def test_rows_decoded_elsewhere():
    """Between rows, others may be decoded elsewhere; the places that errors name count them."""
    decoder = Decoder(*getparser())
    assert not decoder.between_rows()
    for piece, between in (
        (b"<methodResponse><params><param><value><array>", False),
        (b"<data>", True),
        (b"<value>", False),
        (b"<array><data>", False),
        (b"</data></array>", False),
        (b"</value>", True),
        (b"<", False),
        (b"value>a</value>\n", True),
    ):
        decoder.feed(piece)
        assert decoder.between_rows() is between
    decoder.skip(1000, [("row",)] * 10)
    assert decoder.items == [[], "a"] + [("row",)] * 10
    with pytest.raises(UnexpectedShapeError) as caught:
        decoder.feed(struct("<member><name>a</name><value/></member>" * 2).encode())
    assert caught.value.detail == "row 12 has two members of one name"


def test_rows_decoded_elsewhere_byte():
    """So does the byte."""
    decoder = Decoder(*getparser())
    start = b"<methodResponse><params><param><value><array><data>"
    decoder.feed(start)
    decoder.skip(1000, [()] * 10)
    with pytest.raises(MalformedResponseError) as caught:
        decoder.feed(b"</value>")
    assert (caught.value.detail, caught.value.at) == ("mismatched tag", len(start) + 1000 + 2)


@pytest.mark.parametrize(
    "document, encoding", [(answer("<value/>"), ""), (declared("utf-8"), "UTF-8"), (declared("Latin2"), "LATIN2")]
)
def test_encoding_told(document, encoding):
    """The declared encoding is told, in capitals."""
    decoder = Decoder(*getparser())
    decoder.feed(document.encode())
    assert decoder.encoding == encoding


def test_nesting():
    """Arrays and structs inside each other, each its own."""
    inner = "<value><array><data>{}</data></array></value>".format(struct("<member><name>b</name><value/></member>"))
    members = "<member><name>a</name>{}</member><member><name/><value><i4>1</i4></value></member>".format(inner)
    assert decode(answer(struct(members)).encode()) == {"value": {"a": [{"b": ""}], "": 1}}
    assert decode("<methodResponse><fault>{}</fault></methodResponse>".format(inner).encode()) == {"fault": [{"b": ""}]}


@pytest.mark.parametrize("levels, fine", [(32, True), (33, False), (100000, False)])
@pytest.mark.parametrize("where", ["params", "fault"])
def test_depth(levels, fine, where):
    """32 levels are read, one more is refused, however many more."""
    value = "<value>" + "<array><data><value>" * levels + "</value></data></array>" * levels + "</value>"
    document = answer(value)
    if where == "fault":
        document = "<methodResponse><fault>{}</fault></methodResponse>".format(value)
    if fine:
        assert len(decode(document.encode())) == 1
        return
    error = refused(document)
    assert (type(error), error.limit, error.unit) == (ResponseTooLargeError, 32, "levels")


# --- size -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [b"<!--", b"<?x ", b"<member a='", b"<name", b"</name"])
@pytest.mark.parametrize("limit", [64, MIB])
def test_token_at_limit(start, limit):
    """An unfinished piece of markup may be as long as the limit, and not a byte longer."""
    for length, fine in ((limit, True), (limit + 1, False)):
        decoder = Decoder(*getparser(), max_token=limit)
        decoder.feed(b"<methodResponse><params>")
        token = start + b"x" * (length - len(start))
        if fine:
            decoder.feed(token)
        else:
            with pytest.raises(ResponseTooLargeError) as caught:
                decoder.feed(token)
            assert (caught.value.limit, caught.value.unit) == (limit, "bytes")


def test_token_limit_default():
    """The default limit is 1 MiB. (While expat 2.6 and newer put a long token off, what follows it counts as well.)"""
    assert decode(answer("<value><!--" + "x" * (MIB // 3) + "--></value>").encode(), MIB // 8) == {"value": ""}
    assert refused(answer("<value><!--" + "x" * 2 * MIB + "--></value>"), length=MIB // 4).limit == MIB


@pytest.mark.parametrize("rows", [0, 3])
def test_value_at_limit(rows):
    """One row, or the only value, may be as long as the limit, and not a byte longer; all rows together may."""
    for length, fine in ((1000, True), (1001, False)):
        decoder = Decoder(*getparser(), max_value=1000)
        start = "<methodResponse><params><param><value>"
        if rows:
            decoder.feed((start + "<array><data>").encode())
            for _ in range(rows):
                decoder.feed("<value>{}</value>".format("x" * 900).encode())
            start = "<value>"
        decoder.feed(start.encode())
        if fine:
            decoder.feed(b"x" * (length - len(start)))
            continue
        with pytest.raises(ResponseTooLargeError) as caught:
            for _ in range(length - len(start)):
                decoder.feed(b"x")
        assert (caught.value.limit, caught.value.unit) == (1000, "bytes")


def test_value_limit_default():
    """The default limit is 16 MiB, which is far above any row."""
    assert len(scalar("x" * (16 * MIB - 200))) == 16 * MIB - 200
    assert refused(answer("<value>{}</value>".format("x" * 16 * MIB))).limit == 16 * MIB


@pytest.mark.parametrize("before, behind", [("", ""), ("<array><data>" + "<value>1</value>" * 9, "</data></array>")])
@pytest.mark.parametrize("size", [1, MIB])
def test_values_at_limit(before, behind, size):
    """One row, or the only value, may have so much in it and not one value more; all rows together may."""
    for rest, fine in (("", True), ("<value/>", False)):
        array = "<array><data><value>1</value><value><struct/></value>{}</data></array>".format(rest)
        member = "<member><name>{}</name><value>{}</value></member>".format
        row = "<struct>{}{}</struct>".format(member("A", ""), member("B", array))
        whole = answer("<value>" + before + ("<value>" + row + "</value>" if before else row) + behind + "</value>")
        decoder = Decoder(*getparser(5))
        try:
            for at in range(0, len(whole), size):
                decoder.feed(whole[at : at + size].encode())
            decoder.close()
        except ResponseTooLargeError as error:
            assert not fine
            assert (error.limit, error.unit, error.detail) == (5, "values", "the content of one value in it")
        else:
            assert fine


def test_values_limit_default():
    """The default limit is 262,144 values, which is far above any row."""
    array = "<array><data>{}</data></array>"
    body = answer("<value>" + array.format("<value>{}</value>".format(array)) + "</value>")
    assert len(decode(body.format("<value/>" * ((1 << 18) - 1)).encode())["array"][0]) == (1 << 18) - 1
    assert refused(body.format("<value/>" * (1 << 18))).limit == 1 << 18


@pytest.mark.parametrize(
    "unit, same",
    [("<value a{}=''/>", 0), ("<value b='' a{}='' c=''/>", 2), ("<value/><?a{}?>", 0), ("<?a{} b?><value/>", 0)],
)
@pytest.mark.parametrize("length", [100, MIB])
def test_names_at_limit(unit, same, length):
    """An answer has at most a thousand names of attributes and instructions, each as often as it likes: expat keeps
    every one of them."""
    array = "<value><array><data>{}{}</data></array></value>"
    units = "".join(map(unit.format, range(1000 - same)))
    assert len(decode(answer(array.format(units, units)).encode(), length)["array"]) == 2 * (1000 - same)
    error = refused(answer(array.format(units, unit.format("x"))), length=length)
    assert (type(error), error.limit, error.unit) == (ResponseTooLargeError, 1000, "names")


def test_token_in_pieces_after_many_rows():
    """A long comment far into a long answer is as long as it is, not as long as the answer."""
    rows = "<value>{}</value>".format("x" * 1000) * 1500
    document = answer("<value><array><data>{}<!--{}--></data></array></value>".format(rows, "x" * (MIB // 2)))
    assert len(decode(document.encode(), MIB // 8)["array"]) == 1500


def test_long_text_is_no_token():
    """Data may be as long as it likes."""
    text = "\u010d\n" * MIB
    assert scalar(text) == scalar("<![CDATA[" + text + "]]>") == text


# --- nothing stays, nothing is shared -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        answer("<value>text</value>"),
        "",
        "x",
        "<a>",
        answer("<value><int/><int/></value>"),
        answer("x"),
        answer("<value/></param><param>"),
        "<!DOCTYPE a>",
        declared("x-unknown"),
        declared("cp9999"),
        answer("<value><int/></value>"),
        "<!--" + "x" * 2 * MIB,
        answer("<value>text"),
    ],
    ids=range(13),
)
def test_memory_freed(document):
    """Whether it ends well or badly, parser and values go at once, without the garbage collector."""
    gc.disable()
    try:
        parser, unmarshaller = getparser()
        watched = [weakref.ref(thing) for thing in (parser, unmarshaller, unmarshaller.start, unmarshaller.end)]
        decoder = Decoder(parser, unmarshaller)
        try:
            decoder.feed(document.encode())
            decoder.close()
        except MailkitError as error:
            error.__traceback__ = error.__context__ = None  # as the public methods do
        del decoder, parser, unmarshaller
        assert [reference() for reference in watched] == [None] * 4
    finally:
        gc.enable()


def test_interrupt_passes():
    """What is no Exception of the parser's passes, and the parser is taken apart all the same."""
    parser, unmarshaller = getparser()

    def interrupted(tag):
        raise KeyboardInterrupt

    parser._parser.EndElementHandler = interrupted
    decoder = Decoder(parser, unmarshaller)
    with pytest.raises(KeyboardInterrupt):
        decoder.feed(answer("<value/>").encode())
    assert not hasattr(parser, "_parser")


def test_host_changes_globals(monkeypatch):
    """What the host process does to the standard library's or defusedxml's globals changes nothing here."""

    def polluted(*args, **kwargs):
        raise AssertionError("a global of the host was used")

    dispatch = xmlrpc.client.Unmarshaller.dispatch
    for name in ("FastParser", "FastUnmarshaller", "Unmarshaller", "getparser", "loads", "ExpatParser"):
        monkeypatch.setattr(xmlrpc.client, name, polluted)
    monkeypatch.setattr(xmlrpc.client, "MAXINT", 1)
    monkeypatch.setattr(xmlrpc.client, "MININT", 0)
    monkeypatch.setattr(defusedxml.xmlrpc, "MAX_DATA", 1)
    for tag in ("int", "string", "value", "array", "data", "params"):
        monkeypatch.setitem(dispatch, tag, polluted)
    document = answer("<value><array><data><value><i8>5000000000</i8></value><value>a</value></data></array></value>")
    assert decode(document.encode()) == {"array": [5000000000, "a"]}


@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="no such limit in this Python")
def test_host_lifts_int_limit():
    """Nor does it, that it lifted the limit on digits."""
    before = sys.get_int_max_str_digits()  # novm (asked for first)
    sys.set_int_max_str_digits(0)  # novm (asked for first)
    try:
        assert type(refused(answer("<value><int>{}</int></value>".format("9" * MIB)))) is MalformedResponseError
    finally:
        sys.set_int_max_str_digits(before)  # novm (asked for first)


def test_unmarshaller_as_the_parsers_expect():
    """It has the methods that xmlrpc.client's parsers call."""
    target = Unmarshaller()
    assert target.xml("utf-8", None) is None
    assert all(callable(getattr(target, name)) for name in ("start", "end", "data"))
