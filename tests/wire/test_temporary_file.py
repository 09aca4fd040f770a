"""The temporary file that an answer waits in: who may read it, when it is freed, and what this machine may lack."""

import errno
import gc
import os
import socket
import stat
import subprocess
import sys
import tempfile

import pytest

import mailkit_xmlrpc
from mailkit_xmlrpc import (
    LocalError,
    MailkitClient,
    MailkitError,
    Retry,
)
from mailkit_xmlrpc.transport import spool as _spool
from tests.support.account import MD5
from tests.support.implementations import CPYTHON
from tests.support.inside import inside
from tests.support.observing import ask, is_own
from tests.support.scripted_server import Pause, Request, ScriptedServer, chunk, http, report

resource = pytest.importorskip("resource", reason="there are no limits of descriptors to set here")

CHUNKED = "Transfer-Encoding: chunked"
LARGE = report(1, rows=25000)  # more than the spool keeps in memory


class _Look:
    """A step in the middle of the answer: note what the file looks like then."""

    def __init__(self, look):
        self._look = look

    def run(self, talk):
        Pause(0.2).run(talk)
        self._look()


def test_temporary_file_has_no_name_and_one_reader(watched, monkeypatch):
    """While it is written: nobody else may read it, and it has no name, so nothing is left whatever happens."""
    made = []
    original = tempfile.TemporaryFile

    def noted(*args, **kwargs):
        made.append(original(*args, **kwargs))
        return made[-1]

    seen = []

    def look():
        status = os.fstat(made[0].fileno())
        seen.append((stat.S_IMODE(status.st_mode), status.st_nlink, list(watched.iterdir())))

    monkeypatch.setattr(tempfile, "TemporaryFile", noted)
    whole = http(LARGE)
    rows = ask((whole[:-1000], _Look(look), whole[-1000:]))
    assert len(rows) == 25000
    assert seen == [(0o600, 0, [])]
    assert made[0].closed


def test_small_answer_needs_no_file(watched, monkeypatch):
    """Up to SPOOL_MEMORY nothing touches the disk."""
    monkeypatch.setattr(tempfile, "TemporaryFile", None)
    assert is_own(ask(http(report(1))), 1)


@pytest.mark.parametrize("rest", ["finished", "closed", "dropped", "failed", "with"])
def test_temporary_file_is_freed(watched, rest):
    """However the iteration ends, the descriptor goes; nothing is left behind."""
    before = _descriptors()
    body = LARGE.replace(b"</data>", b"<value><int>1</int></value></data>") if rest == "failed" else LARGE
    with ScriptedServer((Request(), http(body))) as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            rows = client.iter_bounces(1)
            next(rows)
            if rest == "finished":
                list(rows)
            elif rest == "closed":
                rows.close()
                rows.close()
                with pytest.raises(LocalError):
                    next(rows)
            elif rest == "with":
                with rows:
                    next(rows)
            elif rest == "failed":
                with pytest.raises(MailkitError):
                    list(rows)
            del rows
    assert list(watched.iterdir()) == []
    assert _descriptors() == before


def _descriptors():
    """How many descriptors this process has open, where the system tells."""
    if not CPYTHON:
        gc.collect()
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def test_no_room_for_the_file(watched, monkeypatch):
    """A full disk is a LocalError, told at once: another try would not help."""
    original = tempfile.TemporaryFile

    class Full:
        def __init__(self, file):
            self._file = file
            self._room = 5000000

        @inside
        def write(self, data):
            self._room -= len(data)
            if self._room < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self._file.write(data)

        def close(self):
            self._file.close()

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *args, **kwargs: Full(original(*args, **kwargs)))
    with pytest.raises(LocalError, match="No space left on device") as caught:
        ask(http(LARGE + b" " * 2000000), retry=Retry(3, base=0))
    assert caught.value.attempts == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_no_room_on_a_real_device(monkeypatch):
    """The same with a device that really is full."""
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *args, **kwargs: open("/dev/full", "wb", buffering=0))
    with pytest.raises(LocalError, match="No space left on device"):
        ask(http(LARGE))


