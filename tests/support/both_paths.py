"""Reads one document by either path, and tells what came of it in a form that can be compared."""

from contextlib import contextmanager
from unittest import mock

from mailkit_xmlrpc import Bounce, MailkitError
from mailkit_xmlrpc.protocol.calls import BouncesCall
from mailkit_xmlrpc.protocol.xmlrpc import report
from mailkit_xmlrpc.protocol.xmlrpc.decoder import getparser
from mailkit_xmlrpc.protocol.xmlrpc.report import ReportReader

ID_SEND = 123456
FIELDS = tuple(Bounce.__annotations__)


def cut(document, size=None):
    """*document* in pieces of *size* bytes; None leaves it whole."""
    if size is None:
        return [document]
    return [document[at : at + size] for at in range(0, len(document), size)]


def outcome(pieces, fast, tz=None, reader=ReportReader):
    """What the report in *pieces* becomes: ``("rows", ...)`` or ``("error", class, text, attributes)``.

    Every value stands beside its type: 1, 1.0 and True are equal in Python, but not the same answer. Anything but a
    MailkitError passes through.

    :param reader: the class that reads; a broken one in the mutation check
    """
    # Of the same modules as the reader: a broken one has its own.
    path = reader.__init__.__globals__["FastPath"]
    reading = reader(getparser(), BouncesCall(ID_SEND), tz, fast=path() if fast else None)
    rows = []
    try:
        for piece in pieces:
            rows += reading.feed(piece)
        rows += reading.close()
    except MailkitError as error:
        return "error", type(error).__name__, str(error), typed(dict(vars(error)))
    finally:
        reading.forget()
    assert reading.rows == len(rows)
    return "rows", [[type(row).__name__] + [typed(getattr(row, field)) for field in FIELDS] for row in rows]


def typed(value):
    """*value* with every scalar in it beside its type."""
    kind = type(value)
    if kind is dict:
        return {name: typed(item) for name, item in value.items()}
    if kind is list:
        return [typed(item) for item in value]
    return kind.__name__, value


def gist(result):
    """The part of an outcome that must not depend on the pieces: the rows, or the class of the error."""
    return result if result[0] == "rows" else result[:2]


@contextmanager
def tireless():
    """Within it the fast path tries again after every irregular row."""
    with mock.patch.object(report, "_TURN", 0):
        yield


@contextmanager
def eager():
    """As ``tireless``; and the fast path meets its limits soon, as in long reports."""
    with tireless(), mock.patch.object(report, "MAX_ROW", 600):
        yield


def same(fast, general, whole):
    """Whether the outcome *fast* is what it must be, beside the general decoder's in the same pieces and in one.

    Equal, that is. But expat's own words, which end in the byte, may depend on the pieces: of ``8"`` behind the root it
    says "junk" if the 8 comes first, and "not well-formed" otherwise. The fast path cuts elsewhere, so there they may
    also be those for the whole document.
    """
    words = fast[0] == "error" and " at byte " in fast[2]
    return fast == general or words and fast == whole and gist(fast) == gist(general)
