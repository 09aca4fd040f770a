"""The command line as it is called: output, exit codes, several deliveries."""

import contextlib
import io
import json
import re
import sys

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import exceptions
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.cli.errors import words_of
from mailkit_xmlrpc.model.records import Bounce
from tests.cli.given import CSV, HEADER, Terminal, row
from tests.support.account import MD5

# --- formats ---------------------------------------------------------------------------------------------------------


def test_fetch_csv_exactly(account, capsys):
    """fetch -o csv prints the report and nothing else."""
    assert main(["fetch", "7", "-o", "csv"]) == 0
    assert capsys.readouterr() == (CSV, "")


def test_fetch_raw_has_no_guard(account, capsys):
    """--raw leaves cells as they came."""
    assert main(["fetch", "7", "-o", "csv", "--raw"]) == 0
    assert capsys.readouterr().out == CSV.replace("'=", "=")


def test_fetch_in_a_pipe_is_jsonl(account, capsys):
    """What is not a terminal gets JSON lines by default."""
    assert main(["fetch", "7"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["id_send"], first["date"], first["reason"]) == (7, "2014-12-23T12:36:02", "Schránka =plná")
    assert second["extra"] == {"EXTRA": "\x7f"}


def test_fetch_on_a_terminal_is_a_table(account, monkeypatch):
    """A terminal gets a table by default, in its own encoding: what that lacks is an escape."""
    terminal = Terminal("ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["fetch", "7"]) == 0
    lines = re.sub("\x1b[^m]*m", "", terminal.bytes.getvalue().decode("ascii")).splitlines()
    assert lines[0].split() == ["date", "email", "kind", "status", "reason"]
    assert lines[2].split() == ["2014-12-23T12:36:02", "user@example.com", "hard", "5.1.1", r"Schr\xe1nka", r"=pln\xe1"]
    assert lines[-1] == "2 bounces: 1 hard, 1 unknown"


def test_fetch_raw_on_a_terminal_shows_no_control_character(fake, monkeypatch):
    """--raw is for machines: a terminal gets no escape sequence even so."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    fake[1] = [Bounce(1, "=\x1b[31m", None, None, None, None, "", "", "", "")]
    assert main(["fetch", "1", "-o", "tsv", "--raw"]) == 0
    assert b"\t=\\x1b[31m\t" in terminal.bytes.getvalue()


NONE = "mailkit-bounces: no bounces\n"


@pytest.mark.parametrize("output, expected", [("csv", HEADER), ("json", "[]\n"), ("jsonl", "")])
def test_fetch_of_an_empty_report_succeeds(account, capsys, output, expected):
    """No bounces is an answer: exit 0 and an empty report."""
    assert main(["fetch", "8", "-o", output]) == 0
    assert capsys.readouterr() == (expected, NONE)


def test_table_of_an_empty_report(account, capsys):
    """A header, no line that counts; standard error says that there are none."""
    assert main(["fetch", "8", "-o", "table"]) == 0
    assert capsys.readouterr() == ("date  email  kind  status  reason\n----  -----  ----  ------  ------\n", NONE)


def test_table_of_all_columns(account, capsys):
    """--columns all is every field."""
    assert main(["fetch", "7", "-o", "table", "--columns", "all"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split() == HEADER.strip().split(",")


def test_fetch_of_several_is_one_report(account, capsys):
    """Rows of several deliveries come in one output, each with its id_send."""
    assert main(["fetch", "7", "8", "7", "-o", "json"]) == 0
    assert [row["id_send"] for row in json.loads(capsys.readouterr().out)] == [7, 7]


def test_output_to_a_replaced_stdout(account):
    """Standard output may have been replaced by a StringIO."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(["fetch", "7", "-o", "csv"]) == 0
    assert out.getvalue() == CSV


@pytest.mark.parametrize("output", ["table", None])
def test_demo_prints_the_documented_rows(capsys, output):
    """demo prints a table of the vendor's three rows, pipe or not, and says on stderr what it is and what is next."""
    assert main(["demo"] + (["-o", output] if output else [])) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert len(lines) == 6 and lines[5] == "3 bounces: 1 hard, 2 soft"
    assert [line.split()[1] for line in lines[2:5]] == [
        "mail@mail.com",
        "adresa1@nejakadomena.cz",
        "adresa2@nejakadomena.cz",
    ]
    assert lines[2] == "2014-12-23T12:36:02  mail@mail.com            soft  4.4.2   Bad Mailbox"
    for words in ("built-in server", "placeholders replaced", "bounces fetch --client-id", "Profile / Integration"):
        assert words in err


def test_demo_needs_no_setting_and_uses_none(monkeypatch, capsys):
    """demo neither needs nor uses what the environment says of an account."""
    monkeypatch.setenv("MAILKIT_CLIENT_ID", "x")
    monkeypatch.setenv("MAILKIT_URL", "x")
    assert main(["demo", "-o", "jsonl"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


# --- exit codes ------------------------------------------------------------------------------------------------------

ERRORS = [
    (exceptions.ConfigurationError("x"), 2),
    (exceptions.UnauthorizedError(), 3),
    (exceptions.DisallowedIPError("Disallowed IP 192.0.2.1", "192.0.2.1"), 4),
    (exceptions.ApiError("x"), 5),
    (exceptions.InvalidSendIdError("Invalid ID_send", 1), 5),
    (exceptions.FaultError(1, "x"), 5),
    (exceptions.ConnectError("x"), 6),
    (exceptions.RequestTimeoutError("reading", 1.0), 6),
    (exceptions.DeadlineExceededError(1.0), 6),
    (exceptions.HTTPStatusError(503), 6),
    (exceptions.HTTPProtocolError("x"), 6),
    (exceptions.IncompleteResponseError(0), 6),
    (exceptions.LocalError("x"), 6),
    (exceptions.MalformedResponseError("x"), 7),
    (exceptions.UnsafeXMLError("x"), 7),
    (exceptions.ResponseTooLargeError(1), 7),
    (exceptions.UnexpectedShapeError("x"), 7),
]


@pytest.mark.parametrize("error, code", ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
def test_exit_code_of_each_exception(fake, capsys, error, code):
    """Each exception ends with its own code, says its text in one line on stderr, and prints nothing on stdout."""
    fake[1] = error
    assert main(["fetch", "1", "-o", "csv"]) == code
    assert capsys.readouterr() == ("", "mailkit-bounces: {}\n".format(words_of(error)))


def test_exit_code_table_is_complete():
    """No exception of the package is without a code."""
    tested = {type(error) for error, _ in ERRORS}
    roots = {exceptions.MailkitError, exceptions.TransportError, exceptions.ResponseError}
    assert tested | roots == {getattr(exceptions, name) for name in exceptions.__all__}


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["7"], 0),
        (["9"], 5),
        (["7", "--client-id", "1"], 3),
        (["7", "--url", "http://127.0.0.1:1/", "--deadline", "5", "--timeout", "1"], 6),
        (["7", "--url", "http://example.com/"], 2),
        (["7", "--timeout", "0"], 2),
        (["7", "--timeout", "5", "--deadline", "none"], 0),
    ],
)
def test_exit_code_over_http(account, capsys, monkeypatch, arguments, code):
    """The real client against the simulator ends with the documented codes."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert main(["fetch"] + arguments) == code
    assert bool(capsys.readouterr().err) is bool(code)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fetch"],
        ["fetch", "0"],
        ["fetch", "-1"],
        ["fetch", "1.5"],
        ["fetch", "\u0661"],
        ["fetch", "\u00b2"],
        ["fetch", "7" * 5000],
        ["fetch", str(1 << 63)],
        ["fetch", "1", "--timeout", "x"],
        ["fetch", "1", "-o", "xml"],
        ["fetch", "1", "--raw"],
        ["demo", "--raw"],
        ["demo", "--url", "x"],
        ["fetch", "1", "--keep"],
        ["frobnicate"],
    ],
)
def test_exit_code_of_a_wrong_usage_is_2(account, capsys, arguments):
    """What is not a command line of ours ends with 2 and a usage line, before anything is sent."""
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("mailkit-bounces") and "usage" not in err and err.count("\n") <= 3


@pytest.mark.parametrize("arguments", [["--md5", MD5], ["--client-md5=" + MD5], ["--client_md5", MD5], [MD5]])
def test_md5_as_an_argument_is_refused_and_not_repeated(account, capsys, arguments):
    """An MD5 on the command line is refused, and does not get into the error either."""
    assert main(["fetch", "1"] + arguments) == 2
    assert MD5 not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--version"], "mailkit-bounces " + mailkit_xmlrpc.__version__),
        (["--help"], "exit code:"),
        (["fetch", "--help"], "--keep-going"),
    ],
)
def test_information_is_on_stdout_in_ascii(capsys, arguments, words):
    """--version and --help print to stdout, in characters that every locale has."""
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert words in out and err == "" and out.encode("ascii")


# --- several deliveries ----------------------------------------------------------------------------------------------


def test_failure_stops_without_keep_going(fake, capsys):
    """The first failure ends the run with its own code; the rows before it were printed, JSON stays open."""
    fake.update({1: [row(1)], 2: exceptions.UnauthorizedError(), 3: [row(3)]})
    assert main(["fetch", "1", "2", "3", "-o", "json"]) == 3
    out, err = capsys.readouterr()
    assert out.count("id_email") == 1 and not out.rstrip().endswith("]")
    assert err == "mailkit-bounces: ID_SEND 2: {}\n".format(exceptions.UnauthorizedError())


def test_failure_of_some_with_keep_going_is_1(fake, capsys):
    """--keep-going asks for the others too, and says with 1 that some failed."""
    fake.update({1: [row(1)], 2: exceptions.FaultError(1, "x"), 3: [row(3)]})
    assert main(["fetch", "1", "2", "3", "-o", "json", "--keep-going"]) == 1
    out, err = capsys.readouterr()
    assert [value["id_email"] for value in json.loads(out)] == [1, 3]
    assert err == "mailkit-bounces: ID_SEND 2: {}\n".format(exceptions.FaultError(1, "x"))


@pytest.mark.parametrize("output", ["csv", "json"])
def test_failure_of_all_with_keep_going_has_the_first_code(fake, capsys, output):
    """Where all failed, nothing is printed that reads as an empty report, and the first failure's code counts."""
    fake.update({1: exceptions.MalformedResponseError("x"), 2: exceptions.FaultError(1, "x")})
    assert main(["fetch", "1", "2", "-o", output, "--keep-going"]) == 7
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 2


def test_failure_inside_a_report_says_that_its_rows_are_not_whole(fake, capsys):
    """Rows printed before a report failed are called incomplete."""
    fake[1] = [row(1), row(2), exceptions.UnexpectedShapeError("row 2")]
    assert main(["fetch", "1", "-o", "jsonl"]) == 7
    out, err = capsys.readouterr()
    assert out.count("\n") == 2
    assert err == (
        "mailkit-bounces: {}\nmailkit-bounces: the 2 rows printed of ID_SEND 1 are not its whole report\n"
    ).format(exceptions.UnexpectedShapeError("row 2"))
