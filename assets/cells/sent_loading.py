"""What units sent, loaded file by file: each once, and exactly into the cells of which it speaks.

A file that fails, fails alone, and the next run tries it again; that run lays nothing of it over what was sent later. Where a cell of it is
locked, that cell waits until an officer loads it by hand. What a commune sent of its district's cell is loaded as a patch, since the rest of
the cell came otherwise.
"""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import ClassVar

import pyarrow as pa

from assets.cells import overtaken
from assets.cells.outcome import Cell, Outcome, Request
from assets.cells.returned import load_returned
from assets.cells.run import patch_dataset, sync_dataset
from assets.cells.sent import SentFiles, loaded_cells, name_of, refused_cells, waits, with_unplaced
from resources.connectors.connector import BATCH_ROWS, Connector
from resources.connectors.failures import SentFileUnreadable
from resources.warehouse.arrivals import deliveries, ledger, pulls
from resources.warehouse.arrivals.cells import DatasetCells
from resources.warehouse.arrivals.deliveries import Delivery, Kind
from resources.warehouse.engine import typed
from schemas import units
from schemas.dataset import UNKNOWN_UNIT
from schemas.roads import Drop
from schemas.senders import communes_of

log = logging.getLogger("ansinh.cells")

Confirmed = Mapping[int, frozenset[Cell]]  # by the number of a file
Later = list[tuple[Delivery, set[Cell]]]  # files that were sent later, each with the cells of which it speaks


