"""What databases do to rows that come from strangers, each found by trying: nothing is lost, merged or cut."""

import contextlib
from datetime import datetime, timedelta, timezone

import pytest

from mailkit_xmlrpc import Bounce, ConfigurationError, MailkitClient
from mailkit_xmlrpc.sync import read_bounces, sync
from tests.support.databases import KINDS
from tests.support.nights import report

#: SQLite takes any text
SERVERS = [kind for kind in KINDS if kind != "sqlite"]
MAX_ID = (1 << 63) - 1


class Given(MailkitClient):
    """A client whose reports are given: a real answer cannot hold everything that a Bounce can."""

    def __init__(self, *bounces):
        super().__init__(1234567, "0123456789abcdef0123456789abcdef")
        self.given = bounces

    def iter_bounces(self, id_send):
        return self._rows()

    @contextlib.contextmanager
    def _rows(self):
        yield iter(self.given)


def bounce(number, **fields):
    """A bounce of the delivery 7."""
    values = dict(
        id_send=7,
        email="user{}@example.com".format(number),
        id_email=number,
        id_user_list=None,
        id_send_message=number,
        date=datetime(2024, 3, 1, 8, 30, number % 60),
        status="5.1.1",
        email_status="permanent",
        bounce_cat="bad-mailbox",
        reason="no such user",
    )
    values.update(fields)
    return Bounce(**values)


def kept(db, *bounces):
    """What is read back of *bounces*, which are written twice and unchanged the second time."""
    assert sync(Given(*bounces), db, ids=[7]).new == len(bounces)
    assert sync(Given(*bounces[::-1]), db, ids=[7]).unchanged == len(bounces)
    with read_bounces(db) as back:
        return sorted(back, key=lambda bounce: bounce.id_email)


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "a\x00b", "email": "\x00", "status": "5.1.1\x00", "extra": {"X": "y"}},
        {"reason": "\ud800 alone", "bounce_cat": "\udfff", "email_status": "\ud83d"},
        {"reason": "\U0001f600 \u0159 \u2400 \ufffd \x7f\x1b \ufeff"},
        {"reason": "r" * 70000, "email": "e" * 10000 + "@example.com", "bounce_cat": "\u017e" * 70000},
        {"extra": {"NUL": "\x00", "\x00": [1, 2.5, None, True, b"\x00\xff", {"a": "\ud800"}], "big": 1 << 80}},
        {"extra": {"$text": {"reason": "no"}, "$bytes": "no", "$": {"$bytes": b"yes"}, "$$": []}, "reason": "\x00"},
        {"id_send_message": MAX_ID, "id_user_list": MAX_ID},
        {"id_send_message": 0, "id_user_list": 0},
        {"date": None, "email": "", "status": "", "email_status": "", "bounce_cat": "", "reason": ""},
        {"date": datetime(1, 1, 1), "id_send_message": None},
        {"date": datetime(9999, 12, 31, 23, 59, 59, 999999)},
        {"date": datetime(2024, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=-2.5)))},
        {"date": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"date": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=12)))},
    ],
    ids=[
        "NUL",
        "surrogate",
        "unicode",
        "long",
        "extra",
        "dollar",
        "large",
        "zero",
        "empty",
        "first-year",
        "last-year",
        "zone",
        "before-time",
        "after-time",
    ],
)
def test_row_comes_back(db, fields):
    """Whatever a row holds, the same row is read back, and it is unchanged when it comes again."""
    rows = bounce(1), bounce(2, **fields), bounce(3)
    assert kept(db, *rows) == list(rows)


def test_nul_can_be_told(nights):
    """A NUL is shown as U+2400, a lone surrogate as U+FFFD, and the originals stand in ``extra``."""
    kept(nights.db, bounce(1, reason="a\x00b\ud800"))
    assert nights.select("SELECT reason, extra FROM mailkit_bounce") == [
        ("a\u2400b\ufffd", '{"$text": {"reason": "a\\u0000b\\ud800"}}')
    ]


def test_texts_that_look_alike(nights):
    """Texts that differ in case, accents or blanks at their end stay different, as keys and in queries."""
    emails = ["a@example.com", "A@example.com", "\u00e1@example.com", "a@example.com ", "a@example.com\t"]
    rows = [
        bounce(number, email=email, id_send_message=None, date=None, id_email=9) for number, email in enumerate(emails)
    ]
    assert sync(Given(*rows), nights.db, ids=[7]).new == 5
    assert sync(Given(*rows), nights.db, ids=[7]).unchanged == 5
    assert nights.select("SELECT COUNT(DISTINCT email) FROM mailkit_bounce") == [(5,)]
    query = "SELECT email FROM mailkit_bounce WHERE email = :email"
    assert [nights.select(query, email=email) for email in emails] == [[(email,)] for email in emails]


