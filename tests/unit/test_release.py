"""The release rule: what may be declared open, under which decision, and what the declared tables are."""

import dataclasses
import datetime as dt

import pytest

from assets.open.tables import categories_of, tables_of
from schemas import codes, release
from schemas.dataset import Dataset
from schemas.projections.open import open_columns, released_name
from schemas.registry import DATASETS, SOURCES, dataset_named
from schemas.release import (
    OPEN_DATA_CATALOGUE,
    Condition,
    Count,
    Decision,
    NotReleasable,
    OpenTable,
    Persons,
    Share,
    Sum,
    decision_in_force,
)

DEMO = "Quyết định mô phỏng số 01"


def declared(dataset_id: str, **facts: object) -> Dataset:
    """The dataset declared again with one open table: what would happen at import."""
    given = {"name": "t", "title": "T", "measure": Count(unit="hộ"), "decision": OPEN_DATA_CATALOGUE} | facts
    return dataclasses.replace(dataset_named(dataset_id), open_tables=(OpenTable(**given),))  # type: ignore[arg-type]


def test_a_dataset_is_closed_until_a_decision_is_cited() -> None:
    with pytest.raises(NotReleasable, match="closed until a release decision"):
        declared("poverty.households", by="class_code", decision="")
    assert declared("poverty.households", by="class_code").open_tables


@pytest.mark.parametrize(
    ("dataset", "by"),
    [
        ("poverty.households", "head_ethnicity_code"),  # ethnicity
        ("poverty.members", "is_disabled"),  # never released
        ("social_protection.beneficiaries", "group_code"),  # K3, K8: HIV; K6: disability
        ("social_protection.beneficiaries", "disability_level_code"),
        ("social_protection.beneficiaries", "is_ethnic_in_hard_area"),
        ("meritorious_persons.profiles", "category_code"),  # finer than person or relative
        ("meritorious_persons.profiles", "injury_type"),
        ("meritorious_persons.profiles", "bank_code"),
        ("labour_employment.workers", "priority_groups"),
        ("labour_employment.workers", "schooling_level_code"),  # internal: opening it would be a visible act
        ("labour_employment.workers", "identity_number"),
        ("labour_employment.workers", "no_such_field"),
    ],
)
def test_grouping_by_a_field_that_is_not_open_is_refused_at_import(dataset: str, by: str) -> None:
    with pytest.raises(NotReleasable, match="groups by"):
        declared(dataset, by=by)


def test_a_public_field_of_a_closed_list_is_still_refused() -> None:
    """Opening the field by mistake does not open the fact that its codes are."""
    members = dataset_named("poverty.households")
    opened = [dataclasses.replace(c, privacy="public") if c.name == "head_ethnicity_code" else c for c in members.columns]
    with pytest.raises(NotReleasable):
        release._must_be_open("t", {c.name: c for c in opened}, "head_ethnicity_code")


@pytest.mark.parametrize(
    "where",
    [
        "is_disabled",
        "sex_code = 1 and is_disabled",
        "full_name like 'A%'",
        "household_id in (select household_id from core.poverty_households)",
        "sex_code = 1; drop table x",
        'sex_code = 1 or "is_disabled"',
        "sex_code = 1 -- and",
    ],
)
def test_a_condition_over_closed_fields_is_refused(where: str) -> None:
    with pytest.raises(NotReleasable):
        declared("poverty.members", by="sex_code", where=Condition("chosen", where))


@pytest.mark.parametrize(
    ("dataset", "where"),
    [
        ("labour_employment.workers", "inactive_reason_code = 4"),  # disabled
        ("labour_employment.workers", "priority_groups = '1'"),  # disabled
        ("poverty.households", "poverty_cause_code = 7"),  # somebody is gravely ill
        ("meritorious_persons.profiles", "category_code = '08'"),  # an ill soldier
        ("meritorious_persons.profiles", "end_reason_code = 4"),  # in prison
        ("administrative_procedures.dossiers", "procedure_code = '1.001699'"),  # is found to be disabled
        ("administrative_procedures.result_papers", "kind_code = 'XN-KT'"),  # was found to be disabled
        ("poverty.households", "is_without_labour"),  # all are old, disabled or ill for long
        ("poverty.households", "lacks_02"),  # a dependant may be disabled
        ("poverty.households", "lacks_03"),  # a child too short or too light
        ("poverty.households", "score_b2 = 10 and not lacks_01 and not lacks_04"),  # what is left of a sum
        ("meritorious_persons.profiles", "allowance_vnd = 2789000"),  # each rate of injury has an amount of its own
        ("social_protection.beneficiaries", "coefficient = 2.5"),  # of a child with HIV or a severe disability
    ],
)
def test_a_condition_over_a_code_that_tells_a_protected_fact_is_refused(dataset: str, where: str) -> None:
    with pytest.raises(NotReleasable, match="which is closed"):
        declared(dataset, where=Condition("chosen", where))


@pytest.mark.parametrize("source", ["meritorious_persons", "social_protection"])
def test_an_amount_is_summed_and_never_compared(source: str) -> None:
    """By the tables of the law an amount tells of whom it is: the rate of an injury, the group."""
    assert declared(f"{source}.monthly_payments", measure=Sum(amounts=("amount_vnd",)))
    with pytest.raises(NotReleasable, match="compares an amount"):
        declared(f"{source}.monthly_payments", where=Condition("chosen", "is_received and amount_vnd = 1250000"))


def test_what_is_never_released_tells_no_persons_apart() -> None:
    with pytest.raises(NotReleasable, match="told apart"):
        declared("labour_employment.workers", measure=Count(unit="người", persons=Persons("inactive_reason_code")))


