"""The databases that play the source systems: made from the declarations, filled by streams of Arrow batches.

Each is a database of its own with two logins: the owner, and a reader who may only read the declared tables and the
submission log. What has not happened yet lies in the schema `mo_phong`, which the reader cannot see.
"""

import datetime as dt
import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import pyarrow as pa
from psycopg2 import sql

from demo.lives.deliveries import HELD
from demo.writing import text
from demo.writing.plans import Batch
from demo.writing.values import Change
from resources.clock import ZONE
from resources.embedded import EmbeddedServer
from resources.servers.connecting import CONNECTION, libpq_uri
from schemas.dataset import Dataset, Source
from schemas.registry import SOURCES, datasets_of
from schemas.vocabulary import MonthlyPayment

LOG = "nhat_ky_nop"
FUTURE = "mo_phong"
NOTE = (
    "DỮ LIỆU MÔ PHỎNG: mọi người, hộ, số giấy tờ, tài khoản trong cơ sở dữ liệu này đều do máy sinh ra, không phải người có thật."
)


def database_of(source: Source | str) -> str:
    return f"source_{source if isinstance(source, str) else source.name}"


def owner_of(source: Source | str) -> str:
    return f"{source if isinstance(source, str) else source.name}_owner"


def reader_of(source: Source | str) -> str:
    return f"{source if isinstance(source, str) else source.name}_reader"


def drop_source(server: EmbeddedServer, source: Source) -> None:
    """Remove the source's database: what an earlier province held."""
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database_of(source))))


def held(server: EmbeddedServer) -> tuple[Source, ...]:
    """The declared systems whose database stands: the others are not played."""
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("select datname from pg_database")
        there = {name for (name,) in cursor.fetchall()}
    return tuple(s for s in SOURCES if database_of(s) in there)


def refuse_absent(server: EmbeddedServer, source: Source) -> None:
    known = held(server)
    if source not in known:
        names = ", ".join(s.name for s in known) or "chưa có hệ thống nào"
        raise SystemExit(f"Hệ thống nguồn {source.name}: không có trong tỉnh mô phỏng. Các hệ thống có ở đó: {names}.")


def create_source(server: EmbeddedServer, source: Source, today: int) -> None:
    """Make the source's database and its logins anew; what was there is gone."""
    database, owner, reader = database_of(source), owner_of(source), reader_of(source)
    drop_source(server, source)
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        for role in (owner, reader):
            cursor.execute("select 1 from pg_roles where rolname = %s", (role,))
            if not cursor.fetchone():
                cursor.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
            cursor.execute(sql.SQL("alter role {} login").format(sql.Identifier(role)))
    server.ensure_database(database, owner)
    with closing(server.connect(database)) as connection, connection.cursor() as cursor:
        names = {
            "d": sql.Identifier(database),
            "o": sql.Identifier(owner),
            "r": sql.Identifier(reader),
            "f": sql.Identifier(FUTURE),
        }
        for statement in (
            "revoke all on database {d} from public",
            "grant connect on database {d} to {o}, {r}",
            "alter schema public owner to {o}",
            "revoke create on schema public from public",
            "create schema {f} authorization {o}",
        ):
            cursor.execute(sql.SQL(statement).format(**names))
        cursor.execute(sql.SQL("comment on database {d} is {n}").format(n=sql.Literal(NOTE), **names))
    with closing(server.connect(database, owner)) as connection, connection.cursor() as cursor:
        for dataset in datasets_of(source):
            _create_tables(cursor, dataset)
        cursor.execute(
            f"create table {LOG} (ma_don_vi text not null, bang text not null, ky text not null,"
            " thoi_diem_nop timestamptz not null, so_dong integer not null, khai_rong boolean not null)"
        )
        cursor.execute(f"create table {FUTURE}.{LOG} (like {LOG}, _ngay integer not null)")
        cursor.execute(
            f"create table {FUTURE}.sua (_ngay integer not null, bang text not null, khoa jsonb not null, gia_tri jsonb not null)"
        )
        # The day up to which the source has lived: a step that was cut off is taken up again, never done twice.
        cursor.execute(f"create table {FUTURE}.da_song (ngay integer not null)")
        cursor.execute(f"insert into {FUTURE}.da_song values (%s)", (today,))
        cursor.execute("create table ghi_chu (noi_dung text not null)")
        cursor.execute("insert into ghi_chu values (%s)", (NOTE,))
        cursor.execute(sql.SQL("grant usage on schema public to {}").format(sql.Identifier(reader)))
        cursor.execute(sql.SQL("grant select on all tables in schema public to {}").format(sql.Identifier(reader)))


def _create_tables(cursor, dataset: Dataset) -> None:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(c.source_column), sql.SQL(c.source_type)) for c in dataset.columns
    )
    table = sql.Identifier(dataset.road.table)
    cursor.execute(sql.SQL("create table {} ({})").format(table, columns))
    for c in dataset.columns:
        where = sql.SQL("{}.{}").format(table, sql.Identifier(c.source_column))
        cursor.execute(sql.SQL("comment on column {} is {}").format(where, sql.Literal(c.title)))
    cursor.execute(sql.SQL("comment on table {} is {}").format(table, sql.Literal(f"{dataset.title} (dữ liệu mô phỏng)")))
    cursor.execute(
        sql.SQL("create table {}.{} (like {}, _ngay integer not null, _ky text, _don_vi text)").format(
            sql.Identifier(FUTURE), table, table
        )
    )


