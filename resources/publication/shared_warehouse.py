"""The province's shared warehouse: schema open_data, its releases, and the role that reads it and nothing else.

A table is replaced whole with its release row in one transaction; readers see the former or the new one, never a mixture.
The same content makes no release. What is published is decided elsewhere; nothing that can point at a person comes here.
The warehouse is the province's, not ours: outside open_data nothing of it is touched, except on the embedded server.
"""

import codecs
import datetime as dt
import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import psycopg2
import sqlalchemy as sa

from resources.failing import Failure, Permanent, Transient, Unreachable
from resources.publication.content import OpenContent, Row
from resources.servers.names import shown
from resources.servers.sqlstates import Trouble, why_no_tls
from resources.warehouse.failures import trouble_in
from schemas.dataset import Dataset
from schemas.release import OpenTable
from schemas.to_open import description, key_columns
from schemas.to_postgres import literal

SCHEMA = "open_data"
READER = "open_reader"

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


class SharedUnreachable(Unreachable):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "máy chủ không trả lời hoặc từ chối ({kind})"
    remedy = "Kiểm tra SHARED_WAREHOUSE_URL, mạng và dịch vụ PostgreSQL; bản công bố trước vẫn nguyên"
    means = "Số liệu mở của đêm chưa được công bố; bản trước vẫn phục vụ. Việc nạp dữ liệu và báo cáo không bị ảnh hưởng."
    steps = (
        "Chạy ansinh doctor.",
        "Hỏi quản trị kho dùng chung của tỉnh.",
        "Khi kho trở lại, lượt đêm sau tự công bố phần còn thiếu.",
    )


class SharedUnencrypted(Permanent):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "không có đường truyền mã hóa như địa chỉ đòi: {why}"
    remedy = "Sửa sslmode, sslrootcert, sslcert, sslkey trong SHARED_WAREHOUSE_URL; bản công bố trước vẫn nguyên"
    means = "Hai bên chưa đồng ý về TLS nên chưa có gì được gửi. Không hạ sslmode để chạy cho được: tên máy sai có thể là máy khác đứng giữa."
    steps = (
        "Hỏi quản trị kho dùng chung: vừa đổi chứng chỉ, tên máy; xin tệp chứng chỉ của nơi cấp cho sslrootcert.",
        "Chạy ansinh doctor; lượt đêm sau tự công bố phần còn thiếu.",
    )


class SharedDiskFull(Transient):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "đĩa của máy chủ kho dùng chung đầy (SQLSTATE {state})"
    remedy = "Báo quản trị kho dùng chung giải phóng đĩa; bản công bố trước vẫn nguyên"
    means = "Đĩa đầy là của kho dùng chung, không phải của trung tâm. Số liệu mở của đêm chưa được công bố; nạp dữ liệu và báo cáo vẫn chạy."
    steps = ("Báo quản trị kho dùng chung của tỉnh.", "Khi đã có chỗ, lượt đêm sau tự công bố phần còn thiếu.")


class SharedBusy(Transient):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "máy chủ trả lời nhưng không làm: quá tải, quá giờ, chờ khóa quá lâu hoặc hết chỗ kết nối (SQLSTATE {state})"
    remedy = "Hỏi quản trị kho dùng chung về tải và giới hạn của tài khoản công bố; bản công bố trước vẫn nguyên"
    means = "Kết nối vẫn tốt; giao dịch công bố đã hủy trọn, bản trước vẫn phục vụ. Đã tự thử lại vài lần."
    steps = ("Gửi mã SQLSTATE cho quản trị kho dùng chung.", "Lượt đêm sau tự công bố phần còn thiếu.")


class SharedCannot(Permanent):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "máy chủ chỉ cho đọc, hoặc báo dữ liệu của nó hỏng (SQLSTATE {state})"
    remedy = "Sửa SHARED_WAREHOUSE_URL cho đúng máy chính, hoặc báo quản trị kho; bản công bố trước vẫn nguyên"
    means = "25006 là máy dự phòng hoặc tài khoản chỉ đọc; mã XX, 58 là kho dùng chung hỏng. Nạp dữ liệu và báo cáo vẫn chạy."
    steps = ("Gửi mã SQLSTATE cho quản trị kho dùng chung.", "Sửa xong: chạy ansinh doctor; lượt đêm sau tự công bố.")


FAILURES: dict[Trouble, type[Failure]] = {
    "disk": SharedDiskFull,
    "strained": SharedBusy,
    "canceled": SharedBusy,
    "locked": SharedBusy,
    "read_only": SharedCannot,
    "damaged": SharedCannot,
    "stopping": SharedUnreachable,
    "login": SharedUnreachable,
    "lost": SharedUnreachable,
    "unencrypted": SharedUnencrypted,
}


