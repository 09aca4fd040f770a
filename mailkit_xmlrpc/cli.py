"""The command ``mailkit-bounces``: fetch reports, or show the client at work against a server of our own.

Data goes to standard output, everything else to standard error. The exit code says whose turn it is: ``_EXIT_CODES`` is
the table.
"""
import argparse
import contextlib
from typing import Generator, Iterable, Iterator, List, Optional, Sequence

from . import _command_completion, _command_doctor, _command_explain, _command_find, _command_report
from . import _command_summary, _command_suppress
from ._account import HINT, add_account, client_of, is_about_account
from ._command import Source, add_command, add_file, positive
from ._earlier import read_rows
from ._fetch import MAX_WORKERS, add_ids, ids_of, reports, settle_ids
from ._filters import add_filters, columns, filtered
from ._output import COLUMNS, FORMATS, render
from ._page import check_extras
from ._progress import progress
from ._sqlite import store
from ._streams import PROGRAM, UsageError, log_to_stderr, say, terminal, write
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

#: in the order of --help
COMMANDS = (
    "fetch", "campaigns", "deliveries", "demo", "summary", "suppress", "report", "explain", "doctor", "completion"
)  # fmt: skip

_PARTLY = 1
_USAGE = 2  # argparse's own, too
_MACHINE = 6
_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

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
_FETCH_EXAMPLES = """\
mailkit-bounces fetch 123456 -o csv > bounces.csv
mailkit-bounces fetch 123456 123457 -o sqlite -O bounces.db
mailkit-bounces fetch 123456 --kind hard --status '5.1.*' --columns email,status,reason
"""
_DEMO_EXAMPLES = """\
mailkit-bounces demo
mailkit-bounces demo -o json
mailkit-bounces demo --report report.html
"""
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
        _settle_output(parser, arguments)
        if arguments.command == "fetch":
            settle_ids(parser, arguments)
        with log_to_stderr(getattr(arguments, "verbose", False)):
            return int(arguments.run(arguments))
    except SystemExit as stop:  # argparse's way to end
        return int(stop.code or 0)
    except _Failed as failed:
        return int(failed.args[0])
    except MailkitError as error:
        _complain(error)
        return _exit_code(error)
    except OSError as error:  # the package's own are MailkitErrors: this is standard output, or the demo's server
        say("this machine could not do its part: {}".format(error.strerror or type(error).__name__))
        return _MACHINE
    except KeyboardInterrupt:
        say("interrupted")
        return _INTERRUPTED


