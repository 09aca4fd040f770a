"""Plain values become a methodCall. Pure.

Why not xmlrpc.client.dumps: it sends ill-formed XML for control characters, loses carriage returns, does not escape the
method's name, sends the private attributes of any object as a struct, and takes its integer types from globals that
anybody in the process may have changed (https://github.com/python/cpython/issues/75092 and others). Only the types
below are taken, everything is pure ASCII, and what cannot be said is a ConfigurationError before anything is sent.
"""

import re
from base64 import b64encode
from typing import List, Sequence

from ...exceptions import ConfigurationError
from ..base import finite, name_of, small_enough, unsaid
from ..calls import I4
from ..limits import MAX_DEPTH

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2 Char
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}


def encode(function: str, params: Sequence[object]) -> bytes:
    """Return the methodCall of *function* with *params* (int, I4, str, bool, float, bytes, lists and dicts), in ASCII.

    :raises ConfigurationError: a value of another type, out of range, or with a character that XML cannot hold
    """
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n<methodCall><methodName>', _escaped(function, "the method name")]
    out.append("</methodName><params>")
    for index, value in enumerate(params, 1):
        out.append("<param>")
        _write(value, out, "param {}".format(index), MAX_DEPTH)
        out.append("</param>")
    out.append("</params></methodCall>\n")
    return small_enough("".join(out).encode("ascii", "xmlcharrefreplace"))


def _write(value: object, out: List[str], where: str, depth: int) -> None:
    out.append("<value>")
    if type(value) is str:
        out.append("<string>{}</string>".format(_escaped(value, where)))
    elif type(value) is int or type(value) is I4:
        out.append("<{0}>{1:d}</{0}>".format(_int_tag(value, where), value))
    elif type(value) is bool:
        out.append("<boolean>{:d}</boolean>".format(value))
    elif type(value) is float:
        out.append("<double>{!r}</double>".format(finite(value, where)))
    elif type(value) is bytes:
        out.append("<base64>{}</base64>".format(b64encode(value).decode("ascii")))
    elif (type(value) is list or type(value) is tuple) and depth:
        out.append("<array><data>")
        for item in value:
            _write(item, out, where, depth - 1)
        out.append("</data></array>")
    elif type(value) is dict and depth:
        out.append("<struct>")
        for name, item in value.items():
            out.append("<member><name>{}</name>".format(_escaped(name_of(name, where), where)))
            _write(item, out, where, depth - 1)
            out.append("</member>")
        out.append("</struct>")
    else:
        raise unsaid(value, where)
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
