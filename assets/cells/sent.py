"""What units sent as files beside the main road of a dataset, loaded: each delivery once, exactly in the cells that it speaks of.

A delivery that fails, fails alone, and is tried again by the next run; where a cell of it is locked, that cell waits until an officer
loads it by hand. What a commune sent of its district's cell is a patch: the rest of the cell came otherwise.
"""

import logging
from collections.abc import Callable, Iterable

from assets.cells.outcome import Cell, Outcome, Request
from assets.cells.plan import units_of
from assets.cells.run import patch_dataset, sync_dataset
from resources.connectors.connect import sent
from resources.connectors.connector import Connector
from resources.hub import Hub
from resources.warehouse import deliveries, ledger
from resources.warehouse.cells import DatasetCells
from resources.warehouse.deliveries import Delivery
from resources.warehouse.engine import typed
from resources.warehouse.readings import Seen
from schemas import calendar
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset
from schemas.roads import Drop
from schemas.senders import unit_of

log = logging.getLogger("ansinh.cells")


def load_sent(hub: Hub, dataset: Dataset, request: Request) -> Outcome:
    """Load what no run has loaded yet, and of what waits in locked cells that which is asked for by hand."""
    outcome = Outcome(dataset)
    for delivery in _whole(hub, dataset):
        if delivery.loaded_at is None:
            _alone(outcome, delivery, lambda delivery=delivery: _load_new(hub, dataset, delivery, request))
    if request.by_hand:
        for delivery in _whole(hub, dataset):
            if cells := frozenset(cell for cell in request.cells or () if _name(cell) in delivery.waiting):
                _alone(
                    outcome,
                    delivery,
                    lambda delivery=delivery, cells=cells: _load_by_hand(hub, dataset, delivery, cells, request),
                )
    return outcome


def settle_sent(hub: Hub, dataset: Dataset, request: Request, outcome: Outcome) -> None:
    """Keep that the main road, where it is that of the files, has loaded what was sent, but for what waits in locked cells."""
    if request.by_hand:
        _waits_no_more(hub, dataset, request.cells or ())
    elif request.is_of_all:
        for delivery in _whole(hub, dataset):
            if delivery.loaded_at is None:
                connector = sent(hub.raw, [delivery], hub.today())
                cells = _cells_of(connector, hub, dataset, delivery) if outcome.waiting else frozenset()
                _loaded(hub, delivery, request, cells & outcome.waiting.keys())


def _alone(outcome: Outcome, delivery: Delivery, load: Callable[[], Outcome]) -> None:
    try:
        outcome.add(load())
    except Exception as error:
        failure = typed(f"nạp tệp đã nhận số {delivery.id} của {outcome.dataset.id}", error)
        log.error("%s", failure)
        outcome.trouble.append(failure)


def _load_new(hub: Hub, dataset: Dataset, delivery: Delivery, request: Request) -> Outcome:
    connector = sent(hub.raw, [delivery], hub.today())
    cells = _cells_of(connector, hub, dataset, delivery)
    # What no unit answers for waits for nobody: it comes along with a cell of its period.
    locked = {cell for cell in cells if _is_locked(hub, dataset, cell[0]) and cell[1] != UNKNOWN_UNIT}
    with hub.warehouse.engine.begin() as connection:
        cells -= deliveries.loaded_before(connection, dataset, delivery)
        deliveries.begin_loading(connection, delivery.id, request.run_id)
    outcome = _load(hub, dataset, delivery, connector, Request(request.run_id, cells, is_beside=True))
    _loaded(hub, delivery, request, locked)
    return outcome


def _load_by_hand(hub: Hub, dataset: Dataset, delivery: Delivery, cells: frozenset[Cell], request: Request) -> Outcome:
    connector = sent(hub.raw, [delivery], hub.today())
    along = frozenset((period, UNKNOWN_UNIT) for period, _ in cells) & _cells_of(connector, hub, dataset, delivery)
    by_hand = Request(request.run_id, cells | along, by_hand=True, is_beside=True, confirm_shrink=request.confirm_shrink)
    outcome = _load(hub, dataset, delivery, connector, by_hand)
    _waits_no_more(hub, dataset, cells)
    return outcome


def _load(hub: Hub, dataset: Dataset, delivery: Delivery, connector: Connector, request: Request) -> Outcome:
    """Load these cells of a delivery: whole, or as a patch where its sender has but a part of the cell."""
    outcome, today = Outcome(dataset), hub.today()
    moments = {
        period: calendar.moment(dataset, period, today) for period in sorted({period for period, _ in request.cells or ()})
    }
    whole = {
        period
        for period, moment in moments.items()
        if delivery.sender == PROVINCE or (not dataset.by_province and unit_of(delivery.sender, moment) == delivery.sender)
    }
    if cells := frozenset(cell for cell in request.cells or () if cell[0] in whole):
        outcome.add(sync_dataset(hub, dataset, connector, request.of(cells)))
    for period in moments.keys() - whole:
        rows = connector.rows(dataset, period, today)
        if request.by_hand or not _is_locked(hub, dataset, period):
            outcome.add(patch_dataset(hub, dataset, period, connector.road, rows, request))
        else:
            waiting = sum(batch.num_rows for batch in rows)
            outcome.waiting |= {cell: waiting for cell in request.cells or () if cell[0] == period}
            _count_waiting(hub, dataset, request, outcome)
    return outcome


def _count_waiting(hub: Hub, dataset: Dataset, request: Request, outcome: Outcome) -> None:
    """Keep how many rows of a patch wait in each cell; of a whole file the load itself does."""
    cells = DatasetCells(hub.warehouse.engine, dataset, request.run_id, Drop.name)
    with hub.warehouse.engine.begin() as connection:
        for (period, unit), rows in outcome.waiting.items():
            cells.wait(connection, period, hub.now(), {unit: rows}, Seen())


def _is_locked(hub: Hub, dataset: Dataset, period: str) -> bool:
    return ledger.has_passed(calendar.locked_day(dataset, period), hub.now())


def _cells_of(connector: Connector, hub: Hub, dataset: Dataset, delivery: Delivery) -> frozenset[Cell]:
    """The cells that have rows in a delivery."""
    today = hub.today()
    begun = [period for period in calendar.started(dataset, today) if period in delivery.periods]
    found = connector.standings(dataset, today, periods=begun).periods
    of_each = {period: units_of(dataset, calendar.moment(dataset, period, today), found[period]) for period in begun}
    return frozenset((period, unit) for period, units in of_each.items() for unit in units)


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
