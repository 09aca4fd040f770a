"""The commands in a real terminal, tmux's: with colour and without, narrow and wide, compared with reviewed files.

Skipped where tmux is missing, and with colour where rich is. MAILKIT_TERMINAL_WRITE=1 writes the files anew.
"""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc.cli.formats import render
from mailkit_xmlrpc.protocol.fields import bounce_from_struct
from mailkit_xmlrpc.simulator.sample import SampleReport

TMUX = shutil.which("tmux")
FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "meaning"
SECONDS = 60  # for one command

pytestmark = pytest.mark.skipif(TMUX is None, reason="the commands are NOT tested in a terminal: tmux is missing")


@pytest.fixture
def terminal(tmp_path):
    """``terminal(argv, columns)``: the screen after the command, escape sequences of colours included."""
    socket = "mailkit-{}-{}".format(os.getpid(), abs(hash(str(tmp_path))))  # one server for each test
    script, done, status = tmp_path / "script", tmp_path / "done", tmp_path / "status"

    def tmux(*words):
        command = [TMUX, "-L", socket, "-f", os.devnull] + [str(word) for word in words]
        return subprocess.check_output(command, universal_newlines=True, env=dict(os.environ, LC_ALL="C.UTF-8"))

    def show(argv, columns, **environment):
        words = [sys.executable, "-m", "mailkit_xmlrpc"] + [str(word) for word in argv]
        environment = dict(environment, PYTHONPATH=str(Path(mailkit_xmlrpc.__file__).parents[1]), LC_ALL="C.UTF-8")
        script.write_text(
            "unset NO_COLOR COLUMNS LINES FORCE_COLOR\n"
            + "".join("export {}={}\n".format(name, shlex.quote(value)) for name, value in environment.items())
            + "{}\necho $? > {}\nmv {} {}\nsleep {}\n".format(
                " ".join(map(shlex.quote, words)), status, status, done, SECONDS
            )
        )
        tmux("new-session", "-d", "-x", columns, "-y", 120, "sh {}".format(shlex.quote(str(script))))
        end = time.monotonic() + SECONDS
        while not done.exists():
            assert time.monotonic() < end, tmux("capture-pane", "-p")
            time.sleep(0.05)
        time.sleep(0.2)  # what was written is on the screen a moment later
        screen = tmux("capture-pane", "-p", "-e").rstrip("\n") + "\n"
        return int(done.read_text()), screen, tmux("display-message", "-p", "#{pane_title}").strip()

    yield show
    subprocess.call([TMUX, "-L", socket, "kill-server"], stderr=subprocess.DEVNULL)


@pytest.fixture
def saved(tmp_path):
    """A file of 500 made-up rows."""
    rows = (bounce_from_struct(dict(row, DATE=str(row["DATE"])[:19]), 123456) for row in SampleReport(500))
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(render(rows, "jsonl")), encoding="utf-8")
    return path


def compare(screen, name):
    path = FOLDER / "terminal-{}.txt".format(name)
    if os.environ.get("MAILKIT_TERMINAL_WRITE"):
        path.write_text(screen, encoding="utf-8")
    assert screen == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [60, 160])
@pytest.mark.parametrize("colour", [True, False], ids=["colour", "plain"])
def test_summary_in_a_terminal(terminal, saved, columns, colour):
    """Bars in colour by kind with rich, and without a single escape sequence under NO_COLOR; nothing wraps."""
    if colour and importlib.util.find_spec("rich") is None:
        pytest.skip("needs rich")
    environment = {} if colour else {"NO_COLOR": "1"}
    code, screen, _ = terminal(["summary", "--from", saved, "--sent", 10000], columns, **environment)
    assert code == 0
    assert ("\x1b[31m" in screen) is colour
    assert ("\x1b" in screen) is colour
    compare(screen, "summary-{}-{}".format(columns, "colour" if colour else "plain"))


@pytest.mark.parametrize("columns", [60, 160])
def test_help_in_a_terminal(terminal, columns):
    """Help fits and shows its examples."""
    code, screen, _ = terminal(["explain", "--help"], columns)
    assert code == 0 and "examples:" in screen and max(map(len, screen.splitlines())) <= columns


def test_strangers_text_in_a_terminal(terminal, tmp_path):
    """Escape sequences in a row are shown: they change neither colours nor the title nor what stands above."""
    path = tmp_path / "hostile.jsonl"
    path.write_text(
        '{"id_send": 1, "email": "a\\u001b]0;owned\\u0007@example.com", "status": "5.1.1\\u001b[2J\\u009b31m", '
        '"bounce_cat": "", "date": null, "id_email": null, "id_send_message": 1}\n'
    )
    code, screen, title = terminal(["suppress", "--from", path, "-o", "table"], 160, NO_COLOR="1")
    assert code == 0 and "owned" not in title
    assert "a\\x1b]0;owned\\x07@example.com" in screen.replace("\n", "")
