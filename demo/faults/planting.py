"""Where the faults of a dataset fall: rows are chosen from its plan, spoiled, and written down as the truth.

No row carries two faults; only rows that the system shows on the day of building are touched, so that what comes later
is clean. A fault sees a row by the names of its declared fields; which faults a dataset carries is said in choosing.py.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.people.randomness import stream
from demo.writing.plans import Batch, Plan, table
from demo.writing.values import ARROW
from schemas.dataset import UNKNOWN_UNIT, Dataset

Row = dict[str, Any]  # by declared field
REJECTED, WARNING, REPAIRED, SILENT = "rejected", "warning", "repaired", ""
PIECE = 20_000  # rows looked at in one go
LOOKED_AT = 40_000  # rows looked at for a fault that fits few
# Facts that a plan may leave out, all rows then have them. loose: nothing elsewhere rests on the row, and no later day
# changes it; free: its person may be taken for another; unicode: no office writes its words in letters of its own.
LOOSE, FREE, UNICODE = "loose", "free", "unicode"
MOST = 3  # one row of so many carries a fault


@dataclass(frozen=True)
class Spoilt:
    """What becomes of a row: the fields that change, the rules that will say so."""

    changes: Row
    rules: tuple[str, ...]
    unplaced: bool = False  # its commune can no longer be told
    keyed: bool = True  # it keeps its declared key


@dataclass(frozen=True)
class Fault:
    """One fault of a dataset: how often in ten thousand rows, in which rows it may fall, what it does to one."""

    id: str
    name: str  # with the id: by what its rows are drawn
    outcome: str  # SILENT: it leaves no remark, and is no part of the truth
    rate: float
    spoil: Callable[[Row, int], Spoilt | None]
    facts: tuple[str, ...] = (LOOSE,)

    def fits(self, plan: Plan) -> np.ndarray:
        fine = np.ones(len(plan), dtype=bool)
        for name in self.facts:
            if name in plan.facts or name not in (LOOSE, FREE, UNICODE):
                fine &= plan.facts[name]
        return fine


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
    edits: dict[str, dict[int, Any]] = field(default_factory=dict)  # by column of the source
    unplaced: set[int] = field(default_factory=set)
    extra: list[tuple[Row, int, int]] = field(default_factory=list)  # row as the source has it, cell, day
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
        types = {c.source_column: ARROW[c.source_type] for c in self.plan.dataset.columns}
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

    def change(self, position: int, row: Row, spoilt: Spoilt, fault: Fault) -> None:
        self.edit(position, spoilt.changes)
        if spoilt.unplaced:
            self.unplaced.add(position)
        if fault.outcome != SILENT:
            unit = UNKNOWN_UNIT if spoilt.unplaced else self.cell_of(position)[1]
            before = {name: row[name] for name in spoilt.changes}
            now = {**row, **spoilt.changes}
            self.tell(now, self.cell_of(position)[0], unit, fault.id, spoilt.rules, fault.outcome, spoilt.keyed, before)

    def edit(self, position: int, changes: Row) -> None:
        for column, value in received(self.plan.dataset, changes).items():
            self.edits.setdefault(column, {})[position] = value

    def add_row(self, row: Row, cell: int, day: int) -> None:
        """A further row, in a cell, on the day on which the system has it."""
        self.extra.append((received(self.plan.dataset, row), cell, day))

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
        was = received(d, before) if before else None
        self.truth.append(truth_of(d, received(d, row), period, unit, fault, rules, outcome, keyed, was))

    def cell_of(self, position: int) -> tuple[str, str]:
        return self.plan.cells[int(self.plan.cell[position])]

    def rows(self, positions: np.ndarray) -> list[Row]:
        written = table(self.plan.dataset, self.plan.write(positions))
        return written.rename_columns([c.name for c in self.plan.dataset.columns]).to_pylist()

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


Special = Callable[[Planted], None]  # faults of more than one row


def plant(plan: Plan, faults: Iterable[Fault], special: Iterable[Special] = ()) -> Planted:
    """Choose, spoil and write down. Faults of more than one row choose first."""
    planted = Planted(plan, used=np.zeros(len(plan), dtype=bool))
    for make in special:
        make(planted)
    left = max(len(plan) // MOST, 2)
    for fault in faults:
        wanted = min(least_or(plan, fault.rate), left)
        if wanted:
            left -= _spoil(planted, fault, wanted)
    return planted


def least_or(plan: Plan, rate: float) -> int:
    """How many rows a rate means; a few at least, that the fault is there to see in a small province."""
    return max(2 if len(plan) >= 1_500 else 1, round(rate * len(plan) / 10_000))


def _spoil(planted: Planted, fault: Fault, wanted: int) -> int:
    candidates = planted.free(fault.fits(planted.plan))
    if not len(candidates):
        return 0
    rng = planted.draw(f"{fault.id} {fault.name}")
    chosen = rng.choice(candidates, min(len(candidates), max(2 * wanted, LOOKED_AT)), replace=False)
    done, start, piece = 0, 0, min(2 * wanted + 6, PIECE)
    while done < wanted and start < len(chosen):
        looked_at = chosen[start : start + piece]
        for position, row in zip(looked_at.tolist(), planted.rows(looked_at), strict=True):
            spoilt = fault.spoil(row, done)
            if spoilt is not None:
                planted.change(position, row, spoilt, fault)
                planted.used[position] = True
                done += 1
                if done == wanted:
                    break
        start, piece = start + piece, min(8 * piece, PIECE)
    return done


def received(dataset: Dataset, row: Row) -> Row:
    """A row, or some of its fields, as the source has it."""
    columns = {c.name: c.source_column for c in dataset.columns}
    return {columns[name]: value for name, value in row.items()}
