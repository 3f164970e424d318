"""What units sent as files beside the main road of a dataset, loaded: each delivery once, exactly in the cells that it speaks of.

A delivery that fails, fails alone; where a cell of it is locked, that cell waits until an officer loads it by hand.
"""

from collections.abc import Iterable

from assets.cells.outcome import Cell, Outcome, Request
from assets.cells.plan import units_of
from assets.cells.run import sync_dataset
from resources.connectors.connect import sent
from resources.connectors.connector import Connector
from resources.hub import Hub
from resources.warehouse import deliveries, ledger
from resources.warehouse.deliveries import Delivery
from schemas import calendar
from schemas.dataset import Dataset


def load_sent(hub: Hub, dataset: Dataset, request: Request) -> Outcome:
    """Load what no run has loaded yet, and of what waits in locked cells that which is asked for by hand."""
    outcome = Outcome(dataset)
    for delivery in _whole(hub, dataset):
        if delivery.loaded_at is None:
            outcome.add(_load_new(hub, dataset, delivery, request))
    if request.by_hand:
        for delivery in _whole(hub, dataset):
            outcome.add(_load_waiting(hub, dataset, delivery, request))
    return outcome


def settle_sent(hub: Hub, dataset: Dataset, request: Request, outcome: Outcome) -> None:
    """Keep that the main road, where it is that of the files, has loaded what was sent, but for what waits in locked cells."""
    if request.by_hand:
        _waits_no_more(hub, dataset, request.cells or ())
    elif request.is_of_all:
        for delivery in _whole(hub, dataset):
            if delivery.loaded_at is None:
                cells = _cells_of(sent(hub.raw, [delivery]), hub, dataset, delivery) if outcome.waiting else frozenset()
                _loaded(hub, delivery, request, cells & outcome.waiting.keys())


def _load_new(hub: Hub, dataset: Dataset, delivery: Delivery, request: Request) -> Outcome:
    connector = sent(hub.raw, [delivery])
    cells = _cells_of(connector, hub, dataset, delivery)
    outcome = sync_dataset(hub, dataset, connector, Request(request.run_id, cells, is_beside=True))
    _loaded(hub, delivery, request, {cell for cell in cells if _is_locked(hub, dataset, cell)})
    return outcome


def _load_waiting(hub: Hub, dataset: Dataset, delivery: Delivery, request: Request) -> Outcome:
    cells = frozenset(cell for cell in request.cells or () if _name(cell) in delivery.waiting)
    if not cells:
        return Outcome(dataset)
    by_hand = Request(request.run_id, cells, by_hand=True, is_beside=True, confirm_shrink=request.confirm_shrink)
    outcome = sync_dataset(hub, dataset, sent(hub.raw, [delivery]), by_hand)
    _waits_no_more(hub, dataset, cells)
    return outcome


def _cells_of(connector: Connector, hub: Hub, dataset: Dataset, delivery: Delivery) -> frozenset[Cell]:
    """The cells that have rows in a delivery."""
    today = hub.today()
    begun = [period for period in calendar.started(dataset, today) if period in delivery.periods]
    found = connector.standings(dataset, today, periods=begun).periods
    of_each = {period: units_of(dataset, calendar.moment(dataset, period, today), found[period]) for period in begun}
    return frozenset((period, unit) for period, units in of_each.items() for unit in units)


def _is_locked(hub: Hub, dataset: Dataset, cell: Cell) -> bool:
    return ledger.has_passed(calendar.locked_day(dataset, cell[0]), hub.now())


def _whole(hub: Hub, dataset: Dataset) -> list[Delivery]:
    with hub.warehouse.engine.connect() as connection:
        return [d for d in deliveries.of(connection, dataset.source, dataset) if d.kind == "whole"]


def _loaded(hub: Hub, delivery: Delivery, request: Request, waiting: Iterable[Cell]) -> None:
    with hub.warehouse.engine.begin() as connection:
        deliveries.mark_loaded(connection, delivery.id, request.run_id, hub.now(), {_name(cell) for cell in waiting})


def _waits_no_more(hub: Hub, dataset: Dataset, cells: Iterable[Cell]) -> None:
    with hub.warehouse.engine.begin() as connection:
        deliveries.wait_no_more(connection, dataset, {_name(cell) for cell in cells})


def _name(cell: Cell) -> str:
    return "|".join(cell)
