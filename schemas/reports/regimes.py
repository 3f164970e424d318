"""The reporting regimes and their windows, from regimes.csv: dated data of the reporting system, whatever forms stand under them.

Two legal calendars coexist, so a window belongs to the regime and never to the month.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from schemas import calendar
from schemas.dated import dates, read_rows

ReportKind = Literal["monthly", "quarterly", "half_yearly", "yearly", "school_year"]
KINDS: tuple[str, ...] = get_args(ReportKind)


@dataclass(frozen=True)
class Regime:
    """A reporting regime and its window: the days it starts and ends on, counted from its period's first and last month.

    A report that is due before its last month is over may end its window with the month before.
    """

    code: str
    kind: str
    title: str
    start_month_offset: int
    start_day: int
    end_month_offset: int
    end_day: int | None  # None: the last day of the month
    period_code: str
    valid_from: dt.date
    valid_to: dt.date | None
    legal_basis: str
    confidence: str

    def window(self, period: str) -> tuple[dt.date, dt.date]:
        first, last = calendar.span(period)
        start = calendar.in_month(first, self.start_month_offset, self.start_day)
        return start, calendar.in_month(last, self.end_month_offset, self.end_day or 31)

    def named_period(self, period: str) -> str:
        """The period as the regime writes it: 2024M10, 2024Y."""
        last = calendar.span(period)[1]
        return self.period_code.format(
            year=last.year, month=last.month, quarter=(last.month + 2) // 3, half=1 if last.month <= 6 else 2
        )


@cache
def regimes() -> dict[str, Regime]:
    return {
        r["code"]: Regime(
            r["code"],
            r["kind"],
            r["title"],
            int(r["start_month_offset"]),
            int(r["start_day"]),
            int(r["end_month_offset"]),
            int(r["end_day"]) if r["end_day"] else None,
            r["period_code"],
            *dates(r),
            r["legal_basis"],
            r["confidence"],
        )
        for r in read_rows("reports", "regimes.csv")
    }
