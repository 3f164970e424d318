"""What becomes of cells when a night is out of the ordinary: what is held, counted and told stays what it should be."""

import dataclasses
import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pandas as pd
import pytest
import sqlalchemy as sa

from assets.cells.asset import run_cells
from assets.cells.run import Outcome, Request, moved_since_due, revalidate_dataset, sync_dataset
from resources.embedded import EmbeddedServer
from resources.hub import Hub
from resources.warehouse.engine import Warehouse, WarehouseLost
from resources.warehouse.loading.incremental import Increment
from schemas import units
from schemas.dataset import Dataset, Moment, Rule
from schemas.sources.social_protection import BENEFICIARIES, MONTHLY_PAYMENTS
from tests.integration.two_hubs import DATASETS, OPEN, Two, change, check_as_from_nothing, fresh_hub, held, nothing_read, pulls

LIST, REGISTER = MONTHLY_PAYMENTS.source_table, BENEFICIARIES.source_table
COMMUNE = MONTHLY_PAYMENTS.column("commune_code").source_column
FIRST = dt.date(2024, 11, 20)
MONTH = "thang = date '2024-10-01'"


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


def rows(hub: Hub, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with hub.warehouse.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query), values)]


def run(two: Two, hub: Hub, dataset: Dataset, **asked: Any) -> Outcome:
    with two.snapshot(hub) as opened:
        return sync_dataset(hub, dataset, opened, Request("test", **asked))


def by_hand(two: Two, hub: Hub, dataset: Dataset, period: str, unit: str, **asked: Any) -> Outcome:
    return run(two, hub, dataset, cells=frozenset({(period, unit)}), **asked)


def codes_of(unit: str, on: dt.date) -> str:
    """The codes of a unit's communes, as SQL lists them."""
    return ", ".join(f"'{code}'" for code, of in units.placing(FIRST, on).items() if of == unit)


@contextmanager
def declared_empty(two: Two, unit: str) -> Iterator[None]:
    """A unit's line in the submission log: of October it has nothing."""
    line = f"'{unit}', '{LIST}', '2024-10', timestamptz '2024-11-20 00:00+07', 0, true"
    names = "ma_don_vi, bang, ky, thoi_diem_nop, so_dong, khai_rong"
    assert change(two, f"insert into nhat_ky_nop ({names}) values ({line})") == 1
    try:
        yield
    finally:
        assert change(two, f"delete from nhat_ky_nop where ({names}) = ({line})") == 1


def test_what_a_first_load_refused_stays_out_when_it_is_read_again(two: Two, hub: Hub) -> None:
    strict = dataclasses.replace(BENEFICIARIES, tolerated_share=0.0)
    change(two, f"update {REGISTER} set ma_doi_tuong = null where ctid in (select min(ctid) from {REGISTER} group by ma_xa_goc)")
    with nothing_read(two) as other, mock.patch("assets.cells.acceptance.TOLERATED_ROWS", 0):
        outcome = run(two, other, strict)
        assert len(outcome.refused()) > 10
        assert {c.unit for c in outcome.loaded()} <= {"unknown"}
        with other.warehouse.engine.begin() as connection:  # what no unit answers for is never refused
            connection.exec_driver_sql(f"delete from history.{BENEFICIARIES.table}")
        run(two, other, strict, whole=True)
        assert rows(other, f"select count(*) from core.{BENEFICIARIES.table} where unit_code <> 'unknown'") == [(0,)]


@contextmanager
def day(two: Two) -> Iterator[Callable[[str], object]]:
    clock = two.made.home / "clock"
    before = clock.read_text() if clock.exists() else None
    try:
        yield clock.write_text
    finally:
        clock.unlink() if before is None else clock.write_text(before)


def test_a_register_is_judged_by_the_lists_of_the_day(two: Two, hub: Hub) -> None:
    """From December 2024 on Cửa Lò is part of Vinh: nothing moved at the source, and its rows have another unit."""
    with day(two) as is_now:
        is_now("2024-12-02")
        two.night(hub)
        assert rows(hub, f"select count(*) from core.{BENEFICIARIES.table} where unit_code = '413'") == [(0,)]
        with nothing_read(two) as other:
            two.night(other)
            assert held(hub, BENEFICIARIES)["rows"] == held(other, BENEFICIARIES)["rows"]
        assert [outcome.missed for outcome in two.night(hub, whole=True)] == [[], []]


