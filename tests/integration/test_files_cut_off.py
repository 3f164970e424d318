"""A run that was cut off while it loaded a file: the next one ends what is left of it, over nothing that was said since."""

from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pytest

from assets.cells.sent_loading import SentLoading
from resources.hub import Hub
from resources.warehouse.arrivals import deliveries
from tests.integration.test_deliveries import CUA_LO, KEY_COLUMN, PERIOD, amounts, of_unit, put, run
from tests.integration.test_files_out_of_order import loads_all, night_without, of_commune, sent, told
from tests.integration.test_waiting import UNKNOWN_AMOUNT, key_of, mended
from tests.integration.two_hubs import LIST, MONTH, Two, change, fresh_hub

pytestmark = pytest.mark.landing


@pytest.fixture
def hub(two: Two) -> Iterator[Hub]:
    yield from fresh_hub(two)


def cut_off(two: Two, hub: Hub, run_id: str, where: object = deliveries, before: str = "mark_loaded") -> None:
    with mock.patch.object(where, before, side_effect=RuntimeError("killed")):
        assert len(run(two, hub, run_id=run_id).trouble) == 1


def says(two: Two, key: str, amount: int) -> None:
    """The database has another amount of a row."""
    assert change(two, f"update {LIST} set so_tien = '{amount}' where {MONTH} and trim({KEY_COLUMN}) = '{key}'") == 1


def test_what_a_commune_sent_later_is_laid_over_the_file_of_its_district_by_the_next_run(two: Two, hub: Hub) -> None:
    file = of_unit(two, CUA_LO)
    commune, mine = of_commune(file)
    first = sent(hub, CUA_LO, put(put(file, "so_tien", "310000"), "so_tien", "310000", at=-1))
    sent(hub, commune, put(mine, "so_tien", "320000"))
    night_without(two, hub, first)
    cut_off(two, hub, "cut", SentLoading, "_load_over")
    for _ in range(2):
        loads_all(two, hub)
        found = amounts(hub, CUA_LO)
        assert (found[key_of(file)], found[key_of(file, -1)]) == (320_000, 310_000)


def test_what_was_sent_later_is_not_laid_over_what_the_database_said_since(two: Two, hub: Hub) -> None:
    file = of_unit(two, CUA_LO)
    commune, mine = of_commune(file)
    first = sent(hub, CUA_LO, put(file, "so_tien", "310000"))
    sent(hub, commune, put(mine, "so_tien", "320000"))
    night_without(two, hub, first)
    cut_off(two, hub, "cut", SentLoading, "_load_over")
    says(two, key_of(file), 380_000)
    loads_all(two, hub)
    assert amounts(hub, CUA_LO)[key_of(file)] == 380_000


def test_the_file_of_a_commune_is_not_laid_again_over_what_the_database_said_since(two: Two, hub: Hub) -> None:
    commune, mine = of_commune(of_unit(two, CUA_LO))
    sent(hub, commune, put(mine, "so_tien", "370000"))
    cut_off(two, hub, "cut")
    assert amounts(hub, CUA_LO)[key_of(mine)] == 370_000
    says(two, key_of(mine), 380_000)
    loads_all(two, hub)
    assert amounts(hub, CUA_LO)[key_of(mine)] == 380_000


def test_a_file_of_which_two_runs_were_cut_off_is_loaded_once(two: Two, hub: Hub) -> None:
    file = put(of_unit(two, CUA_LO), "so_tien", "370000")
    sent(hub, CUA_LO, file)
    cut_off(two, hub, "first")
    says(two, key_of(file), 380_000)
    cut_off(two, hub, "second")
    loads_all(two, hub)
    assert amounts(hub, CUA_LO)[key_of(file)] == 380_000


def test_a_file_that_changed_nothing_is_not_laid_over_it_either(two: Two, hub: Hub) -> None:
    file = of_unit(two, CUA_LO)
    sent(hub, CUA_LO, file)
    cut_off(two, hub, "cut")
    says(two, key_of(file), 380_000)
    loads_all(two, hub)
    assert amounts(hub, CUA_LO)[key_of(file)] == 380_000


def test_what_came_back_without_a_mark_is_not_laid_over_it_either(two: Two, hub: Hub, tmp_path: Path) -> None:
    """A row that it mends says for itself whether it still stands; one without a mark does not."""
    file = of_unit(two, CUA_LO)
    key, unmarked = key_of(file), key_of(file, -1)
    assert change(two, f"update {LIST} set so_tien = '{UNKNOWN_AMOUNT}' where {MONTH} and trim({KEY_COLUMN}) = '{key}'") == 1
    run(two, hub)
    rows_back = [
        mended(hub, tmp_path / "loai.xlsx", PERIOD, key, "390000"),
        put(file, "so_tien", "390000", at=-1).slice(file.num_rows - 1),
    ]
    id_ = sent(hub, CUA_LO, pa.concat_tables(rows_back, promote_options="default"), "patch")
    cut_off(two, hub, "cut")
    assert (amounts(hub, CUA_LO)[key], amounts(hub, CUA_LO)[unmarked]) == (390_000, 390_000)
    says(two, unmarked, 380_000)
    loads_all(two, hub)
    assert (amounts(hub, CUA_LO)[key], amounts(hub, CUA_LO)[unmarked]) == (390_000, 380_000)
    assert "không nạp" not in told(hub, id_, CUA_LO)
