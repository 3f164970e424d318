"""A form filled for a period: the same for every form. How a figure is counted stands in the indicator's own file.

Pure over the warehouse: it reads and returns, and writes nothing. Run it in one snapshot (repeatable read), or figures of
one form could come from before and after a load.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from assets.reports.erasures import NOTHING_FILED, Filed, as_filed, recorded
from assets.reports.figure import Figure
from assets.reports.figures import Part, figures_of, parts_of, units_of
from assets.reports.form import Form, Input, breakdown_inputs_of, inputs_of
from assets.reports.forms import FORMS
from assets.reports.indicator import Indicator, file_of
from assets.reports.inputs import InputState
from assets.reports.measure import Count, Key, measure
from assets.reports.parameters import parameters
from assets.reports.reconcile import Counted, Finding, by_urgency
from assets.reports.small_counts import is_small, windows_within
from schemas import calendar, units
from schemas.dataset import PROVINCE
from schemas.reports.packet import UNIT, canonical, figures_hash

# SQLSTATEs of mistakes in the SQL itself: its syntax, and unknown or ambiguous names of columns, relations and functions.
MISTAKES = frozenset({"42601", "42703", "42P01", "42883", "42702", "42803"})


@dataclass(frozen=True)
class FilledForm:
    """The figures of a form for a period, with what stands behind them."""

    form: Form
    period: str
    figures: tuple[Figure, ...]
    inputs: tuple[InputState, ...]
    findings: tuple[Finding, ...]

    @property
    def is_complete(self) -> bool:
        """Every line's inputs are in and settled."""
        return all(f.is_final for f in self.figures)

    @property
    def is_final(self) -> bool:
        """It is complete, and no control fails."""
        return self.is_complete and not self.failed_controls

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


def inputs_fingerprint(states: Sequence[InputState], filed: Filed = NOTHING_FILED) -> str:
    return hashlib.sha256(canonical([s.fingerprint(recorded(s, filed)) for s in states])).hexdigest()


def fill(
    connection: sa.Connection,
    form: Form,
    period: str,
    states: Mapping[Input, InputState],
    before: Sequence[Mapping[str, Any]] = (),
    filed: Filed = NOTHING_FILED,
) -> FilledForm:
    """Count every line and hold the figures against each other. `before`: the lines of the period before, as sent; `filed`: what
    stands of this one."""
    submitting = [u.code for u in units.submitting_units(calendar.span(period)[1])]
    indicators, values = form.indicators(period), parameters(form, period)
    figures: list[Figure] = []
    for indicator in indicators:
        totals, breakdowns = (
            tuple(states[i] for i in inputs(indicator, form, period)) for inputs in (inputs_of, breakdown_inputs_of)
        )
        expected = units_of(totals, submitting)
        with naming(indicator):
            counts = [(part, _counts(connection, part, expected, values)) for part in parts_of(indicator, totals, breakdowns)]
            counted = figures_of(
                indicator,
                counts,
                expected,
                out_of_reach=_out_of_reach(connection, indicator, expected, values),
                is_hidden=any(
                    _is_small(connection, indicator, within, counts[0][0], expected)
                    for within in windows_within(form, period, indicator, FORMS)
                ),
            )
        figures += as_filed(indicator, form, period, states, counted, filed)
    held = Counted(connection, form.window(period)[1], values, figures, _totals(before))
    gaps = (gap.figure(indicator) for indicator in indicators for gap in indicator.gaps)
    return FilledForm(form, period, (*figures, *gaps), tuple(states.values()), tuple(_findings(form, indicators, held)))


@contextmanager
def naming(indicator: Indicator) -> Iterator[None]:
    """A mistake in the SQL of an indicator is told by its code and file: the driver's error names neither, and its text may hold a value.

    Raises LookupError.
    """
    try:
        yield
        return
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) not in MISTAKES:
            raise
        kind = type(error.orig).__name__
    raise LookupError(f"chỉ tiêu {indicator.code}: câu SQL không chạy được ({kind}); sửa {file_of('indicators', indicator.code)}")


def _findings(form: Form, indicators: Sequence[Indicator], counted: Counted) -> list[Finding]:
    """What the controls find: each indicator's own, once for all its lines, then those between them."""
    own = dict.fromkeys((control, i.code) for i in indicators for control in i.controls)
    found = [finding for control, code in own for finding in control(counted, code)]
    return by_urgency([*found, *(finding for control in form.controls for finding in control(counted))])


def _counts(connection: sa.Connection, part: Part, expected: Sequence[str], values: Mapping[str, Any]) -> dict[Key, Count]:
    absent = [u for u in expected if not part.has(u)]
    if len(absent) == len(expected):
        return {}
    return measure(connection, part.query, [d.name if d else None for d in part.dimensions], absent, values)


def _out_of_reach(
    connection: sa.Connection, indicator: Indicator, expected: Sequence[str], values: Mapping[str, Any]
) -> frozenset[str]:
    """The units of which nothing can be told, whatever is in."""
    if indicator.reach is None:
        return frozenset()
    return frozenset(expected).difference(connection.execute(sa.text(indicator.reach.units), values).scalars())


def _is_small(
    connection: sa.Connection, indicator: Indicator, within: tuple[Form, str], part: Part, expected: Sequence[str]
) -> bool:
    """Whether what a form tells of a part of the window is too small, with the units that are in here or with all of them."""
    absent, values = [u for u in expected if not part.has(u)], parameters(*within)
    return any(
        is_small(indicator, measure(connection, part.query, [None], out, values)) for out in ([], *([absent] if absent else []))
    )


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
