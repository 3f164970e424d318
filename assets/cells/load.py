"""What one run loads of a dataset: its inbox is emptied, its main road asked, and beside that loaded what units sent, who are then told."""

import logging

from assets.cells.outcome import Cell, Outcome, Request
from assets.cells.run import revalidate_dataset, sync_dataset
from assets.cells.sent import cells_in_part, confirmed_files, lay_again, load_earlier, load_sent, settle_sent, tell_again
from resources.connectors.connect import connect
from resources.connectors.failures import SourceUnconfigured
from resources.failing import Failure
from resources.hub import Hub
from resources.inbox import intake, receipts
from resources.warehouse.arrivals.deliveries import Kind
from resources.warehouse.engine import typed
from schemas.dataset import Dataset

log = logging.getLogger("ansinh.cells")


def load(hub: Hub, dataset: Dataset, request: Request, silent: Failure | None = None) -> Outcome:
    """Load what a run was asked for, under the lock of the source. What becomes of one road stops no other.

    `silent`: the failure of a main road that does not answer and is not to be asked yet.
    """
    if request.from_raw:
        return revalidate_dataset(hub, dataset, request)
    outcome, began = Outcome(dataset, columns=len(dataset.columns)), hub.now()
    by_file = hub.settings.is_by_files(dataset.source.name)
    try:
        intake.take_in(hub, dataset.source)
    except Exception as error:
        failure = typed(f"xem tệp đơn vị gửi của {dataset.source.name}", error)
        log.error("%s", failure)
        outcome.trouble.append(failure)
        outcome.failure = failure if by_file or request.files_alone else None
    kinds: set[Kind] = {"patch"} if by_file else {"whole", "patch"}
    confirmed = confirmed_files(hub, dataset, request, kinds)
    if by_file:
        _ask(hub, dataset, request, outcome, silent)
        if outcome.failure is None:
            settle_sent(hub, dataset, request, outcome, load_earlier(hub, dataset, request, outcome))
            outcome.add(lay_again(hub, dataset, request, outcome))
        if request.by_hand and outcome.unread:  # who asked for such a cell has not got it
            outcome.failure = outcome.failure or next(iter(outcome.unread.values()))
        outcome.add(load_sent(hub, dataset, request, kinds, confirmed))
    elif request.by_hand:
        # Where the confirmed file could not be read, the main road is no answer: it would be loaded in its place.
        of_files = frozenset[Cell]().union(*confirmed.values())
        has_road = hub.settings.source_url(dataset.source.name) is not None
        in_part = cells_in_part(hub, dataset, request, kinds) - of_files if has_road else frozenset[Cell]()
        if in_part:  # what a file has of them is laid over it
            _ask(hub, dataset, request.of(in_part), outcome, silent)
        outcome.add(load_sent(hub, dataset, request, kinds, confirmed))
        came = in_part | {(cell.period, cell.unit) for cell in outcome.cells}
        if left := (request.cells or frozenset()) - of_files - came:
            _ask(hub, dataset, request.of(left), outcome, silent)
    else:
        if not request.files_alone:
            _ask(hub, dataset, request, outcome, silent)
        outcome.add(load_sent(hub, dataset, request, kinds, confirmed))
    try:
        tell_again(hub, dataset, outcome, began)
        receipts.give_receipts(hub, dataset.source)
    except Exception as error:  # who was not told is told by the next run; what was loaded stays so
        log.error("%s", typed(f"báo kết quả cho nơi gửi tệp của {dataset.source.name}", error))
    return outcome


def _ask(hub: Hub, dataset: Dataset, request: Request, outcome: Outcome, silent: Failure | None) -> None:
    """Bring the cells to what the main road says; a failure of it is kept in the outcome."""
    try:
        if silent is not None:
            raise silent
        if hub.settings.source_url(dataset.source.name) is None:
            raise SourceUnconfigured(dataset=dataset.id, environment=dataset.source.environment)
        with connect(dataset.source, hub.settings) as connector:
            outcome.add(sync_dataset(hub, dataset, connector, request))
    except Exception as error:
        outcome.failure = typed(f"nạp {dataset.id}", error)
