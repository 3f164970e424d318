"""A full load of one period of a dataset: what is staged is counted by cell, then merged into the history.

Its arrivals are whole: they replace their cells. `FirstLoad` (first.py) writes straight into an empty history. `Patch` (patch.py)
makes wholes of what is held and what came; `Increment` (incremental.py) holds a part of its cells (partial.py). Rows are compared
and hashed in SQL. The caller decides from the counts whether a cell is accepted.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from resources.warehouse.arrivals.cells import CellState
from resources.warehouse.loading.laying import Laying
from resources.warehouse.quarantine import merging
from schemas.projections.postgres import ACCEPTED, REJECTED, rejected_content, row_content

# Whether a staged row differs from the current row of its key.
DIFFERS = "not same_content or source_key is distinct from held_key"


@dataclass(frozen=True)
class CellCount:
    """What a cell holds once an arrival is loaded, if it is accepted; `pulled` is what moved."""

    unit: str
    accepted: int = 0
    rejected: int = 0
    pulled: int = 0
    content_sum: int = 0  # of the rows' contents and of what was received of the rejected ones, hashed
    key_sum: int | None = 0  # of the rows' keys at the source, hashed there; None: not known of all

    @property
    def received(self) -> int:
        return self.accepted + self.rejected

    @property
    def content_hash(self) -> str:
        return hashlib.md5(f"{self.accepted}|{self.rejected}|{self.content_sum}".encode()).hexdigest()


class PeriodLoad(Laying):
    """A full load: whole arrivals, which replace their cells."""

    def counts(self, states: Mapping[str, CellState]) -> dict[str, CellCount]:
        """Unit -> what its cell would hold. `states`: what it holds now; a whole arrival does not ask."""
        self.wait()
        rows = self._run(f"""
            with accepted as ({self._sums(self._accepted_rows(), row_content(self.dataset, "r"))}),
                rejected as ({self._sums(REJECTED, rejected_content("r"))})
            select unit_code, coalesce(a.n, 0), coalesce(r.n, 0), coalesce(a.n, 0) + coalesce(r.n, 0),
                coalesce(a.content, 0) + coalesce(r.content, 0),
                case when coalesce(a.known, true) and coalesce(r.known, true) then coalesce(a.keys, 0) + coalesce(r.keys, 0) end
            from accepted a full join rejected r using (unit_code) order by 1
        """)
        return {
            unit: CellCount(unit, accepted, rejected, pulled, int(content), None if keys is None else int(keys))
            for unit, accepted, rejected, pulled, content, keys in rows
        }

    def untouched(self, unit: str, state: CellState | None) -> CellCount:
        """A cell that nothing arrived for: a whole arrival leaves it empty."""
        return CellCount(unit, key_sum=0)

    @staticmethod
    def _sums(rows: str, content: str) -> str:
        return (
            f"select unit_code, count(*) as n, sum({content}) as content, sum(source_key) as keys, "
            f"bool_and(source_key is not null) as known from {rows} r group by 1"
        )

    def _accepted_rows(self) -> str:
        """The relation of the accepted rows that the cells would have."""
        return ACCEPTED

    def held_places(self) -> set[tuple[str, str]]:
        """Unit and commune of the rows that the cells hold before the load; of a list that tells no commune nothing."""
        if self.dataset.commune is None:
            return set()
        places = f"select distinct unit_code, {self.dataset.commune} from {self.history} where recorded_to is null and period = :period"
        return {(unit, code) for unit, code in self._run(places, period=self.period) if code is not None}

    def equals_previous(self, previous: str) -> set[str]:
        """Units whose accepted rows would be exactly those of the period before, apart from the period itself.

        A unit whose held rows are that already is left out: somebody has confirmed that list, and is not asked again only because another
        row of the cell was set aside.
        """
        names = [c.name for c in self.dataset.columns if c.name != self.dataset.placed_by]
        content = "count(*) as n, sum(hash_record_extended(row({}), 0)) as content".format(", ".join(names))
        held = f"select unit_code, {content} from core.{self.dataset.table} where period = :{{}} group by 1"
        rows = self._run(
            f"""
            with alike as materialized (
                select unit_code, n, content
                from (select unit_code, {content} from {self._accepted_rows()} a group by 1) now
                join ({held.format("previous")}) before using (unit_code, n, content))
            select unit_code from alike
            where not exists (select from ({held.format("period")}) held
                where (held.unit_code, held.n, held.content) = (alike.unit_code, alike.n, alike.content))
            """,
            previous=previous,
            period=self.period,
        )
        return {row.unit_code for row in rows}

    def waiting(self, unit: str) -> int:
        """How many rows of a cell differ from what is held: new, changed and gone ones, and rejected ones that are not in quarantine yet."""
        self.wait()
        differ = f"select count(*) from ({self._differing()}) d where not same_content"
        # What was accepted before and is rejected now is gone, and counted with those.
        rejected = f"""select count(*) from {REJECTED} r where unit_code = any(:units)
            and not exists (select from {self.history} h where recorded_to is null and period = :period
                and h.unit_code = r.unit_code and h.row_key = r.row_key)
            and not exists (select from quarantine.rows q where resolved_at is null and period = :period
                and source = :source and dataset = :dataset
                and q.unit_code = r.unit_code and q.row_key = r.row_key and q.received = r.received::jsonb)"""
        where = {"source": self.dataset.source.name, "dataset": self.dataset.name}
        return self._run(f"select ({differ}) + ({rejected})", period=self.period, units=[unit], **where).scalar_one()

    def merge(self, units: Sequence[str], refused: Sequence[str]) -> set[str]:
        """Bring the cells of `units` to what arrived, and the quarantine of these and of the refused cells. Returns the units that differed."""
        differing = self._merge_rows(units) if units else set()
        merging.merge_rows(self.connection, self.dataset, self.period, units, refused, self.now, self._scope())
        merging.merge_remarks(self.connection, self.dataset, self.period, units, self.now, self._scope())
        return differing

    def _scope(self) -> merging.Scope | None:
        """What the arrival speaks of; None: of the whole cells."""
        return None

    def _differing(self) -> str:
        """The pairs of `units` that differ."""
        standing = f"""(select {self._placed_row} from {self.history} h
            where recorded_to is null and period = :period and unit_code = any(:units))"""
        return f"select * from ({self._pairs(standing, 'unit_code = any(:units)')}) p where {DIFFERS}"

    @property
    def _placed_row(self) -> str:
        """SQL for a row h of the history: where it stands, its keys, its content."""
        return f"h.ctid as place, h.unit_code, h.row_key, {row_content(self.dataset, 'h')} as content, h.source_key"

    def _pairs(self, standing: str, staged: str = "true") -> str:
        """A pair for each key: its staged and its current row. `standing`: a relation of current rows; `staged`: a condition on staged ones."""
        return f"""
            select unit_code, row_key, s.place as staged, h.place as current, s.source_key, h.source_key as held_key, s.content,
                s.content is not distinct from h.content as same_content
            from (select a.ctid as place, unit_code, row_key, {row_content(self.dataset, "a")} as content, source_key
                from {ACCEPTED} a where {staged}) s
            full join {standing} h using (unit_code, row_key)
        """

    def _merge_rows(self, units: Sequence[str]) -> set[str]:
        """Write what is new, and close what is gone. A row that differs is changed in its place, after a closed copy of it was written.

        So a current row stays on its page, and no index has to learn of it. If it were closed there and written anew, a page of the unique
        index would be written for each such row too. Where pages have no room for all of their changed rows nothing is gained by that, and
        the rows are closed and written anew.
        """
        self._run(f"create temp table delta on commit drop as {self._differing()}", period=self.period, units=list(units))
        changed = "staged is not null and current is not null and not same_content"
        # A place is written as (page,number).
        (in_place,) = self._run(
            f"select count(*) <= 2 * count(distinct (current::text::point)[0]) from pg_temp.delta where {changed}"
        ).one()
        if in_place:
            self._change_in_place(changed)
        written, closed = ("current is null", "staged is null") if in_place else ("staged is not null", "true")
        self._run(
            f"""update {self.history} h set recorded_to = :now
            from (select current from pg_temp.delta where not same_content and {closed} order by current) d
            where h.ctid = d.current""",
            now=self.now,
        )
        # The source spells the key differently and means the same row.
        self._run(f"""update {self.history} h set source_key = d.source_key from pg_temp.delta d
            where h.ctid = d.current and d.same_content""")
        self._insert(f"""join pg_temp.delta d on a.ctid = d.staged where not d.same_content and {written}
            order by a.row_key collate "C\"""")
        return set(self._run("select distinct unit_code from pg_temp.delta where not same_content").scalars())

    def _change_in_place(self, changed: str) -> None:
        names = [c.name for c in self.dataset.columns]
        kept = ", ".join([*names, "period", "unit_code", "district_code", "row_key", "source_key", "recorded_from"])
        self._run(
            f"""insert into {self.history} ({kept}, recorded_to) select {kept}, :now
            from (select current from pg_temp.delta where {changed} order by current) d join {self.history} h on h.ctid = d.current""",
            now=self.now,
        )
        fields = ", ".join(f"{name} = a.{name}" for name in [*names, "district_code", "source_key"])
        self._run(
            f"""update {self.history} h set {fields}, recorded_from = :now
            from (select d.current, a.* from pg_temp.delta d join {ACCEPTED} a on a.ctid = d.staged where {changed}
                order by d.current) a
            where h.ctid = a.current""",
            now=self.now,
        )

    def _insert(self, chosen: str) -> None:
        """Write the staged rows that `chosen` selects as current ones."""
        names = ", ".join(c.name for c in self.dataset.columns)
        self._run(
            f"""
            insert into {self.history}
                ({names}, period, unit_code, district_code, row_key, source_key, recorded_from)
            select {names}, :period, a.unit_code, district_code, a.row_key, a.source_key, :now from {ACCEPTED} a {chosen}
            """,
            period=self.period,
            now=self.now,
        )
