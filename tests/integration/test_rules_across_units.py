"""Set rules that hold two periods against each other between which districts or communes changed."""

import datetime as dt
from typing import Any

import pytest

from tests.integration.set_rules.rows import (
    ASSISTANCE_PAYMENTS,
    BENEFICIARIES,
    CENTRE_FORMS,
    CHANGES,
    CHILDREN,
    COMMUNE_FORMS,
    HOUSEHOLDS,
    MEMBERS,
    RESULTS,
    Warehouse,
    beneficiary,
    child,
    household,
    member,
    paid,
)
from tests.integration.set_rules.social_evils import form_of


def _of_a_household_that_is_not_poor(w: Warehouse, month: str, paid_by: str, *reviewed_by: str) -> set[str]:
    """Whether a payment of the month, by a unit of it, is found where units of the year before reviewed."""
    year = str(int(month[:4]) - 1)
    for unit in reviewed_by:
        w.put(HOUSEHOLDS, year, household(f"H{unit}", 9, review_year=int(year)), unit=unit)
    # The rule waits for what was never loaded at all.
    w.put(MEMBERS, year, member("H0", 1, 77, review_year=int(year)), unit=reviewed_by[0])
    w.put(CHANGES, "2024-08", {"change_id": "C1", "household_id": "H0", "class_code": 1, "change_date": "2024-08-09"})
    w.put(BENEFICIARIES, "now", beneficiary("B1", 1, household_id=f"H{reviewed_by[0]}", group_code="K8", coefficient=1.5))
    w.put(ASSISTANCE_PAYMENTS, month, paid("B1", month, 750000), unit=paid_by)
    return w.found(ASSISTANCE_PAYMENTS, "household_was_poor", month)


# 16738 lies in the former district 415; Vinh (412) took in Cửa Lò (413) and four communes of Nghi Lộc (429) in December 2024.
ACROSS_UNITS = [
    ("2025-06", "415", ("415",), True),
    ("2025-07", "16738", ("415",), True),
    ("2025-08", "16738", ("415",), True),
    ("2025-12", "16738", ("415",), True),
    ("2025-08", "16738", ("416",), False),
    ("2025-08", "415", ("415",), False),  # there is no such unit any more
    ("2026-01", "16738", ("16738",), True),
    ("2024-11", "412", ("412",), True),
    ("2024-11", "413", ("413",), True),
    ("2024-12", "412", ("412", "413", "429"), True),
    ("2024-12", "412", ("413", "429"), False),  # of Vinh itself no review came
    ("2024-12", "412", ("412", "429"), False),
    ("2024-12", "429", ("429",), True),
    ("2025-01", "412", ("412",), True),
    ("2025-07", "16732", ("412",), True),
]


@pytest.mark.parametrize(("month", "paid_by", "reviewed_by", "is_found"), ACROSS_UNITS)
def test_a_review_of_before_units_changed_judges_who_pays_after(
    warehouse: Warehouse, month: str, paid_by: str, reviewed_by: tuple[str, ...], is_found: bool
) -> None:
    expected = {f"B1|{month}-01"} if is_found else set()
    assert _of_a_household_that_is_not_poor(warehouse, month, paid_by, *reviewed_by) == expected


@pytest.mark.parametrize(
    ("today", "lives_in", "reviewed_by", "is_found"),
    [
        ("2024-11-20", "413", ("413",), True),
        ("2024-12-20", "412", ("412", "413", "429"), True),
        ("2024-12-20", "412", ("412",), False),
        ("2025-06-30", "415", ("415",), True),
        ("2025-07-01", "16738", ("415",), True),
        ("2025-08-20", "16738", ("416",), False),
        ("2026-02-20", "16738", ("16738",), True),
    ],
)
def test_a_child_is_judged_by_the_review_of_before_units_changed(
    warehouse: Warehouse, today: str, lives_in: str, reviewed_by: tuple[str, ...], is_found: bool
) -> None:
    year = int(today[:4]) - 1
    for unit in reviewed_by:
        warehouse.put(HOUSEHOLDS, str(year), household(f"H{unit}", 9, review_year=year), unit=unit)
    warehouse.put(CHILDREN, "now", child("ill", "13.1", household_id=f"H{reviewed_by[0]}"), unit=lives_in)
    found = warehouse.found(CHILDREN, "ill_child_is_of_a_poor_household", "now", dt.date.fromisoformat(today))
    assert found == ({"ill"} if is_found else set())


def test_a_result_is_held_against_all_that_its_commune_was_formed_of(warehouse: Warehouse) -> None:
    """The review of 2024 lists in November what is signed in December: 17464 took in 17389 and kept its code, 17185 was divided."""

    def signed(commune: str, count: int) -> dict[str, Any]:
        return {"commune_code": commune, "review_year": 2024, "household_count": 100, "poor_count": count, "near_poor_count": 0}

    listed = {"17464": 1, "17389": 2, "17443": 1, "17449": 1, "17455": 1, "17185": 2, "17194": 1, "17404": 3}
    rows = [household(f"{commune}-{n}", commune_code=commune) for commune, count in listed.items() for n in range(count)]
    warehouse.put(HOUSEHOLDS, "2024", *rows, unit="425")
    warehouse.set_aside(HOUSEHOLDS, "2024", {"ma_xa_goc": "17422"})  # went into 17437
    results = [signed("17464", 3), signed("17443", 1), signed("17449", 3), signed("17185", 3), signed("17404", 2)]
    # One that was signed before December stands by the former codes: both together are what is listed, and by either way.
    results += [signed("17437", 1), signed("17419", 2), signed("17407", 1)]
    warehouse.put(HOUSEHOLDS, "2024", *(household(f"K{n}", commune_code="17419") for n in range(3)), unit="425")
    warehouse.put(RESULTS, "2024", *results, unit="425")
    assert warehouse.found(RESULTS, "poor_households_add_up", "2024") == {"17449|2024", "17404|2024"}


def test_a_commune_begins_with_what_all_of_which_it_was_formed_ended_with(warehouse: Warehouse) -> None:
    """In December 2024: 17464 and 17581 kept name and number and took in another, 17185 was divided, 16690 went on as it was."""
    form = form_of(warehouse, COMMUNE_FORMS, "commune_code", "family", "relapsed")
    ended = {
        "16690": 1,
        "17464": 2,
        "17389": 3,
        "17581": 2,
        "17524": 2,
        "17525": 4,
        "17602": 5,
        "17590": 6,
        "17185": 2,
        "17194": 2,
    }
    for of, count in ended.items():
        form(of, "2024-11", "closing", (count, None if of == "17590" else 0))
    begins = {"16690": 2, "17464": 5, "17581": 9, "17524": 5, "17602": 12, "17185": 9, "17179": 9}
    for of, count in begins.items():
        form(of, "2024-12", "opening", (count, 7 if of == "17602" else 0))
    # Of 17581 one has not sent; of 17602 one has not told one item, and the other item differs.
    found = warehouse.found(COMMUNE_FORMS, "begins_where_the_month_before_ended", "2024-12")
    assert found == {"16690", "17524", "17602"}


def test_a_centre_is_itself_though_its_commune_was_renamed(warehouse: Warehouse) -> None:
    form = form_of(warehouse, CENTRE_FORMS, "centre_id", "centre_ordered", "centre_voluntary")
    form("CN4001", "2024-11", "closing", (5, 7), "Xã Hồng Thành")
    form("CN4001", "2024-12", "opening", (6, 7), "Xã Phú Thành")
    assert warehouse.found(CENTRE_FORMS, "begins_where_the_month_before_ended", "2024-12") == {"CN4001"}
