"""Each option that the page about the command line names exists; each command is on it."""

import argparse
import re
from pathlib import Path

import pytest

from mailkit_xmlrpc import cli

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "command_line.rst"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here")


def parsers():
    """(name of the command or "", its parser)."""
    parser = cli.build_parser()
    yield "", parser
    (commands,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for name, command in commands.choices.items():
        yield name, command


def options():
    """Every option string that help shows."""
    for _, parser in parsers():
        for action in parser._actions:
            if action.help != argparse.SUPPRESS:
                for option in action.option_strings:
                    yield option


def documented():
    """Every option string that stands at the beginning of something in double backquotes on the page."""
    return set(re.findall(r"``(--?[a-zA-Z][a-z0-9-]*)", PAGE.read_text(encoding="utf-8")))


def test_each_documented_option_exists():
    """What docs/command_line.rst names can be given."""
    assert sorted(documented() - set(options())) == []


def test_each_command_is_documented():
    """The table of commands is that of --help, in its order."""
    names = [name for name, _ in parsers() if name]
    assert names == list(cli.COMMANDS)
    table = PAGE.read_text(encoding="utf-8").split("The account\n")[0]
    assert re.findall(r"^``([a-z]+)[^`]*``  ", table, re.MULTILINE) == names


def test_each_option_has_help():
    """No option without a word about it."""
    for name, parser in parsers():
        for action in parser._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction), (name, action)
