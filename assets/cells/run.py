"""What one run does to the cells of one dataset: find what moved, pull, keep raw, validate, decide, load.

No Dagster here: the asset and the tests call `sync_dataset`. A refused cell stops itself alone; a source that fails stops
its own datasets.
"""

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import sqlalchemy as sa

from assets.cells.acceptance import Facts, judge
from assets.cells.plan import Plan, earliest, judged_by, moved_at_source, narrowed, plan_period
from assets.cells.pull import Pull
from resources.connectors.failures import StructureChanged
from resources.connectors.postgresql.row_versions import Horizon
from resources.connectors.postgresql.snapshot import Mark, Snapshot
from resources.hub import Hub
from resources.raw_store import RawDamaged, RawFile, RawMissing
from resources.warehouse import ledger, readings
from resources.warehouse.ledger import CellState
from resources.warehouse.loading.first import FirstLoad, is_first
from resources.warehouse.loading.full import PeriodLoad, take_statistics
from resources.warehouse.loading.incremental import Increment, TooMuchChanged
from resources.warehouse.readings import Chain, Seen
from schemas import calendar
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Moment
from schemas.validation import prepare

log = logging.getLogger("ansinh.cells")

Cell = tuple[str, str]  # period, unit
ROAD = "sql"


@dataclass(frozen=True)
class Request:
    """What a run was asked for. `cells` None: every open and watched cell that moved; `whole`: every one, read whole."""

    run_id: str
    cells: frozenset[Cell] | None = None
    periods: frozenset[str] | None = None
    from_raw: bool = False
    confirm_shrink: bool = False
    whole: bool = False

    @property
    def is_manual(self) -> bool:
        return self.cells is not None

    @property
    def is_of_all(self) -> bool:
        """Whether the dataset is read in all its periods: only so its first pull is over, and only so it is fresh."""
        return self.cells is None and self.periods is None


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
    missed: list[Cell] = field(default_factory=list)  # stood as when last read, and yet a whole reading found them otherwise
    is_loaded_whole: bool = False  # something was, of the dataset: a whole cell or more
    rows_examined: int = 0
    columns: int = 0
    rules: int = 0
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)

    def loaded(self) -> list[CellOutcome]:
        return [c for c in self.cells if c.outcome in ("accepted", "empty_declared")]

    def examined(self, pull: Pull, doubled: Counter[tuple[str, str]]) -> None:
        """Add what was seen in one pull."""
        self.rows_examined += pull.rows
        self.rules = pull.rules or self.rules
        self.failures.update(pull.failures)
        self.failures.update(doubled)

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
        kept = readings.readings(connection, dataset, ROAD)
    horizon = snapshot.horizon(dataset)
    since = None
    if not request.is_manual and not request.whole:
        since = earliest((r.bookmark for units in kept.values() for r in units.values()), horizon)
    threading.Thread(target=prepare, name="prepare").start()
    found = snapshot.digests(dataset, today, since)
    marks = snapshot.marks(dataset, hub.now())
    quiet: list[str] = []
    for period in calendar.started(dataset, today):
        if request.periods is not None and period not in request.periods:
            continue
        wanted = None if request.cells is None else frozenset(u for p, u in request.cells if p == period)
        if wanted is not None and not wanted:
            continue
        moment = calendar.moment(dataset, period, today)
        plan = plan_period(dataset, moment, found[period], kept.get(period, {}), wanted, horizon, request.whole)
        is_over = ledger.has_passed(calendar.locked_day(dataset, period), hub.now())
        locked = not first_pull and not request.is_manual and is_over
        period_marks = {u: m for (p, u), m in marks.items() if p == period}
        if not _Period(hub, dataset, moment, period_marks, request, outcome, snapshot, horizon, locked).sync(plan):
            quiet.append(period)
    with hub.warehouse.engine.begin() as connection:
        readings.mark_checked(connection, dataset, quiet, hub.now(), Seen(ROAD, bookmark=_of_all_cells(request, horizon)))
        if outcome.is_loaded_whole:  # an increment leaves the statistics as they are
            take_statistics(connection, dataset)
        now = hub.now()
        if request.is_of_all:
            ledger.dataset_pulled(connection, dataset, now, None)
        if first_pull or outcome.cells:
            ledger.refresh(connection, now, [dataset])
    return outcome


