"""Sheets as a file: a workbook by XlsxWriter, or text whose cells a character separates. The same content gives the same bytes."""

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from demo.offices.sheets import Line, Sheet
from demo.offices.styles import Style
from schemas.column import Column

DAYS = ("birth_date", "day")
LONGEST_NUMBER = 15  # digits that a spreadsheet keeps of a number
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"0|[1-9]\d*")
_ERROR = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?)")


def written(style: Style, sheets: Sequence[Sheet], at: dt.datetime) -> bytes:
    return _workbook(sheets, at) if style.kind == "xlsx" else _separated(style, sheets)


def _separated(style: Style, sheets: Sequence[Sheet]) -> bytes:
    held = io.StringIO()
    writer = csv.writer(held, delimiter=style.separator, lineterminator="\r\n")
    for sheet in sheets:
        if not sheet.is_hidden:
            writer.writerows([["" if cell is None else cell for cell in line.cells] for line in sheet.lines])
    return held.getvalue().encode(style.encoding)


def _workbook(sheets: Sequence[Sheet], at: dt.datetime) -> bytes:
    held = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(held, options) as book:
        book.set_properties({"created": at, "author": "Văn phòng mô phỏng"})
        days, words = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"bold": True, "text_wrap": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            if sheet.is_hidden:
                page.hide()
            for number, line in enumerate(sheet.lines):
                for place, text in enumerate(line.cells):
                    if text is not None:
                        _cell(page, number, place, text, line, days)
            for top, left, bottom, right in sheet.merged:
                page.merge_range(top, left, bottom, right, sheet.lines[top].cells[left], words)
    return held.getvalue()


def _cell(page: Worksheet, row: int, place: int, text: str, line: Line, days: xlsxwriter.format.Format) -> None:
    """A value as the office's spreadsheet keeps what is typed: a number keeps all its digits only where nothing stands before it."""
    column: Column | None = line.columns[place] if line.columns else None
    if column and column.reader in DAYS and _DAY.fullmatch(text) and (day := _day(text)):
        page.write_datetime(row, place, day, days)
    elif line.columns and _NUMBER.fullmatch(text) and len(text) <= LONGEST_NUMBER:
        page.write_number(row, place, int(text))
    elif _ERROR.fullmatch(text):
        page.write_formula(row, place, f"={text}", None, text)
    else:
        page.write_string(row, place, text)


def _day(text: str) -> dt.datetime | None:
    """The day, where a spreadsheet has it: it knows none before March 1900, and one of 1905 may be a year typed into a day's cell."""
    try:
        day = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year > 1905 else None
