"""What one run does to the cells of one dataset: find what moved, pull, keep raw, validate, decide, load.

No Dagster here: the asset and the tests call `sync_dataset`. A refused cell stops itself alone; a source that fails stops
its own datasets.
"""

import datetime as dt
import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pyarrow as pa
import sqlalchemy as sa

from assets.refusals import ABOVE_TOLERANCE, ALL_BAD, RESENT, SHRUNKEN
from resources import ledger
from resources.ahead import ahead
from resources.hub import Hub
from resources.ledger import Arrival, CellState
from resources.loading import CellCount, PeriodLoad
from resources.raw_store import RawFile
from resources.sources import BATCH_ROWS, Digest, Mark, Snapshot, StructureChanged
from schemas import calendar, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Moment
from schemas.to_fingerprint import declaration_hash
from schemas.validation import validate
from schemas.validation.findings import received_json

Cell = tuple[str, str]  # period, unit

TOLERATED_ROWS = 20
ALL_BAD_ROWS = 5
SHRINK_ROWS = 5


@dataclass(frozen=True)
class Request:
    """What a run was asked for. `cells` None: every open and watched cell that moved."""

    run_id: str
    cells: frozenset[Cell] | None = None
    periods: frozenset[str] | None = None
    from_raw: bool = False
    confirm_shrink: bool = False

    @property
    def is_manual(self) -> bool:
        return self.cells is not None


@dataclass(frozen=True)
class CellOutcome:
    """What became of one cell in a run."""

    period: str
    unit: str
    outcome: str  # accepted, refused, empty_declared, nothing (no rows at the source), unchanged
    accepted: int = 0
    rejected: int = 0
    pulled: int = 0
    reason: str | None = None

    @property
    def received(self) -> int:
        return self.accepted + self.rejected


@dataclass
class Outcome:
    """What became of a dataset in a run. Counts only: no value of a row is kept."""

    dataset: Dataset
    cells: list[CellOutcome] = field(default_factory=list)
    waiting: dict[Cell, int] = field(default_factory=dict)
    rows_examined: int = 0
    columns: int = 0
    rules: int = 0
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)

    def loaded(self) -> list[CellOutcome]:
        return [c for c in self.cells if c.outcome in ("accepted", "empty_declared")]

    def refused(self) -> list[CellOutcome]:
        return [c for c in self.cells if c.outcome == "refused"]


def sync_dataset(hub: Hub, dataset: Dataset, snapshot: Snapshot, request: Request) -> Outcome:
    """Bring the cells of a dataset to what the source says. Every period is a transaction of its own, in order."""
    faults = snapshot.structure_faults(dataset)
    if faults:
        raise StructureChanged(dataset=dataset.id, table=dataset.source_table, faults="; ".join(faults))
    today = hub.today()
    outcome = Outcome(dataset, columns=len(dataset.columns))
    with hub.warehouse.engine.begin() as connection:
        ledger.refresh(connection, hub.now(), [dataset])
        first_pull = ledger.is_first_pull(connection, dataset)
        kept = ledger.digests(connection, dataset)
    found = snapshot.digests(dataset, today)
    marks = snapshot.marks(dataset, hub.now())
    for period in calendar.started(dataset, today):
        if request.periods is not None and period not in request.periods:
            continue
        wanted = None if request.cells is None else frozenset(u for p, u in request.cells if p == period)
        if wanted is not None and not wanted:
            continue
        moment = calendar.moment(dataset, period, today)
        plan = _plan(dataset, moment, found[period], {u: d for (p, u), d in kept.items() if p == period}, wanted)
        period_marks = {u: m for (p, u), m in marks.items() if p == period}
        is_over = ledger.has_passed(calendar.locked_day(dataset, period), hub.now())
        locked = not first_pull and not request.is_manual and is_over
        _sync_period(hub, dataset, moment, plan, period_marks, snapshot, request, locked, outcome)
    with hub.warehouse.engine.begin() as connection:
        now = hub.now()
        ledger.dataset_pulled(connection, dataset, now, None)
        ledger.refresh(connection, now, [dataset])
    return outcome


