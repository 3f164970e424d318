"""A form filled for a period: the same for every form. How a figure is counted stands in the form's own file.

Pure over the warehouse: it reads and returns, and writes nothing. Run it in one snapshot (repeatable read), or figures of
one form could come from before and after a load.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import sqlalchemy as sa

from assets.reports import as_n, as_t
from assets.reports.figures import UNIT, Figure, figures_of, units_of
from assets.reports.inputs import InputState, read_inputs
from assets.reports.measure import Query, measure
from assets.reports.reconcile import Disagreement
from resources.clock import ZONE
from schemas import calendar, units
from schemas.dataset import PROVINCE
from schemas.reports.form import Form, inputs_of
from schemas.reports.packet import canonical


class FormModule(Protocol):
    """What a form's own file gives."""

    FORM: Form
    QUERIES: dict[tuple[str, str], Query]
    parameters: Callable[[str], dict[str, Any]]
    structural_gaps: Callable[[], list[Figure]]
    controls: Callable[[sa.Connection, str, Sequence[Figure], Mapping[str, Figure]], list[Disagreement]]


MODULES: dict[str, FormModule] = {m.FORM.code: m for m in (as_t, as_n)}  # ty: ignore[invalid-assignment]


@dataclass(frozen=True)
class FilledForm:
    """The figures of a form for a period, with what stands behind them."""

    form: Form
    period: str
    figures: tuple[Figure, ...]
    inputs: tuple[InputState, ...]

    @property
    def is_final(self) -> bool:
        """Every expected input is accepted or declared empty, due, and read since."""
        return all(c.is_settled for state in self.inputs for c in state.cells.values())

    @property
    def is_empty(self) -> bool:
        """Nothing of what the form counts was ever read."""
        return not any(c.is_received for state in self.inputs for c in state.cells.values())

    @property
    def notes(self) -> list[str]:
        """What is to be said of the form as a whole, once each."""
        return list(dict.fromkeys(f.note for f in self.figures if f.note and f.is_total))

    @property
    def missing(self) -> dict[str, tuple[str, ...]]:
        """input -> the units it lacks."""
        return {s.title: s.missing for s in self.inputs if s.missing}

    def lines(self) -> list[dict[str, Any]]:
        return [f.line() for f in self.figures]

    def figures_hash(self) -> str:
        return figures_hash(self.lines())

    def fingerprint(self) -> str:
        return inputs_fingerprint(self.inputs)


def figures_hash(lines: Sequence[Mapping[str, Any]]) -> str:
    """What makes a new revision: a figure or its state, not the words beside it."""
    return hashlib.sha256(canonical([{k: v for k, v in line.items() if k != "ghi_chu"} for line in lines])).hexdigest()


def inputs_fingerprint(states: Sequence[InputState]) -> str:
    return hashlib.sha256(canonical([s.fingerprint() for s in states])).hexdigest()


def compute(connection: sa.Connection, form: Form, period: str, now: dt.datetime) -> FilledForm:
    """Fill a form for a period from what the hub holds now."""
    return fill(connection, form, period, read_inputs(connection, form, period, now), now)


def fill(
    connection: sa.Connection, form: Form, period: str, states: Mapping[tuple[str, str], InputState], now: dt.datetime
) -> FilledForm:
    module = MODULES[form.code]
    last_day = calendar.span(period)[1]
    expected = [u.code for u in units.submitting_units(last_day)]
    today = now.astimezone(ZONE).date()
    values = module.parameters(period)
    figures: list[Figure] = []
    for indicator in form.indicators(period):
        behind = [states[i.dataset.id, i.period] for i in inputs_of(indicator, form, period)]
        counts = measure(connection, indicator, module.QUERIES[indicator.code, indicator.unit], values)
        # A register's units are those of the clock's day, not of the period.
        named_on = today if indicator.placed_by == "first_of_month" else last_day
        figures += figures_of(indicator, counts, behind, units_of(behind, expected), named_on)
    return FilledForm(form, period, (*figures, *module.structural_gaps()), tuple(states.values()))


def reconcile(connection: sa.Connection, filled: FilledForm, before: Sequence[Mapping[str, Any]] = ()) -> list[Disagreement]:
    """The cross-indicator controls of a form. `before`: the lines of the period before, as sent."""
    return MODULES[filled.form.code].controls(connection, filled.period, filled.figures, _totals(before))


def _totals(lines: Sequence[Mapping[str, Any]]) -> dict[str, Figure]:
    return {
        line["ma_chi_tieu"]: Figure(
            line["ma_chi_tieu"], line["don_vi_tinh"], ((UNIT, PROVINCE),), Decimal(line["gia_tri"]), line["trang_thai"], True
        )
        for line in lines
        if line["phan_to"] == {UNIT: PROVINCE} and line["gia_tri"] is not None
    }
