"""The table of formats: what -o and the name of -O choose, what a format needs, and where it may go."""

import io
import re
import sys
from pathlib import Path

import pytest

from mailkit_xmlrpc.cli import formats
from mailkit_xmlrpc.cli.errors import UsageError
from mailkit_xmlrpc.cli.formats import FORMATS, ROW_FORMATS, base, named, of_file
from mailkit_xmlrpc.cli.streams import write
from tests.cli.given import CSV, HEADER, run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command_line.rst"


def test_table():
    """Each format has a name and extensions of its own; all but SQLite can hold any rows."""
    names = [one.name for one in FORMATS]
    extensions = [extension for one in FORMATS for extension in one.extensions]
    assert len(set(names)) == len(names) and len(set(extensions)) == len(extensions)
    assert set(names) - set(ROW_FORMATS) == {"sqlite"}
    assert [one.name for one in FORMATS if one.is_binary] == ["sqlite", "xlsx", "parquet"]
    assert named("csv").extensions == (".csv",)


@pytest.mark.skipif(not PAGE.exists(), reason="the documentation is not here")
def test_table_is_documented():
    """The page shows the table of formats, as it is."""
    text = PAGE.read_text(encoding="utf-8")
    shown = re.findall(r"^``(\w+)`` +((?:``\.\w+`` ?)+) +(yes|no) +(``\w+``|none) +(.+)$", text, re.MULTILINE)
    assert [
        (name, tuple(ends.replace("`", "").split()), way, extra.strip("`"), holds)
        for name, ends, way, extra, holds in shown
    ] == [
        (one.name, one.extensions, "yes" if one.streams else "no", one.extra.name if one.extra else "none", one.holds)
        for one in FORMATS
    ]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("x.CSV", "csv"),
        ("a.b/x.ndjson", "jsonl"),
        ("x.csv.part", None),
        ("csv", None),
        (".csv", None),
        ("x.db", "sqlite"),
        ("x.parquet", "parquet"),
    ],
)
def test_extension(name, expected):
    """The end of a file's name chooses, in upper or lower case."""
    found = of_file(name)
    assert (found and found.name) == expected


def test_name_of_the_file_chooses(capfd, account, tmp_path):
    """-O bounces.csv is CSV; -o counts more; any other name is JSON lines, as ever."""
    for options, begin in (
        (["-O", "x.csv"], CSV),
        (["-O", "x.tsv"], HEADER.replace(",", "\t")),
        (["-O", "x.json"], "[\n"),
        (["-O", "x.txt"], "date                 email"),
        (["-O", "x.csv", "-o", "json"], "[\n"),
        (["-O", "x.jsonl", "--excel"], "\ufeffid_send;"),
        (["-O", "x"], '{"id_send"'),
    ):
        path = tmp_path / options[1]
        run(capfd, "fetch", 7, "-O", path, *options[2:])
        assert path.read_bytes().decode("utf-8").startswith(begin), options
    run(capfd, "fetch", 7, "-O", tmp_path / "x.db")
    assert (tmp_path / "x.db").read_bytes().startswith(b"SQLite format 3\0")


@pytest.mark.parametrize("name, warned", [("x.cvs", True), ("x.csv.gz", True), ("x", False), ("x.2024-03-01", False)])
def test_name_that_stands_for_no_format(capfd, account, tmp_path, name, warned):
    """An end of a name that no format has is told of: it may be misspelt. A day as the end is not, nor none at all."""
    path = tmp_path / name
    err = run(capfd, "fetch", 7, "-O", path).err
    words = "mailkit-bounces: -O {}: {} stands for no format, so it is written as jsonl; -o says another\n"
    assert err == (words.format(path, path.suffix) if warned else "")
    assert path.read_text(encoding="utf-8").startswith('{"id_send"')
    assert run(capfd, "fetch", 7, "-O", path, "-o", "csv").err == ""


@pytest.fixture
def nowhere(use_account):
    """An account that nobody answers for: what were sent would fail with another exit code."""
    use_account("http://127.0.0.1:1/rpc.fcgi")


