"""What a form is: its indicators, regime, window, due day, lock, and the data periods that it reads. Pure; the day is given.

Each stands in a file of its own in assets/reports/forms. Rule and proof: docs/method/report-windows.md.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from assets.reports.indicator import BY_DAYS, Confidence, Indicator, PlacedBy, file_of
from assets.reports.indicators import lines_of, named
from assets.reports.reconcile import Counted, Finding
from schemas import calendar
from schemas.dataset import Dataset
from schemas.dated import Dated
from schemas.registry import DATASETS, dataset_named, is_declared
from schemas.reports.regimes import KINDS, Regime, ReportKind, regimes


@dataclass(frozen=True)
class Input:
    """One dataset and period that a form reads. `by_days`: its rows happened on days of the form's window.

    Of a register in a database they did not: what it says today tells what held on each day before.
    """

    dataset: Dataset
    period: str
    by_days: bool


@dataclass(frozen=True, kw_only=True)
class DueRule(Dated):
    """When a form is filed: the first working day after these datasets are due, or a day of a month after its period's last.

    The lock is the end of `lock_months` months after the due day's month.
    """

    after_datasets: tuple[str, ...] = ()
    day: int = 1
    months_after: int = 0
    lock_months: int
    legal_basis: str
    confidence: Confidence
    valid_from: dt.date
    valid_to: dt.date | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Form:
    """One form: a list of indicators under a regime, due by dated rules, with the controls between its indicators."""

    code: str
    title: str
    kind: ReportKind
    regime_code: str
    indicator_codes: tuple[str, ...]
    due: tuple[DueRule, ...]
    controls: tuple[Callable[[Counted], Iterable[Finding]], ...] = ()
    legal_basis: str

    @property
    def asset_name(self) -> str:
        return self.code.replace("-", "_")

    @property
    def regime(self) -> Regime:
        return regimes()[self.regime_code]

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """Every declared dataset that any of its indicators reads, looked-up registers included."""
        read = {d.id for code in self.indicator_codes for line in lines_of(code) for d in line.reads}
        return tuple(sorted((d for d in DATASETS if d.id in read), key=lambda d: d.id))

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with its declaration or its indicators', in words. With a fault nothing of it is due: its asset says why."""
        found = []
        if self.regime_code not in regimes():
            known = ", ".join(regimes())
            found.append(f"không có chế độ báo cáo {self.regime_code}; hiện có {known}, thêm ở schemas/reports/regimes.csv")
        elif self.regime.kind != self.kind:
            found.append(f"kỳ {self.kind} khác kỳ {self.regime.kind} của chế độ {self.regime_code}")
        if not self.due:
            found.append("chưa khai hạn gửi (due)")
        followed = [rule.valid_to + calendar.ONE_DAY for rule in self.due if rule.valid_to]
        found += [f"không có hạn gửi từ ngày {d:%d/%m/%Y}" for d in followed if not any(rule.holds(d) for rule in self.due)]
        after = (name for rule in self.due for name in rule.after_datasets)
        found += [f"hạn gửi theo bộ dữ liệu {name}, là bộ không có" for name in after if not is_declared(name)]
        for code in self.indicator_codes:
            try:
                found += dict.fromkeys(fault for line in named(code) for fault in line.faults())
            except LookupError as error:
                found.append(str(error))
        return tuple(found)

    def window(self, period: str) -> tuple[dt.date, dt.date]:
        return self.regime.window(period)

    def looked_on(self, period: str) -> dt.date:
        """The day on which registers are looked at: the first of the period's last month."""
        return calendar.span(period)[1].replace(day=1)

    def indicators(self, period: str) -> tuple[Indicator, ...]:
        """The catalogue's lines in force at the window's end, in the form's order. One that begins later is not in it yet."""
        on = self.window(period)[1]
        return tuple(i for code in self.indicator_codes for i in named(code, on))

    def inputs(self, period: str) -> tuple[Input, ...]:
        """Every dataset and period that the form's lines are counted from."""
        found = (i for indicator in self.indicators(period) for i in breakdown_inputs_of(indicator, self, period))
        return tuple(dict.fromkeys(found))

    def is_held(self, period: str) -> bool:
        """Whether the sources hold the whole window: none begins in it or after it, or was closed before its end."""
        of_periods = (i for i in self.inputs(period) if i.period != calendar.REGISTER)
        return all(i.dataset.first_period <= i.period <= (i.dataset.last_period or i.period) for i in of_periods)

    def due_rule(self, period: str) -> DueRule:
        last = calendar.span(period)[1]
        for rule in self.due:
            if rule.holds(last):
                return rule
        raise LookupError(f"{self.code}: no due day is declared for {period}; add a DueRule to {file_of('forms', self.code)}")

    def due_day(self, period: str) -> dt.date:
        """The first day on which the form is filed."""
        rule, last = self.due_rule(period), calendar.span(period)[1]
        if rule.after_datasets:
            lists = (dataset_named(name) for name in rule.after_datasets)
            # For a list without a due day the period's end is taken: such a list stops neither this form nor the night.
            due = max(calendar.due_day(d, calendar.period_of(d.kind, last)) or last for d in lists)
            return calendar.next_working_day(due + calendar.ONE_DAY)
        return calendar.next_working_day(calendar.in_month(last, rule.months_after, rule.day))

    def locked_day(self, period: str) -> dt.date:
        """The last day of the watched time; a change after it is a correction, whatever the form was before."""
        return calendar.end_of_month(self.due_day(period), self.due_rule(period).lock_months)

    def started(self, today: dt.date) -> list[str]:
        """The periods that have begun, oldest first: from where the first of its datasets begins, and a due day is declared."""
        if not self.due or self.kind not in KINDS:
            return []
        declared = calendar.period_of(self.kind, min(rule.valid_from for rule in self.due))
        begun = [calendar.span(d.first_period)[0] for d in self.datasets if d.kind != "register"]
        held = calendar.period_of(self.kind, min(begun)) if begun else declared
        ends = max((calendar.last_day(d, today) for d in self.datasets), default=today)
        return calendar.periods(self.kind, max(held, declared), ends)

    def periods_due(self, today: dt.date) -> list[str]:
        """The periods whose whole window the sources hold and whose due day has come, oldest first."""
        if self.faults:
            return []
        return [p for p in self.started(today) if self.due_day(p) <= today and self.is_held(p)]


