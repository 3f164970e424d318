"""The files that units sent of one dataset: of which cells each of them speaks, and which of two holds. Nothing is loaded here.

A file speaks of the cells of its periods that hold a commune of its sender. Of a *whole* file these are all rows that its sender has there;
of a *patch* they are single rows, and the rest of the cell came otherwise.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from assets.cells.outcome import Cell, Outcome, Request
from assets.cells.plan import units_of
from assets.cells.run import refuse_unread
from resources.connectors.connect import sent
from resources.connectors.connector import Connector
from resources.hub import Hub
from resources.warehouse.arrivals import deliveries, ledger
from resources.warehouse.arrivals.deliveries import Delivery, Kind
from schemas import calendar, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Moment
from schemas.senders import communes_of, unit_of


@dataclass(frozen=True)
class SentFiles:
    """The files of one dataset, as one run sees them."""

    hub: Hub
    dataset: Dataset
    request: Request

    def found(self, kinds: Collection[Kind]) -> list[Delivery]:
        """The files of these kinds that were taken in, the earliest first."""
        with self.hub.warehouse.engine.connect() as connection:
            return [d for d in deliveries.of(connection, self.dataset.source, self.dataset) if d.kind in kinds]

    def as_source(self, found: Collection[Delivery], first_looked_at: Collection[str] = ()) -> Connector:
        """What these files say together, as a source."""
        return sent(self.hub.raw, [*found], self.hub.today(), first_looked_at)

    def moment(self, period: str) -> Moment:
        return calendar.moment(self.dataset, period, self.hub.today())

    def is_locked(self, period: str) -> bool:
        return ledger.has_passed(calendar.locked_day(self.dataset, period), self.hub.now())

    # Of which cells a file speaks ---------------------------------------------------------------------------------------

    def may_speak_of(self, delivery: Delivery, cell: Cell) -> bool:
        """Whether the sender of a file answers for a commune of a cell. The rows of the file are not looked at."""
        period, unit = cell
        if period not in delivery.periods:
            return False
        if delivery.kind == "patch" or delivery.sender == PROVINCE or self.dataset.by_province or self.dataset.commune is None:
            return True
        moment = self.moment(period)
        placed = units.placing(moment.judged_on, moment.last_day)
        return unit in {placed[code] for code in communes_of(delivery.sender, moment)}

    def spoken_of(self, delivery: Delivery, cells: Iterable[Cell]) -> set[Cell]:
        """Those of these cells in which a whole file has rows; of a patch, those for which its sender answers."""
        of_period = {cell for cell in cells if self.may_speak_of(delivery, cell)}
        if not of_period or delivery.kind == "whole":
            return of_period and of_period & self.cells_of(delivery)
        return {cell for cell in of_period if self.unit_in(delivery, cell[0]) in (cell[1], PROVINCE)}

    def cells_of(self, delivery: Delivery, connector: Connector | None = None) -> frozenset[Cell]:
        """The cells in which a file has rows. `connector`: the file as a source, where it is looked at already."""
        connector, today = connector or self.as_source([delivery]), self.hub.today()
        begun = [period for period in calendar.started(self.dataset, today) if period in delivery.periods]
        found = connector.standings(self.dataset, today, periods=begun)
        refuse_unread(found)
        of_each = {period: units_of(self.dataset, self.moment(period), found.periods[period]) for period in begun}
        return frozenset((period, unit) for period, units in of_each.items() for unit in units)

    def has_all_of(self, sender: str, period: str) -> bool:
        """Whether a whole file of this sender has all rows of each cell of which it speaks, and not those of a part."""
        return sender == PROVINCE or (not self.dataset.by_province and unit_of(sender, self.moment(period)) == sender)

    def unit_in(self, delivery: Delivery, period: str) -> str:
        """The unit for whose cell the sender of a file answers in a period."""
        return unit_of(delivery.sender, self.moment(period)) or UNKNOWN_UNIT

    def takes_the_place(self, later: Delivery, earlier: Delivery, cell: Cell) -> bool:
        """Whether nothing that an earlier file tells of a cell still holds once a later one is loaded there."""
        return later.kind == "whole" and (later.sender == earlier.sender or self.has_all_of(later.sender, cell[0]))

    # What the register keeps of them ------------------------------------------------------------------------------------

    def keep_loaded(self, delivery: Delivery, waiting: Mapping[Cell, int]) -> None:
        """Keep that this run has loaded a file. `waiting`: rows of it in locked cells, which wait for a run by hand."""
        with self.hub.warehouse.engine.begin() as connection:
            in_cells = {name_of(cell): rows for cell, rows in sorted(waiting.items())}
            deliveries.mark_loaded(connection, delivery.id, self.request.run_id, self.hub.now(), in_cells)

    def wait_no_more(self, ids: Collection[int], cells: Iterable[Cell]) -> None:
        """Keep that these files wait for these cells no more."""
        with self.hub.warehouse.engine.begin() as connection:
            deliveries.wait_no_more(connection, ids, {name_of(cell) for cell in cells})


def waits(cell: Cell, delivery: Delivery) -> bool:
    """Whether a file waits for a cell. A patch of the province speaks of every cell of its periods."""
    names = {name_of(cell), name_of((cell[0], PROVINCE))} if delivery.kind == "patch" else {name_of(cell)}
    return bool(names & set(delivery.waiting))


def with_unplaced(cells: Collection[Cell]) -> frozenset[Cell]:
    """These cells, and what no unit answers for in their periods: nobody can ask for that, so it comes along."""
    return frozenset((*cells, *((period, UNKNOWN_UNIT) for period, _ in cells)))


def refused_cells(outcome: Outcome) -> set[Cell]:
    return {(cell.period, cell.unit) for cell in outcome.refused()}


def loaded_cells(outcome: Outcome) -> set[Cell]:
    return {(cell.period, cell.unit) for cell in outcome.loaded()}


def name_of(cell: Cell) -> str:
    return "|".join(cell)
