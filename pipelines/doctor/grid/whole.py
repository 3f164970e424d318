"""A grid: what it shows against what stands, how these differ, and how it is made whole."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import dagster as dg

from assets.long_tags import shown
from assets.recording import as_evaluation, record_outside_runs
from resources.hub import Hub
from schemas.written import grouped

SHOWN = 3  # cells that are named of each asset

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
class Grid(ABC):
    """The grid of what is told together. What stands is read once, when it is first asked for."""

    hub: Hub
    instance: dg.DagsterInstance

    @property
    @abstractmethod
    def keys(self) -> Sequence[dg.AssetKey]:
        """The assets of the grid; the last one has the checks."""

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
