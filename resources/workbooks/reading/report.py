"""What was found in a file, for the clerk who sent it: sheets, headings, lines set aside, encodings, what is hidden.

It quotes headings and names of sheets, which may be anything: it goes back to the sender, and into no log.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from resources.workbooks.reading.lines import TITLES
from schemas.written import grouped

SHOWN = 12  # of a list of numbers or words


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
    errors: int = 0
    decomposed: int = 0
    hidden_rows: int = 0
    hidden_columns: int = 0
    is_hidden: bool = False
    skipped: str | None = None

    @property
    def title(self) -> str:
        return f"Trang «{self.name}»" if self.name else "Tệp"

    def told(self) -> Iterator[str]:
        """In sentences."""
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
        for title, encoding in self.encodings.items():
            yield f"{self.title}: cột {title} gõ bằng {encoding}, đã chuyển sang Unicode; lần sau nên gõ Unicode."
        for title, cells in self.formulas.items():
            yield f"{self.title}: cột {title} có {grouped(cells)} ô là công thức; lấy giá trị đã lưu."
        if self.errors:
            yield f"{self.title}: {grouped(self.errors)} ô báo lỗi (như #REF!) hoặc công thức chưa tính; không coi là ô trống."
        if self.decomposed:
            yield f"{self.title}: {grouped(self.decomposed)} ô gõ Unicode tổ hợp; được chuyển thành dựng sẵn khi nạp."
        if self.hidden_rows or self.hidden_columns:
            yield f"{self.title}: có {self.hidden_rows} dòng và {self.hidden_columns} cột đang ẩn; vẫn được đọc."


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
        """In sentences, for the note beside the file."""
        first = []
        if self.separator:
            name = {"\t": "dấu tab"}.get(self.separator, f"dấu {self.separator}")
            first.append(f"Tệp .csv, bảng mã {self.encoding}, các ô cách nhau bằng {name}.")
        return [*first, *(line for sheet in self.sheets for line in sheet.told())]


def _some(items: Sequence[object]) -> str:
    shown = ", ".join(str(item) for item in items[:SHOWN])
    return shown if len(items) <= SHOWN else f"{shown} và {len(items) - SHOWN} nữa"
