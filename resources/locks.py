"""Advisory locks in the warehouse: what keeps two runs of the same thing apart, in whichever process they are.

A lock lives on a connection of its own and goes with its process, however that ends.
"""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
import sqlalchemy as sa

from resources.failing import Failure
from resources.failures import StillHeld
from schemas.written import lasting

log = logging.getLogger("ansinh.locks")


@contextmanager
def only_one(
    engine: sa.Engine, name: str, waiting: Callable[[], object] | None = None, seconds: float | None = None
) -> Iterator[None]:
    """Wait for the others that do the same, and say so: by `waiting`, where it is given. Raises StillHeld after `seconds`."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not _taken(connection, name):
            if waiting is None:
                log.info("đang chờ một lượt chạy khác dùng %s xong", name)
            else:
                waiting()
            _wait(connection, name, seconds)
        yield from _held(connection, name)


@contextmanager
def only_now(engine: sa.Engine, name: str, busy: Callable[[], Failure]) -> Iterator[None]:
    """Do not wait: `busy` makes what is raised while another does the same."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not _taken(connection, name):
            raise busy()
        yield from _held(connection, name)


@contextmanager
def if_free(engine: sa.Engine, name: str) -> Iterator[bool]:
    """Do not wait: whether nobody else does the same, and so it may be done."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not _taken(connection, name):
            yield False
            return
        held = _held(connection, name)
        next(held)
        try:
            yield True
        finally:
            next(held, None)


@dataclass(frozen=True)
class Holder:
    """A session that holds a lock as ours are: `role` logged in, `pid` names its process at the server."""

    role: str
    pid: int
    since: dt.datetime


def held_by_others(connection: sa.Connection, ours: Collection[str]) -> list[Holder]:
    """Who else holds an advisory lock in this database, the longest first.

    Anybody who may log in there may take one, and so keep our runs waiting.
    """
    query = """select distinct usename, pid, backend_start from pg_locks join pg_stat_activity using (pid)
        where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
            and usename <> session_user and usename <> all (:ours) order by backend_start, pid"""
    return [Holder(*row) for row in connection.execute(sa.text(query), {"ours": list(ours)})]


def _wait(connection: sa.Connection, name: str, seconds: float | None) -> None:
    if seconds is None:
        connection.execute(sa.text("select pg_advisory_lock(hashtext(:n))"), {"n": f"ansinh.{name}"})
        return
    # In a transaction of its own the limit ends with it, and the lock, which is the session's, does not.
    query = f"begin; set local lock_timeout = {max(int(seconds * 1000), 1)}; select pg_advisory_lock(hashtext(%(n)s)); commit"
    try:
        connection.exec_driver_sql(query, {"n": f"ansinh.{name}"})
    except sa.exc.OperationalError as error:
        connection.exec_driver_sql("rollback")
        if isinstance(error.orig, psycopg2.errors.LockNotAvailable):
            raise StillHeld(name=name, waited=lasting(round(seconds, 1))) from None
        raise


def _taken(connection: sa.Connection, name: str) -> bool:
    return bool(connection.execute(sa.text("select pg_try_advisory_lock(hashtext(:n))"), {"n": f"ansinh.{name}"}).scalar())


def _held(connection: sa.Connection, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        if not connection.invalidated and not connection.closed:
            connection.execute(sa.text("select pg_advisory_unlock(hashtext(:n))"), {"n": f"ansinh.{name}"})
