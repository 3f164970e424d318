"""Which of the files that units sent holds, place by place: the latest whose sender answers for it.

A row that tells no commune of its sender stands with the sender's latest file, where that still holds of any place.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import Delivery
from resources.warehouse.naming import named
from schemas import calendar, units
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


def ruling(dataset: Dataset, moment: Moment, found: Sequence[Delivery]) -> Ruling:
    """What holds of a period, of whole deliveries that speak of it, the earliest first."""
    if dataset.commune is None:
        return Ruling((), {d.id: np.zeros(1, np.int64) for d in found[-1:]})
    listed = tuple(sorted(units.communes_on(moment.judged_on)))
    number = {code: at for at, code in enumerate(listed)}
    held_by = np.full(len(listed), NOT_HELD)
    answers, latest = {}, {}
    for delivery in found:
        own = np.array([number[code] for code in communes_of(delivery.sender, moment)], np.int64)
        if len(own):
            answers[delivery.id], latest[delivery.sender] = own, delivery.id
            held_by[own] = delivery.id
    places = {}
    for delivery in found:
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


def holds_whole(dataset: Dataset, delivery: Delivery, found: Sequence[Delivery], today: dt.date) -> bool:
    """Whether a whole delivery still holds of all for which its sender answers, or a later one does of a part."""
    for period in delivery.periods:
        moment = calendar.moment(dataset, period, today)
        held = ruling(dataset, moment, [d for d in found if d.kind == "whole" and period in d.periods])
        at = held.places.get(delivery.id)
        if at is None or len(_own(held, at)) < len(communes_of(delivery.sender, moment) if dataset.commune else ()):
            return False
    return True


def _own(held: Ruling, at: np.ndarray) -> list[str]:
    """The communes that a delivery holds."""
    return [held.listed[n] for n in np.flatnonzero(at[:-1] == np.arange(len(held.listed))).tolist()]


def spoken_until(connection: sa.Connection, dataset: Dataset, period: str, today: dt.date) -> dict[str, dt.datetime]:
    """Unit -> the earliest instant at which any of those whose loaded files its cell holds last sent theirs.

    A unit of which no file holds is not in it. What a sender has not said since may have changed with him; what was refused he has
    not said.
    """
    moment = calendar.moment(dataset, period, today)
    of_dataset = deliveries.of(connection, dataset.source, dataset)
    loaded = [d for d in of_dataset if d.kind == "whole" and d.loaded_at is not None and period in d.periods]
    spoken = _spoken(dataset, moment, loaded)
    for unit, since in _refused_since(connection, dataset, period).items():
        spoken.pop(unit, None)
        before = _spoken(dataset, moment, [d for d in loaded if d.loaded_at and d.loaded_at < since])
        spoken |= {unit: before[unit]} if unit in before else {}
    return spoken


def _spoken(dataset: Dataset, moment: Moment, found: Sequence[Delivery]) -> dict[str, dt.datetime]:
    held, placed = ruling(dataset, moment, found), units.placing(moment.judged_on, moment.last_day)
    spoken: dict[str, dt.datetime] = {}
    for delivery in found:
        at = held.places.get(delivery.id)
        if at is None:
            continue
        own = {placed[code] for code in _own(held, at)}
        for unit in {PROVINCE} if dataset.by_province else own:
            spoken[unit] = min(delivery.said_at, spoken.get(unit, delivery.said_at))
    return spoken


def _refused_since(connection: sa.Connection, dataset: Dataset, period: str) -> dict[str, dt.datetime]:
    """Of the units whose cell was refused last, since when nothing of it was loaded."""
    rows = connection.execute(
        sa.text("""select unit_code, min(loaded_at) as since from ops.arrivals a
            where source = :source and dataset = :dataset and period = :period and outcome = 'refused'
                and not exists (select from ops.arrivals b where b.source = a.source and b.dataset = a.dataset
                    and b.period = a.period and b.unit_code = a.unit_code and b.id > a.id and b.outcome <> 'refused')
            group by 1"""),
        named(dataset) | {"period": period},
    )
    return {row.unit_code: row.since for row in rows}
