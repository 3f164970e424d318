"""The rows of one load, gathered from where they are: the source, raw files, patches, and units whose communes another unit has taken."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assets.cells.following import Following
from assets.cells.outcome import Outcome
from assets.cells.pull import Pull
from resources.failures import RawDamaged, RawMissing
from resources.raw_store import RawFile, RawStore
from resources.warehouse.arrivals.pulls import Chain
from resources.warehouse.loading.full import PeriodLoad
from resources.warehouse.quarantine.answers import PatchFile

log = logging.getLogger("ansinh.cells")


@dataclass(frozen=True)
class Gathering:
    """One load of one period on its way: `pull` validates the rows, `load` stages them, and `outcome` counts what was examined."""

    raw: RawStore
    load: PeriodLoad
    pull: Pull
    outcome: Outcome
    following: Sequence[Following]

    def add_from_raw(self, chain: Chain) -> None:
        """Stage the cells of a chain from their raw files."""
        pull, units = self.pull, chain.units
        rows = pull.validate_again(chain.files, self.load) if chain.files else range(pull.rows, pull.rows)
        self.load.keep_only(sorted(units), rows)
        patches = self.add_following(units, rows)
        self.outcome.examined(pull, self.load.set_doubled_aside(pull.received, range(rows.start, pull.rows)))
        self.lay([*chain.patches, *patches], units)

    def add_following(self, units: Collection[str], rows: range) -> list[PatchFile]:
        """Stage what follows its communes into these units, and return the patches that belong to it.

        `rows`: those of the units that are staged already. Where one of them is of such a commune, the taking unit speaks of the commune
        itself, and nothing follows.
        """
        patches: list[PatchFile] = []
        for one in self.following:
            if one.unit in units or not one.takers & set(units) or self.load.has_of(one.now, rows):
                continue
            if not all(is_readable(self.raw, file) for file in (*one.chain.files, *(patch.file for patch in one.chain.patches))):
                continue
            if one.chain.files:
                more = self.pull.validate_again(one.chain.files, self.load)
                self.load.keep_only_of(one.now, one.then, more)
                self.load.keep_only(sorted(units), more)
            patches += one.chain.patches
        return sorted(set(patches), key=lambda patch: patch.pull_id)

    def lay(self, patches: Sequence[PatchFile], units: Collection[str] | None) -> None:
        """Lay patches over what is staged of these units (None: of all). Rows of a patch whose answer is over are left out."""
        if not patches:
            return
        self.load.find_cases(units)
        for patch in patches:
            rows = self.pull.validate_again([patch.file], self.load)
            self.load.lay_again(rows, patch, self.pull.received)
            if units is not None:
                self.load.keep_only(sorted(units), rows)


def is_readable(raw: RawStore, file: RawFile) -> bool:
    """Whether a raw file is there and whole. One that is lost stops no night: it is logged, and the source's own rows show."""
    try:
        next(raw.read(file, 1), None)
    except (RawMissing, RawDamaged) as failure:
        log.warning("%s", failure)
        return False
    return True
