"""What an open table is made of: its periods, its rows and its figures' identities. They follow from declarations and lists alone.

A row that stands only where a value was met would tell that somebody has it; a row that is always there tells nothing.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from schemas import calendar, codes, units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT, Dataset, Kind, Source
from schemas.projections.open import released_name
from schemas.registry import datasets_of
from schemas.release import ROWS, TOTAL, UNSTATED, Count, OpenTable, Share

UNKNOWN_NAME = "Chưa xác định được địa bàn"
UNSTATED_NAME = "Không ghi"
TOTAL_NAME = "Tổng số"

Place = tuple[str, str]  # unit, category


@dataclass(frozen=True)
class Unit:
    """A row of a dataset's tables: a unit that submits, or `unknown`. The province sums them; it is one where nothing tells them apart."""

    code: str
    name: str


def tables_of(source: Source | str) -> list[tuple[Dataset, OpenTable]]:
    return [(d, t) for d in datasets_of(source) for t in d.open_tables]


def made_with(dataset: Dataset) -> list[tuple[Dataset, OpenTable]]:
    """The tables of the step that reads a dataset: none of them is made anew in a night that could not load it."""
    mine = {period_kind(d) for d, _ in tables_of(dataset.source) if d == dataset}
    return [(d, t) for d, t in tables_of(dataset.source) if period_kind(d) in mine]


def table_name(dataset: Dataset, table: OpenTable) -> str:
    return released_name(dataset, table)


def period_kind(dataset: Dataset) -> Kind:
    """The kind of the open tables' periods: a register's figure belongs to the month in which it was read."""
    return "monthly" if dataset.kind == "register" else dataset.kind


def stored_period(dataset: Dataset, period: str) -> str:
    """The period under which the rows of an open period are held."""
    return calendar.REGISTER if dataset.kind == "register" else period


def releasable(dataset: Dataset, today: dt.date) -> list[str]:
    """The periods that may enter the tables today: those whose due day has ended; of a register the clock's month.

    Before it the figures of a period grow each night by a few, and two nights subtracted would show those few.
    """
    if dataset.kind == "register":
        return [f"{today:%Y-%m}"]
    return [p for p in calendar.started(dataset, today) if (due := calendar.due_day(dataset, p)) is not None and due < today]


def rows_of(dataset: Dataset, period: str) -> tuple[Unit, ...]:
    """The units that a period's tables show, by the lists of its last day; of a province-wide list also `unknown`.

    Of a list that names no commune the province alone: each unit would say under five of what nobody counted, and `unknown` the
    province's own figure, rounded in a second way.
    """
    if dataset.commune is None:
        return (Unit(PROVINCE, units.PROVINCE_NAME),)
    found = [Unit(u.code, u.name) for u in units.submitting_units(calendar.span(period)[1])]
    return (*found, *([Unit(UNKNOWN_UNIT, UNKNOWN_NAME)] if dataset.by_province else []))


def cell_of(dataset: Dataset, unit: str) -> str:
    """The cell by which a row is reported: the unit's own, or the one of a province-wide list."""
    return PROVINCE if dataset.by_province else unit


def categories_of(dataset: Dataset, table: OpenTable, period: str) -> dict[str, str]:
    """Code -> label of all values that the dimension may take in a period; `unstated` where the field may be empty."""
    if table.by is None:
        return {}
    if isinstance(table.measure, Share):
        return {code: codes.label(table.codes or "", code) or code for code, _ in table.measure.parts}
    labels = dict(table.labels)
    column = dataset.column(table.by)
    name = table.codes or column.codes
    if name:
        first, last = calendar.span(period)
        days = {last, *(day for day in codes.boundaries(name) if first < day <= last), first}
        listed = frozenset[str]().union(*(codes.listed(name, day) for day in days))
        labels |= {
            code: codes.label(name, code, last) or codes.label(name, code) or code for code in sorted(listed, key=_natural)
        }
    if column.nullable:
        labels[UNSTATED] = UNSTATED_NAME
    return labels


def places(units_: Iterable[str], categories: Iterable[str]) -> list[Place]:
    """Every cell of a table and period: the province first, of each unit the total first."""
    shown = (TOTAL, *categories)
    return [(unit, category) for unit in dict.fromkeys((PROVINCE, *units_)) for category in shown]


def identity(dataset: Dataset, table: OpenTable, place: Place) -> tuple[str, ...]:
    """What a figure is, whatever table says it and whenever: figures of one identity are rounded alike, for ever.

    No period, no day and no wording of SQL: a figure that stood still must be shown as it was shown.
    """
    unit, category = place
    by = table.by if category != TOTAL and table.by else ""
    return _identity(dataset, table, table.measure.fields, unit, by, category if by else "")


def rate_identities(dataset: Dataset, table: OpenTable, place: Place) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The identities of a rate's part and of its whole. The part of `total` is the sum of all parts, a figure of its own."""
    assert isinstance(table.measure, Share)
    parts = dict(table.measure.parts)
    fields = parts.values() if place[1] == TOTAL else [parts[place[1]]]
    return (
        _identity(dataset, table, fields, place[0], "", ""),
        _identity(dataset, table, [table.measure.whole], place[0], "", ""),
    )


def _identity(dataset: Dataset, table: OpenTable, fields: Iterable[str], unit: str, by: str, category: str) -> tuple[str, ...]:
    counted = "+".join(sorted(fields)) or ROWS
    return (dataset.source.name, dataset.name, counted, table.where.name if table.where else "", unit, by, category)


@lru_cache(maxsize=10_000)  # the same in every period of a table
def identity_text(parts: tuple[str, ...]) -> str:
    """The one spelling of an identity: what is hashed, and what the golden file holds."""
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def tells_persons_apart(table: OpenTable) -> bool:
    return isinstance(table.measure, Count) and table.measure.persons is not None


def sums_persons(table: OpenTable) -> bool:
    """Whether a row is itself a sum over persons or households: one that was signed for a commune, not one of a person."""
    return isinstance(table.measure, Share) or (isinstance(table.measure, Count) and table.measure.of_persons)


def _natural(code: str) -> tuple[int, str]:
    return (len(code), code)
