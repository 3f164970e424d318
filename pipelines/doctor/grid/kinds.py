"""The grid of the UI held against what it is to show, and told again where it lost something.

Dagster's UI wipes an asset at a click, deleting a run deletes what it materialised, a click may report a cell that never came, and
one of two databases may be restored alone. What stands in the warehouse is right: cells, published periods, revisions of reports.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

import dagster as dg
import sqlalchemy as sa

from assets.cells import checks, freshness, telling
from assets.cells.outcome import Outcome
from assets.keys import core_key, open_key, raw_key, report_key
from assets.long_tags import shown
from assets.open import asset as open_asset
from assets.open.publish import Published, as_it_stands
from assets.open.tables import tables_of
from assets.recording import as_evaluation, record_outside_runs, targets
from assets.reports import asset as report_asset
from assets.reports.form import Form
from assets.reports.forms import FORMS
from pipelines.failures import GridDiffers
from pipelines.runtime.instance import existing, instance
from resources.hub import Hub
from resources.locks import only_one
from resources.servers import connecting
from resources.warehouse import events, ledger, submissions
from resources.warehouse.engine import typed
from resources.warehouse.events import Arrived
from schemas.dataset import Dataset
from schemas.registry import DATASETS, SOURCES
from schemas.release import OpenTable
from schemas.written import grouped

SHOWN = 3  # cells that are named of each asset
NAMED = 6  # assets that a line names

Said = dg.AssetCheckEvaluation | dg.AssetCheckResult


@dataclass(frozen=True)
class Difference:
    """How the grid of one asset, or of two that are told together, differs from what stands."""

    name: str
    lost: Sequence[str] = ()  # partitions that stand and are not shown
    strange: Sequence[str] = ()  # partitions that are shown and do not stand
    unjudged: Sequence[str] = ()  # partitions whose own check is not as they stand
    checks: Sequence[str] = ()  # checks that say nothing

    def __bool__(self) -> bool:
        return bool(self.lost or self.strange or self.unjudged or self.checks)

    def __str__(self) -> str:
        told = ("mất {}", self.lost), ("thừa {}", self.strange), ("kiểm tra của {} không còn đúng", self.unjudged)
        parts = [words.format(_counted(found)) for words, found in told if found]
        parts += [f"mất kiểm tra {', '.join(self.checks)}"] if self.checks else []
        return f"{self.name}: {'; '.join(parts)}"


def _counted(partitions: Sequence[str]) -> str:
    more = ", …" if len(partitions) > SHOWN else ""
    return f"{grouped(len(partitions))} ô ({', '.join(map(shown, partitions[:SHOWN]))}{more})"


@dataclass(frozen=True)
class _Grid(ABC):
    """The grid of what is told together. What stands is read once, when it is first asked for."""

    hub: Hub
    instance: dg.DagsterInstance

    @property
    @abstractmethod
    def keys(self) -> Sequence[dg.AssetKey]:
        """Whose grid it is; the last one has the checks."""

    @property
    @abstractmethod
    def locks(self) -> Sequence[str]:
        """What a run holds that changes it."""

    @property
    @abstractmethod
    def check_names(self) -> Sequence[str]: ...

    @abstractmethod
    def standing(self) -> Collection[str]:
        """The partitions that are to be shown."""

    @abstractmethod
    def materializations(self, key: dg.AssetKey, partitions: Sequence[str]) -> Sequence[dg.AssetMaterialization]: ...

    @abstractmethod
    def summaries(self) -> Iterator[Said]:
        """What each check says."""

    def untold(self) -> Collection[str]:
        """The partitions of which something newer stands than was told."""
        return ()

    def unjudged(self) -> Sequence[str]:
        return ()

    def verdicts(self, partitions: Collection[str]) -> Iterator[dg.AssetCheckEvaluation]:
        """The checks of these partitions' own, where they have any."""
        yield from ()

    @cached_property
    def name(self) -> str:
        return self.keys[-1].to_user_string()

    def shown(self, key: dg.AssetKey) -> set[str]:
        return self.instance.get_materialized_partitions(key)

    def difference(self) -> Difference:
        # The grid first: a run that loads and tells meanwhile would else seem to show what never came.
        shown_by = [self.shown(key) for key in self.keys]
        records = self.instance.event_log_storage.get_asset_check_summary_records(
            [dg.AssetCheckKey(self.keys[-1], name) for name in self.check_names]
        )
        silent = [key.name for key, record in records.items() if record.last_completed_check_execution_record is None]
        standing = set(self.standing())
        lost = {partition for shown in shown_by for partition in standing - shown} | set(self.untold())
        strange = {partition for shown in shown_by for partition in shown - standing}
        unjudged = set(self.unjudged()) - lost
        return Difference(self.name, sorted(lost), sorted(strange), sorted(unjudged), silent if standing else [])

    def mend(self) -> Difference:
        """Make it whole; what it lacked. Nothing is told of what is shown as it stands."""
        found = self.difference()
        if not found:
            return found
        untold = set(self.untold())
        if found.strange:  # of single partitions Dagster's storage forgets none: all is told again
            self.instance.wipe_assets(list(self.keys))
        standing = set(self.standing())
        lost: set[str] = set()
        for key in self.keys:
            missing = sorted(standing - self.shown(key) | untold)
            record_outside_runs(self.instance, self.materializations(key, missing))
            lost |= set(missing)
        for evaluation in self.verdicts(lost | set(self.unjudged())):
            self.instance.report_runless_asset_event(evaluation)
        for said in self.summaries():
            self.instance.report_runless_asset_event(as_evaluation(said) if isinstance(said, dg.AssetCheckResult) else said)
        return found


