"""What the two protocols say of a call, and how each tells that an answer is whole."""

import json

import pytest

from mailkit_xmlrpc import ConfigurationError, FaultError, MalformedResponseError
from mailkit_xmlrpc.protocol.base import Protocol
from mailkit_xmlrpc.protocol.calls import BouncesCall, Call, CampaignsCall, DeliveriesCall, ValueCall
from mailkit_xmlrpc.protocol.encoding import Body
from mailkit_xmlrpc.protocol.json import Json
from mailkit_xmlrpc.protocol.json.report import ReportReader as JsonReportReader
from mailkit_xmlrpc.protocol.readers import Decoder, RowReader, ValueReader
from mailkit_xmlrpc.protocol.xmlrpc import XmlRpc
from mailkit_xmlrpc.protocol.xmlrpc.report import ReportReader
from tests.support.bodies import body_of
from tests.support.decoding import answer, declared

XMLRPC, JSON = XmlRpc(), Json()
BOTH = pytest.mark.parametrize("protocol", [XMLRPC, JSON], ids=["xmlrpc", "json"])

# --- calls ------------------------------------------------------------------------------------------------------------


def test_arguments():
    """XML-RPC puts the account before the parameters; JSON names them."""
    call = DeliveriesCall(7, "2014-12-23", None)
    assert XMLRPC.arguments(call, 5, "md5") == [5, "md5", 7, "2014-12-23"]
    assert JSON.arguments(call, 5, "md5") == [5, "md5", {"ID_message": 7, "range_from": "2014-12-23"}]


