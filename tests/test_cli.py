"""The command line: formats, exit codes, where the MD5 comes from, and how it ends when others end it."""
import contextlib
import getpass
import io
import json
import logging
import os
import runpy
import signal
import socket
import subprocess
import sys
from datetime import datetime

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import _account, exceptions
from mailkit_xmlrpc.bounce import Bounce
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.simulator import Simulator

MD5 = "0123456789abcdef0123456789abcdef"
HINT = (
    "mailkit-bounces: set MAILKIT_CLIENT_ID (or --client-id) and MAILKIT_CLIENT_MD5 or MAILKIT_CLIENT_MD5_FILE "
    "(or --md5-file); both values stand in your Mailkit account under Profile / Integration\n"
)
HEADER = "id_send,email,id_email,id_user_list,id_send_message,date,status,email_status,bounce_cat,reason,extra\n"
ROWS = [
    {"EMAIL": "user@example.com", "DATE": "2014-12-23 12:36:02", "STATUS": "5.1.1", "REASON": "Schránka =plná"},
    {"EMAIL": "=cmd@example.com", "ID_EMAIL": 1 << 40, "EXTRA": "\x7f"},
]
CSV = (
    HEADER + "7,user@example.com,,,,2014-12-23T12:36:02,5.1.1,,,Schránka =plná,{}\n"
    '7,\'=cmd@example.com,1099511627776,,,,,,,,"{""EXTRA"": ""\\u007f""}"\n'
)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """No setting of whoever runs the tests is seen; a terminal has 80 columns."""
    for name in list(os.environ):
        if name.startswith("MAILKIT_CLIENT_") or name == "MAILKIT_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def account(monkeypatch):
    """The environment of a user of a simulator that has two reports: 7 with two rows, 8 with none."""
    with Simulator(reports={7: ROWS, 8: []}) as simulator:
        monkeypatch.setenv("MAILKIT_CLIENT_ID", "1234567")
        monkeypatch.setenv("MAILKIT_CLIENT_MD5", MD5)
        monkeypatch.setenv("MAILKIT_URL", simulator.url)
        yield simulator


class FakeClient:
    """A client whose reports are given: rows, and perhaps an exception at their end (or as the whole report)."""

    reports = {}  # type: dict

    @classmethod
    def from_env(cls, **options):
        return cls()

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
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


@pytest.fixture
def fake(monkeypatch):
    """Put the fake in the client's place; return the dict of its reports."""
    monkeypatch.setattr(_account, "MailkitClient", FakeClient)
    monkeypatch.setattr(FakeClient, "reports", {})
    return FakeClient.reports


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
    lines = terminal.bytes.getvalue().decode("ascii").splitlines()
    assert lines[0].split() == HEADER.strip().split(",")
    assert lines[2].split() == ["7", "user@example.com", "2014-12-23T12:36:02", "5.1.1", r"Schr\xe1nka", r"=pln\xe1"]


