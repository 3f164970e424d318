"""Periods, their due days and locks, and the days on which people work."""

import dataclasses
import datetime as dt

import pytest

from resources.warehouse.arrivals import ledger
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
        ("2024-H1", "2024-01-01", "2024-06-30"),
        ("2024-H2", "2024-07-01", "2024-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2023-2024", "2023-09-01", "2024-08-31"),
        ("1999-2000", "1999-09-01", "2000-08-31"),
    ],
)
def test_a_period_is_its_days(period: str, first: str, last: str) -> None:
    assert calendar.span(period) == (DAY(first), DAY(last))
    kind = calendar.kind_of(period)
    assert {calendar.period_of(kind, DAY(day)) for day in (first, last)} == {period}
    before = calendar.previous(period)
    assert calendar.kind_of(before) == kind and calendar.span(before)[1] + calendar.ONE_DAY == DAY(first)
    assert calendar.periods(kind, before, DAY(last)) == [before, period] == sorted((period, before))


def test_the_kind_of_a_period_is_told_by_its_text() -> None:
    told = {"2024-02": "monthly", "2024-Q1": "quarterly", "2024-H2": "half_yearly", "2024": "yearly", "2023-2024": "school_year"}
    assert {period: calendar.kind_of(period) for period in told} == told
    assert calendar.kind_of(calendar.REGISTER) == "register"


@pytest.mark.parametrize(
    "text",
    [
        "2023-2025",
        "2024-2023",
        "2024-2024",
        "2024-0001",
        "2023-24",
        "2023/2024",
        "2024-13",
        "2024-00",
        "2024-Q5",
        "2024-H0",
        "24",
        "٢٠٢٤",
        "2024\n",
    ],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        calendar.span(text)


def test_a_school_year_is_due_owed_and_judged_by_its_last_day() -> None:
    """As any other kind; of its twelve months those after the change of units count."""
    quarterly = dataset_named("labour_employment.vacancies")
    of_school = dataclasses.replace(quarterly, kind="school_year", first_period="2023-2024")
    assert calendar.started(of_school, DAY("2024-08-31")) == ["2023-2024"]
    assert calendar.started(of_school, DAY("2024-09-01")) == ["2023-2024", "2024-2025"]
    assert calendar.due_day(of_school, "2023-2024") == DAY("2024-09-10")
    assert calendar.locked_day(of_school, "2023-2024") == DAY("2024-10-31")
    assert calendar.moment(of_school, "2023-2024", DAY("2024-10-01")).judged_on == DAY("2024-08-31")
    owed = {
        period: {len(u) for u in ledger.expected_units(of_school, period, DAY("2025-10-01"))}
        for period in ("2023-2024", "2024-2025")
    }
    assert owed == {"2023-2024": {3}, "2024-2025": {5}}


def test_a_year_places_no_row_in_a_school_year() -> None:
    yearly = dataset_named("poverty.households")
    with pytest.raises(ValueError, match="a year tells no school_year period"):
        dataclasses.replace(yearly, kind="school_year", first_period="2023-2024")


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
        ("administrative_procedures.dossiers", "2024-01", "2024-02-05", "2025-02-28"),  # a dossier changes for a year
        ("administrative_procedures.progress", "2024-01", "2024-02-05", "2024-03-31"),
        ("job_service.referrals", "2024-Q3", "2024-10-10", "2024-11-30"),
        ("job_service.unemployment_claims", "2024-12", "2025-01-06", "2025-02-28"),  # the 5th is a Sunday
        ("vocational_education.enrolments", "2024-10", "2024-10-25", "2024-11-30"),
        ("vocational_education.enrolments", "2024-02", "2024-02-26", "2024-03-31"),  # the 25th is a Sunday
        ("vocational_education.graduates", "2023-2024", "2024-09-30", "2024-11-30"),
        ("labour_employment.workers", "2024", "2024-12-16", "2025-01-31"),  # the 14th is a Saturday
        ("poverty.households", "2024", "2024-12-31", "2025-01-31"),
        ("poverty.households", "2022", "2023-01-03", "2023-02-28"),  # a Saturday, New Year on a Sunday, the day off for it
        ("poverty.households", "2023", "2024-01-02", "2024-02-29"),  # a Sunday, and New Year's Day after it
    ],
)
def test_due_days_and_locks(dataset: str, period: str, due: str, locked: str) -> None:
    declared = dataset_named(dataset)
    assert (calendar.due_day(declared, period), calendar.locked_day(declared, period)) == (DAY(due), DAY(locked))


def test_a_register_is_one_period_and_never_due() -> None:
    assert calendar.period_of("register", DAY("2024-11-20")) == calendar.REGISTER
    assert calendar.periods("register", calendar.REGISTER, DAY("2024-11-20")) == [calendar.REGISTER]
    for dataset in DATASETS:
        if dataset.kind == "register":
            assert calendar.due_day(dataset, calendar.REGISTER) is calendar.locked_day(dataset, calendar.REGISTER) is None
            assert calendar.without_due_day(dataset, DAY("2024-11-20")) == []


def test_what_was_closed_has_no_period_after_its_last() -> None:
    """The forms of social evils went to the police with February 2025."""
    forms = dataset_named("social_evils_prevention.commune_forms")
    assert calendar.started(forms, DAY("2024-02-29")) == ["2024-01", "2024-02"]
    assert calendar.started(forms, DAY("2025-02-28"))[-1] == calendar.started(forms, DAY("2026-11-30"))[-1] == "2025-02"
    assert calendar.last_day(forms, DAY("2025-02-27")) == DAY("2025-02-27")
    assert calendar.last_day(forms, DAY("2025-03-01")) == DAY("2025-02-28")
    open_still = dataset_named("social_protection.monthly_payments")
    assert calendar.last_day(open_still, DAY("2026-11-30")) == DAY("2026-11-30")


def test_a_day_off_in_exchange_is_not_worked_and_the_other_day_is() -> None:
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