class SharedRightMissing(Permanent):
    attempted = "{what} ở kho dùng chung của tỉnh"
    found = "tài khoản công bố thiếu quyền"
    remedy = "Đề nghị quản trị kho chạy: {rights}"
    means = "Tài khoản công bố không sở hữu lược đồ open_data hoặc chưa có vai trò đọc."
    steps = ("Gửi nguyên câu lệnh trong thông báo cho quản trị kho dùng chung.", "Chạy ansinh doctor, rồi chạy lại.")


class SharedCutShort(Permanent):
    attempted = "Công bố bảng {table}"
    found = "ghi được {written} trên {rows} dòng"
    remedy = "Giao dịch đã hủy, bản trước vẫn nguyên; chạy lại"
    means = "Kho dùng chung nhận thiếu dòng nên bản mới bị hủy toàn bộ."
    steps = ("Chạy lại; nếu lặp lại, hỏi quản trị kho về trigger hay quy tắc đặt trên lược đồ open_data.",)


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

    @contextmanager
    def _transaction(self, attempted: str) -> Iterator[sa.Connection]:
        """A transaction whose errors say what was tried and what is missing."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except (sa.exc.DBAPIError, psycopg2.Error) as error:  # a COPY goes past SQLAlchemy
            of_driver = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            trouble, state = trouble_in(of_driver)
            if trouble == "right":
                raise SharedRightMissing(what=attempted, rights=self.rights_to_ask_for()) from None
            kind = FAILURES.get(trouble)
            if kind is None:
                raise
            why = why_no_tls(str(of_driver))
            raise kind(what=attempted, state=state or "-----", kind=type(of_driver).__name__, why=why) from None

    def rights_to_ask_for(self) -> str:
        """What the warehouse's administrator runs once, so that a publisher without other rights can work."""
        user = f'"{self.engine.url.username}"' if self.engine.url.username else "<tài khoản công bố>"
        return (
            f"create role {READER} login; create schema {SCHEMA} authorization {user}; "
            f"grant usage on schema {SCHEMA} to {READER};"
        )

    def prepare(self) -> None:
        """Schema, releases, reader and its rights. Running it again changes nothing."""
        with self._transaction("Chuẩn bị lược đồ dữ liệu mở") as connection:
            # Two systems publish at once on the first night.
            connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('open_data'))"))
            if not connection.execute(sa.text("select 1 from pg_roles where rolname = :r"), {"r": READER}).scalar():
                connection.exec_driver_sql(f"create role {READER} login")
                connection.exec_driver_sql(f"alter role {READER} set default_transaction_read_only = on")
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
            if "changes" not in dict(_standing_columns(connection, "releases")):
                connection.exec_driver_sql(CHANGES)
                for column, words in RELEASE_COMMENTS.items():
                    connection.exec_driver_sql(f"comment on column {SCHEMA}.releases.{column} is {literal(words)}")

    def give_reader_its_rights(self) -> None:
        """After a restore, which brings no rights along: the reader reads what is open, now and later."""
        with self._transaction("Cấp lại quyền cho vai trò đọc") as connection:
            if connection.execute(sa.text("select to_regnamespace(:s)"), {"s": SCHEMA}).scalar() is None:
                return  # nothing was published yet
            connection.exec_driver_sql(f"grant usage on schema {SCHEMA} to {READER}")
            connection.exec_driver_sql(f"alter default privileges in schema {SCHEMA} grant select on tables to {READER}")
            connection.exec_driver_sql(f"grant select on all tables in schema {SCHEMA} to {READER}")

    def rows(self, dataset: Dataset, table: OpenTable) -> list[Row]:
        """What the released table holds now; nothing where it is not there, has other columns, or holds exact figures."""
        content = OpenContent(dataset, table, ())
        with self._transaction(f"Đọc bảng {content.name}") as connection:
            if _standing_columns(connection, content.name) != [(c.name, c.sql_type) for c in content.columns]:
                return []
            return list(_rows(connection, content)) if _is_rounded(connection, content.name) else []

    def latest(self, name: str) -> Release | None:
        with self._transaction(f"Đọc bản công bố của {name}") as connection:
            return _latest(connection, name)

    def releases(self) -> list[Release]:
        """Every release of every table, by time."""
        with self._transaction("Đọc danh sách bản công bố") as connection:
            found = connection.exec_driver_sql(f"select {_RELEASE} from {SCHEMA}.releases order by released_at, dataset, version")
            return [Release(*r) for r in found]

    def replace(self, content: OpenContent, decision: str, now: dt.datetime, note: str, changes: str) -> tuple[Release, bool]:
        """Publish the content under a new version; the release that stands, and false, when it is the same."""
        name = content.name
        with self._transaction(f"Công bố bảng {name}") as connection:
            connection.execute(sa.text("select pg_advisory_xact_lock(hashtext(:n))"), {"n": f"open_data.{name}"})
            before = _latest(connection, name)
            stands = _standing(connection, name) == _declared(content)
            is_same = before is not None and before.sha256 == content.sha256
            if before and is_same and stands and _rows(connection, content) == set(content.rows):
                return before, False
            if not stands:
                _create(connection, content)
            else:
                # DELETE, not TRUNCATE: a reader in a transaction keeps what it sees, and nobody waits.
                connection.exec_driver_sql(f"delete from {SCHEMA}.{name}")
            _copy(connection, content)
            if before and is_same:
                return before, False  # somebody changed the table or its words: it is put right, and nothing new is said
            version = before.version + 1 if before else 1
            release = Release(name, version, now, len(content.rows), content.sha256, decision, note, changes)
            places = ", ".join(f":{f.name}" for f in fields(Release))
            connection.execute(sa.text(f"insert into {SCHEMA}.releases ({_RELEASE}) values ({places})"), vars(release))
            return release, True

    def may_publish(self) -> bool:
        """Whether the account can make its schema here, or owns it already."""
        with self._transaction("Kiểm tra quyền công bố") as connection:
            return bool(
                connection.execute(
                    sa.text("""select has_database_privilege(current_database(), 'create') or exists (select from pg_namespace
                        where nspname = :s and pg_has_role(nspowner, 'member'))"""),
                    {"s": SCHEMA},
                ).scalar()
            )

    def withdraw(self, source: str, declared: Collection[str]) -> list[str]:
        """Drop the tables of a system that are no longer declared; their releases stay as a record. The names dropped.

        A table that nobody makes anew would go on showing what no longer holds.
        """
        with self._transaction(f"Thu hồi bảng số liệu mở của {source}") as connection:
            found = connection.execute(
                sa.text("select tablename from pg_tables where schemaname = :s and starts_with(tablename, :p) order by 1"),
                {"s": SCHEMA, "p": f"{source}_"},
            ).scalars()
            gone = [name for name in found if name not in declared]
            for name in gone:
                connection.exec_driver_sql(f"drop table {SCHEMA}.{name}")
            return gone

    def readable_elsewhere(self) -> list[str]:
        """Relations outside open_data that the reader could read in this database: the administrator's to close."""
        with self._transaction("Kiểm tra quyền của vai trò đọc") as connection:
            if not connection.execute(sa.text("select 1 from pg_roles where rolname = :r"), {"r": READER}).scalar():
                return []
            found = connection.execute(
                sa.text("""select n.nspname, c.relname, c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where c.relkind in ('r', 'p', 'v', 'm', 'f')
                        and n.nspname not in ('pg_catalog', 'information_schema', :schema)
                        and n.nspname not like 'pg_toast%' and has_schema_privilege(:reader, n.oid, 'usage')
                        and has_table_privilege(:reader, c.oid, 'select') order by 1, 2"""),
                {"schema": SCHEMA, "reader": READER},
            )
            return [f"{shown(schema, 'lược đồ')}.{shown(name, f'bảng số {oid}')}" for schema, name, oid in found]

    def close_the_rest(self) -> None:
        """On the embedded server, which is ours alone: the reader enters no other database, and nothing of PUBLIC's is left.

        Roles that already hold something in a database keep their way in; the rest came in through PUBLIC.
        """
        with self._transaction("Đóng các cơ sở dữ liệu khác với vai trò đọc") as connection:
            connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('open_data'))"))
            here = connection.execute(sa.text("select current_database()")).scalar()
            others = connection.execute(
                sa.text("""select datname, oid from pg_database d where datallowconn and not datistemplate
                    and pg_has_role(datdba, 'member') and has_database_privilege(:r, oid, 'connect') order by 1"""),
                {"r": READER},
            ).all()
            for name, oid in others:
                quoted = '"' + name.replace('"', '""') + '"'
                keep = connection.execute(
                    sa.text("""select distinct quote_ident(rolname) from pg_shdepend s join pg_roles r on r.oid = s.refobjid
                        where s.dbid = :oid and s.refclassid = 'pg_authid'::regclass and not r.rolsuper
                            and rolname <> :reader"""),
                    {"oid": oid, "reader": READER},
                ).scalars()
                for role in keep:
                    connection.exec_driver_sql(f"grant connect on database {quoted} to {role}")
                if name == here:
                    connection.exec_driver_sql(f"grant connect on database {quoted} to {READER}")
                    connection.exec_driver_sql(f"revoke temporary on database {quoted} from public")
                    connection.exec_driver_sql("revoke all on schema public from public")
                else:
                    connection.exec_driver_sql(f"revoke connect, temporary on database {quoted} from public")


