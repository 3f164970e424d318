"""The lines of the multidimensional poverty standard, dated (NĐ 07/2021/NĐ-CP, Điều 3)."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from schemas.dated import read_rows
from schemas.rates import Span, span_of


@dataclass(frozen=True)
class PovertyThreshold:
    """Poor: B1 at most `score_b1_most` and B2 at least `score_b2_poor`; near-poor: the same B1, less B2."""

    area_code: int
    score_b1_most: Decimal
    score_b2_poor: int
    span: Span


@cache
def thresholds() -> tuple[PovertyThreshold, ...]:
    return tuple(
        PovertyThreshold(int(r["area_code"]), Decimal(r["score_b1_most"]), int(r["score_b2_poor"]), span_of(r))
        for r in read_rows("sources", "poverty", "rates", "thresholds.csv")
    )


def threshold_of(area_code: int, on: dt.date) -> PovertyThreshold | None:
    """The threshold of an area (1 urban, 2 rural); None where no standard of this kind is in force."""
    return next((t for t in thresholds() if t.area_code == area_code and t.span.holds(on)), None)
