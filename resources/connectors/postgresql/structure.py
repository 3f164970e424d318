"""What of a PostgreSQL source differs from the declaration, and what its login may do beyond reading: from its catalogue alone."""

from collections.abc import Sequence

from resources.connectors.postgresql.queries import Rows, array
from resources.servers.names import listed, shown
from schemas.dataset import Dataset, SubmissionLog
from schemas.projections.postgres import literal
from schemas.roads import Sql, as_sql

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
HOLDS_ROWS = "relkind in ('r', 'p', 'v', 'm', 'f')"


def faults(rows: Rows, declared: Dataset | SubmissionLog) -> list[str]:
    """What differs from the declaration, in words: a column missing, added, renamed (both), of another type, or not readable.

    An added column is a fault as well: it may be the new name of another, or hold what nobody has classed yet. One that this
    login may not read is not: nothing of it comes.
    """
    road = as_sql(declared.road)
    relation = rows(
        "select relkind::text, relispopulated, has_schema_privilege(relnamespace, 'usage'), has_any_column_privilege(c.oid, 'select'), "
        f"(select bool_and(has_column_privilege(c.oid, attnum, 'select')) from {_attributes('xmin', 'ctid')}) "
        f"from pg_class c where {named(road)}"
    )
    if not relation:
        return [f"không thấy {road.place} trong lược đồ {road.schema}{_elsewhere(rows, road)}"]
    ((kind, is_populated, may_enter, may_read, may_tell_versions),) = relation
    if not may_enter or not may_read:
        return [f"tài khoản không có quyền đọc {road.place}" + ("" if may_enter else f" (lược đồ {road.schema})")]
    faults = []
    if not is_populated:
        faults.append("khung nhìn vật hóa chưa được nạp lần nào (refresh materialized view)")
    if road.changes.way == "row_versions":
        if kind not in ("r", "p", "m"):
            faults.append("là khung nhìn hoặc bảng ngoài, không có phiên bản dòng mà khai báo (changes) dựa vào")
        elif not may_tell_versions:
            faults.append(
                "tài khoản chỉ được đọc từng cột nên không thấy phiên bản dòng; cần quyền SELECT cả bảng, hoặc thêm hai cột xmin, ctid"
            )
    found = {name: (place, is_readable, _told_type(*of_type)) for name, place, is_readable, *of_type in rows(_columns(road))}
    for column in declared.columns:
        _, is_readable, of_type = found.get(column.source_column, (0, False, None))
        if of_type is None:
            faults.append(f"thiếu cột {column.source_column} ({column.title})")
        elif not is_readable:
            faults.append(f"tài khoản không có quyền đọc cột {column.source_column} ({column.title})")
        elif of_type not in SAME_TYPES[column.source_type]:
            faults.append(f"cột {column.source_column} có kiểu {of_type}, khai báo là {column.source_type}")
    ours = {c.source_column for c in declared.columns}
    added = [(place, name) for name, (place, is_readable, _) in found.items() if is_readable and name not in ours]
    if added:
        told = listed([shown(name, f"cột thứ {place}") for place, name in sorted(added)])
        faults.append(f"bảng có thêm cột chưa khai báo: {told}")
    return faults


def rights(rows: Rows, roads: Sequence[Sql]) -> list[str]:
    """What this login could change, in words, as its rights say: there should be nothing."""
    found = []
    for road in roads:
        writable = "has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
        if rows(f"select 1 from pg_class c where {named(road)} and {writable}"):
            found.append(f"ghi được {road.place}")
    schemas = sorted({road.schema for road in roads})
    ((in_schema, in_database, above),) = rows(
        f"select (select bool_or(has_schema_privilege(oid, 'create')) from pg_namespace where nspname = any({array(schemas)})), "
        "has_database_privilege(current_database(), 'create'), "
        "(select rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = current_user)"
    )
    if in_schema:
        found.append("tạo được bảng trong lược đồ của nguồn")
    if in_database:
        found.append("tạo được lược đồ trong cơ sở dữ liệu của nguồn")
    if above:
        found.append("có quyền quản trị máy chủ")
    return found


def named(road: Sql) -> str:
    """The condition that `c` of pg_class is the declared relation: its name alone is looked for, no right is needed."""
    namespace = f"(select oid from pg_namespace where nspname = {literal(road.schema)})"
    return f"c.relname = {literal(road.table)} and c.relnamespace = {namespace} and c.{HOLDS_ROWS}"


def _columns(road: Sql) -> str:
    """Name -> where it stands, whether it may be read, and its type, for `_told_type`; of a domain, the type beneath."""
    return (
        "select attname, attnum::int, has_column_privilege(c.oid, attnum, 'select'), "
        "case when b.typnamespace = 'pg_catalog'::regnamespace then format_type(b.oid, null) end, b.typname, b.oid::bigint "
        f"from pg_class c join pg_attribute a on attrelid = c.oid join pg_type t on t.oid = atttypid "
        f"join pg_type b on b.oid = coalesce(nullif(t.typbasetype, 0), t.oid) where {named(road)} and attnum > 0 and not attisdropped"
    )


def _told_type(of_server: str | None, of_users: str, oid: int) -> str:
    """The name of a type: PostgreSQL's own, or what somebody has called one."""
    return of_server or shown(of_users, f"kiểu số {oid}")


def _attributes(*names: str) -> str:
    return f"pg_attribute where attrelid = c.oid and attname = any({array(names)})"


def _elsewhere(rows: Rows, road: Sql) -> str:
    """The other schemas in which a relation of this name stands: it is never taken for the declared one."""
    found = rows(
        f"select nspname, n.oid::bigint from pg_class c join pg_namespace n on n.oid = relnamespace where relname = {literal(road.table)} "
        f"and c.{HOLDS_ROWS} and nspname <> {literal(road.schema)} and has_schema_privilege(n.oid, 'usage') order by 1"
    )
    return f" (có bảng cùng tên ở lược đồ {listed([shown(name, f'lược đồ số {oid}') for name, oid in found])})" if found else ""
