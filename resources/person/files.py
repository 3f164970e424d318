"""Files that stand as somebody made them, searched for a person's numbers without being read as what they are."""

import lzma
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

AT_ONCE = 1 << 20
MOST = 512 << 20  # bytes of a file unpacked: more is no workbook of ours
MEMBERS = 10_000
_WIDE = {ord("0") + n: 0xFF10 + n for n in range(10)}
_UNREADABLE = (OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)


def holding(folder: Path, needles: Collection[str]) -> list[Path]:
    """The files below a folder in which one of these texts stands, its digits narrow or wide; and those that are packed and cannot be
    searched to their end: nobody could say that the person is in none of them."""
    if not needles or not folder.is_dir():
        return []
    written = {form for text in needles for form in (text, text.translate(_WIDE))}
    forms = {text.encode(encoding) for text in written for encoding in ("utf-8", "utf-16-le", "utf-16-be")}
    named = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    return [p for p in named if any(text in p.name for text in written) or _holds(p, forms)]


def _holds(path: Path, forms: Collection[bytes]) -> bool:
    longest = max(map(len, forms))
    with suppress(OSError), path.open("rb") as plain:
        if _stands(iter(lambda: plain.read(AT_ONCE), b""), forms, longest):
            return True
    try:
        packed = zipfile.ZipFile(path)
    except _UNREADABLE:
        return False  # it is not packed, and was searched as it is
    with packed:
        try:
            return _packed(packed, forms, longest)
        except _UNREADABLE:
            return True


def _packed(packed: zipfile.ZipFile, forms: Collection[bytes], longest: int) -> bool:
    members = [member for member in packed.infolist() if not member.is_dir()]
    left = [MOST]
    for member in members[:MEMBERS]:
        with packed.open(member) as inside:
            if _stands(_bounded(inside, left), forms, longest):
                return True
    return len(members) > MEMBERS


def _stands(parts: Iterator[bytes], forms: Collection[bytes], longest: int) -> bool:
    before = b""
    for part in parts:
        text = before + part
        if any(form in text for form in forms):
            return True
        before = text[-longest:]
    return False


def _bounded(inside: IO[bytes], left: list[int]) -> Iterator[bytes]:
    """Raises ValueError where what is left of the file's bound is used up."""
    while part := inside.read(AT_ONCE):
        left[0] -= len(part)
        if left[0] < 0:
            raise ValueError
        yield part
