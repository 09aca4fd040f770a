"""The JSON form over HTTP: what is sent, and what each answer means; the same as over XML-RPC, but for the bytes."""

import copy
import json
import pickle
import socket
import threading
from datetime import datetime

import pytest

from mailkit_xmlrpc import (
    ApiError,
    ConfigurationError,
    DisallowedIPError,
    HTTPStatusError,
    IncompleteResponseError,
    InvalidSendIdError,
    MailkitClient,
    MailkitError,
    MalformedResponseError,
    ResponseTooLargeError,
    UnauthorizedError,
    UnexpectedShapeError,
)
from tests.support import fixture_files
from tests.support.account import MD5

ID_SEND = 123456
FIXTURES = [fixture_files.load(path) for path in fixture_files.paths()]
JSON = [each for each in FIXTURES if each.form == "json" and each.function == "mailkit.report.message.bounces"]
REPORTS = [each for each in JSON if each.status == 200 and each.expected.rows is not None]


@pytest.fixture
def json_client(httpserver):
    """``json_client(body)``: a client of the JSON form whose calls are answered with *body*, or with it as JSON."""
    clients = []

    def made(body, status=200, content_type="application/json", **options):
        httpserver.clear()
        data = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8")
        answer = httpserver.expect_request("/json.fcgi", method="POST")
        answer.respond_with_data(data, status=status, content_type=content_type)
        options = dict({"retry": None, "timeout": 10, "deadline": 30, "proxy": ""}, **options)
        url = "http://127.0.0.1:{}/json.fcgi".format(httpserver.port)
        clients.append(MailkitClient(1234567, MD5, protocol="json", url=url, **options))
        return clients[-1]

    yield made
    for client in clients:
        client.close()


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_request(json_client, httpserver):
    """The object of the vendor's page, its values strings, in ASCII."""
    assert json_client([]).bounces(ID_SEND) == []
    request = httpserver.log[0][0]
    assert request.get_data() == (
        b'{"function": "mailkit.report.message.bounces", "id": "1234567", "md5": "0123456789abcdef0123456789abcdef", '
        b'"parameters": {"ID_send": "123456"}}'
    )
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Content-Length"] == str(len(request.get_data()))


def test_default_url():
    """Each form has its own documented address."""
    assert MailkitClient(1, MD5)._settings.url.redacted == "https://api.mailkit.eu/rpc.fcgi"
    assert MailkitClient(1, MD5, protocol="json")._settings.url.redacted == "https://api.mailkit.eu/json.fcgi"


@pytest.mark.parametrize("protocol", ["JSON", "", "xml", None, 1, ["json"]])
def test_unknown_protocol(protocol):
    """Anything but the two names is refused."""
    with pytest.raises(ConfigurationError, match='protocol must be "xmlrpc" or "json"'):
        MailkitClient(1, MD5, protocol=protocol)


def test_form_survives_copy_and_pickle(json_client):
    """A copy and a pickle ask in the same form."""
    client = json_client([{"EMAIL": "a@example.com"}])
    for other in (copy.copy(client), copy.deepcopy(client), pickle.loads(pickle.dumps(client))):
        with other:
            assert [row.email for row in other.bounces(ID_SEND)] == ["a@example.com"]


# --- what answers mean ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fixture", REPORTS, ids=lambda each: each.name)
def test_fixture(fixture, json_client):
    """Each JSON fixture becomes the rows that it names."""
    assert json_client(fixture.body).bounces(ID_SEND) == fixture.expected.rows


@pytest.mark.parametrize("body", [b'""', b'" \\n"', b"[]", b"{}", b"null", b" [ ] "])
def test_no_rows(body, json_client):
    """Every form in which "nothing" was met is an empty report."""
    assert json_client(body).bounces(ID_SEND) == []


def test_one_bare_object(json_client):
    """An object with a documented member stands for an array of it, an ``error_status`` 0 in it or not."""
    [row] = json_client({"EMAIL": "a@example.com"}).bounces(ID_SEND)
    assert (row.email, row.extra) == ("a@example.com", {})
    [row] = json_client({"EMAIL": "a@example.com", "error_status": "0", "error": "OK"}).bounces(ID_SEND)
    assert (row.email, row.extra) == ("a@example.com", {"error_status": "0", "error": "OK"})


@pytest.mark.parametrize("status", [1, "1", 2.5, -1, "-1", "x", " 7 "])
@pytest.mark.parametrize(
    "text, kind, message",
    [
        ("Unauthorized", UnauthorizedError, "Unauthorized"),
        (" Unauthorized\n", UnauthorizedError, "Unauthorized"),
        ("Disallowed IP 192.0.2.1", DisallowedIPError, "Disallowed IP 192.0.2.1"),
        ("Missing ID_send", InvalidSendIdError, "Missing ID_send"),
        ("Invalid ID_send", InvalidSendIdError, "Invalid ID_send"),
        ("no such a@example.com", ApiError, "no such <address>"),
        (5, ApiError, "5"),
        (["x"], ApiError, "['x']"),
    ],
)
def test_error_object(status, text, kind, message, json_client):
    """``error_status`` decides, a number or a string; ``error`` becomes the exception that the string does in XML."""
    with pytest.raises(ApiError) as caught:
        json_client({"error": text, "error_status": status, "EMAIL": "a@example.com"}).bounces(ID_SEND)
    assert type(caught.value) is kind
    assert caught.value.message == message
    assert getattr(caught.value, "id_send", ID_SEND) == ID_SEND
    assert getattr(caught.value, "ip", "192.0.2.1") == "192.0.2.1"


