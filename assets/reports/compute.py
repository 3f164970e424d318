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
from assets.reports.figures import UNIT, Figure, Part, figures_of, parts_of, units_of
from assets.reports.inputs import InputState, read_inputs
from assets.reports.measure import Count, Key, Query, measure
from assets.reports.reconcile import Finding
from schemas import calendar, units
from schemas.dataset import PROVINCE
from schemas.reports.form import Form, breakdown_inputs_of, inputs_of
from schemas.reports.packet import canonical


class FormModule(Protocol):
    """What a form's own file gives."""

    FORM: Form
    QUERIES: dict[tuple[str, str], Query]
    parameters: Callable[[str], dict[str, Any]]
    structural_gaps: Callable[[], list[Figure]]
    controls: Callable[[sa.Connection, str, Sequence[Figure], Mapping[str, Figure]], list[Finding]]


MODULES: dict[str, FormModule] = {m.FORM.code: m for m in (as_t, as_n)}  # ty: ignore[invalid-assignment]


@dataclass(frozen=True)
class FilledForm:
    """The figures of a form for a period, with what stands behind them."""

    form: Form
    period: str
    figures: tuple[Figure, ...]
    inputs: tuple[InputState, ...]
    findings: tuple[Finding, ...]

    @property
    def is_final(self) -> bool:
        """Every line is, and no control fails."""
        return all(f.is_final for f in self.figures) and not self.failed_controls

    @property
    def failed_controls(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.kind == "failed_control")

    @property
    def is_empty(self) -> bool:
        """Nothing of what the form counts is in."""
        return not any(c.is_in for state in self.inputs for c in state.cells.values())

    @property
    def notes(self) -> list[str]:
        """What is to be said of the form as a whole, once each."""
        notes = [f.note for f in self.figures if f.note and f.is_total]
        return list(dict.fromkeys([*notes, *(f"Đối chiếu không đạt, {f.code}: {f.message}" for f in self.failed_controls)]))

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


def compute(
    connection: sa.Connection, form: Form, period: str, now: dt.datetime, before: Sequence[Mapping[str, Any]] = ()
) -> FilledForm:
    """Fill a form for a period from what the hub holds now."""
    return fill(connection, form, period, read_inputs(connection, form, period, now), before)


def fill(
    connection: sa.Connection,
    form: Form,
    period: str,
    states: Mapping[tuple[str, str], InputState],
    before: Sequence[Mapping[str, Any]] = (),
) -> FilledForm:
    """Count every line and hold the figures against each other. `before`: the lines of the period before, as sent."""
    module = MODULES[form.code]
    submitting = [u.code for u in units.submitting_units(calendar.span(period)[1])]
    values = module.parameters(period)
    figures: list[Figure] = []
    for indicator in form.indicators(period):
        totals, breakdowns = (
            tuple(states[i.dataset.id, i.period] for i in inputs(indicator, form, period))
            for inputs in (inputs_of, breakdown_inputs_of)
        )
        parts = parts_of(indicator, module.QUERIES[indicator.code, indicator.unit], totals, breakdowns)
        expected = units_of(totals, submitting)
        figures += figures_of(indicator, [(part, _counts(connection, part, expected, values)) for part in parts], expected)
    found = module.controls(connection, period, figures, _totals(before))
    return FilledForm(form, period, (*figures, *module.structural_gaps()), tuple(states.values()), tuple(found))


def _counts(connection: sa.Connection, part: Part, expected: Sequence[str], values: Mapping[str, Any]) -> dict[Key, Count]:
    absent = [u for u in expected if not part.has(u)]
    return {} if len(absent) == len(expected) else measure(connection, part.query, part.dimensions, absent, values)


def _totals(lines: Sequence[Mapping[str, Any]]) -> dict[str, Figure]:
    """The province's figures of these lines, of indicators of which no unit was missing."""
    partial = {line["ma_chi_tieu"] for line in lines if line["trang_thai"] == "chua_bao_cao" and line["phan_to"].keys() == {UNIT}}
    return {
        line["ma_chi_tieu"]: Figure(
            line["ma_chi_tieu"], line["don_vi_tinh"], ((UNIT, PROVINCE),), Decimal(line["gia_tri"]), line["trang_thai"], True
        )
        for line in lines
        if line["phan_to"] == {UNIT: PROVINCE} and line["gia_tri"] is not None and line["ma_chi_tieu"] not in partial
    }
