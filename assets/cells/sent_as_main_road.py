"""Files that are the main road of a dataset: what is left to do once that road was read. The whole files were loaded by it, all together."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import ClassVar

from assets.cells import overtaken
from assets.cells.outcome import Cell, Outcome, Request
from assets.cells.run import sync_dataset
from assets.cells.sent import loaded_cells, name_of, refused_cells, waits, with_unplaced
from assets.cells.sent_loading import SentLoading, alone
from resources.warehouse.arrivals import deliveries, tracker
from resources.warehouse.arrivals.deliveries import Delivery, Kind
from resources.warehouse.engine import typed

log = logging.getLogger("ansinh.cells")

LeftOut = Mapping[str, Collection[int]]  # period -> numbers of files that stay refused, and hold in the place of none


class SentAsMainRoad(SentLoading):
    """The loading of what was sent, where that is the main road itself. Only patches are loaded one by one, after it."""

    one_by_one: ClassVar[frozenset[Kind]] = frozenset({"patch"})

    def finish(self, outcome: Outcome) -> Outcome:
        """End what the reading of the main road has begun. Returns what became of the patches that were laid over it again."""
        self._keep_settled(outcome, self._load_earlier(outcome))
        return self._lay_again(outcome)

    def _load_earlier(self, outcome: Outcome) -> LeftOut:
        """Where the last of several new files of a cell was refused, load the files before it, as if each had come by itself.

        Then the cell is looked at once more with the last one too. The files that are refused again are returned.
        """
        whole, left_out = self.found({"whole"}), defaultdict[str, set[int]](set)
        first = () if any(delivery.loaded_at for delivery in whole) else (self.dataset.name,)

        def is_loaded(cell: Cell, found: Sequence[Delivery]) -> bool:
            asked = Request(self.request.run_id, frozenset({cell}), by_hand=self.request.by_hand)
            outcome.add(became := sync_dataset(self.hub, self.dataset, self.as_source(found, first), asked))
            return cell in loaded_cells(became)

        def take(cell: Cell) -> None:
            new = [d for d in whole if (d.loaded_at is None or waits(cell, d)) and self.spoken_of(d, [cell])]
            for at in range(len(new) - 1, 0, -1):
                later = {delivery.id for delivery in new[at:]}
                if is_loaded(cell, [delivery for delivery in whole if delivery.id not in later]):
                    self.wait_no_more([delivery.id for delivery in new[:at]], [cell])
                    if not is_loaded(cell, whole):
                        left_out[cell[0]] |= later
                    break

        for cell in sorted(refused_cells(outcome)):
            try:
                take(cell)
            except Exception as error:
                failure = typed(f"nạp tệp gửi trước của ô {name_of(cell)} của {self.dataset.id}", error)
                log.error("%s", failure)
                outcome.trouble.append(failure)
        return left_out

    def _keep_settled(self, outcome: Outcome, left_out: LeftOut) -> None:
        """Keep that the main road has loaded the whole files, and what of them waits in locked cells. Patches are loaded after it."""
        whole = self.found({"whole"})
        if self.request.by_hand:
            asked = (self.request.cells or frozenset()) - refused_cells(outcome) - outcome.unread.keys()
            cells = with_unplaced(asked) - outcome.unread.keys()
            for delivery in whole:
                if periods := {cell[0] for cell in cells if waits(cell, delivery)}:
                    alone(outcome, delivery, partial(self._pass_over, delivery, periods, whole, left_out))
            self.wait_no_more([delivery.id for delivery in whole], cells)
        elif self.request.is_of_all:
            # Not what this run has counted: it looked at no locked cell that stands as another file has left it.
            with self.hub.warehouse.engine.connect() as connection:
                waiting = tracker.waiting(connection, self.dataset)

            def settle(delivery: Delivery) -> None:
                cells = self.cells_of(delivery) if waiting else frozenset[Cell]()
                self._pass_over(delivery, delivery.periods, whole, left_out)
                self.keep_loaded(delivery, {cell: rows for cell, rows in waiting.items() if cell in cells})

            for delivery in whole:
                # A cell of which another file cannot be read was not loaded, and nothing of it is.
                if delivery.loaded_at is None and not any(self.may_speak_of(delivery, cell) for cell in outcome.unread):
                    alone(outcome, delivery, partial(settle, delivery))

    def _pass_over(self, delivery: Delivery, periods: Collection[str], whole: Sequence[Delivery], left_out: LeftOut) -> None:
        """Pass over the rows of a file in these periods in whose place others of the whole files hold."""
        if alike := [period for period in periods if not left_out.get(period)]:
            overtaken.pass_over_periods(self.hub, self.dataset, delivery, alike, whole)
        for period in set(periods) - set(alike):
            others = [one for one in whole if one.id not in left_out[period]]
            if delivery in others:
                overtaken.pass_over_periods(self.hub, self.dataset, delivery, [period], others)

    def _lay_again(self, outcome: Outcome) -> Outcome:
        """Lay the patches that came since once more over the cells that the main road has loaded anew.

        An answer to a rejected row stands by itself; a row without a mark would be gone with what was held before.
        """
        loaded = loaded_cells(outcome)
        again, found = Outcome(self.dataset), self.found({"whole", "patch"}) if loaded else []
        periods = {period for period, _ in loaded}
        for patch in (one for one in found if one.kind == "patch" and one.loaded_at is not None and periods & {*one.periods}):
            with self.hub.warehouse.engine.connect() as connection:
                refused = deliveries.refused_with(connection, self.dataset, patch, {name_of(cell) for cell in loaded})
            asked = {cell for cell in loaded - refused if not waits(cell, patch)}
            for one in (delivery for delivery in found if delivery.kind == "whole" and delivery.turn > patch.turn):
                asked -= {cell for cell in asked if self._may_hold_above(one, patch, cell)}
            if cells := frozenset(self.spoken_of(patch, asked)):
                alone(again, patch, partial(self._lay_by_hand, patch, cells))
        return again

    def _may_hold_above(self, later: Delivery, patch: Delivery, cell: Cell) -> bool:
        """Whether a later whole file holds in the place of a patch, or may: of one that has a part of the cell and is not kept as loaded
        yet, the rows cannot be told from the rest."""
        return self.may_speak_of(later, cell) and (later.loaded_at is None or self.takes_the_place(later, patch, cell))
