"""Every command that reads, with every kind of file: whole, through a pipe, empty, cut off, without each column.

What a command says about a file is what the whole file says, or there is an error: never "0 bounces" of a file that
could not be read, was never written to its end, or lacks what decides.
"""

import io
import itertools
import json
import os
import sqlite3
import threading

import pytest

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.cli.formats import render
from mailkit_xmlrpc.cli.formats.columns import COLUMNS
from mailkit_xmlrpc.cli.formats.database import store
from tests.cli.given import run

ROWS = [
    Bounce(7, "a@example.com", 1, None, 1, None, "5.1.1", "", "bad-mailbox", "x" * 100, {}),
    Bounce(7, "b@example.com", 2, None, 2, None, "5.1.1", "", "bad-mailbox", "y", {}),
    Bounce(7, "c@example.org", 3, None, 3, None, "5.7.1", "", "spam-related", "z", {}),
]
#: each prints to standard output what it makes of the rows
COMMANDS = {
    "summary": ["summary", "-o", "json"],
    "suppress": ["suppress", "-o", "jsonl", "--soft-count", "1"],
    "report": ["report", "-O", "-"],
}
DECIDING = {"summary": "id_send email status bounce_cat".split()}
DECIDING["report"] = DECIDING["summary"]
DECIDING["suppress"] = DECIDING["summary"] + ["date", "id_email"]
FORMATS = ("jsonl", "json", "csv", "tsv", "sqlite")


@pytest.fixture(params=sorted(COMMANDS))
def command(request):
    """(its name, its arguments) of each command that reads rows."""
    if request.param == "report":
        pytest.importorskip("jinja2", reason="the page needs the extra report")
    return request.param, COMMANDS[request.param]


def content(tmp_path, output, rows=ROWS, columns=COLUMNS):
    """The bytes of a file in the format *output*."""
    if output != "sqlite":
        return "".join(render(rows, output, columns=columns)).encode("utf-8")
    store(rows, str(tmp_path / "x.db"))
    return (tmp_path / "x.db").read_bytes()


def piped(stack, data):
    """The path of a pipe that *data* come through, as a shell's <( ) makes it, three bytes first."""
    reading, writing = os.pipe()

    def feed():
        with open(writing, "wb", 0) as file:
            for piece in (data[:3], data[3:]):
                file.write(piece)

    thread = threading.Thread(target=feed)
    thread.start()
    stack.append(lambda: (thread.join(), os.close(reading)))
    return "/dev/fd/{}".format(reading)


@pytest.fixture
def place(request, tmp_path, monkeypatch):
    """``place(how, data)``: the path under which *data* can be read."""
    ends = []

    def put(how, data):
        if how == "pipe":
            return piped(ends, data)
        if how == "-":
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
            return "-"
        (tmp_path / "rows").write_bytes(data)
        return str(tmp_path / "rows")

    yield put
    for end in ends:
        end()


def numbers(name, out):
    """What the command printed, as far as it depends on the rows."""
    if name == "summary":
        return json.loads(out)
    return out


@pytest.mark.parametrize("output", FORMATS[:-1])
@pytest.mark.parametrize("how", ["pipe", "-"])
def test_pipe_says_what_the_file_says(capfd, tmp_path, place, command, how, output):
    """Through a pipe, or standard input, every row counts: the beginning is not lost."""
    name, arguments = command
    data = content(tmp_path, output)
    expected = run(capfd, *arguments, "--from", place("file", data))
    found = run(capfd, *arguments, "--from", place(how, data))
    assert numbers(name, found.out) == numbers(name, expected.out)
    assert found.err.count("\n") == expected.err.count("\n")


@pytest.mark.parametrize("output", FORMATS)
def test_file_says_what_it_holds(capfd, tmp_path, place, command, output):
    """All rows of a file in any format count."""
    name, arguments = command
    out = run(capfd, *arguments, "--from", place("file", content(tmp_path, output))).out
    if name == "summary":
        assert json.loads(out)["by_kind"] == {"hard": 2, "soft": 0, "block": 1, "unknown": 0}
    else:
        assert "a@example.com" in out and "b@example.com" in out


@pytest.mark.parametrize("how", ["pipe", "-"])
def test_database_through_a_pipe(capfd, tmp_path, place, command, how):
    """A database has no beginning and no end: it must be a file, and that is said."""
    data = content(tmp_path, "sqlite")
    err = run(capfd, *command[1], "--from", place(how, data), code=2).err
    assert "is a database: it must be given as a file, not as a pipe" in err and err.count("\n") == 1


