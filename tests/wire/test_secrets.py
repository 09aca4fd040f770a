"""No secret, address or body leaves a call by an exception, its pickle, its traceback's variables, a log line or the
output."""

import base64
import http.client as http_client
import logging
import pickle
import sys
import traceback

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import MailkitClient, MailkitError, Retry
from mailkit_xmlrpc.simulator.faults import known
from mailkit_xmlrpc.transport import connect as _connect
from mailkit_xmlrpc.transport import connection as _connection
from mailkit_xmlrpc.transport import spool as _spool
from tests.support.account import MD5
from tests.support.inside import inside
from tests.support.observing import script_of
from tests.support.scripted_server import (
    Close,
    Request,
    Reset,
    ScriptedServer,
    Stall,
    chunk,
    fault,
    http,
    report,
    value,
)

ADDRESS = "someone@example.com"  # in every report of the scripted server
PASSWORD = "hunter2-of-the-proxy"
BASIC = base64.b64encode("user:{}".format(PASSWORD).encode()).decode()
BODY_MARK = "Bad Mailbox"  # stands in every report: of a body, nothing may be seen
SECRETS = (MD5, MD5.upper(), ADDRESS, PASSWORD, BASIC, BODY_MARK, "<methodCall>", "<methodResponse>", "TOKEN-IN-QUERY")
HOME = mailkit_xmlrpc.__file__.rpartition("__init__")[0]


def seen_in(text):
    """Which of SECRETS stand in *text*."""
    return [secret for secret in SECRETS if secret in text]


def chain(error):
    """*error* and every exception that hangs on it."""
    found, todo = [], [error]
    while todo:
        one = todo.pop()
        if one is not None and all(one is not other for other in found):
            found.append(one)
            todo.extend((one.__cause__, one.__context__))
    return found


def everything(error):
    """All texts that an error reporter may take from *error*: the texts and attributes of its chain, and the
    representation of every variable in every frame of this package in its tracebacks, and of what those variables are
    made of."""
    texts = []
    for one in chain(error):
        texts.extend((str(one), repr(one), repr(one.args), repr(vars(one))))
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if frame.f_code.co_filename.startswith(HOME):
                for thing in frame.f_locals.values():
                    texts.extend((repr(thing), repr(getattr(thing, "__dict__", ""))))
        if isinstance(one, MailkitError):
            texts.append(repr(pickle.dumps(one)))
    captured = traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=False)
    texts.extend(captured.format())
    return "\n".join(texts)


def frames(error):
    """The functions of this package in the traceback of *error*."""
    return [
        frame.f_code.co_name
        for one in chain(error)
        for frame, _ in traceback.walk_tb(one.__traceback__)
        if frame.f_code.co_filename.startswith(HOME)
    ]


