"""What the simulator answers to a call, in either form: a request's body goes in, pieces of the answer come out. Pure.

An error is a string over XML-RPC and an object with ``error_status`` over JSON, never a fault, as the vendor documents
it; over JSON every value is a string. [inferred] marks what is not documented.
"""
import itertools
import json
from datetime import datetime
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Tuple, Union

Report = Iterable[Mapping[str, object]]

# As http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php proposes them; the service's own are unknown.
_NOT_WELL_FORMED = -32700
_NO_SUCH_METHOD = -32601

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<methodResponse>\n'
_TAIL = "</methodResponse>\n"
_PARAM = " <params>\n  <param>\n"
_PARAM_END = "  </param>\n </params>\n"
# A carriage return must be one too: a parser turns a bare one into a line feed (XML 1.0, 2.11).
_REFERENCES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}


class Account(NamedTuple):
    """What there is to ask for."""

    client_id: int
    client_md5: str
    #: ID_SEND -> rows
    reports: Mapping[int, Report]
    #: ID_MESSAGE -> the ID_SEND of its deliveries
    campaigns: Mapping[int, Iterable[int]]


class Form(NamedTuple):
    """How one form is read and written."""

    content_type: str
    #: body -> (function, client_id, client_md5, parameters: by position or by name)
    read: Callable[[bytes], Tuple[str, Any, Any, Union[List[Any], Dict[str, Any]]]]
    #: what the credentials must be
    credentials: Callable[[Account], Tuple[Any, Any]]
    id_of: Callable[[Any], Optional[int]]
    refusal: Callable[[str], Iterator[str]]
    #: (code, text) of what is no call, or of no function
    trouble: Callable[[int, str], Iterator[str]]
    rows: Callable[[Report], Iterator[str]]


def answer(account: Account, form: Form, body: bytes) -> Iterator[str]:
    """Return the answer to one call, in pieces."""
    try:
        function, client_id, client_md5, given = form.read(body)
    except Exception:  # whatever the parser raises (ExpatError, ValueError, KeyError, ...): not a call
        return form.trouble(_NOT_WELL_FORMED, "parse error. not well formed")
    if function not in _FUNCTIONS:  # [inferred]: a real fault was never seen
        return form.trouble(_NO_SUCH_METHOD, "Unknown method: {}".format(function))
    names, ask = _FUNCTIONS[function]
    # Compared with their types: 1234567.0 is no documented form of an integer.
    expected = [(type(value), value) for value in form.credentials(account)]
    if [(type(value), value) for value in (client_id, client_md5)] != expected:
        return form.refusal("Unauthorized")
    parameters = dict(zip(names, given)) if isinstance(given, list) else given
    found = ask(account, parameters, form.id_of)
    return form.refusal(found) if isinstance(found, str) else form.rows(found)


def _bounces(account: Account, parameters: Dict[str, Any], id_of: Callable[[Any], Optional[int]]) -> Union[str, Report]:
    if "ID_send" not in parameters:
        return "Missing ID_send"
    return account.reports.get(id_of(parameters["ID_send"]) or 0, "Invalid ID_send")


def _campaigns(account: Account, parameters: Dict[str, Any], id_of: object) -> Report:
    return [
        {"ID_MESSAGE": id_message, "NAME": "Campaign {}".format(id_message), "SEND_COUNT": 1000, "DELIVERED_COUNT": 990}
        for id_message in account.campaigns
    ]


def _deliveries(
    account: Account, parameters: Dict[str, Any], id_of: Callable[[Any], Optional[int]]
) -> Union[str, Report]:
    if "ID_message" not in parameters:
        return "Missing ID_message"
    id_message = id_of(parameters["ID_message"])
    if id_message is None or id_message not in account.campaigns:
        return "Invalid ID_message"
    first, last = (str(parameters.get(name, limit)) for name, limit in (("range_from", ""), ("range_to", "9")))
    return [
        {
            "ID_SEND": id_send,
            "SUBJECT": "Campaign {}".format(id_message),
            "FROM": "news@example.com",
            "DATE": day + " 08:00:00",
            "SEND_COUNT": 1000,
            "DELIVERED_COUNT": 990,
        }
        for id_send, day in zip(account.campaigns[id_message], itertools.repeat("2014-12-23"))
        if first <= day <= last
    ]


#: function -> (its parameters in the documented order, what it finds)
_FUNCTIONS: Dict[str, Tuple[Tuple[str, ...], Callable[..., Union[str, Report]]]] = {
    "mailkit.report.message.bounces": (("ID_send",), _bounces),
    "mailkit.report": (("range_from", "range_to"), _campaigns),
    "mailkit.report.campaign": (("ID_message", "range_from", "range_to"), _deliveries),
}

# --- XML-RPC ---------------------------------------------------------------------------------------------------------


