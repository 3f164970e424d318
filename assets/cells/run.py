"""What one run does to the cells of one dataset: find what moved, pull, keep raw, validate, decide, load.

No Dagster here: the asset and the tests call `sync_dataset`. A refused cell stops itself alone; a source that fails stops
its own datasets. What is done with one period stands in period.py.
"""

import datetime as dt
import logging
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from assets.cells.outcome import Cell, CellOutcome, Outcome, Request
from assets.cells.period import PeriodRun
from assets.cells.plan import Plan, moved_at_source, plan_period
from assets.cells.settling import Settling
from resources.clock import ZONE
from resources.connectors.connector import Connector, Standings, Submissions
from resources.connectors.failures import SourceSeenInPart, StructureChanged
from resources.hub import Hub
from resources.warehouse.arrivals import dataset_pulls, ledger, pulls, readings
from resources.warehouse.arrivals.cells import DatasetCells
from resources.warehouse.arrivals.readings import Reading
from schemas import calendar
from schemas.dataset import UNKNOWN_UNIT, Dataset, Moment
from schemas.projections.fingerprint import fingerprint
from schemas.submissions import SUBMISSION_LOG
from schemas.validation import prepare

log = logging.getLogger("ansinh.cells")


def sync_dataset(hub: Hub, dataset: Dataset, connector: Connector, request: Request) -> Outcome:
    """Bring the cells of a dataset to what the source says. Every period is a transaction of its own, in order.

    Raises StructureChanged and SourceSeenInPart before anything is read, and what the connector and the warehouse declare.
    """
    refuse_other_than_declared(connector, dataset)
    outcome = Outcome(dataset, columns=len(dataset.columns))
    cells = DatasetCells(hub.warehouse.engine, dataset, request.run_id, connector.road, request.delivery)
    is_first_pull = cells.begin(hub.now())
    fingerprint(dataset)  # before the thread begins: Python 3.11 cannot parse code in two threads at once
    threading.Thread(target=prepare, name="prepare").start()
    look = _look(hub, cells, connector, request, outcome, is_first_pull=is_first_pull)
    quiet = [period for period in look.periods if not look.load(period)]
    cells.end(
        hub.now(),
        quiet,
        look.bookmark,
        all_was_read=request.is_of_all,
        some_came=is_first_pull or bool(outcome.cells),
        was_loaded=outcome.is_loaded_whole,  # an increment leaves the statistics as they are
        before_first=None if request.is_beside else look.found.before_first,
    )
    return outcome


@dataclass(frozen=True)
class _Look:
    """One look at a source: how all periods stand there, and how they stood when this road last read them."""

    hub: Hub
    cells: DatasetCells
    connector: Connector
    request: Request
    outcome: Outcome
    is_first_pull: bool
    today: dt.date
    periods: list[str]
    found: Standings
    last_read: Mapping[str, Mapping[str, Reading]]
    submissions: Submissions
    bookmark: str | None

    def load(self, period: str) -> bool:
        """Bring the cells of a period to what the source says; false where there was nothing to do, and nothing was kept back."""
        dataset, request, found = self.cells.dataset, self.request, self.found
        wanted = None if request.cells is None else frozenset(u for p, u in request.cells if p == period)
        moment = calendar.moment(dataset, period, self.today)
        stand = None if period in found.unmoved else found.periods[period]
        # What no unit answers for comes along: a row of it may be in the cell that was asked for from now on.
        along = frozenset[str]() if request.is_beside else frozenset({UNKNOWN_UNIT})
        kept, unread = self.last_read.get(period, {}), found.unread.get(period, ())
        plan = plan_period(dataset, moment, stand, found.origin, kept, wanted, request.whole, along, unread)
        if plan.unread:
            self._keep_back(period, plan, wanted)
        has_loaded = self._run(moment).sync(self.connector, plan, found)
        return has_loaded or bool(plan.unread)

    def _run(self, moment: Moment) -> PeriodRun:
        dataset, request, period = self.cells.dataset, self.request, moment.period
        of_period = {unit: submission for (p, unit), submission in self.submissions.latest.items() if p == period}
        settling = Settling(self.cells, period, self.today, request, self.outcome, of_period, self.bookmark)
        is_over = ledger.has_passed(calendar.locked_day(dataset, period), self.hub.now())
        is_locked = is_over and not request.by_hand and not (self.is_first_pull and request.cells is None)
        return PeriodRun(self.hub, moment, settling, is_locked)

    def _keep_back(self, period: str, plan: Plan, wanted: frozenset[str] | None) -> None:
        """Have every run look at the cells of which something cannot be read, until it can; and tell of those that are asked for."""
        with self.hub.warehouse.engine.begin() as connection:
            readings.read_again(connection, self.cells.dataset, period, sorted(plan.unread), self.connector.road)
        for unit, failure in plan.unread.items():
            if wanted is None or unit in wanted:
                self.outcome.unread[period, unit] = failure
                if failure not in self.outcome.trouble:
                    log.error("%s", failure)
                    self.outcome.trouble.append(failure)


