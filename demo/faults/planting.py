"""Where the faults of a dataset fall: rows are chosen from its plan, spoiled, and written down as the truth.

No row carries two faults; only rows that the system shows on the day of building are touched, so that what comes later
is clean. Which faults there are is said in catalogue.py.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.batches import Batch, Plan, arrow_type, table
from demo.randomness import stream
from schemas.dataset import UNKNOWN_UNIT, Dataset

Row = dict[str, Any]
REJECTED, WARNING, REPAIRED = "rejected", "warning", "repaired"
PIECE = 20_000  # rows looked at in one go


@dataclass(frozen=True)
class Spoilt:
    """What becomes of a row: the columns that change, the rules that will say so."""

    changes: Row
    rules: tuple[str, ...]
    unplaced: bool = False  # its commune can no longer be told
    keyed: bool = True  # it keeps its declared key


Spoil = Callable[[Row, int], "Spoilt | None"]
Fits = Callable[[Plan], np.ndarray]


@dataclass(frozen=True)
class Fault:
    """One fault of a dataset: how often in ten thousand rows, in which rows it may fall, what it does to one."""

    id: str
    outcome: str
    rate: float
    fits: Fits
    spoil: Spoil
    silent: bool = False  # leaves no remark: not part of the truth


@dataclass(frozen=True)
class Truth:
    source: str
    dataset: str
    source_key: str
    keyed: bool
    locator: str  # JSON: the source columns that find the row
    period: str
    unit_code: str
    fault: str
    rules: tuple[str, ...]
    outcome: str
    before: str | None = None  # JSON: the columns as they were; null for a row that should not be there at all


@dataclass
class Planted:
    """The changes to a plan, and the truth about them."""

    plan: Plan
    edits: dict[str, dict[int, Any]] = field(default_factory=dict)
    unplaced: set[int] = field(default_factory=set)
    extra: list[tuple[Row, int, int]] = field(default_factory=list)  # row, cell, day
    truth: list[Truth] = field(default_factory=list)
    used: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def batches(self) -> Iterator[Batch]:
        columns = {name: (np.array(sorted(cells)), cells) for name, cells in self.edits.items()}
        lost = np.array(sorted(self.unplaced), dtype=np.int64)
        for rows, batch in self.plan.batches():
            low, high = int(rows[0]), int(rows[-1])
            for name, (at, cells) in columns.items():
                inside = at[np.searchsorted(at, low) : np.searchsorted(at, high, side="right")]
                if len(inside):
                    batch.table = _replaced(batch.table, name, inside - low, [cells[int(i)] for i in inside])
            gone = lost[(lost >= low) & (lost <= high)] - low
            if len(gone):
                batch.cell = batch.cell.copy()
                batch.cell[gone] = -1
            yield batch
        if self.extra:
            yield self._extra_batch()

    def _extra_batch(self) -> Batch:
        names = [c.source_column for c in self.plan.dataset.columns]
        types = {c.source_column: arrow_type(c.source_type) for c in self.plan.dataset.columns}
        columns = {n: pa.array([row[n] for row, _, _ in self.extra], types[n]) for n in names}
        cell = np.array([c for _, c, _ in self.extra])
        return Batch(
            self.plan.dataset,
            table(self.plan.dataset, columns),
            self.plan.cells,
            cell,
            np.array([d for _, _, d in self.extra], dtype=np.int32),
        )

    # --- what a fault does ---

    def change(self, position: int, row: Row, spoilt: Spoilt, fault: str, outcome: str, silent: bool = False) -> None:
        for column, value in spoilt.changes.items():
            self.edits.setdefault(column, {})[position] = value
        if spoilt.unplaced:
            self.unplaced.add(position)
        if not silent:
            unit = UNKNOWN_UNIT if spoilt.unplaced else self.cell_of(position)[1]
            before = {c: row[c] for c in spoilt.changes}
            now = {**row, **spoilt.changes}
            self.tell(now, self.cell_of(position)[0], unit, fault, spoilt.rules, outcome, spoilt.keyed, before)

    def add_row(self, row: Row, position: int, cell: int | None = None) -> None:
        """A further row, in the cell of an existing one or in another."""
        self.extra.append((row, int(self.plan.cell[position]) if cell is None else cell, int(self.plan.day[position])))

    def tell(
        self,
        row: Row,
        period: str,
        unit: str,
        fault: str,
        rules: tuple[str, ...],
        outcome: str,
        keyed: bool = True,
        before: Row | None = None,
    ) -> None:
        """Write down what was done to a row, which is given as the source now holds it."""
        d = self.plan.dataset
        self.truth.append(truth_of(d, row, period, unit, fault, rules, outcome, keyed, before))

    def cell_of(self, position: int) -> tuple[str, str]:
        return self.plan.cells[int(self.plan.cell[position])]

    def rows(self, positions: np.ndarray) -> list[Row]:
        return table(self.plan.dataset, self.plan.write(positions)).to_pylist()

    def free(self, mask: np.ndarray) -> np.ndarray:
        """Rows of the mask that carry nothing yet and that the system shows today."""
        return np.flatnonzero(mask & ~self.used & (self.plan.day <= self.plan.facts["today"]))

    def draw(self, name: str) -> np.random.Generator:
        return stream(int(self.plan.facts["seed"]), "faults", self.plan.dataset.id, name)


def truth_of(
    d: Dataset,
    row: Row,
    period: str,
    unit: str,
    fault: str,
    rules: tuple[str, ...],
    outcome: str,
    keyed: bool = True,
    before: Row | None = None,
) -> Truth:
    columns = [d.column(k).source_column for k in d.key]
    key = "|".join("" if row[c] is None else str(row[c]) for c in columns)
    # A row without its key is found by the rest of it.
    told = columns if all(row[c] is not None for c in columns) else [c.source_column for c in d.columns]
    locator = _json({c: row[c] for c in told})
    return Truth(
        d.source.name, d.name, key, keyed, locator, period, unit, fault, rules, outcome, _json(before) if before else None
    )


def _json(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, default=str)


def _replaced(whole: pa.Table, name: str, rows: np.ndarray, values: list[Any]) -> pa.Table:
    at = whole.column_names.index(name)
    column = whole.column(at).combine_chunks()
    mask = np.zeros(len(column), dtype=bool)
    mask[rows] = True
    new = pc.replace_with_mask(column, pa.array(mask), pa.array(values, column.type))
    return whole.set_column(at, name, new)


def plant(plan: Plan, faults: tuple[Fault, ...], special: tuple[Callable[[Planted], None], ...] = ()) -> Planted:
    """Choose, spoil and write down. `special` are faults of more than one row: they choose first."""
    planted = Planted(plan, used=np.zeros(len(plan), dtype=bool))
    for make in special:
        make(planted)
    least = 2 if len(plan) >= 1_500 else 1
    for number, fault in enumerate(faults):
        wanted = max(least, round(fault.rate * len(plan) / 10_000))
        candidates = planted.free(fault.fits(plan))
        rng = planted.draw(f"{fault.id} {number}")
        chosen = rng.choice(candidates, min(len(candidates), wanted * 2 + 6), replace=False) if len(candidates) else candidates
        done = 0
        for start in range(0, len(chosen), PIECE):
            if done == wanted:
                break
            piece = chosen[start : start + PIECE]
            for position, row in zip(piece.tolist(), planted.rows(piece), strict=True):
                if done == wanted:
                    break
                spoilt = fault.spoil(row, done)
                if spoilt is None:
                    continue
                planted.change(position, row, spoilt, fault.id, fault.outcome, fault.silent)
                planted.used[position] = True
                done += 1
    return planted


def field_of(dataset: Dataset, source_column: str) -> str:
    """The declared field of a source column: rule names begin with it."""
    return next(c.name for c in dataset.columns if c.source_column == source_column)
