"""``python -m mailkit_xmlrpc.simulator``: serve reports of a folder, and print the environment to set."""

import argparse
import sys
import threading
from typing import List, Optional

from . import Simulator
from .saved import saved_reports


def main(argv: Optional[List[str]] = None) -> int:
    """Serve until Ctrl-C; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m mailkit_xmlrpc.simulator",
        description="Answer like Mailkit, on this machine; what to set for a client is printed. Ctrl-C ends it.",
    )
    parser.add_argument(
        "folder",
        nargs="?",
        metavar="FOLDER",
        help="of reports: 123456.json or 123456.jsonl for the delivery 123456; without it, the vendor's sample rows",
    )
    parser.add_argument("--host", default="127.0.0.1", help="listen there (default: %(default)s, this machine alone)")
    parser.add_argument("--port", type=int, default=0, help="listen there (default: one that the system chooses)")
    arguments = parser.parse_args(argv)
    try:
        reports = None if arguments.folder is None else saved_reports(arguments.folder)
        mailkit = Simulator(reports=reports, host=arguments.host, port=arguments.port).start()
    except (OSError, ValueError, OverflowError) as error:
        parser.error(str(error))
    try:
        for name, value in mailkit.environment.items():
            sys.stdout.write("export {}={}\n".format(name, value))
        sys.stdout.flush()
        never = threading.Event()
        # In pieces: Windows notices Ctrl-C in between only.
        while True:
            never.wait(1.0)
    except KeyboardInterrupt:
        pass
    finally:
        mailkit.stop()
    return 130


if __name__ == "__main__":  # pragma: no cover (a test runs it as a program)
    sys.exit(main())
