"""What one run does to one period of a dataset, in up to three transactions: what is judged again from raw, what changed, and the rest."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import pyarrow as pa

from assets.cells.following import Following, following
from assets.cells.gathering import Gathering, is_readable
from assets.cells.outcome import Outcome, Request
from assets.cells.plan import Plan, plan_from_raw
from assets.cells.pull import Pull
from assets.cells.settling import Settling
from resources.connectors.connector import Changes, Connector, Standings, keyed
from resources.failures import RawDamaged, RawMissing
from resources.hub import Hub
from resources.person.masking import masks
from resources.person.suppression import known_of
from resources.raw_store import RawFile
from resources.warehouse.arrivals import pulls
from resources.warehouse.arrivals.cells import FROM_RAW, CellState, DatasetCells, Kind
from resources.warehouse.arrivals.pulls import Chain, PullKind
from resources.warehouse.loading.first import FirstLoad, is_first
from resources.warehouse.loading.full import PeriodLoad
from resources.warehouse.loading.incremental import Increment, Keys
from resources.warehouse.loading.patch import Patch
from resources.warehouse.quarantine import answers
from resources.warehouse.quarantine.answers import PatchFile
from schemas.dataset import Dataset, Moment

log = logging.getLogger("ansinh.cells")

OF_PULL: Mapping[Kind, PullKind] = {"whole": "whole", "changes": "delta", "patch": "patch"}

_Load = TypeVar("_Load", bound=PeriodLoad)


@dataclass(frozen=True)
class PeriodRun:
    """One period of a dataset in one run. `settling` decides what becomes of the cells, and counts in its outcome what was seen."""

    hub: Hub
    moment: Moment
    settling: Settling
    is_locked: bool = False

    @property
    def dataset(self) -> Dataset:
        return self.cells.dataset

    @property
    def name(self) -> str:
        return self.moment.period

    @property
    def cells(self) -> DatasetCells:
        return self.settling.cells

    @property
    def request(self) -> Request:
        return self.settling.request

    @property
    def outcome(self) -> Outcome:
        return self.settling.outcome

    def sync(self, connector: Connector, plan: Plan, found: Standings) -> bool:
        """Bring the period's cells to what the source says; false when there is nothing to do."""
        if plan.judged_otherwise:
            plan = self._judged_from_raw(plan)
        says_empty = any(submission.declared_empty for submission in self.settling.submissions.values())
        states = self.cells.states(self.name) if plan.units or says_empty else {}
        if not plan.units and (self.is_locked or not self.settling.declared_empty(plan, states)):
            return bool(plan.judged_otherwise)
        if plan.since is not None:
            changes = connector.changes(self.dataset, self.name, self.hub.today(), plan.since, found)
            left = set(plan.units) if changes is None else self._by_changes(connector, changes, plan, states)
            if not left:
                return True
            plan = plan.narrowed(left)
        self._whole(connector, plan)
        return True

    def judge_again(self, chain: Chain, plan: Plan | None = None) -> None:
        """Judge cells again from the raw files that hold them. `plan`: how they stand at the source, where it was asked.

        Raises RawMissing and RawDamaged; then nothing has changed.
        """
        units = sorted(chain.units)
        again = plan or plan_from_raw(self.dataset, self.moment)
        with self._load(PeriodLoad) as load:
            self._gathering(load, self._following()).add_from_raw(chain)
            if self.is_locked:
                self.settling.wait(load, again, units, ())
            else:
                self.settling.settle(load, again, units, "whole", FROM_RAW, chain.last_pull)

    def patch(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Load rows that take the place of the rows that they name, or of those with their key.

        No row is removed, and how the cells stand by their main road stays as it is. A locked cell takes a patch as it takes a run by
        hand: whoever sends one means it. Of a refused cell, what the source last sent is judged again together with the patch.

        Raises RawMissing and RawDamaged.
        """
        with self._load(Patch) as load:
            gathering = self._gathering(load, self._following())
            pull = gathering.pull
            pull.take(keyed(batches, self.dataset, self.name, self.cells.road), load)
            file = pull.close()
            came, units, states = range(pull.rows), load.units(), self.cells.states(self.name, load.connection)
            refused = {unit for unit in units if unit in states and states[unit].last_outcome == "refused"}
            load.hold(units - refused)
            for chain in pulls.chains(self.hub.warehouse.engine, self.dataset, self.name, refused) if refused else ():
                gathering.add_from_raw(chain)
            load.find_held_cases(came)
            self.outcome.examined(pull, load.lay(came, pull.received))
            pull_id = self._kept(load, file, "patch", sorted(units)) if file else None
            plan = plan_from_raw(self.dataset, self.moment)
            self.settling.settle(load, plan, sorted(units), "patch", self.cells.road, pull_id, came=came)

    def _judged_from_raw(self, plan: Plan) -> Plan:
        """Judge from raw the cells of which only the judging changed. What is left to ask the source: what moved, and what raw cannot give."""
        # A unit that took communes of such a cell is judged with it, even where nothing was ever held of that unit.
        takers = {unit for one in self._following() if one.unit in plan.judged_otherwise for unit in one.takers}
        otherwise = set(plan.judged_otherwise) | (takers - set(plan.units) - plan.unread.keys())
        chains = pulls.chains(self.hub.warehouse.engine, self.dataset, self.name, otherwise)
        left = otherwise - {unit for chain in chains for unit in chain.units}
        for chain in chains:
            try:
                self.judge_again(chain, plan)
            except (RawMissing, RawDamaged) as failure:
                log.warning("%s", failure)
                left |= chain.units
        return plan.narrowed({*plan.units, *left}) if left else plan

    def _whole(self, connector: Connector, plan: Plan) -> None:
        following = self._following()
        # Where rows follow, the pull is never kept as one of all units: it would be taken for the last word on the units they follow from.
        loaded = None if plan.places is None and not following else plan.units
        patches = self._standing_patches(loaded)
        straight = loaded is None and not self.is_locked and not patches and is_first(self.hub.warehouse, self.dataset)
        with self._load(FirstLoad if straight else PeriodLoad) as load:
            gathering = self._gathering(load, following)
            pull = gathering.pull
            if plan.units:
                batches = connector.rows(self.dataset, self.name, self.hub.today(), plan.places)
                pull.take(keyed(batches, self.dataset, self.name, connector.road), load)
            if loaded is not None:
                load.keep_only(loaded)
            file = pull.close()
            # A file beside the main road speaks of all that is its sender's, taken communes among them.
            if loaded is not None and not self.request.is_beside:
                patches = [*patches, *gathering.add_following(loaded, range(pull.rows))]
            self.outcome.examined(pull, load.set_doubled_aside(pull.received))
            gathering.lay(patches, loaded)
            self._pulled(load, plan, plan.units, file, "whole", loaded)

    def _standing_patches(self, units: Collection[str] | None) -> list[PatchFile]:
        """The patches that answer rows of these units, or stand in them."""
        with self.hub.warehouse.engine.connect() as connection:
            found = answers.patches(connection, self.dataset, self.name, units)
        return [patch for patch in found if is_readable(self.hub.raw, patch.file)]

    def _by_changes(self, connector: Connector, changes: Changes, plan: Plan, states: Mapping[str, CellState]) -> set[str]:
        """Load what has changed. Returns the units that need a whole load instead."""
        with self._load(Increment) as load:
            files = pulls.files_of_all(load.connection, self.dataset, self.name)
            held = None if files is None else partial(self._received_keys, files)
            pull = self._pull(is_increment=True)
            behind = load.take(changes, connector.road, partial(pull.take, load=load), states, held)
            # A unit into which rows follow needs a whole load: these rows are not at the source, and would be taken for gone.
            apart = {unit for one in self._following() for unit in one.takers} & set(plan.units)
            behind = behind if behind is None else behind | apart
            if behind is None or behind >= set(plan.units):
                pull.abandon()
                return set(plan.units)
            done = [unit for unit in plan.units if unit not in behind]
            load.keep_only(done)
            file = pull.close(load.gone())
            self.outcome.examined(pull, Counter())
            self._pulled(load, plan, done, file, "changes", done, behind)
        return behind & set(plan.units)

    def _received_keys(self, files: list[RawFile]) -> Keys:
        """The keys of the whole pull, and of what was told since."""
        return self.hub.raw.keys(files[:1]), self.hub.raw.keys(files[1:])

    def _following(self) -> list[Following]:
        return following(self.hub.warehouse.engine, self.cells, self.moment)

    def _gathering(self, load: PeriodLoad, following: list[Following]) -> Gathering:
        return Gathering(self.hub.raw, load, self._pull(), self.outcome, following)

    def _pull(self, *, is_increment: bool = False) -> Pull:
        known = known_of(self.hub.settings, self.hub.warehouse.engine, self.dataset.source.name)
        erased = masks(self.dataset, known)
        return Pull(self.hub.raw, self.dataset, self.moment, self.hub.tuning.texts_at_once, erased, is_increment=is_increment)

    def _load(self, kind: type[_Load]) -> _Load:
        return kind(self.hub.warehouse, self.dataset, self.name, self.hub.now(), self.hub.tuning)

    def _kept(self, load: PeriodLoad, file: RawFile, kind: PullKind, units: list[str] | None) -> int:
        run_id, delivery = self.request.run_id, self.request.delivery
        return pulls.keep(load.connection, self.dataset, run_id, self.name, file, kind, units, load.now, delivery)

    def _pulled(
        self,
        load: PeriodLoad,
        plan: Plan,
        units: list[str],
        file: RawFile | None,
        kind: Kind,
        pulled: list[str] | None,
        behind: Collection[str] = (),
    ) -> None:
        """Keep the pull, then settle its units. `pulled`: the units that its raw file holds (None: all)."""
        pull_id, behind = None, {*behind, *plan.unread}
        if file is not None:
            pull_id = self._kept(load, file, "look" if self.is_locked else OF_PULL[kind], pulled)
        if self.is_locked:
            self.settling.wait(load, plan, units, behind)
        else:
            self.outcome.is_loaded_whole |= kind == "whole"
            self.settling.settle(load, plan, units, kind, self.cells.road, pull_id, behind)
