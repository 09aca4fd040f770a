"""Which answer means what: every line of the documented table below an array, and faults, whatever is in them."""

import pytest

from mailkit_xmlrpc import (
    ApiError,
    DisallowedIPError,
    FaultError,
    InvalidSendIdError,
    UnauthorizedError,
    UnexpectedShapeError,
)
from mailkit_xmlrpc.protocol.calls import BouncesCall, CampaignsCall
from mailkit_xmlrpc.protocol.fields import DateTimeText, DoubleLiteral, IntLiteral
from mailkit_xmlrpc.protocol.replies import fault, refusal, refusal_in, structs_of, type_name

ID_SEND = 123456
CALL = BouncesCall(ID_SEND)


def refused(value, call=CALL):
    """Return the ApiError that *value* becomes."""
    with pytest.raises(ApiError) as caught:
        structs_of(value, call)
    assert caught.value.attempts == 0
    return caught.value


# --- no rows, one row -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", " ", "\n", " \t\r\n ", {}], ids=repr)
def test_no_rows(value):
    """nil, an empty struct and an empty string, white space alone included, are an empty report."""
    assert structs_of(value, CALL) == []


@pytest.mark.parametrize(
    "value",
    [{"EMAIL": "a@example.com"}, {"email": None}, {"Id_Email": 1, "X": 2}, {"ID_SEND_MESSAGE": [], "STATUS": ""}],
)
def test_one_bare_struct(value):
    """A bare struct that names a recipient stands for an array of it; what it says is decided where all rows are."""
    assert structs_of(value, CALL) == [value]


@pytest.mark.parametrize("value", [{"STATUS": "OK"}, {"status": 1, "REASON": "x"}, {"ID_SEND": 1}, {"ID_USER_LIST": 1}])
def test_bare_struct_without_a_recipient(value):
    """Another function's answer may have a member or two of a row's; it is no row unless it names a recipient."""
    with pytest.raises(UnexpectedShapeError, match="a lone struct that names no recipient"):
        structs_of(value, CALL)
    assert structs_of(value, CampaignsCall(None, None)) == [value]


@pytest.mark.parametrize("status", [1, -1, 7.5, "1", " 12 ", "x", 1 << 40])
@pytest.mark.parametrize("more", [{}, {"EMAIL": "a@example.com"}])
def test_bare_struct_with_an_error_status(status, more):
    """``error_status`` makes a refusal of a struct, even of one that could be a row."""
    error = refused(dict(more, error_status=status, error=" no such thing "))
    assert (type(error), error.message) == (ApiError, "no such thing")
    error = refused(dict(more, error_status=status))
    assert error.message == "error_status {}".format(status)


@pytest.mark.parametrize(
    "text, kind",
    [
        ("Unauthorized", UnauthorizedError),
        ("Disallowed IP 192.0.2.7", DisallowedIPError),
        ("Missing ID_send", InvalidSendIdError),
        ("Mailing list exist", ApiError),
    ],
)
def test_error_of_a_bare_struct(text, kind):
    """What stands in ``error`` means what it means as a lone string."""
    assert type(refused({"error_status": 1, "error": text})) is kind


@pytest.mark.parametrize("told, text", [(5, "5"), (2.5, "2.5"), (["x"], "['x']"), ({}, "{}"), (True, "True")])
def test_error_that_is_no_text(told, text):
    """A refusal is told whatever stands in ``error``."""
    assert refused({"error_status": 1, "error": told}).message == text


@pytest.mark.parametrize("status", [None, "", "  ", True, [], {}, b"1"])
def test_error_without_a_readable_status(status):
    """Where the status says nothing, it is neither a report nor a refusal."""
    for value in ({"error": "x"}, {"error_status": status}, {"EMAIL": "a@example.com", "error_status": status}):
        with pytest.raises(UnexpectedShapeError, match="an error without an error_status"):
            structs_of(value, CALL)


