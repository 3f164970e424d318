"""Which of the files that units sent holds, place by place: the latest whose sender answers for it.

A row that tells no commune of its sender stands with the sender's latest file, where that still holds of any place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from resources.warehouse.deliveries import Delivery
from schemas import units
from schemas.dataset import PROVINCE, Dataset, Moment
from schemas.senders import communes_of

NOT_HELD = -1


@dataclass(frozen=True)
class Ruling:
    """What holds of one period.

    `places`: of each delivery that holds of any, where its rows of each listed commune stand, by numbers of `listed`, and last
    where those do that tell none: their own place, another of their sender, beyond all of `listed`, or NOT_HELD.
    """

    listed: tuple[str, ...]
    places: Mapping[int, np.ndarray]


def ruling(dataset: Dataset, moment: Moment, deliveries: Sequence[Delivery]) -> Ruling:
    """What holds of a period, of whole deliveries that speak of it, the earliest first."""
    if dataset.commune is None:
        return Ruling((), {d.id: np.zeros(1, np.int64) for d in deliveries[-1:]})
    listed = tuple(sorted(units.communes_on(moment.judged_on)))
    number = {code: at for at, code in enumerate(listed)}
    held_by = np.full(len(listed), NOT_HELD)
    answers, latest = {}, {}
    for delivery in deliveries:
        own = np.array([number[code] for code in communes_of(delivery.sender, moment)], np.int64)
        if len(own):
            answers[delivery.id], latest[delivery.sender] = own, delivery.id
            held_by[own] = delivery.id
    places = {}
    for delivery in deliveries:
        mine = held_by == delivery.id
        if not mine.any():
            continue
        own = answers[delivery.id]
        # A file of the province is as a database: what tells no commune is of none.
        elsewhere = len(listed) if delivery.sender == PROVINCE else own[0]
        strays = elsewhere if latest[delivery.sender] == delivery.id else NOT_HELD
        at = np.full(len(listed) + 1, strays)
        at[own] = np.where(mine[own], own, NOT_HELD)
        places[delivery.id] = at
    return Ruling(listed, places)
