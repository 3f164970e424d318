"""What lies in an inbox, by names, sizes and times alone. No file is opened here.

An inbox has a folder for each unit. A file at rest can be taken in; one that is still being copied, or is open in a program, is left alone.
"""

import os
import re
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from resources.inbox.senders import is_sender
from resources.settings import Settings

TAKING = ".taking"  # beside the units' folders, where no unit can write: the one file of each that is in hand
MOST = 2_000  # entries of a folder that one look sees; the next look sees more
UNFINISHED = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".download", ".swp")
NOBODYS = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db"))  # Windows leaves these wherever somebody opens a folder
DAY = 24 * 3600.0
FOLDERS_PATIENCE = 60
LEFT_IN_HAND = 900.0  # seconds after which a file in hand was left there by a run that ended


@dataclass(frozen=True)
class Entry:
    """What lies in a unit's folder. Its name is told to nobody but the unit."""

    path: Path
    sender: str
    mode: int
    size: int
    written: int  # in nanoseconds, as the next one
    laid: int  # when it came to lie there as it is: a copy may keep the time of writing, but never this one
    mark: str  # differs where it is another file, or was changed

    @property
    def changed(self) -> float:
        return max(self.written, self.laid) / 1e9

    @property
    def order(self) -> tuple[int, int, str, str]:
        """What was written first comes first. Not every share keeps more than seconds: of files of one instant, what was laid first."""
        return self.written, self.laid, self.path.name, self.sender

    def precedes(self, taken: str) -> bool:
        """Whether it was written before a file that was taken, and lay there already at that time. `taken`: the mark of that file."""
        found = _TIMES.search(taken)
        return bool(found) and self.laid <= int(found[2]) and self.written < int(found[1])

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    @property
    def patience(self) -> int:
        """How many times longer than a file it is left alone: a folder's times do not show that files in it are still being copied."""
        return FOLDERS_PATIENCE if stat.S_ISDIR(self.mode) else 1


def folders(inbox: Path) -> Iterator[tuple[str, Path]]:
    """The units' folders that are there, by code. A link does not count as one: it may lead anywhere."""
    for path in inside(inbox):
        if is_sender(path.name) and path.is_dir() and not path.is_symlink():
            yield path.name, path


def strangers(inbox: Path) -> int:
    """How many folders are of no unit, so that nothing in them is ever taken in."""
    known = {path for _, path in folders(inbox)}
    return sum(
        not path.name.startswith(".") and (path.is_dir() or path.is_symlink()) and path not in known for path in inside(inbox)
    )


def at_rest(inbox: Path, settings: Settings, now: float | None = None) -> Iterator[Entry]:
    """What can be taken in: first what a look that did not end has left in hand, then what lies in the folders of all units.

    In each of the two what was written first comes first, so that of a district's file and its commune's the one written later holds.
    """
    now = time.time() if now is None else now
    in_hand, lying = ([e for sender, folder in folders(at) for e in entries(folder, sender)] for at in (inbox / TAKING, inbox))
    at_rest = [entry for entry in lying if now - entry.changed >= settings.rest_seconds * entry.patience]
    for found in (in_hand, at_rest):
        yield from sorted(found, key=lambda entry: entry.order)


def waiting(inbox: Path, settings: Settings, now: float | None = None) -> list[Entry]:
    """What a run should be asked for: what is at rest, without what another run has in hand, unless that run has left it there."""
    now = time.time() if now is None else now
    return [
        entry
        for entry in at_rest(inbox, settings, now)
        if entry.path.parent.parent != inbox / TAKING or now - entry.changed > LEFT_IN_HAND
    ]


def forgotten(inbox: Path, now: float | None = None) -> list[Entry]:
    """What has lain there for more than a day, whatever its name."""
    now = time.time() if now is None else now
    return [
        entry
        for place in (inbox / TAKING, inbox)
        for sender, folder in folders(place)
        for entry in entries(folder, sender, unfinished=True)
        if now - entry.changed > DAY
    ]


def entries(folder: Path, sender: str, *, unfinished: bool = False) -> Iterator[Entry]:
    """What lies in a folder, without what is not for us. `unfinished`: also what is not ready yet."""
    found = list(inside(folder))
    names = {path.name for path in found}
    for path in found:
        if path.name.lower() in NOBODYS or (not unfinished and _is_unfinished(path.name, names)):
            continue
        try:
            about = path.lstat()
        except OSError:  # gone meanwhile
            continue
        yield Entry(path, sender, about.st_mode, about.st_size, about.st_mtime_ns, about.st_ctime_ns, mark(about))


def mark(about: os.stat_result) -> str:
    """A text that differs where it is another file, or the same file changed or moved."""
    return f"{about.st_dev}-{about.st_ino}-{about.st_size}-{about.st_mtime_ns}-{about.st_ctime_ns}"


_TIMES = re.compile(r"-(-?\d+)-(-?\d+)$")  # in the mark of a file in hand: when it was written, and when it was taken


def _is_unfinished(name: str, names: set[str]) -> bool:
    """Whether a name says that its file is being written or open somewhere, by itself or by a lock beside it (Excel's, LibreOffice's)."""
    is_open = f"~${name}" in names or f"~${name[2:]}" in names or f".~lock.{name}#" in names
    return name.startswith((".", "~$")) or name.lower().endswith(UNFINISHED) or is_open


def inside(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as found:
            return [Path(entry.path) for entry in islice(found, MOST)]
    except OSError:  # not there, or not ours: the doctor says which
        return []