@pytest.mark.parametrize("status", [0, 0.0, "0", " 0 "])
def test_error_status_of_success(status):
    """A status of 0 is no refusal: beside a row's members it is one of them, alone it is no report."""
    row = {"EMAIL": "a@example.com", "error_status": status, "error": "OK"}
    assert structs_of(row, CALL) == [row]
    with pytest.raises(UnexpectedShapeError, match="error_status 0 and no rows"):
        structs_of({"error_status": status, "error": "OK"}, CALL)


@pytest.mark.parametrize("text", ["Missing ID_send", "Invalid ID_send"])
def test_invalid_id_send_where_none_was_asked_for(text):
    """Where no delivery was asked for, it is a refusal like any other."""
    assert type(refused(text, CampaignsCall(None, None))) is ApiError
    assert type(refusal(text, None)) is ApiError


@pytest.mark.parametrize(
    "value, name",
    [
        (0, "int"),
        (5, "int"),
        (1 << 40, "int"),
        (5.5, "double"),
        (True, "boolean"),
        (False, "boolean"),
        (b"", "base64"),
        (b" ", "base64"),
        (b"\xff", "base64"),
        (IntLiteral(5), "int"),
        (DoubleLiteral(5), "double"),
        (DateTimeText(""), "dateTime"),
        (DateTimeText("Unauthorized"), "dateTime"),
    ],
)
def test_lone_scalar(value, name):
    """Any other lone value, falsy ones too, is not the promised answer; its type is named, its value is not."""
    with pytest.raises(UnexpectedShapeError) as caught:
        structs_of(value, CALL)
    assert caught.value.detail == "a lone {} instead of an array of structs".format(name)


def test_refusal_in_base64():
    """A string in base64 that is UTF-8 says what it says."""
    with pytest.raises(UnauthorizedError):
        structs_of(b"Unauthorized", CALL)
    with pytest.raises(ApiError) as caught:
        structs_of("P\u0159\u00edstup odep\u0159en".encode("utf-8"), CALL)
    assert caught.value.message == "P\u0159\u00edstup odep\u0159en"


@pytest.mark.parametrize("status, number", [(IntLiteral(0), 0), (DoubleLiteral(0), 0), (IntLiteral(7), 7)])
def test_refusal_with_a_literal(status, number):
    """The digits in which error_status was sent do not matter."""
    error = refusal_in({"error_status": status}, None)
    assert error is None if number == 0 else error.message == "error_status 7"


def test_fault_in_base64():
    """So does the text of a fault; bytes that are no text are told with the whole value."""
    error = fault({"faultCode": IntLiteral(4), "faultString": "\u010d".encode("utf-8")})
    assert (type(error.code), error.code, error.message) == (int, 4, "\u010d")
    assert fault({"faultCode": 4, "faultString": b"\xff"}).message == repr({"faultCode": 4, "faultString": b"\xff"})


@pytest.mark.parametrize("value, name", [([], "array"), ({}, "struct"), ("", "string")])
def test_type_name_of_others(value, name):
    """Every type has its XML-RPC name."""
    assert type_name(value) == name


# --- Mailkit says no ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Unauthorized", " Unauthorized", "Unauthorized\r\n", "\n\tUnauthorized \n"])
def test_unauthorized(text):
    """``Unauthorized``, whatever white space stands around it."""
    error = refused(text)
    assert type(error) is UnauthorizedError
    assert error.message == "Unauthorized"


@pytest.mark.parametrize(
    "text, ip",
    [
        ("Disallowed IP 192.0.2.7", "192.0.2.7"),
        ("  Disallowed IP 192.0.2.7\n", "192.0.2.7"),
        ("Disallowed IP 2001:db8::7", "2001:db8::7"),
        ("Disallowed IP\t192.0.2.7", "192.0.2.7"),
        ("Disallowed IP 192.0.2.7 for this account\nask your administrator", "192.0.2.7"),
        ("Disallowed IP", None),
        (" Disallowed IP ", None),
    ],
)
def test_disallowed_ip(text, ip):
    """``Disallowed IP``, with the address where it stands there."""
    error = refused(text)
    assert type(error) is DisallowedIPError
    assert (error.message, error.ip) == (text.strip(), ip)