def test_format_that_the_command_has_not(capfd, nowhere, tmp_path):
    """A name that stands for a format of other commands is refused before anything is sent."""
    path = tmp_path / "x.db"
    err = run(capfd, "suppress", 7, "-O", path, code=2).err
    assert "-O {}: sqlite is no format of this command\n".format(path) in err
    run(capfd, "suppress", 7, "-O", path, "-o", "csv", "--retry", 1, code=6)


@pytest.mark.parametrize("options", [["-o", "tsv"], ["-o", "csv", "--raw"], ["--raw"], ["-o", "jsonl"]])
def test_excel_is_csv(capfd, nowhere, options):
    """--excel goes with CSV, and not with --raw."""
    err = run(capfd, "fetch", 7, "--excel", *options, code=2).err
    assert "--excel goes with -o csv, and not with --raw" in err


def test_excel_alone_is_csv(capfd, account):
    """--excel needs no -o: it is CSV for Excel."""
    out = run(capfd, "fetch", 7, "--excel", "--columns", "id_send,status,reason").out
    assert out == "\ufeffid_send;status;reason\n7;'5.1.1;Schránka =plná\n7;;\n"


@pytest.mark.parametrize("name, module", [("xlsx", "xlsxwriter"), ("xlsx", "openpyxl"), ("parquet", "pyarrow")])
def test_extra_is_missing(capfd, nowhere, tmp_path, monkeypatch, name, module):
    """What a format needs is looked for before anything is sent, and the text names it."""
    one = named(name)
    for other in one.extra.modules:
        monkeypatch.setitem(sys.modules, other, None if other == module else sys)
    err = run(capfd, "fetch", 7, "-O", tmp_path / ("x." + name), code=2).err
    assert err == "mailkit-bounces: -o {} needs {}, the extra {}: pip install {}\n".format(
        name, module, one.extra.name, one.extra.packages
    )
    assert list(tmp_path.iterdir()) == []


class Bytes(base.RowFormat):
    """A format that is no text."""

    magic = b"\x00bytes"

    @staticmethod
    def write(rows, columns, how):
        """Yield a piece for each row."""
        yield b"\x00bytes"
        for row in rows:
            yield b"\xff\n"


@pytest.fixture
def of_bytes(monkeypatch):
    """A line more in the table: ``tsv`` is a format of bytes."""
    lines = [one if one.name != "tsv" else one._replace(codec=Bytes) for one in FORMATS]
    monkeypatch.setattr(formats, "FORMATS", lines)


def test_bytes_are_written_as_they_are(capfdbinary, account, tmp_path, of_bytes):
    """A format of bytes goes to a file and through a pipe as it is."""
    from mailkit_xmlrpc.cli import main

    assert main(["fetch", "7", "-o", "tsv", "-O", str(tmp_path / "x")]) == 0
    assert (tmp_path / "x").read_bytes() == b"\x00bytes\xff\n\xff\n"
    assert main(["fetch", "7", "-o", "tsv"]) == 0
    assert capfdbinary.readouterr().out == b"\x00bytes\xff\n\xff\n"


def test_bytes_are_nothing_for_a_terminal(capfd, nowhere, monkeypatch, of_bytes):
    """A format of bytes does not go to a terminal, whether it is standard output or a file."""
    monkeypatch.setattr("mailkit_xmlrpc.cli.options.terminal", lambda: sys.stdout)
    assert "-o tsv is nothing for a terminal: give -O FILE" in run(capfd, "fetch", 7, "-o", "tsv", code=2).err
    monkeypatch.setattr("mailkit_xmlrpc.cli.options.is_terminal", lambda path: True)
    assert "-o tsv is nothing for a terminal" in run(capfd, "fetch", 7, "-o", "tsv", "-O", "/dev/null", code=2).err


def test_bytes_where_only_text_goes(monkeypatch):
    """A stream of text in the place of standard output takes no bytes, and that is said."""
    monkeypatch.setattr("sys.stdout", io.StringIO())
    with pytest.raises(UsageError, match="standard output takes text only: give -O FILE"):
        write([b"x"])


def test_format_that_is_not_written_or_read():
    """A class says which of the ways it has."""
    bare = base.RowFormat
    assert not bare.is_begun_by("x")
    for call in (lambda: bare.write([], [], None), lambda: bare.read_text("", None), lambda: bare.read_file(None)):
        with pytest.raises(NotImplementedError):
            call()
