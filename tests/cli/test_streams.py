"""The file of -O: what others left behind is not in its way, any name is a file's, and help says what it holds."""

import os
import sqlite3
import stat

import pytest

from mailkit_xmlrpc import Bounce
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.cli.errors import UsageError
from mailkit_xmlrpc.cli.files import whole_file
from mailkit_xmlrpc.cli.formats.database import store
from mailkit_xmlrpc.cli.saved import read_rows

ROWS = [Bounce(7, "a@example.com", None, None, None, None, "5.1.1", "", "", "")]


def test_file_left_behind_by_a_killed_run(tmp_path):
    """In a container every run has the same process id: a part that a killed one left behind stops no later one."""
    left = tmp_path / "rows.{}.part".format(os.getpid())
    left.write_text("half")
    with whole_file(str(tmp_path / "rows")) as file:
        file.write(b"whole")
    assert (tmp_path / "rows").read_text() == "whole"
    assert sorted(os.listdir(str(tmp_path))) == ["rows", left.name]


def test_file_that_failed_leaves_no_part(tmp_path):
    """Whatever goes wrong, no part stays behind."""
    with pytest.raises(RuntimeError):
        with whole_file(str(tmp_path / "rows")) as file:
            file.write(b"half")
            raise RuntimeError
    assert os.listdir(str(tmp_path)) == []


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX modes")
@pytest.mark.parametrize("umask, mode", [(0o022, 0o600), (0o277, 0o400)])
def test_file_is_its_owners(tmp_path, umask, mode):
    """Nobody but the owner can read it, and a stricter umask counts."""
    path = tmp_path / "rows"
    before = os.umask(umask)
    try:
        with whole_file(str(path)) as file:
            file.write(b"whole")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_file_with_the_longest_name(tmp_path):
    """A name may be as long as the file system lets it be."""
    path = tmp_path / ("x" * 255)
    with whole_file(str(path)) as file:
        file.write(b"whole")
    assert path.read_text() == "whole"


def test_sqlite_is_stored_in_ordinary_files_only(tmp_path):
    """A device or a folder is refused before a file of a journal is made beside it."""
    for path in (os.devnull, str(tmp_path)):
        with pytest.raises(UsageError, match="no ordinary file|is a directory"):
            store(ROWS, path)
    assert not os.path.exists(os.devnull + "-journal")


@pytest.mark.parametrize("name", [":memory:", "file:x?mode=memory"])
def test_sqlite_file_of_any_name(tmp_path, monkeypatch, name):
    """A name that is something else to SQLite is a file's name all the same."""
    monkeypatch.chdir(str(tmp_path))
    store(ROWS, name)
    assert os.listdir(str(tmp_path)) == [name]
    assert list(read_rows(name)) == ROWS
    database = sqlite3.connect(str(tmp_path / name))
    assert database.execute("SELECT email FROM mailkit_bounce").fetchall() == [("a@example.com",)]
    database.close()


def test_help_says_what_keep_going_leaves_out(capsys):
    """--keep-going writes a file without the deliveries that failed: -O says so."""
    assert main(["fetch", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "write the rows there, whole or not at all; with --keep-going, without the deliveries that failed" in text
