"""Rules of the systems at their edges: thresholds, ages at birthdays, months of benefit, check digits, least wages."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from schemas import units
from schemas.registry import dataset_named
from tests.fixtures.frames import fine

PROFILES = dataset_named("meritorious_persons.profiles")
BENEFICIARIES = dataset_named("social_protection.beneficiaries")
HOUSEHOLDS, MEMBERS = dataset_named("poverty.households"), dataset_named("poverty.members")
WORKERS, EMPLOYERS = dataset_named("labour_employment.workers"), dataset_named("labour_employment.employers")
DECISIONS = dataset_named("labour_employment.unemployment_decisions")
OPENINGS, FAIRS = dataset_named("job_service.vacancies"), dataset_named("job_service.job_fairs")
DAY = "2024-11-20"


# --- merit -------------------------------------------------------------------------------------------------------------------


def merit(category: str, **more: Any) -> dict[str, Any]:
    return {"category_code": category, "is_relative": category.startswith("TN."), "status_code": 1} | more


@pytest.mark.parametrize(
    ("category", "rate", "right"),
    [
        ("07A", 20, False),
        ("07A", 21, True),
        ("07A", 100, True),
        ("08", 40, False),
        ("08", 41, True),
        ("09", 20, False),
        ("04", 5, True),
    ],
)
def test_an_injury_rate_is_in_the_range_of_its_category(category: str, rate: int, right: bool) -> None:
    assert fine(PROFILES, "injury_rate_is_in_range", DAY, merit(category, injury_rate=rate)) == [right]
    assert fine(PROFILES, "injury_rate_is_in_range", DAY, merit(f"TN.{category}", injury_rate=rate)) == [True]


def test_allowance_follows_the_standard_of_its_day() -> None:
    right_in = {"2024-06-30": 1_384_000, "2024-07-01": 1_878_000}
    for day, amount in right_in.items():
        rows = [merit("07A", injury_rate=21, allowance_vnd=a) for a in right_in.values()]
        assert fine(PROFILES, "allowance_matches_the_table", day, *rows) == [a == amount for a in right_in.values()]


def test_exact_tables_are_exact_and_derived_ones_have_a_band() -> None:
    rows = [merit("07A", injury_rate=21, allowance_vnd=1_878_001), merit("07A", injury_rate=75, allowance_vnd=6_705_000 + 33_000)]
    rows += [merit("07A", injury_rate=75, allowance_vnd=6_705_000 + 34_000), merit("07B", injury_rate=75, allowance_vnd=1)]
    rows += [
        merit("01", allowance_vnd=1),
        merit("11", allowance_vnd=1),
        merit("11", allowance_vnd=0),
        merit("TN.01", allowance_vnd=1),
    ]
    expected = [False, True, False, True, True, False, True, True]
    assert fine(PROFILES, "allowance_matches_the_table", DAY, *rows) == expected


def test_relative_under_a_persons_category_is_not_judged_by_its_table() -> None:
    row = merit("07A", injury_rate=21, allowance_vnd=5) | {"is_relative": True}
    assert fine(PROFILES, "allowance_matches_the_table", DAY, row) == [True]


def test_type_b_ends_with_1993() -> None:
    rows = [merit("07B", injury_type=t, decision_date=d) for t, d in (("B", dt.date(1993, 12, 31)), ("B", dt.date(1994, 1, 1)))]
    rows += [merit("07A", injury_type="A", decision_date=dt.date(2000, 1, 1)), merit("07B", injury_type="B")]
    assert fine(PROFILES, "type_b_recognised_in_time", DAY, *rows) == [True, False, True, True]


def test_child_of_a_merit_person() -> None:
    child = merit("TN.03", relation_code=4, birth_precision="ngay")
    born = lambda day: {"birth_date": day, "birth_year": day.year}  # noqa: E731
    rows = [child | born(dt.date(2006, 11, 21)), child | born(dt.date(2006, 11, 20))]
    rows += [rows[1] | {"injury_rate": 61}, rows[1] | {"status_code": 2}, rows[1] | {"relation_code": 3}]
    assert fine(PROFILES, "child_is_under_age_or_disabled", DAY, *rows) == [True, False, True, True, True]


def test_entitlement_may_begin_in_the_month_of_the_decision() -> None:
    decided = {"decision_date": dt.date(2024, 5, 20)}
    rows = [decided | {"entitled_from": d} for d in (dt.date(2024, 5, 1), dt.date(2024, 4, 30), dt.date(2024, 6, 1))]
    for dataset in (PROFILES, BENEFICIARIES):
        assert fine(dataset, "entitled_from_decision_month", DAY, *rows) == [True, False, True]


def test_a_martyrs_file_and_one_that_is_paid_once_may_name_no_day_of_entitlement() -> None:
    """The province has some 45,000 martyrs, of whose files nothing is drawn; their relatives draw by files of their own."""
    files = [("03", False), ("11", False), ("03", True), ("07A", False), ("TN.03", True)]
    rows = [{"category_code": category, "is_relative": relative} for category, relative in files]
    assert fine(PROFILES, "entitlement_begins_on_a_day", DAY, *rows) == [True, True, False, False, False]
    day = {"entitled_from": dt.date(2020, 1, 1)}
    assert fine(PROFILES, "entitlement_begins_on_a_day", DAY, *(row | day for row in rows)) == [True] * len(rows)
    assert fine(BENEFICIARIES, "entitlement_begins_on_a_day", DAY, {"group_code": "K1A"}, {"group_code": "K1A"} | day) == [
        False,
        True,
    ]


# --- social assistance ---------------------------------------------------------------------------------------------------------


def drawn(group: str, **more: Any) -> dict[str, Any]:
    return {"group_code": group, "status_code": 1, "care_place_code": 1, "birth_precision": "ngay"} | more


@pytest.mark.parametrize(
    ("group", "turns", "before", "after"),
    [
        ("K1.A", 4, True, False),
        ("K1.B", 4, False, True),
        ("K1.B", 16, True, False),
        ("K2", 16, False, True),
        ("K2", 22, True, False),
        ("K3.A", 4, True, False),
        ("K3.B", 4, False, True),
        ("K3.B", 16, True, False),
        ("K5A.1", 60, False, True),
        ("K5A.1", 80, True, False),
        ("K5A.2", 80, False, True),
        ("K5B", 75, False, True),
        ("K5B", 80, True, False),
        ("K5C", 80, False, True),
        ("K5D", 60, False, True),
        ("K6.DBN", 16, False, True),
        ("K6.DBN", 60, True, False),
        ("K6.DBN+", 16, True, False),
        ("K6.DBN+", 60, False, True),
        ("K6.N", 16, False, True),
        ("K6.N", 60, True, False),
        ("K6.N+", 16, True, False),
        ("K6.N+", 60, False, True),
        ("K7", 3, True, False),
        ("K8", 16, False, True),
    ],
)
def test_group_changes_on_the_first_of_the_month_after_the_birthday(group: str, turns: int, before: bool, after: bool) -> None:
    """Judged on 20 November by the age on 1 November; a birthday on the first itself leaves both groups right."""
    days = [dt.date(2024 - turns, 11, 2), dt.date(2024 - turns, 10, 31), dt.date(2024 - turns, 11, 1)]
    rows = [drawn(group, birth_date=d, birth_year=d.year) for d in days]
    assert fine(BENEFICIARIES, "age_fits_group", DAY, *rows) == [before, after, True]


def test_year_only_births_are_given_the_benefit_of_the_doubt() -> None:
    rows = [drawn("K5C", birth_year=y, birth_precision="nam") for y in (1944, 1945)]
    rows.append(drawn("K5C", birth_date=dt.date(1944, 1, 1), birth_year=1944, birth_precision="nam"))
    assert fine(BENEFICIARIES, "age_fits_group", DAY, *rows) == [True, False, True]


def test_social_pension_from_75_or_70_when_poor() -> None:
    def aged(years: int, poor: int) -> dict[str, Any]:
        born = dt.date(2025 - years, 3, 1)
        return drawn("HTXH", birth_date=born, birth_year=born.year, household_class_code=poor)

    rows = [aged(76, 0), aged(72, 0), aged(72, 2), aged(69, 1)]
    assert fine(BENEFICIARIES, "age_fits_group", "2025-08-15", *rows) == [True, False, True, False]


def test_old_groups_are_moved_to_the_social_pension_while_they_are_drawn() -> None:
    """From July 2025 on, of who is entitled on the day of judging."""
    rows = [drawn(group) for group in ("K5B", "K5C", "K5A.1", "K5A.2", "HTXH", "CS.NCT")]
    assert fine(BENEFICIARIES, "group_is_not_replaced", "2025-06-30", *rows) == [True] * 6
    assert fine(BENEFICIARIES, "group_is_not_replaced", "2025-07-01", *rows) == [False, False, True, True, True, True]
    facts: list[tuple[dict[str, Any], bool]] = [
        ({"status_code": 1}, False),
        ({"status_code": 5}, False),  # suspended: the entitlement stands
        ({"status_code": 3}, True),
        ({"status_code": 2, "entitled_until": dt.date(2025, 7, 20)}, True),
        ({"entitled_until": dt.date(2025, 8, 15)}, True),
        ({"entitled_until": dt.date(2025, 8, 16)}, False),
        ({"entitled_from": dt.date(2025, 8, 16)}, True),
        ({"entitled_from": dt.date(2025, 8, 15)}, False),
    ]
    rows = [drawn("K5C", **more) for more, _ in facts]
    assert fine(BENEFICIARIES, "group_is_not_replaced", "2025-08-15", *rows) == [expected for _, expected in facts]


def test_a_coefficient_is_one_of_its_group() -> None:
    rows = [drawn("K5A.1", coefficient=Decimal(c)) for c in ("1.5", "2.0")]
    rows += [drawn("K4", coefficient=Decimal(c), child_count=3) for c in ("1.0", "3.0", "2.0")]
    rows += [drawn("K1.A", coefficient=Decimal("5.0"), care_place_code=2), drawn("CS.NKT", coefficient=Decimal("1.0"))]
    assert fine(BENEFICIARIES, "coefficient_matches_group", DAY, *rows) == [True, False, True, True, False, True, True]


def test_an_allowance_is_its_coefficient_times_the_standard_of_the_day() -> None:
    def row(group: str, coefficient: str, amount: int, **more: Any) -> dict[str, Any]:
        return drawn(group, coefficient=Decimal(coefficient), allowance_vnd=amount, **more)

    rows = [row("K5A.1", "1.5", 750_000), row("K5A.1", "1.5", 540_000), row("K5A.1", "1.5", 5_000_000)]
    rows += [row("K4", "1.0", 1_000_000, child_count=2), row("K4", "2.0", 1_000_000, child_count=2), row("K4", "1.0", 500_000)]
    rows += [row("K4", "1.0", 500_000, child_count=2), row("K5A.1", "1.5", 540_000, entitled_until=dt.date(2024, 7, 1))]
    expected = [True, False, False, True, True, True, False, True]
    assert fine(BENEFICIARIES, "allowance_is_coefficient_times_standard", DAY, *rows) == expected


@pytest.mark.parametrize(
    ("group", "level", "right"),
    [
        ("K6.DBN", 1, True),
        ("K6.DBN", 2, False),
        ("K6.N+", 2, True),
        ("K6.N", 3, False),
        ("K6.N", None, False),
        ("K5C", None, True),
    ],
)
def test_a_disability_level_fits_its_group(group: str, level: int | None, right: bool) -> None:
    assert fine(BENEFICIARIES, "disability_level_fits_group", DAY, drawn(group, disability_level_code=level)) == [right]


# --- poverty -------------------------------------------------------------------------------------------------------------------


def scored(area: int, b1: str, b2: int, household_class: int) -> dict[str, Any]:
    return {"area_code": area, "score_b1": Decimal(b1), "score_b2": b2, "class_code": household_class}


@pytest.mark.parametrize(("area", "most"), [(2, 140), (1, 175)])
def test_class_at_the_thresholds(area: int, most: int) -> None:
    for b1, b2, right in ((most, 30, {1}), (most, 20, {2}), (f"{most}.1", 30, {3, 4, 5, 9}), (f"{most}.1", 0, {3, 4, 5, 9})):
        rows = [scored(area, str(b1), b2, c) for c in (1, 2, 3, 4, 5, 9)]
        assert fine(HOUSEHOLDS, "class_follows_scores", DAY, *rows) == [c in right for c in (1, 2, 3, 4, 5, 9)]


def test_no_class_is_judged_after_the_standard_ends() -> None:
    assert fine(HOUSEHOLDS, "class_follows_scores", "2026-12-31", scored(2, "200", 0, 1)) == [False]
    assert fine(HOUSEHOLDS, "class_follows_scores", "2027-01-01", scored(2, "200", 0, 1)) == [True]


def test_score_b2_is_the_sum_of_the_deficits() -> None:
    lacking = {f"lacks_{n:02d}": n <= 3 for n in range(1, 13)}
    rows = [lacking | {"score_b2": s} for s in (30, 40, 35)] + [dict.fromkeys(lacking, True) | {"score_b2": 120}]
    assert fine(HOUSEHOLDS, "deficits_sum_to_score_b2", DAY, *rows) == [True, False, False, True]


def test_area_follows_the_commune_of_the_review_day() -> None:
    """Nghi Phú was a xã until 30 November 2024 and a phường from 1 December."""
    nghi_phu = "16702"
    assert [units.communes_on(dt.date(2024, m, 15))[nghi_phu].kind for m in (11, 12)] == ["xã", "phường"]
    rows = [{"commune_code": nghi_phu, "area_code": a} for a in (1, 2)] + [{"commune_code": "99999", "area_code": 1}]
    assert fine(HOUSEHOLDS, "area_matches_commune_kind", "2024-11-30", *rows) == [False, True, True]
    assert fine(HOUSEHOLDS, "area_matches_commune_kind", "2024-12-31", *rows) == [True, False, True]


@pytest.mark.parametrize(
    ("before", "now", "reason", "right"),
    [
        (1, 3, 5, True),
        (2, 3, 5, False),
        (1, 4, 5, False),
        (2, 4, 5, True),
        (1, 5, None, False),
        (1, 5, 6, True),
        (2, 9, None, False),
        (9, 1, 2, True),
        (None, 3, 5, True),
        (3, 9, None, True),
    ],
)
def test_class_follows_the_class_before(before: int | None, now: int, reason: int | None, right: bool) -> None:
    row = {"previous_class_code": before, "class_code": now, "change_reason_code": reason}
    assert fine(HOUSEHOLDS, "class_follows_previous_class", DAY, row) == [right]


@pytest.mark.parametrize(
    ("before", "now", "reason", "right"),
    [
        (9, 1, 1, True),
        (9, 9, 1, False),
        (1, 2, 5, True),
        (2, 2, 5, False),
        (None, 2, 5, True),
        (1, 1, 5, False),
        (1, 1, None, True),
    ],
)
def test_reasons_fit_the_class(before: int | None, now: int, reason: int | None, right: bool) -> None:
    row = {"previous_class_code": before, "class_code": now, "change_reason_code": reason}
    assert fine(HOUSEHOLDS, "change_reason_fits_class", DAY, row) == [right]


def test_head_of_household_is_fifteen() -> None:
    rows = [
        {"birth_date": d, "birth_year": 2009, "head_relation_code": 1} for d in (dt.date(2009, 11, 20), dt.date(2009, 11, 21))
    ]
    rows.append(rows[1] | {"head_relation_code": 3})
    assert fine(MEMBERS, "head_is_of_age", DAY, *rows) == [True, False, True]


# --- labour ---------------------------------------------------------------------------------------------------------------------


def test_labour_age_is_taken_on_the_day_of_collection() -> None:
    collected = {"collected_date": dt.date(2024, 10, 5)}
    rows = [collected | {"birth_date": d, "birth_year": 2009} for d in (dt.date(2009, 10, 5), dt.date(2009, 10, 6))]
    rows += [collected | {"birth_year": y} for y in (2009, 2010)]
    assert fine(WORKERS, "is_of_labour_age", DAY, *rows) == [True, False, True, False]


def test_social_insurance_belongs_to_every_activity() -> None:
    idle = {"activity_code": 3, "inactive_reason_code": 2, "social_insurance_code": 2}
    assert fine(WORKERS, "other_branches_are_empty", DAY, idle) == [True]
    for field, value in (("main_job", "x"), ("occupation_code", "1"), ("unemployed_kind_code", 1), ("contract_code", 1)):
        assert fine(WORKERS, "other_branches_are_empty", DAY, idle | {field: value}) == [False], field


@pytest.mark.parametrize(
    ("tax_code", "right"),
    [
        ("2900325526", True),
        ("2900324995", True),
        ("0100109106", True),
        ("0101243150", True),
        ("2900325526-001", True),
        ("2900325526001", True),
        ("2900325525", False),
        ("2900352526", False),  # two digits changed places
        ("2901012340", False),  # the formula gives ten, a number that is never issued
        (None, True),
    ],
)
def test_tax_code_check_digit(tax_code: str | None, right: bool) -> None:
    assert fine(EMPLOYERS, "tax_code_check_digit", DAY, {"tax_code": tax_code}) == [right]


@pytest.mark.parametrize(
    ("wage", "benefit", "right"),
    [
        (5_500_000, 3_300_000, True),
        (5_500_001, 3_300_001, True),  # rounded to the dong
        (5_500_000, 3_300_500, False),
        (60_000_000, 5 * 2_340_000, True),
        (60_000_000, 5 * 4_410_000, True),
        (60_000_000, 36_000_000, False),
        (10_000_000, 5 * 2_340_000, False),
    ],
)
def test_unemployment_benefit_is_a_share_of_the_wage_up_to_a_ceiling(wage: int, benefit: int, right: bool) -> None:
    assert fine(DECISIONS, "benefit_is_share_of_wage", DAY, {"average_wage_vnd": wage, "benefit_vnd": benefit}) == [right]


def test_unemployment_benefit_lasts_by_the_months_that_were_paid() -> None:
    rows = [{"paid_months": p, "benefit_months": m} for p, m in ((12, 3), (36, 3), (48, 4), (48, 3), (400, 12), (11, 3))]
    assert fine(DECISIONS, "benefit_months_follow_paid_months", DAY, *rows) == [True, True, True, False, True, False]


# --- the employment service centre ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("low", "high", "right"), [(5, 6, True), (6, 6, True), (7, 6, False), (None, 6, True), (7, None, True)])
def test_wages_are_in_order(low: int | None, high: int | None, right: bool) -> None:
    assert fine(OPENINGS, "wages_are_in_order", DAY, {"wage_from_vnd": low, "wage_to_vnd": high}) == [right]


@pytest.mark.parametrize(
    ("day", "commune", "least"),
    [
        ("2024-06-30", "16681", 4_160_000),  # Quang Trung, Vinh: region II
        ("2024-07-01", "16681", 4_410_000),
        ("2024-07-01", "16741", 3_450_000),  # Thông Thụ, Quế Phong
        ("2024-11-30", "16717", 3_450_000),  # Nghi Thuỷ, of Cửa Lò until the end of November 2024
        ("2024-12-01", "16717", 4_410_000),  # of Vinh from then on
        ("2025-07-01", "16681", 4_410_000),  # without districts the former one tells
        ("2026-01-01", "16738", 3_700_000),
    ],
)
def test_the_least_wage_is_that_of_the_region_on_the_day(day: str, commune: str, least: int) -> None:
    assert commune in units.communes_on(dt.date.fromisoformat(day))
    rows = [
        {"commune_code": commune, "wage_from_vnd": low, "wage_to_vnd": high}
        for low, high in ((least, None), (least - 1, least), (None, least - 1), (None, least), (None, None))
    ]
    assert fine(OPENINGS, "wage_reaches_the_regional_minimum", day, *rows) == [True, False, False, True, True]


def test_of_an_unknown_commune_nobody_knows_the_least_wage() -> None:
    rows = [{"commune_code": code, "wage_from_vnd": 1} for code in ("99999", None)]
    assert fine(OPENINGS, "wage_reaches_the_regional_minimum", DAY, *rows) == [True, True]


@pytest.mark.parametrize(
    ("came", "referred", "hired", "right"),
    [(9, 9, 9, True), (9, 8, 9, False), (8, 9, 8, False), (9, None, 9, True), (8, None, 9, False), (0, 0, None, True)],
)
def test_hired_were_referred_and_referred_came(came: int, referred: int | None, hired: int | None, right: bool) -> None:
    row = {"seeker_count": came, "referred_count": referred, "hired_count": hired}
    assert fine(FAIRS, "hired_were_referred_and_referred_came", DAY, row) == [right]