@pytest.mark.parametrize("error", [{}, {"error": ""}, {"error": None}, {"error": " "}])
def test_error_without_text(error, json_client):
    """An error without words is still an error."""
    with pytest.raises(ApiError) as caught:
        json_client(dict(error, error_status="3")).bounces(ID_SEND)
    assert type(caught.value) is ApiError
    assert caught.value.message == "error_status 3"


@pytest.mark.parametrize(
    "answer, detail",
    [
        ({"error": "x"}, "an error without an error_status"),
        ({"error": "x", "EMAIL": "a@example.com"}, "an error without an error_status"),
        ({"error": "x", "error_status": None}, "an error without an error_status"),
        ({"error": "x", "error_status": " "}, "an error without an error_status"),
        ({"error": "x", "error_status": True}, "an error without an error_status"),
        ({"error_status": []}, "an error without an error_status"),
        ({"error": "OK", "error_status": 0}, "error_status 0 and no rows"),
        ({"error_status": "0"}, "error_status 0 and no rows"),
        ({"error_status": 0.0}, "error_status 0 and no rows"),
        ({"error_status": 0, "data": []}, "a lone struct that names no recipient"),
        ({"DATA": []}, "a lone struct that names no recipient"),
        ([{"error_status": 1, "error": "Unauthorized"}], "row 0 has none of the documented members"),
        ([{"EMAIL": "a"}, "x"], "row 1 is not a struct"),
        ([{"EMAIL": "a"}, []], "row 1 is not a struct"),
        (5, "a lone int instead of an array of structs"),
        (True, "a lone boolean instead of an array of structs"),
    ],
    ids=repr,
)
def test_undocumented_shape(answer, detail, json_client):
    """Well-formed, but no report and no refusal: never "no bounces"."""
    with pytest.raises(UnexpectedShapeError) as caught:
        json_client(answer).bounces(ID_SEND)
    assert caught.value.detail == detail


def test_string_alone(json_client):
    """A string is what it is in XML."""
    with pytest.raises(UnauthorizedError):
        json_client("Unauthorized").bounces(ID_SEND)


def test_malformed(json_client):
    """What is no JSON says so, names what it said it was, and is not asked for again."""
    with pytest.raises(MalformedResponseError) as caught:
        json_client(b"<p>", content_type="text/html", retry=None).bounces(ID_SEND)
    assert str(caught.value) == "the answer is not JSON: it cannot be read (its Content-Type is text/html)"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_rows_from_a_spool(json_client):
    """An answer of many pieces is decoded while its rows are asked for; an error in it rises there."""
    rows = [{"EMAIL": "{}@example.com".format(number), "REASON": "x" * 1000} for number in range(3000)]
    with json_client(rows).iter_bounces(ID_SEND) as report:
        assert sum(1 for _ in report) == 3000
    body = json.dumps(rows).encode("utf-8")[:-1] + b", 5]"
    report = json_client(body).iter_bounces(ID_SEND)
    with pytest.raises(UnexpectedShapeError, match="row 3000 is not a struct"):
        list(report)


def test_limits(json_client):
    """The limits of an answer hold for this form."""
    with pytest.raises(ResponseTooLargeError):
        json_client([{"EMAIL": "a"}], max_response_bytes=10).bounces(ID_SEND)
    with pytest.raises(ResponseTooLargeError, match="32 levels"):
        json_client(b"[" * 40 + b"]" * 40).bounces(ID_SEND)


def test_other_status(json_client):
    """Without a fault the status says enough, whatever the body."""
    with pytest.raises(HTTPStatusError) as caught:
        json_client({"error_status": 1, "error": "Unauthorized"}, status=503).bounces(ID_SEND)
    assert caught.value.status == 503


def _answer_once(listener, body):
    talk, _ = listener.accept()
    with talk:
        talk.settimeout(10)
        received = b""
        while b'"parameters"' not in received:
            received += talk.recv(65536)
        talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body)


