"""Days as the arrays hold them: whole numbers since 1970-01-01; and the days between which the province is played."""

import datetime as dt

import numpy as np

NEVER = np.int32(2**30)  # the day of what has not come
DEATHS_FROM, LAST_DAY = dt.date(2023, 1, 1), dt.date(2024, 11, 30)


def number(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days


def years_of(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int32) + 1970


def completed_years(birth: np.ndarray, day: dt.date) -> np.ndarray:
    months = birth.astype("datetime64[D]").astype("datetime64[M]")
    day_of_month = (birth.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int) + 1
    month_number = months.astype(int)
    now = (day.year - 1970) * 12 + day.month - 1
    passed = now - month_number - (day_of_month > day.day)
    return np.floor_divide(passed, 12).astype(np.int32)


def month_of(days: np.ndarray, since: int = 2024) -> np.ndarray:
    """The number of each day's month, 0 for January of the year."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - (since - 1970) * 12


def month_starts(first: dt.date, last: dt.date) -> list[dt.date]:
    found, day = [], first.replace(day=1)
    while day <= last:
        found.append(day)
        day = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return found


def first_of_next_month(days: np.ndarray) -> np.ndarray:
    """The first day of the month after each day; NEVER stays."""
    months = days.astype("datetime64[D]").astype("datetime64[M]") + 1
    return np.where(days >= NEVER, NEVER, months.astype("datetime64[D]").astype(np.int64)).astype(np.int32)


def month_floor(days: np.ndarray) -> np.ndarray:
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    return np.where(days >= NEVER, NEVER, months.astype("datetime64[D]").astype(np.int64)).astype(np.int32)
