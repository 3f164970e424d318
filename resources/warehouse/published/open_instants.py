"""What the hub keeps of open data: as of when each row is read, of what each period was made, and the check of the secret.

What was counted of each row stands in open_figures.py.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from resources.warehouse import secret_checks
from resources.warehouse.naming import named
from resources.warehouse.void_cells import is_void
from schemas.dataset import Dataset

Key = tuple[str, str]  # period, unit
Kept = tuple[dt.datetime, dt.datetime, dt.datetime]  # first_at, as_of, looked_at


@dataclass(frozen=True)
class Standing:
    """How a cell stands for the open tables."""

    is_reported: bool  # an arrival was accepted or declared empty, and of the rows that came not every one was set aside
    is_refused: bool  # the last one was: what it holds is not what was sent last
    changed_at: dt.datetime | None


@dataclass(frozen=True)
class Part:
    """A period of a released table: the hash of what it was made from, of the rows that were made, and of those that stood before."""

    made_from: str
    sha256: str
    before: str | None = None


def cells(connection: sa.Connection, dataset: Dataset) -> dict[Key, Standing]:
    """All cells of a dataset by period and unit."""
    rows = connection.execute(
        sa.text(f"""select period, unit_code, first_received_at is not null and not {is_void("c")} as is_reported,
            last_outcome is not distinct from 'refused' as is_refused, changed_at
            from ops.cells c where source = :source and dataset = :dataset"""),
        named(dataset),
    )
    return {(r.period, r.unit_code): Standing(r.is_reported, r.is_refused, r.changed_at) for r in rows}


def instants(connection: sa.Connection, dataset: Dataset) -> dict[Key, Kept]:
    rows = connection.execute(
        sa.text("""select period, unit_code, first_at, as_of, looked_at from ops.open_instants
            where source = :source and dataset = :dataset"""),
        named(dataset),
    )
    return {(r.period, r.unit_code): (r.first_at, r.as_of, r.looked_at) for r in rows}


def keep(connection: sa.Connection, dataset: Dataset, found: Mapping[Key, Kept]) -> None:
    if not found:
        return
    connection.execute(
        sa.text("""insert into ops.open_instants (source, dataset, period, unit_code, first_at, as_of, looked_at)
            values (:source, :dataset, :period, :unit, :first_at, :as_of, :looked_at)
            on conflict (source, dataset, period, unit_code) do update
                set first_at = excluded.first_at, as_of = excluded.as_of, looked_at = excluded.looked_at"""),
        [
            named(dataset) | {"period": period, "unit": unit, "first_at": kept[0], "as_of": kept[1], "looked_at": kept[2]}
            for (period, unit), kept in found.items()
        ],
    )


def parts(connection: sa.Connection, released: str) -> dict[str, Part]:
    """Period -> how it was made, of a released table."""
    rows = connection.execute(
        sa.text("select period, made_from, sha256, before from ops.open_parts where released = :released"), {"released": released}
    )
    return {r.period: Part(r.made_from, r.sha256, r.before) for r in rows}


def keep_parts(connection: sa.Connection, released: str, found: Mapping[str, Part]) -> None:
    if not found:
        return
    connection.execute(
        sa.text("""insert into ops.open_parts (released, period, made_from, sha256, before)
            values (:released, :period, :made, :sha, :before) on conflict (released, period) do update
                set made_from = excluded.made_from, sha256 = excluded.sha256, before = excluded.before"""),
        [
            {"released": released, "period": period, "made": p.made_from, "sha": p.sha256, "before": p.before}
            for period, p in found.items()
        ],
    )


def secret_check(connection: sa.Connection, check: str) -> bool:
    """Keep the check of the first secret; whether this one is of the same secret."""
    return secret_checks.is_known(connection, "ops.open_secret", check)


def kept_check(connection: sa.Connection) -> str | None:
    """The check of the secret by which something was published; None: nothing was."""
    return secret_checks.kept(connection, "ops.open_secret")
