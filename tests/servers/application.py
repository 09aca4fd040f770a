"""The FastCGI application behind the front ends, and what it is told to answer."""

import itertools
import json
import os
import socket
from datetime import datetime
from pathlib import Path

from mailkit_xmlrpc import Bounce
from tests.servers.programs import Program

SCRIPT = Path(__file__).with_name("mailkit.pl")
WORKERS = 8


class Application:
    """The Perl script in several processes behind one Unix socket; a context manager."""

    def __init__(self, folder):
        self._folder = folder
        self._path = str(folder / "application")
        self._plans = folder / "plans"
        self._ids = itertools.count(1001)
        self._program = None

    def start(self):
        """Start to serve."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self._path)
        os.chmod(self._path, 0o777)  # a front end may run as another user
        listener.listen(256)
        variables = dict(os.environ, MAILKIT_PLANS=str(self._plans), MAILKIT_WORKERS=str(WORKERS))
        self._program = Program(["perl", SCRIPT], self._folder, stdin=listener, env=variables)
        self._program.start()
        listener.close()  # the processes have it as their standard input, as FastCGI wants it

    def stop(self):
        """End all processes at once, whatever they do."""
        self._program.stop()
        os.unlink(self._path)

    def restart(self):
        """Stop it and start it again."""
        self.stop()
        self.start()

    def plan(self, **plan):
        """The ID_send of a delivery that is answered as *plan* says; see the script."""
        id_send = plan.pop("id_send", None) or next(self._ids)
        path = self._plans / "{}.json".format(id_send)
        path.write_text(json.dumps(plan))
        calls = path.with_suffix(".calls")
        calls.write_text("")
        calls.chmod(0o666)
        return id_send

    def calls(self, id_send):
        """How often the delivery *id_send* was asked for."""
        return (self._plans / "{}.calls".format(id_send)).stat().st_size

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.stop()


def expected(id_send, rows):
    """The rows of a delivery with so many *rows*, as the script makes them."""
    return [
        Bounce(
            id_send=id_send,
            email="someone{}@example.com".format(n),
            id_email=1000 + n,
            id_user_list=7,
            id_send_message=5000000 + n,
            date=datetime(2014, 12, 23, 16, 22, 22),
            status="5.1" if n % 2 else "5.1.1",
            email_status="permanent",
            bounce_cat="bad-mailbox",
            reason="Schr\u00e1nka <{}> & dal\u0161\u00ed".format(n) if n % 3 else "550",
        )
        for n in range(1, rows + 1)
    ]
