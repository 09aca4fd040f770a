"""The file of ``-O``: written whole, and only then put in the place of an older one.

A new file is its owner's alone, for it holds addresses; one that takes the place of another has that one's mode. Where
no file can take the place of another (it is mounted there by itself, or nothing may be made in its directory), what was
written whole elsewhere is copied into it, and that is said. Pipes and character devices are written to as they are.
"""

import contextlib
import os
import re
import shutil
import stat
import tempfile
from typing import BinaryIO, Iterable, Iterator, Optional, Union

from ..exceptions import LocalError
from .errors import PROGRAM, UsageError, say
from .texts import printable

#: what means standard output wherever a file is asked for
_STANDARD_OUTPUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
_OWN_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/fd/([0-9]{1,9})|/dev/stderr")
PRIVATE = 0o600  # what a file with addresses is
_MAX_LINKS = 40  # of a path; that of Linux


def is_standard_output(path: str) -> bool:
    """Return whether *path* means standard output."""
    return path in _STANDARD_OUTPUT


def is_terminal(path: str) -> bool:
    """Return whether *path* leads to a terminal."""
    try:
        if not stat.S_ISCHR(os.stat(path).st_mode):
            return False
        with open(path, "wb", 0) as file:
            return file.isatty()
    except OSError:
        return False


def write_file(pieces: Iterable[Union[str, bytes]], path: str, option: str = "-O", mode: int = PRIVATE) -> None:
    """Write *pieces* to what is at *path*; to an ordinary file whole or not at all.

    :param option: what named it
    :param mode: of a new file
    :raises UsageError: what is there is nothing to write to
    :raises LocalError: it cannot be written
    """
    with blaming(_named(path, option)):
        with _as_it_is(path) or whole_file(path, option, mode) as file:
            for piece in apart(pieces):
                file.write(piece.encode("utf-8", "backslashreplace") if isinstance(piece, str) else piece)
            file.flush()


class _Theirs(Exception):
    """An OSError of what makes the pieces, on its way past those of what takes them."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


def apart(pieces: Iterable[Union[str, bytes]]) -> Iterator[Union[str, bytes]]:
    """Yield *pieces*; an OSError of theirs is not blamed on what takes them. To be used within :func:`blaming`."""
    try:
        yield from pieces
    except OSError as error:
        raise _Theirs(error)


@contextlib.contextmanager
def blaming(name: str) -> Iterator[None]:
    """Turn an OSError of the ``with`` block into a LocalError that says *name* cannot be written.

    That the reader of a pipe went away is no error: nobody wants the rest.
    """
    try:
        yield
    except _Theirs as theirs:
        raise theirs.error
    except BrokenPipeError:
        pass
    except OSError as error:
        raise LocalError("{} cannot be written: {}".format(name, error.strerror or type(error).__name__))


def _named(path: str, option: str) -> str:
    return "{} {}".format(option, printable(path))


def _as_it_is(path: str) -> Optional[BinaryIO]:
    """Open *path* where it is a descriptor of ours, a pipe or a character device; return None where it is a file."""
    own = _OWN_DESCRIPTOR.fullmatch(path)
    if own:
        # Opening it anew would empty the file behind it.
        return open(os.dup(int(own.group(1) or 2)), "wb")
    status = _status(path)
    if status is not None and (stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode)):
        return open(path, "wb")
    return None


@contextlib.contextmanager
def whole_file(path: str, option: str = "-O", mode: int = PRIVATE) -> Iterator[BinaryIO]:
    """Open a file to write. It gets the name *path* only when all went well; until then an older file stays.

    :param option: what named it
    :param mode: of a new file
    :raises UsageError: there is something at *path* that is no ordinary file
    """
    target = target_of(path, option)
    old = _status(target)
    # The name is random. Every run in a container may have the same process id, and a run that was killed leaves its
    # file behind. It is known before the file is there, so that an interruption leaves none.
    partial = os.path.join(os.path.dirname(target), "{}-{}.part".format(PROGRAM, os.urandom(8).hex()))
    obstacle: Optional[OSError] = None
    try:
        try:
            file = _made(partial, old, mode)
        except OSError as error:
            if old is None or not os.access(target, os.W_OK):
                raise
            file, obstacle = tempfile.TemporaryFile(), error
        with file:
            yield file
            file.flush()
            if obstacle is None:
                os.fsync(file.fileno())
                try:
                    os.replace(partial, target)
                except OSError as error:
                    if old is None:
                        raise
                    obstacle = error
            if obstacle is not None:
                _copy(file, target)
                say(
                    "{} was written in place: no new file can replace it ({})".format(
                        _named(path, option), obstacle.strerror
                    )
                )
    finally:
        with contextlib.suppress(OSError):
            os.unlink(partial)


def _made(partial: str, old: Optional[os.stat_result], mode: int) -> BinaryIO:
    """Make the file *partial*, with *mode*, or owned and readable as *old* is.

    :raises OSError: it cannot be made so
    """
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        if old is not None and hasattr(os, "fchown"):
            new = os.fstat(descriptor)
            if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
                os.fchown(descriptor, old.st_uid, old.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(old.st_mode))
    except BaseException:
        os.close(descriptor)
        os.unlink(partial)
        raise
    return open(descriptor, "w+b")


def _copy(file: BinaryIO, target: str) -> None:
    file.seek(0)
    with open(target, "r+b") as there:
        shutil.copyfileobj(file, there)
        there.truncate()
        there.flush()
        os.fsync(there.fileno())


def _status(path: str) -> Optional[os.stat_result]:
    try:
        return os.stat(path)
    except OSError:
        return None


# --- where a path leads to --------------------------------------------------------------------------------------------


def target_of(path: str, option: str = "-O") -> str:
    """Return the absolute path of the file that *path* leads to, through symbolic links.

    :raises UsageError: something else than a file stands there; or a stranger could have put a link there
    """
    target = os.path.realpath(path) if os.name == "nt" else _resolved(path, option)
    if os.path.isdir(target):
        raise UsageError("{} is a directory".format(_named(path, option)))
    if os.path.exists(target) and not os.path.isfile(target):
        raise UsageError("{} is no ordinary file".format(_named(path, option)))
    return target


def _resolved(path: str, option: str) -> str:
    """Return what os.path.realpath() does, through such links only as the system's protected_symlinks lets one follow.

    https://www.kernel.org/doc/html/latest/admin-guide/sysctl/fs.html#protected-symlinks; realpath() goes round it.
    """
    done = os.sep if os.path.isabs(path) else os.getcwd()
    left = path.split(os.sep)[::-1]
    links = 0
    while left:
        part = left.pop()
        if part in ("", os.curdir):
            continue
        if part == os.pardir:
            done = os.path.dirname(done)
            continue
        here = os.path.join(done, part)
        if not os.path.islink(here):
            done = here
            continue
        links += 1
        if links > _MAX_LINKS:
            raise UsageError("{} leads through too many symbolic links".format(_named(path, option)))
        if _is_strangers(os.lstat(here), os.stat(done)):
            raise UsageError(
                "{} leads through {}, a symbolic link that somebody else put into a directory where all may; name the "
                "file itself".format(_named(path, option), printable(here))
            )
        link = os.readlink(here)
        done = os.sep if os.path.isabs(link) else done
        left += link.split(os.sep)[::-1]
    return done


def _is_strangers(link: os.stat_result, folder: os.stat_result) -> bool:
    shared = stat.S_ISVTX | stat.S_IWOTH
    return folder.st_mode & shared == shared and link.st_uid not in (os.geteuid(), folder.st_uid)
