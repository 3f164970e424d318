"""The raw store: what was received, unchanged, as immutable Parquet files, each named by the hash of its content.

The raw of a cell is its last whole pull and the increments after it, which hold the keys of deleted rows too; they are folded into one when
they are read. Files that units sent are kept as they came, and their rows beside them, so that no file is parsed twice. The store holds
personal data: its folders are open to their owner alone, and names tell only source, dataset, period and hash.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from resources.connectors.connector import KEY
from resources.durable import sha256_of, sync
from resources.failing import why_not
from resources.failures import RawDamaged, RawMissing, RawNotWritable
from schemas.registry import is_restricted

GONE = "ansinh_gone"  # beside a row's KEY: whether the row is gone, and the key all that is left of it
GONE_AT_ONCE = 32_000
UNFINISHED = ".part"
FILES = "files"  # in the folder of a system: the files that units sent; in that of a dataset: their rows
EXTENSIONS = ("csv", "ods", "xls", "xlsx")  # of the files that units sent
COPIED_AT_ONCE = 1 << 20
RESTRICTED = "restricted"  # the folder of all restricted systems, apart from the others so that it can lie on another disk


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class RawFile:
    path: str  # relative to the store
    sha256: str
    rows: int


@dataclass(frozen=True)
class KeptFile:
    """A file that a unit sent, as it came."""

    path: str  # relative to the store
    sha256: str


@dataclass(frozen=True)
class RawStore:
    root: Path

    def writer(self, source: str, dataset: str, period: str, schema: pa.Schema) -> "RawWriter":
        """A writer for the rows of a pull, or of a file that a unit sent (`period`: FILES)."""
        with _writing(source, dataset, period):
            self._make_folders(source, dataset, period)
            return RawWriter(self.root, (source, dataset, period), schema)

    @contextmanager
    def arriving(self, source: str, content: Readable) -> Iterator["Arriving"]:
        """A copy of a file that a unit sent, which can be looked at in the block. Unless it is kept there, it is removed."""
        with _writing(source, FILES):
            folder = self._make_folders(source, FILES)[-1]
            unfinished = _unfinished(folder)
        try:
            with _writing(source, FILES), unfinished.open("wb") as copy:
                digest = hashlib.sha256()
                while part := content.read(COPIED_AT_ONCE):
                    digest.update(part)
                    copy.write(part)
                copy.flush()
                os.fsync(copy.fileno())
            yield Arriving(self.root, source, unfinished, digest.hexdigest())
        finally:
            unfinished.unlink(missing_ok=True)

    def _make_folders(self, source: str, *inside: str) -> list[Path]:
        self.root.mkdir(parents=True, exist_ok=True)
        folders = _folders(self.root, source, *inside)
        for folder in folders:
            folder.mkdir(exist_ok=True, mode=0o700)
        os.chmod(self.root, 0o700)
        return folders

    def read(self, file: RawFile, batch_rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of a file in the order received, in batches no larger than they were written: of wide rows only few at once.

        The file's hash is checked before the first row is given.
        """
        path = self._proved(file)
        with pq.ParquetFile(path) as parquet:
            for group in range(parquet.num_row_groups):
                yield from parquet.iter_batches(batch_size=batch_rows, row_groups=[group])

    def rows(self, files: Sequence[RawFile], ordinals: np.ndarray, batch_rows: int) -> Iterator[pa.Table]:
        """The rows at these sorted positions of a pull, or of a pull folded with its increments; in that order, part by part."""
        if len(files) > 1:
            yield from _at(((b.num_rows, partial(_table, b)) for b in self.folded(files, batch_rows)), ordinals)
            return
        with pq.ParquetFile(self.root / files[0].path) as parquet:
            groups = range(parquet.num_row_groups)
            parts = ((parquet.metadata.row_group(g).num_rows, partial(parquet.read_row_group, g)) for g in groups)
            yield from _at(parts, ordinals)

    def folded(self, files: Sequence[RawFile], batch_rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of a whole pull as the increments after it left them: each key as the last file that has it tells."""
        later = [pa.nulls(0, pa.int64())]
        for file in reversed(files[1:]):
            later.append(pa.concat_arrays([later[-1], pa.array(self.keys([file]))]))
        for file, told_again in zip(files, reversed(later), strict=True):
            for batch in self.read(file, batch_rows):
                if GONE in batch.schema.names:
                    batch = batch.filter(pc.invert(batch.column(GONE))).drop_columns([GONE])
                if len(told_again):
                    batch = batch.filter(pc.invert(pc.is_in(batch.column(KEY), told_again)))
                if batch.num_rows:
                    yield batch

    def keys(self, files: Sequence[RawFile]) -> np.ndarray:
        """The keys of all rows in these files, in the order of the files, with those of rows that are gone."""
        found = np.empty(sum(file.rows for file in files), np.int64)
        rows = 0
        for file in files:
            # Read ahead by threads, one column takes ten times as long beside the pull.
            with pq.ParquetFile(self._proved(file), pre_buffer=False) as parquet:
                for batch in parquet.iter_batches(columns=[KEY], use_threads=False):
                    found[rows : rows + batch.num_rows] = batch.column(0).to_numpy()
                    rows += batch.num_rows
        return found

    def drop_left_over(self, source: str, dataset: str) -> None:
        """Remove what a run that was killed had begun. Called under the lock of the source."""
        of_dataset, of_files = (_folders(self.root, source, inside)[-1] for inside in (dataset, FILES))
        for left_over in (*of_dataset.glob(f"*/.*{UNFINISHED}"), *of_files.glob(f".*{UNFINISHED}")):
            left_over.unlink(missing_ok=True)

    def folder_of(self, source: str) -> str:
        """Where the files of a system lie, relative to the store."""
        return str(_folders(self.root, source)[-1].relative_to(self.root))

    def unnamed(self, source: str, named: Collection[str], before: float) -> list[str]:
        """Files of a system that no register names, written before an instant: of loads that were killed before they ended."""
        folder = self.root / self.folder_of(source)
        kinds = {".parquet", *(f".{extension}" for extension in EXTENSIONS)}
        lying = (p for p in folder.rglob("*") if p.suffix in kinds and not p.name.startswith(".") and p.is_file())
        old = (str(p.relative_to(self.root)) for p in lying if p.stat().st_mtime < before)
        return sorted(path for path in old if path not in named)

    def sizes(self, paths: Collection[str]) -> dict[str, int]:
        """How many bytes each takes; what is gone already takes none."""
        return {path: self.root.joinpath(path).stat().st_size if self.root.joinpath(path).is_file() else 0 for path in paths}

    def remove(self, paths: Collection[str]) -> None:
        """Remove files that no register names any more. Called under the lock of their source."""
        for path in paths:
            self.root.joinpath(path).unlink(missing_ok=True)
        for folder in {self.root.joinpath(path).parent for path in paths}:
            if folder.is_dir():
                sync(folder)

    def _proved(self, file: RawFile) -> Path:
        path = self.root / file.path
        if not path.exists():
            raise RawMissing(path=file.path)
        if sha256_of(path) != file.sha256:
            raise RawDamaged(path=file.path)
        return path


def _at(parts: Iterable[tuple[int, Callable[[], pa.Table]]], ordinals: np.ndarray) -> Iterator[pa.Table]:
    """The rows at these positions of all parts together. `parts`: the length of each, and how to read it, which is done only where needed."""
    start = 0
    for count, read in parts:
        inside = ordinals[np.searchsorted(ordinals, start) : np.searchsorted(ordinals, start + count)] - start
        if len(inside):
            yield read().take(pa.array(inside))
        start += count


def _table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


class RawWriter:
    """Writes one pull. Until `close` names it by its hash, it is a temporary file that nothing refers to."""

    def __init__(self, root: Path, of: tuple[str, str, str], schema: pa.Schema) -> None:
        self._root, self._of = root, of
        self._schema = schema
        self._folders = _folders(root, *of)
        self._folder = self._folders[-1]
        self._temporary = _unfinished(self._folder)
        # Nothing searches these files: dictionaries and statistics cost more than half of the writing and make them larger.
        self._parquet = pq.ParquetWriter(
            self._temporary, schema, compression="zstd", use_dictionary=False, write_statistics=False
        )
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        with _writing(*self._of):
            self._parquet.write_batch(batch)
        self._rows += batch.num_rows

    def close(self) -> RawFile:
        with _writing(*self._of):
            self._parquet.close()
            sync(self._temporary)
            digest = sha256_of(self._temporary)
            path = self._folder / f"{digest[:32]}.parquet"
            os.replace(self._temporary, path)
            _sync_names(self._root, self._folders)
        return RawFile(str(path.relative_to(self._root)), digest, self._rows)

    def write_gone(self, keys: Sequence[int]) -> None:
        """Close an increment with the keys of the rows that are no longer there."""
        for start in range(0, len(keys), GONE_AT_ONCE):
            part = pa.array(keys[start : start + GONE_AT_ONCE], pa.int64())
            columns = {name: pa.nulls(len(part), kind) for name, kind in zip(self._schema.names, self._schema.types, strict=True)}
            self.write(pa.record_batch({**columns, KEY: part, GONE: pa.repeat(pa.scalar(True), len(part))}, schema=self._schema))

    def abandon(self) -> None:
        with contextlib.suppress(OSError):  # on a full disk the footer cannot be written either
            self._parquet.close()
        self._temporary.unlink(missing_ok=True)


@dataclass(frozen=True)
class Arriving:
    """A file that is being taken in: a copy that nobody else writes, and that nothing refers to until it is kept."""

    _root: Path
    _source: str
    path: Path
    sha256: str

    def keep(self, extension: str) -> KeptFile:
        """Name the file by its hash, for good. The same file sent again gets the same name."""
        assert extension in EXTENSIONS
        with _writing(self._source, FILES):
            kept = self.path.with_name(f"{self.sha256[:32]}.{extension}")
            os.replace(self.path, kept)
            _sync_names(self._root, _folders(self._root, self._source, FILES))
        return KeptFile(str(kept.relative_to(self._root)), self.sha256)


def _unfinished(folder: Path) -> Path:
    """Make a file that is not whole yet. It is its owner's alone from the start, whatever umask the process has: Dagster's commands set their own."""
    path = folder / f".{os.getpid()}-{os.urandom(4).hex()}{UNFINISHED}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def _sync_names(root: Path, folders: Sequence[Path]) -> None:
    for folder in (*reversed(folders), root):  # up to the store, which may be new too
        sync(folder)


def _folders(root: Path, source: str, *inside: str) -> list[Path]:
    """The folder of a system, under that of the restricted ones where it is one, and those inside it, the outermost first."""
    names = [*([RESTRICTED] if is_restricted(source) else []), source, *inside]
    return [root.joinpath(*names[:depth]) for depth in range(1, len(names) + 1)]


@contextmanager
def _writing(source: str, *inside: str) -> Iterator[None]:
    """`inside`: FILES, or a dataset and one of its periods or FILES."""
    try:
        yield
    except OSError as error:
        why = why_not(error)
    else:
        return
    if FILES in inside:
        raise RawNotWritable(what=f"tệp gửi đến của {source}", why=why)
    raise RawNotWritable(what=f"{source}.{inside[0]} kỳ {inside[1]}", why=why)
