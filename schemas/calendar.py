"""Periods, their days, due days and locks. Pure: the day is always given.

A period is text: `YYYY-MM`, `YYYY-Qn`, `YYYY-Hn` (of a form alone), `YYYY`, `YYYY-YYYY` for a school year, or `now` for a register.
Its text is the identity of a cell's history and is never reformatted. Rule and proof: docs/method/due-days-and-locks.md.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from schemas.dataset import Dataset, Kind, Moment
from schemas.dated import Dated, dates, read_each, read_rows

PeriodKind = Kind | Literal["half_yearly"]

REGISTER = "now"
ONE_DAY = dt.timedelta(days=1)


# No law says when the school year of vocational education begins: TT 04/2022/TT-BLĐTBXH leaves it to each school's plan. The day is our
# own convention, between the first classes of late August and the opening day of 5 September. It is a part of what `2023-2024` means, so
# it is no dated fact: moved, it would place the rows of a kept period in another one.
SCHOOL_YEAR_BEGINS = 9  # the month, from its first day

MONTHS: dict[PeriodKind, int] = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12, "school_year": 12}
# The last group that matched is the kind.
_PERIOD = re.compile(
    r"(?P<yearly>\d{4})(?:-(?:(?P<monthly>\d{2})|Q(?P<quarterly>\d)|H(?P<half_yearly>\d)|(?P<school_year>\d{4})))?", re.ASCII
)


def kind_of(period: str) -> PeriodKind:
    """The kind of a period, from its text."""
    return "register" if period == REGISTER else _parts(period)[0]


def span(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period."""
    kind, year, month = _parts(period)
    first = dt.date(year, month, 1)
    return first, end_of_month(first, MONTHS[kind] - 1)


def _parts(period: str) -> tuple[PeriodKind, int, int]:
    """The kind of a period, and the year and month with which it begins."""
    if found := _PERIOD.fullmatch(period):
        kind, year = cast("PeriodKind", found.lastgroup), int(found["yearly"])
        if kind == "yearly":
            return kind, year, 1
        number = int(found[kind])
        if kind == "school_year" and number == year + 1:
            return kind, year, SCHOOL_YEAR_BEGINS
        if kind != "school_year" and 1 <= number <= 12 // MONTHS[kind]:
            return kind, year, (number - 1) * MONTHS[kind] + 1
    raise ValueError(f"{period!r} is not a period: YYYY-MM, YYYY-Qn, YYYY-Hn, YYYY or YYYY-YYYY expected")


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
    if kind == "school_year":
        begun = day.year if day.month >= SCHOOL_YEAR_BEGINS else day.year - 1
        return f"{begun:04d}-{begun + 1:04d}"
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


def last_day(dataset: Dataset, today: dt.date) -> dt.date:
    """The last day that a period of a dataset may hold: the given one, or the end of its last period where it was closed."""
    return min(today, span(dataset.last_period)[1]) if dataset.last_period else today


def started(dataset: Dataset, today: dt.date) -> list[str]:
    """The periods of a dataset that have begun: a cell exists from its period's first day."""
    return periods(dataset.kind, dataset.first_period, last_day(dataset, today))


def previous(period: str) -> str:
    """The period of the same kind before this one."""
    return period_of(kind_of(period), span(period)[0] - ONE_DAY)


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
