"""What came of a service in one look: in a file that has no name and that nobody else can open, so that memory stays flat.

What is compared is what is loaded: rows are never asked for twice.
"""

import os
import tempfile
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Piece:
    """Where a batch lies."""

    start: int
    length: int


class Spool:
    """Batches, written one after the other and read in any order, by several readers at once."""

    def __init__(self) -> None:
        # Made without a name where the system can do that, else unlinked at once; for this account alone.
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        self._end = 0

    def write(self, batch: pa.RecordBatch) -> Piece:
        message = batch.serialize()
        view, start = memoryview(message), self._end
        while view:
            view = view[os.pwrite(self._file.fileno(), view, self._end) :]
            self._end = start + message.size - len(view)
        return Piece(start, message.size)

    def read(self, piece: Piece, schema: pa.Schema) -> pa.RecordBatch:
        parts, place, left = [], piece.start, piece.length
        while left:
            parts.append(os.pread(self._file.fileno(), left, place))
            place, left = place + len(parts[-1]), left - len(parts[-1])
        return pa.ipc.read_record_batch(pa.py_buffer(b"".join(parts)), schema)

    def close(self) -> None:
        self._file.close()
