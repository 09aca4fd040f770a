"""The benchmarks still work: tiny sizes, and nothing is timed. What they measure is for people to run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mailkit_xmlrpc

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"

try:
    import lxml  # noqa: F401  (only whether it is there)
except ImportError:
    LXML = []
else:
    LXML = ["lxml"]


@pytest.fixture
def documents(monkeypatch):
    """The module that makes the documents."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import documents

    yield documents
    del sys.modules["documents"], sys.modules["serialised"]


def finished(script, *options, before=()):
    """The end of *script*; it has the package that is under test here, and what lies in the directories *before* it."""
    path = list(before) + [str(Path(mailkit_xmlrpc.__file__).resolve().parent.parent)]
    return subprocess.run(
        [sys.executable, str(BENCHMARKS / script)] + list(options),
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=240,
    )


def run(script, *options):
    """What *script* prints, in lines."""
    done = finished(script, *options)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout.splitlines()


def table_in(lines):
    """The one Markdown table in *lines*: head and body as lists of cells, all of one width."""
    table = [line for line in lines if line.startswith("|")]
    assert len({len(line) for line in table}) == 1 and set(table[1]) == set("|-:")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    assert len({len(line) for line in cells}) == 1
    return cells[0], cells[2:]


def number(cell):
    """The number that *cell* begins with."""
    return float(cell.split(" ")[0].rstrip("x"))


@pytest.mark.slow
def test_decode_prints_a_table():
    """Every peer reads every document of ours into the same rows, and has a column; then ours is compared."""
    typed = ["xmlrpc", "defusedxml"] + LXML + ["json", "general", "fast"]
    peers = typed + ["expat", "xmlrpc-untyped", "json-untyped"]
    names = ["documented", "compact", "shuffled", "entities", "odd"]
    options = ["--rows", "40", "--rounds", "1", "--markdown", "--peers"] + peers + ["--documents"]
    head, body = table_in(run("decode.py", *(options + names)))
    assert head[1:] == peers + ["fast : " + key for key in LXML + ["expat", "json", "general"]]
    assert [line[0] for line in body] == names
    assert all(number(cell) >= 0 for line in body for cell in line[1:])
    assert all(line[1].endswith("(1.00x)") for line in body)


@pytest.mark.slow
def test_decode_of_documents_that_others_wrote(documents):
    """They stand first; a peer that is written for documents like ours has no figure."""
    names = documents.NAMES[: -len(documents.DOCUMENTS)]
    peers = ["xmlrpc", "general", "fast", "json", "json-form"] + LXML
    options = ["--rows", "30", "--rounds", "1", "--markdown", "--peers"] + peers + ["--documents"]
    head, body = table_in(run("decode.py", *(options + names)))
    assert [line[0] for line in body] == names
    assert all(number(cell) >= 0 for line in body for cell in line[1:6])
    assert all(line[6] == "-" for line in body if LXML)


@pytest.mark.slow
def test_decode_leaves_out_what_is_not_installed(tmp_path):
    """Without lxml its line is missing, and it says so; the table of the others is whole."""
    (tmp_path / "lxml.py").write_text("raise ImportError('as if not installed')\n")
    options = ["--rows", "3", "--rounds", "1", "--documents", "compact", "--peers", "fast", "lxml"]
    done = finished("decode.py", *options, before=[str(tmp_path)])
    assert done.returncode == 0 and done.stderr == "lxml: lxml is not installed\n"
    assert "mailkit_xmlrpc, typed rows" in done.stdout and "lxml pull" not in done.stdout


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no peak memory by the standard library on Windows")
def test_memory_prints_a_table():
    """Every reader gets all rows from the server, and has a figure for each size and one for the growth."""
    lines = run("memory.py", "--rows", "3", "400", "--markdown")
    head, body = table_in(lines)
    assert head == ["rows", "3", "400", "last step"]
    assert len(body) == 3 + len(LXML)
    assert all(number(cell) > 0 for line in body for cell in line[1:3])


@pytest.mark.slow
def test_calls_print_a_table():
    """Imports and calls have their lines, and none of the dear modules is loaded by the import."""
    lines = run("calls.py", "--rounds", "1", "--calls", "2", "--rows", "1", "3", "--markdown")
    head, body = table_in(lines)
    assert head == ["import or call", "ms", "ratio", "whole process"]
    assert [line[0] for line in body[:2]] == ["import mailkit_xmlrpc", body[1][0]]
    assert len(body) == 4 + 3 * 2
    assert all(number(line[1]) >= 0 for line in body)
    assert lines[-1].endswith(": none")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no peak memory by the standard library on Windows")
def test_sync_prints_a_table():
    """A line for SQLite, with seconds, ratios and memory; it needs the extra."""
    pytest.importorskip("sqlalchemy", reason="the job needs the extra sync")
    lines = run("sync.py", "--rows", "40", "--rounds", "1", "--memory-rows", "50", "--markdown", "--db")
    head, body = table_in(lines)
    assert head == ["database", "first", "again", "executemany", "first : executemany", "first : again", "MiB"]
    assert [line[0] for line in body] == ["sqlite"] and all(number(cell) >= 0 for cell in body[0][1:])


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no peak memory by the standard library on Windows")
def test_output_prints_a_table():
    """A line for each format that is installed, beside csv.writer and json.dumps."""
    head, body = table_in(run("output.py", "--rows", "20", "--markdown"))
    assert head == ["format", "rows a second", "MiB of the file", "peak of a tenth", "peak"]
    names = [line[0] for line in body]
    assert names[:2] == ["csv.writer", "json.dumps"]
    assert {"table", "jsonl", "json", "csv", "tsv", "sqlite", "csv --excel"} <= set(names)
    assert all(number(cell) >= 0 for line in body for cell in line[1:])


@pytest.mark.parametrize("script", ["decode.py", "memory.py", "calls.py", "output.py", "sync.py"])
def test_options_are_checked(script):
    """--help tells the options; two forms of a table at once, or a size of 0, are refused."""
    assert "--markdown" in "\n".join(run(script, "--help"))
    for wrong in (["--rst", "--markdown"], ["--rows", "0"]):
        assert finished(script, *wrong).returncode == 2


def test_documented_form_is_the_vendors(documents):
    """A row written as ``documented`` has, byte for byte, the layout of the vendor's sample."""
    sample = (ROOT / "fixtures" / "documented-answer.xml").read_text(encoding="utf-8")
    row = {
        "EMAIL": "mail@mail.com",
        "ID_EMAIL": 49872054,
        "ID_USER_LIST": 123,
        "ID_SEND_MESSAGE": 1234567890,
        "DATE": "2014-12-23 12:36:02",
        "STATUS": "4.4.2",
        "EMAIL_STATUS": "temporary/permanent",
        "BOUNCE_CAT": "bad-mailbox",
        "REASON": "Bad Mailbox",
    }
    write, (head, tail) = documents.DOCUMENTS["documented"]
    assert (head + write(0, row, None)[0] + tail).split() == sample.split()
    assert head + write(0, row, None)[0] + tail == sample


def test_rows_all_differ_and_repeat(documents):
    """No row of a document is like another, and the same seed gives the same document."""
    for name in documents.DOCUMENTS:
        texts = [text for text, _ in documents.written(name, 200)]
        assert len(set(texts)) == len(texts) == 202
        assert texts == [text for text, _ in documents.written(name, 200)]
