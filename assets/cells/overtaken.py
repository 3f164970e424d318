"""Rows of a file in whose place a later file of another sender already holds: they are not loaded, and their sender is told of each.

Where the sender's own later file replaces all of it, its receipt says so once, and no row is looked at.
"""

from collections.abc import Collection, Iterable, Sequence

from assets.cells.outcome import Cell
from assets.cells.plan import unit_of_each
from resources.connectors.connect import sent
from resources.hub import Hub
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.deliveries import Delivery
from resources.warehouse.arrivals.ruling import holds_whole
from resources.workbooks.returned import Told
from schemas import calendar
from schemas.dataset import Dataset

WHY = "tệp gửi sau đã thay dòng này"


def pass_over_cells(hub: Hub, dataset: Dataset, delivery: Delivery, cells: Collection[Cell], later: Iterable[Delivery]) -> None:
    """Pass over the rows that a file has in these cells, where `later` files hold."""
    if not cells or any(one.replaces(delivery) for one in later):
        return
    today, periods = hub.today(), {period for period, _ in cells}
    rows = sent(hub.raw, [delivery], today).holding(dataset, delivery, today, periods)
    places = {period: [place for of, place in rows if of == period] for period in periods}
    units = {p: unit_of_each(dataset, calendar.moment(dataset, p, today), found) for p, found in places.items()}
    _pass_over(hub, delivery, (row for (p, place), found in rows.items() if (p, units[p][place]) in cells for row in found))


def pass_over_periods(
    hub: Hub, dataset: Dataset, delivery: Delivery, periods: Collection[str], whole: Sequence[Delivery]
) -> None:
    """Pass over the rows that a file has in these periods, where other files hold in its place and files are the main road.

    `whole`: all whole files of the dataset.
    """
    today = hub.today()
    if any(one.replaces(delivery) for one in whole) or holds_whole(dataset, delivery, whole, today):
        return
    alone, among = (
        {row for rows in sent(hub.raw, of, today).holding(dataset, delivery, today, periods).values() for row in rows}
        for of in ([delivery], whole)
    )
    _pass_over(hub, delivery, alone - among)


def tell(hub: Hub, delivery: Delivery, rows: Iterable[Told]) -> None:
    """Keep which rows of a mended workbook are not loaded."""
    if told := {row.at: row.why for row in rows}:
        with hub.warehouse.engine.begin() as connection:
            deliveries.pass_over(connection, delivery.id, told)


def _pass_over(hub: Hub, delivery: Delivery, rows: Iterable[int]) -> None:
    if told := dict.fromkeys(rows, WHY):
        with hub.warehouse.engine.begin() as connection:
            deliveries.pass_over(connection, delivery.id, told)
