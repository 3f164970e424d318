"""The dated tables of schemas/rates.py asked for many rows at once.

Arrays are numpy, numbers as float with nan where a value is missing, days as whole numbers yyyymmdd. No figure lives here.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from schemas import rates
from schemas.dated import by_name


def number_of(on: dt.date) -> int:
    return on.year * 10000 + on.month * 100 + on.day


@by_name(rates.standards_named)
def standards_of(name: str, day_numbers: np.ndarray) -> np.ndarray:
    """The standard on each row's own day; nan where none is known."""
    return _spread(((f.span, f.value) for f in rates.standards_named(name)), day_numbers)


def within(span: rates.Span, day_numbers: np.ndarray) -> np.ndarray:
    return (day_numbers >= number_of(span.valid_from)) & (day_numbers <= number_of(span.last))


def _spread(figures: Iterable[tuple[rates.Span, Decimal]], day_numbers: np.ndarray) -> np.ndarray:
    found = np.full(len(day_numbers), np.nan)
    for span, value in figures:
        found[within(span, day_numbers)] = float(value)
    return found
