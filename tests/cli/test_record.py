"""``record`` and ``scrub``: what they write, and what they refuse; what is written is a fixture of this project."""

import json
import os
import re
import shutil

import pytest

from mailkit_xmlrpc import MailkitClient
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.client import addresses
from mailkit_xmlrpc.recorder import record as record_module
from mailkit_xmlrpc.simulator import Simulator
from tests.cli.given import run
from tests.project import test_fixtures as fixtures_test
from tests.support import fixture_files
from tests.support.account import MD5

SAID = "mailkit-bounces: {} is written, with pseudonyms; look through it before you give it away\n"
BODY = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse><params><param><value><array><data><value><struct>'
    b"<member><name>EMAIL</name><value>anna@firma.cz</value></member>"
    b"<member><name>REASON</name><value>Schr\xc3\xa1nka</value></member>"
    b"</struct></value></data></array></value></param></params></methodResponse>"
)


@pytest.fixture
def mailkit(use_account, tmp_path, monkeypatch):
    """The simulator with the documented report, announced in the environment; an empty directory to work in."""
    monkeypatch.chdir(tmp_path)
    with Simulator() as simulator:
        use_account(simulator.url)
        yield simulator


@pytest.fixture
def files(tmp_path, monkeypatch):
    """``files(name=bytes, ...)`` writes files into an empty directory to work in; ``_`` in a name is a dot."""
    monkeypatch.chdir(tmp_path)

    def write(**contents):
        for name, content in contents.items():
            (tmp_path / name.replace("_", ".")).write_bytes(content)

    return write


def content(name):
    """What is in the file *name*."""
    with open(name, "rb") as file:
        return file.read()


def data_of(name):
    """The data of the fixture *name*, wherever they stand, and its body without them."""
    body = content(name)
    match = re.search(rb"\n<!-- (\{.*?\}) -->", body, re.DOTALL)
    if match is None:
        return json.loads(content(name + ".expect").decode("ascii")), body
    return json.loads(match.group(1).decode("ascii")), body[: match.start()] + body[match.end() :]


# --- record ---------------------------------------------------------------------------------------------------------


def test_record(capfd, mailkit):
    """The body as it came but for pseudonyms, what is expected of it in a comment, and the head beside it."""
    captured = run(capfd, "record", 123456, "-O", "r.xml")
    assert captured == ("", SAID.format("r.xml"))
    data, body = data_of("r.xml")
    assert sorted(os.listdir(".")) == ["r.xml", "r.xml.http"]
    assert {name: data[name] for name in data if name != "expect"} == {
        "shows": "an answer of mailkit.report.message.bounces: 3 rows",
        "source": "constructed",
        "evidence": "INF: by the simulator",
        "scrubbed": True,
    }
    assert [row["status"] for row in data["expect"]["rows"]] == ["4.4.2", "4.4.1", "5.1.1"]
    head = content("r.xml.http").decode()
    assert head == "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n".format(len(body))
    assert b"nejakadomena" not in body and b"1234567890" not in body and MD5.encode() not in content("r.xml")
    if os.name != "nt":
        assert os.stat("r.xml").st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "given, function, form, shows",
    [
        (["7"], "mailkit.report.message.bounces", "xml", "InvalidSendIdError"),
        (["123457"], "mailkit.report.message.bounces", "xml", "0 rows"),
        (["--campaigns"], "mailkit.report", "xml", "1 row"),
        (["--campaigns", "--since", "2014-12-01", "--until", "2014-12-31"], "mailkit.report", "xml", "1 row"),
        (["--deliveries", "12345"], "mailkit.report.campaign", "xml", "2 rows"),
        (["--deliveries", "12346"], "mailkit.report.campaign", "xml", "ApiError"),
        (["123456", "--protocol", "json"], "mailkit.report.message.bounces", "json", "3 rows"),
        (["--campaigns", "--protocol", "json"], "mailkit.report", "json", "1 row"),
        (["7", "--protocol", "json"], "mailkit.report.message.bounces", "json", "InvalidSendIdError"),
    ],
)
def test_recording_is_a_fixture(capfd, mailkit, httpserver, monkeypatch, tmp_path, given, function, form, shows):
    """A recording of the simulator passes each of the fixtures' tests as it is; so do lists and refusals."""
    name = "recorded/simulator-{}.{}".format(function, form)
    os.mkdir("recorded")
    run(capfd, "record", "-O", name, *(given + (["--url", mailkit.json_url] if form == "json" else [])))
    shutil.copy(str(fixture_files.README), "README.rst")
    monkeypatch.setattr(fixture_files, "FOLDER", tmp_path)
    monkeypatch.setattr(fixture_files, "README", tmp_path / "README.rst")
    assert fixture_files.paths() == [tmp_path / name]
    fixture = fixture_files.load(tmp_path / name)
    assert (fixture.function, fixture.form) == (function, form)
    assert fixture.shows == "an answer of {}: {}".format(function, shows)
    fixtures_test.test_fixture_says_where_it_comes_from(fixture)
    fixtures_test.test_readme_lists_fixture_once(fixture)
    if form == "json":
        fixtures_test.test_report_in_json(fixture)
    else:
        fixtures_test.test_answer_through_the_client(fixture, httpserver)
        httpserver.clear()
        fixtures_test.test_answer_through_the_client_that_replaces(fixture, httpserver)


