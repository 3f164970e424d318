"""A file that could not be loaded when it came is loaded once it can be, and never over what was sent after it."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from resources.hub import Hub
from resources.inbox import receipts
from resources.warehouse.arrivals.deliveries import Kind
from schemas.dataset import PROVINCE
from tests.integration.by_drop import LINES_BEFORE, deliver, rows_away
from tests.integration.test_deliveries import (
    COMMUNE,
    CUA_LO,
    KEY_COLUMN,
    OF_LIST,
    PERIOD,
    amounts,
    cell,
    last_arrival,
    of_unit,
    put,
    run,
)
from tests.integration.test_waiting import UNKNOWN_AMOUNT, key_of, mended
from tests.integration.two_hubs import LIST, MONTH, Two, change, fresh_hub, rows

OTHER = "421"


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


def sent(hub: Hub, sender: str, file: pa.Table, kind: Kind = "whole") -> int:
    id_ = deliver(hub, OF_LIST, sender, [PERIOD], file, kind)
    assert id_ is not None
    return id_


def night_without(two: Two, hub: Hub, id_: int) -> None:
    """A night that cannot read the rows of a file, and loads the others."""
    with rows_away(hub, id_):
        assert len(run(two, hub).trouble) == 1


def loads_all(two: Two, hub: Hub) -> None:
    assert run(two, hub).trouble == []
    assert rows(hub, "select count(*) from ops.deliveries where loaded_at is null or waiting <> '{}'") == [(0,)]


def told(hub: Hub, id_: int, sender: str) -> str:
    """The receipt of a file."""
    receipts.give_receipts(hub, OF_LIST.source)
    (note,) = (hub.settings.returned_of(OF_LIST.source.name) / sender).glob(f"*bien-nhan-{id_}.txt")
    return note.read_text("utf-8-sig")


def of_commune(file: pa.Table) -> tuple[str, pa.Table]:
    """A commune of a district, and its own rows of the district's file."""
    commune = file[COMMUNE][0].as_py()
    return commune, file.filter(pc.equal(file[COMMUNE], commune))


@pytest.mark.parametrize("later", [CUA_LO, PROVINCE])
def test_the_later_file_of_a_whole_cell_stays(two: Two, hub: Hub, later: str) -> None:
    file = of_unit(two, CUA_LO)
    first = sent(hub, CUA_LO, put(file, "so_tien", "310000"))
    sent(hub, later, put(file, "so_tien", "320000").slice(0, file.num_rows - 1))
    night_without(two, hub, first)
    for _ in range(2):
        loads_all(two, hub)
        assert amounts(hub, CUA_LO)[key_of(file)] == 320_000
        assert cell(hub, CUA_LO)[0] == file.num_rows - 1, "nothing of the earlier one was laid beside it"
    said = "thay tệp này" if later == CUA_LO else f"0 dòng vào kho, 0 dòng bị loại, {file.num_rows} dòng không nạp"
    assert said in told(hub, first, CUA_LO)


@pytest.mark.landing
def test_of_a_file_of_all_units_what_one_of_them_sent_later_is_told_as_not_loaded(two: Two, hub: Hub) -> None:
    file, others = of_unit(two, CUA_LO), of_unit(two, OTHER)
    first = sent(hub, PROVINCE, pa.concat_tables([others, put(file, "so_tien", "310000")]))
    sent(hub, CUA_LO, put(file, "so_tien", UNKNOWN_AMOUNT))
    night_without(two, hub, first)
    loads_all(two, hub)
    receipt = told(hub, first, PROVINCE)
    assert f"{others.num_rows} dòng vào kho, 0 dòng bị loại, {file.num_rows} dòng không nạp" in receipt, receipt
    assert f"dòng {LINES_BEFORE + 1 + others.num_rows}: tệp gửi sau đã thay dòng này" in receipt, receipt


def test_what_a_commune_sent_later_lies_over_the_file_of_its_district(two: Two, hub: Hub) -> None:
    """And what another commune sent before lies beneath it."""
    file = of_unit(two, CUA_LO)
    commune, mine = of_commune(file)
    of_district = put(put(file, "so_tien", "310000"), "so_tien", "310000", at=-1)
    first = sent(hub, CUA_LO, of_district)
    sent(hub, commune, put(mine, "so_tien", "320000"))
    night_without(two, hub, first)
    for _ in range(2):
        loads_all(two, hub)
        found = amounts(hub, CUA_LO)
        assert (found[key_of(file)], found[key_of(file, -1)]) == (320_000, 310_000)
        assert cell(hub, CUA_LO)[0] == file.num_rows


