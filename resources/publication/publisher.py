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
    SharedRightMissing,
    SharedUnencrypted,
    SharedUnreachable,
)
from resources.servers.sqlstates import Trouble, why_no_tls
from resources.warehouse.failures import trouble_in

SCHEMA = "open_data"
READER = "open_reader"

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
        trouble, state = trouble_in(of_driver)
        if trouble == "right":
            raise SharedRightMissing(what=attempted, rights=rights_to_ask_for(engine)) from None
        kind = FAILURES.get(trouble)
        if kind is None:
            raise
        why = why_no_tls(str(of_driver))
        raise kind(what=attempted, state=state or "-----", kind=type(of_driver).__name__, why=why) from None


def rights_to_ask_for(engine: sa.Engine) -> str:
    """What the warehouse's administrator runs once, so that a publisher without other rights can work."""
    user = f'"{engine.url.username}"' if engine.url.username else "<tài khoản công bố>"
    return f"create role {READER} login; create schema {SCHEMA} authorization {user}; grant usage on schema {SCHEMA} to {READER};"


def may_publish(engine: sa.Engine) -> bool:
    """Whether the account can make its schema here, or owns it already."""
    with transaction(engine, "Kiểm tra quyền công bố") as connection:
        return bool(
            connection.execute(
                sa.text("""select has_database_privilege(current_database(), 'create') or exists (select from pg_namespace
                    where nspname = :s and pg_has_role(nspowner, 'member'))"""),
                {"s": SCHEMA},
            ).scalar()
        )
