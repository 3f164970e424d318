"""The files of the place's folder: what lies there, bounded, and what may not.

Hidden names are passed over: those of a version control, and those that a cluster lays beside what it mounts.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resources.failing import why_not
from schemas.local import ALL

HEADINGS = "headings"
NOTES = ("README", "README.md", "README.txt")
MOST_FILES = 2000
DEEPEST = 3  # <hệ thống>/rates/standards.csv
LARGEST = 256 * 1024


@dataclass(frozen=True)
class Fault:
    """What is wrong, where, and what is not done because of it: schemas/local.py names it, or a system's name stands here."""

    where: str
    why: str
    stops: frozenset[str] = frozenset({ALL})

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


class Unfit(Exception):
    """A file or folder that is not read, and why."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


def files(folder: Path) -> Iterator[tuple[str, Path | Unfit]]:
    """The name of each file below a folder, in order, and where it is, or why it is none."""
    left, count, root = [(folder, "")], 0, folder.resolve()
    while left:
        within, before = left.pop()
        try:
            refuse_open_to_all(within)
            names = sorted(os.listdir(within))
        except (OSError, Unfit) as error:
            yield before or str(folder), error if isinstance(error, Unfit) else Unfit(f"không đọc được ({why_not(error)})")
            continue
        for name in names:
            path, told = within / name, f"{before}{shown(name)}"
            if name.startswith(".") or (not before and name in NOTES):
                continue
            count += 1
            if count > MOST_FILES:
                yield told, Unfit(f"nhiều hơn {MOST_FILES} tệp và thư mục")
                return
            if not Path(os.path.realpath(path)).is_relative_to(root):  # a loop of links is told where it is opened
                yield told, Unfit("là liên kết ra ngoài thư mục; chép chính tệp vào")
            elif not path.is_dir():
                yield told, path
            elif told.count("/") + 1 < DEEPEST:
                left.append((path, f"{told}/"))
            else:
                yield told, Unfit("là thư mục sâu quá, không bảng nào ở đó")


def shown(name: str) -> str:
    return name if name.isprintable() and len(name) <= 80 else f"{name[:80]!a}"


def content(path: Path) -> str:
    """The text of a file. Raises Unfit."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # of a pipe that nobody writes into the end would never come
            raise Unfit("không phải tệp thường")
        refuse_open_to_all(path)
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Unfit(f"không đọc được ({why_not(error)})") from None
    if len(data) > LARGEST:
        raise Unfit(f"lớn hơn {LARGEST // 1024} KB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unfit("không phải văn bản UTF-8; ở Excel lưu dạng CSV UTF-8") from None


def refuse_open_to_all(path: Path) -> None:
    """Refuse a folder that everybody may write to: who writes here decides what is published.

    A group may. A folder that a cluster has laid read-only passes too: nobody can write there.
    """
    if path.stat().st_mode & stat.S_IWOTH and not os.statvfs(path).f_flag & os.ST_RDONLY:
        raise Unfit("mọi tài khoản của máy ghi được vào đây; bỏ quyền đó (chmod o-w)")


def stamp(folder: Path | None) -> str:
    """What changes when one of the tables does; headings are read anew with each file of a sender."""
    if folder is None:
        return ""
    told = []
    for name, found in files(folder):
        if not name.startswith(f"{HEADINGS}/"):
            told.append((name, _looks(found) if isinstance(found, Path) else found.why))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _looks(path: Path) -> object:
    try:
        found = path.stat()
    except OSError as error:
        return error.errno
    return found.st_size, found.st_mtime_ns, found.st_mode, found.st_ino
