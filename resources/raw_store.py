"""The raw store: what was received, unchanged, as immutable Parquet whose name holds its content hash.

It holds personal data: directories are the owner's alone, and file names carry only source, dataset, period and hash.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


class RawDamaged(Exception):
    """A raw file is missing, or is no longer what was written."""


@dataclass(frozen=True)
class RawFile:
    path: str  # relative to the store
    sha256: str
    rows: int


@dataclass(frozen=True)
class RawStore:
    root: Path

    def writer(self, source: str, dataset: str, period: str, schema: pa.Schema) -> "RawWriter":
        folder = self.root / source / dataset / period
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(self.root, 0o700)
        return RawWriter(self.root, folder, schema)

    def read(self, file: RawFile, batch_rows: int) -> Iterator[pa.RecordBatch]:
        """The rows of a file, in the order received; its hash is proved before the first row is given."""
        path = self._proved(file)
        with pq.ParquetFile(path) as parquet:
            yield from parquet.iter_batches(batch_size=batch_rows)

    def rows(self, file: RawFile, ordinals: Iterable[int]) -> pa.Table:
        """The rows at these positions, in the order of the positions."""
        wanted = sorted(set(ordinals))
        found, start, at = [], 0, 0
        with pq.ParquetFile(self.root / file.path) as parquet:
            for group in range(parquet.num_row_groups):
                count = parquet.metadata.row_group(group).num_rows
                inside = []
                while at < len(wanted) and wanted[at] < start + count:
                    inside.append(wanted[at] - start)
                    at += 1
                if inside:
                    found.append(parquet.read_row_group(group).take(pa.array(inside)))
                start += count
        return pa.concat_tables(found)

    def _proved(self, file: RawFile) -> Path:
        path = self.root / file.path
        if not path.exists():
            raise RawDamaged(
                f"Đọc dữ liệu gốc {file.path}: không thấy tệp. Khôi phục tệp từ bản sao lưu (ansinh restore) hoặc lấy lại từ nguồn."
            )
        if sha256_of(path) != file.sha256:
            raise RawDamaged(
                f"Đọc dữ liệu gốc {file.path}: nội dung không còn khớp mã băm đã ghi. Khôi phục từ bản sao lưu hoặc lấy lại từ nguồn."
            )
        return path


class RawWriter:
    """Writes one pull. Until `close` names it by its hash, it is a temporary file that nothing refers to."""

    def __init__(self, root: Path, folder: Path, schema: pa.Schema) -> None:
        self._root = root
        self._temporary = folder / f".{os.getpid()}-{os.urandom(4).hex()}.part"
        self._folder = folder
        self._parquet = pq.ParquetWriter(self._temporary, schema, compression="zstd")
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._parquet.write_batch(batch)
        self._rows += batch.num_rows

    def close(self) -> RawFile:
        self._parquet.close()
        os.chmod(self._temporary, 0o600)
        with self._temporary.open("rb+") as f:
            os.fsync(f.fileno())
        digest = sha256_of(self._temporary)
        path = self._folder / f"{digest[:32]}.parquet"
        os.replace(self._temporary, path)
        return RawFile(str(path.relative_to(self._root)), digest, self._rows)

    def abandon(self) -> None:
        self._parquet.close()
        self._temporary.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
