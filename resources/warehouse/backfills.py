"""Cells that were run by hand: `ops.backfills`, why, by whom, on which paper, and what became of each."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from schemas.dataset import Dataset


@dataclass(frozen=True)
class Wish:
    """Who wants cells run, why, and by which paper."""

    officer: str
    reason: str
    document: str | None


def record(
    connection: sa.Connection,
    dataset: Dataset,
    run_id: str,
    now: dt.datetime,
    wish: Wish,
    became: Mapping[tuple[str, str], str],
) -> None:
    """Keep what became of each (period, unit) of a run; tried again, a run tells its last outcome."""
    if not became:
        return
    connection.execute(
        sa.text("""insert into ops.backfills (run_id, requested_at, requested_by, source, dataset, period, unit_code, reason, document,
                outcome)
            select :run, :now, :officer, :source, :dataset, c.period, c.unit, :reason, :document, c.outcome
            from unnest(cast(:periods as text[]), cast(:units as text[]), cast(:outcomes as text[])) as c (period, unit, outcome)
            on conflict (run_id, source, dataset, period, unit_code) do update set outcome = excluded.outcome"""),
        {
            "run": run_id,
            "now": now,
            "officer": wish.officer,
            "source": dataset.source.name,
            "dataset": dataset.name,
            "reason": wish.reason,
            "document": wish.document,
            "periods": [period for period, _ in became],
            "units": [unit for _, unit in became],
            "outcomes": list(became.values()),
        },
    )
