"""Which cells of a period a run looks at, and how: whole, only what has changed, or judged again from raw.

Three texts of each cell are compared: how it stands at the source, as a connector says; how it stood when it was last read; and by which
rules and lists its rows were judged.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from resources.connectors.connector import Places, Standing, Unread
from resources.failing import Failure
from resources.warehouse.arrivals.readings import Reading
from schemas import units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Moment
from schemas.projections.fingerprint import fingerprint

STAMP = 16  # the first characters of a standing: they tell what was asked, and whom
NOTHING = "-"  # after the stamp: the source has nothing of a cell
UNREAD = "?"  # after the stamp: what the source has of a cell cannot be told; such a standing is never kept


@dataclass(frozen=True)
class Plan:
    """Which units of a period are asked of the source, and how all of them stand there."""

    units: list[str]
    stands: dict[str, str]  # unit -> how its cell stands at the source
    judged_by: str
    placed: Mapping[str, str] | None = None  # commune code -> unit; None: a pull cannot be narrowed to units
    nothing: str = ""  # how a cell stands of which the source has nothing
    places: Places | None = None  # None: the whole period is pulled
    since: frozenset[str] | None = None  # the bookmarks of its cells: it is enough to pull what changed since them
    # Units that stand as when last read, and are looked at all the same: nothing should differ.
    equal: frozenset[str] = frozenset()
    judged_otherwise: frozenset[str] = frozenset()  # units that stand as when last read, but were judged by other rules or lists
    unread: Mapping[str, Failure] = field(default_factory=dict)  # units of which something cannot be read: they stay as they are

    def of(self, units: Collection[str]) -> dict[str, str]:
        """How these units stand."""
        return {unit: self.stands.get(unit, self.nothing) for unit in units}

    def narrowed(self, chosen: Collection[str]) -> "Plan":
        """The plan of a whole look at these units: of their communes alone, where a pull can be narrowed to them."""
        if self.placed is None or set(chosen) >= set(self.stands):
            return replace(self, units=sorted(chosen), places=None)
        wanted = sorted(code for code, unit in self.placed.items() if unit in chosen)
        return replace(self, units=sorted(chosen), places=Places(wanted, sorted(self.placed)))


def stamp_of(asked: str, origin: str) -> str:
    """What was asked of the source, and whose word the answer is. Answers with different stamps cannot be compared."""
    return hashlib.sha256(f"{asked}|{origin}".encode()).hexdigest()[:STAMP]


def plan_period(
    dataset: Dataset,
    moment: Moment,
    found: Sequence[Standing] | None,
    origin: str,
    kept: Mapping[str, Reading],
    wanted: frozenset[str] | None = None,
    whole: bool = False,
    along: frozenset[str] = frozenset(),
    unread: Iterable[Unread] = (),
) -> Plan:
    """What a run does with one period.

    `found` and `origin`: how its places stand at the source (None: as when last read), and whose word that is. `kept`: how its cells stood
    when last read. `wanted`: the units that are asked for (None: those that moved), with which those of `along` come. `whole`: every unit is
    looked at, however it stands.

    A cell that came beside this road is left alone until its rows on this road move; a unit with an `unread` place, until that can be read.
    """
    judging = fingerprint(dataset)
    stamp = stamp_of(judging.asked, origin)
    placed, elsewhere = _placed(dataset, moment)
    if found is None:
        stands = {unit: reading.stands for unit, reading in kept.items() if reading.stands}
    else:
        stands = _stands(found, stamp, placed, elsewhere)
    # A unit of which something is held may have nothing left at the source, or nothing under a code of that unit.
    held = (unit for unit, reading in kept.items() if reading.stands or reading.holds_rows)
    stands |= {unit: stamp + NOTHING for unit in held if unit not in stands}
    stopped = {(placed or {}).get(place or "", elsewhere): part.failure for part in unread for place in part.places}
    stands |= dict.fromkeys(stopped, stamp + UNREAD)  # so that a pull of the others is never taken for one of all units
    plan = Plan([], stands, judging.judged_by(moment.judged_on), placed, stamp + NOTHING, unread=stopped)
    resting = {
        unit for unit, stand in stands.items() if unit in kept and _rests(stand, kept[unit], plan.nothing)
    } | stopped.keys()
    if wanted is not None:
        return plan.narrowed((wanted - stopped.keys() - ({UNKNOWN_UNIT} - stands.keys())) | (along & stands.keys() - resting))
    moved = {unit for unit, stand in stands.items() if unit not in kept or kept[unit].stands != stand} - resting
    otherwise = {unit for unit in stands.keys() - moved - stopped.keys() if kept[unit].judged_by != plan.judged_by}
    if whole:
        return replace(plan.narrowed(stands.keys() - resting), equal=frozenset(stands.keys() - moved - otherwise - resting))
    if any(kept[unit].has_waiting for unit in otherwise):  # raw holds only what was loaded, not what waits at the source
        moved |= otherwise - resting
    # Rows without a listed code may belong anywhere once they are read. When they moved, or others moved while these are judged otherwise,
    # every cell is looked at.
    if UNKNOWN_UNIT in moved or (moved and UNKNOWN_UNIT in otherwise):
        moved = set(stands) - resting
    since = _since(stamp, stands, kept) if moved and not otherwise else None
    return replace(plan.narrowed(moved), since=since, judged_otherwise=frozenset(otherwise - moved))


def plan_from_raw(dataset: Dataset, moment: Moment) -> Plan:
    """The plan for cells that are judged without asking the source how they stand."""
    return Plan([], {}, fingerprint(dataset).judged_by(moment.judged_on))


def _rests(stands: str, kept: Reading, nothing: str) -> bool:
    """Whether a cell may stay as it is: it came beside this road, and the road has of it what it had then, or nothing as before.

    Not where rows of this road wait: these have moved, and how many still differ is counted anew.
    """
    had_nothing = kept.stands is None or kept.stands.endswith(NOTHING)
    return kept.came_beside and not kept.has_waiting and (stands == kept.stands or (stands == nothing and had_nothing))


def moved_at_source(stands: str, kept: Reading | None) -> bool:
    """Whether the source's rows moved. It does not count where the question changed, or where the source began anew."""
    return kept is None or kept.stands is None or (kept.stands[:STAMP] == stands[:STAMP] and kept.stands != stands)


