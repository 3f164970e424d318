"""What breaks the rules of the system of meritorious persons.

A file whose category or relation changes loses its amounts as well: no table is asked then, nor the lists that pay by it.
"""

from demo.faults.payments import list_faults
from demo.faults.planting import Row
from demo.faults.rules import Break, first_day_lost

UNPAID = {"allowance_vnd": None, "supplement_vnd": None}
INJURED = ("07A", "07B", "08", "09")


def off_the_table(row: Row, n: int) -> Row | None:
    return {"allowance_vnd": str(int(row["allowance_vnd"]) + 300_000)} if row["allowance_vnd"] else None


def supplement_off_the_table(row: Row, n: int) -> Row | None:
    mother = _own(row) and row["status_code"] == "1" and row["sex_code"] == "2"
    return {"category_code": "04", **UNPAID, "supplement_vnd": "990000"} if mother else None


def hardly_injured(row: Row, n: int) -> Row | None:
    return {"injury_rate": "10"} if _own(row) and row["category_code"] in INJURED and row["injury_rate"] else None


def injury_not_stated(row: Row, n: int) -> Row | None:
    """Of a file that was closed before all payment lists."""
    closed = row["entitled_until"] and row["entitled_until"] < "2024"
    return {"injury_rate": None} if closed and _own(row) and row["category_code"] in INJURED and row["injury_rate"] else None


def late_type_b(row: Row, n: int) -> Row | None:
    late = row["injury_type"] and row["decision_date"] and row["decision_date"] >= "1994"
    return {"injury_type": "B"} if late else None


def too_young_for_1945(row: Row, n: int) -> Row | None:
    return {"category_code": "02", **UNPAID} if _draws(row) and int(row["birth_year"]) > 1931 else None


def mother_is_a_man(row: Row, n: int) -> Row | None:
    return {"category_code": "04", **UNPAID} if _draws(row) and row["sex_code"] == "1" else None


def origin_lost(row: Row, n: int) -> Row | None:
    return {"origin_profile_id": None} if not _own(row) and row["origin_profile_id"] else None


def grown_child(row: Row, n: int) -> Row | None:
    relative = not _own(row) and row["status_code"] == "1" and row["relation_code"] != "4" and not row["injury_rate"]
    return {"relation_code": "4", **UNPAID} if relative and int(row["birth_year"]) < 2000 else None


def first_day_lost_of_who_draws(row: Row, n: int) -> Row | None:
    return None if _own(row) and row["category_code"] in ("03", "11") else first_day_lost(row, n)


def martyr_is_paid(row: Row, n: int) -> Row | None:
    return {"allowance_vnd": "2055000"} if _own(row) and row["category_code"] == "03" else None


def _own(row: Row) -> bool:
    return row["is_relative"] == "0"


def _draws(row: Row) -> bool:
    """Of a person's own file something is drawn: of another category it would lack its first day."""
    return _own(row) and row["entitled_from"] is not None


FAULTS = (
    *list_faults("profile_id", "amount_agrees_with_profile", 2_055 / 2_789),
    Break("allowance_matches_the_table", off_the_table, 30, "F-20", facts=("loose", "tabled")),
    Break("supplement_matches_the_table", supplement_off_the_table),
    Break("injury_rate_is_in_range", hardly_injured),
    Break("injury_rate_is_stated", injury_not_stated),
    Break("type_b_recognised_in_time", late_type_b),
    Break("birth_year_fits_category", too_young_for_1945),
    Break("heroic_mother_is_a_woman", mother_is_a_man),
    Break("relative_names_the_origin_profile", origin_lost),
    Break("child_is_under_age_or_disabled", grown_child),
    Break("martyr_has_no_allowance", martyr_is_paid),
    Break("entitlement_begins_on_a_day", first_day_lost_of_who_draws),
)
