"""Pulls: `ops.pulls`, one row for each raw file that was kept, and which of the files make up a cell."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from resources.raw_store import RawFile
from resources.warehouse.naming import named
from schemas.dataset import Dataset

PullKind = Literal["whole", "delta", "patch", "look"]


@dataclass(frozen=True)
class Chain:
    """The raw files that make up some cells: their last whole pull and the increments after it, and the patches since."""

    units: frozenset[str]
    files: tuple[RawFile, ...]
    patches: tuple[RawFile, ...]
    last_pull: int
    pulled_at: dt.datetime


def keep(
    connection: sa.Connection,
    dataset: Dataset,
    run_id: str,
    period: str,
    file: RawFile,
    kind: PullKind,
    units: list[str] | None,
    now: dt.datetime,
) -> int:
    """Keep a pull and its raw file; its number. `units` None: of all."""
    return connection.execute(
        sa.text("""insert into ops.pulls (run_id, source, dataset, period, kind, units, path, sha256, rows, pulled_at)
            values (:run_id, :source, :dataset, :period, :kind, :units, :path, :sha256, :rows, :now) returning id"""),
        named(dataset)
        | {
            "run_id": run_id,
            "period": period,
            "kind": kind,
            "units": units,
            "path": file.path,
            "sha256": file.sha256,
            "rows": file.rows,
            "now": now,
        },
    ).scalar_one()


def files_of_all(connection: sa.Connection, dataset: Dataset, period: str) -> list[RawFile] | None:
    """The raw files that hold every row that may be held of a period; None where no pull of all its cells is known."""
    rows = connection.execute(
        sa.text("""
            with mine as (select * from ops.pulls where source = :source and dataset = :dataset and period = :period
                and kind in ('whole', 'delta'))
            select path, sha256, rows from mine where id >= (select max(id) from mine where kind = 'whole' and units is null)
            order by id"""),
        named(dataset) | {"period": period},
    )
    return [RawFile(r.path, r.sha256, r.rows) for r in rows] or None


def chains(engine: sa.Engine, dataset: Dataset, period: str, units: Collection[str]) -> list[Chain]:
    """The raw files of these units of a period; units of which nothing was ever pulled are in no chain."""
    with engine.connect() as connection:
        pulls = connection.execute(
            sa.text("""
                with mine as (
                    select u.unit, p.id, p.kind from unnest(cast(:wanted as text[])) as u (unit) join ops.pulls p
                        on p.source = :source and p.dataset = :dataset and p.period = :period and p.kind <> 'look'
                            and (p.units is null or u.unit = any(p.units))
                ), chained as (
                    select unit, array_agg(id order by id) as pulls from mine m where id >= coalesce(
                        (select max(id) from mine w where w.unit = m.unit and w.kind = 'whole'), 0) group by 1
                )
                select array_agg(unit) as units, pulls from chained group by pulls order by pulls"""),
            named(dataset) | {"period": period, "wanted": sorted(units)},
        ).all()
        found = []
        for row in pulls:
            files = connection.execute(
                sa.text("select kind, path, sha256, rows, pulled_at from ops.pulls where id = any(:ids) order by id"),
                {"ids": row.pulls},
            ).all()
            main, patches = (
                tuple(RawFile(f.path, f.sha256, f.rows) for f in files if (f.kind == "patch") is is_patch)
                for is_patch in (False, True)
            )
            found.append(Chain(frozenset(row.units), main, patches, row.pulls[-1], files[-1].pulled_at))
    return found
