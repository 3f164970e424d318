"""Sheets of a file together, and a sheet however it comes: which are read, as whose, and on which line each row stands."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from resources.workbooks.reading.failures import HeadingsMissing
from resources.workbooks.reading.grid import Grid
from resources.workbooks.reading.read import BARE, GATHERED, HIDDEN, NO_HEADING, OTHERS, Read, read_grids
from resources.workbooks.reading.wanted import Choice, Wanted
from schemas.origin import ROW, SHEET
from tests.fixtures.grids import grid
from tests.fixtures.workbooks import CHOICES, HEADS, Layout, laid_out, people, texts

LARGER = {"ho": Choice("Hộ", (Wanted("ma_ho", "Mã hộ", is_required=True), *(Wanted(f"c{n}", f"Cột {n}") for n in range(8))))}
WIDE = ["Mã hộ", *(f"Cột {n}" for n in range(8))]


def sheet(name: str, lines: Sequence[Sequence[Any]], at_once: int = 8_000, **facts: Any) -> Grid:
    return grid(name, [[None if cell is None else str(cell) for cell in line] for line in lines], at_once, **facts)


def read(*sheets: Grid, choices: Mapping[str, Choice] = CHOICES) -> Read:
    return read_grids(sheets, choices, {}, "")


def rows_of(found: Read) -> list[list[Any]]:
    return [list(row.values()) for batch in found.batches() for row in batch.to_pylist()]


def skipped(found: Read) -> list[str | None]:
    return [sheet.skipped for sheet in found.report.sheets]


@pytest.mark.parametrize("at_once", [1, 2, 3, 7])
def test_rows_stand_on_their_lines_however_many_are_read_at_once(at_once: int) -> None:
    layout = Layout(titles=4, depth=2, numbers=True, sums=True, spacers=True, footer=True)
    lines, merged = laid_out(people(9), layout)
    whole, parts = (read(sheet("A", lines, size, merged=merged)) for size in (8_000, at_once))
    assert rows_of(parts) == rows_of(whole) and parts.report == whole.report
    assert [row[2:] for row in rows_of(whole)] == texts(people(9))
    on_lines = {line: at for at, line in enumerate(map(tuple, lines), 1)}
    assert [row[0] for row in rows_of(whole)] == [on_lines[tuple(row)] for row in people(9)]
    assert {row[1] for row in rows_of(whole)} == {"A"}


@pytest.mark.parametrize(
    "below",
    [
        [],
        [["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"]],
        [[], [None, None, None, "Người lập biểu"]],
    ],
)
def test_a_template_beside_the_data_is_not_read_though_it_has_more_columns(below: list[list[Any]]) -> None:
    fewer = [HEADS[:3], *(row[:3] for row in people(3))]
    found = read(sheet("Mẫu", [HEADS, *below]), sheet("Dữ liệu", fewer))
    assert skipped(found) == [BARE, None] and found.report.rows == 3
    assert [row[:3] for row in rows_of(found)] == [[at, "Dữ liệu", row[1]] for at, row in enumerate(people(3), 2)]


def test_an_emptied_sheet_does_not_say_of_which_dataset_a_file_is() -> None:
    data = sheet("B", [HEADS, *people(2)])
    for sheets in ((sheet("A", [WIDE]), data), (data, sheet("A", [WIDE]))):
        found = read(*sheets, choices=CHOICES | LARGER)
        assert found.choice == "chi_tra" and found.report.rows == 2
    alone = read(sheet("A", [WIDE]), choices=CHOICES | LARGER)
    assert (alone.choice, alone.report.rows, rows_of(alone)) == ("ho", 0, [])


def test_of_each_sheet_that_is_not_read_it_is_said_why() -> None:
    one, two = people(3), people(3, first=3)
    other = [["Mã hộ", "Họ và tên"], ["H9", "Trần Văn Chín"]]
    found = read(
        sheet("Ẩn", [HEADS, *one], is_hidden=True),
        sheet("Bìa", [["Báo cáo"]]),
        sheet("Xã A", [HEADS, *one]),
        sheet("Xã B", [HEADS, *two]),
        sheet("Chung", [HEADS, *one, *two]),
        sheet("Khác", other),
    )
    assert skipped(found) == [HIDDEN, NO_HEADING, None, None, GATHERED, OTHERS]
    assert [row[1] for row in rows_of(found)] == ["Xã A"] * 3 + ["Xã B"] * 3


def test_two_sheets_of_the_same_rows_are_one_and_a_row_more_makes_both_count() -> None:
    one = people(3)
    found = read(sheet("A", [HEADS, *one]), sheet("B", [HEADS, *one]))
    assert [bool(why) for why in skipped(found)] == [True, False]
    found = read(sheet("A", [HEADS, *one]), sheet("B", [HEADS, *one, *people(1, first=9)]))
    assert skipped(found) == [None, None] and found.report.rows == 7


def test_columns_may_stand_in_any_order_and_between_others() -> None:
    lines = [["Ghi chú", "Số tiền", None, "Họ tên", "Mã hộ"], ["x", "5", "lạ", "Trần Văn Một", "H1"]]
    (row,) = [row for batch in read(sheet("A", lines)).batches() for row in batch.to_pylist()]
    assert (row["ma_ho"], row["ho_ten"], row["so_tien"], row["ngay_sinh"]) == ("H1", "Trần Văn Một", "5", None)
    assert (row[ROW], row[SHEET]) == (2, "A")


def test_a_row_wider_than_its_heading_is_shifted_unless_most_are() -> None:
    narrow, wide = ["H1", "Trần Văn Một", None], ["H2", "Trần", "Văn Hai"]
    head = ["Mã hộ", "Họ và tên"]

    def shifted(*rows: Sequence[str | None], separator: str | None = ";") -> list[bool]:
        return [row[2] == "#SHIFTED" for row in rows_of(read(sheet("", [head, *rows], 2, separator=separator)))]

    assert shifted(narrow, narrow, wide) == [False, False, True]
    assert shifted(narrow, wide) == [False, True]
    assert shifted(narrow, wide, wide) == [False, False, False], "a column without a heading"
    assert shifted(narrow, narrow, wide, separator=None) == [False, False, False], "the cells of a workbook do not shift"


def test_a_file_with_no_heading_says_what_the_nearest_sheet_lacks() -> None:
    with pytest.raises(HeadingsMissing, match=r"thiếu Họ và tên\)"):
        read(sheet("A", [["Mã hộ", "Số tiền"], ["H1", "5"]]), sheet("B", [["Số tiền", "Ngày sinh"], ["5", "x"]]))
