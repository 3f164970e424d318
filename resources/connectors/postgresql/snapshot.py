"""The road from a source database: its structure, its submission log, its digest, and its rows as Arrow batches.

Everything of one pull happens in one read-only snapshot, so a row committed meanwhile is seen whole or next time. What
comes from here is Arrow batches under the source's own column names; nothing downstream asks by which road they came.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import pyarrow as pa
from adbc_driver_postgresql import StatementOptions

from resources.connectors.failures import typed
from resources.connectors.postgresql.bounds import Pace
from resources.connectors.postgresql.row_versions import PLACE, PLACED, Horizon, standing_at
from resources.connectors.postgresql.sessions import session
from resources.packed import PACKED, unpacked, unpacked_from
from resources.raw_store import KEY
from schemas import calendar
from schemas.dataset import Dataset, Source
from schemas.to_postgres import literal

BATCH_ROWS = 60_000  # three batches are in hand at once; of fewer rows each, what a batch costs by itself tells
BATCH_BYTES = 2 << 20  # of the driver's own batches, which stay in memory until a batch of ours is put together of them
SUBMISSION_LOG = "nhat_ky_nop"
SAMPLE_BYTES = 8 << 20
MOST_PLACES = 1 << 18  # rows that are asked for by where they stand; more are looked for in the whole table

# The pool that Arrow would choose keeps 50 MB more of what was freed.
pa.set_memory_pool(pa.system_memory_pool())

# What a declared source type may look like in the source's catalogue.
SAME_TYPES = {
    "text": {"text", "character varying", "character"},
    "date": {"date"},
    "smallint": {"smallint", "integer", "bigint"},
    "integer": {"integer", "bigint", "smallint"},
    "bigint": {"bigint", "integer", "smallint", "numeric"},
    "boolean": {"boolean"},
    "timestamptz": {"timestamp with time zone", "timestamp without time zone"},
}


@dataclass(frozen=True)
class Mark:
    """The latest line of a unit in the source's submission log."""

    at: dt.datetime
    rows: int | None
    declared_empty: bool


@dataclass(frozen=True)
class Digest:
    """How many rows a commune has in a period, and the sum of their versions, hashed: they change when anything in it does."""

    commune: str | None
    rows: int
    versions: int

    @property
    def text(self) -> str:
        return f"{self.commune}:{self.rows}:{self.versions}"