def is_embedded(engine: sa.Engine, home: Path) -> bool:
    """Whether the shared warehouse stands on the embedded server of this home."""
    host = engine.url.query.get("host") or engine.url.host or ""
    return str(host) == str(Path(home).absolute() / "pg")


def _latest(connection: sa.Connection, name: str) -> Release | None:
    if connection.execute(sa.text(f"select to_regclass('{SCHEMA}.releases')")).scalar() is None:
        return None
    row = connection.execute(
        sa.text(f"select {_RELEASE} from {SCHEMA}.releases where dataset = :n order by version desc limit 1"),
        {"n": name},
    ).one_or_none()
    return Release(*row) if row else None


def _declared(content: OpenContent) -> tuple[object, ...]:
    """How a table must stand: its columns, their values and the words that tell its readers the rule."""
    columns = [(c.name, c.sql_type) for c in content.columns]
    return columns, _words(content), [f"{c.title}: {c.description}" for c in content.columns]


def _standing(connection: sa.Connection, name: str) -> tuple[object, ...]:
    of = {"t": f"{SCHEMA}.{name}"}
    words = connection.execute(sa.text("select obj_description(to_regclass(:t), 'pg_class')"), of).scalar()
    comments = connection.execute(
        sa.text("""select col_description(attrelid, attnum) from pg_attribute
            where attrelid = to_regclass(:t) and attnum > 0 and not attisdropped order by attnum"""),
        of,
    ).scalars()
    return _standing_columns(connection, name), words, list(comments)


