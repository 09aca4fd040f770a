"""``call()`` and the functions that find deliveries, over XML-RPC: what is sent, what comes back, what is refused."""

from datetime import date, datetime, timezone

import pytest

from mailkit_xmlrpc import (
    ApiError,
    Campaign,
    ConfigurationError,
    Delivery,
    DisallowedIPError,
    FaultError,
    IncompleteResponseError,
    MailkitError,
    MalformedResponseError,
    UnauthorizedError,
    UnexpectedShapeError,
)
from mailkit_xmlrpc.protocol import base
from mailkit_xmlrpc.protocol.limits import MAX_DEPTH

CREDENTIALS = (
    "<param><value><int>1234567</int></value></param>"
    "<param><value><string>0123456789abcdef0123456789abcdef</string></value></param>"
)


def sent(answering):
    """The function and the parameters after the credentials, as text, of the last request."""
    body = answering.requests[-1].get_data().decode("ascii")
    function = body.split("<methodName>")[1].split("</methodName>")[0]
    params = body.split("<params>")[1].split("</params>")[0]
    assert params.startswith(CREDENTIALS)
    return function, params[len(CREDENTIALS) :].replace("<param>", "").replace("</param>", "")


# --- any function -----------------------------------------------------------------------------------------------------


def test_call_types(answering):
    """Every plain type leaves as its XML-RPC one, in the order given."""
    client = answering.value("")
    client.call("mailkit.x.y", 5, 1 << 40, "ž<&", True, 2.5, b"abc", [1, ("a",)], {"A": {"B": False}})
    assert sent(answering) == (
        "mailkit.x.y",
        "<value><int>5</int></value><value><i8>1099511627776</i8></value>"
        "<value><string>&#382;&lt;&amp;</string></value>"
        "<value><boolean>1</boolean></value><value><double>2.5</double></value><value><base64>YWJj</base64></value>"
        "<value><array><data><value><int>1</int></value><value><array><data><value><string>a</string></value></data>"
        "</array></value></data></array></value><value><struct><member><name>A</name><value><struct><member><name>B"
        "</name><value><boolean>0</boolean></value></member></struct></value></member></struct></value>",
    )


@pytest.mark.parametrize(
    "xml, value",
    [
        ("", ""),
        ("<string>OK</string>", "OK"),
        ("Invalid ID_mailing_list", "Invalid ID_mailing_list"),
        ("Invalid ID_send", "Invalid ID_send"),
        ("<int>5</int>", 5),
        ("<nil/>", None),
        ("<boolean>1</boolean>", True),
        ("<double>0.5</double>", 0.5),
        ("<dateTime.iso8601>20141223T12:36:02</dateTime.iso8601>", "20141223T12:36:02"),
        ("<base64>YWJj</base64>", b"abc"),
        ("<array><data/></array>", []),
        ("<array><data><value>a</value><value><int>1</int></value></data></array>", ["a", 1]),
        ("<struct/>", {}),
        ("<struct><member><name>error</name><value>x</value></member></struct>", {"error": "x"}),
    ],
)
def test_call_returns(xml, value, answering):
    """Plain Python values come back, strings too: other functions answer success with one."""
    returned = answering.value(xml).call("mailkit.x")
    assert returned == value and type(returned) is type(value)


def test_call_returns_a_long_list(answering):
    """A value of many pieces is put together."""
    rows = "".join("<value><string>{}</string></value>".format("x" * 1000) for _ in range(1000))
    assert answering.value("<array><data>{}</data></array>".format(rows)).call("mailkit.x") == ["x" * 1000] * 1000


@pytest.mark.parametrize(
    "xml, kind",
    [("Unauthorized", UnauthorizedError), (" Unauthorized ", UnauthorizedError), ("Disallowed IP", DisallowedIPError)],
)
def test_call_refused(xml, kind, answering):
    """Two strings are errors everywhere."""
    with pytest.raises(kind) as caught:
        answering.value(xml).call("mailkit.x")
    assert caught.value.attempts == 1


def test_call_fault(answering):
    """A fault is a fault for any function."""
    body = (
        b"<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member>"
        b"<member><name>faultString</name><value>no</value></member></struct></value></fault></methodResponse>"
    )
    with pytest.raises(FaultError) as caught:
        answering(body).call("mailkit.x")
    assert (caught.value.code, caught.value.message) == (4, "no")
    with pytest.raises(IncompleteResponseError):
        answering(body[:-5]).call("mailkit.x")
    with pytest.raises(MalformedResponseError):
        answering(body.replace(b"</int>", b"</i4>")).call("mailkit.x")


@pytest.mark.parametrize(
    "function",
    ["", "close", "_transport", "__class__", "mailkit", "mailkit.", ".x", "mailkit.x y", "mailkit.x\n", "a.<x>", 5],
)
def test_call_of_what_is_no_function(function, answering):
    """Only a dotted name is sent: nothing else can be a function of Mailkit's."""
    with pytest.raises(ConfigurationError, match="function must be a name like mailkit.report.message"):
        answering.value("").call(function)
    assert answering.requests == []


def test_call_with_named_parameters(answering):
    """XML-RPC knows only positions."""
    with pytest.raises(ConfigurationError, match="XML-RPC does not name its parameters"):
        answering.value("").call("mailkit.x", 5, ID_send=5)


