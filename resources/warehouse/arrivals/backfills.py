"""Cells that were run by hand: `ops.backfills`, why, by whom, on which paper, and what became of each."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from resources.locks import only_one
from resources.warehouse.naming import named
from schemas.dataset import Dataset

UNNAMED = "chưa ghi"
IN_TIME = "trong hạn nộp"  # what is run by hand before its day needs no reason
LATE_ROWS = "ansinh (late_rows)"  # whose name stands on the cells that a sensor loads by itself: nobody's act

_KEEPING = "backfills"  # the lock of who keeps one, until it is to be seen
_SAID_AFTER = "id > :number and outcome in ('accepted', 'empty_declared', 'unchanged') and requested_by <> :sensor"


@dataclass(frozen=True)
class Wish:
    """Who wants cells run, why, and by which paper."""

    officer: str
    reason: str
    document: str | None


@dataclass(frozen=True)
class Act:
    """What somebody said of cells that were loaded by hand; None: nothing."""

    officer: str | None
    reason: str | None


@contextmanager
def none_half_kept(engine: sa.Engine) -> Iterator[None]:
    """Inside, no backfill is half kept, written but not yet visible: a snapshot taken here sees all backfills up to its newest."""
    with only_one(engine, _KEEPING):
        yield


def newest(connection: sa.Connection, until: dt.datetime | None = None) -> int:
    """The number of the last backfill that is kept; 0: there is none. `until`: only those that were asked for by then."""
    query = "select coalesce(max(id), 0) from ops.backfills where cast(:until as timestamptz) is null or requested_at <= :until"
    return int(connection.execute(sa.text(query), {"until": until}).scalar_one())


def restated(connection: sa.Connection, number: int) -> dict[tuple[str, str, str], int]:
    """(source, dataset, period) of cells that somebody loaded after a backfill -> the last that did."""
    rows = connection.execute(
        sa.text(f"select source, dataset, period, max(id) as last from ops.backfills where {_SAID_AFTER} group by 1, 2, 3"),
        {"number": number, "sensor": LATE_ROWS},
    )
    return {(r.source, r.dataset, r.period): r.last for r in rows}


def since(connection: sa.Connection, number: int, read: Collection[tuple[Dataset, str]]) -> list[Act]:
    """The acts after a backfill that loaded cells of these datasets and periods, each once, as they came."""
    rows = connection.execute(
        sa.text(f"""select requested_by, reason from ops.backfills
            where {_SAID_AFTER}
                and (source, dataset, period) in (select * from
                    unnest(cast(:sources as text[]), cast(:datasets as text[]), cast(:periods as text[])))
            group by requested_by, reason order by min(id)"""),
        {
            "number": number,
            "sensor": LATE_ROWS,
            "sources": [d.source.name for d, _ in read],
            "datasets": [d.name for d, _ in read],
            "periods": [period for _, period in read],
        },
    )
    return [Act(None if r.requested_by == UNNAMED else r.requested_by, None if r.reason == IN_TIME else r.reason) for r in rows]


def record(
    connection: sa.Connection,
    dataset: Dataset,
    run_id: str,
    now: dt.datetime,
    wish: Wish,
    became: Mapping[tuple[str, str], str],
) -> None:
    """Keep what became of each (period, unit) of a run. When a run is tried again, its last outcome stands, as the newest backfill.

    A cell that was loaded at one try does not count as failed because the next try did not come that far.
    """
    if not became:
        return
    _begin_keeping(connection)
    connection.execute(
        sa.text("delete from ops.backfills where (run_id, source, dataset) = (:run, :source, :dataset)"),
        named(dataset) | {"run": run_id},
    )
    connection.execute(
        sa.text("""insert into ops.backfills (run_id, requested_at, requested_by, source, dataset, period, unit_code, reason, document,
                outcome)
            select :run, :now, :officer, :source, :dataset, c.period, c.unit, :reason, :document,
                coalesce(case when c.outcome = 'failed' then (select a.outcome from ops.arrivals a where a.source = :source
                    and a.dataset = :dataset and a.period = c.period and a.unit_code = c.unit and a.run_id = :run
                    order by a.id desc limit 1) end, c.outcome)
            from unnest(cast(:periods as text[]), cast(:units as text[]), cast(:outcomes as text[])) as c (period, unit, outcome)"""),
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


def make_up(connection: sa.Connection, dataset: Dataset, run_id: str) -> None:
    """Keep what became of cells that an earlier run loaded and could not tell of, since it ended before: its arrivals have no event yet.

    They become the newest backfills, so that whoever looks for acts since the last look finds them.
    """
    loaded = """select distinct on (run_id, period, unit_code) run_id, period, unit_code, outcome from ops.arrivals
        where source = :source and dataset = :dataset and not shown order by run_id, period, unit_code, id desc"""
    untold = f"""select b.id, a.outcome from ops.backfills b join ({loaded}) a using (run_id, period, unit_code)
        where b.source = :source and b.dataset = :dataset and b.outcome = 'failed' and run_id <> :run"""
    values = named(dataset) | {"run": run_id}
    if connection.execute(sa.text(f"select exists ({untold})"), values).scalar():
        _begin_keeping(connection)
        connection.execute(
            sa.text(f"""with gone as (delete from ops.backfills b using ({untold}) u where b.id = u.id returning b.*, u.outcome as became)
                insert into ops.backfills (run_id, requested_at, requested_by, source, dataset, period, unit_code, reason, document, outcome)
                select run_id, requested_at, requested_by, source, dataset, period, unit_code, reason, document, became from gone"""),
            values,
        )


def _begin_keeping(connection: sa.Connection) -> None:
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtext(:n))"), {"n": f"ansinh.{_KEEPING}"})
