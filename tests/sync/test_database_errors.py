"""What a driver says becomes a few words of ours: its own text may hold a password."""

import pytest

pytest.importorskip("sqlalchemy")

from mailkit_xmlrpc import LocalError  # noqa: E402 - needs the extra
from mailkit_xmlrpc.sync.database_errors import told  # noqa: E402  (needs what stands above)


class OperationalError(Exception):
    """As psycopg's, which has no code where a connection fails."""


@pytest.mark.parametrize(
    "text, words",
    [
        ('connection to server at "192.0.2.1", port 1 failed: Connection refused', "nothing listens"),
        ('could not translate host name "db.invalid" to address: Name or service not known', "cannot be looked up"),
        ('FATAL:  password authentication failed for user "secret"', "refuses the user or the password"),
        ('FATAL:  role "secret" does not exist', "the server refuses the user"),
        ('FATAL:  database "secret" does not exist', "there is no such database"),
        ("connection timeout expired", "the server cannot be reached"),
        ("something else about secret", "OperationalError)"),
    ],
)
def test_connection_that_fails(text, words):
    """Its cause is told, and nothing of the text."""
    error = told(OperationalError(text))
    assert type(error) is LocalError
    assert words in str(error)
    assert "secret" not in str(error) and "192.0.2.1" not in str(error)


def test_code():
    """Where there is a code, it counts."""
    assert "code 1698, the server refuses the user" in str(told(OperationalError(1698, "Access denied for user")))
    error = OperationalError('database "x" does not exist')
    error.sqlstate = "28P01"
    assert "code 28P01, the server refuses the user or the password" in str(told(error))
