"""Who owns a source on a day: ministry, department and first filer, read from schemas/owners.csv.

The department of labour ended on 28/2/2025 and the districts on 30/6/2025: an owner without a day means nothing.
Connections, roles and approvals are elsewhere; this file only says whose data it is.
"""

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Owner:
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
    with (files("schemas") / "owners.csv").open(encoding="utf-8", newline="") as f:
        return tuple(
            Owner(
                r["source"],
                r["ministry"],
                r["department"],
                r["first_filer"],
                r["legal_basis"],
                r["confidence"],
                dt.date.fromisoformat(r["valid_from"]),
                dt.date.fromisoformat(r["valid_to"]) if r["valid_to"] else None,
            )
            for r in csv.DictReader(f)
        )


def owners_of(source: str) -> tuple[Owner, ...]:
    """The owners of a source, in order of time."""
    return tuple(sorted((o for o in owners() if o.source == source), key=lambda o: o.valid_from))


def owner(source: str, on: dt.date) -> Owner:
    """The owner of a source on a day."""
    for o in owners_of(source):
        if o.valid_from <= on and (o.valid_to is None or on <= o.valid_to):
            return o
    raise LookupError(f"{source} has no owner on {on}; add a row to schemas/owners.csv")
