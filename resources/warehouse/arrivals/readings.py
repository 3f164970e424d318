"""Readings: `ops.readings`, how each cell stood when a road last read it, what judged it, and where its next changes begin."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from resources.warehouse.naming import named
from schemas.dataset import Dataset


@dataclass(frozen=True)
class Reading:
    """How a cell stood when a road last read it."""

    stands: str | None  # its standing at the source; None: it has to be read again
    judged_by: str | None  # the rules and lists that judged its rows
    bookmark: str | None  # up to there the source's changes are in what is held
    holds_rows: bool
    has_waiting: bool  # rows of the main road wait: not all that stood there was loaded
    came_beside: bool = False  # what is held came in a file beside the main road


@dataclass(frozen=True)
class Seen:
    """What a run saw of a period."""

    judged_by: str | None = None
    bookmark: str | None = None  # of a look at all units of the period
    stands: Mapping[str, str] = field(default_factory=dict)  # how the units stand that were read or judged
    behind: Collection[str] = ()  # units whose changes are not loaded yet: the next run must find them, if this one ends before
    judged_again: Collection[str] = ()  # units that were judged from raw, without asking the source how they stand


def last(engine: sa.Engine, dataset: Dataset, road: str) -> dict[str, dict[str, Reading]]:
    """Period -> unit -> how its cell stood when it was last read by this road."""
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("""select c.period, c.unit_code, r.stands, r.judged_by, r.bookmark, c.rows_received > 0 as holds_rows,
                    c.rows_waiting > 0 as has_waiting, c.came_beside
                from ops.cells c left join ops.readings r on r.source = c.source and r.dataset = c.dataset
                    and r.period = c.period and r.unit_code = c.unit_code and r.road = :road
                where c.source = :source and c.dataset = :dataset"""),
            named(dataset) | {"road": road},
        ).all()
    found: dict[str, dict[str, Reading]] = {}
    for r in rows:
        reading = Reading(r.stands, r.judged_by, r.bookmark, r.holds_rows, r.has_waiting, r.came_beside)
        found.setdefault(r.period, {})[r.unit_code] = reading
    return found


def bookmarks(readings: Mapping[str, Mapping[str, Reading]]) -> frozenset[str] | None:
    """The bookmarks of all cells; None where a cell has none, since then nobody can tell what changed."""
    kept = [reading.bookmark for units in readings.values() for reading in units.values()]
    found = frozenset(bookmark for bookmark in kept if bookmark is not None)
    return found if None not in kept else None


def keep(connection: sa.Connection, dataset: Dataset, road: str, periods: Collection[str], seen: Seen) -> None:
    """Keep how the cells stand that a run has read or judged, and up to where the source's changes are in what is held of them."""
    connection.execute(
        sa.text(_STANDS),
        named(dataset)
        | {
            "periods": list(periods),
            "road": road,
            "units": list(seen.stands),
            "stands": list(seen.stands.values()),
            "judged_by": seen.judged_by,
            "bookmark": seen.bookmark,
            "behind": list(seen.behind),
        },
    )


def judged_again(connection: sa.Connection, dataset: Dataset, period: str, seen: Seen) -> None:
    """Keep by what cells were judged from raw. Where rows wait, raw is not what the source last had: such a cell is read again."""
    connection.execute(
        sa.text("""update ops.readings r set judged_by = :judged_by, stands = case when c.rows_waiting = 0 then r.stands end
            from ops.cells c where r.source = :source and r.dataset = :dataset and r.period = :period
                and r.unit_code = any(:units) and c.source = r.source and c.dataset = r.dataset and c.period = r.period
                and c.unit_code = r.unit_code"""),
        named(dataset) | {"period": period, "units": list(seen.judged_again), "judged_by": seen.judged_by},
    )


def distrust_other_roads(
    connection: sa.Connection, dataset: Dataset, road: str, period: str, units: Sequence[str], *, is_beside: bool
) -> None:
    """Have the other roads read these cells again, since what they last read is no longer what is held.

    A road that had nothing of a cell need not look again. Nor need the main road after a load beside it (`is_beside`): by how the cell
    stood there it tells whether its own rows have moved since.
    """
    distrusted = "bookmark = null" if is_beside else "stands = null, bookmark = null"
    connection.execute(
        sa.text(f"""update ops.readings set {distrusted} where source = :source and dataset = :dataset
            and period = :period and unit_code = any(:units) and road <> :road and right(stands, 1) <> '-'"""),
        named(dataset) | {"period": period, "units": list(units), "road": road},
    )


def read_again(connection: sa.Connection, dataset: Dataset, period: str, units: Sequence[str], road: str | None = None) -> None:
    """Have a road, or every one, read these cells whole the next time, though nothing moved."""
    connection.execute(
        sa.text("""update ops.readings set stands = null, bookmark = null where source = :source and dataset = :dataset
            and period = :period and unit_code = any(:units) and road = coalesce(:road, road)"""),
        named(dataset) | {"period": period, "units": list(units), "road": road},
    )


# A cell gets no bookmark where changes alone would not do: it was refused, rows of it wait, or the sum of its keys is unknown, without which
# no increment to it can be proved.
_STANDS = """
    with looked_at as (
        select c.*, s.stands,
            c.last_outcome = 'refused' or c.rows_waiting > 0 or c.rows_received > 0 and c.key_sum is null as unproved
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
    from looked_at l where (stands is not null or :bookmark is not null) and not exists (select from ops.readings r
        where r.source = l.source and r.dataset = l.dataset and r.period = l.period and r.unit_code = l.unit_code
            and r.road = :road)"""
