"""What the simulator answers over either protocol: the body of a call goes in, pieces of the answer come out. Pure.

An error is a string over XML-RPC and an object with ``error_status`` over JSON, never a fault, as the vendor documents
it; over JSON every value is a string. [inferred] marks what is not documented.
"""

import itertools
import json
from datetime import datetime
from typing import Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple, Union

from .account import Account, Report

# As http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php proposes them; the service's own are unknown.
_NOT_WELL_FORMED = -32700
_NO_SUCH_METHOD = -32601

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<methodResponse>\n'
_TAIL = "</methodResponse>\n"
_PARAM = " <params>\n  <param>\n"
_PARAM_END = "  </param>\n </params>\n"
# A carriage return must be one too: a parser turns a bare one into a line feed (XML 1.0, 2.11).
_REFERENCES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}


#: answered over the protocol of the call, so that one address serves clients of either
EITHER_PATH = "/either.fcgi"


class Protocol:
    """How one protocol is read and written."""

    #: "xmlrpc" or "json"
    name: str
    content_type: str

    def read(self, body: bytes) -> Tuple[str, object, object, Union[List[object], Dict[str, object]]]:
        """Return function, client_id, client_md5 and parameters, by position or by name; raises whatever it likes."""
        raise NotImplementedError

    def credentials(self, account: Account) -> Tuple[object, object]:
        """What client_id and client_md5 must be."""
        raise NotImplementedError

    def id_of(self, value: object) -> Optional[int]:
        """The id that a parameter is; None where it is none."""
        raise NotImplementedError

    def refusal(self, text: str) -> Iterator[str]:
        """What is answered to a call that is refused."""
        raise NotImplementedError

    def trouble(self, code: int, text: str) -> Iterator[str]:
        """What is answered to what is no call, or of no function."""
        raise NotImplementedError

    def rows(self, report: Report) -> Iterator[str]:
        """What is answered to a call that finds *report*."""
        raise NotImplementedError


class Asked(NamedTuple):
    """One call, as it was read."""

    function: str
    client_id: object
    client_md5: object
    #: by name; over XML-RPC, what has no documented name has its position
    parameters: Dict[str, object]


class Answer(NamedTuple):
    """What is answered to it."""

    #: "rows", or why there are none
    outcome: str
    rows: Report
    pieces: Iterator[str]


def asked(protocol: Protocol, body: bytes) -> Optional[Asked]:
    """Return the call that *body* is; None where it is none."""
    try:
        function, client_id, client_md5, given = protocol.read(body)
    except Exception:  # whatever the parser raises (ExpatError, ValueError, KeyError, ...): not a call
        return None
    if isinstance(given, list):
        names = _PARAMETERS.get(function, ())
        given = {names[at] if at < len(names) else str(at): value for at, value in enumerate(given)}
    return Asked(function, client_id, client_md5, given)


def id_send_of(protocol: Protocol, call: Asked) -> Optional[int]:
    """Return the ID_SEND that *call* asks for; None where it asks for none."""
    return protocol.id_of(call.parameters.get("ID_send"))


def answer(account: Account, protocol: Protocol, call: Optional[Asked]) -> Answer:
    """Return the answer to one call."""
    if call is None:
        text = "parse error. not well formed"
        return Answer("no call", (), protocol.trouble(_NOT_WELL_FORMED, text))
    if call.function not in _PARAMETERS:  # [inferred]: a real fault was never seen
        text = "Unknown method: {}".format(call.function)
        return Answer(text, (), protocol.trouble(_NO_SUCH_METHOD, text))
    # Compared with their types: 1234567.0 is no documented form of an integer.
    expected = [(type(value), value) for value in protocol.credentials(account)]
    if [(type(value), value) for value in (call.client_id, call.client_md5)] != expected:
        return refused(protocol, "Unauthorized")
    found = _found(account, protocol, call)
    return refused(protocol, found) if isinstance(found, str) else Answer("rows", found, protocol.rows(found))


def refused(protocol: Protocol, text: str) -> Answer:
    """Return the answer that refuses a call."""
    return Answer(text, (), protocol.refusal(text))


def protocol_of(path: str, body: bytes) -> Optional[Protocol]:
    """Return the protocol of a call to *path*: the service has a path for each, and the simulator one for both."""
    if path == EITHER_PATH:
        return JSON if body.startswith(b"{") else XMLRPC
    return {"/rpc.fcgi": XMLRPC, "/json.fcgi": JSON}.get(path)


