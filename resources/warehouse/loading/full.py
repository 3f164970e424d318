"""A full load of one period of a dataset, in one transaction: rows are staged, doubled keys set aside, cells counted, then merged.

Its arrivals are whole: they replace their cells. `FirstLoad` (first.py) writes straight into an empty history. `Increment`
(incremental.py) and `Patch` (patch.py) hold a part of their cells (partial.py). Rows are compared and hashed in SQL. The caller
decides from the counts whether a cell is accepted.
"""

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from resources.streaming.packed import PACKED, unpacked
from resources.streaming.prefetch import Behind
from resources.streaming.tuning import Tuning
from resources.warehouse import quarantine
from resources.warehouse.cells import CellState
from resources.warehouse.engine import Warehouse
from resources.warehouse.loading.copying import copy_in
from schemas.dataset import Dataset
from schemas.to_postgres import ACCEPTED, REJECTED, REMARKS, rejected_content, row_content, staging_ddl

DUPLICATE = (
    "no_duplicate_row",
    "Dòng lặp lại y hệt một dòng khác trong cùng kỳ và đơn vị: mỗi khóa chỉ được có một dòng; dòng đầu được nhận.",
)
DOUBLED = (
    "unique_key",
    "Nhiều dòng cùng khóa nhưng khác nội dung trong cùng kỳ và đơn vị: mỗi khóa chỉ được có một dòng; nguồn cần xác định dòng đúng.",
)

# Of a staged row and the current one of its key.
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


@dataclass(frozen=True)
class Received:
    """What was received in a pull, to be looked at once more."""

    texts: Callable[[np.ndarray], Iterable[list[str]]]  # the rows at these places, sorted, as JSON text, part by part
    accepted_of: Callable[[np.ndarray], Iterable[pa.Table]]  # of the rows with these source keys, the accepted ones


