"""How the cells stood at their source when last looked at, and what was pulled of them: what a night goes by."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from resources.raw_store import RawFile
from schemas.dataset import UNKNOWN_UNIT, Dataset


@dataclass(frozen=True)
class Reading:
    """How a cell stood at the source when it was last looked at, and up to where its row versions are in what is held."""

    digest: str | None
    horizon: str | None
    holds_rows: bool


def readings(connection: sa.Connection, dataset: Dataset) -> dict[str, dict[str, Reading]]:
    """Period -> unit -> how its cell stood at the source when last looked at."""
    rows = connection.execute(
        sa.text("""select period, unit_code, source_digest, source_horizon, rows_received > 0 as holds_rows from ops.cells
            where source = :source and dataset = :dataset"""),
        {"source": dataset.source.name, "dataset": dataset.name},
    )
    found: dict[str, dict[str, Reading]] = {}
    for r in rows:
        found.setdefault(r.period, {})[r.unit_code] = Reading(r.source_digest, r.source_horizon, r.holds_rows)
    return found


def pulls_of(connection: sa.Connection, dataset: Dataset, period: str, unit: str) -> list[int]:
    """The pulls whose raw makes up a cell: its last whole one, and the increments after it; by number."""
    rows = connection.execute(
        sa.text("""
            with mine as (select id, kind from ops.pulls where source = :source and dataset = :dataset and period = :period
                and kind <> 'look' and (units is null or :unit = any(units)))
            select id from mine where id >= coalesce((select max(id) from mine where kind = 'whole'), 0) order by id"""),
        {"source": dataset.source.name, "dataset": dataset.name, "period": period, "unit": unit},
    )
    return list(rows.scalars())


def files_of_all(connection: sa.Connection, dataset: Dataset, period: str) -> list[RawFile] | None:
    """The raw files that hold every row that may be held of a period; None where no pull of all its cells is known."""
    rows = connection.execute(
        sa.text("""
            with mine as (select * from ops.pulls where source = :source and dataset = :dataset and period = :period
                and kind <> 'look')
            select path, sha256, rows from mine where id >= (select max(id) from mine where kind = 'whole' and units is null)
            order by id"""),
        {"source": dataset.source.name, "dataset": dataset.name, "period": period},
    )
    return [RawFile(r.path, r.sha256, r.rows) for r in rows] or None


def mark_checked(
    connection: sa.Connection,
    dataset: Dataset,
    periods: Collection[str],
    now: dt.datetime,
    seen: Mapping[str, str],
    horizon: str | None,
    behind: Collection[str] = (),
) -> None:
    """Keep when the cells of some periods were looked at, and the digests of those found equal (of units of a single one).

    `horizon`: of a look at all of them. What is held of a refused cell, or of one with rows waiting, cannot be told by what
    changed at the source alone; and without the sum of its keys no increment to it could be proved. `behind`: units whose
    changes are not loaded yet, which must be found again if this run ends before they are.
    """
    if UNKNOWN_UNIT in seen:  # rows that the source codes wrongly may all be placed once read: else they would be new each night
        connection.execute(
            sa.text("""insert into ops.cells (source, dataset, period, unit_code, status, expected)
                select :source, :dataset, unnest(cast(:periods as text[])), :unknown, 'initial', false
                on conflict (source, dataset, period, unit_code) do nothing"""),
            {"source": dataset.source.name, "dataset": dataset.name, "periods": list(periods), "unknown": UNKNOWN_UNIT},
        )
    connection.execute(
        sa.text("""
            update ops.cells c set checked_at = :now, source_digest = coalesce(s.digest, c.source_digest),
                source_horizon = case
                    when c.last_outcome = 'refused' or c.rows_waiting > 0 or c.rows_received > 0 and c.key_sum is null then null
                    when c.unit_code = any(:behind) then c.source_horizon else coalesce(:horizon, c.source_horizon) end
            from ops.cells o left join unnest(cast(:units as text[]), cast(:digests as text[])) as s (unit, digest)
                on s.unit = o.unit_code
            where o.source = :source and o.dataset = :dataset and o.period = any(:periods) and c.source = o.source
                and c.dataset = o.dataset and c.period = o.period and c.unit_code = o.unit_code"""),
        {
            "now": now,
            "source": dataset.source.name,
            "dataset": dataset.name,
            "periods": list(periods),
            "units": list(seen),
            "digests": list(seen.values()),
            "horizon": horizon,
            "behind": list(behind),
        },
    )


def record_key_sums(connection: sa.Connection, dataset: Dataset, period: str, sums: Mapping[str, int | None]) -> None:
    """Of cells whose content stayed: the source may have come to spell its keys otherwise."""
    connection.execute(
        sa.text("""
            update ops.cells c set key_sum = s.total
            from unnest(cast(:units as text[]), cast(:totals as numeric[])) as s (unit, total)
            where source = :source and dataset = :dataset and period = :period and unit_code = s.unit
                and key_sum is distinct from s.total"""),
        {
            "source": dataset.source.name,
            "dataset": dataset.name,
            "period": period,
            "units": list(sums),
            "totals": list(sums.values()),
        },
    )


def record_waiting(connection: sa.Connection, dataset: Dataset, period: str, unit: str, rows: int) -> None:
    """A locked cell whose source moved: counted and shown, loaded only by a manual run."""
    connection.execute(
        sa.text("""update ops.cells set rows_waiting = :rows where source = :source and dataset = :dataset
            and period = :period and unit_code = :unit and rows_waiting is distinct from :rows"""),
        {"rows": rows, "source": dataset.source.name, "dataset": dataset.name, "period": period, "unit": unit},
    )
