"""What a check foretells of the cells of a file is what the night does with it; what it cannot foretell it says."""

import argparse
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.commands import check
from pipelines.failures import SenderUnsaid
from resources.workbooks.reading.failures import FileUnavailable
from schemas.dataset import PROVINCE
from tests.fixtures.deliveries import commune_of, rows_of
from tests.fixtures.kit import Row
from tests.integration.test_inbox import MONEY, PAYMENTS, Box, amounts, opened

BEFORE, MONTH, LOCKED = "2024-10", "2024-11", "2024-05"
MONTH_COLUMN = PAYMENTS.column("month").source_column
REPEATED = "giống hệt danh sách chi trả tháng trước"


@pytest.fixture(scope="module")
def box(home: Path) -> Iterator[Box]:
    yield from opened(home)


@pytest.fixture
def checked(box: Box, capsys: pytest.CaptureFixture[str]) -> "Checked":
    return Checked(box, capsys)


class Checked:
    def __init__(self, box: Box, printed: pytest.CaptureFixture[str]) -> None:
        self._box, self._printed = box, printed

    def __call__(self, unit: str, name: str, rows: list[Row]) -> tuple[int, str]:
        """How a check of a file ends, and what it says; the file lies in the inbox."""
        ended = checks(self._box.drop(unit, name, rows))
        return ended, self._printed.readouterr().out


def checks(file: Path) -> int:
    arguments = argparse.ArgumentParser()
    check.arguments(arguments)
    return check.run(arguments.parse_args([str(file)]))


def of(unit: str, month: str = MONTH, copies: int = 4) -> list[Row]:
    return rows_of(PAYMENTS, month, [commune_of(unit)], copies=copies)


def as_of(month: str, rows: list[Row]) -> list[Row]:
    """The same list as one of another month."""
    return [{**row, MONTH_COLUMN: dt.date.fromisoformat(f"{month}-01")} for row in rows]


def refused(box: Box) -> dict[tuple[str, str], str]:
    return {(c.period, c.unit): c.reason or "" for c in box.night().cells if c.outcome == "refused"}


@pytest.mark.usefixtures("box")
def test_a_name_that_is_mistyped_is_told_before_whose_the_file_is(tmp_path: Path) -> None:
    with pytest.raises(FileUnavailable, match=r"không mở được .* Xem lại tên tệp"):
        checks(tmp_path / "chi tra thang 11.xlsx")
    (tmp_path / "chi trả tháng 11.csv").write_text("a,b\n")
    with pytest.raises(SenderUnsaid):
        checks(tmp_path / "chi trả tháng 11.csv")


def test_a_list_that_repeats_the_month_before_is_foretold(box: Box, checked: Checked) -> None:
    unit, rows = "412", of("412")
    box.drop(unit, f"{BEFORE}.csv", as_of(BEFORE, rows))
    box.night()
    ended, told = checked(unit, f"{MONTH}.csv", rows)
    assert ended == 1 and f"Cả tệp sẽ không được nạp vào kỳ {MONTH}: " in told and REPEATED in told, told
    assert REPEATED in refused(box)[MONTH, unit]
    ended, told = checked(unit, f"{MONTH}.csv", amounts(rows, 400_000))
    assert ended == 0 and REPEATED not in told, told
    assert refused(box) == {} and box.paid(unit, MONTH)[0] == 400_000


def test_so_is_one_of_two_months_in_one_file(box: Box, checked: Checked) -> None:
    unit, rows = "413", of("413")
    ended, told = checked(unit, f"{BEFORE}_{MONTH}.csv", [*as_of(BEFORE, rows), *rows])
    assert ended == 1 and f"vào kỳ {MONTH}: " in told and f"vào kỳ {BEFORE}" not in told, told
    assert list(refused(box)) == [(MONTH, unit)] and len(box.paid(unit, BEFORE)) == len(rows)


def test_of_a_file_of_the_province_each_cell_is_foretold(box: Box, checked: Checked) -> None:
    """One is bad, one would be emptied, since files are the main road, one is right."""
    bad, gone, good = "414", "415", "416"
    box.drop(gone, f"{MONTH}.csv", of(gone, copies=10))
    box.night()
    rows = [*({**row, MONEY: "không rõ"} for row in of(bad)), *of(good)]
    ended, told = checked(PROVINCE, f"{MONTH}.csv", [*rows, *amounts(of("412"), 400_000)])
    assert ended == 1 and f"Số liệu kỳ {MONTH} của Thị xã Thái Hòa (414) sẽ không được nạp: " in told, told
    assert told.count("sẽ không được nạp") == 2 and "(415)" in told and "còn 0 dòng" in told, told
    assert set(refused(box)) == {(MONTH, bad), (MONTH, gone)} and len(box.paid(good, MONTH)) == len(of(good))


def test_what_cannot_be_foretold_and_what_waits_is_said(box: Box, checked: Checked) -> None:
    unit, commune = "417", commune_of("417")
    ended, told = checked(commune, f"{MONTH}.csv", of(unit))
    assert ended == 0 and "Chưa nói trước được" in told and "đã khóa" not in told, told
    ended, told = checked(unit, f"{LOCKED}.csv", of(unit, LOCKED))
    assert ended == 0 and f"Kỳ {LOCKED} đã khóa" in told and "Chưa nói trước được" not in told, told
    box.night()
    assert f"kỳ {LOCKED} đã khóa" in "".join(box.back(unit).values())
