"""What cannot be done is said in one line with the option's own name: no traceback, no advice about something else."""

import builtins

import pytest

from mailkit_xmlrpc import Bounce, MailkitClient, Retry
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.cli.formats.database import store
from mailkit_xmlrpc.simulator import Simulator
from tests.support.account import MD5

ABOUT_THE_ACCOUNT = "in your Mailkit account under Profile / Integration"


@pytest.fixture(autouse=True)
def account(use_account):
    """A simulator with the report 7 in campaign 70, and its account in the environment."""
    with Simulator(reports={7: [{"EMAIL": "a@example.com"}]}, campaigns={70: [7]}) as simulator:
        use_account(simulator.url)
        yield simulator


@pytest.fixture
def no_sqlite(monkeypatch):
    """A Python that was built without sqlite3."""
    original = builtins.__import__

    def without(name, *arguments):
        if name == "sqlite3":
            raise ModuleNotFoundError("No module named 'sqlite3'", name=name)
        return original(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)


def told(capsys, *argv, code=2):
    """What goes to standard error when a command ends with *code*; nothing goes to standard output."""
    assert main(list(argv)) == code
    out, err = capsys.readouterr()
    assert out == ""
    return err


# --- numbers and dates without a place in time ------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["suppress"], ["report", "-O", "x"]])
@pytest.mark.parametrize("days", ["1000000000", str((1 << 63) - 1)])
def test_more_days_than_there_are(capsys, command, days):
    """--soft-days ends where time does."""
    err = told(capsys, command[0], "7", "--soft-days", days, *command[1:])
    assert "it must be at most 999999999" in err


def test_as_many_days_as_there_are(capsys):
    """The largest number of days is one."""
    assert main(["suppress", "7", "--soft-days", "999999999"]) == 0


@pytest.mark.parametrize("command", [["fetch", "--campaign", "70"], ["campaigns"], ["deliveries", "70"]])
def test_until_the_first_moment_of_all(capsys, command):
    """Before the first moment there is no other: the first day is asked for."""
    assert main(command + ["--since", "0001-01-01", "--until", "0001-01-01T00:00"]) == 0


# --- a Python without sqlite3 -----------------------------------------------------------------------------------------


def test_fetch_to_sqlite_without_it(capsys, tmp_path, no_sqlite, account):
    """A Python without sqlite3 says so, before anything is asked and without a file."""
    account.reports.clear()  # the answer would be a refusal
    err = told(capsys, "fetch", "7", "-o", "sqlite", "-O", str(tmp_path / "x.db"), code=6)
    assert err.startswith("mailkit-bounces: this Python has no sqlite3; ") and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_saved_sqlite_without_it(capsys, tmp_path, request):
    """Likewise where such a file is to be read."""
    path = str(tmp_path / "x.db")
    store([Bounce(7, "a@example.com", None, None, None, None, "", "", "", "")], path)
    request.getfixturevalue("no_sqlite")
    for command in ("summary", "suppress"):
        assert told(capsys, command, "--from", path, code=6).startswith("mailkit-bounces: this Python has no sqlite3; ")


# --- the file of the MD5 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_option", [True, False])
@pytest.mark.parametrize("content, code", [("\ufeff" + MD5 + "\r\n", 0), (MD5 + " " * 1000, 2), ("\ufeff", 2), ("", 2)])
def test_md5_file(capsys, monkeypatch, tmp_path, by_option, content, code):
    """A file is taken alike, whichever way it is named: with a byte order mark, and not cut where it is too long."""
    path = tmp_path / "md5"
    path.write_bytes(content.encode("utf-8"))
    monkeypatch.delenv("MAILKIT_CLIENT_MD5")
    if not by_option:
        monkeypatch.setenv("MAILKIT_CLIENT_MD5_FILE", str(path))
    assert main(["fetch", "7"] + (["--md5-file", str(path)] if by_option else [])) == code
    name = "--md5-file" if by_option else "MAILKIT_CLIENT_MD5_FILE"
    said = "the file of {} ({}) is too long to be it".format(name, path) in capsys.readouterr().err
    assert said is (len(content) > 1000)


