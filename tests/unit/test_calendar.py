"""Periods, their due days and locks, and the days on which people work."""

import datetime as dt

import pytest

from schemas import calendar
from schemas.registry import DATASETS, dataset_named

DAY = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        ("2024-Q1", "2024-01-01", "2024-03-31"),
        ("2024-Q4", "2024-10-01", "2024-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
    ],
)
def test_a_period_is_its_days(period: str, first: str, last: str) -> None:
    assert calendar.span(period) == (DAY(first), DAY(last))
    kind = {4: "yearly", 7: "quarterly" if "Q" in period else "monthly"}[len(period)]
    assert {calendar.period_of(kind, DAY(day)) for day in (first, last)} == {period}
    before = calendar.previous(period)
    assert calendar.span(before)[1] + calendar.ONE_DAY == DAY(first)


@pytest.mark.parametrize(
    ("dataset", "period", "due", "locked"),
    [
        ("social_protection.monthly_payments", "2024-10", "2024-10-21", "2024-11-30"),  # the 19th is a Saturday
        ("social_protection.monthly_payments", "2024-12", "2024-12-19", "2025-01-31"),
        ("labour_employment.vacancies", "2024-Q3", "2024-10-10", "2024-11-30"),
        ("labour_employment.jobs_created", "2024-12", "2025-01-06", "2025-02-28"),  # the 5th is a Sunday
        ("social_protection.monthly_payments", "2024-11", "2024-11-19", "2024-12-31"),
        ("social_protection.monthly_payments", "2026-02", "2026-02-23", "2026-03-31"),  # the 19th is the third day of Tết
        ("labour_employment.vacancies", "2024-Q4", "2025-01-10", "2025-02-28"),
        ("job_service.referrals", "2024-Q3", "2024-10-10", "2024-11-30"),
        ("job_service.unemployment_claims", "2024-12", "2025-01-06", "2025-02-28"),  # the 5th is a Sunday
        ("labour_employment.workers", "2024", "2024-12-16", "2025-01-31"),  # the 14th is a Saturday
        ("poverty.households", "2024", "2024-12-31", "2025-01-31"),
        ("poverty.households", "2022", "2023-01-03", "2023-02-28"),  # a Saturday, New Year on a Sunday, the day off for it
        ("poverty.households", "2023", "2024-01-02", "2024-02-29"),  # a Sunday, and New Year's Day after it
    ],
)
def test_due_days_and_locks(dataset: str, period: str, due: str, locked: str) -> None:
    declared = dataset_named(dataset)
    assert (calendar.due_day(declared, period), calendar.locked_day(declared, period)) == (DAY(due), DAY(locked))


def test_a_register_is_never_due() -> None:
    for dataset in DATASETS:
        if dataset.kind == "register":
            assert calendar.due_day(dataset, calendar.REGISTER) is calendar.locked_day(dataset, calendar.REGISTER) is None


def test_swapped_days() -> None:
    """By the yearly decision, which the library of holidays does not know: a Friday off, the Saturday after it worked."""
    assert not calendar.is_working_day(DAY("2026-01-02")) and calendar.is_working_day(DAY("2026-01-10"))
    assert calendar.next_working_day(DAY("2026-01-01")) == DAY("2026-01-05")


def test_days_off_and_days_worked_in_exchange_are_those_of_the_year() -> None:
    """On 2 January 2026, a Friday, nobody works, and on the 10th, a Saturday, everybody does."""
    assert calendar.next_working_day(DAY("2026-01-01")) == DAY("2026-01-05")
    assert calendar.next_working_day(DAY("2026-01-10")) == DAY("2026-01-10")
    assert calendar.next_working_day(DAY("2026-01-17")) == DAY("2026-01-19")


def test_rows_are_judged_on_the_last_day_of_their_period_or_when_they_came_before_it() -> None:
    lists = dataset_named("social_protection.monthly_payments")
    judged = {arrived: calendar.moment(lists, "2024-10", DAY(arrived)).judged_on for arrived in ("2024-10-18", "2024-11-05")}
    assert judged == {"2024-10-18": DAY("2024-10-18"), "2024-11-05": DAY("2024-10-31")}
    assert calendar.moment(dataset_named("poverty.households"), "now", DAY("2024-11-20")).judged_on == DAY("2024-11-20")
