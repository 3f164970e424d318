"""Who owns a source on a day: ministry, department and first filer, read from owners.csv in its folder.

The department of labour ended on 28/2/2025 and the districts on 30/6/2025: an owner without a day means nothing.
Connections, roles and approvals are elsewhere; this file only says whose data it is.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from schemas.dated import Dated, dates, read_each


@dataclass(frozen=True)
class Owner(Dated):
    source: str
    ministry: str
    department: str
    first_filer: str
    legal_basis: str
    confidence: str
    valid_from: dt.date
    valid_to: dt.date | None


@cache
def owners() -> tuple[Owner, ...]:
    return tuple(
        Owner(system, r["ministry"], r["department"], r["first_filer"], r["legal_basis"], r["confidence"], *dates(r))
        for system, r in read_each("owners.csv")
    )


def owners_of(source: str) -> tuple[Owner, ...]:
    """The owners of a source, in order of time."""
    return tuple(sorted((o for o in owners() if o.source == source), key=lambda o: o.valid_from))


def owner(source: str, on: dt.date) -> Owner:
    """The owner of a source on a day."""
    for o in owners_of(source):
        if o.holds(on):
            return o
    raise LookupError(f"{source} has no owner on {on}; add a row to schemas/sources/{source}/owners.csv")
