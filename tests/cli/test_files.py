"""Where -O writes to: standard output, pipes, devices; whose file it is then; links of strangers; no place at all."""

import os
import stat
import subprocess
import sys
import threading

import pytest

from mailkit_xmlrpc import LocalError
from mailkit_xmlrpc.cli import files, main, streams
from mailkit_xmlrpc.cli.errors import UsageError
from mailkit_xmlrpc.cli.files import target_of, write_file
from tests.cli.given import CSV, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")


@pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_by_its_names(capfd, account, tmp_path, monkeypatch, name):
    """The names of standard output mean it, and leave no file."""
    monkeypatch.chdir(str(tmp_path))
    assert run(capfd, "fetch", 7, "-o", "csv", "-O", name).out == CSV
    assert os.listdir(str(tmp_path)) == []
    assert "-o sqlite needs -O FILE" in run(capfd, "fetch", 7, "-o", "sqlite", "-O", name, code=2).err
    pytest.importorskip("jinja2", reason="the page needs the extra report")
    captured = run(capfd, "demo", "--report", name)
    assert "<!doctype html>" in captured.out and "is in" not in captured.err


def test_descriptor_of_the_shell(capfd, account, tmp_path):
    """A descriptor that the shell opened is written to where it stands: what is behind it is not emptied."""
    with open(str(tmp_path / "rows"), "ab", 0) as file:
        file.write(b"before\n")
        run(capfd, "fetch", 7, "-o", "csv", "-O", "/dev/fd/{}".format(file.fileno()))
    assert (tmp_path / "rows").read_text(encoding="utf-8") == "before\n" + CSV
    assert run(capfd, "fetch", 7, "-o", "csv", "-O", "/dev/stderr").err == CSV
    assert "-O /dev/fd/999999 cannot be written: Bad file" in run(capfd, "fetch", 7, "-O", "/dev/fd/999999", code=6).err


def test_pipe_and_device(capfd, account, tmp_path):
    """A pipe and a device are written to as they are; a reader that goes away is no failure."""
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    read = []

    def reader():
        with open(pipe, "rb") as file:
            read.append(file.read())

    thread = threading.Thread(target=reader)
    thread.start()
    run(capfd, "fetch", 7, "-o", "csv", "-O", pipe)
    thread.join()
    assert read[0].decode("utf-8") == CSV
    run(capfd, "fetch", 7, "-o", "csv", "-O", os.devnull)
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        run(capfd, "fetch", 7, "-o", "csv", "-O", "/dev/fd/{}".format(writing))
        write_file(["x" * 100000] * 10, "/dev/fd/{}".format(writing))
    finally:
        os.close(writing)
    assert "-O /dev/full cannot be written: No space left" in run(capfd, "fetch", 7, "-O", "/dev/full", code=6).err


def test_raw_on_a_terminal_by_name(capfd, account):
    """Also a terminal that is named as a file shows no control sequence of a stranger."""
    leader, follower = os.openpty()
    try:
        name = os.ttyname(follower)
        assert [files.is_terminal(path) for path in (name, os.devnull, __file__, "/none")] == [
            True,
            False,
            False,
            False,
        ]
        account.reports[7] = [{"EMAIL": "\x7f"}]
        run(capfd, "fetch", 7, "--raw", "--columns", "email", "-o", "csv", "-O", name)
        assert b"\\x7f" in os.read(leader, 100)
    finally:
        os.close(leader)
        os.close(follower)


def test_directory_and_block_device(capfd, monkeypatch, tmp_path):
    """A directory is no file, and neither is a disk."""
    assert run(capfd, "fetch", 7, "--client-id", 1, "-O", tmp_path / "x" / "y", code=2).err.startswith(
        "mailkit-bounces fetch: -O/--output-file: there is no directory {}\n".format(tmp_path / "x")
    )
    assert "-O/--output-file: no name" in run(capfd, "fetch", 7, "-O", "", code=2).err
    with pytest.raises(UsageError, match="is a directory"):
        target_of(str(tmp_path))
    monkeypatch.setattr(files.os.path, "isfile", lambda path: False)
    with pytest.raises(UsageError, match="is no ordinary file"):
        target_of(__file__)


