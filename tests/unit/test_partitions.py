"""The grid of a dataset holds the cells that can have come by a day, and none of the future."""

import datetime as dt
from collections.abc import Iterator

import pytest

from assets.partitions import FIRST, grid
from resources.warehouse import ledger
from schemas import calendar
from schemas.dataset import Dataset
from schemas.registry import DATASETS


def owed(dataset: Dataset, today: dt.date) -> Iterator[str]:
    for period in calendar.started(dataset, today):
        for unit in ledger.expected_units(dataset, period, today):
            yield f"{period}|{unit}"


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
def test_every_cell_that_is_owed_stands_in_the_grid_and_no_period_to_come(dataset: Dataset) -> None:
    assert FIRST[dataset.kind] == dataset.first_period
    # A day of each set of units, the first and last day of a month, a turn of the year.
    for today in (dt.date(2024, 11, 20), dt.date(2024, 12, 1), dt.date(2025, 6, 30), dt.date(2025, 7, 1), dt.date(2026, 1, 1)):
        keys = set(map(str, grid(dataset.kind, dataset.by_province, today).get_partition_keys()))
        assert set(owed(dataset, today)) <= keys
        assert {key.partition("|")[0] for key in keys} == set(calendar.started(dataset, today))


def test_while_no_unit_has_changed_the_grid_is_exactly_what_is_owed() -> None:
    today = dt.date(2024, 11, 20)
    monthly = next(d for d in DATASETS if d.kind == "monthly" and not d.by_province)
    assert sorted(map(str, grid("monthly", False, today).get_partition_keys())) == sorted(owed(monthly, today))


def test_districts_stand_before_the_communes_that_followed_them() -> None:
    units = grid("monthly", False, dt.date(2025, 7, 1)).get_partitions_def_for_dimension("unit").get_partition_keys()
    assert [len(unit) for unit in units] == sorted(len(unit) for unit in units)
    assert {len(unit) for unit in units} == {3, 5}
