"""A campaign whose deliveries Mailkit does not tell is never taken for one without any."""

import pytest

from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.simulator import Simulator
from tests.support.answering_server import AnsweringServer

ANSWER = "<?xml version='1.0'?><methodResponse><params><param><value>{}</value></param></params></methodResponse>"
NO_BOUNCES = ANSWER.format("<array><data></data></array>").encode("ascii")


@pytest.fixture
def refusing(use_account):
    """``refusing(words)``: a server that knows deliveries, and refuses campaign 70 in those words."""
    servers = []

    def made(words):
        refusal = ANSWER.format("<string>{}</string>".format(words)).encode("ascii")
        servers.append(AnsweringServer(lambda number: refusal if number == 70 else NO_BOUNCES).__enter__())
        use_account(servers[-1].url)
        return servers[-1]

    yield made
    for server in servers:
        server.__exit__()


@pytest.mark.parametrize("jobs", ["1", "4"])
@pytest.mark.parametrize("keep_going", [[], ["--keep-going"]])
@pytest.mark.parametrize(
    "words, code", [("Unauthorized", 3), ("Disallowed IP 192.0.2.1", 4), ("Invalid ID_message", 5)]
)
@pytest.mark.parametrize("others", [[], ["7"]])
def test_campaign_refused(refusing, capsys, tmp_path, jobs, keep_going, words, code, others):
    """The refusal is told and is the exit code, and an older file stays as it was: alone or beside other deliveries."""
    refusing(words)
    path = tmp_path / "rows.json"
    path.write_text("older")
    arguments = others + ["--campaign", "70", "--jobs", jobs, "-o", "json", "-O", str(path)] + keep_going
    assert main(["fetch"] + arguments) == code
    assert words in capsys.readouterr().err
    assert path.read_text() == "older"


def test_refusal_is_told_of_each_delivery_once(capsys, use_account):
    """Where the deliveries themselves were refused, that has been told, and is not told again at the end."""
    with Simulator() as mailkit:
        use_account(mailkit.url, "f" * 32)
        assert main(["fetch", "7", "8", "9", "--jobs", "3", "--keep-going"]) == 3
    lines = capsys.readouterr().err.splitlines()
    told = [line.split(": ")[1] for line in lines]
    assert told and len(set(told)) == len(told)  # those of which none was taken any more are not among them
    assert set(told) <= {"ID_SEND 7", "ID_SEND 8", "ID_SEND 9"}
