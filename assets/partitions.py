"""Partition definitions. A cell is `period|unit`; its text is the identity of its history and is never reformatted.

Period partitions are static lists to the end of next year: the code server is restarted when the year turns. Units are
all that were ever valid in those periods: they may come and go, a dimension is never renamed.
"""

import datetime as dt
from functools import cache

from dagster import MultiPartitionKey, MultiPartitionsDefinition, StaticPartitionsDefinition

from schemas import calendar, units
from schemas.dataset import PROVINCE, Dataset, Kind

FIRST = {"monthly": "2024-01", "quarterly": "2024-Q1", "yearly": "2023", "register": calendar.REGISTER}


def last_day() -> dt.date:
    """The end of next year, by the system's clock: the demo's clock lies before it."""
    return dt.date(dt.date.today().year + 1, 12, 31)


@cache
def period_partitions(kind: Kind) -> StaticPartitionsDefinition:
    return StaticPartitionsDefinition(calendar.periods(kind, FIRST[kind], last_day()))


def month_partitions() -> StaticPartitionsDefinition:
    return period_partitions("monthly")


def year_partitions() -> StaticPartitionsDefinition:
    return period_partitions("yearly")


@cache
def _units(by_province: bool) -> StaticPartitionsDefinition:
    if by_province:
        return StaticPartitionsDefinition([PROVINCE])
    days = [dt.date(2023, 12, 31), dt.date(2024, 12, 31), dt.date(2025, 12, 31)]
    codes = {u.code for day in days for u in units.submitting_units(day)}
    # Districts (3 digits) first: today's 130 communes would else push them out of sight.
    return StaticPartitionsDefinition(sorted(codes, key=lambda code: (len(code), code)))


@cache
def _cells(kind: Kind, by_province: bool) -> MultiPartitionsDefinition:
    return MultiPartitionsDefinition({"period": period_partitions(kind), "unit": _units(by_province)})


def cells(dataset: Dataset) -> MultiPartitionsDefinition:
    """period x unit of a dataset."""
    return _cells(dataset.kind, dataset.by_province)


def cell_key(period: str, unit: str) -> MultiPartitionKey:
    return MultiPartitionKey({"period": period, "unit": unit})
