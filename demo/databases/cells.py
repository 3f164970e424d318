"""The rows of a cell in a source: which condition selects them, how many there are. Used by days and by faults."""

from typing import Any

from demo.databases.database import quoted
from demo.lives.deliveries import units_of
from demo.people.places import places
from schemas import calendar
from schemas.dataset import PROVINCE, Dataset


def communes_of(dataset: Dataset, period: str, unit: str) -> list[str] | None:
    """The commune codes that belong to a unit in a period; None for the whole province."""
    if dataset.by_province or unit == PROVINCE:
        return None
    where = places()
    late = period != calendar.REGISTER and calendar.span(period)[1].isoformat() >= "2024-12-01"
    of = where.unit_2024 if late else where.unit_2023
    return where.codes[of == unit].tolist()


def commune_column(dataset: Dataset) -> str:
    assert dataset.commune is not None
    return dataset.column(dataset.commune).source_column


def condition(dataset: Dataset, period: str, unit: str | None) -> tuple[str, list[object]]:
    """What selects the rows of a cell, or of a period where no unit is named, and its values."""
    parts, values = ["true"], []
    if period != calendar.REGISTER and dataset.placed_by:
        first, last = calendar.span(period)
        column = dataset.column(dataset.placed_by)
        name = quoted(column.source_column)
        if dataset.placed_by_year:
            values += [first.year, last.year]
        elif column.source_type == "text":  # yyyyMMdd and a time, whose days stand in the order of their letters
            name = f"left({name}, 8)"
            values += [f"{first:%Y%m%d}", f"{last:%Y%m%d}"]
        else:
            values += [first, last]
        parts.append(f"{name} between %s and %s")
    communes = communes_of(dataset, period, unit) if unit else None
    if communes is not None:
        parts.append(f"{quoted(commune_column(dataset))} in ({', '.join(['%s'] * len(communes))})" if communes else "false")
        values += communes
    return " and ".join(parts), values


def counts(cursor: Any, dataset: Dataset, period: str) -> dict[str, int]:
    """Rows of each unit in a period, in one reading."""
    where, values = condition(dataset, period, None)
    table = quoted(dataset.road.at_source)
    if dataset.by_province:
        cursor.execute(f"select count(*) from {table} where {where}", values)
        return {PROVINCE: cursor.fetchone()[0]}
    column = quoted(commune_column(dataset))
    cursor.execute(f"select {column}, count(*) from {table} where {where} group by {column}", values)
    by_commune = dict(cursor.fetchall())
    listed = units_of(dataset, period) if period != calendar.REGISTER else sorted(set(places().unit_2023.tolist()))
    return {unit: sum(by_commune.get(c, 0) for c in communes_of(dataset, period, unit) or ()) for unit in listed}
