"""Which cells of a period a run looks at, and how: whole, or only what has changed since they were last read."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from resources.connectors.postgresql.row_versions import Horizon
from resources.connectors.postgresql.snapshot import Digest
from resources.warehouse.readings import Reading
from schemas import units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Moment
from schemas.dated import edition
from schemas.to_fingerprint import declaration_hash

STAMP = 16  # characters of a digest that do not speak of the source


@dataclass(frozen=True)
class Plan:
    """Which units of a period are looked at, and how the source says they stand."""

    units: list[str]
    digests: dict[str, str]
    communes: tuple[str, ...] | None  # None: pull the whole period
    known: tuple[str, ...]
    since: Horizon | None = None  # an increment from there on will do
    equal: frozenset[str] = frozenset()  # units that stand as when last read: looked at all the same, nothing should differ


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
    stamp = _stamp(dataset, moment, horizon)
    digests = {
        unit: stamp + hashlib.sha256("\n".join(d.text for d in group).encode()).hexdigest()[:32]
        for unit, group in by_unit.items()
    }
    # Of what is held of a unit the source may have nothing left, or nothing under a code of that unit.
    digests |= {
        unit: stamp + "-" for unit, reading in kept.items() if unit not in digests and (reading.digest or reading.holds_rows)
    }
    moved = {unit for unit, digest in digests.items() if unit not in kept or kept[unit].digest != digest}
    # Rows without a listed code may be placed anywhere once read: when they moved, every cell is looked at.
    chosen = set(digests) if whole or UNKNOWN_UNIT in moved else moved
    if wanted is not None:
        # What no unit answers for comes along in any pull: a row of it may be in the cell that was asked for from now on.
        return narrowed(dataset, moment, digests, wanted | ({UNKNOWN_UNIT} & digests.keys()))
    plan = narrowed(dataset, moment, digests, chosen)
    if whole:
        return replace(plan, equal=frozenset(chosen - moved))
    return replace(plan, since=_since(stamp, digests, kept, horizon)) if moved else plan


def _stamp(dataset: Dataset, moment: Moment, horizon: Horizon | None) -> str:
    """What a digest of the source speaks for besides: how its rows are judged, by which lists, and whose row versions they are."""
    judged = f"{declaration_hash(dataset)}|{edition(moment.judged_on)}|{horizon.origin if horizon else ''}"
    return hashlib.sha256(judged.encode()).hexdigest()[:STAMP]


def moved_at_source(digest: str, kept: Reading | None) -> bool:
    """Whether the source's rows moved: not where they are only judged otherwise than before, or by a server that began anew."""
    return kept is None or kept.digest is None or (kept.digest[:STAMP] == digest[:STAMP] and kept.digest != digest)


def _since(stamp: str, digests: Mapping[str, str], kept: Mapping[str, Reading], horizon: Horizon | None) -> Horizon | None:
    """From where on what changed can be asked for: the earliest point of all cells, if all have one that still speaks."""
    readings = [kept.get(unit) for unit in digests]
    return earliest((r.horizon if r and (r.digest or stamp).startswith(stamp) else None for r in readings), horizon)


def earliest(kept: Iterable[str | None], horizon: Horizon | None) -> Horizon | None:
    """The earliest of some kept horizons, if the present one reaches them all."""
    found = [Horizon.read(text) for text in kept]
    reached = [since for since in found if horizon and horizon.reaches(since) and since]
    return min(reached, key=lambda since: since.xid) if reached and len(reached) == len(found) else None


def narrowed(dataset: Dataset, moment: Moment, digests: dict[str, str], chosen: Collection[str]) -> Plan:
    """A whole look at these units alone, where a pull can be narrowed to their communes."""
    if dataset.by_province or dataset.commune is None or set(chosen) >= set(digests):
        return Plan(sorted(chosen), digests, None, ())
    placed = _placed(dataset, moment)
    communes = tuple(sorted(c for c, unit in placed.items() if unit in chosen))
    return Plan(sorted(chosen), digests, communes, tuple(sorted(placed)))


def _placed(dataset: Dataset, moment: Moment) -> dict[str, str]:
    return {} if dataset.by_province else units.placing(moment.judged_on, moment.last_day)
