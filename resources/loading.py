"""One load of one period of a dataset: staged, doubled keys set aside, counted by cell, and merged in one transaction.

Rows are compared and hashed in SQL. What a cell becomes (accepted, refused) is decided by the caller from the counts.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import sqlalchemy as sa

from resources.ahead import Behind
from resources.warehouse import Warehouse, libpq_uri
from schemas.dataset import Dataset
from schemas.to_postgres import history_indexes, staging_ddl

DUPLICATE = (
    "no_duplicate_row",
    "Dòng lặp lại y hệt một dòng khác trong cùng kỳ và đơn vị: mỗi khóa chỉ được có một dòng; dòng đầu được nhận.",
)
DOUBLED = (
    "unique_key",
    "Nhiều dòng cùng khóa nhưng khác nội dung trong cùng kỳ và đơn vị: mỗi khóa chỉ được có một dòng; nguồn cần xác định dòng đúng.",
)


@dataclass(frozen=True)
class CellCount:
    """What one arrival holds for a cell."""

    unit: str
    accepted: int
    rejected: int
    content_hash: str

    @property
    def received(self) -> int:
        return self.accepted + self.rejected


class PeriodLoad:
    """Staging of one period. Used as a context: the staging tables go at its end, whatever happened."""

    def __init__(self, warehouse: Warehouse, dataset: Dataset, period: str, token: str) -> None:
        self._warehouse = warehouse
        self.dataset = dataset
        self.period = period
        self._name = f"{dataset.table[:30]}_{token}"
        self._arrow: adbc.Connection | None = None
        self._behind = Behind()

    def __enter__(self) -> "PeriodLoad":
        with self._warehouse.engine.begin() as connection:
            for statement in staging_ddl(self.dataset, self._name):
                connection.exec_driver_sql(statement)
        self._arrow = adbc.connect(libpq_uri(self._warehouse.url), autocommit=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._behind.__exit__(kind, error, trace)
        finally:
            if self._arrow is not None:
                self._arrow.close()
        with self._warehouse.engine.begin() as connection:
            for part in ("accepted", "rejected", "remarks"):
                connection.exec_driver_sql(f"drop table if exists staging.{self._name}_{part}")

    def add(self, accepted: pa.Table, rejected: pa.Table, remarks: pa.Table) -> None:
        """Stage one validated batch, while the next is being validated."""
        parts = {"accepted": accepted, "rejected": rejected, "remarks": remarks}
        self._behind.do(lambda: self._ingest(parts))

    def _ingest(self, parts: dict[str, pa.Table]) -> None:
        assert self._arrow is not None
        for part, table in parts.items():
            if table.num_rows:
                with self._arrow.cursor() as cursor:
                    cursor.adbc_ingest(f"{self._name}_{part}", table, mode="append", db_schema_name="staging")

    def keep_only(self, units: Sequence[str]) -> None:
        """Drop what a narrowed pull brought along for other cells."""
        self._behind.wait()
        with self._warehouse.engine.begin() as connection:
            for part in ("accepted", "rejected", "remarks"):
                connection.execute(
                    sa.text(f"delete from staging.{self._name}_{part} where unit_code <> all(:units)"), {"units": list(units)}
                )

    def set_doubled_aside(self, received: Callable[[list[int]], list[str]]) -> Counter[tuple[str, str]]:
        """Exact copies: the first stays. Same key, other content: all go. `received` gives rows by their place in the pull.

        Returns how many went, by (column, rule).
        """
        name = self._name
        self._behind.wait()
        with self._warehouse.engine.begin() as connection:
            connection.exec_driver_sql(f"analyze staging.{name}_accepted")
            connection.exec_driver_sql(f"analyze staging.{name}_rejected")
            moved = connection.exec_driver_sql(f"""
                with keys as (
                    select unit_code, row_key from staging.{name}_accepted
                    union all select unit_code, row_key from staging.{name}_rejected where left(row_key, 1) <> '#'
                ), doubled as materialized (
                    select unit_code, row_key from keys group by 1, 2 having count(*) > 1
                ), rows as (
                    select a.ordinal, a.unit_code, a.row_key, a.row_hash
                    from doubled join staging.{name}_accepted a using (unit_code, row_key)
                ), judged as (
                    select r.*, row_number() over (partition by unit_code, row_key order by ordinal) as place,
                        min(row_hash) over (partition by unit_code, row_key)
                            = max(row_hash) over (partition by unit_code, row_key)
                        and (unit_code, row_key) not in (select unit_code, row_key from staging.{name}_rejected) as copies
                    from rows r
                )
                select ordinal, unit_code, row_key, copies from judged where not (copies and place = 1) order by ordinal
            """).all()
            if moved:
                texts = received([row.ordinal for row in moved])
                connection.execute(
                    sa.text(f"insert into staging.{name}_rejected values (:unit, :key, :ordinal, :received, :failures)"),
                    [
                        {
                            "unit": row.unit_code,
                            "key": row.row_key,
                            "ordinal": row.ordinal,
                            "received": text,
                            "failures": _failure(DUPLICATE if row.copies else DOUBLED, self.dataset),
                        }
                        for row, text in zip(moved, texts, strict=True)
                    ],
                )
                connection.execute(
                    sa.text(f"delete from staging.{name}_accepted where ordinal = any(:ordinals)"),
                    {"ordinals": [row.ordinal for row in moved]},
                )
                connection.exec_driver_sql(f"""
                    delete from staging.{name}_remarks r where not exists (
                        select from staging.{name}_accepted a where a.unit_code = r.unit_code and a.row_key = r.row_key)
                """)
            # A key that is missing or doubled cannot name a quarantined row: the hash of what was received does, with
            # the number of the copy. The place in the pull would change from night to night. An accepted key is there once
            # by now; looked for by a subquery, each rejected row would read all accepted ones.
            connection.exec_driver_sql(f"""
                update staging.{name}_rejected r set row_key = k.named from (
                    select j.ctid as place, '#' || left(md5(received), 16) || '-' ||
                        row_number() over (partition by unit_code, md5(received) order by j.ordinal) as named,
                        left(row_key, 1) = '#' or count(*) over (partition by unit_code, row_key) > 1
                        or a.ordinal is not null as unnamed
                    from staging.{name}_rejected j left join staging.{name}_accepted a using (unit_code, row_key)
                ) k where k.place = r.ctid and k.unnamed
            """)
        column = "+".join(self.dataset.key)
        return Counter((column, (DUPLICATE if row.copies else DOUBLED)[0]) for row in moved)

    def counts(self) -> dict[str, CellCount]:
        """Unit -> counts and content hash of what arrived."""
        name = self._name
        self._behind.wait()
        with self._warehouse.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"""
                with accepted as (
                    select unit_code, count(*) as n, sum(row_hash)::text as content
                    from staging.{name}_accepted a group by 1
                ), rejected as (
                    select unit_code, count(*) as n, sum(hashtextextended(received || failures, 0))::text as content
                    from staging.{name}_rejected group by 1
                )
                select unit_code, coalesce(a.n, 0), coalesce(r.n, 0),
                    md5(concat_ws('|', a.n, a.content, r.n, r.content))
                from accepted a full join rejected r using (unit_code) order by 1
            """).all()
        return {unit: CellCount(unit, accepted, rejected, content) for unit, accepted, rejected, content in rows}

    def equals_previous(self, previous: str) -> set[str]:
        """Units whose accepted rows are, but for the period, exactly those of the period before."""
        period_field = next(c.name for c in self.dataset.columns if c.source_column == self.dataset.period_column)
        names = [c.name for c in self.dataset.columns if c.name != period_field]
        content = "count(*) as n, sum(hash_record_extended(row({}), 0)) as content".format(", ".join(names))
        with self._warehouse.engine.connect() as connection:
            rows = connection.execute(
                sa.text(f"""
                    select now.unit_code
                    from (select unit_code, {content} from staging.{self._name}_accepted group by 1) now
                    join (select unit_code, {content} from core.{self.dataset.table} where period = :previous group by 1) before
                        using (unit_code, n, content)
                """),
                {"previous": previous},
            )
            return {row.unit_code for row in rows}

    def waiting(self, unit: str) -> int:
        """Rows of a cell that differ from its current version: new, changed, gone."""
        with self._warehouse.engine.connect() as connection:
            return connection.execute(sa.text(f"select count(*) from ({self._difference()}) d"), self._cells([unit])).scalar_one()

    def merge(self, connection: sa.Connection, units: Sequence[str], refused: Sequence[str], now: object) -> None:
        """Replace the accepted cells, keep the quarantine and the remarks of all, inside the caller's transaction."""
        if units:
            self._merge_rows(connection, units, now)
        self._merge_quarantine(connection, units, refused, now)
        self._merge_remarks(connection, units, now)

    def _cells(self, units: Sequence[str]) -> dict[str, object]:
        return {"period": self.period, "units": list(units)}

    def _difference(self) -> str:
        return f"""
            select s.place as staged, h.place as current
            from (select ctid as place, unit_code, row_key, row_hash
                  from staging.{self._name}_accepted where unit_code = any(:units)) s
            full join (select ctid as place, unit_code, row_key, row_hash from history.{self.dataset.table}
                  where recorded_to is null and period = :period and unit_code = any(:units)) h using (unit_code, row_key)
            where s.row_hash is distinct from h.row_hash
        """

    def _merge_rows(self, connection: sa.Connection, units: Sequence[str], now: object) -> None:
        table = f"history.{self.dataset.table}"
        if not connection.execute(
            sa.text(f"select exists (select from {table} where recorded_to is null and period = :period)"),
            {"period": self.period},
        ).scalar():
            self._insert_first(connection, units, now)
            return
        connection.exec_driver_sql("set local random_page_cost = 1.1")  # else a delta is merged by a hash of the whole table
        connection.execute(sa.text(f"create temp table delta on commit drop as {self._difference()}"), self._cells(units))
        connection.execute(
            sa.text(f"update {table} h set recorded_to = :now from delta d where h.ctid = d.current"), {"now": now}
        )
        self._insert(connection, "join delta d on a.ctid = d.staged", now)
        connection.exec_driver_sql("drop table delta")

    def _insert_first(self, connection: sa.Connection, units: Sequence[str], now: object) -> None:
        """A period that nothing stands of: there is nothing to compare with. A whole empty table is indexed after."""
        table, indexes = f"history.{self.dataset.table}", history_indexes(self.dataset)
        is_empty = not connection.exec_driver_sql(f"select exists (select from {table})").scalar()
        if is_empty:
            for name in indexes:
                connection.exec_driver_sql(f"drop index if exists history.{name}")
        self._insert(connection, "where unit_code = any(:units)", now, units=list(units))
        if is_empty:
            for statement in indexes.values():
                connection.exec_driver_sql(statement)

    def _insert(self, connection: sa.Connection, chosen: str, now: object, **values: object) -> None:
        """Write the staged rows that `chosen` selects as current ones."""
        names = ", ".join(c.name for c in self.dataset.columns)
        connection.execute(
            sa.text(f"""
                insert into history.{self.dataset.table}
                    ({names}, period, unit_code, district_code, row_key, row_hash, recorded_from)
                select {names}, :period, unit_code, district_code, row_key, row_hash, :now
                from staging.{self._name}_accepted a {chosen}
            """),
            {"period": self.period, "now": now, **values},
        )

    def _merge_quarantine(self, connection: sa.Connection, units: Sequence[str], refused: Sequence[str], now: object) -> None:
        where = {"source": self.dataset.source.name, "dataset": self.dataset.name, "period": self.period, "now": now}
        both = [*units, *refused]
        connection.execute(
            sa.text(f"""
                update quarantine.rows q set resolved_at = :now
                where source = :source and dataset = :dataset and period = :period and unit_code = any(:units)
                    and resolved_at is null and not exists (select from staging.{self._name}_rejected r
                        where r.unit_code = q.unit_code and r.row_key = q.row_key)
            """),
            {**where, "units": list(units)},
        )
        connection.execute(
            sa.text(f"""
                update quarantine.rows q set last_seen = :now, received = r.received::jsonb, failures = r.failures::jsonb
                from staging.{self._name}_rejected r
                where q.source = :source and q.dataset = :dataset and q.period = :period and q.resolved_at is null
                    and r.unit_code = q.unit_code and r.row_key = q.row_key and r.unit_code = any(:units)
            """),
            {**where, "units": both},
        )
        connection.execute(
            sa.text(f"""
                insert into quarantine.rows (source, dataset, period, unit_code, row_key, received, failures, first_seen, last_seen)
                select :source, :dataset, :period, unit_code, row_key, received::jsonb, failures::jsonb, :now, :now
                from staging.{self._name}_rejected r
                where unit_code = any(:units) and not exists (select from quarantine.rows q
                    where q.source = :source and q.dataset = :dataset and q.period = :period and q.resolved_at is null
                        and q.unit_code = r.unit_code and q.row_key = r.row_key)
            """),
            {**where, "units": both},
        )

    def _merge_remarks(self, connection: sa.Connection, units: Sequence[str], now: object) -> None:
        where = {
            "source": self.dataset.source.name,
            "dataset": self.dataset.name,
            "period": self.period,
            "now": now,
            "units": list(units),
        }
        connection.execute(
            sa.text(f"""
                update quarantine.remarks q set resolved_at = :now
                where source = :source and dataset = :dataset and period = :period and unit_code = any(:units)
                    and resolved_at is null and not over_set
                    and not exists (select from staging.{self._name}_remarks r where r.unit_code = q.unit_code
                        and r.row_key = q.row_key and r.rule = q.rule and r."column" = q."column")
            """),
            where,
        )
        connection.execute(
            sa.text(f"""
                insert into quarantine.remarks
                    (source, dataset, period, unit_code, row_key, kind, rule, "column", message, first_seen, last_seen)
                select distinct on (unit_code, row_key, rule, "column")
                    :source, :dataset, :period, unit_code, row_key, kind, rule, "column", message, cast(:now as timestamptz),
                    cast(:now as timestamptz)
                from staging.{self._name}_remarks r
                where unit_code = any(:units)
                on conflict (source, dataset, period, unit_code, row_key, rule, "column") where resolved_at is null
                do update set last_seen = excluded.last_seen, message = excluded.message
            """),
            where,
        )


def _failure(rule: tuple[str, str], dataset: Dataset) -> str:
    name, message = rule
    return json.dumps([{"rule": name, "column": "+".join(dataset.key), "message": message}], ensure_ascii=False)


def drop_left_over_staging(warehouse: Warehouse, source: str) -> None:
    """Staging tables of a load that was killed: nothing refers to them. Called under the lock of the source."""
    with warehouse.engine.begin() as connection:
        names = connection.execute(
            sa.text("select tablename from pg_tables where schemaname = 'staging' and starts_with(tablename, :prefix)"),
            {"prefix": f"{source}_"},
        ).scalars()
        for name in names.all():
            connection.exec_driver_sql(f'drop table if exists staging."{name}"')