#: function -> its parameters in the documented order
_PARAMETERS: Dict[str, Tuple[str, ...]] = {
    "mailkit.report.message.bounces": ("ID_send",),
    "mailkit.report": ("range_from", "range_to"),
    "mailkit.report.campaign": ("ID_message", "range_from", "range_to"),
}


def _found(account: Account, protocol: Protocol, call: Asked) -> Union[str, Report]:
    """The rows that *call* asks for, or why it is refused."""
    given = call.parameters
    # What is left out sets no limit [inferred].
    days = str(given.get("range_from", "")), str(given.get("range_to", "9"))
    if call.function == "mailkit.report":
        return account.campaigns(*days)
    name = _PARAMETERS[call.function][0]
    if name not in given:
        return "Missing {}".format(name)
    number = protocol.id_of(given[name]) or 0
    report = account.report(number) if name == "ID_send" else account.deliveries(number, *days)
    return "Invalid {}".format(name) if report is None else report


# --- XML-RPC ---------------------------------------------------------------------------------------------------------


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


class _XmlRpc(Protocol):
    """XML-RPC."""

    name = "xmlrpc"
    content_type = "text/xml"

    def read(self, body: bytes) -> Tuple[str, object, object, List[object]]:
        from xmlrpc.client import Unmarshaller  # here: the package does not pay for it before it is used

        from defusedxml.xmlrpc import DefusedExpatParser

        unmarshaller = Unmarshaller()
        parser = DefusedExpatParser(unmarshaller, forbid_dtd=True)
        try:
            parser.feed(body)
        finally:
            parser.close()  # after an error too: its handlers hold a reference cycle
        params: List[object] = list(unmarshaller.close())
        params += [None] * (2 - len(params))
        return str(unmarshaller.getmethodname()), params[0], params[1], params[2:]

    def credentials(self, account: Account) -> Tuple[object, object]:
        return account.client_id, account.client_md5

    def id_of(self, value: object) -> Optional[int]:
        return value if type(value) is int else None

    def refusal(self, text: str) -> Iterator[str]:
        return iter((_HEAD, _PARAM, _value(text, "   "), _PARAM_END, _TAIL))

    def trouble(self, code: int, text: str) -> Iterator[str]:
        return iter((_HEAD, " <fault>\n", _value({"faultCode": code, "faultString": text}, "  "), " </fault>\n", _TAIL))

    def rows(self, report: Report) -> Iterator[str]:
        rows = iter(report)
        first = next(rows, None)
        if first is None:  # where a list has nothing in it, this API's pages of other functions show an empty string
            yield from self.refusal("")
            return
        yield _HEAD + _PARAM + "   <value>\n    <array>\n     <data>\n"
        for row in itertools.chain((first,), rows):
            yield _value(row, "      ")
        yield "     </data>\n    </array>\n   </value>\n" + _PARAM_END + _TAIL


XMLRPC = _XmlRpc()

# --- JSON ------------------------------------------------------------------------------------------------------------


def _as_string(value: object) -> object:
    """Every value is a string; what holds others holds strings."""
    if isinstance(value, Mapping):
        return {str(name): _as_string(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_string(item) for item in value]
    return _scalar(value)[1] if not isinstance(value, str) else value


class _Json(Protocol):
    """The JSON protocol."""

    name = "json"
    content_type = "application/json"

    def read(self, body: bytes) -> Tuple[str, object, object, Dict[str, object]]:
        call = json.loads(body.decode("utf-8"))
        parameters = call.get("parameters") or {}
        return str(call["function"]), str(call.get("id")), call.get("md5"), dict(parameters)

    def credentials(self, account: Account) -> Tuple[object, object]:
        return str(account.client_id), account.client_md5

    def id_of(self, value: object) -> Optional[int]:
        text = str(value)
        return int(text) if text.isdecimal() and len(text) < 20 else None

    def refusal(self, text: str) -> Iterator[str]:
        return iter((json.dumps({"error_status": 1, "error": text}),))

    def trouble(self, code: int, text: str) -> Iterator[str]:
        return self.refusal(text)  # [inferred]

    def rows(self, report: Report) -> Iterator[str]:
        before = "[\n"
        for row in report:
            yield before + json.dumps({name: _as_string(value) for name, value in row.items()}, ensure_ascii=False)
            before = ",\n"
        yield "[]\n" if before == "[\n" else "\n]\n"


JSON = _Json()

#: by name
PROTOCOLS = {protocol.name: protocol for protocol in (XMLRPC, JSON)}
