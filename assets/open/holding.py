"""What was counted of a row once holds until its own instant moves, and of whoever was erased since it holds after that too.

A person may be erased from the history, and the period be made anew: by the next edition the figures of that person's unit and
category would be one less, on a night on which nothing else of them moved. Rule and proof:
docs/method/revisions-of-open-figures.md.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, replace
from decimal import Decimal

import sqlalchemy as sa

from assets.open.figures import Instants, figures
from assets.open.rounding import Figure, Shown
from assets.open.tables import Place, categories_of, places
from resources.warehouse.published.open_figures import Kept
from resources.warehouse.running.retention import known_from
from schemas.dataset import PROVINCE, Dataset
from schemas.release import OpenTable, Share

COUNTING = "1"  # raise it when rows are counted otherwise: what was counted before is counted again

Rows = Mapping[str, Mapping[str, Figure]]  # unit -> category -> figure


def counted_by(dataset: Dataset, table: OpenTable) -> str:
    """A hash of what is counted and how. No title, note or list of values: they change no count."""
    facts = [COUNTING, dataset.by_province, dataset.commune is None, repr(replace(table.measure, unit="")), table.by]
    return hashlib.sha256(json.dumps([*facts, repr(table.where)]).encode()).hexdigest()


def held(dataset: Dataset, table: OpenTable, as_of: Instants, kept: Mapping[str, Kept]) -> dict[str, dict[str, Figure]]:
    """The rows whose figures were counted as of their instants; the province's too, where they are the ones that it was counted of."""
    by, standing = counted_by(dataset, table), _of_these(as_of, kept)
    found = {unit: _figures(one) for unit, one in standing.items() if one.counted_by == by}
    return {unit: figures for unit, figures in found.items() if unit in as_of or as_of.keys() <= found.keys()}


def _of_these(as_of: Instants, kept: Mapping[str, Kept]) -> dict[str, Kept]:
    """The rows that were kept as of these instants; the province's too, where these are the ones that it was kept of."""
    found = {unit: one for unit, one in kept.items() if one.as_of == as_of.get(unit)}
    whole = kept.get(PROVINCE)
    if whole is not None and as_of and as_of.keys() == kept.keys() - {PROVINCE} and whole.as_of == max(as_of.values()):
        found[PROVINCE] = whole
    return found


def taken_over(dataset: Dataset, table: OpenTable, as_of: Instants, kept: Mapping[str, Kept]) -> dict[Place, Shown]:
    """The cells that stand as the shared warehouse showed them when this hub had lost what they were counted of."""
    number, by = Decimal if isinstance(table.measure, Share) else int, counted_by(dataset, table)
    return {
        (unit, category): Shown(None if value is None else number(value), status)
        for unit, one in _of_these(as_of, kept).items()
        if one.shown is not None and one.counted_by in ("", by)
        for category, (value, status) in one.shown.items()
    }


def to_keep(
    dataset: Dataset, table: OpenTable, as_of: Instants, true: Mapping[Place, Figure], taken: Mapping[Place, Shown]
) -> dict[str, Kept]:
    """Unit -> what is kept of the figures that were counted, and of what was shown before them."""
    by, of_units, shown = counted_by(dataset, table), dict[str, dict[str, tuple[int, int, int]]](), published(taken)
    for (unit, category), figure in true.items():
        of_units.setdefault(unit, {})[category] = astuple(figure)
    newest = max(as_of.values(), default=None)
    return {
        unit: Kept(at, by, counted, shown.get(unit))
        for unit, counted in of_units.items()
        if (at := as_of.get(unit, newest)) is not None
    }


def published(cells: Mapping[Place, Shown]) -> dict[str, dict[str, tuple[str | None, str]]]:
    """Unit -> category -> value and status, as they are kept."""
    found: dict[str, dict[str, tuple[str | None, str]]] = {}
    for (unit, category), cell in cells.items():
        found.setdefault(unit, {})[category] = (None if cell.value is None else str(cell.value), cell.status)
    return found


def erased(
    connection: sa.Connection, dataset: Dataset, table: OpenTable, period: str, as_of: Instants, kept: Mapping[str, Kept]
) -> dict[Place, Figure]:
    """What the history has lost of the figures of rows whose instants moved: the figure as it was counted, less what is counted there today.

    Rows that were counted before versions past their term were removed are left out: others may stand for them now.
    """
    by, since = counted_by(dataset, table), known_from(connection).get(dataset.id)
    before = {
        unit: one
        for unit, at in as_of.items()
        if (one := kept.get(unit)) is not None and one.counted_by == by and one.as_of != at
        if since is None or one.as_of >= since
    }
    if not before:
        return {}
    counted = figures(connection, dataset, table, period, {unit: one.as_of for unit, one in before.items()})
    lost = {
        (unit, category): _less(figure, counted.get((unit, category), Figure()))
        for unit, one in before.items()
        for category, figure in _figures(one).items()
    }
    return {place: figure for place, figure in lost.items() if figure != Figure()}


def true_figures(
    connection: sa.Connection,
    dataset: Dataset,
    table: OpenTable,
    period: str,
    as_of: Instants,
    stood: Rows,
    gone: Mapping[Place, Figure],
) -> dict[Place, Figure]:
    """Every cell of the units that are reported, and of the province: as it stood, else counted from the history, with what is `gone`.

    Of the province the history says the sum, and what it lost of its units since they were counted comes on top of it.
    """
    shown = places(as_of, categories_of(dataset, table, period))
    found = {(unit, category): stood[unit][category] for unit, category in shown if category in stood.get(unit, {})}
    if len(found) == len(shown):
        return found
    counted = figures(connection, dataset, table, period, as_of)
    found |= {place: counted.get(place, Figure()) for place in shown if place not in found and place[0] in as_of}
    found |= {place: _with(found[place], figure) for place, figure in gone.items() if place in found}
    for place in shown:
        if place not in found:
            parts = [(unit, place[1]) for unit in as_of]
            found[place] = made_whole(
                counted.get(place, Figure()), ((found[part], counted.get(part, Figure())) for part in parts)
            )
    return found


def made_whole(whole: Figure, parts: Iterable[tuple[Figure, Figure]]) -> Figure:
    """A sum over parts as it is where some of them stood otherwise: (as it stood, as it was summed)."""
    for stood, summed in parts:
        whole = _with(whole, _less(stood, summed))
    return whole


def _less(one: Figure, other: Figure) -> Figure:
    return Figure(one.value - other.value, one.persons - other.persons, one.whole - other.whole)


def _with(one: Figure, more: Figure) -> Figure:
    return Figure(one.value + more.value, max(one.persons + more.persons, 0), one.whole + more.whole)


def _figures(one: Kept) -> dict[str, Figure]:
    return {category: Figure(*numbers) for category, numbers in one.figures.items()}
