"""What units sent as files beside the main road of a dataset, loaded: each delivery once, exactly in the cells that it speaks of.

A delivery that fails, fails alone, and is tried again by the next run; where a cell of it is locked, that cell waits until an officer
loads it by hand. What a commune sent of its district's cell is a patch: the rest of the cell came otherwise.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from functools import partial

import pyarrow as pa

from assets.cells.outcome import Cell, Outcome, Request
from assets.cells.plan import units_of
from assets.cells.returned import load_returned
from assets.cells.run import patch_dataset, sync_dataset
from resources.connectors.connect import sent
from resources.connectors.connector import BATCH_ROWS, Connector
from resources.hub import Hub
from resources.warehouse import deliveries, ledger
from resources.warehouse.cells import DatasetCells
from resources.warehouse.deliveries import Delivery, Kind
from resources.warehouse.engine import typed
from resources.warehouse.readings import Seen
from schemas import calendar
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset
from schemas.roads import Drop
from schemas.senders import unit_of

log = logging.getLogger("ansinh.cells")


def load_sent(hub: Hub, dataset: Dataset, request: Request, kinds: Collection[Kind]) -> Outcome:
    """Load what no run has loaded yet, and of what waits in locked cells that which is asked for by hand."""
    outcome = Outcome(dataset)
    for delivery in _found(hub, dataset, kinds):
        if delivery.loaded_at is None:
            load = _load_patch if delivery.kind == "patch" else _load_new
            _alone(outcome, delivery, partial(load, hub, dataset, delivery, request))
    if request.by_hand:
        for delivery in _found(hub, dataset, kinds):
            if delivery.kind == "patch":
                if cells := frozenset(cell for cell in request.cells or () if _waiting_patch(cell, delivery)):
                    _alone(outcome, delivery, partial(_load_patch, hub, dataset, delivery, request.of(cells)))
            elif cells := frozenset(cell for cell in request.cells or () if _name(cell) in delivery.waiting):
                _alone(outcome, delivery, partial(_load_by_hand, hub, dataset, delivery, cells, request))
    return outcome


def settle_sent(hub: Hub, dataset: Dataset, request: Request, outcome: Outcome) -> None:
    """Keep that the main road, where it is that of the files, has loaded what was sent, but for what waits in locked cells."""
    if request.by_hand:
        whole = [
            delivery.id for delivery in _found(hub, dataset, {"whole"})
        ]  # a patch is loaded after the main road, and by itself
        _waits_no_more(hub, whole, (request.cells or frozenset()) - _refused(outcome))
    elif request.is_of_all:
        for delivery in _found(hub, dataset, {"whole"}):
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
    # An earlier file of the same sender that failed would else be loaded over this one later.
    of_sender = [d.id for d in _found(hub, dataset, {"whole"}) if d.sender == delivery.sender and d.id <= delivery.id]
    _waits_no_more(hub, of_sender, cells - _refused(outcome))
    return outcome


def _load_patch(hub: Hub, dataset: Dataset, delivery: Delivery, request: Request) -> Outcome:
    """Load what came back mended. `request`: of its cells by hand, where it has waited for that."""
    outcome = Outcome(dataset)
    by_hand = delivery.loaded_at is not None
    rows = pa.Table.from_batches(hub.raw.read(delivery.rows, BATCH_ROWS))
    period = delivery.periods[0] if len(delivery.periods) == 1 else None
    asked = Request(request.run_id, request.cells if by_hand else None, by_hand=by_hand, is_beside=True)
    loaded = load_returned(hub, dataset, rows, delivery.sender, Drop.name, asked, period)
    for of_period in loaded.outcomes:
        outcome.add(of_period)
    if loaded.told:
        with hub.warehouse.engine.begin() as connection:
            deliveries.pass_over(connection, delivery.id, {told.at: told.why for told in loaded.told})
    if by_hand:
        periods = {name for name, _ in request.cells or ()} - {name for name, _ in _refused(outcome)}
        _waits_no_more(hub, [delivery.id], {(name, _unit(hub, dataset, delivery, name)) for name in periods})
    else:
        outcome.waiting |= {(name, _unit(hub, dataset, delivery, name)): rows for name, rows in loaded.waiting.items()}
        _count_waiting(hub, dataset, request, outcome)
        _loaded(hub, delivery, request, outcome.waiting)
    return outcome


def _waiting_patch(cell: Cell, delivery: Delivery) -> bool:
    """Whether a cell is one that a patch waits for; the province's speaks of every cell of its periods."""
    return bool({_name(cell), _name((cell[0], PROVINCE))} & set(delivery.waiting))


def _unit(hub: Hub, dataset: Dataset, delivery: Delivery, period: str) -> str:
    return unit_of(delivery.sender, calendar.moment(dataset, period, hub.today())) or UNKNOWN_UNIT


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


def _found(hub: Hub, dataset: Dataset, kinds: Collection[Kind]) -> list[Delivery]:
    with hub.warehouse.engine.connect() as connection:
        return [d for d in deliveries.of(connection, dataset.source, dataset) if d.kind in kinds]


def _loaded(hub: Hub, delivery: Delivery, request: Request, waiting: Iterable[Cell]) -> None:
    with hub.warehouse.engine.begin() as connection:
        deliveries.mark_loaded(connection, delivery.id, request.run_id, hub.now(), {_name(cell) for cell in waiting})


def _waits_no_more(hub: Hub, ids: Collection[int], cells: Iterable[Cell]) -> None:
    with hub.warehouse.engine.begin() as connection:
        deliveries.wait_no_more(connection, ids, {_name(cell) for cell in cells})


def _refused(outcome: Outcome) -> set[Cell]:
    """The cells of which nothing was loaded."""
    return {(cell.period, cell.unit) for cell in outcome.refused()}


def _name(cell: Cell) -> str:
    return "|".join(cell)
