"""What each kind of answer means, over HTTP: rows, none, a refusal, or an error; never "no rows" by mistake."""

from datetime import datetime
from pathlib import Path

import pytest

from mailkit_xmlrpc import (
    ApiError,
    Bounce,
    DisallowedIPError,
    FaultError,
    HTTPStatusError,
    IncompleteResponseError,
    InvalidSendIdError,
    MailkitError,
    MalformedResponseError,
    ResponseError,
    UnauthorizedError,
    UnexpectedShapeError,
)

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"
FAULT = b"""<?xml version="1.0"?><methodResponse><fault><value><struct>
<member><name>faultCode</name><value><int>4</int></value></member>
<member><name>faultString</name><value><string> Too many parameters. </string></value></member>
</struct></value></fault></methodResponse>"""
STRUCT = "<struct><member><name>{}</name><value><string>{}</string></value></member></struct>"


def _failure(client, kind):
    with pytest.raises(MailkitError) as caught:
        client.bounces(123456)
    assert type(caught.value) is kind
    assert caught.value.attempts == 1
    return caught.value


def test_documented_answer_is_one_bounce(answering):
    """The vendor's own sample becomes one typed row, with the id_send that was asked for."""
    client = answering((FIXTURES / "documented-answer.xml").read_bytes())
    assert client.bounces(123456) == [
        Bounce(
            id_send=123456,
            email="mail@mail.com",
            id_email=49872054,
            id_user_list=123,
            id_send_message=1234567890,
            date=datetime(2014, 12, 23, 12, 36, 2),
            status="4.4.2",
            email_status="temporary/permanent",
            bounce_cat="bad-mailbox",
            reason="Bad Mailbox",
            extra={},
        )
    ]


def test_rows_keep_the_servers_order(answering):
    """An array of structs gives its rows in the order sent, sorted by nothing."""
    emails = ["c@example.com", "a@example.com", "c@example.com", "b@example.com"]
    client = answering.rows(*[{"EMAIL": email} for email in emails])
    assert [bounce.email for bounce in client.bounces(7)] == emails
    assert [bounce.email for bounce in client.iter_bounces(7)] == emails


@pytest.mark.parametrize(
    "xml",
    [
        "<array><data></data></array>",
        "<array><data/></array>",
        "<array/>",
        "<string></string>",
        "<string/>",
        "<string> \n </string>",
        "",
        " \n ",
        "<struct></struct>",
        "<struct/>",
        "<nil/>",
    ],
)
def test_empty_forms_are_no_rows(answering, xml):
    """Each form in which this API says "nothing" is an empty list, from the iterator too."""
    client = answering.value(xml)
    assert client.bounces(123456) == []
    assert list(client.iter_bounces(123456)) == []


def test_bare_struct_is_one_row(answering):
    """One row alone may come without its array."""
    (bounce,) = answering.value(STRUCT.format("EMAIL", "anna@example.com")).bounces(123456)
    assert bounce.email == "anna@example.com"


@pytest.mark.parametrize("text", ["Unauthorized", " Unauthorized\n"])
def test_unauthorized(answering, text):
    """The documented word is UnauthorizedError, stripped."""
    assert _failure(answering.value("<string>{}</string>".format(text)), UnauthorizedError).message == "Unauthorized"


@pytest.mark.parametrize(
    "text, ip",
    [("Disallowed IP 192.0.2.7", "192.0.2.7"), ("Disallowed IP 2001:db8::7\n", "2001:db8::7"), ("Disallowed IP", None)],
)
def test_disallowed_ip(answering, text, ip):
    """The documented prefix is DisallowedIPError, with the address Mailkit saw."""
    error = _failure(answering.value("<string>{}</string>".format(text)), DisallowedIPError)
    assert (error.ip, error.message) == (ip, text.strip())


@pytest.mark.parametrize("text", ["Missing ID_send", "Invalid ID_send"])
def test_invalid_send_id(answering, text):
    """Both documented words are InvalidSendIdError, which tells the id that was asked for."""
    error = _failure(answering.value("<string>{}</string>".format(text)), InvalidSendIdError)
    assert (error.id_send, error.message) == (123456, text)


@pytest.mark.parametrize("text", ["Invalid ID_message", "OK", "unauthorized", "Unauthorized.", "0"])
def test_other_string_is_a_refusal(answering, text):
    """Any other string that is not empty is ApiError itself, and never a report without rows."""
    assert _failure(answering.value("<string>{}</string>".format(text)), ApiError).message == text


