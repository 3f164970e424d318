"""Which of the whole files that units sent holds for each commune: the latest whose sender answers for it.

A row that names no commune of its sender counts only in the sender's latest file, and only while that file still holds for some commune.
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
    """Which files hold in one period.

    `places` has an array for each delivery that holds for some commune: by the number of a commune in `listed`, the place where the file's
    rows of it stand. For a commune of the sender that is its own number, or NOT_HELD. Rows of any other commune, and of none that is listed
    (the last entry), stand at the first commune of their sender, at `len(listed)` in a file of the province, or are NOT_HELD.
    """

    listed: tuple[str, ...]  # the communes of the period, in order
    places: Mapping[int, np.ndarray]  # by the number of a delivery


def ruling(dataset: Dataset, moment: Moment, found: Sequence[Delivery]) -> Ruling:
    """Which of these deliveries hold in a period. `found`: the whole deliveries that speak of it, the earliest first."""
    if dataset.commune is None:
        return Ruling((), {d.id: np.zeros(1, np.int64) for d in found[-1:]})
    listed = tuple(sorted(units.communes_on(moment.judged_on)))
    number = {code: at for at, code in enumerate(listed)}
    held_by = np.full(len(listed), NOT_HELD)
    answers = {}
    for delivery in found:
        answers[delivery.id] = own = np.array([number[code] for code in communes_of(delivery.sender, moment)], np.int64)
        held_by[own] = delivery.id
    places = {}
    for delivery in found:  # the later of two of one sender takes all from the earlier
        mine = held_by == delivery.id
        if not mine.any():
            continue
        own = answers[delivery.id]
        # A file of the province is like a database: its rows that name no commune belong to none.
        at = np.full(len(listed) + 1, len(listed) if delivery.sender == PROVINCE else own[0])
        at[own] = np.where(mine[own], own, NOT_HELD)
        places[delivery.id] = at
    return Ruling(listed, places)


def holds_whole(dataset: Dataset, delivery: Delivery, found: Sequence[Delivery], today: dt.date) -> bool:
    """Whether a whole delivery still holds for every commune of its sender: not where a later one took even a part."""
    for period in delivery.periods:
        moment = calendar.moment(dataset, period, today)
        held = ruling(dataset, moment, [d for d in found if d.kind == "whole" and period in d.periods])
        at = held.places.get(delivery.id)
        if at is None or len(_own(held, at)) < len(communes_of(delivery.sender, moment) if dataset.commune else ()):
            return False
    return True


def _own(held: Ruling, at: np.ndarray) -> list[str]:
    """The communes for which a delivery holds."""
    return [held.listed[n] for n in np.flatnonzero(at[:-1] == np.arange(len(held.listed))).tolist()]


def spoken_until(connection: sa.Connection, dataset: Dataset, period: str, today: dt.date) -> dict[str, dt.datetime]:
    """Unit -> the instant until which all senders of its cell have spoken: the earliest at which one of them last sent a file that is loaded.

    What such a sender has not sent since may have changed. A refused file says nothing, and a unit for which no file holds is left out.
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
    """Units whose cell was last refused -> since when nothing was loaded there."""
    rows = connection.execute(
        sa.text("""select unit_code, min(loaded_at) as since from ops.arrivals a
            where source = :source and dataset = :dataset and period = :period and outcome = 'refused'
                and not exists (select from ops.arrivals b where b.source = a.source and b.dataset = a.dataset
                    and b.period = a.period and b.unit_code = a.unit_code and b.id > a.id and b.outcome <> 'refused')
            group by 1"""),
        named(dataset) | {"period": period},
    )
    return {row.unit_code: row.since for row in rows}
