"""Row rules of who is entitled to what, a step before their boundary, on it and a step after: a limit moved by one is seen here.

Merit, social assistance, poverty. What is asked of them by more than a table of rows stands in test_rules_sources.py.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.fixtures.boundaries import DAY, Rows, cases, day, misjudged


def own(category: str, **more: Any) -> dict[str, Any]:
    return {"category_code": category, "is_relative": False, "status_code": 1} | more


def drawn(group: str, **more: Any) -> dict[str, Any]:
    return {"group_code": group, "status_code": 1, "care_place_code": 1} | more


MERIT: dict[str, Rows] = {
    "injury_rate_is_in_range": [
        (own(category, injury_rate=rate), least <= rate <= 100)
        for category, least in (("07A", 21), ("07B", 21), ("08", 41), ("09", 21))
        for rate in (least - 1, least, 100, 101)
    ],
    "injury_rate_is_stated": [
        *((own(category), False) for category in ("07A", "07B", "08", "09")),
        (own("07A", injury_rate=21), True),
        (own("04"), True),
        (own("07A") | {"is_relative": True}, True),
    ],
    "birth_year_fits_category": [
        (own("01", birth_year=1930), True),
        (own("01", birth_year=1931), False),
        (own("02", birth_year=1931), True),
        (own("02", birth_year=1932), False),
        (own("02"), True),
        (own("03", birth_year=1932), True),
        (own("01", birth_year=1931) | {"is_relative": True}, True),
        (own("TN.01", birth_year=1960), True),
    ],
    "heroic_mother_is_a_woman": [
        (own("04", sex_code=1), False),
        (own("04", sex_code=2), True),
        (own("04", sex_code=3), True),
        (own("04"), True),
        (own("03", sex_code=1), True),
        (own("04", sex_code=1) | {"is_relative": True}, True),
    ],
    "relative_names_the_origin_profile": [
        (own("TN.03"), False),
        (own("03") | {"is_relative": True}, False),
        (own("TN.03", origin_profile_id="x"), True),
        (own("03"), True),
    ],
    "child_is_under_age_or_disabled": [
        (own("03", relation_code=4, birth_year=1980), True),  # a martyr is nobody's child here
        (own("TN.03", relation_code=5, birth_year=1980), True),
        (own("TN.03", relation_code=4, birth_year=1980), False),
        (own("TN.03", relation_code=4, birth_year=2006), True),  # may be born in December
        (own("TN.03", relation_code=4, birth_year=2005), False),
    ],
    "martyr_has_no_allowance": [
        (own("03", allowance_vnd=0, supplement_vnd=0), True),
        (own("03", allowance_vnd=1), False),
        (own("03", supplement_vnd=1), False),
        (own("03"), True),
        (own("04", allowance_vnd=1, supplement_vnd=1), True),
        (own("TN.03", allowance_vnd=1), True),
    ],
    "allowance_matches_the_table": [
        (own("11", allowance_vnd=0), True),
        (own("11", allowance_vnd=1), False),
        (own("11"), True),
        (own("07A", injury_rate=21), True),
        (own("TN.03", is_relative=True, relation_code=2, martyr_count=1, allowance_vnd=2_789_000), True),
        (own("TN.03", is_relative=True, relation_code=2, martyr_count=1, allowance_vnd=2_789_001), False),
        (own("TN.03", is_relative=True, relation_code=2, martyr_count=2, allowance_vnd=2_789_000), False),
        (own("TN.03", is_relative=True, relation_code=2, martyr_count=2, allowance_vnd=5_578_000), True),
        (own("TN.03", is_relative=True, relation_code=2, martyr_count=3, allowance_vnd=8_367_000), True),
        (own("TN.03", is_relative=True, relation_code=2, martyr_count=15, allowance_vnd=1), False),
        (own("TN.03", is_relative=True, relation_code=2, martyr_count=16, allowance_vnd=1), True),  # no table goes so far
        (own("TN.03", is_relative=True, relation_code=6, martyr_count=1, allowance_vnd=1), True),  # worship: no table
    ],
    "supplement_matches_the_table": [
        *((own("04", supplement_vnd=amount), amount == 2_337_000) for amount in (2_336_999, 2_337_000, 2_337_001)),
        (own("04"), True),
        (own("04", is_relative=True, supplement_vnd=1), True),
        (own("07A", injury_rate=21, supplement_vnd=1), True),  # none is known of it
    ],
    "health_card_letters_agree": [(own("07A"), True), (own("07A", health_insurance_card="HN2400401234567"), False)],
    "entitlement_ends_after_it_begins": [
        ({"entitled_from": day("2024-05-01"), "entitled_until": day("2024-05-01")}, True),
        ({"entitled_from": day("2024-05-02"), "entitled_until": day("2024-05-01")}, False),
        ({"entitled_until": day("2024-05-01")}, True),
        ({"entitled_from": day("2024-05-01")}, True),
    ],
}

# NĐ 20/2021/NĐ-CP, Điều 6.
COEFFICIENTS = {
    "1.0": ("K4", "K5B", "K5C"),
    "1.5": ("K1.B", "K2", "K5A.1", "K6.N", "K7", "K8"),
    "2.0": ("K3.B", "K5A.2", "K6.DBN", "K6.N+"),
    "2.5": ("K1.A", "K3.A", "K6.DBN+"),
    "3.0": ("K5D",),
}
ASSISTANCE: dict[str, Rows] = {
    "coefficient_matches_group": [
        *(
            (drawn(group, coefficient=Decimal(stated)), stated == right)
            for right, groups in COEFFICIENTS.items()
            for group in groups
            for stated in COEFFICIENTS
        ),
        (drawn("K4", coefficient=Decimal("1.0")), True),
        (drawn("K4", coefficient=Decimal("2.0")), False),  # the children are not told: one is taken
        (drawn("K4", coefficient=Decimal("0.0")), False),
        (drawn("K4", coefficient=Decimal("1.0"), child_count=2), True),
        (drawn("K4", coefficient=Decimal("2.0"), child_count=2), True),
        (drawn("K4", coefficient=Decimal("3.0"), child_count=2), False),
        (drawn("K5D", coefficient=Decimal("6.0"), child_count=2), False),
        (drawn("K1.A", coefficient=Decimal("5.0"), care_place_code=1), False),
        (drawn("K1.A", coefficient=Decimal("5.0"), care_place_code=3), False),
        (drawn("K1.A"), True),
        (drawn("HTXH", coefficient=Decimal("9.0")), True),  # not yet in force
    ],
    "standard_is_in_force": [
        (drawn("K5C", standard_vnd=500_000), True),
        (drawn("K5C", standard_vnd=499_999), False),
        (drawn("K5C", standard_vnd=500_001), False),
        (drawn("K5C", standard_vnd=360_000), False),
        (drawn("K5C", standard_vnd=360_000, entitled_until=day("2024-07-01")), True),  # its last day is 30 June
        (drawn("K5C", standard_vnd=360_000, entitled_until=day("2024-07-02")), False),
        (drawn("K5C"), True),
        ({"group_code": "K5C", "status_code": 2, "standard_vnd": 1}, True),  # nobody knows when it stopped
    ],
    "allowance_is_coefficient_times_standard": [
        (drawn("K5A.1", coefficient=Decimal("1.5"), allowance_vnd=amount), amount == 750_000)
        for amount in (749_999, 750_000, 750_001)
    ]
    + [
        (drawn("K4", coefficient=Decimal("1.0"), allowance_vnd=500_000), True),
        (drawn("K4", coefficient=Decimal("1.0"), allowance_vnd=1_000_000), False),
        (drawn("K5D", coefficient=Decimal("3.0"), allowance_vnd=3_000_000, child_count=2), False),
        (drawn("K5B", coefficient=Decimal("1.0"), allowance_vnd=500_000, child_count=2), True),  # by the child is K4 alone
        (drawn("K5A.1", coefficient=Decimal("1.5")), True),
        (drawn("K5A.1", allowance_vnd=1), True),
    ],
    "age_fits_group": [
        (drawn("HTXH", birth_year=1990), True),  # not yet in force
        (drawn("K5C", birth_year=1990), False),
        (drawn("K5C", birth_year=1990) | {"status_code": 2}, True),  # nobody knows when it stopped
        (drawn("K5C"), True),
        (drawn("K1.A", birth_year=2019), False),
        (drawn("K1.A", birth_year=2020), True),  # may be born in December
        (drawn("K5A.1", birth_year=1944), True),
        (drawn("K5A.1", birth_year=1943), False),
        (drawn("K4", birth_year=1990), True),  # of whatever age
    ],
    "disability_level_fits_group": [
        (drawn(group, disability_level_code=level), level == right)
        for group, right in (("K6.DBN", 1), ("K6.DBN+", 1), ("K6.N", 2), ("K6.N+", 2))
        for level in (1, 2, 3, None)
    ],
    "household_class_fits_group": [
        (drawn(group, household_class_code=stated), stated is None or stated in right)
        for group, right in (
            ("K3.A", {1}),
            ("K3.B", {1}),
            ("K4", {1}),
            ("K5A.1", {1}),
            ("K5A.2", {1}),
            ("K5B", {1, 2}),
            ("K7", {1, 2}),
            ("K8", {1}),
            ("K1.A", {0, 1, 2}),
            ("K2", {0, 1, 2}),
            ("K5C", {0, 1, 2}),
            ("K5D", {0, 1, 2}),
            ("K6.N", {0, 1, 2}),
        )
        for stated in (0, 1, 2, None)
    ],
}

AFTER_JULY_2025: dict[str, Rows] = {
    "age_fits_group": [  # the social pension: from 75 on, from 70 in a poor or near-poor household
        (drawn("HTXH", birth_date=day(f"{2025 - years}-07-01"), birth_year=2025 - years, household_class_code=stated), right)
        for years, stated, right in (
            (75, None, True),
            (74, None, False),
            (74, 0, False),
            (74, 1, True),
            (74, 2, True),
            (74, 3, False),
            (70, 1, True),
            (69, 1, False),
        )
    ],
    "group_is_not_replaced": [(drawn("K5C") | {"status_code": status}, status in (2, 3, 4)) for status in (1, 2, 3, 4, 5)],
}

HOUSEHOLDS: dict[str, Rows] = {
    "class_follows_scores": [
        ({"area_code": area, "score_b1": Decimal(b1), "score_b2": b2, "class_code": stated}, stated in right)
        for area, most in ((1, 175), (2, 140))
        for b1, b2, right in ((most, 30, (1,)), (most, 29, (2,)), (most + 1, 30, (3, 4, 5, 9)), (most - 1, 31, (1,)))
        for stated in (1, 2, 3, 4, 5, 9)
    ]
    + [
        ({"area_code": 2, "score_b1": Decimal(1), "score_b2": 30, "class_code": 9} | {missing: None}, True)
        for missing in ("area_code", "score_b1", "score_b2", "class_code")
    ],
    "area_matches_commune_kind": [
        ({"commune_code": commune, "area_code": area}, area in (right, None))
        for commune, right in (("16681", 1), ("16738", 1), ("16741", 2))  # a phường, a thị trấn, a xã
        for area in (1, 2, None)
    ]
    + [({"commune_code": commune, "area_code": area}, True) for commune in ("99999", None) for area in (1, 2)],
    "deficits_sum_to_score_b2": [
        ({f"lacks_{n:02d}": n == lacking for n in range(1, 13)} | {"score_b2": score}, score == 10)
        for lacking in range(1, 13)
        for score in (0, 10)
    ]
    + [
        (dict.fromkeys((f"lacks_{n:02d}" for n in range(1, 13)), True) | {"score_b2": 10} | {missing: None}, True)
        for missing in ("score_b2", "lacks_01", "lacks_12")
    ],
    "class_follows_previous_class": [
        ({"previous_class_code": before, "class_code": now, "change_reason_code": reason}, now in may or reason == 6)
        for before, may in ((1, (1, 2, 3)), (2, (1, 2, 4)), (3, (1, 2, 5, 9)), (9, (1, 2, 5, 9)))
        for now in (1, 2, 3, 4, 5, 9)
        for reason in (None, 5, 6)
    ]
    + [({"previous_class_code": 1}, True), ({"class_code": 3}, True)],
    "change_reason_fits_class": [
        ({"class_code": now, "change_reason_code": reason}, now in may)
        for reason, may in ((1, (1, 2)), (2, (1, 2)), (5, (2, 3, 4)), (6, (1, 2, 3, 4, 5, 9)), (None, (1, 2, 3, 4, 5, 9)))
        for now in (1, 2, 3, 4, 5, 9)
    ]
    + [({"change_reason_code": 1}, True), ({"change_reason_code": 5}, True)],
}

CASES = cases(
    ("meritorious_persons.profiles", DAY, MERIT),
    ("social_protection.beneficiaries", DAY, ASSISTANCE),
    ("social_protection.beneficiaries", "2025-07-01", AFTER_JULY_2025),
    ("poverty.households", DAY, HOUSEHOLDS),
)


@pytest.mark.parametrize(("dataset", "name", "on", "rows"), CASES)
def test_a_rule_holds_to_its_boundary(dataset: str, name: str, on: str, rows: Rows) -> None:
    assert misjudged(dataset, name, on, rows) == []
