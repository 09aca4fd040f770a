"""The simulator can be made to fail by name, to refuse and to be slow, and tells what it was asked."""

import http.client
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from mailkit_xmlrpc import (
    ConnectError,
    DisallowedIPError,
    HTTPStatusError,
    IncompleteResponseError,
    InvalidSendIdError,
    MailkitClient,
    MailkitError,
    RequestTimeoutError,
    Retry,
    UnauthorizedError,
)
from mailkit_xmlrpc.simulator import Call, SampleReport, Simulator, sample_rows
from mailkit_xmlrpc.simulator.faults import matrix
from mailkit_xmlrpc.simulator.faults.lines import Answers
from mailkit_xmlrpc.simulator.faults.steps import Drip, Pause, Repeat, Stall, Wire
from tests.support.account import MD5
from tests.support.observing import AFTERWARDS

FUNCTION = "mailkit.report.message.bounces"
ROWS = [{"EMAIL": "a@example.com", "ID_EMAIL": 1, "REASON": "no"}, {"EMAIL": "b@example.com", "ID_EMAIL": 2}]


@pytest.fixture
def mailkit():
    """A simulator with two deliveries."""
    with Simulator(reports={7: ROWS, 8: []}) as running:
        yield running


def client_of(mailkit, **options):
    """A client of both protocols' address, with one try."""
    given = dict(url=mailkit.environment["MAILKIT_URL"], retry=None, proxy="", timeout=10.0)
    return MailkitClient(mailkit.client_id, mailkit.client_md5, **dict(given, **options))


def outcomes(mailkit):
    return [call.outcome for call in mailkit.calls]


def test_faults_are_those_of_the_matrix(mailkit):
    """Each has a name, words and what is expected of the client."""
    line = mailkit.faults["status-503"]
    assert (line.does, line.expected, line.tries) == ("503 Service Unavailable without a body", "HTTPStatusError", 3)
    assert {"cut-in-body", "drip-body", "xml-cut", "refused", "stall-before-status"} <= set(mailkit.faults)
    mailkit.faults.clear()
    assert mailkit.faults


def outcome_of(client):
    """What comes of a call: rows, or the class of the error."""
    try:
        return "rows" if len(client.bounces(7)) == 2 else "other rows"
    except MailkitError as error:
        return type(error).__name__


def fail_twice(mailkit, name):
    """Let two tries fail; where nobody can count them, those until the client pauses for the second time."""
    if name != "refused":
        mailkit.fail(7, name, times=2)
        return Retry(3, base=0)
    mailkit.fail(7, name)
    pauses = []
    return Retry(3, base=0, sleep=lambda seconds: pauses.append(seconds) or (len(pauses) == 2 and mailkit.heal()))


