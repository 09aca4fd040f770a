"""The whole answer, kept until it is decoded: in memory while small, then in a temporary file without a name."""
import os
from typing import IO, Iterator, Optional

from ._limits import PIECE, SPOOL_MEMORY
from .exceptions import LocalError


class Spool:
    """Write it from the front to the end, then read it in pieces; close it when done.

    The file is made by ``tempfile.TemporaryFile``: readable by its owner alone and unlinked at once, so nothing is left
    behind whatever happens to the process.

    :param memory: bytes kept in memory; one more and all goes to the file
    """

    def __init__(self, memory: int = SPOOL_MEMORY) -> None:
        self._memory = memory
        self._bytes = bytearray()
        self._file: Optional[IO[bytes]] = None
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
            data, self._bytes = bytes(self._bytes), bytearray()
        self._to_file(data)

    def _to_file(self, data: bytes) -> None:
        try:
            if self._file is None:
                import tempfile

                self._file = tempfile.TemporaryFile(buffering=0, prefix="mailkit_xmlrpc-")
            view = memoryview(data)
            while view:  # unbuffered: a write may take less than all of it
                view = view[self._file.write(view) :]
        except OSError as error:
            problem = LocalError("cannot write the temporary file: {}".format(error.strerror or type(error).__name__))
        else:
            return
        self.close()
        raise problem

    def tail(self, length: int) -> bytes:
        """The last *length* bytes, or fewer where there are not so many."""
        return self._read(max(0, self.size - length), length)

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
            problem = LocalError("cannot read the temporary file: {}".format(error.strerror or type(error).__name__))
        raise problem

    def close(self) -> None:
        """Forget everything; twice is fine."""
        self._bytes = bytearray()
        self.size = 0
        if self._file is not None:
            try:
                self._file.close()
            except OSError:  # nobody will read it again
                pass
            self._file = None
