"""How a row rule reads a frame: arrays without nulls in the way, ages, and the answer in the form a rule gives.

Numbers are float arrays with nan where a value is missing; days are whole numbers yyyymmdd, so that a birthday is plain
arithmetic (29 February included). No claim about any column lives here.
"""

import datetime as dt
import re
import unicodedata

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.dataset import Moment
from schemas.rates_arrays import number_of

MONTH_ONLY, YEAR_ONLY = "thang", "nam"
ACTIVE, STOPPED, DEAD, MOVED_OUT = 1, 2, 3, 4


def arrow(frame: pd.DataFrame, name: str) -> pa.ChunkedArray:
    column = pa.array(frame[name])
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


def numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    """A number or yes/no column as float, nan where missing."""
    return pc.cast(arrow(frame, name), pa.float64()).to_numpy()  # type: ignore[attr-defined]


def texts(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].to_numpy(dtype=object, na_value=None)


def given(frame: pd.DataFrame, *names: str) -> np.ndarray:
    """True where every one of the columns has a value."""
    return np.logical_and.reduce([frame[n].notna().to_numpy(dtype=bool) for n in names])


def days(frame: pd.DataFrame, name: str, *, shifted: int = 0) -> np.ndarray:
    """A date column as yyyymmdd, moved by a number of days; nan where missing."""
    column = arrow(frame, name)
    if shifted:
        column = pc.cast(pc.add(pc.cast(column, pa.int32()), pa.scalar(shifted, pa.int32())), pa.date32())  # type: ignore[attr-defined]
    year, month, day = (pc.cast(part(column), pa.float64()).to_numpy() for part in (pc.year, pc.month, pc.day))  # type: ignore[attr-defined]
    return year * 10000 + month * 100 + day


def first_of_month(day_numbers: np.ndarray) -> np.ndarray:
    return np.floor(day_numbers / 100) * 100 + 1


def fits(frame: pd.DataFrame, name: str, patterns: tuple[str, ...]) -> np.ndarray:
    """True where the text is missing or has one of the forms."""
    column = arrow(frame, name)
    found = pc.match_substring_regex(column, "|".join(f"(?:{p})" for p in patterns))  # type: ignore[attr-defined]
    return pc.fill_null(found, True).to_numpy()  # type: ignore[attr-defined]


def one_of(frame: pd.DataFrame, name: str, values: tuple[str, ...] | frozenset[str]) -> np.ndarray:
    """True where the text is one of the values; a missing one is not."""
    return pc.is_in(arrow(frame, name), value_set=pa.array(sorted(values), pa.string())).to_numpy()  # type: ignore[attr-defined]


def starts_with(frame: pd.DataFrame, name: str, prefixes: tuple[str, ...]) -> np.ndarray:
    column = arrow(frame, name)
    found = [pc.fill_null(pc.starts_with(column, p), False).to_numpy() for p in prefixes]  # type: ignore[attr-defined]
    return np.logical_or.reduce(found)


def answer(frame: pd.DataFrame, fine: np.ndarray) -> pd.Series:
    """What a rule returns: true where the row is fine."""
    return pd.Series(np.asarray(fine, dtype=bool), index=frame.index)


# --- people ---------------------------------------------------------------------------------------------------------------


def born_between(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The earliest and the latest day of birth that the row allows: apart where only the month or the year is known."""
    day, year, precision = days(frame, "birth_date"), numbers(frame, "birth_year"), texts(frame, "birth_precision")
    year_only = np.isnan(day) | (precision == YEAR_ONLY)
    month_only = ~year_only & (precision == MONTH_ONLY)
    month = np.floor(day / 100) * 100
    earliest = np.where(year_only, year * 10000 + 101, np.where(month_only, month + 1, day))
    latest = np.where(year_only, year * 10000 + 1231, np.where(month_only, month + 31, day))
    return earliest, latest


def age_at_most(earliest: np.ndarray, on: np.ndarray | float) -> np.ndarray:
    """The greatest age in whole years that the row allows on a day."""
    return np.floor((on - earliest) / 10000)


def entitled_day(frame: pd.DataFrame, moment: Moment) -> np.ndarray:
    """The day on which an entitlement is judged: the day of judging, or its own last day where it has ended.

    nan where the row has stopped on a day that it does not tell: its amount and age belong to no known month.
    """
    last = days(frame, "entitled_until", shifted=-1)
    judged = float(number_of(moment.judged_on))
    stopped = np.isin(numbers(frame, "status_code"), (STOPPED, DEAD, MOVED_OUT))
    return np.where(np.isnan(last), np.where(stopped, np.nan, judged), np.fmin(last, judged))


_TITLE = re.compile(r"^(ông|bà|anh|chị|cụ)\s+(?=\S+\s)", re.IGNORECASE)


def folded(name: str) -> str:
    """A person's name for matching only: no case, diacritics, doubled spaces or title in front."""
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    plain = unicodedata.normalize("NFD", _TITLE.sub("", plain).casefold().replace("đ", "d"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def same_name(frame: pd.DataFrame, one: str, other: str) -> np.ndarray:
    """True where one of the names is missing or both are the same when folded."""
    equal = pc.fill_null(pc.equal(arrow(frame, one), arrow(frame, other)), True).to_numpy()  # type: ignore[attr-defined]
    unequal = np.flatnonzero(~equal)
    if len(unequal):
        # Folding is slow: only the few rows whose texts differ.
        left, right = texts(frame, one), texts(frame, other)
        equal = equal.copy()
        equal[unequal] = [folded(left[i]) == folded(right[i]) for i in unequal]
    return equal


def as_number(day: dt.date) -> float:
    return float(number_of(day))
