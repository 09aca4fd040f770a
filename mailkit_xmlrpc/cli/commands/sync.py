"""``mailkit-bounces sync``: the nightly job, from Mailkit into a database."""

import argparse
import sys
from typing import List, Optional

from ...exceptions import ConfigurationError
from ...exceptions.redact import counted
from ...sync import Failure, SyncResult, sync
from ...sync.deliveries import REFUSALS
from ...sync.extra import require_sqlalchemy
from .. import options
from ..database import add_db, db_of
from ..errors import NOTHING_FOUND, PARTLY_FAILED, UsageError, complain, exit_code, say
from ..files import target_of
from ..ids import distinct, given_ids
from ..parser import Commands
from ..streams import Progress, progress, write
from ..texts import json_text

_EXAMPLES = """\
mailkit-bounces sync --db bounces.db
mailkit-bounces sync --db postgresql+psycopg://crm@db.example/crm --since 60d --jobs 4
mailkit-bounces sync --db bounces.db 123456 123457 --json
"""
#: names of arguments in the texts of errors -> options
_OPTIONS = {
    "db must": "--db must",
    "since must": "--since must",
    "settled_after must": "--settled-after must",
    "forget_before must": "--forget-before must",
    "a positive timedelta, or a text": "a span",
    "longer ago than since": "longer ago than --since",
}


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add("sync", run, "bring recent bounces into a database: the nightly job", _EXAMPLES)
    parser.add_argument(
        "id_send", metavar="ID_SEND", nargs="*", type=options.positive, help="only these deliveries, whatever their age"
    )
    options.add_ids_from(parser)
    parser.add_argument(
        "--campaign",
        metavar="ID_MESSAGE",
        type=options.positive,
        action="append",
        help="only deliveries of this one",
    )
    parser.add_argument(
        "--since",
        metavar="SPAN-OR-DAY",
        help="deliveries sent since: 60d, 12h or 2024-03-01; default, if no delivery and no campaign is given: 30d",
    )
    parser.add_argument(
        "--settled-after",
        metavar="SPAN",
        default="14d",
        help="a report read when its delivery was older than this is final and not fetched again; default: 14d",
    )
    parser.add_argument("--all", action="store_true", help="fetch final reports too")
    parser.add_argument(
        "--forget-before",
        metavar="SPAN-OR-DAY",
        help="first delete older rows, such as 400d: they are personal data",
    )
    add_db(parser, "file of SQLite, or URL of SQLAlchemy's; one with a password: MAILKIT_DB_URL, MAILKIT_DB_URL_FILE")
    options.add_jobs(parser)
    parser.add_argument("--dry-run", action="store_true", help="fetch and compare, and write nothing")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--print-ddl", action="store_true", help="print the statements that make the tables, and end")
    options.add_fail_if_empty(parser)
    options.add_account(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the command and return its exit code.

    :raises UsageError: options do not go together, or no database is given
    """
    db = db_of(arguments)
    if db is None:
        raise UsageError("give --db FILE or URL, or set MAILKIT_DB_URL or MAILKIT_DB_URL_FILE")
    if "://" not in db:
        # It is written to, as the file of -O is: not through a link that a stranger made.
        db = target_of(db, "--db")
    try:
        if arguments.print_ddl:
            return _print_ddl(db)
        result = _synced(arguments, db)
    except ConfigurationError as error:
        raise _in_options(error)
    return _told(result, arguments)


def _print_ddl(db: str) -> int:
    require_sqlalchemy()
    from ...sync.database import printed_ddl

    write([printed_ddl(db)])
    return 0


def _synced(arguments: argparse.Namespace, db: str) -> SyncResult:
    display: Optional[Progress] = None

    def tell(text: str) -> None:
        if display is not None:
            display.hide()
        say(text)

    def show(done: int, total: int, failed: int) -> None:
        nonlocal display
        display = display or progress(total)
        display.show(done, failed)

    with options.client_of(arguments) as client:
        try:
            return sync(
                client,
                db,
                ids=_ids(arguments),
                campaigns=arguments.campaign or (),
                since=arguments.since,
                settled_after=arguments.settled_after,
                ask_all=arguments.all,
                jobs=arguments.jobs,
                dry_run=arguments.dry_run,
                forget_before=arguments.forget_before,
                tell=tell,
                progress=show,
            )
        finally:
            if display is not None:
                display.hide()


def _ids(arguments: argparse.Namespace) -> Optional[List[int]]:
    if not arguments.id_send and arguments.ids_from is None:
        return None
    if arguments.campaign or arguments.since is not None:
        raise UsageError("give deliveries, or --campaign and --since")
    return list(distinct(given_ids(arguments)))


def _in_options(error: ConfigurationError) -> ConfigurationError:
    """Return *error* with options where it names arguments."""
    text = str(error)
    for words, ours in _OPTIONS.items():
        text = text.replace(words, ours)
    return error if text == str(error) else UsageError(text)


def _told(result: SyncResult, arguments: argparse.Namespace) -> int:
    """Say what there is to say, and return the exit code. Where all went well, only a terminal is told."""
    refused: List[Failure] = []
    for failure in result.failures:
        if isinstance(failure.error, REFUSALS):
            refused.append(failure)
        else:
            complain(failure.error, failure.what + ": ")
    if refused:
        complain(refused[0].error, refused[0].what + ": ")
    if len(refused) > 1:
        say(
            "{} failed for the same reason".format(
                counted(len(refused) - 1, "more delivery has", "more deliveries have")
            )
        )
    if not result.deliveries:
        is_recent = arguments.since is not None or not (arguments.campaign or arguments.ids_from is not None)
        say("no delivery was found" + ("; --since says how far back is looked" if is_recent else ""))
    if arguments.json:
        write([json_text(result.to_dict()) + "\n"])
    if result.failures or arguments.dry_run or sys.stderr is not None and sys.stderr.isatty():
        say("{}{}".format(result, "; nothing was written" if arguments.dry_run else ""))
    if result.failures:
        return PARTLY_FAILED if result.written else exit_code(result.failures[0].error)
    return NOTHING_FOUND if arguments.fail_if_empty and not result.deliveries else 0
