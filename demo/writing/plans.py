"""What a system's module hands over: rows of one dataset, each with its cell and the day on which the system has it.

Holds no content of any dataset.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from demo.lives.province import Province
from demo.writing.values import ARROW, Value, columns
from schemas.dataset import Dataset

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

    `values(rows)` gives some of them, by declared field. Faults are planned on the whole, then spoil each chunk; `facts` are
    what they need to know of each row (arrays) or of the plan (single values).
    """

    dataset: Dataset
    cells: list[tuple[str, str]]
    cell: np.ndarray
    day: np.ndarray
    values: Callable[[np.ndarray], Mapping[str, Value]]
    facts: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.cell)

    def knowing(self, **facts: Any) -> "Plan":
        """Tell the plan what its faults need to know."""
        self.facts |= facts
        return self

    def write(self, rows: np.ndarray) -> dict[str, pa.Array]:
        """The source's columns of some rows."""
        return columns(self.dataset, self.values(rows), len(rows))

    def batches(self) -> Iterator[tuple[np.ndarray, Batch]]:
        """The rows in chunks, with their places in the plan."""
        for start in range(0, len(self), CHUNK):
            rows = np.arange(start, min(start + CHUNK, len(self)))
            yield rows, Batch(self.dataset, table(self.dataset, self.write(rows)), self.cells, self.cell[rows], self.day[rows])


def planned(
    province: Province,
    dataset: Dataset,
    cells: list[tuple[str, str]],
    cell: np.ndarray,
    day: np.ndarray,
    values: Callable[[np.ndarray], Mapping[str, Value]],
) -> Plan:
    """A plan that knows the day and the seed of its province, which every fault asks for."""
    return Plan(dataset, cells, cell, day.astype(np.int32), values, {"today": province.today, "seed": province.seed})


def table(dataset: Dataset, columns: dict[str, pa.Array]) -> pa.Table:
    """The columns as the dataset declares them: one that is missing or too many is a fault of ours."""
    wanted = {c.source_column: ARROW[c.source_type] for c in dataset.columns}
    if set(columns) != set(wanted):
        raise ValueError(f"{dataset.id}: columns differ from the declaration: {sorted(set(columns) ^ set(wanted))}")
    return pa.table({name: columns[name].cast(dtype) for name, dtype in wanted.items()})
