"""Hidden cells stay hidden: against the hub's own attack and against an outsider's program over the released rows alone."""

import dataclasses
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.additive import Cell, System
from assets.attacker import attack, attack_editions
from assets.disclosure import Unprotectable, protect
from assets.open.figures import Figure, OpenFrame
from assets.release_pattern import decide, groups
from schemas.dataset import PROVINCE
from schemas.release import TOTAL, Sum
from tests.fixtures import open_frames as draw
from tests.fixtures.outsider import betrayed, hidden_ranges, released

PROJECT = Path(__file__).resolve().parents[2]


def decided(frames: list[OpenFrame], earlier: list[list[OpenFrame]] | None = None) -> list[OpenFrame]:
    found = []
    for group in groups(frames):
        names = {f.name for f in group}
        found += decide(group, [[f for f in e if f.name in names] for e in earlier or []])
    return found


def assert_safe(frames: list[OpenFrame]) -> None:
    assert [str(v) for v in attack(frames)] == []
    assert betrayed(released(frames)) == []
    for f in frames:
        for place in f.places():
            if f.status(place) != "published":
                continue
            assert not f.is_small(place), f"{f.name}: a small count is shown"
            if isinstance(f.table.measure, Sum):
                assert f.figure(place).persons >= 10 or f.figure(place).value == 0