@pytest.mark.parametrize("mode", [0o664, 0o640, 0o600, 0o444])
def test_mode_of_the_older_file(tmp_path, mode):
    """A file that takes the place of another can be read by whoever could read that one."""
    path = tmp_path / "rows"
    path.write_text("older")
    path.chmod(mode)
    write_file(["newer"], str(path))
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("newer", mode)
    assert os.listdir(str(tmp_path)) == ["rows"]


def refusing(error, real=None):
    """A function of os that refuses; with *real*, only files that are to take the place of another."""

    def refuse(path, *arguments):
        if real is None or str(path).endswith(".part"):
            raise error
        return real(path, *arguments)

    return refuse


def no_files_here(monkeypatch):
    """A directory where nothing may be made."""
    monkeypatch.setattr(files.os, "open", refusing(PermissionError(13, "Permission denied"), os.open))


@pytest.mark.parametrize(
    "name, error",
    [
        ("replace", OSError(16, "Device or resource busy")),
        ("replace", PermissionError(1, "Operation not permitted")),
        ("open", PermissionError(13, "Permission denied")),
        ("fchown", PermissionError(1, "Operation not permitted")),
    ],
)
def test_file_that_cannot_be_replaced(tmp_path, monkeypatch, capsys, name, error):
    """Mounted by itself, in a directory where nothing may be made, or another's: written in place, and that is said."""
    path = tmp_path / "rows"
    path.write_text("older and longer")
    path.chmod(0o640)
    before = path.stat()
    if name == "fchown":
        real = os.fstat
        monkeypatch.setattr(
            files.os, "fstat", lambda fd: os.stat_result(list(real(fd))[:4] + [99999] + list(real(fd))[5:])
        )
    if name == "open":
        no_files_here(monkeypatch)
    else:
        monkeypatch.setattr(files.os, name, refusing(error))
    write_file(["newer"], str(path))
    assert path.read_text() == "newer" and path.stat().st_ino == before.st_ino
    assert stat.S_IMODE(path.stat().st_mode) == 0o640 and os.listdir(str(tmp_path)) == ["rows"]
    assert (
        capsys.readouterr().err
        == "mailkit-bounces: -O {} was written in place: no new file can replace it ({})\n".format(path, error.strerror)
    )


def test_file_that_cannot_be_replaced_stays_where_the_rows_fail(tmp_path, monkeypatch):
    """Also where it would be written in place, a report that fails leaves the older file as it was."""
    path = tmp_path / "rows"
    path.write_text("older")
    no_files_here(monkeypatch)

    def pieces():
        yield "half"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_file(pieces(), str(path))
    assert path.read_text() == "older"


@pytest.mark.parametrize("name", ["replace", "open"])
def test_new_file_that_cannot_be_made(tmp_path, monkeypatch, name):
    """Where there is none to write in place, the error names option and path, and nothing is left."""
    monkeypatch.setattr(files.os, name, refusing(PermissionError(13, "Permission denied"), getattr(os, name)))
    path = tmp_path / "rows"
    with pytest.raises(LocalError, match="-O {} cannot be written: Permission denied".format(path)):
        write_file(["x"], str(path))
    assert os.listdir(str(tmp_path)) == []


def test_older_file_that_may_not_be_written(tmp_path, monkeypatch):
    """A file that is not ours to write stays."""
    path = tmp_path / "rows"
    path.write_text("older")
    no_files_here(monkeypatch)
    monkeypatch.setattr(files.os, "access", lambda *_: False)
    with pytest.raises(LocalError, match="Permission denied"):
        write_file(["x"], str(path))
    assert path.read_text() == "older"


def test_file_of_another_keeps_its_owner(tmp_path, monkeypatch):
    """What takes the place of another's file is made that one's, where the system lets it."""
    path = tmp_path / "rows"
    path.write_text("older")
    given = []
    real = os.stat
    monkeypatch.setattr(
        files.os, "stat", lambda name: os.stat_result(list(real(name))[:4] + [1234, 5678] + list(real(name))[6:])
    )
    monkeypatch.setattr(files.os, "fchown", lambda descriptor, user, group: given.append((user, group)))
    write_file(["newer"], str(path))
    assert given == [(1234, 5678)] and path.read_text() == "newer"