def inputs_of(indicator: Indicator, form: Form, period: str) -> tuple[Input, ...]:
    """The datasets and periods that an indicator's totals are counted from."""
    return tuple(i for name in indicator.datasets for i in _placed(dataset_named(name), indicator.placed_by, form, period))


def breakdown_inputs_of(indicator: Indicator, form: Form, period: str) -> tuple[Input, ...]:
    """The datasets and periods that an indicator's breakdowns are counted from, those of its total among them.

    A unit whose total is not in has no breakdown, whatever list or register that is counted from.
    """
    beside = tuple(i for name in indicator.also_reads for i in _placed(dataset_named(name), indicator.placed_by, form, period))
    return (*inputs_of(indicator, form, period), *beside)


def _placed(dataset: Dataset, placed_by: PlacedBy, form: Form, period: str) -> list[Input]:
    """The periods of a dataset in a form's window. Monthly payments enter the report month that holds the first of theirs."""
    start, end = form.window(period)
    if dataset.kind == "register":
        return [Input(dataset, calendar.REGISTER, placed_by in BY_DAYS and dataset.comes_in_files)]
    if placed_by == "period":
        return [Input(dataset, calendar.period_of(dataset.kind, end), by_days=False)]
    periods = calendar.periods(dataset.kind, calendar.period_of(dataset.kind, start), end)
    if placed_by == "later_date":
        periods = calendar.periods(dataset.kind, min(dataset.first_period, periods[0]), end)
    if placed_by == "list_month":
        periods = [p for p in periods if start <= calendar.span(p)[0] <= end]
    return [Input(dataset, p, placed_by in BY_DAYS) for p in periods]