SHAPES = {
    "poverty": draw.poverty,
    "merit": lambda scale, seed: draw.payments("meritorious_persons", scale, seed),
    "assistance": lambda scale, seed: draw.payments("social_protection", scale * 2.3, seed),
    "jobs": draw.jobs,
    "workers": draw.workers,
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("scale", [0.01, 0.1])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_total_of_any_released_table_reveals_a_small_count(shape: str, scale: float, seed: int) -> None:
    frames = decided(SHAPES[shape](scale, seed))
    assert_safe(frames)
    # Not by hiding everything: what is large enough and stands far from the small ones is shown.
    if scale >= 0.1:
        figured = [(f, p) for f in frames for p in f.places() if f.figure(p).value > 0]
        hidden = sum(f.status(p) == "suppressed" for f, p in figured)
        assert hidden / len(figured) < 0.6


def test_zero_is_published_and_large_counts_alone_hide_nothing() -> None:
    frame = draw.frame(
        "poverty.households", "households_by_class", "2023", lambda u, c: Figure(0 if (u, c) == ("415", "9") else 25)
    )
    (shown,) = decided([frame])
    assert shown.hidden == frozenset()
    assert shown.shown(("415", "9")) == 0
    assert shown.status(("415", "9")) == "published"


def test_the_attacks_find_what_hiding_the_small_counts_alone_gives_away() -> None:
    """Both programs must be able to fail: a lone hidden cell in a row is its total less the rest."""
    (frame,) = draw.jobs(0.1, 1)
    bare = frame.with_hidden(p for p in frame.places() if frame.is_small(p))
    found = {(v.unit, v.category) for v in attack([bare])}
    assert found
    assert found == {(u, c) for _, u, c in betrayed(released([bare]))}
    alone = frame.with_hidden([("415", "1")])
    assert hidden_ranges(released([alone]))[alone.name, "415", "1"] == (frame.figure(("415", "1")).value,) * 2


def test_a_violation_names_the_cell_and_no_value() -> None:
    frame = draw.frame("labour_employment.workers", "workers_by_training_level", "2023", lambda u, c: draw.people(739))
    violations = attack([frame.with_hidden([("415", "1")])])
    assert [(v.unit, v.category) for v in violations] == [("415", "1")]
    assert "739" not in str(violations[0])


def test_tables_over_the_same_people_are_decided_together() -> None:
    """One table's hidden unit total would come back as the sum of the other's cells."""
    small = {"415": {"1": 2, "2": 1, "3": 0}}
    by_activity = draw.frame(
        "labour_employment.workers",
        "workers_by_activity",
        "2023",
        lambda u, c: draw.people(small.get(u, {}).get(c, 30)),
    )
    by_level = draw.frame(
        "labour_employment.workers",
        "workers_by_training_level",
        "2023",
        lambda u, c: draw.people(({"1": 1, "2": 2} if u == "415" else {"1": 30, "2": 30, "3": 30}).get(c, 0)),
    )
    apart = [decide([by_activity])[0], decide([by_level])[0]]
    together = decided([by_activity, by_level])
    assert_safe(together)
    for f in together:
        assert f.status(("415", TOTAL)) == "suppressed"
    assert {f.name for f in apart} == {f.name for f in together}


@given(
    data=st.data(),
    units=st.integers(2, 6),
    first=st.integers(1, 4),
    second=st.integers(1, 4),
)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_any_two_linked_tables(data: st.DataObject, units: int, first: int, second: int) -> None:
    """Small tables of any numbers, sharing their unit totals: the hardest, for every cell is near a small one."""
    codes = [f"{400 + n}" for n in range(units)]
    counts = st.one_of(st.just(0), st.integers(1, 6), st.integers(5, 400))
    one = {(u, f"a{c}"): data.draw(counts) for u in codes for c in range(first)}
    two = {}
    for u in codes:  # the second table cuts the same people another way
        left = sum(n for (unit, _), n in one.items() if unit == u)
        for c in range(second):
            part = left if c == second - 1 else data.draw(st.integers(0, left))
            two[u, f"b{c}"] = part
            left -= part
    frames = decided(
        [
            draw.frame(
                "labour_employment.workers",
                name,
                "2023",
                lambda u, c, cells=cells: draw.people(cells[u, c]),
                unit_codes=codes,
                categories=tuple(sorted({c for _, c in cells})),
            )
            for name, cells in (("workers_by_activity", one), ("workers_by_training_level", two))
        ]
    )
    assert_safe(frames)


def test_ranges_are_those_of_all_tables_that_could_be() -> None:
    """The programs against a count of every table of whole numbers with the same shown figures."""
    rows = {("401", "a"): 3, ("401", "b"): 6, ("402", "a"): 5, ("402", "b"): 4}
    frame = draw.frame(
        "labour_employment.workers",
        "workers_by_activity",
        "2023",
        lambda u, c: draw.people(rows[u, c]),
        unit_codes=["401", "402"],
        categories=("a", "b"),
    ).with_hidden(rows)
    possible = [
        (w, x, y, z) for w, x, y, z in itertools.product(range(12), repeat=4) if (w + x, y + z, w + y, x + z) == (9, 9, 8, 10)
    ]
    ranges = hidden_ranges(released([frame]))
    for n, place in enumerate(rows):
        seen = [table[n] for table in possible]
        assert ranges[(frame.name, *place)] == (min(seen), max(seen))


def test_a_hundred_and_thirty_communes() -> None:
    rng = draw.np.random.default_rng(5)
    codes = [f"{17000 + n}" for n in range(130)]
    frames = decided(
        [
            draw.frame(
                "labour_employment.workers",
                "workers_by_activity",
                "2023",
                lambda u, c: draw.people(rng.poisson({"a": 30, "b": 6, "c": 2, "d": 12}[c])),
                unit_codes=codes,
                categories=("a", "b", "c", "d"),
            )
        ]
    )
    assert_safe(frames)


def test_rows_and_people_both_count() -> None:
    """Six payments to two people are as small as two."""
    frame = draw.frame("labour_employment.workers", "workers_by_activity", "2023", lambda u, c: Figure(40, 40))
    figures = dict(frame.figures) | {("415", "1"): Figure(6, 2), ("415", TOTAL): Figure(86, 82)}
    (shown,) = decided([draw.summed(dataclasses.replace(frame, figures=figures))])
    assert shown.status(("415", "1")) == "suppressed"
    assert_safe([shown])


def test_money_follows_its_count() -> None:
    """Where a count is hidden so is its money, and no hidden amount is the total less the others."""
    frames = decided(draw.payments("meritorious_persons", 0.004, 11))
    counts, money = frames
    for place in money.places():
        if counts.status(place) == "suppressed":
            assert money.status(place) == "suppressed"
    assert any(money.status(p) == "suppressed" for p in money.places())
    assert_safe(frames)
    one = money.with_hidden([("415", TOTAL)])
    assert [(v.unit, v.category) for v in attack([one])] == [("415", TOTAL)]


def test_an_amount_that_covered_for_another_stays_hidden() -> None:
    """Shown in a later edition, where 417 covers at less cost, it would give 415 away by the totals of the earlier one."""

    def payments(counts: dict[str, int]) -> list[OpenFrame]:
        def persons(unit: str) -> int:
            return counts.get(unit, 200)

        way = draw.frame(
            "meritorious_persons.monthly_payments",
            "payments_by_way",
            "2024-10",
            lambda u, c: draw.people(persons(u) if c == "1" else 0),
        )
        paid = draw.frame(
            "meritorious_persons.monthly_payments",
            "amount_paid",
            "2024-10",
            lambda u, c: Figure(persons(u) * 2_789_000, persons(u)),
            low=500_000,
            high=60_000_000,
        )
        return [way, dataclasses.replace(paid, moved={"417": 49})]

    first = decided(payments({"415": 8, "416": 12, "417": 60}))
    assert first[1].hidden == {("415", TOTAL), ("416", TOTAL)}
    second = decided(payments({"415": 8, "416": 12, "417": 11}), [first])
    assert second[1].hidden >= first[1].hidden


@pytest.mark.parametrize(("scale", "seed"), [(0.01, 1), (0.03, 2), (0.1, 3)])
def test_the_total_of_a_rate_is_hidden_where_a_class_is(scale: float, seed: int) -> None:
    """With the base it is the classes that it counts together: less those that are shown, it would tell the hidden ones."""
    frames = {f.name: f for f in decided(draw.poverty(scale, seed))}
    shown, rate = frames["poverty_households_by_class"], frames["poverty_rates_by_class"]
    of_hidden = {
        unit for unit, category in shown.places() if category != TOTAL and shown.status((unit, category)) == "suppressed"
    }
    assert of_hidden
    assert [unit for unit in of_hidden if rate.status((unit, TOTAL)) == "published" and rate.figure((unit, TOTAL)).value] == []


def test_money_does_not_tell_a_hidden_count() -> None:
    """With equal payments the amount is the count: an attack that knows the law finds a pattern which shows the money."""
    counts = draw.frame(
        "social_protection.monthly_payments",
        "payments_by_way",
        "2024-10",
        lambda u, c: draw.people({"1": 20, "2": 3, "3": 0}[c] if u in ("415", "416") else {"1": 50, "2": 30, "3": 0}[c]),
    )
    money = draw.frame(
        "social_protection.monthly_payments",
        "amount_paid",
        "2024-10",
        lambda u, c: Figure(500_000 * counts.figure((u, TOTAL)).value, counts.figure((u, TOTAL)).value),
        low=500_000,
        high=500_000,
    )
    shown = counts.with_hidden(p for u in ("415", "416") for p in ((u, "1"), (u, "2"), (u, TOTAL)))
    assert attack([shown]) == []
    assert {v.unit for v in attack([shown, money])} == {"415", "416"}
    assert_safe(decided([counts, money]))


def test_a_rate_goes_where_its_count_goes() -> None:
    households, _, rates = draw.poverty(0.01, 4)
    shown, rate = decided([households, rates])
    hidden = {p for p in rate.places() if p[1] != TOTAL and shown.status(p) == "suppressed"}
    assert hidden
    assert all(rate.status(p) == "suppressed" for p in hidden)
    for place in rate.places():
        if rate.status(place) == "published":
            assert rate.figure(place).value == 0 or rate.figure(place).value >= 10


def test_the_pattern_is_the_same_in_every_process() -> None:
    """Sets and hashes differ from one process to the next; a release must not."""
    program = (
        "from tests.fixtures import open_frames as d; from assets.release_pattern import decide\n"
        "print([sorted(f.hidden) for f in decide(d.payments('meritorious_persons', 0.02, 8))])"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert "(" in told[0]


def test_unprotectable_is_said() -> None:
    """A count whose every cover is already known cannot be hidden."""
    system = System(
        cells={"a": Cell(3, True), "b": Cell(20, False, known=True), "t": Cell(23, False, known=True)},
        sums=[("t", ("a", "b"))],
    )
    with pytest.raises(Unprotectable):
        protect(system)


# Editions: what was shown once is known.


def test_a_missing_unit_leaves_the_province_without_a_figure() -> None:
    frames = decided(draw.without(draw.payments("meritorious_persons", 0.01, 2), "417"))
    for f in frames:
        assert {f.status(p) for p in f.places() if p[0] in (PROVINCE, "417")} == {"not_reported"}
        assert all(r[-3] is None for r in f.rows() if r[1] in (PROVINCE, "417"))
    assert_safe(frames)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("scale", [0.01, 0.1])
def test_a_late_unit_comes_in_whole(scale: float, seed: int) -> None:
    """The edition before it was made so that its cells can be covered now, though what was shown is known."""
    whole = draw.payments("meritorious_persons", scale, seed)
    first = decided(draw.without(whole, "417"))
    second = decided(whole, [first])
    assert not any(f.held_units for f in second)
    for f in second:
        assert f.status((PROVINCE, TOTAL)) == "published"
        former = next(e for e in first if e.name == f.name)
        for place in former.places():
            if former.status(place) == "published":
                assert f.status(place) == "published", "what was shown and has not changed covers nothing when hidden"
    assert_safe(second)
    assert attack_editions([first, second]) == []


def _mid_table() -> OpenFrame:
    cells = {"415": {"1": 0, "2": 40, "3": 3}, "416": {"1": 12, "2": 30, "3": 9}, "417": {"1": 9, "2": 25, "3": 2}}
    return draw.frame(
        "labour_employment.workers",
        "workers_by_activity",
        "2023",
        lambda u, c: draw.people(cells.get(u, {"1": 20, "2": 30, "3": 8})[c]),
    )


def test_the_attack_over_editions_sees_a_difference() -> None:
    """0 shown, then 3 hidden: every total rose by 3."""
    frame = _mid_table()
    first = decided([frame])
    later = draw.changed(first[0], "415", "1", 3)
    careless = later.with_hidden({*first[0].hidden, ("415", "1"), ("415", "2"), ("416", "1"), ("416", "2")})
    assert ("415", "1") in {(v.unit, v.category) for v in attack_editions([first, [careless]])}


def test_a_small_change_is_held_until_it_can_be_shown() -> None:
    frame = _mid_table()
    first = decided([frame])
    small = decided([draw.changed(frame, "415", "1", 3)], [first])
    assert small[0].held_units == {"415"}
    assert small[0].shown(("415", "1")) == 0
    assert small[0].shown((PROVINCE, "1")) == first[0].shown((PROVINCE, "1"))
    enough = decided([draw.changed(frame, "415", "1", 7)], [first, small])
    assert not enough[0].held_units
    assert not enough[0].is_small(("415", "1"))
    assert enough[0].shown((PROVINCE, TOTAL)) == frame.figure((PROVINCE, TOTAL)).value + 7
    assert_safe(enough)
    assert attack_editions([first, small, enough]) == []


def test_a_held_unit_does_not_hold_the_others() -> None:
    frame = _mid_table()
    first = decided([frame])
    later = draw.changed(draw.changed(frame, "415", "1", 2), "420", "2", 11)
    (second,) = decided([later], [first])
    assert second.held_units == {"415"}
    assert second.shown(("420", "2")) == 41
    assert second.shown((PROVINCE, "2")) == frame.figure((PROVINCE, "2")).value + 11
    assert attack_editions([first, [second]]) == []


@pytest.mark.parametrize("seed", [1, 3])
def test_nights_of_small_changes_never_betray_a_count(seed: int) -> None:
    """Rows that come and go for some nights: each edition safe alone, and all of them together."""
    rng = draw.np.random.default_rng(seed)
    (frame,) = draw.jobs(0.05, seed)
    editions: list[list[OpenFrame]] = []
    codes = [u.code for u in frame.units]
    for _ in range(4):
        editions.append(decided([frame], editions))
        assert_safe(editions[-1])
        assert attack_editions(editions) == []
        for _ in range(3):
            unit, category = str(rng.choice(codes)), str(rng.integers(1, 5))
            by = int(rng.integers(1, 4)) if rng.random() < 0.7 else -min(2, frame.figure((unit, category)).value)
            frame = draw.changed(frame, unit, category, by)
