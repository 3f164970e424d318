"""The workbook for the sender is read in any program: every row has its height, every column room for its longest word."""

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from resources.warehouse.quarantine.open_rows import Rejected, Warned
from resources.workbooks.quarantine import HIGHEST, LINE_HEIGHT, write_quarantine
from resources.workbooks.writing import lines_of
from schemas.registry import dataset_named

MEMBERS, PAYMENTS = dataset_named("poverty.members"), dataset_named("social_protection.monthly_payments")
REASON = (
    "Họ và tên: có chữ đã mất dấu thành dấu hỏi hoặc ký tự lạ. Được phép: chữ cái tiếng Việt Unicode, dấu cách và dấu nháy đơn, "
    "không quá 100 ký tự. Căn cứ: TCVN 6909:2001."
)
LONG = "#3f9c2b7a11d0e655-1048576"


def rejected(key: str, reasons: int, **received: object) -> Rejected:
    failures = [{"rule": f"r{n}", "column": "sex_code", "message": f"{n}. {REASON}"} for n in range(reasons)]
    return Rejected(MEMBERS, key, {"ma_ho": "H1", "ho_ten": "Nguy?n Th? M?u", **received}, failures, 12, "ab" * 16)


def warned(rule: str, column: str, value: str | None) -> Warned:
    return Warned(PAYMENTS, "TC1|2024-10-01", rule, column, REASON, value)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("sent") / "rows.xlsx"
    rows = [rejected("H1|1", 1, gioi_tinh="=1+1"), rejected(LONG, 3, gioi_tinh="x"), rejected("H1|2", 11, gioi_tinh=None)]
    write_quarantine(
        path, rows, [warned("same_key_in_two_cells", "month", None), warned("paid_after_death", "amount_vnd", "500000")]
    )
    return openpyxl.load_workbook(path)


def widths(page: Worksheet) -> list[float]:
    """Of each column; the file keeps alike neighbours as one range."""
    found = [0.0] * page.max_column
    for dimension in page.column_dimensions.values():
        for place in range(dimension.min, dimension.max + 1):
            found[place - 1] = dimension.width
    return found


def test_every_row_has_the_height_of_its_text_and_every_column_room_for_its_words(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == [f"1. {MEMBERS.title[:28].rpartition(' ')[0]}", "2. Cảnh báo", "Cách sửa"]
    for page in book:
        rooms = widths(page)
        for row in page.iter_rows():
            height = page.row_dimensions[row[0].row].height
            for cell, room in zip(row, rooms, strict=True):
                text = str(cell.value or "")
                assert cell.alignment.wrap_text and cell.alignment.vertical == "top"
                assert LINE_HEIGHT * lines_of(text, int(room)) <= height < HIGHEST, text
                assert all(len(word) < room for word in text.split()), text


def test_what_is_wrong_stands_beside_its_reason_and_a_formula_stays_text(book: openpyxl.Workbook) -> None:
    page = book.worksheets[0]
    assert [page.cell(1, c).value for c in (1, 2, 3)] == ["Khóa dòng", "Lý do bị loại", "Giới tính\n(gioi_tinh)"]
    assert (page.cell(2, 3).value, page.cell(2, 3).data_type) == ("=1+1", "s")
    assert page.cell(2, 3).fill.fgColor.rgb != page.cell(2, 4).fill.fgColor.rgb
    assert page.freeze_panes == "C2" and page.page_setup.orientation == "landscape"


def test_warnings_have_a_sheet_with_what_the_hub_holds(book: openpyxl.Workbook) -> None:
    lines = [[cell.value for cell in row][2:] for row in book["2. Cảnh báo"].iter_rows(min_row=2)]
    assert lines == [["hồ sơ", PAYMENTS.title, "Tháng chi trả", ""], ["tiền", PAYMENTS.title, "Số tiền", "500000"]]
