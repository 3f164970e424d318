"""What the night would refuse of a file, or let wait, told before the file is sent. Nothing is loaded or written.

A cell is judged as a load judges it: by the rows of the file, what is held of it, and the month before. Where others may have sent a part of
a cell, the file alone cannot tell.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from assets.cells.acceptance import refusal
from assets.cells.outcome import Cell
from resources.failing import Failure
from resources.hub import Hub
from resources.inbox import senders
from resources.inbox.rows import Judgement, without_period
from resources.inbox.verdict import Verdict
from resources.warehouse.arrivals import dataset_pulls, ledger
from resources.warehouse.arrivals.cells import CellState, DatasetCells
from resources.warehouse.loading.full import CellCount
from schemas import calendar
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset
from schemas.roads import Drop

PERIODS = 6  # that a line names
UNHELD = "Chưa hỏi được kho trung tâm: chưa so được với bản đang giữ và với tháng trước."
IN_PART = (
    "Chưa nói trước được: ô mà tệp chỉ có một phần (của huyện hay của nhiều đơn vị) được xét cùng phần còn lại khi nạp; quá nhiều dòng "
    "sai, hụt dòng, hay danh sách giống hệt tháng trước thì cả ô bị từ chối."
)


@dataclass
class Foretold:
    """`refused`: the cells of which nothing would be loaded, and why; `told`: what else its sender should know."""

    refused: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def foretold(hub: Hub, verdict: Verdict, rows: Judgement) -> Foretold:
    """What would become of the cells of a file."""
    found, dataset = Foretold(), verdict.dataset
    own = [cell for cell in rows.by_cell if _has_all_of(verdict, cell[1])]
    if len(own) < len(rows.by_cell):
        found.told.append(IN_PART)
    try:
        with hub.warehouse.engine.connect() as connection:
            held = _Held(hub, connection, dataset)
            reasons = dict[Cell, str | None]()
            for cell in sorted([*own, *held.emptied(verdict, rows)]):  # a month after the one before it, as they are loaded
                reasons[cell] = held.refusal(cell, rows, reasons)
            if locked := held.locked(sorted({period for period, _ in rows.by_cell})):
                found.told.append(f"Kỳ {_listed(locked)} đã khóa: dòng của kỳ đó chờ cán bộ sở nạp bằng tay.")
    except (Failure, sa.exc.DBAPIError):  # nothing stands: how many rows are bad tells enough then
        reasons = {cell: refusal(dataset, CellCount(cell[1], *rows.by_cell[cell]), None) for cell in own}
        found.told.append(UNHELD)
    for (period, unit), why in reasons.items():
        if why:
            of = "" if dataset.placed_by is None else f" kỳ {period}"
            told = (
                f"Cả tệp sẽ không được nạp{of and ' vào' + of}"
                if unit == verdict.sender
                else f"Số liệu{of} của {{}} sẽ không được nạp"
            )
            found.refused.append(f"{told.format(senders.title(unit, hub.today()))}: {why}")
    return found


def _has_all_of(verdict: Verdict, unit: str) -> bool:
    """Whether all rows of a unit's cell are the file's: who sends all of it, and not a part or single rows."""
    return verdict.kind == "whole" and unit != UNKNOWN_UNIT and verdict.sender in (unit, PROVINCE)


def _listed(periods: Collection[str]) -> str:
    shown = list(periods)[:PERIODS]
    return ", ".join(shown) + (" …" if len(shown) < len(periods) else "")


@dataclass(frozen=True)
class _Held:
    """What is held of a dataset, to hold a file against."""

    hub: Hub
    connection: sa.Connection
    dataset: Dataset

    def refusal(self, cell: Cell, rows: Judgement, reasons: Mapping[Cell, str | None]) -> str | None:
        """`reasons`: why earlier cells of the file are refused; None: they would be loaded before this one."""
        period, unit = cell
        basis, is_resent = self._cells.states(period, self.connection).get(unit), False
        if self.dataset.is_payment_list and period != self.dataset.first_period:
            previous = calendar.previous(period), unit
            comes_first = previous in rows.payments and reasons.get(previous, "") is None
            before = rows.payments[previous] if comes_first else self._payments(*previous)
            is_resent = self._repeats(rows.payments.get(cell), before, cell)
            if basis is None or not basis.ever_accepted:
                basis = self._cells.states_before(period, self.connection).get(unit)
                basis = _of_file(unit, *rows.by_cell[previous]) if comes_first else basis
        if basis is not None and not basis.ever_accepted:
            basis = None
        return refusal(self.dataset, CellCount(unit, *rows.by_cell.get(cell, (0, 0))), basis, is_resent)

    def emptied(self, verdict: Verdict, rows: Judgement) -> Iterator[Cell]:
        """The cells that hold something, and of which the file has nothing; beside another road it leaves these alone."""
        for period in verdict.periods if self._by_file else ():
            for unit, state in sorted(self._cells.states(period, self.connection).items()):
                if state.ever_accepted and _has_all_of(verdict, unit) and (period, unit) not in rows.by_cell:
                    yield period, unit

    def locked(self, periods: Collection[str]) -> list[str]:
        """The periods that are locked; where files are the main road, its first look loads them all the same."""
        if self.dataset.placed_by is None or (self._by_file and dataset_pulls.is_first_pull(self.connection, self.dataset)):
            return []
        now = self.hub.now()
        return [period for period in periods if ledger.has_passed(calendar.locked_day(self.dataset, period), now)]

    @property
    def _by_file(self) -> bool:
        """Whether files are the main road."""
        return self.hub.settings.is_by_files(self.dataset.source.name)

    @property
    def _cells(self) -> DatasetCells:
        return DatasetCells(self.hub.warehouse.engine, self.dataset, "check", Drop.name)

    def _repeats(self, sent: np.ndarray | None, before: np.ndarray, cell: Cell) -> bool:
        """Whether a list is that of the month before, and is not held so already: who confirmed it is not asked again."""
        if sent is None or not len(sent):
            return False
        return np.array_equal(sent, before) and not np.array_equal(sent, self._payments(*cell))

    def _payments(self, period: str, unit: str) -> np.ndarray:
        columns = {c.name: c.dtype for c in self.dataset.columns}
        query = f"select {', '.join(columns)} from core.{self.dataset.table} where period = :period and unit_code = :unit"
        held = self.connection.execute(sa.text(query), {"period": period, "unit": unit}).mappings().all()
        return np.sort(without_period(self.dataset, pa.table({n: pa.array([r[n] for r in held], t) for n, t in columns.items()})))


def _of_file(unit: str, accepted: int, rejected: int) -> CellState:
    """A cell as a file would leave it."""
    return CellState(unit, "", "accepted", accepted + rejected, accepted, True, None, 0, None)
