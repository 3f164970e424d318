"""A raw file of what one unit sent is lost or damaged, where files are the main road: that unit's cells stay as they are, and no others."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from assets.cells.asset import run_cells
from assets.cells.outcome import Request
from assets.tags import OFFICER, REASON
from resources.connectors.failures import SentFileUnreadable
from resources.inbox.intake import take_in
from schemas.dataset import PROVINCE
from tests.fixtures.deliveries import commune_of, rows_of
from tests.fixtures.kit import Row
from tests.integration.test_inbox import MONEY, PAYMENTS, SOURCE, Box, amounts, opened

pytestmark = pytest.mark.landing

MONTH = "2024-10"
BY_HAND = {REASON: "Huyện nộp muộn", OFFICER: "Cán bộ thử"}


@pytest.fixture(scope="module")
def box(home: Path) -> Iterator[Box]:
    yield from opened(home)


def of(unit: str) -> list[Row]:
    return rows_of(PAYMENTS, MONTH, [commune_of(unit)], copies=4)


@contextlib.contextmanager
def lost(box: Box, unit: str, how: Literal["lost", "damaged"] = "lost") -> Iterator[None]:
    """Inside, the rows of what a unit sent first cannot be read."""
    path = box.hub.settings.raw_dir / box.deliveries(unit)[0].rows.path
    content = path.read_bytes()
    if how == "lost":
        path.unlink()
    else:
        path.write_bytes(content[:-1])
    yield
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["lost", "damaged"])
def test_it_stops_the_cells_of_its_unit_alone(box: Box, how: Literal["lost", "damaged"]) -> None:
    one, other, late = {"lost": ("415", "416", "417"), "damaged": ("418", "419", "420")}[how]
    for unit in (one, other):
        box.drop(unit, f"{MONTH}.csv", amounts(of(unit), 100_000))
    box.night()
    with lost(box, one, how):
        box.drop(other, f"{MONTH}.csv", amounts(of(other), 200_000))
        box.drop(late, f"{MONTH}.csv", amounts(of(late), 300_000))
        for night in range(2):
            outcome = box.night()
            assert (box.paid(one)[0], box.paid(other)[0], box.paid(late)[0]) == (100_000, 200_000, 300_000)
            (failure,) = outcome.trouble
            assert isinstance(failure, SentFileUnreadable) and outcome.failure is None, night
            assert f"đơn vị {one}" in str(failure) and "gửi lại đúng tệp" in str(failure)
        (told,) = {d.loaded_at is not None for unit in (other, late) for d in box.deliveries(unit)}
        assert told, "what the others sent is loaded, and told so"
        hand = Request("hand", frozenset({(MONTH, one), (MONTH, other)}), by_hand=True)
        asked = run_cells(box.hub, PAYMENTS, hand, BY_HAND)
        assert isinstance(asked.failure, SentFileUnreadable), "who asked for the cell has not got it"
        assert [(c.unit, c.outcome) for c in asked.cells] == [(other, "accepted")] and box.paid(one)[0] == 100_000
        assert run_cells(box.hub, PAYMENTS, Request("whole", whole=True), {}).failure is None
        assert box.paid(one)[0] == 100_000
    assert box.night().trouble == [] and box.paid(one)[0] == 100_000


def test_what_was_never_loaded_of_it_is_loaded_once_it_is_there_again(box: Box) -> None:
    """Whether the file is restored, or its unit sends it once more as it is."""
    for unit, is_restored in (("421", True), ("422", False)):
        box.drop(unit, f"{MONTH}.csv", amounts(of(unit), 100_000))
        box.night()
        box.drop(unit, f"{MONTH}.csv", amounts(of(unit), 200_000))
        take_in(box.hub, SOURCE)
        last = box.deliveries(unit)[-1]
        path = box.hub.settings.raw_dir / last.rows.path
        content = path.read_bytes()
        path.unlink()
        assert len(box.night().trouble) == 1 and box.paid(unit)[0] == 100_000
        assert box.deliveries(unit)[-1].loaded_at is None, "it is not taken for loaded"
        if is_restored:
            path.write_bytes(content)
        else:
            box.drop(unit, f"{MONTH}.csv", amounts(of(unit), 200_000))
        assert box.night().trouble == [] and box.paid(unit)[0] == 200_000
        assert box.deliveries(unit)[-1].id == last.id and box.deliveries(unit)[-1].loaded_at is not None


def test_a_lost_file_of_another_unit_keeps_no_earlier_file_from_holding(box: Box) -> None:
    """Of two new files of a unit the later is refused: the earlier one stands, whatever became of a neighbour's."""
    one, other = "423", "424"
    box.drop(one, f"{MONTH}.csv", of(one))
    box.night()
    with lost(box, one):
        box.drop(other, f"a {MONTH}.csv", amounts(of(other), 100_000))
        box.drop(other, f"b {MONTH}.csv", [{**row, MONEY: "không rõ"} for row in of(other)])
        box.night()
        assert box.paid(other)[:1] == [100_000], box.back(other)
    box.night()


def test_of_a_file_of_the_province_the_cells_of_who_sent_his_own_since_go_on(box: Box) -> None:
    one, other = "425", "426"
    box.drop(PROVINCE, f"{MONTH}.csv", [*amounts(of(one), 100_000), *amounts(of(other), 100_000)])
    box.night()
    with lost(box, PROVINCE):
        box.drop(other, f"{MONTH}.csv", amounts(of(other), 200_000))
        assert len(box.night().trouble) == 1
        assert (box.paid(one)[0], box.paid(other)[0]) == (100_000, 200_000)
    assert box.night().trouble == [] and (box.paid(one)[0], box.paid(other)[0]) == (100_000, 200_000)
