"""What one run loads of a dataset: its inbox is emptied, its main road is read, and what units sent beside that road is loaded.

Last the senders are told what became of their files.
"""

import datetime as dt
import logging

from assets.cells.outcome import Cell, Outcome, Request
from assets.cells.run import revalidate_dataset, sync_dataset
from assets.cells.sent_as_main_road import SentAsMainRoad
from assets.cells.sent_loading import SentLoading
from resources.connectors.connect import connect
from resources.connectors.failures import SourceUnconfigured
from resources.failing import Failure
from resources.hub import Hub
from resources.inbox import intake, receipts
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
    if by_file:
        files = SentAsMainRoad(hub, dataset, request)
        _load_by_file(files, outcome, silent)
    else:
        files = SentLoading(hub, dataset, request)
        if request.by_hand:
            _load_by_hand(files, outcome, silent)
        else:
            _load_what_moved(files, outcome, silent)
    _tell(files, outcome, began)
    return outcome


def _load_by_file(files: SentAsMainRoad, outcome: Outcome, silent: Failure | None) -> None:
    """Load a dataset whose main road is the files that units send."""
    confirmed = files.confirmed()
    _ask(files.hub, files.dataset, files.request, outcome, silent)
    if outcome.failure is None:
        outcome.add(files.finish(outcome))
    if files.request.by_hand and outcome.unread:  # who asked for such a cell has not got it
        outcome.failure = outcome.failure or next(iter(outcome.unread.values()))
    outcome.add(files.load(confirmed))


def _load_what_moved(files: SentLoading, outcome: Outcome, silent: Failure | None) -> None:
    """Load what moved on the main road, unless files alone are asked for, and what units sent beside it."""
    if not files.request.files_alone:
        _ask(files.hub, files.dataset, files.request, outcome, silent)
    outcome.add(files.load(files.confirmed()))


def _load_by_hand(files: SentLoading, outcome: Outcome, silent: Failure | None) -> None:
    """Load the cells that are asked for by hand: from files that wait for them or are confirmed, and the rest from the main road."""
    hub, dataset, request = files.hub, files.dataset, files.request
    confirmed = files.confirmed()
    # Where a confirmed file could not be read, the main road is no answer: it would be loaded in its place.
    of_files = frozenset[Cell]().union(*confirmed.values())
    has_road = hub.settings.source_url(dataset.source.name) is not None
    in_part = files.in_part() - of_files if has_road else frozenset[Cell]()
    if in_part:  # the part that a file has is laid over it
        _ask(hub, dataset, request.of(in_part), outcome, silent)
    outcome.add(files.load(confirmed))
    came = in_part | {(cell.period, cell.unit) for cell in outcome.cells}
    if left := (request.cells or frozenset()) - of_files - came:
        _ask(hub, dataset, request.of(left), outcome, silent)


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


def _tell(files: SentLoading, outcome: Outcome, began: dt.datetime) -> None:
    """Tell the senders. Who could not be told is told by the next run; what was loaded stays loaded."""
    source = files.dataset.source
    try:
        files.have_told_again(outcome, began)
        receipts.give_receipts(files.hub, source)
    except Exception as error:
        log.error("%s", typed(f"báo kết quả cho nơi gửi tệp của {source.name}", error))
