"""What breaks the rules of the employment service centre."""

from demo.faults.planting import FREE, LOOSE, WARNING, Planted, Row, least_or
from demo.faults.rules import Break

FIRST_VACANCY = "VT-000001"  # closed before anybody was referred
NOBODY, NOTHING = "NTV-999999", "VT-999999"


def from_more_than_to(row: Row, n: int) -> Row | None:
    return {"wage_from_vnd": str(int(row["wage_to_vnd"]) + 100_000)} if row["wage_from_vnd"] else None


def wage_of_years_ago(row: Row, n: int) -> Row | None:
    return {"wage_from_vnd": "1490000"} if row["wage_from_vnd"] else None


def more_hired_than_referred(row: Row, n: int) -> Row | None:
    return {"hired_count": str(int(row["referred_count"]) + 1)}


def to_the_first_vacancy(row: Row, n: int) -> Row | None:
    """The first vacancy was closed by the end of October 2023."""
    return {"vacancy_id": FIRST_VACANCY} if str(row["referred_date"]) > "2023-11" else None


def to_no_vacancy(row: Row, n: int) -> Row | None:
    """Of a referral of 2024: what was registered before the first quarter is not held by the hub, so nobody is asked for it."""
    return {"vacancy_id": NOTHING} if str(row["referred_date"]) >= "2024" else None


def of_nobody(row: Row, n: int) -> Row | None:
    return {"seeker_id": NOBODY}


def born_long_ago(row: Row, n: int) -> Row | None:
    """Of everybody who still looks for work the day of birth is known."""
    return {"identity_number": None, "birth_date": None, "birth_year": "1880", "birth_precision": "nam"}


FAULTS = (
    Break("birth_year_is_possible", born_long_ago, facts=(LOOSE, FREE)),
    Break("wages_are_in_order", from_more_than_to),
    Break("wage_reaches_the_regional_minimum", wage_of_years_ago),
    Break("hired_were_referred_and_referred_came", more_hired_than_referred),
    Break("referred_while_the_vacancy_was_open", to_the_first_vacancy),
    Break("vacancy_is_registered", to_no_vacancy),
    Break("seeker_is_registered", of_nobody),
)


def second_record(row: Row, n: int) -> Row:
    return {"seeker_id": f"NTV-TRUNG-{n + 1:04d}"}


def registered_twice(planted: Planted) -> None:
    """V-04: somebody has two records, so would count twice among the consulted of a quarter."""
    rows = planted.free(planted.plan.facts["numbered"])
    chosen = planted.draw("V-04").permutation(rows)[: least_or(planted.plan, 8)]
    for n, (position, row) in enumerate(zip(chosen.tolist(), planted.rows(chosen), strict=True)):
        second = {**row, "seeker_id": f"NTV-LAN-HAI-{n + 1:04d}"}
        planted.add_row(second, int(planted.plan.cell[position]), int(planted.plan.day[position]))
        for record in (row, second):
            planted.tell(record, *planted.cell_of(position), "V-04", ("one_record_a_seeker",), WARNING)
        planted.used[position] = True