@pytest.mark.parametrize("how, data", list(itertools.product(["file", "pipe", "-"], [b"", b"\xef\xbb\xbf"])))
def test_nothing(capfd, place, command, how, data):
    """A file of nothing is what a failed command leaves: it is refused, unless it is said to be an empty report."""
    name, arguments = command
    err = run(capfd, *arguments, "--from", place(how, data), code=2).err
    assert "is empty, as a command that failed leaves it" in err and "--allow-empty" in err
    out = run(capfd, *arguments, "--allow-empty", "--from", place(how, data)).out
    assert "Mailkit said" not in out
    if name == "summary":
        assert json.loads(out)["bounces"] == 0


@pytest.mark.parametrize("output", ["json", "csv", "tsv", "sqlite"])
def test_empty_report(capfd, tmp_path, place, command, output):
    """An empty report that says so is one; nobody claims that Mailkit said it."""
    out = run(capfd, *command[1], "--from", place("file", content(tmp_path, output, []))).out
    assert "Mailkit said" not in out and "@example" not in out


@pytest.mark.parametrize("output", FORMATS)
def test_cut_off(capfd, tmp_path, place, command, output):
    """A file that ends at any byte but at the end of a row is refused; there it is what it holds, if anything."""
    data = content(tmp_path, output)
    ends = (
        {at + 1 for at in range(len(data)) if data[at : at + 1] == b"\n"}
        if output in ("jsonl", "csv", "tsv")
        else set()
    )
    if output == "jsonl":
        ends |= {end - 1 for end in ends}  # the object is whole
    if output == "json":
        ends = {len(data) - 1}
    step = 29 if output != "sqlite" else 1500
    for length in range(1, len(data), step):
        if length not in ends:
            captured = run(capfd, *command[1], "--from", place("file", data[:length]), code=2)
            assert captured.out == "" and captured.err.count("\n") <= 2


@pytest.mark.parametrize("output", ["jsonl", "json", "csv", "tsv"])
@pytest.mark.parametrize("without", COLUMNS)
def test_without_a_column(capfd, tmp_path, place, command, output, without):
    """A file without a column that decides is refused, and the text names it; any other column may be missing."""
    name, arguments = command
    columns = [column for column in COLUMNS if column != without]
    path = place("file", content(tmp_path, output, columns=columns))
    needed = without in DECIDING[name]
    err = run(capfd, *arguments, "--from", path, code=2 if needed else 0).err
    assert ("--from {} lacks columns that this command needs: {} (row 1)".format(path, without) in err) is needed
    assert ("has no column id_send_message" in err) is (without == "id_send_message")


@pytest.mark.parametrize("bound", ["--since", "--until"])
def test_time_without_a_date(capfd, tmp_path, place, command, bound):
    """Who asks for a time needs dates: without that column all rows would be left out."""
    columns = [column for column in COLUMNS if column != "date"]
    path = place("file", content(tmp_path, "csv", columns=columns))
    assert "this command needs: date" in run(capfd, *command[1], "--from", path, bound, "2024-03-01", code=2).err


TABLES_OF_OTHERS = (
    ("x (y)", "no such table"),
    ("mailkit_bounce (id_send, email)", "no such column"),
    ("bounces (id_send, email)", "the file was written by a fetch that was never released"),
)


def test_database_of_others(capfd, tmp_path, command):
    """A database without our table or without a column of it is refused; one of a fetch of old says so."""
    for number, (table, words) in enumerate(TABLES_OF_OTHERS):
        path = tmp_path / "other{}.db".format(number)
        database = sqlite3.connect(str(path))
        database.execute("CREATE TABLE " + table)
        database.commit()
        database.close()
        err = run(capfd, *command[1], "--from", path, code=2).err
        assert "--from {} cannot be read: {}".format(path, words) in err


def test_several_files(capfd, tmp_path, command):
    """--from given twice reads both files, one after the other."""
    paths = []
    for number in range(2):
        paths.append(tmp_path / "rows{}".format(number))
        paths[-1].write_bytes(content(tmp_path, "jsonl", ROWS[number : number + 1]))
    out = run(capfd, *command[1], "--from", paths[0], "--from", paths[1]).out
    if command[0] == "summary":
        assert json.loads(out)["bounces"] == 2
    else:
        assert "a@example.com" in out and "b@example.com" in out