def test_dates_are_utc(nights):
    """A date with a zone is stored in UTC, and as text with its zone; one without stays as told."""
    zone = timezone(timedelta(hours=2))
    rows = bounce(1, date=datetime(2024, 3, 1, 8, 30, tzinfo=zone)), bounce(2, date=datetime(2024, 3, 1, 8, 30))
    sync(Given(*rows), nights.db, ids=[7])
    found = nights.select("SELECT date, date_text FROM mailkit_bounce ORDER BY message_key")
    assert [(str(date)[:19], text) for date, text in found] == [
        ("2024-03-01 06:30:00", "2024-03-01T08:30:00+02:00"),
        ("2024-03-01 08:30:00", "2024-03-01T08:30:00"),
    ]


def test_keys_in_their_order(nights):
    """Thousands of keys of all lengths are met again: the database sorts them as Python does."""
    rows = [bounce(number, id_send_message=number * number * 37 % 1000003 or None) for number in range(11000)]
    assert sync(Given(*rows), nights.db, ids=[7]).new == 11000
    nights.execute("UPDATE mailkit_delivery SET fingerprint = NULL")
    grown = rows[1000:] + [bounce(number, id_send_message=number * number * 41 % 999983) for number in range(6000)]
    unique = {row.id_send_message for row in rows}
    assert sync(Given(*rows), nights.db, ids=[7]).unchanged == 11000
    result = sync(Given(*grown), nights.db, ids=[7])
    assert result.new + result.changed + result.unchanged == len(grown) and len(unique) > 5000
    assert nights.select("SELECT COUNT(*) FROM mailkit_bounce WHERE gone_at IS NULL") == [(len(grown),)]


@pytest.mark.parametrize("db", ["pymysql"], indirect=True)
def test_utf8mb3_database(nights):
    """In a database of utf8mb3 our tables are utf8mb4; one that is not says so."""
    ((name,),) = nights.select("SELECT DATABASE()")
    nights.execute("ALTER DATABASE {} CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci".format(name))
    row = bounce(1, reason="\U0001f600")
    assert kept(nights.db, row) == [row]
    nights.execute("DELETE FROM mailkit_bounce")
    nights.execute("ALTER TABLE mailkit_bounce MODIFY reason MEDIUMTEXT CHARACTER SET utf8mb3")
    with pytest.raises(ConfigurationError, match="the table mailkit_bounce has columns in utf8mb3"):
        sync(Given(row), nights.db, ids=[7])
    with pytest.raises(ConfigurationError, match="the connection uses latin1: add .charset=utf8mb4 to the database's"):
        sync(Given(row), nights.db + "?charset=latin1", ids=[7])


@pytest.mark.parametrize("db", ["pymysql"], indirect=True)
def test_server_that_is_not_strict(nights):
    """A server that cuts texts without a word is told not to."""
    nights.run(ids=[])
    nights.execute("ALTER TABLE mailkit_bounce MODIFY reason VARCHAR(20) CHARACTER SET utf8mb4")
    careless = nights.db + "?sql_mode=NO_ENGINE_SUBSTITUTION"
    (failure,) = sync(Given(bounce(1, reason="r" * 30)), careless, ids=[7]).failures
    assert "code 1406" in str(failure) and "rrr" not in str(failure)
    assert nights.select("SELECT COUNT(*) FROM mailkit_bounce") == [(0,)]


@pytest.mark.parametrize("db", SERVERS, indirect=True)
def test_row_that_the_database_refuses(nights):
    """A delivery that the database refuses fails, with nothing of the row in the text, and the others are written."""
    nights.run(ids=[])
    kind = "VARCHAR(20) CHARACTER SET utf8mb4" if "mysql" in nights.db else "TYPE VARCHAR(20)"
    verb = "MODIFY" if "mysql" in nights.db else "ALTER COLUMN"
    nights.execute("ALTER TABLE mailkit_bounce {} reason {}".format(verb, kind))
    nights.add(1, report(3, REASON="short"))
    nights.add(2, report(3, REASON="s3cret" * 10))
    nights.add(3, report(3, REASON="short"))
    result = nights.run()
    (failure,) = result.failures
    assert (failure.id_send, result.new) == (2, 6)
    assert "s3cret" not in str(failure) + repr(vars(failure.error)) and "the database failed" in str(failure)
    del nights.reports[2]
    nights.check()
