"""Each claim about the service is confirmed by what the simulator imitates, and contradicted by what is changed on
purpose; nothing personal is in what is said."""

import re
import sys
import time
from datetime import datetime, timedelta, timezone

import pytest

from mailkit_xmlrpc import HTTPStatusError, InvalidSendIdError, MailkitClient, Retry, UnexpectedShapeError
from mailkit_xmlrpc.claims.answers import answers_of
from mailkit_xmlrpc.claims.table import CLAIMS, CONFIRMED, CONTRADICTED, NOT_SEEN
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.simulator import Simulator, answers, documented_rows, server

ROW = {
    "EMAIL": "novak@example.com",
    "ID_EMAIL": 49872054,
    "ID_USER_LIST": 123,
    "ID_SEND_MESSAGE": 5000000001,
    "DATE": "2024-03-01 08:00:00",
    "STATUS": "5.1.1",
    "EMAIL_STATUS": "temporary",
    "BOUNCE_CAT": "bad-mailbox",
    "REASON": "novak does not live here any more",
}
PERSONAL = re.compile(r"novak|example\.com|49872054|5000000001|live here|[0-9a-f]{32}")


@pytest.fixture
def mailkit():
    """A simulator with the vendor's three rows."""
    with Simulator(reports={1: [], 7: documented_rows(), 8: []}) as running:
        yield running


@pytest.fixture
def changed(monkeypatch):
    """``changed(old, new)``: from now on the simulator's answers have *new* for each *old*; ``changed.header(name,
    value)``: and this header, or without one (None)."""
    encode, send_header = server._encode, server._Handler.send_header

    def change(*pairs):
        def changed_encode(text):
            for old, new in pairs:
                text = re.sub(old, new, text, flags=re.DOTALL)
            return encode(text)

        monkeypatch.setattr(server, "_encode", changed_encode)

    def header(name, value):
        def changed_header(self, key, told):
            if key != name:
                send_header(self, key, told)
            elif value is not None:
                send_header(self, key, value)

        monkeypatch.setattr(server._Handler, "send_header", changed_header)

    change.header = header
    return change


def compared(mailkit, id_send=7, **options):
    """Claim -> (verdict, words), by the beginning of its text."""
    options = dict(dict(url=mailkit.url, proxy="", retry=None), **options)
    with MailkitClient(mailkit.client_id, mailkit.client_md5, **options) as client:
        seen = answers_of(client, id_send)
    found = {claim.text: tuple(claim.compare(seen)) for claim in CLAIMS}
    assert len(found) == len(CLAIMS)
    assert not PERSONAL.search(repr(found))
    return found


def verdict_of(found, text):
    """What became of the one claim whose text begins so."""
    ((verdict, words),) = [finding for claim, finding in found.items() if claim.startswith(text)]
    return verdict, words


def names_of(found, verdict):
    return sorted(text for text, finding in found.items() if finding[0] == verdict)


#: what the vendor's sample rows do not show
NOT_IN_THE_SAMPLE = [
    "DATE is the time in Prague",
    "EMAIL_STATUS is the state of the address, not of the bounce",
    "EMAIL_STATUS may be disabled, too",
    "a message may stand in a report more than once",
    "a single row may come without an array",
    "reasons hold control characters, or bytes that are no text",
    "types follow the value: a STATUS or REASON that looks like a number comes as one",
    "what is not known is an empty string",
]


@pytest.mark.parametrize("protocol", ["xmlrpc", "json"])
def test_simulator_is_as_believed(mailkit, protocol):
    """What it imitates is confirmed, whichever form the client speaks, and nothing is contradicted."""
    url = mailkit.url if protocol == "xmlrpc" else mailkit.json_url
    found = compared(mailkit, protocol=protocol, url=url)
    assert names_of(found, CONTRADICTED) == []
    assert names_of(found, NOT_SEEN) == NOT_IN_THE_SAMPLE
    assert len(mailkit.calls) == 9