def lines_of(protocol):
    """Each fault that there is over the protocol; those of JSON, and those that take their time, are slow."""
    for lines in matrix(Answers(protocol)).values():
        for line in lines:
            slow = protocol == "json" or {"timeout", "deadline"} & set(line.options)
            yield pytest.param(protocol, line.name, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize("protocol, name", [*lines_of("xmlrpc"), *lines_of("json")])
def test_each_fault_by_its_name_is_retried_and_healed(mailkit, protocol, name):
    """Scripted by its name for two tries, each fault harms these, and is over: within one call where it may be tried
    again, else with the third call."""
    line = mailkit.faults[name]
    retry = fail_twice(mailkit, name)
    options = dict(line.options, retry=retry)
    if "timeout" in options:
        options["timeout"] = 1.0  # the call that is healed must come within it, also on a busy machine
    with client_of(mailkit, protocol=protocol, **options) as client:
        if line.tries == 1:
            for _ in range(2):
                assert outcome_of(client) == line.expected
                time.sleep(AFTERWARDS.get(name, 0.0))
        assert [row.id_email for row in client.bounces(7)] == [1, 2]
    assert outcomes(mailkit) == ["rows"] if name == "refused" else [name, name, "rows"]


def test_fault_is_for_its_delivery_and_lasts(mailkit):
    """Without a number it lasts until it is healed; other deliveries are not harmed."""
    mailkit.fail(7, "status-404")
    with client_of(mailkit) as client:
        for _ in range(3):
            with pytest.raises(HTTPStatusError):
                client.bounces(7)
        assert client.bounces(8) == []
        mailkit.heal()
        assert len(client.bounces(7)) == 2


def test_faults_come_one_after_another(mailkit):
    """In the order in which they were scripted; None is any call, of another function too."""
    mailkit.fail(None, "status-503", times=1)
    mailkit.fail(7, "cut-in-body", times=2)
    mailkit.fail(8, "xml-cut", times=1)
    with client_of(mailkit) as client:
        with pytest.raises(HTTPStatusError):
            client.campaigns()
        for id_send in (7, 8, 7):
            with pytest.raises(IncompleteResponseError):
                client.bounces(id_send)
        assert len(client.bounces(7)) == 2
    assert outcomes(mailkit) == ["status-503", "cut-in-body", "xml-cut", "cut-in-body", "rows"]


def test_fault_spoils_the_answer_that_there_would_be(mailkit):
    """The body of a fault is the delivery's own: of its rows, of none, of a refusal."""
    mailkit.fail(None, "gzip-good")
    with client_of(mailkit) as client:
        assert [row.email for row in client.bounces(7)] == ["a@example.com", "b@example.com"]
        assert client.bounces(8) == []
        with pytest.raises(InvalidSendIdError):
            client.bounces(9)
    mailkit.heal()
    mailkit.fail(8, "forbidden-replaced", times=1)
    with client_of(mailkit, on_bad_text="replace") as client:
        assert [row.reason for row in client.bounces(8)] == ["\ufffd\ufffd"]


@pytest.mark.parametrize("protocol", ["xmlrpc", "json"])
def test_half_of_an_empty_report_is_cut_too(mailkit, protocol):
    """However short the answer is, half of it is not all of it."""
    for name in ("cut-in-body", "xml-cut", "cut-gzip-body", "length-too-small", "gzip-damaged"):
        mailkit.fail(8, name, times=1)
        with client_of(mailkit, protocol=protocol) as client:
            with pytest.raises(IncompleteResponseError):
                client.bounces(8)
            assert client.bounces(8) == []


@pytest.mark.parametrize("name", ["close-on-accept", "reset-on-accept"])
def test_fault_before_the_request_meets_a_kept_connection(mailkit, name):
    """A client that keeps its connection meets it, too, and others that were idle connect anew."""
    with client_of(mailkit) as client:
        assert client.bounces(8) == []
        mailkit.fail(8, name, times=1)
        with pytest.raises(IncompleteResponseError):
            client.bounces(8)
        assert client.bounces(8) == []
    assert outcomes(mailkit) == ["rows", name, "rows"]


def test_fault_that_is_faster_than_the_listener(mailkit, monkeypatch):
    """So it does where the thread that answers is faster than the one that has accepted the connection."""
    start = threading.Thread.start

    def started_slowly(thread):
        start(thread)
        time.sleep(0.5)

    monkeypatch.setattr(threading.Thread, "start", started_slowly)
    with client_of(mailkit) as client:
        assert client.bounces(8) == []
        mailkit.fail(8, "reset-on-accept", times=1)
        with pytest.raises(IncompleteResponseError):
            client.bounces(8)
    assert [call.function for call in mailkit.calls] == ["mailkit.report.message.bounces", ""]


def test_refused_until_it_is_healed():
    """Nobody listens, from before the start on or in the middle; the port stays the same."""
    mailkit = Simulator()
    mailkit.fail(None, "refused")
    with mailkit, client_of(mailkit) as client:
        with pytest.raises(ConnectError):
            client.bounces(123456)
        mailkit.heal()
        mailkit.heal()
        assert len(client.bounces(123456)) == 3
        mailkit.fail(None, "refused")
        mailkit.fail(None, "refused")
        with pytest.raises(ConnectError):
            client.bounces(123456)
    mailkit.heal()


@pytest.mark.parametrize(
    "name, times, text",
    [
        ("satus-503", None, "there is no fault 'satus-503'; did you mean status-503?"),
        ("503", None, "there is no fault '503'; did you mean status-503?"),
        (503, None, "there is no fault 503; did you mean status-503?"),
        ("nonsense", None, "there is no fault 'nonsense'; see Simulator.faults"),
        ("refused", 1, "nobody can count refused connections: leave times out, and call heal()"),
        ("status-503", 0, "times must be at least 1, or None"),
    ],
)
def test_fault_that_cannot_be(mailkit, name, times, text):
    """What cannot be scripted is said at once, with what to do."""
    with pytest.raises(ValueError) as caught:
        mailkit.fail(7, name, times)
    assert str(caught.value) == text
    with pytest.raises(TypeError, match="id_send must be an int, not of type str"):
        mailkit.fail("7", "status-503")
    with pytest.raises(TypeError):
        mailkit.delay("60")
    with pytest.raises(ValueError, match="seconds must be at least 0"):
        mailkit.delay(-1)


def test_refuse(mailkit):
    """Every call is refused, after so many reports or at once, until it is not."""
    mailkit.refuse("Disallowed IP 192.0.2.1", after=1)
    with client_of(mailkit) as client:
        assert [campaign.id_message for campaign in client.campaigns()] == [12345]
        assert client.bounces(8) == []
        for call in (client.campaigns, lambda: client.bounces(8)):
            with pytest.raises(DisallowedIPError) as caught:
                call()
            assert caught.value.ip == "192.0.2.1"
        mailkit.refuse(None)
        assert client.bounces(8) == []
    assert outcomes(mailkit) == ["rows", "rows", "Disallowed IP 192.0.2.1", "Disallowed IP 192.0.2.1", "rows"]


def test_delay(mailkit):
    """An answer that is slow is a time-out, until it is not; one that waits ends with the simulator."""
    mailkit.delay(60)
    with client_of(mailkit, timeout=0.2) as client:
        with pytest.raises(RequestTimeoutError):
            client.bounces(8)
    mailkit.delay(0)
    with client_of(mailkit) as client:
        assert client.bounces(8) == []


def test_calls_tell_what_was_asked(mailkit):
    """Function, parameters by their names, protocol and outcome, of both protocols."""
    for protocol in ("xmlrpc", "json"):
        with client_of(mailkit, protocol=protocol) as client:
            client.bounces(7)
    with client_of(mailkit) as client:
        with pytest.raises(MailkitError):
            client.call("mailkit.other", 5, "x")
        with pytest.raises(InvalidSendIdError):
            client.bounces(9)
    assert mailkit.calls == [
        Call(FUNCTION, {"ID_send": 7}, "xmlrpc", "rows"),
        Call(FUNCTION, {"ID_send": "7"}, "json", "rows"),
        Call("mailkit.other", {"0": 5, "1": "x"}, "xmlrpc", "Unknown method: mailkit.other"),
        Call(FUNCTION, {"ID_send": 9}, "xmlrpc", "Invalid ID_send"),
    ]


def test_calls_hold_no_md5(mailkit):
    """Neither the right one nor a wrong one, wherever it was put."""
    with client_of(mailkit) as client:
        with pytest.raises(MailkitError):
            client.call("mailkit.other", {"a": ["is " + MD5, 5]}, "fine")
    wrong = "f" * 32
    for md5 in (wrong, "f"):
        with MailkitClient(1, md5, url=mailkit.url, retry=None) as client:
            with pytest.raises(UnauthorizedError):
                client.call(FUNCTION, md5, "off")
    assert MD5 not in repr(mailkit.calls) and wrong not in repr(mailkit.calls)
    assert [list(call.parameters.values()) for call in mailkit.calls] == [
        [{"a": ["is ***", 5]}, "fine"],
        ["***", "off"],
        ["***", "off"],
    ]


def test_calls_tell_of_what_is_no_call(mailkit):
    """A request that HTTP refuses, or that is no call, is a try, too; so is an answer that cannot be made."""
    for path, body in (("/nowhere", b"<x/>"), ("/rpc.fcgi", b"<x/>"), ("/rpc.fcgi", b" " * 65537)):
        connection = http.client.HTTPConnection(urlsplit(mailkit.url).netloc, timeout=10)
        connection.request("POST", path, body)
        connection.getresponse().read()
        connection.close()
    mailkit.add(9, [{"EMAIL": {1}}])
    mailkit.fail(9, "xml-cut", times=1)
    with client_of(mailkit) as client:
        for _ in range(2):
            with pytest.raises(HTTPStatusError):
                client.bounces(9)
    assert [call[:3] for call in mailkit.calls[:3]] == [("", {}, "")] * 3
    broken = "Simulator: TypeError"
    assert outcomes(mailkit) == ["HTTP 404", "no call", "HTTP 413", broken, broken]


def test_environment_is_what_a_client_needs(mailkit, monkeypatch):
    """A program that makes its client of the environment asks the simulator, over either protocol."""
    for name, value in mailkit.environment.items():
        monkeypatch.setenv(name, value)
    for protocol in ("xmlrpc", "json"):
        with MailkitClient.from_env(protocol=protocol) as client:
            assert len(client.bounces(7)) == 2


def test_start_and_stop_without_a_block():
    """For test cases that are no block; where to listen can be said."""
    mailkit = Simulator(reports={}, host="127.0.0.1")
    assert mailkit.start() is mailkit
    port = int(mailkit.url.split(":")[2].split("/")[0])
    mailkit.stop()
    mailkit.stop()
    again = Simulator(port=port).start()
    assert again.url.startswith("http://127.0.0.1:{}/".format(port))
    again.stop()


def test_stop_ends_what_is_under_way(mailkit):
    """Faults that last end with the simulator, and leave no thread."""
    before = set(threading.enumerate())
    with Simulator(reports={7: ROWS}) as other:
        for number, name in enumerate(("stall-in-body", "drip-body", "endless-100", "503-stalled")):
            other.fail(number, name)
            with client_of(other, timeout=0.2, deadline=0.3) as client:
                with pytest.raises(MailkitError):
                    client.bounces(number)
    assert set(threading.enumerate()) - before == set()


@pytest.mark.parametrize("step", [Drip(b"xx", 0.0), Repeat(b"x", 0.0), Repeat(b"x", 1e-6), Pause(0.0), Stall()])
def test_step_ends_with_the_server(step):
    """However long it would go on, no step does so beyond the end of its server."""
    stopping = threading.Event()
    stopping.set()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert step.run(Wire(ours, ours, stopping))


def test_fault_of_the_next_connection_while_the_port_is_closed(mailkit):
    """Nobody has to listen for it."""
    mailkit.fail(None, "refused")
    mailkit.fail(None, "reset-on-accept", times=1)
    mailkit.heal()


def test_sample_rows():
    """As many as asked for, the same ones for the same seed, of the kinds asked for and no others."""
    assert sample_rows(50) == list(SampleReport(50)) == sample_rows(50, seed=1) != sample_rows(50, seed=2)
    with Simulator(reports={}) as mailkit:
        for number, kinds in enumerate((("hard",), ("soft", "block"), ("unknown",)), 1):
            mailkit.add(number, sample_rows(120, kinds=kinds))
            with client_of(mailkit) as client:
                assert {str(row.kind) for row in client.bounces(number)} == set(kinds)
    for kinds in (("hard", "odd"), ()):
        with pytest.raises(ValueError, match="kinds must be some of block, hard, soft, unknown"):
            sample_rows(1, kinds=kinds)


def test_call_under_way_is_not_harmed(mailkit):
    """A fault of the next connection ends the idle ones, and not the one that is being answered."""
    begun, go_on = threading.Event(), threading.Event()

    class Rows:
        def __iter__(self):
            begun.set()
            assert go_on.wait(20)
            yield from ROWS

    go_on.set()
    mailkit.add(9, Rows())  # which looks at them, too
    go_on.clear()
    begun.clear()
    found = []
    with client_of(mailkit) as client:
        caller = threading.Thread(target=lambda: found.extend(client.bounces(9)))
        caller.start()
        assert begun.wait(20)
        mailkit.fail(7, "close-on-accept", times=1)
        go_on.set()
        caller.join()
    assert len(found) == 2
    assert len(mailkit.calls) == 1


def test_repeat_ends_by_itself():
    """After so many times the steps go on."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not Repeat(b"x", times=3).run(Wire(ours, ours, threading.Event()))
        assert theirs.recv(10) == b"xxx"
