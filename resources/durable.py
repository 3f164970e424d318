"""Files that must be on disk, and the hash that proves one."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

UNFINISHED = ".moi"  # at the end of the name of what does not stand in its place yet


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, content: str | bytes, *, mode: int = 0o600) -> None:
    """Put a small file in its place in one step: who reads it meanwhile finds the old content or the new, never half of one.

    It is its owner's alone, unless `mode` says that it is for others.
    """
    with _written(path, content, mode) as unfinished:
        os.replace(unfinished, path)
    sync(path.parent)


def write_once(path: Path, content: str | bytes, *, mode: int = 0o600) -> None:
    """Write as `write_whole` does, but let a file that stands stay: of two that write at once the first wins."""
    with _written(path, content, mode) as unfinished, suppress(FileExistsError):
        os.link(unfinished, path)
    sync(path.parent)


@contextmanager
def _written(path: Path, content: str | bytes, mode: int) -> Iterator[Path]:
    """The content on disk, beside its place. What does not take its place goes: a secret or a report among others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two containers over one folder have the same numbers of processes: by those alone one would write in the other's file.
    unfinished = path.with_name(f"{path.name}.{os.getpid()}-{os.urandom(4).hex()}{UNFINISHED}")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
            os.fchmod(
                f.fileno(), mode
            )  # past the umask: what is for others is opened to them, nothing is closed after it was open
            f.write(content.encode() if isinstance(content, str) else content)
            f.flush()
            os.fsync(f.fileno())
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
