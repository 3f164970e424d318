"""The promise of the open data, proved against what it shows: no count of 1 to 4 is told exactly or to two values.

A reader who knows nothing of the product asks what he can make of everything that was published. He has the files of several
nights; for larger parts of the province the true figures are counted in pandas over the synthetic rows, and the product rounds
them. `make test` asks at a small scale, `make test-all` at larger ones and by communes too.

The promise is one of nearly all secrets, not of all. A total is off by four at most, so where all its parts happen to be off
the same way as far as they can be, the total tells of them. How many secrets that befalls is counted here too.
"""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pytest

from assets.open import nights
from assets.open.figures import figures, snapshot
from assets.open.rounding import Figure, Rounding
from assets.open.tables import categories_of, identity, places, rows_of, tables_of
from demo.build import DEFAULT_SCALE
from schemas import calendar
from schemas.dataset import PROVINCE
from schemas.projections.open import released_name
from schemas.registry import SOURCES
from schemas.release import TOTAL, Share, Sum
from schemas.rounding import money_step
from tests.fixtures.counted import Counted, counted
from tests.fixtures.reader import Count, Line, Reader, betrayed, read
from tests.integration.province import SECRET, SMALL, Province, province

TODAY = dt.date(2024, 11, 30)


# What a decision recognised, and the households that it recognised so: two datasets, and each figure is rounded in both.
LINKED = [(("poverty.review_results", "rate", ""), ("poverty.households", None, ""))]


def known(reader: Reader, line: Line, figure: Figure, payment: tuple[int, int]) -> None:
    """What everybody knows of a line besides the line: of how many households a rate is, between what a payment lies."""
    meaning = reader.notes[line.table]
    if meaning.kind == "rate" and figure.whole:
        reader.bases[line.table, line.period, line.unit] = figure.whole
    if payment[1]:
        least, most = reader.payments.get(meaning.rows, payment)
        reader.payments[meaning.rows] = (min(least, payment[0]), max(most, payment[1]))


# What was published --------------------------------------------------------------------------------------------------


@pytest.fixture(
    scope="module",
    params=[pytest.param(SMALL, marks=pytest.mark.landing), pytest.param(str(DEFAULT_SCALE), marks=pytest.mark.long)],
)
def made(request: pytest.FixtureRequest) -> Iterator[Province]:
    with province(scale=request.param, after_first_night=True) as found:
        yield found


def true_figures(made: Province) -> dict[tuple[str, str, str, str], Figure]:
    """(table, period, unit, category) -> the figure behind each cell that stands published now."""
    found, engine = {}, made.engine()
    with snapshot(engine) as connection:
        for source in SOURCES:
            for dataset, table in tables_of(source):
                instants = nights.kept(connection, dataset)
                for period in {p for p, _ in instants}:
                    as_of = {unit: i.as_of for (p, unit), i in instants.items() if p == period}
                    counted_now = figures(connection, dataset, table, period, as_of)
                    units = [u.code for u in rows_of(dataset, period)]
                    for place in places(units, categories_of(dataset, table, period)):
                        found[released_name(dataset, table), period, *place] = counted_now.get(place, Figure())
    engine.dispose()
    return found


def amounts(made: Province) -> dict[str, tuple[int, int]]:
    """The least and the largest payment of each system."""
    found = {}
    for name in ("meritorious_persons", "social_protection"):
        money = "amount_vnd + coalesce(arrears_vnd, 0)"
        [row] = made.rows(f"select min({money}), max({money}) from core.{name}_monthly_payments where is_received")
        found[f"{name}_amount_paid"] = (int(row[0]), int(row[1]))
    return found


def test_no_small_count_is_betrayed_by_all_that_was_published_in_two_nights(made: Province) -> None:
    """All periods; late units that came between; a night on which figures were revised; and right guesses of what stood still."""
    reader, truth = Reader(), dict[Count, int]()
    revised = 0
    for later in (None, "2024-11-25"):  # the first night lies behind it
        if later:
            made.ansinh("demo", "day", later)
            made.nightly()
        lines, behind, paid = read(made.home / "open"), true_figures(made), amounts(made)
        for line in lines:
            known(reader, line, behind[line.table, line.period, line.unit, line.category], paid.get(line.table, (0, 0)))
        look = reader.take(lines)
        for line in lines:
            if reader.notes[line.table].kind != "money" and line.status != "not_reported":
                truth[reader.count_of(line, look)] = behind[line.table, line.period, line.unit, line.category].value
        revised += sum(line.status == "published" for line in lines)
    assert len(truth) > 8_000 and revised > 4_000
    reader.guess(truth)
    assert reader.link(truth, LINKED)
    possible = reader.possible(truth)
    assert len(possible) > 1_000
    assert betrayed(possible) == {}


# A part of the province ----------------------------------------------------------------------------------------------


