"""``python -m mailkit_xmlrpc.simulator`` serves reports from files until it is interrupted."""

import json
import signal
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from mailkit_xmlrpc import MailkitClient
from mailkit_xmlrpc.cli import main
from mailkit_xmlrpc.simulator import __main__ as program
from mailkit_xmlrpc.simulator import sample_rows
from mailkit_xmlrpc.simulator.saved import saved_reports
from tests.testing.test_plugin import HOME


def listen_to_ctrl_c():
    """In the background, a shell has its programs ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_program_serves_a_folder(tmp_path):
    """It prints what to set, reads a file anew for each call, and ends with Ctrl-C."""
    (tmp_path / "7.json").write_text(json.dumps([{"EMAIL": "a@example.com"}]), encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "mailkit_xmlrpc.simulator", str(tmp_path)]
    with subprocess.Popen(
        command,
        cwd=HOME,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        preexec_fn=listen_to_ctrl_c,
    ) as process:
        given = dict(process.stdout.readline().strip().replace("export ", "").split("=") for _ in range(3))
        client_id, md5 = int(given["MAILKIT_CLIENT_ID"]), given["MAILKIT_CLIENT_MD5"]
        with MailkitClient(client_id, md5, url=given["MAILKIT_URL"]) as client:
            assert [row.email for row in client.bounces(7)] == ["a@example.com"]
            (tmp_path / "7.json").write_text("[]", encoding="utf-8")
            assert client.bounces(7) == []
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 130


def test_bounces_come_back_as_they_were(tmp_path, monkeypatch, mailkit):
    """What a fetch wrote as JSON or JSON lines, read as a report, gives the same bounces."""
    for name, value in mailkit.environment.items():
        monkeypatch.setenv(name, value)
    rows = sample_rows(40) + [{"EMAIL": "a@example.com", "NOTE": "new", "DATE": "soon"}]
    for id_send, name in ((8, "json"), (9, "jsonl")):
        mailkit.add(id_send, rows)
        path = tmp_path / "{}.{}".format(id_send, name)
        assert main(["fetch", str(id_send), "-o", name, "-O", str(path)]) == 0
    (tmp_path / "notes.txt").write_text("no report", encoding="utf-8")
    (tmp_path / "10.jsonl").write_text("\n\n".join(json.dumps({"EMAIL": "b@example.com"}) for _ in range(2)), "utf-8")
    with MailkitClient.from_env() as client:
        before = {id_send: client.bounces(id_send) for id_send in (8, 9)}
        found = saved_reports(str(tmp_path))
        for id_send, report in found.items():
            mailkit.add(id_send, report)
        assert {id_send: client.bounces(id_send) for id_send in (8, 9)} == before
        assert [row.email for row in client.bounces(10)] == ["b@example.com"] * 2
    assert sorted(found) == [8, 9, 10]


@pytest.mark.parametrize(
    "files, words",
    [
        (("7.json", "07.jsonl"), "two files of the delivery 7"),
        (("x.json",), "is named like a delivery"),
        (None, "No such"),
    ],
)
def test_folder_that_cannot_be_served(tmp_path, capsys, files, words):
    """A folder of which nothing, or not everything, could be served is refused."""
    for name in files or ():
        (tmp_path / name).write_text("[]", encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        program.main([str(tmp_path / "nowhere" if files is None else tmp_path)])
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_port_that_is_taken(capsys):
    """So is a port on which somebody else listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        with pytest.raises(SystemExit):
            program.main(["--port", str(taken.getsockname()[1])])
    assert "in use" in capsys.readouterr().err


class Interrupted:
    """In place of the event that never comes: Ctrl-C after a while."""

    def __init__(self):
        self.waits = [KeyboardInterrupt, None]

    def wait(self, seconds):
        raised = self.waits.pop()
        if raised is not None:
            raise raised
        return False


def test_program_without_a_folder(capsys, monkeypatch):
    """It has the vendor's documented rows, and stops what it started."""
    monkeypatch.setattr(program, "threading", SimpleNamespace(Event=Interrupted))
    before = set(threading.enumerate())
    assert program.main([]) == 130
    assert [line.split("=")[0] for line in capsys.readouterr().out.splitlines()] == [
        "export MAILKIT_CLIENT_ID",
        "export MAILKIT_CLIENT_MD5",
        "export MAILKIT_URL",
    ]
    assert set(threading.enumerate()) == before
