"""What any road to a source must do, by each: what is held, counted and told of cells is what it should be, however they came.

`sql` reads the source's database, `files` the same rows as Arrow files, `mariadb` on a MariaDB server, `rest` through services of an
integration platform and `drop` as files that the province sends: these tell nothing of which rows changed. All five are held to the
same rows, to what they tell of a source and to a structure that changed. What the hub does with rows that have come, and what
depends on the kind of a road, is told by the first; what depends on the kind by one of each kind before a change lands
(`make test-landing`), and all by all roads in `make test-all`.
"""

import dataclasses
import datetime as dt
import json
import re
import signal
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest
import sqlalchemy as sa

from assets.cells.asset import run_cells
from assets.cells.outcome import Outcome, Request
from assets.cells.run import moved_since_due, revalidate_dataset, sync_dataset
from resources.connectors.connector import KEY, Connector, Places, Standing
from resources.connectors.failures import KeyMissing, StructureChanged
from resources.hub import Hub
from resources.warehouse.arrivals import ledger
from resources.warehouse.loading import set_rules
from schemas import calendar, units
from schemas.dataset import Dataset
from schemas.reading import read
from schemas.registry import datasets_of
from schemas.sources.social_protection.datasets import BENEFICIARIES, MONTHLY_PAYMENTS
from schemas.submissions import SUBMISSION_LOG
from tests.fixtures.odd_values import SAMPLES
from tests.integration.by_drop import ByCsv, ByDrop, ByWorkbook
from tests.integration.by_rest import PLAIN, ByRest, platform_of
from tests.integration.mariadb_server import READER, copied, mariadb_server
from tests.integration.platform_server import RunningPlatform
from tests.integration.two_hubs import (
    DATASETS,
    LIST,
    MONTH,
    OPEN,
    REGISTER,
    SOURCE,
    Two,
    change,
    check_as_from_nothing,
    drop,
    fresh_hub,
    held,
    nothing_read,
    pulls,
    reset,
    rows,
    two_hubs,
    with_another_rule,
)
from tests.integration.warm import warm

COMMUNE = MONTHLY_PAYMENTS.column("commune_code").source_column
FIRST = dt.date(2024, 11, 20)
ROADS = ["sql", "files", "mariadb", "rest", "drop"]
AS_ANOTHER = {"files", "mariadb"}  # whole pulls, as those of `rest` and `drop`
BESIDES_SQL = {*ROADS} - {"sql"}
OF_OTHER_KINDS = BESIDES_SQL - AS_ANOTHER
PULLED = {"sql": "delta", **dict.fromkeys(ROADS[1:], "whole")}  # what a pull of what moved is


@pytest.fixture(scope="module")
def by_sql() -> Iterator[Two]:
    yield from two_hubs()


def has_read(two: Two) -> Two:
    """One whose hub has read the source as it was made."""
    reset(two)
    two.read_first()
    return two


@pytest.fixture(scope="module")
def by_files(by_sql: Two) -> Two:
    """The same source."""
    return has_read(Two(by_sql.made, "files"))


@pytest.fixture(scope="module")
def by_mariadb(by_sql: Two) -> Iterator[Two]:
    """The same source."""
    with mariadb_server() as server:
        server.create(f"source_{SOURCE}")
        yield has_read(Two(by_sql.made, "mariadb", server))


@pytest.fixture(scope="module")
def running(by_sql: Two) -> Iterator[RunningPlatform]:
    with platform_of(by_sql.made) as found:
        yield found


@pytest.fixture(scope="module")
def by_rest(by_sql: Two, running: RunningPlatform) -> Two:
    """The same source."""
    found = has_read(ByRest(by_sql.made, "rest", running=running))
    running.looked_at_before(SOURCE, dt.timedelta(days=2))  # a hub asks what changed since a day before its last look
    return found


@pytest.fixture(scope="module")
def by_drop(by_sql: Two) -> Two:
    """The same source."""
    return has_read(ByDrop(by_sql.made, "drop"))


@pytest.fixture(scope="module")
def by_csv(by_sql: Two) -> Two:
    """The same source."""
    return has_read(ByCsv(by_sql.made, "csv"))


@pytest.fixture(scope="module")
def by_workbook(by_sql: Two) -> Two:
    """The same source."""
    return has_read(ByWorkbook(by_sql.made, "workbook"))


@pytest.fixture(scope="module")
def by_plain(by_sql: Two, running: RunningPlatform) -> Two:
    """The same source, of whose services none tells what moved."""
    return has_read(ByRest(by_sql.made, "plain", running=running, declared=PLAIN))


def told_by(roads: Sequence[str], again: Collection[str], at_landing: Collection[str] = ()) -> list[Any]:
    """Roads as parameters of a test; those of `again` in `make test-all` alone, `at_landing` before a change lands."""
    marks = {**dict.fromkeys(at_landing, (pytest.mark.landing,)), **dict.fromkeys(again, (pytest.mark.long,))}
    return [pytest.param(road, marks=marks.get(road, ())) for road in roads]


@pytest.fixture(scope="module", params=told_by(ROADS, BESIDES_SQL))
def two(request: pytest.FixtureRequest) -> Two:
    return request.getfixturevalue(f"by_{request.param}")


by_each_kind = pytest.mark.parametrize("two", told_by(ROADS, AS_ANOTHER, OF_OTHER_KINDS), indirect=True, scope="module")


