"""What was counted of a person who is erased since stays counted in what was filed: an erasure alone corrects no figure.

The packet before less the one after would be exactly what that person was counted as, by unit, kind and sex. An erasure takes rows
out of cells that nothing was loaded into since, or of a row of somebody else what tells of the person: by that it is told from every
other change. Of a unit whose cells changed so, and in nothing else, the lines are told as they were filed, whatever other units sent; and
the province's hold what these were counted as. A unit whose own cells were loaded anew is counted anew: what of it was the erased
one's is kept nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from assets.reports.figure import Figure
from assets.reports.form import Form, Input, breakdown_inputs_of
from assets.reports.indicator import Indicator
from assets.reports.inputs import CONTENT, InputState
from schemas.dataset import PROVINCE
from schemas.reports.packet import UNIT

_AS_READ, _OF_ROWS = ("received", "changed_at"), ("rows", CONTENT)


@dataclass(frozen=True)
class Filed:
    """What stands at the receiver: its lines, and what they were counted from."""

    lines: Sequence[Mapping[str, Any]] = ()
    inputs: Sequence[Mapping[str, Any]] = field(default=())


NOTHING_FILED = Filed()


def as_filed(
    indicator: Indicator, form: Form, period: str, states: Mapping[Input, InputState], counted: Sequence[Figure], filed: Filed
) -> Sequence[Figure]:
    """The figures of an indicator as they were counted; as they were filed, where nothing but an erasure would change them."""
    read = [states[i] for i in breakdown_inputs_of(indicator, form, period)]
    erased = [_erased(state, filed) for state in read]
    of_cells = [is_less for cells in erased if cells is not None for is_less in cells.values()]
    if None in erased or not any(of_cells):
        return counted
    gaps = {gap.figure(indicator).breakdown for gap in indicator.gaps}
    told = [_figure(x) for x in filed.lines if (x["ma_chi_tieu"], x["don_vi_tinh"]) == (indicator.code, indicator.unit)]
    told = [figure for figure in told if figure.breakdown not in gaps]
    if None not in of_cells:
        return _standing(told, counted)
    if indicator.sum_rule == "equal" and not _adds_up(indicator):
        return counted
    reads = [(state, cells) for state, cells in zip(read, erased, strict=True) if cells is not None]
    held = {unit for unit in {_unit(figure) for figure in told} - {PROVINCE} if _is_erased_alone(unit, reads)}
    return _unit_by_unit(held, told, counted, adds_up=_adds_up(indicator)) if held else counted


def _unit_by_unit(held: set[str], told: Sequence[Figure], counted: Sequence[Figure], *, adds_up: bool) -> list[Figure]:
    """The figures as they were counted, but those of some units as they were filed."""
    stood = _standing([figure for figure in told if _unit(figure) in held], counted)
    lines = {unit: [figure for figure in counted if _unit(figure) == unit] for unit in dict.fromkeys(map(_unit, counted))}
    if adds_up and PROVINCE in lines:
        of_these = [figure for figure in counted if _unit(figure) in held]
        lines[PROVINCE] = _with_the_erased(lines[PROVINCE], stood, of_these)
    lines |= {unit: [figure for figure in stood if _unit(figure) == unit] for unit in held & lines.keys()}
    # That a kind is told of no other unit any more, or now for the first time, would say of what kind the erased were.
    kinds, known = {figure.breakdown[1:] for figure in stood}, {figure.breakdown for figure in counted}
    for figure in _standing([f for f in told if not f.value and f.breakdown[1:] in kinds and f.breakdown not in known], counted):
        if _unit(figure) not in held | {PROVINCE}:
            lines[_unit(figure)].append(figure)
    found = [figure for of_unit in lines.values() for figure in of_unit]
    said = {figure.breakdown[1:] for figure in (*told, *(f for f in found if f.value))}
    return [figure for figure in found if figure.value is None or figure.breakdown[1:] in said]


def recorded(state: InputState, filed: Filed) -> dict[str, Any]:
    """An input for the outbox. A cell that changed by an erasure alone counts as what was filed: the next revision is held against the
    same."""
    now, before, erased = state.record(), _before(state, filed), _erased(state, filed)
    if before is None or erased is None:
        return now
    told = {u: {name: before["units"][u].get(name) for name in _OF_ROWS} if is_less else {} for u, is_less in erased.items()}
    return now | {"units": {unit: cell | told[unit] for unit, cell in now["units"].items()}}


def _standing(told: Sequence[Figure], counted: Sequence[Figure]) -> list[Figure]:
    """Figures as they were filed, as final as they are now."""
    by_line = {figure.breakdown: figure for figure in counted}
    by_unit = {_unit(figure): figure for figure in reversed(counted)}  # of a line that only the erased were in
    found = []
    for figure in told:
        now = by_line.get(figure.breakdown) or by_unit.get(_unit(figure))
        if now is not None:
            found.append(replace(figure, is_final=now.is_final, note=now.note))
    return found


def _adds_up(indicator: Indicator) -> bool:
    """Whether each line of the province follows from those of the units. One that tells a protected fact has none of a unit."""
    is_told = not indicator.province_only and not any(d.protected for d in indicator.shown_by)
    return is_told and not indicator.is_rate


def _is_erased_alone(unit: str, reads: Sequence[tuple[InputState, Mapping[str, bool | None]]]) -> bool:
    """Whether an erasure changed the cells that answer for a unit, and nothing else did."""
    are_less = [cells[cell.unit] for state, cells in reads for cell in state.cells_of(unit)]
    return None not in are_less and any(are_less)


def _with_the_erased(lines: Sequence[Figure], stood: Sequence[Figure], counted: Sequence[Figure]) -> list[Figure]:
    """The province's lines, as much more than is counted now as units stand above what is counted of them."""
    more: dict[tuple[tuple[str, str], ...], Decimal] = {}
    for figures, sign in ((stood, 1), (counted, -1)):
        for figure in figures:
            if figure.value is not None:
                line = _of_the_province(figure)
                more[line] = more.get(line, Decimal(0)) + sign * figure.value
    found = [_more(figure, more.pop(figure.breakdown, Decimal(0))) for figure in lines]
    nothing = replace(lines[0], value=Decimal(0), state="khong_phat_sinh")
    return found + [_more(replace(nothing, breakdown=line), by) for line, by in more.items() if by]


