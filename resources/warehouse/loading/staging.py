"""What arrives of one period of a dataset, staged in the transaction that loads it: written batch by batch, doubled keys set aside."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from resources.streaming.packed import PACKED, unpacked
from resources.streaming.prefetch import Behind
from resources.streaming.tuning import Tuning
from resources.warehouse.engine import Warehouse
from resources.warehouse.loading.copying import copy_in
from resources.warehouse.naming import named
from schemas.dataset import Dataset
from schemas.projections.postgres import ACCEPTED, REJECTED, REMARKS, row_content, staging_ddl

DUPLICATE = (
    "no_duplicate_row",
    "Dòng lặp lại y hệt một dòng khác trong cùng kỳ và đơn vị: mỗi khóa chỉ được có một dòng; dòng đầu được nhận.",
)
DOUBLED = (
    "unique_key",
    "Nhiều dòng cùng khóa nhưng khác nội dung trong cùng kỳ và đơn vị: mỗi khóa chỉ được có một dòng; nguồn cần xác định dòng đúng.",
)


@dataclass(frozen=True)
class Received:
    """What was received in a pull, to be looked at once more."""

    texts: Callable[[np.ndarray], Iterable[list[str]]]  # the rows at these places, sorted, as JSON text, part by part
    accepted_of: Callable[[np.ndarray], Iterable[pa.Table]]  # of the rows with these source keys, the accepted ones


class Staging:
    """A transaction over one period. Used as a context: what is not committed in it has not been."""

    def __init__(self, warehouse: Warehouse, dataset: Dataset, period: str, now: dt.datetime, tuning: Tuning) -> None:
        self.dataset = dataset
        self.period = period
        self.now = now
        self.history = f"history.{dataset.table}"
        self._warehouse, self._tuning = warehouse, tuning
        self._behind = Behind()
        self._where = named(dataset) | {"period": period}

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

    def keep_only(self, units: Sequence[str], rows: range | None = None) -> None:
        """Drop what a narrowed pull brought along for other cells. `rows`: by their ordinals, these alone are looked at."""
        self.wait()
        for table in (ACCEPTED, REJECTED, REMARKS):
            self._run(f"delete from {table} r where unit_code <> all(:units) and {among(rows)}", units=list(units))

    def has_of(self, communes: Collection[str], rows: range) -> bool:
        """Whether any accepted row of these, by their ordinals, is of one of these communes."""
        self.wait()
        of_these = f"select exists (select from {ACCEPTED} r where {self.dataset.commune} = any(:communes) and {among(rows)})"
        return self._run(of_these, communes=list(communes)).scalar_one()

    def keep_only_of(self, communes: Collection[str], received: Collection[str], rows: range) -> None:
        """Drop of these rows, by their ordinals, those of other communes. `received`: the codes under which rows of these came."""
        self.wait()
        came_under = f"trim(r.received::jsonb ->> '{self.dataset.column(str(self.dataset.commune)).source_column}')"
        values = {"communes": list(communes), "received": list(received)}
        self._run(f"delete from {ACCEPTED} r where {among(rows)} and {self.dataset.commune} <> all(:communes)", **values)
        self._run(f"delete from {REJECTED} r where {among(rows)} and coalesce({came_under}, '') <> all(:received)", **values)
        self._run(
            f"delete from {REMARKS} r where {among(rows)} and not exists (select from {ACCEPTED} a where a.ordinal = r.ordinal)"
        )

    def set_doubled_aside(self, received: Received, rows: range | None = None) -> Counter[tuple[str, str]]:
        """Exact copies: the first stays. Same key, other content: all go. Returns how many went, by (column, rule).

        `rows`: by their ordinals, these alone are held against each other.
        """
        moved = self._doubled_aside(received, rows)
        self._name_apart(rows, rows)
        return moved

    def _doubled_aside(self, received: Received, rows: range | None) -> Counter[tuple[str, str]]:
        self.wait()
        for table in (ACCEPTED, REJECTED):  # what rows are joined by; of all columns it would cost ten times as much
            self._run(f"analyze {table} (unit_code, row_key, source_key)")
        self._run("drop table if exists pg_temp.moved")
        self._run(f"""create temp table moved on commit drop as
            with keys as (
                select unit_code, row_key from {ACCEPTED} r where {among(rows)}
                union all select unit_code, row_key from {REJECTED} r where left(row_key, 1) <> '#' and {among(rows)}
            ), doubled as materialized (
                select unit_code, row_key from keys group by 1, 2 having count(*) > 1
            ), rows as (
                select r.ordinal, r.unit_code, r.row_key, {row_content(self.dataset, "r")} as content
                from doubled join {ACCEPTED} r using (unit_code, row_key) where {among(rows)}
            ), judged as (
                select r.*, row_number() over (partition by unit_code, row_key order by ordinal) as place,
                    min(content) over (partition by unit_code, row_key)
                        = max(content) over (partition by unit_code, row_key)
                    and bad.row_key is null as copies
                from rows r left join (select distinct unit_code, row_key from {REJECTED} r where {among(rows)}) bad
                    using (unit_code, row_key)
            )
            select ordinal, unit_code, row_key, copies from judged where not (copies and place = 1)
        """)
        return self._moved_aside(received)

    def _moved_aside(self, received: Received) -> Counter[tuple[str, str]]:
        """Set aside what stands in `moved`; how many rows, by (column, rule)."""
        moved = self._run("select copies, count(*) as rows from pg_temp.moved group by 1").all()
        if moved:
            self._move_aside(received)
        column = "+".join(self.dataset.key)
        return Counter({(column, (DUPLICATE if row.copies else DOUBLED)[0]): row.rows for row in moved})

    def _name_apart(self, rows: range | None, beside: range | None) -> None:
        """Give rejected rows another name: of `rows` those whose key is missing or another's, and those whose key an accepted row has.

        `beside`: the rows that are held against each other.
        The hash of what was received names them, with the number of the copy. The place in the pull would change from night to
        night. An accepted key is there once by now; looked for by a subquery, each rejected row would read all accepted ones.
        """
        self._run(f"""
            update {REJECTED} r set row_key = k.named, declared_key = case when left(row_key, 1) <> '#' then row_key end from (
                select j.ctid as place, '#' || left(md5(received), 16) || '-' ||
                    row_number() over (partition by unit_code, md5(received) order by j.ordinal) as named,
                    a.ordinal is not null or {among(rows, "j")} and
                        (left(row_key, 1) = '#' or count(*) over (partition by unit_code, row_key) > 1) as unnamed
                from {REJECTED} j left join (select * from {ACCEPTED} r where {among(beside)}) a using (unit_code, row_key)
                where {among(beside, "j")}
            ) k where k.place = r.ctid and k.unnamed
        """)

    def _move_aside(self, received: Received) -> None:
        """Set rows aside as whole sets, not one by one: in a file that was sent twice they are as many as the file."""
        ordinals = np.sort(unpacked(self._run(f"select {PACKED.format('ordinal')} from pg_temp.moved").scalar()))
        self._run("drop table if exists pg_temp.texts")
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
        for table in (ACCEPTED, REMARKS):
            self._run(f"delete from {table} r using pg_temp.moved m where r.ordinal = m.ordinal")

    def _copy(self, table: str, rows: pa.Table, *, freeze: bool = False) -> None:
        copy_in(self.connection, table, rows, self._tuning.copied_at_once, freeze=freeze)

    def _run(self, statement: str, **values: object) -> sa.CursorResult:
        return self.connection.execute(sa.text(statement), values)


def among(rows: range | None, of: str = "r") -> str:
    """The condition that a staged row is one of these."""
    return "true" if rows is None else f"({of}.ordinal >= {rows.start} and {of}.ordinal < {rows.stop})"


def _failure(rule: tuple[str, str], dataset: Dataset) -> str:
    name, message = rule
    return json.dumps([{"rule": name, "column": "+".join(dataset.key), "message": message}], ensure_ascii=False)
