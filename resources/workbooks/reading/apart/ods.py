"""The guard of .ods: the same facts of OpenDocument, in which one line can say that a row is there a million times."""

import contextlib
import datetime as dt
import re
from typing import BinaryIO

from resources.workbooks.reading.apart.archive import Archive
from resources.workbooks.reading.apart.facts import FIRST_DAY, NOT_COMPUTED, SheetFacts, within
from resources.workbooks.reading.apart.markup import Attributes, parse
from resources.workbooks.reading.apart.refusing import Refused, broken, too_large
from resources.workbooks.reading.limits import Limits

_SCRIPTS = re.compile(r"^(Basic|Scripts)/", re.IGNORECASE)
_WITHOUT_DAY = re.compile(r"\d{1,2}[/.-]\d{4}|\d{4}")
_LEADING_ZERO = re.compile(r"0\d+")
_ELSEWHERE = re.compile(r"file:|https?:|\\\\", re.IGNORECASE)
_ERROR = re.compile(r"#[^ ]{2,20}|Err:\d{3}")
_DEEPEST_ROW = 1 << 20


def guard(file: BinaryIO, limits: Limits) -> list[SheetFacts]:
    """The sheets in their order. Raises Refused."""
    archive = Archive(file, limits)
    if any(_SCRIPTS.search(name) for name in archive.names):
        raise Refused("FileActive", what="macro")
    if "META-INF/manifest.xml" in archive.names:
        parse(archive.pieces("META-INF/manifest.xml"), _not_encrypted)
    content = _Content(limits)
    parse(archive.pieces("content.xml"), content.start, content.end, content.said)
    archive.count(set(archive.names) - {"content.xml"})
    return within(content.sheets, limits)


def _not_encrypted(name: str, attributes: Attributes) -> None:
    if name == "encryption-data":
        raise Refused("FileLocked")


class _Content:
    """One pass over content.xml."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.sheets: list[SheetFacts] = []
        self.hidden_styles: set[str] = set()
        self.style = ""
        self.begins = FIRST_DAY
        self.row = self.column = self.rows = self.columns = self.declared = 0
        self.depth = 0  # of tables: a cell of a table within a cell is no cell of ours
        self.kind, self.formula, self.text = "", None, None
        self.paragraphs = 0
        self.notes = 0  # a comment's text is none of its cell

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "style":
            self.style = attributes.get("style:name", "")
        elif name == "table-properties" and attributes.get("table:display") == "false":
            self.hidden_styles.add(self.style)
        elif name == "table":
            self.depth += 1
            if self.depth == 1:
                self._sheet(attributes)
        elif name == "null-date":
            with contextlib.suppress(ValueError):
                self.begins = dt.date.fromisoformat(attributes.get("table:date-value", ""))
        elif name in ("table-source", "dde-source"):
            raise Refused("FileActive", what="công thức lấy từ tệp khác")
        elif self.depth == 1 and self.sheets:
            self._inside(name, attributes)

    def _sheet(self, attributes: Attributes) -> None:
        is_hidden = attributes.get("table:style-name", "") in self.hidden_styles
        self.sheets.append(SheetFacts(attributes.get("table:name", ""), self.limits, is_hidden))
        self.sheets[-1].begins = self.begins
        self.row = self.rows = self.declared = 0

    def _inside(self, name: str, attributes: Attributes) -> None:
        if name == "table-column":
            first, self.declared = self.declared, self.declared + _repeated(attributes, "table:number-columns-repeated")
            if attributes.get("table:visibility", "visible") != "visible":
                self.sheets[-1].hidden_columns.add(first, self.declared - 1)
        elif name == "table-row":
            self.row, self.column = self.row + self.rows, 0
            self.rows, self.columns = _repeated(attributes, "table:number-rows-repeated"), 0
            if attributes.get("table:visibility", "visible") != "visible":
                self.sheets[-1].hidden_rows.add(self.row, self.row + self.rows - 1)
        elif name in ("table-cell", "covered-table-cell"):
            self.column += self.columns
            self.columns = _repeated(attributes, "table:number-columns-repeated")
            self.kind = attributes.get("calcext:value-type") or attributes.get("office:value-type", "")
            self.formula, self.text, self.paragraphs = attributes.get("table:formula"), [], 0
            if self.formula and _ELSEWHERE.search(self.formula):
                raise Refused("FileActive", what="công thức lấy từ tệp khác")
        elif name == "annotation":
            self.notes += 1
            self.sheets[-1].comments.add(self.row)
        elif name == "p" and not self.notes:
            self.paragraphs += 1

    def said(self, text: str) -> None:
        if self.text is not None and not self.notes and self.paragraphs == 1 and len(self.text) < 10:
            self.text.append(text)

    def end(self, name: str) -> None:
        if name == "table":
            self.depth -= 1
        elif name == "annotation":
            self.notes -= 1
        elif name in ("table-cell", "covered-table-cell") and self.depth == 1 and self.text is not None:
            self._cell("".join(self.text).strip())
            self.text = None

    def _cell(self, shown: str) -> None:
        if not self.kind and not shown and self.formula is None:
            return
        sheet, last_row, last_column = self.sheets[-1], self.row + self.rows - 1, self.column + self.columns - 1
        if last_row >= _DEEPEST_ROW:
            raise too_large("có ô ngoài vùng mà LibreOffice có")
        sheet.fill(last_row, last_column)
        how = self._mark(shown)
        if self.formula is not None:
            sheet.formulas[self.column] += self.rows * self.columns
        if how is not None:
            for row in range(self.row, last_row + 1):
                for column in range(self.column, last_column + 1):
                    sheet.mark(row, column, how)

    def _mark(self, shown: str) -> str | None:
        if self.kind == "error" or (self.formula is not None and _ERROR.fullmatch(shown)):
            return shown if shown.startswith("#") else "#N/A"
        if self.formula is not None and not self.kind:
            return NOT_COMPUTED
        if (self.kind == "date" and _WITHOUT_DAY.fullmatch(shown)) or (self.kind == "float" and _LEADING_ZERO.fullmatch(shown)):
            return f"'{shown}"
        return None


def _repeated(attributes: Attributes, name: str) -> int:
    text = attributes.get(name, "1")
    if not text.isdecimal() or len(text) > 9:
        raise broken("số lần lặp sai")
    return max(1, int(text))
