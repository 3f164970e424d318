"""Schema `ref`: the dated tables that rules join, as this program declares them (schemas/projections/reference.py).

The comment of the schema is the digest of what stands there, written with it in one transaction: who reads the one knows of
the other. Figures of another edition would judge rows under the fingerprint of this one.
"""

import sqlalchemy as sa

from resources.warehouse.failures import OtherReference
from schemas.dated import DatedTable
from schemas.projections import reference


def write(connection: sa.Connection) -> None:
    """Make the schema what is declared, inside the caller's transaction, and leave it alone where it is so already.

    Rows are deleted and inserted, so that who reads meanwhile sees all of the old ones or all of the new ones.
    """
    if _standing(connection) == reference.digest():
        return
    there = connection.execute(sa.text("select tablename from pg_tables where schemaname = 'ref'")).scalars()
    for name in set(there) - reference.tables().keys():
        connection.exec_driver_sql(f'drop table ref."{name}"')
    for name, table in reference.tables().items():
        _write(connection, f"ref.{name}", table)
    connection.exec_driver_sql("comment on schema ref is %s", (reference.digest(),))


def refuse_other(connection: sa.Connection) -> None:
    """Raises OtherReference. What is right stays right for who holds the lock `findings`: an upgrade waits for it."""
    if _standing(connection) != reference.digest():
        raise OtherReference


def _standing(connection: sa.Connection) -> str | None:
    return connection.execute(sa.text("select obj_description(to_regnamespace('ref'))")).scalar()


def _write(connection: sa.Connection, name: str, table: DatedTable) -> None:
    columns = reference.columns(table)
    if _columns(connection, name) != [(c.name, c.kind, c.nullable) for c in columns]:
        declared = ", ".join(f"{c.name} {c.kind}{'' if c.nullable else ' not null'}" for c in columns)
        connection.exec_driver_sql(f"drop table if exists {name}")
        connection.exec_driver_sql(f"create table {name} ({declared}, check (valid_from <= valid_to))")
    connection.exec_driver_sql(f"delete from {name}")
    if rows := reference.rows(table):
        places = ", ".join(["%s"] * len(columns))
        connection.exec_driver_sql(f"insert into {name} values ({places})", [tuple(row) for row in rows])
    connection.exec_driver_sql(f"comment on table {name} is %s", (table.title,))
    for column in columns:
        connection.exec_driver_sql(f"comment on column {name}.{column.name} is %s", (column.title,))
    connection.exec_driver_sql(f"analyze {name}")  # too few rows for autovacuum ever to do it


def _columns(connection: sa.Connection, name: str) -> list[tuple[str, str, bool]]:
    query = """select attname, format_type(atttypid, atttypmod), not attnotnull from pg_attribute
        where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped order by attnum"""
    return [(column, kind, nullable) for column, kind, nullable in connection.execute(sa.text(query), {"name": name})]