def test_links(tmp_path, monkeypatch):
    """Links lead to the file, through directories and in chains; what leads nowhere is an error."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real" / "a").symlink_to("../link/./b")
    (tmp_path / "real" / "b").symlink_to(tmp_path / "real" / "rows")
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(str(tmp_path))
    assert target_of("link/../link/a") == os.path.realpath("link/a") == str((tmp_path / "real" / "rows").resolve())
    write_file(["x"], "link/a")
    assert (tmp_path / "real" / "rows").read_text() == "x" and (tmp_path / "real" / "a").is_symlink()
    with pytest.raises(UsageError, match="too many symbolic links"):
        target_of("loop")


@pytest.mark.parametrize(
    "mode, strangers, refused",
    [
        (0o1777, True, True),
        (0o1777, False, False),
        (0o777, True, False),
        (0o1775, True, False),
    ],
)
@pytest.mark.parametrize("of", ["file", "directory"])
def test_link_of_a_stranger(tmp_path, monkeypatch, mode, strangers, refused, of):
    """In a directory for all, such as /tmp, a link is followed only if it is the user's or the directory's owner's."""
    shared, mine = tmp_path / "shared", tmp_path / "mine"
    shared.mkdir()
    mine.mkdir()
    shared.chmod(mode)
    (shared / "link").symlink_to(mine / "rows" if of == "file" else mine)
    path = str(shared / "link") if of == "file" else str(shared / "link" / "rows")
    if strangers:
        real = os.lstat
        monkeypatch.setattr(
            files.os, "lstat", lambda name: os.stat_result(list(real(name))[:4] + [4321] + list(real(name))[5:])
        )
    if refused:
        with pytest.raises(UsageError, match="a symbolic link that somebody else put into a directory"):
            write_file(["x"], path)
        assert os.listdir(str(mine)) == []
    else:
        write_file(["x"], path)
        assert (mine / "rows").read_text() == "x"


def test_full_disk_at_the_end(tmp_path, monkeypatch):
    """Where the last bytes cannot be written, the older file stays and the error names the path."""
    path = tmp_path / "rows"
    path.write_text("older")
    monkeypatch.setattr(files.os, "fsync", refusing(OSError(28, "No space left on device")))
    with pytest.raises(LocalError, match="cannot be written: No space left on device"):
        write_file(["x"], str(path))
    assert path.read_text() == "older" and os.listdir(str(tmp_path)) == ["rows"]


def test_error_of_the_rows_is_not_the_files(tmp_path):
    """An error of the package, which may be an OSError too, passes as it is."""
    from mailkit_xmlrpc import RequestTimeoutError

    def pieces():
        yield "x"
        raise RequestTimeoutError("reading", 1)

    for path in (str(tmp_path / "rows"), None):
        with pytest.raises(RequestTimeoutError):
            streams.write(pieces(), path)


@pytest.mark.parametrize("command", [["suppress", "-o", "csv"], ["suppress", "-o", "csv", "-O", "/dev/full"]])
def test_reader_that_goes_away(tmp_path, command):
    """`| head -1`, a full device: one line at most, and no traceback of what was left."""
    (tmp_path / "rows.csv").write_text(
        "id_send,email,status,bounce_cat,date,id_email,id_send_message\n"
        + "".join("1,user{0}@example.com,5.1.1,bad-mailbox,,,{0}\n".format(number) for number in range(20000))
    )
    where = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(files.__file__))))
    process = subprocess.Popen(
        [sys.executable, "-m", "mailkit_xmlrpc"] + command + ["--from", str(tmp_path / "rows.csv")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=where),
    )
    process.stdout.read(10)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait() == (6 if "/dev/full" in command else 0)
    assert b"Traceback" not in err and b"ignored" not in err and err.count(b"\n") == 1


def test_output_is_a_directory(capfd, account, tmp_path):
    """-O that names a directory: one line."""
    (tmp_path / "rows.csv").write_text("id_send,email,status,bounce_cat,date,id_email,id_send_message\n")
    assert main(["suppress", "--from", str(tmp_path / "rows.csv"), "-O", str(tmp_path)]) == 2
    assert capfd.readouterr().err == "mailkit-bounces: -O {} is a directory\n".format(tmp_path)