def _look(
    hub: Hub, cells: DatasetCells, connector: Connector, request: Request, outcome: Outcome, *, is_first_pull: bool
) -> _Look:
    """Ask the source how the chosen periods stand, and what its submission log says; what an officer should know of it is logged."""
    dataset, today = cells.dataset, hub.today()
    last_read = readings.last(hub.warehouse.engine, dataset, connector.road)
    is_by_changes = request.cells is None and not request.whole
    chosen = [period for period in calendar.started(dataset, today) if _is_chosen(request, period)]
    found = connector.standings(dataset, today, readings.bookmarks(last_read) if is_by_changes else None, chosen)
    if request.is_beside:
        refuse_unread(found)
    if found.before_first:
        told = "%s: %d dòng ở nguồn ghi ngày trước kỳ đầu (%s), không thuộc ô nào nên không được nạp"
        log.warning(told, dataset.id, found.before_first, dataset.first_period)
    submissions = connector.submissions(dataset, ledger.owed(dataset, today), hub.now())
    outcome.log_told = submissions.told
    if outcome.log_told:
        log.warning("%s: %s", dataset.id, outcome.log_told)
    bookmark = connector.bookmark(dataset) if request.cells is None else None  # else only a part of the cells is looked at
    return _Look(hub, cells, connector, request, outcome, is_first_pull, today, chosen, found, last_read, submissions, bookmark)


def _is_chosen(request: Request, period: str) -> bool:
    """Whether cells of a period are asked for."""
    if request.periods is not None and period not in request.periods:
        return False
    return request.cells is None or any(of == period for of, _ in request.cells)


def refuse_other_than_declared(connector: Connector, dataset: Dataset) -> None:
    """Raises StructureChanged and SourceSeenInPart, for the dataset and for its submission log, where it has one."""
    for declared in (dataset, SUBMISSION_LOG) if dataset.placed_by else (dataset,):
        if faults := connector.faults(declared):
            raise StructureChanged(dataset=dataset.id, place=declared.road.place, faults="; ".join(faults))
        if hidden := connector.hidden(declared):
            raise SourceSeenInPart(dataset=dataset.id, place=declared.road.place, hidden="; ".join(hidden))


def refuse_unread(found: Standings) -> None:
    """Raise what of a file beside the main road cannot be read: it is loaded as a whole, or not at all."""
    for parts in found.unread.values():
        raise parts[0].failure


def moved_since_due(hub: Hub, dataset: Dataset, connector: Connector) -> dict[Cell, str]:
    """The watched cells that stand otherwise at the source than when last loaded, with how they stand. Nothing is pulled."""
    today, now = hub.today(), hub.now()
    watched = [
        period
        for period in calendar.started(dataset, today)
        if ledger.has_passed(calendar.due_day(dataset, period), now)
        and not ledger.has_passed(calendar.locked_day(dataset, period), now)
    ]
    if not watched:
        return {}
    with hub.warehouse.engine.connect() as connection:
        if dataset_pulls.is_first_pull(connection, dataset):
            return {}
    last_read = readings.last(hub.warehouse.engine, dataset, connector.road)
    found = connector.standings(dataset, today, readings.bookmarks(last_read), watched)
    cells: dict[Cell, str] = {}
    for period in watched:
        if period in found.unmoved:
            continue
        kept, moment = last_read.get(period, {}), calendar.moment(dataset, period, today)
        plan = plan_period(dataset, moment, found.periods[period], found.origin, kept, unread=found.unread.get(period, ()))
        units = (unit for unit in plan.units if unit != UNKNOWN_UNIT and moved_at_source(plan.stands[unit], kept.get(unit)))
        cells |= {(period, unit): plan.stands[unit] for unit in units}
    return cells


def revalidate_dataset(hub: Hub, dataset: Dataset, request: Request) -> Outcome:
    """Judge cells again from raw, without asking the source: the rules of today, the lists of the rows' own date.

    Raises RawMissing and RawDamaged.
    """
    outcome = Outcome(dataset, columns=len(dataset.columns))
    cells = DatasetCells(hub.warehouse.engine, dataset, request.run_id, dataset.road.name)
    asked: dict[str, set[str]] = defaultdict(set)
    for period, unit in request.cells or ():
        asked[period].add(unit)
    for period, units in sorted(asked.items()):
        chains = pulls.chains(hub.warehouse.engine, dataset, period, units)
        for unit in sorted(units - {unit for chain in chains for unit in chain.units}):
            outcome.cells.append(CellOutcome(period, unit, "nothing", reason="chưa có bản gốc nào của ô này"))
        for chain in chains:
            moment = calendar.moment(dataset, period, chain.pulled_at.astimezone(ZONE).date())
            PeriodRun(hub, moment, Settling(cells, period, hub.today(), request, outcome)).judge_again(chain)
    cells.refresh(hub.now())
    return outcome


def patch_dataset(
    hub: Hub, dataset: Dataset, period: str, road: str, batches: Iterable[pa.RecordBatch], request: Request
) -> Outcome:
    """Load a patch of one period: rows under the source's own column names, with KEY, and ANSWERS where they name rejected rows.

    What the cells' main road last said of them stays. A row of it that is rejected as it was before yields to the patch; what it
    changes wins. Raises RawMissing and RawDamaged.
    """
    outcome = Outcome(dataset, columns=len(dataset.columns))
    cells = DatasetCells(hub.warehouse.engine, dataset, request.run_id, road, request.delivery)
    cells.begin(hub.now())
    today = hub.today()
    settling = Settling(cells, period, today, request, outcome)
    PeriodRun(hub, calendar.moment(dataset, period, today), settling).patch(batches)
    cells.refresh(hub.now())
    return outcome
