"""What of a PostgreSQL source differs from the declaration, and what its login may do beyond reading: from its catalogue alone."""

from collections.abc import Callable, Sequence

from resources.connectors.postgresql.queries import array
from schemas.dataset import Dataset
from schemas.to_postgres import literal

Rows = Callable[[str], list[tuple]]  # the rows of a query

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


def faults(rows: Rows, dataset: Dataset) -> list[str]:
    """What differs from the declaration, in words: a column missing, added, renamed (both), or of another type.

    An added column is a fault as well: it may be the new name of another, or hold what nobody has classed yet.
    """
    table = dataset.road.table
    found = dict(
        rows(
            "select column_name, data_type from information_schema.columns "
            f"where table_schema = current_schema() and table_name = {literal(table)}"
        )
    )
    ((relation,),) = rows(f"select relkind::text from pg_class where oid = to_regclass({literal(table)})") or [("",)]
    if not found or not relation:
        return [f"không thấy bảng {table}, hoặc tài khoản không có quyền đọc bảng"]
    faults = []
    if dataset.road.changes.way == "row_versions" and relation not in ("r", "p", "m"):
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


def rights(rows: Rows, tables: Sequence[str]) -> list[str]:
    """What this login could change, in words, as its rights say: there should be nothing."""
    named = rows(
        f"select t from unnest({array(tables)}) t where to_regclass(t) is not null "
        "and has_table_privilege(to_regclass(t), 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')"
    )
    found = [f"ghi được bảng {name}" for (name,) in named]
    ((in_schema, in_database, above),) = rows(
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
