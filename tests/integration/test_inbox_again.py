"""What comes to the inbox again, or is looked at again: a file that was registered is not registered anew, one that was refused may be."""

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import openpyxl
import pytest

from assets.cells.asset import run_cells
from assets.cells.outcome import Request
from assets.tags import OFFICER, REASON
from resources.clock import ZONE
from resources.warehouse.arrivals import deliveries
from resources.warehouse.arrivals.ruling import spoken_until
from resources.warehouse.quarantine import open_rows
from resources.warehouse.quarantine.open_rows import Chosen
from resources.workbooks.quarantine import write_quarantine
from schemas.dataset import Dataset
from schemas.registry import dataset_named
from tests.fixtures.deliveries import commune_of, rows_of, write
from tests.fixtures.kit import Row
from tests.integration.test_inbox import MONEY, PAYMENTS, SOURCE, Box, amounts, opened

MONTH, KEY = (PAYMENTS.column(name).source_column for name in ("month", PAYMENTS.key[0]))
BY_HAND = {REASON: "Huyện nộp muộn", OFFICER: "Cán bộ thử"}
CHILDREN = dataset_named("children.profiles")


@pytest.fixture(scope="module")
def box(home: Path) -> Iterator[Box]:
    yield from opened(home)


def of(unit: str, month: str = "2024-10") -> list[Row]:
    return rows_of(PAYMENTS, month, [commune_of(unit)], copies=4)


def without_folder(box: Box, dataset: Dataset, sender: str) -> Path:
    """No receipt can be written for a sender, as where the share is full or can only be read."""
    place = box.hub.settings.returned_of(dataset.source.name) / sender
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("x")
    return place


def test_a_file_whose_receipt_cannot_be_written_is_registered_once(box: Box) -> None:
    unit, commune = "420", commune_of("420")
    hinders = without_folder(box, PAYMENTS, commune)
    box.drop(commune, "xã 2024-10.csv", amounts(of(unit), 100_000))
    box.night()
    box.drop(unit, "huyện 2024-10.csv", amounts(of(unit), 200_000))
    for _ in range(2):
        box.night()
        assert box.paid(unit)[0] == 200_000, "what came later holds"
    (delivery,) = box.deliveries(commune)
    assert delivery.repeated_at is None and len(box.left()) == 1
    hinders.unlink()
    box.night()
    assert box.left() == [] and box.deliveries(commune) == [delivery]
    ((name, note),) = box.back(commune).items()
    assert name == f"xã 2024-10.csv.bien-nhan-{delivery.id}.txt" and "đã nhận trước đó" not in note and "chờ nạp" not in note


def test_the_same_file_sent_once_more_is_repeated_once(box: Box) -> None:
    unit = "421"
    for _ in range(2):
        box.drop(unit, "2024-10.csv", of(unit))
        box.night()
    (delivery,) = box.deliveries(unit)
    assert delivery.repeated_at is not None
    for path in (box.hub.settings.returned_of(SOURCE.name) / unit).iterdir():
        path.unlink()
    (box.hub.settings.returned_of(SOURCE.name) / unit).rmdir()
    hinders = without_folder(box, PAYMENTS, unit)
    box.drop(unit, "2024-10.csv", of(unit))
    box.night()
    (repeated,) = box.deliveries(unit)
    assert repeated.repeated_at and repeated.repeated_at > delivery.repeated_at
    box.night()
    assert box.deliveries(unit) == [repeated]
    hinders.unlink()
    box.night()
    assert box.left() == [] and "đã nhận trước đó" in "".join(box.back(unit).values())


def test_a_file_that_was_refused_may_come_again_once_its_headings_are_known(box: Box) -> None:
    unit, head = "423", {MONEY: "Cột của phần mềm huyện"}
    for _ in range(2):
        box.drop(unit, "2024-10.csv", of(unit), headings=head)
        box.night()
        assert box.paid(unit) == []
    table = box.hub.settings.headings_dir / SOURCE.name / f"{unit}.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text(f"heading,column\n{head[MONEY]},{MONEY}\n", "utf-8")
    for _ in range(2):
        box.drop(unit, "2024-10.csv", of(unit), headings=head)
        box.night()
        assert len(box.paid(unit)) == 8, box.back(unit)
    assert len(box.deliveries(unit)) == 3, "once it is loaded it is the same once more"


