"""The account on the command line: its options, where the MD5 comes from, the client made of them."""
import argparse
import os
import sys
from typing import Optional

from ._command import positive
from .client import MailkitClient, _content_of
from .exceptions import ConfigurationError, MailkitError

HINT = (
    "set MAILKIT_CLIENT_ID (or --client-id) and MAILKIT_CLIENT_MD5 or MAILKIT_CLIENT_MD5_FILE (or --md5-file); "
    "both values stand in your Mailkit account under Profile / Integration"
)

_CLIENT_OPTIONS = ("client_id", "protocol", "url", "timeout", "deadline", "rate")
_NAMES = ("client_id", "client_md5", "--md5-file")  # part of the environment's names too


def add_account(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that asks Mailkit."""
    group = parser.add_argument_group("the account, and how it is called")
    group.add_argument("--md5-file", metavar="FILE", help="a file that holds the MD5 and nothing else")
    for option in ("--md5", "--client-md5", "--client_md5"):
        group.add_argument(option, nargs="?", action=_NeverAnArgument, help=argparse.SUPPRESS)
    # These are the client's arguments; one that is not given is not passed on.
    for option, metavar, kind, text in (
        ("--client-id", "ID", positive, "API ID instead of MAILKIT_CLIENT_ID"),
        ("--protocol", "FORM", str, "xmlrpc or json; default: xmlrpc"),
        ("--url", "URL", str, "address of the API instead of MAILKIT_URL or Mailkit's own"),
        ("--timeout", "SECONDS", float, "to connect, and for each read; default: 10 and 120"),
        ("--deadline", "SECONDS", _seconds_or_none, "for one delivery with all its tries, or none; default: 600"),
        ("--rate", "N", float, "at most so many calls a second"),
    ):
        group.add_argument(option, metavar=metavar, type=kind, default=argparse.SUPPRESS, help=text)
    group.add_argument("-v", "--verbose", action="store_true", help="log what is done to standard error")


class _NeverAnArgument(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        parser.error("the MD5 is never an argument, where others could see it; see mailkit-bounces --help")


def _seconds_or_none(text: str) -> Optional[float]:
    return None if text == "none" else float(text)


def client_of(arguments: argparse.Namespace) -> MailkitClient:
    """The client of what :func:`add_account` was given, and of the environment.

    :raises ConfigurationError: one of them is missing or cannot be used
    """
    options = {name: value for name, value in vars(arguments).items() if name in _CLIENT_OPTIONS}
    md5 = _md5(arguments.md5_file)
    if md5 is not None:
        options["client_md5"] = md5
    return MailkitClient.from_env(**options)


def _md5(path: Optional[str]) -> Optional[str]:
    """Return the MD5 of the file at *path* or of who sits at the terminal; None leaves it to the environment."""
    if path is not None:
        return _content_of(path, "of --md5-file")
    if any(os.environ.get(name) for name in ("MAILKIT_CLIENT_MD5", "MAILKIT_CLIENT_MD5_FILE")):
        return None
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        return None
    import getpass

    try:
        return getpass.getpass("MD5 (Mailkit account, Profile / Integration): ").strip()
    except EOFError:
        return ""


def is_about_account(error: MailkitError) -> bool:
    """Whether API ID or MD5 cannot be used: a ConfigurationError's text names the argument, and never its value."""
    return isinstance(error, ConfigurationError) and any(name in str(error).lower() for name in _NAMES)
