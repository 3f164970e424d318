"""When a cell is due, and what holds where nobody declared it."""

import dataclasses
import datetime as dt

import pytest

from schemas import calendar
from schemas.registry import DATASETS, dataset_named

PAYMENTS = dataset_named("social_protection.monthly_payments")
TODAY = dt.date(2024, 11, 20)


@pytest.mark.parametrize("dataset", [d for d in DATASETS if d.placed_by], ids=lambda d: d.id)
def test_a_dataset_without_a_due_day_is_owed_by_no_day(dataset) -> None:
    forgotten = dataclasses.replace(dataset, name="forgotten")
    for period in calendar.started(forgotten, TODAY):
        assert calendar.due_day(forgotten, period) is calendar.locked_day(forgotten, period) is None
    assert calendar.without_due_day(forgotten, TODAY) == calendar.started(forgotten, TODAY)
    assert calendar.without_due_day(dataset, TODAY) == []


def test_before_its_first_rule_a_dataset_has_no_due_day() -> None:
    early = dataclasses.replace(PAYMENTS, first_period="2021-05")
    assert calendar.without_due_day(early, TODAY) == ["2021-05", "2021-06"]
    assert calendar.due_day(early, "2021-07") == dt.date(2021, 7, 19)


def test_a_day_that_a_month_does_not_have_is_its_last(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = tuple(dataclasses.replace(r, day=31, months_after=1) for r in calendar.due_rules())
    monkeypatch.setattr(calendar, "due_rules", lambda: rules)
    assert calendar.due_day(PAYMENTS, "2024-01") == dt.date(2024, 2, 29)
    assert calendar.due_day(PAYMENTS, "2024-02") == dt.date(2024, 4, 1)  # 31 March 2024 is a Sunday


def test_the_rule_of_a_periods_last_day_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that changes within a period: by the rule before nothing of that period is due any more."""
    old = next(r for r in calendar.due_rules() if r.dataset == PAYMENTS.id and r.holds(TODAY))
    rules = (
        dataclasses.replace(old, valid_to=dt.date(2024, 10, 30)),
        dataclasses.replace(old, valid_from=dt.date(2024, 10, 31), valid_to=None, months_after=1, day=5),
    )
    monkeypatch.setattr(calendar, "due_rules", lambda: rules)
    assert calendar.due_day(PAYMENTS, "2024-09") == dt.date(2024, 9, 19)
    assert calendar.due_day(PAYMENTS, "2024-10") == dt.date(2024, 11, 5)
