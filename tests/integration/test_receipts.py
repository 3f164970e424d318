"""What a receipt says of a file is of that file: by its own periods, units and roads, of every row."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import openpyxl
import pytest

from assets.cells.asset import run_cells
from assets.cells.outcome import Request
from assets.tags import OFFICER, REASON
from resources.hub import Hub
from resources.inbox.receipts import give_receipts
from resources.raw_store import RawFile, RawStore
from resources.warehouse.quarantine import open_rows
from resources.warehouse.quarantine.open_rows import Chosen
from resources.workbooks.quarantine import write_quarantine
from schemas.dataset import PROVINCE
from tests.fixtures.deliveries import commune_of, rows_of
from tests.integration.test_inbox import BENEFICIARIES, MONEY, PAYMENTS, SOURCE, Box

AFTER_THE_MERGER = "2024-12-20"  # of Cửa Lò into Vinh, on the first of the month


@pytest.fixture(scope="module")
def box(home: Path) -> Iterator[Box]:
    environment = {
        "ANSINH_HOME": str(home),
        "ANSINH_PROFILE": "demo",
        "ANSINH_TODAY": AFTER_THE_MERGER,
        "INBOX_REST_SECONDS": "0",
        SOURCE.environment: f"dir://{home / 'inbox' / SOURCE.name}",
    }
    with mock.patch.dict(os.environ, environment):
        made = Box(Hub.open(), {**os.environ, **environment})
        made.night()
        yield made
        made.hub.warehouse.engine.dispose()


def test_a_file_over_the_day_on_which_units_merge_is_told_by_the_unit_of_each_period(box: Box) -> None:
    commune = "16717"
    november, december = (rows_of(PAYMENTS, month, [commune], copies=4) for month in ("2024-11", "2024-12"))
    november[1] |= {MONEY: "không rõ"}
    box.drop(commune, "2024-11_2024-12.csv", [*november, *december])
    assert {(c.period, c.unit) for c in box.night().cells} == {("2024-11", "413"), ("2024-12", "412")}
    ((_, note),) = box.back(commune).items()
    assert f"{len(november) + len(december) - 1} dòng vào kho, 1 dòng bị loại" in note, note


@pytest.mark.parametrize("how", ["damaged", "closed"])
def test_rows_of_a_dataset_of_which_none_can_be_loaded_are_told_with_the_others(box: Box, tmp_path: Path, how: str) -> None:
    """A workbook that came back has sheets of two datasets. The marks of one are damaged, or its row was mended meanwhile."""
    unit, month = {"damaged": "416", "closed": "417"}[how], "2024-11"
    paid, people = (
        rows_of(PAYMENTS, month, [commune_of(unit)], copies=4),
        rows_of(BENEFICIARIES, "now", [commune_of(unit)], copies=10),
    )
    born = BENEFICIARIES.column("birth_date").source_column
    paid[2] |= {MONEY: "không rõ"}
    box.drop(unit, f"{month}.csv", paid)
    box.drop(unit, "doi tuong.csv", [people[0], people[1] | {born: "không rõ"}, *people[2:]], dataset=BENEFICIARIES)
    box.night()
    box.night(BENEFICIARIES)
    with box.hub.warehouse.engine.connect() as connection:
        write_quarantine(tmp_path / "loai.xlsx", open_rows.rejected(connection, Chosen((SOURCE,), unit, None)), [])
    book = openpyxl.load_workbook(tmp_path / "loai.xlsx")
    for page in book.worksheets[:2]:
        for column, value in ((MONEY, "512000"), (born, "01/02/1950")):
            for cell in page[1]:
                if f"({column})" in str(cell.value):
                    page.cell(2, cell.column).value = value
                    if how == "damaged" and column == born:
                        page.cell(2, page.max_column).value = "AN-1-hỏng"
    if how == "closed":
        box.drop(unit, "doi tuong 2.csv", people, dataset=BENEFICIARIES)
        box.night(BENEFICIARIES)
    book.save(box.folder(unit) / "da sua.xlsx")
    box.night()
    box.night(BENEFICIARIES)
    assert 512_000 in box.paid(unit, month)
    note = "".join(text for name, text in box.back(unit).items() if name.startswith("da sua"))
    of_it = [line for line in note.splitlines() if "không nạp; " in line]
    assert len(of_it) == 1 and "dòng 2" in of_it[0], note


def test_of_a_province_a_cell_that_is_refused_as_before_is_named_again(box: Box) -> None:
    """What is refused with the same rows once more is not recorded once more."""
    one, other, month = "428", "429", "2024-11"
    rows = rows_of(PAYMENTS, month, [commune_of(one)], copies=13)
    for at, amount in (("lan 1", "100000"), ("lan 2", "200000")):
        good = [{**row, MONEY: amount} for row in rows_of(PAYMENTS, month, [commune_of(other)], copies=4)]
        box.drop(PROVINCE, f"{at} {month}.csv", [rows[0], *({**row, MONEY: "không rõ"} for row in rows[1:]), *good])
        box.night()
        assert box.paid(one, month) == [] and box.paid(other, month)[0] == int(amount)
        (note,) = [text for name, text in box.back(PROVINCE).items() if name.startswith(at)]
        assert f"({one}) bị từ chối" in note and f"({other}) bị từ chối" not in note, note


BY_HAND = {REASON: "Huyện nộp muộn", OFFICER: "Cán bộ thử"}


def test_of_a_province_whose_file_waits_each_cell_is_told_as_it_is(box: Box) -> None:
    """One is refused by hand and waits on, the other is loaded; each by itself. And a file is read once for its receipt."""
    one, other, month = "419", "420", "2024-05"
    bad, good = rows_of(PAYMENTS, month, [commune_of(one)], copies=13), rows_of(PAYMENTS, month, [commune_of(other)], copies=2)
    good[1] |= {MONEY: "không rõ"}
    box.drop(PROVINCE, f"cho {month}.csv", [bad[0], *({**row, MONEY: "không rõ"} for row in bad[1:]), *good])
    box.night()

    def note() -> str:
        (found,) = [text for name, text in box.back(PROVINCE).items() if name.startswith("cho ")]
        return found

    assert f"{len(bad) + len(good)} dòng chờ cán bộ" in note() and "vào kho" not in note()
    for unit in (one, other):
        run_cells(box.hub, PAYMENTS, Request("hand", frozenset({(month, unit)}), by_hand=True), BY_HAND)
        assert f"({one}) bị từ chối: " in note() and f"({other}) bị từ chối" not in note(), note()
    assert f"; {len(bad)} dòng chờ cán bộ" in note(), note()
    assert f"- Dòng {len(bad) + 3}: " in note() and note().count("không đọc được thành số") == 1, note()
    (delivery,) = [d for d in box.deliveries(PROVINCE) if d.waiting]
    read: list[RawFile] = []

    def counted(store: RawStore, file: RawFile, batch_rows: int) -> object:
        read.append(file)
        return as_it_is(store, file, batch_rows)

    as_it_is = RawStore.read
    with mock.patch.object(RawStore, "read", counted):
        give_receipts(box.hub, SOURCE)
    assert read.count(delivery.rows) == 1


def test_who_was_told_that_a_list_is_refused_is_told_once_it_is_loaded(box: Box) -> None:
    """A person has confirmed that it is right as it is."""
    unit, month = "421", "2024-11"
    rows = rows_of(PAYMENTS, month, [commune_of(unit)], copies=10)
    for name, sent in (("lan 1", rows), ("lan 2", rows[:4])):
        box.drop(unit, f"{name} {month}.csv", sent)
        box.night()

    def note() -> str:
        (found,) = [text for name, text in box.back(unit).items() if name.startswith("lan 2")]
        return found

    assert "bị từ chối: còn 4 dòng" in note()
    confirmed = Request("hand", frozenset({(month, unit)}), by_hand=True, confirm_shrink=True)
    run_cells(box.hub, PAYMENTS, confirmed, BY_HAND)
    assert len(box.paid(unit, month)) == 4
    assert "bị từ chối" not in note() and "4 dòng vào kho, 0 dòng bị loại" in note(), note()