def test_whoever_answers(capfd, httpserver, use_account, tmp_path, monkeypatch):
    """Another server is told apart; its status, reason and telling fields are kept, and no others."""
    monkeypatch.chdir(tmp_path)
    headers = {"Set-Cookie": "session=1", "Connection": "close", "Retry-After": "5"}
    httpserver.expect_request("/rpc.fcgi").respond_with_data(BODY, 503, headers, content_type="text/xml; charset=utf-8")
    use_account(httpserver.url_for("/rpc.fcgi"))
    run(capfd, "record", 7, "-O", "r.xml")
    data, _ = data_of("r.xml")
    assert (data["source"], data["evidence"]) == ("constructed", "INF: by another server than Mailkit's")
    assert data["expect"] == {"error": "HTTPStatusError", "attributes": {"status": 503}}
    assert data["content_type"] == "text/xml; charset=utf-8"
    head = content("r.xml.http").decode().split("\r\n")
    assert re.fullmatch("HTTP/1.[01] 503 SERVICE UNAVAILABLE", head[0])
    assert {line.split(":")[0] for line in head[1:] if line} == {"Content-Type", "Content-Length", "Connection"}


def test_vendor_answers(mailkit):
    """What the vendor's own host has answered, by TLS, is recorded; nobody else's answer is."""
    url = addresses.parsed_url(mailkit.url)
    vendor = addresses.parsed_url("https://api.mailkit.eu/rpc.fcgi")
    for host, tls, source in (("api.mailkit.eu", True, "recorded"), ("api.mailkit.eu", False, "constructed")):
        asked = MailkitClient(1, "x")._settings._replace(url=vendor._replace(host=host, tls=tls))
        origin = record_module._origin(asked, "", "mailkit.report")
        assert origin.source == source
        if tls:
            assert origin.evidence == "LIVE: api.mailkit.eu answered mailkit.report"
    assert record_module._origin(asked._replace(url=url), "", "x").source == "constructed"


def test_faults_and_bad_text(capfd, httpserver, use_account, tmp_path, monkeypatch):
    """A fault, a refusal of an address, bytes of base64 and forbidden characters are expected as what they are."""
    monkeypatch.chdir(tmp_path)
    use_account(httpserver.url_for("/rpc.fcgi"))
    answers = [
        "answer-fault.xml",
        "answer-disallowed-ip.xml",
        "hostile/bad-text-control.xml",
        "row-unknown-members.xml",
    ]
    for name in answers:
        fixture = fixture_files.load(fixture_files.FOLDER / name)
        httpserver.clear()
        httpserver.expect_request("/rpc.fcgi").respond_with_data(fixture.body, content_type=fixture.content_type)
        run(capfd, "record", 7, "-O", "r.xml")
        data, _ = data_of("r.xml")
        expected = fixture_files.expectation(data["expect"])
        assert (expected.error, len(expected.rows or ())) == (fixture.expected.error, len(fixture.expected.rows or ()))
        if name == "answer-fault.xml":
            assert expected.attributes["code"] == fixture.expected.attributes["code"]
        if name == "answer-disallowed-ip.xml":
            assert re.fullmatch(r"[0-9.]+", expected.attributes["ip"])
        replaced = fixture_files.expectation(data.get("replace", data["expect"])).replaced
        assert replaced == fixture.with_replace.replaced


def test_recording_of_a_recording(capfd, mailkit, use_account):
    """A recording that the simulator serves can be recorded again; what it was expected to be is not in it twice."""
    run(capfd, "record", 123456, "-O", "first.xml")
    with Simulator.replay("first.xml") as again:
        use_account(again.url)
        run(capfd, "record", 123456, "-O", "second.xml")
    assert content("second.xml").count(b"<!--") == 1


