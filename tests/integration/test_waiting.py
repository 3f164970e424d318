"""What units sent for cells that a person has to load: it waits until its own rows were loaded, whatever else became of the cell."""

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from assets.cells.asset import run_cells
from assets.cells.outcome import Outcome, Request
from resources.connectors.failures import SentFileUnreadable
from resources.hub import Hub
from resources.warehouse import migrations
from resources.warehouse.arrivals import tracker
from resources.workbooks.marks import MARK
from schemas.dataset import PROVINCE
from tests.integration.by_drop import ByDrop, deliver, rows_away, texts
from tests.integration.test_deliveries import (
    COMMUNE,
    CUA_LO,
    HAND,
    KEY_COLUMN,
    LOCKED,
    OF_LIST,
    PERIOD,
    VINH,
    amounts,
    codes,
    of_unit,
    put,
    run,
)
from tests.integration.test_returned import edited, export, mending, read
from tests.integration.two_hubs import LIST, MONTH, Two, change, drop, fresh_hub, reset, rows

LARGE, UNKNOWN_AMOUNT = "432", "không rõ"


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


def by_hand(two: Two, hub: Hub, period: str, unit: str, **asked: Any) -> Outcome:
    return run(two, hub, run_id="hand", cells=frozenset({(period, unit)}), by_hand=True, **asked)


def waiting(hub: Hub, id_: int | None) -> list[str]:
    ((found,),) = rows(hub, "select waiting from ops.deliveries where id = :id", id=id_)
    return [*found]


def counted(hub: Hub, unit: str = CUA_LO) -> tuple[int, int]:
    """Of a locked cell the rows that wait as officers are told, and those of them that wait at the source."""
    with hub.warehouse.engine.connect() as connection:
        of_cells = tracker.cells(connection, [OF_LIST.source.name], LOCKED)
    (told,) = [c["rows_waiting"] for c in of_cells if (c["dataset"], c["unit_code"]) == (OF_LIST.name, unit)]
    query = "select rows_waiting from ops.cells where dataset = :d and period = :p and unit_code = :u"
    ((at_source,),) = rows(hub, query, d=OF_LIST.name, p=LOCKED, u=unit)
    with hub.warehouse.engine.connect() as connection:
        assert tracker.held(connection, OF_LIST).waiting == told, "nothing else waits"
    return told, at_source


def as_an_older_one(hub: Hub) -> None:
    """Put the warehouse as it was at version 10: one number for both, and whoever counted last had it."""
    with hub.warehouse.engine.begin() as connection:
        for statement in (
            """update ops.cells c set rows_waiting = cast(d.waiting ->> (period || '|' || unit_code) as bigint) from ops.deliveries d
                where d.source = c.source and d.dataset = c.dataset and d.waiting ? (period || '|' || unit_code)""",
            "alter table ops.deliveries rename column waiting to kept",
            "alter table ops.deliveries add column waiting text[] not null default '{}'",
            "update ops.deliveries set waiting = array(select jsonb_object_keys(kept))",
            "alter table ops.deliveries drop column kept",
        ):
            connection.exec_driver_sql(statement)


def migrate_again(hub: Hub) -> None:
    with hub.warehouse.engine.begin() as connection:
        migrations.migrate(connection)


def key_of(sent: pa.Table, at: int = 0) -> str:
    return sent[KEY_COLUMN][at].as_py().strip()


def mended(hub: Hub, into: Path, period: str, key: str, amount: str) -> pa.Table:
    """The rows of the workbook of rejected rows once this one was mended."""
    back = read(edited(export(hub, into, period), mending({key: {"so_tien": amount}})), OF_LIST)
    return back.drop_columns([name for name in back.column_names if name.startswith("ansinh") and name != MARK])


def test_of_two_files_that_wait_for_a_cell_the_one_that_fails_still_waits(two: Two, hub: Hub) -> None:
    sent = of_unit(two, CUA_LO, LOCKED)
    key, of_commune = key_of(sent), sent.slice(0, 1)
    commune = of_commune["ma_xa_chi_tra"][0].as_py()
    first = deliver(hub, OF_LIST, CUA_LO, [LOCKED], put(sent, "so_tien", "310000"))
    second = deliver(hub, OF_LIST, commune, [LOCKED], put(of_commune, "so_tien", "320000"))
    run(two, hub)
    assert waiting(hub, first) == waiting(hub, second) == [f"{LOCKED}|{CUA_LO}"]
    with rows_away(hub, second):
        assert len(by_hand(two, hub, LOCKED, CUA_LO).trouble) == 1
        assert amounts(hub, CUA_LO, LOCKED)[key] == 310_000
        assert (waiting(hub, first), waiting(hub, second)) == ([], [f"{LOCKED}|{CUA_LO}"])
    by_hand(two, hub, LOCKED, CUA_LO)
    assert amounts(hub, CUA_LO, LOCKED)[key] == 320_000 and waiting(hub, second) == []


