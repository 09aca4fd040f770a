"""``mailkit-bounces completion``: the script that completes commands and options in a shell, written by shtab."""
import argparse
from importlib import import_module
from typing import Any, Callable

from ._command import add_command
from ._streams import UsageError, write

_EXAMPLES = """\
mailkit-bounces completion bash > ~/.local/share/bash-completion/completions/mailkit-bounces
mailkit-bounces completion zsh > "${fpath[1]}/_mailkit-bounces"
"""


def add(commands: Any, parser_of: Callable[[], argparse.ArgumentParser]) -> None:
    """Add the command; *parser_of* makes the parser of the whole command line."""
    short = "print the completion of a shell"
    parser = add_command(commands, "completion", lambda given: _run(given, parser_of), short, _EXAMPLES)
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell that shall complete")


def _run(arguments: argparse.Namespace, parser_of: Callable[[], argparse.ArgumentParser]) -> int:
    try:
        shtab = import_module("shtab")  # by name: a type checker has nothing to miss where it is not installed
    except ImportError:
        pass
    else:
        write([str(shtab.complete(parser_of(), arguments.shell)) + "\n"])
        return 0
    raise UsageError("completion needs shtab: pip install 'mailkit-xmlrpc[cli]'")
