"""Which cells are expected, and the status and maturity of each: both follow from its arrivals, here and nowhere else.

`judged` derives them from `ops.arrivals`, the calendar and the clock; `refresh` writes them into `ops.cells`, and run again it
changes nothing. What arrives is written by cells.py, when each dataset was read by dataset_pulls.py.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from resources.clock import ZONE
from schemas import calendar, units
from schemas.dataset import NO_ROW, PROVINCE, UNKNOWN_UNIT, Dataset
from schemas.registry import DATASETS


def end_of_day(day: dt.date) -> dt.datetime:
    """The instant at which a day ends in the province: a due day counts until then."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZONE).astimezone(dt.UTC)


def has_passed(day: dt.date | None, now: dt.datetime) -> bool:
    """Whether a day is over. None stands for no such day, which is never over."""
    return day is not None and now > end_of_day(day)


def expected_units(dataset: Dataset, period: str, today: dt.date) -> tuple[str, ...]:
    """The units that owe a cell: those valid on the period's last day, for a register on the clock's day."""
    if dataset.by_province:
        return (PROVINCE,)
    last = today if period == calendar.REGISTER else calendar.span(period)[1]
    return tuple(u.code for u in units.submitting_units(last))


def owed(dataset: Dataset, today: dt.date) -> dict[str, tuple[str, ...]]:
    """Period -> the units that owe a cell in it, of every period that has begun."""
    return {period: expected_units(dataset, period, today) for period in calendar.started(dataset, today)}


class Cells(NamedTuple):
    """Where cells are read from: a WITH clause that ends in `cells`, and what it takes."""

    clause: str
    values: Mapping[str, object]


STORED = Cells("with cells as (select * from ops.cells)", {})


def judged(now: dt.datetime, datasets: Iterable[Dataset] = DATASETS) -> Cells:
    """The cells of these datasets as they stand now, expected ones too. For readers who must not write: no refresh is needed."""
    today = now.astimezone(ZONE).date()
    expected: list[tuple[str, str, str, str, dt.datetime | None, dt.datetime | None]] = []
    for dataset in datasets:
        for period, owing in owed(dataset, today).items():
            due, lock = calendar.due_day(dataset, period), calendar.locked_day(dataset, period)
            ends = (end_of_day(due) if due else None, end_of_day(lock) if lock else None)
            expected += [(dataset.source.name, dataset.name, period, unit, *ends) for unit in owing]
    columns = zip(*expected, strict=True) if expected else ((),) * 6
    values = dict(zip(("sources", "datasets", "periods", "units", "dues", "locks"), map(list, columns), strict=True))
    return Cells(_JUDGED, values | {"names": [d.id for d in datasets], "now": now, "unknown": UNKNOWN_UNIT})


def refresh(connection: sa.Connection, now: dt.datetime, datasets: Iterable[Dataset] = DATASETS) -> None:
    """Bring every expected cell of these datasets to the status that follows from its arrivals and the clock."""
    cells = judged(now, tuple(datasets))
    connection.execute(
        sa.text(f"""{cells.clause}, added as (
                insert into ops.cells (source, dataset, period, unit_code, status, maturity, due_at, locked_at)
                select source, dataset, period, unit_code, status, maturity, due_at, locked_at from cells where is_new
                on conflict (source, dataset, period, unit_code) do nothing
            )
            update ops.cells c set status = j.status, maturity = j.maturity, due_at = j.due_at, locked_at = j.locked_at
            from cells j
            where (c.source, c.dataset, c.period, c.unit_code) = (j.source, j.dataset, j.period, j.unit_code)
                and (c.status, c.maturity, c.due_at, c.locked_at) is distinct from (j.status, j.maturity, j.due_at, j.locked_at)
        """),
        cells.values,
    )


