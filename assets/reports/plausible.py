"""Figures that nobody would believe: outside their bound (an indicator's `bounds`), they stop their form for a person."""

import datetime as dt
from decimal import Decimal

from assets.reports.changes import number
from assets.reports.compute import FilledForm
from assets.reports.figure import Figure
from assets.reports.indicator import Bound
from resources.warehouse.published.submissions import IMPLAUSIBLE
from schemas import units
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from schemas.reports.measures import UNIT_TITLES
from schemas.reports.packet import UNIT


def implausible(filled: FilledForm) -> list[dict[str, str]]:
    """A finding for each indicator with figures outside its bound: the first of them, its bound, and how many more there are."""
    on = filled.form.window(filled.period)[1]
    bounds = {(i.code, i.unit): i.bound(on) for i in filled.form.indicators(filled.period)}
    found: dict[tuple[str, str], list[Figure]] = {}
    for figure in filled.figures:
        if figure.value is not None:
            least, most = _limits(figure, bounds[figure.code, figure.unit_of_measure])
            if not least <= figure.value <= most:
                found.setdefault((figure.code, figure.unit_of_measure), []).append(figure)
    return [
        {"code": code, "kind": IMPLAUSIBLE, "message": _told(figures, bounds[code, unit], on)}
        for (code, unit), figures in found.items()
    ]


def _limits(figure: Figure, bound: Bound) -> tuple[Decimal, Decimal]:
    unit = dict(figure.breakdown)[UNIT]
    if figure.breakdown == ((UNIT, PROVINCE),):
        return Decimal(bound.lower), Decimal(bound.upper)
    # What cannot be placed may be of several units: the bound of a single unit does not apply.
    most = bound.upper if unit in (PROVINCE, UNKNOWN_UNIT) else bound.upper_of_unit
    return Decimal(min(bound.lower, 0)), Decimal(most)


def _told(figures: list[Figure], bound: Bound, on: dt.date) -> str:
    first, measured = figures[0], UNIT_TITLES[figures[0].unit_of_measure]
    least, most = _limits(first, bound)
    dimensions = dict(first.breakdown)
    unit = dimensions.pop(UNIT)
    named = units.unit_name(unit, on) or unit
    value = number(first.value or Decimal(0))
    where = "toàn tỉnh" if unit == PROVINCE else f"đơn vị {named}"
    by = "".join(f", {dimension} {kind}" for dimension, kind in dimensions.items())
    more = f"; còn {len(figures) - 1} dòng khác của chỉ tiêu này" if len(figures) > 1 else ""
    return f"{where}{by}: {value} {measured}, ngoài khoảng hợp lý từ {number(least)} đến {number(most)} {measured}{more}"
