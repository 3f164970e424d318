"""What a source module hands over: rows of one dataset, each with its cell and the day on which the system has it.

Holds no content of any dataset.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from demo.deliveries import HELD, Delivery
from schemas.dataset import Dataset


@dataclass(frozen=True)
class Change:
    """What becomes of some columns of a row on a later day; keys and values as JSON can hold them."""

    day: int
    table: str
    key: dict[str, Any]
    values: dict[str, Any]


CHUNK = 60_000  # rows rendered and sent at a time: the memory of a build does not grow with the province


@dataclass
class Batch:
    dataset: Dataset
    table: pa.Table  # the source's columns, in the declared order
    cells: Sequence[tuple[str, str]]  # (period, unit)
    cell: np.ndarray  # index into cells, for each row; -1 where the row cannot be placed
    day: np.ndarray  # when the system has the row; HELD: nobody has sent it

    def __post_init__(self) -> None:
        if not len(self.cell) == len(self.day) == self.table.num_rows:
            raise ValueError(f"{self.dataset.id}: a batch of {self.table.num_rows} rows has other numbers of cells or days")


@dataclass
class Plan:
    """All rows of a dataset before they are written: one entity each, with its cell and day.

    `write(rows)` renders the columns of some of them. Faults are planned on the whole, then spoil each chunk; `facts` are
    what they need to know of each row (arrays) or of the plan (single values).
    """

    dataset: Dataset
    cells: list[tuple[str, str]]
    cell: np.ndarray
    day: np.ndarray
    write: Callable[[np.ndarray], dict[str, pa.Array]]
    facts: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.cell)

    def batches(self) -> Iterator[tuple[np.ndarray, Batch]]:
        """The rows in chunks, with their places in the plan."""
        for start in range(0, len(self), CHUNK):
            rows = np.arange(start, min(start + CHUNK, len(self)))
            yield rows, Batch(self.dataset, table(self.dataset, self.write(rows)), self.cells, self.cell[rows], self.day[rows])


def arrow_type(source_type: str) -> pa.DataType:
    return {
        "text": pa.string(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "timestamptz": pa.timestamp("us", tz="UTC"),
    }[source_type]


def table(dataset: Dataset, columns: dict[str, pa.Array]) -> pa.Table:
    """The columns as the dataset declares them: one that is missing or too many is a fault of ours."""
    wanted = {c.source_column: arrow_type(c.source_type) for c in dataset.columns}
    if set(columns) != set(wanted):
        raise ValueError(f"{dataset.id}: columns differ from the declaration: {sorted(set(columns) ^ set(wanted))}")
    return pa.table({name: columns[name].cast(dtype) for name, dtype in wanted.items()})


def by_delivery(
    sent: dict[tuple[str, str], Delivery], periods: Sequence[str], period: np.ndarray, unit: np.ndarray
) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray, np.ndarray]:
    """Cells of rows given by period index and unit code: the list, each row's index, its day, and which rows to keep.

    Rows of a cell that its unit declares empty are dropped; those of a missing one are held.
    """
    cells = list(sent)
    place = {c: i for i, c in enumerate(cells)}
    unit_codes, unit_index = np.unique(unit.astype(str), return_inverse=True)
    grid = np.full((len(periods), len(unit_codes)), -1, dtype=np.int64)
    for i, p in enumerate(periods):
        for j, u in enumerate(unit_codes):
            grid[i, j] = place.get((p, str(u)), -1)
    cell = grid[period, unit_index]
    if (cell < 0).any():
        raise ValueError("rows fall in cells that nobody expects")
    days = np.array([sent[c].day for c in cells], dtype=np.int32)
    empty = np.array([sent[c].state == "empty" for c in cells])
    return cells, cell, days[cell], ~empty[cell]


def held(day: np.ndarray) -> np.ndarray:
    return day >= HELD
