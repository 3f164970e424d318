"""The dated tables of schemas/rates.py asked for many rows at once.

Arrays are numpy, numbers as float with nan where a value is missing, days as whole numbers yyyymmdd. No figure lives here.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import numpy as np

from schemas import rates
from schemas.dated import by_name


def number_of(on: dt.date) -> int:
    return on.year * 10000 + on.month * 100 + on.day


@by_name(rates.standards_named)
def standards_of(name: str, day_numbers: np.ndarray) -> np.ndarray:
    """The standard on each row's own day; nan where none is known."""
    return _spread(((f.span, f.value) for f in rates.standards_named(name)), day_numbers)


def assistance_standards_of(group_codes: np.ndarray, day_numbers: np.ndarray) -> np.ndarray:
    found = standards_of("social_assistance", day_numbers)
    for f in sorted(rates.assistance_overrides(), key=lambda f: f.name != "*"):  # a group's own after the general one
        here = _within(f.span, day_numbers) & ((f.name == "*") | (group_codes == f.name))
        found[here] = float(f.value)
    return found


def merit_amounts_of(
    category_codes: np.ndarray,
    day_numbers: np.ndarray,
    relation_codes: np.ndarray,
    injury_rates: np.ndarray,
    martyr_counts: np.ndarray,
    kind: str = "allowance",
) -> tuple[np.ndarray, np.ndarray]:
    """What each row is due and the band allowed either way; nan where no table says, or only an unsure one."""
    due = np.full(len(category_codes), np.nan)
    band = np.zeros(len(category_codes))
    by_category: dict[str, list[rates.MeritAllowance]] = {}
    for line in rates.merit_allowances():
        if line.kind == kind and line.span.confidence != "unsure":
            by_category.setdefault(line.category_code, []).append(line)
    for category, lines in by_category.items():
        # Rows of one category only: a table has some 80 lines, a batch some 60,000 rows.
        rows = np.flatnonzero(category_codes == category)
        if not len(rows):
            continue
        days, relations, injuries, martyrs = (a[rows] for a in (day_numbers, relation_codes, injury_rates, martyr_counts))
        standard_ = standards_of("merit", days)
        here_due, here_band = np.full(len(rows), np.nan), np.zeros(len(rows))
        for line in lines:
            here = _within(line.span, days)
            if line.relations:
                here &= np.isin(relations, line.relations)
            if line.injury:
                here &= (injuries >= line.injury[0]) & (injuries <= line.injury[1])
            if line.martyrs:
                here &= (martyrs >= line.martyrs[0]) & (martyrs <= line.martyrs[1])
            if not here.any():
                continue
            if line.amount_vnd is not None:
                amount = np.full(int(here.sum()), float(line.amount_vnd))
            elif line.ratio_per_percent is not None:
                amount = float(line.ratio_per_percent) * injuries[here] * standard_[here]
            else:
                amount = float(line.ratio or 0) * standard_[here]
            here_due[here] = amount
            share = 0.0 if line.is_exact else float(rates.limit("merit_amount_band", line.span.valid_from))
            here_band[here] = np.abs(amount) * share
        due[rows], band[rows] = here_due, here_band
    return due, band


def unemployment_months_of(paid_months: np.ndarray, on: dt.date) -> np.ndarray:
    least, first = rates.whole_limit("benefit_least_paid_months", on), rates.whole_limit("benefit_first_paid_months", on)
    steps = np.floor(np.maximum(paid_months - first, 0) / rates.whole_limit("benefit_step_paid_months", on))
    months = np.minimum(rates.whole_limit("benefit_first_months", on) + steps, rates.whole_limit("benefit_most_months", on))
    return np.where(paid_months < least, 0, months)


def _within(span: rates.Span, day_numbers: np.ndarray) -> np.ndarray:
    return (day_numbers >= number_of(span.valid_from)) & (day_numbers <= number_of(span.last))


def _spread(figures: Iterable[tuple[rates.Span, Decimal]], day_numbers: np.ndarray) -> np.ndarray:
    found = np.full(len(day_numbers), np.nan)
    for span, value in figures:
        found[_within(span, day_numbers)] = float(value)
    return found