class Snapshot:
    """One read-only snapshot of a source database."""

    def __init__(self, source: Source, connection: adbc.Connection) -> None:
        self._source = source
        self._connection = connection
        self._pace = Pace(source.bounds.rows_per_second)
        # What came with the digests: dataset -> the keys of its rows, packed; where the rows stand that changed since, and
        # their keys.
        self.read_keys: dict[str, list[pa.Buffer]] = {}
        self.read_changed: dict[tuple[str, Horizon], np.ndarray] = {}

    def structure_faults(self, dataset: Dataset) -> list[str]:
        """What differs from the declaration, in words: a column missing, added, renamed (both), or of another type.

        An added column is a fault as well: it may be the new name of another, or hold what nobody has classed yet.
        """
        found = dict(
            self._rows(
                "select column_name, data_type from information_schema.columns "
                f"where table_schema = current_schema() and table_name = {literal(dataset.source_table)}"
            )
        )
        ((relation,),) = self._rows(
            f"select relkind::text from pg_class where oid = to_regclass({literal(dataset.source_table)})"
        ) or [("",)]
        if not found or not relation:
            return [f"không thấy bảng {dataset.source_table}, hoặc tài khoản không có quyền đọc bảng"]
        faults = []
        if dataset.changes.way == "row_versions" and relation not in ("r", "p", "m"):
            faults.append("là khung nhìn hoặc bảng ngoài, không có phiên bản dòng mà khai báo (changes) dựa vào")
        for column in dataset.columns:
            kind = found.get(column.source_column)
            if kind is None:
                faults.append(f"thiếu cột {column.source_column} ({column.title}), hoặc tài khoản không còn quyền đọc cột")
            elif kind not in SAME_TYPES[column.source_type]:
                faults.append(f"cột {column.source_column} có kiểu {kind}, khai báo là {column.source_type}")
        added = sorted(set(found) - {c.source_column for c in dataset.columns})
        if added:
            faults.append(f"bảng có thêm cột chưa khai báo: {', '.join(added)}")
        return faults

    def marks(self, dataset: Dataset, not_after: dt.datetime) -> dict[tuple[str, str], Mark]:
        """(period, unit) -> the unit's latest submission mark that is not after the pull."""
        if dataset.period_column is None:
            return {}
        rows = self._rows(
            "select distinct on (ky, ma_don_vi) ky, ma_don_vi, thoi_diem_nop, so_dong, coalesce(khai_rong, false) "
            f"from {SUBMISSION_LOG} where bang = {literal(dataset.source_table)} "
            f"and thoi_diem_nop <= {literal(not_after.isoformat())}::timestamptz order by ky, ma_don_vi, thoi_diem_nop desc"
        )
        return {(period, unit): Mark(at, count, empty) for period, unit, at, count, empty in rows}

    def horizon(self, dataset: Dataset) -> Horizon | None:
        """From where on this snapshot's successors have to look; None where row versions cannot be asked.

        A standby is not asked: it does not say in time that it follows another primary, whose numbers may have been used.
        """
        if dataset.changes.way != "row_versions":
            return None
        ((place, xid),) = self._rows(
            "select case when not pg_is_in_recovery() then concat_ws('.', (select system_identifier from pg_control_system()), "
            "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), "  # the timeline
            "(select oid from pg_database where datname = current_database()), "
            f"{literal(dataset.source_table)}::regclass::oid, (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint) end, "
            "pg_snapshot_xmin(pg_current_snapshot())::text"
        )
        return Horizon(place, int(xid)) if place else None

    def digests(self, dataset: Dataset, today: dt.date, since: Horizon | None = None) -> dict[str, list[Digest]]:
        """Period -> one digest a commune, from one reading of the table.

        By row versions (count and sum of xmin, hashed) it costs about 0.25 s per million rows and sees inserts, updates,
        deletes and late commits; a restore of the source renews every version: then all is read once again and found equal.
        By row hashes, for views, it costs some 0.7 s per million rows. Both need PostgreSQL 14 or later at the source.

        `since`: where a sample of a register shows rows that changed since then, its `keys` and these rows will be asked for: the
        same reading brings the keys along, and where the rows stand, for half of what two more readings would cost. Of a list by
        periods only a few of them would be.
        """
        if dataset.changes.way == "row_versions":
            # Hashed, xmin can be summed by several processes of the server; the age of it, which is cheaper, by one alone.
            versions = "sum(hash_record_extended(row(xmin), 0))"
        else:
            names = ", ".join(c.source_column for c in dataset.columns)
            versions = f"sum(hash_record_extended(row({names}), 0))"
        if since is not None and (dataset.period_column is not None or not self._has_changed(dataset, since)):
            since = None
        key = _key(dataset)
        more = f", {PACKED.format(key)}, {PLACED.format(key)} filter (where {since.changed})" if since else ""
        started = calendar.started(dataset, today)
        sums: dict[tuple[str, str | None], list[int]] = {}
        # By the period's first day, which costs a fifth of finding each row's period among many.
        table = self._table(
            f"select {_beginning(dataset)}, {_commune_column(dataset) or 'null'}::text, count(*), {versions}::text{more} "
            f"from {dataset.source_table} group by 1, 2"
        )
        begun, communes, *counts = (column.to_pylist() for column in table.columns[:4])
        if since:  # as they lie in what was received, of which the keys are the larger part
            keys, changed = ([value.as_buffer() for value in column] for column in table.columns[4:])
            self.read_keys[dataset.id] = keys
            self.read_changed[dataset.id, since] = np.concatenate([np.frombuffer(part or b"", PLACE) for part in changed])
        for begins, commune, *counted in zip(begun, communes, *counts, strict=True):
            period = _period_that_begins(dataset, begins, started)
            if period is not None:
                sums[period, commune] = [a + int(b) for a, b in zip(sums.get((period, commune), [0, 0]), counted, strict=True)]
        found: dict[str, list[Digest]] = {period: [] for period in started}
        for (period, commune), counted in sorted(sums.items(), key=lambda item: (item[0][0], item[0][1] or "")):
            found[period].append(Digest(commune, *counted))
        return found

    def batches(
        self,
        dataset: Dataset,
        period: str,
        today: dt.date,
        communes: Sequence[str] | None = None,
        known: Sequence[str] = (),
        since: Horizon | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a period, as received, in batches; beside them the key of each as received, hashed, under KEY.

        `communes` narrows the pull to cells; rows whose code is not among the `known` ones come along, since they may be
        placed in these cells once read: left out, they would be taken for deleted. `since` narrows it to what has
        changed.
        """
        names = ", ".join(c.source_column for c in dataset.columns)
        more = [_within(dataset, communes, known)]
        if since is not None:
            places = self.read_changed.get((dataset.id, since))
            if places is not None and len(places) <= MOST_PLACES:
                more.append(standing_at(places))
            more.append(since.changed)
        where = self._where(dataset, period, today, more)
        yield from self._pace.held(self._batches(f"select {names}, {_key(dataset)} as {KEY} from {dataset.source_table}{where}"))

    def keys(self, dataset: Dataset, period: str, today: dt.date) -> np.ndarray:
        """The keys, hashed, of the rows of a period, in no order. Those that came with the digests are told once."""
        if read := self.read_keys.pop(dataset.id, []):
            return unpacked(*read)
        where = self._where(dataset, period, today)
        with self._connection.cursor() as cursor:
            cursor.execute(f"select {PACKED.format(_key(dataset))} from {dataset.source_table}{where}")
            return unpacked_from(cursor)

    def changed_keys(self, dataset: Dataset, since: Horizon) -> np.ndarray | None:
        """The keys of the rows that `batches` would give of what has changed since; None where they did not come with the digests."""
        changed = self.read_changed.get((dataset.id, since))
        return None if changed is None else changed["key"].astype(np.int64)

    def _has_changed(self, dataset: Dataset, since: Horizon) -> bool:
        """Whether a sample of the table shows a row that has changed. A guess: it decides only how the keys are read."""
        table = f"{literal(dataset.source_table)}::regclass"
        parts = f"select sum(pg_relation_size(relid)) from pg_partition_tree({table})"  # none of a table that has no partitions
        size = f"coalesce(({parts}), pg_relation_size({table}))"
        ((changed,),) = self._rows(
            f"select exists (select from {dataset.source_table} tablesample system (least(100, 100.0 * {SAMPLE_BYTES} "
            f"/ greatest({size}, 1))) where {since.changed})"
        )
        return changed

    def _batches(self, query: str) -> Iterator[pa.RecordBatch]:
        with self._connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_BYTES)})
            cursor.execute(query)
            yield from _resized(cursor.fetch_record_batch())

    def may_write(self, tables: Sequence[str]) -> list[str]:
        """What this login could change, in words, as its rights say: there should be nothing."""
        rows = self._rows(
            f"select t from unnest({_array(tables)}) t where to_regclass(t) is not null "
            "and has_table_privilege(to_regclass(t), 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
        )
        found = [f"ghi được bảng {name}" for (name,) in rows]
        ((in_schema, in_database, above),) = self._rows(
            "select has_schema_privilege(current_schema(), 'create'), has_database_privilege(current_database(), 'create'), "
            "(select rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = current_user)"
        )
        if in_schema:
            found.append("tạo được bảng trong lược đồ của nguồn")
        if in_database:
            found.append("tạo được lược đồ trong cơ sở dữ liệu của nguồn")
        if above:
            found.append("có quyền quản trị máy chủ")
        return found

    def _where(self, dataset: Dataset, period: str, today: dt.date, more: Sequence[str | None] = ()) -> str:
        conditions = [c for c in (dict(self._periods(dataset, today))[period], *more) if c]
        return f" where {' and '.join(conditions)}" if conditions else ""

    def _periods(self, dataset: Dataset, today: dt.date) -> list[tuple[str, str]]:
        """The started periods with the condition that selects each; what lies after the last or has no date falls in the last."""
        column = dataset.period_column
        if column is None:
            return [(calendar.REGISTER, "")]
        started = calendar.started(dataset, today)
        conditions = []
        for period in started:
            first, last = calendar.span(period)
            if dataset.period_type == "year":
                low, high = str(first.year), str(first.year)
            else:
                low, high = f"date '{first}'", f"date '{last}'"
            if period == started[-1]:
                conditions.append((period, f"({column} >= {low} or {column} is null)"))
            else:
                conditions.append((period, f"{column} between {low} and {high}"))
        return conditions

    def _rows(self, query: str) -> list[tuple]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def _table(self, query: str) -> pa.Table:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetch_arrow_table()


@contextmanager
def snapshot(source: Source, url: str) -> Iterator[Snapshot]:
    """Open a snapshot; every failure of the driver leaves as one typed failure that names the source and holds no secret."""
    try:
        with session(source, url) as connection:
            yield Snapshot(source, connection)
    except adbc_driver_manager.Error as error:
        raise typed(source, error) from None


def _resized(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches of about BATCH_ROWS rows, whatever the driver gives."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        while batch.num_rows:
            take = min(batch.num_rows, BATCH_ROWS - rows)
            held.append(batch.slice(0, take))
            rows += take
            batch = batch.slice(take)
            if rows == BATCH_ROWS:
                yield pa.Table.from_batches(held).combine_chunks().to_batches()[0]
                held, rows = [], 0
    if rows:
        yield pa.Table.from_batches(held).combine_chunks().to_batches()[0]


def _beginning(dataset: Dataset) -> str:
    """The first day of a row's period (the year, where that is what stands there), as an expression."""
    column = dataset.period_column
    if column is None or dataset.period_type == "year":
        return column or "null"
    unit = "quarter" if dataset.kind == "quarterly" else "month"
    # Python knows no day before year 1 or after 9999: the former is before every period, the latter counts as no date does.
    return f"case when {column} <= date '9999-12-31' then date_trunc('{unit}', greatest({column}, date '0001-01-01')::timestamp)::date end"


def _period_that_begins(dataset: Dataset, begins: dt.date | int | None, started: Sequence[str]) -> str | None:
    """As `Snapshot._periods` selects: what lies after the last or has no date falls in the last; None before the first."""
    if begins is None:
        return started[-1]
    day = dt.date(min(max(begins, 1), 9999), 1, 1) if isinstance(begins, int) else begins
    if day < calendar.span(started[0])[0]:
        return None
    return min(calendar.period_of(dataset.kind, day), started[-1])


def _commune_column(dataset: Dataset) -> str | None:
    return dataset.column(dataset.commune).source_column if dataset.commune else None


def _within(dataset: Dataset, communes: Sequence[str] | None, known: Sequence[str]) -> str | None:
    column = _commune_column(dataset)
    if communes is None or column is None:
        return None
    return f"({column} = any({_array(communes)}) or {column} is null or {column} <> all({_array(known)}))"


def _key(dataset: Dataset) -> str:
    """A row's key and commune as the source holds them, hashed there: what tells its rows apart before anything is read."""
    parts = [c for c in (_commune_column(dataset), *(dataset.column(name).source_column for name in dataset.key)) if c]
    hashed = "0"
    for part in dict.fromkeys(parts):
        hashed = f"hashtextextended(coalesce({part}::text, chr(1)), {hashed})"
    return hashed


def _array(values: Sequence[str]) -> str:
    return "array[" + ", ".join(literal(v) for v in values) + "]::text[]"