class PeriodLoad:
    """A transaction over one period. Used as a context: what is not committed in it has not been."""

    def __init__(self, warehouse: Warehouse, dataset: Dataset, period: str, now: dt.datetime, tuning: Tuning) -> None:
        self.dataset = dataset
        self.period = period
        self.now = now
        self.history = f"history.{dataset.table}"
        self._warehouse, self._tuning = warehouse, tuning
        self._behind = Behind()

    def __enter__(self) -> Self:
        self.connection = self._warehouse.engine.connect()
        self._transaction = self.connection.begin()
        self._run("set local random_page_cost = 1.1")  # else a delta is merged by a hash of the whole table
        self._run("set local work_mem = '64MB'")  # what changed in a night is joined and sorted without a file
        self._run("set local default_statistics_target = 20")  # of what is staged a fifth of the usual sample tells enough
        self._run("set local jit = off")  # compiling takes longer than it saves in statements that run once
        for statement in staging_ddl(self.dataset):
            self.connection.exec_driver_sql(statement)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._behind.__exit__(kind, error, trace)
        finally:
            self.connection.close()  # rolls back what was not committed

    def commit(self) -> None:
        self._transaction.commit()

    def add(self, accepted: pa.Table, rejected: pa.Table, remarks: pa.Table) -> None:
        """Take one validated batch, which is written while the next is being validated."""
        self._behind.do(lambda: self._write(accepted, rejected, remarks))

    def _write(self, accepted: pa.Table, rejected: pa.Table, remarks: pa.Table) -> None:
        self._copy(ACCEPTED, accepted)
        self._copy(REJECTED, rejected)
        self._copy(REMARKS, remarks)

    def wait(self) -> None:
        """Until all that was added is written."""
        self._behind.wait()

    def keep_only(self, units: Sequence[str]) -> None:
        """Drop what a narrowed pull brought along for other cells."""
        self.wait()
        for table in (ACCEPTED, REJECTED, REMARKS):
            self._run(f"delete from {table} where unit_code <> all(:units)", units=list(units))

    def set_doubled_aside(self, received: Received) -> Counter[tuple[str, str]]:
        """Exact copies: the first stays. Same key, other content: all go. Returns how many went, by (column, rule)."""
        self.wait()
        for table in (ACCEPTED, REJECTED):  # what rows are joined by; of all columns it would cost ten times as much
            self._run(f"analyze {table} (unit_code, row_key, source_key)")
        self._run(f"""create temp table moved on commit drop as
            with keys as (
                select unit_code, row_key from {ACCEPTED}
                union all select unit_code, row_key from {REJECTED} where left(row_key, 1) <> '#'
            ), doubled as materialized (
                select unit_code, row_key from keys group by 1, 2 having count(*) > 1
            ), rows as (
                select a.ordinal, a.unit_code, a.row_key, {row_content(self.dataset, "a")} as content
                from doubled join {ACCEPTED} a using (unit_code, row_key)
            ), judged as (
                select r.*, row_number() over (partition by unit_code, row_key order by ordinal) as place,
                    min(content) over (partition by unit_code, row_key)
                        = max(content) over (partition by unit_code, row_key)
                    and bad.row_key is null as copies
                from rows r left join (select distinct unit_code, row_key from {REJECTED}) bad using (unit_code, row_key)
            )
            select ordinal, unit_code, row_key, copies from judged where not (copies and place = 1)
        """)
        moved = self._run("select copies, count(*) as rows from pg_temp.moved group by 1").all()
        if moved:
            self._move_aside(received)
        # A key that is missing or doubled cannot name a quarantined row: the hash of what was received does, with the
        # number of the copy. The place in the pull would change from night to night. An accepted key is there once by now;
        # looked for by a subquery, each rejected row would read all accepted ones.
        self._run(f"""
            update {REJECTED} r set row_key = k.named, declared_key = case when left(row_key, 1) <> '#' then row_key end from (
                select j.ctid as place, '#' || left(md5(received), 16) || '-' ||
                    row_number() over (partition by unit_code, md5(received) order by j.ordinal) as named,
                    left(row_key, 1) = '#' or count(*) over (partition by unit_code, row_key) > 1
                    or a.ordinal is not null as unnamed
                from {REJECTED} j left join {ACCEPTED} a using (unit_code, row_key)
            ) k where k.place = r.ctid and k.unnamed
        """)
        column = "+".join(self.dataset.key)
        return Counter({(column, (DUPLICATE if row.copies else DOUBLED)[0]): row.rows for row in moved})

    def replace_by_key(self, first: int) -> None:
        """Of what is staged, rows from the ordinal `first` on, a patch's, take the place of those of their key before them.

        A rejected one takes that of rejected ones alone: beside an accepted one it is set aside under another name.
        """
        self.wait()
        for table in (ACCEPTED, REJECTED):
            self._run(
                f"""delete from {table} r using {ACCEPTED} p where p.ordinal >= :first and r.ordinal < :first
                    and (r.unit_code, r.row_key) = (p.unit_code, p.row_key)""",
                first=first,
            )
        self._run(
            f"""delete from {REJECTED} r using {REJECTED} p where p.ordinal >= :first and r.ordinal < :first
                and (r.unit_code, r.row_key) = (p.unit_code, p.row_key)""",
            first=first,
        )
        self._run(
            f"""update {REJECTED} p set row_key = '#' || p.row_key from {ACCEPTED} a where p.ordinal >= :first
                and (a.unit_code, a.row_key) = (p.unit_code, p.row_key)""",
            first=first,
        )

    def _move_aside(self, received: Received) -> None:
        """As whole sets: a file that was sent twice is as many rows as the file."""
        ordinals = np.sort(unpacked(self._run(f"select {PACKED.format('ordinal')} from pg_temp.moved").scalar()))
        self._run("create temp table texts (ordinal bigint, received text) on commit drop")
        done = 0
        for texts in received.texts(ordinals):
            places = pa.array(ordinals[done : done + len(texts)])
            self._copy("pg_temp.texts", pa.table({"ordinal": places, "received": pa.array(texts, pa.string())}))
            done += len(texts)
        self._run("analyze pg_temp.moved")
        self._run("analyze pg_temp.texts (ordinal)")
        self._run(
            f"""insert into {REJECTED} (unit_code, row_key, ordinal, received, failures, source_key)
            select a.unit_code, a.row_key, ordinal, t.received, case when m.copies then :copy else :doubled end, a.source_key
            from pg_temp.moved m join {ACCEPTED} a using (ordinal) join pg_temp.texts t using (ordinal)""",
            copy=_failure(DUPLICATE, self.dataset),
            doubled=_failure(DOUBLED, self.dataset),
        )
        self._run(f"delete from {ACCEPTED} a using pg_temp.moved m where a.ordinal = m.ordinal")
        self._run(
            f"""delete from {REMARKS} r where (unit_code, row_key) in (select unit_code, row_key from pg_temp.moved)
                and not exists (select from {ACCEPTED} a where a.unit_code = r.unit_code and a.row_key = r.row_key)"""
        )

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

    def equals_previous(self, previous: str) -> set[str]:
        """Units whose accepted rows would be, but for the period, exactly those of the period before."""
        names = [c.name for c in self.dataset.columns if c.name != self.dataset.placed_by]
        content = "count(*) as n, sum(hash_record_extended(row({}), 0)) as content".format(", ".join(names))
        rows = self._run(
            f"""
            select now.unit_code
            from (select unit_code, {content} from {self._accepted_rows()} a group by 1) now
            join (select unit_code, {content} from core.{self.dataset.table} where period = :previous group by 1) before
                using (unit_code, n, content)
            """,
            previous=previous,
        )
        return {row.unit_code for row in rows}

    def waiting(self, unit: str) -> int:
        """Rows of a cell that differ from its current version: new, changed, gone."""
        self.wait()
        return self._run(
            f"select count(*) from ({self._differing()}) d where not same_content", period=self.period, units=[unit]
        ).scalar_one()

    def merge(self, units: Sequence[str], refused: Sequence[str]) -> set[str]:
        """Bring the cells of `units` to what arrived, keep the quarantine of all. Returns the units that stood otherwise."""
        differing = self._merge_rows(units) if units else set()
        quarantine.merge_rows(self.connection, self.dataset, self.period, units, refused, self.now, self._scope())
        quarantine.merge_remarks(self.connection, self.dataset, self.period, units, self.now, self._scope())
        return differing

    def _scope(self) -> quarantine.Scope | None:
        """What the arrival speaks of; None: of the whole cells."""
        return None

    def _differing(self) -> str:
        """The pairs of `units` that differ."""
        standing = f"""(select {self._placed_row} from {self.history} h
            where recorded_to is null and period = :period and unit_code = any(:units))"""
        return f"select * from ({self._pairs(standing, 'unit_code = any(:units)')}) p where {DIFFERS}"

    @property
    def _placed_row(self) -> str:
        """Of a row h of the history: where it stands, its keys, its content."""
        return f"h.ctid as place, h.unit_code, h.row_key, {row_content(self.dataset, 'h')} as content, h.source_key"

    def _pairs(self, standing: str, staged: str = "true") -> str:
        """Of each key its staged and its current row. `standing`: a relation of placed rows; `staged`: which ones, a condition."""
        return f"""
            select unit_code, row_key, s.place as staged, h.place as current, s.source_key, h.source_key as held_key, s.content,
                s.content is not distinct from h.content as same_content
            from (select a.ctid as place, unit_code, row_key, {row_content(self.dataset, "a")} as content, source_key
                from {ACCEPTED} a where {staged}) s
            full join {standing} h using (unit_code, row_key)
        """

    def _merge_rows(self, units: Sequence[str]) -> set[str]:
        """What is new is written, what is gone is closed. What stands otherwise is changed where it stands, behind a closed copy.

        So a current row stays on its page and no index learns of it: closed there and written anew, each would have a page of
        the unique index written too. Where a page has no room for all of its changed rows that gains nothing, and they are.
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
        # The source spells its key otherwise and means the same.
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

    def _copy(self, table: str, rows: pa.Table, *, freeze: bool = False) -> None:
        copy_in(self.connection, table, rows, self._tuning.copied_at_once, freeze=freeze)

    def _run(self, statement: str, **values: object) -> sa.CursorResult:
        return self.connection.execute(sa.text(statement), values)


def _failure(rule: tuple[str, str], dataset: Dataset) -> str:
    name, message = rule
    return json.dumps([{"rule": name, "column": "+".join(dataset.key), "message": message}], ensure_ascii=False)