def moved_since_due(hub: Hub, dataset: Dataset, snapshot: Snapshot) -> dict[Cell, str]:
    """The watched cells that stand otherwise at the source than when last loaded, with the source's digest. Nothing is pulled."""
    today, now = hub.today(), hub.now()
    with hub.warehouse.engine.connect() as connection:
        if ledger.is_first_pull(connection, dataset):
            return {}
        kept = ledger.digests(connection, dataset)
    found = snapshot.digests(dataset, today)
    cells: dict[Cell, str] = {}
    for period in calendar.started(dataset, today):
        is_due = ledger.has_passed(calendar.due_day(dataset, period), now)
        if not is_due or ledger.has_passed(calendar.locked_day(dataset, period), now):
            continue
        moment = calendar.moment(dataset, period, today)
        plan = _plan(dataset, moment, found[period], {u: d for (p, u), d in kept.items() if p == period}, None)
        cells |= {(period, unit): plan.digests[unit] for unit in plan.units if unit != UNKNOWN_UNIT}
    return cells


def revalidate_dataset(hub: Hub, dataset: Dataset, request: Request) -> Outcome:
    """Validate cells again from raw, without asking the source: the rules of today, the lists of the rows' own date."""
    outcome = Outcome(dataset, columns=len(dataset.columns))
    by_pull: dict[tuple[str, int], set[str]] = defaultdict(set)
    with hub.warehouse.engine.connect() as connection:
        for period, unit in sorted(request.cells or ()):
            pull = connection.execute(
                sa.text("""select id from ops.pulls where source = :source and dataset = :dataset and period = :period
                    and (units is null or :unit = any(units)) order by id desc limit 1"""),
                {"source": dataset.source.name, "dataset": dataset.name, "period": period, "unit": unit},
            ).scalar()
            if pull is None:
                outcome.cells.append(CellOutcome(period, unit, "nothing", reason="chưa có bản gốc nào của ô này"))
            else:
                by_pull[period, pull].add(unit)
    for (period, pull), wanted in by_pull.items():
        with hub.warehouse.engine.connect() as connection:
            row = connection.execute(
                sa.text("select path, sha256, rows, pulled_at from ops.pulls where id = :id"), {"id": pull}
            ).one()
        file = RawFile(row.path, row.sha256, row.rows)
        moment = calendar.moment(dataset, period, row.pulled_at.astimezone(ledger.ZONE).date())
        with PeriodLoad(hub.warehouse, dataset, period, _token()) as load:
            _validate_into(load, dataset, hub.raw.read(file, BATCH_ROWS), moment, outcome)
            load.keep_only(sorted(wanted))
            doubled = load.set_doubled_aside(lambda ordinals, file=file: received_json(hub.raw.rows(file, ordinals)))
            outcome.failures.update(doubled)
            plan = Plan(sorted(wanted), {}, None, ())
            _commit(hub, load, dataset, moment, plan, {}, request, outcome, pull, row.rows, "raw")
    return outcome


@dataclass(frozen=True)
class Plan:
    """Which units of a period are looked at, and how the source says they stand."""

    units: list[str]
    digests: dict[str, str]
    communes: tuple[str, ...] | None  # None: pull the whole period
    known: tuple[str, ...]


def _plan(dataset: Dataset, moment: Moment, found: list[Digest], kept: dict[str, str], wanted: frozenset[str] | None) -> Plan:
    placed = _placed(dataset, moment)
    by_unit: dict[str, list[Digest]] = defaultdict(list)
    for digest in found:
        by_unit[_unit_of(dataset, placed, digest.commune)].append(digest)
    stamp = declaration_hash(dataset)
    digests = {
        unit: stamp + hashlib.sha256("\n".join(d.text for d in group).encode()).hexdigest()[:32]
        for unit, group in by_unit.items()
    }
    gone = [unit for unit in kept if unit not in digests]
    digests |= {unit: stamp + "-" for unit in gone}
    moved = [unit for unit, digest in digests.items() if kept.get(unit) != digest]
    # Rows without a listed code may be placed anywhere once read: when they moved, every cell is looked at.
    chosen = sorted(digests if UNKNOWN_UNIT in moved else moved) if wanted is None else sorted(wanted)
    if dataset.by_province or dataset.commune is None or set(chosen) >= set(digests):
        return Plan(chosen, digests, None, ())
    communes = tuple(sorted(c for c, unit in placed.items() if unit in chosen))
    return Plan(chosen, digests, communes, tuple(sorted(placed)))


def _placed(dataset: Dataset, moment: Moment) -> dict[str, str]:
    if dataset.by_province:
        return {}
    return units.placing(moment.judged_on, moment.last_day)


def _unit_of(dataset: Dataset, placed: dict[str, str], commune: str | None) -> str:
    if dataset.by_province:
        return PROVINCE
    return placed.get(commune or "", UNKNOWN_UNIT)


