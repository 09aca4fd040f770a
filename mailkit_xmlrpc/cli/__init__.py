"""The command ``mailkit-bounces``: fetch reports and see what they mean, or see the client at work without an account.

Data goes to standard output, everything else to standard error. The exit code tells who has to act; ``errors`` decides
about it. Nothing of the package imports this room.
"""

import argparse
import signal
from typing import Optional, Sequence

from .._version import __version__
from ..exceptions import MailkitError
from .commands import (
    campaigns,
    check,
    completion,
    demo,
    doctor,
    explain,
    fetch,
    record,
    report,
    summary,
    suppress,
    sync,
)
from .errors import INTERRUPTED, MACHINE, PROGRAM, SIGNALLED, DeliveryFailed, complain, exit_code, say
from .parser import Commands, Parser
from .signals import Ended, ending
from .streams import log_to_stderr

#: in the order of --help
COMMANDS = tuple(
    "fetch sync campaigns deliveries demo summary suppress report record scrub check explain doctor completion".split()
)

_HELP = """\
Your account is read from the environment: MAILKIT_CLIENT_ID and MAILKIT_CLIENT_MD5. You find API ID and MD5 in your
Mailkit account under Profile / Integration. MAILKIT_CLIENT_MD5_FILE names a file with the MD5 instead. Set MAILKIT_URL
if you use a different address of the API. The MD5 is never an argument, because other users of the machine could see
it. If it is missing, you are asked for it on a terminal.

exit code:
  0    all deliveries were answered (having no bounces is an answer), or the reader of the output closed it
  1    some deliveries failed and some did not (only with --keep-going and with sync)
  2    usage or configuration
  3    Unauthorized: API ID or MD5 is wrong
  4    Disallowed IP: calls from this address are not allowed
  5    Mailkit refused for another reason
  6    network, time-out, this machine, or a database
  7    the answer was not understood
  8    nothing was found (only with --fail-if-empty), or a limit is passed (only of check)
  130  interrupted (Ctrl-C); 129 and 143: ended by SIGHUP and SIGTERM
Without --keep-going the first failure stops the command with its own code. With it, and if all deliveries failed, the
code is that of the first failure.
"""


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the command line *argv* (None: the process's own) and return its exit code. Never raises on purpose."""
    try:
        arguments = build_parser().parse_args(argv)
        with ending(), log_to_stderr(arguments.verbose):
            return int(arguments.run(arguments))
    except SystemExit as stop:  # argparse's way to end
        return int(stop.code or 0)
    except DeliveryFailed as failed:
        return failed.code
    except MailkitError as error:
        complain(error)
        return exit_code(error)
    except OSError as error:  # the package's own are MailkitErrors: this is the demo's server, or a full terminal
        say("this machine could not do its part: {}".format(error.strerror or type(error).__name__))
        return MACHINE
    except Ended as ended:
        say("ended by {}".format(signal.Signals(ended.number).name))
        return SIGNALLED + ended.number
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line.

    What it reads holds ``run``, the command; ``parser``, that of the command; and ``whole``, itself.
    """
    parser = Parser(
        prog=PROGRAM,
        description="Fetch Mailkit's bounce report: as a table, a file or a page, or every night into a database.",
        epilog=_HELP,
    )
    parser.add_argument("--version", action="version", version="{} {}".format(PROGRAM, __version__))
    parser.set_defaults(whole=parser, verbose=False)
    commands = Commands(parser)
    for command in (
        fetch,
        sync,
        campaigns,
        demo,
        summary,
        suppress,
        report,
        record,
        check,
        explain,
        doctor,
        completion,
    ):
        command.add(commands)
    return parser