def _settle_output(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Choose the format where none was given, and refuse options that contradict it."""
    if "output" not in arguments:
        return
    to_file = getattr(arguments, "output_file", None) is not None
    arguments.output = arguments.output or ("table" if terminal() and not to_file else "jsonl")
    if getattr(arguments, "raw", False) and arguments.output not in ("csv", "tsv"):
        parser.error("--raw goes with -o csv or -o tsv")
    if arguments.output == "sqlite" and not to_file:
        parser.error("-o sqlite needs -O FILE")
    if arguments.output == "sqlite" and arguments.columns:
        parser.error("-o sqlite always stores all columns")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; its namespace's ``run`` is the command."""
    # No abbreviations: "--md5 VALUE" must not become --md5-file and then show the value in an error.
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Fetch Mailkit's bounce report as a table, CSV, TSV or JSON.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version="{} {}".format(PROGRAM, __version__))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.required = True  # an argument of add_subparsers only since 3.7

    fetch = add_command(commands, "fetch", _fetch, "fetch the reports of deliveries", _FETCH_EXAMPLES)
    add_ids(fetch, positive, _jobs)
    fetch.add_argument("-o", "--output", choices=FORMATS + ("sqlite",),
                       help="format; default: table on a terminal, otherwise jsonl")  # fmt: skip
    add_file(fetch, "the rows", "; with --keep-going, without the deliveries that failed")
    fetch.add_argument("--columns", type=columns, metavar="NAMES", help="such as email,kind,reason; default: all")
    fetch.add_argument("--raw", action="store_true", help="csv and tsv for machines: no guard against formulas")
    add_account(fetch)
    add_filters(fetch)

    _command_find.add(commands, add_account, client_of, positive)

    demo = add_command(commands, "demo", _demo, "show it at work against a built-in server", _DEMO_EXAMPLES)
    demo.add_argument("-o", "--output", choices=FORMATS, default="table", help="format; default: table")
    demo.add_argument("--raw", action="store_true", help="csv and tsv for machines: no guard against formulas")
    demo.add_argument("--report", metavar="FILE", help="fetch a larger made-up report, and make a page of it there")
    demo.add_argument("-v", "--verbose", action="store_true", help="log what is done to standard error")

    source = Source(_add_source, _source_rows)
    _command_summary.add(commands, source)
    _command_suppress.add(commands, source)
    _command_report.add(commands, source)
    _command_explain.add(commands, source)
    _command_doctor.add(commands, add_account, client_of)
    _command_completion.add(commands, build_parser)
    return parser


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id_send", metavar="ID_SEND", nargs="*", type=positive, help="number of a delivery to fetch")
    parser.add_argument("--from", dest="earlier", metavar="FILE", help="work on what fetch wrote earlier")
    add_account(parser)
    add_filters(parser)


def _jobs(text: str) -> int:
    number = positive(text)
    if number > MAX_WORKERS:
        raise argparse.ArgumentTypeError("it must be at most {}".format(MAX_WORKERS))
    return number


# --- the commands ----------------------------------------------------------------------------------------------------


def _fetch(arguments: argparse.Namespace) -> int:
    failures: List[MailkitError] = []
    with client_of(arguments) as client:
        ids = ids_of(client, arguments, positive)
        with contextlib.closing(_rows(client, ids, failures, arguments, arguments.total)) as rows:
            wanted = filtered(rows, arguments)
            if arguments.output == "sqlite":
                store(wanted, arguments.output_file)
            else:
                stream = terminal() if arguments.output_file is None else None
                pieces = render(wanted, arguments.output, arguments.raw, stream, arguments.columns or COLUMNS)
                write(pieces, arguments.output_file)
    return _PARTLY if failures else 0


@contextlib.contextmanager
def _source_rows(arguments: argparse.Namespace) -> Iterator[Iterator[Bounce]]:
    """The rows that a command shall work on: fetched now, or of an earlier fetch; without those filtered out."""
    if bool(arguments.id_send) == bool(arguments.earlier):
        raise UsageError("give the ID_SEND of deliveries, or --from FILE")
    with contextlib.ExitStack() as stack:
        if arguments.earlier:
            rows: Iterator[Bounce] = stack.enter_context(contextlib.closing(read_rows(arguments.earlier)))
        else:
            client = stack.enter_context(client_of(arguments))
            total = len(arguments.id_send)
            rows = stack.enter_context(contextlib.closing(_rows(client, arguments.id_send, [], arguments, total)))
        yield filtered(rows, arguments)


def _demo(arguments: argparse.Namespace) -> int:
    from .simulator import Simulator

    if arguments.report:
        return _demo_report(arguments)
    say(_DEMO_BEFORE)
    with Simulator() as mailkit, MailkitClient(mailkit.client_id, mailkit.client_md5, url=mailkit.url) as client:
        with contextlib.closing(_rows(client, [123456], [], arguments)) as rows:
            write(render(rows, arguments.output, arguments.raw, terminal()))
    say(_DEMO_AFTER)
    return 0


def _demo_report(arguments: argparse.Namespace) -> int:
    from ._sample import SampleReport
    from .simulator import Simulator

    check_extras()
    say("demo: the real client asks a built-in server on this machine for a report of 20000 rows, all of them made up")
    with Simulator(reports={123456: SampleReport()}) as mailkit:
        with MailkitClient(mailkit.client_id, mailkit.client_md5, url=mailkit.url) as client:
            with contextlib.closing(_rows(client, [123456], [], arguments)) as rows:
                _command_report.write_report(rows, arguments.report, sent=1000000)
    say("demo: open it in a browser")
    return 0


def _rows(
    client: MailkitClient,
    ids: Iterable[int],
    failures: List[MailkitError],
    arguments: argparse.Namespace,
    total: Optional[int] = 1,
) -> Generator[Bounce, None, None]:
    """Yield the rows of all *ids* (*total* of them, None where that is unknown); say which failed, collect why in
    *failures*.

    :raises _Failed: a delivery failed, or with ``--keep-going`` all of them: then what was printed must not look
        whole; and where a file is written, half a report must not be in it
    """
    keep_going = getattr(arguments, "keep_going", False)
    to_file = getattr(arguments, "output_file", None) is not None
    half = False
    asked = 0
    display = progress(total)
    display.show(0, 0)
    with contextlib.closing(reports(client, ids, getattr(arguments, "jobs", 1))) as each:
        for id_send, opened in each:
            count = 0
            asked += 1
            try:
                with opened() as rows:
                    for row in rows:
                        display.hide()
                        yield row
                        count += 1
            except MailkitError as error:
                display.hide()
                _complain(error, "" if total == 1 else "ID_SEND {}: ".format(id_send))
                if count:
                    say("the {} rows printed of ID_SEND {} are not its whole report".format(count, id_send))
                failures.append(error)
                half = to_file and count > 0
                if half or not keep_going:
                    break
            display.show(asked, len(failures))
    display.hide()
    if failures and (half or not (keep_going and len(failures) < asked)):
        raise _Failed(_exit_code(failures[0]))


def _complain(error: MailkitError, where: str = "") -> None:
    say("{}{}".format(where, error))
    if is_about_account(error):
        say(HINT)


def _exit_code(error: MailkitError) -> int:
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))