def shown(table: Counted, rounding: Rounding) -> list[Line]:
    step, of = money_step(calendar.span(table.period)[1]), table.table
    name, found = released_name(table.dataset, of), []
    for unit, category in places(table.units, categories_of(table.dataset, of, table.period)):
        cell = rounding.shown(table.dataset, of, (unit, category), Figure(*table.cell(unit, category)), step)
        value = None if cell.value is None else float(cell.value)
        found.append(Line(name, table.period, unit, of.by or "", category, value, cell.status))
    return found


@pytest.mark.parametrize(
    ("scale", "by_commune", "since", "least"),
    [
        pytest.param(0.01, False, "2024-06", 400, id="a hundredth, districts", marks=pytest.mark.long),
        pytest.param(0.1, False, "2023", 500, id="a tenth, districts", marks=pytest.mark.long),
        pytest.param(0.1, True, "2024-10", 1000, id="a tenth, 130 communes", marks=pytest.mark.long),
    ],
)
def test_no_small_count_of_a_part_of_the_province_is_betrayed(scale: float, by_commune: bool, since: str, least: int) -> None:
    """Of the communes two months of the payment lists: more would be the same program, and an hour."""
    reader, lines, truth = Reader(), [], dict[Count, int]()
    for table in counted(scale, TODAY, since, by_commune=by_commune):
        of_table = shown(table, Rounding(SECRET))
        lines += of_table
        for line in of_table:
            figure = Figure(*table.cell(line.unit, line.category))
            known(reader, line, figure, table.payment)
            if reader.notes[line.table].kind != "money":
                truth[reader.count_of(line, 0)] = figure.value
    reader.take(lines)
    reader.guess(truth)
    assert reader.link(truth, LINKED)
    possible = reader.possible(truth)
    assert len(possible) > least
    assert betrayed(possible) == {}


# Of how many secrets the promise is ----------------------------------------------------------------------------------


def betraying(table: Counted, offsets: np.ndarray, cells: list[tuple[str, str]]) -> np.ndarray:
    """Of each secret (a row of offsets, a column a cell), whether one total of a period tells a part of 1 to 4 to two values."""
    true = np.array([table.cell(*place).value for place in cells])
    rounded = 5 * ((true + offsets) // 5)
    low, high = np.maximum(rounded - 4, 0), rounded + 4
    at = {place: n for n, place in enumerate(cells)}
    categories = list(dict.fromkeys(c for _, c in cells))
    sums = [(at[PROVINCE, c], [at[u, c] for u in table.units]) for c in categories]
    sums += [
        (at[u, TOTAL], [at[u, c] for c in categories if c != TOTAL]) for u in (PROVINCE, *table.units) if len(categories) > 1
    ]
    found = np.zeros(len(offsets), bool)
    for whole, parts in sums:
        small = [n for n in parts if 0 < true[n] < 5]
        if small:
            rest_low = low[:, parts].sum(1)[:, None] - low[:, small]
            rest_high = high[:, parts].sum(1)[:, None] - high[:, small]
            least = np.maximum(low[:, small], low[:, [whole]] - rest_high)
            most = np.minimum(high[:, small], high[:, [whole]] - rest_low)
            found |= (most - least < 2).any(1)
    return found


@pytest.mark.parametrize(
    ("scale", "by_commune", "since", "secrets", "most"),
    [
        pytest.param(0.01, False, "2024-06", 200, 0.02, id="a hundredth, districts", marks=pytest.mark.landing),
        pytest.param(0.1, False, "2023", 400, 0.02, id="a tenth, districts", marks=pytest.mark.long),
        pytest.param(0.1, True, "2024-10", 50, 0.15, id="a tenth, 130 communes", marks=pytest.mark.long),
    ],
)
def test_of_few_secrets_a_total_of_the_last_periods_tells_a_small_part(
    scale: float, by_commune: bool, since: str, secrets: int, most: float
) -> None:
    """Counts of one period of each table at a part of the province. With the whole province fewer counts are small."""
    last: dict[str, Counted] = {}
    for table in counted(scale, TODAY, since, by_commune=by_commune):
        if not isinstance(table.table.measure, Sum | Share):
            name = released_name(table.dataset, table.table)
            last[name] = max(last.get(name, table), table, key=lambda t: t.period)
    drawn = [Rounding(n.to_bytes(32, "big")) for n in range(secrets)]
    found = np.zeros(secrets, bool)
    for table in last.values():
        cells = places(table.units, categories_of(table.dataset, table.table, table.period))
        of = [identity(table.dataset, table.table, place) for place in cells]
        offsets = np.array([[secret.offset(each, 5) for each in of] for secret in drawn])
        found |= betraying(table, offsets, cells)
    print(f"{found.sum()} of {secrets} secrets")
    assert 0 < found.mean() < most
