"""For which communes the sender of a file answers: the province for all, a district for its own, a commune for itself.

A sender is a code of the dated lists in schemas/units: a file of a register stays in force when the unit that sent it has ended.
"""

import datetime as dt
from functools import lru_cache

from schemas import units
from schemas.dataset import PROVINCE, Moment


def communes_of(sender: str, moment: Moment) -> tuple[str, ...]:
    """The codes of the day of judging for which a sender answers, in order; none where it is no unit of the province."""
    return _communes_of(sender, units.epoch(moment.judged_on), units.epoch(moment.last_day))


def unit_of(sender: str, moment: Moment) -> str | None:
    """The unit in whose cell a sender's rows stand that tell no commune of its own; None for who is no unit."""
    if sender == PROVINCE:
        return PROVINCE
    own = communes_of(sender, moment)
    return units.placing(moment.judged_on, moment.last_day)[own[0]] if own else None


@lru_cache(maxsize=4096)
def _communes_of(sender: str, judged_in: int, ends_in: int) -> tuple[str, ...]:
    starts = units.epoch_starts()
    judged_on, last_day = starts[judged_in], starts[ends_in]
    placed = units.placing(judged_on, last_day)
    if sender == PROVINCE:
        return tuple(sorted(placed))
    if own := [code for code, unit in placed.items() if unit == sender]:
        return tuple(sorted(own))
    listed = units.communes_on(judged_on)
    if len(sender) == units.COMMUNE_DIGITS:
        found = units.resolve(sender, None, judged_on)
        return (found.code,) if found.code in listed and found.outcome != "unlisted" else ()
    return tuple(sorted(code for code in _of_district(sender, judged_on) if code in placed))


def _of_district(code: str, on: dt.date) -> set[str]:
    """The communes of a day in which those of a district lie: its own, or of one that has ended what became of them."""
    for start in reversed([start for start in units.epoch_starts() if start <= on]):
        if own := [c.code for c in units.communes_on(start).values() if c.district_code == code]:
            return {now for commune in own if (now := units.main_successor(commune, start, on)) is not None}
    return set()