def _sync_period(
    hub: Hub,
    dataset: Dataset,
    moment: Moment,
    plan: Plan,
    marks: dict[str, Mark],
    snapshot: Snapshot,
    request: Request,
    locked: bool,
    outcome: Outcome,
) -> None:
    with hub.warehouse.engine.connect() as connection:
        states = ledger.states(connection, dataset, moment.period)
    declared = [u for u, m in marks.items() if m.declared_empty and not (u in states and states[u].ever_accepted)]
    if not plan.units and (locked or not declared):
        with hub.warehouse.engine.begin() as connection:
            ledger.mark_checked(connection, dataset, moment.period, hub.now(), {})
        return
    with PeriodLoad(hub.warehouse, dataset, moment.period, _token()) as load:
        batches = snapshot.batches(dataset, moment.period, hub.today(), plan.communes, plan.known) if plan.units else iter(())
        file = _keep_and_validate(hub, load, dataset, moment, batches, outcome)
        if plan.communes is not None:
            load.keep_only(plan.units)
        if file is not None:
            outcome.failures.update(load.set_doubled_aside(lambda ordinals: received_json(hub.raw.rows(file, ordinals))))
        if locked:
            _count_waiting(hub, load, dataset, moment, plan, outcome)
            return
        pull_id = _record_pull(hub, dataset, moment, file, plan, request) if file else None
        _commit(hub, load, dataset, moment, plan, marks, request, outcome, pull_id, file.rows if file else 0, "sql")


def _keep_and_validate(
    hub: Hub, load: PeriodLoad, dataset: Dataset, moment: Moment, batches: Iterator[pa.RecordBatch], outcome: Outcome
) -> RawFile | None:
    writer = None

    def kept() -> Iterator[pa.RecordBatch]:
        nonlocal writer
        for batch in batches:
            if writer is None:
                writer = hub.raw.writer(dataset.source.name, dataset.name, moment.period, batch.schema)
            writer.write(batch)
            yield batch

    try:
        # The next batch is pulled and kept while this one is validated and the one before is loaded.
        with closing(ahead(kept())) as pulled:
            _validate_into(load, dataset, pulled, moment, outcome)
    except BaseException:
        if writer is not None:
            writer.abandon()
        raise
    return writer.close() if writer is not None else None


def _validate_into(
    load: PeriodLoad, dataset: Dataset, batches: Iterable[pa.RecordBatch], moment: Moment, outcome: Outcome
) -> None:
    ordinal = 0
    for batch in batches:
        verdict = validate(dataset, pa.Table.from_batches([batch]), moment, first_ordinal=ordinal)
        load.add(verdict.accepted, verdict.rejected, verdict.remarks)
        ordinal += batch.num_rows
        outcome.rows_examined += batch.num_rows
        outcome.rules = verdict.examined.rules
        outcome.failures.update(verdict.failures_by_rule)


def _count_waiting(hub: Hub, load: PeriodLoad, dataset: Dataset, moment: Moment, plan: Plan, outcome: Outcome) -> None:
    seen = {}
    for unit in plan.units:
        if unit == UNKNOWN_UNIT:
            continue
        rows = load.waiting(unit)
        with hub.warehouse.engine.begin() as connection:
            ledger.record_waiting(connection, dataset, moment.period, unit, rows)
        if rows:
            outcome.waiting[moment.period, unit] = rows
        seen[unit] = plan.digests[unit]
    with hub.warehouse.engine.begin() as connection:
        ledger.mark_checked(connection, dataset, moment.period, hub.now(), seen)


def _record_pull(hub: Hub, dataset: Dataset, moment: Moment, file: RawFile, plan: Plan, request: Request) -> int:
    with hub.warehouse.engine.begin() as connection:
        return connection.execute(
            sa.text("""insert into ops.pulls (run_id, source, dataset, period, units, path, sha256, rows, pulled_at)
                values (:run_id, :source, :dataset, :period, :units, :path, :sha256, :rows, :now) returning id"""),
            {
                "run_id": request.run_id,
                "source": dataset.source.name,
                "dataset": dataset.name,
                "period": moment.period,
                "units": None if plan.communes is None else plan.units,
                "path": file.path,
                "sha256": file.sha256,
                "rows": file.rows,
                "now": hub.now(),
            },
        ).scalar_one()


