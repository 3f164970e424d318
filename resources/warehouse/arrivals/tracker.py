"""The tracker of submissions for those who only read it: questions to `ops.cells` and `ops.arrivals`.

What a cell's status follows from stands in ledger.py.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.cells import FROM_RAW
from resources.warehouse.arrivals.ledger import STORED, Cells
from resources.warehouse.naming import named
from resources.warehouse.void_cells import is_void
from schemas import calendar
from schemas.dataset import Dataset

STATUS_TITLES = {
    "not_due": "chưa đến hạn",
    "missing": "thiếu",
    "on_time": "đúng hạn",
    "late": "muộn",
    "refused": "bị từ chối",
    "empty_declared": "báo không phát sinh",
    "initial": "có từ trước",
}


@dataclass(frozen=True)
class Overdue:
    """A cell that is past its due day, and of which nothing was ever sent."""

    period: str
    unit: str
    due: dt.date

    def days(self, today: dt.date) -> int:
        return (today - self.due).days


@dataclass(frozen=True)
class Held:
    """The rows of a dataset's cells, as they stand."""

    received: int
    warned: int
    waiting: int  # in locked periods, for a run by hand: at the source, and of files


@dataclass(frozen=True)
class Counted:
    """How a cell stands for a form that counts its rows."""

    status: str
    is_refused: bool  # its last arrival was refused: what it holds is not what was sent last
    is_void: bool  # rows came, and every one was set aside: nothing in it is no zero
    held_at: dt.datetime | None  # the instant up to which what it holds can speak; None: nothing whole was ever accepted
    changed_at: dt.datetime | None
    rows: int
    content: str | None  # the sum of its rows' hashes


def cells(
    connection: sa.Connection, sources: Iterable[str], period: str | None = None, among: Cells = STORED
) -> list[dict[str, Any]]:
    """Every cell of these sources as `ansinh status --json` prints it, by source, dataset, period and unit.

    `dataset_rows_before_first` is of the whole dataset: rows that are dated before its first period, and so are of no cell.
    """
    rows = connection.execute(
        sa.text(f"""{among.clause}
            select source, dataset, period, unit_code, status, last_outcome, due_at, locked_at, first_received_at,
            last_received_at, rows_received, rows_accepted, rows_rejected, rows_warned, rows_repaired,
            rows_waiting + coalesce(rows_of_files, 0) as rows_waiting,
            maturity, coalesce(rows_before_first, 0) as dataset_rows_before_first
            from cells left join ops.datasets using (source, dataset)
                left join {deliveries.WAITING} w using (source, dataset, period, unit_code)
            where source = any(:of) and (cast(:period as text) is null or period = :period)
            order by source, dataset, period, unit_code"""),
        {**among.values, "of": list(sources), "period": period},
    )
    return [dict(row) for row in rows.mappings()]


def counted(connection: sa.Connection, dataset: Dataset, period: str) -> dict[str, Counted]:
    """Unit -> how its cell of a period stands.

    What was judged again from raw is as old as the arrival that brought it. A patch does not count: it mends single rows, and says nothing
    of the others.
    """
    rows = connection.execute(
        sa.text(f"""
            select c.unit_code, c.status, c.last_outcome is not distinct from 'refused' as is_refused, {is_void("c")} as is_void,
                (select max(brought_at) filter (where outcome <> 'refused') from (
                    select outcome, max(received_at) filter (where road <> :from_raw) over (order by id) as brought_at
                    from ops.arrivals a where a.source = c.source and a.dataset = c.dataset and a.period = c.period
                        and a.unit_code = c.unit_code and a.kind <> 'patch') a) as held_at,
                c.changed_at, c.rows_accepted as rows, c.content_sum::text as content
            from ops.cells c where c.source = :source and c.dataset = :dataset and c.period = :period
        """),
        _where(dataset, period) | {"from_raw": FROM_RAW},
    ).mappings()
    return {r["unit_code"]: Counted(**{name: value for name, value in r.items() if name != "unit_code"}) for r in rows}


def last_changed(connection: sa.Connection, datasets: Iterable[Dataset], now: dt.datetime) -> dt.datetime:
    """The instant as of which histories tell what a transaction sees of these datasets.

    A run asks the clock once; what was loaded between that and the transaction's snapshot bears a later instant.
    """
    newest = connection.execute(
        sa.text("select max(changed_at) from ops.cells where source || '.' || dataset = any(:ids)"),
        {"ids": [d.id for d in datasets]},
    ).scalar_one()
    return now if newest is None else max(now, newest)


def overdue(connection: sa.Connection, dataset: Dataset) -> list[Overdue]:
    """The cells of a dataset that are missing, the oldest first."""
    rows = connection.execute(
        sa.text("""select period, unit_code from ops.cells where source = :source and dataset = :dataset and status = 'missing'
            order by due_at, period, unit_code"""),
        named(dataset),
    )
    return [Overdue(r.period, r.unit_code, due) for r in rows if (due := calendar.due_day(dataset, r.period))]


def held(connection: sa.Connection, dataset: Dataset) -> Held:
    row = connection.execute(
        sa.text(f"""select coalesce(sum(rows_received), 0)::bigint, coalesce(sum(rows_warned), 0)::bigint,
            (coalesce(sum(rows_waiting), 0) + (select coalesce(sum(rows_of_files), 0) from {deliveries.WAITING} w
                where source = :source and dataset = :dataset))::bigint
            from ops.cells where source = :source and dataset = :dataset"""),
        named(dataset),
    ).one()
    return Held(*row)


def waiting(connection: sa.Connection, dataset: Dataset) -> dict[tuple[str, str], int]:
    """The cells, period and unit -> how many rows of the main road wait there for a run by hand."""
    rows = connection.execute(
        sa.text("""select period, unit_code, rows_waiting from ops.cells
            where source = :source and dataset = :dataset and rows_waiting > 0"""),
        named(dataset),
    )
    return {(r.period, r.unit_code): r.rows_waiting for r in rows}


def under_watch(connection: sa.Connection, datasets: Iterable[Dataset], now: dt.datetime) -> tuple[int, int]:
    """The accepted rows and the number of the cells that are past their due day and not locked."""
    row = connection.execute(
        sa.text("""select coalesce(sum(rows_accepted), 0) as rows, count(*) as cells from ops.cells
            where source || '.' || dataset = any(:names) and :now between due_at and locked_at"""),
        {"names": [d.id for d in datasets], "now": now},
    ).one()
    return int(row.rows), row.cells


def arrivals(connection: sa.Connection) -> int:
    """How many arrivals were ever recorded."""
    return connection.execute(sa.text("select count(*) from ops.arrivals")).scalar_one()


def _where(dataset: Dataset, period: str) -> dict[str, object]:
    return named(dataset) | {"period": period}


def unreconciled(connection: sa.Connection, dataset: Dataset, periods: Sequence[str]) -> list[str]:
    """Cells whose current rows are not their accepted rows, or whose received rows are not accepted plus rejected."""
    rows = connection.execute(
        sa.text(f"""
            with current as (select period, unit_code, count(*) as n from core.{dataset.table}
                where period = any(:periods) group by 1, 2)
            select period, unit_code from ops.cells c left join current using (period, unit_code)
            where c.source = :source and c.dataset = :dataset and period = any(:periods) and first_received_at is not null
                and (coalesce(n, 0) <> rows_accepted or rows_received <> rows_accepted + rows_rejected)
            order by 1, 2"""),
        named(dataset) | {"periods": list(periods)},
    )
    return [f"{r.period}|{r.unit_code}" for r in rows]