def test_a_list_that_was_refused_as_that_of_the_month_before_may_come_again_once_that_is_mended(box: Box) -> None:
    unit = "424"
    november = of(unit, "2024-11")
    october = [{**row, MONTH: dt.date(2024, 10, 1)} for row in november]  # November's list, sent for October by mistake
    for name, rows in (("2024-10.csv", october), ("2024-11.csv", november), ("2024-10 sửa.csv", amounts(october, 400_000))):
        box.drop(unit, name, rows)
        box.night()
        assert box.paid(unit, "2024-11") == []
    box.drop(unit, "2024-11 lại.csv", november)
    box.night()
    assert len(box.paid(unit, "2024-11")) == 8, box.back(unit)


def laid(path: Path, at: int) -> None:
    """In the order in which they were written they are taken in."""
    os.utime(path, (at, at))


def test_two_files_at_one_look_end_as_one_after_the_other_where_the_last_is_refused(box: Box) -> None:
    held = {}
    for unit, nights in (("425", 2), ("426", 1)):
        laid(box.drop(unit, "a 2024-10.csv", amounts(of(unit), 100_000)), 100_000)
        if nights == 2:
            box.night()
        laid(box.drop(unit, "b 2024-10.csv", [{**row, MONEY: "không rõ"} for row in of(unit)]), 200_000)
        for _ in range(2):
            box.night()
            held[nights] = box.paid(unit)
            outcome = box.rows("select last_outcome from ops.cells where unit_code = :unit and period = '2024-10'", unit=unit)
            assert [tuple(row) for row in outcome] == [("refused",)]
    assert len(held[2]) == 8 and held[1] == held[2]


def test_the_same_of_a_locked_month_that_an_officer_loads(box: Box) -> None:
    unit, month = "427", "2024-05"
    laid(box.drop(unit, f"a {month}.csv", amounts(of(unit, month), 100_000)), 100_000)
    laid(box.drop(unit, f"b {month}.csv", [{**row, MONEY: "không rõ"} for row in of(unit, month)]), 200_000)
    box.night()
    run_cells(box.hub, PAYMENTS, Request("hand", frozenset({(month, unit)}), by_hand=True), BY_HAND)
    assert len(box.paid(unit, month)) == 8
    assert [list(delivery.waiting) for delivery in box.deliveries(unit)] == [[], [f"{month}|{unit}"]]


def answered(exported: Path, back: Path, key: str, bad: int = 0) -> None:
    """A workbook of one rejected row that comes back: the row is mended, and one without a mark stands for the row of a key; so many more
    are as bad as it was."""
    book = openpyxl.load_workbook(exported)
    page = book.worksheets[0]
    at = {name: next(c.column for c in page[1] if f"({name})" in str(c.value)) for name in (MONEY, KEY)}
    for column in range(1, page.max_column):
        page.cell(3, column).value = page.cell(2, column).value
    page.cell(2, at[MONEY]).value, page.cell(3, at[MONEY]).value, page.cell(3, at[KEY]).value = "512000", "513000", key
    for row in range(4, 4 + bad):
        for column in range(1, page.max_column):
            page.cell(row, column).value = page.cell(3, column).value
        page.cell(row, at[MONEY]).value, page.cell(row, at[KEY]).value = "không rõ", f"{key}-{row}"
    book.save(back)


def test_what_came_back_and_a_later_whole_file_at_one_look_end_as_one_after_the_other(box: Box, tmp_path: Path) -> None:
    held = {}
    for unit, nights in (("430", 2), ("415", 1)):
        rows = of(unit)
        rows[2] |= {MONEY: "không rõ"}
        box.drop(unit, "2024-10.csv", rows)
        box.night()
        with box.hub.warehouse.engine.connect() as connection:
            rejected = open_rows.rejected(connection, Chosen((SOURCE,), unit, "2024-10"))
        write_quarantine(tmp_path / f"{unit}.xlsx", rejected, [])
        answered(tmp_path / f"{unit}.xlsx", box.folder(unit) / "sửa 2024-10.xlsx", rows[0][KEY])
        laid(box.folder(unit) / "sửa 2024-10.xlsx", 100_000)
        if nights == 2:
            box.night()
        laid(box.drop(unit, "toàn bộ 2024-10.csv", [rows[0] | {MONEY: "601000"}, *rows[1:]]), 200_000)
        box.night()
        held[nights] = box.paid(unit)
    assert {512_000, 601_000} <= set(held[2]) and held[1] == held[2], held


