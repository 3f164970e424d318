"""Partition definitions. A cell is `period|unit`; its text is the identity of its history and is never reformatted.

They hold what may have come by the clock's day: the periods that have begun, and every unit that ever owed one of them. So
a grid has no cell of the future. They are made when the code is loaded, and the code server is started anew when a month
begins (pipelines/runtime/processes.py): no period begins, and no unit comes or goes, in between. Periods and units may come and go;
a dimension is never renamed.

A grid is a whole product, Dagster knows no other: from July 2025 on it holds today's communes in the periods of the
districts, and the districts in theirs. Those stay empty; which cells are really missing is the ledger's to say.
"""

import datetime as dt
from collections.abc import Iterable
from functools import cache
from typing import Literal

from dagster import MultiPartitionKey, MultiPartitionsDefinition, PartitionsDefinition, StaticPartitionsDefinition

from resources.clock import Clock
from resources.settings import Settings
from schemas import calendar, units
from schemas.dataset import PROVINCE, Dataset, Kind
from schemas.registry import DATASETS, datasets_of


def today() -> dt.date:
    """The clock's day, when the code is loaded."""
    return Clock(Settings.load()).today()


@cache
def _periods(kind: Kind, first: str, until: dt.date) -> StaticPartitionsDefinition:
    return StaticPartitionsDefinition(calendar.periods(kind, first, until))


@cache
def _units(months: tuple[dt.date, ...], by_province: bool) -> StaticPartitionsDefinition:
    if by_province:
        return StaticPartitionsDefinition([PROVINCE])
    codes = {u.code for end in months for u in units.submitting_units(end)}
    # Districts (3 digits) first: today's 130 communes would else push them out of sight.
    return StaticPartitionsDefinition(sorted(codes, key=lambda code: (len(code), code)))


@cache
def _grid(kind: Kind, first: str, by_province: bool, until: dt.date) -> MultiPartitionsDefinition:
    # The cells of a register go on from one set of units to the next.
    owed = calendar.periods("monthly" if kind == "register" else kind, first, until)
    ends = tuple(calendar.span(period)[1] for period in owed)
    return MultiPartitionsDefinition({"period": _periods(kind, first, until), "unit": _units(ends, by_province)})


def grid(dataset: Dataset, until: dt.date) -> MultiPartitionsDefinition:
    """period x unit of a dataset, from its first period up to a day."""
    return _grid(dataset.kind, _first(dataset), dataset.by_province, calendar.last_day(dataset, until))


def _first(dataset: Dataset) -> str:
    return first_month(dataset.source.name) if dataset.kind == "register" else dataset.first_period


@cache
def first_month(source: str) -> str:
    """The first month of a system's registers, which have no first period of their own: that of its first monthly list.

    A system without monthly lists goes by its other lists, and one of registers alone by those of all systems.
    """
    lists = [d for d in datasets_of(source) if d.kind != "register"] or [d for d in DATASETS if d.kind != "register"]
    of_months = [d.first_period for d in lists if d.kind == "monthly"]
    return min(of_months or [calendar.period_of("monthly", calendar.span(d.first_period)[0]) for d in lists])


def together(kind: Kind, datasets: Iterable[Dataset]) -> StaticPartitionsDefinition:
    """The periods of a kind in which figures of these datasets belong, from the first of all up to the clock's day.

    A register's belong to the month in which it was read.
    """
    return _periods(kind, min(map(_first, datasets)), today())


def cells(dataset: Dataset) -> MultiPartitionsDefinition:
    """The grid of a dataset."""
    return grid(dataset, today())


def dimension(dataset: Dataset, name: Literal["period", "unit"]) -> PartitionsDefinition:
    """The periods or the units of a dataset's grid."""
    return cells(dataset).get_partitions_def_for_dimension(name)


def all_periods() -> frozenset[str]:
    """The periods of every dataset that have begun."""
    until = today()
    return frozenset(period for dataset in DATASETS for period in calendar.started(dataset, until))


def cell_key(period: str, unit: str) -> MultiPartitionKey:
    return MultiPartitionKey({"period": period, "unit": unit})
