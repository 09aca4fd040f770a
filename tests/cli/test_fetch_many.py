"""The command line on many deliveries: where their ids come from, many at once, how far it is, how ids are found."""

import io
import json

import pytest

from mailkit_xmlrpc.cli import main, streams
from mailkit_xmlrpc.simulator import Simulator
from tests.support.answering_server import AnsweringServer, row

ROWS = [{"EMAIL": "=x@example.com", "DATE": "2014-01-05 10:00:00"}]


@pytest.fixture
def simulator(use_account):
    """A simulator with three reports in two campaigns, and its account in the environment."""
    reports = {7: ROWS, 8: [], 9: ROWS * 2}
    with Simulator(reports=reports, campaigns={70: [7, 8, 9], 80: []}) as simulator:
        use_account(simulator.url)
        yield simulator


@pytest.fixture
def answering_json(use_account):
    """``answering_json(answer)``: a server in the JSON form, and its account in the environment."""
    servers = []

    def made(answer=row):
        servers.append(AnsweringServer(answer).__enter__())
        use_account(servers[-1].url)
        return servers[-1]

    yield made
    for server in servers:
        server.__exit__()


def fetched(capsys, *arguments):
    """(exit code, ids of the rows, what went to standard error)."""
    code = main(["fetch", "-o", "jsonl"] + list(arguments))
    out, err = capsys.readouterr()
    return code, [json.loads(line)["id_send"] for line in out.splitlines()], err


# --- where ids come from ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["xmlrpc", "json"])
def test_campaign(simulator, capsys, monkeypatch, protocol):
    """From the campaign to its deliveries to their rows, in either form."""
    monkeypatch.setenv("MAILKIT_URL", simulator.url if protocol == "xmlrpc" else simulator.json_url)
    assert fetched(capsys, "--protocol", protocol, "--campaign", "70") == (0, [7, 9, 9], "")
    assert fetched(capsys, "--protocol", protocol, "--campaign", "80") == (
        0,
        [],
        "mailkit-bounces: Mailkit said that the campaign 80 has no deliveries\nmailkit-bounces: no bounces\n",
    )


def test_campaign_within_days(simulator, capsys):
    """With --campaign the days are those of deliveries, and no row is left out for its own date."""
    assert fetched(capsys, "--campaign", "70", "--since", "2014-12-23", "--until", "2014-12-23")[1] == [7, 9, 9]
    assert fetched(capsys, "--campaign", "70", "--since", "2014-12-24")[1] == []
    assert fetched(capsys, "7", "--since", "2014-12-23")[1] == []


def test_campaign_that_is_none(simulator, capsys):
    """A refusal has its exit code."""
    code, _, err = fetched(capsys, "--campaign", "5")
    assert (code, err) == (5, "mailkit-bounces: Mailkit refused the call: Invalid ID_message\n")


def test_delivery_without_an_id(answering, capsys, use_account):
    """A delivery whose ID_SEND cannot be read is not passed over."""
    answering.rows({"ID_SEND": "x", "SUBJECT": "s"})
    use_account(answering.url)
    code, ids, err = fetched(capsys, "--campaign", "5")
    assert (code, ids) == (7, []) and "a delivery without an ID_SEND that can be read" in err


@pytest.mark.parametrize("source", ["file", "-"])
def test_ids_from(simulator, capsys, monkeypatch, tmp_path, source):
    """One a line, blank lines passed over, after those of the command line."""
    text = "9\n\n  8 \r\n"
    if source == "file":
        source = str(tmp_path / "ids")
        (tmp_path / "ids").write_bytes(b"\xef\xbb\xbf" + text.encode("ascii"))
    else:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert fetched(capsys, "7", "--ids-from", source) == (0, [7, 9, 9], "")


@pytest.mark.parametrize(
    "content, words",
    [
        (b"7\nx\n", "ids: it must be a whole number"),
        (b"\xff\xff", "ids is not a text file"),
        (None, "ids cannot be read: No such file or directory"),
    ],
)
def test_ids_from_what_has_none(simulator, capsys, tmp_path, content, words):
    """A bad line, no text, no file: usage, in words and without what stands there."""
    if content is not None:
        (tmp_path / "ids").write_bytes(content)
    code, _, err = fetched(capsys, "--ids-from", str(tmp_path / "ids"))
    assert code == 2 and words in err


def test_ids_from_closed_standard_input(simulator, capsys, monkeypatch):
    """A process without standard input says so."""
    monkeypatch.setattr("sys.stdin", None)
    code, _, err = fetched(capsys, "--ids-from", "-", "--client-id", "1")
    assert code == 2 and "standard input is closed" in err


@pytest.mark.parametrize(
    "arguments",
    [[], ["--since", "2014-01-01"], ["7", "--jobs", "0"], ["7", "--jobs", "1001"], ["--campaign", "x"]],
)
def test_wrong_usage(simulator, capsys, arguments):
    """Options that do not go together are refused with a usage line."""
    code, _, err = fetched(capsys, *arguments)
    assert code == 2 and err.count("\n") == 2


# --- many at once -----------------------------------------------------------------------------------------------------


def jobs(*arguments):
    return ["--protocol", "json", "--jobs", "4"] + list(arguments)


def test_jobs(answering_json, capsys):
    """Every row of every delivery, in some order."""
    server = answering_json()
    code, ids, err = fetched(capsys, *jobs(*map(str, range(1, 51))))
    assert (code, sorted(ids), err) == (0, list(range(1, 51)), "")
    assert server.most <= 4