def _commit(
    hub: Hub,
    load: PeriodLoad,
    dataset: Dataset,
    moment: Moment,
    plan: Plan,
    marks: dict[str, Mark],
    request: Request,
    outcome: Outcome,
    pull_id: int | None,
    pulled: int,
    road: str,
) -> None:
    """Decide each cell and write all of the period's in one transaction."""
    period = moment.period
    counts = load.counts()
    with hub.warehouse.engine.connect() as connection:
        states = ledger.states(connection, dataset, period)
        before = _states_before(connection, dataset, period)
    resent = load.equals_previous(calendar.previous(period)) if before else set()
    arrivals, merged, refused = [], [], []
    now = hub.now()
    looked_at = set(plan.units) | set(counts)
    if not request.is_manual:
        looked_at |= {u for u, m in marks.items() if m.declared_empty}
    for unit in sorted(looked_at):
        count = counts.get(unit) or CellCount(unit, 0, 0, hashlib.md5(b"").hexdigest())
        state, mark = states.get(unit), marks.get(unit)
        arrival = _judge(dataset, count, state, before.get(unit), mark, unit in resent, request, now, plan.digests.get(unit))
        if arrival is None:
            if request.is_manual:
                outcome.cells.append(CellOutcome(period, unit, "nothing", reason="nguồn chưa có dòng nào cho ô này"))
            continue
        arrivals.append(arrival)
        (refused if arrival.outcome == "refused" else merged).append(unit)
        outcome.cells.append(
            CellOutcome(
                period,
                unit,
                arrival.outcome,
                arrival.rows_accepted,
                arrival.rows_rejected,
                count.received,
                arrival.reason,
            )
        )
    with hub.warehouse.engine.begin() as connection:
        load.merge(connection, merged, refused, now)
        ledger.record_arrivals(connection, dataset, period, arrivals, run_id=request.run_id, road=road, pull_id=pull_id, now=now)
        ledger.mark_checked(connection, dataset, period, now, {u: d for u, d in plan.digests.items() if u in plan.units})


def _judge(
    dataset: Dataset,
    count: CellCount,
    state: CellState | None,
    before: CellState | None,
    mark: Mark | None,
    resent: bool,
    request: Request,
    now: dt.datetime,
    digest: str | None,
) -> Arrival | None:
    """The arrival of a cell, or None where nothing arrived or nothing changed."""
    ever = state is not None and state.ever_accepted
    if count.received == 0 and not ever:
        if mark is None or not mark.declared_empty:
            return None
        return Arrival(count.unit, mark.at, count.content_hash, 0, 0, 0, "empty_declared", has_mark=True, digest=digest)
    if state is not None and state.last_content == count.content_hash and not request.is_manual:
        return None
    reason = _refusal(dataset, count, state if ever else before, resent, request.confirm_shrink)
    received_at = mark.at if mark else now
    accepted, rejected = (0, count.received) if reason else (count.accepted, count.rejected)
    return Arrival(
        count.unit,
        received_at,
        count.content_hash,
        count.received,
        accepted,
        rejected,
        "refused" if reason else "accepted",
        reason,
        has_mark=mark is not None,
        marked_rows=mark.rows if mark else None,
        digest=digest,
    )


def _refusal(dataset: Dataset, count: CellCount, basis: CellState | None, resent: bool, confirmed: bool) -> str | None:
    """Why a cell is refused, in words with counts; None when it is accepted."""
    if count.unit == UNKNOWN_UNIT:
        return None
    if count.accepted == 0 and count.received >= ALL_BAD_ROWS:
        return ALL_BAD.of(received=count.received)
    share = count.rejected / count.received if count.received else 0.0
    if count.rejected > TOLERATED_ROWS and share > dataset.tolerated_share:
        return ABOVE_TOLERANCE.of(
            rejected=count.rejected,
            received=count.received,
            share=f"{share:.1%}".replace(".", ","),
            tolerated=dataset.tolerated_share,
            rows=TOLERATED_ROWS,
        )
    if basis is not None and basis.rows_received and not confirmed:
        gone = 1 - count.received / basis.rows_received
        # One row of two is half of a small commune's list: below a handful only an emptied cell tells of a loss.
        is_handful = basis.rows_received - count.received < SHRINK_ROWS and count.received > 0
        if gone > dataset.shrink_share and not is_handful:
            return SHRUNKEN.of(received=count.received, before=basis.rows_received, gone=gone, tolerated=dataset.shrink_share)
    if resent:
        return RESENT.of()
    return None


def _states_before(connection: sa.Connection, dataset: Dataset, period: str) -> dict[str, CellState]:
    """For a list that comes anew each month, the unit's month before: its first arrival is measured against it."""
    if dataset.kind != "monthly" or period == dataset.first_period:
        return {}
    if not any(dataset.column(name).source_column == dataset.period_column for name in dataset.key):
        return {}
    states = ledger.states(connection, dataset, calendar.previous(period))
    return {unit: state for unit, state in states.items() if state.ever_accepted}


def _token() -> str:
    return f"{os.getpid()}_{os.urandom(3).hex()}"