@pytest.mark.parametrize("was_refused", [False, True])
def test_a_unit_of_a_register_that_ended_is_emptied(two: Two, hub: Hub, was_refused: bool) -> None:
    """Its rows are its successor's: nobody could confirm it, and held by both they would be counted twice."""
    with day(two) as is_now:
        for today in ("2024-12-02", "2025-07-02"):
            is_now(today)
            if was_refused:
                with mock.patch("assets.cells.run.ledger.expected_units", return_value=[u.code for u in units.districts(FIRST)]):
                    assert run(two, hub, BENEFICIARIES).refused()
            outcome = run(two, hub, BENEFICIARIES, whole=was_refused)
            assert outcome.refused() == []
            assert rows(hub, f"select count(*) - count(distinct row_key) from core.{BENEFICIARIES.table}") == [(0,)]


@pytest.mark.parametrize("asked", [{"cells": frozenset({("2024-10", "412")})}, {"periods": frozenset({"2024-10"})}])
def test_a_part_read_before_the_first_night_does_not_end_the_first_pull(two: Two, hub: Hub, asked: dict[str, Any]) -> None:
    """A first pull loads every month, locked ones too."""
    by_month = f"select period, count(*) from core.{MONTHLY_PAYMENTS.table} group by 1 order by 1"
    with nothing_read(two) as other:
        run(two, other, MONTHLY_PAYMENTS, **asked)
        assert rows(other, "select last_success_at from ops.datasets") == []
        two.night(other)
        assert rows(other, by_month) == rows(hub, by_month)
        assert rows(other, "select sum(rows_waiting) from ops.cells") == [(0,)]


def test_a_mark_of_nothing_refuses_no_cell_whose_rows_stand(two: Two, hub: Hub) -> None:
    """A copy in one cell makes its neighbours be looked at as well."""
    found = rows(hub, f"select unit_code from core.{MONTHLY_PAYMENTS.table} where period = '2024-10' group by 1 order by 1")
    (marked,), (other,) = found[:2]
    commune = rows(
        hub, f"select min(commune_code) from core.{MONTHLY_PAYMENTS.table} where period = '2024-10' and unit_code = :u", u=other
    )[0][0]
    stands = f"select count(*) from core.{MONTHLY_PAYMENTS.table} where period = '2024-10' and unit_code = '{marked}'"
    standing = rows(hub, stands)
    with declared_empty(two, marked):
        place = f"select ctid from {LIST} where {MONTH} and {COMMUNE} = '{commune}' limit 1"
        assert change(two, f"insert into {LIST} select * from {LIST} where ctid = ({place})") == 1
        outcome = run(two, hub, MONTHLY_PAYMENTS)
        assert outcome.refused() == []
        assert other in {c.unit for c in outcome.loaded()}
        assert rows(hub, stands) == standing


@pytest.mark.parametrize("day", ["12024-11-01", "infinity", "-infinity", "0044-03-15 BC"])
def test_a_day_beyond_the_calendar_stops_its_row_alone(two: Two, hub: Hub, day: str) -> None:
    before = rows(hub, f"select count(*) from core.{MONTHLY_PAYMENTS.table}")[0][0]
    assert change(two, f"update {LIST} set thang = date '{day}' where ctid = (select min(ctid) from {LIST} where {MONTH})") == 1
    two.night(hub)
    assert rows(hub, f"select count(*) from core.{MONTHLY_PAYMENTS.table}") == [(before - 1,)]
    rejected = rows(
        hub, "select count(*) from quarantine.rows where resolved_at is null and received ->> 'thang' !~ '^20[0-9]{2}-'"
    )
    assert rejected == [(0 if day.startswith(("-", "0")) else 1,)], "what is before every month is of none"
    check_as_from_nothing(two, hub)


def test_after_a_start_of_the_source_what_moved_is_read_whole(two: Two, hub: Hub) -> None:
    """Who puts an earlier copy of a cluster back starts it; from there on numbers of transactions are given once more."""
    EmbeddedServer(two.made.home).control("restart")
    two.night(hub)
    before = len(pulls(hub))
    two.night(hub)
    assert pulls(hub)[before:] == []
    EmbeddedServer(two.made.home).control("restart")
    assert change(two, f"update {REGISTER} set ho_ten = 'Mới' where ctid = (select min(ctid) from {REGISTER})") == 1
    two.night(hub)
    assert {kind for _, kind, _ in pulls(hub)[before:]} == {"whole"}
    assert change(two, f"update {REGISTER} set ho_ten = 'Mới nữa' where ctid = (select min(ctid) from {REGISTER})") == 1
    before = len(pulls(hub))
    two.night(hub)
    assert pulls(hub)[before:] == [("beneficiaries", "delta", 1)]


