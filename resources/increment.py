"""An increment: what has changed of a period since it was last read, merged only when it is proved to be all of it.

What the source told by row versions are rows that are new, or stand otherwise; which ones are gone it does not tell. So
what would stand after the load is held against the source's own count and sum of keys. Where they differ, the keys of the
units that differ are asked for, and what is not among them is gone. What cannot be told without seeing a whole cell (rows
that share a key, or have none) is left to a whole load of that cell.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import pyarrow as pa

from resources.copying import copy_in
from resources.ledger import CellState
from resources.loading import CellCount, PeriodLoad
from resources.raw_store import KEY
from resources.warehouse import libpq_uri
from schemas.dataset import UNKNOWN_UNIT
from schemas.to_postgres import ACCEPTED, REJECTED, literal, rejected_content, row_content

OPEN = "q.source = :source and q.dataset = :dataset and q.period = :period and q.resolved_at is null"
# Of the current rows and the open quarantine: what the increment replaces or removes.
LEAVING, LEAVING_REJECTED = "pg_temp.leaving", "pg_temp.leaving_rejected"
# A row q of the quarantine, as it leaves.
REJECTED_ROW = f"q.id, q.unit_code, q.row_key, {rejected_content('q')} as content, q.source_key"

Sums = tuple[int, int]  # rows, and the sum of their keys at the source, hashed there


class Increment(PeriodLoad):
    def complete(
        self,
        states: Mapping[str, CellState],
        at_source: Mapping[str, Sums],
        keys: Callable[[Collection[str]], Iterable[pa.RecordBatch]],
    ) -> set[str] | None:
        """Find what leaves. The units that need a whole load; None: all do, since the increment could not be proved.

        `states`: what the cells of the period hold; `at_source`: what the source has of each unit, by its own codes;
        `keys` asks it for the keys of units, those that it cannot place among them.
        """
        self.wait()
        self._where = {"source": self.dataset.source.name, "dataset": self.dataset.name, "period": self.period}
        self._run(f"analyze {ACCEPTED}")
        self._run(f"analyze {REJECTED}")
        self._replace()
        uncertain: set[str] = set()
        differing = self._differing(states, at_source)
        if _sum(differing.values()) != (0, 0):
            asked = {*differing, UNKNOWN_UNIT}
            self._remove(asked, keys(asked))
            surplus = _sum(self._differing(states, at_source).values())
            if surplus != (0, 0):
                of_doubled, uncertain = self._doubled(asked)
                if surplus != of_doubled:
                    return None
        self._run(f"analyze {LEAVING}")
        self._run(f"""create temp table scope on commit drop as
            select unit_code, row_key from {LEAVING} union select unit_code, row_key from {LEAVING_REJECTED}
            union select unit_code, row_key from {ACCEPTED}""")
        self._run("analyze pg_temp.scope")
        return uncertain | self._sharing_a_key()

    def keep_only(self, units: Sequence[str]) -> None:
        super().keep_only(units)
        for table in (LEAVING, LEAVING_REJECTED):
            self._run(f"delete from {table} where unit_code <> all(:units)", units=list(units))

    def gone(self) -> list[int]:
        """The source keys of what left and did not come again."""
        return list(
            self._run(f"""select source_key from {LEAVING} union select source_key from {LEAVING_REJECTED}
                except (select source_key from {ACCEPTED} union select source_key from {REJECTED}) order by 1""").scalars()
        )

    def _replace(self) -> None:
        """What stands under a key that came again is replaced."""
        self._run(
            f"""create temp table leaving on commit drop as
            select {self._placed_row}
            from (select unit_code, row_key from {ACCEPTED} union select unit_code, row_key from {REJECTED}) s
            join {self.history} h on h.period = :period and h.unit_code = s.unit_code and h.row_key = s.row_key
                and h.recorded_to is null""",
            period=self.period,
        )
        self._run(
            f"""create temp table leaving_rejected on commit drop as
            select {REJECTED_ROW} from quarantine.rows q where q.id in (
                select q.id from quarantine.rows q join {ACCEPTED} s using (unit_code, row_key) where {OPEN}
                union select q.id from quarantine.rows q join {REJECTED} s using (unit_code, row_key) where {OPEN}
                union select q.id from quarantine.rows q join {ACCEPTED} s using (source_key) where {OPEN}
                union select q.id from quarantine.rows q join {REJECTED} s using (source_key) where {OPEN})""",
            **self._where,
        )

    def _differing(self, states: Mapping[str, CellState], at_source: Mapping[str, Sums]) -> dict[str, Sums]:
        """Unit -> rows, and sum of keys, that would be held of it beyond what the source has.

        A row that the source codes for one unit and that is placed in another shows in both; in their sum it does not.
        """
        found = {u: (s.rows_received, s.key_sum or 0) for u, s in states.items()}
        moves = self._run(f"""
            select unit_code, sum(n), sum(keys) from (
                select unit_code, -1 as n, -source_key as keys from {LEAVING}
                union all select unit_code, -1, -source_key from {LEAVING_REJECTED}
                union all select unit_code, 1, source_key from {ACCEPTED}
                union all select unit_code, 1, source_key from {REJECTED}) p
            group by 1""").all()
        for unit, count, keys in moves:
            found[unit] = _sum([found.get(unit, (0, 0)), (int(count), int(keys))])
        for unit, (count, keys) in at_source.items():
            found[unit] = _sum([found.get(unit, (0, 0)), (-count, -keys)])
        return {unit: sums for unit, sums in found.items() if sums != (0, 0)}

    def _remove(self, units: Collection[str], keys: Iterable[pa.RecordBatch]) -> None:
        """What the source no longer has of these units leaves. Its keys are held in memory, 8 bytes each."""
        self._present = np.sort(np.concatenate([np.empty(0, np.int64), *(b.column(0).to_numpy() for b in keys)]))
        # Read beside this transaction, which has not written to the history yet: by Arrow it takes a third of the time.
        with adbc.connect(libpq_uri(self._warehouse.url)) as connection, connection.cursor() as cursor:
            chosen = ", ".join(map(literal, units))
            cursor.execute(
                f"select source_key from {self.history} where recorded_to is null and period = {literal(self.period)} "
                f"and unit_code in ({chosen})"
            )
            gone = np.concatenate([np.empty(0, np.int64), *map(self._absent, cursor.fetch_record_batch())])
        # Alone in its statement, which touches no temporary table, the reading goes side by side with itself.
        self._run(
            f"""create temp table places on commit drop as select ctid as place from {self.history}
            where recorded_to is null and period = :period and unit_code = any(:units)
                and source_key = any(cast(:gone as bigint[]))""",
            period=self.period,
            units=list(units),
            gone=gone.tolist(),
        )
        self._run(f"delete from pg_temp.places p using {LEAVING} l where l.place = p.place")
        self._run("analyze pg_temp.places")  # else the planner reads the whole table to find them
        self._run(f"""insert into {LEAVING}
            select {self._placed_row} from pg_temp.places p join {self.history} h on h.ctid = p.place""")
        rejected = self._run(
            f"select id, source_key from quarantine.rows q where {OPEN} and unit_code = any(:units)",
            units=list(units),
            **self._where,
        ).all()
        absent = set(self._absent(pa.record_batch({KEY: pa.array([r.source_key for r in rejected], pa.int64())})).tolist())
        self._run(
            f"""insert into {LEAVING_REJECTED}
            select {REJECTED_ROW} from quarantine.rows q where id = any(:ids)
                and not exists (select from {LEAVING_REJECTED} l where l.id = q.id)""",
            ids=[r.id for r in rejected if r.source_key in absent],
        )

    def _absent(self, batch: pa.RecordBatch) -> np.ndarray:
        """Those of the keys that the source did not tell."""
        keys = np.sort(batch.column(0).to_numpy(zero_copy_only=False))
        if not len(self._present) or not len(keys):
            return keys
        at = np.minimum(np.searchsorted(self._present, keys), len(self._present) - 1)
        return keys[self._present[at] != keys]

    def _doubled(self, units: Collection[str]) -> tuple[Sums, set[str]]:
        """What is held beyond the source's of keys that it does have, and the units of such rows."""
        self._run("create temp table present (source_key bigint) on commit drop")
        copy_in(self.connection, "pg_temp.present", pa.table({"source_key": self._present}))
        self._run("analyze pg_temp.present")
        rows = self._run(
            f"""
            select array_agg(distinct unit_code) as units, count(*) - p.n as surplus, source_key from (
                select h.unit_code, h.source_key from {self.history} h
                where h.recorded_to is null and h.period = :period and h.unit_code = any(:units)
                    and not exists (select from {LEAVING} l where l.place = h.ctid)
                union all select q.unit_code, q.source_key from quarantine.rows q where {OPEN}
                    and q.unit_code = any(:units) and not exists (select from {LEAVING_REJECTED} l where l.id = q.id)
                union all select unit_code, source_key from {ACCEPTED} where unit_code = any(:units)
                union all select unit_code, source_key from {REJECTED} where unit_code = any(:units)) h
            join (select source_key, count(*) as n from pg_temp.present group by 1) p using (source_key)
            group by source_key, p.n having count(*) > p.n""",
            units=list(units),
            **self._where,
        ).all()
        surplus = _sum([(row.surplus, row.surplus * row.source_key) for row in rows])
        return surplus, {unit for row in rows for unit in row.units}

    def _sharing_a_key(self) -> set[str]:
        """Units where something comes or goes that shares its key, or has none: who is rejected for it may change."""
        rows = self._run(
            f"""
            select unit_code from {REJECTED} where left(row_key, 1) = '#'
            union select unit_code from {LEAVING_REJECTED} where left(row_key, 1) = '#'
            union select unit_code from (select unit_code, row_key from {ACCEPTED}
                union all select unit_code, row_key from {REJECTED}) s group by unit_code, row_key having count(*) > 1
            union select q.unit_code from quarantine.rows q where {OPEN} and q.declared_key is not null
                and (q.unit_code, q.declared_key) in (select unit_code, row_key from pg_temp.scope
                    union select unit_code, row_key from {REJECTED})
            """,
            **self._where,
        )
        return set(rows.scalars())

    def counts(self, states: Mapping[str, CellState]) -> dict[str, CellCount]:
        """What each cell holds, less what leaves, and what came."""
        rows = self._run(f"""
            select unit_code, sum(accepted), sum(rejected), sum(pulled), sum(content), sum(keys) from (
                select unit_code, count(*) as accepted, 0 as rejected, count(*) as pulled,
                    sum({row_content(self.dataset, "a")}) as content, sum(source_key) as keys from {ACCEPTED} a group by 1
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

    def _standing(self) -> str:
        return f"select place, unit_code, row_key, content, source_key from {LEAVING} where unit_code = any(:units)"

    def _scope(self) -> str:
        return "pg_temp.scope"


def _sum(sums: Iterable[Sums]) -> Sums:
    counts, keys = 0, 0
    for count, key in sums:
        counts, keys = counts + count, keys + key
    return counts, keys
