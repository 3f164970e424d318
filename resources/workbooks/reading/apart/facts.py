"""What the guard knows of a sheet that the reader of cells does not tell, and the limits that it holds it to."""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from resources.workbooks.reading.apart.refusing import too_large
from resources.workbooks.reading.limits import Limits

LONGEST_MARK = 100  # characters of a text that stands in place of a value
NOT_COMPUTED = "#GETTING_DATA"  # a formula whose value nobody saved: the word of spreadsheets for it
MONTH, YEAR = "mm/yyyy", "yyyy"
# Spreadsheets count days from the one or, where they were made on an old Macintosh, from the other.
FIRST_DAY, FIRST_DAY_OF_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)
MOST_SPANS, SHOWN_SPANS = 100_000, 20


@dataclass
class Places:
    """Rows or columns (from 0) as spans, as they are met."""

    spans: list[list[int]] = field(default_factory=list)

    def add(self, first: int, last: int | None = None) -> None:
        last = first if last is None else last
        if self.spans and self.spans[-1][1] + 1 == first:
            self.spans[-1][1] = last
        elif len(self.spans) < MOST_SPANS:
            self.spans.append([first, last])

    def told(self, most: int) -> dict[str, Any]:
        """The spans, counted from 1, up to the last place that holds something: what is hidden beyond that hides nothing."""
        spans = sorted([first + 1, min(last, most) + 1] for first, last in self.spans if 0 <= first <= most)
        return {"count": sum(last - first + 1 for first, last in spans), "spans": spans[:SHOWN_SPANS]}


@dataclass
class SheetFacts:
    """`marks` say, by place, how a cell has to be told: an error (`#REF!`), a text (after an apostrophe), a day of which only the
    month or year is meant (`mm/yyyy`, `yyyy`), a number shown with that many digits (`12`)."""

    name: str
    limits: Limits
    is_hidden: bool = False
    last_row: int = -1
    last_column: int = -1
    begins: dt.date = FIRST_DAY  # day 0 of the workbook
    hidden_rows: Places = field(default_factory=Places)
    hidden_columns: Places = field(default_factory=Places)
    comments: Places = field(default_factory=Places)  # the rows in which they are
    errors: int = 0
    formulas: Counter[int] = field(default_factory=Counter)  # column -> cells
    marks: dict[int, dict[int, str]] = field(default_factory=dict)  # row -> column -> how
    marked: int = 0

    def fill(self, row: int, column: int) -> None:
        """Note that something stands here."""
        self.last_row, self.last_column = max(self.last_row, row), max(self.last_column, column)
        if self.last_column >= self.limits.columns:
            raise too_large(f"có ô ở cột thứ {column + 1}, cho phép {self.limits.columns} cột")
        if self.cells > self.limits.cells:
            raise too_large(f"ô xa nhất ở dòng {self.last_row + 1}, cột {self.last_column + 1}; cho phép {self.limits.cells} ô")

    @property
    def cells(self) -> int:
        return (self.last_row + 1) * (self.last_column + 1)

    def mark(self, row: int, column: int, how: str) -> None:
        if how.startswith("#"):
            self.errors += 1
            self.fill(row, column)
        self.marked += 1
        if self.marked > self.limits.marked_cells:
            raise too_large(f"hơn {self.limits.marked_cells} ô lỗi hoặc ô có định dạng riêng")
        self.marks.setdefault(row, {})[column] = how[:LONGEST_MARK]

    def told(self) -> dict[str, Any]:
        """What the parent is told of the sheet; the marks are used up by then."""
        return {
            "is_hidden": self.is_hidden,
            "hidden_rows": self.hidden_rows.told(self.last_row),
            "hidden_columns": self.hidden_columns.told(self.last_column),
            "comments": self.comments.told(self.last_row),
            "errors": self.errors,
            "formulas": self.formulas,
        }


def within(sheets: list[SheetFacts], limits: Limits) -> list[SheetFacts]:
    """The sheets, which together are not too many either."""
    if len(sheets) > limits.sheets:
        raise too_large(f"{len(sheets)} trang, cho phép {limits.sheets}")
    if sum(sheet.cells for sheet in sheets) > limits.cells:
        raise too_large(f"mọi trang cộng lại hơn {limits.cells} ô")
    return sheets


_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


def shown_as(code: str) -> str | None:
    """What a number format shows less of, or more of, than the value: days without a day, numbers with leading zeros."""
    bare = _LITERAL.sub("", code.split(";")[0]).lower().strip()
    zeros = bare.replace(" ", "").replace("-", "").replace(".", "")
    if len(zeros) > 1 and not zeros.strip("0") and "." not in bare:
        return str(len(zeros))
    if "y" in bare and not set(bare) & set("dhs0#"):
        return MONTH if "m" in bare else YEAR
    return None
