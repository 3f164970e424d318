"""The workbook for the unit that sent the rows: a sheet a dataset with what was rejected, one with the warnings, and how to mend.

It is read in any program: widths, heights and wrapping are all set here, and no word is cut. The unit mends the rows where they
stand and sends it back: the last column marks each, so that it takes the place of the row that was rejected.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format

from resources.warehouse.quarantine.open_rows import Rejected, Warned
from resources.workbooks.marks import HEADING, KEY_HEADING, REASONS_HEADING, Mark, shown
from resources.workbooks.writing import lines_of, workbook
from schemas.dataset import Dataset
from schemas.weights import TITLES

FONT = "Times New Roman"
A4 = 9
PRINTED_AT, ONE_PAGE = 75, 200  # percent; characters that are still read when they share a page's width
GUIDE_WIDTH = 110  # characters
LINE_HEIGHT = 16  # points
HIGHEST = 409  # points, that a row may have in Excel
REASON_WIDTHS = (60, 90, 120, 180)  # characters
WIDEST, LEAST = 36, 9
WRONG, TOP = "#FBE3E0", "#DDE6F0"


GUIDE = (
    "Sửa ngay ở ô sai, trên trang của từng bộ dữ liệu. Cột «Lý do bị loại» nói sai gì; ô tô màu là ô cần xem.",
    f"Giữ nguyên cột «{HEADING}» ở cuối: nhờ mã này dòng đã sửa thay đúng dòng bị loại, kể cả khi sửa khóa, số định danh hay mã xã.",
    "Dòng chưa sửa được thì để nguyên hoặc xóa: dòng ấy vẫn nằm trong danh sách bị loại, không dòng nào đã nhận bị xóa.",
    f"Thêm dòng mới: ghi ở dưới cùng và để trống ô «{HEADING}». Không chép dòng cũ kèm mã.",
    "Không đổi tên tiêu đề cột. Lưu lại ở dạng .xlsx, .ods hoặc .csv rồi gửi theo đường nộp tệp của đơn vị.",
    "Nếu sau đó hệ thống nguồn gửi chính dòng này khác đi, hoặc đúng, thì số liệu của nguồn được lấy.",
    "Tệp này có dữ liệu cá nhân: chỉ gửi qua kênh được phép, xóa khi không cần nữa.",
)


@dataclass(frozen=True)
class Cell:
    text: str
    is_wrong: bool = False


def write_quarantine(into: Path, rejected: Iterable[Rejected], warned: Sequence[Warned]) -> None:
    by_dataset: dict[Dataset, list[Rejected]] = defaultdict(list)
    for row in rejected:
        by_dataset[row.dataset].append(row)
    with workbook(into) as book:
        pages = _Pages(book)
        for dataset, rows in sorted(by_dataset.items(), key=lambda item: item[0].id):
            pages.add(dataset.title, *_of_rejected(dataset, rows))
        if warned:
            pages.add("Cảnh báo", *_of_warned(warned))
        if by_dataset:
            pages.guide("Cách sửa", GUIDE)


def _of_rejected(dataset: Dataset, rows: Sequence[Rejected]) -> tuple[list[str], list[list[Cell]]]:
    """The headings and the rows; the columns in which something is wrong stand first, beside the reasons."""
    broken = {f["column"] for row in rows for f in row.failures}
    columns = sorted(dataset.columns, key=lambda c: c.name not in broken)
    headings = [KEY_HEADING, REASONS_HEADING, *(f"{c.title}\n({c.source_column})" for c in columns), HEADING]
    told = []
    for row in rows:
        wrong = {f["column"] for f in row.failures}
        reasons = "\n".join(dict.fromkeys(f["message"] for f in row.failures))
        values = [Cell(shown(row.received.get(c.source_column)), c.name in wrong) for c in columns]
        told.append([Cell(row.row_key), Cell(reasons), *values, Cell(Mark.of(row.number, row.sent).text)])
    return headings, told


def _of_warned(warned: Sequence[Warned]) -> tuple[list[str], list[list[Cell]]]:
    headings = [KEY_HEADING, "Cảnh báo", "Mức", "Dữ liệu", "Cột", "Đang ghi"]
    titles = {(w.dataset, c.name): c.title for w in warned for c in w.dataset.columns}
    return headings, [
        [
            Cell(w.row_key),
            Cell(w.message),
            Cell(TITLES[w.weight]),
            Cell(w.dataset.title),
            Cell(titles.get((w.dataset, w.column), w.column)),
            Cell(w.value or "", is_wrong=w.value is not None),
        ]
        for w in warned
    ]


class _Pages:
    """The sheets of one workbook, and the formats that they share. Every value is text: none becomes a number or a formula."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._heading = self._format(bold=True, bg_color=TOP)
        self._plain, self._wrong = self._format(), self._format(bg_color=WRONG)

    def _format(self, **how: object) -> Format:
        base = {"font_name": FONT, "font_size": 11, "text_wrap": True, "valign": "top", "border": 1, "num_format": "@"}
        return self._book.add_format(base | how)

    def add(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        page = self._book.add_worksheet(self._name(title))
        widths = [
            _reason_width(row[1].text for row in rows) if place == 1 else _width([heading, *(row[place].text for row in rows)])
            for place, heading in enumerate(headings)
        ]
        for place, width in enumerate(widths):
            page.set_column(place, place, width)
        page.set_row(0, _height(headings, widths))
        for place, heading in enumerate(headings):
            page.write_string(0, place, heading, self._heading)
        for line, row in enumerate(rows, start=1):
            page.set_row(line, _height([cell.text for cell in row], widths))
            for place, cell in enumerate(row):
                page.write_string(line, place, cell.text, self._wrong if cell.is_wrong else self._plain)
        page.freeze_panes(1, 2)
        page.repeat_rows(0)
        page.repeat_columns(0, 0)  # with the reasons too, little else would have room on a page
        if sum(widths) <= ONE_PAGE:
            page.fit_to_pages(1, 0)
        else:
            page.set_print_scale(PRINTED_AT)
        page.set_landscape()
        page.set_paper(A4)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.set_footer("&L&A&RTrang &P / &N")

    def guide(self, title: str, lines: Sequence[str]) -> None:
        page = self._book.add_worksheet(title)
        page.set_column(0, 0, GUIDE_WIDTH)
        for at, line in enumerate(lines):
            page.set_row(at, _height([line], [GUIDE_WIDTH]))
            page.write_string(at, 0, line, self._plain)

    def _name(self, title: str) -> str:
        """Excel takes 31 characters, a few of them not, and no name twice; it is cut after a whole word."""
        plain = " ".join(title.partition(" (")[0].translate(str.maketrans("[]:*?/\\", "       ")).split())
        name = f"{len(self._book.worksheets()) + 1}. {plain}"
        while len(name) > 31:
            name = name.rpartition(" ")[0]
        return name


def _width(texts: Iterable[str]) -> int:
    """Room for the longest text, and where that is a sentence for the longest word; bold letters and other fonts need more."""
    parts = [part for text in texts for part in text.split("\n")]
    longest = max(map(len, parts), default=0)
    word = max((len(word) for part in parts for word in part.split()), default=0)
    return max(LEAST, min(_roomy(longest), WIDEST), min(_roomy(word), 2 * WIDEST))


def _reason_width(texts: Iterable[str]) -> int:
    """Wide enough for the row with the most reasons to stay below the height that a row may have."""
    told = list(texts)
    fitting = (w for w in REASON_WIDTHS if all(LINE_HEIGHT * lines_of(text, w - 2) < HIGHEST for text in told))
    return next(fitting, REASON_WIDTHS[-1])


def _roomy(characters: int) -> int:
    return math.ceil(characters * 1.15) + 2


def _height(texts: Iterable[str], widths: Sequence[int]) -> int:
    lines = max(lines_of(text, width - 2) for text, width in zip(texts, widths, strict=True))
    return min(LINE_HEIGHT * lines + 2, HIGHEST)
