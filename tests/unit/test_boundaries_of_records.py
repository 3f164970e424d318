"""Row rules of work, children, schools, procedures and forms, a step before their boundary, on it and a step after.

What is asked of them by more than a table of rows stands in test_rules_sources.py.
"""

import datetime as dt

import pytest

from tests.fixtures.boundaries import DAY, Rows, cases, day, misjudged


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+07:00")


EMPLOYED = {
    "employment_position_code": 1,
    "main_job": "x",
    "occupation_code": "1",
    "workplace": "x",
    "workplace_kind_code": 1,
    "industry_code": "A",
    "contract_code": 1,
}
UNEMPLOYED = {"unemployed_kind_code": 1, "unemployed_time_code": 1}
INACTIVE = {"inactive_reason_code": 1}
WORKERS: dict[str, Rows] = {
    "activity_branch_is_filled": [
        ({"activity_code": 1}, False),
        ({"activity_code": 1, "employment_position_code": 1}, True),
        ({"activity_code": 2, "unemployed_kind_code": 1}, False),
        ({"activity_code": 2, "unemployed_time_code": 1}, False),
        ({"activity_code": 2} | UNEMPLOYED, True),
        ({"activity_code": 3}, False),
        ({"activity_code": 3} | INACTIVE, True),
        ({}, True),
    ],
    "other_branches_are_empty": [
        ({"activity_code": activity, field: value}, activity in (own_activity, None))
        for own_activity, branch in ((1, EMPLOYED), (2, UNEMPLOYED), (3, INACTIVE))
        for field, value in branch.items()
        for activity in (1, 2, 3, None)
    ],
    "employee_has_a_contract_type": [
        ({"employment_position_code": position, "workplace_kind_code": kind}, position != 4 or kind not in (4, 5, 6, 7, 8))
        for position in (3, 4, 5)
        for kind in (3, 4, 5, 6, 7, 8, 9)
    ]
    + [({"employment_position_code": 4, "workplace_kind_code": 4, "contract_code": 1}, True)],
}

VACANCIES: dict[str, Rows] = {
    "place_counts_are_possible": [
        ({"place_count": places, "female_place_count": women}, right)
        for places, women, right in (
            (0, 0, True),
            (-1, None, False),
            (5, 5, True),
            (5, 6, False),
            (5, -1, False),
            (None, -1, False),
            (None, 1, True),
            (1, None, True),
        )
    ],
}
DEPARTURES: dict[str, Rows] = {
    "returned_after_departure": [
        ({"departed_date": day("2024-05-01"), "returned_date": back}, right)
        for back, right in ((day("2024-04-30"), False), (day("2024-05-01"), False), (day("2024-05-02"), True), (None, True))
    ],
}
PERMITS: dict[str, Rows] = {
    "permit_ends_after_it_begins": [
        ({"valid_from": day("2024-05-01"), "valid_until": end}, right)
        for end, right in ((day("2024-04-30"), False), (day("2024-05-01"), False), (day("2024-05-02"), True), (None, True))
    ],
}
# Luật Việc làm 38/2013/QH13, Điều 50: 60 %, rounded to the dong; three months for 12 to 36, one more for each further twelve.
DECISIONS: dict[str, Rows] = {
    "benefit_is_share_of_wage": [
        ({"average_wage_vnd": 5_000_000, "benefit_vnd": benefit}, right)
        for benefit, right in ((2_999_998, False), (2_999_999, True), (3_000_001, True), (3_000_002, False), (None, True))
    ]
    + [
        ({"average_wage_vnd": 90_000_000, "benefit_vnd": 5 * cap}, True)
        for cap in (2_340_000, 4_960_000, 4_410_000, 3_860_000, 3_450_000)
    ]
    + [({"average_wage_vnd": None, "benefit_vnd": 1}, True)],
    "benefit_months_follow_paid_months": [
        ({"paid_months": paid, "benefit_months": months}, months in (right, None))
        for paid, right in ((11, 0), (12, 3), (36, 3), (47, 3), (48, 4), (59, 4), (60, 5), (143, 11), (144, 12), (156, 12))
        for months in (right - 1, right, right + 1, None)
    ]
    + [({"paid_months": None, "benefit_months": 3}, True)],
}

