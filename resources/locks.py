"""Advisory locks in the warehouse: what keeps two runs of the same thing apart, in whichever process they are.

A lock lives on a connection of its own and goes with its process, however that ends.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from resources.failures import Failure

log = logging.getLogger("ansinh.locks")


@contextmanager
def only_one(engine: sa.Engine, name: str, waiting: Callable[[], object] | None = None) -> Iterator[None]:
    """Wait for the others that do the same, and say so: by `waiting`, where it is given."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not _taken(connection, name):
            if waiting is None:
                log.info("đang chờ một lượt chạy khác dùng %s xong", name)
            else:
                waiting()
            connection.execute(sa.text("select pg_advisory_lock(hashtext(:n))"), {"n": f"ansinh.{name}"})
        yield from _held(connection, name)


@contextmanager
def only_now(engine: sa.Engine, name: str, busy: Callable[[], Failure]) -> Iterator[None]:
    """Do not wait: `busy` makes what is raised while another does the same."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not _taken(connection, name):
            raise busy()
        yield from _held(connection, name)


def _taken(connection: sa.Connection, name: str) -> bool:
    return bool(connection.execute(sa.text("select pg_try_advisory_lock(hashtext(:n))"), {"n": f"ansinh.{name}"}).scalar())


def _held(connection: sa.Connection, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        if not connection.invalidated and not connection.closed:
            connection.execute(sa.text("select pg_advisory_unlock(hashtext(:n))"), {"n": f"ansinh.{name}"})