def test_what_the_source_emptied_stays_empty_when_validated_again(two: Two, hub: Hub) -> None:
    change(two, f"update {LIST} set {COMMUNE} = (select min({COMMUNE}) from {LIST} where {MONTH}) where {MONTH}")
    two.night(hub)
    ((unit,),) = rows(hub, f"select distinct unit_code from core.{MONTHLY_PAYMENTS.table} where period = '2024-10'")
    assert change(two, f"delete from {LIST} where {MONTH}") > 5
    [emptied] = by_hand(two, hub, MONTHLY_PAYMENTS, "2024-10", unit, confirm_shrink=True).cells
    assert (emptied.outcome, emptied.received) == ("accepted", 0)
    revalidate_dataset(hub, MONTHLY_PAYMENTS, Request("test", frozenset({("2024-10", unit)}), from_raw=True))
    assert rows(hub, f"select count(*) from core.{MONTHLY_PAYMENTS.table} where period = '2024-10'") == [(0,)]


def test_a_code_that_is_mended_in_reading_is_no_news_the_next_night(two: Two, hub: Hub) -> None:
    known = ", ".join(f"'{code}'" for code in units.placing(hub.today(), hub.today()))
    change(two, f"delete from {REGISTER} where ma_xa_goc is null or ma_xa_goc not in ({known})")
    placed = f"select min(ctid) from {REGISTER} where ma_xa_goc = (select max(ma_xa_goc) from {REGISTER})"
    assert change(two, f"update {REGISTER} set ma_xa_goc = ma_xa_goc || ' ' where ctid = ({placed})") == 1
    with nothing_read(two) as other:
        two.night(other)
        assert rows(other, "select rows_received from ops.cells where dataset = 'beneficiaries' and unit_code = 'unknown'") == [
            (0,)
        ]
        before = pulls(other)
        two.night(other)
        assert pulls(other) == before
        assert change(two, f"update {REGISTER} set ho_ten = 'Mới' where ctid = (select min(ctid) from {REGISTER})") == 1
        two.night(other)
        assert pulls(other)[len(before) :] == [("beneficiaries", "delta", 1)]


def test_all_that_waits_in_a_locked_cell_is_counted_night_after_night(two: Two, hub: Hub) -> None:
    """What waits since the rules are others is not what changed at the source since it was read."""
    cells = f"select period, unit_code, count(*) from core.{MONTHLY_PAYMENTS.table} where period < '2024-07' and unit_code <> 'unknown'"
    period, unit, _ = rows(hub, cells + " group by 1, 2 order by 3 desc limit 1")[0]
    inside = f"from core.{MONTHLY_PAYMENTS.table} where period = '{period}' and unit_code = '{unit}'"
    waiting = (
        f"select rows_waiting from ops.cells where dataset = 'monthly_payments' and period = '{period}' and unit_code = '{unit}'"
    )
    with hub.warehouse.engine.begin() as connection:
        connection.exec_driver_sql(
            f"update history.{MONTHLY_PAYMENTS.table} set amount_vnd = amount_vnd + 1 where period = '{period}' "
            f"and unit_code = '{unit}' and row_key in (select row_key {inside} order by 1 limit 5)"
        )
    before = pulls(hub)
    run(two, hub, with_another_rule(MONTHLY_PAYMENTS))
    assert rows(hub, waiting) == [(5,)]
    assert pulls(hub) == before
    for _ in range(2):
        run(two, hub, MONTHLY_PAYMENTS)
        assert rows(hub, waiting) == [(5,)]
    key = rows(hub, f"select max(row_key) {inside}")[0][0].split("|")[0]
    place = f"{MONTHLY_PAYMENTS.column(MONTHLY_PAYMENTS.key[0]).source_column} = '{key}' and thang = date '{period}-01'"
    assert change(two, f"update {LIST} set so_tien = '1' where {place}") == 1
    for dataset in (MONTHLY_PAYMENTS, MONTHLY_PAYMENTS, with_another_rule(MONTHLY_PAYMENTS)):
        run(two, hub, dataset)
        assert rows(hub, waiting) == [(6,)]