@dataclass(frozen=True)
class _Cells(_Grid):
    """Raw and core of a dataset."""

    dataset: Dataset

    @property
    def keys(self) -> Sequence[dg.AssetKey]:
        return raw_key(self.dataset), core_key(self.dataset)

    @property
    def locks(self) -> Sequence[str]:
        return (f"source.{self.dataset.source.name}",)

    @property
    def check_names(self) -> Sequence[str]:
        own = [spec.name for spec in checks.check_specs(self.dataset, core_key(self.dataset))]
        return [*own, freshness.CHECK] if self.dataset.kind == "register" else own

    @cached_property
    def arrived(self) -> dict[str, Arrived]:
        with self.hub.warehouse.engine.connect() as connection:
            return {str(key): cell for key, cell in telling.in_grid(events.last_arrived(connection, self.dataset))}

    def standing(self) -> Collection[str]:
        return [key for key, cell in self.arrived.items() if cell.accepted is not None]

    def untold(self) -> Collection[str]:
        with self.hub.warehouse.engine.connect() as connection:
            cells = telling.in_grid(events.unshown(connection, self.dataset))
        return [str(key) for key, cell in cells if cell.accepted is not None]

    def unjudged(self) -> Sequence[str]:
        """The refused that are not red, and those that are red and are not refused."""
        infos = self.instance.event_log_storage.get_asset_check_partition_info(
            [dg.AssetCheckKey(core_key(self.dataset), checks.ACCEPTED)]
        )
        red = {i.partition_key for i in infos if i.partition_key and i.latest_execution_status.value == "FAILED"}
        refused = {key for key, cell in self.arrived.items() if cell.outcome == "refused"}
        return sorted((red ^ refused) & self.arrived.keys())

    def materializations(self, key: dg.AssetKey, partitions: Sequence[str]) -> Sequence[dg.AssetMaterialization]:
        raw, core = telling.materializations(self.dataset, [self.arrived[p] for p in partitions], self.hub.today())
        return raw if key == raw_key(self.dataset) else core

    def verdicts(self, partitions: Collection[str]) -> Iterator[dg.AssetCheckEvaluation]:
        told = [(key, cell) for key, cell in telling.judged(list(self.arrived.values())) if str(key) in partitions]
        latest = targets(self.instance, core_key(self.dataset), [str(k) for k, c in told if c.outcome != "refused"])
        for key, cell in told:
            yield telling.verdict(self.dataset, key, cell, latest)

    def summaries(self) -> Iterator[Said]:
        core = core_key(self.dataset)
        before = checks.wrong_before(self.instance, core)
        yield from checks.results(self.hub, self.dataset, core, Outcome(self.dataset), before)
        if self.dataset.kind == "register":
            with self.hub.warehouse.engine.connect() as connection:
                read = ledger.last_read(connection, self.dataset)
            yield freshness.judged(self.dataset, read, self.hub.now())

    def mend(self) -> Difference:
        found = super().mend()
        if found:
            with self.hub.warehouse.engine.begin() as connection:
                events.mark_shown(connection, events.unshown(connection, self.dataset))
        return found