def test_jobs_with_failures(answering_json, capsys):
    """With --keep-going every failure is told once and the others go on; without it the first ends all."""
    answering_json(lambda id_send: row(id_send) if id_send % 3 else b'{"error_status": 1, "error": "Invalid ID_send"}')
    ids = [str(number) for number in range(1, 31)]
    code, found, err = fetched(capsys, *jobs("--keep-going", *ids))
    assert (code, len(found), err.count("Invalid ID_send")) == (1, 20, 10)
    assert "ID_SEND 30: Mailkit refused" in err
    code, found, err = fetched(capsys, *jobs(*ids))
    assert (code, err.count("Invalid ID_send")) == (5, 1) and len(found) < 20
    assert fetched(capsys, *jobs("--keep-going", "3", "6"))[0] == 5


def test_jobs_unauthorized(answering_json, capsys):
    """Nothing is asked once it is clear that nothing can succeed, even with --keep-going."""
    server = answering_json(lambda id_send: b'{"error_status": 1, "error": "Unauthorized"}')
    code, found, _ = fetched(capsys, *jobs("--keep-going", *map(str, range(1, 101))))
    assert (code, found) == (3, [])
    assert len(server.asked) <= 8


def test_rate(answering_json, capsys):
    """--rate reaches the client."""
    answering_json()
    assert fetched(capsys, *jobs("--rate", "1000", "1", "2"))[0] == 0
    assert fetched(capsys, *jobs("--rate", "-1", "1"))[0] == 2


# --- how far it is ----------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True

    def fileno(self):
        raise OSError


def no_rich(name):
    raise ImportError(name)


def shown(monkeypatch, total, plain=True):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    if plain:
        monkeypatch.setattr(streams, "import_module", no_rich)
    display = streams.progress(total)
    display.show(0, 0)
    display.show(2, 1)
    display.hide()
    display.hide()
    return stream.getvalue()


def test_plain_progress(monkeypatch):
    """One line, written anew and taken away."""
    assert shown(monkeypatch, 4) == "0 of 4\r\x1b[K2 of 4, 1 failed\r\x1b[K"
    assert shown(monkeypatch, None) == "0 done\r\x1b[K2 done, 1 failed\r\x1b[K"


@pytest.mark.parametrize("total, words", [(4, "2 of 4, 1 failed"), (None, "2 done, 1 failed")])
def test_rich_progress(monkeypatch, total, words):
    """The same by rich."""
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm")
    assert words in shown(monkeypatch, total, plain=False)


def test_no_progress(monkeypatch):
    """Nothing for one delivery, nothing where standard error is no terminal or closed."""
    assert shown(monkeypatch, 1) == ""
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert type(streams.progress(5)) is streams.Progress
    monkeypatch.setattr("sys.stderr", None)
    assert type(streams.progress(5)) is streams.Progress


def test_terminal_that_goes_away(monkeypatch):
    """A display that nobody sees disturbs nobody."""

    class Gone(Terminal):
        def write(self, text):
            raise OSError

    monkeypatch.setattr("sys.stderr", Gone())
    monkeypatch.setattr(streams, "import_module", no_rich)
    display = streams.progress(5)
    display.show(1, 0)
    display.hide()


def test_progress_of_a_fetch(simulator, capsys, monkeypatch):
    """It is taken away before rows and messages are written, and at the end."""
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(streams, "import_module", no_rich)
    assert main(["fetch", "7", "5", "9", "--keep-going", "-o", "csv"]) == 1
    text = stream.getvalue()
    assert "1 of 3" in text and "2 of 3, 1 failed" in text
    assert "0 of 3, reading ID_SEND 7\r" in text and "2 of 3, 1 failed, reading ID_SEND 9\r" in text
    assert "\x1b[Kmailkit-bounces: ID_SEND 5: " in text
    assert text.endswith("\r\x1b[K")


def test_progress_of_a_campaign(simulator, capsys, monkeypatch):
    """While it is unknown how many deliveries there are, too, the one that is being read is named."""
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(streams, "import_module", no_rich)
    assert main(["fetch", "--campaign", "70", "-o", "csv"]) == 0
    text = stream.getvalue()
    assert all("{} done, reading ID_SEND {}\r".format(*pair) in text for pair in [(0, 7), (1, 8), (2, 9)])


# --- how ids are found ------------------------------------------------------------------------------------------------


def test_campaigns_and_deliveries(simulator, capsys):
    """Rows in every format, with the guards of every output."""
    assert main(["campaigns", "-o", "csv"]) == 0
    assert capsys.readouterr().out == (
        "id_message,name,send_count,delivered_count,extra\n70,Campaign 70,3000,2970,{}\n80,Campaign 80,0,0,{}\n"
    )
    assert main(["deliveries", "70", "--since", "2014-12-01", "--until", "2014-12-31"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id_send"] for line in lines] == [7, 8, 9] and lines[0]["from_"] == "news@example.com"
    assert main(["deliveries", "70", "--until", "2014-12-31"]) == 2
    assert "--until needs --since" in capsys.readouterr().err
    assert main(["deliveries", "5"]) == 5


def test_deliveries_are_no_formulas(answering, capsys, use_account, tmp_path):
    """A subject is a stranger's too; --raw and -O as for fetch."""
    answering.rows({"ID_SEND": "6", "SUBJECT": "=cmd()\u202e"})
    use_account(answering.url)
    assert main(["deliveries", "5", "-o", "tsv"]) == 0
    assert "\t'=cmd()\\u202e\t" in capsys.readouterr().out
    path = tmp_path / "deliveries.tsv"
    assert main(["deliveries", "5", "-o", "tsv", "--raw", "-O", str(path)]) == 0
    assert "\t=cmd()\u202e\t" in path.read_text(encoding="utf-8")
