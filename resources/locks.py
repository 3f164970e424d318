"""Advisory locks in the warehouse: what keeps two runs of the same thing apart, in whichever process they are."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def only_one(engine: sa.Engine, name: str) -> Iterator[None]:
    """Wait for the others that do the same. The lock lives on a connection of its own and goes with the process."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("select pg_advisory_lock(hashtext(:n))"), {"n": f"ansinh.{name}"})
        try:
            yield
        finally:
            if not connection.invalidated:
                connection.execute(sa.text("select pg_advisory_unlock(hashtext(:n))"), {"n": f"ansinh.{name}"})
