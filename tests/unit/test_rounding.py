"""The rounding of open figures: its arithmetic, its bounds, and identities that no later change may move."""

import datetime as dt
import itertools
import json
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.open.rounding import NOT_REPORTED, TOO_FEW, UNDER_5, Figure, Rounding, Shown, bounds_hold
from assets.open.tables import categories_of, identity, identity_text, places, rate_identities, releasable, rows_of, tables_of
from schemas.dataset import Source
from schemas.projections.open import description
from schemas.registry import SOURCES, dataset_named, source_named
from schemas.release import Count, OpenTable, Share, Sum
from schemas.rounding import COUNTED, STATUSES, ReleaseRule, money_step, release_rules, rule_in_words
from tests.fixtures.rounded import offset, rounded
from tests.unit.test_release import declared

GOLDEN = Path(__file__).parents[1] / "golden" / "open_identities"
STEP = 50_000_000
PAYMENTS = dataset_named("meritorious_persons.monthly_payments")
BY_WAY, MONEY = PAYMENTS.open_tables
RESULTS = dataset_named("poverty.review_results")
(RATES,) = RESULTS.open_tables
SECRETS = st.binary(min_size=32, max_size=32)


def shown(secret: bytes, figure: Figure, table: OpenTable = BY_WAY, place: tuple[str, str] = ("430", "1")) -> Shown:
    dataset = RESULTS if table is RATES else PAYMENTS
    return Rounding(secret).shown(dataset, table, place, figure, STEP)


@given(SECRETS, st.integers(0, 100_000))
def test_a_count_is_off_by_four_at_most_and_as_described(secret: bytes, value: int) -> None:
    found = shown(secret, Figure(value, 100))
    of = ("meritorious_persons", "monthly_payments", "rows", "received", "430", "payment_way_code", "1")
    of_description = rounded(secret, value, *of)
    assert found == (Shown(of_description, "published") if of_description else UNDER_5)
    if found.value is not None:
        assert found.value % 5 == 0 and abs(found.value - value) <= 4
    else:
        assert value <= 4
    assert bounds_hold(BY_WAY, Figure(value, 100), found, STEP)


