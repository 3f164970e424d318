"""The load of a patch: its rows are laid over what the warehouse holds of their cells, and the cells are loaded as wholes."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace

from resources.warehouse.arrivals.cells import CellState
from resources.warehouse.loading.full import CellCount, PeriodLoad
from resources.warehouse.loading.laying import OPEN
from resources.warehouse.loading.staging import Received, among
from schemas.projections.postgres import ACCEPTED, REJECTED, REMARKS

FAR = 1 << 40  # held rows have negative ordinals: those of rejected rows begin below -FAR


class Patch(PeriodLoad):
    """The load of a patch. It removes nothing, so nobody has to prove that the patch is complete."""

    def units(self) -> set[str]:
        """The units of the rows that came, and of the rejected rows that these name."""
        named = f"select names from {ACCEPTED} union all select names from {REJECTED}"
        self.wait()
        return set(
            self._run(f"""select unit_code from {ACCEPTED} union select unit_code from {REJECTED}
                union select unit_code from quarantine.rows where id in ({named})
                union select held_unit from quarantine.answers where over_at is null and names in ({named})""").scalars()
        )

    def hold(self, units: Collection[str]) -> None:
        """Stage what these cells hold, beside what came. The ordinals of held rows are below zero."""
        self.wait()
        names = ", ".join(["source_key", "unit_code", "row_key", "district_code", *(c.name for c in self.dataset.columns)])
        values = self._where | {"units": sorted(units)}
        self._run(
            f"""insert into {ACCEPTED} (ordinal, {names}) select -row_number() over (), {names} from {self.history}
            where recorded_to is null and period = :period and unit_code = any(:units)""",
            **values,
        )
        self._run(
            f"""insert into {REJECTED} (ordinal, source_key, unit_code, row_key, declared_key, received, failures)
            select -{FAR} - row_number() over (), source_key, unit_code, row_key, declared_key, received::text, failures::text
            from quarantine.rows q where {OPEN} and unit_code = any(:units)""",
            **values,
        )
        self._run(f"analyze {ACCEPTED} (unit_code, row_key)")
        self._run(
            f"""insert into {REMARKS} (ordinal, unit_code, row_key, kind, rule, "column", message)
            select a.ordinal, unit_code, row_key, q.kind, q.rule, q."column", q.message from quarantine.remarks q
            join {ACCEPTED} a using (unit_code, row_key) where {OPEN} and not q.over_set and a.ordinal < 0""",
            **values,
        )

    def lay(self, rows: range, received: Received) -> Counter[tuple[str, str]]:
        self._came = rows
        return super().lay(rows, received)

    def counts(self, states: Mapping[str, CellState]) -> dict[str, CellCount]:
        """The counts of whole cells. `pulled` counts the patch alone, and its new rows have keys that are not the main road's."""
        moved = {
            unit: rows
            for unit, rows in self._run(f"""select unit_code, count(*) from (select unit_code, ordinal from {ACCEPTED}
                union all select unit_code, ordinal from {REJECTED}) r where {among(self._came)} group by 1""")
        }
        return {
            unit: replace(count, pulled=moved.get(unit, 0), key_sum=self._known(count, states.get(unit)))
            for unit, count in super().counts(states).items()
        }

    @staticmethod
    def _known(count: CellCount, state: CellState | None) -> int | None:
        same = state is not None and (count.received, count.key_sum) == (state.rows_received, state.key_sum)
        return count.key_sum if same else None