@pytest.fixture(scope="module", params=told_by(ROADS[:-1], AS_ANOTHER, OF_OTHER_KINDS))
def two_with_log(request: pytest.FixtureRequest) -> Two:
    """A road on which units can say that they have nothing: nobody sends a file for it."""
    return request.getfixturevalue(f"by_{request.param}")


@pytest.fixture(scope="module", params=told_by(ROADS[:3], {"files"}))
def two_of_tables(request: pytest.FixtureRequest) -> Two:
    """A road to tables, which have columns of some type."""
    return request.getfixturevalue(f"by_{request.param}")


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


def run(two: Two, hub: Hub, dataset: Dataset, **asked: Any) -> Outcome:
    with two.connected(hub) as opened:
        return sync_dataset(hub, dataset, opened, Request("test", **asked))


def by_hand(two: Two, hub: Hub, dataset: Dataset, period: str, unit: str, **asked: Any) -> Outcome:
    return run(two, hub, dataset, cells=frozenset({(period, unit)}), by_hand=True, **asked)


def codes_of(unit: str, on: dt.date) -> str:
    """The codes of a unit's communes, as SQL lists them."""
    return ", ".join(f"'{code}'" for code, of in units.placing(FIRST, on).items() if of == unit)


def first_rows(two: Two, table: str, where: str, count: int) -> list[str]:
    """Conditions that are each true of one row of a table."""
    with two.source() as source:
        found = (
            source.exec_driver_sql(f"select ctid::text from {table} where {where} order by ctid limit {count}").scalars().all()
        )
    assert len(found) == count
    return [f"ctid = '{place}'" for place in found]


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
    strict = dataclasses.replace(BENEFICIARIES, tolerated_share=0.0, tolerated_rows=0)
    change(two, f"update {REGISTER} set ma_doi_tuong = null where ctid in (select min(ctid) from {REGISTER} group by ma_xa_goc)")
    with nothing_read(two) as other:
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
        assert held(hub, BENEFICIARIES)["rows"] == two.held_from_nothing(BENEFICIARIES)["rows"]
        assert [outcome.missed for outcome in two.night(hub, whole=True)] == [[], []]


@pytest.mark.parametrize("was_refused", [False, True])
def test_a_unit_of_a_register_that_ended_is_emptied(two: Two, hub: Hub, was_refused: bool) -> None:
    """Its rows are its successor's: nobody could confirm it, and held by both they would be counted twice."""
    with day(two) as is_now:
        for eve, today, unit in ((dt.date(2024, 11, 30), "2024-12-02", "413"), (dt.date(2025, 6, 30), "2025-07-02", "421")):
            if was_refused:  # emptied at the source while it was a unit still
                is_now(eve.isoformat())
                run(two, hub, BENEFICIARIES)
                assert change(two, f"delete from {REGISTER} where trim(ma_xa_goc) in ({codes_of(unit, eve)})") > 1
                assert [(c.unit, c.received) for c in run(two, hub, BENEFICIARIES).refused()] == [(unit, 0)]
            is_now(today)
            outcome = run(two, hub, BENEFICIARIES, whole=was_refused)
            assert outcome.refused() == []
            assert rows(hub, f"select count(*) - count(distinct row_key) from core.{BENEFICIARIES.table}") == [(0,)]


def test_rows_pass_from_one_unit_of_a_register_to_another_with_both_cells_or_not_at_all(two: Two, hub: Hub) -> None:
    """In December 2024 Vinh takes Cửa Lò, which ends, and a part of Nghi Lộc. Where its cell is refused, it keeps what it had before: the
    rows would be in none."""
    core, strict = f"core.{BENEFICIARIES.table}", dataclasses.replace(BENEFICIARIES, tolerated_share=0.0, tolerated_rows=0)
    of_both = f"select unit_code, row_key from {core} where unit_code in ('413', '429') order by 1, 2"
    found = rows(hub, of_both)
    (place,) = first_rows(two, REGISTER, f"trim(ma_xa_goc) in ({codes_of('412', FIRST)})", 1)
    with two.source() as source:
        key = source.exec_driver_sql(f"select ma_doi_tuong from {REGISTER} where {place}").scalar_one()
    assert change(two, f"update {REGISTER} set muc_tro_cap = 'không rõ' where {place}") == 1
    three = {"412", "413", "429"}
    with day(two) as is_now:
        is_now("2024-12-02")
        for _ in "the first night", "the next":
            assert three & {c.unit for c in run(two, hub, strict).loaded()} == set()
            assert len(found) > 5 and rows(hub, of_both) == found
        assert change(two, f"update {REGISTER} set muc_tro_cap = '500000' where ma_doi_tuong = '{key}'") > 0
        assert three <= {c.unit for c in run(two, hub, BENEFICIARIES, whole=True).loaded()}
        now = {key for (key,) in rows(hub, f"select row_key from {core} where unit_code in ('412', '429')")}
        assert {key for _, key in found} <= now
        assert rows(hub, f"select count(*) - count(distinct row_key) from {core}") == [(0,)]


@pytest.mark.parametrize(
    "asked", [{"cells": frozenset({("2024-10", "412")}), "by_hand": True}, {"periods": frozenset({"2024-10"})}]
)
def test_a_part_read_before_the_first_night_does_not_end_the_first_pull(two: Two, hub: Hub, asked: dict[str, Any]) -> None:
    """A first pull loads every month, locked ones too."""
    by_month = f"select period, count(*) from core.{MONTHLY_PAYMENTS.table} group by 1 order by 1"
    with nothing_read(two) as other:
        run(two, other, MONTHLY_PAYMENTS, **asked)
        assert rows(other, "select last_success_at from ops.datasets") == []
        two.night(other)
        assert rows(other, by_month) == rows(hub, by_month)
        assert rows(other, "select sum(rows_waiting) from ops.cells") == [(0,)]


