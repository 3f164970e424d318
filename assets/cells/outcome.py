"""What a run over the cells of a dataset was asked for, and what became of them."""

from collections import Counter
from dataclasses import dataclass, field, replace

from assets.cells.pull import Pull
from resources.failing import Failure
from schemas.dataset import Dataset

Cell = tuple[str, str]  # period, unit


@dataclass(frozen=True)
class Request:
    """What a run was asked for."""

    run_id: str
    cells: frozenset[Cell] | None = None  # None: every open and watched cell that moved
    by_hand: bool = False  # a person asks for these cells, locked ones too
    delivery: int | None = None  # the number of the file in which the cells come beside the main road of the dataset
    periods: frozenset[str] | None = None  # None: all
    from_raw: bool = False  # judge again what raw holds, and do not ask the source
    confirm_shrink: bool = False  # a cell of these is right although it is emptied, has shrunk or repeats the month before
    whole: bool = False  # every cell is read whole, whether it moved or not
    files_alone: bool = False  # what units have sent is taken in and loaded, and the main road is not asked

    def of(self, cells: frozenset[Cell]) -> "Request":
        """The same request for these cells alone."""
        return replace(self, cells=cells)

    def names(self, cell: "CellOutcome") -> bool:
        """Whether a cell was asked for; others may come along."""
        return (cell.period, cell.unit) in (self.cells or ())

    @property
    def is_beside(self) -> bool:
        """Whether the cells come in a file beside the main road."""
        return self.delivery is not None

    @property
    def is_of_all(self) -> bool:
        """Whether the dataset is read in all its periods. Only such a run ends its first pull, and only after it the dataset counts as fresh."""
        return self.cells is None and self.periods is None


@dataclass(frozen=True)
class CellOutcome:
    """What became of one cell in a run."""

    period: str
    unit: str
    outcome: str  # accepted, refused, empty_declared, nothing (no rows at the source), unchanged
    accepted: int = 0
    rejected: int = 0
    pulled: int = 0
    reason: str | None = None

    @property
    def received(self) -> int:
        return self.accepted + self.rejected


@dataclass
class Outcome:
    """What became of a dataset in a run. Counts only: no value of a row is kept."""

    dataset: Dataset
    cells: list[CellOutcome] = field(default_factory=list)
    waiting: Counter[Cell] = field(default_factory=Counter)  # rows of locked cells that wait at the source or in files
    # Cells that stood as when last read, and yet differed when they were read whole.
    missed: list[Cell] = field(default_factory=list)
    failure: Failure | None = None  # why the main road could not be read; what came beside it may be loaded all the same
    # Failures that stop only a part: a file beside the main road, or some cells of it.
    trouble: list[Failure] = field(default_factory=list)
    unread: dict[Cell, Failure] = field(default_factory=dict)  # cells of which something could not be read: they stay as they are
    log_told: str | None = None  # what an officer should know of the submission log
    is_loaded_whole: bool = False  # at least one cell was loaded whole
    changed_beside: list[Dataset] = field(default_factory=list)  # other datasets of which set rules now say something else
    rows_examined: int = 0
    columns: int = 0
    rules: int = 0
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: "Outcome") -> None:
        """Add what became of more cells of the dataset in the same run."""
        self.cells += other.cells
        self.trouble += [failure for failure in other.trouble if str(failure) not in map(str, self.trouble)]
        self.unread |= other.unread
        self.log_told = other.log_told or self.log_told
        self.waiting.update(other.waiting)
        self.missed += other.missed
        self.is_loaded_whole |= other.is_loaded_whole
        self.rows_examined += other.rows_examined
        self.rules = other.rules or self.rules
        self.failures.update(other.failures)

    def loaded(self) -> list[CellOutcome]:
        return [c for c in self.cells if c.outcome in ("accepted", "empty_declared")]

    def examined(self, pull: Pull, doubled: Counter[tuple[str, str]]) -> None:
        """Add what was seen in one pull."""
        self.rows_examined += pull.rows
        self.rules = pull.rules or self.rules
        self.failures.update(pull.failures)
        self.failures.update(doubled)

    def refused(self) -> list[CellOutcome]:
        return [c for c in self.cells if c.outcome == "refused"]
