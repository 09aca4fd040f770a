"""What travels between Pythons as a pickle: one object of each public class. Each Python reads what the others wrote.

    python -m tests.support.pickled

writes the file of the Python that runs it into ``tests/model/data/``, such as ``python3.6.pickle``. The oldest and the
newest supported Python write theirs anew where a class gains or loses an attribute.
"""

import pathlib
import pickle
import sys
from datetime import datetime, timedelta, timezone

import mailkit_xmlrpc as m

DATA = pathlib.Path(__file__).resolve().parents[1] / "model" / "data"
PROTOCOL = 4  # the newest that Python 3.6 reads

WHOLE = m.Bounce(
    id_send=123456,
    email="user@example.com",
    id_email=49872054,
    id_user_list=9223372036854775807,
    id_send_message=None,
    date=datetime(2014, 12, 23, 12, 36, 2),
    status="4.4.2",
    email_status="temporary",
    bounce_cat="full-mailbox",
    reason="Schr\u00e1nka je pln\u00e1 \U0001f4ec",
    extra={"FLAG": True, "RAW": b"\x00\xff", "NIL": None, "DEEP": [1, 5.5, {"a": ["b"]}]},
)
EMPTY = m.Bounce(123456, "", None, None, None, None, "", "", "", "")
AWARE = m.Bounce(1, "", None, None, None, datetime(2014, 12, 23, tzinfo=timezone(timedelta(hours=1))), "", "", "", "")

ERRORS = [
    m.ConfigurationError("timeout must be positive"),
    m.LocalError("cannot write the temporary file: No space left on device"),
    m.ConnectError("its certificate has expired", retryable=False),
    m.RequestTimeoutError("reading", 0.25),
    m.DeadlineExceededError(600.0),
    m.HTTPStatusError(503, "Service Unavailable"),
    m.HTTPProtocolError("a bad chunk"),
    m.IncompleteResponseError(100),
    m.MalformedResponseError("it is empty"),
    m.UnsafeXMLError("a document type"),
    m.ResponseTooLargeError(1000),
    m.UnexpectedShapeError("row 3 is a number"),
    m.UnauthorizedError(),
    m.DisallowedIPError("Disallowed IP 192.0.2.1", "192.0.2.1"),
    m.InvalidSendIdError("Invalid ID_send", 123456),
    m.FaultError(4, "no such method"),
]
for _error in ERRORS:
    _error.attempts = 3


def objects():
    """Name -> object."""
    found = {type(error).__name__: error for error in ERRORS}
    found.update(
        whole=WHOLE,
        empty=EMPTY,
        aware=AWARE,
        campaign=m.Campaign(12345, "Advent", 100, None, {"X": 1}),
        delivery=m.Delivery(12345, 7, "", "shop@example.com", WHOLE.date, 1, 2, 3, 4, 5, 6, "0"),
        answered=m.Outcome(123456, [WHOLE, EMPTY], None, 1, 0.5, 2),
        failed=m.Outcome(1, None, m.InvalidSendIdError("Invalid ID_send", 1), 1, 0.25),
        words=[m.EmailStatus.PERMANENT, m.BounceCategory.BAD_MAILBOX, m.BounceKind.HARD],
        code=m.EnhancedStatus(5, 1, 1),
        rules=m.Rules(categories={"other": m.BounceKind.SOFT}),
        summary=m.summarize([WHOLE, EMPTY], sent=100),
        window=m.Window("example.com"),
        suppression=m.Suppression("a@example.com", 1, m.BounceKind.HARD, "why", 2, None, None, "5.1.1", "bad-mailbox"),
    )
    return found


def state(thing):
    """*thing* with its type and all that is in it; exceptions do not compare otherwise."""
    if isinstance(thing, m.Outcome):
        return type(thing), thing.bounces, state(thing.error), thing.attempts, thing.seconds, thing.replaced
    if isinstance(thing, Exception):
        return type(thing), str(thing), thing.args, vars(thing)
    return type(thing), thing


def main():
    """Write the file of this Python."""
    path = DATA / "python{}.{}.pickle".format(*sys.version_info)
    path.write_bytes(pickle.dumps(objects(), PROTOCOL))
    print(path)


if __name__ == "__main__":
    main()
