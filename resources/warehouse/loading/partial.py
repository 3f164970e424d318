"""What loads of a part of their cells have in common: what the part replaces or removes leaves, and all else stays as it is held."""

from collections.abc import Mapping, Sequence

from resources.warehouse.arrivals.cells import CellState
from resources.warehouse.loading.full import DIFFERS, CellCount, PeriodLoad
from resources.warehouse.quarantine import merging
from schemas.projections.postgres import ACCEPTED, REJECTED, literal, rejected_content

# What the part replaces or removes, of the current rows and of the open quarantine.
LEAVING, LEAVING_REJECTED = "pg_temp.leaving", "pg_temp.leaving_rejected"
PAIRED = "pg_temp.paired"  # what was accepted, beside what it replaces
# The keys of what was accepted before or is now, or was rejected before.
COMES_OR_GOES = f"select unit_code, row_key from {PAIRED} union all select unit_code, row_key from {LEAVING_REJECTED}"


class PartialLoad(PeriodLoad):
    """A load of a part. A class derived from it fills LEAVING and LEAVING_REJECTED, and then pairs what came with what leaves."""

    def _pair(self) -> None:
        self._run(f"create temp table paired on commit drop as {self._pairs(LEAVING)}")
        self._run(f"analyze {PAIRED} (unit_code, row_key)")

    def keep_only(self, units: Sequence[str], rows: range | None = None) -> None:
        super().keep_only(units, rows)
        for table in (LEAVING, LEAVING_REJECTED, PAIRED):
            self._run(f"delete from {table} where unit_code <> all(:units)", units=list(units))

    def counts(self, states: Mapping[str, CellState]) -> dict[str, CellCount]:
        """What each cell would hold: what it holds, less what leaves, plus what came."""
        rows = self._run(f"""
            select unit_code, sum(accepted), sum(rejected), sum(pulled), sum(content), sum(keys) from (
                select unit_code, count(*) as accepted, 0 as rejected, count(*) as pulled,
                    sum(content) as content, sum(source_key) as keys from {PAIRED} where staged is not null group by 1
                union all select unit_code, 0, count(*), count(*), sum({rejected_content("r")}), sum(source_key)
                from {REJECTED} r group by 1
                union all select unit_code, -count(*), 0, 0, -sum(content), -sum(source_key) from {LEAVING} group by 1
                union all select unit_code, 0, -count(*), 0, -sum(content), -sum(source_key)
                from {LEAVING_REJECTED} group by 1) p
            group by 1 order by 1""")
        found = {}
        for unit, accepted, rejected, pulled, content, keys in rows:
            held = self.untouched(unit, states.get(unit))
            found[unit] = CellCount(
                unit,
                held.accepted + int(accepted),
                held.rejected + int(rejected),
                int(pulled),
                held.content_sum + int(content),
                (held.key_sum or 0) + int(keys),
            )
        return found

    def untouched(self, unit: str, state: CellState | None) -> CellCount:
        """A cell of which nothing came and nothing left stays what it is."""
        if state is None:
            return CellCount(unit, key_sum=0)
        rejected = state.rows_received - state.rows_accepted
        return CellCount(unit, state.rows_accepted, rejected, 0, state.content_sum, state.key_sum)

    def _accepted_rows(self) -> str:
        names = ", ".join([*(c.name for c in self.dataset.columns), "unit_code"])
        return f"""(select {names} from {self.history} h where recorded_to is null and period = {literal(self.period)}
                and not exists (select from {LEAVING} l where l.place = h.ctid)
            union all select {names} from {ACCEPTED})"""

    def _differing(self) -> str:
        return f"select * from {PAIRED} where unit_code = any(:units) and ({DIFFERS})"

    def _scope(self) -> merging.Scope:
        return merging.Scope(rejected=f"select id from {LEAVING_REJECTED}", keys=COMES_OR_GOES)
