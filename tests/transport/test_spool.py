"""The spool: in memory up to its limit, then in a file that nobody else can open and that leaves nothing behind."""

import errno
import os
import stat
import tempfile
import tracemalloc

import pytest

from mailkit_xmlrpc import LocalError
from mailkit_xmlrpc.transport.limits import PIECE, SPOOL_MEMORY
from mailkit_xmlrpc.transport.spool import Spool
from tests.support.inside import inside, raising

MEMORY = 100
DATA = bytes(range(256)) * 4


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Temporary files are made in a folder of the test's own, which ends up empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def spool():
    """A spool with little memory, closed at the end."""
    made = Spool(memory=MEMORY)
    yield made
    made.close()


def in_file(spool):
    """Whether the spool has left the memory."""
    return spool._file is not None


def read(spool, length=7):
    """All that is in it."""
    pieces = list(spool.pieces(length))
    assert all(0 < len(piece) <= length for piece in pieces)
    return b"".join(pieces)


@pytest.mark.parametrize("sizes", [[MEMORY], [MEMORY - 1, 1], [0, 50, 50], [1] * MEMORY, [], [0]])
def test_memory_at_limit(spool, sizes):
    """As many bytes as the limit stay in memory, however they come."""
    for size in sizes:
        spool.write(DATA[spool.size : spool.size + size])
    assert not in_file(spool)
    assert spool.size == sum(sizes)
    assert read(spool) == DATA[: sum(sizes)]


@pytest.mark.parametrize("sizes", [[MEMORY + 1], [MEMORY, 1], [1] * (MEMORY + 1), [MEMORY, 0, 0, 300, 1], [1000]])
def test_memory_past_limit(spool, sizes):
    """One byte more, and all of it is in the file."""
    for size in sizes:
        spool.write(DATA[spool.size : spool.size + size])
    assert in_file(spool)
    assert spool.size == sum(sizes)
    assert read(spool) == DATA[: sum(sizes)]
    assert len(spool._bytes) == 0


def test_memory_default():
    """The default limit is the documented one."""
    spool = Spool()
    spool.write(bytes(SPOOL_MEMORY))
    assert not in_file(spool)
    spool.write(b"x")
    assert in_file(spool)
    assert spool.tail(2, b"") == b"\0x"
    spool.close()


@pytest.mark.skipif(os.name != "posix", reason="modes and links are POSIX's")
def test_file_private_and_nameless(spool, folder):
    """The file can be read by its owner alone, and has no name from the beginning."""
    spool.write(DATA)
    status = os.fstat(spool._file.fileno())
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert status.st_nlink == 0
    assert list(folder.iterdir()) == []


def test_tail(spool):
    """The last bytes, or as many as there are, in memory and in the file."""
    for size in (50, 200):
        spool.write(DATA[spool.size : size])
        assert [spool.tail(length, b"") for length in (0, 3, size, size + 1)] == [
            b"",
            DATA[size - 3 : size],
            DATA[:size],
            DATA[:size],
        ]


def test_head(spool):
    """The first bytes, or as many as there are, in memory and in the file."""
    for size in (0, 50, 200):
        spool.write(DATA[spool.size : size])
        assert [spool.head(length) for length in (0, 3, size, size + 1)] == [
            b"",
            DATA[: min(3, size)],
            DATA[:size],
            DATA[:size],
        ]


