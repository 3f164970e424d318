"""Set rules of children."""

from tests.integration.set_rules.cases import CASES, Case, case
from tests.integration.set_rules.rows import (
    BENEFICIARIES,
    CHANGES,
    CHILDREN,
    HOUSEHOLDS,
    Warehouse,
    beneficiary,
    child,
    household,
)


@case(CHILDREN)
def ill_child_is_of_a_poor_household(w: Warehouse) -> tuple[str, set[str]]:
    """In November 2024 the review of 2023 is the last that is final; who is in the group on the day of the reading is asked."""
    reviewed = {"H1": 1, "H2": 2, "H3": 9}
    w.put(HOUSEHOLDS, "2023", *(household(h, code, review_year=2023) for h, code in reviewed.items()))
    w.put(HOUSEHOLDS, "2023", household("H4", 1, review_year=2023), unit="416")
    w.put(HOUSEHOLDS, "2022", household("H3", 1, review_year=2022))
    w.put(HOUSEHOLDS, "2024", household("H3", 1))
    w.put(
        CHILDREN,
        "now",
        child("poor", "13.1", household_id="H1"),
        child("near-poor", "13.2", household_id="H2"),
        child("of-a-household-that-moved", "13.1", household_id="H4"),
        child("neither", "13.1", household_id="H3"),
        child("second-group", "04.3, 13.2", household_id="H3"),
        child("not-reviewed", "13.1", household_id="H9"),
        child("of-no-household", "13.1"),
        child("of-another-group", "04.3, 12.1", household_id="H3"),
        child("in-no-group", household_id="H3"),
        child("entered-today", "13.1", household_id="H3", entered_date="2024-11-20"),
        child("enters-tomorrow", "13.1", household_id="H3", entered_date="2024-11-21"),
        child("leaves-tomorrow", "13.1", household_id="H3", left_date="2024-11-21"),
        child("left-today", "13.1", household_id="H3", left_date="2024-11-20"),
        child("closed", "13.1", household_id="H3", status_code=2),
        child("of-a-household-set-aside", "13.1", household_id="H5"),
        child("of-one-set-aside-in-another-year", "13.1", household_id="H6"),
        child("of-one-found-poor-within-the-year", "13.1", household_id="H7"),
        child("of-one-found-so-last-year", "13.1", household_id="H8"),
        child("of-one-whose-finding-is-set-aside", "13.1", household_id="H10"),
    )
    for number, (of, code, day) in enumerate((("H7", 2, "2024-06-10"), ("H8", 1, "2023-06-10"), ("H3", 3, "2024-06-10"))):
        change = {"change_id": f"C{number}", "household_id": of, "class_code": code, "change_date": day, "commune_code": "16741"}
        w.put(CHANGES, day[:7], change)
    w.set_aside(CHANGES, "2024-06", {"ma_ho": "H10"})
    w.set_aside(HOUSEHOLDS, "2023", {"ma_ho": " H5 "})
    w.set_aside(HOUSEHOLDS, "2024", {"ma_ho": "H6"})
    w.put(CHILDREN, "now", child("no-review-came", "13.1", household_id="H3"), unit="431")
    found = {"neither", "second-group", "not-reviewed", "of-no-household", "entered-today", "leaves-tomorrow"}
    return "now", found | {"of-one-set-aside-in-another-year", "of-one-found-so-last-year"}


def _draws_an_allowance(rights: tuple[str, ...], another: str, group: str, another_group: str) -> Case:
    """`rights` are sub-groups that the allowances of `group` belong to; of `another` none does, and `another_group` is of others."""

    def filled(w: Warehouse) -> tuple[str, set[str]]:
        right = rights[0]
        w.put(
            CHILDREN,
            "now",
            child("draws", right, 1),
            child("will-draw-until-tomorrow", right, 2),
            child("drew-until-today", right, 3),
            child("draws-another", right, 4),
            child("has-no-number", right, identity_number=None),
            child("has-no-right", another, 5),
            child("is-in-no-group", None, 5),
            child("entered-today", right, 6, entered_date="2024-11-20"),
            child("enters-tomorrow", right, 6, entered_date="2024-11-21"),
            child("leaves-tomorrow", right, 6, left_date="2024-11-21"),
            child("left-today", right, 6, left_date="2024-11-20"),
            child("closed", right, 6, status_code=2),
            child("second-group", f"{another}, {right}", 6),
            child("whose-row-is-set-aside", right, 8),
            *(child(f"of-{each}", each, 6) for each in rights),
        )
        w.put(
            BENEFICIARIES,
            "now",
            beneficiary("B1", 1, group_code=group),
            beneficiary("B2", 2, group_code=group, entitled_until="2024-11-21"),
            beneficiary("B3", 3, group_code=group, entitled_until="2024-11-20", status_code=2),
            beneficiary("B4", 4, group_code=another_group),
            beneficiary("B5", 7, group_code=group, identity_number=None),
            unit="416",  # wherever the allowance is drawn
        )
        number = child("", right, 8)["identity_number"]
        w.set_aside(BENEFICIARIES, "now", {"so_dinh_danh": f" {number}"})
        found = {"drew-until-today", "draws-another", "entered-today", "leaves-tomorrow", "second-group"}
        return "now", found | {f"of-{each}" for each in rights}

    return filled


CASES[CHILDREN, "disabled_child_draws_an_allowance"] = _draws_an_allowance(("04.1", "04.2"), "04.3", "K6.N", "K1")


CASES[CHILDREN, "child_without_nurture_draws_an_allowance"] = _draws_an_allowance(("01.3", "02.1", "03.5"), "11.1", "K1", "K6.N")