# The calendar may be amended after a period has begun, as the days off around New Year are: its due days win over those that are kept.
_JUDGED = """
    with expected as (
        select * from unnest(cast(:sources as text[]), cast(:datasets as text[]), cast(:periods as text[]),
            cast(:units as text[]), cast(:dues as timestamptz[]), cast(:locks as timestamptz[]))
            as e (source, dataset, period, unit_code, due, lock)
    ), marked as (
        select source, dataset, period, unit_code, c.status is null as is_new, c.last_outcome, c.first_received_at,
            c.last_received_at, c.has_mark, s.first_pull_at,
            case when e.source is null then c.due_at else e.due end as due_at,
            case when e.source is null then c.locked_at else e.lock end as locked_at,
            coalesce(c.rows_received, 0) as rows_received, coalesce(c.rows_accepted, 0) as rows_accepted,
            coalesce(c.rows_rejected, 0) as rows_rejected, coalesce(c.rows_warned, 0) as rows_warned,
            coalesce(c.rows_repaired, 0) as rows_repaired, coalesce(c.rows_waiting, 0) as rows_waiting
        from (select * from ops.cells where source || '.' || dataset = any(:names)) c
            full join expected e using (source, dataset, period, unit_code) left join ops.datasets s using (source, dataset)
    ), cells as (
        select *,
            case
                when unit_code = :unknown then 'initial'
                when first_received_at is not null and due_at is null then 'initial' -- a register, or a period without a due day
                when last_outcome = 'empty_declared' then 'empty_declared'
                when first_received_at is not null and due_at < first_pull_at and not has_mark then 'initial'
                when first_received_at <= due_at then 'on_time'
                when first_received_at is not null then 'late'
                when last_outcome = 'refused' then 'refused'
                when due_at <= :now then 'missing'
                else 'not_due'
            end as status,
            case
                when first_received_at is null or due_at is null or due_at > :now then 'provisional'
                when last_outcome = 'refused' then 'provisional' -- what it holds is not what was sent last
                -- what was accepted after the due day, beside what stood on it: the last before, else the first after
                when (select bool_or(a.loaded_at > m.due_at and a.content_hash <> a.stood) from (
                    select loaded_at, content_hash, first_value(content_hash) over (
                        order by loaded_at > m.due_at, case when loaded_at > m.due_at then id else -id end) as stood
                    from ops.arrivals f where f.source = m.source and f.dataset = m.dataset and f.period = m.period
                        and f.unit_code = m.unit_code and f.outcome <> 'refused') a) then 'corrected'
                else 'final'
            end as maturity
        from marked m
    )"""


def count_remarks(connection: sa.Connection, source: str) -> None:
    """Count the warned and the repaired rows of each cell of a source into `ops.cells`. A remark on the cell as a whole counts no row."""
    connection.execute(
        sa.text("""
            with counted as (
                select dataset, period, unit_code,
                    count(distinct row_key) filter (where kind = 'warning') as warned,
                    count(distinct row_key) filter (where kind = 'repaired') as repaired
                from quarantine.remarks where source = :source and resolved_at is null and row_key <> :no_row group by 1, 2, 3
            )
            update ops.cells c set rows_warned = coalesce(n.warned, 0), rows_repaired = coalesce(n.repaired, 0)
            from ops.cells k left join counted n using (dataset, period, unit_code)
            where k.source = :source and c.source = k.source and c.dataset = k.dataset and c.period = k.period
                and c.unit_code = k.unit_code
                and (c.rows_warned, c.rows_repaired) is distinct from (coalesce(n.warned, 0), coalesce(n.repaired, 0))
        """),
        {"source": source, "no_row": NO_ROW},
    )


def cells_beside(connection: sa.Connection, source: str) -> int:
    """How many cells hold what came as a file beside the main road."""
    query = sa.text("select count(*) from ops.cells where source = :source and came_beside")
    return connection.execute(query, {"source": source}).scalar_one()


def newest_arrivals(which: str) -> str:
    """A relation: of each cell of `:source` and `:dataset` the newest of the arrivals that meet a condition."""
    return f"""(select distinct on (period, unit_code) * from ops.arrivals
        where source = :source and dataset = :dataset and {which} order by period, unit_code, id desc)"""


def refused_cells(connection: sa.Connection, source: str, dataset: str | None = None) -> Sequence[sa.Row]:
    """Cells whose latest arrival was refused, with its rows and its reason: dataset, period, unit_code, rows_received, reason."""
    return connection.execute(
        sa.text("""select c.dataset, c.period, c.unit_code, a.rows_received, a.reason
            from ops.cells c, lateral (select * from ops.arrivals a where a.source = c.source and a.dataset = c.dataset
                and a.period = c.period and a.unit_code = c.unit_code order by a.id desc limit 1) a
            where c.source = :source and c.dataset = coalesce(:dataset, c.dataset) and c.last_outcome = 'refused'
            order by 1, 2, 3"""),
        {"source": source, "dataset": dataset},
    ).all()


def expect_nothing(connection: sa.Connection, sources: Iterable[str]) -> None:
    """Remove the cells that sources without an address were once expected to fill and never did: nobody owes them now."""
    connection.execute(
        sa.text("delete from ops.cells where source = any(:sources) and first_received_at is null and last_outcome is null"),
        {"sources": list(sources)},
    )
