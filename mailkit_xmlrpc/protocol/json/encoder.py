"""Plain values become the object that calls a function in the JSON form. Pure.

Only the types below are taken, everything is pure ASCII, and what cannot be said is a ConfigurationError before
anything is sent.
"""

import json
from typing import Sequence

from ...exceptions import ConfigurationError
from ..base import finite, name_of, small_enough, unsaid
from ..calls import I4
from ..limits import MAX_DEPTH


def encode(function: str, arguments: Sequence[object]) -> bytes:
    """Return the object that calls *function* with *arguments* (client_id, client_md5, a dict of named parameters: what
    the encoder of XML-RPC takes but bytes, and None), in ASCII. client_id and ids are strings, as on the vendor's page.

    :raises ConfigurationError: a value of another type or not finite, half of a surrogate pair
    """
    client_id, client_md5, parameters = arguments
    assert isinstance(parameters, dict)
    said = {name: _said(value, "parameter {}".format(name), MAX_DEPTH) for name, value in parameters.items()}
    call = {"function": function, "id": str(client_id), "md5": client_md5, "parameters": said}
    return small_enough(json.dumps(call, allow_nan=False).encode("ascii"))


def _said(value: object, where: str, depth: int) -> object:
    if type(value) is I4:
        return "{:d}".format(value)
    if type(value) is str:
        return _paired(value, where)
    if value is None or type(value) is int or type(value) is bool:
        return value
    if type(value) is float:
        return finite(value, where)
    if (type(value) is list or type(value) is tuple) and depth:
        return [_said(item, where, depth - 1) for item in value]
    if type(value) is dict and depth:
        return {_paired(name_of(name, where), where): _said(item, where, depth - 1) for name, item in value.items()}
    raise unsaid(value, where)


def _paired(text: str, where: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise ConfigurationError("{} holds half of a surrogate pair".format(where))
    return text