def _read_xml(body: bytes) -> Tuple[str, Any, Any, List[Any]]:
    from xmlrpc.client import Unmarshaller  # here: the package does not pay for it before it is used

    from defusedxml.xmlrpc import DefusedExpatParser

    unmarshaller = Unmarshaller()
    parser = DefusedExpatParser(unmarshaller, forbid_dtd=True)
    try:
        parser.feed(body)
    finally:
        parser.close()  # after an error too: its handlers hold a reference cycle
    params = list(unmarshaller.close())
    params += [None] * (2 - len(params))
    return str(unmarshaller.getmethodname()), params[0], params[1], params[2:]


def _xml_id(value: Any) -> Optional[int]:
    return value if type(value) is int else None


def _string(text: str) -> Iterator[str]:
    return iter((_HEAD, _PARAM, _value(text, "   "), _PARAM_END, _TAIL))


def _fault(code: int, text: str) -> Iterator[str]:
    return iter((_HEAD, " <fault>\n", _value({"faultCode": code, "faultString": text}, "  "), " </fault>\n", _TAIL))


def _rows(report: Report) -> Iterator[str]:
    rows = iter(report)
    first = next(rows, None)
    if first is None:  # where a list has nothing in it, this API's pages of other functions show an empty string
        for piece in _string(""):
            yield piece
        return
    yield _HEAD + _PARAM + "   <value>\n    <array>\n     <data>\n"
    for row in itertools.chain((first,), rows):
        yield _value(row, "      ")
    yield "     </data>\n    </array>\n   </value>\n" + _PARAM_END + _TAIL


def _value(value: object, pad: str) -> str:
    """Return *value* as an element, indented by one space a level as in the vendor's sample."""
    return "{0}<value>\n{1}{0}</value>\n".format(pad, _typed(value, pad + " "))


def _typed(value: object, pad: str) -> str:
    if isinstance(value, Mapping):
        members = "".join(
            "{0} <member>\n{0}  <name>{1}</name>\n{2}{0} </member>\n".format(pad, _text(name), _value(item, pad + "  "))
            for name, item in value.items()
        )
        return "{0}<struct>\n{1}{0}</struct>\n".format(pad, members)
    if isinstance(value, (list, tuple)):
        items = "".join(_value(item, pad + "  ") for item in value)
        return "{0}<array>\n{0} <data>\n{1}{0} </data>\n{0}</array>\n".format(pad, items)
    tag, text = _scalar(value)
    return "{0}<{1}>{2}</{1}>\n".format(pad, tag, text)


def _scalar(value: object) -> Tuple[str, str]:
    """Return the tag and the content of a value that holds no others."""
    if value is None:
        return "string", ""
    if isinstance(value, str):
        return "string", _text(value)
    if isinstance(value, bool):  # before int, which it is too
        return "boolean", str(int(value))
    if isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
        return ("int" if -(1 << 31) <= value < 1 << 31 else "i8"), str(int(value))
    if isinstance(value, float):
        return "double", repr(value)
    if isinstance(value, datetime):
        return "string", value.replace(microsecond=0, tzinfo=None).isoformat(" ")
    if isinstance(value, bytes):
        import base64

        return "base64", base64.b64encode(value).decode("ascii")
    raise TypeError("the simulator cannot send this value: {}".format(type(value).__name__))


def _text(text: object) -> str:
    return str(text).translate(_REFERENCES)


XMLRPC = Form(
    "text/xml", _read_xml, lambda account: (account.client_id, account.client_md5), _xml_id, _string, _fault, _rows
)

# --- JSON ------------------------------------------------------------------------------------------------------------


def _read_json(body: bytes) -> Tuple[str, Any, Any, Dict[str, Any]]:
    call = json.loads(body.decode("utf-8"))
    parameters = call.get("parameters") or {}
    return str(call["function"]), str(call.get("id")), call.get("md5"), dict(parameters)


def _json_id(value: Any) -> Optional[int]:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 20 else None


def _error(text: str) -> Iterator[str]:
    return iter((json.dumps({"error_status": 1, "error": text}),))


def _trouble(code: int, text: str) -> Iterator[str]:
    return _error(text)  # [inferred]


def _objects(report: Report) -> Iterator[str]:
    before = "[\n"
    for row in report:
        yield before + json.dumps({name: _as_string(value) for name, value in row.items()}, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _as_string(value: object) -> object:
    """Every value is a string; what holds others holds strings."""
    if isinstance(value, Mapping):
        return {str(name): _as_string(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_string(item) for item in value]
    return _scalar(value)[1] if not isinstance(value, str) else value


JSON = Form(
    "application/json",
    _read_json,
    lambda account: (str(account.client_id), account.client_md5),
    _json_id,
    _error,
    _trouble,
    _objects,
)
