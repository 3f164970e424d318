"""What breaks the rules of the system of social protection. U-02: a code that is not valid yet."""

from demo.faults.payments import list_faults
from demo.faults.planting import FREE, LOOSE, REJECTED, Row
from demo.faults.rules import Break

AMOUNT = "allowance_is_coefficient_times_standard"
NEEDS_POVERTY = ("K3.A", "K3.B", "K4", "K5A.1", "K5A.2", "K5B", "K7", "K8")


def old_standard(row: Row, n: int) -> Row | None:
    new = row["standard_vnd"] == "500000"
    return {"standard_vnd": "360000", "allowance_vnd": str(int(row["allowance_vnd"]) * 360 // 500)} if new else None


def zero_more(row: Row, n: int) -> Row | None:
    return {"allowance_vnd": row["allowance_vnd"] + "0"}


def nobodys_coefficient(row: Row, n: int) -> Row | None:
    at_home = row["care_place_code"] == "1" and row["status_code"] == "1"
    return {"coefficient": "9.0"} if at_home and not row["group_code"].startswith("CS.") else None


def too_young_for_its_group(row: Row, n: int) -> Row | None:
    """Of an entitlement that ended before all payment lists, which would be found to be paid out of age."""
    ended = row["entitled_until"] and row["entitled_until"] < "2024"
    if not ended or row["group_code"] != "K5C":
        return None
    # The number would tell the year of birth.
    return {"identity_number": None, "birth_date": None, "birth_year": "1990", "birth_precision": "nam"}


def lightly_disabled(row: Row, n: int) -> Row | None:
    return {"disability_level_code": "3"} if row["group_code"].startswith("K6.") else None


def household_of_no_class(row: Row, n: int) -> Row | None:
    poor = row["group_code"] in NEEDS_POVERTY and row["household_class_code"]
    return {"household_class_code": "0"} if poor else None


def group_of_next_year(row: Row, n: int) -> Row | None:
    """The pension of the elderly who had none begins on 1/7/2025."""
    oldest = row["group_code"] == "K5C" and row["status_code"] == "1"
    return {"group_code": "HTXH"} if oldest else None


FAULTS = (
    *list_faults("beneficiary_id", "amount_agrees_with_beneficiary", 360 / 500),
    Break("standard_is_in_force", old_standard, 30, "F-20", also=(AMOUNT,), facts=(LOOSE, "active")),
    Break(AMOUNT, zero_more, 10, "F-20", facts=(LOOSE, "active")),
    Break("coefficient_matches_group", nobodys_coefficient, also=(AMOUNT,)),
    Break("age_fits_group", too_young_for_its_group, facts=(LOOSE, FREE)),
    Break("disability_level_fits_group", lightly_disabled),
    Break("household_class_fits_group", household_of_no_class),
    Break("group_code_listed", group_of_next_year, 4, "U-02", outcome=REJECTED, fields=("group_code",)),
)
