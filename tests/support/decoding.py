"""What the tests of the decoder share: feeding a document in pieces, and writing one."""

import pytest

from mailkit_xmlrpc import MailkitError, ResponseError
from mailkit_xmlrpc.protocol.xmlrpc.decoder import Decoder, getparser

MIB = 1 << 20


def decode(document, length=MIB, **limits):
    """Feed *document*, *length* bytes at a time; return ``{"array" or "value" or "fault": the value}``."""
    decoder = Decoder(*getparser(), **limits)
    items = []
    for at in range(0, len(document), length):
        decoder.feed(document[at : at + length])
        items += decoder.items
        del decoder.items[:]
    decoder.close()  # expat 2.6 and newer may put off the last tags until then
    items += decoder.items
    found = dict(decoder.found)
    if "array" in found:
        assert found.pop("value") is None
        found["array"] = items
    return found


def outcome(document, length=MIB):
    """What *document* gives, or the class of its error."""
    try:
        return decode(document, length)
    except MailkitError as error:
        return type(error)


def refused(document, **limits):
    """The ResponseError that *document* is."""
    with pytest.raises(ResponseError) as caught:
        decode(document.encode() if isinstance(document, str) else document, **limits)
    return caught.value


def answer(value):
    """A methodResponse whose param holds *value*, from ``<value>`` on."""
    return "<methodResponse><params><param>{}</param></params></methodResponse>".format(value)


def scalar(inside):
    """What the one value with *inside* in its value tags becomes."""
    return decode(answer("<value>{}</value>".format(inside)).encode("utf-8"))["value"]


def struct(members):
    """A struct with *members*, from ``<member>`` on."""
    return "<value><struct>{}</struct></value>".format(members)


def declared(encoding, text=None):
    """*text* (a small answer) behind a declaration of *encoding*."""
    return '<?xml version="1.0" encoding="{}"?>{}'.format(encoding, answer("<value/>") if text is None else text)