def test_a_night_that_reads_a_locked_cell_whole_leaves_what_waits_of_files(two: Two, hub: Hub) -> None:
    sent = of_unit(two, CUA_LO, LOCKED)
    commune = sent["ma_xa_chi_tra"][0].as_py()
    mine = put(sent.filter(pc.equal(sent["ma_xa_chi_tra"], commune)), "so_tien", "320000")
    deliver(hub, OF_LIST, commune, [LOCKED], mine)
    run(two, hub)
    assert counted(hub) == (mine.num_rows, 0)
    deliver(hub, OF_LIST, CUA_LO, [LOCKED], put(sent, "so_tien", "310000"))
    for amount in ("330000", "340000"):  # the later file of a sender holds
        deliver(hub, OF_LIST, CUA_LO, [LOCKED], put(sent, "so_tien", amount))
    for asked in ({}, {"whole": True}, {}):
        run(two, hub, **asked)
        assert counted(hub) == (mine.num_rows + 1, 0)
    by_hand(two, hub, LOCKED, CUA_LO)
    assert counted(hub) == (0, 0)


def test_what_waits_at_the_source_and_of_a_patch_is_told_together_and_kept_apart(two: Two, tmp_path: Path) -> None:
    reset(two)
    hub = two.hub()
    first, second = (key_of(of_unit(two, CUA_LO, LOCKED), at) for at in (0, 1))
    of_month = f"where thang = date '{LOCKED}-01' and trim({KEY_COLUMN})"
    assert change(two, f"update {LIST} set so_tien = '{UNKNOWN_AMOUNT}' {of_month} = '{first}'")
    run(two, hub)
    stood = amounts(hub, CUA_LO, LOCKED)
    assert first not in stood
    patch = mended(hub, tmp_path / "loai.xlsx", LOCKED, first, "390000")
    assert change(two, f"update {LIST} set so_tien = '350000' {of_month} = '{second}'")
    run(two, hub)
    assert counted(hub) == (1, 1)
    deliver(hub, OF_LIST, CUA_LO, [LOCKED], patch, "patch")
    for asked in ({}, {"whole": True}, {}):
        run(two, hub, **asked)
        assert (counted(hub), amounts(hub, CUA_LO, LOCKED)) == ((2, 1), stood)
    by_hand(two, hub, LOCKED, CUA_LO)
    assert amounts(hub, CUA_LO, LOCKED) == stood | {first: 390_000}
    for asked in ({}, {"whole": True}):
        assert counted(hub) == (1, 1), "of the source nothing was loaded"
        run(two, hub, **asked)
    by_hand(two, hub, LOCKED, CUA_LO)
    assert amounts(hub, CUA_LO, LOCKED) == stood | {first: 390_000, second: 350_000} and counted(hub) == (0, 0)
    drop(two, hub)
    reset(two)


def test_a_cell_that_is_loaded_from_the_source_leaves_what_waits_of_a_file(two: Two) -> None:
    reset(two)
    hub, sent = two.hub(), of_unit(two, CUA_LO, LOCKED)
    run(two, hub)
    key = key_of(sent)
    assert change(two, f"update {LIST} set so_tien = '350000' where thang = date '{LOCKED}-01' and trim({KEY_COLUMN}) = '{key}'")
    id_ = deliver(hub, OF_LIST, CUA_LO, [LOCKED], put(put(sent, "so_tien", "310000", 1), "so_tien", "310000", 2))
    run(two, hub)
    assert counted(hub) == (3, 1)
    as_an_older_one(hub)
    assert waiting(hub, id_) == [f"{LOCKED}|{CUA_LO}"]
    migrate_again(hub)
    assert waiting(hub, id_) == [f"{LOCKED}|{CUA_LO}"] and counted(hub) == (2, 0), "the source's is counted when it is read"
    run(two, hub)
    assert counted(hub) == (3, 1)
    migrate_again(hub)
    assert counted(hub) == (3, 1), "once"
    with rows_away(hub, id_):
        assert len(by_hand(two, hub, LOCKED, CUA_LO).trouble) == 1
        assert amounts(hub, CUA_LO, LOCKED)[key] == 350_000 and counted(hub) == (2, 0)
        as_an_older_one(hub)
        migrate_again(hub)
        assert counted(hub) == (2, 0)
    by_hand(two, hub, LOCKED, CUA_LO)
    assert amounts(hub, CUA_LO, LOCKED)[key] == int(sent["so_tien"][0].as_py()) and counted(hub) == (0, 0)
    drop(two, hub)
    reset(two)