def test_an_earlier_file_of_a_commune_leaves_the_later_ones(two: Two, hub: Hub) -> None:
    file = of_unit(two, CUA_LO)
    commune, mine = of_commune(file)
    first = sent(hub, commune, put(mine, "so_tien", "310000"))
    sent(hub, CUA_LO, put(file, "so_tien", "320000"))
    night_without(two, hub, first)
    loads_all(two, hub)
    assert amounts(hub, CUA_LO)[key_of(file)] == 320_000
    second = sent(hub, commune, put(mine, "so_tien", "330000"))
    sent(hub, commune, put(mine, "so_tien", "340000"))
    night_without(two, hub, second)
    loads_all(two, hub)
    assert amounts(hub, CUA_LO)[key_of(file)] == 340_000 and cell(hub, CUA_LO)[0] == file.num_rows


@pytest.mark.landing
def test_what_came_back_later_lies_over_the_file_and_is_told_as_if_it_had_come_in_time(
    two: Two, hub: Hub, tmp_path: Path
) -> None:
    """A row that it adds holds; one that it mended does not, since the file says otherwise of it than the database had said."""
    file = of_unit(two, CUA_LO)
    key, added = key_of(file), key_of(file, -1)
    assert change(two, f"update {LIST} set so_tien = '{UNKNOWN_AMOUNT}' where {MONTH} and trim({KEY_COLUMN}) = '{key}'") == 1
    run(two, hub)
    back = pa.concat_tables(
        [
            mended(hub, tmp_path / "loai.xlsx", PERIOD, key, "390000"),
            put(file, "so_tien", "390000", at=-1).slice(file.num_rows - 1),
        ],
        promote_options="default",
    )
    first = sent(hub, CUA_LO, put(file, "so_tien", "310000"))
    sent(hub, CUA_LO, back, "patch")
    night_without(two, hub, first)
    assert (amounts(hub, CUA_LO)[key], amounts(hub, CUA_LO)[added]) == (390_000, 390_000)
    for _ in range(2):
        loads_all(two, hub)
        assert (amounts(hub, CUA_LO)[key], amounts(hub, CUA_LO)[added]) == (310_000, 390_000)


def test_a_file_that_was_refused_holds_in_the_place_of_none(two: Two, hub: Hub) -> None:
    file = of_unit(two, CUA_LO)
    first = sent(hub, CUA_LO, put(file, "so_tien", "310000"))
    place = file.schema.get_field_index("so_tien")
    sent(hub, CUA_LO, file.set_column(place, "so_tien", pa.array([UNKNOWN_AMOUNT] * file.num_rows, pa.string())))
    night_without(two, hub, first)
    assert last_arrival(hub, CUA_LO)[2] == "refused"
    for _ in range(2):
        loads_all(two, hub)
        assert amounts(hub, CUA_LO)[key_of(file)] == 310_000


@pytest.mark.landing
@pytest.mark.parametrize("fails", [False, True])
def test_what_came_back_without_a_mark_is_not_laid_over_a_later_file(two: Two, hub: Hub, tmp_path: Path, fails: bool) -> None:
    file = of_unit(two, CUA_LO)
    key, unmarked = key_of(file), key_of(file, -1)
    assert change(two, f"update {LIST} set so_tien = '{UNKNOWN_AMOUNT}' where {MONTH} and trim({KEY_COLUMN}) = '{key}'") == 1
    run(two, hub)
    rows_back = [
        mended(hub, tmp_path / "loai.xlsx", PERIOD, key, "390000"),
        put(file, "so_tien", "390000", at=-1).slice(file.num_rows - 1),
    ]
    first = sent(hub, CUA_LO, pa.concat_tables(rows_back, promote_options="default"), "patch")
    sent(hub, CUA_LO, put(put(file, "so_tien", UNKNOWN_AMOUNT), "so_tien", "320000", at=-1))
    if fails:
        night_without(two, hub, first)
    for _ in range(2):
        loads_all(two, hub)
        assert amounts(hub, CUA_LO)[unmarked] == 320_000
    if fails:
        receipt = told(hub, first, CUA_LO)
        assert "2 dòng không nạp" in receipt and "nguồn đã gửi dòng này khác đi" in receipt
        assert "dòng 9: tệp gửi sau đã thay dòng này" in receipt, receipt
