"""Partition definitions. A cell is `period|unit`; its text is the identity of its history and is never reformatted.

They hold what may have come by the clock's day: the periods that have begun, and every unit that ever owed one of them. So
a grid has no cell of the future. They are made when the code is loaded, and the code server is started anew when a month
begins (pipelines/processes.py): no period begins, and no unit comes or goes, in between. Periods and units may come and go;
a dimension is never renamed.

A grid is a whole product, Dagster knows no other: from July 2025 on it holds today's communes in the periods of the
districts, and the districts in theirs. Those stay empty; which cells are really missing is the ledger's to say.
"""

import datetime as dt
from functools import cache
from typing import Literal

from dagster import MultiPartitionKey, MultiPartitionsDefinition, StaticPartitionsDefinition

from resources.clock import Clock
from resources.settings import Settings
from schemas import calendar, units
from schemas.dataset import PROVINCE, Dataset, Kind

FIRST = {"monthly": "2024-01", "quarterly": "2024-Q1", "yearly": "2023", "register": calendar.REGISTER}


def _today() -> dt.date:
    return Clock(Settings.load()).today()


@cache
def periods(kind: Kind, until: dt.date) -> StaticPartitionsDefinition:
    return StaticPartitionsDefinition(calendar.periods(kind, FIRST[kind], until))


@cache
def _units(kind: Kind, by_province: bool, until: dt.date) -> StaticPartitionsDefinition:
    if by_province:
        return StaticPartitionsDefinition([PROVINCE])
    asked: Kind = "monthly" if kind == "register" else kind  # the cells of a register go on from one set of units to the next
    ends = [calendar.span(period)[1] for period in calendar.periods(asked, FIRST[asked], until)]
    codes = {u.code for end in ends for u in units.submitting_units(end)}
    # Districts (3 digits) first: today's 130 communes would else push them out of sight.
    return StaticPartitionsDefinition(sorted(codes, key=lambda code: (len(code), code)))


@cache
def grid(kind: Kind, by_province: bool, until: dt.date) -> MultiPartitionsDefinition:
    """period x unit, up to a day."""
    return MultiPartitionsDefinition({"period": periods(kind, until), "unit": _units(kind, by_province, until)})


def period_partitions(kind: Kind) -> StaticPartitionsDefinition:
    return periods(kind, _today())


def month_partitions() -> StaticPartitionsDefinition:
    return period_partitions("monthly")


def year_partitions() -> StaticPartitionsDefinition:
    return period_partitions("yearly")


def cells(dataset: Dataset) -> MultiPartitionsDefinition:
    """The grid of a dataset."""
    return grid(dataset.kind, dataset.by_province, _today())


def dimension(dataset: Dataset, name: Literal["period", "unit"]) -> StaticPartitionsDefinition:
    """The periods or the units of a dataset's grid."""
    today = _today()
    return periods(dataset.kind, today) if name == "period" else _units(dataset.kind, dataset.by_province, today)


def all_periods() -> frozenset[str]:
    """The periods of every kind that have begun."""
    today = _today()
    return frozenset(key for kind in FIRST for key in periods(kind, today).get_partition_keys())


def cell_key(period: str, unit: str) -> MultiPartitionKey:
    return MultiPartitionKey({"period": period, "unit": unit})