ECHO = "md5 {} of {} is wrong".format(MD5, ADDRESS)
TALKATIVE = {
    "reason": http(status="404 no {} for {}".format(MD5, ADDRESS)),
    "retried-reason": http(status="503 no {} for {}".format(MD5, ADDRESS)),
    "fault": http(fault(1, ECHO)),
    "fault-at-500": http(fault(1, ECHO.upper()), status="500 Error"),
    "odd-fault": http(fault(1, "").replace(b"<int>1</int>", "<string>{}</string>".format(ECHO).encode())),
    "refusal": http(value(ECHO)),
    "disallowed": http(value("Disallowed IP {}".format(MD5))),
    "tag": http("<methodResponse><{0}>{1}</{0}></methodResponse>".format("x" + MD5, ADDRESS).encode()),
    "root": http("<x{}/>".format(MD5).encode()),
    "type": http(value("<x{0}>{1}</x{0}>".format(MD5, ADDRESS))),
    "number": http(value("<int>{}</int>".format(MD5))),
    "row": http(
        report(1).replace(b"EMAIL", MD5.encode()).replace(b"ID_" + MD5.encode(), b"X").replace(b"REASON", b"Y")
    ),
    "content-type": http(b"<html>" + MD5.encode(), "Content-Type: text/{}; to={}".format(MD5, ADDRESS)),
    "content-coding": http(report(1), "Content-Encoding: {}, {}".format(MD5, ADDRESS)),
    "no-content-coding": http(report(1), "Content-Encoding: identity, {}, {}".format(MD5, ADDRESS)),
    "transfer-coding": http(report(1), "Transfer-Encoding: {}; {}".format(MD5, ADDRESS)),
    "encoding": http(b"<?xml version='1.0' encoding='x%b'?><x/>" % MD5.encode()),
    "garbage": "{} {}\r\n\r\n".format(MD5, ADDRESS).encode(),
    "header": "HTTP/1.1 200 OK\r\n{} {}\r\n\r\n".format(MD5, ADDRESS).encode(),
    "length": http(report(1), length=MD5),
    "chunk-size": http(b"", "Transfer-Encoding: chunked", length=None) + MD5.encode() + b"zz\r\n" + report(1),
    "cut": http(report(1))[:-30],
    "cut-chunk": http(b"", "Transfer-Encoding: chunked", length=None) + chunk(report(1))[:-30],
    "cut-xml": http(report(1)[:-30]),
    "retry-after": http(b"", "Retry-After: {} {}".format(MD5, ADDRESS), status="503 Busy"),
    "mismatched": http(report(1).replace(b"</struct>", b"</wrong>")),
    "later-row": http(report(1, 4000).replace(b"</data></array>", b"<value><int>5</int></value></data></array>")),
}


def call(client):
    """The exception of a call."""
    with client, pytest.raises(BaseException) as caught:
        client.bounces(1)
    return caught.value


@pytest.mark.parametrize("name", sorted(TALKATIVE))
def test_nothing_that_the_server_echoes_gets_out(name, caplog, capfd):
    """A server that says our md5 and addresses in every place there is."""
    caplog.set_level(logging.DEBUG)
    with ScriptedServer((Request(), TALKATIVE[name], Close())) as server:
        url = server.url + "?key=TOKEN-IN-QUERY"
        error = call(MailkitClient(1234567, MD5, url=url, retry=Retry(2, base=0), proxy=""))
    assert isinstance(error, MailkitError)
    assert seen_in(everything(error)) == []
    assert set(frames(error)) <= {"bounces", "__next__", "call"}
    assert [
        seen_in(record.getMessage() + repr(record.__dict__))
        for record in caplog.records
        if seen_in(repr(record.__dict__))
    ] == []
    assert capfd.readouterr() == ("", "")


PICKED = [line for line in known().values() if line.expected != "rows" and line.steps]


def _marks(line):
    return [pytest.mark.slow] if "timeout" in line.options else []


@pytest.mark.parametrize("line", [pytest.param(line, id=line.name, marks=_marks(line)) for line in PICKED])
def test_no_fault_of_the_matrix_shows_anything(line, caplog):
    """Every failure of the matrix: exceptions, variables of our frames and log lines hold nothing of the request or
    the answer."""
    caplog.set_level(logging.DEBUG)
    options = dict(timeout=5.0, proxy="", retry=None)
    options.update(line.options)
    if "timeout" in line.options:
        options["timeout"] = min(options["timeout"], 0.1)  # nothing is to be received here: it may be short
    with ScriptedServer(script_of(line.name)) as server:
        error = call(MailkitClient(1234567, MD5, url=server.url + "?key=TOKEN-IN-QUERY", **options))
    assert isinstance(error, MailkitError)
    assert seen_in(everything(error)) == []
    assert set(frames(error)) <= {"bounces", "__next__", "call"}
    assert [record for record in caplog.records if seen_in(repr(record.__dict__))] == []


# --- whatever interrupts ----------------------------------------------------------------------------------------------


PLACES = {
    "connecting": (_connect._Opening, "open"),
    "sending": (_connection.Connection, "send"),
    "receiving": (_connection.Connection, "receive"),
    "spooling": (_spool.Spool, "write"),
    "reading-back": (_spool.Spool, "_read"),
}


