"""The day of the month from which what stands may be revised: open figures, and forms that were filed. Pure; the day is given.

Rule and proof: docs/method/revisions-of-open-figures.md.
"""

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import cache

from schemas.dated import Dated, dates, read_rows


@dataclass(frozen=True)
class RevisionDay(Dated):
    day: int
    reason: str
    confidence: str
    valid_from: dt.date
    valid_to: dt.date | None


@cache
def revision_days() -> tuple[RevisionDay, ...]:
    return tuple(RevisionDay(int(r["day"]), r["reason"], r["confidence"], *dates(r)) for r in read_rows("revision_days.csv"))


def revision_day_of(month: dt.date) -> dt.date | None:
    """The revision day of the month that holds a day; None: none is in force in it."""
    length = calendar.monthrange(month.year, month.month)[1]
    days = ((r, month.replace(day=min(r.day, length))) for r in revision_days())
    return max((day for r, day in days if r.holds(day)), default=None)


def last_revision_day(today: dt.date) -> dt.date | None:
    """The latest revision day that has come, today's included; None: none was ever in force."""
    month, first = today, min(r.valid_from for r in revision_days()).replace(day=1)
    while month >= first:
        day = revision_day_of(month)
        if day is not None and day <= today:
            return day
        month = month.replace(day=1) - dt.timedelta(days=1)
    return None


def next_revision_day(after: dt.date) -> dt.date | None:
    """The first revision day after a day; None: none within a year."""
    month = after
    for _ in range(13):
        day = revision_day_of(month)
        if day is not None and day > after:
            return day
        month = (month.replace(day=1) + dt.timedelta(days=31)).replace(day=1)
    return None
