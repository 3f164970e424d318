"""What is asked of a PostgreSQL source, as SQL: where a row is placed, what its key is, which rows are meant. Nothing connects here."""

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cache

from resources.connectors.connector import Places
from schemas import calendar, units
from schemas.column import Column
from schemas.dataset import Dataset
from schemas.projections.postgres import literal
from schemas.roads import as_sql

Rows = Callable[[str], list[tuple]]  # the rows of a query


def selected(dataset: Dataset, period: str, today: dt.date, more: Sequence[str | None] = ()) -> str:
    """The where clause of a period's rows, with further conditions."""
    conditions = [c for c in (_in_period(dataset, period, today), *more) if c]
    return f" where {' and '.join(conditions)}" if conditions else ""


def _in_period(dataset: Dataset, period: str, today: dt.date) -> str | None:
    """What lies after the last period that has begun, or has no date, falls in that last one."""
    column = _placing(dataset)
    if column is None:
        return None
    first, last = calendar.span(period)
    if dataset.placed_by_year:
        low = high = str(first.year)
    else:
        low, high = f"date '{first}'", f"date '{last}'"
    if period == calendar.started(dataset, today)[-1]:
        return f"({column} >= {low} or {column} is null)"
    return f"{column} between {low} and {high}"


def beginning(dataset: Dataset) -> str:
    """The first day of a row's period (the year, where that is what stands there), as an expression."""
    column = _placing(dataset)
    if column is None or dataset.placed_by_year:
        return column or "null"
    unit = "quarter" if dataset.kind == "quarterly" else "month"
    # Python knows no day before year 1 or after 9999: the former is before every period, the latter counts as no date does.
    return f"case when {column} <= date '9999-12-31' then date_trunc('{unit}', greatest({column}, date '0001-01-01')::timestamp)::date end"


def by_place(dataset: Dataset, started: Sequence[str], versions: str, beside: str = "") -> str:
    """How the rows stand that begin on each day, by listed commune: where it begins, the commune, rows, sum of versions, and `beside`.

    What a source writes as commune codes and days is anything, and as much as it likes: only listed codes come over, and the days
    from the last period on, and those before the first, are one each.
    """
    column = _placing(dataset)
    if column is None:
        begins = "null"
    else:
        first, last = (calendar.span(period)[0] for period in (started[0], started[-1]))
        low, high = (first.year - 1, last.year) if dataset.placed_by_year else (f"date '{first}' - 1", f"date '{last}'")
        begins = f"greatest(least(begins, {high}), {low})::{'integer' if dataset.placed_by_year else 'date'}"
    given = "".join(f", string_agg({name}, '')" for name in ("keys", "changed")) if beside else ""
    return (
        f"select {begins}, case when place = any({array(_listed())}) then place end, sum(rows)::bigint, sum(versions)::text{given} "
        f"from (select {beginning(dataset)} as begins, {commune(dataset) or 'null'}::text as place, count(*) as rows, "
        f"{versions} as versions{beside} from {as_sql(dataset.road).relation} group by 1, 2) found group by 1, 2"
    )


@cache
def _listed() -> tuple[str, ...]:
    """The commune codes of all days."""
    return tuple(sorted({code for day in units.epoch_starts() for code in units.communes_on(day)}))


def period_that_begins(dataset: Dataset, begins: dt.date | int | None, started: Sequence[str]) -> str | None:
    """The period of rows that begin so, as `selected` places them: the last one where they are later or have no date, None where they are earlier."""
    if begins is None:
        return started[-1]
    day = dt.date(min(max(begins, 1), 9999), 1, 1) if isinstance(begins, int) else begins
    if day < calendar.span(started[0])[0]:
        return None
    return min(calendar.period_of(dataset.kind, day), started[-1])


def commune(dataset: Dataset) -> str | None:
    """The column of the commune code."""
    return named(dataset.column(dataset.commune)) if dataset.commune else None


def within(dataset: Dataset, places: Places | None) -> str | None:
    """The condition that a row is of these places."""
    column = commune(dataset)
    if places is None or column is None:
        return None
    return f"({column} = any({array(places.wanted)}) or {column} is null or {column} <> all({array(places.listed)}))"


def key(dataset: Dataset) -> str:
    """A row's key and commune as the source holds them, hashed there: what tells its rows apart before anything is read."""
    parts = [c for c in (commune(dataset), *(named(dataset.column(name)) for name in dataset.key)) if c]
    hashed = "0"
    for part in dict.fromkeys(parts):
        hashed = f"hashtextextended(coalesce({part}::text, chr(1)), {hashed})"
    return hashed


def columns(dataset: Dataset) -> str:
    """The declared columns, by the source's own names."""
    return ", ".join(named(c) for c in dataset.columns)


def received(dataset: Dataset, longest: int | None) -> str:
    """The same columns as they are asked for. `longest`: of a longer text only so much comes over as shows that it is too long (None: no limit).

    The server knows the length of a text without reading it. To ask for it costs 0.3 s for a million rows of 23 texts.
    """
    return ", ".join(
        f"{_text(named(c), longest)} as {named(c)}" if c.source_type == "text" else named(c) for c in dataset.columns
    )


def _text(column: str, longest: int | None) -> str:
    text = f"{column}::text"  # without the spaces that fill up a type of fixed length
    return f"case when octet_length({text}) > {longest} then left({text}, {longest + 1}) else {text} end" if longest else text


def array(values: Sequence[str]) -> str:
    return "array[" + ", ".join(literal(v) for v in values) + "]::text[]"


def _placing(dataset: Dataset) -> str | None:
    if dataset.placed_by is None:
        return None
    column = dataset.column(dataset.placed_by)
    name = named(column)
    if dataset.placed_by_year or column.source_type != "text":
        return name
    # A service's text, yyyyMMdd and a time. No text raises: what is no month has no day, and a day too many is one of the next month.
    month = f"to_date(left({name}, 6) || '01', 'YYYYMMDD') + (substr({name}, 7, 2)::integer - 1)"
    return f"(case when {name} ~ '^(19|20)[0-9][0-9](0[1-9]|1[0-2])[0-9][0-9]' then {month} end)"


def named(column: Column) -> str:
    """A column as SQL names it: services' names have capitals."""
    return '"{}"'.format(column.source_column.replace('"', '""'))
