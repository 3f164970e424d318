"""What breaks the rules of vocational education."""

from demo.faults.planting import Row
from demo.faults.rules import Break


def more_women_than_enrolled(row: Row, n: int) -> Row | None:
    return {"female_count": str(int(row["new_count"]) + 1)}


def beyond_the_quota(row: Row, n: int) -> Row | None:
    """More than a tenth beyond it."""
    reached = int(row["cumulative_count"])
    return {"quota_count": str(reached // 2)} if reached else None


def of_years_before(row: Row, n: int) -> Row | None:
    """Of a year that no list is of: beside one that is, what was reached would seem to have fallen."""
    first = int(row["school_year"][:4]) - 2
    return {"school_year": f"{first}-{first + 1}"}


def fallen(row: Row, n: int) -> Row | None:
    """Less than the month before, which was what is reached now without those of this month."""
    before = int(row["cumulative_count"]) - int(row["new_count"])
    return {"cumulative_count": str(before - 1)} if before else None


def of_another_level(row: Row, n: int) -> Row | None:
    return {"occupation_code": ("6" if row["level_code"] == "2" else "5") + row["occupation_code"][1:]}


def college_in_a_centre(row: Row, n: int) -> Row | None:
    """With the code that belongs to it."""
    if not row["institution_id"].startswith("TT-"):
        return None
    return {"level_code": "1", "occupation_code": "6" + row["occupation_code"][1:]}


def of_nobody(row: Row, n: int) -> Row | None:
    return {"institution_id": f"XX-{n + 1:02d}"}


def more_graduates_than_intake(row: Row, n: int) -> Row | None:
    graduates = int(row["graduate_count"])
    return {"intake_count": str(graduates - 1)} if graduates else None


def more_employed_than_graduates(row: Row, n: int) -> Row | None:
    return {"employed_count": str(int(row["graduate_count"]) + 1)}


FAULTS = (
    Break("groups_are_among_the_enrolled", more_women_than_enrolled),
    Break("enrolled_within_the_quota", beyond_the_quota),
    Break("month_is_of_its_school_year", of_years_before),
    Break("enrolment_never_falls", fallen),
    Break("occupation_is_of_its_level", of_another_level),
    Break("level_fits_the_institution", college_in_a_centre),
    Break("institution_is_registered", of_nobody),
    Break("graduates_are_among_the_intake", more_graduates_than_intake),
    Break("employed_are_among_the_graduates", more_employed_than_graduates),
)
