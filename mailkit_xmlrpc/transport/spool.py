"""The whole answer, kept until it is decoded: in memory while small, then in a temporary file without a name."""

import errno
import os
from typing import IO, Iterator, Optional

from ..exceptions import LocalError
from ..exceptions.boundary import raised_by_caller
from .limits import PIECE, SPOOL_MEMORY, SPOOL_TIMES

_NO_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)


class Spool:
    """Write it from the front to the end, then read it in pieces; close it when done.

    The file is made by ``tempfile.TemporaryFile``: readable by its owner alone and unlinked at once, so nothing is left
    behind whatever happens to the process.

    :param memory: bytes kept in memory; one more and all goes to the file. While the process has no descriptor for the
        file, SPOOL_TIMES as many are kept: other calls end, and give theirs back
    """

    _file: Optional[IO[bytes]] = None

    def __init__(self, memory: int = SPOOL_MEMORY) -> None:
        self._memory = memory
        self._most = SPOOL_TIMES * memory
        self._bytes = bytearray()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append *data*.

        :raises LocalError: the file cannot be made or written
        """
        self.size += len(data)
        if self._file is None:
            self._bytes += data
            if self.size <= self._memory:
                return
            data = bytes(self._bytes)
        if self._to_file(data):
            self._bytes = bytearray()

    def _to_file(self, data: bytes) -> bool:
        """Append *data* to the file; return False where it stays in memory for now."""
        try:
            if self._file is None:
                import tempfile

                self._file = tempfile.TemporaryFile(buffering=0, prefix="mailkit_xmlrpc-")
            view = memoryview(data)
            while view:  # unbuffered: a write may take less than all of it
                view = view[self._file.write(view) :]
        except OSError as error:
            if raised_by_caller(error):
                raise
            if self.size <= self._most and self._file is None and _is_scarce(error):
                self._memory = min(2 * self.size, self._most)  # until it is asked for again
                return False
            problem = LocalError("cannot write the temporary file: {}".format(error.strerror or type(error).__name__))
        else:
            return True
        self.close()
        raise problem

    def head(self, length: int) -> bytes:
        """The first *length* bytes, or fewer where there are not so many."""
        return self._read(0, length)

    def tail(self, length: int, without: bytes) -> bytes:
        """The last *length* bytes, or fewer where there are not so many; those of *without* at the end do not count."""
        end, piece = self.size, b""
        while end and not piece:
            start = max(0, end - PIECE)
            piece = self._read(start, end - start).rstrip(without)
            end = start + len(piece)
        start = max(0, end - length)
        return self._read(start, end - start)

    def pieces(self, length: int = PIECE) -> Iterator[bytes]:
        """Read it from the front, *length* bytes at a time.

        :raises LocalError: the file cannot be read
        """
        at = 0
        while at < self.size:
            piece = self._read(at, length)
            if not piece:
                raise LocalError("cannot read the temporary file: it has become shorter")
            at += len(piece)
            yield piece

    def _read(self, at: int, length: int) -> bytes:
        if self._file is None:
            return bytes(self._bytes[at : at + length])
        try:
            if hasattr(os, "pread"):  # parent and child of a fork share the file's own position
                return os.pread(self._file.fileno(), length, at)
            self._file.seek(at)
            return self._file.read(length)
        except OSError as error:
            if raised_by_caller(error):
                raise
            problem = LocalError("cannot read the temporary file: {}".format(error.strerror or type(error).__name__))
        raise problem

    def close(self) -> None:
        """Forget everything; twice is fine."""
        self._bytes = bytearray()
        self.size = 0
        if self._file is not None:
            try:
                self._file.close()
            # Nobody will read it again.
            except OSError as error:
                if raised_by_caller(error):
                    raise
            self._file = None

    def __del__(self) -> None:
        # Nobody closed it, as after an interruption: no ResourceWarning.
        if self._file is not None:
            self._file.close()


def _is_scarce(error: OSError) -> bool:
    """Whether a file cannot be made because the process has no descriptor left."""
    if error.errno in _NO_DESCRIPTORS:
        return True
    try:
        # tempfile calls a directory not usable that it could not try.
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as other:
        if raised_by_caller(other):
            raise
        return other.errno in _NO_DESCRIPTORS
    return False
