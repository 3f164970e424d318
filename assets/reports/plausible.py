"""Figures that nobody would believe: outside their bound (schemas/reports/bounds.csv), they stop their form for a person."""

from decimal import Decimal

from assets.reports.changes import number
from assets.reports.compute import FilledForm
from assets.reports.figures import UNIT, Figure
from resources.warehouse.submissions import IMPLAUSIBLE
from schemas import units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from schemas.reports.bounds import Bound, bound_of
from schemas.reports.indicators import UNIT_TITLES


def implausible(filled: FilledForm) -> list[dict[str, str]]:
    """A finding for each indicator with figures outside its bound: the first of them, its bound, and how many more there are."""
    on = filled.form.window(filled.period)[1]
    found: dict[tuple[str, str], list[Figure]] = {}
    for figure in filled.figures:
        if figure.value is not None:
            bound = bound_of(figure.code, figure.unit_of_measure, on)
            least, most = _limits(figure, bound)
            if not least <= figure.value <= most:
                found.setdefault((figure.code, figure.unit_of_measure), []).append(figure)
    return [
        {"code": code, "kind": IMPLAUSIBLE, "message": _told(figures, bound_of(code, unit, on), filled)}
        for (code, unit), figures in found.items()
    ]


def _limits(figure: Figure, bound: Bound) -> tuple[Decimal, Decimal]:
    unit = dict(figure.breakdown)[UNIT]
    if figure.breakdown == ((UNIT, PROVINCE),):
        return bound.lower, bound.upper
    # Of what cannot be placed it is not known that it is of one unit.
    most = bound.upper if unit in (PROVINCE, UNKNOWN_UNIT) else bound.upper_of_unit
    return min(bound.lower, Decimal(0)), most


def _told(figures: list[Figure], bound: Bound, filled: FilledForm) -> str:
    first, measured = figures[0], UNIT_TITLES[bound.unit]
    least, most = _limits(first, bound)
    dimensions = dict(first.breakdown)
    unit = dimensions.pop(UNIT)
    named = units.unit_name(unit, filled.form.window(filled.period)[1]) or unit
    value = number(first.value or Decimal(0))
    where = "toàn tỉnh" if unit == PROVINCE else f"đơn vị {named}"
    by = "".join(f", {dimension} {kind}" for dimension, kind in dimensions.items())
    more = f"; còn {len(figures) - 1} dòng khác của chỉ tiêu này" if len(figures) > 1 else ""
    return f"{where}{by}: {value} {measured}, ngoài khoảng hợp lý từ {number(least)} đến {number(most)} {measured}{more}"