@pytest.mark.parametrize(
    "body, whole",
    [
        (b'[{"EMAIL":"a"}]', True),
        (b'\xef\xbb\xbf {"EMAIL":"a"}\n' + b" " * 1000, True),
        (b'""', True),
        (b"null", True),
        (b'[{"EMAIL":"a"}', False),
        (b'[{"EMAIL":"a"', False),
        (b'{"EMAIL":["a"]', False),
        (b'"Unauthori', False),
        (b"", False),
        (b" \n", False),
    ],
)
def test_end_by_the_connection(body, whole):
    """Where only the connection ends an answer, it is complete when its last byte closes what the first opened."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.settimeout(10)
        thread = threading.Thread(target=_answer_once, args=(listener, body))
        thread.start()
        url = "http://127.0.0.1:{}/json.fcgi".format(listener.getsockname()[1])
        with MailkitClient(1, MD5, protocol="json", url=url, retry=None, proxy="", timeout=10) as client:
            try:
                rows, error = client.bounces(ID_SEND), None
            except MailkitError as failure:
                rows, error = None, failure
        thread.join(10)
    assert (type(error) is IncompleteResponseError) is (not whole)
    assert rows is None or isinstance(rows, list)


# --- any function -----------------------------------------------------------------------------------------------------


def test_call(json_client, httpserver):
    """Named parameters leave as what they are; plain values come back."""
    answer = {"SUBJECT": "x", "N": 5, "L": [1, None, {"A": 2.5}]}
    assert json_client(answer).call("mailkit.report.message", ID_send=5, TEXT="ž", MORE=[True, None, 1.5]) == answer
    sent = json.loads(httpserver.log[0][0].get_data().decode("ascii"))
    assert sent["function"] == "mailkit.report.message"
    assert sent["parameters"] == {"ID_send": 5, "TEXT": "ž", "MORE": [True, None, 1.5]}


@pytest.mark.parametrize(
    "answer", ["", "done", [], {}, None, 5, [1, "x"], {"error_status": 0, "error": "OK"}], ids=repr
)
def test_call_returns(answer, json_client):
    """Whatever is no refusal is returned."""
    assert json_client(answer).call("mailkit.x") == answer


@pytest.mark.parametrize(
    "answer, kind",
    [
        ({"error_status": 1, "error": "Invalid ID_message"}, ApiError),
        ({"error_status": 1, "error": "Invalid ID_send"}, ApiError),
        ({"error_status": "1", "error": "Unauthorized"}, UnauthorizedError),
        ("Unauthorized", UnauthorizedError),
        (" Disallowed IP 192.0.2.1", DisallowedIPError),
        ({"error": "x"}, UnexpectedShapeError),
    ],
    ids=repr,
)
def test_call_refused(answer, kind, json_client):
    """A refusal is raised, whatever the function."""
    with pytest.raises(MailkitError) as caught:
        json_client(answer).call("mailkit.x")
    assert type(caught.value) is kind


def test_call_with_positional_parameters(json_client):
    """They have no names here: refused, and nothing is sent."""
    with pytest.raises(ConfigurationError, match="the JSON form names its parameters"):
        json_client("").call("mailkit.x", 5)


@pytest.mark.parametrize(
    "value",
    [b"x", object(), float("nan"), float("inf"), "\ud800", {5: "x"}, {"\ud800": 1}, {1, 2}, datetime(2014, 1, 1)],
)
def test_call_with_what_cannot_be_said(value, json_client, httpserver):
    """What JSON has no word for is refused before anything is sent; the error does not show it."""
    with pytest.raises(ConfigurationError) as caught:
        json_client("").call("mailkit.x", A=[value])
    assert "parameter A" in str(caught.value)
    assert httpserver.log == []


def test_call_nested_too_deep(json_client):
    """What is nested without end is refused, not followed."""
    endless = []
    endless.append(endless)
    with pytest.raises(ConfigurationError, match="nested deeper than 32 levels"):
        json_client("").call("mailkit.x", A=endless)


# --- finding deliveries -----------------------------------------------------------------------------------------------


def test_campaigns(json_client, httpserver):
    """No parameter is sent that was not given."""
    [campaign] = json_client([{"ID_MESSAGE": "5", "NAME": "n", "SEND_COUNT": "10", "X": "y"}]).campaigns()
    assert (campaign.id_message, campaign.name, campaign.send_count, campaign.delivered_count) == (5, "n", 10, None)
    assert campaign.extra == {"X": "y"}
    assert json.loads(httpserver.log[0][0].get_data().decode())["parameters"] == {}


def test_deliveries(json_client, httpserver):
    """All documented members are read; the campaign asked for stands in each row."""
    answer = {
        "ID_SEND": "7",
        "SUBJECT": "s",
        "FROM": "f@example.com",
        "DATE": "2014-12-23 12:36:02",
        "SEND_COUNT": "10",
        "DELIVERED_COUNT": 9,
        "READ_COUNT": "",
        "CLICK_COUNT": None,
        "UNSUBSCRIBE": "x",
        "SPAM_REPORT": "0",
        "REV": 1.5,
    }
    [row] = json_client([answer]).deliveries(5, "2014-01-01", datetime(2014, 12, 31, 23, 59))
    assert (row.id_message, row.id_send, row.subject, row.from_) == (5, 7, "s", "f@example.com")
    assert row.date == datetime(2014, 12, 23, 12, 36, 2)
    assert (row.send_count, row.delivered_count, row.read_count, row.click_count) == (10, 9, None, None)
    assert (row.unsubscribe, row.spam_report, row.rev, row.extra) == (None, 0, "1.5", {"UNSUBSCRIBE": "x"})
    sent = json.loads(httpserver.log[0][0].get_data().decode())
    assert sent["function"] == "mailkit.report.campaign"
    assert sent["parameters"] == {"ID_message": "5", "range_from": "2014-01-01", "range_to": "2014-12-31"}