@by_each_kind
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


@by_each_kind
def test_a_day_beyond_the_calendar_stops_its_row_alone(two: Two, hub: Hub) -> None:
    before = rows(hub, f"select count(*) from core.{MONTHLY_PAYMENTS.table}")[0][0]
    days = ("12024-11-01", "infinity", "-infinity", "0044-03-15 BC", "1944-03-15")
    for place, row in enumerate(first_rows(two, LIST, MONTH, len(days))):
        assert change(two, f"update {LIST} set thang = date '{days[place]}' where {row}") == 1
    two.night(hub)
    assert rows(hub, f"select count(*) from core.{MONTHLY_PAYMENTS.table}") == [(before - len(days),)]
    rejected = rows(
        hub, "select count(*) from quarantine.rows where resolved_at is null and received ->> 'thang' !~ '^20[0-9]{2}-'"
    )
    assert rejected == [(5 if two.road == "drop" else 2,)], (
        "what is before every month is of none, but of the file that it came in"
    )
    before_first = rows(hub, "select dataset, rows_before_first from ops.datasets where rows_before_first > 0")
    counted = {"rest": 1, "drop": 0}.get(two.road, 3)  # a service is asked by days, from 1900 on
    assert before_first == ([(MONTHLY_PAYMENTS.name, counted)] if counted else []), "and is counted"
    check_as_from_nothing(two, hub)


@by_each_kind
def test_what_the_source_emptied_stays_empty_when_validated_again(two: Two, hub: Hub) -> None:
    change(two, f"update {LIST} set {COMMUNE} = (select min({COMMUNE}) from {LIST} where {MONTH}) where {MONTH}")
    two.night(hub)
    ((unit,),) = rows(hub, f"select distinct unit_code from core.{MONTHLY_PAYMENTS.table} where period = '2024-10'")
    assert change(two, f"delete from {LIST} where {MONTH}") > 5
    [emptied] = by_hand(two, hub, MONTHLY_PAYMENTS, "2024-10", unit, confirm_shrink=True).cells
    assert (emptied.outcome, emptied.received) == ("accepted", 0)
    revalidate_dataset(hub, MONTHLY_PAYMENTS, Request("test", frozenset({("2024-10", unit)}), by_hand=True, from_raw=True))
    assert rows(hub, f"select count(*) from core.{MONTHLY_PAYMENTS.table} where period = '2024-10'") == [(0,)]


@by_each_kind
def test_a_list_that_repeats_the_month_before_is_taken_with_a_confirmation_and_asks_for_no_other(two: Two, hub: Hub) -> None:
    names = [c.source_column for c in MONTHLY_PAYMENTS.columns]
    columns, sent_again = ", ".join(names), ", ".join("date '2024-10-01'" if n == "thang" else n for n in names)
    inside = f"{COMMUNE} in ({codes_of('412', dt.date(2024, 9, 30))})"
    assert change(two, f"delete from {LIST} where {MONTH} and {inside}") > 5
    again = f"insert into {LIST} ({columns}) select {sent_again} from {LIST} where thang = date '2024-09-01' and {inside}"
    assert (sent := change(two, again)) > 5
    cell = (two, hub, MONTHLY_PAYMENTS, "2024-10", "412")
    [refused] = by_hand(*cell).cells
    assert refused.outcome == "refused" and "giống hệt" in (refused.reason or "") and "--confirm-shrink" in (refused.reason or "")
    [confirmed] = by_hand(*cell, confirm_shrink=True).cells
    assert confirmed.outcome == "accepted" and confirmed.received == sent
    [once_more] = by_hand(*cell).cells
    assert once_more.outcome == "accepted", "what was confirmed stands, as a cell that shrank does"
    held = f"select count(*) from core.{MONTHLY_PAYMENTS.table} where period = '2024-10' and unit_code = '412'"
    assert rows(hub, held) == [(confirmed.accepted,)]


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
        ((unit,),) = rows(other, f"select unit_code from core.{BENEFICIARIES.table} where full_name = 'Mới'")
        of_the_unit = (
            f"select count(*) from {REGISTER} where ma_xa_goc in ({codes_of(unit, FIRST)}) or ma_xa_goc not in ({known})"
        )
        with two.source() as source:
            pulled = 1 if two.road == "sql" else source.exec_driver_sql(of_the_unit).scalar_one()
        assert pulls(other)[len(before) :] == [("beneficiaries", PULLED[two.road], pulled)]


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
    assert [kind for _, kind, _ in pulls(hub)[len(before) :]] == [PULLED[two.road]], "what is judged again can be added to"
    check_as_from_nothing(two, hub)


def test_what_moved_while_the_rules_became_others_is_asked_of_the_source(two: Two, hub: Hub) -> None:
    strict = with_another_rule(MONTHLY_PAYMENTS)
    assert change(two, f"update {LIST} set so_tien = '2000000' where ctid = (select min(ctid) from {LIST} where {OPEN})") == 1
    run(two, hub, strict)
    with nothing_read(two) as other:
        run(two, other, strict)
        assert held(hub, MONTHLY_PAYMENTS) == held(other, MONTHLY_PAYMENTS)


