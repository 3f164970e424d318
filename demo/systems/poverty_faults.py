"""What breaks the rules of the poverty system."""

from demo.faults.planting import FREE, LOOSE, Row
from demo.faults.rules import Break

POOR, NEAR_POOR, LEFT_POVERTY, LEFT_NEAR_POVERTY = "1", "2", "3", "4"
SWAPPED = {POOR: NEAR_POOR, NEAR_POOR: POOR}


def other_class(row: Row, n: int) -> Row | None:
    """F-22: near-poor by the class, poor by the scores, or the other way round."""
    return {"class_code": SWAPPED[row["class_code"]]} if row["class_code"] in SWAPPED else None


def not_the_sum(row: Row, n: int) -> Row | None:
    """F-24: five points more than the lacks give."""
    return {"score_b2": str(int(row["score_b2"]) + 5)}


def other_area(row: Row, n: int) -> Row | None:
    """Of a household whose scores say the same in town and country."""
    same = not 140 < float(row["score_b1"]) <= 175
    return {"area_code": "2" if row["area_code"] == "1" else "1"} if same else None


def left_what_it_was_not(row: Row, n: int) -> Row | None:
    """Out of poverty that was near-poverty; of the first year, whose year before nobody has."""
    if row.get("review_year") not in (None, 2023):
        return None
    before = {LEFT_POVERTY: NEAR_POOR, LEFT_NEAR_POVERTY: POOR}.get(row["class_code"])
    return {"previous_class_code": before} if before else None


def fell_back_and_left(row: Row, n: int) -> Row | None:
    return {"change_reason_code": "1"} if row["class_code"] in (LEFT_POVERTY, LEFT_NEAR_POVERTY) else None


def head_is_a_child(row: Row, n: int) -> Row | None:
    if row["head_relation_code"] != "1":
        return None
    # The number would tell the year of birth.
    return {"identity_number": None, "birth_date": None, "birth_year": "2015", "birth_precision": "nam"}


FAULTS = (
    Break("class_follows_scores", other_class, 30, "F-22"),
    Break("deficits_sum_to_score_b2", not_the_sum, 20, "F-24"),
    Break("area_matches_commune_kind", other_area),
    Break("class_follows_previous_class", left_what_it_was_not),
    Break("change_reason_fits_class", fell_back_and_left),
    Break("head_is_of_age", head_is_a_child, facts=(LOOSE, FREE)),
)