def _pays_less_than_a_million(frame: pd.DataFrame, moment: Moment) -> "pd.Series":
    return frame["amount_vnd"].fillna(0) < 1_000_000


def with_another_rule(dataset: Dataset) -> Dataset:
    """The dataset with a rule that sets rows aside which were accepted before."""
    another = Rule("pays_less_than_a_million", "Số tiền quá lớn.", "error", ("amount_vnd",), "-", "-", _pays_less_than_a_million)
    return dataclasses.replace(dataset, rules=(*dataset.rules, another), tolerated_share=1.0, shrink_share=1.0)


def test_where_rules_are_others_cells_are_judged_again_without_asking_the_source(two: Two, hub: Hub) -> None:
    """Open cells of the list are as a load from nothing by these rules; and so they are by the rules of before."""
    large = f"update {LIST} set so_tien = '2000000' where ctid in (select min(ctid) from {LIST} where {OPEN} group by thang)"
    assert change(two, large) > 1
    two.night(hub)
    before, strict = pulls(hub), with_another_rule(MONTHLY_PAYMENTS)
    as_before = held(hub, MONTHLY_PAYMENTS)
    outcome = run(two, hub, strict)
    assert sum(c.rejected for c in outcome.loaded()) > 0
    assert pulls(hub) == before
    assert rows(hub, "select distinct road from ops.arrivals where id > (select max(id) - 2 from ops.arrivals)") == [("raw",)]
    with nothing_read(two) as other:
        run(two, other, strict)
        assert held(hub, MONTHLY_PAYMENTS) == held(other, MONTHLY_PAYMENTS)
    assert run(two, hub, strict).cells == []
    run(two, hub, MONTHLY_PAYMENTS)
    assert pulls(hub) == before
    assert held(hub, MONTHLY_PAYMENTS) == as_before
    assert change(two, f"update {LIST} set so_tien = '1' where ctid = (select min(ctid) from {LIST} where {OPEN})") == 1
    two.night(hub)
    assert [kind for _, kind, _ in pulls(hub)[len(before) :]] == ["delta"], "what is judged again can be added to"
    check_as_from_nothing(two, hub)


def test_what_moved_while_the_rules_became_others_is_asked_of_the_source(two: Two, hub: Hub) -> None:
    strict = with_another_rule(MONTHLY_PAYMENTS)
    assert change(two, f"update {LIST} set so_tien = '2000000' where ctid = (select min(ctid) from {LIST} where {OPEN})") == 1
    run(two, hub, strict)
    with nothing_read(two) as other:
        run(two, other, strict)
        assert held(hub, MONTHLY_PAYMENTS) == held(other, MONTHLY_PAYMENTS)


def test_where_raw_is_lost_the_source_is_asked(two: Two, hub: Hub) -> None:
    strict = with_another_rule(MONTHLY_PAYMENTS)
    mine = "dataset = 'monthly_payments' and period = '2024-10' and kind <> 'look'"
    files = [hub.raw.root / path for (path,) in rows(hub, f"select distinct path from ops.pulls where {mine}")]
    for file in files:
        file.rename(file.with_suffix(".away"))
    try:
        before = pulls(hub)
        run(two, hub, strict)
        assert [kind for _, kind, _ in pulls(hub)[len(before) :]] == ["whole"]
        with nothing_read(two) as other:
            run(two, other, strict)
            assert held(hub, MONTHLY_PAYMENTS) == held(other, MONTHLY_PAYMENTS)
    finally:
        for file in files:
            file.with_suffix(".away").replace(file)


def test_rules_that_are_others_are_no_late_rows(two: Two, hub: Hub) -> None:
    with two.snapshot(hub) as opened:
        assert moved_since_due(hub, MONTHLY_PAYMENTS, opened) == {}
        assert moved_since_due(hub, with_another_rule(MONTHLY_PAYMENTS), opened) == {}
    assert change(two, f"update {LIST} set so_tien = '1' where ctid = (select min(ctid) from {LIST} where {MONTH})") == 1
    with two.snapshot(hub) as opened:
        assert [period for period, _ in moved_since_due(hub, MONTHLY_PAYMENTS, opened)] == ["2024-10"]