@pytest.mark.parametrize(
    "call, text",
    [
        (BouncesCall(7), "mailkit.report.message.bounces id_send=7"),
        (CampaignsCall(None, None), "mailkit.report"),
        (DeliveriesCall(7, None, None), "mailkit.report.campaign id_message=7"),
        (ValueCall("mailkit.x", [("", "secret")]), "mailkit.x"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_call_in_the_log(call, text):
    """A call is told by its function and the id that it asks about; no other parameter is."""
    assert str(call) == text


def test_call_of_positions_and_of_names():
    """XML-RPC knows positions, JSON names; the other kind is refused."""
    assert list(XMLRPC.call_of("mailkit.x", [1, 2], {}).parameters) == [("", 1), ("", 2)]
    assert list(JSON.call_of("mailkit.x", [], {"a": 1}).parameters) == [("a", 1)]
    with pytest.raises(ConfigurationError) as caught:
        XMLRPC.call_of("mailkit.x", [], {"a": 1})
    assert str(caught.value) == (
        "XML-RPC does not name its parameters: call(function, ...) in the documented order, "
        'or MailkitClient(..., protocol="json")'
    )
    with pytest.raises(ConfigurationError, match="the JSON form names its parameters"):
        JSON.call_of("mailkit.x", [1], {})


@pytest.mark.parametrize(
    "protocol, call, size, reader",
    [
        (XMLRPC, BouncesCall(7), 1, ReportReader),
        (XMLRPC, CampaignsCall(None, None), 1 << 30, RowReader),
        (XMLRPC, ValueCall("mailkit.x", []), 1, ValueReader),
        (JSON, BouncesCall(7), 1, JsonReportReader),
        (JSON, CampaignsCall(None, None), 1, RowReader),
        (JSON, ValueCall("mailkit.x", []), 1, ValueReader),
    ],
)
def test_reader_of_each_call(protocol, call, size, reader):
    """The report that may be large has a reader of its own."""
    assert type(protocol.rows(call, None, size)) is reader


def test_what_a_protocol_has_to_bring():
    """Nothing of the abstract classes can be used by mistake."""
    protocol, decoder = Protocol(), Decoder()
    call = Call("mailkit.x", [])
    for unfinished in (
        lambda: protocol.arguments(call, 1, "x"),
        lambda: protocol.encode("mailkit.x", []),
        lambda: protocol.expected_end(b"", True),
        lambda: protocol.text(body_of(b""), False),
        lambda: protocol.decoder(),
        lambda: protocol.rows(BouncesCall(1), None, 1),
        lambda: decoder.feed(b""),
        lambda: decoder.close(),
        lambda: decoder.forget(),
        lambda: call.row({}, None, 0),
        lambda: Body("", 0, b"").pieces(),
    ):
        with pytest.raises(NotImplementedError):
            unfinished()


# --- faults in answers that are not 200 -------------------------------------------------------------------------------

FAULT = (
    "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member>"
    "<member><name>faultString</name><value>no</value></member></struct></value></fault></methodResponse>"
).encode()


def test_fault_in_a_body():
    """A body that is a fault is one, in any pieces; any other is none, whatever is wrong with it."""
    for length in (1, 7, 1000):
        error = XMLRPC.fault_in(body_of(FAULT, size=length), False)
        assert (type(error), error.code, error.message) == (FaultError, 4, "no")
    for body in (b"", FAULT[:-1], FAULT + b"x", b"<html>", answer("<value>x</value>").encode(), b"{}"):
        assert XMLRPC.fault_in(body_of(body), False) is None
    for body in (b"", b"{}", b"[1", FAULT, b'{"error_status": 1, "error": "no"}'):
        assert JSON.fault_in(body_of(body), False) is None


# --- what an error says of the answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "protocol, content_type, told",
    [
        (XMLRPC, "text/xml", False),
        (XMLRPC, "TEXT/XML; charset=utf-8", False),
        (XMLRPC, "application/rpc+xml", False),
        (XMLRPC, "application/json", True),
        (XMLRPC, "text/xmlx", True),
        (JSON, "application/json", False),
        (JSON, "text/json ; charset=utf-8", False),
        (JSON, "application/problem+json", False),
        (JSON, "text/html", True),
        (JSON, None, False),
        (XMLRPC, "", False),
    ],
)
def test_describe(protocol, content_type, told):
    """An error names the protocol, and the Content-Type where that is something else."""
    error = MalformedResponseError("x")
    protocol.describe(error, content_type)
    assert error.protocol == protocol.name
    assert error.content_type == (content_type if told else None)


# --- its own end ------------------------------------------------------------------------------------------------------


def is_whole(protocol, body, framed=True, head=1 << 12):
    """What the protocol says of *body*, without the blanks at its end; None where only the decoder can judge."""
    end = protocol.expected_end(body[:head], framed)
    return None if end is None else bool(end.search(body.rstrip(b" \t\r\n\0")[-(1 << 12) :]))


XML = declared("UTF-8", "<!-- a > b -->\n" + answer("<value>\u010d &lt;/methodResponse&gt;</value>") + "\r\n")


@pytest.mark.parametrize(
    "body",
    [
        XML.encode("utf-8"),
        XML.replace("</methodResponse>", "</methodResponse \r\n\t>").encode("utf-8"),
        b"\xef\xbb\xbf" + XML.encode("utf-8"),
        b"\r\n\xef\xbb\xbf" + XML.encode("utf-8"),
        XML.replace("UTF-8", "UTF-16").encode("utf-16"),
        XML.replace("UTF-8", "UTF-16").encode("utf-16-le"),
        XML.replace("UTF-8", "UTF-16").encode("utf-16-be"),
        b"\xfe\xff" + XML.replace("UTF-8", "UTF-16").replace(">", " >").encode("utf-16-be"),
        answer("<value/>").encode("utf-8"),
        b"<?xml-stylesheet x?><!----> \n" + answer("<value/>").encode("utf-8"),
    ],
    ids=["plain", "blanks", "mark", "blank-mark", "utf-16", "le", "be", "be-mark", "bare", "asides"],
)
def test_xml_cut_anywhere(body):
    """A methodResponse is whole with its end tag, in any encoding; cut before that it is not, wherever."""
    assert is_whole(XMLRPC, body)
    assert is_whole(XMLRPC, body + b"junk")  # for the decoder to tell
    last = body.rindex(b">")
    for at in range(1, last + 1):
        assert is_whole(XMLRPC, body[:at]) is False, body[:at]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"<!doctype html>",
        b"<!DOCTYPE x>",
        b"Unauthorized",
        b"{}",
        b"[]",
        b"<methodCall>",
        b"<method>",
        b"<methodresponse>",
        b"\xc5",
        b"\n <p>",
        b"<?php ?><b>",
        b"<!-- x --><html>",
        b"\xef\xbb\xbf<html>",
        b"\x01",
    ],
    ids=repr,
)
def test_xml_of_another_beginning(body):
    """What does not begin as a methodResponse is the decoder's to judge: asking again would not help."""
    assert is_whole(XMLRPC, body) is None


