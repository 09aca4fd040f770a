"""The command ``mailkit-bounces``: fetch reports, or show the client at work against a server of our own.

Data goes to standard output, everything else to standard error. The exit code says whose turn it is: ``_EXIT_CODES`` is
the table.
"""
import argparse
import contextlib
import errno
import io
import logging
import os
import re
import sys
from typing import Generator, Iterator, List, Optional, Sequence, TextIO

from ._output import FORMATS, render
from ._version import __version__
from .bounce import Bounce
from .client import MailkitClient
from .exceptions import (
    ApiError,
    ConfigurationError,
    DisallowedIPError,
    LocalError,
    MailkitError,
    ResponseError,
    TransportError,
    UnauthorizedError,
)

_PROGRAM = "mailkit-bounces"
_PARTLY = 1
_USAGE = 2  # argparse's own, too
_MACHINE = 6
_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_CLIENT_OPTIONS = ("client_id", "url", "timeout", "deadline")

#: the first class that fits counts
_EXIT_CODES = (
    (ConfigurationError, _USAGE),
    (UnauthorizedError, 3),
    (DisallowedIPError, 4),
    (ApiError, 5),
    (TransportError, _MACHINE),
    (LocalError, _MACHINE),
    (ResponseError, 7),
)

_HELP = """\
The account is read from the environment: MAILKIT_CLIENT_ID, MAILKIT_CLIENT_MD5 or MAILKIT_CLIENT_MD5_FILE (a file with
nothing else in it), and MAILKIT_URL where it is another. API ID and MD5 stand in your Mailkit account under Profile /
Integration. The MD5 is never an argument, for others could see it; on a terminal it is asked for where it is missing.

exit code:
  0    every delivery was answered, also if it has no bounces, or the reader of the output closed it
  1    some deliveries failed and some did not (only with --keep-going)
  2    usage or configuration
  3    Unauthorized
  4    Disallowed IP
  5    Mailkit refused otherwise
  6    network, time, this machine
  7    the answer was not understood
  130  interrupted
Without --keep-going the first failure stops with its own code; with it, where all failed, the first one's code counts.
"""
_HINT = (
    "set MAILKIT_CLIENT_ID (or --client-id) and MAILKIT_CLIENT_MD5 or MAILKIT_CLIENT_MD5_FILE (or --md5-file); "
    "both values stand in your Mailkit account under Profile / Integration"
)
_DEMO_BEFORE = (
    "demo: the real client asks a built-in server on this machine, over HTTP; nothing is sent to Mailkit. The rows are "
    "those of the vendor's documented samples, their placeholders replaced by documented forms."
)
_DEMO_AFTER = """\
demo: with your own account (API ID and MD5 stand in its menu Profile / Integration, where this machine's public IP
address must be allowed too), go on with

    mailkit-bounces fetch --client-id YOUR_API_ID ID_SEND

which asks for the MD5, or reads it from MAILKIT_CLIENT_MD5_FILE. ID_SEND is the number of a delivery of a campaign."""


