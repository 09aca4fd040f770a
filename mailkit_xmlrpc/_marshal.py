"""Plain values become the body of a request. Pure.

Why not xmlrpc.client.dumps: it sends ill-formed XML for control characters, loses carriage returns, does not escape the
method's name, sends the private attributes of any object as a struct, and takes its integer types from globals that
anybody in the process may have changed (https://github.com/python/cpython/issues/75092 and others). Only the types
below are taken, everything is pure ASCII, and what cannot be said is a ConfigurationError before anything is sent.
"""
import json
import re
from base64 import b64encode
from typing import Any, List, Sequence

from ._limits import MAX_DEPTH, MAX_REQUEST
from .exceptions import ConfigurationError


class I4(int):
    """An id as the vendor's page shows ID_send: ``<i4>`` in XML-RPC (but client_id is ``<int>``), a string in JSON."""


_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2 Char
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}


def request_body(method: str, params: Sequence[object]) -> bytes:
    """Return the methodCall of *method* with *params* (int, I4, str, bool, float, bytes, lists and dicts), in ASCII.

    :raises ConfigurationError: a value of another type, out of range, or with a character that XML cannot hold
    """
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n<methodCall><methodName>', _escaped(method, "the method name")]
    out.append("</methodName><params>")
    for index, value in enumerate(params, 1):
        out.append("<param>")
        _write(value, out, "param {}".format(index), MAX_DEPTH)
        out.append("</param>")
    out.append("</params></methodCall>\n")
    return _small_enough("".join(out).encode("ascii", "xmlcharrefreplace"))


def _write(value: Any, out: List[str], where: str, depth: int) -> None:
    kind = type(value)
    out.append("<value>")
    if kind is str:
        out.append("<string>{}</string>".format(_escaped(value, where)))
    elif kind is int or kind is I4:
        out.append("<{0}>{1:d}</{0}>".format(_int_tag(value, where), value))
    elif kind is bool:
        out.append("<boolean>{:d}</boolean>".format(value))
    elif kind is float:
        out.append("<double>{!r}</double>".format(_finite(value, where)))
    elif kind is bytes:
        out.append("<base64>{}</base64>".format(b64encode(value).decode("ascii")))
    elif kind in (list, tuple) and depth:
        out.append("<array><data>")
        for item in value:
            _write(item, out, where, depth - 1)
        out.append("</data></array>")
    elif kind is dict and depth:
        out.append("<struct>")
        for name, item in value.items():
            out.append("<member><name>{}</name>".format(_escaped(_name(name, where), where)))
            _write(item, out, where, depth - 1)
            out.append("</member>")
        out.append("</struct>")
    else:
        raise _unsaid(value, where)
    out.append("</value>")


def _int_tag(value: int, where: str) -> str:
    if -(1 << 31) <= value < 1 << 31:
        return "i4" if type(value) is I4 else "int"
    if -(1 << 63) <= value < 1 << 63:
        return "i8"
    raise ConfigurationError("{} does not fit the 64 bits of an XML-RPC integer".format(where))


def _escaped(text: str, where: str) -> str:
    if _FORBIDDEN.search(text):
        raise ConfigurationError("{} holds a character that XML cannot hold".format(where))
    return text.translate(_ESCAPES)


def json_body(function: str, arguments: Sequence[Any]) -> bytes:
    """Return the object that calls *function* with *arguments* (client_id, client_md5, a dict of named parameters: what
    ``request_body`` takes but bytes, and None), in ASCII. client_id and ids are strings, as on the vendor's page.

    :raises ConfigurationError: a value of another type or not finite, half of a surrogate pair
    """
    client_id, client_md5, parameters = arguments
    said = {name: _said(value, "parameter {}".format(name), MAX_DEPTH) for name, value in parameters.items()}
    call = {"function": function, "id": str(client_id), "md5": client_md5, "parameters": said}
    return _small_enough(json.dumps(call, allow_nan=False).encode("ascii"))


def _said(value: Any, where: str, depth: int) -> Any:
    kind = type(value)
    if kind is I4:
        return "{:d}".format(value)
    if kind is str:
        return _paired(value, where)
    if value is None or kind is int or kind is bool:
        return value
    if kind is float:
        return _finite(value, where)
    if kind in (list, tuple) and depth:
        return [_said(item, where, depth - 1) for item in value]
    if kind is dict and depth:
        return {_paired(_name(name, where), where): _said(item, where, depth - 1) for name, item in value.items()}
    raise _unsaid(value, where)


def _paired(text: str, where: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ConfigurationError("{} holds half of a surrogate pair".format(where))
    return text


def _name(name: Any, where: str) -> str:
    if type(name) is not str:
        raise ConfigurationError("{} has a name that is not a str".format(where))
    return name


def _finite(value: float, where: str) -> float:
    if value - value != 0.0:  # of an infinity or NaN
        raise ConfigurationError("{} is not finite".format(where))
    return value


def _unsaid(value: object, where: str) -> ConfigurationError:
    if type(value) in (list, tuple, dict):
        return ConfigurationError("{} is nested deeper than {} levels".format(where, MAX_DEPTH))
    return ConfigurationError("{} must be a plain value (str, int, ...), not {}".format(where, type(value).__name__))


def _small_enough(body: bytes) -> bytes:
    if len(body) > MAX_REQUEST:
        raise ConfigurationError("the request is larger than {} bytes".format(MAX_REQUEST))
    return body
