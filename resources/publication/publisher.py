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
from resources.servers.sqlstates import Trouble, why_no_tls
from resources.warehouse.failures import trouble_in

SCHEMA = "open_data"
READER = "open_reader"
SETTING = "SHARED_WAREHOUSE_URL"

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
