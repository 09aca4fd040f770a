"""Which database is meant: ``--db``, or where it has a password MAILKIT_DB_URL or MAILKIT_DB_URL_FILE."""

import argparse
import os
import re
from typing import Optional

from ..client.environment import content_of
from .errors import UsageError
from .parser import Complete

_VARIABLES = ("MAILKIT_DB_URL", "MAILKIT_DB_URL_FILE")
# What stands before the last at-sign of the authority may hold a colon and then a password, which may hold a slash or
# an at-sign that should have been escaped. Drivers take one as a parameter, too.
_PASSWORD = re.compile("://[^@]*:.*@|[?&][^=&]*(?:pass|pwd|secret|token|key)[^=&]*=", re.IGNORECASE | re.DOTALL)


def add_db(parser: argparse.ArgumentParser, text: str) -> None:
    """Add ``--db``; *text* is its help. See :func:`db_of`."""
    parser.add_argument("--db", metavar="FILE-OR-URL", type=database, help=text)


def database(text: str) -> str:
    """Read a database: a file's name, or a URL without a password.

    :raises argparse.ArgumentTypeError: there is a password in it
    """
    if "://" in text and _PASSWORD.search(text):
        # The text is not repeated.
        raise Complete(
            "a password is never an argument, where others could see it: set MAILKIT_DB_URL, or MAILKIT_DB_URL_FILE to "
            "a file with nothing but the URL in it"
        )
    return text


def db_of(arguments: argparse.Namespace) -> Optional[str]:
    """Return the database that ``--db`` or the environment names, or None.

    :raises UsageError: the environment names two
    :raises ConfigurationError: the file cannot be read
    """
    if arguments.db is not None:
        return str(arguments.db)
    url, path = (os.environ.get(name, "") for name in _VARIABLES)
    if url and path:
        raise UsageError("{} and {} are both set; set one of them".format(*_VARIABLES))
    return (content_of(path, _VARIABLES[1]) if path else url) or None