@pytest.mark.parametrize(
    "value, words",
    [
        (None, "must be a plain value (str, int, ...), not NoneType"),
        (object(), "not object"),
        (float("nan"), "is not finite"),
        ({5: "x"}, "has a name that is not a str"),
        ({"\0": "x"}, "holds a character that XML cannot hold"),
        (["\ud800"], "holds a character that XML cannot hold"),
        (1 << 63, "does not fit the 64 bits"),
    ],
)
def test_call_with_what_cannot_be_said(value, words, answering):
    """What XML-RPC has no word for is refused before anything is sent."""
    with pytest.raises(ConfigurationError) as caught:
        answering.value("").call("mailkit.x", "a", value)
    assert str(caught.value).startswith("param 4 ") and words in str(caught.value)
    assert answering.requests == []


@pytest.mark.parametrize("kind", [list, dict])
def test_call_nested_too_deep(kind, answering):
    """As deep as the limit is sent; what is nested without end is refused, not followed."""
    value = "x"
    for _ in range(MAX_DEPTH):
        value = [value] if kind is list else {"A": value}
    client = answering.value("")
    client.call("mailkit.x", value)
    with pytest.raises(ConfigurationError, match="nested deeper than 32 levels"):
        client.call("mailkit.x", [value])


def test_request_too_large(answering, monkeypatch):
    """A request that the service would not take is not sent."""
    monkeypatch.setattr(base, "MAX_REQUEST", 1000)
    client = answering.value("")
    client.call("mailkit.x", "x" * 500)
    with pytest.raises(ConfigurationError, match="the request is larger than 1000 bytes"):
        client.call("mailkit.x", "x" * 1000)


# --- finding deliveries -----------------------------------------------------------------------------------------------

DAY = "<value><string>{}</string></value>".format


@pytest.mark.parametrize(
    "arguments, params",
    [
        ((), ""),
        (("2014-12-23",), DAY("2014-12-23")),
        (
            (date(2014, 12, 23), datetime(2015, 1, 2, 23, 59, tzinfo=timezone.utc)),
            DAY("2014-12-23") + DAY("2015-01-02"),
        ),
        ((date(1, 2, 3), None), DAY("0001-02-03")),
    ],
)
def test_range(arguments, params, answering):
    """Dates or strings; what is left out at the end is not sent."""
    client = answering.value("")
    assert client.campaigns(*arguments) == []
    assert sent(answering) == ("mailkit.report", params)
    assert client.deliveries(7, *arguments) == []
    assert sent(answering) == ("mailkit.report.campaign", "<value><i4>7</i4></value>" + params)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (dict(range_to="2014-12-23"), "range_to needs a range_from"),
        (dict(range_from="23.12.2014"), "range_from must be a date, or a string like 2014-12-23"),
        (dict(range_from="2014-12-23", range_to="2014-02-30"), "range_to must be a date"),
        (dict(range_from="2014-12-23 10:00:00"), "range_from must be a date"),
        (dict(range_from="\u0662014-12-23"), "range_from must be a date"),
        (dict(range_from=20141223), "range_from must be a date"),
        (dict(range_from=""), "range_from must be a date"),
    ],
)
def test_range_that_is_none(arguments, words, answering):
    """What is no day is refused before anything is sent."""
    client = answering.value("")
    for function in (client.campaigns, lambda **given: client.deliveries(7, **given)):
        with pytest.raises(ConfigurationError, match=words):
            function(**arguments)
    assert answering.requests == []


@pytest.mark.parametrize("id_message", [0, -1, True, "7", None, 1 << 63])
def test_id_message_that_is_none(id_message, answering):
    """ID_message is a positive integer."""
    with pytest.raises(ConfigurationError, match="id_message must be a positive integer"):
        answering.value("").deliveries(id_message)


def test_rows(answering):
    """The members the vendor's pages list become fields, others go to ``extra``; the campaign asked for is added."""
    client = answering.rows({"ID_MESSAGE": "5", "NAME": "News", "SEND_COUNT": "x", "delivered_count": "9", "Z": "1"})
    assert client.campaigns() == [Campaign(5, "News", None, 9, {"SEND_COUNT": "x", "Z": "1"})]
    client = answering.rows({"ID_SEND": "6", "DATE": "2014-12-23", "FROM": "Anna", "REV": "2"}, {"SUBJECT": "s"})
    nothing = (None,) * 6
    assert client.deliveries(5) == [
        Delivery(5, 6, "", "Anna", datetime(2014, 12, 23), *nothing, rev="2"),
        Delivery(5, None, "s", "", None, *nothing, rev=""),
    ]


@pytest.mark.parametrize(
    "xml, kind", [("Invalid ID_message", ApiError), ("Invalid ID_send", ApiError), ("Unauthorized", UnauthorizedError)]
)
def test_refused(xml, kind, answering):
    """A string is a refusal here, as for the bounce report."""
    client = answering.value(xml)
    for function in (client.campaigns, lambda: client.deliveries(5)):
        with pytest.raises(MailkitError) as caught:
            function()
        assert type(caught.value) is kind and caught.value.message == xml


def test_row_of_another_function(answering):
    """A row without any documented member is no campaign and no delivery."""
    client = answering.rows({"EMAIL": "a@example.com"})
    for function in (client.campaigns, lambda: client.deliveries(5)):
        with pytest.raises(UnexpectedShapeError, match="row 0 has none of the documented members"):
            function()
