"""All grids, looked at and mended.

Dagster's UI wipes an asset at a click, deleting a run deletes what it materialised, a click may report a cell that never came, and
one of two databases may be restored alone. What stands in the warehouse is right: cells, published periods, revisions of reports.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import dagster as dg
import sqlalchemy as sa

from assets.open.tables import tables_of
from assets.reports.forms import FORMS
from pipelines.doctor.failures import GridDiffers
from pipelines.doctor.grid.kinds import CellsGrid, OpenGrid, ReportGrid
from pipelines.doctor.grid.whole import Difference, Grid
from pipelines.runtime.instance import existing, instance
from resources.hub import Hub
from resources.locks import only_one
from resources.servers import connecting
from resources.warehouse.engine import typed
from schemas.registry import DATASETS, SOURCES

NAMED = 6  # assets that a line names


def look(hub: Hub) -> str:
    """How the grids stand, in words; nothing is started, made or written. Raises GridDiffers, and why it cannot be told."""
    try:
        with existing(hub.settings) as found, _shared(hub) as shared:
            differences = [grid.difference() for grid in _grids(hub, found, shared)]
    except Exception as error:
        raise typed("so lưới ô của giao diện với kho", error) from None
    if wrong := [str(difference) for difference in differences if difference]:
        more = f" | và {len(wrong) - NAMED} bảng khác" if len(wrong) > NAMED else ""
        raise GridDiffers(told=" | ".join(wrong[:NAMED]) + more)
    return f"{len(differences)} lưới khớp với kho"


def mend(hub: Hub, waiting: Callable[[str], object]) -> list[str]:
    """Tell the UI again what it lost; a line for each asset that differed. `waiting` is told what is waited for."""
    try:
        with instance(hub.settings) as found, _shared(hub) as shared:
            return [str(mended) for grid in _grids(hub, found, shared) if (mended := _mended(grid, waiting))]
    except Exception as error:
        raise typed("dựng lại lưới ô của giao diện", error) from None


def _mended(grid: Grid, waiting: Callable[[str], object]) -> Difference:
    """What a run holds that changes the grid is held meanwhile: neither tells what the other is about to."""
    with ExitStack() as locks:
        for name in grid.locks:
            locks.enter_context(only_one(grid.hub.warehouse.engine, name, lambda name=name: waiting(name)))
        return grid.mend()


def _grids(hub: Hub, found: dg.DagsterInstance, shared: sa.Engine | None) -> Iterator[Grid]:
    yield from (CellsGrid(hub, found, dataset) for dataset in DATASETS)
    if shared is not None:
        yield from (OpenGrid(hub, found, shared, d, t) for source in SOURCES for d, t in tables_of(source))
    yield from (ReportGrid(hub, found, form) for form in FORMS)


@contextmanager
def _shared(hub: Hub) -> Iterator[sa.Engine | None]:
    url = hub.settings.shared_url()
    if url is None:
        yield None
        return
    engine = connecting.engine(url)
    try:
        yield engine
    finally:
        engine.dispose()