def test_fetch_raw_on_a_terminal_shows_no_control_character(fake, monkeypatch):
    """--raw is for machines: a terminal gets no escape sequence even so."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    fake[1] = [Bounce(1, "=\x1b[31m", None, None, None, None, "", "", "", "")]
    assert main(["fetch", "1", "-o", "tsv", "--raw"]) == 0
    assert b"\t=\\x1b[31m\t" in terminal.bytes.getvalue()


@pytest.mark.parametrize("output, expected", [("csv", HEADER), ("json", "[]\n"), ("jsonl", "")])
def test_fetch_of_an_empty_report_succeeds(account, capsys, output, expected):
    """No bounces is an answer: exit 0 and an empty report."""
    assert main(["fetch", "8", "-o", output]) == 0
    assert capsys.readouterr() == (expected, "")


def test_fetch_of_several_is_one_report(account, capsys):
    """Rows of several deliveries come in one output, each with its id_send."""
    assert main(["fetch", "7", "8", "7", "-o", "json"]) == 0
    assert [row["id_send"] for row in json.loads(capsys.readouterr().out)] == [7, 7, 7, 7]


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
    assert len(lines) == 5
    assert [line.split()[1] for line in lines[2:]] == [
        "mail@mail.com",
        "adresa1@nejakadomena.cz",
        "adresa2@nejakadomena.cz",
    ]
    assert lines[2] == (
        "123456   mail@mail.com            49872054    123           1234567890       2014-12-23T12:36:02  "
        "4.4.2   temporary     bad-mailbox   Bad Mailbox"
    )
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
    assert capsys.readouterr() == ("", "mailkit-bounces: {}\n".format(error))


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
    assert out == "" and err.startswith("usage: mailkit-bounces")


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


# --- the account -----------------------------------------------------------------------------------------------------


def test_configuration_missing_says_where_it_comes_from(capsys):
    """Without settings the exit code is 2 and stderr says where they come from."""
    assert main(["fetch", "1"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("mailkit-bounces: ") and err.endswith(HINT) and err.count("\n") == 2


@pytest.mark.parametrize("by_option", [True, False])
def test_md5_from_a_file(account, monkeypatch, tmp_path, capsys, by_option):
    """The MD5 may stand in a file, named by --md5-file (which counts more) or by the environment."""
    path = tmp_path / "md5"
    path.write_text(MD5 + "\n")
    if by_option:
        monkeypatch.setenv("MAILKIT_CLIENT_MD5", "wrong")
    else:
        monkeypatch.delenv("MAILKIT_CLIENT_MD5")
        monkeypatch.setenv("MAILKIT_CLIENT_MD5_FILE", str(path))
    assert main(["fetch", "8"] + (["--md5-file", str(path)] if by_option else [])) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_md5_file_that_cannot_be_read(account, tmp_path, capsys, content):
    """A file that is not there or not text is a configuration error."""
    path = tmp_path / "md5"
    if content is not None:
        path.write_bytes(content)
    assert main(["fetch", "8", "--md5-file", str(path)]) == 2
    assert capsys.readouterr().err == "mailkit-bounces: the file of --md5-file cannot be read as text\n" + HINT


def sit_at_a_terminal(monkeypatch, typed):
    """Make stdin and stderr terminals and return *typed* (or raise it) at the prompt."""

    def prompt(text):
        prompts.append(text)
        if isinstance(typed, BaseException):
            raise typed
        return typed

    prompts = []
    monkeypatch.delenv("MAILKIT_CLIENT_MD5", raising=False)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(getpass, "getpass", prompt)
    return prompts


def test_md5_is_asked_for_on_a_terminal(account, monkeypatch):
    """Where the MD5 is missing and somebody sits there, it is asked for without echo."""
    prompts = sit_at_a_terminal(monkeypatch, " " + MD5 + " ")
    assert main(["fetch", "8"]) == 0
    assert prompts == ["MD5 (Mailkit account, Profile / Integration): "]


@pytest.mark.parametrize("typed, code", [(EOFError(), 2), ("", 2), (KeyboardInterrupt(), 130)])
def test_md5_that_is_not_typed(account, monkeypatch, typed, code):
    """An empty or refused prompt is a configuration error, Ctrl-C an interruption."""
    sit_at_a_terminal(monkeypatch, typed)
    assert main(["fetch", "8"]) == code


@pytest.mark.parametrize("name", ["stdin", "stderr"])
def test_md5_is_not_asked_for_without_a_terminal(account, monkeypatch, name):
    """A job without a terminal, or without the stream at all, is never left waiting at a prompt."""
    for stream in (io.StringIO(), None):
        prompts = sit_at_a_terminal(monkeypatch, MD5)
        monkeypatch.setattr(sys, name, stream)
        assert main(["fetch", "8"]) == 2
        assert prompts == []


def test_verbose_logs_to_stderr_without_the_md5(account, capsys):
    """-v shows the package's log for this run, and takes its handler away again."""
    logger = logging.getLogger("mailkit_xmlrpc")
    before = (list(logger.handlers), logger.level)
    assert main(["fetch", "7", "-v"]) == 0
    err = capsys.readouterr().err
    assert "mailkit.report.message.bounces" in err and MD5 not in err
    assert (list(logger.handlers), logger.level) == before
    main(["fetch", "7"])
    assert capsys.readouterr().err == ""


# --- others end it ---------------------------------------------------------------------------------------------------