def test_rare_things_are_seen(mailkit, changed):
    """What the sample does not show is confirmed where rows show it."""
    changed(("BELL", "\x07"))
    now = (datetime.now(timezone.utc) + timedelta(minutes=50)).strftime("%Y-%m-%d %H:%M:%S")
    mailkit.add(7, [dict(ROW, STATUS=5.1, REASON="BELL", DATE=now), dict(ROW, EMAIL_STATUS="disabled", ID_EMAIL=None)])
    found = compared(mailkit)
    seen = set(names_of(found, CONFIRMED))
    assert set(NOT_IN_THE_SAMPLE) - seen == {"a single row may come without an array"}
    assert verdict_of(found, "types follow")[1] == "1 text came as a number"


def test_lone_row(mailkit, changed):
    """A row without an array around it is one row."""
    mailkit.add(7, [ROW])
    changed((r"<array>\s*<data>\s*<value>", ""), (r"</value>\s*</data>\s*</array>", ""))
    assert verdict_of(compared(mailkit), "a single row")[0] == CONFIRMED


def test_empty_report(mailkit):
    """Of a report without rows little is seen, and nothing is wrong."""
    found = compared(mailkit, 8)
    assert names_of(found, CONTRADICTED) == []
    assert verdict_of(found, "no rows are something") == (
        CONFIRMED,
        "an empty array in JSON, an empty string in XML-RPC",
    )


def without(name):
    return {key: value for key, value in ROW.items() if key != name}


@pytest.mark.parametrize(
    "rows, text, words",
    [
        ([without("REASON"), ROW], "each row has the nine", "REASON is missing in 1 row"),
        ([dict(ROW, NOTE="novak")], "no row has another", "NOTE"),
        ([{"novak@example.com": 1, **ROW}], "no row has another", "(no name)"),
        ([dict(without("EMAIL"), email="novak@example.com")], "members are written in capitals", "email"),
        ([dict(ROW, ID_SEND=7)], "ID_SEND is not among", "ID_SEND"),
        ([dict(ROW, ID_EMAIL="49872054")], "ID_EMAIL is an int", "1 string"),
        ([dict(ROW, ID_USER_LIST=1.0)], "ID_USER_LIST is an int", "1 double"),
        ([dict(ROW, ID_SEND_MESSAGE=True)], "ID_SEND_MESSAGE is an int", "1 boolean"),
        ([dict(ROW, EMAIL=b"novak")] * 2, "EMAIL is a string", "2 base64"),
        ([dict(ROW, DATE=20240301)], "DATE is a string", "1 int"),
        ([dict(ROW, STATUS=5.1)], "STATUS is a string", "1 double"),
        ([dict(ROW, EMAIL_STATUS=[])], "EMAIL_STATUS is a string", "1 array"),
        ([dict(ROW, BOUNCE_CAT={})], "BOUNCE_CAT is a string", "1 struct"),
        ([dict(ROW, REASON=550)], "REASON is a string", "1 int"),
        ([dict(ROW, REASON="550")], "types follow", "1 that looks like a number came as string"),
        ([dict(ROW, DATE="2024-03-01T08:00:00")], "DATE is YYYY", "1 dateTime"),
        (
            [dict(ROW, DATE="0000-00-00 00:00:00"), dict(ROW, DATE="soon"), ROW],
            "DATE is YYYY",
            "1 another form, 1 zeros",
        ),
        ([dict(ROW, DATE="2999-01-01 00:00:00")], "DATE is the time in Prague", "a DATE is later than it is in Prague"),
        ([dict(ROW, STATUS="550"), dict(ROW, STATUS="")], "STATUS is a code", "1 empty, 1 one number"),
        ([dict(ROW, EMAIL_STATUS="disabled")], "EMAIL_STATUS is one of", "1 disabled"),
        ([dict(ROW, EMAIL_STATUS="novak@example.com")], "EMAIL_STATUS is one of", "1 (no word)"),
        ([dict(ROW, BOUNCE_CAT="brand-new"), ROW], "BOUNCE_CAT is a word", "1 brand-new"),
        ([dict(ROW, REASON="x" * 6000)], "a row takes", "7"),
    ],
)
def test_rows_that_are_otherwise_are_named(mailkit, rows, text, words):
    """Each way in which rows may differ from what is believed contradicts its claim, and says how."""
    mailkit.add(7, rows)
    verdict, said = verdict_of(compared(mailkit), text)
    assert (verdict, said.startswith(words)) == (CONTRADICTED, True), said


