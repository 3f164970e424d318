"""The parameters that an indicator's SQL may name: one set for every form and period, whatever the form counts.

| parameter | is |
| --- | --- |
| `:window_start`, `:window_end` | the days of the form's window |
| `:first_of_month` | the first day of the report period's last month, on which registers are looked at |
| `:list_months` | the months whose first day lies in the window |
| `:flow_periods` | the months, quarters, years and school years that the window touches |
| `:month`, `:quarter`, `:year`, `:school_year` | those that hold the window's last day |
| `:urban`, `:rural` | the commune codes of that year, by the kind that the commune is at its end, or the one it went into |
| `:moved_communes`, `:moved_from`, `:moved_to` | side by side: a commune code, a unit of another day in which its rows stand, their unit on the report period's last day |
| `:ended_units`, `:duty_of_ended` | side by side: a district that is none on that day, which unit has its duty then |
"""

from typing import Any

from assets.reports.form import Form
from schemas import calendar, units
from schemas.dataset import UNKNOWN_UNIT, Kind

_DATED: tuple[Kind, ...] = ("monthly", "quarterly", "yearly", "school_year")


def parameters(form: Form, period: str) -> dict[str, Any]:
    start, end = form.window(period)
    last = calendar.span(period)[1]
    touched_of = {kind: calendar.periods(kind, calendar.period_of(kind, start), end) for kind in _DATED}
    months, touched = touched_of["monthly"], [p for found in touched_of.values() for p in found]
    moved, ended = units.moved_rows(last), units.ended_districts(last)
    month, quarter, year, school_year = (calendar.period_of(kind, end) for kind in _DATED)
    kinds = _kinds_of_communes(year)
    return {
        "window_start": start,
        "window_end": end,
        "first_of_month": form.looked_on(period),
        "list_months": [p for p in months if start <= calendar.span(p)[0] <= end],
        "flow_periods": touched,
        "month": month,
        "quarter": quarter,
        "year": year,
        "school_year": school_year,
        "urban": [code for code, kind in kinds.items() if kind != "xã"],
        "rural": [code for code, kind in kinds.items() if kind == "xã"],
        "moved_communes": [commune for commune, _ in moved],
        "moved_from": [unit for _, unit in moved],
        "moved_to": list(moved.values()),
        "ended_units": list(ended),
        "duty_of_ended": [successor or UNKNOWN_UNIT for successor in ended.values()],
    }


def _kinds_of_communes(year: str) -> dict[str, str]:
    """Code -> the kind of the commune that it is at the year's end, or has gone into.

    When the row of a code that was kept was collected cannot be told; and of two communes that became one, neither may stand apart by its code
    alone.
    """
    first, last = calendar.span(year)
    now = units.communes_on(last)
    return {code: now[commune].kind for code, commune in units.became(first, last).items()}