@pytest.fixture
def broken_stdout(monkeypatch):
    """Standard output is a pipe that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        yield stream


@pytest.mark.parametrize("count", [1, 20000])
def test_reader_that_goes_away_is_no_failure(fake, broken_stdout, capsys, count):
    """A closed pipe ends the run silently with 0, whether it shows at once or at the end."""
    fake[1] = (row(number) for number in range(count))
    assert main(["fetch", "1"]) == 0
    assert capsys.readouterr().err == ""


def test_reader_that_goes_away_hides_no_failure(fake, broken_stdout):
    """A delivery that failed before the pipe was closed still counts."""
    fake.update({1: exceptions.FaultError(1, "x"), 2: [row(1)]})
    assert main(["fetch", "1", "2", "--keep-going"]) == 1


def test_error_counts_more_than_a_closed_pipe(fake, broken_stdout):
    """A report that failed is a failure, although its rows could not be printed either."""
    fake[1] = [row(1), exceptions.MalformedResponseError("x")]
    assert main(["fetch", "1"]) == 7


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_disk_that_is_full_is_6(fake, monkeypatch, capsys):
    """Output that cannot be written is this machine's failure."""
    fake[1] = [row(1)]
    with open("/dev/full", "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["fetch", "1"]) == 6
    assert capsys.readouterr().err == "mailkit-bounces: this machine could not do its part: No space left on device\n"


def test_stdout_that_is_closed_is_6(fake, monkeypatch, capsys):
    """A program started without a standard output cannot do its work, and says so."""
    fake[1] = [row(1)]
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["fetch", "1"]) == 6
    assert capsys.readouterr().err == "mailkit-bounces: this machine could not do its part: standard output is closed\n"


def test_stderr_that_is_closed_changes_nothing(fake, monkeypatch, capsys):
    """Without a standard error the exit code still tells, and nothing gets into the data."""
    fake[1] = exceptions.UnauthorizedError()
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["fetch", "1"]) == 3
    assert capsys.readouterr().out == ""


def test_interrupt_is_130(fake, capsys):
    """Ctrl-C ends the run with 130 and no traceback; rows already there are printed."""
    fake[1] = [row(1), KeyboardInterrupt()]
    assert main(["fetch", "1"]) == 130
    out, err = capsys.readouterr()
    assert out.count("\n") == 1 and err == "mailkit-bounces: interrupted\n"


# --- as a program ----------------------------------------------------------------------------------------------------


def test_main_module_runs_the_command(monkeypatch, capsys):
    """python -m mailkit_xmlrpc is the command; importing the module is not."""
    monkeypatch.delitem(sys.modules, "mailkit_xmlrpc.__main__", raising=False)
    monkeypatch.setattr(sys, "argv", ["x", "--version"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("mailkit_xmlrpc", run_name="__main__")
    assert caught.value.code == 0
    assert capsys.readouterr().out == "mailkit-bounces {}\n".format(mailkit_xmlrpc.__version__)
    runpy.run_module("mailkit_xmlrpc.__main__")
    assert capsys.readouterr().out == ""


def start(*arguments, **environment):
    """Start the command in a process of its own, under which Ctrl-C works even where the shell switched it off."""
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from mailkit_xmlrpc.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    return spawn(["-c", code] + list(arguments), environment)


def spawn(arguments, environment):
    """Start Python with warnings as errors; the package is the one that is tested."""
    where = os.path.dirname(os.path.dirname(os.path.abspath(mailkit_xmlrpc.__file__)))
    return subprocess.Popen(
        [sys.executable, "-W", "error"] + arguments,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=where, **environment),
    )  # fmt: skip


def test_program_demo():
    """python -m mailkit_xmlrpc demo prints the table, exits 0 and leaves no warning."""
    out, err = spawn(["-m", "mailkit_xmlrpc", "demo"], {}).communicate(timeout=60)
    assert len(out.splitlines()) == 5 and b"adresa2@nejakadomena.cz" in out
    assert b"Warning" not in err and b"Traceback" not in err


def test_program_in_the_c_locale_writes_utf_8(account):
    """Data is UTF-8 with plain line feeds although the locale knows ASCII only."""
    process = start("fetch", "7", "-o", "csv", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert process.communicate(timeout=60) == (CSV.encode("utf-8"), b"")
    assert process.returncode == 0


def test_program_whose_reader_reads_one_line():
    """Like | head -1: no traceback, not even when the interpreter ends, and exit 0."""
    with Simulator(reports={7: ROWS * 5000}) as simulator:
        process = start("fetch", "7", MAILKIT_CLIENT_ID="1234567", MAILKIT_CLIENT_MD5=MD5, MAILKIT_URL=simulator.url)
        assert json.loads(process.stdout.readline().decode("utf-8"))["id_send"] == 7
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
        process.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_program_that_is_interrupted_in_a_call():
    """Ctrl-C while the server is silent ends with 130 and one line."""
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        listener.settimeout(60)
        url = "http://127.0.0.1:{}/".format(listener.getsockname()[1])
        process = start("fetch", "7", MAILKIT_CLIENT_ID="1234567", MAILKIT_CLIENT_MD5=MD5, MAILKIT_URL=url)
        connection = listener.accept()[0]
        with contextlib.closing(connection):
            assert connection.recv(1)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=60) == (b"", b"mailkit-bounces: interrupted\n")
    assert process.returncode == 130