@pytest.mark.parametrize(
    "id_send, old, new, text, words",
    [
        (
            7,
            "</methodResponse>",
            "<!-- -- --></methodResponse>",
            "the report is one",
            "MalformedResponseError in XML-RPC",
        ),
        (7, r"\A\[.*\]", "[nonsense]", "the report is one", "MalformedResponseError in JSON"),
        (7, r"\A\[.*\]", "true", "rows are an array", "neither rows nor none, in JSON"),
        (7, 'encoding="utf-8"', 'encoding="ISO-8859-2"', "the encoding is", "a declaration of ISO-8859-2"),
        (7, "<int>", "<i8>", "integers of 32", "i8 for 32 bits"),
        (7, r"<string>Bad Mailbox</string>", "<nil/>", "what is not known", "2 nil"),
        (7, '"12345"', "12345", "every value of the JSON", "2 int"),
        (7, '"Full Mailbox"', '"Empty Mailbox"', "both forms", "values differ"),
        (7, r"\A\[.*?\},", "[", "both forms", "3 over XML-RPC, 2 in JSON"),
        (8, r"<string></string>", "<array><data></data></array>", "no rows are an empty string", "an empty array"),
        (8, r"<string></string>", "<nil/>", "no rows are an empty string", "nil"),
        (7, "Invalid ID_send</", "No such delivery</", "a delivery that is not ours", "another text"),
        (7, "<string>Invalid ID_send</string>", "<string></string>", "a delivery that is not ours", "nothing"),
        (7, '"error_status": 1', '"error_status": 0', "the JSON form refuses", "UnexpectedShapeError"),
        (7, "Missing ID_send</", "What</", "a call without", "another text"),
        (7, "<fault>.*</fault>", "<bad/>", "a function that", "MalformedResponseError"),
        (7, "<fault>.*</fault>", "<params><param><value/></param></params>", "a function that", "nothing"),
        (7, "<name>NAME<", "<name>TITLE<", "a campaign has", "NAME is missing"),
        (7, "<name>SUBJECT<", "<name>TITLE<", "a delivery has", "SUBJECT is missing"),
        (7, "2014-12-23 08:00:00", "2014-12-23 08:00", "the DATE of a delivery", "3 YYYY-MM-DD HH:MM"),
    ],
)
def test_answers_that_are_otherwise_are_named(mailkit, changed, id_send, old, new, text, words):
    """Each way in which an answer may differ contradicts its claim."""
    changed((old, new))
    assert verdict_of(compared(mailkit, id_send), text) == (CONTRADICTED, words)


@pytest.mark.parametrize(
    "name, value, text, words",
    [
        ("Content-Type", "text/plain", "Content-Type is", "another one for JSON, another one for XML-RPC"),
        ("Content-Type", "text/xml; charset=windows-1250", "the encoding is", "another charset"),
        ("Content-Length", None, "HTTP tells where", "only the end of the connection ends it"),
    ],
)
def test_heads_that_are_otherwise_are_named(mailkit, changed, monkeypatch, name, value, text, words):
    """So does each way in which the head of an answer may differ."""
    if name == "Content-Length":
        monkeypatch.setattr(server._Handler, "protocol_version", "HTTP/1.0")
    changed.header(name, value)
    assert verdict_of(compared(mailkit), text) == (CONTRADICTED, words)


@pytest.mark.parametrize(
    "fault, verdict, words",
    [
        ("gzip-good", CONFIRMED, "gzip"),
        ("gzip-identity", CONFIRMED, "not compressed"),
        ("says-close", CONFIRMED, "not compressed"),
    ],
)
def test_compression_is_told(mailkit, fault, verdict, words):
    """Whether the answer is compressed, and whether the connection is closed."""
    mailkit.fail(7, fault)
    found = compared(mailkit)
    assert verdict_of(found, "HTTP tells where")[1] == "Content-Length"
    assert verdict_of(found, "the answer is compressed") == (verdict, words)
    assert verdict_of(found, "a connection may be used")[0] == (CONTRADICTED if fault == "says-close" else CONFIRMED)


