"""The first load of a dataset: written straight into its empty history, whose indexes are made afterwards."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Self

import pyarrow as pa
import sqlalchemy as sa

from resources.streaming.packed import PACKED, unpacked
from resources.warehouse.arrivals.cells import CellState
from resources.warehouse.engine import Warehouse
from resources.warehouse.loading.full import CellCount, PeriodLoad
from resources.warehouse.loading.staging import Received
from schemas.dataset import Dataset
from schemas.projections.postgres import ACCEPTED, REJECTED, REMARKS, history_indexes, literal, same_key


def is_first(warehouse: Warehouse, dataset: Dataset) -> bool:
    """Whether nothing was ever loaded of a dataset."""
    with warehouse.engine.connect() as connection:
        return not connection.exec_driver_sql(f"select exists (select from history.{dataset.table})").scalar()


class FirstLoad(PeriodLoad):
    """A load into an empty history: there is nothing to compare it with. Until it is committed nobody else can read the table."""

    def __enter__(self) -> Self:
        super().__enter__()
        self._run(f"lock table {self.history} in access exclusive mode")
        if self._run(f"select exists (select from {self.history})").scalar():
            self.connection.close()
            raise RuntimeError("a first load of a history that holds rows")
        self._run(f"truncate {self.history}")  # no row is lost: what is written into a table after that can be frozen at once
        self._indexes = history_indexes(self.dataset)
        for name in self._indexes:
            self._run(f"drop index if exists history.{name}")
        return self

    def _write(self, accepted: pa.Table, rejected: pa.Table, remarks: pa.Table) -> None:
        period = pa.repeat(pa.scalar(self.period), accepted.num_rows)
        begun = pa.repeat(pa.scalar(self.now, pa.timestamp("us", "UTC")), accepted.num_rows)
        current = accepted.drop_columns("ordinal").append_column("period", period).append_column("recorded_from", begun)
        self._copy(self.history, current, freeze=True)
        self._copy(REJECTED, rejected)
        self._copy(REMARKS, remarks)

    def set_doubled_aside(self, received: Received, rows: range | None = None) -> Counter[tuple[str, str]]:
        """Take rows that share a key out of the history again, read them anew from what was received, and judge them beside each other."""
        self.wait()
        unique, *others = self._indexes.values()
        try:
            with self.connection.begin_nested():
                self._run(unique)
                is_unique = True
        except sa.exc.IntegrityError:
            is_unique = False
        if is_unique:
            # Looked up one by one through the index: the planner knows nothing of the table yet and would read all of it.
            shared = f"""select r.unit_code, r.row_key from {REJECTED} r, lateral (select from {self.history} h
                where {same_key("h", "r")} and h.period collate "C" = {literal(self.period)} and h.recorded_to is null limit 1) h"""
        else:
            shared = f"""select unit_code, row_key from {self.history} join {REJECTED} r using (unit_code, row_key)
                union select unit_code, row_key from {self.history} group by 1, 2 having count(*) > 1"""
        self._run(f"create temp table doubled on commit drop as select distinct * from ({shared}) s")
        if self._run("select exists (select from pg_temp.doubled)").scalar():
            keys = self._run(f"""with gone as (
                    delete from {self.history} h using pg_temp.doubled d where (h.unit_code, h.row_key) = (d.unit_code, d.row_key)
                    returning h.source_key)
                select {PACKED.format("source_key")} from gone""").scalar()
            for accepted in received.accepted_of(unpacked(keys)):
                self._copy(ACCEPTED, accepted)
            self._run(
                f"""delete from {ACCEPTED} a where not exists (select from pg_temp.doubled d
                    where (d.unit_code, d.row_key) = (a.unit_code, a.row_key))"""
            )
        moved = super().set_doubled_aside(received, rows)
        self._insert("")
        for statement in (*([] if is_unique else [unique]), *others):
            self._run(statement)
        return moved

    def _accepted_rows(self) -> str:
        return self.history

    def counts(self, states: Mapping[str, CellState]) -> dict[str, CellCount]:
        self._counted = super().counts(states)
        return self._counted

    def merge(self, units: Sequence[str], refused: Sequence[str]) -> set[str]:
        # More than the cells of `refused`: one that comes again exactly as it was refused before is not judged again, and is not in it.
        if not set(self._counted) <= set(units):
            self._run(f"delete from {self.history} where unit_code <> all(:units)", units=list(units))
        return super().merge(units, refused)

    def _merge_rows(self, units: Sequence[str]) -> set[str]:
        return set()  # the rows stand in the history already
