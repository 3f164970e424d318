"""The guard of .xlsx: what a workbook carries, how far its cells reach, and what the reader of cells would lose in silence."""

import datetime as dt
import posixpath
import re
from functools import cache
from typing import BinaryIO

from resources.workbooks.reading.apart.archive import Archive
from resources.workbooks.reading.apart.facts import FIRST_DAY, FIRST_DAY_OF_1904, NOT_COMPUTED, SheetFacts, shown_as, within
from resources.workbooks.reading.apart.markup import Attributes, local, parse
from resources.workbooks.reading.apart.refusing import Refused, broken, too_large
from resources.workbooks.reading.limits import Limits

BOOK = "xl/workbook.xml"
# The names of parts by which a workbook shows what it carries besides cells.
ACTIVE = (
    (re.compile(r"(^|/)vbaProject|(^|/)macrosheets/|(^|/)dialogsheets/", re.IGNORECASE), "macro"),
    (re.compile(r"(^|/)externalLinks/", re.IGNORECASE), "công thức lấy từ tệp khác"),
    (re.compile(r"(^|/)embeddings/|(^|/)activeX/|(^|/)ctrlProps/", re.IGNORECASE), "đối tượng nhúng"),
    (re.compile(r"(^|/)connections\.xml$|(^|/)queryTables/|(^|/)customData/", re.IGNORECASE), "kết nối dữ liệu"),
)
MONTH_AND_YEAR = "17"  # the one number format of those that Excel has by itself that shows a day without its day
_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_LONGEST_TEXT = 100


def guard(file: BinaryIO, limits: Limits) -> list[SheetFacts]:
    """The sheets in their order. Raises Refused."""
    archive = Archive(file, limits)
    for name in archive.names:
        for form, what in ACTIVE:
            if form.search(name):
                raise Refused("FileActive", what=what)
    formats, (begins, listed) = _formats(archive), _book(archive)
    sheets, looked_at = [], set()
    for name, is_hidden, part in listed:
        sheet = SheetFacts(name, limits, is_hidden, begins=begins)
        if part is not None:
            looked_at.add(part)
            _Cells(sheet, formats).read(archive, part)
            _comments(sheet, archive, part)
        sheets.append(sheet)
    archive.count(set(archive.names) - looked_at)
    return within(sheets, limits)


def _related(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """The parts that a part names: its word for each -> kind, path."""
    folder, _, name = part.rpartition("/")
    found: dict[str, tuple[str, str]] = {}

    def related(element: str, attributes: Attributes) -> None:
        if element == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)

    parse(archive.pieces(f"{folder}/_rels/{name}.rels"), related)
    return found


def _book(archive: Archive) -> tuple[dt.date, list[tuple[str, bool, str | None]]]:
    """Day 0; and name, whether hidden, and the part of each sheet, of one without cells (a chart) no part."""
    sheets: list[Attributes] = []
    begins = FIRST_DAY

    def listed(name: str, attributes: Attributes) -> None:
        nonlocal begins
        if name == "sheet":
            sheets.append({local(key): value for key, value in attributes.items()})
        elif name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            begins = FIRST_DAY_OF_1904

    parts = _related(archive, BOOK)
    parse(archive.pieces(BOOK), listed)
    found: list[tuple[str, bool, str | None]] = []
    for sheet in sheets:
        kind, path = parts.get(sheet.get("id", ""), ("", ""))
        is_hidden = sheet.get("state", "visible") != "visible"
        if kind not in ("worksheet", "chartsheet"):
            raise broken("một trang không có nội dung")
        found.append((sheet.get("name", ""), is_hidden, path if kind == "worksheet" else None))
    return begins, found


def _comments(sheet: SheetFacts, archive: Archive, part: str) -> None:
    """The rows in which comments stand; what they say is nobody's business here."""
    folder, _, name = part.rpartition("/")
    if f"{folder}/_rels/{name}.rels" not in archive.names:
        return

    def start(element: str, attributes: Attributes) -> None:
        if element == "comment" and (place := _PLACE.fullmatch(attributes.get("ref", ""))):
            sheet.comments.add(int(place[2]) - 1)

    for kind, path in _related(archive, part).values():
        if kind == "comments":
            parse(archive.pieces(path), start)


def _formats(archive: Archive) -> list[str | None]:
    """How each style shows a value, where it matters."""
    codes: dict[str, str] = {}
    shown: list[str | None] = []
    inside = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            number = attributes.get("numFmtId", "")
            shown.append(shown_as(codes.get(number, "mmm-yy" if number == MONTH_AND_YEAR else "")))

    def end(name: str) -> None:
        nonlocal inside
        inside = inside and name != "cellXfs"

    if "xl/styles.xml" in archive.names:
        parse(archive.pieces("xl/styles.xml"), start, end)
    return shown


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


class _Cells:
    """One pass over the cells of a sheet."""

    def __init__(self, sheet: SheetFacts, formats: list[str | None]) -> None:
        self.sheet, self.formats = sheet, formats
        self.row = self.column = -1
        self.kind, self.shown = "n", None
        self.is_formula = self.is_filled = self.is_kept = False
        self.text: list[str] = []

    def read(self, archive: Archive, part: str) -> None:
        parse(archive.pieces(part), self._start, self._end, self._said)

    def _start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._cell(attributes)
        elif name == "row":
            self.row = int(attributes["r"]) - 1 if attributes.get("r", "").isdecimal() else self.row + 1
            self.column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.sheet.hidden_rows.add(self.row)
        elif name == "f":
            self.is_formula = True
        elif name in ("v", "is"):
            self.is_filled = True
            self.is_kept = name == "v" and (self.kind == "e" or (self.kind == "str" and self.is_formula))
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdecimal() and last.isdecimal():
                self.sheet.hidden_columns.add(int(first) - 1, max(int(first), int(last)) - 1)

    def _cell(self, attributes: Attributes) -> None:
        place = attributes.get("r")
        if place is None:
            self.column += 1
        else:
            found = _PLACE.fullmatch(place)
            if found is None:
                raise broken("một ô không có địa chỉ")
            self.row, self.column = int(found[2]) - 1, _column(found[1])
        if self.row < 0 or self.row >= 1 << 20:
            raise too_large("có ô ngoài vùng mà Excel có")
        style = attributes.get("s", "0")
        self.kind = attributes.get("t", "n")
        self.shown = self.formats[int(style)] if style.isdecimal() and int(style) < len(self.formats) else None
        self.is_formula = self.is_filled = self.is_kept = False
        self.text.clear()

    def _said(self, text: str) -> None:
        if self.is_kept and len(self.text) < _LONGEST_TEXT:
            self.text.append(text)

    def _end(self, name: str) -> None:
        if name == "v":
            self.is_kept = False
        if name != "c":
            return
        sheet, row, column = self.sheet, self.row, self.column
        if self.is_filled:
            sheet.fill(row, column)
        if self.is_formula:
            sheet.formulas[column] += 1
        said = "".join(self.text).strip()
        if self.kind == "e":
            sheet.mark(row, column, said if said.startswith("#") else "#N/A")
        elif self.is_formula and not self.is_filled:
            sheet.mark(row, column, NOT_COMPUTED)
        elif self.kind == "str" and self.is_formula and said.isdecimal():
            sheet.mark(row, column, f"'{said}")  # a number to the reader of cells, which would lose its zeros
        elif self.shown is not None and self.kind in ("n", "d") and self.is_filled:
            sheet.mark(row, column, self.shown)
