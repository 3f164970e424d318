"""From the hub's history to open data, one system at a time: set the instants, count, round, publish, write the files.

The order of the writing: what the hub keeps (instants, what was counted), then the shared warehouse (one transaction a table), then
the files, each made from the one before. A crash anywhere leaves the former state whole, and the next run finds the rest to
do: figures follow from instants, again and again the same. No Dagster here.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from assets.open import nights
from assets.open.failures import OtherSecret
from assets.open.figures import snapshot
from assets.open.instants import Instant
from assets.open.nights import Waiting
from assets.open.notes import STATUS, by_period, changes, maturity_note
from assets.open.periods import made
from assets.open.rounding import Rounding
from assets.open.tables import period_kind, table_name, tables_of
from assets.open.taking_over import take_over
from resources.locks import only_one
from resources.publication import files, reader
from resources.publication.content import OpenContent, Row
from resources.publication.shared_warehouse import Release, SharedWarehouse
from resources.warehouse.published import open_figures, open_instants
from schemas.dataset import Dataset, Source
from schemas.registry import DATASETS, SOURCES
from schemas.release import Decision, OpenTable, decisions


@dataclass(frozen=True)
class Published:
    """What became of one open table in a run."""

    dataset: Dataset
    table: OpenTable
    release: Release | None
    is_new: bool
    periods: tuple[str, ...]  # those made anew in this run
    standing: tuple[str, ...]  # all that the table holds
    rows: int
    statuses: dict[str, int]  # value_status -> cells, over all periods
    waiting: dict[str, Waiting] = field(default_factory=dict)
    unmatched: tuple[str, ...] = ()  # periods with a figure that the history cannot stand for

    @property
    def name(self) -> str:
        return table_name(self.dataset, self.table)


@dataclass(frozen=True)
class _Run:
    """What all tables of one publication share."""

    engine: sa.Engine
    shared: SharedWarehouse
    open_dir: Path
    rounding: Rounding
    decision: Decision
    now: dt.datetime


def publish(
    hub_engine: sa.Engine,
    shared_engine: sa.Engine,
    home: Path,
    source: Source | str,
    periods: Iterable[str] | None,
    clock: Callable[[], dt.datetime],
    decision: Decision | str | None,
    secret: bytes,
    *,
    is_night: bool,
    kind: str | None = None,
) -> list[Published]:
    """Bring the open tables of a system to what their instants say; a night sets those that are due first.

    `periods`: whose instants the night may set; None: of all. `decision` is the number, or the decision, under which to
    publish; without one nothing is published. `kind` keeps to the tables whose periods are of it. Raises OtherSecret.
    """
    name = source if isinstance(source, str) else source.name
    granted = _granted(decision)
    tables = [(d, t) for d, t in tables_of(name) if kind is None or period_kind(d) == kind]
    if granted is None:
        return []
    rounding = Rounding(secret)
    with hub_engine.begin() as connection:
        if not open_instants.secret_check(connection, rounding.check):
            raise OtherSecret(source=name)
    shared, open_dir = SharedWarehouse(shared_engine), Path(home) / "open"
    with only_one(hub_engine, "open_data"):  # all systems publish at once on the first night
        shared.prepare()
        if reader.is_embedded(shared_engine, home):
            reader.close_the_rest(shared_engine)
    datasets = list(dict.fromkeys(d for d, _ in tables))
    with only_one(hub_engine, f"open.{name}"):
        for dataset in datasets:
            take_over(hub_engine, shared, dataset, [t for d, t in tables if d is dataset], clock)
    if is_night:
        nights.advance(hub_engine, datasets, None if periods is None else set(periods), clock)
    with only_one(hub_engine, f"open.{name}"):
        run = _Run(hub_engine, shared, open_dir, rounding, granted, clock())
        _withdraw(hub_engine, shared, open_dir, name)
        done = []
        for dataset in datasets:
            with snapshot(hub_engine) as connection:
                instants, held = nights.kept(connection, dataset), nights.waiting(connection, dataset, run.now)
            done += [_released(run, dataset, t, instants, held) for d, t in tables if d is dataset]
    with only_one(hub_engine, "open_releases"):
        files.write_releases(open_dir, shared.releases())
    return done


def _withdraw(hub_engine: sa.Engine, shared: SharedWarehouse, open_dir: Path, name: str) -> None:
    """Take back the tables that are no longer declared: those of this system, and of systems that have no open table left and so publish nothing.

    A system that is no longer declared itself is known by its releases.
    """
    declared = {table_name(d, t) for d in DATASETS for t in d.open_tables}
    others = tuple(f"{d.source.name}_" for d in DATASETS if d.open_tables and d.source.name != name)
    known = tuple(f"{source.name}_" for source in SOURCES)
    with only_one(hub_engine, "open_withdrawal"):
        released = {release.dataset for release in shared.releases()}

        def is_gone(table: str) -> bool:
            ours = table in released or table.startswith(known)
            return ours and table not in declared and not table.startswith(others)

        shared.withdraw(is_gone)
        files.withdraw(open_dir, is_gone)


def _granted(decision: Decision | str | None) -> Decision | None:
    if decision is None or isinstance(decision, Decision):
        return decision
    if not decision.strip():
        return None
    listed = [d for d in decisions() if d.number == decision.strip()]
    return listed[0] if listed else Decision(decision.strip(), "", "", dt.date.min, None, False)


def _released(
    run: _Run,
    dataset: Dataset,
    table: OpenTable,
    instants: Mapping[tuple[str, str], Instant],
    held: dict[str, Waiting],
) -> Published:
    name = table_name(dataset, table)
    latest, former = run.shared.latest(name), by_period(run.shared.rows(dataset, table))
    by_instants: dict[str, dict[str, Instant]] = {}
    for (period, unit), instant in sorted(instants.items()):
        by_instants.setdefault(period, {})[unit] = instant
    with snapshot(run.engine) as connection:
        kept, counted = open_instants.parts(connection, name), open_figures.kept(connection, name)
        found = {
            period: made(
                connection,
                dataset,
                table,
                period,
                of_units,
                run.rounding,
                kept.get(period),
                counted.get(period, {}),
                former.get(period, []),
            )
            for period, of_units in by_instants.items()
        }
    with run.engine.begin() as connection:
        open_figures.keep(connection, name, {(period, unit): k for period, m in found.items() for unit, k in m.figures.items()})
        open_instants.keep_parts(connection, name, {period: m.part for period, m in found.items() if m.is_new})
    # A period of which the hub knows no instant was made by a warehouse before this one: it stands.
    rows = former | {period: m.rows for period, m in found.items()}
    release, is_new = None, False
    if rows or latest:
        content = OpenContent.of(dataset, table, (r for of_period in rows.values() for r in of_period))
        release, is_new = run.shared.replace(
            content, run.decision.number, run.now, maturity_note(rows), changes(former, rows, is_first=latest is None)
        )
        # The decision of a standing release is the one it was published under.
        files.write(run.open_dir, content, release, run.decision if run.decision.number == release.decision else None)
    moved = tuple(period for period, m in found.items() if m.is_new)
    unmatched = tuple(period for period, m in found.items() if not m.matches)
    return replace(_standing(dataset, table, release, rows, held), is_new=is_new, periods=moved, unmatched=unmatched)


def as_it_stands(
    hub_engine: sa.Engine, shared_engine: sa.Engine, dataset: Dataset, table: OpenTable, now: dt.datetime
) -> Published:
    """An open table as a run finds it that has nothing to do. Nothing is made or written."""
    shared = SharedWarehouse(shared_engine)
    with snapshot(hub_engine) as connection:
        held = nights.waiting(connection, dataset, now)
    return _standing(dataset, table, shared.latest(table_name(dataset, table)), by_period(shared.rows(dataset, table)), held)


def _standing(
    dataset: Dataset, table: OpenTable, release: Release | None, rows: Mapping[str, list[Row]], held: dict[str, Waiting]
) -> Published:
    return Published(
        dataset=dataset,
        table=table,
        release=release,
        is_new=False,
        periods=(),
        standing=tuple(sorted(rows)),
        rows=sum(map(len, rows.values())),
        statuses=dict(Counter(r[STATUS] for of_period in rows.values() for r in of_period)),
        waiting=held,
    )
