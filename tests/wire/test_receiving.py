"""The answer on its way into the spool: compression, limits, the temporary file, and what this machine may lack."""
import errno
import gzip
import os
import socket
import stat
import subprocess
import sys
import tempfile
import zlib

import pytest
from observing import is_own
from scripted_server import MD5, Pause, Request, ScriptedServer, chunk, http, report, value

from mailkit_xmlrpc import (
    IncompleteResponseError,
    LocalError,
    MailkitClient,
    MailkitError,
    MalformedResponseError,
    ResponseTooLargeError,
    Retry,
    _limits,
    _spool,
)

resource = pytest.importorskip("resource", reason="there are no limits of descriptors to set here")

CHUNKED = "Transfer-Encoding: chunked"
LARGE = report(1, rows=25000)  # more than the spool keeps in memory


def ask(answer, **options):
    """The rows of a call that is answered so, with one try."""
    steps = answer if isinstance(answer, tuple) else (answer,)
    with ScriptedServer((Request(),) + steps) as server:
        with MailkitClient(1234567, MD5, url=server.url, **dict(dict(retry=None, proxy=""), **options)) as client:
            return client.bounces(1)


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """A directory for temporary files of this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


# --- compression ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gzip", "GZIP", "x-gzip", "X-GZip", " gzip , ", "identity, gzip"])
@pytest.mark.parametrize("framing", ["length", "chunks", "end"])
def test_gzip_under_its_names(name, framing):
    """In any case and as x-gzip, however the end of the body is told; and a small piece at a time."""
    packed = gzip.compress(report(1))
    header = "Content-Encoding: " + name
    if framing == "length":
        answer = (http(packed, header),)
    elif framing == "end":
        answer = (http(packed, header, length=None), _End())
    else:
        answer = (
            http(b"", header, CHUNKED, length=None)
            + b"".join(chunk(packed[i : i + 7]) for i in range(0, len(packed), 7))
            + b"0\r\n\r\n",
        )
    assert is_own(ask(answer), 1)


class _End:
    """Close the connection."""

    def run(self, talk):
        talk.raw.shutdown(socket.SHUT_WR)


def test_gzip_of_many_members():
    """A member for every byte, as some servers flush."""
    packed = b"".join(gzip.compress(bytes([byte])) for byte in report(1))
    assert is_own(ask(http(packed, "Content-Encoding: gzip")), 1)


def test_gzip_cut_anywhere_is_never_a_report():
    """Every prefix of a compressed answer, complete for HTTP, is an error: incomplete, or empty where nothing came."""
    packed = gzip.compress(report(1))
    with ScriptedServer() as server, MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
        for length in range(len(packed)):
            server.play((Request(), http(packed[:length], "Content-Encoding: gzip")))
            with pytest.raises(IncompleteResponseError if length else MalformedResponseError):
                client.bounces(1)
        server.play((Request(), http(packed, "Content-Encoding: gzip")))
        assert is_own(client.bounces(1), 1)


def test_answer_cut_anywhere_is_never_a_report():
    """Every prefix of an answer that only the end of the connection ends is an error."""
    body = report(1)
    whole = http(body, length=None)
    with ScriptedServer() as server, MailkitClient(1234567, MD5, url=server.url, retry=None, proxy="") as client:
        for length in range(0, len(whole), 3):
            server.play((Request(), whole[:length], _End()))
            with pytest.raises(IncompleteResponseError):
                client.bounces(1)


@pytest.mark.parametrize(
    "form", ["deflate", "br", "zstd", "compress", "gzip, gzip", "gzip, br", "identity, identity, br"]
)
def test_content_coding_that_was_not_asked_for(form):
    """Named in the error."""
    with pytest.raises(MalformedResponseError, match="content coding"):
        ask(http(zlib.compress(report(1)), "Content-Encoding: " + form))


def test_bomb_is_stopped_at_the_limit(watched):
    """100 MB out of 100 KB: stopped at max_response_bytes, without a file of that size ever having been written."""
    bomb = gzip.compress(value("<string>" + " " * (100 << 20) + "</string>"))
    assert len(bomb) < 200000
    with pytest.raises(ResponseTooLargeError) as caught:
        ask(http(bomb, "Content-Encoding: gzip"), max_response_bytes=8 << 20)
    assert (caught.value.limit, caught.value.unit) == (8 << 20, "bytes")
    assert list(watched.iterdir()) == []


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_byte_limit_is_of_the_decompressed_answer(pack, framing):
    """At the limit, and one past it, compressed or not."""
    body = report(1)
    sent = gzip.compress(body) if pack else body
    headers = ["Content-Encoding: gzip"] if pack else []
    answer = (
        http(sent, *headers)
        if framing == "length"
        else http(b"", CHUNKED, *headers, length=None) + chunk(sent) + b"0\r\n\r\n"
    )
    assert is_own(ask(answer, max_response_bytes=len(body)), 1)
    with pytest.raises(ResponseTooLargeError) as caught:
        ask(answer, max_response_bytes=len(body) - 1)
    assert caught.value.limit == len(body) - 1


def test_text_of_the_limit_names_the_argument():
    """Whoever meets it in a log at night knows what to raise."""
    with pytest.raises(ResponseTooLargeError, match="max_response_bytes="):
        ask(http(report(1)), max_response_bytes=10)


@pytest.mark.parametrize("past", [0, 1])
def test_line_limit(past):
    """A header line may have MAX_LINE bytes before its LF, and no more."""
    line = "X: " + "y" * (_limits.MAX_LINE - 4 + past)
    assert len(line) + 1 == _limits.MAX_LINE + past
    answer = http(report(1), line)
    if past:
        with pytest.raises(MailkitError, match="longer than {} bytes".format(_limits.MAX_LINE)):
            ask(answer)
    else:
        assert is_own(ask(answer), 1)


@pytest.mark.parametrize("past", [0, 1])
def test_interim_limit(past):
    """MAX_INTERIM 1xx answers, and no more."""
    answer = b"HTTP/1.1 100 Continue\r\n\r\n" * (_limits.MAX_INTERIM + past) + http(report(1))
    if past:
        with pytest.raises(MailkitError, match="interim"):
            ask(answer)
    else:
        assert is_own(ask(answer), 1)


# --- content type -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", ["text/xml", "application/xml", "TEXT/XML; charset=utf-8", "application/rpc+xml", "text/xml;charset=x"]
)
def test_content_type_of_xml_is_not_mentioned(given):
    """It is no part of what went wrong."""
    with pytest.raises(MalformedResponseError) as caught:
        ask(http(b"<html/>", "Content-Type: " + given))
    assert caught.value.content_type is None
    assert "Content-Type" not in str(caught.value)


@pytest.mark.parametrize("given", ["text/html", "application/json", "text/plain; charset=utf-8", "x"])
def test_content_type_of_another_kind_is_named(given):
    """A login page or a JSON error is recognised by it; a good report is taken all the same."""
    header = "Content-Type: " + given
    with pytest.raises(MalformedResponseError) as caught:
        ask(http(b"<html/>", header))
    assert caught.value.content_type == given
    assert "its Content-Type is {}".format(given) in str(caught.value)
    assert is_own(ask(http(report(1), header)), 1)


# --- the temporary file -----------------------------------------------------------------------------------------------


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
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def test_no_room_for_the_file(watched, monkeypatch):
    """A full disk is a LocalError, told at once: another try would not help."""
    original = tempfile.TemporaryFile

    class Full:
        def __init__(self, file):
            self._file = file
            self._room = 5000000

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
            os.ftruncate(rows._answer.spool._file.fileno(), 600000)
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
    """The same where the socket still got one and the file does not."""
    whole = http(LARGE)

    def exhaust():
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        limits.append((soft, hard))
        with socket.socket() as probe:
            limit = probe.fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))

    limits = []
    try:
        with pytest.raises(LocalError, match="temporary file"):
            ask((whole[:1000], _Look(exhaust), whole[1000:]))
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
    size = answer._answer.spool.size >> 20
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
    home = os.path.dirname(
        os.path.dirname(os.path.abspath(_spool.__file__))
    )  # the package under test, installed or not
    environment = dict(os.environ, TMPDIR=str(tmp_path), PYTHONPATH=home)
    with ScriptedServer((Request(), _Flood(500))) as server:
        command = [sys.executable, "-c", MEASURE, server.url]
        done = subprocess.run(command, stdout=subprocess.PIPE, universal_newlines=True, timeout=120, env=environment)
    size, received, decoded, id_email = (int(word) for word in done.stdout.split())
    assert (size, id_email) == (500, 2)
    assert received < 64, "MB"
    assert decoded < 64, "MB"
    assert list(tmp_path.iterdir()) == []
