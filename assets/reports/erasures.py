"""What was counted of a person who is erased since stays counted in what was filed: an erasure alone corrects no figure.

The packet before less the one after would be exactly what that person was counted as, by unit, kind and sex. An erasure takes rows
out of cells that nothing was loaded into since: by that it is told from every other change. A line whose inputs lost rows so, and
changed in nothing else, is told as it was filed. One whose inputs changed for another reason too is counted anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from assets.reports.figure import Figure
from assets.reports.form import Form, Input, breakdown_inputs_of
from assets.reports.indicator import Indicator
from assets.reports.inputs import InputState
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
    lost = [_lost(states[i], filed) for i in breakdown_inputs_of(indicator, form, period)]
    if None in lost or not any(lost):
        return counted
    gaps = {gap.figure(indicator).breakdown for gap in indicator.gaps}
    told = [_figure(x) for x in filed.lines if (x["ma_chi_tieu"], x["don_vi_tinh"]) == (indicator.code, indicator.unit)]
    by_line = {figure.breakdown: figure for figure in counted}
    by_unit = {figure.breakdown[0]: figure for figure in reversed(counted)}  # of a line that only the erased were in
    found = []
    for figure in told:
        now = by_line.get(figure.breakdown) or by_unit.get(figure.breakdown[0])
        if now is not None and figure.breakdown not in gaps:
            found.append(replace(figure, is_final=now.is_final, note=now.note))
    return found


def recorded(state: InputState, filed: Filed) -> dict[str, Any]:
    """An input for the outbox. One that lost rows by an erasure alone counts as many as were filed: the next revision is held against
    the same."""
    now, before = state.record(), _before(state, filed)
    if before is None or not _lost(state, filed):
        return now
    return now | {"units": {u: cell | {"rows": before["units"][u]["rows"]} for u, cell in now["units"].items()}}


def _lost(state: InputState, filed: Filed) -> int | None:
    """How many rows an input lost since it was filed without a load of its cells; None: it changed otherwise, or was not filed.

    That it is settled by now makes a figure final, and no other.
    """
    before, now = _before(state, filed), state.record()["units"]
    if before is None or before["units"].keys() != now.keys():
        return None
    told = before["units"]
    if any(told[u][name] != now[u][name] for u in now for name in _AS_READ) or any(now[u]["rows"] > told[u]["rows"] for u in now):
        return None
    return sum(told[u]["rows"] - now[u]["rows"] for u in now)


def _before(state: InputState, filed: Filed) -> Mapping[str, Any] | None:
    of = state.input.dataset.id, state.input.period
    return next((r for r in filed.inputs if (r.get("dataset"), r.get("period")) == of), None)


def _figure(line: Mapping[str, Any]) -> Figure:
    value = None if line["gia_tri"] is None else Decimal(line["gia_tri"])
    breakdown = tuple(sorted(line["phan_to"].items(), key=lambda part: part[0] != UNIT))
    is_final = line["tinh_chat"] == "chinh_thuc"
    return Figure(line["ma_chi_tieu"], line["don_vi_tinh"], breakdown, value, line["trang_thai"], is_final, line.get("ghi_chu"))
