"""Which cells a run by hand is asked for, read from its tags alone, and why it may not be: judged before it starts, and again in it."""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from assets import partitions
from assets.cells.failures import (
    CellNotExpected,
    CellUnknown,
    NoCellChosen,
    PeriodsUnknown,
    ReasonMissing,
    TagMisspelt,
    TagUnknown,
)
from assets.long_tags import shown
from assets.tags import (
    CELLS,
    CONFIRM,
    DOCUMENT,
    FILES,
    FOLLOW_UP,
    FROM,
    KNOWN,
    LAUNCHED,
    MEANINGS,
    NIGHT,
    OFFICER,
    OURS,
    PERIODS,
    REASON,
    SEND_AGAIN,
)
from resources.clock import ZONE
from resources.warehouse.arrivals import ledger
from schemas import calendar
from schemas.dataset import Dataset

if TYPE_CHECKING:
    from assets.cells.outcome import Cell  # with it comes all that pulls rows: the webserver has no use for that

SHOWN = 10  # cells that a message names
NEEDED = {REASON: "lý do", OFFICER: "người yêu cầu"}
TYPED = (REASON, OFFICER, DOCUMENT, CONFIRM, FROM)  # tags that a person types
_NIGHTS = re.compile(rf"\d{{4}}-\d\d-\d\d|{LAUNCHED}|{FOLLOW_UP}|{SEND_AGAIN}", re.ASCII)

# How Dagster says which partitions a run is of: a click on one cell, or a rectangle of the grid.
ONE, FIRST, LAST = "dagster/partition", "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


def cells_of(dataset: Dataset, tags: Mapping[str, str]) -> "frozenset[Cell] | None":
    """The cells that a run's tags name; None: a night, or a run that loads files alone, which find what moved. Raises NoCellChosen and CellUnknown."""
    if tags.get(CELLS):
        return _known(dataset, tags[CELLS].split(";"))
    if tags.get(ONE):
        return _known(dataset, [tags[ONE]])
    if tags.get(FIRST) and tags.get(LAST):
        _known(dataset, [tags[FIRST], tags[LAST]])
        between = partitions.cells(dataset).get_partition_keys_in_range(dg.PartitionKeyRange(tags[FIRST], tags[LAST]))
        if between:  # none, where the last comes before the first
            return _known(dataset, between)
    elif NIGHT in tags or FILES in tags:
        return None
    raise NoCellChosen(dataset=dataset.id)


def refuse(dataset: Dataset, tags: Mapping[str, str], now: dt.datetime) -> None:
    """Raise what keeps a run with these tags from its cells. Nothing of the source, nor of the warehouse, is asked."""
    for tag in tags:
        if tag.strip().casefold().startswith(OURS) and tag not in KNOWN:
            raise TagMisspelt(dataset=dataset.id, tag=f"«{shown(tag)}»", known=", ".join(TYPED))
    for tag, meanings in MEANINGS.items():
        if tags.get(tag, meanings[0]) not in meanings:
            raise TagUnknown(dataset=dataset.id, tag=tag, known=" hoặc ".join(meanings))
    if not _NIGHTS.fullmatch(tags.get(NIGHT, SEND_AGAIN)):
        raise TagUnknown(dataset=dataset.id, tag=NIGHT, known="ngày dạng 2024-11-20")
    if unknown := set(filter(None, tags.get(PERIODS, "").split(";"))) - partitions.all_periods():
        raise PeriodsUnknown(dataset=dataset.id, tag=PERIODS, periods=_listed([shown(period) for period in sorted(unknown)]))
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
    missing = [f"{named} (thẻ {tag})" for tag, named in NEEDED.items() if not tags.get(tag, "").strip()]
    if not missing:
        return
    past = [f"{p}|{u}" for p, u in sorted(cells) if ledger.has_passed(calendar.due_day(dataset, p), now)]
    if past:
        raise ReasonMissing(dataset=dataset.id, cells=_listed(past), missing=" và ".join(missing))


def _known(dataset: Dataset, keys: Iterable[str]) -> "frozenset[Cell]":
    """The cells that these keys of a grid are. Raises CellUnknown."""
    periods, units = (set(partitions.dimension(dataset, name).get_partition_keys()) for name in ("period", "unit"))
    found, unknown = set(), []
    for key in dict.fromkeys(keys):
        period, bar, unit = key.partition("|")
        if bar and period in periods and unit in units:
            found.add((period, unit))
        else:
            unknown.append(key)
    if unknown:
        raise CellUnknown(dataset=dataset.id, cells=_listed([shown(key) or "(trống)" for key in unknown]))
    return frozenset(found)


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(keys[:SHOWN]) + (f" và {len(keys) - SHOWN} ô khác" if len(keys) > SHOWN else "")
