"""What a command was asked for, by its name: systems, datasets, periods, units, forms. What there is not is refused, in one way."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from assets.reports.failures import FormDeclaredWrongly
from assets.reports.form import Form
from assets.reports.forms import FORMS, form_named
from pipelines.failures import DatasetUnknown, FormUnknown, PeriodUnknown, SourceUnknown, UnitUnknown
from resources.warehouse.arrivals import ledger
from schemas import calendar
from schemas.dataset import UNKNOWN_UNIT, Dataset, Source
from schemas.registry import SOURCES, datasets_of, source_named

SHOWN = 24  # names of what there is: a refusal is a line or two


def known_source(name: str) -> Source:
    try:
        return source_named(name)
    except KeyError:
        raise SourceUnknown(name=name, known=_brief(s.name for s in SOURCES)) from None


def known_sources(names: Sequence[str] | None) -> list[Source]:
    """The systems of these names, each once; without names all."""
    return [known_source(name) for name in dict.fromkeys(names)] if names else list(SOURCES)


def known_datasets(sources: Iterable[Source], name: str | None = None) -> tuple[Dataset, ...]:
    """The datasets of some systems, or the one of a name."""
    found = tuple(d for source in sources for d in datasets_of(source))
    if name is None:
        return found
    named = tuple(d for d in found if d.name == name)
    if not named:
        raise DatasetUnknown(name=name, known=_brief(d.name for d in found))
    return named


def holding(period: str, datasets: Sequence[Dataset], today: dt.date) -> tuple[Dataset, ...]:
    """The datasets that have a period; a period that none of them has, that is misspelt or has not begun, is refused."""
    found = tuple(d for d in datasets if period in calendar.started(d, today))
    if not found:
        latest = dict.fromkeys(calendar.started(d, today)[-1] for d in datasets)
        raise PeriodUnknown(period=period, today=today, latest=_brief(latest))
    return found


def known_unit(
    unit: str, datasets: Sequence[Dataset], periods: Sequence[str] | None, today: dt.date, also: Collection[str] = ()
) -> str:
    """A unit that owes a cell of these datasets in one of these periods, or in any that has begun; or one of the others named."""
    if unit in also:
        return unit
    expected: dict[str, None] = {}
    for dataset in datasets:
        for period in reversed(calendar.started(dataset, today)):
            if periods is None or period in periods:
                expected |= dict.fromkeys(ledger.expected_units(dataset, period, today))
    if unit not in expected:
        raise UnitUnknown(unit=unit, known=_brief(expected))
    return unit


def refuse_unknown(source: str | None, period: str | None, unit: str | None, today: dt.date) -> None:
    """Refuse a list that is narrowed by something unknown: an empty answer would say that all is well."""
    datasets = known_datasets(known_sources([source] if source else None))
    if period:
        datasets = holding(period, datasets, today)
    if unit:
        known_unit(unit, datasets, [period] if period else None, today, also=(UNKNOWN_UNIT,))


def known_form(code: str) -> Form:
    try:
        return form_named(code)
    except KeyError:
        raise FormUnknown(code=code, known=_brief(f.code for f in FORMS)) from None


def due_period(period: str, forms: Sequence[Form], today: dt.date) -> str:
    """A period of which one of these forms has come due."""
    if all(form.faults for form in forms):  # or the answer would be that it has no period
        raise FormDeclaredWrongly(form=forms[0].code, told="; ".join(forms[0].faults))
    due = [form.periods_due(today) for form in forms]
    if not any(period in periods for periods in due):
        raise PeriodUnknown(period=period, today=today, latest=_brief(dict.fromkeys(periods[-1] for periods in due if periods)))
    return period


def _brief(names: Iterable[str]) -> str:
    found = list(names)
    return ", ".join(found[:SHOWN]) + (f" … ({len(found)} mã)" if len(found) > SHOWN else "")
