"""The indicator catalogue, read from indicators.csv: what each figure counts, of what, in which unit, by which law.

The codes are our own until the ministry's list is at hand; a row is dated and may be followed by another.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Literal

from schemas.dated import Dated, dates, read_rows

Measure = Literal["nguoi", "ho", "quyet_dinh", "phan_tram", "trieu_dong", "dong"]
PlacedBy = Literal["first_of_month", "payment_month", "own_date", "year"]
State = Literal["co_so_lieu", "khong_phat_sinh", "chua_bao_cao", "bi_an"]

UNIT_TITLES: dict[str, str] = {
    "nguoi": "người",
    "ho": "hộ",
    "quyet_dinh": "quyết định",
    "phan_tram": "%",
    "trieu_dong": "triệu đồng",
    "dong": "đồng",
}
STATE_TITLES: dict[str, str] = {
    "co_so_lieu": "có số liệu",
    "khong_phat_sinh": "không phát sinh",
    "chua_bao_cao": "chưa báo cáo",
    "bi_an": "bị ẩn",
}
_SCALE = {"phan_tram": Decimal(100), "trieu_dong": Decimal("0.000001")}


@dataclass(frozen=True)
class Indicator(Dated):
    """One line of the catalogue. `split`: the dimension without which the figure means nothing (a kind of change, an index).

    `datasets` are what the totals are counted from. `also_reads` are what the breakdowns need besides: a register that their
    columns are looked up in, or the list behind a signed result.
    `protected` dimensions imply a protected fact: they are shown for the whole province only, hidden below it.
    `sum_rule`: whether the units' figures add up to the province's (`equal`), at least reach it (`at_most`: persons counted
    once a unit, once a province), or do not add (`none`).
    """

    code: str
    unit: Measure
    title: str
    measure: Literal["as_of", "flow"]
    placed_by: PlacedBy
    counts: Literal["distinct_persons", "rows", "money", "rate"]
    numerator: str
    denominator: str | None
    decimals: int
    datasets: tuple[str, ...]
    also_reads: tuple[str, ...]
    dimensions: tuple[str, ...]
    split: str | None
    protected: tuple[str, ...]
    sum_rule: Literal["equal", "at_most", "none"]
    sum_reason: str
    legal_basis: str
    valid_from: dt.date
    valid_to: dt.date | None
    confidence: str

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None

    def value(self, numerator: Decimal, denominator: Decimal | None = None) -> Decimal | None:
        """The figure in its unit, rounded half-up; None for a rate of nothing."""
        if self.is_rate and not denominator:
            return None
        exact = numerator * _SCALE.get(self.unit, Decimal(1))
        if self.is_rate:
            exact /= denominator or Decimal(1)
        return exact.quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)


@cache
def catalogue() -> tuple[Indicator, ...]:
    return tuple(_indicator(row) for row in read_rows("reports", "indicators.csv"))


def named(code: str, on: dt.date) -> tuple[Indicator, ...]:
    """The catalogue's lines of a code in force on a day: one for each unit it is given in."""
    found = tuple(i for i in catalogue() if i.code == code and i.holds(on))
    if not found:
        raise LookupError(f"the indicator {code} has no definition on {on}; add a row to schemas/reports/indicators.csv")
    return found


def _indicator(row: dict[str, str]) -> Indicator:
    def several(name: str) -> tuple[str, ...]:
        return tuple(part for part in row[name].split("|") if part)

    valid_from, valid_to = dates(row)
    return Indicator(
        code=row["code"],
        unit=row["unit"],  # ty: ignore[invalid-argument-type]
        title=row["title"],
        measure=row["measure"],  # ty: ignore[invalid-argument-type]
        placed_by=row["placed_by"],  # ty: ignore[invalid-argument-type]
        counts=row["counts"],  # ty: ignore[invalid-argument-type]
        numerator=row["numerator"],
        denominator=row["denominator"] or None,
        decimals=int(row["decimals"]),
        datasets=several("datasets"),
        also_reads=several("also_reads"),
        dimensions=several("dimensions"),
        split=row["split"] or None,
        protected=several("protected"),
        sum_rule=row["sum_rule"],  # ty: ignore[invalid-argument-type]
        sum_reason=row["sum_reason"],
        legal_basis=row["legal_basis"],
        valid_from=valid_from,
        valid_to=valid_to,
        confidence=row["confidence"],
    )
