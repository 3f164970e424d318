"""The lines of a file: titles, headings, rows, sums, signatures, in the office's style. Knows no kind of file."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from demo.offices.letters import LETTERED
from demo.offices.styles import Style
from schemas.column import Column
from schemas.dataset import PROVINCE, Dataset
from schemas.dated import read_rows
from schemas.reading.characters import GARBLED, encoding_of
from schemas.units import unit_name

Row = Mapping[str, str | None]  # by column of the source
SAMPLE = 400  # different cells by which the letters of a column are told
ABOVE = {  # the upper line of a heading of two, where it is not the first part of the title itself
    **dict.fromkeys(("ma_xa_goc", "ten_xa"), "Nơi cư trú"),
    **dict.fromkeys(("nhom_hcdb", "ngay_vao_nhom", "ngay_ra_nhom"), "Hoàn cảnh đặc biệt"),
}


@dataclass
class Line:
    cells: list[str | None]
    columns: tuple[Column | None, ...] = ()  # of each cell, where the line is a row of data


@dataclass
class Sheet:
    name: str
    lines: list[Line] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first row, first column, last row, last column
    is_hidden: bool = False


@dataclass(frozen=True)
class Part:
    """Rows that belong together, a commune's or a month's: the name of the group, and of a sheet that holds them alone."""

    name: str
    rows: Sequence[Row]
    sheet: str


@dataclass(frozen=True)
class Form:
    """The columns of a dataset as an office's list has them."""

    dataset: Dataset
    style: Style
    sender: str
    periods: tuple[str, ...]
    at: dt.datetime

    def sheets(self, parts: Sequence[Part]) -> list[Sheet]:
        if self.style.by_sheet:
            found = [self._sheet(part.sheet[:28], [part]) for part in parts]
        else:
            found = [self._sheet(self.dataset.title[:28], parts)]
        if self.style.hidden:
            found.append(
                Sheet("Năm trước", [Line(["Chỉ để đối chiếu"]), self._heading(), *self._numbered(parts[:1])][:40], is_hidden=True)
            )
        return [self._lettered(sheet) for sheet in found]

    # --- one sheet ---

    def _sheet(self, name: str, parts: Sequence[Part]) -> Sheet:
        sheet, style = Sheet(name), self.style
        width = len(self._columns)
        if style.titles:
            for text in self._titles():
                sheet.merged.append((len(sheet.lines), 0, len(sheet.lines), width - 1))
                sheet.lines.append(Line([text]))
            sheet.lines.append(Line([]))
        if style.merged and style.kind == "xlsx":
            self._heading_of_two(sheet)
        else:
            sheet.lines.append(self._heading())
        if style.numbers:
            sheet.lines.append(Line([f"({n})" for n in range(1, width + 1)]))
        total = 0
        for number, part in enumerate(parts, 1):
            if style.sums:
                sheet.lines.append(self._alone(f"{_roman(number)}. {part.name}"))
            sheet.lines += self._rows(part.rows, total)
            total += len(part.rows)
            if style.sums:
                sheet.lines.append(self._alone(f"Cộng {part.name.lower()}", str(len(part.rows) + (3 if style.wrong_sums else 0))))
            if style.spacers:
                sheet.lines.append(Line([None, " "]))
        if style.sums:
            sheet.lines.append(self._alone("Tổng cộng", str(total + (7 if style.wrong_sums else 0))))
        if style.footer:
            sheet.lines += self._footer()
        return sheet

    @property
    def _columns(self) -> tuple[Column | None, ...]:
        """The columns in the order of the file; None is the number of the line."""
        listed: list[Column | None] = [*self.dataset.columns]
        if self.style.other_order:
            listed = [*listed[2:], *listed[:2]]
        return tuple([None, *listed] if self.style.ordinals else listed)

    def _titles(self) -> list[str]:
        name = "tỉnh Nghệ An" if self.sender == PROVINCE else unit_name(self.sender, self.at.date()) or "xã"
        return [f"ỦY BAN NHÂN DÂN {name.upper()}", self.dataset.title.upper(), "DỮ LIỆU MÔ PHỎNG"]

    def _words(self, column: Column | None) -> str:
        if column is None:
            return "STT"
        if self.style.other_words and (others := _usual(column.source_column)):
            return others[len(column.source_column) % len(others)]
        return column.title

    def _heading(self) -> Line:
        words = [self._words(c) for c in self._columns]
        if self.style.kind == "csv":  # typed with Alt+Enter in the spreadsheet that saved it
            words = [text.replace(" và ", " và\n") for text in words]
        return Line([*words])

    def _heading_of_two(self, sheet: Sheet) -> None:
        """Cells of one upper word are merged across, others down."""
        top = len(sheet.lines)
        upper: list[str | None] = []
        lower: list[str | None] = []
        for column in self._columns:
            words = self._words(column)
            first, colon, last = words.partition(": ")
            above = ABOVE.get(column.source_column) if column else None
            upper.append(first if colon else above or words)
            lower.append(last if colon else words if above else None)
        start = 0
        for at in range(1, len(upper) + 1):
            if at < len(upper) and upper[at] == upper[start] and lower[at] is not None:
                continue
            if lower[start] is None:
                sheet.merged.append((top, start, top + 1, start))
            elif at - start > 1:
                sheet.merged.append((top, start, top, at - 1))
                upper[start + 1 : at] = [None] * (at - start - 1)
            start = at
        sheet.lines += [Line(upper), Line(lower)]

    def _alone(self, text: str, figure: str | None = None) -> Line:
        """A line that names a group, or a sum: the words in the first column of words, a figure at the end."""
        cells: list[str | None] = [None] * len(self._columns)
        cells[1] = text
        if figure:
            cells[-1] = figure
        return Line(cells)

    def _numbered(self, parts: Sequence[Part]) -> list[Line]:
        return [line for part in parts for line in self._rows(part.rows, 0)]

    def _rows(self, rows: Sequence[Row], before: int) -> Iterator[Line]:
        columns = self._columns
        for number, row in enumerate(rows, before + 1):
            yield Line([str(number) if c is None else row[c.source_column] for c in columns], columns)

    def _footer(self) -> list[Line]:
        day = f"Nghệ An, ngày {self.at:%d} tháng {self.at:%m} năm {self.at.year}"
        return [
            Line([]),
            Line([None, None, None, day]),
            Line([None, "Người lập biểu", None, "Thủ trưởng đơn vị"]),
            Line([None, "(Ký, ghi rõ họ tên)"]),
        ]

    def _lettered(self, sheet: Sheet) -> Sheet:
        """A sheet in the letters of the office.

        A column in which too few words show these letters stands for one that was typed on another machine, in Unicode. A file of one code page has
        no other letters.
        """
        if not self.style.letters:
            return sheet
        lettered = LETTERED[self.style.letters]
        rows = [line for line in sheet.lines if line.columns]
        columns = () if self.style.letters == "cp1258" else range(len(self._columns))
        plain = {at for at in columns if not _is_told([line.cells[at] for line in rows], self.style.letters)}
        for line in sheet.lines:
            kept = plain if line.columns else ()
            line.cells = [text if text is None or at in kept else lettered(text) for at, text in enumerate(line.cells)]
        return sheet


def _is_told(cells: Sequence[str | None], letters: str) -> bool:
    """Whether a column shows in which letters it is written."""
    lettered = dict.fromkeys(LETTERED[letters](text) for text in cells if text and not text.isascii())
    return encoding_of([*islice(lettered, SAMPLE)]) == (GARBLED if letters == "garbled" else letters)


def _usual(source_column: str) -> list[str]:
    return [row["heading"] for row in read_rows("reading", "headings.csv") if row["source_column"] == source_column]


def _roman(number: int) -> str:
    tens, ones = divmod(number, 10)
    return "X" * tens + ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][ones]
