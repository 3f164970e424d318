"""Of which cells a file that a unit sent speaks: as its sender may, and as its rows do."""

from collections.abc import Iterable

from assets.cells.outcome import Cell
from assets.cells.plan import units_of
from assets.cells.run import refuse_unread
from resources.connectors.connect import sent
from resources.connectors.connector import Connector
from resources.hub import Hub
from resources.warehouse.arrivals.deliveries import Delivery
from schemas import calendar, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Moment
from schemas.senders import communes_of, unit_of


def may_speak_of(hub: Hub, dataset: Dataset, delivery: Delivery, cell: Cell) -> bool:
    """Whether the sender of a delivery answers for a commune of a cell; its rows are not looked at."""
    if cell[0] not in delivery.periods:
        return False
    if delivery.kind == "patch" or delivery.sender == PROVINCE or dataset.by_province or dataset.commune is None:
        return True
    moment = calendar.moment(dataset, cell[0], hub.today())
    placed = units.placing(moment.judged_on, moment.last_day)
    return cell[1] in {placed[code] for code in communes_of(delivery.sender, moment)}


def spoken_of(hub: Hub, dataset: Dataset, delivery: Delivery, cells: Iterable[Cell]) -> set[Cell]:
    """Those of these cells that a delivery has rows of; of a patch, those that its sender answers for."""
    of_period = {cell for cell in cells if may_speak_of(hub, dataset, delivery, cell)}
    if not of_period or delivery.kind == "whole":
        return of_period and of_period & cells_of(sent(hub.raw, [delivery], hub.today()), hub, dataset, delivery)
    return {cell for cell in of_period if unit_in(hub, dataset, delivery, cell[0]) in (cell[1], PROVINCE)}


def has_all_of(dataset: Dataset, sender: str, moment: Moment) -> bool:
    """Whether a file of this sender has all rows of each cell that it speaks of."""
    return sender == PROVINCE or (not dataset.by_province and unit_of(sender, moment) == sender)


def unit_in(hub: Hub, dataset: Dataset, delivery: Delivery, period: str) -> str:
    return unit_of(delivery.sender, calendar.moment(dataset, period, hub.today())) or UNKNOWN_UNIT


def cells_of(connector: Connector, hub: Hub, dataset: Dataset, delivery: Delivery) -> frozenset[Cell]:
    """The cells that have rows in a delivery."""
    today = hub.today()
    begun = [period for period in calendar.started(dataset, today) if period in delivery.periods]
    found = connector.standings(dataset, today, periods=begun)
    refuse_unread(found)
    of_each = {period: units_of(dataset, calendar.moment(dataset, period, today), found.periods[period]) for period in begun}
    return frozenset((period, unit) for period, units in of_each.items() for unit in units)