def moved_since_due(hub: Hub, dataset: Dataset, snapshot: Snapshot) -> dict[Cell, str]:
    """The watched cells that stand otherwise at the source than when last loaded, with the source's digest. Nothing is pulled."""
    today, now = hub.today(), hub.now()
    with hub.warehouse.engine.connect() as connection:
        if ledger.is_first_pull(connection, dataset):
            return {}
        kept = readings.readings(connection, dataset, ROAD)
    horizon = snapshot.horizon(dataset)
    found = snapshot.digests(dataset, today)
    cells: dict[Cell, str] = {}
    for period in calendar.started(dataset, today):
        is_due = ledger.has_passed(calendar.due_day(dataset, period), now)
        if not is_due or ledger.has_passed(calendar.locked_day(dataset, period), now):
            continue
        before = kept.get(period, {})
        plan = plan_period(dataset, calendar.moment(dataset, period, today), found[period], before, None, horizon)
        units = (unit for unit in plan.units if unit != UNKNOWN_UNIT and moved_at_source(plan.stands[unit], before.get(unit)))
        cells |= {(period, unit): plan.stands[unit] for unit in units}
    return cells


def revalidate_dataset(hub: Hub, dataset: Dataset, request: Request) -> Outcome:
    """Validate cells again from raw, without asking the source: the rules of today, the lists of the rows' own date."""
    outcome = Outcome(dataset, columns=len(dataset.columns))
    asked: dict[str, set[str]] = defaultdict(set)
    for period, unit in request.cells or ():
        asked[period].add(unit)
    for period, units in sorted(asked.items()):
        with hub.warehouse.engine.connect() as connection:
            chains = readings.chains(connection, dataset, period, units)
        for unit in sorted(units - {unit for chain in chains for unit in chain.units}):
            outcome.cells.append(CellOutcome(period, unit, "nothing", reason="chưa có bản gốc nào của ô này"))
        for chain in chains:
            moment = calendar.moment(dataset, period, chain.pulled_at.astimezone(ledger.ZONE).date())
            _Period(hub, dataset, moment, {}, request, outcome).judge_again(chain, None)
    return outcome


