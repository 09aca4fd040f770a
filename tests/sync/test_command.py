"""The command ``sync``, and commands that read what it wrote: what is said, what is printed, and the exit codes."""

import contextlib
import io
import json
import os
import re
import sys

import pytest

from mailkit_xmlrpc.cli import files, main
from mailkit_xmlrpc.simulator import Simulator
from tests.support.account import environment
from tests.support.nights import days_ago, report, row


@pytest.fixture
def job(sqlite_nights, monkeypatch, capfd):
    """``job(*arguments)``: (exit code, standard output, standard error) of ``sync``, in a user's environment."""
    for name, value in environment(sqlite_nights.mailkit.url).items():
        monkeypatch.setenv(name, value)
    for name in ("MAILKIT_DB_URL", "MAILKIT_DB_URL_FILE"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments, command="sync", db=sqlite_nights.db):
        capfd.readouterr()
        code = main([command] + ([] if db is None else ["--db", db]) + list(map(str, arguments)))
        out, err = capfd.readouterr()
        return code, out, err

    return run


def test_silent_where_all_is_well(job, sqlite_nights):
    """In cron nothing is said where all went well."""
    sqlite_nights.add(1, report(3))
    assert job() == (0, "", "")
    assert job("--jobs", 2, "--rate", 1000, "--since", "60d", "--settled-after", "10d", "--all") == (0, "", "")
    sqlite_nights.check()


