"""Set rules on a real warehouse: each is given rows that break it and rows that come close, and must name exactly the first."""

import datetime as dt

import pytest
import sqlalchemy as sa

from resources.warehouse.arrivals import ledger
from resources.warehouse.loading import set_rules
from resources.warehouse.quarantine import standing
from schemas import calendar
from schemas.dataset import NO_ROW, SetRule
from schemas.projections.postgres import set_rule_query
from schemas.registry import DATASETS, dataset_named
from schemas.rules.sets import set_aside
from tests.integration.set_rules.cases import CASES
from tests.integration.set_rules.persons import put_born
from tests.integration.set_rules.rows import (
    HOUSEHOLDS,
    JOBS,
    MEMBERS,
    PERIODS,
    PROFILES,
    READ_AT,
    RESULTS,
    TODAY,
    WORKERS,
    Warehouse,
    human,
)


@pytest.mark.parametrize(("dataset", "rule"), sorted(CASES), ids=lambda v: v)
def test_set_rule_finds_exactly_its_rows(warehouse: Warehouse, dataset: str, rule: str) -> None:
    period, expected = CASES[dataset, rule](warehouse)
    assert warehouse.found(dataset, rule, period) == expected


def test_what_is_set_aside_counts_of_its_dataset_and_period_while_it_waits(warehouse: Warehouse) -> None:
    """What was mended since is among the rows again; of another dataset or year it says nothing here."""
    for dataset, period, key in (
        (MEMBERS, "2024", " H1 "),
        (MEMBERS, "2024", "H2"),
        (MEMBERS, "2023", "H3"),
        (HOUSEHOLDS, "2024", "H4"),
    ):
        warehouse.set_aside(dataset, period, {"ma_ho": key})
    warehouse.connection.execute(sa.text("update quarantine.rows set resolved_at = now() where received ->> 'ma_ho' = 'H2'"))
    for period, expected in (("'2024'", {"H1"}), (None, {"H1", "H3"})):
        asked = SetRule("x", "x", "x", "x", "x", set_aside(MEMBERS, "household_id", period=period))
        found = warehouse.connection.execute(sa.text(set_rule_query(asked))).scalars()
        assert set(found) == expected


def test_every_set_rule_has_a_case() -> None:
    declared = {(d.id, r.name) for d in DATASETS for r in d.set_rules}
    assert declared == set(CASES)


def test_set_rules_find_nothing_in_an_empty_warehouse(warehouse: Warehouse) -> None:
    for dataset in DATASETS:
        for rule in dataset.set_rules:
            assert warehouse.found(dataset.id, rule.name, PERIODS[dataset.kind][0]) == set()


def test_a_rule_over_periods_looks_at_all_of_them_when_one_moves(warehouse: Warehouse) -> None:
    """The warning stands on both rows, and leaves both when one of them goes."""
    table = dataset_named(WORKERS).table

    def open_remarks() -> list[str]:
        return list(
            warehouse.connection.execute(
                sa.text("select period from quarantine.remarks where resolved_at is null and rule = :r order by period"),
                {"r": "same_key_in_two_cells"},
            ).scalars()
        )

    for year in ("2023", "2024"):
        warehouse.put(WORKERS, year, human(7, form_id="P1", activity_code=1, sex_code=1, collection_year=int(year)))
        set_rules.evaluate(warehouse.connection, {f"core.{table}": {year}}, READ_AT, TODAY)
    assert open_remarks() == ["2023", "2024"]
    warehouse.connection.execute(sa.text(f"update history.{table} set recorded_to = :at where period = '2024'"), {"at": READ_AT})
    set_rules.evaluate(warehouse.connection, {f"core.{table}": {"2024"}}, READ_AT, TODAY)
    assert open_remarks() == []


OVER_PERIODS = sorted({(d.id, r.name) for d in DATASETS for r in d.set_rules if r.across_periods})


LATER = READ_AT + dt.timedelta(days=1)


def remarks(warehouse: Warehouse, dataset_id: str, rule: str, *, of: str = "resolved_at is null") -> set[tuple[str, str, str]]:
    dataset = dataset_named(dataset_id)
    rows = warehouse.connection.execute(
        sa.text(f"""select period, unit_code, row_key from quarantine.remarks
            where source = :source and dataset = :dataset and rule = :rule and {of}"""),
        {"source": dataset.source.name, "dataset": dataset.name, "rule": rule, "first": READ_AT, "later": LATER},
    )
    return {(period, unit, key) for period, unit, key in rows}


@pytest.mark.parametrize(("dataset_id", "rule"), OVER_PERIODS, ids=lambda v: v)
def test_a_rule_over_periods_warns_of_what_it_finds_period_by_period(warehouse: Warehouse, dataset_id: str, rule: str) -> None:
    period, expected = CASES[dataset_id, rule](warehouse)
    dataset, until = dataset_named(dataset_id), dt.date(2025, 3, 1)
    sql = next(set_rule_query(r) for r in dataset.set_rules if r.name == rule)
    one_by_one = set()
    for each in calendar.started(dataset, until):
        first, last = (until, until) if each == "now" else calendar.span(each)
        asked = {"period": each, "first_day": first, "last_day": last}
        one_by_one |= {(each, unit, key) for unit, key in warehouse.connection.execute(sa.text(sql), asked)}
    set_rules.evaluate(warehouse.connection, {f"core.{dataset.table}": {period}}, READ_AT, until)
    assert remarks(warehouse, dataset_id, rule) == one_by_one
    assert bool(one_by_one) is bool(expected), "a register of the province is one cell, in which no key stands twice"