def test_nothing_to_read(capfd, tmp_path, monkeypatch, command):
    """No file, a directory, no standard input: said with the option and the path."""
    path = tmp_path / "none"
    assert "--from {} cannot be read: No such file".format(path) in run(capfd, *command[1], "--from", path, code=2).err
    assert "cannot be read: Is a directory" in run(capfd, *command[1], "--from", tmp_path, code=2).err
    monkeypatch.setattr("sys.stdin", None)
    assert "standard input is closed" in run(capfd, *command[1], "--from", "-", code=2).err


def test_standard_input_without_bytes(capfd, monkeypatch):
    """A text in the place of standard input is read as well, as programs around ours put it there."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(render(ROWS, "csv"))))
    assert run(capfd, "summary", "--from", "-").out.startswith("3 bounces\n")


# --- ids and their file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["file", "pipe", "-"])
def test_ids(capfd, account, place, how):
    """Ids come from a file, a pipe and standard input alike; a file of nothing is refused, blanks name no delivery."""
    assert run(capfd, "fetch", "-o", "csv", "--ids-from", place(how, b"7\r\n\n8")).out.count("\n") == 3
    err = run(capfd, "fetch", "--ids-from", place(how, b""), code=2).err
    assert "is empty, as a command that failed leaves it" in err and "--allow-empty" in err
    for arguments, data in ((["--allow-empty"], b""), ([], b"\n")):
        captured = run(capfd, "fetch", *arguments, "--ids-from", place(how, data))
        assert captured.out == "" and captured.err.endswith(" names no delivery\nmailkit-bounces: no bounces\n")


def test_rows_counted_once(capfd, tmp_path):
    """A report that was read on two days is told once, in its newest state, and how many were repeated is said."""
    path = tmp_path / "rows"
    older = [Bounce(7, "a@example.com", 1, None, 1, None, "4.2.2", "", "full-mailbox", "", {}), ROWS[1]]
    path.write_bytes(content(tmp_path, "jsonl", older + ROWS[:2]))
    captured = run(capfd, "summary", "--from", path, "--sent", "2", "-o", "json")
    result = json.loads(captured.out)
    assert (result["bounces"], result["repeated"], result["by_kind"]["hard"], result["hints"]) == (2, 2, 2, [])
    said = "mailkit-bounces: 2 rows are not counted: a later row tells of the same message (ID_SEND, ID_SEND_MESSAGE)\n"
    assert captured.err == said
    assert run(capfd, "suppress", "--from", path).err.endswith(said)


def test_older_state_does_not_stand_in(capfd, tmp_path):
    """A filter looks at newest states: an older one is not shown in the place of a newer that was left out."""
    path = tmp_path / "rows"
    soft = Bounce(7, "a@example.com", 1, None, 1, None, "4.2.2", "", "full-mailbox", "", {})
    path.write_bytes(content(tmp_path, "jsonl", [soft, ROWS[0]]))
    captured = run(capfd, "summary", "--from", path, "--kind", "soft")
    assert captured.out == "0 bounces\n" and "1 row was left out, as the options ask" in captured.err


def test_page_does_not_claim_what_mailkit_never_said(capfd, tmp_path, account):
    """A page without bounces says whether some were filtered out; it never speaks for Mailkit."""
    pytest.importorskip("jinja2", reason="the page needs the extra report")
    path = tmp_path / "rows"
    path.write_bytes(content(tmp_path, "jsonl"))
    out = run(capfd, "report", "--from", path, "--kind", "soft", "-O", "-").out
    assert "No bounce matches the options. 3 rows were left out, as the options asked." in out
    assert "Look at the rows that were left out" in out and "Mailkit said" not in out
    path.write_bytes(b"[]\n")
    assert "There are no bounces." in run(capfd, "report", "--from", path, "-O", "-").out
    out = run(capfd, "report", "8", "-O", "-").out
    assert "There are no bounces." in out and "Mailkit said" not in out
    path.write_bytes(content(tmp_path, "jsonl", ROWS + ROWS))
    out = run(capfd, "report", "--from", path, "-O", "-").out
    assert "3 rows are not counted: a later row tells of the same message." in out
