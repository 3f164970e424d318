"""What breaks the rules of the register of children."""

import numpy as np

from demo.faults.planting import FREE, LOOSE, REJECTED, Row
from demo.faults.rules import Break
from demo.people.places import places

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
    """Without a number nobody asks whether the orphan draws an allowance."""
    orphan: Row = {"special_groups": "01.3", "entered_date": ENTERED, "identity_number": None}
    return {**orphan, "father_name": row["caregiver_name"]} if _free(row) and row["caregiver_name"] else None


def born_long_ago(row: Row, n: int) -> Row | None:
    """Of one whose record is closed: an open one would be found to be of age as well, and the number would tell the year."""
    born: Row = {"identity_number": None, "birth_date": None, "birth_year": "1880", "birth_precision": "nam"}
    return born if row["status_code"] == "2" else None


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


def lost_reference(row: Row, n: int) -> Row | None:
    """A cell whose formula named a sheet that is gone."""
    return {"caregiver_name": "#REF!"} if row["caregiver_name"] else None


def of_another_district(row: Row, n: int) -> Row | None:
    """A child that moved away, and is in the list of the office that it left."""
    where = places()
    here = np.flatnonzero(where.codes == row["commune_code"])
    if not len(here):
        return None
    there = np.flatnonzero(where.district != where.district[here[0]])[n * 37 % 200]
    return {"commune_code": str(where.codes[there]), "commune_name": str(where.names[there])}


FAULTS = (
    Break("birth_year_is_possible", born_long_ago, facts=(LOOSE, FREE)),
    Break("child_is_under_age", left_open),
    Break("special_groups_are_listed", of_no_group),
    Break("special_groups_stand_once", written_twice),
    Break("special_groups_have_their_days", day_lost),
    Break("orphan_has_no_parent_caring", in_a_parents_care, facts=(LOOSE, FREE)),
    Break("death_is_told_whole", cause_of_the_living),
    Break("ill_child_is_of_a_poor_household", ill_and_of_no_household),
    Break("disabled_child_draws_an_allowance", disabled_without_allowance, facts=(LOOSE, FREE, "unassisted")),
    Break("child_without_nurture_draws_an_allowance", abandoned_without_allowance, facts=(LOOSE, FREE, "unassisted")),
    Break("sender_matches", of_another_district, 8, "F-30", outcome=REJECTED, fields=("commune_code", "commune_name")),
    Break("caregiver_name_readable", lost_reference, 4, "F-28", outcome=REJECTED, fields=("caregiver_name",)),
)