def test_only_what_differs_corrects_a_cell(two: Two, hub: Hub) -> None:
    commune = rows(hub, f"select max(commune_code) from core.{MONTHLY_PAYMENTS.table} where period = '2024-10'")[0][0]
    ((unit,),) = rows(
        hub,
        f"select distinct unit_code from core.{MONTHLY_PAYMENTS.table} where period = '2024-10' and commune_code = :c",
        c=commune,
    )
    maturity = (
        f"select maturity from ops.cells where dataset = 'monthly_payments' and period = '2024-10' and unit_code = '{unit}'"
    )
    assert rows(hub, maturity) == [("final",)]
    by_hand(two, hub, MONTHLY_PAYMENTS, "2024-10", unit)
    two.night(hub)
    assert rows(hub, maturity) == [("final",)]
    place = f"select min(ctid) from {LIST} where {MONTH} and {COMMUNE} = '{commune}'"
    assert change(two, f"update {LIST} set so_tien = '1' where ctid = ({place})") == 1
    by_hand(two, hub, MONTHLY_PAYMENTS, "2024-10", unit)
    assert rows(hub, maturity) == [("corrected",)]


def test_a_warehouse_that_is_gone_is_not_taken_for_the_source(hub: Hub) -> None:
    load = Increment(Warehouse("postgresql+psycopg2://nobody@/none?host=/nowhere"), BENEFICIARIES, "now", dt.datetime.now(dt.UTC))
    with pytest.raises(WarehouseLost):
        load._held_keys()


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "12024-01-01", "0044-03-15 BC"])
def test_an_instant_beyond_the_calendar_stops_its_row_alone(two: Two, hub: Hub, moment: str) -> None:
    first = f"ctid = (select min(ctid) from {REGISTER} where ma_doi_tuong is not null)"
    assert change(two, f"update {REGISTER} set ngay_cap_nhat_nguon = timestamptz '{moment}' where {first}") == 1
    two.night(hub)
    told = "select count(*) from quarantine.rows where resolved_at is null and failures::text like '%updated_at%'"
    assert rows(hub, told) == [(1,)]
    check_as_from_nothing(two, hub)


def test_rows_whose_codes_are_all_mended_in_reading_are_followed(two: Two, hub: Hub) -> None:
    """At the source they are of no unit that it knows; with us they are of one."""
    codes = codes_of("413", FIRST)
    assert change(two, f"update {REGISTER} set ma_xa_goc = ma_xa_goc || ' ' where ma_xa_goc in ({codes})") > 1
    with nothing_read(two) as other:
        two.night(other)
        mine = f"from {REGISTER} where trim(ma_xa_goc) in ({codes})"
        assert change(two, f"update {REGISTER} set ho_ten = 'Mới' where ctid = (select min(ctid) {mine})") == 1
        assert change(two, f"delete from {REGISTER} where ctid = (select max(ctid) {mine})") == 1
        two.night(other)
        check_as_from_nothing(two, other)


def test_a_cell_validated_again_and_then_emptied_at_the_source_is_emptied(two: Two, hub: Hub) -> None:
    by_size = f"select unit_code from core.{MONTHLY_PAYMENTS.table} where period = '2024-10' group by 1 order by count(*)"
    unit = rows(hub, by_size)[0][0]
    revalidate_dataset(hub, MONTHLY_PAYMENTS, Request("test", frozenset({("2024-10", unit)}), from_raw=True))
    assert change(two, f"delete from {LIST} where {MONTH} and {COMMUNE} in ({codes_of(unit, dt.date(2024, 10, 31))})") > 0
    two.night(hub)
    check_as_from_nothing(two, hub)


def ran(two: Two, hub: Hub, dataset: Dataset, **asked: Any) -> None:
    with mock.patch.dict(os.environ, {"ANSINH_HOME": str(two.made.home)}):
        run_cells(hub, dataset, Request("test", **asked), {})


def test_rules_over_sets_are_made_up_for_where_a_run_ended_before_them(two: Two, hub: Hub) -> None:
    with hub.warehouse.engine.begin() as connection:
        connection.exec_driver_sql("update ops.arrivals set shown = true")
    assert change(two, f"update {LIST} set so_tien = '1' where ctid = (select min(ctid) from {LIST} where {MONTH})") == 1
    with mock.patch("assets.cells.asset.set_rules.evaluate", side_effect=RuntimeError("killed")), pytest.raises(RuntimeError):
        ran(two, hub, MONTHLY_PAYMENTS)
    with mock.patch("assets.cells.asset.set_rules.evaluate", return_value=set()) as evaluate:
        ran(two, hub, MONTHLY_PAYMENTS)
    assert evaluate.call_args.args[1] == {f"core.{MONTHLY_PAYMENTS.table}": {"2024-10"}}


