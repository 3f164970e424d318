"""A sheet as the other process left it: its facts, and rows of texts that can be read as often as they are asked for."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from resources.workbooks.reading.apart.frames import HEAD, LARGEST, LONGEST, MARK
from resources.workbooks.reading.failures import FileBreaksReader

# pyright: reportAttributeAccessIssue=false

LONGEST_FRAME = 4 * LARGEST + LONGEST * 4 * 1_024  # bytes: a frame of one row has no bound but that of its cells
_NOTHING = pa.scalar(None, pa.string())


@dataclass(frozen=True)
class Places:
    """Lines or columns of a file, from 1: how many, and the first of them as spans."""

    count: int = 0
    spans: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return self.count > 0


@dataclass(frozen=True)
class Grid:
    """Rows of texts from the first row and column of a sheet on, under the columns' numbers."""

    name: str
    is_hidden: bool
    width: int
    rows: int
    merged: tuple[tuple[int, int, int, int], ...]  # first row, first column, last row, last column
    hidden_rows: Places
    hidden_columns: Places
    comments: Places
    errors: int
    formulas: dict[int, int]  # column -> cells
    encoding: str | None
    separator: str | None
    spool: BinaryIO = field(repr=False)
    start: int = 0
    length: int = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, as often as they are asked for. Raises FileBreaksReader where the frames are none."""
        schema = pa.schema([(str(at), pa.string()) for at in range(self.width)])
        at, end, rows = self.start, self.start + self.length, 0
        while at < end:
            head = os.pread(self.spool.fileno(), HEAD.size, at)
            if len(head) < HEAD.size:
                raise FileBreaksReader(how="trả lời thiếu")
            count, length = HEAD.unpack(head)
            at += HEAD.size + length
            if not count or at > end or length > LONGEST_FRAME:
                raise FileBreaksReader(how="trả lời sai")
            yield pa.RecordBatch.from_arrays(
                self._columns(os.pread(self.spool.fileno(), length, at - length), count), schema=schema
            )
            rows += count
        if rows != self.rows:
            raise FileBreaksReader(how="trả lời thiếu")

    def _columns(self, data: bytes, count: int) -> list[pa.Array]:
        try:
            text = pa.array([data], pa.binary()).cast(pa.string())
        except pa.ArrowInvalid:
            text = pa.nulls(0)
        cells = pc.split_pattern(text, MARK).values if len(text) else text
        if len(cells) != count * self.width:
            raise FileBreaksReader(how="trả lời sai")
        filled = pc.if_else(pc.equal(pc.binary_length(cells), 0), _NOTHING, cells)
        return [filled.slice(first, count) for first in range(0, len(filled), count)]


def places_of(told: Any) -> Places:
    """What the other process says of lines or columns. Raises TypeError or ValueError where it is nonsense."""
    spans = tuple((int(first), int(last)) for first, last in told["spans"])
    return Places(int(told["count"]), spans)


def _areas(told: Any) -> tuple[tuple[int, int, int, int], ...]:
    """Merged cells; what is none, its corners changed, is left out."""
    found = ((int(a), int(b), int(c), int(d)) for a, b, c, d in told)
    return tuple((a, b, c, d) for a, b, c, d in found if 0 <= a <= c and 0 <= b <= d)


def grid_of(sheet: dict[str, Any], cells: BinaryIO, size: int) -> Grid:
    """A sheet as it is told. Raises KeyError, TypeError or ValueError where that is nonsense."""
    nowhere = {"count": 0, "spans": ()}
    grid = Grid(
        name=str(sheet["name"]),
        is_hidden=bool(sheet.get("is_hidden")),
        width=int(sheet["width"]),
        rows=int(sheet["rows"]),
        merged=_areas(sheet.get("merged", ())),
        hidden_rows=places_of(sheet.get("hidden_rows", nowhere)),
        hidden_columns=places_of(sheet.get("hidden_columns", nowhere)),
        comments=places_of(sheet.get("comments", nowhere)),
        errors=int(sheet.get("errors", 0)),
        formulas={int(column): int(count) for column, count in sheet.get("formulas", {}).items()},
        encoding=sheet.get("encoding") and str(sheet["encoding"]),
        separator=sheet.get("separator") and str(sheet["separator"]),
        spool=cells,
        start=int(sheet["start"]),
        length=int(sheet["length"]),
    )
    if grid.start < 0 or grid.length < 0 or grid.width < 1 or grid.start + grid.length > size:
        raise ValueError
    return grid
