"""What breaks the rules of the forms of social evils."""

from demo.faults.planting import REJECTED, SILENT, Row
from demo.faults.rules import Break


def _last(row: Row) -> str:
    """The last item of the form."""
    return "relapsed" if "relapsed_opening" in row else "centre_voluntary"


def one_more_came(row: Row, n: int) -> Row | None:
    item = _last(row)
    return {f"{item}_added": str(int(row[f"{item}_added"]) + 1)}


def one_was_there_before(row: Row, n: int) -> Row | None:
    """And came not: what is left is right, where it begins is not."""
    item = _last(row)
    opening, removed = int(row[f"{item}_opening"]), int(row[f"{item}_removed"])
    return {f"{item}_opening": str(opening + 1), f"{item}_removed": str(removed + 1)}


def more_women_than_people(row: Row, n: int) -> Row | None:
    item = _last(row)
    return {f"{item}_female": str(int(row[f"{item}_closing"]) + 1)}


def means_in_another_month(row: Row, n: int) -> Row | None:
    return {"staff_count": "2"}


def a_cross_for_some(row: Row, n: int) -> Row | None:
    """There were some, and nobody counted them."""
    return {f"{_last(row)}_added": "x"}


def a_dash_for_nothing(row: Row, n: int) -> Row | None:
    """Whoever reads a file takes it for a cell in which nothing is told."""
    item = f"{_last(row)}_added"
    return {item: "-"} if row[item] == "0" else None


FAULTS = (
    Break("", a_dash_for_nothing, 20, "F-34", outcome=SILENT),
    Break("relapsed_added_readable", a_cross_for_some, 20, "F-34", outcome=REJECTED, fields=("relapsed_added",)),
    Break("centre_voluntary_added_readable", a_cross_for_some, 20, "F-34", outcome=REJECTED, fields=("centre_voluntary_added",)),
    Break("items_add_up", one_more_came, 20),
    Break("begins_where_the_month_before_ended", one_was_there_before, 20),
    Break("women_are_among_them", more_women_than_people, 20),
    Break("means_are_told_in_december", means_in_another_month, 20),
)
