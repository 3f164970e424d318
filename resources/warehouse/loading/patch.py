"""A patch: rows that replace, and add, by their declared key. It removes nothing, and needs no proof that it is all."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from resources.warehouse.cells import CellState
from resources.warehouse.loading.full import CellCount
from resources.warehouse.loading.partial import LEAVING, OPEN, PartialLoad
from resources.warehouse.loading.staging import Received
from schemas.to_postgres import ACCEPTED, REJECTED, rejected_content


class Patch(PartialLoad):
    """What a patch accepts takes the place of the row of that key, set aside or not; what it rejects, of a row set aside alone."""

    def set_doubled_aside(self, received: Received) -> Counter[tuple[str, str]]:
        found = super().set_doubled_aside(received)
        self._run(
            f"""create temp table leaving on commit drop as select {self._placed_row} from {self.history} h
            where recorded_to is null and period = :period
                and (h.unit_code, h.row_key) in (select unit_code, row_key from {ACCEPTED})""",
            period=self.period,
        )
        self._run(f"analyze {LEAVING} (unit_code, row_key, source_key, place)")
        self._pair()
        # Rows that were set aside because they share a key have another name, and their key beside it.
        self._run(
            f"""create temp table leaving_rejected on commit drop as
            select q.id, q.unit_code, q.row_key, {rejected_content("q")} as content, q.source_key from quarantine.rows q
            where {OPEN} and ((q.unit_code, q.row_key) in (select unit_code, row_key from {REJECTED})
                or (q.unit_code, coalesce(q.declared_key, q.row_key)) in (select unit_code, row_key from {ACCEPTED}))""",
            **self._where,
        )
        return found

    def units(self) -> list[str]:
        """The units that rows came for."""
        return list(self._run(f"select unit_code from {ACCEPTED} union select unit_code from {REJECTED} order by 1").scalars())

    def counts(self, states: Mapping[str, CellState]) -> dict[str, CellCount]:
        """As of any part; the keys that another road gives its rows are no keys of the cell's main road."""
        return {unit: replace(count, key_sum=None) for unit, count in super().counts(states).items()}