@pytest.mark.parametrize(
    "kind", [KeyboardInterrupt, SystemExit, MemoryError, RuntimeError, RecursionError, OSError, ValueError]
)
@pytest.mark.parametrize("place", sorted(PLACES))
def test_interruption_shows_nothing(place, kind, monkeypatch, caplog):
    """What is raised inside (Ctrl-C in recv, no memory, a bug) leaves without our frames, with nothing hanging on
    it."""
    owner, name = PLACES[place]

    def interrupted(*args, **kwargs):
        secret = (MD5, ADDRESS, report(1))
        raise kind("{!r}".format(secret) if issubclass(kind, Exception) and kind is not MemoryError else "")

    interrupted = inside(interrupted)

    caplog.set_level(logging.DEBUG)
    with ScriptedServer() as server:
        client = MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="")
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, interrupted)
            error = call(client)
    if issubclass(kind, Exception) and kind is not MemoryError:
        assert isinstance(error, MailkitError)
    else:
        assert type(error) is kind
    assert seen_in(everything(error)) == []
    assert set(frames(error)) <= {"bounces", "__next__", "call"}
    assert [record for record in caplog.records if seen_in(repr(record.__dict__))] == []


def test_interruption_within_recv_itself(monkeypatch):
    """Ctrl-C while the process waits in recv(): raised by a signal handler, in the innermost frame there is."""
    signal = pytest.importorskip("signal")
    if not hasattr(signal, "setitimer"):
        pytest.skip("this system has no setitimer")

    def handler(number, frame):
        raise KeyboardInterrupt("by hand")

    before = signal.signal(signal.SIGALRM, handler)
    try:
        with ScriptedServer((Request(), Stall())) as server:
            client = MailkitClient(1234567, MD5, url=server.url, retry=Retry(3, base=0), proxy="", timeout=20.0)
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            error = call(client)
            assert type(error) is KeyboardInterrupt
            assert seen_in(everything(error)) == []
            assert set(frames(error)) == {"call"}
            assert len(server.requests) == 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_error_while_iterating_shows_no_row():
    """Rows already decoded hang on no exception of the iteration."""
    broken = report(1, 4000).replace(b"</data></array>", b"<value><int>5</int></value></data></array>")
    with ScriptedServer((Request(), http(broken))) as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            rows = client.iter_bounces(1)
            with pytest.raises(MailkitError) as caught:
                for row in rows:
                    del row
            assert seen_in(everything(caught.value)) == []
            assert frames(caught.value) == ["__next__"]


def test_callers_own_exception_is_kept():
    """Inside an except block of the caller, the caller's exception is the context: theirs to show, not ours to hide."""
    with ScriptedServer((Request(), Reset())) as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            try:
                raise KeyError("theirs")
            except KeyError as theirs:
                with pytest.raises(MailkitError) as caught:
                    client.bounces(1)
                assert caught.value.__context__ is theirs


# --- the client itself ------------------------------------------------------------------------------------------------


def a_client():
    """A client with every secret there is."""
    options = dict(
        url="https://api.example/rpc?key=TOKEN-IN-QUERY", proxy="http://user:{}@proxy.example:3128".format(PASSWORD)
    )
    return MailkitClient(1234567, MD5, **options)


def test_client_does_not_show_its_secrets():
    """Not in repr, str, format, vars, nor in what those are made of."""
    client = a_client()
    assert repr(client) == "MailkitClient(client_id=1234567, url='https://api.example/rpc')"
    texts = [repr(client), str(client), "{}".format(client), repr(vars(client)), repr(list(vars(client).values()))]
    assert seen_in("".join(texts)) == []


def test_client_in_use_does_not_show_its_secrets():
    """Nor once it has a pool with connections."""
    with ScriptedServer() as server, MailkitClient(1234567, MD5, url=server.url, proxy="") as client:
        client.bounces(1)
        for thing in vars(client).values():
            assert seen_in(repr(thing) + repr(getattr(thing, "__dict__", ""))) == []