def test_bytes_that_are_no_utf_8(mailkit):
    """They contradict the encoding, and are read all the same."""
    mailkit.fail(7, "no-utf-8")
    found = compared(mailkit)
    assert verdict_of(found, "the encoding is") == (CONTRADICTED, "bytes that are no UTF-8")
    assert verdict_of(found, "reasons hold")[1] == "2 characters that XML or the encoding forbids"


def test_what_is_not_answered_is_not_seen(mailkit):
    """A call beside the report that fails leaves its claims open; the report itself must be answered."""
    with Simulator(reports={7: [ROW]}, campaigns={}) as empty:
        found = compared(empty)
        assert [verdict_of(found, text)[0] for text in ("a campaign has", "a delivery has")] == [NOT_SEEN] * 2
        with pytest.raises(InvalidSendIdError):
            compared(empty, 9)
        empty.fail(7, "status-404")
        with pytest.raises(HTTPStatusError):
            compared(empty)


def test_json_that_is_not_served(mailkit, monkeypatch):
    """Where nobody answers in the JSON form, its claims are not seen, and all others are."""
    monkeypatch.setattr(answers, "protocol_of", lambda path, body: answers.XMLRPC if path == "/rpc.fcgi" else None)
    found = compared(mailkit)
    open_ones = ["both forms tell the same rows", "every value of the JSON form is a string"]
    open_ones += ["the JSON form refuses it by error_status", *NOT_IN_THE_SAMPLE]
    assert names_of(found, NOT_SEEN) == sorted(open_ones)


def test_large_report_comes_in_chunks(mailkit):
    """That is as good an end as any."""
    mailkit.add(7, [ROW] * 500)
    found = compared(mailkit)
    assert verdict_of(found, "HTTP tells where") == (CONFIRMED, "chunks")
    assert verdict_of(found, "a message may stand")[1] == "499 rows"


def test_report_of_many_things(mailkit):
    """However many orders, names and words there are, a few of each are kept."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    pairs = [one + other for one in letters[:10] for other in letters]
    rows = [dict(list(ROW.items())[at % 9 :] + [(pair, 1)], BOUNCE_CAT=pair * 2) for at, pair in enumerate(pairs)]
    mailkit.add(7, rows)
    found = compared(mailkit)
    assert verdict_of(found, "members stand in")[1] == "20 orders"
    others = verdict_of(found, "no row has another")[1].split(", ")
    assert len(others) == 32 and "(others)" in others
    words = verdict_of(found, "BOUNCE_CAT is a word")[1].split(", ")
    assert len(words) == 41 and "220 (others)" in words


@pytest.mark.parametrize("place", ["_tried", "_read"])
def test_what_the_callers_code_raises_passes(mailkit, place):
    """An error that a clock of the caller's raises leaves as it is, wherever it is raised."""
    mine = UnexpectedShapeError("mine")

    def clock():
        frame, names = sys._getframe(), set()
        while frame is not None:
            names.add(frame.f_code.co_name)
            frame = frame.f_back
        if place in names:
            raise mine
        return time.monotonic()

    with pytest.raises(UnexpectedShapeError) as caught:
        compared(mailkit, retry=Retry(attempts=1, clock=clock))
    assert caught.value is mine


def test_command(mailkit, monkeypatch, capsys):
    """A line for each claim, how many they are, and exit code 7 where one is contradicted."""
    for name, value in mailkit.environment.items():
        monkeypatch.setenv(name, value)
    assert main(["doctor", "--live", "7"]) == 0
    captured = capsys.readouterr()
    assert "confirmed     PAGE  rows are an array of structs\n" in captured.out
    assert captured.err.endswith("doctor: 38 confirmed, 8 not seen\n")
    mailkit.add(7, [dict(ROW, BOUNCE_CAT="brand-new")])
    assert main(["doctor", "--live", "7"]) == 7
    captured = capsys.readouterr()
    line = "contradicted  INF   BOUNCE_CAT is a word of PowerMTA's, or full-mailbox: 1 brand-new\n"
    assert line in captured.out and "1 contradicted" in captured.err
    assert not PERSONAL.search((captured.out + captured.err).replace(mailkit.client_md5, ""))
    mailkit.refuse("Unauthorized")
    assert main(["doctor", "--live", "7"]) == 3