def _more(figure: Figure, by: Decimal) -> Figure:
    if not by or figure.value is None or figure.state not in ("co_so_lieu", "khong_phat_sinh"):
        return figure
    value = figure.value + by
    return replace(figure, value=value, state="co_so_lieu" if value else "khong_phat_sinh")


def _of_the_province(figure: Figure) -> tuple[tuple[str, str], ...]:
    return ((UNIT, PROVINCE), *figure.breakdown[1:])


def _unit(figure: Figure) -> str:
    return figure.breakdown[0][1]


def _erased(state: InputState, filed: Filed) -> dict[str, bool | None] | None:
    """Cell -> whether it changed since it was filed without a load; None: it changed otherwise. None: it was not filed so.

    That it is settled by now makes a figure final, and no other.
    """
    before, now = _before(state, filed), state.record()["units"]
    if before is None or before["units"].keys() != now.keys():
        return None
    return {unit: _is_less(before["units"][unit], cell) for unit, cell in now.items()}


def _is_less(told: Mapping[str, Any], now: Mapping[str, Any]) -> bool | None:
    """What was filed before contents were recorded is known by its rows alone."""
    if any(told[name] != now[name] for name in _AS_READ) or now["rows"] > told["rows"]:
        return None
    was, content = told.get(CONTENT), now[CONTENT]
    return now["rows"] < told["rows"] or (was is not None and was != content)


def _before(state: InputState, filed: Filed) -> Mapping[str, Any] | None:
    of = state.input.dataset.id, state.input.period
    return next((r for r in filed.inputs if (r.get("dataset"), r.get("period")) == of), None)


def _figure(line: Mapping[str, Any]) -> Figure:
    value = None if line["gia_tri"] is None else Decimal(line["gia_tri"])
    breakdown = tuple(sorted(line["phan_to"].items(), key=lambda part: part[0] != UNIT))
    is_final = line["tinh_chat"] == "chinh_thuc"
    return Figure(line["ma_chi_tieu"], line["don_vi_tinh"], breakdown, value, line["trang_thai"], is_final, line.get("ghi_chu"))