def sent_back(box: Box, unit: str, month: str, rows: list[Row], workbook: Path) -> None:
    """A unit sends a month of which a row is bad, and gets that back as a workbook."""
    rows[2] |= {MONEY: "không rõ"}
    box.drop(unit, f"{month}.csv", rows)
    box.night()
    with box.hub.warehouse.engine.connect() as connection:
        write_quarantine(workbook, open_rows.rejected(connection, Chosen((SOURCE,), unit, month)), [])


def test_rows_that_came_back_stay_when_their_cell_is_read_again(box: Box, tmp_path: Path) -> None:
    """Also those without a mark: an officer loads the cell by hand, another commune of it sends its own. A later file of all takes their place."""
    unit, rows, month = "431", of("431"), "2024-10"
    sent_back(box, unit, month, rows, tmp_path / "loại.xlsx")
    answered(tmp_path / "loại.xlsx", box.folder(unit) / f"sửa {month}.xlsx", rows[0][KEY])
    box.night()
    held = box.paid(unit)
    assert {512_000, 513_000} <= set(held)
    run_cells(box.hub, PAYMENTS, Request("hand", frozenset({(month, unit)}), by_hand=True), BY_HAND)
    assert box.paid(unit) == held
    other = commune_of(unit, nth=1)
    more = amounts(rows_of(PAYMENTS, month, [other], copies=2), 900_000)
    box.drop(other, f"xã {month}.csv", [{**row, KEY: f"XA-{row[KEY]}"} for row in more])
    box.night()
    assert box.paid(unit) == sorted([*held, *(900_000 + at for at in range(len(more)))])
    box.drop(unit, f"{month} lại.csv", amounts(of(unit), 100_000))
    box.night()
    assert set(box.paid(unit)) == {100_000 + at for at in range(len(rows))}


def test_what_came_back_and_was_refused_is_not_laid_again_when_its_cell_is(box: Box, tmp_path: Path) -> None:
    unit, rows, month = "432", of("432"), "2024-10"
    sent_back(box, unit, month, rows, tmp_path / "loại.xlsx")
    answered(tmp_path / "loại.xlsx", box.folder(unit) / f"sửa {month}.xlsx", rows[0][KEY], bad=25)
    held = box.paid(unit)
    assert [c.outcome for c in box.night().cells] == ["refused"]
    run_cells(box.hub, PAYMENTS, Request("hand", frozenset({(month, unit)}), by_hand=True), BY_HAND)
    outcome = box.rows("select last_outcome from ops.cells where unit_code = :unit and period = :month", unit=unit, month=month)
    assert [tuple(row) for row in outcome] == [("accepted",)] and box.paid(unit) == held


@pytest.mark.parametrize("last_is", ["refused", "untold"])
def test_a_register_speaks_until_its_sender_last_sent_what_was_loaded(box: Box, last_is: str) -> None:
    unit = {"refused": "412", "untold": "414"}[last_is]
    rows = rows_of(CHILDREN, "now", [commune_of(unit)], copies=4)
    folder = box.hub.settings.inbox_of("children") / unit
    folder.mkdir(parents=True, exist_ok=True)

    def look(day: str) -> dt.date:
        with mock.patch.dict(os.environ, {"ANSINH_TODAY": day}):
            run_cells(box.hub, CHILDREN, Request(day), {})
            with box.hub.warehouse.engine.connect() as connection:
                said = spoken_until(connection, CHILDREN, "now", box.hub.today())
        return said[unit].astimezone(ZONE).date()

    first, later = {"refused": ("2024-11-20", "2025-01-20"), "untold": ("2025-02-20", "2025-04-20")}[last_is]
    if last_is == "untold":
        without_folder(box, CHILDREN, unit)
    write(folder / "sổ.csv", CHILDREN, rows)
    assert look(first) == dt.date.fromisoformat(first)
    if last_is == "refused":
        write(folder / "sổ mới.csv", CHILDREN, rows[:2])
    assert look(later) == dt.date.fromisoformat(first)
    with box.hub.warehouse.engine.connect() as connection:
        found = [d for d in deliveries.of(connection, CHILDREN.source, CHILDREN) if d.sender == unit]
    assert len(found) == (2 if last_is == "refused" else 1)