# --- advice -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["fetch", "7"], ["doctor"]])
@pytest.mark.parametrize(
    "option, value, words",
    [
        ("--timeout", "nan", "timeout must be a number of seconds"),
        ("--deadline", "0", "deadline must be a number of seconds"),
        ("--rate", "0", "rate must be a number of calls per second"),
        ("--protocol", "soap", "protocol must be"),
        ("--url", "http://example.com/", "url must be an https URL"),
        ("--proxy", "ftp://proxy.example", "--proxy must be like"),
        ("--proxy", "http://user:secret@proxy.example", "--proxy: a password is never an argument"),
        ("--timeout", "1,2,3", "timeout must be a number of seconds"),
        ("--retry", "0", "--retry: '0' cannot be used: it must be a whole number of at least 1"),
        ("--max-response-bytes", "0", "--max-response-bytes: '0' cannot be used: it must be a whole number from 1"),
        ("--ca-file", "/none", "--ca-file (/none) is no file, or it cannot be seen"),
    ],
)
def test_option_that_is_not_the_accounts(capsys, command, option, value, words):
    """What has nothing to do with the account brings no advice about it."""
    assert main(command + [option, value]) == 2
    out, err = capsys.readouterr()
    assert words in out + err and "secret" not in out + err
    assert "Profile / Integration" not in out + err


def test_options_of_the_client(monkeypatch, capsys, account):
    """Each argument of the client that an error may advise reaches it."""
    given = []
    original = MailkitClient.from_env.__func__

    def from_env(cls, **options):
        given.append(options)
        return original(cls, **options)

    monkeypatch.setattr(MailkitClient, "from_env", classmethod(from_env))
    arguments = "--timeout 5,6 --retry 1 --max-response-bytes 100 --proxy p.example:1 --deadline none".split()
    err = told(capsys, "fetch", "7", *arguments, code=7)
    assert "raise --max-response-bytes if the report is that large" in err
    assert given == [
        {
            "timeout": (5.0, 6.0),
            "retry": Retry(attempts=1),
            "max_response_bytes": 100,
            "proxy": "p.example:1",
            "deadline": None,
        }
    ]


@pytest.mark.parametrize(
    "name, value",
    [
        ("MAILKIT_CLIENT_ID", ""),
        ("MAILKIT_CLIENT_ID", "0"),
        ("MAILKIT_CLIENT_ID", "x"),
        ("MAILKIT_CLIENT_MD5", ""),
        ("MAILKIT_CLIENT_MD5", "a b"),
        ("MAILKIT_CLIENT_MD5_FILE", "x"),
    ],
)
def test_setting_that_is_the_accounts(capsys, monkeypatch, name, value):
    """Whatever is wrong with API ID or MD5: it is said where both come from."""
    monkeypatch.setenv(name, value)
    both = name == "MAILKIT_CLIENT_MD5_FILE"  # which is no matter of the account
    err = told(capsys, "fetch", "7")
    assert (ABOUT_THE_ACCOUNT in err) is not both and ("set one of them" in err) is both
    assert err.count("\n") == 1 and "Profile / Integration" not in err.replace(ABOUT_THE_ACCOUNT, "")
    assert main(["doctor"]) == 2
    assert ("Profile / Integration" in capsys.readouterr().out) is not both


@pytest.mark.parametrize("command", [["campaigns"], ["deliveries", "70"], ["fetch", "--campaign", "70"]])
def test_days_of_campaigns(capsys, command):
    """Days are refused by the names that the options have."""
    assert "--since: 'x' cannot be used: a date looks like" in told(capsys, *(command + ["--since", "x"]))
    assert "--until: '2014-02-30' cannot be used: there is no such date" in told(
        capsys, *(command + ["--until", "2014-02-30"])
    )
    assert told(capsys, *(command + ["--until", "2014-12-31"])) == "mailkit-bounces: --until needs --since\n"


@pytest.mark.parametrize("command", [["campaigns"], ["deliveries", "70"]])
@pytest.mark.parametrize("until", ["2014-12-23", "2014-12-24T00:00", "2014-12-23T08:30"])
def test_days_that_are_asked_for(monkeypatch, capsys, command, until):
    """The last day is the one that --until names, or that the moment before its time is in."""
    original = MailkitClient._ask
    asked = []

    def ask(self, call):
        asked.append(dict(call.parameters))
        return original(self, call)

    monkeypatch.setattr(MailkitClient, "_ask", ask)
    assert main(command + ["--since", "2014-12-01", "--until", until]) == 0
    assert [(given["range_from"], given["range_to"]) for given in asked] == [("2014-12-01", "2014-12-23")]
