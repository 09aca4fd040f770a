"""Errors of usage: one or two lines with the value and what would be right, never a secret, never a page of usage."""

import argparse

import pytest

from mailkit_xmlrpc.cli import build_parser, main
from mailkit_xmlrpc.cli.parser import shown
from tests.support.account import MD5


def told(capfd, *argv):
    """What is said about a wrong command line: at most three lines, nothing on standard output."""
    assert main(list(argv)) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.count("\n") <= 3 and "usage:" not in err
    return err


@pytest.mark.parametrize(
    "argv, text",
    [
        ("", "mailkit-bounces: give a command, such as demo, fetch or doctor\nsee mailkit-bounces --help\n"),
        ("fecth", "mailkit-bounces: there is no command 'fecth' (did you mean fetch?)\nsee mailkit-bounces --help\n"),
        ("qqqq", "there is no command 'qqqq'; commands are fetch, sync, "),
        ("fetch 7 --sicne 5", "mailkit-bounces fetch: there is no option '--sicne' (did you mean --since?)\n"),
        ("fetch 7 --sicne=5d", "there is no option '--sicne' (did you mean --since?)\n"),
        ("sync --bd x.db", "there is no option '--bd' (did you mean --db?)\n"),
        ("check --failif all>100", "there is no option '--failif' (did you mean --fail-if?)\n"),
        ("fetch 7 --qqqq", "there is no option '--qqqq'\n"),
        ("explain 5.1.1 --md5x", "there is no option '--md5x'\n"),
        ("completion bash zsh", "one word too many: 'zsh'\n"),
        ("fetch 7 --columns email,reson", "--columns: there is no column 'reson' (did you mean reason?)\n"),
        ("fetch 7 --columns email,zzz", "there is no column 'zzz'; columns are id_send, email, "),
        ("fetch 7 --kind hrd", "--kind: 'hrd' cannot be used: it must be one of hard, soft, block, unknown (did you"),
        ("fetch seven", "ID_SEND: 'seven' cannot be used: it must be a whole number from 1 to 2^63-1\n"),
        ("fetch 7 --rate quick", "--rate: 'quick' cannot be used: it must be a number\n"),
        ("fetch 7 --since", "--since: expected one argument\n"),
        ("deliveries", "mailkit-bounces deliveries: missing: ID_MESSAGE\n"),
        ("--version=3", "--version"),
        ("--versio", "mailkit-bounces: there is no option '--versio' (did you mean --version?)\n"),
        ("fetch", "mailkit-bounces fetch: give the ID_SEND of deliveries, "),
        ("fetch -o sqlite", "-o sqlite needs -O FILE\nsee mailkit-bounces fetch --help\n"),
    ],
)
def test_error_of_usage(capfd, argv, text):
    """The value, and what would be right."""
    assert text in told(capfd, *argv.split())


@pytest.mark.parametrize(
    "argv",
    [
        ["fetch", MD5],
        ["fetch", "7", "--ids-form", MD5],
        ["fetch", "7", "--since", MD5],
        ["fetch", "7", "--pasword=" + MD5],
        [MD5],
        ["fetch", "7", "--tz", MD5],
        ["fetch", "7", "--columns", MD5],
        ["fetch", "7", "--kind", MD5],
    ],
)
def test_secret_in_the_wrong_place(capfd, argv):
    """What may be a secret is never repeated."""
    assert MD5 not in told(capfd, *argv)


@pytest.mark.parametrize(
    "value, text",
    [
        ("x", "'x'"),
        ("\x1b[2J", r"'\x1b[2J'"),
        ("a b " * 30, "'" + ("a b " * 30)[:57] + "...'"),
        ("9223372036854775807", "'9223372036854775807'"),
        ("2024-03-01T08:30:00", "'2024-03-01T08:30:00'"),
        ("/var/lib/mailkit/bounces.csv", "'/var/lib/mailkit/bounces.csv'"),
        ("user:password@proxy", "a value of 19 characters (not shown: it may be a secret)"),
        ("0123456789abcdef", "a value of 16 characters (not shown: it may be a secret)"),
    ],
)
def test_value_as_it_is_shown(value, text):
    """Printable and not too long; what looks like a password or an MD5 is not shown."""
    assert shown(value) == text


def test_every_parser_is_ours():
    """The parser of each command takes no abbreviation, and tells errors as the main one does."""
    (commands,) = [one for one in build_parser()._actions if isinstance(one, argparse._SubParsersAction)]
    assert {type(parser).__name__ for parser in commands.choices.values()} == {"Parser"}
    assert not any(parser.allow_abbrev for parser in commands.choices.values())