class SentLoading(SentFiles):
    """The loading of what was sent beside the main road of a dataset."""

    one_by_one: ClassVar[frozenset[Kind]] = frozenset({"whole", "patch"})  # the kinds of files that are loaded here

    def confirmed(self) -> Confirmed:
        """The files that brought what was last refused of the cells that a person confirms now, where no file waits for these.

        The confirmation is of these files: the main road may have nothing of such a cell, or something else, and would be loaded unseen.
        """
        request, found = self.request, dict[int, frozenset[Cell]]()
        if not (request.by_hand and request.confirm_shrink and request.cells):
            return found
        with self.hub.warehouse.engine.connect() as connection:
            refused = deliveries.refused_last(connection, self.dataset, {name_of(cell) for cell in request.cells})
        for delivery in reversed(self.found(self.one_by_one)) if refused else ():
            if delivery.loaded_at is None:
                continue
            of_kind = {cell for cell, kind in refused.items() if kind == "patch" or delivery.kind == "whole"}
            if spoken := frozenset(self.spoken_of(delivery, of_kind)):
                found[delivery.id] = spoken
                refused = {cell: kind for cell, kind in refused.items() if cell not in spoken}
        return found

    def in_part(self) -> frozenset[Cell]:
        """The cells asked for by hand in which nothing is held, and of which files that are not loaded have only a part.

        The rest of such a cell is on the main road.
        """
        asked = self.request.cells or frozenset()
        cells = DatasetCells(self.hub.warehouse.engine, self.dataset, self.request.run_id, Drop.name)
        states = {period: cells.states(period) for period in {period for period, _ in asked}}
        unheld = {(p, u) for p, u in asked if not ((state := states[p].get(u)) and state.ever_accepted)}
        whole, part = set[Cell](), set[Cell]()
        for delivery in self.found(self.one_by_one):
            for cell in unheld:
                if not self.may_speak_of(delivery, cell) or not (delivery.loaded_at is None or waits(cell, delivery)):
                    continue
                if delivery.kind == "patch" or not self.has_all_of(delivery.sender, cell[0]):
                    part.add(cell)
                else:
                    with suppress(SentFileUnreadable):  # it is told when the file is loaded
                        whole |= self.spoken_of(delivery, [cell])
        return frozenset(part - whole)

    def load(self, confirmed: Confirmed) -> Outcome:
        """Load the files that no run has loaded yet; by hand also what waits in the cells asked for, and what is `confirmed` of them."""
        outcome = Outcome(self.dataset)
        for delivery in self.found(self.one_by_one):
            if delivery.loaded_at is None:
                load = self._load_patch if delivery.kind == "patch" else self._load_new
                alone(outcome, delivery, partial(load, delivery))
        if self.request.by_hand:
            newer = {(cell.period, cell.unit) for cell in outcome.cells}  # what came since is not what was confirmed
            for delivery in self.found(self.one_by_one):
                cells = frozenset(cell for cell in with_unplaced(self.request.cells or ()) if waits(cell, delivery))
                cells |= confirmed.get(delivery.id, frozenset()) - newer
                if cells:
                    load = self._lay_by_hand if delivery.kind == "patch" else self._load_by_hand
                    alone(outcome, delivery, partial(load, delivery, cells))
        return outcome

    def have_told_again(self, outcome: Outcome, began: dt.datetime) -> None:
        """Have those senders told anew whose files had been refused, as they know, and are loaded by this run.

        A person has confirmed such a file, or what refused it is mended. `began`: when the run began.
        """
        loaded = loaded_cells(outcome)
        if not loaded:
            return
        with self.hub.warehouse.engine.begin() as connection:
            refused = deliveries.refused_until(connection, self.dataset, set(map(name_of, loaded)), began)
            found = deliveries.of(connection, self.dataset.source, self.dataset) if refused else []
            latest = dict[tuple[Cell, str], int]()
            for delivery in (one for one in found if one.kind == "whole" and one.loaded_at is not None):
                of_it = (cell for cell, number in refused.items() if number is None and self.may_speak_of(delivery, cell))
                latest.update(dict.fromkeys(((cell, delivery.sender) for cell in of_it), delivery.id))
            deliveries.tell_again(connection, {*latest.values(), *(number for number in refused.values() if number is not None)})

    # A whole file -------------------------------------------------------------------------------------------------------

    def _load_new(self, delivery: Delivery) -> Outcome:
        """Load a whole file that no run has loaded to its end."""
        connector = self.as_source([delivery])
        cells = self.cells_of(delivery, connector)
        locked = {cell for cell in cells if self.is_locked(cell[0])}
        with self.hub.warehouse.engine.connect() as connection:
            before = deliveries.loaded_before(connection, self.dataset, delivery.id)
        cells, later = self._in_turn(delivery, cells)
        new = cells - before.keys()
        outcome = self._load(delivery, connector, Request(self.request.run_id, new, delivery=delivery.id))
        # A run that was cut off may have loaded this file, and not laid over it again what was sent later.
        over = new | {cell for cell in cells & before.keys() if before[cell]}
        outcome.add(self._load_over(later, over - locked))
        self.keep_loaded(delivery, {cell: outcome.waiting[cell] for cell in locked & cells})
        return outcome

    def _load_by_hand(self, delivery: Delivery, asked: frozenset[Cell]) -> Outcome:
        """Load those cells of a whole file that have waited, or are confirmed."""
        connector = self.as_source([delivery])
        cells = asked | (with_unplaced(asked) & self.cells_of(delivery, connector))
        held, later = self._in_turn(delivery, cells)
        confirm_shrink = self.request.confirm_shrink
        by_hand = Request(self.request.run_id, held, by_hand=True, delivery=delivery.id, confirm_shrink=confirm_shrink)
        outcome = self._load(delivery, connector, by_hand)
        outcome.add(self._load_over(later, held - refused_cells(outcome)))
        # Else an earlier file of the same sender, which failed, would later be loaded over this one.
        of_sender = [d.id for d in self.found({"whole"}) if d.sender == delivery.sender and d.turn <= delivery.turn]
        self.wait_no_more(of_sender, cells - refused_cells(outcome))
        return outcome

    def _load(self, delivery: Delivery, connector: Connector, request: Request) -> Outcome:
        """Load these cells of a whole file: as a patch in the periods in which its sender has only a part of a cell."""
        outcome, asked = Outcome(self.dataset), request.cells or frozenset()
        periods = sorted({period for period, _ in asked})
        whole = {period for period in periods if self.has_all_of(delivery.sender, period)}
        if cells := frozenset(cell for cell in asked if cell[0] in whole):
            outcome.add(sync_dataset(self.hub, self.dataset, connector, request.of(cells)))
        for period in (period for period in periods if period not in whole):
            rows = connector.rows(self.dataset, period, self.hub.today())
            if request.by_hand or not self.is_locked(period):
                outcome.add(patch_dataset(self.hub, self.dataset, period, connector.road, rows, request))
            else:
                waiting = sum(batch.num_rows for batch in rows)
                outcome.waiting.update({cell: waiting for cell in asked if cell[0] == period})
        return outcome

    # What was sent later ------------------------------------------------------------------------------------------------

    def _in_turn(self, delivery: Delivery, cells: frozenset[Cell]) -> tuple[frozenset[Cell], Later]:
        """The cells in which a file still holds, and the later files that are loaded in these cells already.

        The file failed when it came, so the later ones have to be laid over it again.
        """
        later = self._loaded_later(delivery, cells)
        gone = {cell for one, spoken in later for cell in spoken if self.takes_the_place(one, delivery, cell)}
        held = {period for period, unit in cells - gone if unit != UNKNOWN_UNIT}
        gone |= {(period, UNKNOWN_UNIT) for period, _ in gone if period not in held}
        overtaken.pass_over_cells(self.hub, self.dataset, delivery, gone, [one for one, _ in later])
        return cells - gone, later

    def _loaded_later(self, delivery: Delivery, cells: Collection[Cell]) -> Later:
        """The files that were sent after this one and are loaded, each with those of these cells of which it speaks.

        A cell of which such a file was refused is left out: nothing of the file is there.
        """
        with self.hub.warehouse.engine.connect() as connection:
            after = deliveries.loaded_after(connection, self.dataset, delivery)
            refused = {d.id: deliveries.refused_of(connection, self.dataset, d.id) for d in after}
        asked = {d.id: [cell for cell in cells if not waits(cell, d) and cell not in refused[d.id]] for d in after}
        spoken = [(d, self.spoken_of(d, asked[d.id])) for d in after]
        return [(d, of_it) for d, of_it in spoken if of_it]

    def _load_over(self, later: Later, cells: frozenset[Cell]) -> Outcome:
        """Lay what later files say of these cells over what came into them late."""
        outcome = Outcome(self.dataset)
        for delivery, spoken in later:
            asked = frozenset(spoken & cells)
            if asked and delivery.kind == "patch":
                outcome.add(self._lay_loaded(delivery, asked))
            elif asked:
                request = Request(self.request.run_id, asked, by_hand=self.request.by_hand, delivery=delivery.id)
                outcome.add(self._load(delivery, self.as_source([delivery]), request))
        return outcome

    # A patch ------------------------------------------------------------------------------------------------------------

    def _load_patch(self, delivery: Delivery) -> Outcome:
        """Load a patch that no run has loaded to its end."""
        with self.hub.warehouse.engine.connect() as connection:
            # A run that was cut off has laid it there. Laid once more, a row without a mark would replace what the main road said since.
            laid = pulls.laid(connection, self.dataset, delivery.id)
        outcome, waiting = self._laid(delivery, Request(self.request.run_id, delivery=delivery.id), laid)
        outcome.waiting.update({(period, self.unit_in(delivery, period)): rows for period, rows in waiting.items()})
        self.keep_loaded(delivery, outcome.waiting)
        return outcome

    def _lay_by_hand(self, delivery: Delivery, cells: frozenset[Cell]) -> Outcome:
        """Lay a patch over these cells, which have waited for it or are confirmed by who asks for them."""
        return self._lay_loaded(delivery, cells, confirm_shrink=self.request.confirm_shrink)

    def _lay_loaded(self, delivery: Delivery, cells: frozenset[Cell], *, confirm_shrink: bool = False) -> Outcome:
        """Lay a patch that was loaded before over these cells, locked ones too."""
        request = Request(self.request.run_id, cells, by_hand=True, delivery=delivery.id, confirm_shrink=confirm_shrink)
        outcome, _ = self._laid(delivery, request)
        periods = {period for period, _ in cells} - {period for period, _ in refused_cells(outcome)}
        self.wait_no_more([delivery.id], {(period, self.unit_in(delivery, period)) for period in periods})
        return outcome

    def _laid(
        self, delivery: Delivery, request: Request, laid: Collection[str] = frozenset()
    ) -> tuple[Outcome, Mapping[str, int]]:
        """What became of the rows of a patch, and how many of them wait in each locked period. `laid`: periods that are left out."""
        rows = pa.Table.from_batches(self.hub.raw.read(delivery.rows, BATCH_ROWS))
        period = delivery.periods[0] if len(delivery.periods) == 1 else None
        are_overtaken, tell = partial(self._are_overtaken, delivery), partial(overtaken.tell, self.hub, delivery)
        loaded = load_returned(
            self.hub, self.dataset, rows, delivery.sender, Drop.name, request, period, are_overtaken, laid, tell
        )
        outcome = Outcome(self.dataset)
        for of_period in loaded.outcomes:
            outcome.add(of_period)
        return outcome, loaded.waiting

    def _are_overtaken(self, patch: Delivery, period: str, rows: pa.Table) -> Sequence[bool]:
        """For each of these rows: whether a whole file that was sent later, and is loaded, holds in its place."""
        moment = self.moment(period)
        cells = {(period, unit) for unit in ledger.expected_units(self.dataset, period, self.hub.today())}
        later = [(d, spoken) for d, spoken in self._loaded_later(patch, cells) if d.kind == "whole"]
        if self.dataset.commune is None or self.dataset.by_province:
            return [bool(later)] * rows.num_rows
        placed = units.placing(moment.judged_on, moment.last_day)
        gone = {code for d, spoken in later for code in communes_of(d.sender, moment) if (period, placed[code]) in spoken}
        commune = self.dataset.column(self.dataset.commune).source_column
        return [(code or "").strip() in gone for code in rows.column(commune).to_pylist()]


def alone(outcome: Outcome, delivery: Delivery, do: Callable[[], Outcome | None]) -> None:
    """Do something with a file, and add what became of it; its failure is the file's alone."""
    try:
        if became := do():
            outcome.add(became)
    except Exception as error:
        failure = typed(f"nạp tệp đã nhận số {delivery.id} của {outcome.dataset.id}", error)
        log.error("%s", failure)
        outcome.trouble.append(failure)
