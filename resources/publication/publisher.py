"""The account that publishes: what it may do in the shared warehouse, and a transaction whose errors say what it lacks."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import sqlalchemy as sa

from resources.failing import Failure
from resources.publication.failures import (
    SharedBusy,
    SharedCannot,
    SharedDiskFull,
    SharedKeepsOut,
    SharedRightMissing,
    SharedUnencrypted,
    SharedUnreachable,
)
from resources.servers import connecting, entering
from resources.servers.entering import quoted
from resources.servers.names import shown
from resources.servers.sqlstates import Trouble, why_no_tls
from resources.warehouse.failures import trouble_in

SCHEMA = "open_data"
READER = "open_reader"
SETTING = "SHARED_WAREHOUSE_URL"
LONGEST_WAIT = "60s"  # for a lock: a reader who stays in a transaction would hold up the night, and all readers behind it

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


@contextmanager
def transaction(engine: sa.Engine, attempted: str) -> Iterator[sa.Connection]:
    """A transaction whose errors say what was tried and what is missing."""
    try:
        with engine.begin() as connection:
            limits = {"path": connecting.OWN_NAMES, "wait": LONGEST_WAIT}
            connection.execute(
                sa.text("select set_config('search_path', :path, true), set_config('lock_timeout', :wait, true)"), limits
            )
            yield connection
    except (sa.exc.DBAPIError, psycopg2.Error) as error:  # a COPY goes past SQLAlchemy
        of_driver = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        if isinstance(error, sa.exc.OperationalError) and (kept_out := _kept_out(engine, error)):
            raise kept_out from None
        trouble, state = trouble_in(of_driver)
        if trouble == "right":
            raise SharedRightMissing(what=attempted, rights=rights_to_ask_for(engine)) from None
        kind = FAILURES.get(trouble)
        if kind is None:
            raise
        why = why_no_tls(str(of_driver))
        raise kind(what=attempted, state=state or "-----", kind=type(of_driver).__name__, why=why) from None


def refuse_too_old(connection: sa.Connection) -> None:
    version = connection.execute(sa.text("select current_setting('server_version_num')::int")).scalar_one()
    connecting.refuse_too_old(version, SETTING)


def _kept_out(engine: sa.Engine, error: sa.exc.OperationalError) -> Failure | None:
    """Why the server, which answers, lets this account not in; None where it had let it in."""
    if error.statement is not None:
        return None
    url = engine.url.render_as_string(hide_password=False)
    return entering.refused(url, SETTING, error, SharedKeepsOut)


def rights_to_ask_for(engine: sa.Engine) -> str:
    """What the warehouse's administrator runs once, so that a publisher without other rights can work."""
    user = f'"{engine.url.username}"' if engine.url.username else "<tài khoản công bố>"
    return (
        f"create role {READER} nologin; create schema {SCHEMA} authorization {user}; grant usage on schema {SCHEMA} to {READER};"
    )


def others_who_write(engine: sa.Engine) -> list[str]:
    """Who besides the owner of the schema may write into open_data, and what.

    It could be figures that nobody rounded, or a trigger that runs as us.
    """
    with transaction(engine, "Kiểm tra quyền ghi của người khác") as connection:
        found = connection.execute(
            sa.text("""with here as (select oid, nspowner as owner, nspacl from pg_namespace where nspname = :s),
                granted as (
                    select a.grantee, lower(a.privilege_type) as may, null as relation, null::oid as oid
                    from here, aclexplode(coalesce(nspacl, acldefault('n', owner))) a where a.privilege_type = 'CREATE'
                    union all select a.grantee, lower(a.privilege_type), c.relname, c.oid
                    from here, pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
                    where c.relnamespace = here.oid and c.relkind in ('r', 'p', 'v', 'm', 'f')
                        and a.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES'))
                select case g.grantee when 0 then 'public' else pg_get_userbyid(g.grantee) end, g.grantee, g.relation, g.oid,
                    string_agg(distinct g.may, ', ' order by g.may)
                from granted g, here where g.grantee <> here.owner group by 1, 2, 3, 4 order by 1, 3 nulls first"""),
            {"s": SCHEMA},
        )
        return [
            f"{shown(role, f'vai trò số {oid}')}: {may} trên {SCHEMA}"
            + (f".{shown(relation, f'bảng số {of}')}" if relation is not None else "")
            for role, oid, relation, of, may in found
        ]


def missing_rights(engine: sa.Engine) -> list[str]:
    """The statements that the warehouse's administrator runs, so that this account can publish; none where nothing is missing."""
    user = quoted(engine.url.username)
    with transaction(engine, "Kiểm tra quyền công bố") as connection:
        refuse_too_old(connection)
        schema, reader = connection.execute(
            sa.text("""select case
                    when to_regnamespace(:s) is not null then (select case when pg_has_role(nspowner, 'member') then 'fine' else 'other' end
                        from pg_namespace where nspname = :s)
                    when has_database_privilege(current_database(), 'create') then 'fine' else 'none' end,
                exists (select from pg_roles where rolname = :r)
                    or (select rolsuper or rolcreaterole from pg_roles where rolname = current_user)"""),
            {"s": SCHEMA, "r": READER},
        ).one()
    make = {
        "fine": [],
        "other": [f"alter schema {SCHEMA} owner to {user}"],
        "none": [f"create schema {SCHEMA} authorization {user}"],
    }
    return ([] if reader else [f"create role {READER}"]) + make[schema]
