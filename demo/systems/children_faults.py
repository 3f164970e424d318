"""What breaks the rules of the register of children."""

from demo.faults.planting import FREE, LOOSE, Row
from demo.faults.rules import Break

ENTERED = "2024-02-05"


def left_open(row: Row, n: int) -> Row | None:
    """Of a child that came of age."""
    return {"status_code": "1"} if row["status_code"] == "2" else None


def of_no_group(row: Row, n: int) -> Row | None:
    return {"special_groups": "15.1"} if row["special_groups"] else None


def written_twice(row: Row, n: int) -> Row | None:
    groups = row["special_groups"]
    return {"special_groups": f"{groups}, {groups[:4]}"} if groups else None


def day_lost(row: Row, n: int) -> Row | None:
    return {"entered_date": None} if row["special_groups"] and not row["left_date"] else None


def in_a_parents_care(row: Row, n: int) -> Row | None:
    is_orphan = (row["special_groups"] or "").startswith("01.")
    return {"father_name": row["caregiver_name"]} if is_orphan else None


def cause_of_the_living(row: Row, n: int) -> Row | None:
    return {"death_cause_code": "4"} if row["is_dead"] in ("0", "false") else None


def _free(row: Row) -> bool:
    return row["status_code"] == "1" and not row["special_groups"]


def ill_and_of_no_household(row: Row, n: int) -> Row | None:
    return {"special_groups": "13.1", "entered_date": ENTERED, "household_id": None} if _free(row) else None


def disabled_without_allowance(row: Row, n: int) -> Row | None:
    return {"special_groups": "04.2", "entered_date": ENTERED} if _free(row) else None


def abandoned_without_allowance(row: Row, n: int) -> Row | None:
    return {"special_groups": "02.1", "entered_date": ENTERED} if _free(row) else None


FAULTS = (
    Break("child_is_under_age", left_open),
    Break("special_groups_are_listed", of_no_group),
    Break("special_groups_stand_once", written_twice),
    Break("special_groups_have_their_days", day_lost),
    Break("orphan_has_no_parent_caring", in_a_parents_care),
    Break("death_is_told_whole", cause_of_the_living),
    Break("ill_child_is_of_a_poor_household", ill_and_of_no_household),
    Break("disabled_child_draws_an_allowance", disabled_without_allowance, facts=(LOOSE, FREE, "unassisted")),
    Break("child_without_nurture_draws_an_allowance", abandoned_without_allowance, facts=(LOOSE, FREE, "unassisted")),
)
