"""What is said on standard error, and which exit code an error has."""

import contextlib
import re
import sys
from typing import Match

from ..exceptions import (
    WHERE_IT_IS,
    ApiError,
    ConfigurationError,
    DisallowedIPError,
    LocalError,
    MailkitError,
    ResponseError,
    TransportError,
    UnauthorizedError,
)

PROGRAM = "mailkit-bounces"

PARTLY_FAILED = 1
USAGE = 2  # also argparse's own
MACHINE = 6
NOT_AS_BELIEVED = 7  # as an answer that is not understood
NOTHING_FOUND = 8  # only with --fail-if-empty
LIMIT_PASSED = 8  # only of check
SIGNALLED = 128  # and the number of the signal, as shells have it
INTERRUPTED = SIGNALLED + 2  # SIGINT

# The first class that fits counts.
_EXIT_CODES = (
    (ConfigurationError, USAGE),
    (UnauthorizedError, 3),
    (DisallowedIPError, 4),
    (ApiError, 5),
    (TransportError, MACHINE),
    (LocalError, MACHINE),
    (ResponseError, 7),
)

#: how the command line has what an error advises: an argument of the client, as ``name=`` or at the beginning
IN_OPTIONS = {
    "ca_file": "--ca-file",
    "deadline": "--deadline",
    "max_response_bytes": "--max-response-bytes",
    "on_bad_text": "--on-bad-text",
    "protocol": "--protocol",
    "proxy": "--proxy",
    "rate": "--rate",
    "timeout": "--timeout",
    "url": "--url",
}
#: what only Python has
_IN_PYTHON = {"ssl_context": "an ssl_context, which only the Python interface takes"}
_ARGUMENT = re.compile(
    r"\b({})=(?:\"([a-z]+)\")?(?=[\s;:,.)]|$)".format("|".join(sorted({**IN_OPTIONS, **_IN_PYTHON})))
)
_SUBJECT = re.compile("({})(?= )".format("|".join(sorted(IN_OPTIONS))))
#: what else names a variable of the environment and could name an option
_BESIDE = {
    "MAILKIT_CLIENT_ID must": "MAILKIT_CLIENT_ID (or --client-id) must",
    "MAILKIT_CLIENT_MD5_FILE must": "MAILKIT_CLIENT_MD5_FILE (or --md5-file) must",
}
# The text of a ConfigurationError holds one of these where API ID or MD5 is at fault. The names of the environment
# variables contain them too.
_ACCOUNT_NAMES = ("client_id", "client_md5", "--md5-file")


class UsageError(ConfigurationError):
    """What was asked of the command line cannot be done; the account has nothing to do with it."""


class DeliveryFailed(Exception):
    """A delivery failed, and the user has been told.

    :param code: the exit code of the program
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def exit_code(error: MailkitError) -> int:
    """Return the exit code of *error*."""
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))


def is_about_account(error: MailkitError) -> bool:
    """Return whether *error* says that API ID or MD5 cannot be used."""
    return isinstance(error, ConfigurationError) and any(name in str(error).lower() for name in _ACCOUNT_NAMES)


def complain(error: MailkitError, where: str = "") -> None:
    """Say what *error* says, in words of the command line.

    :param where: a text to put before it
    """
    say(where + words_of(error))


def words_of(error: MailkitError) -> str:
    """Return what *error* says: with options where it names arguments, and with what to do where it is the account."""
    text = _ARGUMENT.sub(_as_option, str(error))
    if not isinstance(error, ConfigurationError):
        return text
    # Such a text begins with the name of the argument that cannot be used.
    match = _SUBJECT.match(text)
    if match:
        text = IN_OPTIONS[match.group()] + text[match.end() :]
    for words, more in _BESIDE.items():
        text = text.replace(words, more)
    if is_about_account(error) and "both set" not in text and not text.endswith(WHERE_IT_IS):
        text += WHERE_IT_IS
    return text


def _as_option(match: "Match[str]") -> str:
    name, value = match.groups()
    return (IN_OPTIONS.get(name) or _IN_PYTHON[name]) + (" " + value if value else "")


def found(number: int, fail_if_empty: bool, nothing: str) -> int:
    """Return the exit code of a command that found so many rows; where it found none, say *nothing*."""
    if number:
        return 0
    say(nothing)
    return NOTHING_FOUND if fail_if_empty else 0


def say(text: str) -> None:
    """Write *text* as one line of this program to standard error, if there is any."""
    # print() would take None for standard output.
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print("{}: {}".format(PROGRAM, text), file=sys.stderr)
