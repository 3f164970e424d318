"""Which cells a run by hand is asked for, read from its tags alone, and why it may not be: judged before it starts, and again in it."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import dagster as dg

from assets import partitions
from assets.refusals import CellNotExpected, CellUnknown, NoCellChosen, ReasonMissing, TagUnknown
from assets.tags import CELLS, MEANINGS, NIGHT, OFFICER, REASON
from resources.clock import ZONE
from resources.warehouse import ledger
from schemas import calendar
from schemas.dataset import Dataset

if TYPE_CHECKING:
    from assets.cells.outcome import Cell  # with it comes all that pulls rows: the webserver has no use for that

SHOWN = 10  # cells that a message names

# How Dagster says which partitions a run is of: a click on one cell, or a rectangle of the grid.
ONE, FIRST, LAST = "dagster/partition", "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def cells_of(dataset: Dataset, tags: Mapping[str, str]) -> "frozenset[Cell] | None":
    """The cells that a run's tags name; None: a night, which finds what moved. Raises NoCellChosen and CellUnknown."""
    grid = partitions.cells(dataset)
    if tags.get(CELLS):
        keys = tags[CELLS].split(";")
    elif tags.get(ONE):
        keys = [tags[ONE]]
    elif tags.get(FIRST) and tags.get(LAST):
        _refuse_unknown(dataset, grid, [tags[FIRST], tags[LAST]])
        keys = list(grid.get_partition_keys_in_range(dg.PartitionKeyRange(tags[FIRST], tags[LAST])))
    elif NIGHT in tags:
        return None
    else:
        raise NoCellChosen(dataset=dataset.id)
    _refuse_unknown(dataset, grid, keys)
    found = (grid.get_partition_key_from_str(key).keys_by_dimension for key in keys)
    return frozenset((key["period"], key["unit"]) for key in found)


def refuse(dataset: Dataset, tags: Mapping[str, str], now: dt.datetime) -> None:
    """Raise what keeps a run with these tags from its cells. Nothing of the source, nor of the warehouse, is asked."""
    for tag, meanings in MEANINGS.items():
        if tags.get(tag, meanings[0]) not in meanings:
            raise TagUnknown(dataset=dataset.id, tag=tag, known=" hoặc ".join(meanings))
    cells = cells_of(dataset, tags)
    if cells is None:
        return
    owed = ledger.owed(dataset, now.astimezone(ZONE).date())
    never = [f"{p}|{u}" for p, u in sorted(cells) if u not in owed.get(p, ())]
    if never:
        raise CellNotExpected(dataset=dataset.id, cells=_listed(never))
    refuse_without_reason(dataset, cells, tags, now)


def refuse_without_reason(dataset: Dataset, cells: "Collection[Cell]", tags: Mapping[str, str], now: dt.datetime) -> None:
    """A cell past its due day is run by hand only with a reason and a name: both are kept."""
    if tags.get(REASON, "").strip() and tags.get(OFFICER, "").strip():
        return
    past = [f"{p}|{u}" for p, u in sorted(cells) if ledger.has_passed(calendar.due_day(dataset, p), now)]
    if past:
        raise ReasonMissing(dataset=dataset.id, cells=_listed(past))


def _refuse_unknown(dataset: Dataset, grid: dg.MultiPartitionsDefinition, keys: Collection[str]) -> None:
    unknown = [key for key in keys if not grid.has_partition_key(key)]
    if unknown:
        raise CellUnknown(dataset=dataset.id, cells=_listed([key[:40] for key in unknown]))


def _listed(keys: list[str]) -> str:
    return ", ".join(keys[:SHOWN]) + (f" và {len(keys) - SHOWN} ô khác" if len(keys) > SHOWN else "")
