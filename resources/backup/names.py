"""Names of what a backup holds: only below the folders that are kept, only plain files, opened so that no link is followed."""

import os
import stat
import unicodedata
from pathlib import Path
from typing import IO

from resources.backup.unfinished import RESTORING
from resources.raw_store import EXTENSIONS
from resources.settings import PERSON_SECRET, POPULATION_SECRET, ROUNDING_SECRET

DATABASES = "databases"
OPEN = "open"
RELEASES = ".releases"  # of the open files: where a table's name links to the release that stands

# What of the home is kept, by name, so that no secret that somebody lays there comes along. The demo's own three do: with another one the open
# figures that stand could never be gone on with, nor would anybody be known again whom the population database was asked about.
# `config` is the place's own folder (ANSINH_CONFIG), from wherever it stands; brought back it lies in the home, for an officer to take.
CONFIG = "config"
KEPT_FOLDERS = ("raw", OPEN, "demo", "dagster/storage", "headings", CONFIG)
KEPT_FILES = ("clock", ROUNDING_SECRET, POPULATION_SECRET, PERSON_SECRET)
KEPT = (*KEPT_FOLDERS, *KEPT_FILES)
# What lies in an inbox is its sender's until it is taken in, and what was given back is too; the names that clerks gave them stay there.
LEFT_OUT = ("pg", "mariadb", "run", "logs", "dagster", "secrets", "inbox", "returned", RESTORING, "reads.end", "person-acts.json")

RAW = ("parquet", *EXTENSIONS)  # files of the raw store, by the end of their name

LONGEST_PART = 255  # bytes, as of every file system
LONGEST = 1024


def is_plain(name: str) -> bool:
    """Whether this is a relative path that stays where it is laid, on every system and however it is written."""
    if not name or len(name.encode(errors="replace")) > LONGEST or unicodedata.normalize("NFC", name) != name:
        return False
    return all(_is_part(part) for part in name.split("/"))


def _is_part(part: str) -> bool:
    odd = any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or c in "\\:" for c in part)
    return not odd and part not in ("", ".", "..") and len(part.encode()) <= LONGEST_PART


def is_of_a_backup(name: str) -> bool:
    """Whether a backup may hold a file of this name: a dump, or what is kept of the home."""
    return is_plain(name) and (name in KEPT_FILES or name.startswith(tuple(f"{f}/" for f in (*KEPT_FOLDERS, DATABASES))))


def is_link_of_ours(name: str, target: str) -> bool:
    """Whether this is the one kind of link that a state has: an open table's name, to the release that stands."""
    table = name.removeprefix(f"{OPEN}/")
    release = target.removeprefix(f"{RELEASES}/{table}/")
    ours = (f"{OPEN}/{table}", f"{RELEASES}/{table}/{release}")
    return (name, target) == ours and all(is_plain(p) and "/" not in p for p in (table, release)) and not table.startswith(".")


def mode_of(name: str) -> int:
    """The mode of a restored file: open data may be read by others, all else is its owner's alone."""
    return 0o644 if name.startswith(f"{OPEN}/") else 0o600


def folder_mode(name: str) -> int:
    return 0o755 if name == OPEN or name.startswith(f"{OPEN}/") else 0o700


def opened(root: Path, name: str) -> IO[bytes]:
    """A plain file below a folder; OSError for a link on the way, and for what is no plain file, which could hang who reads it."""
    *folders, last = name.split("/")
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = inner
        found = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=handle)
    finally:
        os.close(handle)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise OSError(f"{last} is no plain file")
    return os.fdopen(found, "rb")
