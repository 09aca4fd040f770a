"""Of a report that was read, or given up, nothing is kept."""

import gc
import types
import weakref

import pytest

from mailkit_xmlrpc import MailkitError
from mailkit_xmlrpc.protocol.xmlrpc.decoder import getparser
from tests.support.one_report import BOTH, reader_of, report, row


@BOTH
@pytest.mark.parametrize(
    "pieces",
    [[], [report(row(0))[:80]], [report(row(0), row(1))[:250], b"<"], [report("<value/>")], [b"x"]],
    ids=range(5),
)
def test_memory_freed_when_forgotten(fast, pieces):
    """However far it came and however it failed, forgotten it is gone, without the garbage collector."""
    gc.disable()
    try:
        parser = getparser()
        watched = [weakref.ref(thing) for thing in parser + (parser[1].start, parser[1].end)]
        reader = reader_of(fast, parser)
        try:
            for piece in pieces:
                reader.feed(piece)
        except MailkitError as error:
            error.__traceback__ = error.__context__ = None  # as the public methods do
        for _ in range(2):
            reader.forget()
        del parser, reader
        assert [reference() for reference in watched] == [None] * 4
    finally:
        gc.enable()


def _reachable(reader):
    """All that hangs on *reader*, the cells of its closures too, but nothing of modules and classes."""
    seen, todo = {}, [reader]
    while todo:
        thing = todo.pop()
        if id(thing) not in seen and not isinstance(thing, (type, types.ModuleType, types.BuiltinFunctionType)):
            seen[id(thing)] = thing
            if isinstance(thing, types.FunctionType):
                todo += thing.__closure__ or ()
            else:
                todo += gc.get_referents(thing)
    return seen.values()


@BOTH
@pytest.mark.parametrize(
    "ending",
    [
        lambda reader: reader.forget(),
        lambda reader: reader.feed(b"</name><value/></member></struct></value><value>a</value>"),
        lambda reader: reader.feed(b"<wrong/>" + row(7).encode()),
        lambda reader: reader.feed(b"</name><value/></member>" + b"<member><name>X</name><value/></member>" * 2),
        lambda reader: reader.close(),
    ],
    ids=["forgotten", "no row", "not well-formed", "a member twice", "too early"],
)
def test_no_row_is_kept(fast, ending):
    """Once it is forgotten or has failed, nothing of a row hangs on the reader: not of one that is half read either."""
    reader = reader_of(fast)
    reader.feed(report(*(row(number, "<!---->" * (number % 2)) for number in range(9))).partition(b"</data>")[0])
    reader.feed(
        b"<value><struct><member><name>EMAIL</name><value>half@example.com</value></member><member><name>secret"
    )
    try:
        ending(reader)
    except MailkitError:
        pass
    reader.forget()
    kept = [thing for thing in _reachable(reader) if isinstance(thing, (str, bytes))]
    assert [thing for thing in kept if "example.com" in str(thing) or "secret" in str(thing)] == []