CHILD = {"status_code": 1, "birth_precision": "ngay"}
CHILDREN: dict[str, Rows] = {
    "child_is_under_age": [
        (CHILD | {"birth_date": day("2008-11-21"), "birth_year": 2008}, True),
        (CHILD | {"birth_date": day("2008-11-20"), "birth_year": 2008}, False),
        (CHILD | {"birth_date": day("2008-11-20"), "birth_year": 2008, "status_code": 2}, True),
        (CHILD | {"birth_precision": "nam", "birth_year": 2008}, True),  # may be born in December
        (CHILD | {"birth_precision": "nam", "birth_year": 2007}, False),
    ],
    "special_groups_have_their_days": [
        ({"special_groups": "01.1"}, False),
        ({"special_groups": "01.1", "entered_date": day("2024-05-02")}, True),
        ({"special_groups": "01.1", "entered_date": day("2024-05-02"), "left_date": day("2024-05-02")}, True),
        ({"special_groups": "01.1", "entered_date": day("2024-05-02"), "left_date": day("2024-05-01")}, False),
        ({}, True),
    ],
    "special_groups_stand_once": [
        ({"special_groups": "01.1, 02.1"}, True),
        ({"special_groups": "01.1, 01.1"}, False),
        ({"special_groups": "01.1"}, True),
        ({}, True),
    ],
    "orphan_has_no_parent_caring": [
        ({"special_groups": "01.1", "caregiver_name": "Lo Van Mau", "father_name": "Lò Văn Mẫu"}, False),
        ({"special_groups": "01.1", "caregiver_name": "Lo Thi Xay", "mother_name": "Lò Thị Xay"}, False),
        ({"special_groups": "02.1,01.1", "caregiver_name": "Lo Van Mau", "father_name": "Lò Văn Mẫu"}, False),
        ({"special_groups": "02.1", "caregiver_name": "Lo Van Mau", "father_name": "Lò Văn Mẫu"}, True),
        ({"special_groups": "01.1", "caregiver_name": "Vi Văn Thái", "father_name": "Lò Văn Mẫu"}, True),
        ({"special_groups": "01.1", "father_name": "Lò Văn Mẫu"}, True),
    ],
    "death_is_told_whole": [
        ({"is_dead": dead, "death_date": on, "death_cause_code": cause, "status_code": status}, right)
        for dead, on, cause, status, right in (
            (True, day("2024-05-01"), 1, 3, True),
            (True, None, 1, 3, False),
            (True, day("2024-05-01"), None, 3, False),
            (True, day("2024-05-01"), 1, 2, False),
            (False, None, None, 1, True),
            (False, None, None, 2, True),
            (False, day("2024-05-01"), None, 1, False),
            (False, None, 1, 1, False),
            (False, None, None, 3, False),
            (None, None, None, 1, True),
        )
    ],
}

ENROLMENTS: dict[str, Rows] = {
    "groups_are_among_the_enrolled": [
        ({"new_count": 20, f"{group}_count": count}, count <= 20)
        for group in ("female", "minority", "poor", "lower_secondary", "disabled")
        for count in (20, 21)
    ],
    "enrolled_within_the_quota": [
        ({"quota_count": quota, "cumulative_count": count}, right)
        for quota, count, right in (
            (50, 55, True),
            (50, 56, False),
            (35, 38, True),
            (35, 39, False),
            (30, 33, True),
            (0, 0, True),
            (0, 1, False),
            (None, 9, True),
        )
    ],
    "month_is_of_its_school_year": [
        ({"month": day(month), "school_year": year}, right)
        for month, year, right in (
            ("2024-08-01", "2023-2024", True),
            ("2024-08-01", "2024-2025", False),
            ("2024-09-01", "2024-2025", True),
            ("2024-09-01", "2023-2024", False),
            ("2024-12-01", "2024-2025", True),
            ("2025-01-01", "2024-2025", True),
            ("2025-01-01", "2025-2026", False),
            ("2024-09-01", "2024-2026", False),
            ("2024-09-01", "2024-2024", False),
            ("2024-09-01", None, True),
        )
    ],
    "occupation_is_of_its_level": [
        ({"level_code": level, "occupation_code": f"{first}520227"}, first == right)
        for level, right in ((1, 6), (2, 5), (3, 4), (4, 4))
        for first in (4, 5, 6)
    ]
    + [
        ({"level_code": 1, "occupation_code": "65202270"}, False),
        ({"level_code": 1}, True),
        ({"occupation_code": "1"}, True),
    ],
}
GRADUATES: dict[str, Rows] = {
    "graduates_are_among_the_intake": [
        ({"graduate_count": graduates, "intake_count": intake}, right)
        for graduates, intake, right in ((20, 20, True), (21, 20, False), (21, None, True))
    ],
    "employed_are_among_the_graduates": [
        ({"graduate_count": graduates, "employed_count": employed, "in_trade_count": in_trade}, right)
        for graduates, employed, in_trade, right in (
            (20, 20, 20, True),
            (20, 21, 1, False),
            (20, 19, 20, False),
            (20, None, 20, True),
            (20, None, 21, False),
            (None, 20, 20, True),
        )
    ],
}

