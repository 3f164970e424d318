"""Rows of a register that came beside its main road and whose communes another unit has taken since: they stand with that unit.

The main road of the unit that took them may have nothing of these communes, and what it does not have it does not empty. Once it has
rows of them, these hold.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from resources.clock import ZONE
from resources.warehouse.arrivals import pulls
from resources.warehouse.arrivals.cells import CellState
from resources.warehouse.arrivals.pulls import Chain
from schemas import calendar, units
from schemas.dataset import Dataset, Moment


@dataclass(frozen=True)
class Following:
    """What follows from one unit: its raw files, its communes that are another's now, by their codes of then and of now, and whose."""

    unit: str
    chain: Chain
    then: frozenset[str]
    now: frozenset[str]
    takers: frozenset[str]


def following(engine: sa.Engine, dataset: Dataset, moment: Moment, beside: Collection[str]) -> list[Following]:
    """`beside`: the units of which what is held came beside the main road, or was until others took their communes."""
    if moment.period != calendar.REGISTER or dataset.commune is None or not beside:
        return []
    placed, found = units.placing(moment.judged_on, moment.last_day), []
    for chain in pulls.chains(engine, dataset, moment.period, beside):
        day = chain.begun_at.astimezone(ZONE).date()
        if units.same_epoch(day, moment.judged_on):
            continue
        became = {(code, of): units.main_successor(code, day, moment.judged_on) for code, of in units.placing(day, day).items()}
        for unit in sorted(chain.units):
            gone = {code: now for (code, of), now in became.items() if of == unit and now and placed.get(now, unit) != unit}
            if gone:
                takers = frozenset(placed[now] for now in gone.values())
                found.append(Following(unit, chain, frozenset(gone), frozenset(gone.values()), takers))
    return found


def passing(held: Iterable[tuple[str, str]], states: Mapping[str, CellState], on: dt.date) -> list[tuple[str, str]]:
    """Pairs of units of a register between which rows pass since units changed: whose cell holds them, and whose they are by now.

    Loaded without each other, one that is refused keeps the version of before: without a word the rows would be in neither, or in both. A
    cell that never held anything is missing, and told so; what came beside the main road follows as told above.

    `held`: unit and commune of the rows that the cells hold.
    """
    moved = units.moved_rows(on)
    found = {(unit, moved[code, unit]) for unit, code in held if (code, unit) in moved and not states[unit].came_beside}
    return sorted((unit, now) for unit, now in found if now in states and states[now].ever_accepted)