@pytest.mark.parametrize(
    "options",
    [
        dict(client_id=0),
        dict(client_md5=MD5 + " " + ADDRESS),
        dict(client_md5=MD5.encode()),
        dict(url="https://user:{}@api.example/?key=TOKEN-IN-QUERY".format(PASSWORD)),
        dict(url="http://api.example/?key=TOKEN-IN-QUERY"),
        dict(url="https://api.example:x/?key=TOKEN-IN-QUERY"),
        dict(proxy="socks5://user:{}@proxy.example".format(PASSWORD)),
        dict(proxy="http://user:{}@proxy.example:x".format(PASSWORD)),
        dict(timeout=-1),
        dict(retry=3),
    ],
)
def test_constructor_shows_nothing(options):
    """An argument that cannot be used is named, never quoted; and the frames of the constructor can be captured."""
    arguments = dict(
        client_id=1234567,
        client_md5=MD5,
        url="https://api.example/?key=TOKEN-IN-QUERY",
        proxy="http://user:%s@h" % PASSWORD,
    )
    arguments.update(options)
    with pytest.raises(mailkit_xmlrpc.ConfigurationError) as caught:
        MailkitClient(arguments.pop("client_id"), arguments.pop("client_md5"), **arguments)
    assert seen_in(everything(caught.value)) == []


@pytest.mark.parametrize("bad", [0, None])
def test_every_error_can_be_reported_with_variables(bad):
    """traceback's own capture_locals works on errors of the constructor and of a call."""

    def work():
        if bad is None:
            MailkitClient(1234567, MD5, url="http://127.0.0.1:9", retry=None, proxy="").bounces(bad)
        MailkitClient(bad, MD5)

    try:
        work()
    except MailkitError as error:
        lines = list(
            traceback.TracebackException(type(error), error, error.__traceback__, capture_locals=True).format()
        )
        assert len(lines) > 2
        ours = [line for line in lines if HOME in line]
        assert ours and seen_in("".join(ours)) == []


@pytest.mark.parametrize("id_send", [0, -1, True, 1.5, "12", MD5, None, 1 << 63])
def test_bad_id_send_is_not_shown(id_send):
    """Nothing is sent, and the value is not quoted: it may be the md5 in the wrong place."""
    with a_client() as client, pytest.raises(mailkit_xmlrpc.ConfigurationError) as caught:
        client.bounces(id_send)
    assert caught.value.attempts == 0
    assert MD5 not in str(caught.value) + repr(caught.value.args)


# --- the host process -------------------------------------------------------------------------------------------------


def test_debuglevel_of_the_host_process_prints_nothing(monkeypatch, capfd):
    """http.client.HTTPConnection.debuglevel = 1, as one does for requests, prints no request of ours."""
    monkeypatch.setattr(http_client.HTTPConnection, "debuglevel", 1)
    monkeypatch.setattr(http_client.HTTPSConnection, "debuglevel", 1)
    with ScriptedServer() as server, MailkitClient(1234567, MD5, url=server.url, proxy="") as client:
        assert len(client.bounces(1)) == 1
    assert capfd.readouterr() == ("", "")


def test_logging_of_everything_shows_nothing(caplog):
    """With every logger of the process at DEBUG a good call writes one line: function, id_send, tries, bytes, rows,
    seconds."""
    caplog.set_level(1)
    with ScriptedServer() as server, MailkitClient(1234567, MD5, url=server.url, proxy="") as client:
        client.bounces(123456)
    assert len(caplog.records) == 1
    assert seen_in(repr(caplog.records[0].__dict__)) == []


def test_secret_is_on_no_command_line():
    """The process arguments are nobody's but ours to keep clean: nothing is added to them."""
    assert MD5 not in " ".join(sys.argv)


def test_pickled_exception_holds_its_text_and_no_more():
    """A worker may send any of them to its parent."""
    with ScriptedServer((Request(), TALKATIVE["fault"])) as server:
        error = call(MailkitClient(1234567, MD5, url=server.url, retry=None, proxy=""))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.attempts, again.args) == (
        type(error),
        str(error),
        error.attempts,
        error.args,
    )
    assert again.__traceback__ is None
