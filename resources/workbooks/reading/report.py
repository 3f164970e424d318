"""What was found in a file, for the clerk who sent it: sheets, headings, lines set aside, encodings, what is hidden.

It quotes headings and names of sheets, which may be anything: it goes back to the sender, and into no log.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from resources.workbooks.reading.apart.separated import EIGHT_BIT
from resources.workbooks.reading.grid import Places
from resources.workbooks.reading.lines import TITLES
from schemas.written import grouped

NOWHERE = Places()
SHOWN = 12  # of a list of numbers or words
ENCODINGS: Mapping[str | None, str] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 có dấu thứ tự byte (BOM)",
    "utf-16": "UTF-16",
    EIGHT_BIT: "8 bit cũ, không phải Unicode",
}


@dataclass(frozen=True)
class SheetReport:
    """A sheet: read, or not and why (`skipped`, in words)."""

    name: str
    rows: int = 0  # of data
    heading_lines: tuple[int, int] | None = None  # from 1
    aside: Mapping[str, Sequence[int]] = field(default_factory=dict)  # why -> rows of the file
    encodings: Mapping[str, str] = field(default_factory=dict)  # title of the column -> encoding
    formulas: Mapping[str, int] = field(default_factory=dict)  # title of the column -> cells
    unknown: Sequence[str] = ()
    missing: Sequence[str] = ()  # titles of columns that are not there
    stated: Mapping[str, str] = field(default_factory=dict)  # title of the column -> what is said once, above the table
    errors: int = 0
    decomposed: int = 0
    hidden_rows: Places = NOWHERE
    hidden_columns: Places = NOWHERE
    comments: Places = NOWHERE  # the rows in which they are
    is_hidden: bool = False
    skipped: str | None = None

    @property
    def title(self) -> str:
        return f"Trang «{self.name}»" if self.name else "Tệp"

    def told(self) -> Iterator[str]:
        """What was found in the sheet, in sentences."""
        if self.skipped:
            yield f"{self.title}: không lấy, vì {self.skipped}."
            return
        if self.heading_lines:
            first, last = self.heading_lines
            yield f"{self.title}: tiêu đề ở dòng {first if first == last else f'{first}–{last}'}, {grouped(self.rows)} dòng dữ liệu."
        for why, rows in self.aside.items():
            if why not in ("before", "heading", "blank"):
                yield f"{self.title}: để riêng {grouped(len(rows))} {TITLES[why]} (dòng {_some(rows)})."
        if self.missing:
            yield f"{self.title}: không có cột {_some(self.missing)}."
        if self.unknown:
            yield f"{self.title}: bỏ qua cột lạ {_some(self.unknown)}."
        for title, text in self.stated.items():
            yield f"{self.title}: {title} là «{text}», theo phần ghi phía trên bảng."
        for encoding in dict.fromkeys(self.encodings.values()):
            typed = [title for title, other in self.encodings.items() if other == encoding]
            yield f"{self.title}: cột {_some(typed)} gõ bằng {encoding}, đã chuyển sang Unicode; lần sau nên gõ Unicode."
        for title, cells in self.formulas.items():
            yield f"{self.title}: cột {title} có {grouped(cells)} ô là công thức; lấy giá trị đã lưu."
        if self.errors:
            yield f"{self.title}: {grouped(self.errors)} ô báo lỗi (như #REF!) hoặc công thức chưa tính; không coi là ô trống."
        if self.decomposed:
            yield f"{self.title}: {grouped(self.decomposed)} ô gõ Unicode tổ hợp; được chuyển thành dựng sẵn khi nạp."
        if self.hidden_rows:
            count, rows = grouped(self.hidden_rows.count), _spans(self.hidden_rows)
            yield f"{self.title}: {count} dòng đang ẩn (dòng {rows}); vẫn được đọc."
        if self.hidden_columns:
            count, columns = grouped(self.hidden_columns.count), _spans(self.hidden_columns, column_letters)
            yield f"{self.title}: {count} cột đang ẩn (cột {columns}); vẫn được đọc."
        if self.comments:
            count, rows = grouped(self.comments.count), _spans(self.comments)
            yield f"{self.title}: {count} ô có ghi chú (comment; dòng {rows}); nội dung ghi chú không được đọc."


@dataclass(frozen=True)
class Report:
    """A file as it was found."""

    sheets: tuple[SheetReport, ...]
    encoding: str | None = None  # of a CSV file
    separator: str | None = None

    @property
    def rows(self) -> int:
        """Rows of data, of all sheets that were read."""
        return sum(sheet.rows for sheet in self.sheets if not sheet.skipped)

    @property
    def aside(self) -> int:
        """Lines that are no data, of all sheets that were read."""
        return sum(len(rows) for sheet in self.sheets if not sheet.skipped for rows in sheet.aside.values())

    def told(self) -> list[str]:
        """What was found in the file, in sentences for the note beside it."""
        first = []
        if self.separator:
            name = {"\t": "dấu tab"}.get(self.separator, f"dấu {self.separator}")
            first.append(f"Tệp .csv, bảng mã {ENCODINGS.get(self.encoding or '', self.encoding)}, các ô cách nhau bằng {name}.")
        return [*first, *(line for sheet in self.sheets for line in sheet.told())]


def column_letters(number: int) -> str:
    """A column as spreadsheets name it, from 1: A, Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _spans(places: Places, word: Callable[[int], str] = str) -> str:
    shown = ", ".join(word(first) if first == last else f"{word(first)}–{word(last)}" for first, last in places.spans[:SHOWN])
    told = sum(last - first + 1 for first, last in places.spans[:SHOWN])
    return shown if told == places.count else f"{shown} và {grouped(places.count - told)} nữa"


def _some(items: Sequence[object]) -> str:
    shown = ", ".join(str(item) for item in items[:SHOWN])
    return shown if len(items) <= SHOWN else f"{shown} và {len(items) - SHOWN} nữa"
