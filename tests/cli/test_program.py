"""How the program ends when others end it, and the command in a process of its own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import exceptions
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.simulator import Simulator
from tests.cli.given import CSV, ROWS, row
from tests.support.account import MD5

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
    assert capsys.readouterr().err == (
        "mailkit-bounces: standard output cannot be written: No space left on device; this machine could not do its "
        "part, Mailkit was not at fault\n"
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("asked", [["--help"], ["--version"], ["fetch", "--help"]])
def test_help_for_a_disk_that_is_full_is_6(monkeypatch, capsys, asked):
    """Help that cannot be written is no success either."""
    with open("/dev/full", "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(asked) == 6
    assert capsys.readouterr().err.startswith("mailkit-bounces: standard output cannot be written: No space left")


def test_stdout_that_is_closed_is_6(fake, monkeypatch, capsys):
    """A program started without a standard output cannot do its work, and says so."""
    fake[1] = [row(1)]
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["fetch", "1"]) == 6
    assert capsys.readouterr().err.startswith("mailkit-bounces: standard output cannot be written: it is closed; ")


def test_what_else_the_machine_cannot_do_is_6(fake, capsys):
    """What the system refuses elsewhere is told in one line."""
    fake[1] = [row(1), OSError(12, "Cannot allocate memory")]
    assert main(["fetch", "1"]) == 6
    assert "Cannot allocate memory" in capsys.readouterr().err


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
    path = Path(mailkit_xmlrpc.__file__).with_name("__main__.py")
    # Not by runpy: pytest's hook, which loads the package where it is installed as a plugin, has no get_code().
    code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    # First by its own name: by the first one that runs it, coverage judges whose it is.
    exec(code, {"__name__": "mailkit_xmlrpc.__main__", "__package__": "mailkit_xmlrpc"})
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(sys, "argv", ["x", "--version"])
    with pytest.raises(SystemExit) as caught:
        exec(code, {"__name__": "__main__", "__package__": "mailkit_xmlrpc"})
    assert caught.value.code == 0
    assert capsys.readouterr().out == "mailkit-bounces {}\n".format(mailkit_xmlrpc.__version__)


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
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ, PYTHONPATH=where, **environment),
    )


def test_program_demo():
    """python -m mailkit_xmlrpc demo prints the table, exits 0 and leaves no warning."""
    out, err = spawn(["-m", "mailkit_xmlrpc", "demo"], {}).communicate(timeout=60)
    assert len(out.splitlines()) == 6 and b"adresa2@nejakadomena.cz" in out
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