@dataclass(frozen=True)
class _Period:
    """One period of a dataset in one run."""

    hub: Hub
    dataset: Dataset
    moment: Moment
    marks: dict[str, Mark]
    request: Request
    outcome: Outcome
    snapshot: Snapshot | None = None  # None: nothing is asked of the source
    horizon: Horizon | None = None
    locked: bool = False

    @property
    def name(self) -> str:
        return self.moment.period

    def sync(self, plan: Plan) -> bool:
        """Bring the period's cells to what the source says; false when there is nothing to do."""
        says_empty = any(mark.declared_empty for mark in self.marks.values())
        states = self._states() if plan.units or says_empty else {}
        if plan.judged_otherwise:
            plan = self._from_raw(plan)
        if not plan.units and (self.locked or not self._declared_empty(states)):
            return bool(plan.judged_otherwise)
        if plan.since is not None:
            left = self._by_increment(plan, states)
            if not left:
                return True
            plan = narrowed(self.dataset, self.moment, plan, left)
        self._whole(plan)
        return True

    def _from_raw(self, plan: Plan) -> Plan:
        """Judge again from raw what only judging changed; what raw does not give is asked of the source with what moved."""
        with self.hub.warehouse.engine.connect() as connection:
            chains = readings.chains(connection, self.dataset, self.name, plan.judged_otherwise)
        left = set(plan.judged_otherwise) - {unit for chain in chains for unit in chain.units}
        for chain in chains:
            try:
                self.judge_again(chain, plan)
            except (RawMissing, RawDamaged) as failure:
                log.warning("%s", failure)
                left |= chain.units
        return narrowed(self.dataset, self.moment, plan, {*plan.units, *left}) if left else plan

    def judge_again(self, chain: Chain, plan: Plan | None) -> None:
        """Judge cells again from the raw files that hold them. `plan`: how they stand at the source, where it was asked."""
        units = sorted(chain.units)
        with PeriodLoad(self.hub.warehouse, self.dataset, self.name, self.hub.now()) as load:
            pull = Pull(self.hub.raw, self.dataset, self.moment)
            pull.validate_again(chain.files, load)
            load.keep_only(units)
            self.outcome.examined(pull, load.set_doubled_aside(pull.received))
            again = Plan(units, plan.stands if plan else {}, None, (), judged_by(self.dataset, self.moment))
            if self.locked:
                self._count_waiting(load, again, ())
            else:
                self._commit(load, again, chain.last_pull, road="raw")

    def _declared_empty(self, states: Mapping[str, CellState]) -> set[str]:
        """The units that say they have nothing, of which nothing was ever accepted: a cell that holds rows is not emptied by a mark."""
        empty = {unit for unit, mark in self.marks.items() if mark.declared_empty} & self._expected
        return {unit for unit in empty if not (unit in states and states[unit].ever_accepted)}

    @property
    def _expected(self) -> set[str]:
        return set(ledger.expected_units(self.dataset, self.name, self.hub.today()))

    def _whole(self, plan: Plan) -> None:
        straight = plan.communes is None and not self.locked and is_first(self.hub.warehouse, self.dataset)
        kind = FirstLoad if straight else PeriodLoad
        with kind(self.hub.warehouse, self.dataset, self.name, self.hub.now()) as load:
            pull = Pull(self.hub.raw, self.dataset, self.moment)
            if plan.units and self.snapshot:
                pull.take(
                    self.snapshot.batches(self.dataset, self.name, self.hub.today(), plan.communes, plan.known),
                    load,
                )
            if plan.communes is not None:
                load.keep_only(plan.units)
            file = pull.close()
            self.outcome.examined(pull, load.set_doubled_aside(pull.received))
            self._finish(load, plan, file, "look" if self.locked else "whole", None if plan.communes is None else plan.units)

    def _by_increment(self, plan: Plan, states: Mapping[str, CellState]) -> set[str]:
        """Load what has changed; the units that need a whole load instead."""
        snapshot, since = self.snapshot, plan.since
        assert snapshot is not None
        assert since is not None
        today = self.hub.today()
        with Increment(self.hub.warehouse, self.dataset, self.name, self.hub.now()) as load:
            files = readings.files_of_all(load.connection, self.dataset, self.name)
            of_all = None if files is None else lambda: (self.hub.raw.keys(files[:1]), self.hub.raw.keys(files[1:]))
            keys = partial(snapshot.keys, self.dataset, self.name, today)
            load.compare(states, of_all, keys, snapshot.changed_keys(self.dataset, since))
            pull = Pull(self.hub.raw, self.dataset, self.moment, is_increment=True)
            try:
                pull.take(load.seen(snapshot.batches(self.dataset, self.name, today, since=since)), load)
                whole = load.complete()
            except TooMuchChanged:
                whole = None
            if whole is None or whole >= set(plan.units):
                pull.abandon()
                return set(plan.units)
            done = [unit for unit in plan.units if unit not in whole]
            load.keep_only(done)
            file = pull.close(load.gone())
            self.outcome.examined(pull, Counter())
            self._finish(load, replace(plan, units=done), file, "look" if self.locked else "delta", done, whole)
        return whole & set(plan.units)

    def _finish(
        self,
        load: PeriodLoad,
        plan: Plan,
        file: RawFile | None,
        kind: str,
        units: list[str] | None,
        behind: Collection[str] = (),
    ) -> None:
        pull_id = self._record_pull(load.connection, file, kind, units) if file else None
        if self.locked:
            self._count_waiting(load, plan, behind)
        else:
            self.outcome.is_loaded_whole |= kind == "whole"
            self._commit(load, plan, pull_id, road=ROAD, behind=behind)

    def _states(self) -> dict[str, CellState]:
        with self.hub.warehouse.engine.connect() as connection:
            return ledger.states(connection, self.dataset, self.name)

    def _record_pull(self, connection: sa.Connection, file: RawFile, kind: str, units: list[str] | None) -> int:
        return connection.execute(
            sa.text("""insert into ops.pulls (run_id, source, dataset, period, kind, units, path, sha256, rows, pulled_at)
                values (:run_id, :source, :dataset, :period, :kind, :units, :path, :sha256, :rows, :now) returning id"""),
            {
                "run_id": self.request.run_id,
                "source": self.dataset.source.name,
                "dataset": self.dataset.name,
                "period": self.name,
                "kind": kind,
                "units": units,
                "path": file.path,
                "sha256": file.sha256,
                "rows": file.rows,
                "now": self.hub.now(),
            },
        ).scalar_one()

    def _count_waiting(self, load: PeriodLoad, plan: Plan, behind: Collection[str]) -> None:
        for unit in plan.units:
            if unit == UNKNOWN_UNIT:  # nobody could run that cell by hand
                continue
            rows = load.waiting(unit)
            readings.record_waiting(load.connection, self.dataset, self.name, unit, rows)
            if rows:
                self.outcome.waiting[self.name, unit] = rows
        self._mark_checked(load, plan, plan.units, {*behind, UNKNOWN_UNIT})
        load.commit()

    def _mark_checked(self, load: PeriodLoad, plan: Plan, units: Collection[str], behind: Collection[str]) -> None:
        seen = Seen(ROAD, plan.judged_by, _of_all_cells(self.request, self.horizon), plan.of(units), behind)
        readings.mark_checked(load.connection, self.dataset, [self.name], load.now, seen)

    def _commit(self, load: PeriodLoad, plan: Plan, pull_id: int | None, *, road: str, behind: Collection[str] = ()) -> None:
        """Decide each cell and write all of the period's in the load's transaction."""
        dataset, period, request = self.dataset, self.name, self.request
        connection = load.connection
        states = ledger.states(connection, dataset, period)
        before = _states_before(connection, dataset, period)
        counts = load.counts(states)
        resent = load.equals_previous(calendar.previous(period)) if before else set()
        arrivals, accepted, refused, same = [], [], [], {}
        # The rows of a register's unit that ended are its successor's from that day on: nobody could confirm that it is empty.
        ended = states.keys() - self._expected - {PROVINCE} if self.name == calendar.REGISTER else set()
        looked_at = set(plan.units) | set(counts)
        if not request.is_manual:
            looked_at |= self._declared_empty(states)
        for unit in sorted(looked_at):
            state, mark = states.get(unit), self.marks.get(unit)
            count = counts.get(unit) or load.untouched(unit, state)
            cell = Facts(count, state, before.get(unit), mark, unit in resent)
            is_manual = request.is_manual and unit != UNKNOWN_UNIT  # that comes along
            is_confirmed = request.confirm_shrink or unit in ended
            arrival = judge(dataset, cell, load.now, is_manual=is_manual, is_confirmed=is_confirmed)
            if arrival is None:
                if state is not None and state.ever_accepted and state.last_outcome != "refused":
                    same[unit] = count.key_sum
                if is_manual:
                    self.outcome.cells.append(CellOutcome(period, unit, "nothing", reason="nguồn chưa có dòng nào cho ô này"))
                continue
            if unit in plan.equal:
                self.outcome.missed.append((period, unit))
            arrivals.append(arrival)
            (refused if arrival.outcome == "refused" else accepted).append(unit)
            self.outcome.cells.append(
                CellOutcome(
                    period,
                    unit,
                    arrival.outcome,
                    arrival.rows_accepted,
                    arrival.rows_rejected,
                    count.pulled,
                    arrival.reason,
                )
            )
        differing = load.merge([*accepted, *same], refused)
        self.outcome.missed += [(period, unit) for unit in sorted(differing & same.keys())]
        if not plan.stands:  # the source was not asked
            readings.judged_again(connection, dataset, period, plan.units, plan.judged_by)
        ledger.record_arrivals(
            connection,
            dataset,
            period,
            arrivals,
            run_id=request.run_id,
            road=road,
            pull_id=pull_id,
            now=load.now,
        )
        readings.record_key_sums(connection, dataset, period, same)
        self._mark_checked(load, plan, {*plan.units, *accepted, *refused} if plan.stands else (), behind)
        load.commit()


def _of_all_cells(request: Request, horizon: Horizon | None) -> str | None:
    """The horizon of a look at every cell of a period, which a manual run is not."""
    return horizon.text if horizon and not request.is_manual else None


def _states_before(connection: sa.Connection, dataset: Dataset, period: str) -> dict[str, CellState]:
    """For a list that comes anew each month, the unit's month before: its first arrival is measured against it."""
    if dataset.kind != "monthly" or period == dataset.first_period:
        return {}
    if not any(dataset.column(name).source_column == dataset.period_column for name in dataset.key):
        return {}
    states = ledger.states(connection, dataset, calendar.previous(period))
    return {unit: state for unit, state in states.items() if state.ever_accepted}