def test_no_place_for_the_file(tmp_path, monkeypatch):
    """A TMPDIR that is not there is a LocalError, and its path is not told."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(LocalError) as caught:
        ask(http(LARGE))
    assert "missing" not in str(caught.value)
    assert caught.value.attempts == 1


def test_file_that_becomes_shorter(watched, monkeypatch):
    """Somebody truncates what we wait to read: an error, never a shorter report."""
    with ScriptedServer((Request(), http(LARGE))) as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
            rows = client.iter_bounces(1)
            next(rows)
            os.ftruncate(rows._response.spool._file.fileno(), 600000)
            with pytest.raises(LocalError, match="become shorter") as caught:
                list(rows)
            assert caught.value.attempts == 1


def test_short_writes_are_finished():
    """An unbuffered file may take less than it is given."""
    spool = _spool.Spool(memory=10)
    with tempfile.TemporaryFile(buffering=0) as file:

        class Slow:
            def write(self, data):
                return file.write(bytes(data[:3]))

            def fileno(self):
                return file.fileno()

            def close(self):
                pass

        spool._file = Slow()
        spool.write(b"0123456789abcdef")
        assert b"".join(spool.pieces(5)) == b"0123456789abcdef"


def test_no_descriptors_left(monkeypatch):
    """A process at its limit of open files gets a LocalError that says so, and goes on when there are some again."""
    with ScriptedServer() as server:
        with MailkitClient(1234567, MD5, url=server.url, retry=Retry(3, base=0), proxy="") as client:
            assert is_own(client.bounces(1), 1)
            client.close()
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            with socket.socket() as probe:
                limit = probe.fileno()
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            try:
                with pytest.raises(LocalError, match="cannot open a socket") as caught:
                    client.bounces(2)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            assert caught.value.attempts == 1
            assert is_own(client.bounces(3), 3)


def test_no_descriptor_left_for_the_file(watched):
    """Where the socket still got one and the file does not, the answer stays in memory."""
    whole = http(LARGE)

    def exhaust():
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        limits.append((soft, hard))
        with socket.socket() as probe:
            limit = probe.fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))

    limits = []
    try:
        assert len(ask((whole[:1000], _Look(exhaust), whole[1000:]))) == 25000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits[0])


# --- memory -----------------------------------------------------------------------------------------------------------

MEASURE = """
import re, sys
from mailkit_xmlrpc import MailkitClient
def peak():  # in MB. Not ru_maxrss: a child begins with its parent's
    with open("/proc/self/status") as status:
        return int(re.search("VmHWM: *([0-9]+) kB", status.read().replace(chr(9), " ")).group(1)) // 1024
with MailkitClient(1234567, "0123456789abcdef0123456789abcdef", url=sys.argv[1], retry=None, proxy="") as client:
    client.bounces(1)  # idle is a process that has made a call: modules are loaded, a socket was used
    idle = peak()
    answer = client.iter_bounces(2)
    received = peak()
    size = answer._response.spool.size >> 20
    for _ in range(5000):
        last = next(answer)
    answer.close()
    print(size, received - idle, peak() - idle, last.id_email)
"""


class _Flood:
    """500 MB in chunks of 1 MiB: rows that were made once."""

    def __init__(self, megabytes):
        row = report(2).partition(b"<data>")[2].partition(b"</data>")[0]
        head, _, tail = report(2, 0).partition(b"</data>")
        padding = row * ((1 << 20) // len(row))
        self._start = http(b"", CHUNKED, length=None) + chunk(head)
        self._piece = chunk(padding)
        self._times = (megabytes << 20) // len(padding) + 1
        self._end = chunk(b"</data>" + tail) + b"0\r\n\r\n"

    def run(self, talk):
        if talk.id_send == 1:
            return talk.sock.sendall(http(report(1)))
        talk.sock.sendall(self._start)
        for _ in range(self._times):
            talk.sock.sendall(self._piece)
        talk.sock.sendall(self._end)


@pytest.mark.skipif(
    not os.path.exists("/proc/self/status"), reason="this system does not tell a process's own peak of memory"
)
def test_receiving_500_megabytes_needs_little_memory(tmp_path):
    """A process that receives 500 MB grows by less than 64 MB over one that has made a small call; so does the
    reading of it."""
    free = os.statvfs(str(tmp_path))
    if free.f_bavail * free.f_frsize < 1 << 30:
        pytest.skip("no room for the temporary file")
    # The package under test, installed or not.
    home = os.path.dirname(os.path.dirname(os.path.abspath(mailkit_xmlrpc.__file__)))
    # PyPy collects garbage when half the processor's cache is full of it, which is hundreds of MB on some.
    environment = dict(os.environ, TMPDIR=str(tmp_path), PYTHONPATH=home, PYPY_GC_NURSERY="4M")
    with ScriptedServer((Request(), _Flood(500))) as server:
        command = [sys.executable, "-c", MEASURE, server.url]
        done = subprocess.run(command, stdout=subprocess.PIPE, universal_newlines=True, timeout=120, env=environment)
    size, received, decoded, id_email = (int(word) for word in done.stdout.split())
    assert (size, id_email) == (500, 2)
    assert received < 64, "MB"
    assert decoded < 64, "MB"
    assert list(tmp_path.iterdir()) == []