def test_link_of_a_stranger(job, tmp_path, monkeypatch):
    """The database is not written to through a link that a stranger made."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o1777)
    link = tmp_path / "shared" / "x.db"
    link.symlink_to(tmp_path / "mine.db")
    real = os.lstat
    monkeypatch.setattr(
        files.os, "lstat", lambda name: os.stat_result(list(real(name))[:4] + [4321] + list(real(name))[5:])
    )
    code, _, err = job(db=str(link))
    assert code == 2 and "--db {} leads through {}, a symbolic link that somebody else put".format(link, link) in err
    assert not (tmp_path / "mine.db").exists()


def test_terminal_is_told(job, sqlite_nights, monkeypatch):
    """On a terminal it shows how far it is, and says in the end what was done."""
    stream = io.StringIO()
    stream.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    for id_send in (1, 2):
        sqlite_nights.add(id_send, report(3))
    assert job()[0] == 0
    shown = stream.getvalue()
    assert "2 of 2" in shown
    last = "mailkit-bounces: deliveries: 2 asked, 0 failed, 0 settled; rows: 6 new, 0 changed, 0 unchanged, 0 gone\n"
    assert shown.endswith(last)


def test_what_is_told_meanwhile(job, sqlite_nights):
    """What a person should know comes on a line of its own."""
    sqlite_nights.run(ids=[])
    sqlite_nights.execute("UPDATE mailkit_run SET outcome = 'running', process = 'x', alive_at = '2020-01-01 00:00:00'")
    code, _, err = job(1)
    assert code == 5 and re.match("mailkit-bounces: run 1 of .* was killed after 0 of 0 deliveries\n", err)


def test_replaced_characters(job, sqlite_nights):
    """How many characters were replaced is said, and the row is written."""
    sqlite_nights.add(1, [row(1, REASON="a\x01")])
    code, _, err = job("--on-bad-text", "replace")
    assert code == 0 and err.count("\n") == 1 and "1 forbidden character was replaced by U+FFFD" in err
    assert sqlite_nights.back()[0].reason == "a\ufffd"


class Locking:
    """A report that comes while another process begins to write the delivery."""

    def __init__(self, nights, stack):
        self.nights = nights
        self.stack = stack

    def __iter__(self):
        self.stack.enter_context(self.nights.holding(1))
        yield row(1)


def test_waiting_is_told(job, sqlite_nights, monkeypatch):
    """That another process is waited for is said on a line of its own, also while it shows how far it is."""
    from mailkit_xmlrpc.sync import database

    monkeypatch.setattr(database, "_PATIENCE", 0.0)
    sqlite_nights.add(1, report(1))
    assert job()[0] == 0
    with contextlib.ExitStack() as stack:
        sqlite_nights.mailkit.add(1, Locking(sqlite_nights, stack))
        code, _, err = job()
    lines = err.splitlines()
    assert code == 6 and lines[0] == "mailkit-bounces: the database: another process writes it; waiting"
    assert "the database failed (OperationalError: database is locked)" in lines[-1]


def test_failures(job, sqlite_nights):
    """Each failure is said, and then what was done; the exit code is 1, or where all failed that of the first."""
    sqlite_nights.add(1, report(3))
    sqlite_nights.add(2, [{"EMAIL": {1}}])
    code, out, err = job("--retry", 1)
    lines = err.splitlines()
    assert (code, out, len(lines)) == (1, "", 2)
    assert lines[0].startswith("mailkit-bounces: ID_SEND 2: the server answered HTTP 500")
    assert lines[1].startswith("mailkit-bounces: deliveries: 2 asked, 1 failed, 0 settled; rows: 3 new")
    assert job(2, "--retry", 1)[0] == 6
    assert job(99)[0] == 5
    code, _, err = job("--campaign", 98, "--campaign", 99)
    assert code == 5 and "campaign 98: Mailkit refused the call: Invalid ID_message" in err


def test_refused(job, sqlite_nights, monkeypatch):
    """A refusal is said once, with how many deliveries have failed of it."""
    for id_send in range(1, 6):
        sqlite_nights.add(id_send, report(2))
    sqlite_nights.mailkit.refuse("Disallowed IP 192.0.2.1", after=2)
    code, _, err = job()
    lines = err.splitlines()
    assert (code, len(lines)) == (1, 3)
    assert "Disallowed IP 192.0.2.1" in lines[0] and lines[1].endswith(
        "2 more deliveries have failed for the same reason"
    )
    assert job()[0] == 4
    sqlite_nights.mailkit.heal()
    monkeypatch.setenv("MAILKIT_CLIENT_MD5", "wrong")
    assert job()[0] == 3


def test_json(job, sqlite_nights):
    """The result for machines is one line of JSON, whatever happened."""
    sqlite_nights.add(1, report(3))
    code, out, err = job("--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert (told["asked"], told["written"], told["new"], told["failures"]) == (1, 1, 3, [])
    code, out, _ = job("--json", 99)
    assert json.loads(out)["failures"][0]["error"] == "InvalidSendIdError"


def test_dry_run(job, sqlite_nights, tmp_path):
    """A dry run says what would be written, and makes no file."""
    sqlite_nights.add(1, report(3))
    path = tmp_path / "new.db"
    code, _, err = job("--dry-run", db=str(path))
    assert code == 0 and err.endswith("rows: 3 new, 0 changed, 0 unchanged, 0 gone; nothing was written\n")
    assert not path.exists()


def test_nothing_found(job, sqlite_nights, tmp_path):
    """That no delivery was found is said, and is a failure where that is asked for."""
    assert job() == (0, "", "mailkit-bounces: no delivery was found; --since says how far back is looked\n")
    assert job("--fail-if-empty")[0] == 8
    (tmp_path / "ids").write_text("")
    sqlite_nights.mailkit.campaigns[5] = []
    for chosen in (["--ids-from", tmp_path / "ids", "--allow-empty"], ["--campaign", 5]):
        code, _, err = job(*chosen)
        assert code == 0 and err.endswith("mailkit-bounces: no delivery was found\n")
    assert "--since says" in job("--campaign", 5, "--since", "10d")[2]


def test_sample_deliveries_of_the_simulator(job, monkeypatch, tmp_path):
    """The simulator as it stands has deliveries of 2014, as the pages say: README, tutorial, nightly and alerts."""
    db = str(tmp_path / "try.db")
    with Simulator() as mailkit:
        for name, value in mailkit.environment.items():
            monkeypatch.setenv(name, value)
        assert job(db=db)[2].endswith("no delivery was found; --since says how far back is looked\n")
        assert job("--since", "2014-01-01", db=db) == (0, "", "")
    limits = ("--fail-if", "all>2", "--fail-if", "hard>2%")
    checked = job("--deliveries-since", "2014-01-01", "--max-age", "30h", *limits, command="check", db=db)
    assert checked == (8, "mailkit-bounces: all>2 (3)\n", "")


def test_ids(job, sqlite_nights, tmp_path):
    """Deliveries may be given, on the command line and in a file; nothing else is asked for."""
    sqlite_nights.add(1, report(1), sent=100)
    sqlite_nights.add(2, report(2), sent=100)
    ids = tmp_path / "ids"
    ids.write_text("2\n1\n")
    code, _, err = job(1, "--ids-from", ids)
    assert (code, err) == (0, "mailkit-bounces: 1 ID_SEND was given more than once; each is fetched once\n")
    sqlite_nights.check()
    for wrong in (["--campaign", 5], ["--since", "30d"]):
        code, _, err = job(1, *wrong)
        assert code == 2 and err == "mailkit-bounces: give deliveries, or --campaign and --since\n"


def test_forget(job, sqlite_nights):
    """What is older is deleted first, on request."""
    sqlite_nights.add(1, report(3) + [row(9, DATE=days_ago(3))])
    assert job()[0] == 0
    _, _, err = job("--forget-before", "400d", "--dry-run", "--since", "1h")
    assert err.endswith(" 0 gone, 3 forgotten; nothing was written\n")
    _, out, _ = job("--forget-before", "400d", "--json", "--campaign", "12345", "--since", "1h")
    assert json.loads(out)["forgotten"] == 3


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--since", "soon"], "--since must be a date like 2024-03-01, or a span like 30d or 12h"),
        (["--settled-after", "2024-03-01"], "--settled-after must be a span like 30d or 12h"),
        (["--forget-before", "never"], "--forget-before must be a date like 2024-03-01, or a span like 30d or 12h"),
        (["--forget-before", "3d"], "forget_before must be longer ago than --since: what is deleted would come back"),
    ],
)
def test_options_that_cannot_be_used(job, arguments, words):
    """What cannot be used is named as the option that it is."""
    assert job(*arguments) == (2, "", "mailkit-bounces: {}\n".format(words.replace("forget_before", "--forget-before")))


# --- the database -----------------------------------------------------------------------------------------------------


def test_database_of_the_environment(job, sqlite_nights, monkeypatch, tmp_path):
    """A URL may come from the environment or from a file; one of them."""
    sqlite_nights.add(1, report(3))
    code, _, err = job(db=None)
    assert (code, err) == (2, "mailkit-bounces: give --db FILE or URL, or set MAILKIT_DB_URL or MAILKIT_DB_URL_FILE\n")
    monkeypatch.setenv("MAILKIT_DB_URL", sqlite_nights.db)
    assert job(db=None) == (0, "", "")
    assert json.loads(job("-o", "json", command="summary", db=None)[1])["bounces"] == 3
    path = tmp_path / "url"
    path.write_text(sqlite_nights.db + "\n")
    monkeypatch.setenv("MAILKIT_DB_URL_FILE", str(path))
    code, _, err = job(db=None)
    assert (code, err) == (2, "mailkit-bounces: MAILKIT_DB_URL and MAILKIT_DB_URL_FILE are both set; set one of them\n")
    monkeypatch.delenv("MAILKIT_DB_URL")
    assert job(db=None) == (0, "", "")
    monkeypatch.setenv("MAILKIT_DB_URL_FILE", str(tmp_path / "none"))
    code, _, err = job(db=None)
    assert code == 2 and "MAILKIT_DB_URL_FILE" in err


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret@host/name",
        "postgresql+psycopg://user:s3/cr@t@host/name",
        "mysql+pymysql://host/name?user=x&password=s3cret",
        "postgresql://host/name?passfile=s3cret",
        "postgresql://:s3cret@host",
    ],
)
@pytest.mark.parametrize("command", ["sync", "summary", "suppress", "report"])
def test_password_is_no_argument(job, url, command):
    """A URL with a password is refused, with the names of what takes it, and not shown."""
    code, out, err = job(*(["-O", "x"] if command == "report" else []), command=command, db=url)
    assert code == 2 and "s3" not in out + err
    assert "a password is never an argument" in err and "MAILKIT_DB_URL," in err and "MAILKIT_DB_URL_FILE" in err


def test_database_that_fails(job, tmp_path):
    """A database that fails is this machine's matter; one of another kind is the user's."""
    code, _, err = job(db=str(tmp_path))
    assert (code, err) == (2, "mailkit-bounces: --db {} is a directory\n".format(tmp_path))
    code, _, err = job(db="sqlite:///{}".format(tmp_path))
    assert code == 6 and "unable to open database file; may this user read and write it?)" in err
    other = tmp_path / "other"
    other.write_bytes(b"precious" * 200)
    code, _, err = job(db=str(other))
    assert (code, err.count("file is not a database")) == (2, 1) and other.read_bytes() == b"precious" * 200


def test_print_ddl(job, tmp_path):
    """The statements are printed, and nothing is made."""
    path = tmp_path / "none.db"
    code, out, err = job("--print-ddl", db=str(path))
    assert (code, err, out.count("CREATE TABLE ")) == (0, "", 4) and not path.exists()
    assert all(line == line.rstrip() and "\t" not in line for line in out.splitlines())


def test_without_sqlalchemy(job, monkeypatch):
    """Without SQLAlchemy the extra is named."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    for arguments in ((), ("--print-ddl",)):
        code, _, err = job(*arguments)
        assert (code, err) == (
            2,
            "mailkit-bounces: a database needs SQLAlchemy, the extra sync: pip install SQLAlchemy\n",
        )


