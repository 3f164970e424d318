"""Mended workbooks that came back, loaded: a patch of one dataset, period by period, under the lock of its source and after its main road."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

import pyarrow as pa

from assets.cells.outcome import Outcome, Request
from assets.cells.overtaken import WHY
from assets.cells.run import patch_dataset
from resources.hub import Hub
from resources.warehouse.arrivals import ledger
from resources.warehouse.quarantine import answers
from resources.warehouse.quarantine.answers import ANSWERS
from resources.workbooks.returned import Told, read_returned
from schemas import calendar
from schemas.dataset import Dataset
from schemas.origin import ROW, SHEET


@dataclass
class Loaded:
    """What became of a patch."""

    outcomes: list[Outcome] = field(default_factory=list)  # one for each period
    told: list[Told] = field(default_factory=list)  # the rows that are not loaded
    waiting: dict[str, int] = field(default_factory=dict)  # locked period -> how many rows wait


Overtaken = Callable[[str, pa.Table], Sequence[bool]]  # of rows of a period: whether a later file holds in the place of each


def load_returned(
    hub: Hub,
    dataset: Dataset,
    rows: pa.Table,
    sender: str,
    road: str,
    request: Request,
    period: str | None = None,
    overtaken: Overtaken | None = None,
    laid: Collection[str] = (),
    tell: Callable[[Sequence[Told]], None] = lambda told: None,
) -> Loaded:
    """Load the rows of a workbook that came back, as they were read from it. Where cells are asked for, only their periods are loaded.

    A locked period waits until it is asked for by hand. A row without a mark is not laid over what was sent later (`overtaken`); a row with
    one says by itself whether the row that it mends is still there. The marks are looked up here and not when the file came, since the source
    may have been read in between.

    `period`: of rows that name none. `laid`: periods in which a run that was cut off has laid the patch: nothing of these is laid or told
    again. `tell` hears of the rows that are not loaded, before any row is.
    """
    with hub.warehouse.engine.connect() as connection:
        lookup = partial(answers.asked, connection)
        returned = read_returned(dataset, rows, lookup, sender, hub.today(), period)
    asked = None if request.cells is None else {of for of, _ in request.cells}
    # By hand only what waited is loaded: the first load has told of the other rows.
    loaded = Loaded(told=[t for t in returned.told if (asked is None or t.period in asked) and t.period not in laid])
    at = {place: number for number, place in enumerate(_places(rows))}
    tables = {name: of for name, of in returned.rows.items() if (asked is None or name in asked) and name not in laid}
    for name, table in tables.items():
        if overtaken is not None:
            tables[name], passed = _without_overtaken(table, overtaken(name, table))
            loaded.told += [Told(at[place], *place, why=WHY, period=name) for place in passed]
    tell(loaded.told)
    for name, table in tables.items():
        if not table.num_rows:
            continue
        if ledger.has_passed(calendar.locked_day(dataset, name), hub.now()) and not request.by_hand:
            loaded.waiting[name] = table.num_rows
        else:
            loaded.outcomes.append(patch_dataset(hub, dataset, name, road, iter(table.to_batches()), request))
    return loaded


def _without_overtaken(table: pa.Table, overtaken: Sequence[bool]) -> tuple[pa.Table, list[tuple[str, int]]]:
    """The rows that are to be laid, and where in the file the others stand."""
    stay = [answers is not None or not is_gone for answers, is_gone in zip(table[ANSWERS].to_pylist(), overtaken, strict=True)]
    return table.filter(pa.array(stay)), [place for place, stays in zip(_places(table), stay, strict=True) if not stays]


def _places(rows: pa.Table) -> list[tuple[str, int]]:
    return list(zip(rows[SHEET].to_pylist(), rows[ROW].to_pylist(), strict=True))
