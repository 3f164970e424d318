"""What breaks the rules of the forms of social evils."""

from demo.faults.planting import Row
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


FAULTS = (
    Break("items_add_up", one_more_came, 20),
    Break("begins_where_the_month_before_ended", one_was_there_before, 20),
    Break("women_are_among_them", more_women_than_people, 20),
    Break("means_are_told_in_december", means_in_another_month, 20),
)
