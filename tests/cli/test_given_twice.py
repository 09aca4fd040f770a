"""What is given twice: either of two where that makes sense, each id once, and an error where one would be lost."""

import argparse
import sys

import pytest

from mailkit_xmlrpc.cli import build_parser, main
from mailkit_xmlrpc.simulator import Simulator
from tests.cli.given import run

SEVERAL = {"--from", "--campaign", "--kind", "--category", "--status", "--domain", "--exclude", "--fail-if", "--keep"}
#: what a command cannot do without
REQUIRED = {"report": ["-O", "x"], "record": ["-O", "x"], "scrub": ["x"], "check": ["--fail-if", "all>1"]}


def options():
    """(command, option) for each option that takes a value."""
    (commands,) = [one for one in build_parser()._actions if isinstance(one, argparse._SubParsersAction)]
    for name, parser in commands.choices.items():
        for action in parser._actions:
            if action.option_strings and action.nargs is None and action.help != argparse.SUPPRESS:
                yield name, action.option_strings[-1]


#: a value that each option takes; any other takes the number 5
VALUES = {
    "--since": "2024-03-01",
    "--until": "2024-03-02",
    "--columns": "email",
    "--output": "json",
    "--kind": "hard",
    "--exclude": "example.com",
    "--from": "rows",
    "--category": "other",
    "--status": "5.1.1",
    "--domain": "example.com",
    "--max-share": "5%",
    "--tz": "UTC",
    "--language": "cs",
    "--fail-if": "hard>2%",
    "--hashed": "sha256",
}


@pytest.mark.parametrize("command, option", list(options()))
def test_option_given_twice(capfd, command, option):
    """Of two values one would be for nothing: refused, but where either is meant."""
    if option == "--tz":
        pytest.importorskip("zoneinfo" if sys.version_info >= (3, 9) else "backports.zoneinfo")
    given = [option, VALUES.get(option, "5")] * 2
    if option in SEVERAL:
        required = REQUIRED.get(command, []) if option not in REQUIRED.get(command, []) else []
        arguments = build_parser().parse_args([command] + given + required)
        assert 2 in [len(value) for value in vars(arguments).values() if isinstance(value, list)]
        return
    assert main([command] + given) == 2
    err = capfd.readouterr().err
    assert "it is given twice" in err and option in err


def test_flag_given_twice():
    """A flag says the same twice."""
    assert build_parser().parse_args(["fetch", "7", "-v", "-v", "--raw", "--raw"]).verbose


@pytest.fixture
def campaigns(use_account):
    """A simulator with the campaigns 70 and 71, which share a delivery, and 72 without any."""
    reports = {number: [{"EMAIL": "a{}@example.com".format(number)}] for number in (7, 8, 9)}
    with Simulator(reports=reports, campaigns={70: [7, 8], 71: [8, 9], 72: []}) as simulator:
        use_account(simulator.url)
        yield simulator


ONCE = "mailkit-bounces: 1 ID_SEND was given more than once; each is fetched once\n"


@pytest.mark.parametrize("jobs", [[], ["--jobs", "3"]])
def test_two_campaigns(capfd, campaigns, jobs):
    """--campaign given twice means both; the delivery that is in both is asked for once."""
    captured = run(capfd, "fetch", "--campaign", 70, "--campaign", 71, "--columns", "email", "-o", "csv", *jobs)
    assert sorted(captured.out.split()) == ["a7@example.com", "a8@example.com", "a9@example.com", "email"]
    assert captured.err == ONCE


@pytest.mark.parametrize("command", [["fetch", "-o", "csv"], ["summary", "-o", "json"], ["suppress", "-o", "csv"]])
def test_id_given_twice(capfd, campaigns, command):
    """An id that is given twice is asked for once, and that is said."""
    captured = run(capfd, *command[:1], 7, 7, *command[1:])
    assert ONCE in captured.err
    if command[0] == "fetch":
        assert captured.out.count("\n") == 2
    if command[0] == "summary":
        assert '"bounces": 1,' in captured.out


def test_campaign_without_deliveries(capfd, campaigns):
    """No delivery is an answer: 0 and a line that says so; with --fail-if-empty 8."""
    said = "mailkit-bounces: Mailkit said that the campaign 72 has no deliveries\n"
    none = "mailkit-bounces: no bounces\n"
    assert run(capfd, "fetch", "--campaign", 72) == ("", said + none)
    in_days = run(capfd, "fetch", "--campaign", 72, "--since", "2024-03-01").err
    assert in_days == said.replace("\n", " in those days\n") + none
    err = run(capfd, "fetch", "--campaign", 72, "--fail-if-empty", code=8).err
    assert err == said + "mailkit-bounces: no bounces\n"
    run(capfd, "fetch", "--campaign", 70, "--fail-if-empty", "--domain", "example.org", code=8)
    run(capfd, "fetch", "--campaign", 70, "--fail-if-empty")
    run(capfd, "deliveries", 72, "--fail-if-empty", code=8)
    run(capfd, "campaigns", "--fail-if-empty")


def test_rows_left_out_are_told(capfd, account):
    """Rows without a date that a time leaves out are counted on standard error, and so are all others left out."""
    captured = run(capfd, "fetch", 7, "--since", "2014-12-23", "-o", "csv")
    assert captured.out.count("\n") == 2
    assert captured.err == (
        "mailkit-bounces: 1 row was left out, as the options ask; 1 of them has no date that can be read\n"
    )
    assert run(capfd, "fetch", 7, "--kind", "soft", "-o", "csv").err.endswith(
        "2 rows were left out, as the options ask\nmailkit-bounces: no bounces are left\n"
    )
    assert run(capfd, "fetch", 7, "--kind", "hard", "--kind", "unknown", "-o", "csv").err == ""