@pytest.mark.parametrize(
    "body",
    [
        b'[{"EMAIL": "a@example.com", "X": [1, {}]}, {"EMAIL": "]"}, 5, null, "x"]',
        b"\xef\xbb\xbf \r\n[1.5, true ] \n",
        b'{"error_status": 1, "error": "no"}\n',
        b'"Unauthorized"',
        b"[ ]",
    ],
)
def test_json_cut_anywhere(body):
    """An array, an object or a string is whole with its closing mark; a cut is seen, or left to the decoder where the
    same mark stands at it."""
    assert is_whole(JSON, body)
    closing = body.rstrip()[-1:]
    for at in range(1, len(body.rstrip())):
        whole = is_whole(JSON, body[:at])
        assert not whole or body[:at].rstrip().endswith(closing), body[:at]
        if whole:
            decoder = JSON.decoder()
            with pytest.raises(MalformedResponseError):
                decoder.feed(body[:at])
                decoder.close()


@pytest.mark.parametrize(
    "row",
    [
        b'{"EMAIL": "a@example.com", "REASON": "host mx.example.com[192.0.2.1] said: [x], [\\"y\\"] {z} [12]"}',
        b'{"X": [1, 2], "Y": ["a"], "EMAIL": "anna@[192.0.2.1]"}',
    ],
)
def test_json_cut_behind_a_bracket_of_a_text(row):
    """A bracket in a row is not the end of the report; of these, none is taken for it."""
    body = b'\xef\xbb\xbf [\n{"EMAIL": "b@example.com"}, ' + row
    for at in range(8, len(body)):
        assert not is_whole(JSON, body[:at]) or body[:at].endswith(b"[1, 2]"), body[:at]
    assert is_whole(JSON, body + b"]")


@pytest.mark.parametrize(
    "last",
    [b"{}", b"[1]", b"5", b"-1.5e+7", b"null", b"true", b"false", b'"x"', b'"a\\"]"', b'""', b"{}" + b" " * 5000],
)
def test_json_of_objects_and_others(last):
    """Whatever the last element is, an array that begins with an object is whole with its bracket."""
    assert is_whole(JSON, b'[{"a": 1},\n' + last + b" \n]\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_json_in_utf_16(encoding):
    """In UTF-16 its end is seen as well, with a mark and without."""
    body = '[{"EMAIL": "\u010d"}]'.encode(encoding)
    assert is_whole(JSON, body) is True
    assert is_whole(JSON, body[:-3]) is False


@pytest.mark.parametrize("number", [b"0", b"12", b"-1", b"5.0", b"1e5"])
def test_json_number(number):
    """A number is whole only where HTTP told its length: its next digit may be missing."""
    assert is_whole(JSON, number, framed=True) is None
    assert is_whole(JSON, number, framed=False) is False
    assert is_whole(JSON, b"\n " + number + b"\n", framed=False) is False


@pytest.mark.parametrize("body", [b"null", b"true", b"nul", b"<html>", b"Unauthorized", b"\x00[", b"(", b"]"], ids=repr)
@pytest.mark.parametrize("framed", [True, False])
def test_json_of_another_beginning(body, framed):
    """A word, and what is no JSON, is the decoder's to judge."""
    assert is_whole(JSON, body, framed) is None


def test_json_whose_beginning_is_far_off():
    """Behind more white space than is looked at, any closing mark will do."""
    for body in (b"[]", b"{}", b'""', json.dumps([1, 2]).encode()):
        assert is_whole(JSON, b" " * 5000 + body)
        assert is_whole(JSON, b" " * 5000 + body[:-1]) is False or body == b'""'
    assert is_whole(JSON, b"\xef\xbb\xbf") is False
    assert is_whole(JSON, b"\xef\xbb\xbf", framed=False) is False


@BOTH
def test_nothing_to_look_at(protocol):
    """What is nothing but blanks begins as an answer, and has no end."""
    assert is_whole(protocol, b"\n" * 5000) is False