def test_of_what_a_service_says_that_it_stands_still_no_row_is_asked_for(by_rest: Two) -> None:
    reset(by_rest)
    hub = by_rest.hub(has_read=True)
    (log,) = (by_rest.made.home / "logs").glob("requests-*.log")
    before = len(log.read_text().splitlines())
    outcomes = by_rest.night(hub)
    assert [(o.cells, o.missed, o.rows_examined) for o in outcomes] == [([], [], 0)] * 2
    asked = log.read_text().splitlines()[before:]
    of_register, of_list = ([line for line in asked if f"/{table}: " in line] for table in (REGISTER, LIST))
    # A page each for their structure; then the ETag of the one, which all its pages share; of the other whether the last day is of what
    # is asked, of each month what changed and how many rows it has, and how many lie before all.
    assert len(of_register) == 2 and "HTTP 304" in of_register[1]
    assert len(of_list) == 2 + 2 * len(calendar.started(MONTHLY_PAYMENTS, hub.today())) + 1
    hub.warehouse.engine.dispose()


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


@by_each_kind
def test_rules_that_are_others_are_no_late_rows(two: Two, hub: Hub) -> None:
    with two.connected(hub) as opened:
        assert moved_since_due(hub, MONTHLY_PAYMENTS, opened) == {}
        assert moved_since_due(hub, with_another_rule(MONTHLY_PAYMENTS), opened) == {}
    assert change(two, f"update {LIST} set so_tien = '1' where ctid = (select min(ctid) from {LIST} where {MONTH})") == 1
    with two.connected(hub) as opened:
        assert [period for period, _ in moved_since_due(hub, MONTHLY_PAYMENTS, opened)] == ["2024-10"]


@by_each_kind
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


@by_each_kind
def test_an_instant_beyond_the_calendar_stops_its_row_alone(two: Two, hub: Hub) -> None:
    before = rows(hub, f"select count(*) from core.{BENEFICIARIES.table}")[0][0]
    instants = ("infinity", "-infinity", "12024-01-01", "0044-03-15 BC")
    accepted = rows(hub, f"select beneficiary_id from core.{BENEFICIARIES.table} order by 1 limit {len(instants)}")
    for instant, (key,) in zip(instants, accepted, strict=True):
        row = f"ma_doi_tuong = '{key}'"
        assert change(two, f"update {REGISTER} set ngay_cap_nhat_nguon = timestamptz '{instant}' where {row}") == 1
    two.night(hub)
    told = "select count(*) from quarantine.rows where resolved_at is null and failures::text like '%updated_at%'"
    assert rows(hub, told) == [(len(instants),)]
    assert rows(hub, f"select count(*) from core.{BENEFICIARIES.table}") == [(before - len(instants),)]
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
    revalidate_dataset(hub, MONTHLY_PAYMENTS, Request("test", frozenset({("2024-10", unit)}), by_hand=True, from_raw=True))
    assert change(two, f"delete from {LIST} where {MONTH} and {COMMUNE} in ({codes_of(unit, dt.date(2024, 10, 31))})") > 0
    two.night(hub)
    check_as_from_nothing(two, hub)


def ran(two: Two, hub: Hub, dataset: Dataset, make_up: Callable[..., Any] = set_rules.make_up) -> None:
    with two.leading(hub):
        assert run_cells(hub, dataset, Request("test"), {}, make_up).failure is None


def test_rules_over_sets_are_made_up_for_where_a_run_ended_before_them(two: Two, hub: Hub) -> None:
    ran(two, hub, MONTHLY_PAYMENTS)
    with hub.warehouse.engine.begin() as connection:
        connection.exec_driver_sql("update ops.arrivals set shown = true")
    assert change(two, f"update {LIST} set so_tien = '1' where ctid = (select min(ctid) from {LIST} where {MONTH})") == 1
    with pytest.raises(RuntimeError, match="killed"):
        ran(two, hub, MONTHLY_PAYMENTS, mock.Mock(side_effect=RuntimeError("killed")))
    periods: list[set[str]] = []
    ran(two, hub, MONTHLY_PAYMENTS, lambda *given, **named: periods.append(set_rules.make_up(*given, **named)))
    assert periods == [{"2024-10"}]


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


@by_each_kind
def test_a_mark_of_what_is_no_unit_makes_no_cell(two: Two, hub: Hub) -> None:
    before = rows(hub, "select count(*) from ops.cells")
    with declared_empty(two, "999x"):
        two.night(hub)
        assert rows(hub, "select count(*) from ops.cells") == before


def test_a_cell_declared_empty_stays_so_when_it_is_run_by_hand(two_with_log: Two) -> None:
    two = two_with_log
    reset(two)
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


def test_a_cell_whose_rows_were_refused_is_not_empty_by_the_word_of_its_unit(two: Two, hub: Hub) -> None:
    unit = "412"
    inside = f"{MONTH} and {COMMUNE} in ({codes_of(unit, dt.date(2024, 10, 31))})"
    assert change(two, f"update {LIST} set so_tien = 'không rõ' where {inside}") >= 5
    cell = f"period = '2024-10' and unit_code = '{unit}' and dataset = 'monthly_payments'"
    with nothing_read(two) as other:
        two.night(other)
        arrivals = rows(other, f"select outcome from ops.arrivals where {cell}")
        assert arrivals == [("refused",)]
        with declared_empty(two, unit):
            two.night(other)
        assert rows(other, f"select outcome from ops.arrivals where {cell}") == arrivals
        assert rows(other, f"select status from ops.cells where {cell}") == [("refused",)]


@by_each_kind
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


@by_each_kind
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