def test_over_the_secrets_a_count_is_unbiased_and_small_ones_are_told_apart_by_nothing() -> None:
    """What is shown of 0 to 4 is never more than one step, and each of 1 to 4 may be shown either way."""
    met = defaultdict(set)
    for n in range(300):
        for value in range(5):
            met[value].add(shown(bytes([n % 256, n // 256] * 16), Figure(value, 100)).value)
    assert met == {0: {None}, 1: {None, 5}, 2: {None, 5}, 3: {None, 5}, 4: {None, 5}}
    offsets = [offset(bytes([n % 256, n // 256] * 16), 5, "a") for n in range(1000)]
    assert {o: 150 < offsets.count(o) < 250 for o in range(5)} == dict.fromkeys(range(5), True)


@pytest.mark.parametrize("persons", range(1, 5))
def test_five_rows_or_more_on_fewer_than_five_persons_are_too_few(persons: int) -> None:
    for value in (5, 6, 40):
        assert shown(bytes(32), Figure(value, persons)) == TOO_FEW
    assert shown(bytes(32), Figure(5, 5)).status == "published"
    assert shown(bytes(32), Figure(4, persons)).status != "too_few"


def test_rows_that_are_the_things_themselves_have_nobody_behind_them() -> None:
    table = OpenTable(name="t", title="T", measure=Count(unit="hộ"))
    for persons in range(5):
        found = Rounding(bytes(32)).shown(PAYMENTS, table, ("430", "total"), Figure(5, persons), STEP)
        assert found == Shown(5, "published")


@given(SECRETS, st.integers(0, 10**12), st.integers(0, 40))
def test_money_stands_over_ten_persons_in_steps(secret: bytes, amount: int, persons: int) -> None:
    found = shown(secret, Figure(amount, persons), MONEY, ("430", "total"))
    if persons < 10:
        assert found == TOO_FEW
    elif found.value is not None:
        assert found.value % STEP == 0 and found.value > 0 and abs(found.value - amount) < STEP
    else:
        assert found == TOO_FEW and amount < STEP
    assert bounds_hold(MONEY, Figure(amount, persons), found, STEP)


@given(SECRETS, st.integers(0, 5_000), st.integers(0, 5_000), st.sampled_from(["1", "2", "total"]))
def test_a_rate_is_that_of_rounded_counts(secret: bytes, part: int, whole: int, category: str) -> None:
    figure = Figure(part, 0, whole)
    found = shown(secret, figure, RATES, ("430", category))
    counted = {"1": "poor_count", "2": "near_poor_count", "total": "near_poor_count+poor_count"}[category]
    numerator = rounded(secret, part, "poverty", "review_results", counted, "", "430", "", "")
    base = rounded(secret, whole, "poverty", "review_results", "household_count", "", "430", "", "")
    if base < 100:
        assert found == TOO_FEW
    elif numerator == 0:
        assert found == UNDER_5
    else:
        assert found.status == "published"
        tenths = (2000 * numerator + base) // (2 * base)  # half up
        assert found.value == Decimal(min(tenths, 1000)) / 10
    assert bounds_hold(RATES, figure, found, STEP)


@pytest.mark.parametrize(
    ("table", "figure", "found"),
    [
        (MONEY, Figure(STEP, 9), TOO_FEW),
        (MONEY, Figure(STEP, 10), Shown(STEP, "published")),
        (MONEY, Figure(0, 10), TOO_FEW),
        (BY_WAY, Figure(0, 0), UNDER_5),
        (BY_WAY, Figure(5, 4), TOO_FEW),
        (BY_WAY, Figure(5, 5), Shown(5, "published")),
        (RATES, Figure(50, 0, 95), TOO_FEW),
        (RATES, Figure(50, 0, 100), Shown(Decimal("50.0"), "published")),
        (RATES, Figure(0, 0, 100), UNDER_5),
        (RATES, Figure(5, 0, 100), Shown(Decimal("5.0"), "published")),
        (RATES, Figure(105, 0, 100), Shown(Decimal("100.0"), "published")),
        (RATES, Figure(5, 0, 400), Shown(Decimal("1.3"), "published")),  # 1.25: half up
    ],
)
def test_a_whole_number_of_steps_is_told_as_it_is_from_each_bound_on(table: OpenTable, figure: Figure, found: Shown) -> None:
    """By every secret: no offset moves it, so that the bounds themselves are seen."""
    assert {shown(bytes([n] * 32), figure, table) for n in range(5)} == {found}
    assert bounds_hold(table, figure, found, STEP)


@pytest.mark.parametrize(
    ("table", "found", "figure", "first", "last"),
    [
        (BY_WAY, Shown(40, "published"), lambda n: Figure(n, 50), 36, 44),
        (BY_WAY, UNDER_5, lambda n: Figure(n, 50), None, 4),
        (BY_WAY, TOO_FEW, lambda n: Figure(n, 3), 5, None),
        (MONEY, Shown(2 * STEP, "published"), lambda n: Figure(n, 50), STEP + 1, 3 * STEP - 1),
        (MONEY, TOO_FEW, lambda n: Figure(n, 3), None, None),
        (RATES, Shown(Decimal("50.0"), "published"), lambda n: Figure(n, 0, 100), 44, 56),
        (RATES, Shown(Decimal("50.0"), "published"), lambda n: Figure(48, 0, n), 96, 108),
        (RATES, Shown(Decimal("0.5"), "published"), lambda n: Figure(n, 0, 1_000), 1, 9),
        (RATES, Shown(Decimal("99.9"), "published"), lambda n: Figure(n, 0, 1_000), 991, 1_007),
        (RATES, Shown(Decimal("100.0"), "published"), lambda n: Figure(n, 0, 100), 92, None),
        (RATES, TOO_FEW, lambda n: Figure(50, 0, n), None, 99),
        (RATES, UNDER_5, lambda n: Figure(n, 0, 100), None, 4),
        (RATES, UNDER_5, lambda n: Figure(0, 0, n), 96, None),
        *((table, NOT_REPORTED, lambda n: Figure(n, n, n), None, None) for table in (BY_WAY, MONEY, RATES)),
    ],
)
def test_the_check_knows_the_first_and_the_last_figure_of_which_a_cell_may_tell(
    table: OpenTable, found: Shown, figure: Callable[[int], Figure], first: int | None, last: int | None
) -> None:
    """By some secret; None: there is no first, or no last one."""
    holds = {n: bounds_hold(table, figure(n), found, STEP) for b in (first, last) if b is not None for n in (b - 1, b, b + 1)}
    ends = {n: bounds_hold(table, figure(n), found, STEP) for n in (0, 10**10)}
    assert holds == {n: (first is None or n >= first) and (last is None or n <= last) for n in holds}
    assert ends == {0: first is None, 10**10: last is None}


def test_what_no_secret_shows_is_never_held_for_a_figure() -> None:
    """Nothing is told as 0, and what is told has a value."""
    for table, figure in ((BY_WAY, Figure(3, 50)), (MONEY, Figure(3, 50)), (RATES, Figure(50, 0, 100))):
        assert not bounds_hold(table, figure, Shown(None, "published"), STEP)
    for table in (BY_WAY, MONEY):
        assert not bounds_hold(table, Figure(3, 50), Shown(0, "published"), STEP)


def test_the_check_sees_a_figure_that_is_not_of_the_history() -> None:
    for wrong in (Figure(36, 50), Figure(44, 50)):
        assert bounds_hold(BY_WAY, wrong, Shown(40, "published"), STEP)
    for wrong in (Figure(35, 50), Figure(45, 50)):
        assert not bounds_hold(BY_WAY, wrong, Shown(40, "published"), STEP)
    assert not bounds_hold(BY_WAY, Figure(40, 50), Shown(41, "published"), STEP), "an exact figure"
    assert not bounds_hold(BY_WAY, Figure(5, 50), UNDER_5, STEP)
    assert not bounds_hold(MONEY, Figure(STEP, 50), Shown(2 * STEP, "published"), STEP)
    assert not bounds_hold(RATES, Figure(40, 0, 400), Shown(Decimal("13.0"), "published"), STEP)
    assert not bounds_hold(RATES, Figure(40, 0, 400), TOO_FEW, STEP)


def identities(source: Source) -> list[str]:
    """Every identity of the province and of one unit, by table and cell."""
    lines = []
    for dataset, table in tables_of(source):
        period = releasable(dataset, dt.date(2024, 11, 20))[-1]
        units = [u.code for u in rows_of(dataset, period)]
        chosen = [units[0], *(["unknown"] if "unknown" in units else [])]
        for place in places(chosen, categories_of(dataset, table, period)):
            of = (
                rate_identities(dataset, table, place) if isinstance(table.measure, Share) else (identity(dataset, table, place),)
            )
            lines += [f"{table.name} {'/'.join(place)} {identity_text(each)}" for each in of]
    return lines


def golden(source: Source) -> list[str]:
    path = GOLDEN / f"{source.name}.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def write_golden(name: str) -> None:
    """Write down the identities of a system's new open tables; what is written stays."""
    source = source_named(name)
    kept = golden(source)
    lines = [*kept, *(line for line in identities(source) if line not in kept)]
    (GOLDEN / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
def test_identities_are_those_by_which_figures_were_rounded_from_the_first_day(source: Source) -> None:
    """Another identity is another offset: the same figure shown twice, rounded in two ways, is given away.

    A new table adds lines. A line that changes or goes needs a new name of the table, and the old one withdrawn.
    """
    found, kept = set(identities(source)), set(golden(source))
    assert kept <= found, "a figure would be rounded by another offset than before"
    write = f"python -c \"from tests.unit.test_rounding import write_golden; write_golden('{source.name}')\""
    assert found <= kept, f"{source.name} has open tables whose identities are not written down: {write}"


def test_one_figure_in_two_tables_has_one_identity_and_two_figures_never_share_one() -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for line in itertools.chain.from_iterable(map(golden, SOURCES)):
        table, place, of = line.split(" ", 2)
        seen[of].add(f"{table} {place}")
        system, dataset, counted, _, unit, by, category = json.loads(of)
        assert place.split("/")[0] == unit and (not by) == (not category)
        assert dataset_named(f"{system}.{dataset}") and counted
    shared = {frozenset(p.split(" ")[1] for p in places) for places in seen.values() if len(places) > 1}
    # The totals of two tables over the same rows, and the base under each part of a rate: nothing else.
    assert shared and all({p.split("/")[0] for p in group} and len({p.split("/")[0] for p in group}) == 1 for group in shared)
    members = [p for p in seen.values() if {"workers_by_activity 40/total", "workers_by_training_level 40/total"} <= p]
    assert len(members) == 1


def test_an_identity_holds_no_wording_and_no_day() -> None:
    import dataclasses

    reworded = dataclasses.replace(
        BY_WAY, title="Khác", where=dataclasses.replace(BY_WAY.where, sql="is_received is true"), note="khác"
    )
    assert identity(PAYMENTS, reworded, ("430", "1")) == identity(PAYMENTS, BY_WAY, ("430", "1"))
    renamed = dataclasses.replace(BY_WAY, where=dataclasses.replace(BY_WAY.where, name="paid"))
    assert identity(PAYMENTS, renamed, ("430", "1")) != identity(PAYMENTS, BY_WAY, ("430", "1"))


def test_the_order_of_summed_fields_makes_no_other_figure() -> None:
    one, other = (
        declared("meritorious_persons.monthly_payments", name="t", measure=Sum(amounts=fields)).open_tables[0]
        for fields in (("amount_vnd", "arrears_vnd"), ("arrears_vnd", "amount_vnd"))
    )
    assert identity(PAYMENTS, one, ("40", "total")) == identity(PAYMENTS, other, ("40", "total"))


def test_the_rule_is_dated_data_with_its_reasons_and_its_words() -> None:
    assert money_step(dt.date(2024, 10, 31)) == money_step(min(r.valid_from for r in release_rules())) == STEP
    assert all(r.reason for r in release_rules())
    vi, en = rule_in_words()
    assert "50.000.000" in vi and "50,000,000" in en and "25" in vi and "25" in en
    assert set(STATUSES) == {"published", "under_5", "too_few", "not_reported"}
    assert set(COUNTED) == set(STATUSES), "a table's event counts its figures by how they stand"
    dataset = dataset_named("social_protection.monthly_payments")
    for table in dataset.open_tables:
        told = description(dataset, table)  # on the UI's page of the table
        assert vi in told and en not in told


def test_a_number_of_the_rule_is_that_of_its_name_and_day_and_the_newest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    first, change = dt.date(2000, 1, 1), dt.date(2025, 1, 1)
    rules = (
        ReleaseRule("money_step", 60_000_000, "mẫu", change, None),
        ReleaseRule("other", 7, "mẫu", first, None),
        ReleaseRule("money_step", STEP, "mẫu", first, change - dt.timedelta(days=1)),
    )
    monkeypatch.setattr("schemas.rounding.release_rules", lambda: rules)
    assert [money_step(day) for day in (first, change - dt.timedelta(days=1), change)] == [STEP, STEP, 60_000_000]
    assert "60.000.000" in rule_in_words()[0] and "60,000,000" in rule_in_words()[1]
    with pytest.raises(LookupError, match="money_step: no value is in force on 1999-12-31"):
        money_step(first - dt.timedelta(days=1))
