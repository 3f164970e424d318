"""What the orchestrator is told of cells: arrivals that none of its events tells of yet, and how all cells arrived last."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from resources.warehouse.arrivals.ledger import newest_arrivals
from resources.warehouse.naming import named
from schemas.dataset import Dataset

# What was said of an arrival stands with the cells that its run was asked for.
_ARRIVALS = """select a.*, c.marked_rows, c.status, c.maturity,
        b.reason as asked_why, b.requested_by as asked_by, b.document as asked_by_document,
        exists (select from ops.arrivals e where e.source = a.source and e.dataset = a.dataset and e.period = a.period
            and e.unit_code = a.unit_code and e.id < a.id and e.outcome = 'refused') as was_refused
    from ops.arrivals a join ops.cells c using (source, dataset, period, unit_code)
        left join ops.backfills b using (run_id, source, dataset, period, unit_code)
    where a.source = :source and a.dataset = :dataset and {which}
    order by a.period, a.unit_code, a.id"""


@dataclass(frozen=True)
class Arrived:
    """What arrived of a cell: its newest accepted arrival, and how the newest of all ended."""

    ids: tuple[int, ...]
    period: str
    unit: str
    outcome: str  # of the newest
    reason: str | None
    rows_received: int  # of the newest
    accepted: sa.Row | None  # the newest accepted or declared empty
    was_refused: bool  # some arrival before the newest was


def unshown(connection: sa.Connection, dataset: Dataset) -> list[Arrived]:
    """The cells of which the orchestrator has still to be told, by period and unit.

    They arrived in this run, or in one that was killed before it could tell.
    """
    return _cells(connection, dataset, "not a.shown")


def last_arrived(connection: sa.Connection, dataset: Dataset) -> list[Arrived]:
    """How each cell of a dataset arrived last, told or not."""
    newest = " union ".join(f"select id from {newest_arrivals(which)} n" for which in ("true", "outcome <> 'refused'"))
    return _cells(connection, dataset, f"a.id in ({newest})")


def _cells(connection: sa.Connection, dataset: Dataset, which: str) -> list[Arrived]:
    rows = connection.execute(sa.text(_ARRIVALS.format(which=which)), named(dataset)).all()
    found = []
    for (period, unit), group in itertools.groupby(rows, key=lambda r: (r.period, r.unit_code)):
        arrivals = list(group)
        last, good = arrivals[-1], [a for a in arrivals if a.outcome != "refused"]
        found.append(
            Arrived(
                tuple(a.id for a in arrivals),
                period,
                unit,
                last.outcome,
                last.reason,
                last.rows_received,
                good[-1] if good else None,
                last.was_refused,
            )
        )
    return found


def mark_shown(connection: sa.Connection, cells: Iterable[Arrived]) -> None:
    ids = [i for cell in cells for i in cell.ids]
    connection.execute(sa.text("update ops.arrivals set shown = true where id = any(:ids)"), {"ids": ids})
