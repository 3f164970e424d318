"""The rows of a cell in a source: which condition selects them, how many there are. Used by days and by faults."""

from psycopg2 import sql

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


def condition(dataset: Dataset, period: str, unit: str | None) -> sql.Composable:
    """What selects the rows of a cell, or of a period where no unit is named."""
    parts: list[sql.Composable] = [sql.SQL("true")]
    if period != calendar.REGISTER and dataset.placed_by:
        first, last = calendar.span(period)
        low, high = (first.year, last.year) if dataset.placed_by_year else (first, last)
        parts.append(
            sql.SQL("{} between {} and {}").format(
                sql.Identifier(dataset.column(dataset.placed_by).source_column), sql.Literal(low), sql.Literal(high)
            )
        )
    communes = communes_of(dataset, period, unit) if unit else None
    if communes is not None:
        parts.append(sql.SQL("{} = any({})").format(sql.Identifier(commune_column(dataset)), sql.Literal(communes)))
    return sql.SQL(" and ").join(parts)


def counts(cursor, dataset: Dataset, period: str) -> dict[str, int]:
    """Rows of each unit in a period, in one reading."""
    table = sql.Identifier(dataset.road.table)
    if dataset.by_province:
        cursor.execute(sql.SQL("select count(*) from {} where {}").format(table, condition(dataset, period, None)))
        return {PROVINCE: cursor.fetchone()[0]}
    column = sql.Identifier(commune_column(dataset))
    cursor.execute(
        sql.SQL("select {c}, count(*) from {t} where {w} group by 1").format(
            c=column, t=table, w=condition(dataset, period, None)
        )
    )
    by_commune = dict(cursor.fetchall())
    listed = units_of(dataset, period) if period != calendar.REGISTER else sorted(set(places().unit_2023.tolist()))
    return {unit: sum(by_commune.get(c, 0) for c in communes_of(dataset, period, unit) or ()) for unit in listed}
