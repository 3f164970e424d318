"""Which cells of a period a run looks at, and how: whole, only what has changed, or judged again from what was received."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from resources.connectors.postgresql.row_versions import Horizon
from resources.connectors.postgresql.snapshot import Digest
from resources.warehouse.readings import Reading
from schemas import units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Moment
from schemas.to_fingerprint import fingerprint

STAMP = 16  # characters of how a cell stands that tell what was asked, and of whom
NOTHING = "-"  # after the stamp: the source has nothing of a cell


@dataclass(frozen=True)
class Plan:
    """Which units of a period are asked of the source, and how the source says that all of them stand."""

    units: list[str]
    stands: dict[str, str]
    communes: tuple[str, ...] | None  # None: pull the whole period
    known: tuple[str, ...]
    judged_by: str
    nothing: str = ""  # how a cell stands of which the source has nothing
    since: Horizon | None = None  # an increment from there on will do
    equal: frozenset[str] = frozenset()  # units that stand as when last read: looked at all the same, nothing should differ
    judged_otherwise: frozenset[str] = frozenset()  # units that stand as when last read, and were judged by other rules or lists

    def of(self, units: Collection[str]) -> dict[str, str]:
        """How these units stand."""
        return {unit: self.stands.get(unit, self.nothing) for unit in units}


def plan_period(
    dataset: Dataset,
    moment: Moment,
    found: Sequence[Digest],
    kept: Mapping[str, Reading],
    wanted: frozenset[str] | None,
    horizon: Horizon | None = None,
    whole: bool = False,
) -> Plan:
    """`wanted`: the units asked for by hand (None: those that moved); `whole`: all of them, whatever the digests say."""
    placed = _placed(dataset, moment)
    by_unit: dict[str, list[Digest]] = defaultdict(list)
    for digest in found:
        unit = PROVINCE if dataset.by_province else placed.get(digest.commune or "", UNKNOWN_UNIT)
        by_unit[unit].append(digest)
    stamp = _stamp(dataset, horizon)
    stands = {
        unit: stamp + hashlib.sha256("\n".join(d.text for d in group).encode()).hexdigest()[:32]
        for unit, group in by_unit.items()
    }
    # Of what is held of a unit the source may have nothing left, or nothing under a code of that unit.
    stands |= {
        unit: stamp + NOTHING for unit, reading in kept.items() if unit not in stands and (reading.stands or reading.holds_rows)
    }
    whole_period = Plan([], stands, None, (), judged_by(dataset, moment), stamp + NOTHING)
    if wanted is not None:
        # What no unit answers for comes along in any pull: a row of it may be in the cell that was asked for from now on.
        return narrowed(dataset, moment, whole_period, wanted | ({UNKNOWN_UNIT} & stands.keys()))
    moved = {unit for unit, stand in stands.items() if unit not in kept or kept[unit].stands != stand}
    otherwise = {unit for unit in stands.keys() - moved if kept[unit].judged_by != whole_period.judged_by}
    if whole:
        equal = frozenset(stands.keys() - moved - otherwise)
        return replace(narrowed(dataset, moment, whole_period, stands), equal=equal)
    if any(kept[unit].has_waiting for unit in otherwise):  # of what the source has, raw holds only what was loaded
        moved |= otherwise
    # Rows without a listed code may be placed anywhere once read: when they moved, or are judged otherwise while others moved,
    # every cell is looked at.
    if UNKNOWN_UNIT in moved or (moved and UNKNOWN_UNIT in otherwise):
        moved = set(stands)
    plan = narrowed(dataset, moment, whole_period, moved)
    since = _since(stamp, stands, kept, horizon) if moved and not otherwise else None
    return replace(plan, since=since, judged_otherwise=frozenset(otherwise - moved))


def judged_by(dataset: Dataset, moment: Moment) -> str:
    """By what the rows of a moment are judged."""
    return fingerprint(dataset).judged_by(moment.judged_on)


def _stamp(dataset: Dataset, horizon: Horizon | None) -> str:
    """What is asked of the source, and whose row versions its answers are: of another stamp, they cannot be compared."""
    asked = f"{fingerprint(dataset).asked}|{horizon.origin if horizon else ''}"
    return hashlib.sha256(asked.encode()).hexdigest()[:STAMP]


def moved_at_source(stands: str, kept: Reading | None) -> bool:
    """Whether the source's rows moved: not where they are only asked for otherwise than before, or of a server that began anew."""
    return kept is None or kept.stands is None or (kept.stands[:STAMP] == stands[:STAMP] and kept.stands != stands)


def _since(stamp: str, stands: Mapping[str, str], kept: Mapping[str, Reading], horizon: Horizon | None) -> Horizon | None:
    """From where on what changed can be asked for: the earliest point of all cells, if all have one that still speaks."""
    readings = [kept.get(unit) for unit in stands]
    return earliest((r.bookmark if r and (r.stands or stamp).startswith(stamp) else None for r in readings), horizon)


def earliest(kept: Iterable[str | None], horizon: Horizon | None) -> Horizon | None:
    """The earliest of some kept horizons, if the present one reaches them all."""
    found = [Horizon.read(text) for text in kept]
    reached = [since for since in found if horizon and horizon.reaches(since) and since]
    return min(reached, key=lambda since: since.xid) if reached and len(reached) == len(found) else None


def narrowed(dataset: Dataset, moment: Moment, plan: Plan, chosen: Collection[str]) -> Plan:
    """A whole look at these units alone, where a pull can be narrowed to their communes."""
    if dataset.by_province or dataset.commune is None or set(chosen) >= set(plan.stands):
        return replace(plan, units=sorted(chosen), communes=None, known=())
    placed = _placed(dataset, moment)
    communes = tuple(sorted(c for c, unit in placed.items() if unit in chosen))
    return replace(plan, units=sorted(chosen), communes=communes, known=tuple(sorted(placed)))


def _placed(dataset: Dataset, moment: Moment) -> dict[str, str]:
    return {} if dataset.by_province else units.placing(moment.judged_on, moment.last_day)
