"""Periods, their days, due days and locks. Pure: the day is always given.

A period is text: `YYYY-MM`, `YYYY-Qn`, `YYYY-Hn` (of a form alone), `YYYY`, or `now` for a register. Its text is the identity
of a cell's history and is never reformatted. Rule and proof: docs/method/due-days-and-locks.md.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal

from schemas.dataset import Dataset, Kind, Moment
from schemas.dated import Dated, dates, read_each, read_rows

PeriodKind = Kind | Literal["half_yearly"]

REGISTER = "now"
ONE_DAY = dt.timedelta(days=1)


def span(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period."""
    if len(period) == 4:
        year = int(period)
        return dt.date(year, 1, 1), dt.date(year, 12, 31)
    if len(period) == 7 and period[5] == "Q":
        year, quarter = int(period[:4]), int(period[6])
        return dt.date(year, 3 * quarter - 2, 1), _first_of_next(dt.date(year, 3 * quarter, 1)) - ONE_DAY
    if len(period) == 7 and period[5] == "H":
        year, half = int(period[:4]), int(period[6])
        return dt.date(year, 6 * half - 5, 1), _first_of_next(dt.date(year, 6 * half, 1)) - ONE_DAY
    if len(period) == 7:
        first = dt.date.fromisoformat(f"{period}-01")
        return first, _first_of_next(first) - ONE_DAY
    raise ValueError(f"{period!r} is not a period: YYYY-MM, YYYY-Qn, YYYY-Hn or YYYY expected")


def period_of(kind: PeriodKind, day: dt.date) -> str:
    """The period of a kind that holds the day."""
    if kind == "monthly":
        return day.isoformat()[:7]  # strftime writes the year 1 as it is
    if kind == "quarterly":
        return f"{day.year:04d}-Q{(day.month + 2) // 3}"
    if kind == "half_yearly":
        return f"{day.year:04d}-H{(day.month + 5) // 6}"
    if kind == "yearly":
        return f"{day.year:04d}"
    return REGISTER


def periods(kind: PeriodKind, first: str, until: dt.date) -> list[str]:
    """All periods of a kind from `first` to the one that holds `until`, in order."""
    if kind == "register":
        return [REGISTER]
    found, day = [], span(first)[0]
    while day <= until:
        period = period_of(kind, day)
        found.append(period)
        day = span(period)[1] + ONE_DAY
    return found


def started(dataset: Dataset, today: dt.date) -> list[str]:
    """The periods of a dataset that have begun: a cell exists from its period's first day."""
    return periods(dataset.kind, dataset.first_period, today)


def previous(period: str) -> str:
    """The period of the same kind before this one."""
    first = span(period)[0] - ONE_DAY
    kinds: dict[str, PeriodKind] = {"": "yearly", "Q": "quarterly", "H": "half_yearly"}
    kind = kinds.get(period[5:6], "monthly")
    return period_of(kind, first)


def moment(dataset: Dataset, period: str, arrival: dt.date) -> Moment:
    """When the rows of a period that arrive on a day are judged."""
    if period == REGISTER:
        return Moment(period, arrival, arrival, arrival)
    first, last = span(period)
    return Moment(period, first, last, min(last, arrival))


@dataclass(frozen=True)
class DueRule(Dated):
    dataset: str
    day: int
    months_after: int  # counted from the period's last month
    valid_from: dt.date
    valid_to: dt.date | None
    lock_months: int  # the lock is the end of this many months after the due day's month
    legal_basis: str


@cache
def due_rules() -> tuple[DueRule, ...]:
    return tuple(
        DueRule(
            f"{system}.{r['dataset']}", int(r["day"]), int(r["months_after"]), *dates(r), int(r["lock_months"]), r["legal_basis"]
        )
        for system, r in read_each("due_days.csv")
    )


def due_rule(dataset: Dataset, period: str) -> DueRule | None:
    """The rule in force on the last day of a period. Without one the period has no due day: nothing in it is ever late."""
    last = span(period)[1]
    return next((r for r in due_rules() if r.dataset == dataset.id and r.holds(last)), None)


def due_day(dataset: Dataset, period: str) -> dt.date | None:
    """The last day, to its end, on which a cell of this period is on time; None for a register, and where no rule holds."""
    if period == REGISTER or (r := due_rule(dataset, period)) is None:
        return None
    return next_working_day(in_month(span(period)[1], r.months_after, r.day))


def locked_day(dataset: Dataset, period: str) -> dt.date | None:
    """The last day of the watched time: after it changes load only by a manual run with its reason."""
    due = due_day(dataset, period)
    if due is None or (r := due_rule(dataset, period)) is None:
        return None
    return end_of_month(due, r.lock_months)


def without_due_day(dataset: Dataset, today: dt.date) -> list[str]:
    """The periods of a dataset that have begun and for which no due day is declared: nobody owes them by a day."""
    return [p for p in started(dataset, today) if p != REGISTER and due_rule(dataset, p) is None]


def in_month(near: dt.date, months: int, day: int) -> dt.date:
    """A day of the month that lies so many months after that of `near`; in a shorter month its last day."""
    month = near.year * 12 + near.month - 1 + months
    first = dt.date(month // 12, month % 12 + 1, 1)
    return min(first + (day - 1) * ONE_DAY, _first_of_next(first) - ONE_DAY)


def end_of_month(near: dt.date, months: int) -> dt.date:
    """The last day of that month."""
    return in_month(near, months, 31)


def next_working_day(day: dt.date) -> dt.date:
    """The day itself when people work on it, else the next one on which they do."""
    while not is_working_day(day):
        day += ONE_DAY
    return day


def is_working_day(day: dt.date) -> bool:
    off, work = swaps()
    if day in work:
        return True
    return day not in off and _holidays().is_working_day(day)


@cache
def _holidays():
    import holidays

    return holidays.country_holidays("VN", years=range(2020, 2032))


@cache
def swaps() -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """Days off and days worked by yearly decisions that the holidays library does not know."""
    rows = read_rows("swaps.csv")
    return (
        frozenset(dt.date.fromisoformat(r["off_day"]) for r in rows),
        frozenset(dt.date.fromisoformat(r["work_day"]) for r in rows),
    )


def _first_of_next(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
