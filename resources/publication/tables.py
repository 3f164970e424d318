"""A released table: how it must stand, how it stands, and how it is made. In the transaction of the connection that is given."""

import codecs
import io

import sqlalchemy as sa

from resources.publication.content import OpenContent, Row
from resources.publication.failures import (
    SharedCutShort,
)
from resources.publication.publisher import READER, SCHEMA
from schemas.to_open import description, key_columns
from schemas.to_postgres import literal


def declared(content: OpenContent) -> tuple[object, ...]:
    """How a table must stand: its columns, their values and the words that tell its readers the rule."""
    columns = [(c.name, c.sql_type) for c in content.columns]
    return columns, _words(content), [f"{c.title}: {c.description}" for c in content.columns]


def standing(connection: sa.Connection, name: str) -> tuple[object, ...]:
    of = {"t": f"{SCHEMA}.{name}"}
    words = connection.execute(sa.text("select obj_description(to_regclass(:t), 'pg_class')"), of).scalar()
    comments = connection.execute(
        sa.text("""select col_description(attrelid, attnum) from pg_attribute
            where attrelid = to_regclass(:t) and attnum > 0 and not attisdropped order by attnum"""),
        of,
    ).scalars()
    return standing_columns(connection, name), words, list(comments)


def is_rounded(connection: sa.Connection, name: str) -> bool:
    """Whether a table was made by the rule: its statuses are those of rounding."""
    return bool(
        connection.execute(
            sa.text("""select exists (select from pg_constraint where conrelid = to_regclass(:t) and contype = 'c'
                and pg_get_constraintdef(oid) like '%under_5%')"""),
            {"t": f"{SCHEMA}.{name}"},
        ).scalar()
    )


def rows(connection: sa.Connection, content: OpenContent) -> set[Row]:
    names = ", ".join(c.name for c in content.columns)
    return {tuple(r) for r in connection.exec_driver_sql(f"select {names} from {SCHEMA}.{content.name}")}


def _words(content: OpenContent) -> str:
    return description(content.dataset, content.table)


def standing_columns(connection: sa.Connection, name: str) -> list[tuple[str, str]]:
    found = connection.execute(
        sa.text("""select attname, format_type(atttypid, atttypmod) from pg_attribute
            where attrelid = to_regclass(:t) and attnum > 0 and not attisdropped order by attnum"""),
        {"t": f"{SCHEMA}.{name}"},
    )
    return [(n, t) for n, t in found]


def create(connection: sa.Connection, content: OpenContent) -> None:
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


def copy(connection: sa.Connection, content: OpenContent) -> None:
    names = ", ".join(c.name for c in content.columns)
    cursor = connection.connection.cursor()
    cursor.copy_expert(
        f"copy {SCHEMA}.{content.name} ({names}) from stdin with (format csv, header true, encoding 'UTF8')",
        io.BytesIO(content.csv.removeprefix(codecs.BOM_UTF8)),
    )
    if cursor.rowcount != len(content.rows):
        raise SharedCutShort(table=content.name, written=cursor.rowcount, rows=len(content.rows))