def test_same_key_same_pseudonyms(capfd, mailkit, files):
    """With --key-file two runs write the same; without it they do not; a short key is refused."""
    files(key=b"a secret of at least 16 characters\n", short=b"x" * 15)
    for name, more in (("a", ["--key-file", "key"]), ("b", ["--key-file", "key"]), ("c", []), ("d", [])):
        run(capfd, "record", 123456, "-O", name, *more)
    assert content("a") == content("b") != content("c") != content("d")
    assert b"a secret" not in content("a")
    err = run(capfd, "record", 123456, "-O", "e", "--key-file", "short", code=2).err
    assert err == "mailkit-bounces: the file of --key-file holds less than 16 characters\n"
    assert not os.path.exists("e")


def test_keep(capfd, mailkit):
    """--keep leaves the values of the members that it names."""
    run(capfd, "record", 123456, "-O", "r.xml", "--keep", "REASON", "--keep", "id_user_list")
    data, _ = data_of("r.xml")
    assert [row["reason"] for row in data["expect"]["rows"]] == ["Bad Mailbox", "Full Mailbox", "Bad Mailbox"]
    assert [row["id_user_list"] for row in data["expect"]["rows"]] == [123, 12345, 12345]


def test_recording_replaces_an_older_one(capfd, mailkit):
    """Where FILE.expect is there, the expectation is written to it: none that is wrong stays behind."""
    with open("r.xml.expect", "w") as file:
        file.write("{}")
    run(capfd, "record", 123456, "-O", "r.xml")
    data, body = data_of("r.xml")
    assert len(data["expect"]["rows"]) == 3 and b"<!--" not in body


@pytest.mark.parametrize(
    "given, text",
    [
        (["-O", "x"], "give one of ID_SEND, --campaigns and --deliveries ID_MESSAGE"),
        (["7", "--campaigns", "-O", "x"], "give one of ID_SEND, --campaigns and --deliveries ID_MESSAGE"),
        (["7", "--since", "2024-01-01", "-O", "x"], "--since and --until go with --campaigns or --deliveries"),
        (["--campaigns", "--until", "2024-01-01", "-O", "x"], "--until needs --since"),
        (["7", "--on-bad-text", "replace", "-O", "x"], "--on-bad-text changes nothing that is recorded"),
        (["7"], "-O"),
        (["7", "-O", "-"], "it must be a file: others are written beside it"),
        (["7", "-O", "nowhere/x"], "there is no directory"),
        (["7", "-O", "nowhere/"], "there is no directory"),
    ],
)
def test_misuse_of_record(capfd, mailkit, given, text):
    """What cannot be meant is refused before anything is sent."""
    assert text in run(capfd, "record", *given, code=2).err
    assert os.listdir(".") == []


def test_body_that_cannot_be_written(capfd, mailkit):
    """Where the body has no place, nothing stands beside it."""
    os.mkdir("r.xml")
    assert "-O r.xml is a directory" in run(capfd, "record", 123456, "-O", "r.xml", code=2).err
    assert os.listdir(".") == ["r.xml"]


def test_no_answer(capfd, mailkit, use_account):
    """Where there is no answer nothing is written, and the exit code is the error's."""
    use_account("http://127.0.0.1:9/rpc.fcgi")
    run(capfd, "record", 7, "-O", "x", "--retry", 1, code=6)
    assert os.listdir(".") == []


# --- scrub ----------------------------------------------------------------------------------------------------------


def test_scrub(capfd, files):
    """A file becomes a fixture where it stands; a second time it is left as it is."""
    files(a_xml=BODY)
    assert run(capfd, "scrub", "a.xml") == ("", SAID.format("a.xml"))
    first = content("a.xml")
    data, body = data_of("a.xml")
    assert len(body) == len(BODY) and b"anna" not in first and os.listdir(".") == ["a.xml"]
    assert data["evidence"] == "INF: scrubbed from a file; nothing tells who answered"
    assert run(capfd, "scrub", "a.xml").err == "mailkit-bounces: a.xml is scrubbed already, and left as it is\n"
    assert content("a.xml") == first


def test_scrub_to_another_file(capfd, files):
    """With -O the file stays, and FILE.http goes along without what does not tell about the form."""
    head = b"HTTP/1.1 200 OK\nContent-Type: text/xml\nSet-Cookie: a=b\nKeep-Alive: timeout=5\n\n"
    files(a_xml=BODY, a_xml_http=head)
    run(capfd, "scrub", "a.xml", "-O", "b.xml")
    assert content("a.xml") == BODY
    assert sorted(os.listdir(".")) == ["a.xml", "a.xml.http", "b.xml", "b.xml.http"]
    assert content("b.xml.http") == b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nKeep-Alive: timeout=5\r\n\r\n"


