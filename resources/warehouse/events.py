"""Arrivals that the orchestrator's events do not tell of yet: those of this run, and of a run that was killed before it could."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from schemas.dataset import Dataset


@dataclass(frozen=True)
class Unshown:
    """A cell whose arrivals no event tells of yet: its newest accepted one, and how its newest of all ended."""

    ids: tuple[int, ...]
    period: str
    unit: str
    outcome: str  # of the newest
    reason: str | None
    rows_received: int  # of the newest
    accepted: sa.Row | None  # the newest accepted or declared empty
    was_refused: bool  # some arrival before the newest was


def unshown(connection: sa.Connection, dataset: Dataset) -> list[Unshown]:
    """What the orchestrator has still to be told of a dataset, a cell each, by period and unit."""
    rows = connection.execute(
        sa.text("""select a.*, c.marked_rows, c.status, c.maturity, exists (select from ops.arrivals b where b.source = a.source
                and b.dataset = a.dataset and b.period = a.period and b.unit_code = a.unit_code and b.id < a.id
                and b.outcome = 'refused') as was_refused
            from ops.arrivals a join ops.cells c using (source, dataset, period, unit_code)
            where a.source = :source and a.dataset = :dataset and not a.shown order by a.period, a.unit_code, a.id"""),
        {"source": dataset.source.name, "dataset": dataset.name},
    ).all()
    found = []
    for (period, unit), group in itertools.groupby(rows, key=lambda r: (r.period, r.unit_code)):
        arrivals = list(group)
        last, good = arrivals[-1], [a for a in arrivals if a.outcome != "refused"]
        found.append(
            Unshown(
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


def mark_shown(connection: sa.Connection, cells: Iterable[Unshown]) -> None:
    ids = [i for cell in cells for i in cell.ids]
    connection.execute(sa.text("update ops.arrivals set shown = true where id = any(:ids)"), {"ids": ids})
