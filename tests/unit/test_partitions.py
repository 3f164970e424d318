"""The grid of a dataset holds the cells that can have come by a day, and none of the future."""

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest

from assets.partitions import first_month, grid
from resources.connectors.postgresql.queries import period_that_begins, selected
from resources.warehouse.arrivals import ledger
from schemas import calendar
from schemas.dataset import Dataset
from schemas.registry import DATASETS, dataset_named, datasets_of


def _monthly() -> Dataset:
    return next(d for d in DATASETS if d.kind == "monthly" and not d.by_province)


def owed(dataset: Dataset, today: dt.date) -> Iterator[str]:
    for period in calendar.started(dataset, today):
        for unit in ledger.expected_units(dataset, period, today):
            yield f"{period}|{unit}"


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda d: d.id)
def test_every_cell_that_is_owed_stands_in_the_grid_and_no_period_to_come(dataset: Dataset) -> None:
    # A day of each set of units, the first and last day of a month, a turn of the year.
    for today in (dt.date(2024, 11, 20), dt.date(2024, 12, 1), dt.date(2025, 6, 30), dt.date(2025, 7, 1), dt.date(2026, 1, 1)):
        keys = set(map(str, grid(dataset, today).get_partition_keys()))
        assert set(owed(dataset, today)) <= keys
        assert {key.partition("|")[0] for key in keys} == set(calendar.started(dataset, today))


def test_while_no_unit_has_changed_the_grid_is_exactly_what_is_owed() -> None:
    today = dt.date(2024, 11, 20)
    monthly = _monthly()
    assert sorted(map(str, grid(monthly, today).get_partition_keys())) == sorted(owed(monthly, today))


def test_districts_stand_before_the_communes_that_followed_them() -> None:
    units = grid(_monthly(), dt.date(2025, 7, 1)).get_partitions_def_for_dimension("unit").get_partition_keys()
    assert [len(unit) for unit in units] == sorted(len(unit) for unit in units)
    assert {len(unit) for unit in units} == {3, 5}


def test_a_grid_begins_where_its_dataset_says() -> None:
    today = dt.date(2024, 11, 20)
    earlier = dataclasses.replace(_monthly(), first_period="2022-03")
    periods = grid(earlier, today).get_partitions_def_for_dimension("period").get_partition_keys()
    assert periods == calendar.periods("monthly", "2022-03", today)
    assert set(map(str, grid(_monthly(), today).get_partition_keys())) < set(map(str, grid(earlier, today).get_partition_keys()))


def test_the_grid_of_a_school_year_has_its_units_by_the_last_day() -> None:
    of_school = dataclasses.replace(_monthly(), kind="school_year", first_period="2023-2024", is_payment_list=False)
    keys = set(map(str, grid(of_school, dt.date(2024, 11, 20)).get_partition_keys()))
    assert {key.partition("|")[0] for key in keys} == {"2023-2024", "2024-2025"}
    assert keys >= set(owed(of_school, dt.date(2024, 11, 20)))


def test_the_months_of_a_register_begin_with_a_list_of_its_own_system() -> None:
    for dataset in DATASETS:
        if dataset.kind == "register":
            own = [d.first_period for d in datasets_of(dataset.source) if d.kind == "monthly"]
            assert not own or first_month(dataset.source.name) == min(own)


@pytest.mark.parametrize(
    ("day", "period"),
    [
        ("2023-08-31", None),  # before the first period that is held
        ("2023-09-01", "2023-2024"),
        ("2024-08-31", "2023-2024"),
        ("2024-09-01", "2024-2025"),
        ("2031-01-01", "2024-2025"),  # what lies after the last one that has begun falls in it
    ],
)
def test_a_row_of_a_day_is_asked_for_in_its_school_year(day: str, period: str | None) -> None:
    graduates = dataset_named("vocational_education.graduates")
    started = calendar.started(graduates, dt.date(2024, 11, 20))
    assert period_that_begins(graduates, dt.date.fromisoformat(day), started) == period
    if period == "2023-2024":
        where = selected(graduates, period, dt.date(2024, 11, 20))
        assert where == " where \"ngay_cong_nhan\" between date '2023-09-01' and date '2024-08-31'"
