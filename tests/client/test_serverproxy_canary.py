"""What we lean on in the standard library and defusedxml, watched on every Python; what a host did there is no matter.

If one of these fails on a new Python, the module it names has to be looked at before anything else.
"""

import inspect
import xmlrpc.client
import xmlrpc.server

import defusedxml.xmlrpc
import pytest

from mailkit_xmlrpc import ApiError, MalformedResponseError, UnsafeXMLError
from mailkit_xmlrpc.client import call
from mailkit_xmlrpc.transport.deadline import Deadline

ROW = {"EMAIL": "anna@example.com", "STATUS": "5.1.1"}


@pytest.fixture
def made(monkeypatch):
    """Which classes the objects are of that the standard library's constructors made since the test began."""
    classes = []

    def watch(kind):
        original = kind.__init__

        def init(self, *args, **kwargs):
            classes.append(type(self))
            original(self, *args, **kwargs)

        monkeypatch.setattr(kind, "__init__", init)

    for kind in (xmlrpc.client.ServerProxy, xmlrpc.client.Transport, defusedxml.xmlrpc.DefusedExpatParser):
        watch(kind)
    return classes


@pytest.mark.parametrize(
    "kind",
    [xmlrpc.client.ServerProxy, xmlrpc.client.Transport, defusedxml.xmlrpc.DefusedExpatParser],
    ids=lambda kind: kind.__name__,
)
def test_client_is_built_on(answering, made, kind):
    """A call really goes through a ServerProxy, a Transport and a DefusedExpatParser."""
    assert len(answering.rows(ROW).bounces(1)) == 1
    assert [issubclass(one, kind) for one in made].count(True) == 1


def test_private_request_of_serverproxy():
    """_transport.Proxy overrides this method: it is there, by this name, with these arguments."""
    method = vars(xmlrpc.client.ServerProxy)["_ServerProxy__request"]
    assert list(inspect.signature(method).parameters) == ["self", "methodname", "params"]


def test_private_request_is_what_a_method_call_goes_through():
    """A dotted method call arrives at the override, with its name and a tuple of arguments; its result is returned."""
    seen = []

    class Proxy(xmlrpc.client.ServerProxy):
        def _ServerProxy__request(self, methodname, params):
            seen.append((methodname, params))
            return 42

    proxy = Proxy("http://127.0.0.1:9/")
    assert getattr(proxy, "mailkit.report.message.bounces")(1, "x", 2) == 42
    assert proxy.mailkit.report(3) == 42
    assert seen == [("mailkit.report.message.bounces", (1, "x", 2)), ("mailkit.report", (3,))]


def test_transport_hooks():
    """_transport.Transport overrides these two: they are there, with these arguments."""
    request = inspect.signature(xmlrpc.client.Transport.request)
    assert list(request.parameters) == ["self", "host", "handler", "request_body", "verbose"]
    assert list(inspect.signature(xmlrpc.client.Transport.getparser).parameters) == ["self"]


def test_getparser_of_our_transport(answering):
    """Whoever asks our Transport for a parser, as the standard library's own request() does, gets the strict one."""
    settings = answering.client()._settings
    transport = call.Transport(settings, call.PROTOCOLS["xmlrpc"], call.new_pool(settings), Deadline(None, lambda: 0.0))
    parser, target = transport.getparser()
    assert isinstance(parser, defusedxml.xmlrpc.DefusedExpatParser)
    with pytest.raises(MalformedResponseError, match="its root is <x>"):
        parser.feed(b"<x>")
    assert target.found == {}


def test_expat_parser_inside_the_defused_one():
    """_decode uses the expat parser inside: it is there, takes the settings and tells the positions we ask of it."""
    target = xmlrpc.client.Unmarshaller()
    parser = defusedxml.xmlrpc.DefusedExpatParser(target, forbid_dtd=True)
    inside = parser._parser
    inside.buffer_text = True
    inside.XmlDeclHandler = None
    parser.feed(b"<value>text</value>")
    assert inside.CurrentByteIndex >= 0 and inside.ErrorByteIndex >= 0
    parser.close()


def test_defused_parser_refuses_a_dtd_without_any_patch(answering):
    """Safety is plugged in, not patched in: the module's own parser stays as it was."""
    before = xmlrpc.client.FastParser
    with pytest.raises(UnsafeXMLError):
        answering(b"<!DOCTYPE methodResponse><methodResponse/>").bounces(1)
    assert xmlrpc.client.FastParser is before


# --- a host that changed the module ----------------------------------------------------------------------------------


def _wrong(*args, **kwargs):
    raise AssertionError("the host's patch was used")


def _patch_dispatch(monkeypatch):
    # as found in the wild: "every int shall be an i8"
    for kind in (int, str, bool, float, tuple, list, dict):
        monkeypatch.setitem(xmlrpc.client.Marshaller.dispatch, kind, _wrong)


def _patch_unmarshaller(monkeypatch):
    for tag in list(xmlrpc.client.Unmarshaller.dispatch):
        monkeypatch.setitem(xmlrpc.client.Unmarshaller.dispatch, tag, _wrong)


def _patch_names(monkeypatch):
    for name in ("FastMarshaller", "FastParser", "FastUnmarshaller"):
        monkeypatch.setattr(xmlrpc.client, name, _wrong)


def _patch_functions(monkeypatch):
    for name in ("dumps", "loads", "escape", "getparser", "gzip_decode", "gzip_encode", "GzipDecodedResponse"):
        monkeypatch.setattr(xmlrpc.client, name, _wrong)


def _patch_limits(monkeypatch):
    monkeypatch.setattr(xmlrpc.client, "MAXINT", 1)
    monkeypatch.setattr(xmlrpc.client, "MININT", -1)
    monkeypatch.setattr(defusedxml.xmlrpc, "MAX_DATA", 1)


def _patch_methods(monkeypatch):
    for name in ("single_request", "make_connection", "send_request", "send_headers", "send_content", "parse_response"):
        monkeypatch.setattr(xmlrpc.client.Transport, name, _wrong)
    for name in ("data", "start", "end", "close"):
        monkeypatch.setattr(xmlrpc.client.Unmarshaller, name, _wrong)
    monkeypatch.setattr(xmlrpc.client.Marshaller, "dumps", _wrong)


def _patch_defusedxml(monkeypatch):
    for name in ("FastParser", "GzipDecodedResponse", "gzip_decode"):
        monkeypatch.setattr(xmlrpc.client, name, getattr(xmlrpc.client, name))  # so that it is put back
    monkeypatch.setattr(xmlrpc.server, "gzip_decode", xmlrpc.server.gzip_decode)
    defusedxml.xmlrpc.monkey_patch()


@pytest.mark.parametrize(
    "patch",
    [
        _patch_dispatch,
        _patch_unmarshaller,
        _patch_names,
        _patch_functions,
        _patch_limits,
        _patch_methods,
        _patch_defusedxml,
    ],
)
def test_hosts_patches_change_nothing(answering, monkeypatch, patch):
    """Whatever the process did to xmlrpc.client, we send the same bytes and read the same rows."""
    client = answering.rows(ROW)
    rows = client.bounces(1) + client.bounces(2**40)
    patch(monkeypatch)
    assert client.bounces(1) + client.bounces(2**40) == rows
    bodies = [request.get_data() for request in answering.requests]
    assert bodies[:2] == bodies[2:]
    assert b"<int>1234567</int>" in bodies[2] and b"<i4>1</i4>" in bodies[2] and b"<i8>1099511627776</i8>" in bodies[3]
    with pytest.raises(ApiError):
        answering.value("Unauthorized").bounces(1)
