"""The three grids: the cells of a dataset, the periods of an open table, those of a form."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import dagster as dg
import sqlalchemy as sa

from assets.cells import checks, freshness, telling
from assets.cells.outcome import Outcome
from assets.keys import core_key, open_key, raw_key, report_key
from assets.open import asset as open_asset
from assets.open.publish import Published, as_it_stands
from assets.open.tables import tables_of
from assets.recording import targets
from assets.reports import asset as report_asset
from assets.reports.form import Form
from pipelines.doctor.grid.whole import Difference, Grid, Said
from resources.warehouse.arrivals import dataset_pulls, events
from resources.warehouse.arrivals.events import Arrived
from resources.warehouse.published import submissions
from schemas.dataset import Dataset
from schemas.release import OpenTable


@dataclass(frozen=True)
class CellsGrid(Grid):
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
                read = dataset_pulls.last_read(connection, self.dataset)
            yield freshness.judged(self.dataset, read, self.hub.now())

    def mend(self) -> Difference:
        found = super().mend()
        if found:
            with self.hub.warehouse.engine.begin() as connection:
                events.mark_shown(connection, events.unshown(connection, self.dataset))
        return found


@dataclass(frozen=True)
class OpenGrid(Grid):
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
class ReportGrid(Grid):
    """A form."""

    form: Form

    @property
    def keys(self) -> Sequence[dg.AssetKey]:
        return (report_key(self.form.asset_name),)

    @property
    def locks(self) -> Sequence[str]:
        return ("report_sending",)

    @property
    def check_names(self) -> Sequence[str]:
        return list(report_asset.CHECKS)

    @cached_property
    def latest(self) -> dict[str, submissions.Submission]:
        with self.hub.warehouse.engine.connect() as connection:
            return submissions.latest(connection, self.form.code)

    def standing(self) -> Collection[str]:
        return self.latest

    def materializations(self, key: dg.AssetKey, partitions: Sequence[str]) -> Sequence[dg.AssetMaterialization]:
        with self.hub.warehouse.engine.connect() as connection:
            whole = submissions.latest(connection, self.form.code, partitions)
        return list(report_asset.materializations(key, whole, partitions))

    def verdicts(self, partitions: Collection[str]) -> Iterator[dg.AssetCheckEvaluation]:
        yield from report_asset.verdicts(self.instance, self.keys[-1], self.latest, sorted(partitions))

    def summaries(self) -> Iterator[Said]:
        yield from report_asset.summaries(self.keys[-1], self.latest, self.form.periods_due(self.hub.today()))
