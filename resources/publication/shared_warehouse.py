"""The province's shared warehouse: schema open_data and its releases.

A table is replaced whole with its release row in one transaction; readers see the former or the new one, never a mixture.
The same content makes no release. What is published is decided elsewhere; nothing that can point at a person comes here.
The warehouse is the province's, not ours: outside open_data nothing of it is touched, except on the embedded server (reader.py).
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, fields

import sqlalchemy as sa

from resources.publication import tables
from resources.publication.content import OpenContent, Row
from resources.publication.failures import SharedDependedOn
from resources.publication.publisher import READER, SCHEMA, refuse_too_old, transaction
from schemas.dataset import Dataset
from schemas.projections.postgres import literal
from schemas.release import OpenTable

log = logging.getLogger("ansinh.publication")

RELEASES = f"""create table if not exists {SCHEMA}.releases (
    dataset text not null, version integer not null, released_at timestamptz not null, rows bigint not null,
    sha256 text not null, decision text not null, maturity_note text not null, primary key (dataset, version))"""
CHANGES = f"alter table {SCHEMA}.releases add column if not exists changes text not null default ''"

RELEASE_COMMENTS = {
    "dataset": "Bảng trong lược đồ open_data",
    "version": "Số thứ tự bản công bố của bảng",
    "released_at": "Thời điểm công bố",
    "rows": "Số dòng",
    "sha256": "Mã băm của tệp CSV cùng nội dung",
    "decision": "Quyết định cho phép công bố",
    "maturity_note": "Kỳ nào tạm thời hoặc đã đính chính, đơn vị nào chưa nộp",
    "changes": "Bản này khác bản trước ở những kỳ nào",
}


@dataclass(frozen=True)
class Release:
    dataset: str
    version: int
    released_at: dt.datetime
    rows: int
    sha256: str
    decision: str
    maturity_note: str
    changes: str = ""


_RELEASE = ", ".join(f.name for f in fields(Release))


@dataclass(frozen=True)
class SharedWarehouse:
    engine: sa.Engine

    def prepare(self) -> None:
        """Schema, releases, reader and its rights. Running it again changes nothing; two at once are kept apart by whoever calls."""
        with transaction(self.engine, "Chuẩn bị lược đồ dữ liệu mở") as connection:
            refuse_too_old(connection)
            if not connection.execute(sa.text("select 1 from pg_roles where rolname = :r"), {"r": READER}).scalar():
                connection.exec_driver_sql(f"create role {READER} nologin")
            if not connection.execute(sa.text("select 1 from pg_namespace where nspname = :s"), {"s": SCHEMA}).scalar():
                connection.exec_driver_sql(f"create schema {SCHEMA}")
                connection.exec_driver_sql(f"comment on schema {SCHEMA} is 'Dữ liệu mở của ngành lao động và xã hội'")
            if not connection.execute(sa.text(f"select has_schema_privilege('{READER}', '{SCHEMA}', 'usage')")).scalar():
                connection.exec_driver_sql(f"grant usage on schema {SCHEMA} to {READER}")
            if connection.execute(sa.text(f"select to_regclass('{SCHEMA}.releases')")).scalar() is None:
                # Tables made later are readable without another word, by whichever version makes them.
                connection.exec_driver_sql(f"alter default privileges in schema {SCHEMA} grant select on tables to {READER}")
                connection.exec_driver_sql(RELEASES)
                connection.exec_driver_sql(f"grant select on {SCHEMA}.releases to {READER}")
                connection.exec_driver_sql(f"comment on table {SCHEMA}.releases is 'Các bản công bố'")
            if "changes" not in dict(tables.standing_columns(connection, "releases")):
                connection.exec_driver_sql(CHANGES)
                for column, words in RELEASE_COMMENTS.items():
                    connection.exec_driver_sql(f"comment on column {SCHEMA}.releases.{column} is {literal(words)}")

    def rows(self, dataset: Dataset, table: OpenTable) -> list[Row]:
        """What the released table holds now; nothing where it is not there, has other columns, or holds exact figures."""
        content = OpenContent(dataset, table, ())
        with transaction(self.engine, f"Đọc bảng {content.name}") as connection:
            if tables.standing_columns(connection, content.name) != [(c.name, c.sql_type) for c in content.columns]:
                return []
            return list(tables.rows(connection, content)) if tables.is_rounded(connection, content.name) else []

    def latest(self, name: str) -> Release | None:
        with transaction(self.engine, f"Đọc bản công bố của {name}") as connection:
            return _latest(connection, name)

    def releases(self) -> list[Release]:
        """Every release of every table, by time."""
        with transaction(self.engine, "Đọc danh sách bản công bố") as connection:
            found = connection.exec_driver_sql(f"select {_RELEASE} from {SCHEMA}.releases order by released_at, dataset, version")
            return [Release(*r) for r in found]

    def replace(self, content: OpenContent, decision: str, now: dt.datetime, note: str, changes: str) -> tuple[Release, bool]:
        """Publish the content under a new version; the release that stands, and false, when it is the same."""
        name = content.name
        with transaction(self.engine, f"Công bố bảng {name}") as connection:
            # Who only reads cannot take it, as he could an advisory lock, and so cannot hold one table back.
            connection.exec_driver_sql(f"lock table {SCHEMA}.releases in share row exclusive mode")
            before = _latest(connection, name)
            stands = tables.standing(connection, name) == tables.declared(content)
            is_same = before is not None and before.sha256 == content.sha256
            if before and is_same and stands and tables.rows(connection, content) == set(content.rows):
                return before, False
            is_ours = tables.standing_columns(connection, name) == [(c.name, c.sql_type) for c in content.columns]
            # A table of exact figures is made anew: its statistics, which every reader of the table may read, would outlive the rows.
            if not is_ours or not tables.is_rounded(connection, name):
                tables.create(connection, content)
            else:
                tables.empty(connection, name)
                if not stands:
                    tables.describe(connection, content)
            tables.copy(connection, content)
            if before and is_same:
                return before, False  # somebody changed the table or its words: it is put right, and nothing new is said
            version = before.version + 1 if before else 1
            release = Release(name, version, now, len(content.rows), content.sha256, decision, note, changes)
            places = ", ".join(f":{f.name}" for f in fields(Release))
            connection.execute(sa.text(f"insert into {SCHEMA}.releases ({_RELEASE}) values ({places})"), vars(release))
            return release, True

    def withdraw(self, is_gone: Callable[[str], bool]) -> list[str]:
        """Drop the tables that are no longer declared; their releases stay as a record. The names dropped.

        A table that nobody makes anew would go on showing what no longer holds. One under a view of others is emptied and closed, and
        dropped once the view is gone.
        """
        with transaction(self.engine, "Thu hồi bảng số liệu mở không còn khai báo") as connection:
            found = connection.execute(
                sa.text("select tablename from pg_tables where schemaname = :s order by 1"), {"s": SCHEMA}
            ).scalars()
            return [name for name in found if is_gone(name) and _taken_back(connection, name)]


def _taken_back(connection: sa.Connection, name: str) -> bool:
    """Whether a table could be dropped; else it shows nothing any more."""
    try:
        tables.drop(connection, name)
    except SharedDependedOn as why:
        tables.empty(connection, name)
        tables.close(connection, name)
        log.warning("%s", why)
        return False
    return True


def _latest(connection: sa.Connection, name: str) -> Release | None:
    if connection.execute(sa.text(f"select to_regclass('{SCHEMA}.releases')")).scalar() is None:
        return None
    row = connection.execute(
        sa.text(f"select {_RELEASE} from {SCHEMA}.releases where dataset = :n order by version desc limit 1"),
        {"n": name},
    ).one_or_none()
    return Release(*row) if row else None