def test_an_earlier_file_of_a_sender_that_failed_is_not_loaded_over_the_later_one(two: Two, hub: Hub) -> None:
    sent = of_unit(two, VINH, LOCKED)
    first, second = (deliver(hub, OF_LIST, VINH, [LOCKED], put(sent, "so_tien", amount)) for amount in ("310000", "320000"))
    run(two, hub)
    with rows_away(hub, first):
        by_hand(two, hub, LOCKED, VINH)
    assert waiting(hub, first) == waiting(hub, second) == []
    assert amounts(hub, period=LOCKED)[key_of(sent)] == 320_000


def test_a_file_that_was_refused_by_hand_waits_on(two: Two, hub: Hub) -> None:
    stood, sent = amounts(hub, period=LOCKED), of_unit(two, VINH, LOCKED)
    bad = sent.set_column(
        sent.schema.get_field_index("so_tien"), "so_tien", pa.array([UNKNOWN_AMOUNT] * sent.num_rows, pa.string())
    )
    id_ = deliver(hub, OF_LIST, VINH, [LOCKED], bad)
    run(two, hub)
    [refused] = by_hand(two, hub, LOCKED, VINH).cells
    assert (refused.outcome, amounts(hub, period=LOCKED)) == ("refused", stood)
    assert waiting(hub, id_) == [f"{LOCKED}|{VINH}"]
    deliver(hub, OF_LIST, VINH, [LOCKED], put(sent, "so_tien", "330000"))
    run(two, hub)
    by_hand(two, hub, LOCKED, VINH)
    assert waiting(hub, id_) == [] and amounts(hub, period=LOCKED)[key_of(sent)] == 330_000


def test_a_patch_that_waits_is_loaded_by_hand_where_files_are_the_main_road(two: Two, tmp_path: Path) -> None:
    reset(two)
    hub, by_drop = two.hub(), ByDrop(two.made, "drop")
    key = key_of(of_unit(two, CUA_LO, LOCKED))
    assert change(
        two, f"update {LIST} set so_tien = '{UNKNOWN_AMOUNT}' where thang = date '{LOCKED}-01' and trim({KEY_COLUMN}) = '{key}'"
    )
    run(by_drop, hub)
    assert key not in amounts(hub, CUA_LO, LOCKED)
    id_ = deliver(hub, OF_LIST, CUA_LO, [LOCKED], mended(hub, tmp_path / "loai.xlsx", LOCKED, key, "390000"), "patch")
    run(by_drop, hub)
    assert waiting(hub, id_) == [f"{LOCKED}|{CUA_LO}"]
    by_hand(by_drop, hub, LOCKED, CUA_LO)
    assert amounts(hub, CUA_LO, LOCKED)[key] == 390_000 and waiting(hub, id_) == []
    drop(two, hub)
    reset(two)


