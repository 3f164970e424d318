"""The indicators, one a file of its code: the catalogue's line or lines, their SQL, dimensions, bounds and own controls.

Found by being there; a form lists the codes that it wants.
"""

import datetime as dt
import sys
from functools import cache

from assets.reports.dimensions import Dimension
from assets.reports.discovery import Found, discover, module_of
from assets.reports.indicator import Indicator


@cache
def found() -> Found[Indicator]:
    return discover(sys.modules[__name__], Indicator)


@cache
def catalogue() -> tuple[Indicator, ...]:
    """Every line of every indicator."""
    return tuple(line for lines in found().declared.values() for line in lines)


def lines_of(code: str) -> tuple[Indicator, ...]:
    """All lines of a code, whenever they are in force; none where there is no such indicator."""
    return found().declared.get(module_of(code), ())


def named(code: str, on: dt.date | None = None) -> tuple[Indicator, ...]:
    """The lines of a code, of those in force on a day: one for each measure that it is given in."""
    lines = lines_of(code)
    if not lines:
        told = found().unreadable.get(module_of(code), "thêm một tệp vào assets/reports/indicators")
        raise LookupError(f"không có chỉ tiêu {code}: {told}")
    return tuple(line for line in lines if on is None or line.holds(on))


@cache
def dimensions() -> dict[str, Dimension]:
    """What each name means among the breakdowns of a figure: `loai` = `07A` is a kind of person, a war invalid."""
    return {d.name: d for line in catalogue() for d in line.shown_by}
