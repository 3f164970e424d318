"""Pulls: `ops.pulls`, one row for each raw file that was kept, and which of the files make up a cell."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from resources.raw_store import RawFile
from resources.warehouse.naming import named
from resources.warehouse.quarantine.answers import STANDS, PatchFile
from schemas.dataset import Dataset

PullKind = Literal["whole", "delta", "patch", "look"]


@dataclass(frozen=True)
class Chain:
    """The raw files from which the cells of some units can be made again."""

    units: frozenset[str]
    files: tuple[RawFile, ...]  # the last whole pull, and the increments after it
    patches: tuple[PatchFile, ...]  # those that came since that pull, and earlier ones of which an answer still stands
    last_pull: int
    begun_at: dt.datetime  # when the first of these files was pulled
    pulled_at: dt.datetime  # when the last was


def keep(
    connection: sa.Connection,
    dataset: Dataset,
    run_id: str,
    period: str,
    file: RawFile,
    kind: PullKind,
    units: list[str] | None,
    now: dt.datetime,
    delivery: int | None = None,
) -> int:
    """Keep a pull with its raw file, and return its number. `units`: whose rows it holds (None: all); `delivery`: the file beside the main
    road from which it is."""
    return connection.execute(
        sa.text("""insert into ops.pulls (run_id, source, dataset, period, kind, units, path, sha256, rows, pulled_at, delivery)
            values (:run_id, :source, :dataset, :period, :kind, :units, :path, :sha256, :rows, :now, :delivery) returning id"""),
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
            "delivery": delivery,
        },
    ).scalar_one()


def laid(connection: sa.Connection, dataset: Dataset, delivery: int) -> frozenset[str]:
    """The periods in which a patch was laid, accepted or refused, even by a run that was then cut off."""
    query = (
        "select period from ops.pulls where source = :source and dataset = :dataset and delivery = :delivery and kind = 'patch'"
    )
    return frozenset(connection.execute(sa.text(query), named(dataset) | {"delivery": delivery}).scalars())


def files_of_all(connection: sa.Connection, dataset: Dataset, period: str) -> list[RawFile] | None:
    """The raw files in which every row that is held of a period must be found; None where no pull of all its cells is known."""
    rows = connection.execute(
        sa.text("""
            with mine as (select * from ops.pulls where source = :source and dataset = :dataset and period = :period
                and kind in ('whole', 'delta'))
            select path, sha256, rows from mine where id >= (select max(id) from mine where kind = 'whole' and units is null)
            order by id"""),
        named(dataset) | {"period": period},
    )
    return [_file(r) for r in rows] or None


def chains(engine: sa.Engine, dataset: Dataset, period: str, units: Collection[str]) -> list[Chain]:
    """The raw files of these units in a period. A unit of which nothing was ever pulled is in no chain."""
    with engine.connect() as connection:
        pulls = connection.execute(
            sa.text(f"""
                with wanted as (
                    select unnest(cast(:wanted as text[])) as unit
                ), mine as (
                    select u.unit, p.id, p.kind from wanted u join ops.pulls p
                        on p.source = :source and p.dataset = :dataset and p.period = :period and p.kind <> 'look'
                            and (p.units is null or u.unit = any(p.units))
                    where p.kind <> 'patch' or exists (select from ops.arrivals a where a.pull_id = p.id
                        and a.unit_code = u.unit and a.outcome <> 'refused')
                ), chosen as (
                    select unit, id from mine m where id >= coalesce(
                        (select max(id) from mine w where w.unit = m.unit and w.kind = 'whole'), 0)
                    union select u.unit, a.pull_id from wanted u join quarantine.answers a
                        on {STANDS} and u.unit in (a.unit_code, a.held_unit)
                ), chained as (
                    select unit, array_agg(id order by id) as pulls from chosen group by 1
                )
                select array_agg(unit) as units, pulls from chained group by pulls order by pulls"""),
            named(dataset) | {"period": period, "wanted": sorted(units)},
        ).all()
        found = []
        for row in pulls:
            files = connection.execute(
                sa.text("select id, kind, path, sha256, rows, pulled_at from ops.pulls where id = any(:ids) order by id"),
                {"ids": row.pulls},
            ).all()
            main = [f for f in files if f.kind != "patch"]
            begins = main[0].id if main else 0
            patches = tuple(PatchFile(f.id, _file(f), f.id > begins) for f in files if f.kind == "patch")
            found.append(
                Chain(
                    frozenset(row.units), tuple(map(_file, main)), patches, row.pulls[-1], files[0].pulled_at, files[-1].pulled_at
                )
            )
    return found


def _file(row: sa.Row) -> RawFile:
    return RawFile(row.path, row.sha256, row.rows)
