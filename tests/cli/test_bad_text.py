"""``--on-bad-text``: forbidden characters in a report, on the command line."""

import json

import pytest

from mailkit_xmlrpc.cli import main
from tests.support.decoding import answer

MEMBER = "<member><name>{}</name><value>{}</value></member>"
VALUE = {
    "fetch": ("EMAIL", "a@example.com\x07"),
    "campaigns": ("NAME", "Advent\x07"),
    "deliveries": ("SUBJECT", "Advent\x07"),
}


@pytest.fixture
def server(httpserver, use_account):
    """A server whose one row has a control character in it."""
    members = "".join(MEMBER.format(*pair) for pair in VALUE.values())
    body = answer("<value><array><data><value><struct>{}</struct></value></data></array></value>".format(members))
    httpserver.expect_request("/rpc.fcgi").respond_with_data(body.encode(), content_type="text/xml")
    use_account(httpserver.url_for("/rpc.fcgi"))


pytestmark = pytest.mark.usefixtures("server")
COMMANDS = pytest.mark.parametrize(
    "command", [["fetch", "7"], ["fetch", "7", "--jobs", "2"], ["campaigns"], ["deliveries", "5"]], ids=" ".join
)


@COMMANDS
def test_error_names_the_option(capsys, command):
    """What an error advises is an option here."""
    assert main(command + ["-o", "jsonl"]) == 7
    out, err = capsys.readouterr()
    assert out == ""
    assert "--on-bad-text replace reads it" in err
    assert "row 0 has the forbidden character U+0007 at byte " in err


@COMMANDS
@pytest.mark.parametrize("verbose", [[], ["-v"]], ids=["", "-v"])
def test_replaced(capsys, command, verbose):
    """Every command that asks Mailkit has the option, and says once on standard error how many were replaced."""
    assert main(command + verbose + ["-o", "jsonl", "--on-bad-text", "replace"]) == 0
    out, err = capsys.readouterr()
    name, text = VALUE[command[0]]
    assert json.loads(out)[name.lower()] == text.replace("\x07", "\ufffd")
    said = [line for line in err.splitlines() if "3 forbidden characters were replaced by U+FFFD" in line]
    assert len(said) == 1
    assert said[0].startswith("mailkit-bounces: mailkit.report") is not bool(verbose)


def test_other_word(capsys):
    """There are two words for it."""
    assert main(["fetch", "7", "--on-bad-text", "ignore"]) == 2
    assert '--on-bad-text must be "error" or "replace"' in capsys.readouterr().err
