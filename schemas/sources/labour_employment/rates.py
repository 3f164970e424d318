"""Unemployment benefit and formal workplaces, dated (Luật Việc làm 38/2013/QH13, Điều 50; Bộ luật Lao động 45/2019/QH14)."""

import datetime as dt
from decimal import Decimal
from functools import cache

import numpy as np

from schemas.dated import read_rows
from schemas.rates import Figure, limit, span_of, standard, standard_known, whole_limit

REGIONS = (1, 2, 3, 4)


@cache
def formal_workplaces() -> tuple[Figure, ...]:
    """Kinds of workplace whose hired workers have a labour contract."""
    return tuple(
        Figure(r["workplace_kind_code"], Decimal(r["workplace_kind_code"]), span_of(r))
        for r in read_rows("sources", "labour_employment", "rates", "formal_workplaces.csv")
    )


def benefit_caps(on: dt.date) -> tuple[int, ...]:
    """The highest monthly unemployment benefits: a multiple of the base salary, or of a regional minimum wage.

    Which one binds depends on the last employer's pay regime and region, which a decision does not tell.
    """
    names = ("base_salary", *(f"minimum_wage_region_{n}" for n in REGIONS))
    multiple = limit("benefit_cap_multiple", on)
    return tuple(int(multiple * standard(n, on)) for n in names if standard_known(n, on))


def unemployment_months(paid_months: int, on: dt.date) -> int:
    """12 to 36 months paid give three, each further twelve one more, at most twelve."""
    if paid_months < whole_limit("benefit_least_paid_months", on):
        return 0
    further = max(0, paid_months - whole_limit("benefit_first_paid_months", on)) // whole_limit("benefit_step_paid_months", on)
    return min(whole_limit("benefit_first_months", on) + further, whole_limit("benefit_most_months", on))


def unemployment_months_of(paid_months: np.ndarray, on: dt.date) -> np.ndarray:
    least, first = whole_limit("benefit_least_paid_months", on), whole_limit("benefit_first_paid_months", on)
    steps = np.floor(np.maximum(paid_months - first, 0) / whole_limit("benefit_step_paid_months", on))
    months = np.minimum(whole_limit("benefit_first_months", on) + steps, whole_limit("benefit_most_months", on))
    return np.where(paid_months < least, 0, months)