@pytest.mark.parametrize("has_rows", [False, True])
def test_a_confirmation_is_of_the_file_that_was_refused(two: Two, has_rows: bool) -> None:
    """Whatever the database has of the cell: nothing, or other rows."""
    reset(two)
    here = f"{LIST} where {MONTH} and {COMMUNE} in ({codes(VINH)})"
    sent = of_unit(two, VINH)
    if not has_rows:
        assert change(two, f"delete from {here}") == sent.num_rows
    hub = two.hub()
    asked, few = dataclasses.replace(OF_LIST, shrink_share=0.1), put(sent, "so_tien", "350000").slice(0, sent.num_rows // 2)

    def load(**how: Any) -> Outcome:
        with two.leading(hub):
            return run_cells(hub, asked, Request("test", **how), HAND if how else {})

    load()
    deliver(hub, asked, VINH, [PERIOD], sent)
    load()
    stood = amounts(hub)
    assert len(stood) == sent.num_rows
    deliver(hub, asked, VINH, [PERIOD], few)
    [refused] = load().cells
    assert refused.outcome == "refused" and "--confirm-shrink" in (refused.reason or "") and amounts(hub) == stood
    ((sent_last,),) = rows(hub, "select max(id) from ops.deliveries")
    of_cell = {"cells": frozenset({(PERIOD, VINH)}), "by_hand": True, "confirm_shrink": True}
    with rows_away(hub, sent_last):
        lost = load(**of_cell)
        assert isinstance(lost.failure, SentFileUnreadable) and amounts(hub) == stood, "the database is no answer"
    [confirmed] = load(**of_cell).cells
    assert (confirmed.outcome, confirmed.received) == ("accepted", few.num_rows)
    held = amounts(hub)
    assert len(held) == few.num_rows and held[key_of(few)] == 350_000
    for again in ({}, {"whole": True}):
        load(**again)
        assert amounts(hub) == held, "the database stands as it stood"
    drop(two, hub)
    reset(two)


def test_a_patch_of_a_refused_cell_is_loaded_with_the_confirmation(two: Two, tmp_path: Path) -> None:
    reset(two)
    key = key_of(of_unit(two, LARGE))
    assert change(two, f"update {LIST} set so_tien = '{UNKNOWN_AMOUNT}' where {MONTH} and trim({KEY_COLUMN}) = '{key}'")
    hub, asked = two.hub(), dataclasses.replace(OF_LIST, shrink_share=0.1)

    def load(**how: Any) -> Outcome:
        with two.leading(hub):
            return run_cells(hub, asked, Request("test", **how), HAND if how else {})

    load()
    sent = mended(hub, tmp_path / "loai.xlsx", PERIOD, key, "390000")
    here = f"{LIST} where {MONTH} and {COMMUNE} in ({codes(LARGE)}) and trim({KEY_COLUMN}) <> '{key}'"
    assert change(two, f"delete from {here} and ctid not in (select ctid from {here} order by 1 limit 3)") > 5
    assert [c.outcome for c in load().cells if c.unit == LARGE] == ["refused"]
    deliver(hub, asked, LARGE, [PERIOD], sent, "patch")
    assert [c.outcome for c in load().cells] == ["refused"]
    [confirmed] = load(cells=frozenset({(PERIOD, LARGE)}), by_hand=True, confirm_shrink=True).cells
    assert confirmed.outcome == "accepted" and amounts(hub, LARGE)[key] == 390_000 and len(amounts(hub, LARGE)) == 4
    drop(two, hub)
    reset(two)


def test_a_patch_that_was_refused_with_its_cell_may_be_sent_again_as_it_is(two: Two, tmp_path: Path) -> None:
    reset(two)
    key = key_of(of_unit(two, LARGE))
    mine = f"{MONTH} and {COMMUNE} in ({codes(LARGE)}) and trim({KEY_COLUMN}) <> '{key}'"
    assert change(two, f"update {LIST} set so_tien = '{UNKNOWN_AMOUNT}' where {MONTH} and trim({KEY_COLUMN}) = '{key}'")
    hub, asked = two.hub(), dataclasses.replace(OF_LIST, shrink_share=0.1)

    def load(run_id: str) -> list[str]:
        with two.leading(hub):
            return [c.outcome for c in run_cells(hub, asked, Request(run_id), {}).cells if c.unit == LARGE]

    load("first")
    patch = mended(hub, tmp_path / "loai.xlsx", PERIOD, key, "390000")
    assert change(two, f"delete from {LIST} where {mine}") > 5
    assert load("shrunken") == ["refused"]
    first = deliver(hub, asked, LARGE, [PERIOD], patch, "patch")
    assert deliver(hub, asked, LARGE, [PERIOD], patch, "patch") is None, "it is not loaded yet"
    assert load("patched") == ["refused"] and key not in amounts(hub, LARGE)
    assert deliver(hub, asked, LARGE, [PERIOD], patch, "patch") is not None
    assert load("patched again") == [], "as refused as before"
    assert change(two, f"insert into {LIST} select * from kept_{LIST} where {mine}") > 5
    load("mended")
    again = deliver(hub, asked, LARGE, [PERIOD], patch, "patch")
    assert again is not None and again != first
    assert load("again") == ["accepted"] and amounts(hub, LARGE)[key] == 390_000
    assert deliver(hub, asked, LARGE, [PERIOD], patch, "patch") is None, "it was loaded"
    drop(two, hub)
    reset(two)


def test_a_row_that_a_patch_moves_out_of_a_refused_cell_is_not_taken_the_second_time(two: Two, tmp_path: Path) -> None:
    reset(two)
    key, mine = key_of(of_unit(two, LARGE)), f"{MONTH} and {COMMUNE} in ({codes(LARGE)})"
    assert change(two, f"update {LIST} set so_tien = '{UNKNOWN_AMOUNT}' where {mine} and trim({KEY_COLUMN}) = '{key}'")
    hub, asked = two.hub(), dataclasses.replace(OF_LIST, shrink_share=0.1)

    def load(run_id: str) -> list[tuple[str, str]]:
        with two.leading(hub):
            return [(c.unit, c.outcome) for c in run_cells(hub, asked, Request(run_id), {}).cells if c.unit in (CUA_LO, LARGE)]

    load("first")
    moved = put(mended(hub, tmp_path / "loai.xlsx", PERIOD, key, "390000"), COMMUNE, of_unit(two, CUA_LO)[COMMUNE][0].as_py())
    assert change(two, f"delete from {LIST} where {mine} and trim({KEY_COLUMN}) <> '{key}'") > 5
    assert load("shrunken") == [(LARGE, "refused")]
    stood = amounts(hub, CUA_LO)
    for become in ([(CUA_LO, "refused"), (LARGE, "refused")], []):
        assert deliver(hub, asked, PROVINCE, [PERIOD], moved, "patch") is not None
        assert load("patched")[: len(become)] == become
        assert amounts(hub, CUA_LO) == stood, "its rejected row is held of the other cell, whose version stays"
    drop(two, hub)
    reset(two)


@pytest.mark.parametrize("road", ["database", "files"])
def test_rows_of_no_listed_commune_wait_too_and_come_along_with_any_cell_of_their_month(two: Two, road: str) -> None:
    reset(two)
    hub, by_files = two.hub(), two if road == "database" else ByDrop(two.made, "drop")
    run(by_files, hub)
    strays = of_unit(two, CUA_LO, LOCKED).slice(0, 3)
    strays = strays.set_column(strays.schema.get_field_index(COMMUNE), COMMUNE, pa.array(["99999"] * 3, pa.string()))
    whole = (
        strays if road == "database" else pa.concat_tables([texts(two.owned, OF_LIST, LIST, f"thang = '{LOCKED}-01'"), strays])
    )
    id_ = deliver(hub, OF_LIST, PROVINCE, [LOCKED], whole)
    aside = (
        f"select count(*) from quarantine.rows where period = :p and resolved_at is null and received ->> '{COMMUNE}' = '99999'"
    )

    def look(**asked: Any) -> None:
        with Two.leading(by_files, hub), mock.patch.dict(os.environ, by_files.environment | {"WAREHOUSE_URL": hub.warehouse.url}):
            run_cells(hub, OF_LIST, Request("test", **asked), HAND)

    for _ in range(2):
        look()
        ((waits,),) = rows(hub, "select waiting from ops.deliveries where id = :id", id=id_)
        assert waits == {f"{LOCKED}|unknown": 3} and rows(hub, aside, p=LOCKED) == [(0,)]
        with hub.warehouse.engine.connect() as connection:
            assert tracker.held(connection, OF_LIST).waiting == 3
    look(cells=frozenset({(LOCKED, CUA_LO)}), by_hand=True)
    for _ in range(2):
        assert (waiting(hub, id_), rows(hub, aside, p=LOCKED)) == ([], [(3,)])
        look(whole=True)
    drop(two, hub)
    reset(two)


def test_of_an_empty_cell_the_database_is_asked_for_what_a_commune_has_not_sent(two: Two) -> None:
    """What the commune has sent of it lies above."""
    reset(two)
    here, sent = f"{LIST} where {MONTH} and {COMMUNE} in ({codes(VINH)})", of_unit(two, VINH)
    assert change(two, f"delete from {here}") == sent.num_rows
    hub = two.hub()
    run(two, hub)
    commune = sent[COMMUNE][0].as_py()
    mine = put(sent.filter(pc.equal(sent[COMMUNE], commune)), "so_tien", "320000")
    assert change(two, f"insert into {LIST} select * from kept_{here}") == sent.num_rows > mine.num_rows
    deliver(hub, OF_LIST, commune, [PERIOD], mine)
    outcome = by_hand(two, hub, PERIOD, VINH)
    held = amounts(hub)
    assert outcome.failure is None and len(held) == sent.num_rows and held[key_of(mine)] == 320_000
    drop(two, hub)
    reset(two)
