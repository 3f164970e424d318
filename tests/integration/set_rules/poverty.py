"""Set rules of the review of poor households."""

from typing import Any

from tests.integration.set_rules.cases import CASES, Case, case
from tests.integration.set_rules.rows import HOUSEHOLDS, MEMBERS, RESULTS, Warehouse, household, member


@case(HOUSEHOLDS)
def exactly_one_head(w: Warehouse) -> tuple[str, set[str]]:
    w.put(HOUSEHOLDS, "2024", *(household(f"H{n}") for n in range(1, 6)))
    w.put(MEMBERS, "2024", member("H1", 1, relation=1), member("H1", 2), member("H2", 1), member("H2", 2))
    w.put(MEMBERS, "2024", member("H3", 1, relation=1), member("H3", 2, relation=1), member("H5", 1))
    w.set_aside(MEMBERS, "2024", {"ma_ho": " H5 ", "quan_he_chu_ho": "1"})  # its head may be the row set aside
    w.set_aside(MEMBERS, "2023", {"ma_ho": "H2", "quan_he_chu_ho": "1"})  # of another year's list
    return "2024", {"H2|2024", "H3|2024"}


@case(HOUSEHOLDS)
def members_are_counted(w: Warehouse) -> tuple[str, set[str]]:
    w.put(HOUSEHOLDS, "2024", household("H1"), household("H2"), household("H3"), household("H4", 9), household("H5"))
    w.put(HOUSEHOLDS, "2024", household("H6"), unit="416")  # no members came from there
    w.put(MEMBERS, "2024", member("H1", 1), member("H1", 2), member("H2", 1), member("H5", 1))
    w.put(
        HOUSEHOLDS,
        "2024",
        household("H7", 2),
        household("H8", 3),
        household("H9", member_count=0),
        household("H10", 2, member_count=1),
    )
    w.set_aside(MEMBERS, "2024", {"ma_ho": "H5"})
    w.set_aside(MEMBERS, "2023", {"ma_ho": "H2"})  # of another year's list
    return "2024", {"H2|2024", "H3|2024", "H7|2024", "H10|2024"}


@case(HOUSEHOLDS)
def previous_class_as_recorded(w: Warehouse) -> tuple[str, set[str]]:
    w.put(HOUSEHOLDS, "2023", *(household(f"H{n}", 1) | {"review_year": 2023} for n in range(1, 4)))
    w.put(HOUSEHOLDS, "2024", household("H1", previous_class_code=1), household("H2", previous_class_code=2), household("H3"))
    w.put(HOUSEHOLDS, "2024", household("H4", previous_class_code=2), household("H5", previous_class_code=2))
    for unit, last in (("415", 1), ("416", 2)):  # in two cells last year: which of the two is not known
        w.put(HOUSEHOLDS, "2023", household("H5", last) | {"review_year": 2023}, unit=unit)
    return "2024", {"H2|2024"}


@case(MEMBERS)
def one_household_a_year(w: Warehouse) -> tuple[str, set[str]]:
    same = {"full_name": "Lô Thị Một"}
    w.put(MEMBERS, "2024", member("H1", 1, 1, **same), member("H2", 1, 1, **same), member("H3", 1, 2), member("H3", 2, 2))
    w.put(MEMBERS, "2024", member("H4", 1, 3, full_name="Lô An"), member("H5", 1, 3, full_name="Lô Bình"))
    w.put(MEMBERS, "2023", member("H6", 1, 2, review_year=2023))
    return "2024", {"H1|2024|1", "H2|2024|1"}


def _adds_up(column: str, household_class: int) -> Case:
    def filled(w: Warehouse) -> tuple[str, set[str]]:
        def signed(commune: str, count: int) -> dict[str, Any]:
            counts = {"poor_count": 0, "near_poor_count": 0, column: count}
            return {"commune_code": commune, "review_year": 2024, "household_count": 100, **counts}

        w.put(HOUSEHOLDS, "2024", household("H1", household_class), household("H2", household_class, commune_code="16744"))
        w.put(HOUSEHOLDS, "2024", household("H3", household_class, commune_code="16747"), household("H4", 9))
        w.set_aside(HOUSEHOLDS, "2024", {"ma_xa_goc": "16747"})
        w.set_aside(HOUSEHOLDS, "2024", {"ma_xa_goc": "99999", "ten_xa": "Xã Châu  Kim"})  # by its name
        w.put(RESULTS, "2024", signed("16741", 1), signed("16744", 2), signed("16747", 2), signed("16750", 0), signed("16753", 1))
        w.put(RESULTS, "2024", signed("16756", 1) | {"commune_name": "Xã Châu Kim"})
        w.put(RESULTS, "2024", signed("16759", 5), unit="416")  # no households came from there
        return "2024", {"16744|2024", "16753|2024"}

    return filled


CASES[RESULTS, "poor_households_add_up"] = _adds_up("poor_count", 1)


CASES[RESULTS, "near_poor_households_add_up"] = _adds_up("near_poor_count", 2)
