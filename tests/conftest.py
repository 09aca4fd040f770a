"""What many tests share: a server that answers with given bytes, clients for it, an environment without surprises."""

import gc
import os
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import just

from mailkit_xmlrpc import ConfigurationError, MailkitClient
from mailkit_xmlrpc.simulator import Simulator
from tests.support import implementations, length
from tests.support.account import CLIENT_ID, MD5

PROXIES = ("HTTPS_PROXY", "NO_PROXY")


def pytest_addoption(parser):
    """Adds ``--slow``."""
    text = "run everything: the tests that are marked slow, too, and property tests at full length"
    parser.addoption("--slow", action="store_true", help=text)


def pytest_configure(config):
    """Sets the length of property tests, before the modules that hold them are imported."""
    length.full = config.getoption("--slow")
    # No database: a run depends on nothing that an earlier one left behind. No deadline: slow machines are no failure,
    # nor is it one that examples are made slowly there.
    slow_machine = dict(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    # What decides about a change has the same examples each time; whoever runs the tests by hand looks at others.
    decides = bool(os.environ.get("CI"))
    settings.register_profile(
        "mailkit", database=None, derandomize=decides, max_examples=length.examples(100), **slow_machine
    )
    settings.load_profile("mailkit")
    implementations.adapt(config)


def pytest_collection_modifyitems(config, items):
    """Leaves out what is slow, unless it is asked for; skips what only CPython can do elsewhere."""
    implementations.skip_tests_of_cpython(items)
    slow = [] if length.full else [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


def pytest_collection_finish(session):
    """Thousands of tests are a large heap, which every ``gc.collect()`` of a test would go through."""
    if hasattr(gc, "freeze"):
        # Hypothesis makes its own random numbers now: it asks the collector who refers to them, and the collector does
        # not tell of what is frozen.
        given(just(None))(lambda value: None)()
        gc.collect()
        gc.freeze()  # novm (Python 3.7, asked for above)


class Answering:
    """Call it with the bytes that each request shall be answered with; it returns a client (closed after the test)."""

    def __init__(self, httpserver):
        self.server = httpserver
        self.url = "http://127.0.0.1:{}/rpc.fcgi".format(httpserver.port)
        self.clients = []

    def __call__(self, body, status=200, content_type="text/xml", **options):
        self.server.clear()
        expected = self.server.expect_request("/rpc.fcgi", method="POST")
        expected.respond_with_data(body, status=status, content_type=content_type)
        return self.client(**options)

    def value(self, xml, **options):
        """A client whose calls are answered with one param: the value *xml* (text, what stands in ``<value>``)."""
        start = '<?xml version="1.0" encoding="utf-8"?>\n<methodResponse><params><param><value>'
        return self((start + xml + "</value></param></params></methodResponse>").encode("utf-8"), **options)

    def rows(self, *rows, **options):
        """A client whose calls are answered with *rows*: dicts from a member's name to a text without markup in it."""
        member = "<member><name>{}</name><value><string>{}</string></value></member>".format
        structs = ("<struct>{}</struct>".format("".join(member(*pair) for pair in row.items())) for row in rows)
        values = "".join("<value>{}</value>".format(struct) for struct in structs)
        return self.value("<array><data>{}</data></array>".format(values), **options)

    def client(self, **options):
        """One more client for the same server; one try and short time-outs unless *options* say otherwise."""
        options = dict({"url": self.url, "retry": None, "timeout": 10, "deadline": 30, "proxy": ""}, **options)
        client = MailkitClient(CLIENT_ID, MD5, **options)
        self.clients.append(client)
        return client

    @property
    def requests(self):
        """What was received, oldest first."""
        return [request for request, _ in self.server.log]


@pytest.fixture
def answering(httpserver):
    """A server that gives bytes, and clients for it; see :class:`Answering`. It keeps no connection alive."""
    answering = Answering(httpserver)
    yield answering
    for client in answering.clients:
        client.close()


@pytest.fixture
def mailkit():
    """The package's own simulator, running; it keeps connections alive."""
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def sockets(monkeypatch):
    """Every socket that was connected (not accepted) since the test began."""
    connected = []

    class Recorded(socket.socket):
        def connect(self, address):
            connected.append(self)
            super().connect(address)

    monkeypatch.setattr(socket, "socket", Recorded)
    return connected


@pytest.fixture
def refused():
    """``refused(url="...")``: the text with which the client refuses its arguments. None of them is shown.

    Values that must not be shown hold the word ``s3cret``.
    """

    def refuse(**options):
        with pytest.raises(ConfigurationError) as caught:
            MailkitClient(**dict({"client_id": CLIENT_ID, "client_md5": MD5}, **options))
        error = caught.value
        assert isinstance(error, ValueError) and error.attempts == 0
        assert "s3cret" not in str(error) + repr(error) and MD5 not in repr(error)
        assert error.__context__ is None and error.__cause__ is None
        return str(error)

    return refuse


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """No test depends on the credentials or the proxies of whoever runs it."""
    for name in list(os.environ):
        if name.upper().startswith("MAILKIT_CLIENT") or name.upper() in ("MAILKIT_URL", "MAILKIT_CA_FILE", *PROXIES):
            monkeypatch.delenv(name)