def test_untyped_string_is_a_refusal(answering):
    """A value without a type is a string."""
    assert _failure(answering.value("Unauthorized"), UnauthorizedError).message == "Unauthorized"


@pytest.mark.parametrize("status", [200, 500, 400])
def test_fault(answering, status):
    """A fault is FaultError, whatever the HTTP status around it."""
    error = _failure(answering(FAULT, status=status), FaultError)
    assert (error.code, error.message) == (4, "Too many parameters.")


@pytest.mark.parametrize(
    "xml, what",
    [
        ("<int>0</int>", "a lone int"),
        ("<double>1.5</double>", "a lone double"),
        ("<boolean>0</boolean>", "a lone boolean"),
        ("<base64></base64>", "a lone base64"),
        ("<dateTime.iso8601>20141223T12:36:02</dateTime.iso8601>", "a lone dateTime"),
        (STRUCT.format("STATE", "ok"), "a lone struct that names no recipient"),
        (STRUCT.format("STATUS", "ok"), "a lone struct that names no recipient"),
        (STRUCT.format("error", "no"), "an error without an error_status"),
        ("<array><data><value>Unauthorized</value></data></array>", "row 0"),
        ("<array><data><value><struct/></value></data></array>", "row 0"),
    ],
)
def test_other_value_is_an_unexpected_shape(answering, xml, what):
    """A value that is neither rows nor a documented word is refused, and the text says what it is."""
    assert what in str(_failure(answering.value(xml), UnexpectedShapeError))


@pytest.mark.parametrize(
    "body, kind",
    [
        (b"<methodResponse></methodResponse>", UnexpectedShapeError),
        (b"<methodResponse><params/></methodResponse>", UnexpectedShapeError),
        (
            b"<methodResponse><params><param><value/></param><param><value/></param></params></methodResponse>",
            UnexpectedShapeError,
        ),
        (b"<methodCall><methodName>x</methodName></methodCall>", UnexpectedShapeError),
        (b"<html><body>502</body></html>", MalformedResponseError),
        (b"<!-- --><p>soup<br>", MalformedResponseError),
        (b'{"error": "Unauthorized", "error_status": 1}', MalformedResponseError),
        (b"Unauthorized", MalformedResponseError),
        (FAULT + b"<!-- -->", MalformedResponseError),
        (FAULT + b"x", MalformedResponseError),
    ],
)
def test_other_document_is_a_response_error(answering, body, kind):
    """What is not a methodResponse with one param is the fitting ResponseError."""
    assert isinstance(_failure(answering(body), kind), ResponseError)


@pytest.mark.parametrize(
    "body",
    [b"", b" \r\n", b"\xef\xbb\xbf", b"<", b"<?xml", b"<!-- x", b"<methodResponse", b"<methodResponse/>", FAULT[:-1]],
)
def test_beginning_of_an_answer_is_incomplete(answering, body):
    """What begins as a methodResponse, nothing at all included, and lacks its end is incomplete, though HTTP calls it
    whole: so look answers of a script that died. It may be asked for again."""
    error = _failure(answering(body), IncompleteResponseError)
    assert error.received == len(body) and error.retryable


@pytest.mark.parametrize("status", [201, 301, 404, 503])
def test_other_status_is_no_answer(answering, status):
    """Without HTTP 200 not even a perfect report counts."""
    client = answering((FIXTURES / "documented-answer.xml").read_bytes(), status=status)
    assert _failure(client, HTTPStatusError).status == status


def test_error_names_the_wrong_content_type(answering):
    """An answer that is not XML-RPC and says so in its Content-Type is named by it; a mere label harms no report."""
    client = answering(b"<p>", content_type="text/html")
    assert "its Content-Type is text/html" in str(_failure(client, MalformedResponseError))
    client = answering((FIXTURES / "documented-answer.xml").read_bytes(), content_type="text/html")
    assert len(client.bounces(123456)) == 1


def test_next_call_works_after_each_failure(answering):
    """A refused or unintelligible answer leaves nothing behind that the next call could stumble over."""
    client = answering(b"<p>")
    _failure(client, MalformedResponseError)
    answering.value("Unauthorized")
    _failure(client, UnauthorizedError)
    answering.rows({"EMAIL": "anna@example.com"})
    assert [bounce.email for bounce in client.bounces(123456)] == ["anna@example.com"]
