"""What a merit profile is due: the tables of the decrees, dated, by category, injury and martyrs (NĐ 77/2024/NĐ-CP and before)."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import numpy as np

from schemas.dated import DatedColumn, DatedTable, read_rows
from schemas.rates import Span, limit, numbers_of, span_of, standard
from schemas.rates_arrays import standards_of, within

_WHOLE = Decimal(1)


@dataclass(frozen=True)
class InjuryRange:
    category_code: str
    least: int
    most: int
    span: Span


@dataclass(frozen=True)
class MeritAllowance:
    """One line of the merit tables: an amount, or a ratio of the standard (per per-cent of injury where that is named)."""

    category_code: str
    kind: str  # allowance or supplement
    relations: tuple[int, ...]  # empty: whatever the relation
    injury: tuple[int, int] | None
    martyrs: tuple[int, int] | None
    amount_vnd: int | None
    ratio: Decimal | None
    ratio_per_percent: Decimal | None
    span: Span

    @property
    def is_exact(self) -> bool:
        """Printed in the decree as this amount: a row must equal it. Otherwise a band is allowed."""
        return self.amount_vnd is not None and self.span.confidence == "sure"

    def amount(self, standard: int, injury_rate: int | None = None) -> int:
        """The amount in dong at a standard; a derived one is rounded to the thousand as the decrees do."""
        if self.amount_vnd is not None:
            return self.amount_vnd
        if self.ratio_per_percent is not None:
            if injury_rate is None:
                raise ValueError(f"the allowance of category {self.category_code} follows from the injury rate, none was given")
            return _thousands(self.ratio_per_percent * injury_rate * standard)
        assert self.ratio is not None
        return _thousands(self.ratio * standard)


@dataclass(frozen=True)
class Entitlement:
    """What a merit profile is due: exact, or within `tolerance_vnd` either way."""

    amount_vnd: int
    tolerance_vnd: int
    confidence: str


@dataclass(frozen=True)
class CardLetters:
    letters: str
    label_vi: str
    merit_person: bool
    merit_relative: bool
    span: Span


def _rows(name: str) -> list[dict[str, str]]:
    return read_rows("sources", "meritorious_persons", "rates", f"{name}.csv")


def _pair(least: str, most: str) -> tuple[int, int] | None:
    return (int(least), int(most)) if least else None


def _thousands(amount: Decimal) -> int:
    return int((amount / 1000).quantize(_WHOLE, ROUND_HALF_UP)) * 1000


@cache
def injury_ranges() -> tuple[InjuryRange, ...]:
    return tuple(InjuryRange(r["category_code"], int(r["least"]), int(r["most"]), span_of(r)) for r in _rows("injury_ranges"))


@cache
def allowances() -> tuple[MeritAllowance, ...]:
    return tuple(
        MeritAllowance(
            r["category_code"],
            r["kind"],
            numbers_of(r["relations"]),
            _pair(r["injury_least"], r["injury_most"]),
            _pair(r["martyrs_least"], r["martyrs_most"]),
            int(r["amount_vnd"]) if r["amount_vnd"] else None,
            Decimal(r["ratio"]) if r["ratio"] else None,
            Decimal(r["ratio_per_percent"]) if r["ratio_per_percent"] else None,
            span_of(r),
        )
        for r in _rows("allowances")
    )


@cache
def card_letters() -> tuple[CardLetters, ...]:
    return tuple(
        CardLetters(r["letters"], r["label_vi"], r["merit_person"] == "1", r["merit_relative"] == "1", span_of(r))
        for r in _rows("health_card_letters")
    )


def merit_standard(on: dt.date) -> int:
    return standard("merit", on)


def merit_amount(
    category_code: str,
    on: dt.date,
    *,
    kind: str = "allowance",
    relation_code: int | None = None,
    injury_rate: int | None = None,
    martyr_count: int | None = None,
) -> Entitlement | None:
    """What a profile is due on a day; None where no table says. Ask `.confidence`: an `unsure` one judges nothing."""
    for line in allowances():
        if line.category_code != category_code or line.kind != kind or not line.span.holds(on):
            continue
        if line.relations and relation_code not in line.relations:
            continue
        if line.injury and (injury_rate is None or not line.injury[0] <= injury_rate <= line.injury[1]):
            continue
        if line.martyrs and (martyr_count is None or not line.martyrs[0] <= martyr_count <= line.martyrs[1]):
            continue
        amount = line.amount(merit_standard(on), injury_rate)
        band = 0 if line.is_exact else int(amount * limit("merit_amount_band", on))
        return Entitlement(amount, band, line.span.confidence)
    return None


def amounts_of(
    category_codes: np.ndarray,
    day_numbers: np.ndarray,
    relation_codes: np.ndarray,
    injury_rates: np.ndarray,
    martyr_counts: np.ndarray,
    kind: str = "allowance",
) -> tuple[np.ndarray, np.ndarray]:
    """What each row is due and the band allowed either way; nan where no table says, or only an unsure one."""
    due = np.full(len(category_codes), np.nan)
    band = np.zeros(len(category_codes))
    by_category: dict[str, list[MeritAllowance]] = {}
    for line in allowances():
        if line.kind == kind and line.span.confidence != "unsure":
            by_category.setdefault(line.category_code, []).append(line)
    for category, lines in by_category.items():
        # Rows of one category only: a table has some 80 lines, a batch some 60,000 rows.
        rows = np.flatnonzero(category_codes == category)
        if not len(rows):
            continue
        days, relations, injuries, martyrs = (a[rows] for a in (day_numbers, relation_codes, injury_rates, martyr_counts))
        standard_ = standards_of("merit", days)
        here_due, here_band = np.full(len(rows), np.nan), np.zeros(len(rows))
        for line in lines:
            here = within(line.span, days)
            if line.relations:
                here &= np.isin(relations, line.relations)
            if line.injury:
                here &= (injuries >= line.injury[0]) & (injuries <= line.injury[1])
            if line.martyrs:
                here &= (martyrs >= line.martyrs[0]) & (martyrs <= line.martyrs[1])
            if not here.any():
                continue
            if line.amount_vnd is not None:
                amount = np.full(int(here.sum()), float(line.amount_vnd))
            elif line.ratio_per_percent is not None:
                amount = float(line.ratio_per_percent) * injuries[here] * standard_[here]
            else:
                amount = float(line.ratio or 0) * standard_[here]
            here_due[here] = amount
            share = 0.0 if line.is_exact else float(limit("merit_amount_band", line.span.valid_from))
            here_band[here] = np.abs(amount) * share
        due[rows], band[rows] = here_due, here_band
    return due, band


def _bounds(name: str, title: str, of: Callable[[MeritAllowance], tuple[int, int] | None]) -> Iterator[DatedColumn]:
    for number, (bound, word) in enumerate((("least", "từ"), ("most", "đến"))):
        told = f"{title}, {word}; trống: không xét"
        yield DatedColumn(f"{name}_{bound}", "bigint", told, lambda a, n=number: (of(a) or (None, None))[n], nullable=True)


ALLOWANCES = DatedTable(
    "allowances",
    "Mức trợ cấp, phụ cấp ưu đãi hằng tháng",
    allowances,
    (
        DatedColumn("category_code", "text", "Mã loại đối tượng"),
        DatedColumn("kind", "text", "Trợ cấp (allowance) hay phụ cấp (supplement)"),
        DatedColumn("relations", "bigint[]", "Mã quan hệ với người có công; rỗng: mọi quan hệ"),
        *_bounds("injury", "Tỷ lệ tổn thương (%)", lambda allowance: allowance.injury),
        *_bounds("martyrs", "Số liệt sĩ", lambda allowance: allowance.martyrs),
        DatedColumn("amount_vnd", "bigint", "Số tiền mỗi tháng (đồng), nếu văn bản ghi số tiền", nullable=True),
        DatedColumn("ratio", "numeric", "Số lần mức chuẩn, nếu suy từ mức chuẩn", nullable=True),
        DatedColumn("ratio_per_percent", "numeric", "Số lần mức chuẩn cho mỗi phần trăm tổn thương", nullable=True),
        DatedColumn("is_exact", "boolean", "Văn bản ghi đúng số tiền này; nếu không thì được lệch trong một khoảng"),
    ),
)
