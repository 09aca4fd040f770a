"""One report in XML-RPC, written and read: by the fast path where it can be, and by the general decoder alone."""

import pytest

from mailkit_xmlrpc import MailkitError
from mailkit_xmlrpc.protocol.calls import BouncesCall
from mailkit_xmlrpc.protocol.xmlrpc.decoder import getparser
from mailkit_xmlrpc.protocol.xmlrpc.fast_path import FastPath
from mailkit_xmlrpc.protocol.xmlrpc.report import ReportReader
from tests.support.decoding import MIB, answer

ID_SEND = 123456
BOTH = pytest.mark.parametrize("fast", [True, False], ids=["fast", "general"])


def reader_of(fast=True, parser=None, **options):
    """A reader for one report."""
    return ReportReader(parser or getparser(), BouncesCall(ID_SEND), fast=FastPath() if fast else None, **options)


def read(document, length=MIB, **options):
    """All rows of *document*, fed *length* bytes at a time."""
    reader = reader_of(**options)
    bounces = []
    for at in range(0, len(document), length):
        bounces += reader.feed(document[at : at + length])
        assert reader.rows == len(bounces)
    bounces += reader.close()
    assert reader.rows == len(bounces)
    return bounces


def outcome(document, length=MIB, **options):
    """The rows of *document*, with their types, or what error it is."""
    try:
        bounces = read(document, length, **options)
        return [[(type(value), value) for value in vars(bounce).values()] for bounce in bounces]
    except MailkitError as error:
        return type(error)


def row(number, more=""):
    """A row that is regular, but for *more* of it."""
    members = "<member><name>EMAIL</name><value><string>user{0}@example.com</string></value></member>"
    return ("<value><struct>" + members + "{1}</struct></value>").format(number, more)


def report(*rows):
    """An answer that holds *rows*."""
    return answer("<value><array><data>{}</data></array></value>".format("".join(rows))).encode("utf-8")
