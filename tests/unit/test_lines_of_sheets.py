"""What a line of a sheet, a label or a title says by itself: sums, numbers of columns, signatures, months. No file is made here."""

import unicodedata

import pyarrow as pa
import pytest

from resources.workbooks.reading.headings import Known, Row, Top, find
from resources.workbooks.reading.lines import Sorter, is_total, numbers_columns
from resources.workbooks.reading.stated import as_day, stated_in
from resources.workbooks.reading.wanted import Wanted
from resources.workbooks.reading.words import without_number

COLUMNS = tuple(
    Wanted(name, title) for name, title in (("ma", "Mã số"), ("ten", "Họ và tên"), ("tien", "Số tiền"), ("thang", "Tháng"))
)
HEADING = ("STT", "Mã số", "Họ và tên", "Số tiền", "Tháng", "Ghi chú")


def set_aside(*lines: tuple[str | None, ...]) -> dict[str, list[int]]:
    """By kind the lines below a heading in line 1 that are no rows, however many lines are looked at at once."""
    rows = [HEADING, *(line + (None,) * (len(HEADING) - len(line)) for line in lines)]
    headings = find(Top.of(rows, ()), Known.of(COLUMNS, {}))
    assert headings is not None
    names, found = [str(at) for at in range(len(HEADING))], []
    for at_once in (len(rows), 1, 2, 3):
        sorter = Sorter(headings, [1], len(rows))
        for first in range(0, len(rows), at_once):
            cells = zip(*rows[first : first + at_once], strict=True)
            sorter.add(pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in cells], names))
        done = sorter.done()
        assert done.rows == len(rows) - sum(map(len, done.aside.values()))
        assert not any(done.is_data[at - 1] for numbers in done.aside.values() for at in numbers)
        found.append({why: numbers for why, numbers in done.aside.items() if why != "heading"})
    assert found == found[:1] * 4
    return found[0]


ROW = ("1", "K-1", "Nguyễn Văn Một", "500000", "10/2024", "x")


@pytest.mark.parametrize(
    "line",
    [
        ("tổng cộng", "120"),
        ("cộng:", "12"),
        ("tổng :",),
        ("1", "tổng", "3"),
        ("a", "tổng cộng", "3"),
        ("iv.", "cộng xã nghi phú", "1.234.567"),
        ("cộng toàn huyện", "12%", "-"),
        ("(bằng chữ: một triệu đồng)",),
    ],
)
def test_a_sum_says_so_and_all_else_in_it_are_figures(line: tuple[str, ...]) -> None:
    assert is_total(line)


@pytest.mark.parametrize(
    "line",
    [
        (),
        ("120", "5"),
        ("tổng văn một", "5"),
        ("cộng hòa xã hội chủ nghĩa việt nam",),
        ("tổng cộng", "nghi phú", "12"),
        ("a", "b", "tổng cộng"),
        ("k-1", "tổng cộng"),
        ("tổng", "a"),
    ],
)
def test_a_line_with_a_word_beside_a_sum_is_a_row(line: tuple[str, ...]) -> None:
    assert not is_total(line)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_sum_is_known_however_full_its_line_is_and_its_letters_are_made(form: str) -> None:
    total = unicodedata.normalize(form, "TỔNG CỘNG")
    full = (total, "5", "6", "1.500.000", "10", "3")
    assert set_aside(ROW, ROW, ROW, ROW, full) == {"total": [6]}
    assert set_aside(ROW, ROW, ROW, ROW, ("II", *full[:-1])) == {"total": [6]}


@pytest.mark.parametrize(
    "said",
    [
        "Vinh, ngày 05 tháng 11 năm 2024",
        "Nghi Phú, ngày 5/11/2024",
        "Ngày …… tháng …… năm ……",
        "Người duyệt",
        "Trưởng xóm",
        "KT. CHỦ TỊCH",
        "(Ký, ghi rõ họ tên)",
    ],
)
def test_what_stands_below_a_table_is_no_row_and_what_stands_in_one_is(said: str) -> None:
    assert set_aside(ROW, ROW, ROW, ROW, (None, None, None, said), (None, None, None, "Trần Thị Hai")) == {"signature": [6, 7]}
    assert set_aside(ROW, ROW, ROW, ROW, (None, None, said), ROW) == {}, "a row below it says that the table went on"


