"""Rows of a register that came beside its main road, and whose communes another unit has taken since: they follow into that unit.

The main road of the taking unit may have no row of these communes; that alone does not remove what came beside it. Once the main road
has rows of them, its own rows hold instead.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from resources.clock import ZONE
from resources.warehouse.arrivals import pulls
from resources.warehouse.arrivals.cells import CellState, DatasetCells
from resources.warehouse.arrivals.pulls import Chain
from schemas import calendar, units
from schemas.dataset import Moment


@dataclass(frozen=True)
class Following:
    """What follows from one unit into those that have taken its communes."""

    unit: str
    chain: Chain  # the unit's raw files
    then: frozenset[str]  # the taken communes, by the codes under which their rows came
    now: frozenset[str]  # the same communes by today's codes
    takers: frozenset[str]  # the units that have them now


def following(engine: sa.Engine, cells: DatasetCells, moment: Moment) -> list[Following]:
    """What follows from the units of a register whose rows came beside the main road."""
    dataset = cells.dataset
    if moment.period != calendar.REGISTER or dataset.commune is None:
        return []
    states = cells.states(moment.period)
    beside = {unit for unit, state in states.items() if state.came_beside and state.ever_accepted}
    if not beside:
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
    """Pairs of units of a register between which rows pass because units changed: first whose cell holds the rows, then whose they are now.

    The two are loaded together or not at all: if one were refused and kept its former version, the rows would silently be in neither
    cell, or in both. A taking cell that never held anything makes no pair: it is told as missing. Nor do rows that came beside the main
    road: they follow as `following` says.

    `held`: unit and commune of the rows that the cells hold.
    """
    moved = units.moved_rows(on)
    found = {(unit, moved[code, unit]) for unit, code in held if (code, unit) in moved and not states[unit].came_beside}
    return sorted((unit, now) for unit, now in found if now in states and states[now].ever_accepted)
