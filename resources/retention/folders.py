"""Files past their term: workbooks that were exported, what was given back to units, logs. By the times of their writing.

In a folder of a unit anybody of it may lay anything: a link is never followed, and only what a note of ours stands beside is removed.
"""

import datetime as dt
import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from resources.inbox import notes
from resources.inbox.looking import folders, inside
from resources.inbox.opening import first_bytes
from resources.inbox.returning import NOTE
from resources.retention.line import Line
from schemas.retention import Store, Term

EXPORTED = re.compile(
    r"(quarantine-[\w-]+|[A-Z]{2,3}-[A-Z]{1,2}-[\w-]+-lan-\d+|dinh-chinh-[a-z_]+-\d{8})\.xlsx|du-lieu-ca-nhan\.txt", re.ASCII
)
_OURS = tuple((notes.BOM + heading).encode() for heading in (notes.RETURNED, notes.RECEIVED))


@dataclass(frozen=True)
class Old:
    """Something that goes, with what goes before it: a note is the last of what it stands beside."""

    path: Path
    written: float
    size: int
    beside: tuple[Path, ...] = ()


def exports(folder: Path | None, before: dt.datetime | None) -> list[Old]:
    """Workbooks under the names that we give them; nothing else that lies there is ours."""
    if folder is None or before is None:
        return []
    return [old for path in inside(folder) if EXPORTED.fullmatch(path.name) and (old := _old(path, before))]


def logs(folder: Path, before: dt.datetime | None) -> list[Old]:
    """Logs that nobody has written to since; one that is still written to is turned over by what runs the service."""
    return [] if before is None else [old for path in inside(folder) if (old := _old(path, before))]


def given_back(returned: Path, before: dt.datetime | None) -> list[Old]:
    """Notes of ours in the folders of units, each with what was given back behind it."""
    return [] if before is None else [old for _, folder in folders(returned) for old in _notes(folder, before)]


def _notes(folder: Path, before: dt.datetime) -> Iterator[Old]:
    found = {path.name: path for path in inside(folder)}
    behind: dict[str, list[Path]] = {}
    for name, path in found.items():
        behind.setdefault(notes.named(name, NOTE), []).append(path)
    for name, path in found.items():
        if not name.endswith(NOTE) or not (old := _old(path, before)) or not first_bytes(path, 200).startswith(_OURS):
            continue
        beside = tuple(behind.get(name, ()))
        yield Old(path, old.written, old.size + sum(map(_size, beside)), beside)


def _old(path: Path, before: dt.datetime) -> Old | None:
    try:
        about = path.lstat()
    except OSError:  # gone meanwhile
        return None
    is_old = stat.S_ISREG(about.st_mode) and about.st_mtime < before.timestamp()
    return Old(path, about.st_mtime, about.st_size) if is_old else None


def _size(path: Path) -> int:
    """The size of what was given back; of a folder, with all that lies in it. No link is followed."""
    try:
        about = path.lstat()
        if not stat.S_ISDIR(about.st_mode):
            return about.st_size
        return sum((Path(top) / name).lstat().st_size for top, _, names in os.walk(path) for name in names)
    except OSError:
        return 0


def line(store: Store, of: str | None, title: str, term: Term | None, before: dt.datetime | None, found: Iterable[Old]) -> Line:
    going = list(found)
    instants = [dt.datetime.fromtimestamp(old.written, dt.UTC) for old in going]
    count = sum(1 + len(old.beside) for old in going)
    size = sum(old.size for old in going)
    return Line(store, of, title, term, before, count, size, min(instants, default=None), max(instants, default=None))


def remove(found: Iterable[Old]) -> None:
    """A note goes after what it stands beside: cut off in between, the next run still knows by it what was given back."""
    for old in found:
        for path in (*old.beside, old.path):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
