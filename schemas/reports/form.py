"""What a form is: its indicators, regime, window, due day, lock, and the data periods that it reads. Pure; the day is given.

Two legal calendars coexist, so a window belongs to the regime and never to the month; regimes, due rules and organisation
codes are dated data in the CSV files beside this one.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Literal

from schemas import calendar
from schemas.dataset import Dataset
from schemas.dated import Dated, dates, read_rows
from schemas.registry import dataset_named
from schemas.reports.indicators import Indicator, PlacedBy, named


@dataclass(frozen=True)
class Regime:
    """A reporting regime and its window: the days it starts and ends on, counted from its period's first and last month."""

    code: str
    kind: str
    title: str
    start_month_offset: int
    start_day: int
    end_day: int | None  # None: the last day of the month
    period_code: str
    valid_from: dt.date
    valid_to: dt.date | None
    legal_basis: str
    confidence: str

    def window(self, period: str) -> tuple[dt.date, dt.date]:
        first, last = months_of(period)
        month = first.year * 12 + first.month - 1 + self.start_month_offset
        start = dt.date(month // 12, month % 12 + 1, self.start_day)
        return start, last if self.end_day is None else last.replace(day=self.end_day)

    def named_period(self, period: str) -> str:
        """The period as the regime writes it: 2024M10, 2024Y."""
        last = months_of(period)[1]
        return self.period_code.format(
            year=last.year, month=last.month, quarter=(last.month + 2) // 3, half=1 if last.month <= 6 else 2
        )


@dataclass(frozen=True)
class Input:
    """One dataset and period that a form reads, and how the dataset's rows are placed in the form's window."""

    dataset: Dataset
    period: str
    placed_by: PlacedBy


@dataclass(frozen=True)
class DueRule(Dated):
    form: str
    after_datasets: tuple[str, ...]
    day: int | None
    months_after: int | None
    lock_months: int
    valid_from: dt.date
    valid_to: dt.date | None
    legal_basis: str
    confidence: str


@dataclass(frozen=True)
class Form:
    """One form: a list of indicators under a regime."""

    code: str
    title: str
    kind: Literal["monthly", "yearly"]
    regime_code: str
    indicator_codes: tuple[str, ...]
    legal_basis: str

    @property
    def asset_name(self) -> str:
        return self.code.replace("-", "_")

    @property
    def regime(self) -> Regime:
        return regimes()[self.regime_code]

    def window(self, period: str) -> tuple[dt.date, dt.date]:
        return self.regime.window(period)

    def indicators(self, period: str) -> tuple[Indicator, ...]:
        """The catalogue's lines in force at the window's end, in the form's order."""
        on = self.window(period)[1]
        return tuple(i for code in self.indicator_codes for i in named(code, on))

    def inputs(self, period: str) -> tuple[Input, ...]:
        """Every dataset and period that the form's lines are counted from."""
        found: dict[tuple[str, str], Input] = {}
        for indicator in self.indicators(period):
            for item in breakdown_inputs_of(indicator, self, period):
                found.setdefault((item.dataset.id, item.period), item)
        return tuple(found.values())

    def is_held(self, period: str) -> bool:
        """Whether the sources reach back to the whole window."""
        return all(i.period == calendar.REGISTER or i.period >= i.dataset.first_period for i in self.inputs(period))

    @property
    def first_period(self) -> str:
        """The first period of which the sources hold anything that the form counts."""
        return min(_first_periods(self, dt.date.max.replace(year=2999)))

    def due_day(self, period: str) -> dt.date:
        """The first day on which the form is filed."""
        rule = due_rule(self, period)
        if rule.after_datasets:
            due = max(calendar.due_day(dataset_named(name), period) or calendar.span(period)[1] for name in rule.after_datasets)
            return calendar.next_working_day(due + calendar.ONE_DAY)
        last = calendar.span(period)[1]
        month = last.year * 12 + last.month - 1 + (rule.months_after or 0)
        return calendar.next_working_day(dt.date(month // 12, month % 12 + 1, rule.day or 1))

    def locked_day(self, period: str) -> dt.date:
        """The last day of the watched time; a change after it is a correction, whatever the form was before."""
        due = self.due_day(period)
        month = due.year * 12 + due.month - 1 + due_rule(self, period).lock_months + 1
        return dt.date(month // 12, month % 12 + 1, 1) - calendar.ONE_DAY

    def periods_due(self, today: dt.date) -> list[str]:
        """The periods whose whole window the sources hold and whose due day has come, oldest first."""
        first = min(_first_periods(self, today), default=None)
        if first is None:
            return []
        return [p for p in calendar.periods(self.kind, first, today) if self.due_day(p) <= today and self.is_held(p)]


def inputs_of(indicator: Indicator, form: Form, period: str) -> tuple[Input, ...]:
    """The datasets and periods that an indicator's totals are counted from."""
    return tuple(i for name in indicator.datasets for i in _placed(dataset_named(name), indicator.placed_by, form, period))


def breakdown_inputs_of(indicator: Indicator, form: Form, period: str) -> tuple[Input, ...]:
    """Those of its breakdowns: a unit whose total is not in has none, whatever list or register they are counted from."""
    beside = tuple(i for name in indicator.also_reads for i in _placed(dataset_named(name), indicator.placed_by, form, period))
    return (*inputs_of(indicator, form, period), *beside)


def _placed(dataset: Dataset, placed_by: PlacedBy, form: Form, period: str) -> list[Input]:
    """The periods of a dataset in a form's window. Monthly payments enter the report month that holds the first of theirs."""
    start, end = form.window(period)
    if dataset.kind == "register":
        return [Input(dataset, calendar.REGISTER, "first_of_month")]
    if placed_by == "year":
        return [Input(dataset, calendar.period_of("yearly", end), placed_by)]
    months = calendar.periods("monthly", calendar.period_of("monthly", start), end)
    if placed_by == "payment_month":
        months = [m for m in months if start <= calendar.span(m)[0] <= end]
    return [Input(dataset, m, placed_by) for m in months]


def months_of(period: str) -> tuple[dt.date, dt.date]:
    """First and last day of a period, half-years included."""
    if len(period) == 7 and period[5] == "H":
        year, half = int(period[:4]), int(period[6])
        return calendar.span(f"{year}-{6 * half - 5:02d}")[0], calendar.span(f"{year}-{6 * half:02d}")[1]
    return calendar.span(period)


@cache
def regimes() -> dict[str, Regime]:
    return {
        r["code"]: Regime(
            r["code"],
            r["kind"],
            r["title"],
            int(r["start_month_offset"]),
            int(r["start_day"]),
            int(r["end_day"]) if r["end_day"] else None,
            r["period_code"],
            *dates(r),
            r["legal_basis"],
            r["confidence"],
        )
        for r in read_rows("reports", "regimes.csv")
    }


@cache
def _due_rules() -> tuple[DueRule, ...]:
    return tuple(
        DueRule(
            r["form"],
            tuple(name for name in r["after_datasets"].split("|") if name),
            int(r["day"]) if r["day"] else None,
            int(r["months_after"]) if r["months_after"] else None,
            int(r["lock_months"]),
            *dates(r),
            r["legal_basis"],
            r["confidence"],
        )
        for r in read_rows("reports", "due_rules.csv")
    )


def due_rule(form: Form, period: str) -> DueRule:
    last = calendar.span(period)[1]
    for rule in _due_rules():
        if rule.form == form.code and rule.holds(last):
            return rule
    raise LookupError(f"{form.code}: no due day is declared for {period}; add a row to schemas/reports/due_rules.csv")


@dataclass(frozen=True)
class Organisation(Dated):
    role: str
    code: str
    name: str
    confidence: str
    valid_from: dt.date
    valid_to: dt.date | None


ROLE_TITLES = {"sender": "đơn vị gửi", "receiver": "đơn vị nhận"}


def organisation(role: Literal["sender", "receiver"], on: dt.date) -> Organisation:
    """Who files, and with whom, on a day."""
    for r in read_rows("reports", "organisations.csv"):
        found = Organisation(r["role"], r["code"], r["name"], r["confidence"], *dates(r))
        if found.role == role and found.holds(on):
            return found
    raise LookupError(
        f"Lập báo cáo ngày {on:%d/%m/%Y}: chưa có mã định danh còn hiệu lực của {ROLE_TITLES[role]}. "
        "Thêm một dòng vào schemas/reports/organisations.csv theo quyết định cấp mã."
    )


def _first_periods(form: Form, today: dt.date) -> list[str]:
    """Where the datasets of a form begin, as periods of the form's kind."""
    latest = calendar.period_of(form.kind, today)
    starts = [i.dataset.first_period for i in form.inputs(latest) if i.period != calendar.REGISTER]
    return [calendar.period_of(form.kind, calendar.span(s)[0]) for s in starts]
