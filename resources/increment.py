"""An increment: what has changed of a period since it was last read, merged only when it is proved to be all of it.

What the source told by row versions are rows that are new, or stand otherwise; which ones are gone it does not tell. So
what would stand after the load is held against the source's own counts and sums of keys. Where they differ, the keys of
those communes are asked for, and what is not among them is gone. What cannot be told without seeing a whole cell (rows
that share a key, or have none) is left to a whole load of that cell.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import pyarrow as pa

from resources.copying import copy_in
from resources.ledger import CellState
from resources.loading import CellCount, PeriodLoad
from schemas.to_postgres import ACCEPTED, REJECTED, rejected_content, row_content

Sums = Mapping[str | None, tuple[int, int]]  # commune as received -> rows, sum of their keys

# Of the current rows and the open quarantine: what the increment replaces or removes.
LEAVING, LEAVING_REJECTED = "pg_temp.leaving", "pg_temp.leaving_rejected"


class Increment(PeriodLoad):
    def __enter__(self) -> "Increment":
        super().__enter__()
        self._where = {"source": self.dataset.source.name, "dataset": self.dataset.name, "period": self.period}
        commune = self.dataset.commune
        self._commune = f"h.{commune}" if commune else "null::text"
        column = self.dataset.column(commune).source_column if commune else ""
        self._received_commune = f"(received::jsonb ->> '{column}')" if commune else "null::text"
        return self

    def complete(
        self,
        states: Mapping[str, CellState],
        sums: Callable[[], Sums],
        keys: Callable[[Sequence[str | None]], Iterable[pa.RecordBatch]],
    ) -> set[str] | None:
        """Find what leaves. The units that need a whole load; None: all do, since the increment could not be proved.

        `states`: what the cells of the period hold; `sums` and `keys`: the source's own, asked for when they are needed.
        """
        self.wait()
        self._run("set local random_page_cost = 1.1")
        self._run(f"analyze {ACCEPTED}")
        self._run(f"analyze {REJECTED}")
        self._replace()
        at_source = sums()
        uncertain: set[str] = set()
        if self._totals(states) != _total(at_source):
            communes = self._differing(at_source)
            uncertain = self._remove(communes, keys(communes))
            if self._totals(states) != _total(at_source):
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
            select h.ctid as place, h.unit_code, h.row_key, {row_content(self.dataset, "h")} as content, h.source_key,
                {self._commune} as commune
            from (select unit_code, row_key from {ACCEPTED} union select unit_code, row_key from {REJECTED}) s
            join {self.history} h on h.period = :period and h.unit_code = s.unit_code and h.row_key = s.row_key
                and h.recorded_to is null""",
            period=self.period,
        )
        self._run(
            f"""create temp table leaving_rejected on commit drop as
            select q.id, q.unit_code, q.row_key, {rejected_content("q")} as content, q.source_key,
                {self._received_commune} as commune
            from quarantine.rows q where {self._open("q")} and ((unit_code, row_key) in (
                    select unit_code, row_key from {ACCEPTED} union select unit_code, row_key from {REJECTED})
                or source_key in (select source_key from {ACCEPTED} union select source_key from {REJECTED}))""",
            **self._where,
        )

    @staticmethod
    def _open(of: str) -> str:
        return f"{of}.source = :source and {of}.dataset = :dataset and {of}.period = :period and {of}.resolved_at is null"

    def _held(self) -> str:
        """Every row that would be held: commune as received, unit, key, and where it stands now, if it does."""
        return f"""
            select {self._commune} as commune, h.unit_code, h.row_key, h.source_key, h.ctid as place, null::bigint as id
            from {self.history} h where h.recorded_to is null and h.period = :period
                and h.ctid not in (select place from {LEAVING})
            union all select {self._received_commune}, q.unit_code, q.row_key, q.source_key, null, q.id
            from quarantine.rows q where {self._open("q")} and q.id not in (select id from {LEAVING_REJECTED})
            union all select {self._commune}, h.unit_code, h.row_key, h.source_key, null, null from {ACCEPTED} h
            union all select {self._received_commune}, unit_code, row_key, source_key, null, null from {REJECTED}"""

    def _totals(self, states: Mapping[str, CellState]) -> tuple[int, int]:
        """Rows, and sum of their keys, that would be held of the period."""
        count, total = self._run(f"""
            select coalesce(sum(n), 0), coalesce(sum(keys), 0) from (
                select -count(*) as n, -sum(source_key) as keys from {LEAVING}
                union all select -count(*), -sum(source_key) from {LEAVING_REJECTED}
                union all select count(*), sum(source_key) from {ACCEPTED}
                union all select count(*), sum(source_key) from {REJECTED}) p""").one()
        return (
            sum(s.rows_received for s in states.values()) + int(count),
            sum(s.key_sum or 0 for s in states.values()) + int(total),
        )

    def _differing(self, at_source: Sums) -> list[str | None]:
        rows = self._run(
            f"select commune, count(*), coalesce(sum(source_key), 0) from ({self._held()}) h group by 1", **self._where
        ).all()
        held = {commune: (count, int(total)) for commune, count, total in rows}
        return [c for c in {**held, **at_source} if held.get(c) != at_source.get(c)]

    def _remove(self, communes: Sequence[str | None], keys: Iterable[pa.RecordBatch]) -> set[str]:
        """What these communes no longer have leaves; the units of rows whose key is told another number of times."""
        self._run("create temp table present (source_key bigint) on commit drop")
        for batch in keys:
            copy_in(self.connection, "pg_temp.present", pa.Table.from_batches([batch]).rename_columns(["source_key"]))
        self._run("analyze pg_temp.present")
        self._run(
            f"""create temp table checked on commit drop as
            select h.*, coalesce(p.n, 0) as present, count(*) over (partition by h.source_key) as held
            from ({self._held()}) h
            left join (select source_key, count(*) as n from pg_temp.present group by 1) p using (source_key)
            where coalesce(h.commune, chr(1)) = any(:communes)""",
            communes=[chr(1) if c is None else c for c in communes],
            **self._where,
        )
        self._run(f"""insert into {LEAVING}
            select h.ctid, h.unit_code, h.row_key, {row_content(self.dataset, "h")}, h.source_key, c.commune
            from pg_temp.checked c join {self.history} h on h.ctid = c.place where c.present = 0""")
        self._run(f"""insert into {LEAVING_REJECTED}
            select q.id, q.unit_code, q.row_key, {rejected_content("q")}, q.source_key, c.commune
            from pg_temp.checked c join quarantine.rows q on q.id = c.id where c.present = 0""")
        return set(self._run("select distinct unit_code from pg_temp.checked where present not in (0, held)").scalars())

    def _sharing_a_key(self) -> set[str]:
        """Units where something comes or goes that shares its key, or has none: who is rejected for it may change."""
        rows = self._run(
            f"""
            select unit_code from {REJECTED} where left(row_key, 1) = '#'
            union select unit_code from {LEAVING_REJECTED} where left(row_key, 1) = '#'
            union select unit_code from (select unit_code, row_key from {ACCEPTED}
                union all select unit_code, row_key from {REJECTED}) s group by unit_code, row_key having count(*) > 1
            union select q.unit_code from quarantine.rows q where {self._open("q")} and q.declared_key is not null
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
            held = states.get(unit)
            found[unit] = CellCount(
                unit,
                (held.rows_accepted if held else 0) + int(accepted),
                (held.rows_received - held.rows_accepted if held else 0) + int(rejected),
                int(pulled),
                (held.content_sum if held else 0) + int(content),
                ((held.key_sum or 0) if held else 0) + int(keys),
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
        return f"""(select {names} from {self.history} h where recorded_to is null and period = '{self.period}'
                and ctid not in (select place from {LEAVING})
            union all select {names} from {ACCEPTED})"""

    def _standing(self) -> str:
        return f"select place, unit_code, row_key, content, source_key from {LEAVING} where unit_code = any(:units)"

    def _scope(self) -> str:
        return "pg_temp.scope"


def _total(sums: Sums) -> tuple[int, int]:
    return sum(count for count, _ in sums.values()), sum(total for _, total in sums.values())
