"""SECURITY.rst tells the limits that the code has."""

import inspect
import os
import re

import pytest

from mailkit_xmlrpc import MailkitClient, Retry
from mailkit_xmlrpc.exceptions import redact
from mailkit_xmlrpc.protocol import limits as of_protocol
from mailkit_xmlrpc.protocol.xmlrpc import declaration
from mailkit_xmlrpc.transport import limits as of_transport

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "SECURITY.rst")
CLIENT = {name: argument.default for name, argument in inspect.signature(MailkitClient).parameters.items()}


def in_words(size):
    """*size* in bytes as the table writes it."""
    for factor, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size % (1 << factor) == 0:
            return "{} {}".format(size >> factor, unit)
    return "{:,}".format(size)


#: what the table has as default, by the limit
LIMITS = {
    "connecting": "{:.0f}".format(CLIENT["timeout"][0]),
    "each read, each write": "{:.0f}".format(CLIENT["timeout"][1]),
    "whole call": "{:.0f}".format(CLIENT["deadline"]),
    "tries": str(Retry().attempts),
    "pause before the next try": "{0.base}, {1:.0f} .. {0.cap:.0f}".format(Retry(), 2 * Retry().base),
    "Retry-After without a deadline": "{:.0f}".format(of_transport.RETRY_AFTER_SECONDS),
    "decompressed answer": in_words(CLIENT["max_response_bytes"]),
    "one row, or an only value": in_words(of_protocol.MAX_VALUE),
    "values in one row, or in an only value": "{:,}".format(of_protocol.MAX_VALUES),
    "names of attributes and instructions": "{:,}".format(of_protocol.MAX_NAMES),
    "unfinished tag or comment": in_words(of_protocol.MAX_TOKEN),
    "nesting of values": str(of_protocol.MAX_DEPTH),
    "an XML declaration": "{:,}".format(declaration.MAX_DECLARATION),
    "an integer's, a double's text": "{}, {}".format(of_protocol.MAX_INT_CHARS, of_protocol.MAX_DOUBLE_CHARS),
    "status, header or chunk line": in_words(of_transport.MAX_LINE),
    "header lines, all of them": "{}, {}".format(of_transport.MAX_HEADERS, in_words(of_transport.MAX_HEAD)),
    "1xx answers before the real one": str(of_transport.MAX_INTERIM),
    "body of an answer not 200": "{}, {:.0f} s".format(
        in_words(of_transport.MAX_ERROR_BODY), of_transport.ERROR_BODY_SECONDS
    ),
    "idle connections kept": "{}, {:.0f} s".format(of_transport.MAX_IDLE, of_transport.MAX_IDLE_SECONDS),
    "host names looked up at once": str(of_transport.MAX_LOOKUPS),
    "a request": in_words(of_protocol.MAX_REQUEST),
    "answer kept in memory": in_words(of_transport.SPOOL_MEMORY),
    "foreign text in an error": str(redact.MAX_SHOWN),
}


def told():
    """The table: limit -> default."""
    with open(PAGE, encoding="utf-8") as page:
        table = re.split("(?m)^=+ [= ]+\n", page.read())[2]
    rows = {}
    name = ""
    for line in table.splitlines():
        first, default = line[:32].strip(), line[32:45].strip()
        if default or not name:
            name = first
            rows[name] = default
        elif first:
            rows[name + " " + first] = rows.pop(name)
            name += " " + first
    return rows


def test_no_limit_is_left_out():
    """The table has what is looked at here, and no more."""
    assert set(told()) == set(LIMITS)


@pytest.mark.parametrize("limit", LIMITS)
def test_limit(limit):
    """The default in the table is that of the code."""
    assert told()[limit] == LIMITS[limit]
