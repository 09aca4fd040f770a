"""What tests of the command line start from: rows, a client whose reports are given, a stream that is a terminal."""

import contextlib
import io
from datetime import datetime

from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.model.records import Bounce

HEADER = "id_send,email,id_email,id_user_list,id_send_message,date,status,email_status,bounce_cat,reason,extra\n"
ROWS = [
    {"EMAIL": "user@example.com", "DATE": "2014-12-23 12:36:02", "STATUS": "5.1.1", "REASON": "Schránka =plná"},
    {"EMAIL": "=cmd@example.com", "ID_EMAIL": 1 << 40, "EXTRA": "\x7f"},
]
CSV = (
    HEADER + "7,user@example.com,,,,2014-12-23T12:36:02,5.1.1,,,Schránka =plná,{}\n"
    '7,\'=cmd@example.com,1099511627776,,,,,,,,"{""EXTRA"": ""\\u007f""}"\n'
)


class FakeClient:
    """A client whose reports are given: rows, and perhaps an exception at their end (or as the whole report)."""

    reports = {}

    @classmethod
    def from_env(cls, **options):
        return cls()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        pass

    def close(self):
        pass

    def iter_bounces(self, id_send):
        report = self.reports[id_send]
        if isinstance(report, BaseException):
            raise report
        return contextlib.closing(Given(report))


class Given:
    """An iterator over rows; an exception among them is raised."""

    def __init__(self, rows):
        self.rows = iter(rows)

    def __iter__(self):
        return self

    def __next__(self):
        row = next(self.rows)
        if isinstance(row, BaseException):
            raise row
        return row

    def close(self):
        self.rows = iter(())


def row(number):
    """Return a row with a number in it."""
    return Bounce(1, "user@example.com", number, None, None, datetime(2020, 1, 2), "", "", "", "")


class Terminal(io.TextIOWrapper):
    """A standard stream that is a terminal."""

    def __init__(self, encoding="utf-8"):
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding=encoding, errors="strict")

    def isatty(self):
        return True


def run(capfd, *argv, code=0):
    """What the command prints; it ends with *code*."""
    assert main([str(word) for word in argv]) == code, capfd.readouterr()
    return capfd.readouterr()
