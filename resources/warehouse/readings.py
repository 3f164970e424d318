"""How the cells stood at their source when last looked at, and what was pulled of them: what a night goes by."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from resources.raw_store import RawFile
from schemas.dataset import UNKNOWN_UNIT, Dataset


@dataclass(frozen=True)
class Reading:
    """How a cell stood when it was last read by a road, what judged its rows, and up to where changes are in what is held."""

    stands: str | None
    judged_by: str | None
    bookmark: str | None
    holds_rows: bool
    has_waiting: bool  # of what it stood like, not all was loaded


def readings(connection: sa.Connection, dataset: Dataset, road: str) -> dict[str, dict[str, Reading]]:
    """Period -> unit -> how its cell stood when it was last read by a road."""
    rows = connection.execute(
        sa.text("""select c.period, c.unit_code, r.stands, r.judged_by, r.bookmark, c.rows_received > 0 as holds_rows,
                c.rows_waiting > 0 as has_waiting
            from ops.cells c left join ops.readings r on r.source = c.source and r.dataset = c.dataset and r.period = c.period
                and r.unit_code = c.unit_code and r.road = :road
            where c.source = :source and c.dataset = :dataset"""),
        {"source": dataset.source.name, "dataset": dataset.name, "road": road},
    )
    found: dict[str, dict[str, Reading]] = {}
    for r in rows:
        reading = Reading(r.stands, r.judged_by, r.bookmark, r.holds_rows, r.has_waiting)
        found.setdefault(r.period, {})[r.unit_code] = reading
    return found


@dataclass(frozen=True)
class Chain:
    """The raw files that make up some cells: their last whole pull, and the increments after it."""

    units: frozenset[str]
    files: tuple[RawFile, ...]
    last_pull: int
    pulled_at: dt.datetime


def chains(connection: sa.Connection, dataset: Dataset, period: str, units: Collection[str]) -> list[Chain]:
    """The chains of these units of a period; those of which nothing was ever pulled are in none."""
    pulls = connection.execute(
        sa.text("""
            with mine as (
                select u.unit, p.id, p.kind from unnest(cast(:wanted as text[])) as u (unit) join ops.pulls p
                    on p.source = :source and p.dataset = :dataset and p.period = :period and p.kind <> 'look'
                        and (p.units is null or u.unit = any(p.units))
            ), chained as (
                select unit, array_agg(id order by id) as pulls from mine m
                where id >= coalesce((select max(id) from mine w where w.unit = m.unit and w.kind = 'whole'), 0) group by 1
            )
            select array_agg(unit) as units, pulls from chained group by pulls order by pulls"""),
        {"source": dataset.source.name, "dataset": dataset.name, "period": period, "wanted": sorted(units)},
    ).all()
    found = []
    for row in pulls:
        files = connection.execute(
            sa.text("select path, sha256, rows, pulled_at from ops.pulls where id = any(:ids) order by id"), {"ids": row.pulls}
        ).all()
        raw = tuple(RawFile(f.path, f.sha256, f.rows) for f in files)
        found.append(Chain(frozenset(row.units), raw, row.pulls[-1], files[-1].pulled_at))
    return found


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


@dataclass(frozen=True)
class Seen:
    """What a run saw of a period by one road.

    `stands`: of the units that it read or judged, how they stand; `bookmark`: of a look at all units of the period; `behind`:
    units whose changes are not loaded yet, which must be found again if this run ends before they are.
    """

    road: str
    judged_by: str | None = None
    bookmark: str | None = None
    stands: Mapping[str, str] = field(default_factory=dict)
    behind: Collection[str] = ()


def mark_checked(connection: sa.Connection, dataset: Dataset, periods: Collection[str], now: dt.datetime, seen: Seen) -> None:
    """Keep when the cells of some periods were looked at, and how those stand that were found equal (units of a single period).

    What is held of a refused cell, or of one with rows waiting, cannot be told by what changed at the source alone; and without
    the sum of its keys no increment to it could be proved: these have no bookmark.
    """
    where = {"source": dataset.source.name, "dataset": dataset.name, "periods": list(periods), "road": seen.road}
    if (
        UNKNOWN_UNIT in seen.stands
    ):  # rows that the source codes wrongly may all be placed once read: else they would be new each night
        connection.execute(
            sa.text("""insert into ops.cells (source, dataset, period, unit_code, status, expected)
                select :source, :dataset, unnest(cast(:periods as text[])), :unknown, 'initial', false
                on conflict (source, dataset, period, unit_code) do nothing"""),
            where | {"unknown": UNKNOWN_UNIT},
        )
    connection.execute(
        sa.text("""update ops.cells set checked_at = :now
            where source = :source and dataset = :dataset and period = any(:periods)"""),
        where | {"now": now},
    )
    connection.execute(
        sa.text("""
            with looked_at as (
                select c.*, s.stands, c.last_outcome = 'refused' or c.rows_waiting > 0
                    or c.rows_received > 0 and c.key_sum is null as unproved
                from ops.cells c left join unnest(cast(:units as text[]), cast(:stands as text[])) as s (unit, stands)
                    on s.unit = c.unit_code
                where c.source = :source and c.dataset = :dataset and c.period = any(:periods)
            ), changed as (
                update ops.readings r set stands = coalesce(l.stands, r.stands),
                    judged_by = case when l.stands is null then r.judged_by else :judged_by end,
                    bookmark = case when unproved is true then null
                        when l.unit_code = any(:behind) then r.bookmark else coalesce(:bookmark, r.bookmark) end
                from looked_at l where r.source = l.source and r.dataset = l.dataset and r.period = l.period
                    and r.unit_code = l.unit_code and r.road = :road
            )
            insert into ops.readings (source, dataset, period, unit_code, road, stands, judged_by, bookmark)
            select source, dataset, period, unit_code, :road, stands, case when stands is not null then :judged_by end,
                case when unproved is not true and unit_code <> all(:behind) then :bookmark end
            from looked_at l where not exists (select from ops.readings r where r.source = l.source and r.dataset = l.dataset
                and r.period = l.period and r.unit_code = l.unit_code and r.road = :road)"""),
        where
        | {
            "units": list(seen.stands),
            "stands": list(seen.stands.values()),
            "judged_by": seen.judged_by,
            "bookmark": seen.bookmark,
            "behind": list(seen.behind),
        },
    )


def judged_again(connection: sa.Connection, dataset: Dataset, period: str, units: Collection[str], judged_by: str) -> None:
    """Keep by what cells were judged again from raw. Where rows wait, raw is not what the source last had: it is read again."""
    connection.execute(
        sa.text("""update ops.readings r set judged_by = :judged_by, stands = case when c.rows_waiting = 0 then r.stands end
            from ops.cells c where r.source = :source and r.dataset = :dataset and r.period = :period and r.unit_code = any(:units)
                and c.source = r.source and c.dataset = r.dataset and c.period = r.period and c.unit_code = r.unit_code"""),
        {
            "source": dataset.source.name,
            "dataset": dataset.name,
            "period": period,
            "units": list(units),
            "judged_by": judged_by,
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
