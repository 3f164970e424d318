"""The promise of the open data, proved against what it shows: no count of 1 to 4 is told exactly or to two values.

The true figures are counted in pandas over the synthetic province's rows, the product rounds them, and a reader who knows
nothing of the product asks what he can make of them.
"""

import datetime as dt

import pytest

from assets.open.rounding import Figure, Rounding
from assets.open.tables import categories_of, places
from schemas import calendar
from schemas.rounding import money_step
from schemas.to_open import released_name
from tests.fixtures.counted import Counted, counted
from tests.fixtures.reader import Count, Line, Reader, betrayed

TODAY = dt.date(2024, 11, 30)
SECRET = Rounding(bytes(range(32)))


def shown(table: Counted) -> list[Line]:
    step, of = money_step(calendar.span(table.period)[1]), table.table
    name, found = released_name(table.dataset, of), []
    for unit, category in places(table.units, categories_of(table.dataset, of, table.period)):
        cell = SECRET.shown(table.dataset, of, (unit, category), Figure(*table.cell(unit, category)), step)
        value = None if cell.value is None else float(cell.value)
        found.append(Line(name, table.period, unit, of.by or "", category, value, cell.status))
    return found


@pytest.mark.parametrize(
    ("by_commune", "since", "least"), [(False, "2023", 500), (True, "2024-09", 1500)], ids=["districts", "130 communes"]
)
def test_no_small_count_of_a_tenth_of_the_province_is_betrayed(by_commune: bool, since: str, least: int) -> None:
    """Of the communes three months of the payment lists: more would be the same program, and an hour."""
    reader, lines, truth = Reader(), [], dict[Count, int]()
    for table in counted(0.1, TODAY, by_commune=by_commune):
        if table.dataset.kind == "monthly" and table.period < since:
            continue
        of_table = shown(table)
        lines += of_table
        rows = reader.notes[of_table[0].table].rows
        if table.payment[1]:
            before = reader.payments.get(rows, table.payment)
            reader.payments |= {rows: (min(before[0], table.payment[0]), max(before[1], table.payment[1]))}
        for line in of_table:
            cell = table.cell(line.unit, line.category)
            reader.bases |= {(line.table, line.period, line.unit): cell.whole} if cell.whole else {}
            if reader.notes[line.table].kind != "money":
                truth[reader.count_of(line, 0)] = cell.value
    reader.take(lines)
    reader.guess(truth)
    possible = reader.possible(truth)
    assert len(possible) > least
    assert betrayed(possible) == {}
