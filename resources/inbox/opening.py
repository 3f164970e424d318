"""Opening what somebody else put there: taken out of their reach first, no link followed, nothing waited for, no more read than a limit."""

import fcntl
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from resources.durable import sync
from resources.inbox.failures import NotAFile
from resources.inbox.looking import TAKING, Entry
from resources.workbooks.reading.failures import FileEmpty, FileTooLarge
from resources.workbooks.reading.limits import Limits

AT_ONCE = 1 << 20
_KINDS = ((stat.S_ISLNK, "lối tắt"), (stat.S_ISDIR, "thư mục"), (stat.S_ISFIFO, "ống dẫn"), (stat.S_ISSOCK, "ổ cắm"))


class StillWritten(Exception):
    """The file changes while it is looked at: it is left for the next look."""


def claim(entry: Entry, inbox: Path) -> Path:
    """Move an entry where its sender cannot reach it, under its own name, and say where. An entry that is there already stays.

    From now on a file of the same name is another file. While the first is in hand the second would overwrite it, so it waits. Raises
    StillWritten then, and where somebody has the file open to write; and OSError.
    """
    taking = inbox / TAKING
    if entry.path.parent.parent == taking:
        return entry.path
    if entry.is_file and _is_being_written(entry.path):
        raise StillWritten
    for folder in (taking, taking / entry.sender):
        folder.mkdir(mode=0o700, exist_ok=True)
    place = taking / entry.sender / entry.path.name
    if os.path.lexists(place):
        raise StillWritten
    os.rename(entry.path, place)
    sync(place.parent)
    return place


class Content:
    """What a file holds, read once, up to the end that it had when it was opened."""

    def __init__(self, file: int, limits: Limits) -> None:
        self._file, self._about, self._read = file, os.fstat(file), 0
        if self._about.st_size > limits.file_bytes:
            raise FileTooLarge(what=f"tệp {self._about.st_size >> 20} MB, cho phép {limits.file_bytes >> 20} MB")
        if not self._about.st_size:
            raise FileEmpty

    def read(self, size: int = AT_ONCE) -> bytes:
        """The next bytes. Raises StillWritten where the file has changed by the time its end is read."""
        data = os.read(self._file, size)
        self._read += len(data)
        now = os.fstat(self._file)
        is_as_it_was = (now.st_size, now.st_mtime_ns) == (self._about.st_size, self._about.st_mtime_ns)
        if self._read > self._about.st_size or (not data and not (is_as_it_was and self._read == self._about.st_size)):
            raise StillWritten
        return data


@contextmanager
def content(path: Path, limits: Limits) -> Iterator[Content]:
    """Raises NotAFile, FileEmpty, FileTooLarge and OSError."""
    with opened(path) as file:
        yield Content(file, limits)


def first_bytes(path: Path, most: int) -> bytes:
    """The first bytes of what lies in a folder that a unit can write. A link is not followed; what is no file has none."""
    with suppress(OSError, NotAFile), opened(path) as file:
        return os.read(file, most)
    return b""


def extension(path: Path) -> str:
    """The extension under which a file is kept: by its content, whatever its name says."""
    head = first_bytes(path, 100)
    if head.startswith(b"PK"):
        return "ods" if b"application/vnd.oasis.opendocument" in head else "xlsx"
    return "xls" if head.startswith(b"\xd0\xcf\x11\xe0") else "csv"


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A file, to read. Raises NotAFile and OSError."""
    about = path.lstat()
    if not stat.S_ISREG(about.st_mode):
        raise NotAFile(kind=next((words for is_kind, words in _KINDS if is_kind(about.st_mode)), "tệp đặc biệt"))
    # Without O_NONBLOCK, opening a pipe that took its place would wait for a writer that never comes.
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise NotAFile(kind="tệp đặc biệt")
        yield file
    finally:
        os.close(file)


def _is_being_written(path: Path) -> bool:
    """Whether somebody on this machine has the file open to write: then the system refuses a lease. What cannot be told counts as no."""
    with suppress(OSError), opened(path) as file:
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)  # who opens it meanwhile breaks the lease; by itself that ends a process
        try:
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            return True
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