def spoil(two: Two) -> None:
    """What users do to rows, some of each kind: changed, spoiled, sent twice, without a key or a place, moved, gone."""
    key, month = BENEFICIARIES.column(BENEFICIARIES.key[0]).source_column, f"{OPEN} order by {COMMUNE}, ma_doi_tuong"
    for statement in (
        f"update {REGISTER} set ho_ten = 'Mới' where {key} in (select {key} from {REGISTER} order by md5({key}) limit 9)",
        f"update {REGISTER} set muc_tro_cap = 'không rõ' where {key} in (select {key} from {REGISTER} order by {key} limit 3)",
        f"update {REGISTER} set {key} = null where {key} in (select {key} from {REGISTER} order by {key} offset 5 limit 2)",
        f"update {REGISTER} set {key} = (select max({key}) from {REGISTER}) where {key} = (select min({key}) from {REGISTER})",
        f"delete from {REGISTER} where {key} in (select {key} from {REGISTER} order by {key} offset 20 limit 4)",
        f"insert into {LIST} select * from {LIST} where ctid in (select ctid from {LIST} where {month} offset 3 limit 2)",
        f"update {LIST} set so_tien = '1' where ctid in (select ctid from {LIST} where {month} offset 8 limit 9)",
        f"update {LIST} set {COMMUNE} = '99999' where ctid in (select ctid from {LIST} where {month} offset 20 limit 2)",
        f"update {LIST} set {COMMUNE} = null where ctid in (select ctid from {LIST} where {month} offset 30 limit 2)",
        f"update {LIST} set thang = date '2024-11-01' where ctid = (select ctid from {LIST} where {MONTH} order by {COMMUNE} limit 1)",
        f"update {LIST} set thang = null where ctid = (select ctid from {LIST} where {MONTH} order by {COMMUNE} desc limit 1)",
        f"delete from {LIST} where ctid in (select ctid from {LIST} where {month} offset 40 limit 3)",
    ):
        assert change(two, statement) > 0, statement


def all_held(hub: Hub, *, keys: bool = True) -> list[dict[str, Any]]:
    return [held(hub, dataset, keys=keys) for dataset in DATASETS]


