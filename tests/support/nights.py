"""A job that runs night after night, and what must be in the database after it, read off the reports in a plain way."""

import contextlib
from datetime import datetime, timedelta, timezone

from mailkit_xmlrpc.sync import read_bounces, sync

#: columns of mailkit_bounce that tell the row itself
TOLD = (
    "id_send",
    "message_key",
    "email",
    "id_email",
    "id_user_list",
    "id_send_message",
    "date_text",
    "status",
    "email_status",
    "bounce_cat",
    "reason",
    "extra",
    "kind",
)


def row(number, **members):
    """A row of a report: one message of its own."""
    made = {
        "EMAIL": "user{}@example.com".format(number),
        "ID_EMAIL": 1000 + number,
        "ID_USER_LIST": 5,
        "ID_SEND_MESSAGE": 90000 + number,
        "DATE": "2024-03-01 08:{:02d}:00".format(number % 60),
        "STATUS": "5.1.1",
        "EMAIL_STATUS": "temporary",
        "BOUNCE_CAT": "bad-mailbox",
        "REASON": "550 no such user {}".format(number),
    }
    made.update(members)
    return made


def report(count, **members):
    """A report of so many rows."""
    return [row(number, **members) for number in range(count)]


def days_ago(days):
    """That long ago, as Mailkit would write it."""
    return (datetime.now(timezone.utc) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")


class Nights:
    """The job: ``run()`` it, and look at the tables."""

    def __init__(self, mailkit, client, db):
        import sqlalchemy

        self.mailkit = mailkit
        self.client = client
        self.reports = {}
        self.said = []
        self._sa = sqlalchemy
        self._engine = None
        self.look_at(db)

    def look_at(self, db):
        """Look at another database from now on."""
        self.close()
        self.db = db
        # A transaction may be begun by a thread of the simulator.
        options = {"connect_args": {"check_same_thread": False}} if db.startswith("sqlite") else {}
        self._engine = self._sa.create_engine(db, **options)

    def close(self):
        if self._engine is not None:
            self._engine.dispose()

    def add(self, id_send, rows, sent=3, **options):
        """Let Mailkit have the report, of a delivery that was sent so many days ago."""
        self.reports[id_send] = rows
        self.mailkit.add(id_send, rows, sent=days_ago(sent), **options)

    def run(self, **options):
        """Run the job once."""
        return sync(self.client, self.db, tell=self.said.append, **options)

    @contextlib.contextmanager
    def holding(self, id_send):
        """Another process's transaction that writes the delivery."""
        with self._engine.begin() as connection:
            query = "UPDATE mailkit_delivery SET row_count = row_count WHERE id_send = :id_send"
            connection.execute(self._sa.text(query), {"id_send": id_send})
            yield

    def select(self, query, **parameters):
        """Rows of a query, as tuples."""
        with self._engine.connect() as connection:
            return [tuple(found) for found in connection.execute(self._sa.text(query), parameters)]

    def execute(self, query, **parameters):
        """Change something behind the job's back."""
        with self._engine.begin() as connection:
            connection.execute(self._sa.text(query), parameters)

    def execute_alone(self, query):
        """Do something that cannot be done in a transaction."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(self._sa.text(query))

    def present(self):
        """The rows that are not gone, by key, as the table tells them."""
        query = "SELECT {} FROM mailkit_bounce WHERE gone_at IS NULL".format(", ".join(TOLD))
        return {found[:2]: found[2:] for found in self.select(query)}

    def times(self, id_send=None):
        """(first_seen, last_seen, changed_at, gone_at) of each row, by key."""
        query = "SELECT id_send, message_key, first_seen, last_seen, changed_at, gone_at FROM mailkit_bounce"
        found = {each[:2]: each[2:] for each in self.select(query)}
        return {key: each for key, each in found.items() if id_send in (None, key[0])}

    def expected(self):
        """What a plain reading of the reports gives, as :meth:`present` tells it."""
        return expected(self.reports)

    def check(self):
        """The rows that are not gone are those of the reports, key by key, each once."""
        assert self.present() == self.expected()

    def back(self):
        """What is read back, sorted by what tells the rows apart."""
        with read_bounces(self.db) as bounces:
            return sorted(bounces, key=lambda bounce: (bounce.id_send, bounce.id_send_message or 0, bounce.email))


def expected(reports):
    """What the table must hold, by key: a plain reading of *reports*, whose rows have ids and are all of one kind."""
    rows = {}
    for id_send, report in reports.items():
        seen = {}
        for told in sorted(report, key=lambda told: told["DATE"]):
            seen[told["ID_SEND_MESSAGE"]] = ordinal = seen.get(told["ID_SEND_MESSAGE"], 0) + 1
            key = str(told["ID_SEND_MESSAGE"]) + ("" if ordinal == 1 else "#{}".format(ordinal))
            rows[id_send, key] = (
                told["EMAIL"],
                told["ID_EMAIL"],
                told["ID_USER_LIST"],
                told["ID_SEND_MESSAGE"],
                told["DATE"].replace(" ", "T"),
                told["STATUS"],
                told["EMAIL_STATUS"],
                told["BOUNCE_CAT"],
                told["REASON"],
                "{}",
                "hard" if told["STATUS"].startswith("5") else "soft",
            )
    return rows