def test_a_remark_is_resolved_in_the_period_where_it_applies_no_more(warehouse: Warehouse) -> None:
    """The same key of the same unit stands in three periods: what stands in one of them says nothing of the remark in another."""
    rule, core = "same_key_in_two_cells", f"core.{dataset_named(JOBS).table}"
    for month in ("2024-08", "2024-09", "2024-10"):
        warehouse.put(JOBS, month, {"row_key": "P1"})
    warehouse.put(JOBS, "2024-07", {"row_key": "P2"}, {"row_key": "P3"})
    warehouse.put(JOBS, "2024-08", {"row_key": "P2"})
    assert set_rules.evaluate(warehouse.connection, {core: {"2024-10"}}, READ_AT, TODAY) == {"labour_employment"}
    both = {("2024-07", "415", "P2"), ("2024-08", "415", "P2")}
    assert remarks(warehouse, JOBS, rule) == both | {(month, "415", "P1") for month in ("2024-08", "2024-09", "2024-10")}
    warehouse.connection.execute(
        sa.text("update history.labour_employment_jobs_created set recorded_to = :at where period = '2024-10'"), {"at": READ_AT}
    )
    warehouse.put(JOBS, "2024-09", {"row_key": "P3"})
    set_rules.evaluate(warehouse.connection, {core: {"2024-10"}}, LATER, TODAY)
    stand = both | {("2024-08", "415", "P1"), ("2024-09", "415", "P1")}
    new = {("2024-07", "415", "P3"), ("2024-09", "415", "P3")}
    assert remarks(warehouse, JOBS, rule, of="first_seen = :first and last_seen = :later and resolved_at is null") == stand
    assert remarks(warehouse, JOBS, rule, of="first_seen = :later and resolved_at is null") == new
    assert remarks(warehouse, JOBS, rule, of="resolved_at = :later") == {("2024-10", "415", "P1")}


def test_a_rule_of_one_period_leaves_the_remarks_of_the_others(warehouse: Warehouse) -> None:
    rule, core = "same_key_in_two_cells", f"core.{dataset_named(RESULTS).table}"
    for year in ("2023", "2024"):
        for unit in ("415", "416"):
            warehouse.put(RESULTS, year, {"row_key": "16741"}, unit=unit)
    set_rules.evaluate(warehouse.connection, {core: {"2023", "2024"}}, READ_AT, TODAY)
    each = {(year, unit, "16741") for year in ("2023", "2024") for unit in ("415", "416")}
    assert remarks(warehouse, RESULTS, rule) == each
    warehouse.connection.execute(sa.text("update history.poverty_review_results set recorded_to = :at"), {"at": READ_AT})
    set_rules.evaluate(warehouse.connection, {core: {"2024"}}, LATER, TODAY)
    assert remarks(warehouse, RESULTS, rule) == {one for one in each if one[0] == "2023"}


@pytest.mark.parametrize("dataset_id", [PROFILES, MEMBERS])
def test_too_many_born_on_1_january_warns_of_the_cell_and_of_no_row(warehouse: Warehouse, dataset_id: str) -> None:
    period = put_born(warehouse, dataset_id, "415", 700, 10)
    put_born(warehouse, dataset_id, "416", 700, 10, precision=None)  # a day is told, and of its precision nothing
    put_born(warehouse, dataset_id, "417", 700, 9)
    put_born(warehouse, dataset_id, "418", 699, 400)  # too few to tell
    put_born(warehouse, dataset_id, "419", 900, 500, precision="nam")  # 1 January stands for the year, and says so
    put_born(warehouse, dataset_id, "420", 1500, 20)
    dataset, rule = dataset_named(dataset_id), "born_on_any_day"
    where = {"s": dataset.source.name, "d": dataset.name, "p": period}
    warehouse.connection.execute(
        sa.text("""insert into ops.cells (source, dataset, period, unit_code, status, expected) values (:s, :d, :p, '415', 'on_time', true)
            on conflict (source, dataset, period, unit_code) do nothing"""),
        where,
    )
    set_rules.evaluate(warehouse.connection, {f"core.{dataset.table}": {period}}, READ_AT, TODAY)
    assert remarks(warehouse, dataset_id, rule) == {(period, "415", NO_ROW), (period, "416", NO_ROW)}
    ledger.count_remarks(warehouse.connection, dataset.source.name)
    standing.count(warehouse.connection, dataset.source.name)
    others = """select count(distinct row_key) from quarantine.remarks where source = :s and dataset = :d and period = :p
        and unit_code = '415' and resolved_at is null and kind = 'warning' and rule <> 'born_on_any_day'"""
    warned = "select rows_warned from ops.cells where source = :s and dataset = :d and period = :p and unit_code = '415'"
    count = warehouse.connection.execute(sa.text(others), where).scalar_one()
    assert warehouse.connection.execute(sa.text(warned), where).scalar_one() == count, "no row is warned of by it"
    [told] = [s for s in standing.read(warehouse.connection, *dataset_id.split(".")) if s.rule == rule]
    assert (told.kind, told.rows, told.weight) == ("warning", 2, "record")
