"""``mailkit-bounces completion``: the script that completes commands and options in a shell, written by shtab."""

import argparse
from importlib import import_module

from ..errors import UsageError
from ..parser import Commands
from ..streams import write

_EXAMPLES = """\
mailkit-bounces completion bash > ~/.local/share/bash-completion/completions/mailkit-bounces
mailkit-bounces completion zsh > "${fpath[1]}/_mailkit-bounces"
"""


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("completion", run, "print a script that completes commands in your shell", _EXAMPLES)
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="your shell")


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code.

    :raises UsageError: shtab is not installed
    """
    try:
        # Imported by name, so that a type checker misses nothing where shtab is not installed.
        shtab = import_module("shtab")
    except ImportError:
        raise UsageError("completion needs shtab: pip install shtab")
    write([str(shtab.complete(arguments.whole, arguments.shell)) + "\n"])
    return 0
