"""What an indicator is: a line of the catalogue with its SQL, its dimensions, its bounds and its own controls.

Each stands in a file of its own in assets/reports/indicators. The codes are our own until the ministry's list is at hand.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import PurePath
from typing import Literal

from assets.reports.dimensions import ALL, Dimension
from assets.reports.discovery import module_of
from assets.reports.figure import Figure
from assets.reports.measure import Query
from assets.reports.reconcile import Counted, Finding
from schemas import calendar
from schemas.dataset import PROVINCE, Dataset
from schemas.dated import Dated
from schemas.registry import DATASETS, is_declared
from schemas.reports.measures import MEASURES
from schemas.reports.packet import UNIT

PlacedBy = Literal["first_of_month", "list_month", "own_date", "later_date", "period"]
BY_DAYS: tuple[PlacedBy, ...] = ("own_date", "later_date")
Confidence = Literal["sure", "likely", "proposal", "unsure"]
Control = Callable[[Counted, str], Iterable[Finding]]  # of a counted form and the code of the indicator

# Sums of what was typed wrong have more digits than the 28 of the default, which would raise instead of giving a figure.
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, kw_only=True)
class Bound(Dated):
    """The values between which a figure is believed without a person's look: of the whole province, and of a single unit.

    A part of the province has no lower bound of its own: it may be small, and it is never below zero where the whole is not.
    """

    upper: int
    upper_of_unit: int
    reason: str
    confidence: Confidence
    valid_from: dt.date
    valid_to: dt.date | None = None
    lower: int = 0


@dataclass(frozen=True)
class Gap:
    """A breakdown that the form asks for and these sources cannot feed, said aloud: one line of the province, not reported."""

    dimension: Dimension
    why: str

    def figure(self, indicator: "Indicator") -> Figure:
        breakdown = ((UNIT, PROVINCE), (self.dimension.name, ALL))
        return Figure(indicator.code, indicator.unit, breakdown, None, "chua_bao_cao", True, self.why)


@dataclass(frozen=True)
class Reach:
    """The units of which anything can be told, where rows are placed by a list that may lack some.

    `units` is SQL that selects their codes; `why` says in words what the list lacks of the others, which are not reported.
    """

    units: str
    why: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Indicator(Dated):
    """One line of the catalogue: a figure in one measure, in force between two days; it may be followed by another.

    `placed_by` says which periods of a dataset belong to a form's window: the register as it was on the first of the month; the
    lists of the months whose first day lies in the window; rows by their own date; rows by a date that may come long after their
    period, so in every period up to the window's end; the dataset's period that holds its last day.

    `sum_rule` says whether the units' figures add up to the province's (`equal`), at least reach it (`at_most`: persons counted
    once a unit, once a province), or do not add (`none`).
    """

    code: str
    unit: str
    title: str
    measure: Literal["as_of", "flow"]
    placed_by: PlacedBy
    counts: Literal["distinct_persons", "rows", "money", "rate"]
    numerator: str  # in words, as the denominator of a rate
    denominator: str | None = None
    datasets: tuple[str, ...]  # what the totals are counted from
    also_reads: tuple[
        str, ...
    ] = ()  # what the breakdowns need besides: a register to look up in, or the list behind a signed result
    query: Query
    dimensions: tuple[Dimension, ...] = ()
    split: Dimension | None = None  # the dimension without which the figure means nothing: a kind of change, an index
    sum_rule: Literal["equal", "at_most", "none"] = "equal"
    sum_reason: str = ""
    province_only: bool = False  # no line of a single unit is made at all
    least: int = 0  # the province's figure is shown from so many on; none at all is hidden as one is
    reach: Reach | None = None  # the units of which rows can be told at all; None: all
    bounds: tuple[Bound, ...]
    gaps: tuple[Gap, ...] = ()
    controls: tuple[Control, ...] = ()
    legal_basis: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    confidence: Confidence

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None

    @property
    def decimals(self) -> int:
        return MEASURES[self.unit].decimals

    @property
    def reads(self) -> tuple[Dataset, ...]:
        """The datasets that its totals and its breakdowns are counted from, of those that are declared."""
        names = {*self.datasets, *self.also_reads}
        return tuple(d for d in DATASETS if d.id in names)

    @property
    def shown_by(self) -> tuple[Dimension, ...]:
        """Every dimension that its lines may bear."""
        return (*self.dimensions, *([self.split] if self.split else []), *(gap.dimension for gap in self.gaps))

    def value(self, numerator: Decimal, denominator: Decimal | None = None) -> Decimal | None:
        """The figure in its measure, rounded half-up; None for a rate of nothing."""
        if self.is_rate and not denominator:
            return None
        exact = _EXACT.multiply(numerator, MEASURES[self.unit].scale)
        if self.is_rate:
            exact = _EXACT.divide(exact, denominator or Decimal(1))
        return exact.quantize(Decimal(1).scaleb(-self.decimals), context=_EXACT)

    def bound(self, on: dt.date) -> Bound:
        """The bound in force on a day."""
        for bound in self.bounds:
            if bound.holds(on):
                return bound
        raise LookupError(
            f"{self.code} ({self.unit}): no bound is declared for {on}; add one to {file_of('indicators', self.code)}"
        )

    def faults(self) -> list[str]:
        """What is wrong with its declaration, in words: a form that lists it is not filed until it is mended."""
        unknown = [name for name in (*self.datasets, *self.also_reads) if not is_declared(name)]
        found = [f"không có bộ dữ liệu {name} (hệ thống.bộ, như trong schemas/sources)" for name in unknown]
        if self.unit not in MEASURES:
            known = ", ".join(MEASURES)
            found.append(f"không có đơn vị tính {self.unit}; hiện có {known}, thêm ở schemas/reports/measures.py (MEASURES)")
        if (self.query.denominator is None) != (self.denominator is None):
            found.append("câu SQL và mô tả không cùng nói về một mẫu số")
        if days := self._without_bound():
            found.append(f"không có khoảng hợp lý (bounds) cho ngày {', '.join(f'{day:%d/%m/%Y}' for day in days)}")
        found += [fault for dimension in dict.fromkeys(self.shown_by) for fault in dimension.faults()]
        return [f"chỉ tiêu {self.code}: {fault}" for fault in found]

    def _without_bound(self) -> list[dt.date]:
        """Days that it is counted on and no bound holds: its first, its last, and each after the end of a bound."""
        last = self.valid_to or dt.date.max
        ends = [b.valid_to + calendar.ONE_DAY for b in self.bounds if b.valid_to]
        days = {self.valid_from, last, *(day for day in ends if self.valid_from <= day <= last)}
        return sorted(day for day in days if not any(b.holds(day) for b in self.bounds))


@dataclass(frozen=True, eq=False, kw_only=True)
class Rate(Indicator):
    """A part of a whole, in a hundred: it adds up nowhere, and lies between nothing and all."""

    unit: str = "phan_tram"
    counts: Literal["rate"] = "rate"
    denominator: str
    sum_rule: Literal["none"] = "none"
    sum_reason: str = "Tỷ lệ không cộng được"
    bounds: tuple[Bound, ...] = (
        Bound(
            upper=100,
            upper_of_unit=100,
            reason="Tỷ lệ: tử số là một phần của mẫu số",
            confidence="sure",
            valid_from=dt.date(2000, 1, 1),
        ),
    )


def file_of(folder: Literal["indicators", "forms"], code: str) -> PurePath:
    """The file in which an indicator or a form is declared: it is named by the code."""
    return PurePath("assets", "reports", folder, f"{module_of(code)}.py")
