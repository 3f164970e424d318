"""What units sent as files beside the main road of a dataset, loaded: each delivery once, exactly in the cells that it speaks of.

A delivery that fails, fails alone, and is tried again by the next run, which lays nothing of it over what was sent later; where a
cell of it is locked, that cell waits until an officer loads it by hand. What a commune sent of its district's cell is a patch: the rest
of the cell came otherwise.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial

import pyarrow as pa

from assets.cells import overtaken
from assets.cells.outcome import Cell, Outcome, Request
from assets.cells.returned import load_returned
from assets.cells.run import patch_dataset, sync_dataset
from assets.cells.speaking import cells_of, has_all_of, may_speak_of, spoken_of, unit_in
from resources.connectors.connect import sent
from resources.connectors.connector import BATCH_ROWS, Connector
from resources.connectors.failures import SentFileUnreadable
from resources.hub import Hub
from resources.warehouse.arrivals import deliveries, ledger, pulls, tracker
from resources.warehouse.arrivals.cells import DatasetCells
from resources.warehouse.arrivals.deliveries import Delivery, Kind
from resources.warehouse.engine import typed
from schemas import calendar, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset
from schemas.roads import Drop
from schemas.senders import communes_of

log = logging.getLogger("ansinh.cells")


Confirmed = Mapping[int, frozenset[Cell]]  # by the number of a delivery


def confirmed_files(hub: Hub, dataset: Dataset, request: Request, kinds: Collection[Kind]) -> Confirmed:
    """The deliveries that brought what was refused last of the cells that a person confirms, where none waits for them.

    The confirmation is of these: the main road may have nothing of such a cell, or something else, and would be loaded unseen.
    """
    if not (request.by_hand and request.confirm_shrink and request.cells):
        return {}
    with hub.warehouse.engine.connect() as connection:
        refused = deliveries.refused_last(connection, dataset, {_name(cell) for cell in request.cells})
    found: dict[int, frozenset[Cell]] = {}
    loaded = [delivery for delivery in reversed(_found(hub, dataset, kinds)) if delivery.loaded_at is not None] if refused else []
    for delivery in loaded:
        of_kind = {cell for cell, kind in refused.items() if kind == "patch" or delivery.kind == "whole"}
        if spoken := frozenset(spoken_of(hub, dataset, delivery, of_kind)):
            found[delivery.id] = spoken
            refused = {cell: kind for cell, kind in refused.items() if cell not in spoken}
    return found


def tell_again(hub: Hub, dataset: Dataset, outcome: Outcome, began: dt.datetime) -> None:
    """Have the senders told whose files were refused, as they know, and are loaded now: a person has confirmed them, or what refused them is
    mended."""
    loaded = {(cell.period, cell.unit) for cell in outcome.loaded()}
    if not loaded:
        return
    with hub.warehouse.engine.begin() as connection:
        refused = deliveries.refused_until(connection, dataset, set(map(_name, loaded)), began)
        found = deliveries.of(connection, dataset.source, dataset) if refused else []
        latest = dict[tuple[Cell, str], int]()
        for delivery in (one for one in found if one.kind == "whole" and one.loaded_at is not None):
            of_it = (cell for cell, number in refused.items() if number is None and may_speak_of(hub, dataset, delivery, cell))
            latest.update(dict.fromkeys(((cell, delivery.sender) for cell in of_it), delivery.id))
        deliveries.tell_again(connection, {*latest.values(), *(number for number in refused.values() if number is not None)})


def cells_in_part(hub: Hub, dataset: Dataset, request: Request, kinds: Collection[Kind]) -> frozenset[Cell]:
    """Of the cells that are asked for by hand those of which nothing is held, and files that are not loaded have a part alone: what else
    is in them the main road has."""
    cells = DatasetCells(hub.warehouse.engine, dataset, request.run_id, Drop.name)
    held = {
        (period, unit)
        for period in {period for period, _ in request.cells or ()}
        for unit, state in cells.states(period).items()
        if state.ever_accepted
    }
    whole, part = set[Cell](), set[Cell]()
    for delivery in _found(hub, dataset, kinds):
        for cell in (request.cells or frozenset()) - held:
            if not may_speak_of(hub, dataset, delivery, cell) or not (delivery.loaded_at is None or _waits(cell, delivery)):
                continue
            moment = calendar.moment(dataset, cell[0], hub.today())
            if delivery.kind == "patch" or not has_all_of(dataset, delivery.sender, moment):
                part.add(cell)
            else:
                with suppress(SentFileUnreadable):  # who loads it tells
                    whole |= spoken_of(hub, dataset, delivery, [cell])
    return frozenset(part - whole)


def load_sent(hub: Hub, dataset: Dataset, request: Request, kinds: Collection[Kind], confirmed: Confirmed) -> Outcome:
    """Load what no run has loaded yet, and of what waits in locked cells, or was refused and is confirmed, what is asked for by hand."""
    outcome = Outcome(dataset)
    for delivery in _found(hub, dataset, kinds):
        if delivery.loaded_at is None:
            load = _load_patch if delivery.kind == "patch" else _load_new
            _alone(outcome, delivery, partial(load, hub, dataset, delivery, request))
    if request.by_hand:
        newer = {(cell.period, cell.unit) for cell in outcome.cells}  # what came since is not what was confirmed
        for delivery in _found(hub, dataset, kinds):
            cells = frozenset(cell for cell in _with_unplaced(request.cells or ()) if _waits(cell, delivery))
            cells |= confirmed.get(delivery.id, frozenset()) - newer
            if cells:
                load = _load_patch if delivery.kind == "patch" else _load_by_hand
                _alone(outcome, delivery, partial(load, hub, dataset, delivery, request.of(cells)))
    return outcome


LeftOut = Mapping[str, Collection[int]]  # by period


def load_earlier(hub: Hub, dataset: Dataset, request: Request, outcome: Outcome) -> LeftOut:
    """Where files are the main road: of a cell of which the last of several new files was refused, load what came before that, and look
    at it once more with it, as if each had come by itself. The files that stay refused so, and hold in the place of none."""
    whole, left_out = _found(hub, dataset, {"whole"}), defaultdict[str, set[int]](set)
    first = () if any(delivery.loaded_at for delivery in whole) else (dataset.name,)

    def look(cell: Cell, found: Sequence[Delivery]) -> bool:
        connector = sent(hub.raw, found, hub.today(), first)
        asked = Request(request.run_id, frozenset({cell}), by_hand=request.by_hand)
        outcome.add(became := sync_dataset(hub, dataset, connector, asked))
        return any((loaded.period, loaded.unit) == cell for loaded in became.loaded())

    def take(cell: Cell) -> None:
        new = [d for d in whole if (d.loaded_at is None or _waits(cell, d)) and spoken_of(hub, dataset, d, [cell])]
        for at in range(len(new) - 1, 0, -1):
            later = {delivery.id for delivery in new[at:]}
            if look(cell, [delivery for delivery in whole if delivery.id not in later]):
                _waits_no_more(hub, [delivery.id for delivery in new[:at]], [cell])
                if not look(cell, whole):
                    left_out[cell[0]] |= later
                break

    for cell in sorted(_refused(outcome)):
        try:
            take(cell)
        except Exception as error:
            failure = typed(f"nạp tệp gửi trước của ô {_name(cell)} của {dataset.id}", error)
            log.error("%s", failure)
            outcome.trouble.append(failure)
    return left_out


def lay_again(hub: Hub, dataset: Dataset, request: Request, outcome: Outcome) -> Outcome:
    """Where files are the main road: of the cells that it has loaded anew, lay what came back since above them once more.

    An answer to a rejected row stands by itself; a row without a mark would be gone with what was held.
    """
    loaded = {(cell.period, cell.unit) for cell in outcome.loaded()}
    again, found = Outcome(dataset), _found(hub, dataset, {"whole", "patch"}) if loaded else []
    periods = {period for period, _ in loaded}
    for patch in (one for one in found if one.kind == "patch" and one.loaded_at is not None and periods & {*one.periods}):
        with hub.warehouse.engine.connect() as connection:
            refused = deliveries.refused_with(connection, dataset, patch, {_name(cell) for cell in loaded})
        asked = {cell for cell in loaded - refused if not _waits(cell, patch)}
        for one in (delivery for delivery in found if delivery.kind == "whole" and delivery.turn > patch.turn):
            # What has the whole cell takes the place of all. Of a part what is not kept as loaded yet cannot be told from the rest.
            asked -= {
                c
                for c in asked
                if may_speak_of(hub, dataset, one, c) and (one.loaded_at is None or _takes_the_place(hub, dataset, one, patch, c))
            }
        if cells := frozenset(spoken_of(hub, dataset, patch, asked)):
            _alone(again, patch, partial(_load_patch, hub, dataset, patch, request.of(cells)))
    return again


def settle_sent(hub: Hub, dataset: Dataset, request: Request, outcome: Outcome, left_out: LeftOut) -> None:
    """Keep that the main road, where it is that of the files, has loaded what was sent, but for what waits in locked cells."""
    # Of whole files alone: a patch is loaded after the main road, and by itself.
    whole = _found(hub, dataset, {"whole"})
    if request.by_hand:
        cells = _with_unplaced((request.cells or frozenset()) - _refused(outcome) - outcome.unread.keys()) - outcome.unread.keys()
        for delivery in whole:
            if periods := {cell[0] for cell in cells if _waits(cell, delivery)}:
                _alone(outcome, delivery, partial(_pass_over, hub, dataset, delivery, periods, whole, left_out))
        _waits_no_more(hub, [delivery.id for delivery in whole], cells)
    elif request.is_of_all:
        # Not what this run has counted: of a locked cell that stands as another file has left it, it has looked at nothing.
        with hub.warehouse.engine.connect() as connection:
            waiting = tracker.waiting(connection, dataset)

        def settle(delivery: Delivery) -> None:
            connector = sent(hub.raw, [delivery], hub.today())
            cells = cells_of(connector, hub, dataset, delivery) if waiting else frozenset[Cell]()
            _pass_over(hub, dataset, delivery, delivery.periods, whole, left_out)
            _loaded(hub, delivery, request, {cell: rows for cell, rows in waiting.items() if cell in cells})

        for delivery in whole:
            # A cell of which another file cannot be read was not loaded, and nothing of it is.
            if delivery.loaded_at is None and not any(may_speak_of(hub, dataset, delivery, cell) for cell in outcome.unread):
                _alone(outcome, delivery, partial(settle, delivery))


def _pass_over(
    hub: Hub, dataset: Dataset, delivery: Delivery, periods: Collection[str], whole: Sequence[Delivery], left_out: LeftOut
) -> None:
    """Pass over what a delivery has of these periods, where others hold in its place."""
    if alike := [period for period in periods if not left_out.get(period)]:
        overtaken.pass_over_periods(hub, dataset, delivery, alike, whole)
    for period in set(periods) - set(alike):
        others = [one for one in whole if one.id not in left_out[period]]
        if delivery in others:
            overtaken.pass_over_periods(hub, dataset, delivery, [period], others)


def _alone(outcome: Outcome, delivery: Delivery, do: Callable[[], Outcome | None]) -> None:
    try:
        if became := do():
            outcome.add(became)
    except Exception as error:
        failure = typed(f"nạp tệp đã nhận số {delivery.id} của {outcome.dataset.id}", error)
        log.error("%s", failure)
        outcome.trouble.append(failure)


def _load_new(hub: Hub, dataset: Dataset, delivery: Delivery, request: Request) -> Outcome:
    connector = sent(hub.raw, [delivery], hub.today())
    cells = cells_of(connector, hub, dataset, delivery)
    locked = {cell for cell in cells if _is_locked(hub, dataset, cell[0])}
    with hub.warehouse.engine.connect() as connection:
        before = deliveries.loaded_before(connection, dataset, delivery.id)
    cells, later = _in_turn(hub, dataset, delivery, cells)
    new = cells - before.keys()
    outcome = _load(hub, dataset, delivery, connector, Request(request.run_id, new, delivery=delivery.id))
    # Of what was loaded when a run was cut off, what was sent later may not have been laid over it.
    over = new | {cell for cell in cells & before.keys() if before[cell]}
    outcome.add(_load_over(hub, dataset, later, over - locked, request))
    _loaded(hub, delivery, request, {cell: outcome.waiting[cell] for cell in locked & cells})
    return outcome


Later = list[tuple[Delivery, set[Cell]]]


def _in_turn(hub: Hub, dataset: Dataset, delivery: Delivery, cells: frozenset[Cell]) -> tuple[frozenset[Cell], Later]:
    """Those of these cells of a delivery in which it still holds, and what was sent later and is loaded there already: it has to lie
    above this one, which failed when it came."""
    later = _loaded_later(hub, dataset, delivery, cells)
    gone = {cell for one, spoken in later for cell in spoken if _takes_the_place(hub, dataset, one, delivery, cell)}
    held = {period for period, unit in cells - gone if unit != UNKNOWN_UNIT}
    gone |= {(period, UNKNOWN_UNIT) for period, _ in gone if period not in held}
    overtaken.pass_over_cells(hub, dataset, delivery, gone, [one for one, _ in later])
    return cells - gone, later


def _loaded_later(hub: Hub, dataset: Dataset, delivery: Delivery, cells: Collection[Cell]) -> Later:
    """What was sent after a delivery and is loaded by now, since this one failed; each with those of these cells that it speaks of.

    What was refused of it is not loaded: nothing has to lie above it, nor beneath.
    """
    with hub.warehouse.engine.connect() as connection:
        after = deliveries.loaded_after(connection, dataset, delivery)
        refused = {d.id: deliveries.refused_of(connection, dataset, d.id) for d in after}
    asked = {d.id: [cell for cell in cells if not _waits(cell, d) and cell not in refused[d.id]] for d in after}
    spoken = [(d, spoken_of(hub, dataset, d, asked[d.id])) for d in after]
    return [(d, of_it) for d, of_it in spoken if of_it]


def _takes_the_place(hub: Hub, dataset: Dataset, later: Delivery, earlier: Delivery, cell: Cell) -> bool:
    """Whether nothing that an earlier delivery tells of a cell still holds, once a later one was loaded there."""
    if later.kind == "patch":
        return False
    return later.sender == earlier.sender or has_all_of(dataset, later.sender, calendar.moment(dataset, cell[0], hub.today()))


def _load_over(hub: Hub, dataset: Dataset, later: Later, cells: frozenset[Cell], request: Request) -> Outcome:
    """Lay what was sent later of these cells above what came late into them."""
    outcome = Outcome(dataset)
    for delivery, spoken in later:
        asked = Request(request.run_id, frozenset(spoken & cells), by_hand=request.by_hand, delivery=delivery.id)
        if asked.cells and delivery.kind == "patch":
            outcome.add(_load_patch(hub, dataset, delivery, asked))
        elif asked.cells:
            outcome.add(_load(hub, dataset, delivery, sent(hub.raw, [delivery], hub.today()), asked))
    return outcome


def _load_by_hand(hub: Hub, dataset: Dataset, delivery: Delivery, request: Request) -> Outcome:
    """Load these cells of a delivery, which waited or is confirmed."""
    connector = sent(hub.raw, [delivery], hub.today())
    asked = request.cells or frozenset()
    cells = asked | (_with_unplaced(asked) & cells_of(connector, hub, dataset, delivery))
    held, later = _in_turn(hub, dataset, delivery, cells)
    by_hand = Request(request.run_id, held, by_hand=True, delivery=delivery.id, confirm_shrink=request.confirm_shrink)
    outcome = _load(hub, dataset, delivery, connector, by_hand)
    outcome.add(_load_over(hub, dataset, later, held - _refused(outcome), request))
    # An earlier file of the same sender that failed would else be loaded over this one later.
    of_sender = [d.id for d in _found(hub, dataset, {"whole"}) if d.sender == delivery.sender and d.turn <= delivery.turn]
    _waits_no_more(hub, of_sender, cells - _refused(outcome))
    return outcome


def _load_patch(hub: Hub, dataset: Dataset, delivery: Delivery, request: Request) -> Outcome:
    """Load what came back mended. `request`: of its cells by hand, where it has waited for that."""
    outcome = Outcome(dataset)
    by_hand = delivery.loaded_at is not None
    rows = pa.Table.from_batches(hub.raw.read(delivery.rows, BATCH_ROWS))
    period = delivery.periods[0] if len(delivery.periods) == 1 else None
    cells, is_confirmed = (request.cells, request.confirm_shrink) if by_hand else (None, False)
    asked = Request(request.run_id, cells, by_hand=by_hand, delivery=delivery.id, confirm_shrink=is_confirmed)
    of_later = partial(_overtaken, hub, dataset, delivery)
    with hub.warehouse.engine.connect() as connection:
        # Of a run that was cut off: laid once more a row without a mark would take the place of what the main road has said since.
        laid = frozenset[str]() if by_hand else pulls.laid(connection, dataset, delivery.id)
    tell = partial(overtaken.tell, hub, delivery)
    loaded = load_returned(hub, dataset, rows, delivery.sender, Drop.name, asked, period, of_later, laid, tell)
    for of_period in loaded.outcomes:
        outcome.add(of_period)
    if by_hand:
        periods = {name for name, _ in request.cells or ()} - {name for name, _ in _refused(outcome)}
        _waits_no_more(hub, [delivery.id], {(name, unit_in(hub, dataset, delivery, name)) for name in periods})
    else:
        outcome.waiting.update({(name, unit_in(hub, dataset, delivery, name)): rows for name, rows in loaded.waiting.items()})
        _loaded(hub, delivery, request, outcome.waiting)
    return outcome


def _overtaken(hub: Hub, dataset: Dataset, patch: Delivery, period: str, rows: pa.Table) -> list[bool]:
    """Of each of these rows whether a whole file that was sent later, and is loaded, holds in its place."""
    moment = calendar.moment(dataset, period, hub.today())
    cells = {(period, unit) for unit in ledger.expected_units(dataset, period, hub.today())}
    later = [(d, spoken) for d, spoken in _loaded_later(hub, dataset, patch, cells) if d.kind == "whole"]
    if dataset.commune is None or dataset.by_province:
        return [bool(later)] * rows.num_rows
    placed = units.placing(moment.judged_on, moment.last_day)
    gone = {code for d, spoken in later for code in communes_of(d.sender, moment) if (period, placed[code]) in spoken}
    return [(code or "").strip() in gone for code in rows.column(dataset.column(dataset.commune).source_column).to_pylist()]


def _with_unplaced(cells: Collection[Cell]) -> frozenset[Cell]:
    """These cells, and what no unit answers for in their periods: nobody can ask for that, so it comes along."""
    return frozenset((*cells, *((period, UNKNOWN_UNIT) for period, _ in cells)))


def _waits(cell: Cell, delivery: Delivery) -> bool:
    """Whether a delivery waits for a cell; a patch of the province speaks of every cell of its periods."""
    names = {_name(cell), _name((cell[0], PROVINCE))} if delivery.kind == "patch" else {_name(cell)}
    return bool(names & set(delivery.waiting))


def _load(hub: Hub, dataset: Dataset, delivery: Delivery, connector: Connector, request: Request) -> Outcome:
    """Load these cells of a delivery: whole, or as a patch where its sender has but a part of the cell."""
    outcome, today = Outcome(dataset), hub.today()
    moments = {
        period: calendar.moment(dataset, period, today) for period in sorted({period for period, _ in request.cells or ()})
    }
    whole = {period for period, moment in moments.items() if has_all_of(dataset, delivery.sender, moment)}
    if cells := frozenset(cell for cell in request.cells or () if cell[0] in whole):
        outcome.add(sync_dataset(hub, dataset, connector, request.of(cells)))
    for period in moments.keys() - whole:
        rows = connector.rows(dataset, period, today)
        if request.by_hand or not _is_locked(hub, dataset, period):
            outcome.add(patch_dataset(hub, dataset, period, connector.road, rows, request))
        else:
            waiting = sum(batch.num_rows for batch in rows)
            outcome.waiting.update({cell: waiting for cell in request.cells or () if cell[0] == period})
    return outcome


def _is_locked(hub: Hub, dataset: Dataset, period: str) -> bool:
    return ledger.has_passed(calendar.locked_day(dataset, period), hub.now())


def _found(hub: Hub, dataset: Dataset, kinds: Collection[Kind]) -> list[Delivery]:
    with hub.warehouse.engine.connect() as connection:
        return [d for d in deliveries.of(connection, dataset.source, dataset) if d.kind in kinds]


def _loaded(hub: Hub, delivery: Delivery, request: Request, waiting: Mapping[Cell, int]) -> None:
    with hub.warehouse.engine.begin() as connection:
        in_cells = {_name(cell): rows for cell, rows in sorted(waiting.items())}
        deliveries.mark_loaded(connection, delivery.id, request.run_id, hub.now(), in_cells)


def _waits_no_more(hub: Hub, ids: Collection[int], cells: Iterable[Cell]) -> None:
    with hub.warehouse.engine.begin() as connection:
        deliveries.wait_no_more(connection, ids, {_name(cell) for cell in cells})


def _refused(outcome: Outcome) -> set[Cell]:
    """The cells of which nothing was loaded."""
    return {(cell.period, cell.unit) for cell in outcome.refused()}


def _name(cell: Cell) -> str:
    return "|".join(cell)
