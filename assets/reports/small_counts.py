"""What is hidden beside a count that is too small to be told, so that no sum that the receiver has gives it away.

Hidden first is what is fewer than its `least`. Rule and proof: docs/method/small-counts-in-reports.md.
"""

from collections.abc import Collection, Mapping, Sequence

from assets.reports.dimensions import Dimension
from assets.reports.form import Form
from assets.reports.indicator import Indicator
from assets.reports.measure import NOTHING, Count, Key
from schemas import calendar

TOTAL: Key = (None, None, None)


def is_small(indicator: Indicator, counts: Mapping[Key, Count]) -> bool:
    """Whether the province's own figure is too small to be told."""
    return counts.get(TOTAL, NOTHING).numerator < indicator.least


def windows_within(form: Form, period: str, indicator: Indicator, forms: Collection[Form]) -> list[tuple[Form, str]]:
    """The forms and periods that tell of an indicator for a part of a form's window: of what happens on days alone, which adds up."""
    if not indicator.least or indicator.measure != "flow":
        return []
    start, end = form.window(period)
    found = []
    for other in forms:
        if other is form or other.faults or indicator.code not in other.indicator_codes:
            continue
        for part in calendar.periods(other.kind, calendar.period_of(other.kind, start), end):
            first, last = other.window(part)
            if start <= first and last <= end and (first, last) != (start, end):
                found.append((other, part))
    return found


def hidden_beside(
    indicator: Indicator,
    dimension: Dimension | None,
    values: Sequence[str | None],
    counts: Mapping[Key, Count],
    total: Count | None,
) -> frozenset[str | None]:
    """The value of a dimension that is hidden though it is not small, where the province's total would give away those that are."""
    least = max(indicator.least, dimension.least) if dimension else 0
    if dimension is None or total is None or not least:
        return frozenset()
    number = {value: counts.get((None, dimension.name, value), NOTHING).numerator for value in values}
    told = sorted((count, value or "") for value, count in number.items() if count >= least)
    hidden = len(number) - len(told)
    # Whoever stands in several is in each, so that the hidden ones hold this at least, and none of them more than `least` less one.
    rest = total.numerator - sum(count for count, _ in told)
    return frozenset([told[0][1]] if hidden and told and rest > (least - 1) * (hidden - 1) else [])
