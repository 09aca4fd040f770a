"""A time limit of the caller's (a signal handler) may strike at any line of decoding, with an exception of any class.

Wherever we expect an exception of such a class ourselves, it is asked where it comes from. To strike at that very line
is a matter of luck, so these tests have what is expected there happen, and say that it came from the caller.
"""

import pytest

from mailkit_xmlrpc.protocol import fields
from mailkit_xmlrpc.protocol.calls import BouncesCall
from mailkit_xmlrpc.protocol.json import decoder as json_decoder
from mailkit_xmlrpc.protocol.json.report import ReportReader as JsonReader
from mailkit_xmlrpc.protocol.xmlrpc import report
from mailkit_xmlrpc.protocol.xmlrpc.decoder import getparser
from mailkit_xmlrpc.protocol.xmlrpc.fast_path import FastPath
from mailkit_xmlrpc.protocol.xmlrpc.report import ReportReader
from tests.protocol.test_time_zones import LikePytz

HEAD = b"<methodResponse><params><param><value><array><data>"
ROW = b"<value><struct><member><name>EMAIL</name><value>%s</value></member></struct></value>"


def read(body):
    """Feed *body* to a reader of XML-RPC."""
    return ReportReader(getparser(), BouncesCall(1), fast=FastPath()).feed(body)


def read_json(body):
    """Feed *body* to a reader of JSON."""
    return JsonReader(BouncesCall(1)).feed(body)


@pytest.mark.parametrize(
    "module, step, error",
    [
        (fields, lambda: fields.read_text(b"\xff"), UnicodeDecodeError),
        (fields, lambda: fields.read_date("9999-12-31", LikePytz()), OverflowError),
        (fields, lambda: fields.read_date("0000-00-00"), ValueError),
        (json_decoder, lambda: read_json(b'"\xff"'), UnicodeDecodeError),
        (json_decoder, lambda: read_json(b'[{"EMAIL": nonsense}'), ValueError),
        (json_decoder, lambda: read_json(b"[nonsense]"), ValueError),
        (report, lambda: read(HEAD + ROW % b"\xff" + ROW % b"a"), UnicodeDecodeError),
    ],
    ids=range(7),
)
def test_what_the_caller_raises_passes(module, step, error, monkeypatch):
    """It passes as it is, and nothing is taken for unreadable because of it."""
    monkeypatch.setattr(module, "raised_by_caller", lambda error, *objects: True)
    with pytest.raises(error):
        step()


def test_while_a_reader_forgets():
    """Letting go of a document in its middle parses nothing, so there is nothing to raise; twice is fine."""
    parser, unmarshaller = getparser()
    reader = ReportReader((parser, unmarshaller), BouncesCall(1))
    reader.feed(HEAD)
    expat = parser._parser
    at = expat.CurrentByteIndex
    reader.forget()
    reader.forget()
    assert expat.CurrentByteIndex == at and vars(parser) == {}
