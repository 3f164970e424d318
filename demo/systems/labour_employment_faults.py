"""What breaks the rules of the labour system."""

from demo.faults.planting import Row
from demo.faults.rules import Break, not_born_yet
from demo.lives.labour import EMPLOYED, INACTIVE
from schemas.sources.labour_employment import rates


def collected_from_a_child(row: Row, n: int) -> Row | None:
    return {"collected_date": f"{int(row['birth_year']) + 14}-01-01"} if row["birth_date"] else None


def position_lost(row: Row, n: int) -> Row | None:
    return {"employment_position_code": None} if row["activity_code"] == str(EMPLOYED) else None


def also_inactive(row: Row, n: int) -> Row | None:
    return {"inactive_reason_code": "3"} if row["activity_code"] != str(INACTIVE) else None


def contract_lost(row: Row, n: int) -> Row | None:
    formal = {str(f.value) for f in rates.formal_workplaces()}
    hired = row["employment_position_code"] == "4" and row["workplace_kind_code"] in formal
    return {"contract_code": None} if hired else None


def more_women_than_places(row: Row, n: int) -> Row | None:
    return {"female_place_count": str(int(row["place_count"]) + 1)}


def permit_of_a_day(row: Row, n: int) -> Row | None:
    return {"valid_until": row["valid_from"]}


def back_on_the_day(row: Row, n: int) -> Row | None:
    return {"returned_date": str(row["departed_date"])}


def zero_more(row: Row, n: int) -> Row | None:
    return {"benefit_vnd": row["benefit_vnd"] + "0"}


def month_more(row: Row, n: int) -> Row | None:
    return {"benefit_months": str(int(row["benefit_months"]) + 1)}


FAULTS = (
    Break("birth_date_has_passed", not_born_yet, also=("birth_date_and_year_agree", "is_of_labour_age")),
    Break("is_of_labour_age", collected_from_a_child),
    Break("activity_branch_is_filled", position_lost),
    Break("other_branches_are_empty", also_inactive),
    Break("employee_has_a_contract_type", contract_lost),
    Break("place_counts_are_possible", more_women_than_places),
    Break("permit_ends_after_it_begins", permit_of_a_day),
    Break("returned_after_departure", back_on_the_day),
    Break("benefit_is_share_of_wage", zero_more),
    Break("benefit_months_follow_paid_months", month_more),
)