def test_scrub_a_fixture(capfd, files):
    """What a file says of itself is said anew, wherever it stands: the old words hold the originals."""
    data = {"expect": {"rows": [{"email": "anna@firma.cz"}]}, "content_type": "text/xml; charset=utf-8"}
    comment = b"?>\n<!-- " + json.dumps(data).encode() + b" -->"
    files(a_xml=BODY.replace(b"?>", comment), b_xml=BODY, b_xml_expect=json.dumps(data).encode())
    for name in ("a.xml", "b.xml"):
        run(capfd, "scrub", name)
        new, body = data_of(name)
        assert len(body) == len(BODY) and b"anna" not in content(name)
        assert new["content_type"] == data["content_type"]
        assert new["expect"]["rows"][0]["email"].endswith(".cz")
        assert "scrubbed already" in run(capfd, "scrub", name).err
    assert sorted(os.listdir(".")) == ["a.xml", "b.xml", "b.xml.expect"]
    # Another comment is no fixture's.
    files(c_xml=BODY.replace(b"?>", b'?><!-- {"a": "Anna"} -->'))
    run(capfd, "scrub", "c.xml")
    assert b"Anna" not in content("c.xml")


@pytest.mark.parametrize(
    "body, function, form",
    [
        (BODY, "mailkit.report.message.bounces", "xml"),
        (BODY.replace(b"EMAIL", b"Id_Send"), "mailkit.report.campaign", "xml"),
        (BODY.replace(b"EMAIL", b"ID_MESSAGE"), "mailkit.report", "xml"),
        (b'[{"ID_MESSAGE": "5", "NAME": "Anna"}]', "mailkit.report", "json"),
        (b'{"error": "Anna", "error_status": 1}', "mailkit.report.message.bounces", "json"),
        (BODY.decode().replace("UTF-8", "UTF-16").encode("utf-16"), "mailkit.report.message.bounces", "xml"),
        (b"Internal error of Anna", "mailkit.report.message.bounces", "xml"),
        (b"", "mailkit.report.message.bounces", "xml"),
    ],
)
def test_kind_of_answer_is_found(capfd, files, body, function, form):
    """Which function answered, and in which form, is seen in the answer."""
    files(a=body)
    run(capfd, "scrub", "a")
    data, new = data_of("a")
    assert (data.get("function", "mailkit.report.message.bounces"), data.get("form", "xml")) == (function, form)
    assert len(new) == len(body)


def test_scrub_with_a_status(capfd, files):
    """FILE.http tells the status too, and an md5 of the environment is looked for."""
    files(a=BODY, a_http=b"HTTP/1.0 500\r\n\r\n")
    run(capfd, "scrub", "a")
    assert data_of("a")[0]["expect"] == {"error": "HTTPStatusError", "attributes": {"status": 500}}
    assert content("a.http") == b"HTTP/1.0 500\r\nContent-Type: text/xml\r\n\r\n"


def test_md5_of_the_environment(capfd, files, monkeypatch):
    """The md5 of the account, or of its file, is in no file that is written."""
    secret = "No-Md5-At-All"
    body = BODY.replace(b"</struct>", b"<member><name>STATUS</name><value>No-Md5-At-All</value></member></struct>")
    files(a=body, b=body, c=body, md5=secret.encode())
    monkeypatch.setenv("MAILKIT_CLIENT_MD5", secret)
    run(capfd, "scrub", "a")
    monkeypatch.delenv("MAILKIT_CLIENT_MD5")
    run(capfd, "scrub", "c")
    monkeypatch.setenv("MAILKIT_CLIENT_MD5_FILE", "md5")
    run(capfd, "scrub", "b")
    assert [secret.encode() in content(name) for name in "abc"] == [False, False, True]


def test_original_that_would_be_found(capfd, files):
    """Where an original would still be found nothing is written."""
    body = BODY.replace(b"REASON", b"anna@firma.cz")
    files(a_xml=body)
    err = run(capfd, "scrub", "a.xml", code=2).err
    assert err == "mailkit-bounces: nothing was written: an address would still be found in it\n"
    assert content("a.xml") == body and os.listdir(".") == ["a.xml"]


def test_misuse_of_scrub(capfd, files):
    """A file that is not there, cannot be read, or stands beside a head of another one."""
    assert run(capfd, "scrub", "nowhere", code=2).err == "mailkit-bounces: there is no file nowhere\n"
    assert "cannot be read" in run(capfd, "scrub", ".", code=2).err
    files(a=BODY, b_http=b"HTTP/1.1 200 OK\n", c=BODY, c_http=b"nonsense", d=BODY, d_http=b"")
    assert "b.http is there, the head of another answer" in run(capfd, "scrub", "a", "-O", "b", code=2).err
    for name in "cd":
        err = run(capfd, "scrub", name, code=2).err
        assert err.endswith("the file beside it that ends with .http does not begin with a status line\n")
    assert main(["scrub", "a", "-O", "-"]) == 2
