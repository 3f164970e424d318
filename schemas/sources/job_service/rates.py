"""The least wage that a vacancy may offer, by district, dated."""

import datetime as dt
from functools import cache

from schemas.dated import read_rows
from schemas.rates import Span, span_of, standard

OTHERS = "*"  # every district that the table does not name


@cache
def _regions() -> tuple[tuple[str, int, Span], ...]:
    return tuple(
        (r["district_code"], int(r["region"]), span_of(r))
        for r in read_rows("sources", "job_service", "rates", "wage_regions.csv")
    )


def least_wages(on: dt.date) -> dict[str, int]:
    """District -> the minimum wage of its region on a day, in dong; under OTHERS that of every district not named."""
    of_region = {
        1: standard("minimum_wage_region_1", on),
        2: standard("minimum_wage_region_2", on),
        3: standard("minimum_wage_region_3", on),
        4: standard("minimum_wage_region_4", on),
    }
    return {district: of_region[region] for district, region, span in _regions() if span.holds(on)}
