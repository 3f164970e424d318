"""A form as a workbook to print and sign: the sheet of the form on A4 as official papers are laid out (NĐ 30/2020/NĐ-CP), the
figures of each unit, and every line that was sent."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assets.reports.sheet import Line, Sheet
from resources.clock import ZONE
from resources.warehouse.published.submissions import STATUS_TITLES, Submission
from resources.workbooks.writing import lines_of, workbook
from schemas import units
from schemas.reports.organisations import organisation

A4 = 9
FONT = "Times New Roman"
PROVINCE_IN_DATES = units.PROVINCE_NAME.removeprefix("Tỉnh ")
NATION, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"
TO_BE_DATED = f"{PROVINCE_IN_DATES}, ngày ..... tháng ..... năm ........"
TITLE_WIDTH = 46  # characters
LINE_HEIGHT = 16  # points
EXACT_DIGITS = 15  # of a number in a workbook; a longer one is written as text
NATURE = {"provisional": "Số tạm thời", "final": "Số chính thức", "correction": "Số điều chỉnh"}


def write_form(into: Path, sheet: Sheet) -> None:
    """Write the workbook of a revision; a file of that name is replaced in one step."""
    with workbook(into) as book:
        _Book(book, sheet).write()


class _Book:
    """The three sheets of one workbook, and the formats that they share."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Sheet) -> None:
        self._book, self._sheet = book, sheet
        self._formats: dict[tuple, Format] = {}

    def write(self) -> None:
        s = self._sheet.submission
        self._book.set_properties({"title": f"{s.form} {s.period}, lần {s.revision}", "subject": self._sheet.title})
        self._form(self._book.add_worksheet("Biểu"))
        self._units(self._book.add_worksheet("Theo đơn vị"))
        self._everything(self._book.add_worksheet("Các dòng đã gửi"))

    def _format(self, **how: Any) -> Format:
        how = {"font_name": FONT, "font_size": 12, "valign": "vcenter"} | how
        return self._formats.setdefault(tuple(sorted(how.items())), self._book.add_format(how))

    # The form -----------------------------------------------------------------------------------------------------------

    def _form(self, page: Worksheet) -> None:
        """Columns: code, indicator, measure, the province, and what the earlier revision said where that was something else."""
        sheet, last = self._sheet, 4 if self._sheet.earlier else 3
        for column, width in enumerate((9, TITLE_WIDTH, 14, 19, 19) if sheet.earlier else (9, TITLE_WIDTH, 16, 30)):
            page.set_column(column, column, width)
        top = row = self._heading(page, last)
        headings = ["Mã", "Chỉ tiêu", "Đơn vị tính", "Toàn tỉnh"]
        headings += [f"Lần {sheet.earlier.revision}"] if sheet.earlier else []
        self._header_row(page, row, headings)
        page.set_row(row, 24)
        row += 1
        for indicator in sheet.indicators:
            row = self._indicator(page, row, last, indicator)
        row = self._notes(page, row, last)
        row = self._signatures(page, row + 1, last)
        self._paper(page, rows=(top, top), area=(row, last))
        page.freeze_panes(top + 1, 0)

    def _heading(self, page: Worksheet, last: int) -> int:
        sheet, s = self._sheet, self._sheet.submission
        centred = self._format(align="center")
        bold = self._format(align="center", bold=True, text_wrap=True)
        day = s.composed_at.astimezone(ZONE).date()
        sender, receiver = organisation("sender", day), organisation("receiver", day)
        page.merge_range(0, 0, 0, 1, f"ỦY BAN NHÂN DÂN {units.PROVINCE_NAME.upper()}", centred)
        page.merge_range(0, 2, 0, last, NATION, bold)
        page.merge_range(1, 0, 1, 1, sender.name.removesuffix(f" {units.PROVINCE_NAME.replace('Tỉnh', 'tỉnh')}").upper(), bold)
        page.merge_range(1, 2, 1, last, MOTTO, self._format(align="center", bold=True, underline=1))
        page.merge_range(2, 0, 2, 1, "Số: ........../BC", centred)
        page.merge_range(2, 2, 2, last, TO_BE_DATED, self._format(align="center", italic=True))
        page.set_row(1, 20)
        page.set_row(2, 22)
        page.merge_range(
            4, 0, 4, last, sheet.title.upper(), self._format(align="center", bold=True, font_size=14, text_wrap=True)
        )
        page.set_row(4, 22)
        window = f"số liệu từ ngày {s.window_start:%d/%m/%Y} đến ngày {s.window_end:%d/%m/%Y}"
        page.merge_range(5, 0, 5, last, f"Kỳ báo cáo: {sheet.period} ({window})", centred)
        row = 7
        for text in (
            f"Biểu: {s.form}. Căn cứ: {sheet.legal_basis}",
            f"Đơn vị gửi: {sender.name} ({s.payload['don_vi_gui']}). Đơn vị nhận: {receiver.name} ({s.payload['don_vi_nhan']})",
            _revision(sheet),
            *([f"Lý do: {s.reason}"] if s.reason else []),
        ):
            row = self._paragraph(page, row, last, text)
        return row + 1

    def _indicator(self, page: Worksheet, row: int, last: int, indicator: tuple[str, str]) -> int:
        """Its total, where it has one, then the province by each breakdown."""
        main = [x for x in self._sheet.main if x.indicator == indicator]
        if not main:
            return row
        total = next((x for x in main if x.dimension is None), None)
        row = self._line(page, row, main[0], total, main[0].title, is_total=True)
        dimension = None
        for line in self._sheet.parts(indicator):
            if line.dimension != dimension:
                page.write_string(row, 0, "", self._cell())
                page.merge_range(row, 1, row, last, f"Theo {line.dimension_title.lower()}", self._cell(italic=True, indent=1))
                row, dimension = row + 1, line.dimension
            row = self._line(page, row, line, line, line.value_title, is_total=False)
        return row

    def _line(self, page: Worksheet, row: int, line: Line, figure: Line | None, named: str, *, is_total: bool) -> int:
        """`figure`: where the number is; None: of an indicator that means something by its parts alone."""
        page.write_string(row, 0, line.code if is_total else "", self._cell(bold=is_total))
        page.write_string(row, 1, named, self._cell(bold=is_total, text_wrap=True, indent=0 if is_total else 2))
        page.write_string(row, 2, line.measure if is_total else "", self._cell())
        if figure:
            self._figure(page, row, 3, figure, bold=is_total)
        else:
            page.write_string(row, 3, "", self._cell())
        if self._sheet.earlier and figure:
            self._before(page, row, 4, figure)
        elif self._sheet.earlier:
            page.write_string(row, 4, "", self._cell())
        page.set_row(row, LINE_HEIGHT * lines_of(named, TITLE_WIDTH - 4))
        return row + 1

    def _notes(self, page: Worksheet, row: int, last: int) -> int:
        sheet = self._sheet
        points = [*sheet.notes, *(f"{x.code}: {x.note}" for x in sheet.main if x.note and x.note not in sheet.notes)]
        if any(x.number is not None and not x.is_final for x in sheet.main):
            points.append("Số in nghiêng là số tạm thời: còn đơn vị chưa nộp hoặc chưa chốt")
        for title, told in (
            ("Ghi chú", points),
            ("Đối chiếu chưa khớp", [f"{f['code']}: {f['message']}" for f in sheet.submission.findings]),
        ):
            if told:
                page.merge_range(row + 1, 0, row + 1, last, f"{title}:", self._format(bold=True))
                row += 2
                for point in dict.fromkeys(told):
                    row = self._paragraph(page, row, last, f"- {point}")
        return row

    def _paragraph(self, page: Worksheet, row: int, last: int, text: str) -> int:
        """A text over the whole width. A merged cell does not grow by itself: its row is made as high as the text is long."""
        page.merge_range(row, 0, row, last, text, self._format(text_wrap=True, valign="top"))
        page.set_row(row, LINE_HEIGHT * lines_of(text, 95))
        return row + 1

    def _signatures(self, page: Worksheet, row: int, last: int) -> int:
        bold, italic = self._format(align="center", bold=True), self._format(align="center", italic=True)
        page.merge_range(row, 2, row, last, TO_BE_DATED, italic)
        page.merge_range(row + 1, 0, row + 1, 1, "NGƯỜI LẬP BIỂU", bold)
        page.merge_range(row + 1, 2, row + 1, last, "THỦ TRƯỞNG ĐƠN VỊ", bold)
        page.merge_range(row + 2, 0, row + 2, 1, "(Ký, ghi rõ họ tên)", italic)
        page.merge_range(row + 2, 2, row + 2, last, "(Ký, ghi rõ họ tên, đóng dấu)", italic)
        return row + 7  # room for the hand and the stamp

    # By unit ------------------------------------------------------------------------------------------------------------

    def _units(self, page: Worksheet) -> None:
        """A row a unit, a column an indicator: of those that have a total, since the others have several figures a unit."""
        sheet = self._sheet
        columns = [x for x in sheet.main if x.dimension is None]
        own = {(x.unit, x.indicator): x for c in columns for x in [c, *sheet.by_unit(c.indicator)] if x.dimension is None}
        names = dict.fromkeys((x.unit, x.unit_name) for x in own.values())
        last = max(1 + len(columns), 2)
        page.set_column(0, 0, 8)
        page.set_column(1, 1, 20)
        page.set_column(2, last, 13)
        self._title(page, last, f"Số liệu theo đơn vị, {sheet.period}")
        self._header_row(page, 2, ["Mã đơn vị", "Đơn vị", *(f"{x.code}\n{x.title}\n({x.measure})" for x in columns)])
        page.set_row(2, 15 * max([2, *(2 + lines_of(x.title, 11) for x in columns)]))
        row = 3
        for unit, name in names:
            page.write_string(row, 0, unit, self._cell())
            page.write_string(row, 1, name, self._cell(bold=own_is_province(unit, columns)))
            for column, head in enumerate(columns, start=2):
                line = own.get((unit, head.indicator))
                if line is None:
                    page.write_string(row, column, "", self._cell())
                else:
                    self._figure(page, row, column, line, bold=line.is_province)
            row += 1
        self._paper(page, rows=(2, 2), area=(row - 1, last), landscape=True, columns=(0, 1))
        page.freeze_panes(3, 2)

    # Every line -----------------------------------------------------------------------------------------------------------

    def _everything(self, page: Worksheet) -> None:
        """The form as it was sent, one line a row. Codes are text, so that 05 stays 05."""
        headings = ["Mã chỉ tiêu", "Chỉ tiêu", "Đơn vị tính", "Mã đơn vị", "Đơn vị", "Phân tổ", "Mã", "Giá trị phân tổ"]
        headings += ["Số liệu", "Mức", "Lần trước", "Ghi chú"]
        for column, width in enumerate((8, 30, 10, 8, 18, 15, 8, 32, 15, 10, 12, 30)):
            page.set_column(column, column, width)
        last = len(headings) - 1
        self._title(page, last, f"Các dòng đã gửi, {self._sheet.period}")
        self._header_row(page, 2, headings)
        page.set_row(2, 2 * LINE_HEIGHT)
        row = 3
        for line in self._sheet.lines:
            texts = [line.code, line.title, line.measure, line.unit, line.unit_name]
            texts += [line.dimension_title, line.value, line.value_title]
            for column, text in enumerate(texts):
                page.write_string(row, column, text, self._cell(num_format="@"))
            self._figure(page, row, 8, line, bold=False)
            page.write_string(row, 9, "chính thức" if line.is_final else "tạm thời", self._cell())
            self._before(page, row, 10, line)
            page.write_string(row, 11, line.note or "", self._cell())
            row += 1
        page.autofilter(2, 0, max(row - 1, 3), last)
        self._paper(page, rows=(2, 2), area=(row - 1, last), landscape=True)
        page.freeze_panes(3, 0)

    # Parts ----------------------------------------------------------------------------------------------------------------

    def _cell(self, **how: Any) -> Format:
        return self._format(border=1, **how)

    def _title(self, page: Worksheet, last: int, text: str) -> None:
        s = self._sheet.submission
        how = self._format(bold=True, font_size=14)
        page.merge_range(0, 0, 0, last, f"{s.form}. {text}, lần {s.revision}", how)

    def _header_row(self, page: Worksheet, row: int, headings: Sequence[str]) -> None:
        how = self._cell(bold=True, align="center", text_wrap=True, bg_color="#EDEDED")
        for column, heading in enumerate(headings):
            page.write_string(row, column, heading, how)

    def _figure(self, page: Worksheet, row: int, column: int, line: Line, *, bold: bool) -> None:
        is_provisional = line.number is not None and not line.is_final
        self._number(page, row, column, line.number, line.shown, bold=bold, italic=is_provisional)

    def _before(self, page: Worksheet, row: int, column: int, line: Line) -> None:
        self._number(page, row, column, line.number_before, line.before or "")

    def _number(self, page: Worksheet, row: int, column: int, number: Decimal | None, shown: str, **style: bool) -> None:
        """A number as a number, with the decimals it was sent with; where there is none, why.

        A number that is written as text has the points of Vietnam whatever the reader's machine has: beside one that has not, 9.056,7
        and 9,901.680 would stand in one table.
        """
        how = {"align": "right", "indent": 1} | style
        if number is None:
            page.write_string(row, column, shown, self._cell(**how, text_wrap=True))
        elif len(number.as_tuple().digits) > EXACT_DIGITS:
            page.write_string(row, column, shown, self._cell(**how))
        else:
            page.write_number(row, column, float(number), self._cell(**how, num_format=_number_format(number)))

    def _paper(
        self,
        page: Worksheet,
        *,
        rows: tuple[int, int],
        area: tuple[int, int],
        landscape: bool = False,
        columns: tuple[int, int] | None = None,
    ) -> None:
        """A4 with the margins of official papers, as wide as the page, the headings on every page."""
        s = self._sheet.submission
        page.set_paper(A4)
        if landscape:
            page.set_landscape()
        page.set_margins(left=1.18, right=0.6, top=0.8, bottom=0.8)
        page.fit_to_pages(1, 0)
        page.repeat_rows(*rows)
        if columns:
            page.repeat_columns(*columns)
        page.print_area(0, 0, *area)
        page.set_footer(f'&L&"{FONT}"&10{s.form} {s.period}, lần {s.revision}&R&"{FONT}"&10Trang &P/&N')


def own_is_province(unit: str, columns: Sequence[Line]) -> bool:
    return any(x.unit == unit for x in columns)


def _revision(sheet: Sheet) -> str:
    s = sheet.submission
    parts = [f"Lần gửi {s.revision}"]
    if sheet.earlier:
        parts.append(f"sau lần {sheet.earlier.revision}")
    receipt = f", biên nhận {s.receipt} ngày {_day(s)}" if s.receipt else ""
    return f"{NATURE[s.maturity]}. {', '.join(parts)}. Tình trạng: {STATUS_TITLES[s.status]}{receipt}"


def _day(s: Submission) -> str:
    at: dt.datetime = s.received_at or s.composed_at
    return f"{at.astimezone(ZONE):%d/%m/%Y}"


def _number_format(number: Decimal) -> str:
    exponent = number.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return "#,##0" + (f".{'0' * decimals}" if decimals else "")
