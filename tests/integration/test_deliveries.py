"""Files that units send beside the database of their system, and as the only road of one."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from assets.cells.asset import run_cells
from assets.cells.failures import ReasonMissing
from assets.cells.outcome import Outcome, Request
from resources.connectors.failures import SentFileUnreadable
from resources.failures import Unreachable
from resources.hub import Hub
from resources.warehouse.arrivals import deliveries, tracker
from resources.workbooks.marks import MARK
from schemas import calendar, units
from schemas.dataset import PROVINCE
from schemas.sources.social_protection.datasets import MONTHLY_PAYMENTS
from tests.integration.by_drop import ByDrop, deliver, rows_away, texts
from tests.integration.test_returned import edited, export, mending, read
from tests.integration.two_hubs import DATASETS, LIST, MONTH, Two, change, drop, reset, rows

# pyright: reportAttributeAccessIssue=false

OF_LIST = DATASETS[1]
COMMUNE, KEY_COLUMN = (MONTHLY_PAYMENTS.column(name).source_column for name in ("commune_code", "beneficiary_id"))
CORE = f"core.{MONTHLY_PAYMENTS.table}"
VINH, CUA_LO, PERIOD, LOCKED = "412", "413", "2024-10", "2024-05"
HAND = {"ansinh/reason": "kiểm thử", "ansinh/officer": "cán bộ thử"}


@pytest.fixture(scope="module")
def without(two: Two) -> Iterator[Two]:
    """A source that has nothing of Vinh in October."""
    reset(two)
    assert change(two, f"delete from {LIST} where {MONTH} and {COMMUNE} in ({codes(VINH)})") > 5
    yield two
    reset(two)


@pytest.fixture(scope="module")
def hub(without: Two) -> Iterator[Hub]:
    """That has read it."""
    found = without.hub()
    assert run(without, found).failure is None
    yield found
    drop(without, found)


def codes(unit: str, period: str = PERIOD) -> str:
    first, last = calendar.span(period)
    return ", ".join(f"'{code}'" for code, of in sorted(units.placing(first, last).items()) if of == unit)


def run(two: Two, hub: Hub, run_id: str = "test", **asked: Any) -> Outcome:
    with two.leading(hub):
        return run_cells(hub, OF_LIST, Request(run_id, **asked), HAND if asked.get("by_hand") else {})


def by_hand(two: Two, hub: Hub, period: str, unit: str) -> Outcome:
    return run(two, hub, cells=frozenset({(period, unit)}), by_hand=True)


def of_unit(two: Two, unit: str, period: str = PERIOD) -> pa.Table:
    """What a unit has to send of a month."""
    where = f"thang = date '{period}-01' and {COMMUNE} in ({codes(unit, period)}) order by {KEY_COLUMN}"
    return texts(two.owned, OF_LIST, f"kept_{LIST}", where)


def put(table: pa.Table, column: str, value: str, at: int = 0) -> pa.Table:
    """With another value in one row."""
    place = table.schema.get_field_index(column)
    cells = table.column(column).to_pylist()
    cells[at] = value
    return table.set_column(place, column, pa.array(cells, pa.string()))


def cell(hub: Hub, unit: str = VINH, period: str = PERIOD) -> tuple[int, int, int]:
    """Rows received, rejected and waiting."""
    with hub.warehouse.engine.connect() as connection:
        told = tracker.cells(connection, [OF_LIST.source.name], period)
    (found,) = [c for c in told if (c["dataset"], c["unit_code"]) == (OF_LIST.name, unit)]
    return found["rows_received"], found["rows_rejected"], found["rows_waiting"]


def last_arrival(hub: Hub, unit: str = VINH, period: str = PERIOD) -> tuple[str, str, str]:
    query = """select road, kind, outcome from ops.arrivals where dataset = 'monthly_payments' and period = :p and unit_code = :u
        order by id desc limit 1"""
    return rows(hub, query, p=period, u=unit)[0]


def amounts(hub: Hub, unit: str = VINH, period: str = PERIOD) -> dict[str, int]:
    return dict(
        rows(hub, f"select beneficiary_id, amount_vnd from {CORE} where period = :p and unit_code = :u", p=period, u=unit)
    )


def test_a_cell_that_came_in_a_file_stands_until_the_rows_of_the_database_move(without: Two, hub: Hub) -> None:
    two, sent = without, of_unit(without, VINH)
    assert cell(hub) == (0, 0, 0)
    delivered = deliver(hub, OF_LIST, VINH, [PERIOD], sent)
    assert deliver(hub, OF_LIST, VINH, [PERIOD], sent) is None, "the same file once more is harmless"
    outcome = run(two, hub)
    assert [(c.period, c.unit, c.outcome, c.received) for c in outcome.cells] == [(PERIOD, VINH, "accepted", sent.num_rows)]
    assert last_arrival(hub) == ("drop", "whole", "accepted")
    assert rows(hub, "select distinct road from ops.datasets where dataset = 'monthly_payments'") == [("sql",)]
    assert rows(hub, "select id from ops.deliveries where loaded_at is not null and run_id = 'test'") == [(delivered,)]
    stood = amounts(hub)

    def check_stands(why: str) -> None:
        assert (amounts(hub), cell(hub)[0], last_arrival(hub)[0]) == (stood, sent.num_rows, "drop"), why

    for asked in ({}, {"whole": True}, {}):
        assert run(two, hub, **asked).cells == []
        check_stands("the database still has nothing, also when it is read whole")
    other = f"{LIST} where {MONTH} and {COMMUNE} in ({codes(CUA_LO)})"
    assert change(two, f"update {LIST} set so_tien = '210000' where ctid = (select min(ctid) from {other})") == 1
    assert [c.unit for c in run(two, hub).cells] == [CUA_LO]
    check_stands("a neighbour moved")
    nowhere = f"insert into {LIST} select * from {other} limit 1"
    assert change(two, nowhere) == 1
    assert change(two, f"update {LIST} set {COMMUNE} = '99999' where ctid = (select max(ctid) from {LIST})") == 1
    run(two, hub)
    check_stands("a row that may be of any cell came")

    first = f"insert into {LIST} select * from kept_{LIST} where {MONTH} and {COMMUNE} in ({codes(VINH)})"
    assert change(two, first) == sent.num_rows
    assert change(two, f"update {LIST} set so_tien = '250000' where {MONTH} and {KEY_COLUMN} = '{sent[KEY_COLUMN][0]}'") == 1
    run(two, hub)
    assert amounts(hub) == stood | {sent[KEY_COLUMN][0].as_py().strip(): 250_000}
    assert last_arrival(hub)[0] == "sql", "the first rows that the database has of it win"

    again = put(sent, "so_tien", "260000")
    deliver(hub, OF_LIST, VINH, [PERIOD], again)
    run(two, hub)
    by_file = stood | {sent[KEY_COLUMN][0].as_py().strip(): 260_000}
    for asked in ({}, {"whole": True}):
        run(two, hub, **asked)
        assert amounts(hub) == by_file, "the database stands as it stood"
    assert change(two, f"update {LIST} set so_tien = '270000' where {MONTH} and {KEY_COLUMN} = '{sent[KEY_COLUMN][1]}'") == 1
    run(two, hub)
    in_database = stood | {sent[KEY_COLUMN][0].as_py().strip(): 250_000, sent[KEY_COLUMN][1].as_py().strip(): 270_000}
    assert amounts(hub) == in_database, "what moved there is read whole"
    assert run(two, hub, whole=True).cells == []


def test_a_locked_cell_waits_for_an_officer_who_loads_the_file_and_then_the_database(without: Two, hub: Hub) -> None:
    two = without
    stood, sent = amounts(hub, period=LOCKED), put(of_unit(without, VINH, LOCKED), "so_tien", "310000")
    id_ = deliver(hub, OF_LIST, VINH, [LOCKED], sent)
    for _ in range(2):
        assert run(two, hub).cells == []
    assert (amounts(hub, period=LOCKED), cell(hub, period=LOCKED)[2]) == (stood, 1), "one row of it differs"
    waits = f"select waiting from ops.deliveries where id = {id_}"
    assert rows(hub, waits) == [({f"{LOCKED}|{VINH}": 1},)]
    with pytest.raises(ReasonMissing), two.leading(hub):
        run_cells(hub, OF_LIST, Request("test", frozenset({(LOCKED, VINH)}), by_hand=True), {})
    [loaded] = by_hand(two, hub, LOCKED, VINH).cells
    assert (loaded.outcome, last_arrival(hub, period=LOCKED)[0], cell(hub, period=LOCKED)[2]) == ("accepted", "drop", 0)
    first = sent[KEY_COLUMN][0].as_py().strip()
    assert amounts(hub, period=LOCKED) == stood | {first: 310_000} != stood
    assert rows(hub, waits) == [({},)]
    run(two, hub, whole=True)
    assert amounts(hub, period=LOCKED)[first] == 310_000
    by_hand(two, hub, LOCKED, VINH)
    assert (amounts(hub, period=LOCKED), last_arrival(hub, period=LOCKED)[0]) == (stood, "sql"), (
        "nothing waits: the database is asked"
    )


def test_what_a_commune_sends_of_the_cell_of_its_district_leaves_the_rest_of_it(without: Two, hub: Hub) -> None:
    two, stood = without, amounts(hub, CUA_LO)
    table = of_unit(without, CUA_LO)
    commune = table[COMMUNE][0].as_py()
    mine = put(table.filter(pc.equal(table[COMMUNE], commune)), "so_tien", "320000")
    assert 0 < mine.num_rows < table.num_rows
    deliver(hub, OF_LIST, commune, [PERIOD], mine)
    run(two, hub)
    assert last_arrival(hub, CUA_LO)[:2] == ("drop", "patch")
    assert amounts(hub, CUA_LO) == stood | {mine[KEY_COLUMN][0].as_py().strip(): 320_000}
    assert run(two, hub).cells == []

    locked = amounts(hub, CUA_LO, LOCKED)
    table = of_unit(without, CUA_LO, LOCKED)
    mine = put(table.filter(pc.equal(table[COMMUNE], table[COMMUNE][0].as_py())), "so_tien", "320000")
    deliver(hub, OF_LIST, table[COMMUNE][0].as_py(), [LOCKED], mine)
    assert run(two, hub).waiting == {(LOCKED, CUA_LO): mine.num_rows}
    assert (amounts(hub, CUA_LO, LOCKED), cell(hub, CUA_LO, LOCKED)[2]) == (locked, mine.num_rows)
    by_hand(two, hub, LOCKED, CUA_LO)
    assert amounts(hub, CUA_LO, LOCKED) == locked | {mine[KEY_COLUMN][0].as_py().strip(): 320_000}
    assert cell(hub, CUA_LO, LOCKED)[2] == 0


def test_a_row_of_another_unit_is_set_aside_in_the_cell_of_who_sent_it(without: Two, hub: Hub) -> None:
    two, neighbour = without, (amounts(hub, CUA_LO), cell(hub, CUA_LO))
    strange = of_unit(without, CUA_LO).slice(0, 2)
    sent = put(pa.concat_tables([of_unit(without, VINH), strange, strange.slice(0, 1)]), COMMUNE, "99999", at=-1)
    deliver(hub, OF_LIST, VINH, [PERIOD], sent)
    [loaded] = run(two, hub).cells
    assert (loaded.unit, loaded.accepted + loaded.rejected) == (VINH, sent.num_rows)
    told = """select failures -> 0 ->> 'rule', count(*) from quarantine.rows where dataset = 'monthly_payments' and period = :p
        and unit_code = :u and resolved_at is null and received ->> :commune = any(:strange) group by 1 order by 1"""
    found = rows(hub, told, p=PERIOD, u=VINH, commune=COMMUNE, strange=[*strange[COMMUNE].to_pylist(), "99999"])
    assert found == [("commune_code_listed", 1), ("sender_matches", 2)]
    meta = "select count(*) from quarantine.rows where received::text like '%ansinh%'"
    assert rows(hub, meta) == [(0,)]
    assert (amounts(hub, CUA_LO), cell(hub, CUA_LO)) == neighbour


def test_a_file_that_cannot_be_loaded_stops_neither_another_nor_the_database(without: Two, hub: Hub) -> None:
    two, sent = without, of_unit(without, VINH)
    lost = deliver(hub, OF_LIST, VINH, [PERIOD], put(sent, "so_tien", "330000"))
    deliver(hub, OF_LIST, CUA_LO, [PERIOD], put(of_unit(without, CUA_LO), "so_tien", "340000", at=-1))
    with rows_away(hub, lost):
        outcome = run(two, hub)
        assert [c.unit for c in outcome.cells] == [CUA_LO] and [type(f) for f in outcome.trouble] == [SentFileUnreadable]
        assert outcome.failure is None
    silent = {OF_LIST.source.environment: "postgresql://reader@127.0.0.1:9/nowhere"}
    with mock.patch.dict(os.environ, silent):
        outcome = run(two, hub)
    assert isinstance(outcome.failure, Unreachable), "the database is down"
    assert [c.unit for c in outcome.cells] == [VINH] and 330_000 in amounts(hub).values()
    ((failure,),) = rows(hub, "select last_failure from ops.datasets where dataset = 'monthly_payments'")
    assert failure == str(outcome.failure)
    before = rows(hub, "select max(id) from ops.pulls")
    assert run(two, hub, files_alone=True).cells == [] and rows(hub, "select max(id) from ops.pulls") == before


@pytest.mark.parametrize("period", [PERIOD, LOCKED])
def test_a_mended_row_that_came_back_is_loaded_and_waits_where_its_period_is_locked(
    without: Two, hub: Hub, period: str, tmp_path: Path
) -> None:
    two = without
    with two.source() as source:  # a test before this one has written a row twice, in another commune
        twice = source.exec_driver_sql(f"select trim({KEY_COLUMN}) from {LIST} group by 1, thang having count(*) > 1").scalars()
        key = min(amounts(hub, CUA_LO, period).keys() - set(twice))
    here = f"update {LIST} set so_tien = 'không rõ' where thang = date '{period}-01' and trim({KEY_COLUMN}) = '{key}'"
    assert change(two, here) > 0
    by_hand(two, hub, period, CUA_LO)
    assert key not in amounts(hub, CUA_LO, period)
    back = read(edited(export(hub, tmp_path / "loai.xlsx", period), mending({key: {"so_tien": "390000"}})), OF_LIST)
    sent = back.drop_columns([name for name in back.column_names if name.startswith("ansinh") and name != MARK])
    id_ = deliver(hub, OF_LIST, CUA_LO, [period], sent, "patch")
    outcome = run(two, hub)
    if period == LOCKED:
        assert (outcome.waiting, outcome.cells) == ({(period, CUA_LO): 1}, []) and cell(hub, CUA_LO, period)[2] == 1
        by_hand(two, hub, period, CUA_LO)
    assert amounts(hub, CUA_LO, period)[key] == 390_000 and last_arrival(hub, CUA_LO, period)[:2] == ("drop", "patch")
    assert rows(hub, f"select loaded_at is not null, waiting from ops.deliveries where id = {id_}") == [(True, {})]
    for asked in ({}, {"whole": True}):
        run(two, hub, **asked)
        assert amounts(hub, CUA_LO, period)[key] == 390_000, "the database says what it said"


def test_what_was_loaded_when_the_run_was_cut_off_is_not_loaded_again_over_what_the_database_said_since(
    without: Two, hub: Hub
) -> None:
    two, sent = without, put(of_unit(without, CUA_LO), "so_tien", "370000", at=-1)
    key = sent[KEY_COLUMN][-1].as_py()
    deliver(hub, OF_LIST, CUA_LO, [PERIOD], sent)
    with mock.patch.object(deliveries, "mark_loaded", side_effect=RuntimeError("killed")):
        assert len(run(two, hub, run_id="cut").trouble) == 1
    assert amounts(hub, CUA_LO)[key.strip()] == 370_000
    assert change(two, f"update {LIST} set so_tien = '380000' where {MONTH} and {KEY_COLUMN} = '{key}'") == 1
    run(two, hub)
    assert amounts(hub, CUA_LO)[key.strip()] == 380_000
    assert rows(hub, "select count(*) from ops.deliveries where loaded_at is null") == [(0,)]


def test_of_each_commune_the_latest_file_holds_whose_sender_answers_for_it(without: Two) -> None:
    """The only road of the system, and files of its units in any order: what holds is what the province would have sent."""
    two = ByDrop(without.made, "drop")
    hub = without.hub()
    of_each = {unit.code: of_unit(without, unit.code) for unit in units.submitting_units(calendar.span(PERIOD)[1])}
    owed = [unit for unit, sent in of_each.items() if sent.num_rows]
    every = pa.concat_tables([of_each[unit] for unit in owed])
    vinh = of_unit(without, VINH)
    commune = vinh[COMMUNE][0].as_py()
    (stale, mine), rest = (put(vinh, "so_tien", f"{n}0000") for n in (35, 36)), of_unit(without, CUA_LO)
    deliver(hub, OF_LIST, PROVINCE, [PERIOD], put(every, "so_tien", "340000"))
    deliver(hub, OF_LIST, commune, [PERIOD], stale.filter(pc.equal(stale[COMMUNE], commune)))
    for unit in reversed(owed):
        deliver(hub, OF_LIST, unit, [PERIOD], of_each[unit])
    deliver(hub, OF_LIST, commune, [PERIOD], mine.filter(pc.equal(mine[COMMUNE], commune)))
    deliver(hub, OF_LIST, CUA_LO, [PERIOD], rest.slice(1))
    deliver(hub, OF_LIST, CUA_LO, [PERIOD], rest)

    def night(**asked: Any) -> Outcome:
        with Two.leading(two, hub), mock.patch.dict(os.environ, two.environment | {"WAREHOUSE_URL": hub.warehouse.url}):
            return run_cells(hub, OF_LIST, Request("test", **asked), HAND)

    assert {c.unit for c in night().loaded()} == set(owed)
    held = rows(hub, f"select count(*), count(distinct row_key) from {CORE}") + rows(
        hub, "select count(*) from quarantine.rows where resolved_at is null"
    )
    assert held[0][0] + held[1][0] == every.num_rows and held[0][0] == held[0][1]
    assert amounts(hub)[mine[KEY_COLUMN][0].as_py().strip()] == 360_000
    assert rows(hub, "select count(*) from ops.deliveries where loaded_at is null") == [(0,)]
    of_cua_lo = "select marked_rows from ops.cells where period = :p and unit_code = :u"
    assert rows(hub, of_cua_lo, p=PERIOD, u=CUA_LO) == [(None,)], "what lay there at the first look tells no day of sending"
    deliver(hub, OF_LIST, CUA_LO, [PERIOD], put(rest, "so_tien", "410000"))
    assert [c.unit for c in night().loaded()] == [CUA_LO]
    assert rows(hub, of_cua_lo, p=PERIOD, u=CUA_LO) == [(rest.num_rows,)], "who sent it, and how many rows"
    for asked in ({}, {"whole": True}, {"cells": frozenset({(PERIOD, VINH)}), "by_hand": True}):
        outcome = night(**asked)
        assert [(c.unit, c.outcome) for c in outcome.cells] == ([(VINH, "accepted")] if asked.get("by_hand") else [])
    drop(without, hub)