# --- read back --------------------------------------------------------------------------------------------------------


def test_commands_that_read(job, sqlite_nights, tmp_path):
    """Each message counts once, in its newest state; what is left out is said; and deliveries may be chosen by age."""
    sqlite_nights.add(1, report(4) + [row(1, DATE="2024-04-01 00:00:00", BOUNCE_CAT="", STATUS="4.0.0")], sent=40)
    sqlite_nights.add(2, report(2), sent=3)
    assert job("--since", "60d") == (0, "", "")
    sqlite_nights.add(1, report(3) + [row(1, DATE="2024-04-01 00:00:00", BOUNCE_CAT="", STATUS="4.0.0")], sent=40)
    assert job("--since", "60d", "--all") == (0, "", "")
    code, out, err = job("-o", "json", command="summary")
    told = json.loads(out)
    assert (code, told["bounces"], told["repeated"], told["by_delivery"]) == (0, 5, 1, {"1": 3, "2": 2})
    assert told["by_kind"]["soft"] == 1
    assert "1 row is not counted: a later row tells of the same message" in err
    assert "1 row is not counted: the newest report no longer has it" in err
    _, out, _ = job("-o", "json", "--deliveries-since", "30d", "--kind", "hard", command="summary")
    assert json.loads(out)["by_delivery"] == {"2": 2}
    _, out, _ = job("-o", "jsonl", command="suppress")
    assert len(out.splitlines()) == 3
    path = tmp_path / "bounces.db"
    code, out, err = job("-o", "json", "--from", path, command="summary", db=None)
    assert dict(json.loads(out), sent=2000, share=5 / 2000) == told
    assert "1 row is not counted: the newest report no longer has it" in err