@pytest.mark.parametrize(
    "line",
    [
        ("I", None, "Xóm 1"),
        ("I. Người cao tuổi",),
        (None, "Xóm 1"),
        ("II", "Xóm 2"),
        ("12)", None, None, "Hộ cận nghèo"),
    ],
)
def test_a_group_stands_alone_in_its_line_but_for_its_number(line: tuple[str | None, ...]) -> None:
    assert set_aside(ROW, ROW, ROW, ROW, line, ROW) == {"group": [6]}


@pytest.mark.parametrize(
    "line",
    [
        ("2", "K-2", "Xóm 1"),
        (None, "K-2", "Xóm 1"),
        (None, None, "Trần Thị Hai"),
        ("I", None, "Xóm 1", "5"),
        (None, None, "Xóm 1", "Xóm 2"),
        ("I", "II"),
        ("Tổ chức", None, "Trần Thị Hai"),
    ],
)
def test_a_row_with_little_in_it_is_a_row(line: tuple[str | None, ...]) -> None:
    assert set_aside(ROW, ROW, ROW, ROW, line, ROW) == {}


def test_a_heading_comes_again_with_what_stands_above_it() -> None:
    title, numbers = ("Danh sách xã B",), ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)")
    rows = [ROW] * 6
    assert set_aside(*rows, HEADING, *rows) == {"again": [8]}
    assert set_aside(*rows, title, HEADING, *rows) == {"before": [8], "again": [9]}
    assert set_aside(*rows, title, (), title, HEADING, *rows) == {"before": [8, 10], "again": [11], "blank": [9]}
    assert set_aside(*rows, title, *rows) == {}, "a line of one cell, to be set aside with its reasons"
    assert set_aside(*rows, title, ROW, HEADING) == {"again": [10]}
    assert set_aside(*rows, ("Hai",), HEADING) == {"again": [9]}, "a word may be somebody's name"
    assert set_aside(*rows, (None, "Người lập"), (None, "Lê Văn Ba"), HEADING, *rows) == {"signature": [8, 9], "again": [10]}
    assert set_aside(numbers, *rows, HEADING, numbers, *rows) == {"numbers": [2], "again": [9, 10]}
    assert set_aside((), numbers, *rows) == {"blank": [2], "numbers": [3]}
    assert set_aside(*rows, ("1", "2", "3", "4", "5", "6")) == {}, "below rows it is one"


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("1 2 3", True),
        ("(1) (2) (3)=(1)+(2)", True),
        ("A B 1 2", True),
        ("2 3 4", True),
        ("3 4 5", False),
        ("1 2 4", False),
        ("1 2", False),
        ("A B C", False),
        ("A B 1", False),
        ("1 2 3 12.5", False),
    ],
)
def test_columns_are_numbered_one_after_the_other(line: str, numbers: bool) -> None:
    assert numbers_columns(line.split()) == numbers


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("12/2024", "2024-12-01"),
        ("01/2024", "2024-01-01"),
        ("2024-11", "2024-11-01"),
        ("2024/1", "2024-01-01"),
        ("Tháng 11 năm 2024", "2024-11-01"),
        ("THÁNG 11/2024", "2024-11-01"),
        (unicodedata.normalize("NFD", "tháng 11 năm 2024 "), "2024-11-01"),
        ("T11.2024", "2024-11-01"),
        ("11 - 2024", "2024-11-01"),
    ],
)
def test_a_month_is_its_first_day(text: str, month: str) -> None:
    assert as_day(text) == month


