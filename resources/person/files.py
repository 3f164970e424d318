"""Files that stand as somebody made them, searched for a person's numbers without being read as what they are."""

import zipfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

AT_ONCE = 1 << 20
MOST = 512 << 20  # bytes of one part of a file: more than that unpacked is no workbook of ours


def holding(folder: Path, needles: Collection[str]) -> list[Path]:
    """The files below a folder in which one of these texts stands."""
    if not needles or not folder.is_dir():
        return []
    forms = {text.encode(encoding) for text in needles for encoding in ("utf-8", "utf-16-le", "utf-16-be")}
    named = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    return [p for p in named if any(text in p.name for text in needles) or _holds(p, forms)]


def _holds(path: Path, forms: Collection[bytes]) -> bool:
    longest = max(map(len, forms))
    return any(_stands(parts, forms, longest) for parts in _streams(path))


def _stands(parts: Iterator[bytes], forms: Collection[bytes], longest: int) -> bool:
    before = b""
    for part in parts:
        text = before + part
        if any(form in text for form in forms):
            return True
        before = text[-longest:]
    return False


def _streams(path: Path) -> Iterator[Iterator[bytes]]:
    """The file itself, and what is packed in it."""
    with suppress(OSError), path.open("rb") as plain:
        yield iter(lambda: plain.read(AT_ONCE), b"")
    with suppress(OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError), zipfile.ZipFile(path) as packed:
        for member in packed.infolist():
            if not member.is_dir():
                with packed.open(member) as inside:
                    yield _bounded(inside)


def _bounded(inside: IO[bytes]) -> Iterator[bytes]:
    read = 0
    with suppress(zipfile.BadZipFile, EOFError):
        while (part := inside.read(AT_ONCE)) and (read := read + len(part)) <= MOST:
            yield part