def test_report_of_a_database(job, sqlite_nights, tmp_path):
    """The page can be made of a database."""
    pytest.importorskip("jinja2", reason="the page needs the extra report")
    sqlite_nights.add(1, report(4))
    job()
    assert job("-O", tmp_path / "page.html", command="report")[0] == 0
    assert "user1@example.com" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_page_of_a_database_names_its_deliveries(job, sqlite_nights, tmp_path):
    """Subject, date and number sent come from the database; the period before is compared; unread reports are told."""
    pytest.importorskip("jinja2", reason="the page needs the extra report")
    sqlite_nights.add(1, report(4), sent=40, subject="Older news", send_count=80)
    sqlite_nights.add(2, report(2), subject="Newer news", send_count=50)
    sqlite_nights.add(3, [], subject="Quiet news", send_count=50)
    job("--since", "60d")
    path = tmp_path / "page.html"
    assert job("--deliveries-since", "30d", "-O", path, command="report")[0] == 0
    page = path.read_text(encoding="utf-8")
    assert "Newer news" in page and "Older news" not in page
    assert "2 deliveries; 1 had no bounce" in page and "of the 100 messages sent" in page
    assert "Compared with the period before" in page and "4 (5.0\u00a0%)" in page and "2 (2.0\u00a0%)" in page
    for given in ([], ["--deliveries-since", "50d"]):
        assert job("-O", path, *given, command="report")[0] == 0
        assert "Compared" not in path.read_text(encoding="utf-8")
    # Filters by date would leave out all rows of the period before.
    code, _, err = job("--deliveries-since", "30d", "--since", "30d", "-O", path, command="report")
    assert code == 0 and "no comparison with the period before" in err
    assert "Compared" not in path.read_text(encoding="utf-8")
    sqlite_nights.execute("UPDATE mailkit_delivery SET fetched_at = NULL, last_error = 'no answer' WHERE id_send = 3")
    code, _, err = job("--deliveries-since", "30d", "-O", path, command="report")
    assert code == 1 and "the delivery with ID_SEND 3 is missing: it could not be read" in err
    assert "delivery 3.</strong> It could not be read: no answer" in path.read_text(encoding="utf-8")
    assert job("--deliveries-since", "3000000d", "-O", path, command="report")[0] == 2
    assert job("--deliveries-since", "400000d", "-O", path, command="report")[0] == 1


ONE_SOURCE = "give the ID_SEND of deliveries (or --campaign, --ids-from), --from FILE, or --db FILE or URL"


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([7], ONE_SOURCE),
        (["--from", "x"], ONE_SOURCE),
        (
            ["--deliveries-since", "soon"],
            "--deliveries-since must be a date like 2024-03-01, or a span like 30d or 12h",
        ),
        ([], "the database: there is no such file, or no table of sync in the database: run sync first"),
    ],
)
def test_sources_that_cannot_be_used(job, arguments, words):
    """A command reads from one source, which must be there."""
    assert job(*arguments, command="summary") == (2, "", "mailkit-bounces: {}\n".format(words))


def test_deliveries_since_needs_a_database(job):
    """--deliveries-since is about a database."""
    code, _, err = job("--deliveries-since", "30d", 7, command="summary", db=None)
    assert (code, err) == (2, "mailkit-bounces: --deliveries-since goes with --db\n")