def finish_source(server: EmbeddedServer, source: Source) -> None:
    """Keys and indexes, built after the rows: before them the load takes half as long again."""
    with closing(server.connect(database_of(source), owner_of(source))) as connection, connection.cursor() as cursor:
        for dataset in datasets_of(source):
            table = sql.Identifier(dataset.road.table)
            # A line of a payment list has no number of its own: nothing at the source stops one that is typed twice.
            if not issubclass(dataset.model, MonthlyPayment):
                columns = sql.SQL(", ").join(sql.Identifier(dataset.column(k).source_column) for k in dataset.key)
                cursor.execute(sql.SQL("alter table {} add primary key ({})").format(table, columns))
            if dataset.placed_by:
                column = sql.Identifier(dataset.column(dataset.placed_by).source_column)
                cursor.execute(sql.SQL("create index on {} ({})").format(table, column))
        cursor.execute(f"create index on {LOG} (bang, ky, ma_don_vi)")
        cursor.execute("analyze")


@dataclass
class Loader:
    """Sends batches to one source, keeps what is still to come apart, and counts each cell for the submission log."""

    server: EmbeddedServer
    source: Source
    today: int
    rows: dict[str, int] = field(default_factory=dict)
    later: dict[str, int] = field(default_factory=dict)
    counts: dict[tuple[str, str, str, int], int] = field(default_factory=dict)  # dataset, period, unit, day

    def __post_init__(self) -> None:
        url = self.server.url(database_of(self.source), owner_of(self.source))
        self.connection = adbc.connect(libpq_uri(url, CONNECTION))

    def add(self, batch: Batch) -> None:
        table, name = batch.table, batch.dataset.road.table
        now = batch.day <= self.today
        self.rows[name] = self.rows.get(name, 0) + int(now.sum())
        if now.all():
            self._send(name, table, None)
        else:
            self.later[name] = self.later.get(name, 0) + int((~now).sum())
            if now.any():
                self._send(name, table.filter(pa.array(now)), None)
            rest = np.flatnonzero(~now)
            cells = [batch.cells[i] if i >= 0 else (None, None) for i in batch.cell[rest]]
            later = table.take(pa.array(rest))
            later = later.append_column("_ngay", pa.array(batch.day[rest], pa.int32()))
            later = later.append_column("_ky", pa.array([c[0] for c in cells], pa.string()))
            later = later.append_column("_don_vi", pa.array([c[1] for c in cells], pa.string()))
            self._send(name, later, FUTURE)
        if batch.dataset.kind != "register":
            self._count(batch)

    def _count(self, batch: Batch) -> None:
        placed = (batch.cell >= 0) & (batch.day < HELD)
        keys = batch.cell[placed].astype(np.int64) * 2**31 + batch.day[placed]
        for key, count in zip(*np.unique(keys, return_counts=True), strict=True):
            period, unit = batch.cells[int(key) >> 31]
            at = (batch.dataset.id, period, unit, int(key) & (2**31 - 1))
            self.counts[at] = self.counts.get(at, 0) + int(count)

    def _send(self, name: str, table: pa.Table, schema: str | None) -> None:
        with self.connection.cursor() as cursor:
            cursor.adbc_ingest(name, table, mode="append", db_schema_name=schema or "public")

    def log(self, lines: Iterable[tuple[str, str, str, int, float, int, bool]]) -> None:
        """Lines of the submission log: unit, table, period, day, share of the working day, rows, declared empty."""
        lines = list(lines)
        if lines:
            day = np.array([line[3] for line in lines], dtype=np.int64)
            table = pa.table(
                {
                    "ma_don_vi": pa.array([line[0] for line in lines]),
                    "bang": pa.array([line[1] for line in lines]),
                    "ky": pa.array([line[2] for line in lines]),
                    "thoi_diem_nop": self._not_after_now(text.instants(day, np.array([line[4] for line in lines])), day),
                    "so_dong": pa.array([line[5] for line in lines], pa.int32()),
                    "khai_rong": pa.array([line[6] for line in lines]),
                }
            )
            now = day <= self.today
            self._send(LOG, table.filter(pa.array(now)), None)
            rest = table.filter(pa.array(~now)).append_column("_ngay", pa.array(day[~now], pa.int32()))
            self._send(LOG, rest, FUTURE)

    def _not_after_now(self, instants: pa.Array, day: np.ndarray) -> pa.Array:
        """A line of today is not later than now: the hub does not look into the future."""
        moment = dt.datetime.combine(dt.date(1970, 1, 1) + dt.timedelta(days=self.today), dt.datetime.now(ZONE).timetz())
        micros = instants.cast(pa.int64()).to_numpy()
        capped = np.where(day == self.today, np.minimum(micros, int(moment.timestamp() * 1_000_000)), micros)
        return pa.array(capped, pa.int64()).cast(instants.type)

    def changes(self, changes: Iterable[Change]) -> None:
        """Changes of rows that come on later days."""
        listed = [c for c in changes if self.today < c.day < HELD]
        if not listed:
            return
        lines = pa.table(
            {
                "_ngay": pa.array([c.day for c in listed], pa.int32()),
                "bang": pa.array([c.table for c in listed]),
                "khoa": pa.array([json.dumps(c.key) for c in listed]),
                "gia_tri": pa.array([json.dumps(c.values) for c in listed]),
            }
        )
        with self.connection.cursor() as cursor:
            cursor.adbc_ingest("sua_nhap", lines, mode="create", db_schema_name=FUTURE)
            cursor.execute(f"insert into {FUTURE}.sua select _ngay, bang, khoa::jsonb, gia_tri::jsonb from {FUTURE}.sua_nhap")
            cursor.execute(f"drop table {FUTURE}.sua_nhap")

    def close(self) -> None:
        self.connection.commit()
        self.connection.close()
