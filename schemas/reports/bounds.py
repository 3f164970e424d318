"""Between which values a figure is believed without a person's look, from bounds.csv: dated, each with its reason."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from schemas.dated import Dated, dates, read_rows
from schemas.reports.indicators import Measure


@dataclass(frozen=True)
class Bound(Dated):
    """The least and the most of an indicator for the whole province, and the most of a single unit.

    A part of the province has no least of its own: it may be small, and it is never less than nothing where the whole is not.
    """

    code: str
    unit: Measure
    lower: Decimal
    upper: Decimal
    upper_of_unit: Decimal
    reason: str
    confidence: str
    valid_from: dt.date
    valid_to: dt.date | None


@cache
def bounds() -> tuple[Bound, ...]:
    return tuple(
        Bound(
            r["code"],
            r["unit"],  # ty: ignore[invalid-argument-type]
            Decimal(r["lower"]),
            Decimal(r["upper"]),
            Decimal(r["upper_of_unit"]),
            r["reason"],
            r["confidence"],
            *dates(r),
        )
        for r in read_rows("reports", "bounds.csv")
    )


def bound_of(code: str, unit: str, on: dt.date) -> Bound:
    """The bound of an indicator's line in force on a day."""
    for bound in bounds():
        if (bound.code, bound.unit) == (code, unit) and bound.holds(on):
            return bound
    raise LookupError(f"{code} ({unit}): no bound is declared for {on}; add a row to schemas/reports/bounds.csv")