def differing(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What only one of them holds."""
    pairs = [
        (what, set(by_one[what]) ^ set(by_other[what])) for by_one, by_other in zip(one, other, strict=True) for what in by_one
    ]
    return [(what, row) for what, found in pairs for row in sorted(found)]


@pytest.mark.landing
def test_the_same_rows_end_alike_by_all_roads(
    by_sql: Two, by_files: Two, by_mariadb: Two, by_rest: Two, by_plain: Two, by_drop: Two, by_csv: Two, by_workbook: Two
) -> None:
    reset(by_sql)
    roads = (by_sql, by_files, by_mariadb, by_rest, by_plain, by_drop, by_csv, by_workbook)
    found = [two.hub(has_read=True) for two in roads]
    before = [all_held(hub, keys=False) for hub in found]
    assert [differing(before[0], by_another) for by_another in before[1:]] == [[]] * len(found[1:])
    assert all(before[0][place][what] for place in (0, 1) for what in ("rows", "remarks", "cells"))
    spoil(by_sql)
    for two, hub in zip(roads, found, strict=True):
        two.night(hub)
        check_as_from_nothing(two, hub)
    by_one, *by_others = (all_held(hub, keys=False) for hub in found)
    assert [differing(by_one, by_another) for by_another in by_others] == [[]] * len(found[1:])
    assert all(by_one[place]["quarantine"] for place in (0, 1))
    assert by_one != before[0]
    for two, hub in zip(roads, found, strict=True):
        drop(two, hub)


# What a text in JSON, or in an address, could be taken for, beside what people type.
ODD = ("null", "true", "[]", '{"a": 1}', '"', "\\", "\\ud800", "\x1f\x7f\x85\t\r\n", "%00&trang=2", "<html>", "", *SAMPLES)


def test_odd_values_that_a_service_gives_end_as_those_of_the_database(by_sql: Two, by_rest: Two) -> None:
    reset(by_sql)
    found = [two.hub(has_read=True) for two in (by_sql, by_rest)]
    odd = [text for text in ODD if "\0" not in text]  # no database has it in a text
    with by_sql.source() as source, source.begin():
        for dataset, where in ((BENEFICIARIES, "true"), (MONTHLY_PAYMENTS, OPEN)):
            columns = [c.source_column for c in dataset.columns if c.source_type == "text"]
            told = ", ".join(f"{name} = :{name}" for name in columns)
            for place, row in enumerate(first_rows(by_sql, dataset.road.table, where, len(odd))):
                values = {name: odd[(place + 11 * number) % len(odd)] for number, name in enumerate(columns)}
                source.execute(sa.text(f"update {dataset.road.table} set {told} where {row}"), values)
    for two, hub in zip((by_sql, by_rest), found, strict=True):
        assert [outcome.missed for outcome in two.night(hub)] == [[], []]
    by_one, by_service = (all_held(hub, keys=False) for hub in found)
    assert differing(by_one, by_service) == []
    assert len(by_one[0]["quarantine"]) > len(odd) // 2
    for hub in found:
        hub.warehouse.engine.dispose()


@pytest.mark.parametrize("road", ["files", "mariadb", "rest", "plain", "drop"])
def test_each_road_tells_the_same_of_a_source(request: pytest.FixtureRequest, by_sql: Two, road: str) -> None:
    reset(by_sql)
    by_another: Two = request.getfixturevalue(f"by_{road}")
    spoil(by_sql)
    days = ("12024-11-01", "0044-03-15 BC")[: 1 if road == "drop" else 2]  # a day before all is in the file that it came in
    for day, row in zip(days, first_rows(by_sql, LIST, MONTH, len(days)), strict=True):
        assert change(by_sql, f"update {LIST} set thang = date '{day}' where {row}") == 1
    hub = by_sql.hub(has_read=True)
    today, placed = hub.today(), sorted(units.placing(FIRST, FIRST))
    with by_sql.connected(hub) as by_one, by_another.connected(hub) as by_other:
        for dataset in DATASETS:
            found, found_by_other = (by.standings(dataset, today).periods for by in (by_one, by_other))
            assert {p: places_of(s) for p, s in found.items()} == {p: places_of(s) for p, s in found_by_other.items()}
            expected = {period: ledger.expected_units(dataset, period, today) for period in calendar.started(dataset, today)}
            by_log, by_file = (by.submissions(dataset, expected, hub.now()).latest for by in (by_one, by_other))
            if road != "drop":  # there the file is the word of its sender
                assert by_log == by_file and len(by_log) > 0 if dataset.placed_by else not by_log
            for period, standings in found.items():
                for places in (None, Places(placed[:40], placed), Places([], placed)):
                    told, told_by_other = (
                        [row for batch in by.rows(dataset, period, today, places) for row in as_read(dataset, batch, today)]
                        for by in (by_one, by_other)
                    )
                    sharing, sharing_by_other = (Counter(row.pop(KEY) for row in part) for part in (told, told_by_other))
                    assert sorted(map(repr, told)) == sorted(map(repr, told_by_other))
                    assert sorted(sharing.values()) == sorted(sharing_by_other.values())
                    assert places or len(told) == sum(count for _, count in places_of(standings))
    drop(by_sql, hub)


def as_read(dataset: Dataset, batch: pa.RecordBatch, today: dt.date) -> list[dict[str, Any]]:
    """The rows by what their cells say, in whatever form a road gives them, and the keys."""
    columns = {c.name: read(c, batch.column(c.source_column), today).values for c in dataset.columns}
    return pa.table({**columns, KEY: batch.column(KEY)}).to_pylist()


def places_of(standings: Sequence[Standing]) -> set[tuple[str | None, int]]:
    """The rows of each listed commune, and of all others together: a road need not tell these apart."""
    listed, found = units.communes_on(FIRST), Counter[str | None]()
    for standing in standings:
        found[standing.place if standing.place in listed else None] += standing.rows or 0
    return set(found.items())


def refused_for_structure(two: Two, fresh: Hub, told: str) -> None:
    with pytest.raises(StructureChanged, match=told):
        run(two, fresh, MONTHLY_PAYMENTS)
    elsewhere = dataclasses.replace(MONTHLY_PAYMENTS, road=dataclasses.replace(MONTHLY_PAYMENTS.road, table="khong_co"))
    with pytest.raises(StructureChanged, match="khong_co"):
        run(two, fresh, elsewhere)
    assert rows(fresh, "select count(*) from ops.readings") == [(0,)]


@pytest.mark.parametrize(
    ("altered", "back", "told"),
    [
        ("add column moi text", "drop column moi", "moi"),
        ("rename column so_tien to tien", "rename column tien to so_tien", "so_tien"),
        ("alter column ngay_nhan type text", "alter column ngay_nhan type date using ngay_nhan::date", "ngay_nhan"),
    ],
    ids=["added", "renamed", "of another type"],
)
def test_a_source_of_another_structure_is_not_read(two_of_tables: Two, altered: str, back: str, told: str) -> None:
    with nothing_read(two_of_tables) as fresh:
        change(two_of_tables, f"alter table {LIST} {altered}")
        try:
            refused_for_structure(two_of_tables, fresh, told)
        finally:
            change(two_of_tables, f"alter table {LIST} {back}")


def test_a_service_of_another_structure_is_not_read(by_rest: Two, running: RunningPlatform) -> None:
    """Of what type the columns behind it are it does not tell: what it gives are texts."""
    reset(by_rest)
    with nothing_read(by_rest) as fresh:
        running.switch(dich_vu=f"{SOURCE}.{LIST}", loi="cot_la")
        refused_for_structure(by_rest, fresh, "truong_la")
        running.anew()
        change(by_rest, f"alter table {LIST} rename column so_tien to tien")
        refused_for_structure(by_rest, fresh, "so_tien")


@by_each_kind
def test_what_was_read_is_no_news(two: Two, hub: Hub) -> None:
    told = "select count(*) from ops.arrivals"
    spoil(two)
    two.night(hub)
    for whole in (False, True, False):
        before, pulled, arrived = all_held(hub), pulls(hub), rows(hub, told)
        outcomes = two.night(hub, whole=whole)
        assert [(o.cells, o.missed) for o in outcomes] == [([], []), ([], [])]
        assert (all_held(hub), rows(hub, told)) == (before, arrived)
        assert whole or pulls(hub) == pulled


@contextmanager
def spoiled(connector: Connector, spoil: Callable[[pa.RecordBatch], pa.RecordBatch]) -> Iterator[None]:
    """Inside, its batches are not as they should be."""
    rows, changes = connector.rows, connector.changes

    def changed(*asked: Any) -> Any:
        found = changes(*asked)
        if found is None:
            return None
        return mock.Mock(keys=found.keys, changed_keys=found.changed_keys, rows=lambda: map(spoil, found.rows()))

    with mock.patch.multiple(connector, rows=lambda *asked: map(spoil, rows(*asked)), changes=changed):
        yield


def without_key(batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.drop_columns([KEY])


def with_a_null(batch: pa.RecordBatch) -> pa.RecordBatch:
    keys = [None, *batch.column(KEY).to_pylist()[1:]]
    return batch.drop_columns([KEY]).append_column(KEY, pa.array(keys, pa.int64()))


def refused_for_keys(two: Two, hub: Hub, spoil: Callable[[pa.RecordBatch], pa.RecordBatch]) -> None:
    with two.connected(hub) as opened, spoiled(opened, spoil), pytest.raises(KeyMissing, match=rf"\({two.road}\)"):
        sync_dataset(hub, MONTHLY_PAYMENTS, opened, Request("test"))


@by_each_kind
@pytest.mark.parametrize("spoil", [without_key, with_a_null])
def test_a_row_without_its_key_stops_its_dataset(two: Two, spoil: Callable[[pa.RecordBatch], pa.RecordBatch]) -> None:
    with nothing_read(two) as fresh:
        refused_for_keys(two, fresh, spoil)
        for table in ("ops.pulls", "ops.arrivals", "ops.readings", f"history.{MONTHLY_PAYMENTS.table}", "quarantine.rows"):
            assert rows(fresh, f"select count(*) from {table}") == [(0,)]


@pytest.mark.parametrize("spoil", [without_key, with_a_null])
def test_a_row_without_its_key_among_what_moved_stops_its_dataset(
    two: Two, hub: Hub, spoil: Callable[[pa.RecordBatch], pa.RecordBatch]
) -> None:
    assert change(two, f"update {LIST} set so_tien = '1' where ctid = (select min(ctid) from {LIST} where {MONTH})") == 1
    kept = [f"select * from ops.{table} order by id" for table in ("pulls", "arrivals")]
    before = all_held(hub), [rows(hub, query) for query in kept]
    refused_for_keys(two, hub, spoil)
    assert (all_held(hub), [rows(hub, query) for query in kept]) == before
    two.night(hub)
    check_as_from_nothing(two, hub)


@pytest.fixture
def other(two: Two, by_sql: Two, by_files: Two) -> Two:
    """The road that `two` is not."""
    return by_files if two is by_sql else by_sql


def check_content_as_from_nothing(two: Two, hub: Hub) -> None:
    """Whatever the keys by which it came."""
    assert all_held(hub, keys=False) == [two.held_from_nothing(dataset, keys=False) for dataset in DATASETS]


@pytest.fixture(scope="module", params=["sql", "files"])
def two_alike(request: pytest.FixtureRequest) -> Two:
    """A road by which a row is received in the very form of another, also one that is set aside."""
    return request.getfixturevalue(f"by_{request.param}")


@pytest.fixture
def other_alike(two_alike: Two, by_sql: Two, by_files: Two) -> Two:
    return by_files if two_alike is by_sql else by_sql


@pytest.fixture
def hub_alike(two_alike: Two) -> Iterator[Hub]:
    yield from fresh_hub(two_alike)


def test_the_readings_of_two_roads_are_kept_apart(two_alike: Two, hub_alike: Hub, other_alike: Two) -> None:
    two, hub, other = two_alike, hub_alike, other_alike
    of_road = (
        "select dataset, period, unit_code, stands, judged_by, bookmark from ops.readings where road = :road order by 1, 2, 3"
    )
    before, readings = all_held(hub, keys=False), rows(hub, of_road, road=two.road)
    assert rows(hub, of_road, road=other.road) == []
    assert sum(outcome.rows_examined for outcome in other.night(hub)) > 0
    stand, stand_by_other = ({r[:3]: r[3] for r in found if r[3]} for found in (readings, rows(hub, of_road, road=other.road)))
    assert len(stand) > 100
    assert stand.keys() == stand_by_other.keys()
    assert set(stand.values()).isdisjoint(stand_by_other.values())
    assert rows(hub, of_road, road=two.road) == readings
    assert all_held(hub, keys=False) == before
    pulled = pulls(hub)
    for road in (two, other, two):
        assert [(o.cells, o.missed, o.rows_examined) for o in road.night(hub)] == [([], [], 0), ([], [], 0)]
    assert pulls(hub) == pulled


@by_each_kind
def test_one_road_goes_on_from_where_another_came(two: Two, hub: Hub, other: Two) -> None:
    other.night(hub)
    spoil(two)
    two.night(hub)
    check_content_as_from_nothing(two, hub)
    assert change(two, f"delete from {LIST} where ctid in (select ctid from {LIST} where {MONTH} limit 2)") == 2
    assert change(two, f"update {REGISTER} set ho_ten = 'Mới nữa' where ctid in (select ctid from {REGISTER} limit 3)") == 3
    other.night(hub)
    check_content_as_from_nothing(other, hub)
    two.night(hub)
    check_content_as_from_nothing(two, hub)


def test_what_came_by_another_road_and_is_undone_at_the_source_is_undone(two: Two, hub: Hub, other: Two) -> None:
    """The source stands as this road saw it last; what is held does not."""
    with two.source() as source:
        key, name = source.exec_driver_sql(f"select ma_doi_tuong, ho_ten from {REGISTER} order by 1 limit 1").one()
    named = f"update {REGISTER} set ho_ten = '{{}}' where ma_doi_tuong = '{key}'"
    assert change(two, named.format("Mới")) == 1
    other.night(hub)
    assert rows(hub, f"select count(*) from core.{BENEFICIARIES.table} where full_name = 'Mới'") == [(1,)]
    assert change(two, named.format(name)) == 1
    two.night(hub)
    check_content_as_from_nothing(two, hub)


def test_a_cell_that_another_road_filled_is_not_emptied_by_a_source_that_still_has_nothing(
    two_alike: Two, hub_alike: Hub, other_alike: Two
) -> None:
    """It had nothing of it when it was read last, and a file may have come meanwhile for what it does not hold."""
    two, hub, other = two_alike, hub_alike, other_alike
    inside = f"{MONTH} and {COMMUNE} in ({codes_of('412', dt.date(2024, 10, 31))})"
    assert change(two, f"delete from {LIST} where {inside}") > 5
    by_hand(two, hub, MONTHLY_PAYMENTS, "2024-10", "412", confirm_shrink=True)
    two.night(hub)
    change(two, f"insert into {LIST} select * from kept_{LIST} where {inside}")
    other.night(hub)
    count = f"select count(*) > 5 from core.{MONTHLY_PAYMENTS.table} where period = '2024-10' and unit_code = '412'"
    assert rows(hub, count) == [(True,)]
    change(two, f"delete from {LIST} where {inside}")
    two.night(hub)
    assert rows(hub, count) == [(True,)]


# What a sync calls, and at which of its calls it is killed; each time it goes on from where the one before was.
INSTANTS = (
    ("resources.raw_store:RawWriter.write", 1),
    ("resources.raw_store:RawWriter.close", 1),
    ("resources.warehouse.loading.full:PeriodLoad.commit", 1),
    ("resources.warehouse.arrivals.cells:DatasetCells.end", 1),  # of the register, which is loaded by now
    ("resources.warehouse.loading.full:PeriodLoad.commit", 2),
)
KILLED = """
import itertools, json, os, pkgutil, signal, sys, time
from assets.cells.outcome import Request
from assets.cells.run import sync_dataset
from resources.connectors.connect import ROADS, connect
from resources.failing import Transient
from resources.hub import Hub
from resources.warehouse.loading import set_rules
from tests.fixtures import arrow_connector
from tests.integration.two_hubs import DATASETS

ROADS["files"] = arrow_connector.connect
if os.environ.get(DATASETS[0].source.environment, "").startswith("http:"):
    from schemas import services
    from tests.integration.by_rest import SERVICES

    services.services = lambda: SERVICES

def sync():
    hub = Hub.open()
    with connect(DATASETS[0].source, hub.settings) as opened:
        for dataset in DATASETS:
            sync_dataset(hub, dataset, opened, Request("killed"))

def sync_until(called, number):
    of, _, name = called.rpartition(".")
    owner, calls = pkgutil.resolve_name(of), itertools.count(1)
    real = getattr(owner, name)
    def counted(*arguments, **named):
        if next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **named)
    setattr(owner, name, counted)
    while True:
        try:
            sync()
            os._exit(0)
        except Transient:  # the server has not seen yet that the one before is gone
            time.sleep(0.1)