@pytest.mark.parametrize("text", ["Missing ID_send", "Invalid ID_send"])
def test_invalid_id_send(text):
    """Both strings about ID_send, with the id that was asked for."""
    for padded in (text, " {}\n".format(text)):
        error = refused(padded)
        assert type(error) is InvalidSendIdError
        assert (error.message, error.id_send) == (text, ID_SEND)


@pytest.mark.parametrize(
    "text",
    [
        "Mailing list exist",
        "Missing ID_message",
        "Invalid ID_mailing_list",
        "unauthorized",
        "UNAUTHORIZED",
        "Unauthorized.",
        "Unauthorized access",
        "Un authorized",
        "Disallowed IPs",
        "Disallowed IP: none",
        "disallowed IP 192.0.2.7",
        "Your IP: Disallowed IP 192.0.2.7",
        "Invalid ID_Send",
        "0",
        "OK",
        "a@example.com",
        "[]",
        "{}",
    ],
)
def test_any_other_string(text):
    """Every other string that is not empty is a refusal with its words; a near miss is not taken for a known one."""
    for padded in (text, "\n {} ".format(text)):
        error = refused(padded)
        assert type(error) is ApiError
        assert error.message == text


# --- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, code, message",
    [
        ({"faultCode": 4, "faultString": "Too many parameters."}, 4, "Too many parameters."),
        ({"faultString": " no such method\n", "faultCode": -32601}, -32601, "no such method"),
        ({"faultCode": 0, "faultString": ""}, 0, ""),
        ({"faultCode": 1 << 40, "faultString": "x"}, 1 << 40, "x"),
        ({"faultCode": "4", "faultString": "x"}, 4, "x"),
        ({"faultCode": " 12\n", "faultString": "x"}, 12, "x"),
        ({"faultCode": "-32601", "faultString": "x"}, -32601, "x"),
        ({"faultCode": 4.0, "faultString": "x"}, 4, "x"),
        ({"faultCode": 4, "faultString": "x", "more": [1]}, 4, "x"),
        ({"faultCode": 4, "faultString": "Unauthorized"}, 4, "Unauthorized"),
        ({"faultCode": "Client.Auth", "faultString": "x"}, None, "x (faultCode 'Client.Auth')"),
        ({"faultCode": True, "faultString": "x"}, None, "x (faultCode True)"),
        ({"faultCode": 4.5, "faultString": "x"}, None, "x (faultCode 4.5)"),
        ({"faultCode": [1], "faultString": "x"}, None, "x (faultCode [1])"),
        ({"faultCode": DateTimeText("2014"), "faultString": "x"}, None, "x (faultCode '2014')"),
        ({"faultCode": None, "faultString": "x"}, None, "x"),
        ({"faultString": "x"}, None, "x"),
        ({"faultCode": 4}, 4, "{'faultCode': 4}"),
        ({"faultCode": 4, "faultString": None}, 4, "{'faultCode': 4, 'faultString': None}"),
        ({"faultCode": 4, "faultString": 5}, 4, "{'faultCode': 4, 'faultString': 5}"),
        ({"faultCode": 4, "faultString": [b"x"]}, 4, "{'faultCode': 4, 'faultString': [b'x']}"),
        ({"faultCode": 4, "faultString": DateTimeText("2014")}, 4, "{'faultCode': 4, 'faultString': '2014'}"),
        ({"FaultCode": 4, "FaultString": "x"}, None, "{'FaultCode': 4, 'FaultString': 'x'}"),
        ({"self": 1}, None, "{'self': 1}"),
        ({}, None, "{}"),
        (None, None, ""),
        ("something broke", None, "'something broke'"),
        ("", None, "''"),
        (5, None, "5"),
        ([{"faultCode": 4}], None, "[{'faultCode': 4}]"),
        (b"x", None, "b'x'"),
        (DateTimeText("2014"), None, "'2014'"),
    ],
    ids=repr,
)
def test_fault_of_any_shape(value, code, message):
    """Any fault becomes a FaultError; what does not fit its code or message is shown in the message."""
    error = fault(value)
    assert type(error) is FaultError
    assert (type(error.code), error.code, error.message) == (type(code), code, message)
