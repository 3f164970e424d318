"""A cell of a workbook as the text that our readers know: what is shown to the person who filled it in, and no more than that."""

import datetime as dt
from decimal import Decimal
from typing import Any

from resources.workbooks.reading.apart.facts import FIRST_DAY, MONTH, YEAR

_SURE = dt.date(1900, 3, 1)  # spreadsheets have a 29 February 1900: no day before March of that year is sure
_YEARS = range(1900, 2101)
EXACT = 10**15  # a spreadsheet keeps 15 digits of a number; what is as large may have lost some


def text_of(cell: Any, how: str | None = None, begins: dt.date = FIRST_DAY) -> str | None:
    """`how`: the mark that the guard put on the cell (facts.py). `begins`: day 0 of the workbook."""
    if how is not None:
        if how.startswith("#"):
            return how
        if how.startswith("'"):
            return how[1:]
        cell = _shown(cell, how)
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, (int, float)):
        return _number(cell)
    if isinstance(cell, dt.datetime):
        day = _day(cell.date(), begins)
        return day if cell.time() == dt.time() else f"{day} {cell.time().isoformat('seconds')}"
    if isinstance(cell, dt.date):
        return _day(cell, begins)
    return None if cell is None else str(cell)


def _shown(cell: Any, how: str) -> Any:
    """The cell as its number format shows it."""
    if isinstance(cell, dt.date) and how in (MONTH, YEAR):
        return f"{cell.month:02d}/{cell.year:04d}" if how == MONTH else f"{cell.year:04d}"
    if isinstance(cell, float) and how.isdecimal() and cell.is_integer() and 0 <= cell < EXACT:
        return f"{int(cell):0{how}d}"
    return cell


def _number(number: float) -> str:
    if isinstance(number, int) or (number.is_integer() and abs(number) < EXACT):
        return str(int(number))
    if abs(number) >= EXACT or number != number:
        return repr(number)
    text = format(Decimal(f"{number:.15g}"), "f")
    # Three digits behind the point would be read as thousands: 1.234 is not 1,234.
    return f"{text}0" if len(text.rpartition(".")[2]) == 3 else text


def _day(day: dt.date, begins: dt.date) -> str:
    """A year that was typed into a cell for days (1950, which is shown as 03/05/1905) is that year again."""
    count = (day - begins).days
    return str(count) if day < _SURE or count in _YEARS else day.isoformat()
