"""What came of a service in one look: in a file that has no name and that nobody else can open, so that memory stays flat.

What is compared is what is loaded: rows are never asked for twice. The file lies with the state: what is personal leaves that folder
for no other, and the folder of a system for temporary files may be memory.
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from resources.connectors.rest.failures import SpoolRefused
from resources.failing import why_not

MOST_BYTES = 16 << 30  # of one look: the disk is others', too


class SpoolFull(Exception):
    """More came than one look may keep."""


@dataclass(frozen=True)
class Piece:
    """The place of a batch in the spool."""

    start: int
    length: int


class Spool:
    """Batches, written one after the other and read in any order, by several readers at once."""

    def __init__(self, folder: Path) -> None:
        """Raises SpoolRefused."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Made without a name where the system can do that, else unlinked at once; for this account alone.
            self._file = tempfile.TemporaryFile(buffering=0, dir=folder)  # noqa: SIM115
        except OSError as error:
            failure = SpoolRefused(why=why_not(error))
        else:
            self._end = 0
            return
        raise failure

    def write(self, batch: pa.RecordBatch) -> Piece:
        """Raises SpoolRefused and SpoolFull."""
        message = batch.serialize()
        if self._end + message.size > MOST_BYTES:
            raise SpoolFull
        view, start = memoryview(message), self._end
        try:
            while view:
                view = view[os.pwrite(self._file.fileno(), view, self._end) :]
                self._end = start + message.size - len(view)
        except OSError as error:
            failure = SpoolRefused(why=why_not(error))
        else:
            return Piece(start, message.size)
        raise failure

    def read(self, piece: Piece, schema: pa.Schema) -> pa.RecordBatch:
        parts, place, left = [], piece.start, piece.length
        while left:
            parts.append(os.pread(self._file.fileno(), left, place))
            place, left = place + len(parts[-1]), left - len(parts[-1])
        return pa.ipc.read_record_batch(pa.py_buffer(b"".join(parts)), schema)

    def close(self) -> None:
        self._file.close()
