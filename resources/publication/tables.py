"""A released table: how it must stand, how it stands, and how it is made. In the transaction of the connection that is given."""

import codecs
import io

import psycopg2
import sqlalchemy as sa

from resources.publication.content import OpenContent, Row
from resources.publication.failures import SharedCutShort, SharedDependedOn
from resources.publication.publisher import READER, SCHEMA
from resources.servers.entering import quoted
from resources.servers.names import listed, shown
from schemas.projections.open import description, key_columns
from schemas.projections.postgres import literal


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
    parts = [f"{c.name} {c.sql_type}{'' if c.nullable else ' not null'}" for c in content.columns]
    parts.append(f"primary key ({', '.join(key_columns(content.table))})")
    drop(connection, content.name)
    connection.exec_driver_sql(f"create table {table} ({', '.join(parts)})")
    connection.exec_driver_sql(f"grant select on {table} to {READER}")
    describe(connection, content)


def describe(connection: sa.Connection, content: OpenContent) -> None:
    """Give an empty table its values and words. It stays the same table: another's view of it stands."""
    table = f"{SCHEMA}.{content.name}"
    former = connection.execute(
        sa.text("select quote_ident(conname) from pg_constraint where conrelid = to_regclass(:t) and contype = 'c'"), {"t": table}
    ).scalars()
    changes = [f"drop constraint {name}" for name in former]
    changes += [f"add check ({c.name} in ({', '.join(literal(x) for x in c.choices)}))" for c in content.columns if c.choices]
    changes.append("add check ((value is null) = (value_status <> 'published'))")
    connection.exec_driver_sql(f"alter table {table} {', '.join(changes)}")
    words = literal(_words(content)).replace("%", "%%")
    connection.exec_driver_sql(f"comment on table {table} is {words}")
    for c in content.columns:
        text = literal(f"{c.title}: {c.description}").replace("%", "%%")
        connection.exec_driver_sql(f"comment on column {table}.{c.name} is {text}")


def empty(connection: sa.Connection, name: str) -> None:
    """DELETE, not TRUNCATE: a reader in a transaction keeps what it sees, and nobody waits."""
    connection.execute(sa.delete(_named(name)))


def close(connection: sa.Connection, name: str) -> None:
    """Take the readers' rights to a table that was emptied: the server's statistics still tell its values to whoever may read it."""
    connection.exec_driver_sql(f"revoke all on {SCHEMA}.{quoted(name)} from {READER}")


def drop(connection: sa.Connection, name: str) -> None:
    """Raises SharedDependedOn, and the transaction may go on, where others made a view of the table."""
    try:
        with connection.begin_nested():
            connection.execute(sa.schema.DropTable(_named(name), if_exists=True))
    except sa.exc.InternalError as error:
        if not isinstance(error.orig, psycopg2.errors.DependentObjectsStillExist):
            raise
        raise SharedDependedOn(table=shown(name, "bảng"), relations=listed(_built_on(connection, name))) from None


def _built_on(connection: sa.Connection, name: str) -> list[str]:
    """The views and tables of others that stand on a table."""
    found = connection.execute(
        sa.text("""select distinct n.nspname, c.relname, c.oid from pg_depend d
            left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
            left join pg_constraint k on d.classid = 'pg_constraint'::regclass and k.oid = d.objid
            join pg_class c on c.oid = coalesce(r.ev_class, k.conrelid) join pg_namespace n on n.oid = c.relnamespace
            where d.refclassid = 'pg_class'::regclass and d.refobjid = to_regclass(quote_ident(:s) || '.' || quote_ident(:t))
                and c.oid <> d.refobjid order by 1, 2"""),
        {"s": SCHEMA, "t": name},
    )
    return [f"{shown(schema, 'lược đồ')}.{shown(relation, f'bảng số {oid}')}" for schema, relation, oid in found]


def _named(name: str) -> sa.Table:
    """Whoever may make tables there named them: quoted, they are names and nothing else."""
    return sa.Table(name, sa.MetaData(), schema=SCHEMA)


def copy(connection: sa.Connection, content: OpenContent) -> None:
    names = ", ".join(c.name for c in content.columns)
    cursor = connection.connection.cursor()
    cursor.copy_expert(
        f"copy {SCHEMA}.{content.name} ({names}) from stdin with (format csv, header true, encoding 'UTF8')",
        io.BytesIO(content.csv.removeprefix(codecs.BOM_UTF8)),
    )
    if cursor.rowcount != len(content.rows):
        raise SharedCutShort(table=content.name, written=cursor.rowcount, rows=len(content.rows))
