"""What a receipt says of a file beside a database is of the file alone."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from assets.cells.asset import run_cells
from assets.cells.outcome import Request
from resources.hub import Hub
from resources.warehouse.arrivals.deliveries import Kind
from schemas.dataset import PROVINCE
from tests.integration.by_drop import deliver
from tests.integration.test_deliveries import COMMUNE, CUA_LO, LOCKED, OF_LIST, PERIOD, amounts, codes, of_unit, put, run
from tests.integration.test_files_out_of_order import sent, told
from tests.integration.test_waiting import LARGE, UNKNOWN_AMOUNT, by_hand, key_of, mended
from tests.integration.two_hubs import LIST, MONTH, Two, change, drop, fresh_hub, reset


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


def misread(two: Two, month: str, key: str) -> None:
    where = f"thang = date '{month}-01' and trim({OF_LIST.column(OF_LIST.key[0]).source_column}) = '{key}'"
    assert change(two, f"update {LIST} set so_tien = '{UNKNOWN_AMOUNT}' where {where}") == 1


@pytest.mark.parametrize("kind", ["patch", "whole"])
def test_what_was_refused_of_the_database_is_told_of_no_file(two: Two, hub: Hub, tmp_path: Path, kind: Kind) -> None:
    file, asked = of_unit(two, CUA_LO), dataclasses.replace(OF_LIST, shrink_share=0.1)

    def load(run_id: str) -> None:
        with two.leading(hub):
            run_cells(hub, asked, Request(run_id), {})

    misread(two, PERIOD, key_of(file))
    load("first")
    patch = mended(hub, tmp_path / "loai.xlsx", PERIOD, key_of(file), "390000")
    assert change(two, f"delete from {LIST} where {MONTH} and {COMMUNE} in ({codes(LARGE)})") > 5
    sender, rows = (CUA_LO, patch) if kind == "patch" else (PROVINCE, put(file, "so_tien", "390000"))
    id_ = sent(hub, sender, rows, kind)
    load("night")
    assert amounts(hub, CUA_LO)[key_of(file)] == 390_000
    assert "bị từ chối" not in (note := told(hub, id_, sender)), note


def test_of_rows_that_came_back_without_their_month_those_of_a_locked_one_wait(two: Two, tmp_path: Path) -> None:
    reset(two)
    keys = {month: key_of(of_unit(two, CUA_LO, month)) for month in (LOCKED, PERIOD)}
    for month, key in keys.items():
        misread(two, month, key)
    hub = two.hub()
    run(two, hub)
    back = pa.concat_tables([mended(hub, tmp_path / f"{month}.xlsx", month, key, "390000") for month, key in keys.items()])
    id_ = deliver(hub, OF_LIST, CUA_LO, [LOCKED, PERIOD], back.drop_columns(["thang"]), "patch")
    run(two, hub)
    note, locked = told(hub, id_ or 0, CUA_LO), amounts(hub, CUA_LO, LOCKED)
    drop(two, hub)
    reset(two)
    assert keys[LOCKED] not in locked and "1 dòng chờ" in note and "1 dòng vào kho" in note, note


@pytest.mark.parametrize("month", [PERIOD, LOCKED])
def test_a_file_holds_where_what_its_sender_sent_later_was_refused_and_is_told_so(two: Two, hub: Hub, month: str) -> None:
    file = of_unit(two, CUA_LO, month)
    first = sent(hub, CUA_LO, put(file, "so_tien", "310000")) if month == PERIOD else deliver(hub, OF_LIST, CUA_LO, [month], file)
    column = file.schema.get_field_index("so_tien")
    worse = file.set_column(column, "so_tien", pa.array([UNKNOWN_AMOUNT] * file.num_rows, pa.string()))
    second = deliver(hub, OF_LIST, CUA_LO, [month], worse)
    run(two, hub)
    if month == LOCKED:
        by_hand(two, hub, month, CUA_LO)
    assert first and second and len(amounts(hub, CUA_LO, month)) == file.num_rows
    notes = [told(hub, id_, CUA_LO) for id_ in (first, second)]
    assert "dòng vào kho" in notes[0] and "bị từ chối" not in notes[0] and "bị từ chối" in notes[1], notes