NINE, TEN = at("2024-11-01T09:00"), at("2024-11-01T10:00")
DOSSIERS: dict[str, Rows] = {
    "instants_are_in_order": [
        ({"received_at": received, "finished_at": finished, "returned_at": returned}, right)
        for received, finished, returned, right in (
            (NINE, NINE, NINE, True),
            (NINE, TEN, TEN, True),
            (TEN, NINE, None, False),
            (NINE, TEN, NINE, False),
            (TEN, None, NINE, False),
            (NINE, None, None, True),
        )
    ],
    "dossier_bears_its_office": [
        ({"dossier_id": "H41.21-241101-0001", "office_code": office}, right)
        for office, right in (("H41.21", True), ("H41.2", False), ("H41.21.1", False), (None, True))
    ],
}
PAPERS: dict[str, Rows] = {
    "paper_expires_after_it_was_issued": [
        ({"issued_on": day("2024-05-01"), "expires_on": end}, right)
        for end, right in ((day("2024-05-01"), True), (day("2024-04-30"), False), (None, True))
    ],
    "paper_says_since_when_it_is_not_valid": [
        ({"validity_code": 1}, True),
        ({"validity_code": 2}, False),
        ({"validity_code": 3}, False),
        ({"validity_code": 2, "ended_on": day("2024-05-01")}, True),
        ({}, True),
    ],
    "paper_is_signed": [({"is_signed": True}, True), ({"is_signed": False}, False), ({}, False)],
}


def form_rules(*items: str) -> dict[str, Rows]:
    added: Rows = []
    for item in items:
        parts = {f"{item}_opening": 9, f"{item}_added": 4, f"{item}_removed": 2, f"{item}_closing": 11}
        added += [(parts | {f"{item}_closing": closing}, closing == 11) for closing in (10, 11, 12)]
        added += [(parts | {name: None}, True) for name in parts]
    women: Rows = [({f"{i}_female": count, f"{i}_closing": 5}, count <= 5) for i in items for count in (5, 6)]
    return {"items_add_up": added, "women_are_among_them": women}


COMMUNE_FORMS = form_rules("family", "community", "ordered", "aftercare", "helped", "relapsed") | {
    "means_are_told_in_december": [
        ({"month": day(f"2024-{month:02d}-01"), means: 1}, month == 12)
        for month in (1, 2, 10, 11, 12)
        for means in ("staff_count", "budget_vnd")
    ]
    + [({"month": day("2024-11-01")}, True)],
}
CENTRE_FORMS = form_rules("centre_ordered", "centre_voluntary")

CASES = cases(
    ("labour_employment.workers", DAY, WORKERS),
    ("labour_employment.vacancies", DAY, VACANCIES),
    ("labour_employment.overseas_workers", DAY, DEPARTURES),
    ("labour_employment.foreign_permits", DAY, PERMITS),
    ("labour_employment.unemployment_decisions", DAY, DECISIONS),
    ("children.profiles", DAY, CHILDREN),
    ("vocational_education.enrolments", DAY, ENROLMENTS),
    ("vocational_education.graduates", DAY, GRADUATES),
    ("administrative_procedures.dossiers", DAY, DOSSIERS),
    ("administrative_procedures.result_papers", DAY, PAPERS),
    ("social_evils_prevention.commune_forms", DAY, COMMUNE_FORMS),
    ("social_evils_prevention.centre_forms", DAY, CENTRE_FORMS),
)


@pytest.mark.parametrize(("dataset", "name", "on", "rows"), CASES)
def test_a_rule_holds_to_its_boundary(dataset: str, name: str, on: str, rows: Rows) -> None:
    assert misjudged(dataset, name, on, rows) == []
