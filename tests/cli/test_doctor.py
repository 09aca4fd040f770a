"""What doctor finds, step by step, and that nothing secret is in it."""

import os
import socket
import ssl

import pytest
from pytest_httpserver import HTTPServer

from mailkit_xmlrpc import LocalError, MailkitClient
from mailkit_xmlrpc.cli.commands.doctor import proxy_in_words
from mailkit_xmlrpc.simulator import Simulator
from tests.cli.given import run
from tests.support.account import MD5

REFUSAL = (
    b"<methodResponse><params><param><value><string>Invalid ID_send</string></value></param></params></methodResponse>"
)


@pytest.fixture(autouse=True)
def account(use_account):
    """A simulator without reports, and its account in the environment."""
    with Simulator(reports={}) as simulator:
        use_account(simulator.url)
        yield simulator


def doctor(capfd, *argv, code):
    captured = run(capfd, "doctor", *argv, code=code)
    assert MD5 not in captured.out + captured.err
    return [line.split(None, 2) for line in captured.out.replace("allowed IP", "allowed-IP").splitlines()]


def test_doctor_all_well(capfd, account):
    """Every step is ok, and the exit code says so."""
    steps = doctor(capfd, code=0)
    assert [step[:2] for step in steps] == [
        ["ok", "settings"],
        ["ok", "proxy"],
        ["ok", "DNS"],
        ["ok", "connection"],
        ["ok", "allowed-IP"],
        ["ok", "credentials"],
    ]
    assert steps[0][2] == "client_id 1234567, md5 set, {}".format(account.url)


def test_doctor_delivery_number_one(capfd, account):
    """That the delivery which is asked for exists is no failure."""
    account.reports[1] = []
    assert doctor(capfd, code=0)[-1][:2] == ["ok", "credentials"]


def test_doctor_no_settings(capfd, monkeypatch):
    """Missing settings: what to set."""
    monkeypatch.delenv("MAILKIT_CLIENT_ID")
    (step,) = doctor(capfd, code=2)
    assert step[:2] == ["FAIL", "settings"] and "MAILKIT_CLIENT_ID" in step[2]


def test_doctor_wrong_md5(capfd, monkeypatch):
    """Wrong credentials: the way is well, they are not."""
    monkeypatch.setenv("MAILKIT_CLIENT_MD5", "wrong")
    steps = doctor(capfd, code=3)
    assert [step[:2] for step in steps[-2:]] == [["ok", "allowed-IP"], ["FAIL", "credentials"]]


def test_doctor_name_that_is_none(capfd):
    """A host that cannot be looked up, and why."""
    steps = doctor(capfd, "--url", "https://{}.example/".format("x" * 64), code=6)
    assert steps[-1][:2] == ["FAIL", "DNS"] and "is not a host name" in steps[-1][2]


def test_doctor_nobody_listens(capfd):
    """A server that does not answer, over TLS."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        steps = doctor(capfd, "--url", "https://127.0.0.1:{}/".format(unused.getsockname()[1]), code=6)
    assert steps[-1][:2] == ["FAIL", "TLS"]


def test_doctor_shows_the_proxy(capfd, monkeypatch):
    """A proxy is shown without its password."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        where = "127.0.0.1:{}".format(unused.getsockname()[1])
        monkeypatch.setenv("HTTPS_PROXY", "http://user:s3cret@" + where)
        steps = doctor(capfd, "--url", "https://api.example/", code=6)
    assert steps[1] == ["ok", "proxy", where + ", from HTTPS_PROXY"]
    assert steps[-1][:2] == ["FAIL", "TLS"] and "s3cret" not in str(steps)


