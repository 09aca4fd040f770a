"""Which answer means what: every line of the documented table below an array, and faults however odd."""

import pytest

from mailkit_xmlrpc import (
    ApiError,
    DisallowedIPError,
    FaultError,
    InvalidSendIdError,
    UnauthorizedError,
    UnexpectedShapeError,
)
from mailkit_xmlrpc._answer import fault, refusal, structs_of, type_name
from mailkit_xmlrpc._normalise import DateTimeText

ID_SEND = 123456


def as_it_is(text):
    """Stands in for what makes a foreign text fit to be shown."""
    return text


def marked(text):
    """Shows what went through it."""
    return "<{}>".format(text)


def refused(value, shown=as_it_is):
    """Return the ApiError that *value* becomes."""
    with pytest.raises(ApiError) as caught:
        structs_of(value, ID_SEND, shown)
    assert caught.value.attempts == 0
    return caught.value


# --- no rows, one row -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", " ", "\n", " \t\r\n ", {}], ids=repr)
def test_no_rows(value):
    """nil, an empty struct and an empty string, white space alone included, are an empty report."""
    assert structs_of(value, ID_SEND, as_it_is) == []


@pytest.mark.parametrize("value", [{"EMAIL": "a@example.com"}, {"email": None}, {"ID_SEND": 1}])
def test_one_bare_struct(value):
    """A bare struct stands for an array of it; whether it is a row is decided where all rows are."""
    assert structs_of(value, ID_SEND, as_it_is) == [value]


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
        (b"Unauthorized", "base64"),
        (DateTimeText(""), "dateTime"),
        (DateTimeText("Unauthorized"), "dateTime"),
    ],
)
def test_lone_scalar(value, name):
    """Any other lone value, falsy ones too, is not the promised answer; its type is named, its value is not."""
    with pytest.raises(UnexpectedShapeError) as caught:
        structs_of(value, ID_SEND, as_it_is)
    assert caught.value.detail == "a lone {} instead of an array of structs".format(name)


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
        "Mailing list exist", "Missing ID_message", "Invalid ID_mailing_list", "unauthorized", "UNAUTHORIZED",
        "Unauthorized.", "Unauthorized access", "Un authorized", "Disallowed IPs", "Disallowed IP: none",
        "disallowed IP 192.0.2.7", "Your IP: Disallowed IP 192.0.2.7", "Invalid ID_Send", "0", "OK",
        "a@example.com", "[]", "{}",
    ],  # fmt: skip
)
def test_any_other_string(text):
    """Every other string that is not empty is a refusal with its words; a near miss is not taken for a known one."""
    for padded in (text, "\n {} ".format(text)):
        error = refused(padded)
        assert type(error) is ApiError
        assert error.message == text


@pytest.mark.parametrize(
    "text", ["Unauthorized", "Disallowed IP 192.0.2.7", "Disallowed IP", "Missing ID_send", "Mailing list exist"]
)
def test_refusal_made_fit(text):
    """Whatever was said, its message is made fit to be shown before it is kept."""
    assert refusal(text, ID_SEND, marked).message == marked(text)
    assert refused("  " + text, marked).args == (marked(text),)


def test_disallowed_ip_made_fit():
    """So is the address, which is a stranger's text as well."""
    assert refused("Disallowed IP 192.0.2.7", marked).ip == "<192.0.2.7>"


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
    """A fault becomes a FaultError however odd; what does not fit its code or message is shown in the message."""
    error = fault(value, as_it_is)
    assert type(error) is FaultError
    assert (type(error.code), error.code, error.message) == (type(code), code, message)


@pytest.mark.parametrize(
    "value, message",
    [
        ({"faultCode": 4, "faultString": " x "}, "<x>"),
        ({"faultCode": "y", "faultString": "x"}, "<x (faultCode 'y')>"),
        (["a@example.com"], "<['a@example.com']>"),
        (None, "<>"),
    ],
)
def test_fault_made_fit(value, message):
    """A fault's message is made fit to be shown, what was odd in it included."""
    error = fault(value, marked)
    assert error.message == message
    assert error.args == (message,)
