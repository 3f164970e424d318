"""The state folder on a machine that others have accounts on: beneath it nothing but `open/` is readable to them.

All that a command makes is born so (`umask`, resources/durable.py). What is here closes a folder that an older version left
open, and finds one that somebody opened since.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from resources import accounts
from resources.durable import UNFINISHED
from resources.environment import of_others
from resources.failures import RootInState, StateOpen

OPEN = "open"
# What ansinh keeps there. A folder that holds something else was somebody's before: it is not ours to close.
OURS = frozenset(
    (
        "clock",
        "config",
        "dagster",
        "demo",
        "headings",
        "inbox",
        "logs",
        "lost+found",  # of the disk that is mounted there
        "mariadb",
        OPEN,
        "person-acts.json",
        "pg",
        "raw",
        "reads.end",
        "restoring",
        "returned",
        "run",
        "secrets",
    )
)
READABLE = stat.S_IRWXG & ~stat.S_IXGRP | stat.S_IRWXO & ~stat.S_IXOTH
ANY = stat.S_IRWXG | stat.S_IRWXO
CLOSED, PASSAGE = 0o700, 0o711


def close(home: Path) -> None:
    """Take from other accounts what an older version, or another umask, gave them. It looks at what lies on top, and no deeper.

    Who may pass through the folder (`chmod o+x`, for a web server that serves `open/`) still may: passing shows nothing.
    """
    if not home.is_dir() or not _is_ours(home):
        return
    if _is_readable(home):
        _change(home, PASSAGE if _has_account_of_its_own(home) else CLOSED)
    for entry in _readable(home):
        _change(entry, stat.S_IMODE(entry.stat().st_mode) & ~ANY)


def refuse_root(home: Path) -> None:
    """Raises RootInState, where root would lay files of its own into the state of an account that then cannot go on with them."""
    if os.geteuid() == 0 and home.is_dir() and (owner := home.stat().st_uid) != 0:
        raise RootInState(home=home, account=accounts.named(owner))


def refuse_open(home: Path) -> None:
    """Raises StateOpen, where something of the state is readable to others."""
    if not home.is_dir():
        return
    found = ["chính thư mục đó"] if _is_readable(home) else []
    found += sorted(entry.name for entry in _readable(home))
    if found:
        raise StateOpen(home=home, what=", ".join(found[:5]) + (" …" if len(found) > 5 else ""))


def let_pass(path: Path) -> None:
    """Let the embedded server's own account reach a place: by passing through the folders above, not by looking into them."""
    for folder in path.parents:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


def _readable(home: Path) -> Iterator[Path]:
    for entry in _entries(home):
        with suppress(FileNotFoundError):  # a file that takes its place meanwhile
            if entry.name != OPEN and not entry.is_symlink() and (at := entry.stat()).st_mode & of_others(at):
                yield entry


def _is_readable(home: Path) -> bool:
    at = home.stat()
    return bool(at.st_mode & of_others(at) & READABLE)


def _entries(home: Path) -> list[Path]:
    try:
        return list(home.iterdir())
    except PermissionError:  # of another account: whatever has to be read there says so
        return []


def _is_ours(home: Path) -> bool:
    is_of_all = home.stat().st_mode & stat.S_ISVTX  # as /tmp is
    whole = (entry.name.lstrip(".") for entry in _entries(home) if not entry.name.endswith(UNFINISHED))
    return not is_of_all and {*whole} <= OURS


def _has_account_of_its_own(home: Path) -> bool:
    return os.geteuid() == 0 and (home / "pg").is_dir()


def _change(path: Path, mode: int) -> None:
    with suppress(OSError):  # of another account, on a disk that cannot be written: the doctor names it
        path.chmod(mode)