@pytest.mark.parametrize(
    "environment, expected",
    [
        ({}, "none: HTTPS_PROXY is not set"),
        ({"ALL_PROXY": "http://p.example"}, "none: HTTPS_PROXY is not set; ALL_PROXY does not count, set HTTPS_PROXY"),
        ({"https_proxy": ""}, "none: https_proxy is empty"),
        ({"HTTPS_PROXY": "p.example:1", "https_proxy": ""}, "none: https_proxy is empty"),
        ({"HTTPS_PROXY": "http://u:s3cret@p.example:1"}, "p.example:1, from HTTPS_PROXY"),
        ({"HTTPS_PROXY": "http://q.example:2", "https_proxy": "http://p.example:1"}, "p.example:1, from https_proxy"),
        (
            {"HTTPS_PROXY": "p.example:1", "NO_PROXY": "example.org"},
            "p.example:1, from HTTPS_PROXY; NO_PROXY does not name this host",
        ),
        (
            {"HTTPS_PROXY": "p.example:1", "no_proxy": "10.0.0.0/8"},
            "p.example:1, from HTTPS_PROXY; no_proxy does not name this host (ranges of addresses do not count there)",
        ),
        (
            {"HTTPS_PROXY": "p.example:1", "NO_PROXY": "api.example"},
            "none: NO_PROXY names this host, and HTTPS_PROXY does not count",
        ),
    ],
)
def test_doctor_says_why_that_proxy(monkeypatch, environment, expected):
    """Which proxy is used and why: the variable that decided, and those that do not count."""
    for name in ("ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = MailkitClient(1, MD5, url="https://api.example/")._settings
    assert proxy_in_words(settings.proxy, True, None, os.environ) == expected


def test_doctor_says_which_option_decides(capfd):
    """--proxy decides where it is given, also that there is none; http goes to this machine only."""
    assert proxy_in_words(None, True, "", {}) == "none, from --proxy"
    proxy = MailkitClient(1, MD5, url="https://api.example/", proxy="p.example:1")._settings.proxy
    assert proxy_in_words(proxy, True, "p.example:1", {}) == "p.example:1, from --proxy"
    assert doctor(capfd, code=0)[1] == ["ok", "proxy", "none: http goes to this machine only"]


@pytest.mark.parametrize(
    "md5, doubt",
    [
        ("0" * 31, "client_md5 has 31 characters instead of 32"),
        ('"' + "0" * 30 + '"', "client_md5 has quotation marks around it"),
        ("O" * 32, "client_md5 has 32 characters that are no hexadecimal digit (0 to 9, a to f)"),
    ],
)
def test_doctor_doubts_an_md5(capfd, monkeypatch, md5, doubt):
    """An MD5 that cannot be one is said to look wrong, before it is sent and after it was refused, and is not shown."""
    monkeypatch.setenv("MAILKIT_CLIENT_MD5", md5)
    steps = doctor(capfd, code=3)
    assert ", md5 set, but doubtful: {}, ".format(doubt) in steps[0][2]
    assert steps[-1][:2] == ["FAIL", "credentials"] and doubt in steps[-1][2]
    assert md5 not in str(steps)


@pytest.mark.parametrize(
    "answer, name, code",
    [
        (b"<string>Disallowed IP 192.0.2.1</string>", "allowed-IP", 4),
        (b"<string>Missing something</string>", "answer", 5),
        (b"<int>5</int>", "answer", 7),
    ],
)
def test_doctor_other_answers(capfd, httpserver, answer, name, code):
    """What Mailkit says decides which step failed, and the exit code is that of fetch."""
    body = b"<methodResponse><params><param><value>" + answer + b"</value></param></params></methodResponse>"
    httpserver.expect_request("/rpc.fcgi").respond_with_data(body, content_type="text/xml")
    url = "http://127.0.0.1:{}/rpc.fcgi".format(httpserver.port)
    assert doctor(capfd, "--url", url, code=code)[-1][:2] == ["FAIL", name]
    run(capfd, "fetch", "1", "--url", url, code=code)


@pytest.fixture
def authority():
    """A certificate authority of our own."""
    return pytest.importorskip("trustme", reason="certificates for the tests need trustme").CA()


def test_doctor_certificate(capfd, monkeypatch, tmp_path, authority):
    """Over TLS the certificate is part of the step."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("MAILKIT_CA_FILE", str(tmp_path / "ca.pem"))
    with HTTPServer(ssl_context=context) as server:
        server.expect_request("/rpc.fcgi").respond_with_data(REFUSAL, content_type="text/xml")
        steps = doctor(capfd, "--url", "https://127.0.0.1:{}/rpc.fcgi".format(server.port), code=0)
    assert ["ok", "TLS", "connected, the certificate is accepted"] in steps


def test_doctor_machine(capfd, monkeypatch):
    """What this machine cannot do is told as such."""

    def full(*_):
        raise LocalError("no room for the answer")

    monkeypatch.setattr(MailkitClient, "bounces", full)
    assert doctor(capfd, code=6)[-1][:2] == ["FAIL", "machine"]
