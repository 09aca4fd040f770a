"""Errors of a database: which may pass when the same is tried again, and how they are told.

The text of a driver quotes rows and parameters. So it is never shown: only the class, the error's code, and advice for
codes that a person can do something about. This module needs SQLAlchemy.
"""

import contextlib
import re
from typing import Iterator, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ..analysis.scratch import sqlite
from ..exceptions import ConfigurationError, LocalError, MailkitError
from ..exceptions.boundary import raised_by_caller
from .sqlite import unusable

#: SQLSTATE of PostgreSQL: serialisation failure, deadlock, lock not available at once
_REPEATABLE_STATES = ("40001", "40P01", "55P03")
#: of MariaDB and MySQL: row has changed, lock wait, deadlock, lock not available at once
_REPEATABLE_NUMBERS = (1020, 1205, 1213, 3572)
_ADVICE = {
    "28P01": "the server refuses the user or the password",
    "28000": "the server refuses the user",
    "3D000": "there is no such database",
    "42501": "the user has no right to do this",
    "53100": "the server's disk is full",
    "1044": "the user has no right to do this",
    "1045": "the server refuses the user or the password",
    "1049": "there is no such database",
    "1142": "the user has no right to do this",
    "1153": "a row is larger than the server's max_allowed_packet",
    "1698": "the server refuses the user or the password",
    "2002": "the server cannot be reached",
    "2003": "the server cannot be reached",
    "2006": "the connection was closed",
    "2013": "the connection was closed",
}
#: what libpq says, in English, where a connection fails: it has no code then. Its own text may hold a password
_SAID = (
    (re.compile("Connection refused|No such file or directory"), "nothing listens at that host and port"),
    (re.compile("could not translate host name|failed to resolve host"), "its host cannot be looked up"),
    (re.compile("password authentication failed|no password supplied"), _ADVICE["28P01"]),
    (re.compile('role ".*" does not exist'), _ADVICE["28000"]),
    (re.compile('database ".*" does not exist'), _ADVICE["3D000"]),
    (re.compile("timeout expired"), _ADVICE["2002"]),
)


class RowsRefusedError(LocalError):
    """The database refuses what was to be written, and works otherwise. It does not leave this room."""


@contextlib.contextmanager
def errors(engine: Engine) -> Iterator[None]:
    """Turn what SQLAlchemy or the driver of *engine* raises inside into an error of ours.

    What the caller's own code raises (a signal handler, that is) passes, and so does MemoryError.

    :raises LocalError: the database failed
    """
    problem: Optional[MailkitError] = None
    driver = engine.dialect.dbapi
    assert driver is not None
    try:
        yield
    except (MailkitError, MemoryError):
        raise
    except Exception as error:  # a driver raises other classes too, UnicodeEncodeError for one
        if raised_by_caller(error, engine, driver.Error()):
            raise
        problem = told(error)
    if problem is not None:
        raise problem


def told(error: BaseException) -> MailkitError:
    """What to raise for an *error* of SQLAlchemy or of a driver."""
    cause: BaseException = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite().Error):
        problem = unusable(cause)
        if isinstance(problem, LocalError):
            hint = "; may this user read and write it?" if "unable to open" in problem.detail else ""
            return LocalError("the database failed ({}: {}{})".format(type(cause).__name__, problem.detail, hint))
        return ConfigurationError("the file is no database that can be used: {}".format(problem.detail))
    kind = "{}.{}".format(type(cause).__module__, type(cause).__name__)
    code = code_of(cause)
    advice = [_ADVICE[code]] if code in _ADVICE else []
    if not code:
        advice = [words for pattern, words in _SAID if pattern.search(str(cause))][:1]
    words = [kind] + (["code " + code] if code else []) + advice
    about_rows = isinstance(error, (sa.exc.DataError, sa.exc.IntegrityError))
    return (RowsRefusedError if about_rows else LocalError)("the database failed ({})".format(", ".join(words)))


def code_of(error: BaseException) -> str:
    """The number of an error of MySQL, the SQLSTATE of another one, or ""."""
    number = error.args[0] if error.args else None
    if type(number) is int:  # it says more than the SQLSTATE, which newer versions of PyMySQL have too
        return str(number)
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return state if isinstance(state, str) else ""


def is_repeatable(error: BaseException) -> bool:
    """Whether the same transaction may succeed a little later."""
    cause: BaseException = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite().OperationalError):
        return "database is locked" in str(cause)
    code = code_of(cause) if isinstance(error, sa.exc.DBAPIError) else ""
    return code in _REPEATABLE_STATES or code in map(str, _REPEATABLE_NUMBERS)
