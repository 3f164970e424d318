"""The reader of the open data finds what is planted for him, and nothing where the rule holds: else his proof proves nothing."""

import itertools
from collections.abc import Callable, Iterable

import numpy as np
import pytest

from tests.fixtures.reader import PROVINCE, TOTAL, Count, Figure, Line, Meaning, Reader, betrayed
from tests.fixtures.worlds import Contradiction, Worlds

ROWS = "persons"
NOTES = {name: Meaning("count", ROWS) for name in ("by_sex", "by_age", "by_class", "by_way", "by_place")}
Counts = dict[tuple[str, str], int]  # unit, category
Offset = Callable[[str, str, str, str], int]  # table, period, unit, category


def table_of(parts: Counts) -> Counts:
    """With the totals of units, categories and the province."""
    found = dict(parts)
    for (unit, category), n in parts.items():
        for place in ((unit, TOTAL), (PROVINCE, category), (PROVINCE, TOTAL)):
            found[place] = found.get(place, 0) + n
    return found


def lines(counts: Counts, offset: Offset, table: str = "by_sex", period: str = "2024") -> list[Line]:
    """A table rounded by the rule of the issue, written here again."""

    def line(unit: str, category: str, shown: int) -> Line:
        return Line(table, period, unit, "sex", category, shown or None, "published" if shown else "under_5")

    shown = {p: line(*p, (n + offset(table, period, *p)) // 5 * 5) for p, n in table_of(counts).items()}
    return list(shown.values())


def fixed(of: dict[tuple[str, str], int]) -> Offset:
    return lambda table, period, unit, category: of.get((unit, category), 2)


def truth_of(counts: Counts, period: str = "2024", look: int = 0) -> dict[Count, int]:
    return {Count(Figure(ROWS, u, "" if c == TOTAL else "sex", c), period, look): n for (u, c), n in table_of(counts).items()}


def count(unit: str, category: str, period: str = "2024") -> Count:
    return Count(Figure(ROWS, unit, "" if category == TOTAL else "sex", category), period, 0)


def row(*counts: int) -> Counts:
    """One unit's small counts, and a unit beside it that is large in everything."""
    return {("a", str(i)): n for i, n in enumerate(counts)} | {("b", str(i)): 1000 for i in range(len(counts))}


@pytest.mark.landing
def test_worlds_are_those_that_counting_finds() -> None:
    rng = np.random.default_rng(1)
    for _ in range(12):
        weights = rng.integers(-2, 3, (3, 4))
        inside = rng.integers(0, 5, 4)
        ends = [(int(w @ inside) - int(rng.integers(0, 2)), int(w @ inside) + int(rng.integers(0, 2))) for w in weights]
        worlds = Worlds()
        for n in range(4):
            worlds.number(n, 0, 4)
        for w, end in zip(weights, ends, strict=True):
            worlds.state([(n, float(x)) for n, x in enumerate(w) if x] or [(0, 0.0)], *end)
        every = np.array(list(itertools.product(range(5), repeat=4)))
        sums, (least, most) = every @ weights.T, np.array(ends).T
        fit = every[((least <= sums) & (sums <= most)).all(axis=1)]
        assert worlds.possible(range(4), enough=9) == {n: set(fit[:, n].tolist()) for n in range(4)}


def test_an_exact_total_beside_rounded_parts_betrays_them() -> None:
    counts = row(1, 1)
    reader = Reader(NOTES, are_totals_added=True)
    reader.take(lines(counts, fixed({("a", "0"): 4, ("a", "1"): 4})))
    assert betrayed(reader.possible(truth_of(counts))) == {}
    reader.worlds.number(count("a", TOTAL), 2, 2)
    assert reader.possible(truth_of(counts))[count("a", "0")] == {1}


@pytest.mark.parametrize(
    ("counts", "offset", "of_total", "values"),
    [((1, 1, 1), 4, 1, {1, 2}), ((1, 1, 1, 1), 4, 0, {1}), ((4, 4, 4), 0, 3, {3, 4}), ((96, 1, 11), 4, 1, {1, 2})],
)
def test_a_total_rounded_apart_betrays_parts_that_all_err_alike(
    counts: tuple[int, ...], offset: int, of_total: int, values: set[int]
) -> None:
    """A total with an offset of its own cuts the corners of what its parts may be; the sum of what is shown does not."""
    true = row(*counts)
    drawn = fixed({("a", str(i)): offset for i in range(len(counts))} | {("a", TOTAL): of_total})
    alone, added = Reader(NOTES), Reader(NOTES, are_totals_added=True)
    alone.take(lines(true, drawn))
    added.take(lines(true, drawn))
    assert values in betrayed(alone.possible(truth_of(true))).values()
    assert betrayed(added.possible(truth_of(true))) == {}


def test_offsets_that_change_and_are_known_betray_what_stood_still() -> None:
    counts, known = row(3, 40), {f"2024-{month + 1:02d}": month for month in range(5)}
    truth = {k: n for period in known for k, n in truth_of(counts, period).items()}
    reader = Reader(NOTES, shares=lambda line, figure: (figure, line.period), are_totals_added=True)
    reader.take(line for period, o in known.items() for line in lines(counts, lambda *_, o=o: o, period=period))
    reader.guess(truth)
    first = count("a", "0", "2024-01")
    assert reader.worlds.possible([first], enough=9) == {first: {1, 2, 3, 4}}  # not known, they narrow it from nine values
    for period, o in known.items():
        reader.worlds.number(("offset", (first.figure, period)), o, o)
    assert reader.possible(truth)[first] == {3}


def test_one_figure_with_an_offset_for_each_table_is_narrowed() -> None:
    counts = row(3)
    tables = {"by_sex": 0, "by_age": 4}
    shown = [line for t in tables for line in lines(counts, lambda t, p, u, c: tables[t] if u == "a" else 2, table=t)]
    reader = Reader(NOTES, shares=lambda line, figure: (figure, line.table))
    reader.take(shown)
    total = count("a", TOTAL)
    assert reader.worlds.possible([total], enough=9) == {total: {1, 2, 3, 4}}
    reader = Reader(NOTES)
    reader.take(shown)
    with pytest.raises(Contradiction):
        reader.possible(truth_of(counts))


def test_hiding_small_counts_beside_shown_zeros_betrays_them() -> None:
    """Suppression: a total of two over two hidden counts, of which none is the zero that would have been shown."""
    worlds = Worlds()
    for name in ("one", "other"):
        worlds.number(name, 1)
    worlds.state([("one", 1), ("other", 1)], 2, 2)
    assert worlds.possible(["one"]) == {"one": {1}}


def test_the_months_of_a_figure_share_one_offset() -> None:
    """Five months in which a lone figure walks: what was learnt of its offset narrows it, to no fewer than three values."""
    offset = 4
    months = {f"2024-{m:02d}": n for m, n in enumerate((0, 1, 5, 6, 1), start=1)}
    reader = Reader(NOTES, are_totals_added=True)
    reader.take(line for p, n in months.items() for line in lines(row(n), lambda *_: offset, period=p))
    truth = {k: v for p, n in months.items() for k, v in truth_of(row(n), p).items()}
    reader.guess(truth)
    assert betrayed(reader.possible(truth)) == {}


def drawn(rng: np.random.Generator) -> Offset:
    """A fixed offset of each figure; tables share their totals'."""
    found: dict[tuple[str, ...], int] = {}

    def offset(table: str, period: str, unit: str, category: str) -> int:
        return found.setdefault((unit, category) if category == TOTAL else (table, unit, category), int(rng.integers(5)))

    return offset


def months(rng: np.random.Generator, units: int, shares: Iterable[float], turnover: float, count: int) -> list[Counts]:
    size = np.exp(rng.normal(0, 1, units))[:, None] * np.array(list(shares))
    now = rng.poisson(size)
    found = []
    for _ in range(count):
        found.append({(f"u{i}", str(j)): int(n) for (i, j), n in np.ndenumerate(now)})
        now = now - rng.binomial(now, turnover) + rng.poisson(turnover * size)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_added_totals_hold_over_many_months_and_small_units(seed: int) -> None:
    rng = np.random.default_rng(seed)
    walked = months(rng, 40, (6, 2, 1.5), 0.1, 9)
    reader, offset = Reader(NOTES, are_totals_added=True), drawn(rng)
    shown = [line for m, counts in enumerate(walked) for line in lines(counts, offset, period=f"2024-{m + 1:02d}")]
    reader.take(shown)
    truth = {k: n for m, counts in enumerate(walked) for k, n in truth_of(counts, f"2024-{m + 1:02d}").items()}
    reader.guess(truth)
    possible = reader.possible(truth)
    assert len(possible) > 300
    assert betrayed(possible) == {}
