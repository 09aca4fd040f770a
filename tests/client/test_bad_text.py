"""Texts that XML or the encoding forbid, and answers in other encodings, as the user of a client meets them."""

import logging
from datetime import tzinfo
from unittest import mock

import pytest

from mailkit_xmlrpc import FaultError, HTTPStatusError, MalformedResponseError, Retry
from mailkit_xmlrpc.protocol import xmlrpc
from mailkit_xmlrpc.protocol.cleaner import Cleaner
from mailkit_xmlrpc.protocol.limits import PIECE, WHOLE
from tests.support.decoding import answer

LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?>'
FULL = "Schr\u00e1nka je pln\u00e1"


def report(*reasons, head=""):
    """A report over XML-RPC with those reasons, as they stand in it."""
    row = (
        "<value><struct><member><name>EMAIL</name><value>a@example.com</value></member>"
        "<member><name>REASON</name><value>{}</value></member></struct></value>"
    )
    rows = "<value><array><data>{}</data></array></value>".format("".join(map(row.format, reasons)))
    return head + answer(rows)


@pytest.mark.parametrize(
    "protocol, content_type, body, encoding",
    [
        ("xmlrpc", "text/xml; charset=utf-8", report(FULL, head=LATIN), "utf-8"),
        ("xmlrpc", "text/xml; charset=windows-1250", report(FULL), "cp1250"),
        ("json", "application/json; charset=windows-1250", '[{"EMAIL": "a", "REASON": "%s"}]' % FULL, "cp1250"),
    ],
)
def test_charset(answering, protocol, content_type, body, encoding):
    """The right letters come out where charset and declaration disagree, or where charset alone tells."""
    client = answering(body.encode(encoding), content_type=content_type, protocol=protocol)
    assert [row.reason for row in client.bounces(1)] == [FULL]


def test_fault_in_another_encoding(answering):
    """A fault in an answer that is not 200 is read by the same rule; what cannot be read is none."""
    fault = (
        "<methodResponse><fault><value><struct><member><name>faultString</name><value>{}</value></member>"
        "</struct></value></fault></methodResponse>"
    ).format(FULL)
    for charset, encoding, error in (
        ("windows-1250", "cp1250", FaultError),
        ("x-unknown", "utf-8", HTTPStatusError),
    ):
        client = answering(fault.encode(encoding), status=500, content_type="text/xml; charset=" + charset)
        with pytest.raises(error) as caught:
            client.bounces(1)
        assert error is HTTPStatusError or caught.value.message == FULL


@pytest.mark.parametrize("before", [2, 4000])
def test_error(answering, before):
    """Row, byte and option are named, in a short report and in a long one, and nothing of the text is shown."""
    reasons = ["x"] * before + ["a@example.com \x07"]
    body = report(*reasons).encode()
    assert (len(body) > WHOLE) is (before == 4000)
    with pytest.raises(MalformedResponseError) as caught:
        answering(body, content_type="text/html").bounces(1)
    assert str(caught.value) == (
        "the answer is not XML-RPC: row {} has the forbidden character U+0007 at byte {} (its Content-Type is "
        'text/html); on_bad_text="replace" reads it with U+FFFD in its place'.format(before, body.index(b"\x07"))
    )
    assert caught.value.__context__ is None


@pytest.mark.parametrize("many", [1, 3000])
def test_replaced(answering, many, caplog):
    """They are replaced where that is asked for, and counted: by the iterator as far as it is, and in the log once."""
    caplog.set_level(logging.WARNING, "mailkit_xmlrpc")
    client = answering(report(*["\x07&#8;"] * many).encode(), on_bad_text="replace")
    with client.iter_bounces(1) as rows:
        assert next(rows).reason == "\ufffd\ufffd"
        assert 0 < rows.replaced <= 2 * many
        assert (rows.replaced < 2 * many) is (many > 1)
        assert len(list(rows)) == many - 1
        assert rows.replaced == 2 * many
    expected = "mailkit.report.message.bounces id_send=1: {} forbidden characters were replaced by U+FFFD".format(
        2 * many
    )
    assert [record.getMessage() for record in caplog.records] == [expected]


def test_nothing_replaced(answering, caplog):
    """Where nothing is forbidden nothing is said."""
    client = answering(report(FULL).encode(), on_bad_text="replace")
    assert client.bounces(1)[0].reason == FULL
    with client.iter_bounces(1) as rows:
        assert rows.replaced == 0
    assert not [record for record in caplog.records if record.name == "mailkit_xmlrpc"]


def test_outcome(answering):
    """An Outcome tells how many were replaced in its report."""
    client = answering(report("\x07", "\x08").encode(), on_bad_text="replace")
    (outcome,) = client.iter_many([1])
    assert (len(outcome.unwrap()), outcome.replaced) == (2, 2)
    client = answering(report("x").encode())
    assert [outcome.replaced for outcome in client.iter_many([1])] == [0]


def test_error_of_the_caller_passes(answering):
    """What a tzinfo raises is the caller's own, whatever its class: the same object, and nothing is explained."""
    mine = MalformedResponseError("mine")

    class Zone(tzinfo):
        def localize(self, *_, **__):
            raise mine

    member = "</value></member><member><name>DATE</name><value>2014-12-23 12:36:02"
    with pytest.raises(MalformedResponseError) as caught:
        answering(report(FULL + member).encode(), tz=Zone()).bounces(1)
    assert caught.value is mine
    assert str(mine).endswith(": mine")


def test_any_function(answering):
    """The option holds for call(), campaigns() and deliveries(), too."""
    client = answering.value("a\x07", on_bad_text="replace")
    assert client.call("mailkit.x") == "a\ufffd"
    member = "<member><name>NAME</name><value>\x07</value></member>"
    array = "<array><data><value><struct>{}</struct></value></data></array>".format(member)
    client = answering.value(array, on_bad_text="replace")
    assert client.campaigns()[0].name == "\ufffd"


def test_explanation_ends_with_the_deadline(answering):
    """The body is read again within the deadline; where that has passed, the error is told without the explanation."""
    body = report(*["x" * PIECE] * 3, "\x07").encode()

    class Late(Cleaner):
        def _clean(self, text, parts, final):
            now[0] += 10
            return super()._clean(text, parts, final)

    now = [0.0]
    client = answering(body, deadline=5, retry=Retry(1, clock=lambda: now[0]))
    with mock.patch.object(xmlrpc, "XmlCleaner", Late):
        with pytest.raises(MalformedResponseError, match="not well-formed") as caught:
            client.bounces(1)
    assert caught.value.at == body.index(b"\x07")
