"""The day of the month on which a form that stands may be filed again, from revision_days.csv. Pure; the day is given."""

import calendar as month_lengths
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
    return tuple(
        RevisionDay(int(r["day"]), r["reason"], r["confidence"], *dates(r)) for r in read_rows("reports", "revision_days.csv")
    )


def last_revision_day(today: dt.date) -> dt.date | None:
    """The latest revision day that has come, today's included; None: none was ever in force."""
    month, first = today.replace(day=1), min(r.valid_from for r in revision_days()).replace(day=1)
    while month >= first:
        length = month_lengths.monthrange(month.year, month.month)[1]
        days = [(r, month.replace(day=min(r.day, length))) for r in revision_days()]
        come = [day for r, day in days if day <= today and r.holds(day)]
        if come:
            return max(come)
        month = (month - dt.timedelta(days=1)).replace(day=1)
    return None
