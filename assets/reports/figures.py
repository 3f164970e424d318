"""From counts to the figures of a form: a number, a true zero, not reported (and why), or hidden.

Not reported is not zero. With a unit missing the province's sum is that of the received units, provisional, and says whom
it lacks; a rate then has the same units on both sides, since both are counted over the same rows.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from assets.reports.inputs import InputState, unit_names
from assets.reports.measure import FIXED_VALUES, NOTHING, Count, Key
from resources.clock import ZONE
from schemas.dataset import PROVINCE, UNKNOWN_UNIT
from schemas.reports.indicators import Indicator, State

UNIT = "don_vi"


@dataclass(frozen=True)
class Figure:
    """One line of a form."""

    code: str
    unit_of_measure: str
    breakdown: tuple[tuple[str, str], ...]
    value: Decimal | None
    state: State
    is_final: bool
    note: str | None = None

    @property
    def is_total(self) -> bool:
        """A line for the province as a whole (by its split, where it has no plain total)."""
        return (UNIT, PROVINCE) in self.breakdown

    def line(self) -> dict[str, Any]:
        """As it stands in the packet."""
        shown = {
            "ma_chi_tieu": self.code,
            "phan_to": dict(self.breakdown),
            "gia_tri": None if self.value is None else f"{self.value:f}",
            "don_vi_tinh": self.unit_of_measure,
            "trang_thai": self.state,
            "tinh_chat": "chinh_thuc" if self.is_final else "tam_thoi",
        }
        return shown | ({"ghi_chu": self.note} if self.note else {})


@dataclass(frozen=True)
class Standing:
    """How an indicator stands for one unit, or for the province: counted or not, final or not, and what is to be said."""

    is_counted: bool
    is_final: bool
    note: str | None


def province_standing(states: Sequence[InputState], on: dt.date) -> Standing:
    """The province's figure: counted when any expected cell is in, final when all are in and settled."""
    cells = [c for s in states for c in s.cells.values()]
    notes = []
    for state in states:
        source = state.input.dataset.source.title
        if state.last_read is None:
            notes.append(f"Chưa đọc được lần nào: {state.title} ({source})")
        elif state.missing and len(state.missing) == len(state.cells):
            notes.append(f"Chưa có số liệu: {state.title}")
        elif state.missing:
            notes.append(f"{state.title} chưa gồm {len(state.missing)} đơn vị: {unit_names(state.missing, on)}")
        if state.is_stale and state.last_read is not None:
            notes.append(f"{source} đọc được lần cuối ngày {state.last_read.astimezone(ZONE):%d/%m/%Y}: {state.title}")
    return Standing(
        is_counted=any(c.is_received for c in cells),
        is_final=bool(cells) and all(c.is_settled for c in cells),
        note=". ".join(notes) or None,
    )


def unit_standing(states: Sequence[InputState], unit: str) -> Standing:
    """The figure of one unit."""
    cells = [(s, s.cell(unit)) for s in states]
    missing = [s for s, c in cells if c is None or not c.is_received]
    received = any(c is not None and c.is_received for _, c in cells)
    why = []
    for state in missing:
        cell = state.cell(unit)
        refused = cell is not None and cell.status == "refused"
        why.append(f"{state.title}: {'bản nộp bị trả lại' if refused else 'chưa có số liệu'}")
    return Standing(
        is_counted=received,
        is_final=all(c is not None and c.is_settled for _, c in cells),
        note=". ".join(why) or None,
    )


def figures_of(
    indicator: Indicator, counts: dict[Key, Count], states: Sequence[InputState], units: Sequence[str], on: dt.date
) -> list[Figure]:
    """The lines of an indicator: the province, each unit, and each by one other dimension."""
    whole = province_standing(states, on)
    dimensions = (indicator.split,) if indicator.split else indicator.dimensions
    values = {d: _values(d, counts) for d in dimensions}
    lines = []
    if not whole.is_counted:
        return [_not_reported(indicator, PROVINCE, whole.note), *(_not_reported(indicator, u, None, states) for u in units)]
    if indicator.split is None:
        lines.append(_figure(indicator, PROVINCE, None, None, counts, whole))
    lines += [_figure(indicator, PROVINCE, d, v, counts, whole) for d in dimensions for v in values[d]]
    unplaced = sorted({u for (u, _, _), c in counts.items() if u is not None and u not in units and not c.is_nothing})
    for unit in [*units, *unplaced]:
        standing = whole if unit in unplaced else unit_standing(states, unit)
        if not standing.is_counted:
            lines.append(_not_reported(indicator, unit, standing.note))
            continue
        if indicator.split is None:
            lines.append(_figure(indicator, unit, None, None, counts, standing))
        lines += [_figure(indicator, unit, d, v, counts, standing) for d in dimensions for v in values[d]]
    return lines


def _figure(
    indicator: Indicator, unit: str, dimension: str | None, value: str | None, counts: dict[Key, Count], standing: Standing
) -> Figure:
    breakdown = ((UNIT, unit),) if dimension is None else ((UNIT, unit), (dimension, value or ""))
    if dimension in indicator.protected and unit != PROVINCE:
        # All groups of a unit, not only the protected ones: the unit's total less the others would give them away.
        return Figure(indicator.code, indicator.unit, breakdown, None, "bi_an", True)
    count = counts.get((None if unit == PROVINCE else unit, dimension, value), NOTHING)
    number = indicator.value(count.numerator, count.denominator)
    note = standing.note if dimension is None or indicator.split else None
    if number is None or (not indicator.is_rate and not count.numerator):
        zero = None if indicator.is_rate else Decimal(0)
        return Figure(indicator.code, indicator.unit, breakdown, zero, "khong_phat_sinh", standing.is_final, note)
    return Figure(indicator.code, indicator.unit, breakdown, number, "co_so_lieu", standing.is_final, note)


def _not_reported(indicator: Indicator, unit: str, why: str | None, states: Sequence[InputState] = ()) -> Figure:
    note = why or unit_standing(states, unit).note or "Chưa có số liệu"
    return Figure(indicator.code, indicator.unit, ((UNIT, unit),), None, "chua_bao_cao", False, note)


def _values(dimension: str, counts: dict[Key, Count]) -> list[str]:
    fixed = FIXED_VALUES.get(dimension, ())
    seen = {v for (_, d, v) in counts if d == dimension and v is not None}
    return [*fixed, *sorted(seen - set(fixed))]


def units_of(states: Sequence[InputState], expected: Sequence[str]) -> list[str]:
    """Whose lines a form shows: the units of the data's own cells; of a list of the whole province, those of the period."""
    own = sorted({u for s in states if not s.input.dataset.by_province for u in s.cells if u != UNKNOWN_UNIT})
    return own or list(expected)
