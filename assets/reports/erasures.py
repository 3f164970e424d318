"""What was counted of a person who is erased since stays counted in what was filed: an erasure alone corrects no figure.

The packet before less the one after would be exactly what that person was counted as, by unit, kind and sex. An erasure takes rows
out of cells that nothing was loaded into since: by that it is told from every other change. Of a unit whose cells lost rows so, and
changed in nothing else, the lines are told as they were filed, whatever other units sent; and the province's hold what these were
counted as. A unit whose own cells were loaded anew is counted anew: what of it was the erased one's is kept nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from assets.reports.figure import Figure
from assets.reports.form import Form, Input, breakdown_inputs_of
from assets.reports.indicator import Indicator
from assets.reports.inputs import InputState
from schemas.dataset import PROVINCE
from schemas.reports.packet import UNIT

_AS_READ = ("received", "changed_at")


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
    lost = [_lost(state, filed) for state in read]
    of_cells = [rows for cells in lost if cells is not None for rows in cells.values()]
    if None in lost or not any(of_cells):
        return counted
    gaps = {gap.figure(indicator).breakdown for gap in indicator.gaps}
    told = [_figure(x) for x in filed.lines if (x["ma_chi_tieu"], x["don_vi_tinh"]) == (indicator.code, indicator.unit)]
    told = [figure for figure in told if figure.breakdown not in gaps]
    if None not in of_cells:
        return _standing(told, counted)
    if indicator.sum_rule == "equal" and not _adds_up(indicator):
        return counted
    reads = [(state, cells) for state, cells in zip(read, lost, strict=True) if cells is not None]
    held = {unit for unit in {_unit(figure) for figure in told} - {PROVINCE} if _lost_alone(unit, reads)}
    return _unit_by_unit(held, told, counted, adds_up=_adds_up(indicator))


def _unit_by_unit(held: set[str], told: Sequence[Figure], counted: Sequence[Figure], *, adds_up: bool) -> list[Figure]:
    """The figures as they were counted, but those of some units as they were filed."""
    stood = _standing([figure for figure in told if _unit(figure) in held], counted)
    lines = {unit: [figure for figure in counted if _unit(figure) == unit] for unit in dict.fromkeys(map(_unit, counted))}
    if adds_up and PROVINCE in lines:
        of_these = [figure for figure in counted if _unit(figure) in held]
        lines[PROVINCE] = _with_the_erased(lines[PROVINCE], stood, of_these)
    lines |= {unit: [figure for figure in stood if _unit(figure) == unit] for unit in held & lines.keys()}
    # That a kind is told of no other unit any more would say that only the erased were of it.
    kinds, known = {figure.breakdown[1:] for figure in stood}, {figure.breakdown for figure in counted}
    for figure in _standing([f for f in told if not f.value and f.breakdown[1:] in kinds and f.breakdown not in known], counted):
        if _unit(figure) not in held | {PROVINCE}:
            lines[_unit(figure)].append(figure)
    return [figure for of_unit in lines.values() for figure in of_unit]


def recorded(state: InputState, filed: Filed) -> dict[str, Any]:
    """An input for the outbox. A cell that lost rows by an erasure alone counts as many as were filed: the next revision is held
    against the same."""
    now, before, lost = state.record(), _before(state, filed), _lost(state, filed)
    if before is None or lost is None:
        return now
    return now | {
        "units": {u: cell | ({"rows": before["units"][u]["rows"]} if lost[u] else {}) for u, cell in now["units"].items()}
    }


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


def _lost_alone(unit: str, reads: Sequence[tuple[InputState, Mapping[str, int | None]]]) -> bool:
    """Whether the cells that answer for a unit lost rows by an erasure, and none of them changed otherwise."""
    rows = [cells[cell.unit] for state, cells in reads for cell in state.cells_of(unit)]
    return None not in rows and any(rows)


def _with_the_erased(lines: Sequence[Figure], stood: Sequence[Figure], counted: Sequence[Figure]) -> list[Figure]:
    """The province's lines, as much more than is counted now as units stand above what is counted of them."""
    more: dict[tuple[tuple[str, str], ...], Decimal] = {}
    for figures, sign in ((stood, 1), (counted, -1)):
        for figure in figures:
            if figure.value is not None:
                line = _of_the_province(figure)
                more[line] = more.get(line, Decimal(0)) + sign * figure.value
    found = []
    for figure in lines:
        by = more.pop(figure.breakdown, None)
        if by and figure.value is not None and figure.state in ("co_so_lieu", "khong_phat_sinh"):
            figure = replace(figure, value=figure.value + by, state="co_so_lieu")
        found.append(figure)
    return found + [replace(lines[0], breakdown=line, value=by, state="co_so_lieu") for line, by in more.items() if by]


def _of_the_province(figure: Figure) -> tuple[tuple[str, str], ...]:
    return ((UNIT, PROVINCE), *figure.breakdown[1:])


def _unit(figure: Figure) -> str:
    return figure.breakdown[0][1]


def _lost(state: InputState, filed: Filed) -> dict[str, int | None] | None:
    """Cell -> how many rows it lost since it was filed without a load; None: it changed otherwise. None: it was not filed so.

    That it is settled by now makes a figure final, and no other.
    """
    before, now = _before(state, filed), state.record()["units"]
    if before is None or before["units"].keys() != now.keys():
        return None
    return {unit: _rows_lost(before["units"][unit], cell) for unit, cell in now.items()}


def _rows_lost(told: Mapping[str, Any], now: Mapping[str, Any]) -> int | None:
    if any(told[name] != now[name] for name in _AS_READ) or now["rows"] > told["rows"]:
        return None
    return told["rows"] - now["rows"]


def _before(state: InputState, filed: Filed) -> Mapping[str, Any] | None:
    of = state.input.dataset.id, state.input.period
    return next((r for r in filed.inputs if (r.get("dataset"), r.get("period")) == of), None)


def _figure(line: Mapping[str, Any]) -> Figure:
    value = None if line["gia_tri"] is None else Decimal(line["gia_tri"])
    breakdown = tuple(sorted(line["phan_to"].items(), key=lambda part: part[0] != UNIT))
    is_final = line["tinh_chat"] == "chinh_thuc"
    return Figure(line["ma_chi_tieu"], line["don_vi_tinh"], breakdown, value, line["trang_thai"], is_final, line.get("ghi_chu"))
