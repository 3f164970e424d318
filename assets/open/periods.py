"""One period of an open table: made of what stood and of the history as of its rows' instants, or left as it was made."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from assets.open.figures import total
from assets.open.holding import erased, held, made_whole, taken_over, to_keep, true_figures
from assets.open.instants import Instant
from assets.open.rounding import NOT_REPORTED, Figure, Rounding, Shown, bounds_hold
from assets.open.tables import TOTAL_NAME, Place, categories_of, places, rows_of
from resources.publication.content import OpenContent, Row
from resources.warehouse.published.open_figures import Kept
from resources.warehouse.published.open_instants import Part
from schemas import calendar
from schemas.dataset import PROVINCE, Dataset
from schemas.release import TOTAL, OpenTable
from schemas.rounding import money_step
from schemas.units import PROVINCE_NAME

RULE = "1"  # raise it when figures are made or rounded otherwise: every period is then made anew


@dataclass(frozen=True)
class Made:
    """A period of a table. `matches`: the history can stand for each total that was counted. `figures`: unit -> what was counted."""

    rows: list[Row]
    part: Part
    is_new: bool
    matches: bool = True
    figures: dict[str, Kept] = field(default_factory=dict)


def made(
    connection: sa.Connection,
    dataset: Dataset,
    table: OpenTable,
    period: str,
    instants: dict[str, Instant],
    rounding: Rounding,
    kept: Part | None,
    counted: Mapping[str, Kept],
    former: list[Row],
) -> Made:
    """A period as it stands, where it stands as it was made; else made anew. `counted`: unit -> what was counted of it when it was
    made; `former`: its rows as they stand."""
    # A dataset that was declared otherwise once has instants of units that its tables no longer show.
    instants = {unit.code: instants[unit.code] for unit in rows_of(dataset, period) if unit.code in instants}
    made_from = _made_from(dataset, table, period, instants, rounding)
    as_of = {unit: instant.as_of for unit, instant in instants.items()}
    stood = held(dataset, table, as_of, counted)
    is_whole = as_of.keys() <= stood.keys()
    standing = rows_hash(dataset, table, former)
    if is_whole and kept is not None and (kept.made_from, kept.sha256) == (made_from, standing):
        return Made(former, kept, is_new=False)
    gone = erased(connection, dataset, table, period, as_of, counted)
    true = true_figures(connection, dataset, table, period, as_of, stood, gone)
    shown = shown_cells(dataset, table, period, instants, true, rounding)
    taken = taken_over(dataset, table, as_of, counted)
    shown |= {place: cell for place, cell in taken.items() if shown.get(place, NOT_REPORTED) != NOT_REPORTED}
    rows = _rows(dataset, table, period, instants, shown)
    step = money_step(calendar.span(period)[1])
    totals = total(connection, dataset, table, period, as_of)
    stands = {unit: true[unit, TOTAL] for unit in as_of if unit in stood}
    stands |= {unit: made_whole(totals[unit], [(lost, Figure())]) for (unit, category), lost in gone.items() if category == TOTAL}
    totals[PROVINCE] = made_whole(totals[PROVINCE], ((figure, totals[unit]) for unit, figure in stands.items()))
    totals |= stands
    # What a hub before this one counted is not there to be held against what it showed.
    matches = all(bounds_hold(table, totals[u], shown[u, TOTAL], step) for u in totals if (u, TOTAL) not in taken)
    part = Part(made_from, rows_hash(dataset, table, rows), standing)
    return Made(rows, part, is_new=True, matches=matches, figures=to_keep(dataset, table, as_of, true, taken))


def shown_cells(
    dataset: Dataset,
    table: OpenTable,
    period: str,
    instants: Collection[str],
    true: Mapping[Place, Figure],
    rounding: Rounding,
) -> dict[Place, Shown]:
    """Every cell of a table and period as it is released. `instants`: the units that are reported."""
    units = [u.code for u in rows_of(dataset, period)]
    silent = {u for u in units if u not in instants}
    silent |= {PROVINCE} if silent else set()
    step = money_step(calendar.span(period)[1])
    return {
        place: NOT_REPORTED if place[0] in silent else rounding.shown(dataset, table, place, true.get(place, Figure()), step)
        for place in places(units, categories_of(dataset, table, period))
    }


def _rows(
    dataset: Dataset, table: OpenTable, period: str, instants: Mapping[str, Instant], shown: Mapping[Place, Shown]
) -> list[Row]:
    of_units = {u.code: u.name for u in rows_of(dataset, period)}
    names = {PROVINCE: PROVINCE_NAME} | of_units
    labels = {TOTAL: TOTAL_NAME} | categories_of(dataset, table, period)
    maturities = {unit: instants[unit].maturity if unit in instants else "provisional" for unit in of_units}
    found = set(maturities.values())
    whole = next((m for m in ("provisional", "corrected") if m in found), "final")
    return [
        (
            period,
            unit,
            names[unit],
            *((category, labels[category]) if table.by else ()),
            cell.value,
            cell.status,
            maturities.get(unit, whole),
        )
        for (unit, category), cell in shown.items()
    ]


def _made_from(dataset: Dataset, table: OpenTable, period: str, instants: Mapping[str, Instant], rounding: Rounding) -> str:
    """A hash of everything that a period's rows follow from, but for the history, which an instant fixes."""
    facts = [
        RULE,
        rounding.check,
        repr(table),
        money_step(calendar.span(period)[1]),
        [(u.code, u.name) for u in rows_of(dataset, period)],
        list(categories_of(dataset, table, period).items()),
        sorted((unit, i.as_of.isoformat(), i.maturity) for unit, i in instants.items()),
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def rows_hash(dataset: Dataset, table: OpenTable, rows: Iterable[Row]) -> str:
    return OpenContent.of(dataset, table, rows).sha256