@pytest.mark.parametrize("memory", [MEMORY, 1 << 30], ids=["file", "memory"])
@pytest.mark.parametrize("blanks", [0, 1, PIECE - 5, PIECE - 4, PIECE, 3 * PIECE + 1])
@pytest.mark.parametrize("text", [b"", b"text", b"te xt" * 100])
def test_tail_without_blanks(memory, blanks, text):
    """What does not count is passed over, however much of it there is."""
    spool = Spool(memory=memory)
    spool.write(text)
    spool.write((b" \t\r\n\0" * (blanks // 5 + 1))[:blanks])
    assert spool.tail(5, b" \t\r\n\0") == text[-5:]
    assert spool.tail(1000, b" \t\r\n\0") == text
    spool.close()


def test_tail_in_constant_memory(spool):
    """Many megabytes of blanks are never in memory at once."""
    spool.write(b"x")
    for _ in range(320):
        spool.write(b" " * PIECE)
    tracemalloc.start()
    try:
        assert spool.tail(5, b" ") == b"x"
        assert tracemalloc.get_traced_memory()[1] < 4 * PIECE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [MEMORY, MEMORY + 1])
def test_read_twice_and_between_writes(spool, size):
    """Reading moves nothing: it can be read again, and by two at once."""
    spool.write(DATA[:size])
    first, second = spool.pieces(40), spool.pieces(40)
    assert [next(first), next(second), next(first)] == [DATA[:40], DATA[:40], DATA[40:80]]
    assert read(spool) == DATA[:size]
    assert next(first) == DATA[80:size]


@pytest.mark.parametrize("size", [0, MEMORY, MEMORY + 1])
def test_close_frees_everything(spool, size):
    """Closed, it holds nothing, neither memory nor a file; twice is fine."""
    spool.write(DATA[:size])
    file = spool._file
    for _ in range(2):
        spool.close()
        assert (spool.size, read(spool), spool.head(5), spool.tail(5, b"x")) == (0, b"", b"", b"")
    assert file is None or file.closed


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of other tests' threads; the child only reads a file
def test_read_after_fork(spool):
    """Parent and child of a fork read the file each for itself."""
    spool.write(DATA)
    pieces = spool.pieces(100)
    assert next(pieces) == DATA[:100]
    child = os.fork()
    if not child:
        try:
            os._exit(0 if b"".join(pieces) == DATA[100:] else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert b"".join(pieces) == DATA[100:]


@pytest.mark.parametrize("size", [MEMORY, MEMORY + 1, 1000])
def test_read_without_pread(spool, size, monkeypatch):
    """Where the platform has no pread, it is read all the same."""
    monkeypatch.delattr(os, "pread", raising=False)
    spool.write(DATA[:size])
    assert read(spool) == DATA[:size]
    assert spool.tail(5, b"") == DATA[size - 5 : size]
    assert spool.head(5) == DATA[:5]


class Failing:
    """A file that fails: *writes* are what each write does, a number of bytes taken or an OSError."""

    def __init__(self, *writes):
        self.writes = list(writes)
        self.taken = b""
        self.closed = False

    @inside
    def write(self, data):
        step = self.writes.pop(0)
        if isinstance(step, OSError):
            raise step
        self.taken += bytes(data[:step])
        return step

    @inside
    def fileno(self):
        raise OSError(errno.EIO, "Input/output error")

    @inside
    def close(self):
        self.closed = True
        raise OSError(errno.EIO, "Input/output error")


def failing(monkeypatch, *writes):
    """Have temporary files be a Failing one; return it."""
    file = Failing(*writes)
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *args, **options: file)
    return file


FULL = OSError(errno.ENOSPC, "No space left on device")


def test_disk_full(spool, monkeypatch):
    """A full disk is this machine's fault; the file is closed, even where that fails too."""
    file = failing(monkeypatch, 60, FULL)
    with pytest.raises(LocalError) as caught:
        spool.write(DATA[: MEMORY + 1])
    assert caught.value.detail == "cannot write the temporary file: No space left on device"
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert file.closed and spool.size == 0 and not in_file(spool)


def test_disk_full_later(spool, monkeypatch):
    """So it is when it fills up on the way."""
    file = failing(monkeypatch, 101, 10, FULL)
    spool.write(DATA[:101])
    with pytest.raises(LocalError):
        spool.write(DATA[101:150])
    assert file.closed


def test_write_in_parts(spool, monkeypatch):
    """A write that takes less than all is gone on with."""
    file = failing(monkeypatch, 1, 50, 50, 20)
    spool.write(DATA[:101])
    spool.write(DATA[101:121])
    assert file.taken == DATA[:121]


def test_no_room_for_file(spool, monkeypatch):
    """Where no file can be made at all, that is told."""
    error = FileNotFoundError(errno.ENOENT, "No usable temporary directory found")
    monkeypatch.setattr(tempfile, "TemporaryFile", raising(error, "tempfile"))
    with pytest.raises(LocalError) as caught:
        spool.write(DATA)
    assert caught.value.detail == "cannot write the temporary file: No usable temporary directory found"


NONE_LEFT = OSError(errno.EMFILE, "Too many open files")
NOT_USABLE = FileNotFoundError(errno.ENOENT, "No usable temporary directory found")


@pytest.mark.parametrize("error", [NONE_LEFT, NOT_USABLE])
def test_no_descriptor_for_the_file(spool, monkeypatch, error):
    """More stays in memory while there is no descriptor, up to sixteen times as much; then it goes to the file."""
    with monkeypatch.context() as scarce:
        scarce.setattr(tempfile, "TemporaryFile", raising(error, "tempfile"))
        scarce.setattr(os, "open", raising(NONE_LEFT, "os"))
        for size in (500, 1000, 16 * MEMORY):
            spool.write((DATA * 2)[spool.size : size])
            assert not in_file(spool)
        assert read(spool) == (DATA * 2)[: 16 * MEMORY]
        other = Spool(memory=MEMORY)
        with pytest.raises(LocalError, match="cannot write the temporary file: "):
            other.write(bytes(16 * MEMORY + 1))
        assert other.size == 0
    spool.write((DATA * 2)[spool.size : 1700])
    assert in_file(spool)
    assert read(spool) == (DATA * 2)[:1700]


def test_file_is_asked_for_a_few_times(spool, monkeypatch):
    """What waits is not copied again for each piece of a long answer."""
    asked = []

    def none_left(**options):
        asked.append(options)
        raise NONE_LEFT

    monkeypatch.setattr(tempfile, "TemporaryFile", inside(none_left, "tempfile"))
    for _ in range(16 * MEMORY):
        spool.write(b"x")
    assert len(asked) == 4


def test_callers_error_while_descriptors_are_looked_for(spool, monkeypatch):
    """What the caller's handler raises then passes as it is."""
    error = OSError(errno.EMFILE, "theirs")
    monkeypatch.setattr(tempfile, "TemporaryFile", raising(NOT_USABLE, "tempfile"))
    monkeypatch.setattr(os, "open", raising(error, "somebody_else"))
    with pytest.raises(OSError) as caught:
        spool.write(DATA)
    assert caught.value is error


def test_error_without_words(spool, monkeypatch):
    """An OSError that says nothing is named by its class."""
    failing(monkeypatch, OSError())
    with pytest.raises(LocalError) as caught:
        spool.write(DATA)
    assert "None" not in caught.value.detail


def test_read_fails(spool, monkeypatch):
    """A file that cannot be read is this machine's fault, never an empty answer."""
    failing(monkeypatch, 101)
    spool.write(DATA[:101])
    for step in (lambda: list(spool.pieces()), lambda: spool.tail(5, b""), lambda: spool.head(5)):
        with pytest.raises(LocalError) as caught:
            step()
        assert caught.value.detail == "cannot read the temporary file: Input/output error"


@pytest.mark.skipif(not hasattr(os, "ftruncate"), reason="this platform has no ftruncate")
def test_file_becomes_shorter(spool):
    """A file that somebody cuts is noticed: half an answer never passes for one."""
    spool.write(DATA)
    os.ftruncate(spool._file.fileno(), 150)
    pieces = spool.pieces(100)
    assert (next(pieces), next(pieces)) == (DATA[:100], DATA[100:150])
    with pytest.raises(LocalError) as caught:
        next(pieces)
    assert caught.value.detail == "cannot read the temporary file: it has become shorter"


@pytest.mark.parametrize("step", ["write", "read", "close"])
def test_error_of_the_callers_code(spool, monkeypatch, step):
    """A time limit that strikes while the file is used is the caller's own: the same object, not the disk's."""
    error = TimeoutError("theirs")

    class Struck:
        def fileno(self, *args):
            raise error

        write = close = fileno

    spool.write(DATA)
    file, spool._file = spool._file, Struck()
    try:
        with pytest.raises(TimeoutError) as caught:
            {"write": lambda: spool.write(b"x"), "read": lambda: spool.head(1), "close": spool.close}[step]()
        assert caught.value is error
    finally:
        spool._file = file
