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
import pyarrow as pa
from adbc_driver_postgresql import StatementOptions

from resources.failures import Permanent, Transient
from resources.warehouse import libpq_uri
from schemas import calendar
from schemas.dataset import Dataset, Source

BATCH_ROWS = 60_000  # 250,000 break the memory goal of 400 MB
STATEMENT_TIMEOUT = dt.timedelta(minutes=30)
LOCK_TIMEOUT = dt.timedelta(seconds=30)
SUBMISSION_LOG = "nhat_ky_nop"

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


class SourceUnreachable(Transient):
    """The source does not answer, or the connection was lost."""


class SourceRefused(Permanent):
    """The source answers and refuses: login, right, table."""


class StructureChanged(Permanent):
    """The source's table is no longer what was declared. Nothing was pulled."""


@dataclass(frozen=True)
class Mark:
    """The latest line of a unit in the source's submission log."""

    at: dt.datetime
    rows: int | None
    declared_empty: bool


@dataclass(frozen=True)
class Digest:
    """How many rows a commune has in a period, and the sum of their row versions: it changes when anything in it does."""

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

    def structure_faults(self, dataset: Dataset) -> list[str]:
        """What differs from the declaration, in words; an added column is not a fault."""
        found = dict(
            self._rows(
                "select column_name, data_type from information_schema.columns "
                f"where table_schema = current_schema() and table_name = {_text(dataset.source_table)}"
            )
        )
        if not found:
            return [f"không thấy bảng {dataset.source_table}, hoặc tài khoản không có quyền đọc bảng"]
        faults = []
        for column in dataset.columns:
            kind = found.get(column.source_column)
            if kind is None:
                faults.append(f"thiếu cột {column.source_column} ({column.title})")
            elif kind not in SAME_TYPES[column.source_type]:
                faults.append(f"cột {column.source_column} có kiểu {kind}, khai báo là {column.source_type}")
        if faults:
            known = {c.source_column for c in dataset.columns}
            added = sorted(set(found) - known)
            if added:
                faults.append(f"bảng có thêm cột: {', '.join(added)}")
        return faults

    def marks(self, dataset: Dataset, not_after: dt.datetime) -> dict[tuple[str, str], Mark]:
        """(period, unit) -> the unit's latest submission mark that is not after the pull."""
        if dataset.period_column is None:
            return {}
        rows = self._rows(
            "select distinct on (ky, ma_don_vi) ky, ma_don_vi, thoi_diem_nop, so_dong, coalesce(khai_rong, false) "
            f"from {SUBMISSION_LOG} where bang = {_text(dataset.source_table)} "
            f"and thoi_diem_nop <= {_text(not_after.isoformat())}::timestamptz order by ky, ma_don_vi, thoi_diem_nop desc"
        )
        return {(period, unit): Mark(at, count, empty) for period, unit, at, count, empty in rows}

    def digests(self, dataset: Dataset, today: dt.date) -> dict[str, list[Digest]]:
        """Period -> one digest a commune, from one reading of the table's row versions (count and sum of xmin).

        It costs about 0.2 s per million rows and sees inserts, updates, deletes and late commits. A restore of the source
        renews every version: then all is read once again and found equal.
        """
        commune = _commune_column(dataset)
        found: dict[str, list[Digest]] = {}
        for period, where in self._periods(dataset, today):
            rows = self._rows(
                f"select {commune or 'null'}::text, count(*), sum(xmin::text::bigint)::bigint "
                f"from {dataset.source_table}{where} group by 1 order by 1"
            )
            found[period] = [Digest(*row) for row in rows]
        return found

    def batches(
        self, dataset: Dataset, period: str, today: dt.date, communes: Sequence[str] | None = None, known: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a period, as received, in batches.

        `communes` narrows the pull to cells; rows whose code is not among the `known` ones come along, since they may be
        placed in these cells once read: left out, they would be taken for deleted.
        """
        where = dict(self._periods(dataset, today))[period]
        column = _commune_column(dataset)
        if communes is not None and column:
            inside = f"({column} = any({_array(communes)}) or {column} is null or {column} <> all({_array(known)}))"
            where = f"{where} and {inside}" if where else f" where {inside}"
        names = ", ".join(c.source_column for c in dataset.columns)
        with self._connection.cursor() as cursor:
            # The driver's default batch is bytes large, not rows: a hint keeps the memory flat for wide tables.
            cursor.adbc_statement.set_options(**{StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(16 * 1024 * 1024)})
            cursor.execute(f"select {names} from {dataset.source_table}{where}")
            yield from _resized(cursor.fetch_record_batch())

    def writable_tables(self, tables: Sequence[str]) -> list[str]:
        """The tables that this login could change: there should be none."""
        rows = self._rows(
            f"select t from unnest({_array(tables)}) t where to_regclass(t) is not null "
            "and has_table_privilege(to_regclass(t), 'INSERT, UPDATE, DELETE, TRUNCATE')"
        )
        return [name for (name,) in rows]

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
                conditions.append((period, f" where ({column} >= {low} or {column} is null)"))
            else:
                conditions.append((period, f" where {column} between {low} and {high}"))
        return conditions

    def _rows(self, query: str) -> list[tuple]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()


@contextmanager
def snapshot(source: Source, url: str) -> Iterator[Snapshot]:
    """Open a snapshot; every failure of the driver leaves as one typed failure that names the source and holds no secret."""
    connection = None
    try:
        connection = adbc.connect(libpq_uri(url))
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute(f"set local statement_timeout = {int(STATEMENT_TIMEOUT.total_seconds() * 1000)}")
            cursor.execute(f"set local lock_timeout = {int(LOCK_TIMEOUT.total_seconds() * 1000)}")
            cursor.execute("set local timezone = 'UTC'")
        yield Snapshot(source, connection)
    except adbc_driver_manager.Error as error:
        raise _typed(source, error) from None
    finally:
        if connection is not None:
            connection.close()


def _typed(source: Source, error: adbc_driver_manager.Error) -> Exception:
    """The driver's text can hold a query and a value: only its SQLSTATE leaves."""
    state = getattr(error, "sqlstate", None) or "-----"
    what = f"Đọc hệ thống nguồn {source.name} ({source.title})"
    check = f"Kiểm tra {source.environment}"
    if state in ("28P01", "28000"):
        return SourceRefused(f"{what}: máy chủ từ chối đăng nhập (SQLSTATE {state}). {check}: tài khoản, mật khẩu, hạn dùng.")
    if state == "42501":
        return SourceRefused(
            f"{what}: tài khoản không có quyền đọc (SQLSTATE {state}). Đề nghị đơn vị quản lý cấp lại quyền SELECT."
        )
    if state[:2] in ("42", "3D", "3F"):
        return SourceRefused(
            f"{what}: không thấy bảng, cột hoặc cơ sở dữ liệu đã khai báo (SQLSTATE {state}). {check} và khai báo nguồn."
        )
    return SourceUnreachable(
        f"{what}: không kết nối được, mất kết nối hoặc quá thời gian (SQLSTATE {state}). {check}, mạng và máy chủ; hệ thống khác vẫn chạy."
    )


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


def _commune_column(dataset: Dataset) -> str | None:
    return dataset.column(dataset.commune).source_column if dataset.commune else None


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _array(values: Sequence[str]) -> str:
    return "array[" + ", ".join(_text(v) for v in values) + "]::text[]"