def units_of(dataset: Dataset, moment: Moment, found: Sequence[Standing]) -> frozenset[str]:
    """The units of the places that have rows."""
    return frozenset(unit_of_each(dataset, moment, [standing.place for standing in found]).values())


def unit_of_each(dataset: Dataset, moment: Moment, places: Iterable[str | None]) -> dict[str | None, str]:
    """Commune code -> the unit in whose cell its rows stand. The key None is the place of rows without a listed code."""
    placed, elsewhere = _placed(dataset, moment)
    return {place: (placed or {}).get(place or "", elsewhere) for place in places}


def _placed(dataset: Dataset, moment: Moment) -> tuple[dict[str, str] | None, str]:
    """Commune code -> unit (None: a pull cannot be narrowed to units); and the unit for all other places."""
    is_narrowed = not dataset.by_province and dataset.commune is not None
    placed = units.placing(moment.judged_on, moment.last_day) if is_narrowed else None
    return placed, PROVINCE if dataset.by_province else UNKNOWN_UNIT


def _stands(found: Sequence[Standing], stamp: str, placed: Mapping[str, str] | None, elsewhere: str) -> dict[str, str]:
    """Unit -> how its places stand, as one text. `elsewhere`: the unit for places that are not in `placed`."""
    by_unit: dict[str, list[str]] = defaultdict(list)
    for standing in found:
        by_unit[(placed or {}).get(standing.place or "", elsewhere)].append(f"{standing.place}:{standing.fingerprint}")
    return {unit: stamp + hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32] for unit, texts in by_unit.items()}


def _since(stamp: str, stands: Collection[str], kept: Mapping[str, Reading]) -> frozenset[str] | None:
    """The bookmarks of all cells, if each cell has one that is still valid."""
    bookmarks = set()
    for unit in stands:
        reading = kept.get(unit)
        if reading is None or reading.bookmark is None or not (reading.stands or stamp).startswith(stamp):
            return None
        bookmarks.add(reading.bookmark)
    return frozenset(bookmarks)