class _Failed(Exception):
    """Some delivery failed, which has been said already; ``args[0]`` is the exit code."""


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the command line *argv* (None: the process's own) and return its exit code. Never raises on purpose."""
    try:
        parser = build_parser()
        arguments = parser.parse_args(argv)
        arguments.output = arguments.output or ("table" if _terminal() else "jsonl")
        if arguments.raw and arguments.output not in ("csv", "tsv"):
            parser.error("--raw goes with -o csv or -o tsv")
        with _log_to_stderr(arguments.verbose):
            return int(arguments.run(arguments))
    except SystemExit as stop:  # argparse's way to end
        return int(stop.code or 0)
    except _Failed as failed:
        return int(failed.args[0])
    except MailkitError as error:
        _complain(error)
        return _exit_code(error)
    except OSError as error:  # the package's own are MailkitErrors: this is standard output, or the demo's server
        _say("this machine could not do its part: {}".format(error.strerror or type(error).__name__))
        return _MACHINE
    except KeyboardInterrupt:
        _say("interrupted")
        return _INTERRUPTED


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; its namespace's ``run`` is the command."""
    # No abbreviations: "--md5 VALUE" must not become --md5-file and then show the value in an error.
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Fetch Mailkit's bounce report as a table, CSV, TSV or JSON.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version="{} {}".format(_PROGRAM, __version__))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.required = True  # an argument of add_subparsers only since 3.7

    fetch = commands.add_parser("fetch", help="fetch the reports of deliveries", allow_abbrev=False)
    fetch.set_defaults(run=_fetch)
    fetch.add_argument("id_send", metavar="ID_SEND", nargs="+", type=_positive, help="number of a delivery")
    _add_output(fetch, None, "table on a terminal, otherwise jsonl")
    fetch.add_argument("--keep-going", action="store_true", help="ask for the other deliveries too when one failed")
    fetch.add_argument("--md5-file", metavar="FILE", help="a file that holds the MD5 and nothing else")
    for option in ("--md5", "--client-md5", "--client_md5"):
        fetch.add_argument(option, nargs="?", action=_NeverAnArgument, help=argparse.SUPPRESS)
    # These are the client's arguments; one that is not given is not passed on.
    for option, metavar, kind, text in (
        ("--client-id", "ID", _positive, "API ID instead of MAILKIT_CLIENT_ID"),
        ("--url", "URL", str, "address of the API instead of MAILKIT_URL or Mailkit's own"),
        ("--timeout", "SECONDS", float, "to connect, and for each read; default: 10 and 120"),
        ("--deadline", "SECONDS", _seconds_or_none, "for one delivery with all its tries, or none; default: 600"),
    ):
        fetch.add_argument(option, metavar=metavar, type=kind, default=argparse.SUPPRESS, help=text)

    demo = commands.add_parser("demo", help="show it at work against a built-in server", allow_abbrev=False)
    demo.set_defaults(run=_demo)
    _add_output(demo, "table", "table")
    return parser


def _add_output(parser: argparse.ArgumentParser, default: Optional[str], default_help: str) -> None:
    parser.add_argument("-o", "--output", choices=FORMATS, default=default, help="format; default: " + default_help)
    parser.add_argument("--raw", action="store_true", help="csv and tsv for machines: no guard against formulas")
    parser.add_argument("-v", "--verbose", action="store_true", help="log what is done to standard error")


class _NeverAnArgument(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> None:
        parser.error("the MD5 is never an argument, where others could see it; see mailkit-bounces --help")


def _positive(text: str) -> int:
    if not (re.fullmatch("[0-9]{1,19}", text) and 0 < int(text) < 1 << 63):
        # Without the value: it may be an MD5 in the wrong place.
        raise argparse.ArgumentTypeError("it must be a positive whole number of at most 63 bits")
    return int(text)


def _seconds_or_none(text: str) -> Optional[float]:
    return None if text == "none" else float(text)


# --- the commands ----------------------------------------------------------------------------------------------------


def _fetch(arguments: argparse.Namespace) -> int:
    options = {name: value for name, value in vars(arguments).items() if name in _CLIENT_OPTIONS}
    md5 = _md5(arguments.md5_file)
    if md5 is not None:
        options["client_md5"] = md5
    with MailkitClient.from_env(**options) as client:
        return _deliver(client, arguments.id_send, arguments)


def _demo(arguments: argparse.Namespace) -> int:
    from .simulator import Simulator

    _say(_DEMO_BEFORE)
    with Simulator() as mailkit, MailkitClient(mailkit.client_id, mailkit.client_md5, url=mailkit.url) as client:
        code = _deliver(client, [123456], arguments)
    _say(_DEMO_AFTER)
    return code


def _md5(path: Optional[str]) -> Optional[str]:
    """Return the MD5 of the file at *path* or of who sits at the terminal; None leaves it to the environment."""
    if path is not None:
        try:
            with open(path, encoding="utf-8") as file:
                return file.read(1024).strip()
        except (OSError, ValueError):
            pass
        raise ConfigurationError("the file of --md5-file cannot be read as text")
    if any(os.environ.get(name) for name in ("MAILKIT_CLIENT_MD5", "MAILKIT_CLIENT_MD5_FILE")):
        return None
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr)):
        return None
    import getpass

    try:
        return getpass.getpass("MD5 (Mailkit account, Profile / Integration): ").strip()
    except EOFError:
        return ""


