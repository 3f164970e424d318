"""By which a secret that is not in the warehouse is known again: a check of the first one, kept beside what was made by it."""

from typing import Literal

import sqlalchemy as sa

Table = Literal["ops.open_secret", "ops.person_secret", "ops.population_secret"]


def kept(connection: sa.Connection, table: Table) -> str | None:
    """The check of the secret by which what stands beside it was made; None: nothing was."""
    return connection.execute(sa.text(f"select secret_check from {table}")).scalar_one_or_none()


def is_known(connection: sa.Connection, table: Table, check: str) -> bool:
    """Keep the check of the first secret; whether this one is of the same secret."""
    connection.execute(
        sa.text(f"insert into {table} (is_one, secret_check) values (true, :check) on conflict do nothing"), {"check": check}
    )
    return kept(connection, table) == check