@dataclass(frozen=True)
class _Open(_Grid):
    """An open table."""

    shared: sa.Engine
    dataset: Dataset
    table: OpenTable

    @property
    def keys(self) -> Sequence[dg.AssetKey]:
        return (open_key(self.dataset.source.name, self.table.name),)

    @property
    def locks(self) -> Sequence[str]:
        return (f"open.{self.dataset.source.name}",)

    @property
    def check_names(self) -> Sequence[str]:
        return open_asset.MATCHES, checks.INPUTS_READ

    @cached_property
    def published(self) -> Published:
        return as_it_stands(self.hub.warehouse.engine, self.shared, self.dataset, self.table, self.hub.now())

    def standing(self) -> Collection[str]:
        return self.published.standing

    def materializations(self, key: dg.AssetKey, partitions: Sequence[str]) -> Sequence[dg.AssetMaterialization]:
        return open_asset.told(key, self.published, partitions)

    def summaries(self) -> Iterator[Said]:
        key = self.keys[-1]
        yield open_asset.verdict(key, self.published)
        read = open_asset.inputs(self.hub, [d for d, _ in tables_of(self.dataset.source)])
        yield dg.AssetCheckResult(asset_key=key, check_name=checks.INPUTS_READ, **read)


@dataclass(frozen=True)
class _Report(_Grid):
    """A form."""

    form: Form

    @property
    def keys(self) -> Sequence[dg.AssetKey]:
        return (report_key(self.form),)

    @property
    def locks(self) -> Sequence[str]:
        return ("report_sending",)

    @property
    def check_names(self) -> Sequence[str]:
        return list(report_asset.CHECKS)

    @cached_property
    def latest(self) -> dict[str, submissions.Submission]:
        with self.hub.warehouse.engine.connect() as connection:
            return {s.period: s for s in submissions.listed(connection, self.form.code)}

    def standing(self) -> Collection[str]:
        return self.latest

    def materializations(self, key: dg.AssetKey, partitions: Sequence[str]) -> Sequence[dg.AssetMaterialization]:
        return list(report_asset.materializations(key, self.latest, partitions))

    def verdicts(self, partitions: Collection[str]) -> Iterator[dg.AssetCheckEvaluation]:
        yield from report_asset.verdicts(self.instance, self.keys[-1], self.latest, sorted(partitions))

    def summaries(self) -> Iterator[Said]:
        yield from report_asset.summaries(self.keys[-1], self.latest, self.form.periods_due(self.hub.today()))


def look(hub: Hub) -> str:
    """How the grids stand, in words; nothing is started, made or written. Raises GridDiffers, and why it cannot be told."""
    try:
        with existing(hub.settings) as found, _shared(hub) as shared:
            differences = [grid.difference() for grid in _grids(hub, found, shared)]
    except Exception as error:
        raise typed("so lưới ô của giao diện với kho", error) from None
    if wrong := [str(difference) for difference in differences if difference]:
        more = f" | và {len(wrong) - NAMED} bảng khác" if len(wrong) > NAMED else ""
        raise GridDiffers(told=" | ".join(wrong[:NAMED]) + more)
    return f"{len(differences)} lưới khớp với kho"


def mend(hub: Hub, waiting: Callable[[str], object]) -> list[str]:
    """Tell the UI again what it lost; a line for each asset that differed. `waiting` is told what is waited for."""
    try:
        with instance(hub.settings) as found, _shared(hub) as shared:
            return [str(mended) for grid in _grids(hub, found, shared) if (mended := _mended(grid, waiting))]
    except Exception as error:
        raise typed("kể lại lưới ô cho giao diện", error) from None


def _mended(grid: _Grid, waiting: Callable[[str], object]) -> Difference:
    """What a run holds that changes the grid is held meanwhile: neither tells what the other is about to."""
    with ExitStack() as locks:
        for name in grid.locks:
            locks.enter_context(only_one(grid.hub.warehouse.engine, name, lambda name=name: waiting(name)))
        return grid.mend()


def _grids(hub: Hub, found: dg.DagsterInstance, shared: sa.Engine | None) -> Iterator[_Grid]:
    yield from (_Cells(hub, found, dataset) for dataset in DATASETS)
    if shared is not None:
        yield from (_Open(hub, found, shared, d, t) for source in SOURCES for d, t in tables_of(source))
    yield from (_Report(hub, found, form) for form in FORMS)


@contextmanager
def _shared(hub: Hub) -> Iterator[sa.Engine | None]:
    url = hub.settings.shared_url()
    if url is None:
        yield None
        return
    engine = connecting.engine(url)
    try:
        yield engine
    finally:
        engine.dispose()