for called, number in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        sync_until(called, number)
    _, status = os.waitpid(child, 0)
    print(called, number, os.waitstatus_to_exitcode(status), flush=True)
"""


@pytest.mark.landing
def test_after_a_kill_at_any_instant_a_night_ends_where_a_load_from_nothing_does(two: Two, hub: Hub) -> None:
    def killed(hub: Hub) -> None:
        with two.connected(hub):  # the files are as the source stands
            pass
        environment = two.made.environment | two.environment | {"WAREHOUSE_URL": hub.warehouse.url}
        done = warm().run("tests.integration.script", (KILLED, json.dumps(INSTANTS)), environment, timeout=120)
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == [f"{called} {number} {-signal.SIGKILL}" for called, number in INSTANTS], done.stderr

    spoil(two)
    killed(hub)
    two.night(hub)
    with nothing_read(two) as fresh:
        killed(fresh)
        two.night(fresh)
        assert all_held(fresh) == all_held(hub)
        check_as_from_nothing(two, fresh)


@pytest.mark.landing
def test_the_doctor_goes_by_the_address_and_says_what_an_owner_has_to_take_back(by_mariadb: Two) -> None:
    server, database = by_mariadb.mariadb, f"source_{SOURCE}"
    assert server is not None
    by_mariadb.made.ansinh("demo", "up")  # the others are fine, and nothing hides what is found
    reset(by_mariadb)
    every = [*(d.road.table for d in datasets_of(BENEFICIARIES.source)), SUBMISSION_LOG.road.table]
    copied(server, database, by_mariadb.made.server.url(database, f"{SOURCE}_owner"), every)
    warehouse = by_mariadb.made.server.url(f"{by_mariadb.road}_read")
    made = by_mariadb.made.having(**{BENEFICIARIES.source.environment: server.url(database)}, WAREHOUSE_URL=warehouse)

    fine = made.doctor(status=None)
    assert re.search(
        r"3 bảng đúng cấu trúc, thấy mọi dòng, tài khoản không ghi được; .{,200}không mã hóa, ssl-mode=DISABLED", fine
    ), fine
    server.execute(f"grant insert on {database}.{LIST} to '{READER}'@'%'")
    assert f"có quyền INSERT ở bảng {LIST}" in made.doctor(status=1)
    server.execute(f"revoke insert on {database}.{LIST} from '{READER}'@'%'", f"alter table {database}.{LIST} engine = MyISAM")
    assert "MyISAM" in made.doctor(status=1)
    server.copied.clear()