@pytest.mark.parametrize("text", ["13/2024", "0/2024", "2024-00", "T11.24", "Tháng 11", "05/11/2024", "2024"])
def test_what_is_no_month_of_a_year_stays_as_it_is(text: str) -> None:
    assert as_day(text) == text


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("1. Nam", "Nam"),
        ("1.2. Nam", "Nam"),
        ("1.2 Nam", "Nam"),
        ("a) Nam", "Nam"),
        ("đ/ Nam", "Nam"),
        ("II- Nam", "Nam"),
        ("II - Nam", "Nam"),
        ("3- Nam", "Nam"),
        ("- Nam", "Nam"),
        ("+Nam", "Nam"),
        ("Nam", "Nam"),
        ("12.345 người", "12.345 người"),
        ("16-18 tuổi", "16-18 tuổi"),
    ],
)
def test_the_number_of_a_line_is_no_part_of_what_it_says(text: str, bare: str) -> None:
    assert without_number(text) == bare


COMMUNE = Wanted("xa", "Mã xã", kind="commune_code", is_stated=True)
SAYING = (
    COLUMNS[0],
    COLUMNS[1],
    Wanted("ten_xa", "Tên xã", kind="commune_name", is_stated=True),
    Wanted("thang", "Tháng", kind="month", is_stated=True),
    Wanted("co_so", "Cơ sở", is_stated=True),
)


def said(*above: Row, columns: tuple[Wanted, ...] = SAYING, heading: Row = ("Mã số", "Họ và tên")) -> dict[str, str]:
    known = Known.of(columns, {})
    headings = find(Top.of([*above, heading], ()), known)
    assert headings is not None
    return stated_in(headings, columns, known)


def test_a_label_above_a_table_speaks_for_all_its_rows() -> None:
    assert said(("Cơ sở: CN-01",)) == {"co_so": "CN-01"}
    assert said(("Cơ sở:", "CN-01")) == {"co_so": "CN-01"}
    assert said(("Cơ sở", "CN-01")) == {"co_so": "CN-01"}
    assert said(("Cơ sở: CN-01", "Tháng: 10/2024")) == {"co_so": "CN-01", "thang": "10/2024"}
    assert said(("Cơ sở:", None, "CN-01"), ("Cơ sở: CN-01",)) == {"co_so": "CN-01"}, "the same twice"


def test_what_is_said_twice_differently_or_of_a_column_that_is_there_is_not_said() -> None:
    assert said(("Cơ sở: CN-01",), ("Cơ sở: CN-02",)) == {}
    assert said(("Mã số: 5",)) == {}, "it may not be said for all rows"
    assert said(("Cơ sở: CN-01",), heading=("Mã số", "Họ và tên", "Cơ sở")) == {}
    assert said(("Cơ sở", "Tháng")) == {}, "two labels"
    assert said(("Cơ sở", "Tháng: 10/2024")) == {"thang": "10/2024"}
    assert said(("Cơ sở", "CN-01", "và khác")) == {}, "a line of words, without a colon"
    assert said(("Tháng: mười",)) == {}


@pytest.mark.parametrize(
    ("head", "communes"),
    [
        ("UBND xã Nghi Phú", {"ten_xa": "xã Nghi Phú"}),
        ("ỦY BAN NHÂN DÂN PHƯỜNG QUANG TRUNG", {"ten_xa": "PHƯỜNG QUANG TRUNG"}),
        ("Xã Nghi Phú", {"ten_xa": "Xã Nghi Phú"}),
        ("UBND XA NGHI PHU", {"ten_xa": "XA NGHI PHU"}),
        ("Uy ban nhan dan xa Nghi Phu", {"ten_xa": "xa Nghi Phu"}),
        ("Xã Không Đâu", {}),
        ("xa ngheo nam 2024", {}),
        ("Xã hội hóa", {}),
    ],
)
def test_the_office_in_the_head_tells_the_commune_of_a_list_without_codes(head: str, communes: dict[str, str]) -> None:
    assert said((head,)) == communes
    assert said((head,), columns=(*SAYING, COMMUNE)) == communes
    assert said((head,), columns=(*SAYING, COMMUNE), heading=("Mã số", "Họ và tên", "Mã xã")) == {}, "each row says its own"
    assert said((head,), heading=("Mã số", "Họ và tên", "Tên xã")) == {}
    assert said((head,), ("UBND xã Hưng Lộc",)) == ({} if communes else {"ten_xa": "xã Hưng Lộc"})
