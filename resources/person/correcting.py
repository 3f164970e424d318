"""A correction that a person asks for: kept, told to who owns the source, and flagged beside the row until the source's row changes.

The hub owns no row: it never writes a value that the source does not send.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from resources.person.digests import Person, Secret
from resources.settings import Settings
from resources.warehouse.persons import person_acts, person_corrections
from resources.warehouse.persons.person_acts import Act, Corrected, Wanted
from schemas import calendar
from schemas.column import Column
from schemas.dataset import Dataset
from schemas.persons import NUMBER, place_of

WORKING_DAYS = 2  # in which who asks is answered (NĐ 356/2025/NĐ-CP)


@dataclass(frozen=True)
class Row:
    """A current row whose field is to be corrected."""

    period: str
    unit_code: str
    row_key: str
    value: Any


def due_on(asked: dt.date) -> dt.date:
    day = asked
    for _ in range(WORKING_DAYS):
        day = calendar.next_working_day(day + calendar.ONE_DAY)
    return day


def rows_of(connection: sa.Connection, dataset: Dataset, column: Column, person: Person) -> list[Row]:
    place = place_of(dataset)
    if place is None:
        return []
    return [Row(*r) for r in person_corrections.current(connection, place, column.name, person.values)]


def ask(
    connection: sa.Connection,
    by: Secret,
    wanted: Wanted,
    dataset: Dataset,
    column: Column,
    rows: list[Row],
    number: str,
    now: dt.datetime,
    today: dt.date,
) -> list[Act]:
    """Keep the acts, one a row, and flag the rows."""
    acts = []
    for row in rows:
        corrected = Corrected(dataset.id, column.name, _row(by, dataset, row.row_key), _value(by, row.value), due_on(today))
        acts.append(person_acts.begin(connection, wanted, now, {(NUMBER, by.digest(NUMBER, number))}, corrected))
        person_corrections.flag(connection, dataset, column.name, (row.period, row.unit_code, row.row_key), now)
    person_corrections.count_again(connection, dataset.source.name)
    return acts


def settle_where_known(settings: Settings, connection: sa.Connection, now: dt.datetime) -> None:
    """What a load does: nothing where no correction waits, or where the secret is not at hand: the doctor tells of that."""
    if person_acts.waits_for_source(connection) and (key := settings.person_secret()) is not None:
        settle(connection, Secret(key), now)


def settle(connection: sa.Connection, by: Secret, now: dt.datetime) -> list[Act]:
    """End the corrections whose row changed at the source, or is gone, and take the flag away. Those that ended."""
    done = []
    flagged = person_corrections.flagged(connection)
    for act, row_digest, value_digest in person_acts.open_corrections(connection):
        mine = [
            f for f in flagged if (f.dataset, f.column) == (act.dataset, act.column) and _row(by, f.of, f.row_key) == row_digest
        ]
        if any(f.stands and _value(by, f.value) == value_digest for f in mine):
            continue
        person_acts.end(connection, act, now, {})
        person_corrections.unflag(connection, [f.id for f in mine], now)
        done.append(act)
    for source in {act.sources[0] for act in done}:
        person_corrections.count_again(connection, source)
    return done


def _row(by: Secret, dataset: Dataset, row_key: str) -> bytes:
    return by.digest(f"row of {dataset.id}", row_key)


def _value(by: Secret, value: Any) -> bytes:
    return by.digest("value", str(value))
