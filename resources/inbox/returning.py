"""The folder in which a unit gets back its refused files, and the notes to them. Only our own notes are ever overwritten there."""

import errno
import glob
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from resources.durable import sync, write_whole
from resources.inbox import notes
from resources.inbox.looking import inside
from resources.inbox.opening import first_bytes

NOTE = ".txt"
LONGEST_SUFFIX = 10  # bytes that an ending has at most
_ANY = stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO | stat.S_ISGID


def place(returned: Path, unit_folder: Path) -> Path:
    """The folder of a unit, made where there is none. Whoever can reach the unit's inbox can reach it."""
    folder = returned / unit_folder.name
    if not folder.is_dir():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        with suppress(OSError):  # no folder of its own any more, or a group that we are not in: then it is ours alone
            about = unit_folder.stat()
            os.chown(folder, -1, about.st_gid)
            folder.chmod(stat.S_IMODE(about.st_mode) & _ANY)
    return folder


def give_back(folder: Path, path: Path, note: str) -> None:
    """Move what lies at `path` into the folder, behind its note. A link, a pipe and the like hold nothing: the note alone tells of them.

    Run again after a crash at any step, it ends the same.
    """
    name = _free(folder, path.name)
    write(folder / notes.named(name, NOTE), note)
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        _move(path, folder / name)
    else:
        path.unlink()
    sync(folder)
    sync(path.parent)


def in_folder(folder: Path) -> int:
    """How many files lie there that were given back: each beside its note."""
    names = {path.name for path in inside(folder)}
    return sum(notes.named(name, NOTE) in names for name in names)


def write(path: Path, note: str) -> None:
    """Write a note that whoever can read the folder can read. A note that a process began and did not finish is removed."""
    for left_over in path.parent.glob(f"{glob.escape(path.name)}.*.moi"):
        left_over.unlink(missing_ok=True)
    write_whole(path, note, mode=stat.S_IMODE(path.parent.stat().st_mode) & 0o666)


def _free(folder: Path, name: str) -> str:
    """The name, or with the first number that makes it one that no other file has. It is cut so that its note's name has room."""
    stem, suffix = os.path.splitext(name)
    if len(os.fsencode(suffix)) > LONGEST_SUFFIX:
        stem, suffix = name, ""
    number, tried = 1, notes.named(stem, suffix, len(NOTE))
    while not _is_free(folder, tried):
        number += 1
        tried = notes.named(stem, f" ({number}){suffix}", len(NOTE))
    return tried


def _is_free(folder: Path, name: str) -> bool:
    """Whether nothing has the name. A note without its file does not count: the process died before the file followed it."""
    return not os.path.lexists(folder / name) and _is_note(folder / notes.named(name, NOTE))


def _is_note(path: Path) -> bool:
    if not os.path.lexists(path):
        return True
    return first_bytes(path, 200).startswith((notes.BOM + notes.RETURNED).encode())


def _move(path: Path, to: Path) -> None:
    try:
        os.rename(path, to)
    except OSError as error:
        if error.errno != errno.EXDEV:  # another disk
            raise
        unfinished = to.with_name(f".{os.urandom(4).hex()}.part")
        if path.is_dir():
            _copy_folder(path, unfinished)
        else:
            shutil.copyfile(path, unfinished)
            unfinished.chmod(stat.S_IMODE(to.parent.stat().st_mode) & 0o666)
            sync(unfinished)
        os.rename(unfinished, to)
        sync(to.parent)
        remove = shutil.rmtree if path.is_dir() else os.unlink
        remove(path)


def _copy_folder(path: Path, to: Path) -> None:
    """What lies in a folder, on another disk: links as links, and nothing of pipes and the like, which hold nothing."""

    def holds_nothing(folder: str, names: list[str]) -> list[str]:
        modes = {name: os.lstat(os.path.join(folder, name)).st_mode for name in names}
        return [name for name, mode in modes.items() if stat.S_IFMT(mode) not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)]

    shutil.copytree(path, to, symlinks=True, ignore=holds_nothing)
    for folder, _, names in os.walk(to):
        for copied in (Path(folder), *(Path(folder, name) for name in names)):
            if not copied.is_symlink():
                sync(copied)
