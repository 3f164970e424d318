"""The role that reads open data and nothing else: its rights, what it could read besides, and what is closed to it where we may."""

from pathlib import Path

import sqlalchemy as sa

from resources.publication.publisher import READER, SCHEMA, transaction
from resources.servers.names import shown


def give_rights(engine: sa.Engine) -> None:
    """After a restore, which brings no rights along: the reader reads what is open, now and later."""
    with transaction(engine, "Cấp lại quyền cho vai trò đọc") as connection:
        if connection.execute(sa.text("select to_regnamespace(:s)"), {"s": SCHEMA}).scalar() is None:
            return  # nothing was published yet
        connection.exec_driver_sql(f"grant usage on schema {SCHEMA} to {READER}")
        connection.exec_driver_sql(f"alter default privileges in schema {SCHEMA} grant select on tables to {READER}")
        connection.exec_driver_sql(f"grant select on all tables in schema {SCHEMA} to {READER}")


def readable_elsewhere(engine: sa.Engine) -> list[str]:
    """Relations outside open_data that the reader could read in this database: the administrator's to close."""
    with transaction(engine, "Kiểm tra quyền của vai trò đọc") as connection:
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


def close_the_rest(engine: sa.Engine) -> None:
    """Keep the reader out of every other database of the embedded server, which is ours alone, and take all that PUBLIC has there.

    Roles that already hold something in a database keep their way in; the rest came in through PUBLIC. Two at once are kept apart by whoever
    calls.
    """
    with transaction(engine, "Đóng các cơ sở dữ liệu khác với vai trò đọc") as connection:
        # Until version 10 it was a login of its own, which all who read had in common.
        if connection.execute(sa.text("select rolcanlogin from pg_roles where rolname = :r"), {"r": READER}).scalar():
            connection.exec_driver_sql(f"alter role {READER} nologin")
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
