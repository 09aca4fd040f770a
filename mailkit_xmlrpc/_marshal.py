"""Plain values become the body of a request. Pure.

Why not xmlrpc.client.dumps: it sends ill-formed XML for control characters, loses carriage returns, does not escape the
method's name, sends the private attributes of any object as a struct, and takes its integer types from globals that
anybody in the process may have changed (https://github.com/python/cpython/issues/75092 and others). Only the types
below are taken, everything is pure ASCII, and what cannot be said in XML is a ConfigurationError before anything is
sent.
"""
import re
from typing import Any, List, Sequence

from .exceptions import ConfigurationError


class I4(int):
    """An int that is written as ``<i4>``: the vendor documents ID_send so, and client_id as ``<int>``."""


_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2 Char
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}


def request_body(method: str, params: Sequence[object]) -> bytes:
    """Return the methodCall of *method* with *params* (int, I4, str), in ASCII.

    :raises ConfigurationError: a value of another type, out of range, or with a character that XML cannot hold
    """
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n<methodCall><methodName>', _escaped(method, "the method name")]
    out.append("</methodName><params>")
    for index, value in enumerate(params, 1):
        out.append("<param><value>")
        _write(value, out, "param {}".format(index))
        out.append("</value></param>")
    out.append("</params></methodCall>\n")
    return "".join(out).encode("ascii", "xmlcharrefreplace")


def _write(value: Any, out: List[str], where: str) -> None:
    kind = type(value)
    if kind is str:
        out.append("<string>{}</string>".format(_escaped(value, where)))
    elif kind is int or kind is I4:
        out.append("<{0}>{1:d}</{0}>".format(_int_tag(value, where), value))
    else:
        raise ConfigurationError("{} must be a str or an int, not {}".format(where, kind.__name__))


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
