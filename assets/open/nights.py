"""A night's step before publishing: which rows of the open tables may be read anew now. Only instants are written.

What a run by hand has to wait for is told from the same state.
"""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import astuple, dataclass

import sqlalchemy as sa

from assets.open import instants
from assets.open.figures import movers, snapshot
from assets.open.instants import Instant
from assets.open.tables import cell_of, releasable, rows_of, stored_period
from resources.clock import ZONE
from resources.locks import only_one
from resources.warehouse.arrivals import dataset_pulls
from resources.warehouse.published import open_instants
from resources.warehouse.published.open_instants import Standing
from schemas import calendar
from schemas.dataset import Dataset

Key = tuple[str, str]  # period, unit


@dataclass(frozen=True)
class Waiting:
    """What a period holds back: of so many units something came that is not shown before a day."""

    units: int
    until: dt.date


def kept(connection: sa.Connection, dataset: Dataset) -> dict[Key, Instant]:
    return {key: Instant(*values) for key, values in open_instants.instants(connection, dataset).items()}


def advance(
    engine: sa.Engine, datasets: Sequence[Dataset], periods: Collection[str] | None, clock: Callable[[], dt.datetime]
) -> None:
    """Set the instants of this night, all of a dataset at once. A second time on the same night it changes nothing.

    `periods` None: all. The system's loads are waited for: what one of them writes late would carry an earlier instant. The clock
    is read once that is over: what they wrote meanwhile carries a later instant than any that was read before.
    """
    for dataset in datasets:
        with only_one(engine, f"source.{dataset.source.name}"):
            now = clock()
            with snapshot(engine) as connection:
                found = _advanced(connection, dataset, periods, now)
            with engine.begin() as connection:
                open_instants.keep(connection, dataset, {key: astuple(instant) for key, instant in found.items()})


def _advanced(
    connection: sa.Connection, dataset: Dataset, periods: Collection[str] | None, now: dt.datetime
) -> dict[Key, Instant]:
    cells, standing = open_instants.cells(connection, dataset), kept(connection, dataset)
    may_enter = _entrance(connection, dataset, now)
    found: dict[Key, Instant] = {}
    for period in _periods(dataset, periods, now):
        looked: dict[str, Instant] = {}
        for unit in rows_of(dataset, period):
            cell = cells.get((stored_period(dataset, period), cell_of(dataset, unit.code)))
            instant = standing.get((period, unit.code))
            if instant is not None and instants.may_move(dataset, period, instant, now):
                looked[unit.code] = instant
            elif instant is None and cell is not None and may_enter(cell):
                found[period, unit.code] = instants.first(now)
        changed = {
            unit: instant.as_of
            for unit, instant in looked.items()
            if (cell := cells.get((stored_period(dataset, period), cell_of(dataset, unit)))) and _changed_since(cell, instant)
        }
        by_table = {t.name: movers(connection, dataset, t, period, changed, now) if changed else {} for t in dataset.open_tables}
        for unit, instant in looked.items():
            found[period, unit] = instants.moved(instant, {name: who.get(unit, 0) for name, who in by_table.items()}, now)
    return found


def _periods(dataset: Dataset, periods: Collection[str] | None, now: dt.datetime) -> list[str]:
    """The periods of a run that may enter or move. A register's cell is asked for as `now`: the month of the clock shows it."""
    due = releasable(dataset, now.astimezone(ZONE).date())
    return [p for p in due if periods is None or p in periods or stored_period(dataset, p) in periods]


def _entrance(connection: sa.Connection, dataset: Dataset, now: dt.datetime) -> Callable[[Standing], bool]:
    """Whether a cell lets its row enter the tables. A register shows the month in which it was read, and whole."""
    if dataset.kind != "register":
        return lambda cell: cell.is_reported
    month, read = now.astimezone(ZONE).date().replace(day=1), dataset_pulls.last_read(connection, dataset)
    is_read = read is not None and read.astimezone(ZONE).date() >= month
    return lambda cell: is_read and cell.is_reported and not cell.is_refused


def _changed_since(cell: Standing, instant: Instant) -> bool:
    return cell.changed_at is not None and cell.changed_at > instant.as_of


def waiting(connection: sa.Connection, dataset: Dataset, now: dt.datetime) -> dict[str, Waiting]:
    """Period -> what it holds back now, for the periods that hold anything back."""
    cells, standing = open_instants.cells(connection, dataset), kept(connection, dataset)
    may_enter, today = _entrance(connection, dataset, now), now.astimezone(ZONE).date()
    found = {}
    for period in releasable(dataset, today):
        until: list[dt.date] = []
        for unit in rows_of(dataset, period):
            cell = cells.get((stored_period(dataset, period), cell_of(dataset, unit.code)))
            instant = standing.get((period, unit.code))
            if cell is None:
                continue
            if instant is None and may_enter(cell):
                until.append(today + calendar.ONE_DAY)
            elif instant is not None and dataset.kind != "register" and _changed_since(cell, instant):
                revision = instants.next_revision(dataset, period, instant.looked_at)
                until.append(max(revision.astimezone(ZONE).date(), today))
        if until:
            found[period] = Waiting(len(until), min(until))
    return found
