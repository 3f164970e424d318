"""Small helpers of the cross-indicator controls: finding totals and parts among the figures of a form."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from assets.reports.figures import UNIT, Figure
from schemas.dataset import PROVINCE


@dataclass(frozen=True)
class Disagreement:
    """A control that does not hold: on which indicator, in words with figures and no personal value."""

    code: str
    message: str


def total(figures: Sequence[Figure], code: str, unit_of_measure: str | None = None) -> Decimal | None:
    """The province's figure; None where it is not reported."""
    for figure in figures:
        if figure.code == code and figure.breakdown == ((UNIT, PROVINCE),) and unit_of_measure in (None, figure.unit_of_measure):
            return figure.value
    return None


def of(figures: Sequence[Figure], code: str, dimension: str, unit: str = PROVINCE) -> list[Decimal]:
    """The figures of a unit by one dimension."""
    return [
        f.value
        for f in figures
        if f.code == code
        and f.value is not None
        and len(f.breakdown) == 2
        and f.breakdown[0] == (UNIT, unit)
        and f.breakdown[1][0] == dimension
    ]


def by_unit(figures: Sequence[Figure], code: str, unit_of_measure: str | None = None) -> dict[str, Decimal]:
    """unit -> its figure, where there is one."""
    return {
        f.breakdown[0][1]: f.value
        for f in figures
        if f.code == code
        and f.value is not None
        and len(f.breakdown) == 1
        and f.breakdown[0][1] != PROVINCE
        and unit_of_measure in (None, f.unit_of_measure)
    }


def percent(part: Decimal, whole: Decimal) -> str:
    return f"{part * 100 / whole:+.1f} %"
