"""Which cells of a period a run looks at, and how: whole, only what has changed, or judged again from what was received.

It compares texts: how the cells stand at the source by what a connector says, how they stood when last read, and by what
their rows were judged.
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

STAMP = 16  # characters of how a cell stands that tell what was asked, and of whom
NOTHING = "-"  # after the stamp: the source has nothing of a cell
UNREAD = "?"  # after the stamp: what the source has of a cell cannot be told; it is kept of none


@dataclass(frozen=True)
class Plan:
    """Which units of a period are asked of the source, and how the source says that all of them stand."""

    units: list[str]
    stands: dict[str, str]
    judged_by: str
    placed: Mapping[str, str] | None = None  # commune code -> unit; None: a pull cannot be narrowed to units
    nothing: str = ""  # how a cell stands of which the source has nothing
    places: Places | None = None  # None: the whole period is pulled
    since: frozenset[str] | None = None  # the bookmarks of its cells: what changed since then will do
    equal: frozenset[str] = frozenset()  # units that stand as when last read: looked at all the same, nothing should differ
    judged_otherwise: frozenset[str] = frozenset()  # units that stand as when last read, and were judged by other rules or lists
    unread: Mapping[str, Failure] = field(
        default_factory=dict
    )  # units that stay as they are, since something of them cannot be read

    def of(self, units: Collection[str]) -> dict[str, str]:
        """How these units stand."""
        return {unit: self.stands.get(unit, self.nothing) for unit in units}

    def narrowed(self, chosen: Collection[str]) -> "Plan":
        """A whole look at these units alone, where a pull can be narrowed to their communes."""
        if self.placed is None or set(chosen) >= set(self.stands):
            return replace(self, units=sorted(chosen), places=None)
        wanted = sorted(code for code, unit in self.placed.items() if unit in chosen)
        return replace(self, units=sorted(chosen), places=Places(wanted, sorted(self.placed)))


def stamp_of(asked: str, origin: str) -> str:
    """What was asked of the source, and whose word the answer is: of another stamp, two answers cannot be compared."""
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

    `found` and `origin`: how its places stand at the source (None: as when last read), and whose word that is. `wanted`: the units
    asked for (None: those that moved). `whole`: every unit, however it stands. What came beside this road is left as it is until
    the rows of this one move, and a unit with a place that is `unread` until that can be read.
    """
    judging = fingerprint(dataset)
    stamp = stamp_of(judging.asked, origin)
    placed, elsewhere = _placed(dataset, moment)
    if found is None:
        stands = {unit: reading.stands for unit, reading in kept.items() if reading.stands}
    else:
        stands = _stands(found, stamp, placed, elsewhere)
    # Of what is held of a unit the source may have nothing left, or nothing under a code of that unit.
    held = (unit for unit, reading in kept.items() if reading.stands or reading.holds_rows)
    stands |= {unit: stamp + NOTHING for unit in held if unit not in stands}
    stopped = {(placed or {}).get(place or "", elsewhere): part.failure for part in unread for place in part.places}
    stands |= dict.fromkeys(stopped, stamp + UNREAD)  # beside them a pull is never one of all units
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
    if any(kept[unit].has_waiting for unit in otherwise):  # of what the source has, raw holds only what was loaded
        moved |= otherwise - resting
    # Rows without a listed code may be placed anywhere once read: when they moved, or are judged otherwise while others moved,
    # every cell is looked at.
    if UNKNOWN_UNIT in moved or (moved and UNKNOWN_UNIT in otherwise):
        moved = set(stands) - resting
    since = _since(stamp, stands, kept) if moved and not otherwise else None
    return replace(plan.narrowed(moved), since=since, judged_otherwise=frozenset(otherwise - moved))


def plan_from_raw(dataset: Dataset, moment: Moment) -> Plan:
    """For what is judged without asking the source how it stands."""
    return Plan([], {}, fingerprint(dataset).judged_by(moment.judged_on))


def _rests(stands: str, kept: Reading, nothing: str) -> bool:
    """Whether what is held came beside this road, which has of it what it had then, or nothing as ever.

    Not where rows of this road wait: they moved, and whether they still are otherwise is counted anew.
    """
    had_nothing = kept.stands is None or kept.stands.endswith(NOTHING)
    return kept.came_beside and not kept.has_waiting and (stands == kept.stands or (stands == nothing and had_nothing))


def moved_at_source(stands: str, kept: Reading | None) -> bool:
    """Whether the source's rows moved: not where they are only asked for otherwise than before, or of a source that began anew."""
    return kept is None or kept.stands is None or (kept.stands[:STAMP] == stands[:STAMP] and kept.stands != stands)


def units_of(dataset: Dataset, moment: Moment, found: Sequence[Standing]) -> frozenset[str]:
    """The units of the places that have rows."""
    return frozenset(unit_of_each(dataset, moment, [standing.place for standing in found]).values())


def unit_of_each(dataset: Dataset, moment: Moment, places: Iterable[str | None]) -> dict[str | None, str]:
    """Commune code -> the unit in whose cell its rows stand. None: a place that is in no list."""
    placed, elsewhere = _placed(dataset, moment)
    return {place: (placed or {}).get(place or "", elsewhere) for place in places}


def _placed(dataset: Dataset, moment: Moment) -> tuple[dict[str, str] | None, str]:
    """Commune code -> unit, None where a pull cannot be narrowed to units; and the unit of a place that is in none."""
    is_narrowed = not dataset.by_province and dataset.commune is not None
    placed = units.placing(moment.judged_on, moment.last_day) if is_narrowed else None
    return placed, PROVINCE if dataset.by_province else UNKNOWN_UNIT


def _stands(found: Sequence[Standing], stamp: str, placed: Mapping[str, str] | None, elsewhere: str) -> dict[str, str]:
    """Unit -> how its places stand, as one text. `elsewhere`: the unit of a place that is in none."""
    by_unit: dict[str, list[str]] = defaultdict(list)
    for standing in found:
        by_unit[(placed or {}).get(standing.place or "", elsewhere)].append(f"{standing.place}:{standing.fingerprint}")
    return {unit: stamp + hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32] for unit, texts in by_unit.items()}


def _since(stamp: str, stands: Collection[str], kept: Mapping[str, Reading]) -> frozenset[str] | None:
    """The bookmarks of all cells, if each has one that still speaks."""
    bookmarks = set()
    for unit in stands:
        reading = kept.get(unit)
        if reading is None or reading.bookmark is None or not (reading.stands or stamp).startswith(stamp):
            return None
        bookmarks.add(reading.bookmark)
    return frozenset(bookmarks)
