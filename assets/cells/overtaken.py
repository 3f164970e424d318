"""Rows of a file in whose place a later file of another sender holds already: none of them is loaded, and their sender is told of each.

Who has sent all anew himself is told so of the whole file: that may be large, and no row of it is looked at.
"""

import datetime as dt
from collections.abc import Collection, Iterable

from assets.cells.outcome import Cell
from assets.cells.plan import unit_of_each
from resources.connectors.connect import sent
from resources.hub import Hub
from resources.warehouse import deliveries
from resources.warehouse.deliveries import Delivery
from schemas import calendar
from schemas.dataset import Dataset
from schemas.senders import communes_of

WHY = "tệp gửi sau đã thay dòng này"


def pass_over_cells(hub: Hub, dataset: Dataset, delivery: Delivery, cells: Collection[Cell], later: Iterable[Delivery]) -> None:
    """Pass over what a delivery has of these cells, in which later ones hold."""
    if not cells or any(one.replaces(delivery) for one in later):
        return
    today, periods = hub.today(), {period for period, _ in cells}
    rows = sent(hub.raw, [delivery], today).holding(dataset, delivery, today, periods)
    places = {period: [place for of, place in rows if of == period] for period in periods}
    units = {p: unit_of_each(dataset, calendar.moment(dataset, p, today), found) for p, found in places.items()}
    _pass_over(hub, delivery, (row for (p, place), found in rows.items() if (p, units[p][place]) in cells for row in found))


def pass_over_periods(
    hub: Hub, dataset: Dataset, delivery: Delivery, periods: Collection[str], whole: Iterable[Delivery]
) -> None:
    """Pass over what a delivery has of these periods, where it came by the main road and others of the whole files hold in its place."""
    today, later = hub.today(), [one for one in whole if one.id > delivery.id]
    shared = {p for p in delivery.periods if p in periods and any(_share(dataset, one, delivery, p, today) for one in later)}
    if not shared or any(one.replaces(delivery) for one in later):
        return
    alone, among = (
        {row for rows in sent(hub.raw, of, today).holding(dataset, delivery, today, shared).values() for row in rows}
        for of in ([delivery], list(whole))
    )
    _pass_over(hub, delivery, alone - among)


def _share(dataset: Dataset, one: Delivery, other: Delivery, period: str, today: dt.date) -> bool:
    """Whether a delivery speaks of a period, and its sender answers for a commune for which the other's does too."""
    now = calendar.moment(dataset, period, today)
    own = set(communes_of(one.sender, now))
    return period in one.periods and (dataset.commune is None or not own.isdisjoint(communes_of(other.sender, now)))


def _pass_over(hub: Hub, delivery: Delivery, rows: Iterable[int]) -> None:
    if told := dict.fromkeys(rows, WHY):
        with hub.warehouse.engine.begin() as connection:
            deliveries.pass_over(connection, delivery.id, told)