def test_remarks_that_the_day_alone_brings_are_counted(two: Two, hub: Hub) -> None:
    """From 2025 on an old identity card is remarked upon."""
    with hub.warehouse.engine.begin() as connection:
        connection.exec_driver_sql("update ops.arrivals set shown = true")
    with day(two) as is_now:
        is_now("2025-01-05")
        ran(two, hub, BENEFICIARIES)
    counted = "select sum(rows_warned) from ops.cells where dataset = 'beneficiaries'"
    there = """select count(distinct (unit_code, row_key)) from quarantine.remarks
        where dataset = 'beneficiaries' and kind = 'warning' and resolved_at is null"""
    assert rows(hub, counted) == rows(hub, there)
    assert rows(hub, there + " and rule = 'has_current_identity'")[0][0] > 10


def test_what_no_unit_answered_for_is_closed_when_its_cell_is_loaded_by_hand(two: Two, hub: Hub) -> None:
    month = "thang = date '2024-03-01'"
    ((key, code),) = rows(
        hub,
        f"select beneficiary_id, commune_code from core.{MONTHLY_PAYMENTS.table} where period = '2024-03' and unit_code = '412' limit 1",
    )
    row = f"{LIST} set {COMMUNE} = '{{}}' where {month} and trim(ma_doi_tuong) = '{key}'"
    assert change(two, "update " + row.format("99999")) == 1
    with nothing_read(two) as other:
        two.night(other)
        assert change(two, "update " + row.format(code)) == 1
        two.night(other)
        by_hand(two, other, MONTHLY_PAYMENTS, "2024-03", "412")
        received = "select sum(rows_received) from ops.cells where dataset = 'monthly_payments' and period = '2024-03'"
        with two.source() as source:
            there = source.exec_driver_sql(f"select count(*) from {LIST} where {month}").scalar_one()
        assert rows(other, received) == [(there,)]


def test_a_mark_of_what_is_no_unit_makes_no_cell(two: Two, hub: Hub) -> None:
    before = rows(hub, "select count(*) from ops.cells")
    with declared_empty(two, "999x"):
        two.night(hub)
        assert rows(hub, "select count(*) from ops.cells") == before


def test_a_cell_declared_empty_stays_so_when_it_is_run_by_hand(two: Two, hub: Hub) -> None:
    unit = "412"
    change(two, f"delete from {LIST} where {MONTH} and {COMMUNE} in ({codes_of(unit, dt.date(2024, 10, 31))})")
    cell = f"period = '2024-10' and unit_code = '{unit}' and dataset = 'monthly_payments'"
    status = f"select status, rows_received from ops.cells where {cell}"
    with declared_empty(two, unit), nothing_read(two) as other:
        two.night(other)
        assert rows(other, status) == [("empty_declared", 0)]
        [by] = by_hand(two, other, MONTHLY_PAYMENTS, "2024-10", unit).cells
        assert by.outcome == "empty_declared"
        assert rows(other, status) == [("empty_declared", 0)]


def test_what_waits_is_told_on_after_a_run_by_hand_that_was_refused(two: Two, hub: Hub) -> None:
    inside = f"{LIST} where thang = date '2024-05-01'"
    assert change(two, f"update {LIST} set so_tien = 'không rõ' where ctid in (select ctid from {inside})") > 20
    waiting = "select max(rows_waiting) from ops.cells where period = '2024-05' and unit_code = '412'"
    two.night(hub)
    assert rows(hub, waiting)[0][0] > 0
    before = rows(hub, waiting)
    [refused] = by_hand(two, hub, MONTHLY_PAYMENTS, "2024-05", "412").refused()
    assert refused.unit == "412"
    assert rows(hub, waiting) == before


def test_a_calendar_that_is_amended_is_followed(two: Two, hub: Hub) -> None:
    read = " or ".join(f"(source, dataset) = ('{d.source.name}', '{d.name}')" for d in DATASETS)
    days = f"select dataset, period, unit_code, due_at, locked_at from ops.cells where {read} order by 1, 2, 3"
    before = rows(hub, days)
    with hub.warehouse.engine.begin() as connection:
        connection.exec_driver_sql(
            "update ops.cells set due_at = due_at - interval '1 day', locked_at = locked_at - interval '9 days'"
        )
    two.night(hub)
    assert rows(hub, days) == before