def _is_rounded(connection: sa.Connection, name: str) -> bool:
    """Whether a table was made by the rule: its statuses are those of rounding."""
    return bool(
        connection.execute(
            sa.text("""select exists (select from pg_constraint where conrelid = to_regclass(:t) and contype = 'c'
                and pg_get_constraintdef(oid) like '%under_5%')"""),
            {"t": f"{SCHEMA}.{name}"},
        ).scalar()
    )


def _rows(connection: sa.Connection, content: OpenContent) -> set[Row]:
    names = ", ".join(c.name for c in content.columns)
    return {tuple(r) for r in connection.exec_driver_sql(f"select {names} from {SCHEMA}.{content.name}")}


def _words(content: OpenContent) -> str:
    return description(content.dataset, content.table)


def _standing_columns(connection: sa.Connection, name: str) -> list[tuple[str, str]]:
    found = connection.execute(
        sa.text("""select attname, format_type(atttypid, atttypmod) from pg_attribute
            where attrelid = to_regclass(:t) and attnum > 0 and not attisdropped order by attnum"""),
        {"t": f"{SCHEMA}.{name}"},
    )
    return [(n, t) for n, t in found]


def _create(connection: sa.Connection, content: OpenContent) -> None:
    table = f"{SCHEMA}.{content.name}"
    parts = []
    for c in content.columns:
        check = f" check ({c.name} in ({', '.join(literal(x) for x in c.choices)}))" if c.choices else ""
        parts.append(f"{c.name} {c.sql_type}{'' if c.nullable else ' not null'}{check}")
    parts.append(f"primary key ({', '.join(key_columns(content.table))})")
    parts.append("check ((value is null) = (value_status <> 'published'))")
    connection.exec_driver_sql(f"drop table if exists {table}")
    connection.exec_driver_sql(f"create table {table} ({', '.join(parts)})")
    connection.exec_driver_sql(f"grant select on {table} to {READER}")
    words = literal(_words(content)).replace("%", "%%")
    connection.exec_driver_sql(f"comment on table {table} is {words}")
    for c in content.columns:
        text = literal(f"{c.title}: {c.description}").replace("%", "%%")
        connection.exec_driver_sql(f"comment on column {table}.{c.name} is {text}")


def _copy(connection: sa.Connection, content: OpenContent) -> None:
    names = ", ".join(c.name for c in content.columns)
    cursor = connection.connection.cursor()
    cursor.copy_expert(
        f"copy {SCHEMA}.{content.name} ({names}) from stdin with (format csv, header true, encoding 'UTF8')",
        io.BytesIO(content.csv.removeprefix(codecs.BOM_UTF8)),
    )
    if cursor.rowcount != len(content.rows):
        raise SharedCutShort(table=content.name, written=cursor.rowcount, rows=len(content.rows))