def _deliver(client: MailkitClient, ids: List[int], arguments: argparse.Namespace) -> int:
    """Print the reports of all *ids* as one; return the exit code."""
    failures = []  # type: List[MailkitError]
    with contextlib.closing(_rows(client, ids, getattr(arguments, "keep_going", False), failures)) as rows:
        _print(rows, arguments.output, arguments.raw)
    return _PARTLY if failures else 0


def _rows(
    client: MailkitClient, ids: List[int], keep_going: bool, failures: List[MailkitError]
) -> Generator[Bounce, None, None]:
    """Yield the rows of all *ids*; say which failed, collect why in *failures*.

    :raises _Failed: a delivery failed, or with *keep_going* all of them: then what was printed must not look whole
    """
    for id_send in ids:
        count = 0
        try:
            with client.iter_bounces(id_send) as rows:
                for row in rows:
                    yield row
                    count += 1
        except MailkitError as error:
            _complain(error, "ID_SEND {}: ".format(id_send) if len(ids) > 1 else "")
            if count:
                _say("the {} rows printed of ID_SEND {} are not its whole report".format(count, id_send))
            failures.append(error)
            if not keep_going:
                break
    if failures and not (keep_going and len(failures) < len(ids)):
        raise _Failed(_exit_code(failures[0]))


# --- the streams -----------------------------------------------------------------------------------------------------


def _terminal() -> Optional[TextIO]:
    """Return standard output if it is a terminal."""
    return sys.stdout if sys.stdout is not None and sys.stdout.isatty() else None


def _print(rows: Iterator[Bounce], output: str, raw: bool) -> None:
    """Write *rows* to standard output. That its reader goes away is no failure: nobody wants the rest."""
    stream = _data_stream()
    try:
        with contextlib.suppress(BrokenPipeError):
            for piece in render(rows, output, raw, _terminal()):
                stream.write(piece)
            stream.flush()
    finally:
        _release(stream)


def _data_stream() -> TextIO:
    """Return standard output as UTF-8 with plain line feeds, whatever the locale and the system.

    A terminal keeps its own encoding: to one that is not UTF-8, some of UTF-8's bytes are control characters.
    """
    if sys.stdout is None:  # closed before we were started
        raise OSError(errno.EBADF, "standard output is closed")
    sys.stdout.flush()
    if not hasattr(sys.stdout, "buffer"):  # replaced by an io.StringIO or the like
        return sys.stdout
    encoding = sys.stdout.encoding if sys.stdout.isatty() else "utf-8"
    # Not sys.stdout.reconfigure(), which is 3.7's.
    return io.TextIOWrapper(sys.stdout.buffer, encoding=encoding, errors="backslashreplace", newline="\n")


def _release(stream: TextIO) -> None:
    """Send what is left of *stream*, or if it cannot be sent, away: the interpreter would fail on it at exit.

    This is the way of https://docs.python.org/3/library/signal.html#note-on-sigpipe.
    """
    try:
        stream.flush()
    except OSError:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, stream.fileno())
        os.close(devnull)
    if stream is not sys.stdout:
        stream.detach()  # type: ignore[attr-defined]  # a TextIOWrapper; its end must not close standard output


@contextlib.contextmanager
def _log_to_stderr(wanted: bool) -> Iterator[None]:
    logger = logging.getLogger("mailkit_xmlrpc")
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = logger.level
    if wanted:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def _say(text: str) -> None:
    if sys.stderr is not None:  # print() would take None for standard output
        with contextlib.suppress(OSError):
            print("{}: {}".format(_PROGRAM, text), file=sys.stderr)


def _complain(error: MailkitError, where: str = "") -> None:
    _say("{}{}".format(where, error))
    if isinstance(error, ConfigurationError):
        _say(_HINT)


def _exit_code(error: MailkitError) -> int:
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))