def test_a_condition_over_open_and_internal_fields_is_taken() -> None:
    where = Condition("received_since", "is_received and month >= :first_day")
    assert declared("meritorious_persons.monthly_payments", by="payment_way_code", where=where)


def test_a_condition_has_a_name_that_its_identity_can_hold() -> None:
    with pytest.raises(NotReleasable, match="name of the condition"):
        declared("poverty.members", by="sex_code", where=Condition("giới tính", "sex_code = 1"))


@pytest.mark.parametrize(
    "facts",
    [
        {"measure": Sum(amounts=("average_wage_vnd",))},  # personal
        {"measure": Count(unit="x", of="identity_number")},
        {"measure": Count(unit="x", persons=Persons("no_such_field"))},
        {"measure": Share(parts=(("1", "paid_months"),), whole="benefit_months")},  # a rate without a dimension
        {"measure": Share(parts=(("1", "paid_months"),), whole="benefit_months"), "by": "g", "codes": "assistance_group"},
        {"name": "Tên có dấu"},
        {"name": "x" * 60},
    ],
)
def test_what_breaks_the_rule_is_refused(facts: dict) -> None:
    with pytest.raises(NotReleasable):
        declared("labour_employment.unemployment_decisions", **facts)


def test_every_system_has_an_aggregate_and_names_are_unique() -> None:
    names = [released_name(d, t) for d in DATASETS for t in d.open_tables]
    assert len(names) == len(set(names))
    for source in SOURCES:
        if not source.restricted:  # whose every figure may be of people whom it would harm
            assert tables_of(source), f"{source.name} opens nothing: an open table needs a release decision, and says so"


def test_nothing_open_groups_by_a_protected_fact() -> None:
    for dataset in DATASETS:
        for table in dataset.open_tables:
            listed = table.codes or (dataset.column(table.by).codes if table.by else None)
            assert not codes.facts_of(listed).is_closed
            columns = {c.name for c in open_columns(dataset, table)}
            assert columns <= {"period", "unit_code", "unit_name", "value", "value_status", "maturity"} | {
                f"{(table.by or '').removesuffix('_code')}_label",
                table.by,
            }


def test_a_dimension_lists_its_values() -> None:
    """Else a row would stand because somebody was met."""
    with pytest.raises(NotReleasable, match="neither listed nor labelled"):
        declared("meritorious_persons.profiles", by="is_relative")


def test_rows_follow_from_lists_and_unstated_stands_where_the_field_may_be_empty() -> None:
    dataset = declared("labour_employment.vacancies", by="training_level_code")
    (table,) = dataset.open_tables
    listed = categories_of(dataset, table, "2024-Q3")
    assert listed["unstated"] == "Không ghi" and len(listed) > 3
    (table,) = declared("poverty.households", by="class_code").open_tables
    assert "unstated" not in categories_of(dataset_named("poverty.households"), table, "2023")


# Decisions are dated data.


def test_the_demo_publishes_under_its_synthetic_decision() -> None:
    found = decision_in_force(DEMO, dt.date(2024, 11, 20), is_demo=True)
    assert isinstance(found, Decision)
    assert found.is_synthetic


@pytest.mark.parametrize("configured", [None, "", "  "])
def test_production_without_a_decision_publishes_nothing(configured: str | None) -> None:
    assert decision_in_force(configured, dt.date(2024, 11, 20), is_demo=False) == "unconfigured"


@pytest.mark.parametrize("configured", [DEMO, "quyết định MÔ PHỎNG số 2"])
def test_production_never_publishes_under_a_synthetic_decision(configured: str) -> None:
    assert decision_in_force(configured, dt.date(2024, 11, 20), is_demo=False) == "synthetic"


def test_production_publishes_under_the_number_it_was_given() -> None:
    found = decision_in_force("123/QĐ-UBND", dt.date(2024, 11, 20), is_demo=False)
    assert isinstance(found, Decision)
    assert (found.number, found.is_synthetic) == ("123/QĐ-UBND", False)


def test_a_decision_holds_in_its_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    dated = Decision("1/QĐ", "", "", dt.date(2024, 1, 1), dt.date(2024, 6, 30), False)
    monkeypatch.setattr(release, "decisions", lambda: (dated,))
    assert decision_in_force("1/QĐ", dt.date(2024, 6, 30), is_demo=False) == dated
    assert decision_in_force("1/QĐ", dt.date(2024, 7, 1), is_demo=False) == "expired"
    assert decision_in_force("1/QĐ", dt.date(2023, 12, 31), is_demo=False) == "expired"


def test_where_none_is_configured_the_newest_of_the_place_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    """As shipped there is none but the synthetic one; what is configured comes before what is listed."""
    first = Decision("1/QĐ", "t", "b", dt.date(2024, 1, 1), None, False)
    later = Decision("2/QĐ", "t", "b", dt.date(2024, 7, 1), dt.date(2024, 12, 31), False)
    synthetic = Decision(DEMO, "t", "b", dt.date(2023, 1, 1), None, True)
    monkeypatch.setattr(release, "decisions", lambda: (synthetic, first, later))
    assert decision_in_force(None, dt.date(2024, 6, 30), is_demo=False) == first
    assert decision_in_force("", dt.date(2024, 7, 1), is_demo=False) == later
    assert decision_in_force(None, dt.date(2025, 1, 1), is_demo=False) == first, "an ended one gives way to one that goes on"
    assert decision_in_force("1/QĐ", dt.date(2024, 7, 1), is_demo=False) == first
    assert decision_in_force(None, dt.date(2023, 12, 31), is_demo=False) == "expired"
